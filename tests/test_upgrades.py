"""A database of Readout 0.1.0 is taken over: its releases as they are, its past into the next one.

`former/readout-0.1.0.tar.gz` was published by that program, from made-up files. Release 2 has the
sum of `solar` and a quote; release 3 calls it `sun`, and withdraws `wind`.
"""

import shutil
import tarfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx2 as httpx
import pytest

from app import __version__, cli
from app.curation import former
from app.curation import load as loading
from app.curation.load import NotLoaded
from app.records import Release
from app.settings import Settings
from app.store.folder import Folder
from app.store.kept import Kept
from app.store.mirror import Mirror
from app.store.tables import REVISION
from tests.builders import a_bundle, a_commitment, a_quote, an_agreement, write
from tests.conftest import SEED, load, releases_of, server_of
from tests.curation.conftest import names_left, state
from tests.test_history import applied, items, whole

ARCHIVE = Path(__file__).parent / "former" / "readout-0.1.0.tar.gz"
MOMENTS = ["2026-11-28T23:06:48Z", "2026-11-28T23:06:51Z", "2026-11-28T23:06:56Z"]
UNDER = {"agreement": "framework"}
THIRD = a_bundle(
    agreements=[an_agreement()],
    commitments=[a_commitment(id="sun", title="A sun park", amount=5, currency="EUR", **UNDER)],
    quotes=[a_quote(agreements=["framework"])],
)
"""What release 3 holds."""
FOURTH = THIRD | {"commitments": [*THIRD["commitments"], a_commitment(id="tide", **UNDER)]}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database as 0.1.0 left it."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path / "data", filter="data")
    return tmp_path / "data" / "readout.db"


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of 0.1.0 into which this program loaded a fourth release."""
    folder = tmp_path_factory.mktemp("upgraded")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    release, new = load_fourth(folder / "readout.db")
    assert (release.number, new) == (4, True)
    return folder / "readout.db"


@pytest.fixture(scope="module")
def client(upgraded: Path) -> Iterator[httpx.Client]:
    """A client of a server on it."""
    with server_of(upgraded) as server, httpx.Client(base_url=server.url) as client:
        yield client


def load_fourth(database: Path, **wish: Any) -> tuple[Release, bool]:
    """Load another release, however long ago the third was published."""
    file = write(database.with_name("fourth.json"), FOURTH)
    return load([file], database, trust_clock=True, **wish)


def test_the_releases_are_listed_with_what_each_changed(client: httpx.Client) -> None:
    releases = items(client, "/releases")
    assert [release["number"] for release in releases] == [4, 3, 2, 1]
    assert [release["published_at"] for release in releases[:0:-1]] == MOMENTS
    assert [release["message"] for release in releases] == [None, None, "The sum was stated.", None]
    counts = [[count for count in release["changes"].values() if count] for release in releases]
    assert counts == [[1], [1, 1], [1, 1], [5]]  # 0.1.0 counted what is derived, too


def test_the_history_says_what_is_derived(client: httpx.Client) -> None:
    changes = items(client, "/changes?sort=release&derived=1&limit=5")
    # In the fourth, each of the five records has its new form, which is no fact, and one is new.
    assert [change["number"] for change in changes] == [*range(1, 20)]
    assert {change["release"]: change["published_at"] for change in changes[:13]} == dict(
        enumerate(MOMENTS, start=1)
    )
    keys = {
        (change["release"], change["record"]["id"], field["derived"]): field["pointer"]
        for change in changes[5:13]
        for field in change["fields"]
        if field["pointer"]
    }
    assert keys == {
        (2, "framework", True): "/quotes",
        (2, "solar", False): "/evidence/0/fields",
        (2, "report", True): "/cited_in",
        (3, "sun", False): "/title",
        (3, "sun", True): "/href",
        (3, "framework", True): "/commitments",
        (3, "report", True): "/cited_in",
    }
    facts = items(client, "/changes?sort=release")
    numbers = [change["number"] for change in facts]
    assert numbers[:-1] == [number for number in range(1, 14) if number not in {6, 8, 11, 13}]
    assert (facts[-1]["action"], facts[-1]["record"]["id"]) == ("added", "tide")


def test_a_copy_is_brought_up_to_date_by_the_changes(client: httpx.Client) -> None:
    changes = items(client, "/changes?sort=release&since_release=0")
    assert applied({}, changes) == whole(client, 4)


def test_what_was_withdrawn_or_renamed_is_known(client: httpx.Client) -> None:
    withdrawn = client.get("/commitments/wind")
    assert withdrawn.status_code == 410
    assert withdrawn.json()["tombstone"] == {
        "type": "commitment",
        "id": "wind",
        "title": "A wind park",
        "reason": "The source took it back.",
        "withdrawn_at": MOMENTS[2],
        "replaced_by": "/commitments/sun",
        "history": "/commitments/wind/history",
    }
    assert client.get("/commitments/solar").headers["location"].endswith("/commitments/sun")
    assert [change["action"] for change in items(client, "/commitments/sun/history")] == [
        "renamed", "changed", "added"
    ]  # fmt: skip


@pytest.mark.parametrize("moment", ["2", MOMENTS[1]])
def test_a_release_of_0_1_0_can_be_had_as_a_whole(
    moment: str, client: httpx.Client, database: Path, tmp_path: Path
) -> None:
    gone = client.get("/agreements", params={"as_of": moment})
    assert gone.status_code == 410
    [bundle] = gone.json()["nearest"]
    assert bundle == "/releases/2/bundle.json"
    assert bundle in gone.json()["detail"]
    whole_bundle = client.get(bundle)
    assert whole_bundle.status_code == 200
    (tmp_path / "second.json").write_bytes(whole_bundle.content)
    again, _ = load([str(tmp_path / "second.json")], tmp_path / "second.db")
    assert again.counts == client.get("/releases/2").json()["counts"]
    file = client.get("/releases/2/readout.db")
    assert file.status_code == 200
    assert file.content == (database.parent / "readout.db.releases" / "2.db").read_bytes()


def test_plain_serve_leaves_it_alone_and_says_what_to_type(database: Path) -> None:
    before = state(database.parent)
    with server_of(database) as server:
        answer = httpx.get(f"{server.url}/health/ready")
        assert answer.status_code == 503
        assert answer.json()["detail"] == (
            "there is no release yet; publish the content of readout.db anew with: "
            "readout serve --seed FILE"
        )
    assert state(database.parent) == before


def test_serve_with_a_seed_publishes_the_content_anew(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # However long ago the third release was published.
    monkeypatch.setattr(loading, "_LONGEST_PAUSE", loading._LONGEST_PAUSE * 100)
    settings = Settings(database_url=f"sqlite:///{database}")
    for _ in range(2):  # the second time there is nothing to do
        cli._seed(settings, str(SEED))
    assert capsys.readouterr().out == (
        f"release 4 is published: 5 records (no record changed), in {database}\n"
    )
    with server_of(database) as server, httpx.Client(base_url=server.url) as client:
        fourth, third, *_ = items(client, "/releases")
        assert fourth["counts"] == third["counts"]
        assert fourth["message"] == (
            f"Made anew by Readout {__version__}; what the sources say is unchanged."
        )
        assert set(fourth["changes"].values()) == {0}
        assert items(client, "/commitments")[0]["id"] == "sun"


def test_serve_with_a_seed_says_why_the_content_is_not_published_anew(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(loading, "_LONGEST_PAUSE", timedelta(0))
    cli._seed(Settings(database_url=f"sqlite:///{database}"), str(SEED))
    assert f"and release 3 was published at {MOMENTS[2]}; set the clock right" in (
        capsys.readouterr().err
    )


class Died(BaseException):
    """The program is killed."""


STEPS = [("publish", 1), ("publish", 2), ("publish", 3), ("point_to_newest", 1), ("unlink", 1)]


@pytest.mark.parametrize(("step", "time"), STEPS)
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_taking_over_goes_on_where_it_was_killed(
    step: str, time: int, before: bool, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = Path if step == "unlink" else Folder
    real: Callable[..., Any] = getattr(kind, step)
    left = [time]

    def dying(*given: Any, **options: Any) -> Any:
        left[0] -= 1
        if before and not left[0]:
            raise Died
        real(*given, **options)
        if not left[0]:
            raise Died

    with monkeypatch.context() as context:
        context.setattr(kind, step, dying)
        with pytest.raises(Died):
            former.take_over(releases_of(database))
    release, _ = load_fourth(database)
    assert release.number == 4
    manifests = Folder(database).manifests()
    assert sorted(manifests) == [1, 2, 3, 4]
    assert [manifests[number].published_at for number in (1, 2, 3)] == MOMENTS
    for manifest in manifests.values():
        assert Folder(database).has_file(manifest)
    assert database.readlink() == Path("readout.db.releases") / manifests[4].file
    assert names_left(database) == set()


def test_programs_that_take_it_over_at_once_lose_nothing(database: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        deque(threads.map(former.take_over, [releases_of(database) for _ in range(4)]), maxlen=0)
    manifests = Folder(database).manifests()
    assert [manifests[number].published_at for number in (1, 2, 3)] == MOMENTS
    assert names_left(database) == set()
    assert load_fourth(database)[0].number == 4


def test_a_refused_load_takes_nothing_from_it(database: Path, tmp_path: Path) -> None:
    before = database.read_bytes()
    with pytest.raises(loading.Rejected):
        load([write(tmp_path / "wrong.json", {"actors": [{}]})], database)
    assert database.read_bytes() == before
    assert sorted(Folder(database).manifests()) == [1, 2, 3]


@pytest.mark.parametrize("name", ["readout.db", "readout.db.releases/1.db"])
def test_a_damaged_release_of_it_is_not_taken_over(
    name: str, database: Path, tmp_path: Path
) -> None:
    file = database.parent / name
    damaged = bytearray(file.read_bytes())
    damaged[-5_000] ^= 1
    file.write_bytes(damaged)
    with pytest.raises(NotLoaded) as refused:
        load_fourth(database)
    assert str(refused.value) == (
        f"nothing is published: {file} can't be taken over: it is damaged: its content is not what "
        "was published; put a whole copy of it in its place, or move it away"
    )
    file.rename(tmp_path / "moved.db")
    release, _ = load_fourth(database, prune="What it had is not in the files.")
    # Of three releases the last one is lost, or the first.
    assert release.number == (3 if file == database else 4)
    assert len(Folder(database).manifests()) == 3


def test_another_release_of_that_number_is_not_written_over(database: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "readout.db"
    load([write(tmp_path / "other.json", a_bundle())], other)
    for file in Folder(other).path.iterdir():
        shutil.copy(file, Folder(database).path)
    before = state(database.parent)
    with pytest.raises(NotLoaded, match=r"has another release 1 than .*1.db; move that file away"):
        load_fourth(database)
    after = state(database.parent)
    assert {name: after[name] for name in before} == before


def test_it_is_taken_over_into_a_bucket(database: Path, tmp_path: Path) -> None:
    bucket = Kept.at(f"file://{tmp_path}/bucket")
    former.take_over(Mirror(Folder(database), bucket))
    elsewhere = Mirror(Folder(tmp_path / "elsewhere" / "readout.db"), bucket)
    elsewhere.folder.make()
    newest = elsewhere.refresh().newest
    assert newest is not None
    assert (newest.number, newest.revision < REVISION) == (3, True)
    assert sorted(elsewhere.folder.manifests()) == [1, 2, 3]


def test_the_command_takes_it_over(
    run: Callable[..., CompletedProcess[str]], database: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{database}"
    file = write(tmp_path / "fourth.json", FOURTH)
    done = run("load", "--trust-clock", file, READOUT_DATABASE_URL=url)
    assert done.stdout == (f"release 4 is published: 6 records (1 added), in {database}\n"), (
        done.stderr
    )
    lines = run("releases", READOUT_DATABASE_URL=url).stdout.splitlines()
    assert [line.split()[0] for line in lines if line[3:4].isdigit()] == ["4", "3", "2", "1"]
    lines = run("diff", "2", "4", READOUT_DATABASE_URL=url).stdout.splitlines()
    assert "~ commitments/sun (was solar)  A sun park" in lines
