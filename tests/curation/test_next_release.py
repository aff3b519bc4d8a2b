"""How a load goes on from what is there: from other loads, dead ones, wrong clocks and damage."""

import fcntl
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from typing import Any

import httpx2 as httpx
import pytest

from app.curation import load as loading
from app.curation.load import NotLoaded, Wish
from app.dates import written
from app.store.folder import Folder
from app.store.kept import Kept, StorageError
from app.store.mirror import Mirror
from tests.builders import write
from tests.conftest import file_of, load, pass_time, releases_of, server_of
from tests.curation.conftest import names_left, published, saying, select, state
from tests.forks import FORKS

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with one release."""
    database = tmp_path / "data" / "readout.db"
    load([write(tmp_path / "first.json", saying("One."))], database)
    return database


def load_words(database: Path, *words: str, **wish: Any) -> int:
    """Load a data set in which these words are said; gives the number of the release."""
    # In a folder of its own: some tests look at all that is beside the database.
    with TemporaryDirectory() as folder:
        file = write(Path(folder) / "words.json", saying(*words))
        release, new = load([file], database, **wish)
    assert new
    return release.number


# Two loads at once


both_are_checked: Barrier


def wait_for_each_other(barrier: Barrier) -> None:
    """Have this process wait for the other one, once its files are checked."""
    global both_are_checked  # noqa: PLW0603 - a process has nothing else to keep it in
    both_are_checked = barrier


def load_beside(file: str, database: Path, message: str | None) -> str:
    """Load a file while another process loads another; gives why it was not loaded."""

    def progress(what: str, done: int, of: int) -> None:
        if (what, done) == ("Checking", of):
            both_are_checked.wait(60)

    try:
        loading.load([file], releases_of(database), progress, Wish(message))
    except NotLoaded as error:
        return str(error)
    return ""


@pytest.mark.parametrize("message", [None, "It was first."])
def test_of_two_loads_at_once_one_publishes_and_the_other_says_which_came_between(
    message: str | None, database: Path, tmp_path: Path, run: Run
) -> None:
    files = {word: write(tmp_path / f"{word}.json", saying(word)) for word in ("Two.", "Three.")}
    with ProcessPoolExecutor(2, FORKS, wait_for_each_other, (FORKS.Barrier(2),)) as two:
        loads = {word: two.submit(load_beside, files[word], database, message) for word in files}
    reasons = {word: load.result() for word, load in loads.items()}
    [winner] = [word for word, text in reasons.items() if not text]
    [loser] = [word for word, text in reasons.items() if text]
    second = published(database)
    assert (second.number, second.message) == (2, message)
    assert select(database, "SELECT title FROM record WHERE type = 'quote'") == [(winner,)]
    why = f" ({message})" if message else ""
    assert reasons[loser] == (
        f"another load published release 2 meanwhile, at {second.published_at}{why}; see what it "
        "holds (readout diff 1 2), then load again, so that yours builds on it"
    )
    assert names_left(database) == set()
    difference = run("diff", "1", "2", READOUT_DATABASE_URL=f"sqlite:///{database}")
    assert f'/text: "One." → "{winner}"' in difference.stdout
    release, new = load([files[loser]], database)
    assert (release.number, new) == (3, True)
    assert names_left(database) == set()


def test_of_two_first_loads_the_other_says_to_load_again(tmp_path: Path) -> None:
    database = tmp_path / "data" / "readout.db"
    file = write(tmp_path / "bundle.json", saying("One."))

    def meanwhile(what: str, done: int, _of: int) -> None:
        if (what, done) == ("Publishing", 0):
            load([write(tmp_path / "other.json", saying("Two."))], database)

    with pytest.raises(NotLoaded, match=r"^another load .* 1 .*Z; see what it holds, then load"):
        loading.load([file], releases_of(database), meanwhile)
    assert names_left(database) == set()
    release, new = load([file], database)
    assert (release.number, new) == (2, True)


# What was left


DIGESTS = [f"{digit * 64}.db" for digit in "abc"]


def test_what_dead_loads_left_is_cleared_and_nothing_else(database: Path) -> None:
    folder = Folder(database).path
    names = ["dead.draft", "live.draft", *DIGESTS[:2], "probe-old", "probe-new", "own.db", "a.txt"]
    for name in names:
        (folder / name).write_bytes(b"half a release")
    two_days_ago = datetime.now(UTC).timestamp() - 2 * 86_400
    os.utime(folder / "probe-old", (two_days_ago, two_days_ago))
    with ExitStack() as stack:
        for name in ("live.draft", DIGESTS[1]):
            live = stack.enter_context((folder / name).open("rb"))
            fcntl.flock(live, fcntl.LOCK_EX)
        load_words(database, "Two.")
    assert names_left(database) == {"live.draft", DIGESTS[1], "probe-new", "own.db", "a.txt"}
    load_words(database, "Three.")
    assert names_left(database) == {"probe-new", "own.db", "a.txt"}


def test_a_file_that_an_unreadable_manifest_may_name_is_not_cleared(database: Path) -> None:
    folder = Folder(database).path
    load_words(database, "Two.")
    second = file_of(database, 1)
    (folder / "1.json").write_bytes(b"{")
    load_words(database, "Three.")
    assert second.exists()


# The clock


@pytest.mark.parametrize(
    ("passed", "trust", "expected"),
    [
        (timedelta(minutes=1), False, timedelta(minutes=1)),
        (timedelta(days=700), False, timedelta(days=700)),
        (timedelta(hours=-2), False, timedelta(0)),
        (timedelta(days=-2), False, None),
        (timedelta(days=4 * 365), False, None),
        (timedelta(days=-2), True, timedelta(0)),
        (timedelta(days=4 * 365), True, timedelta(days=4 * 365)),
    ],
)
def test_a_clock_that_is_wrong_by_years_or_goes_back_a_day_is_not_believed(
    passed: timedelta, trust: bool, expected: timedelta | None, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    database, first = tmp_path / "data" / "readout.db", datetime(2025, 2, 7, 12, tzinfo=UTC)

    def load_at(moment: datetime, word: str) -> None:
        clock = type("Clock", (datetime,), {"now": lambda *_: moment})
        monkeypatch.setattr(loading, "datetime", clock)
        file = write(tmp_path / "words.json", saying(word))
        loading.load([file], releases_of(database), wish=Wish(trust_clock=trust))

    load_at(first, "One.")
    before = state(database.parent)
    if expected is not None:
        load_at(first + passed, "Two.")
        assert published(database).published_at == written(first + expected)
        return
    with pytest.raises(NotLoaded) as refused:
        load_at(first + passed, "Two.")
    assert str(refused.value) == (
        f"the clock says {written(first + passed)}, and release 1 was published at "
        "2025-02-07T12:00:00Z; set the clock right, or if it is: readout load --trust-clock FILES"
    )
    assert state(database.parent) == before


# Damage


def flip(file: Path) -> None:
    """Change one bit of a file."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "changed": (flip, "it is damaged: its content is not what was published"),
    "cut": (lambda file: os.truncate(file, 5_000), "its file is not there, or not whole"),
    "gone": (lambda file: file.unlink(), "its file is not there, or not whole"),
}


@pytest.fixture
def damaged(request: pytest.FixtureRequest, database: Path) -> tuple[Path, bytes, str]:
    """What of the second release is damaged, what it held, and what a load says of that."""
    assert load_words(database, "Two.") == 2
    if request.param in DAMAGE:
        file = file_of(database, 2)
        damage, fault = DAMAGE[request.param]
        says = (
            f"release 2 can't be read: {fault.format(file=file)}; put a whole copy of its file at "
            f"{file} (from a backup, or /releases/2/readout.db of another server)"
        )
    else:
        file = Folder(database).path / "2.json"
        text, fault = MANIFESTS[request.param]
        damage = lambda file: file.write_text(text)  # noqa: E731 - as above
        says = f"{file.parent}: 2.json {fault}; put it back as it was"
    content = file.read_bytes()
    damage(file)
    return file, content, says


MANIFESTS = {
    "nothing": ("", "is too small or too large for a manifest"),
    "half a manifest": ('{"number": 2, "dig', "is no manifest that can be read"),
}


@pytest.mark.parametrize("damaged", [*DAMAGE, *MANIFESTS], indirect=True)
def test_a_load_does_not_go_on_from_a_damaged_release(
    damaged: tuple[Path, bytes, str], database: Path
) -> None:
    file, content, says = damaged
    before = state(database.parent)
    with pytest.raises(NotLoaded) as refused:
        load_words(database, "Three.")
    assert str(refused.value) == (
        f"{says}, or go on from release 1, the newest that is whole: "
        "readout load --despite-damage FILES"
    )
    assert state(database.parent) == before
    file.write_bytes(content)  # as it says
    assert load_words(database, "Three.") == 3
    assert select(database, "SELECT number FROM release ORDER BY number") == [(1,), (2,), (3,)]


@pytest.mark.usefixtures("damaged")
@pytest.mark.parametrize("damaged", [*DAMAGE, *MANIFESTS], indirect=True)
def test_a_load_despite_damage_goes_on_from_the_newest_whole_release(
    database: Path, tmp_path: Path, run: Run
) -> None:
    file = write(tmp_path / "third.json", saying("Three."))
    url = f"sqlite:///{database}"
    done = run("load", "--despite-damage", file, READOUT_DATABASE_URL=url)
    assert done.stdout == (f"release 3 is published: 3 records (1 changed), in {database}\n"), (
        done.stderr
    )
    assert select(database, "SELECT number FROM release ORDER BY number") == [(1,), (3,)]
    fields = select(database, "SELECT fields FROM change WHERE release = 3 AND type = 'quote'")
    assert '"before":"One.","after":"Three."' in fields[0][0]
    assert load_words(database, "Four.") == 4  # and all is well again
    lines = run("releases", READOUT_DATABASE_URL=url).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["4", "3", "1"]


def test_a_time_at_which_a_damaged_release_was_current_is_not_that_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "data" / "readout.db"
    for month, word in enumerate(("One.", "Two.", "Three."), start=1):
        moment = datetime(2025, month, 7, 12, tzinfo=UTC)
        clock = type("Clock", (datetime,), {"now": lambda *_, moment=moment: moment})
        monkeypatch.setattr(loading, "datetime", clock)
        load_words(database, word, despite_damage=True)
        if month == 2:
            second, content = file_of(database, 2), file_of(database, 2).read_bytes()
            flip(second)

    def release_at(moment: str) -> int:
        answer = httpx.get(f"{server.url}/quotes", params={"as_of": moment})
        return answer.json()["release"] if answer.status_code == 200 else answer.status_code

    with server_of(database) as server:
        assert [release_at(moment) for moment in ("2025-01", "2025-02", "2", "2025-03")] == [
            1, 410, 410, 3
        ]  # fmt: skip
        second.write_bytes(content)
        assert (release_at("2025-02"), release_at("2")) == (2, 2)


@pytest.mark.parametrize("command", [("releases",), ("export", "copy.json"), ("rollback", "1")])
def test_a_command_says_which_release_it_can_not_read_and_what_to_do(
    command: tuple[str, ...], database: Path, run: Run
) -> None:
    assert load_words(database, "Two.") == 2
    file = file_of(database, 2)
    file.rename(file.with_suffix(".away"))
    done = run(*command, READOUT_DATABASE_URL=f"sqlite:///{database}")
    assert done.stderr == (
        "readout: release 2 can't be read: its file is not there, or not whole; put a whole copy "
        f"of its file at {file}, or go on without it: readout load --despite-damage FILES\n"
    )


@pytest.mark.parametrize("despite_damage", [False, True])
def test_where_no_release_is_whole_a_load_starts_no_history_anew(
    despite_damage: bool, database: Path
) -> None:
    file = file_of(database, 1)
    content = file.read_bytes()
    flip(file)
    with pytest.raises(NotLoaded, match=r"^release 1 can't be read: .*; no other release is whole"):
        load_words(database, "Two.", despite_damage=despite_damage)
    file.write_bytes(content)
    assert load_words(database, "Two.") == 2


@pytest.mark.parametrize("name", ["1.json", "file"])
def test_damage_of_an_older_release_stops_no_load(name: str, database: Path) -> None:
    assert load_words(database, "Two.") == 2
    flip(file_of(database, 1)) if name == "file" else (Folder(database).path / name).write_text("")
    assert load_words(database, "Three.") == 3


def test_a_release_under_the_name_of_another_is_not_gone_on_from(database: Path) -> None:
    assert load_words(database, "Two.") == 2
    file_of(database, 2).write_bytes(file_of(database, 1).read_bytes())
    with pytest.raises(NotLoaded, match=r"^release 2 can't be read: its file"):
        load_words(database, "Three.")


# Where releases are kept in a bucket


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """A bucket with two releases."""
    for word in ("One.", "Two."):
        load_into(tmp_path / "bucket", tmp_path / "first" / "readout.db", word)
    return tmp_path / "bucket"


def load_into(bucket: Path, database: Path, word: str, **wish: Any) -> int:
    """Load a data set into a bucket, from a machine with a folder of its own."""
    file = write(bucket.with_name("words.json"), saying(word))
    mirror = Mirror(Folder(database), Kept.at(f"file://{bucket}"))
    return loading.load([file], mirror, wish=Wish(**wish))[0].number


def test_a_load_does_not_go_on_from_an_older_release_than_the_bucket_has(
    bucket: Path, tmp_path: Path
) -> None:
    second = bucket / file_of(tmp_path / "first" / "readout.db", 2).name
    content = second.read_bytes()
    flip(second)
    database = tmp_path / "second" / "readout.db"
    with pytest.raises(NotLoaded) as refused:
        load_into(bucket, database, "Three.")
    assert str(refused.value) == (
        f"file://{bucket}: release 2: what came from file://{bucket}: it is damaged: its content "
        "is not what was published; put it back as it was, or go on from release 1, the newest "
        "that is whole: readout load --despite-damage FILES"
    )
    assert load_into(bucket, database, "Three.", despite_damage=True) == 3
    second.write_bytes(content)
    assert load_into(bucket, database, "Four.") == 4


def test_a_load_does_not_publish_into_a_bucket_that_went_back(bucket: Path, tmp_path: Path) -> None:
    (bucket / "2.json").unlink()
    database = tmp_path / "first" / "readout.db"
    with pytest.raises(NotLoaded, match=r"went back: its last release is 1, and release 2 was th"):
        load_into(bucket, database, "Three.")
    assert sorted(file.name for file in bucket.glob("*.json")) == ["1.json"]
    shutil.rmtree(Folder(database).path)  # as it says
    assert load_into(bucket, database, "Three.") == 2


def test_a_load_that_names_no_bucket_does_not_publish_into_a_copy_of_one(
    bucket: Path, tmp_path: Path
) -> None:
    database = tmp_path / "first" / "readout.db"
    with pytest.raises(NotLoaded, match="is a copy of releases that are kept elsewhere"):
        load_words(database, "Three.")
    assert load_into(bucket, database, "Three.") == 3  # as it says
    (Folder(database).path / "bucket.txt").unlink()
    assert load_words(database, "Four.") == 4


def test_releases_of_a_folder_are_not_given_up_for_an_empty_bucket(tmp_path: Path) -> None:
    database, bucket = tmp_path / "readout.db", tmp_path / "bucket"
    assert load_words(database, "One.") == 1
    bucket.mkdir()
    with pytest.raises(NotLoaded, match="so that nothing is lost"):
        load_into(bucket, database, "Two.")
    assert load_words(database, "Alone.") == 2  # which is no copy of it
    for name in ("*.db", "[0-9]*.json"):  # as it says
        for file in Folder(database).path.glob(name):
            shutil.copy(file, bucket)
    assert load_into(bucket, database, "Two.") == 3


def test_a_release_is_published_even_if_nothing_can_be_tidied_up_then(
    bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise StorageError("the connection is lost")

    database = tmp_path / "first" / "readout.db"
    with monkeypatch.context() as context:
        context.setattr(Kept, "remove", lost)
        assert load_into(bucket, database, "Three.", keep=2) == 3
    assert sorted(file.name for file in bucket.glob("*.json")) == ["1.json", "2.json", "3.json"]
    pass_time(bucket)
    assert load_into(bucket, database, "Four.", keep=2) == 4
    assert sorted(file.name for file in bucket.glob("*.json")) == ["3.json", "4.json"]


# How many are kept


@pytest.mark.parametrize(("keep", "kept"), [(1, [4, 5]), (2, [4, 5]), (4, [2, 3, 4, 5])])
def test_the_newest_releases_are_kept_and_one_before_the_current_at_least(
    keep: int, kept: list[int], database: Path, tmp_path: Path, run: Run
) -> None:
    for word in ("Two.", "Three.", "Four."):
        load_words(database, word)
    made = file_of(database, 1).with_suffix(".bundle.json")
    made.write_text("{}")
    file = write(tmp_path / "fifth.json", saying("Five."))
    pass_time(Folder(database).path)
    done = run(
        "load", file, READOUT_DATABASE_URL=f"sqlite:///{database}", READOUT_KEEP_RELEASES=str(keep)
    )
    assert done.returncode == 0, done.stderr
    assert sorted(Folder(database).manifests()) == kept
    assert names_left(database) == set()
    # What they were is known all the same.
    assert select(database, "SELECT count(*) FROM release") == [(5,)]


def test_a_release_stays_for_an_hour_after_the_next_one_whatever_is_set(database: Path) -> None:
    kept = []
    for word, minutes in (("Two.", 20), ("Three.", 39), ("Four.", 2), ("Five.", 19), ("Six.", 0)):
        load_words(database, word, keep=1)
        kept.append(sorted(Folder(database).manifests()))
        pass_time(Folder(database).path, minutes)
    # Release 2 came 59 minutes before release 4, and 61 before release 5; release 3 came an hour
    # before release 6.
    assert kept == [[1, 2], [1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [3, 4, 5, 6]]


def test_clocks_of_machines_do_not_say_how_long_a_release_stays(
    database: Path, tmp_path: Path
) -> None:
    for day, word in enumerate(("Two.", "Three.", "Four."), start=1):
        file = write(tmp_path / "words.json", saying(word))
        load([file], database, at=f"2027-01-0{day}T12:00:00Z", keep=1)
    pass_time(Folder(database).path, 61)
    load([write(tmp_path / "words.json", saying("Five."))], database, keep=1, trust_clock=True)
    assert sorted(Folder(database).manifests()) == [4, 5]


def test_equal_content_forgets_nothing(database: Path, tmp_path: Path) -> None:
    for word in ("Two.", "Three."):
        load_words(database, word)
    release, new = load([write(tmp_path / "same.json", saying("Three."))], database, keep=1)
    assert (release.number, new) == (3, False)
    assert sorted(Folder(database).manifests()) == [1, 2, 3]
