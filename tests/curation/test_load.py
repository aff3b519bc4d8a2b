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

import pytest

from app import __version__
from app.curation import load as loading
from app.curation.load import NotLoaded, Rejected
from app.resources.topics import BASE_TOPICS
from app.store.folder import Folder
from tests.builders import Typed, a_bundle, a_quote, write
from tests.conftest import READOUT, SEED, load, releases_of
from tests.curation.conftest import content, published, saying, select, state

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
    manifest = Folder(database).manifests()[1]
    assert state(database.parent).keys() == {
        "readout.db", "readout.db.releases/1.json", f"readout.db.releases/{manifest.file}"
    }  # fmt: skip
    assert database.readlink() == Path("readout.db.releases") / manifest.file


def test_the_same_content_makes_no_release(database: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "bundle.json", saying("One."))
    release, _ = load([file], database)
    before = (state(database.parent), database.lstat())
    assert load([file], database) == (release, False)
    assert (state(database.parent), database.lstat()) == before


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
    # That the report names the quotes that it proves is no change of a fact.
    assert second.changes == {"added": 0, "changed": 1, "renamed": 0, "withdrawn": 0}
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
    counts = {table: len(rows) for table, rows in content(database).items() if rows}
    del counts["record_search_data"]
    assert counts == {
        "record": 3,
        "record_link": 4,
        "actor": 1,
        "quote": 1,
        "document": 1,
        "topic": len(BASE_TOPICS),
        "name": 9,
        "word": 6,
    }
    assert select(database, "SELECT count(*) FROM tombstone") == [(SEED_SIZE - 1,)]  # Japan stays
    sql = "SELECT rowid FROM record_search WHERE record_search MATCH ?"
    assert select(database, sql, "taiwan") == []
    assert len(select(database, sql, "one")) == 1


@pytest.mark.parametrize("bundle", [{}, {"quotes": [], "$schema": "s.json"}])
def test_a_data_set_without_records_is_refused(
    bundle: Typed, database: Path, tmp_path: Path
) -> None:
    load([str(SEED)], database)
    before = state(database.parent)
    with pytest.raises(NotLoaded, match="the files hold no records, so nothing is published"):
        load([write(tmp_path / "empty.json", bundle)], database)
    assert state(database.parent) == before


def test_the_same_content_of_another_program_is_made_anew_as_the_next_release(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "bundle.json", saying("One."))
    with monkeypatch.context() as context:
        context.setattr(loading, "__version__", "0.0.1")
        first, _ = load([file], database)
    again, new = load([file], database)
    assert (again.number, new) == (2, True)
    assert (again.digest, again.counts) == (first.digest, first.counts)
    assert again.message == (
        f"Made anew by Readout {__version__}; what the sources say is unchanged."
    )
    assert set((again.changes or {}).values()) == {0}
    assert load([file], database) == (again, False)


def test_the_releases_of_a_newer_program_are_left_to_it(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "bundle.json", saying("One."))
    with monkeypatch.context() as context:
        context.setattr(loading, "REVISION", "9999")
        context.setattr(loading, "__version__", "7.0.0")
        load([file], database)
    before = state(database.parent)
    with pytest.raises(NotLoaded) as refused:
        load([file], database, despite_damage=True)
    assert str(refused.value) == (
        "release 1 was published by Readout 7.0.0, which is newer than this one, "
        f"{__version__}; load with that version"
    )
    assert state(database.parent) == before


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
        loading.load([str(file), str(other)], releases_of(database), meddle)
    assert state(database.parent) == before


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


FOREIGN: dict[str, Callable[[Path], object]] = {
    "noise": lambda file: file.write_bytes(bytes(range(256)) * 20),
    "a text": lambda file: file.write_text("Dear diary"),
    "another program's": another_program,
    "another program's with migrations": another_revision,
    "a folder": lambda file: file.mkdir(),
    "a pipe": os.mkfifo,
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_file_that_is_no_database_of_releases_is_left_alone(case: str, tmp_path: Path) -> None:
    database = tmp_path / "readout.db"
    FOREIGN[case](database)
    before = state(tmp_path)
    with pytest.raises(NotLoaded) as refused:
        load([str(SEED)], database)
    assert str(refused.value) == (
        f"{database} is not a database that this program can publish to; move it away, or name "
        "another one in READOUT_DATABASE_URL"
    )
    assert state(tmp_path) == before
    database.rename(tmp_path / "moved")
    release, _ = load([str(SEED)], database)
    assert release.number == 1


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
    assert "\n" not in str(refused.value)
    assert state(database.parent) == before
    release, _ = load([str(SEED)], database, prune="Begin again.")
    assert release.number == 2


@pytest.mark.parametrize("where", ["file/readout.db", "file/below/readout.db"])
def test_a_place_that_cannot_be_written_is_said_in_a_line(where: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotLoaded, match=rf"^can't write {tmp_path}/file[a-z/.]*: [A-Z][a-z ]+$"):
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
    assert done.stderr.startswith("readout: can't write ")
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
        "Publishing: 1 of 1 files",
        f"release 1 is published: {SEED_SIZE} records, in {database}",
        "",
    ]


def test_each_word_of_the_index_is_written_with_the_number_of_its_records(database: Path) -> None:
    load([str(SEED)], database)
    counted = select(database, "SELECT word, records FROM word")
    sql = "SELECT count(*) FROM record_search WHERE record_search MATCH ?"
    assert counted == [(word, select(database, sql, f'"{word}"')[0][0]) for word, _ in counted]
    assert {"japan", "through"} <= dict(counted).keys()
    assert all(word.isalnum() for word, _ in counted)  # no mark of the index
