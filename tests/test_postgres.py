"""PostgreSQL as the database: publication, several servers, and what goes wrong on its side."""

import asyncio
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx2 as httpx
import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from app.curation import publish
from app.curation.load import NotLoaded
from app.problems import Unavailable
from app.settings import SettingsError
from app.store import migrations, schemas
from app.store.schemas import SCHEMAS, SchemaStore, parameters
from app.store.seal import seal, unseal
from app.store.tables import REVISION
from tests.conftest import READOUT, SEED, load, serving, wait_until
from tests.postgres import PASSWORD, Postgres, running
from tests.test_walks import second, wait_for_release  # noqa: F401 - a fixture

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def url(postgres: Postgres) -> str:
    """An empty database."""
    return postgres.database()


@pytest.fixture(scope="module")
def template(postgres: Postgres) -> str:
    """A database with the seed in it, to be copied."""
    url = postgres.database()
    load([str(SEED)], url)
    return url.rpartition("/")[2]


@pytest.fixture
def published(postgres: Postgres, template: str) -> str:
    """A database of its own with the seed in it."""
    return postgres.database(template)


@pytest.fixture(scope="module")
def fragile() -> Iterator[Postgres]:
    """A server of its own, for tests that stop it."""
    with running() as found:
        yield found


def ready(server: str) -> int:
    """The status of the health check."""
    return httpx.get(f"{server}/health/ready").status_code


def with_store(
    url: str, asking: Callable[[SchemaStore], Awaitable[None]], seconds: int = 10
) -> None:
    """Ask a store as a server does, and close it whatever happens."""

    async def asked() -> None:
        store = SchemaStore(url, seconds)
        try:
            await asking(store)
        finally:
            await store.close()

    asyncio.run(asked())


def test_a_load_says_where_it_published_but_no_password(url: str, run: Run) -> None:
    loaded = run("load", SEED, READOUT_DATABASE_URL=url)
    assert loaded.stdout.startswith("release 1 is published: 42 records, in postgresql+psycopg://")
    again = run("load", SEED, READOUT_DATABASE_URL=url)
    assert "release 1 has this content already" in again.stdout
    for said in (loaded, again):
        assert "word" not in said.stdout + said.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("postgresql://readout:nonsense@127.0.0.1:{port}/postgres", "authentication failed"),
        ("postgresql://readout:nonsense@127.0.0.1:1/postgres", "refused"),
        ("postgresql://readout:non%sense@127.0.0.1:{port}/postgres", "is not an address"),
        ("postgresql://127.0.0.1:{port}/postgres?password=nonsense&user=readout", "failed"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_in_a_line(
    postgres: Postgres, run: Run, wrong: str, said: str
) -> None:
    loaded = run("load", SEED, READOUT_DATABASE_URL=wrong.format(port=postgres.port))
    assert loaded.returncode == 1
    assert said in loaded.stderr
    assert loaded.stderr.count("\n") == 1
    assert "sense" not in loaded.stderr


def test_only_one_load_runs_at_a_time(published: str, second: str) -> None:  # noqa: F811 - the fixture
    with psycopg.connect(**parameters(published), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [publish._LOCK])
        with pytest.raises(NotLoaded, match=r"another load into .* is running; wait for it"):
            load([second], published)
    assert load([second], published)[0].number == 2


def killed_loads(url: str, files: list[str], times: int, chance: random.Random) -> None:
    """Kill loads at any moment: what is published stays whole, and the next load works."""
    for _ in range(times):
        loading = subprocess.Popen(
            [READOUT, "load", chance.choice(files)],
            env={"PATH": "/usr/bin:/bin", "READOUT_DATABASE_URL": url},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.2, 1.5))
        loading.kill()
        loading.wait()
        found = schemas.newest(url)
        with psycopg.connect(**parameters(url)) as connection:
            numbers = [found.number for found in schemas.schemas_in(connection.execute(SCHEMAS))]
            for number in numbers:
                counts = [
                    connection.execute(f"SELECT count(*) FROM readout_{number}.{table}").fetchone()  # noqa: S608 - numbers
                    for table in ("record", "record_search")
                ]
                assert counts == [(42,), (42,)]
        assert (found.number if found else None) == max(numbers, default=None)


@pytest.mark.faults
def test_a_load_that_is_killed_leaves_what_was_there(url: str, second: str) -> None:  # noqa: F811
    killed_loads(url, [str(SEED), second], 5, random.Random(1))  # noqa: S311 - not for secrets

    def loads() -> bool:
        # The database may need a moment to see that the other load is gone.
        try:
            load([str(SEED)], url)
        except NotLoaded as error:
            return "another load" not in str(error)
        return True

    wait_until(loads)


def test_a_full_disk_publishes_nothing(postgres: Postgres, published: str, second: str) -> None:  # noqa: F811
    postgres.execute(
        "CREATE FUNCTION full_disk() RETURNS event_trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$",
        published,
    )
    postgres.execute(
        "CREATE EVENT TRIGGER full_disk ON ddl_command_end WHEN TAG IN ('CREATE INDEX') "
        "EXECUTE FUNCTION full_disk()",
        published,
    )
    with pytest.raises(NotLoaded, match=r"can't publish to .*: No space left on device"):
        load([second], published)
    release = schemas.newest(published)
    assert release is not None
    assert release.number == 1


@pytest.mark.faults
def test_every_server_serves_a_new_release_within_a_second(published: str, second: str) -> None:  # noqa: F811
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(published)) for _ in range(3)]
        load([second], published)
        for server in servers:
            assert wait_for_release(server.url, "2") < 1
            answer = httpx.get(f"{server.url}/agreements?as_of=1&limit=1")
            assert (answer.status_code, answer.headers["dataset-release"]) == (200, "1")


def test_a_release_that_is_written_anew_is_never_read_under_the_old_tag(
    seeded: Path, published: str, tmp_path: Path
) -> None:
    anew = tmp_path / "anew.db"
    shutil.copy(seeded, anew)
    unseal(anew)
    with closing(sqlite3.connect(anew)) as file:
        file.execute("UPDATE release SET program = 'another'")
        file.execute("UPDATE record SET body = replace(body, '\"summary\":', '\"summary\": ')")
        file.commit()
    seal(anew)
    seen: dict[str, set[bytes]] = {}
    with serving(published) as server, httpx.Client(base_url=server.url) as client:
        publishing = threading.Thread(target=publish.publish, args=(anew, published))
        publishing.start()
        until = time.monotonic() + 10
        while len(seen) < 2 and time.monotonic() < until:
            answer = client.get("/agreements?limit=200")
            assert answer.status_code == 200
            seen.setdefault(answer.headers["etag"], set()).add(answer.content)
        publishing.join()
    assert [len(contents) for contents in seen.values()] == [1, 1]


@pytest.mark.faults
def test_servers_read_a_replica_that_lags(
    postgres: Postgres,
    published: str,
    run: Run,
    second: str,  # noqa: F811
) -> None:
    replica = postgres.database()
    both = {"READOUT_DATABASE_URL": replica, "READOUT_LOAD_URL": published}
    with serving(replica, READOUT_LOAD_URL=published) as server:
        assert ready(server.url) == 503
        assert run("load", second, **both).returncode == 0
        assert ready(server.url) == 503  # nothing has arrived yet
        load([second], replica)  # as replication does
        wait_until(lambda: ready(server.url) == 200)


@pytest.mark.parametrize(
    ("revision", "says"), [("9999", "newer"), ("0000", "brings it up to date")]
)
def test_a_release_of_another_program_is_not_served(
    postgres: Postgres, published: str, revision: str, says: str
) -> None:
    with serving(published) as server:
        postgres.execute(
            "BEGIN; CREATE SCHEMA readout_2; CREATE TABLE readout_2.release AS "
            "SELECT 2 AS number, published_at, digest, counts, program FROM readout_1.release; "
            "CREATE TABLE readout_2.alembic_version (version_num text); "
            "INSERT INTO readout_2.alembic_version VALUES ('REVISION'); COMMIT".replace(
                "REVISION", revision
            ),
            published,
        )
        time.sleep(0.6)
        answer = httpx.get(f"{server.url}/agreements")
        assert (answer.status_code, answer.headers["dataset-release"]) == (200, "1")
    store = SchemaStore(published)
    assert store.current is None
    assert says in str(store.fault)


def test_what_an_older_program_published_is_brought_up_to_date(
    postgres: Postgres, published: str
) -> None:
    postgres.execute("UPDATE readout_1.alembic_version SET version_num = '0000'", published)
    with serving(published, "--seed", str(SEED), says="is brought up to date") as server:
        assert httpx.get(f"{server.url}/").json()["release"]["number"] == 1


def test_an_empty_database_begins_with_the_seed(url: str) -> None:
    with serving(url, "--seed", str(SEED), says="release 1 is published") as server:
        assert ready(server.url) == 200


def test_a_schema_that_is_dropped_is_said_and_found_again(
    postgres: Postgres, published: str
) -> None:
    with serving(published) as server:
        assert ready(server.url) == 200
        postgres.execute("ALTER SCHEMA readout_1 RENAME TO away", published)
        answer = httpx.get(f"{server.url}/agreements")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        wait_until(lambda: ready(server.url) == 503, 2)
        postgres.execute("ALTER SCHEMA away RENAME TO readout_1", published)
        wait_until(lambda: ready(server.url) == 200, 2)
        assert httpx.get(f"{server.url}/agreements").status_code == 200


def test_a_reader_without_rights_waits_for_them(postgres: Postgres, published: str) -> None:
    name = published.rpartition("/")[2]
    postgres.execute(f"CREATE ROLE r_{name} LOGIN PASSWORD 'reading'")
    with serving(postgres.url(name, f"r_{name}:reading")) as server:
        assert ready(server.url) == 503
        postgres.execute(
            f"GRANT USAGE ON SCHEMA readout_1 TO r_{name}; "
            f"GRANT SELECT ON ALL TABLES IN SCHEMA readout_1 TO r_{name}",
            published,
        )
        wait_until(lambda: ready(server.url) == 200, 2)


@pytest.mark.faults
def test_a_restart_of_the_database_under_load_is_survived(fragile: Postgres) -> None:
    url = fragile.database()
    load([str(SEED)], url)
    stop = threading.Event()
    seen: list[tuple[int, bool]] = []

    def ask() -> None:
        with httpx.Client(base_url=server.url, timeout=20) as client:
            while not stop.is_set():
                answer = client.get("/commitments?by=japan&q=trump&facet=kind")
                whole = answer.status_code != 200 or len(answer.json()["items"]) > 0
                seen.append((answer.status_code, whole and "retry-after" in answer.headers))

    # What is kept is answered without the database.
    with serving(url, READOUT_CACHE_MIB="0") as server:
        readers = [threading.Thread(target=ask) for _ in range(4)]
        for reader in readers:
            reader.start()
        for mode in ("immediate", "fast"):
            time.sleep(0.5)
            fragile.stop(mode)
            wait_until(lambda: ready(server.url) == 503, 3)
            assert httpx.get(f"{server.url}/health/live").status_code == 200
            # A short restart is waited for, a longer one is said.
            wait_until(lambda: (503, True) in seen)
            seen.clear()
            fragile.start()
            wait_until(lambda: ready(server.url) == 200, 5)
        time.sleep(0.5)
        before = len(seen)
        wait_until(lambda: len(seen) > before + 50)
        stop.set()
        for reader in readers:
            reader.join()
        assert set(seen) <= {(200, False), (503, True)}
        assert set(seen[-20:]) == {(200, False)}


def test_a_server_starts_without_its_database(fragile: Postgres) -> None:
    url = fragile.database()
    load([str(SEED)], url)
    fragile.stop()
    with serving(url) as server:
        answer = httpx.get(f"{server.url}/agreements")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "127.0.0.1" not in answer.text
        assert ready(server.url) == 503
        fragile.start()
        wait_until(lambda: ready(server.url) == 200, 5)


@pytest.mark.faults
def test_a_database_that_hangs_is_noticed(fragile: Postgres) -> None:
    url = fragile.database()
    load([str(SEED)], url)
    with serving(url) as server:
        fragile.signal(signal.SIGSTOP)
        try:
            assert wait_until(lambda: ready(server.url) == 503, 5) < 3
        finally:
            fragile.signal(signal.SIGCONT)
        wait_until(lambda: ready(server.url) == 200, 10)


def test_a_connection_that_was_cut_is_no_error(postgres: Postgres, published: str) -> None:
    async def asking(store: SchemaStore) -> None:
        assert store.current is not None
        await asyncio.gather(*(store.current.releases() for _ in range(20)))
        postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            published,
        )
        assert len(await store.current.releases()) == 1

    with_store(published, asking)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT pg_sleep(5)", "takes more than 1 s"),
        ("SELECT 1 / 0", "does not answer"),
        ("SELECT body FROM elsewhere", "does not answer"),
    ],
)
def test_what_fails_in_the_database_is_no_fault_of_the_request(
    published: str, sql: str, says: str
) -> None:
    async def asking(store: SchemaStore) -> None:
        assert store.current is not None
        with pytest.raises(Unavailable, match=says) as caught:
            await store.current.look_up(sql)
        assert caught.value.headers["retry-after"]
        with pytest.raises(Unavailable):  # whatever goes wrong elsewhere, nothing is written
            await store.current.look_up("DELETE FROM record_search")

    with_store(published, asking, seconds=1)


def test_texts_are_compared_by_code_point(postgres: Postgres, published: str) -> None:
    other = postgres.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE "
        "table_schema = 'readout_1' AND data_type IN ('text', 'character varying') "
        "AND collation_name IS DISTINCT FROM 'C' AND table_name <> 'alembic_version' "
        "AND table_name NOT IN (SELECT viewname FROM pg_views)",
        published,
    )
    assert other == []


def test_the_file_of_the_release_is_in_the_database(
    seeded: Path, postgres: Postgres, url: str
) -> None:
    publish.publish(seeded, url)
    pieces = postgres.execute("SELECT bytes FROM readout_1.release_file ORDER BY at", url)
    assert b"".join(bytes(piece) for (piece,) in pieces) == seeded.read_bytes()


def test_migrations_lead_down_and_up_again_and_lose_nothing(
    postgres: Postgres, published: str
) -> None:
    def content() -> dict[str, list[str]]:
        return {
            table: sorted(
                str(row)
                for row in postgres.execute(f"SELECT * FROM readout_1.{table}", published)  # noqa: S608 - our own names
            )
            for table in (*SQLModel.metadata.tables, "record_search", "release_file")
            if table not in history
        }

    # An older program has no place for these, and they begin anew.
    history = {"release", "record_origin", "change", "change_field", "change_summit"}
    before = content()
    engine = create_engine(
        published, connect_args={"options": "-c search_path=readout_1"}, pool_pre_ping=True
    )
    revisions = [f"{number:04}" for number in range(1, int(REVISION) + 1)]
    for revision in reversed(revisions):
        with engine.begin() as connection:
            command.downgrade(migrations.configuration(connection), revision)
        with engine.begin() as connection:
            migrations.upgrade(connection)
        assert content() == before, revision
    with engine.begin() as connection:
        command.check(migrations.configuration(connection))
        command.downgrade(migrations.configuration(connection), "base")
    engine.dispose()
    left = postgres.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'readout_1'", published
    )
    assert {name for (name,) in left} == {"alembic_version", "release_file"}


def test_no_password_is_in_what_an_address_that_cannot_be_read_says() -> None:
    with pytest.raises(SettingsError) as caught:
        parameters("postgresql://user:se%cret@host:port:5432/x")
    assert "cret" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
