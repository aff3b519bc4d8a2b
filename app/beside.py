"""Data that stands beside the modules that read it: tables of words, JSON, statements of SQL."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import orjson


@cache
def table_beside(module: str, name: str | None = None) -> dict[str, Any]:
    """The TOML file beside a module: that of its own name, or of another one."""
    file = Path(module).with_name(name) if name else Path(module).with_suffix(".toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def json_beside(module: str) -> Any:
    """What the JSON file beside a module holds."""
    return orjson.loads(Path(module).with_suffix(".json").read_bytes())


def sql_beside(module: str) -> dict[str, str]:
    """The statements of the SQL file beside a module, by the names in their comments."""
    text = Path(module).with_suffix(".sql").read_text(encoding="utf-8")
    return dict(re.findall(r"(?ms)^-- (\w+): [^\n]*\n(.*?);\n", text))
