"""The package: what is built of the project runs without it, on the versions that are locked."""

import json
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

import httpx2 as httpx
import pytest

from app import __version__
from app.settings import PROJECT, SEED

PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
ALONE = ["--no-deps", "--no-index"]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make` puts the package into, and the list of what it consists of."""
    folder = tmp_path_factory.mktemp("dist")
    make = ["make", "--silent", "wheel", "sbom", f"BIN={Path(sys.executable).parent}"]
    subprocess.run([*make, f"DIST={folder}"], cwd=PROJECT, check=True, timeout=120)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    """The package."""
    (file,) = dist.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment: the wheel, and the dependencies of this environment."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run([*PIP, "--python", python, "install", *ALONE, wheel], check=True, timeout=120)
    (packages,) = environment.glob("lib/python*/site-packages")
    # A folder that is named in such a file is searched; the files like it in there are not read, so
    # that the project, which is installed in place beside these tests, stays out of sight.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return environment / "bin"


@contextmanager
def serving(programs: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """What `readout serve` says when it is started in a folder, and its address."""
    process = subprocess.Popen(
        [programs / "readout", "serve", "--port", "0"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = ""
        while "Readout " not in lines:
            line = process.stdout.readline()
            assert line, lines
            lines += line
        yield lines, lines.split(" at ")[-1].split()[0]
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_the_wheel_serves_the_seed_from_the_folder_in_which_it_is_started(
    installed: Path, tmp_path: Path
) -> None:
    database = tmp_path / "readout.db"
    for begins in (f"release 1 is published: 48 records, in {database}\n", "Readout serves "):
        with serving(installed, tmp_path) as (lines, url):
            assert lines.startswith(begins)
            assert f" from {database} " in lines
            agreements = httpx.get(f"{url}/agreements").json()
            assert agreements["total"] == len(json.loads(SEED.read_bytes())["agreements"])
            assert httpx.get(f"{url}/releases").json()["total"] == 1
    assert all(path.name.startswith("readout.db") for path in tmp_path.iterdir())


def test_what_serves_is_the_package_not_the_project(installed: Path) -> None:
    code = "import app, app.settings as s; print(app.__file__, s.MIGRATIONS, s.SEED, sep='\\n')"
    done = subprocess.run(
        [installed / "python", "-c", code], cwd="/", capture_output=True, text=True, check=True
    )
    for path in done.stdout.splitlines():
        assert Path(path).is_relative_to(installed.parent)
        assert Path(path).exists()


def test_a_lost_database_is_not_replaced_by_the_seed(installed: Path, tmp_path: Path) -> None:
    bundle = json.loads(SEED.read_bytes())
    for title in ("The summit, as we have it", "The summit, corrected"):
        bundle["summits"][0]["title"] = title
        (tmp_path / "own.json").write_text(json.dumps(bundle), encoding="utf-8")
        load = [str(installed / "readout"), "load", "own.json"]
        subprocess.run(load, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, check=True, timeout=60)
    (tmp_path / "readout.db").unlink()
    with serving(installed, tmp_path) as (lines, _):
        assert "is published" not in lines


def test_the_version_stands_in_one_place(wheel: Path, installed: Path) -> None:
    assert wheel.name == f"readout-{__version__}-py3-none-any.whl"
    assert metadata.version("readout") == __version__
    said = subprocess.run(
        [installed / "readout", "--version"], capture_output=True, text=True, check=True
    )
    assert said.stdout == f"readout, version {__version__}\n"
    newest = re.search(r"^## (.*)$", (PROJECT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest
    assert newest[1] == __version__


def test_the_package_is_typed_and_says_what_it_needs(wheel: Path) -> None:
    with ZipFile(wheel) as files:
        assert "app/py.typed" in files.namelist()
        description = files.read(f"readout-{__version__}.dist-info/METADATA").decode()
    needs = re.findall(r"^Requires-Dist: (.*)$", description, re.MULTILINE)
    assert len(needs) > 10
    assert not [need for need in needs if ">=" not in need]
    assert "Classifier: Typing :: Typed\n" in description


def test_the_bill_of_materials_has_what_is_locked(dist: Path) -> None:
    components = json.loads((dist / "sbom.json").read_bytes())["components"]
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    locked = re.findall(r"^([\w.-]+)==([^ ]+)", lock, re.MULTILINE)
    assert [(part["name"], part["version"]) for part in components] == locked


def test_the_environment_has_the_pip_of_the_lock_and_no_setuptools() -> None:
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    assert f"\npip=={metadata.version('pip')} \\\n" in lock
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.version("setuptools")
