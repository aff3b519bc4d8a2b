"""Tables of words and statements of SQL, which stand as data beside the modules that read them."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def table_beside(module: str, name: str | None = None) -> dict[str, Any]:
    """The TOML file beside a module: that of its own name, or of another one."""
    file = Path(module).with_name(name) if name else Path(module).with_suffix(".toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def sql_beside(module: str) -> dict[str, str]:
    """The statements of the SQL file beside a module, by the names in their comments."""
    text = Path(module).with_suffix(".sql").read_text(encoding="utf-8")
    return dict(re.findall(r"(?ms)^-- (\w+): [^\n]*\n(.*?);\n", text))
