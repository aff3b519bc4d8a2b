"""A newer program on what an older one published: every release is brought up to date."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2 as httpx
import pytest
from alembic import command
from sqlalchemy import create_engine

from app.curation.load import load
from app.curation.publish import publish
from app.store import migrations
from app.store.files import kept_file
from app.store.tables import REVISION
from tests.builders import Typed, write
from tests.conftest import SEED, serving
from tests.curation.test_load import downgrade
from tests.postgres import Postgres
from tests.test_history import RELEASES, whole
from tests.test_postgres import Run

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


def older_schemas(postgres: Postgres, path: Path, revision: str) -> str:
    """The database that the older program would have made of these files, which it made, too."""
    url = postgres.database()
    with TemporaryDirectory() as folder:
        for number, file in zip(NUMBERS, files_of(path), strict=True):
            now = Path(shutil.copy(file, folder))
            publish(now, url)
            downgrade(now, revision)
            engine = create_engine(
                url, connect_args={"options": f"-c search_path=readout_{number}"}
            )
            with engine.begin() as connection:
                command.downgrade(migrations.configuration(connection), revision)
                connection.exec_driver_sql("TRUNCATE release_file")
                connection.exec_driver_sql(
                    "INSERT INTO release_file VALUES (0, %(bytes)s)", {"bytes": now.read_bytes()}
                )
            engine.dispose()
    return url


@pytest.fixture
def database(request: pytest.FixtureRequest, of_now: Path, tmp_path: Path, revision: str) -> str:
    """The address of a database of the older program, with three releases."""
    if request.param == "postgresql":
        return older_schemas(request.getfixturevalue("postgres"), of_now, revision)
    shutil.copytree(of_now.parent, tmp_path, dirs_exist_ok=True)
    for file in files_of(tmp_path / of_now.name):
        file.unlink()  # it has another name, too: in `of_now`
        shutil.copy(of_now.parent / file.relative_to(tmp_path), file)
        downgrade(file, revision)
    return f"sqlite:///{tmp_path / of_now.name}"


@pytest.mark.parametrize("revision", EARLIER)
@pytest.mark.parametrize(
    "database",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.faults)],
    indirect=True,
)
def test_nothing_is_lost_and_every_release_is_served(
    database: str, revision: str, records: list[dict[str, Typed]]
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


@pytest.mark.faults
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("revision", ["0002"])  # the last that had no digest of what is gone
def test_a_server_of_the_older_version_keeps_its_schemas_until_the_next_load(
    database: str, postgres: Postgres, run: Run, tmp_path: Path
) -> None:
    def there() -> set[str]:
        rows = postgres.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'readout%'", database
        )
        return {name for (name,) in rows}

    upgraded = {f"readout_{number}_2" for number in NUMBERS}
    before = there()
    for number, content in ((4, RELEASES[2]), (5, RELEASES[3])):
        file = write(tmp_path / "bundle.json", content)
        assert run("load", file, READOUT_DATABASE_URL=database).returncode == 0
        published = {f"readout_{new}" for new in range(4, number + 1)}
        assert there() == before | upgraded | published
        before = set()
