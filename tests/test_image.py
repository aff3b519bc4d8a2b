"""The image: no engine builds it here, so its Dockerfile is linted, read, and acted out.

What the COPY lines copy stands in a read-only root; the very ENTRYPOINT, CMD, HEALTHCHECK and ENV
are run in it, at their own paths and port, as the image's user. Only /venv, which RUN lines
install, is put together from the environment that the tests run in.
"""

import json
import os
import subprocess
import sys
import sysconfig
import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.settings import PROJECT
from tests.container import INTERPRETER, Container, World, why_not
from tests.dockerfile import act_out, read_ignored, read_stages

BUILD, FINAL = read_stages((PROJECT / "Dockerfile").read_text(encoding="utf-8"))[-2:]
USER, GROUP = map(int, FINAL.user.split(":"))
IGNORED = read_ignored((PROJECT / ".dockerignore").read_text(encoding="utf-8"))
BIN = Path(sys.executable).parent
SEED = PROJECT / "data" / "seed.json"
OWN_TITLE = "The summit, as we have it"

# Not the health check's address: only a server that listens on every address answers at this one.
GET = """
import sys, urllib.request
print(urllib.request.urlopen("http://127.0.0.2:8000" + sys.argv[1], timeout=5).read().decode())
"""

# SQLite sorts more rows than fit into a cache of ten pages, as it does with a large record.
SORT = """
import sqlite3
database = sqlite3.connect(":memory:")
database.executescript("PRAGMA temp_store = FILE; PRAGMA cache_size = 10")
rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
print(database.execute(f"{rows} SELECT hex(i) FROM n ORDER BY 1").fetchone()[0])
"""


class Image(NamedTuple):
    """The files of the final stage, and a folder of bundles to run it with."""

    root: Path
    bundles: Path

    def run(
        self,
        data: Path,
        *words: str,
        entrypoint: Sequence[str] = FINAL.entrypoint,
        mounted: str = "/data",
        **environment: str,
    ) -> Container:
        """`docker run -v data:/data -v bundles:/bundles:ro -e … IMAGE words`."""
        world = World(
            root=self.root,
            workdir=FINAL.workdir,
            user=USER,
            group=GROUP,
            environment=FINAL.environment | environment,
            volumes={
                "/dependencies:ro": Path(sysconfig.get_path("purelib")),
                "/bundles:ro": self.bundles,
                mounted: data,
            },
        )
        return Container(world, [*entrypoint, *(words or FINAL.command)])

    def files(self) -> dict[Path, int]:
        """Every file and folder, and when it was written."""
        return {path: path.lstat().st_mtime_ns for path in self.root.rglob("*")}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image, built as far as COPY lines build it."""
    made = Image(tmp_path_factory.mktemp("image"), tmp_path_factory.mktemp("bundles"))
    _skip_without_containers(made.root)
    built = tmp_path_factory.mktemp("build")
    for copy in BUILD.copies:
        act_out(copy, PROJECT, built, IGNORED)
    compilation = [sys.executable, "-m", "compileall", "-q", "app", "migrations"]
    subprocess.run(compilation, cwd=built / "app", check=True)
    _install(built / "venv")
    for copy in FINAL.copies:
        act_out(copy, built, made.root)
    own = json.loads(SEED.read_bytes())
    own["summits"][0]["title"] = OWN_TITLE
    (made.bundles / "own.json").write_text(json.dumps(own), encoding="utf-8")
    (made.bundles / "broken.json").write_text('{"summits": [{}]}', encoding="utf-8")
    for folder in (made.root, made.bundles):
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
    return made


def _skip_without_containers(root: Path) -> None:
    reason = why_not(World(root, FINAL.workdir, USER, GROUP, FINAL.environment))
    if reason and os.environ.get("CI") and os.getuid() == 0:
        pytest.fail(f"CI runs as root, so that the image is acted out: {reason}")
    if reason:
        pytest.skip(reason)


def _install(venv: Path) -> None:
    """What the RUN lines install: Python, the dependencies, and the project in place."""
    packages = venv / "lib" / INTERPRETER.name / "site-packages"
    packages.mkdir(parents=True)
    (packages / "installed.pth").write_text("/dependencies\n/app\n", encoding="utf-8")
    (venv / "pyvenv.cfg").write_text(f"home = {INTERPRETER.parent}\n", encoding="utf-8")
    (venv / "bin").mkdir()
    (venv / "bin" / "python").symlink_to(INTERPRETER)
    _, _, script = (BIN / "readout").read_text(encoding="utf-8").partition("\n")
    (venv / "bin" / "readout").write_text(f"#!/venv/bin/python\n{script}", encoding="utf-8")
    (venv / "bin" / "readout").chmod(0o755)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A volume, as the image hands it to its user."""
    volume = tmp_path / "data"
    volume.mkdir()
    if os.getuid() == 0:
        os.chown(volume, USER, GROUP)
    return volume


def healthy(container: Container) -> bool:
    return container.run(FINAL.healthcheck).returncode == 0


def wait_until(reached: Callable[[], bool], container: Container) -> None:
    """Ask again and again; a container that never gets there says why."""
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline, stopped(container)
        assert not container.ended(), container.wait(1)
        time.sleep(0.25)


def wait_until_healthy(container: Container) -> None:
    wait_until(lambda: healthy(container), container)


def get(container: Container, path: str) -> Any:
    answer = container.run(["python", "-c", GET, path])
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def stopped(container: Container) -> str:
    """The log of a container that was asked to end, in less time than an engine gives it."""
    container.stop()
    status, log = container.wait(9)
    assert status == 0, log
    return log


def finished(container: Container) -> tuple[int, str]:
    """The exit status and the log of a container that ends by itself."""
    with container:
        return container.wait(30)


def test_hadolint_has_nothing_to_say() -> None:
    found = subprocess.run(
        [BIN / "hadolint", "--no-color", "Dockerfile"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (0, "")


def test_installs_by_hash_for_a_numeric_user_without_rights() -> None:
    installs = [run for run in BUILD.runs if "requirements.lock" in run]
    assert installs
    assert all("--require-hashes" in run for run in installs)
    assert USER > 0
    assert GROUP > 0


def test_says_what_the_project_says() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = {name.removeprefix("org.opencontainers.image."): v for name, v in FINAL.labels.items()}
    assert said == {
        "title": "Readout",
        "description": project["description"],
        "licenses": project["license"],
    }


def test_keeps_the_record_in_its_volume() -> None:
    assert FINAL.volumes == ["/data"]
    assert FINAL.environment["READOUT_DATABASE_URL"] == "sqlite:////data/readout.db"
    assert FINAL.exposed == [8000]


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
def test_context_leaves_out(file: str) -> None:
    assert IGNORED(file)


def test_context_has_every_file_of_the_program(tmp_path: Path) -> None:
    for copy in BUILD.copies:
        act_out(copy, PROJECT, tmp_path, IGNORED)
    copied = {str(path.relative_to(tmp_path / "app")) for path in tmp_path.rglob("*.*")}
    program = [
        str(path.relative_to(PROJECT))
        for folder in ("app", "migrations")
        for path in (PROJECT / folder).rglob("*.*")
        if "__pycache__" not in path.parts
    ]
    expected = {*program, "data/seed.json", "pyproject.toml", "README.md", "requirements.lock"}
    assert copied == expected


def test_serves_the_seed_at_once_and_writes_nothing_outside_its_volume(
    image: Image, data: Path
) -> None:
    with image.run(data) as container:
        before = image.files()
        wait_until_healthy(container)
        agreements = get(container, "/agreements?limit=1")
        log = stopped(container)
    assert agreements["total"] == len(json.loads(SEED.read_bytes())["agreements"])
    assert agreements["next"].startswith("http://127.0.0.1:8000/")
    assert "serves release 1 at http://127.0.0.1:8000" in log
    assert image.files() == before
    assert (data / "readout.db").exists()


def test_runs_as_process_1_without_rights_on_a_read_only_root(image: Image, data: Path) -> None:
    program = "import os; print(os.getpid(), os.getuid(), os.getgid()); open('/app/x', 'w')"
    status, log = finished(image.run(data, program, entrypoint=["python", "-uc"]))
    assert status == 1
    assert log.startswith(f"1 {USER} {GROUP}\n")
    assert "Read-only file system: '/app/x'" in log


@pytest.mark.faults
def test_a_second_start_loads_nothing(image: Image, data: Path) -> None:
    for begins in ("release 1 is published: ", "Readout serves release 1 "):
        with image.run(data, READOUT_DATABASE_URL="sqlite:////data/other.db") as container:
            wait_until_healthy(container)
            assert get(container, "/releases")["total"] == 1
            assert stopped(container).startswith(begins)
    assert not (data / "readout.db").exists()


def test_the_seed_replaces_no_release(image: Image, data: Path) -> None:
    status, log = finished(image.run(data, "load", "/bundles/own.json"))
    assert (status, log.partition(":")[0]) == (0, "release 1 is published")
    with image.run(data) as container:
        wait_until_healthy(container)
        assert get(container, "/summits")["items"][0]["title"] == OWN_TITLE
        assert get(container, "/releases")["total"] == 1
        stopped(container)


@pytest.mark.faults
def test_serves_what_another_container_publishes(image: Image, data: Path) -> None:
    with image.run(data) as container:
        wait_until_healthy(container)
        assert finished(image.run(data, "load", "/bundles/own.json"))[0] == 0
        wait_until(lambda: get(container, "/releases")["release"] == 2, container)
        stopped(container)


def test_is_healthy_with_a_volume_it_may_only_read_and_where_a_proxy_is_named(
    image: Image, data: Path
) -> None:
    assert finished(image.run(data, "load", "/bundles/own.json"))[0] == 0
    with image.run(data, mounted="/data:ro", http_proxy="http://127.0.0.1:9") as container:
        wait_until_healthy(container)
        stopped(container)


def test_is_not_healthy_with_nothing_to_serve(image: Image, data: Path) -> None:
    (data / "readout.db").write_bytes(b"not a database")
    with image.run(data, "serve", "--host", "0.0.0.0") as container:  # noqa: S104 - inside the container
        alive = ["python", "-c", GET, "/health/live"]
        wait_until(lambda: container.run(alive).returncode == 0, container)
        assert not healthy(container)
        assert "nothing to serve yet" in stopped(container)


def test_says_why_where_the_seed_cannot_be_loaded(image: Image, data: Path) -> None:
    status, log = finished(image.run(data, mounted="/data:ro"))
    assert (status, "can't write /data/readout.db.releases" in log) == (1, True)


@pytest.mark.parametrize(
    ("file", "status", "says"),
    [("own.json", 0, "own.json: no problems"), ("broken.json", 1, "summits[0]")],
)
def test_checks_files(image: Image, data: Path, file: str, status: int, says: str) -> None:
    found, log = finished(image.run(data, "check", f"/bundles/{file}"))
    assert found == status
    assert says in log
    assert list(data.iterdir()) == []


def test_has_a_place_for_large_sorts(image: Image, data: Path) -> None:
    status, log = finished(image.run(data, SORT, entrypoint=["python", "-c"]))
    assert (status, log) == (0, "31\n")
