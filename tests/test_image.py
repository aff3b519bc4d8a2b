"""The image: its Dockerfile is linted, and what it starts is run as it starts it.

No engine builds it here. Its command, its check of health and its environment are run from the
tree, by a user without rights where the tests may choose one. Three things differ from a container:
the programs are those of this environment, the volume is another folder, the port a free one.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import httpx2 as httpx
import pytest
from pathspec import GitIgnoreSpec

from app.settings import PROJECT
from tests.conftest import free_port, wait_until

DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
SEED = PROJECT / "data" / "seed.json"
OWN_TITLE = "The summit, as we have it"


class Image(NamedTuple):
    """What the final stage leaves beside its files."""

    user: int
    group: int
    environment: dict[str, str]
    labels: dict[str, str]
    volume: str
    port: str
    healthcheck: list[str]
    entrypoint: list[str]
    command: list[str]


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile in order, each with what follows its name."""
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", "").splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def read_image(text: str) -> Image:
    """The image that a Dockerfile describes, whose final stage has each instruction once."""
    final = dict(instructions(text.rpartition("\nFROM ")[2]))
    user, group = final["USER"].split(":")
    return Image(
        user=int(user),
        group=int(group),
        environment=dict(word.split("=", 1) for word in shlex.split(final["ENV"])),
        labels=dict(word.split("=", 1) for word in shlex.split(final["LABEL"])),
        volume=final["VOLUME"],
        port=final["EXPOSE"],
        healthcheck=json.loads(final["HEALTHCHECK"].partition(" CMD ")[2]),
        entrypoint=json.loads(final["ENTRYPOINT"]),
        command=json.loads(final["CMD"]),
    )


IMAGE = read_image(DOCKERFILE)


class Container(NamedTuple):
    """The image with a volume and a port."""

    volume: Path
    port: int

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of the image, with the programs and the volume that there are here."""
        values = {
            name: Template(value.replace(IMAGE.volume, str(self.volume))).substitute(
                PATH="/usr/bin:/bin"
            )
            for name, value in IMAGE.environment.items()
        }
        return values | {"PATH": values["PATH"].replace("/venv/bin", str(BIN))} | more

    def start(self, command: list[str], **environment: str) -> subprocess.Popen[str]:
        """Run a command as the image's user, in its folder."""
        return subprocess.Popen(
            [*without_rights(), *command],
            cwd=PROJECT,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        """The exit status and the output of the image with other words than its own."""
        with self.start([*IMAGE.entrypoint, *words]) as process:
            output, _ = process.communicate(timeout=60)
        return process.returncode, output

    def healthy(self) -> bool:
        """Whether the image's check of health passes, where a proxy is named that is not there."""
        check = [word.replace(IMAGE.port, str(self.port)) for word in IMAGE.healthcheck]
        with self.start(check, http_proxy="http://127.0.0.1:9") as process:
            process.communicate(timeout=60)
        return process.returncode == 0

    def get(self, path: str) -> Any:
        """An answer. Only a server that listens on every address is reached at this one."""
        return httpx.get(f"http://127.0.0.2:{self.port}{path}", timeout=30).json()

    @contextmanager
    def serving(self, *words: str) -> Iterator[list[str]]:
        """The image with its own words or others; its log, once it has ended as it is asked to."""
        log: list[str] = []
        command = [*IMAGE.entrypoint, *(words or IMAGE.command), "--port", str(self.port)]
        with self.start(command) as process:
            try:
                wait_until(lambda: process.poll() is not None or self._answers(), seconds=60)
                yield log
            finally:
                process.terminate()
                log.append(process.communicate(timeout=30)[0])
        assert process.returncode == 0, log

    def _answers(self) -> bool:
        try:
            return bool(self.get("/health/live"))
        except httpx.TransportError:
            return False


def user() -> int:
    """The image's user; root without its rights where the tree lies in a folder of root's alone.

    Alembic asks by access(2) whether a folder is there, which counts no right but the user's own.
    """
    folders = (PROJECT, *PROJECT.parents)
    return IMAGE.user if all(folder.stat().st_mode & 0o001 for folder in folders) else 0


def without_rights() -> list[str]:
    """The start of a command line for a user who may read all and write next to nothing."""
    if os.getuid() != 0:
        return []
    words = f"--reuid {user()} --regid {IMAGE.group} --clear-groups --no-new-privs"
    rights = [
        f"--{of}=-all,+dac_read_search" for of in ("bounding-set", "inh-caps", "ambient-caps")
    ]
    return ["setpriv", *words.split(), *rights]


@pytest.fixture
def container() -> Iterator[Container]:
    """A container with an empty volume."""
    with tempfile.TemporaryDirectory() as folder:
        if os.getuid() == 0:
            os.chown(folder, user(), IMAGE.group)
        yield Container(Path(folder), free_port())


def program() -> set[Path]:
    """The files that the image has of the project, and what may have been written beside them."""
    folders = [PROJECT / name for name in ("app", "data", "migrations")]
    files = {path for folder in folders for path in folder.rglob("*")}
    return {file for file in files if "__pycache__" not in file.parts} | {*PROJECT.glob("*.*")}


def read_only(folder: Path) -> None:
    """Let nobody but root write into a folder."""
    for path in (folder, *folder.rglob("*")):
        if os.getuid() == 0:
            os.chown(path, 0, 0, follow_symlinks=False)
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() else 0o444)


def own_bundle(folder: Path) -> str:
    """A file with the seed's records, one of them with a title of our own."""
    bundle = json.loads(SEED.read_bytes())
    bundle["summits"][0]["title"] = OWN_TITLE
    file = folder / "own.json"
    file.write_text(json.dumps(bundle), encoding="utf-8")
    return str(file)


def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run(
        [BIN / "hadolint", "--no-color", "Dockerfile"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_installs_by_hash_for_a_numeric_user_without_rights() -> None:
    runs = [rest for name, rest in instructions(DOCKERFILE) if name == "RUN"]
    installs = [run for run in runs if "requirements.lock" in run]
    assert installs
    assert all("--require-hashes" in run for run in installs)
    assert IMAGE.user > 0
    assert IMAGE.group > 0


def test_says_what_the_project_says() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    prefix = "org.opencontainers.image."
    assert {name.removeprefix(prefix): value for name, value in IMAGE.labels.items()} == {
        "title": "Readout",
        "description": project["description"],
        "licenses": project["license"],
    }


def test_keeps_the_record_and_large_sorts_in_its_volume() -> None:
    assert IMAGE.volume == "/data"
    assert IMAGE.environment["READOUT_DATABASE_URL"] == "sqlite:////data/readout.db"
    assert IMAGE.environment["SQLITE_TMPDIR"] == IMAGE.environment["TMPDIR"] == "/data"
    assert IMAGE.port == "8000"


@pytest.fixture(scope="module")
def context() -> GitIgnoreSpec:
    """The files that a builder is not given: here a pattern begins at the root of the context."""
    lines = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return GitIgnoreSpec.from_lines(
        re.sub(r"^(!?)", r"\1/", line) for line in lines if line and not line.startswith("#")
    )


@pytest.mark.parametrize(
    "file",
    [
        ".env",
        ".git/config",
        ".venv/bin/python",
        "app/__pycache__/main.cpython-311.pyc",
        "app/store/__pycache__/tables.cpython-311.pyc",
        "app/readout.db",
        "bench/README.md",
        "data/draft.json",
        "data/readout.db",
        "node_modules/typescript/package.json",
        "readout.db",
        "readout.db-wal",
        "requirements-dev.lock",
        "tests/test_image.py",
    ],
)
def test_context_leaves_out(context: GitIgnoreSpec, file: str) -> None:
    assert context.match_file(file)


def test_context_has_every_file_of_the_program_and_all_is_copied(context: GitIgnoreSpec) -> None:
    copied = [
        source
        for name, rest in instructions(DOCKERFILE)
        if name == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]
    assert {*copied} == {
        "LICENSE", "README.md", "app", "app/__init__.py", "data/seed.json", "migrations",
        "pyproject.toml", "requirements.lock",
    }  # fmt: skip
    files = [
        file.relative_to(PROJECT)
        for path in map(PROJECT.joinpath, copied)
        for file in (path.rglob("*.*") if path.is_dir() else [path])
        if "__pycache__" not in file.parts
    ]
    assert [file for file in files if context.match_file(file)] == []


def test_serves_the_seed_then_what_is_published_and_never_the_seed_in_its_place(
    container: Container,
) -> None:
    """Its user writes to the volume alone, and needs not even that to serve."""
    own = own_bundle(container.volume)
    before = program()
    with container.serving() as log:
        assert container.healthy()
        agreements = container.get("/agreements?limit=1")
        assert container.run("load", own)[1].startswith("release 2 is published: ")
        wait_until(lambda: container.get("/releases")["release"] == 2, seconds=60)
    assert agreements["total"] == len(json.loads(SEED.read_bytes())["agreements"])
    assert agreements["next"].startswith(f"http://127.0.0.1:{container.port}/")
    assert log[0].startswith("release 1 is published: ")
    assert f"serves release 1 at http://127.0.0.1:{container.port}" in log[0]
    assert program() == before
    assert (container.volume / "readout.db").exists()

    read_only(container.volume)
    with container.serving() as log:
        assert container.healthy()
        assert container.get("/summits")["items"][0]["title"] == OWN_TITLE
        assert container.get("/releases")["total"] == 2
    assert log[0].startswith("Readout serves release 2 ")


def test_is_alive_but_not_healthy_with_nothing_to_serve(container: Container) -> None:
    (container.volume / "readout.db").write_bytes(b"not a database")
    with container.serving("serve", "--host", "0.0.0.0") as log:  # noqa: S104 - as the image does
        assert not container.healthy()
    assert "nothing to serve yet" in log[0]


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, who may give up the right to write")
def test_says_why_where_the_seed_cannot_be_loaded(container: Container) -> None:
    read_only(container.volume)
    status, output = container.run(*IMAGE.command)
    assert status == 1
    assert f"can't write {container.volume}/readout.db.releases" in output
