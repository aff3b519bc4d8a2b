"""The commands about releases, and laws of what a sequence of them leaves."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.paging import page_of, walk_of
from app.queries.changes import CHANGES
from app.queries.querystring import read
from app.store.release import OpenRelease
from app.store.seal import digest_of_sealed
from app.vocabulary import RecordType
from tests.builders import Typed, a_bundle, a_commitment, a_quote, an_agreement, write
from tests.conftest import load, open_release
from tests.curation.conftest import content, select
from tests.test_history import RELEASES, applied

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def folder_of_four(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of four releases, to be copied."""
    folder = tmp_path_factory.mktemp("four")
    for data_set in RELEASES:
        load([write(folder / "bundle.json", data_set)], folder / "readout.db")
    return folder


@pytest.fixture
def four(folder_of_four: Path, tmp_path: Path) -> str:
    """The URL of a database with four releases."""
    shutil.copytree(folder_of_four, tmp_path, symlinks=True, dirs_exist_ok=True)
    return f"sqlite:///{tmp_path}/readout.db"


def digest_of(database: Path, number: int) -> str:
    """The digest of what a release holds."""
    release = open_release(database, number)
    release.retire()
    return release.info.digest


def test_releases_are_listed(run: Run, four: str) -> None:
    lines = run(
        "releases", READOUT_DATABASE_URL=four, READOUT_KEEP_RELEASES="2"
    ).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["4", "3", "2", "1"]
    assert lines[1].endswith("4 records  1 renamed, 1 withdrawn")


def test_two_releases_are_compared(run: Run, four: str) -> None:
    lines = run("diff", "1", "3", READOUT_DATABASE_URL=four).stdout.splitlines()
    assert "~ commitments/sun (was solar)  A sun park" in lines
    assert "    /amount: null → 5" in lines
    assert "- commitments/wind  A pledge" in lines
    same = run("diff", "2", "2", READOUT_DATABASE_URL=four).stdout
    assert same == "release 2 and release 2 have the same records\n"


@pytest.mark.parametrize("number", [1, 3, 4])
def test_a_rollback_publishes_the_content_of_a_release(
    run: Run, four: str, tmp_path: Path, number: int
) -> None:
    done = run("rollback", str(number), READOUT_DATABASE_URL=four)
    assert done.returncode == 0, done.stderr
    new = 4 if number == 4 else 5
    assert done.stdout.startswith(f"release {new} ")
    before, after = (digest_of(tmp_path / "readout.db", release) for release in (number, new))
    assert before == after
    assert f"release {number} and release {new} have the same records" in (
        run("diff", str(number), str(new), READOUT_DATABASE_URL=four).stdout
    )


def test_an_export_of_a_release_that_withdrew_nothing_is_whole(
    run: Run, four: str, tmp_path: Path
) -> None:
    file = tmp_path / "one.json"
    assert run("export", "--release", "1", file, READOUT_DATABASE_URL=four).returncode == 0
    assert json.loads(file.read_bytes())["withdrawn"] == []
    assert run("check", file).returncode == 0


def test_an_export_can_be_loaded_again(run: Run, four: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for words, files in [
        ((tmp_path / "one.json",), [tmp_path / "one.json"]),
        ((tmp_path / "folder",), None),
    ]:
        assert run("export", *words, READOUT_DATABASE_URL=four).returncode == 0
        bundles = files or sorted((tmp_path / "folder").glob("*.json"))
        said = run("load", *bundles, READOUT_DATABASE_URL=four).stdout
        assert said.startswith("release 4 has this content already")
    assert run("export", "--sqlite", "--release", "2", tmp_path / "two.db",
               READOUT_DATABASE_URL=four).returncode == 0  # fmt: skip
    digest_of_sealed(tmp_path / "two.db")
    assert select(tmp_path / "two.db", "SELECT max(number) FROM release") == [(2,)]


@pytest.mark.parametrize(
    "words", [("rollback", "9"), ("diff", "1", "9"), ("export", "--release", "9", "x")]
)
def test_a_release_that_is_not_there_is_said_in_a_line(
    run: Run, four: str, words: tuple[str, ...]
) -> None:
    done = run(*words, READOUT_DATABASE_URL=four)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "readout: there is no release 9 here; there are: 1, 2, 3, 4\n"


def test_without_a_database_it_says_what_to_do(run: Run, tmp_path: Path) -> None:
    done = run("releases", READOUT_DATABASE_URL=f"sqlite:///{tmp_path}/none.db")
    assert "publish one with readout load FILES" in done.stderr


@pytest.mark.parametrize(
    ("option", "text"),
    [("--message", ""), ("--message", "a\x07b"), ("--prune", " "), ("--prune", "x" * 2_001)],
)
def test_what_everybody_will_read_is_a_sentence(
    run: Run, tmp_path: Path, option: str, text: str
) -> None:
    url = f"sqlite:///{tmp_path}/readout.db"
    file = write(tmp_path / "bundle.json", RELEASES[0])
    done = run("load", file, option, text, READOUT_DATABASE_URL=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{option} takes a sentence" in done.stderr


def edited(choices: list[tuple[bool, str, int | None, bool]], quotes: list[str]) -> Typed:
    """A data set: of each pledge whether it is there, its title, its sum, and its agreement."""
    commitments = [
        a_commitment(
            id=f"pledge-{at}",
            title=title,
            **({} if amount is None else {"amount": amount, "currency": "EUR"}),
            **({"agreement": "framework"} if under else {}),
        )
        for at, (there, title, amount, under) in enumerate(choices)
        if there
    ]
    said = [a_quote(id=f"words-{at}", text=text) for at, text in enumerate(quotes)]
    return a_bundle(commitments=commitments, quotes=said, agreements=[an_agreement()])


TITLES = st.sampled_from(["A pledge", "Another", 'Ünïcode ~1 / \\ "quoted"', "Z"])
DATA_SETS = st.builds(
    edited,
    st.lists(
        st.tuples(st.booleans(), TITLES, st.none() | st.integers(0, 9), st.booleans()),
        min_size=3, max_size=3,
    ),
    st.lists(TITLES, max_size=2),
)  # fmt: skip


async def present(release: OpenRelease) -> dict[str, Typed]:
    """Every record of a release."""
    records: dict[str, Typed] = {}
    for kind in RecordType:
        for _, body in await release.bodies_after(kind, "", 500):
            record = json.loads(body)
            records[record["href"]] = record
    return records


async def since(release: OpenRelease, number: int) -> list[Any]:
    """All changes after a release, in the order in which they are to be applied."""
    query = f"since_release={number}&sort=release&limit=200".encode()
    params = read(CHANGES.params, query)
    page = await page_of(await walk_of(CHANGES, params, release), None, release)
    assert page.next is None
    return [json.loads(item) for item in page.items]


@settings(max_examples=12)
@given(data_sets=st.lists(DATA_SETS, min_size=2, max_size=4))
def test_a_copy_of_any_release_with_all_changes_is_the_present_data_set(
    data_sets: list[Typed], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    database = folder / "readout.db"
    last = 0
    for data_set in data_sets:
        release, _ = load([write(folder / "b.json", data_set)], database, prune="Left out.")
        last = release.number
    newest = open_release(database)
    now = asyncio.run(present(newest))
    for number in range(last + 1):
        copy = {}
        if number:
            older = open_release(database, number)
            copy = asyncio.run(present(older))
            older.retire()
        assert applied(copy, asyncio.run(since(newest, number))) == now
    newest.retire()


@settings(max_examples=12)
@given(data_sets=st.lists(DATA_SETS, min_size=2, max_size=4))
def test_any_sequence_of_loads_writes_what_a_first_load_of_the_last_files_writes(
    data_sets: list[Typed], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sequence")
    for data_set in data_sets:
        file = write(folder / "bundle.json", data_set)
        release, _ = load([file], folder / "sequence.db", prune="Left out.")
    first, _ = load([file], folder / "first.db")
    assert (release.digest, release.counts) == (first.digest, first.counts)
    assert content(folder / "sequence.db") == content(folder / "first.db")
