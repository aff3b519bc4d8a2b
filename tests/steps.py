"""What is generated and committed is in step with what it is generated from (`make check`)."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.util import CommandError
from sqlalchemy import create_engine

from app.main import create_api, openapi_document
from app.settings import PROJECT, Settings
from app.store import migrations

BIN = Path(sys.executable).parent


def stale() -> Iterator[str]:
    """What must be made anew, and how."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _locks(Path(folder))
        yield from _migrations(Path(folder))
    yield from _openapi()


def _locks(folder: Path) -> Iterator[str]:
    """The locks hold what `pyproject.toml` asks for; what they hold already is kept."""
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (folder / lock).write_bytes((PROJECT / lock).read_bytes())
    made = subprocess.run(
        ["make", "--silent", "lock", f"BIN={BIN}", f"LOCKS={folder}"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        yield f"make lock failed: {made.stderr.strip()[-500:]}"
    for lock in ("requirements.lock", "requirements-dev.lock"):
        if (folder / lock).read_bytes() != (PROJECT / lock).read_bytes():
            yield f"{lock} is not what pyproject.toml asks for; type: make lock"
        if "://" in (PROJECT / lock).read_text():
            yield f"{lock} names a host"


def _migrations(folder: Path) -> Iterator[str]:
    """The tables in the code are those that the migrations make."""
    engine = create_engine(f"sqlite:///{folder / 'step.db'}")
    with engine.begin() as connection:
        migrations.upgrade(connection)
    try:
        with engine.begin() as connection:
            command.check(migrations.configuration(connection))
    except CommandError as error:
        yield f"migrations/ is not what app/store/tables.py says: {error}"
    engine.dispose()


def _openapi() -> Iterator[str]:
    """The committed document is the one that the server answers with."""
    committed = json.loads((PROJECT / "openapi.json").read_text(encoding="utf-8"))
    if committed != openapi_document(create_api(Settings())):
        yield "openapi.json is not what the code says; type: make openapi"


if __name__ == "__main__":
    problems = list(stale())
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    sys.exit(bool(problems))
