"""A newer program on what an older one published: every release is brought up to date."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from app.curation.load import load
from app.store.files import kept_file
from app.store.tables import REVISION
from tests.builders import Typed, write
from tests.conftest import SEED, serving
from tests.curation.test_load import downgrade
from tests.test_history import RELEASES, whole

NUMBERS = (1, 2, 3)
EARLIER = [f"{number:04}" for number in range(1, int(REVISION))]


@pytest.fixture(scope="module")
def of_now(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with three releases."""
    folder = tmp_path_factory.mktemp("upgrades")
    for number in NUMBERS:
        load([write(folder / "bundle.json", RELEASES[number - 1])], folder / "readout.db")
    return folder / "readout.db"


@pytest.fixture(scope="module")
def records(of_now: Path) -> Iterator[list[dict[str, Typed]]]:
    """Every record of each release."""
    with serving(of_now) as server, httpx.Client(base_url=server.url) as client:
        yield [whole(client, number) for number in NUMBERS]


def files_of(path: Path) -> list[Path]:
    """The file of each release."""
    return [*(kept_file(path, number) for number in NUMBERS[:-1]), path]


@pytest.fixture
def database(of_now: Path, tmp_path: Path, revision: str) -> Path:
    """A database of the older program, with three releases."""
    shutil.copytree(of_now.parent, tmp_path, dirs_exist_ok=True)
    for file in files_of(tmp_path / of_now.name):
        file.unlink()  # it has another name, too: in `of_now`
        shutil.copy(of_now.parent / file.relative_to(tmp_path), file)
        downgrade(file, revision)
    return tmp_path / of_now.name


@pytest.mark.parametrize("revision", EARLIER)
def test_nothing_is_lost_and_every_release_is_served(
    database: Path, revision: str, records: list[dict[str, Typed]]
) -> None:
    with serving(database) as server:
        assert httpx.get(f"{server.url}/health/ready").status_code == 503, revision
    with (
        serving(database, "--seed", str(SEED), says="is brought up to date") as server,
        httpx.Client(base_url=server.url) as client,
    ):
        assert client.get("/").json()["release"]["number"] == NUMBERS[-1]
        assert [whole(client, number) for number in NUMBERS] == records
        assert client.get("/releases").json()["total"] == len(NUMBERS)
