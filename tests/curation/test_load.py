"""The load publishes the files as the next release, or leaves everything as it was."""

import json
import os
import pty
import resource
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from alembic import command
from sqlmodel import SQLModel

from app import __version__
from app.curation.load import NotLoaded, Rejected, load, migrate
from app.store import migrations
from app.store.files import kept_numbers, published
from app.store.release import OutdatedRelease
from app.store.seal import seal, unseal
from app.store.tables import (
    TABLES,
    ActorRow,
    DocumentRow,
    QuoteRow,
    RecordDocument,
    RecordOrigin,
    RecordRow,
    TombstoneRow,
)
from tests.builders import Typed, a_bundle, a_quote, write
from tests.conftest import READOUT, SEED, serving
from tests.curation.conftest import select

Run = Callable[..., CompletedProcess[str]]

SEED_BUNDLE = json.loads(SEED.read_bytes())
SEED_SIZE = sum(map(len, SEED_BUNDLE.values()))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where to load to: nothing is there yet."""
    return tmp_path / "data" / "readout.db"


def backwards(value: Any) -> Any:
    """The same content with all keys in the other order."""
    if isinstance(value, dict):
        return {key: backwards(inner) for key, inner in reversed(value.items())}
    return [backwards(item) for item in value] if isinstance(value, list) else value


def saying(*texts: str) -> Typed:
    """A bundle in which Japan is quoted with these words."""
    quotes = [a_quote(id=f"words-{at}", text=text) for at, text in enumerate(texts)]
    return a_bundle(quotes=quotes)


def state(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, but for the lock, which stays."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix != ".lock"}


def test_the_first_load_publishes_release_1(database: Path, tmp_path: Path) -> None:
    release, new = load([write(tmp_path / "bundle.json", saying("One.", "Two."))], database)
    assert (release.number, new) == (1, True)
    assert release.changes == {"added": 4, "changed": 0, "renamed": 0, "withdrawn": 0}
    assert release.counts == {
        "summits": 0,
        "actors": 1,
        "agreements": 0,
        "commitments": 0,
        "quotes": 2,
        "documents": 1,
    }
    assert published(database) == release
    assert set(state(database.parent)) == {"readout.db"}


def test_the_same_content_makes_no_release(database: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "bundle.json", saying("One."))
    release, _ = load([file], database)
    before = (state(database.parent), database.stat())
    assert load([file], database) == (release, False)
    assert (state(database.parent), database.stat()) == before


def test_the_same_content_in_another_order_makes_no_release(database: Path, tmp_path: Path) -> None:
    release, _ = load([str(SEED)], database)
    turned = {key: entries[::-1] for key, entries in backwards(SEED_BUNDLE).items()}
    assert load([write(tmp_path / "turned.json", turned)], database) == (release, False)


def test_the_same_content_in_several_files_makes_no_release(database: Path, tmp_path: Path) -> None:
    release, _ = load([str(SEED)], database)
    files = [
        write(tmp_path / f"{key}-{half}.json", {key: entries[half::2]})
        for key, entries in SEED_BUNDLE.items()
        for half in (0, 1)
    ]
    assert load(files, database) == (release, False)
    assert load([*reversed(files), *files], database) == (release, False)


def test_a_change_makes_the_next_release(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    first, _ = load([write(file, saying("One."))], database)
    second, new = load([write(file, saying("Two."))], database)
    assert (second.number, new) == (2, True)
    # The report names the quotes that it proves.
    assert second.changes == {"added": 0, "changed": 2, "renamed": 0, "withdrawn": 0}
    assert second.digest != first.digest
    assert select(database, "SELECT number, digest FROM release ORDER BY number") == [
        (1, first.digest),
        (2, second.digest),
    ]
    assert select(database, "SELECT title FROM record WHERE type = 'quote'") == [("Two.",)]


def test_what_was_published_before_can_be_published_again(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    first, _ = load([write(file, saying("One."))], database)
    load([write(file, saying("Two."))], database)
    third, new = load([write(file, saying("One."))], database)
    assert (third.number, third.digest) == (3, first.digest)
    assert new


def test_what_is_left_out_is_gone_everywhere(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    load([str(SEED)], database)
    load([write(file, saying("One."))], database, prune="Begin again.")
    counting = {table: sa.select(sa.func.count()).select_from(table) for table in TABLES}
    counts = {table: select(database, str(count))[0][0] for table, count in counting.items()}
    assert {table: count for table, count in counts.items() if count} == {
        RecordRow: 3,
        RecordOrigin: 3,
        RecordDocument: 2,
        ActorRow: 1,
        QuoteRow: 1,
        DocumentRow: 1,
        TombstoneRow: SEED_SIZE - 1,  # Japan stays
    }
    found = "SELECT rowid FROM record_search WHERE record_search MATCH ?"
    assert select(database, found, "taiwan") == []
    assert len(select(database, found, "one")) == 1


@pytest.mark.parametrize("bundle", [{}, {"quotes": [], "$schema": "s.json"}])
def test_a_data_set_without_records_is_refused(
    bundle: Typed, database: Path, tmp_path: Path
) -> None:
    load([str(SEED)], database)
    before = state(database.parent)
    with pytest.raises(NotLoaded, match="the files hold no records, so nothing is published"):
        load([write(tmp_path / "empty.json", bundle)], database)
    assert state(database.parent) == before


def test_the_same_content_in_rows_of_another_program_is_written_anew(database: Path) -> None:
    first, _ = load([str(SEED)], database)
    unseal(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE release SET program = '0.0.1'")
        connection.commit()
    seal(database)
    again, new = load([str(SEED)], database)
    assert not new  # nobody can tell
    assert again == first.model_copy(update={"program": __version__})
    assert published(database) == again
    assert kept_numbers(database) == []


def downgrade(database: Path, revision: str) -> None:
    """Bring a database to the schema of an older program, which sealed nothing."""
    unseal(database)
    engine = sa.create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        command.downgrade(migrations.configuration(connection), revision)
    engine.dispose()


def dump(database: Path) -> dict[str, Any]:
    """Everything that a database holds, by table; of the full-text index what it finds by."""
    queries = {table: f"SELECT * FROM {table}" for table in SQLModel.metadata.tables}  # noqa: S608
    queries["schema"] = "SELECT type, name FROM sqlite_master"
    queries["words"] = "SELECT * FROM record_search_data"
    return {what: sorted(map(repr, select(database, sql))) for what, sql in queries.items()}


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_a_migration_down_and_up_again_loses_nothing(revision: str, database: Path) -> None:
    load([str(SEED)], database)
    before, release = dump(database), published(database)
    assert release
    downgrade(database, revision)
    with pytest.raises(OutdatedRelease, match=f"its schema is revision {revision}"):
        published(database)
    migrate(database)
    after = dump(database)
    # An older program has no place for what a load keeps by: the next one keeps nothing.
    forgotten = {"record_origin", "release"}
    if revision < "0003":  # nor for the history; it begins anew with the next release
        forgotten |= {"change", "change_field", "change_summit"}
        release = release.model_copy(update={"changes": None})
    assert after.keys() == before.keys()
    assert {what: rows for what, rows in after.items() if what not in forgotten} == {
        what: rows for what, rows in before.items() if what not in forgotten
    }
    assert published(database) == release
    assert after["record_origin"] == []
    assert select(database, "SELECT rules FROM release") == [(None,)]
    assert {file.name for file in database.parent.iterdir()} == {"readout.db", "readout.db.lock"}


def test_the_database_of_an_older_version_is_served_after_make_serve(
    database: Path, tmp_path: Path
) -> None:
    load([write(tmp_path / "own.json", saying("One."))], database)
    downgrade(database, "0001")
    with serving(database) as server:
        assert httpx.get(f"{server.url}/health/ready").status_code == 503
    seed = ("--seed", str(SEED))
    with serving(database, *seed, says="readout.db is brought up to date") as server:
        assert httpx.get(f"{server.url}/quotes").json()["items"][0]["text"] == "One."
        assert httpx.get(f"{server.url}/releases").json()["total"] == 1
    with serving(database, *seed) as server:
        assert httpx.get(f"{server.url}/quotes").json()["total"] == 1


def test_one_problem_anywhere_publishes_nothing(database: Path, tmp_path: Path) -> None:
    load([str(SEED)], database)
    before = state(database.parent)
    wrong = write(tmp_path / "wrong.json", {"quotes": [a_quote(speaker="japn", evidence=[])]})
    with pytest.raises(Rejected) as refused:
        load([str(SEED), wrong, str(tmp_path / "missing.json")], database)
    assert [finding.address for finding in refused.value.findings] == [
        "",
        "quotes[0].speaker",
        "quotes[0].evidence",
    ]
    assert state(database.parent) == before


def test_nothing_is_left_of_a_first_load_that_is_refused(database: Path, tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        load([write(tmp_path / "wrong.json", [])], database)
    assert state(database.parent) == {}


@pytest.mark.parametrize("change", ["rewritten", "removed", "appeared"])
def test_a_file_that_changes_meanwhile_is_refused(
    change: str, database: Path, tmp_path: Path
) -> None:
    file, other = tmp_path / "bundle.json", tmp_path / "other.json"
    write(file, saying("One."))
    load([str(file)], database)
    before = state(database.parent)
    if change != "appeared":
        write(other, {"quotes": [a_quote()]})

    def meddle(what: str, done: int, of: int) -> None:
        if (what, done) == ("Reading", of):
            if change == "removed":
                other.unlink()
            else:
                write(other, {"quotes": [a_quote(text="Other words.")]})

    with pytest.raises(NotLoaded, match="changed while it was being loaded; load again"):
        load([str(file), str(other)], database, meddle)
    assert state(database.parent) == before


def test_a_second_load_at_the_same_time_is_refused(database: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "bundle.json", saying("One."))
    refused: list[str] = []

    def meanwhile(*_: object) -> None:
        with pytest.raises(NotLoaded) as error:
            load([file], database)
        refused.append(str(error.value))

    release, new = load([file], database, meanwhile)
    assert (release.number, new) == (1, True)
    assert set(refused) == {f"another load into {database} is running; wait for it"}
    assert load([file], database) == (release, False)


def test_what_a_killed_load_left_is_cleaned_up(database: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "bundle.json", saying("One."))
    database.parent.mkdir()
    (database.parent / "readout.db.draft").write_bytes(b"half a release")
    (database.parent / "readout.db.draft-journal").write_bytes(b"its journal")
    load([file], database)
    assert set(state(database.parent)) == {"readout.db"}


def another_program(file: Path) -> None:
    """Write the database of a program that knows nothing of releases."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
        connection.execute("INSERT INTO recipe VALUES ('soup')")
        connection.commit()


def another_revision(file: Path) -> None:
    """Write the database of a program with migrations of its own."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('f00d')")
        connection.commit()


def half(file: Path) -> None:
    """Write the first half of a release."""
    load([str(SEED)], file)
    os.truncate(file, file.stat().st_size // 2)


def scrambled(file: Path) -> None:
    """Write a release whose pages are damaged, but for the first."""
    load([str(SEED)], file)
    data = bytearray(file.read_bytes())
    data[4096::97] = bytes(byte ^ 0xFF for byte in data[4096::97])
    file.write_bytes(data)


OURS_NOT = "is a database, but none that this program can publish to; move it away"
BROKEN = "it is damaged: its content is not what was published; put a copy in its place, or "
DAMAGED = "if the file is damaged, or another program's, move it away and load again"
FOREIGN: dict[str, tuple[Callable[[Path], object], str]] = {
    "noise": (lambda file: file.write_bytes(bytes(range(256)) * 20), DAMAGED),
    "a text": (lambda file: file.write_text("Dear diary"), DAMAGED),
    "another program's": (another_program, OURS_NOT),
    "another program's with migrations": (another_revision, OURS_NOT),
    "half a release": (half, DAMAGED),
    "a damaged release": (scrambled, BROKEN),
    "a folder": (lambda file: file.mkdir(), "Is a directory"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_file_that_is_no_database_of_releases_is_left_alone(case: str, tmp_path: Path) -> None:
    database, (make, message) = tmp_path / "readout.db", FOREIGN[case]
    make(database)
    before = database.read_bytes() if database.is_file() else None
    with pytest.raises(NotLoaded) as refused:
        load([str(SEED)], database)
    assert message in str(refused.value)
    assert str(database) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert (database.read_bytes() if database.is_file() else None) == before
    assert {file.name for file in tmp_path.iterdir()} == {"readout.db", "readout.db.lock"}


def test_an_empty_file_is_a_place_for_the_first_release(tmp_path: Path) -> None:
    (tmp_path / "readout.db").touch()
    release, new = load([str(SEED)], tmp_path / "readout.db")
    assert (release.number, new) == (1, True)


@contextmanager
def little_space(limit: int) -> Iterator[None]:
    """Let no file grow beyond a number of bytes, as on a disk that is full."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Python ignores the signal, so that a write fails as on a full disk.
    assert signal.getsignal(signal.SIGXFSZ) == signal.SIG_IGN
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.8, 0.99])
def test_a_full_disk_leaves_the_old_release(part: float, database: Path, tmp_path: Path) -> None:
    load([str(SEED)], tmp_path / "measured.db")
    room = int((tmp_path / "measured.db").stat().st_size * part)
    load([write(tmp_path / "bundle.json", saying("One."))], database)
    before = state(database.parent)
    with little_space(room), pytest.raises(NotLoaded) as refused:
        load([str(SEED)], database, prune="Begin again.")
    assert str(database) in str(refused.value)
    assert state(database.parent) == before
    release, _ = load([str(SEED)], database, prune="Begin again.")
    assert release.number == 2


@pytest.mark.parametrize("where", ["file/readout.db", "file/below/readout.db"])
def test_a_place_that_cannot_be_written_is_said_in_a_line(where: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotLoaded, match=f"^can't write beside {tmp_path}/{where}: [A-Z][a-z ]+$"):
        load([str(SEED)], tmp_path / where)


def test_the_command_says_what_it_published(run: Run, database: Path) -> None:
    url = f"sqlite:///{database}"
    first = run("load", SEED, READOUT_DATABASE_URL=url)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == f"release 1 is published: {SEED_SIZE} records, in {database}\n"
    again = run("load", SEED, READOUT_DATABASE_URL=url)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.startswith(f"release 1 has this content already: {SEED_SIZE} records, in ")
    other = write(database.with_name("other.json"), saying("One."))
    changed = run("load", other, "--prune", "Begin again.", READOUT_DATABASE_URL=url)
    # Japan is in both, and says something else.
    size = f"3 records (2 added, 1 changed, {SEED_SIZE - 1} withdrawn)"
    assert changed.stdout == f"release 2 is published: {size}, in {database}\n"


def test_the_command_refuses_as_the_check_does(run: Run, database: Path, tmp_path: Path) -> None:
    wrong = write(tmp_path / "wrong.json", a_bundle(quotes=[a_quote(speaker="japn")]))
    loaded = run("load", wrong, READOUT_DATABASE_URL=f"sqlite:///{database}")
    checked = run("check", wrong)
    assert (loaded.returncode, loaded.stdout, loaded.stderr) == (
        checked.returncode,
        checked.stdout,
        checked.stderr,
    )
    assert loaded.returncode == 1


def test_the_command_says_why_nothing_was_published(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("load", SEED, READOUT_DATABASE_URL=f"sqlite:///{tmp_path}/file/readout.db")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("readout: can't write beside ")
    assert len(done.stderr.splitlines()) == 1


def test_a_terminal_sees_the_load_go_on(database: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [READOUT, "load", SEED],
        env={"PATH": "/usr/bin:/bin", "READOUT_DATABASE_URL": f"sqlite:///{database}"},
        stdout=theirs,
        stderr=theirs,
        check=True,
        timeout=60,
    )
    os.close(theirs)
    seen = os.read(ours, 10_000).decode()
    os.close(ours)
    assert done.returncode == 0
    lines = [line.rpartition("\r")[2].removesuffix("\x1b[K") for line in seen.split("\r\n")]
    assert lines == [
        "Reading: 1 of 1 files",
        "Loading: 1 of 1 files",
        "Checking: 1 of 1 files",
        f"release 1 is published: {SEED_SIZE} records, in {database}",
        "",
    ]
