"""Releases in a bucket, or in a folder that several machines share."""

import base64
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import obstore
import pytest
from obstore.store import ObjectStore, from_url

from app.curation.load import NotLoaded, Wish
from app.curation.load import load as load_files
from app.records import Release
from app.settings import Settings
from app.store.kept import StorageError
from app.store.mirror import Mirror
from app.store.release import OpenRelease
from app.store.serving import Store
from tests.builders import a_bundle, an_agreement, write
from tests.conftest import READOUT, SEED, Program, Server, pass_time, serving, wait_until
from tests.storage import SECRET, Address, Line, Place, Storage, azurite, is_data, moto, reached

NOWHERE = Address("127.0.0.1", 9)
WORDS = {1: "oak", 2: "elm", 3: "ash", 4: "yew", 5: "fir", 6: "bay", 7: "box", 8: "fig"}
"""What the one agreement of each release is called."""


@pytest.fixture(scope="session")
def s3() -> Iterator[Storage]:
    """A server that speaks S3."""
    with moto() as storage:
        yield storage


@pytest.fixture(scope="session")
def azure() -> Iterator[Storage]:
    """A server that speaks Azure."""
    with azurite() as storage:
        yield storage


@pytest.fixture
def bucket(s3: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A bucket that nothing is in, by a line that can be broken."""
    with reached(s3, tmp_path.name, monkeypatch) as place:
        yield place


@pytest.fixture(params=["s3", pytest.param("az", marks=pytest.mark.faults), "file"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    """A place for releases of each kind; nothing is in it."""
    if request.param == "file":
        line = Line(NOWHERE)
        yield Place(tmp_path.as_uri(), {}, line).at("shared")
        return
    storage = request.getfixturevalue({"s3": "s3", "az": "azure"}[request.param])
    with reached(storage, tmp_path.name, monkeypatch) as place:
        yield place


def machine(place: Place | None, folder: Path, keep: int | None = None) -> Mirror:
    """A machine with a disk of its own."""
    return Mirror.of(
        Settings(
            database_url=f"sqlite:///{folder / 'readout.db'}",
            releases_url=place and place.url,
            keep_releases=keep,
        )
    )


def bundle(folder: Path, number: int) -> str:
    """A file with the content of a release."""
    entry = an_agreement(title=f"The {WORDS[number]} pact")
    return write(folder / f"{WORDS[number]}.json", a_bundle(agreements=[entry]))


def publish(mirror: Mirror, number: int, **wish: Any) -> Release:
    """Publish a release of this number, from a machine."""
    folder = mirror.folder.path.parent
    folder.mkdir(parents=True, exist_ok=True)
    release, new = load_files([bundle(folder, number)], mirror, wish=Wish(**wish))
    assert (release.number, new) == (number, True)
    return release


def objects(place: Place) -> ObjectStore:
    """What is in a place, as anybody can change it."""
    if place.url.startswith("file://"):
        return from_url(place.url)
    return from_url(place.url, client_options={"allow_http": True})


def names(place: Place) -> set[str]:
    """The names of everything in a place."""
    return {str(entry["path"]) for entry in obstore.list(objects(place)).collect()}


def files(mirror: Mirror) -> set[int]:
    """The releases whose files are on the disk of a machine."""
    manifests = mirror.folder.manifests()
    return {n for n, manifest in manifests.items() if mirror.folder.file(manifest).exists()}


def titles(mirror: Mirror, number: int) -> set[str]:
    """What the agreements of a release are called, as a machine has it."""
    manifest = mirror.folder.manifests()[number]
    release = OpenRelease(mirror.folder.file(manifest), manifest)
    sql = "SELECT title FROM record WHERE type = 'agreement'"
    titles = {title for (title,) in release._connection.execute(sql)}
    release.retire()
    return titles


def fault(mirror: Mirror) -> str:
    """What a look at the bucket says is wrong."""
    try:
        return "; ".join(mirror.refresh().faults.values())
    except StorageError as error:
        return str(error)


class TestPublishing:
    """What a load does."""

    @pytest.mark.parametrize("place", ["s3", "az", "file"], indirect=True)
    def test_a_release_comes_whole_to_another_machine(self, place: Place, tmp_path: Path) -> None:
        one, other = machine(place, tmp_path / "one"), machine(place, tmp_path / "other")
        for number in (1, 2):
            publish(one, number, message=f"Number {number}.")
            there = other.refresh()
            assert there.faults == {}
            assert there.newest == other.folder.manifests().newest == one.folder.manifests()[number]
            assert titles(other, number) == {f"The {WORDS[number]} pact"}
            assert other.folder.database.resolve() == other.folder.file(there[number])
        assert names(place) == {"1.json", "2.json"} | {m.file for m in there.values()}
        assert publish(other, 3).number == 3
        assert other.look().fault is None

    @pytest.mark.parametrize("somewhere", ["folder", "bucket"])
    def test_of_two_loads_at_once_one_publishes(
        self, somewhere: str, request: pytest.FixtureRequest, tmp_path: Path
    ) -> None:
        place = request.getfixturevalue("bucket") if somewhere == "bucket" else None
        one = machine(place, tmp_path / "one")
        other = machine(place, tmp_path / "other") if place else machine(None, tmp_path / "one")
        publish(one, 1)

        def meanwhile(what: str, done: int, _of: int) -> None:
            if (what, done) == ("Publishing", 0):
                publish(other, 2, message="The faster one.")

        with pytest.raises(NotLoaded) as overtaken:
            load_files([bundle(tmp_path, 3)], one, meanwhile)
        said = str(overtaken.value)
        assert "another load published release 2 meanwhile, at 20" in said
        assert "(The faster one.)" in said
        assert "readout diff 1 2" in said
        # Nothing is left of the slower one.
        named = {manifest.file for manifest in one.refresh().values()}
        left = {file.name for file in one.folder.path.glob("*.d*")}
        assert left == named
        assert place is None or names(place) == named | {"1.json", "2.json"}
        assert publish(one, 3).number == 3

    def test_storage_that_overwrites_is_refused(self, bucket: Place, tmp_path: Path) -> None:
        bucket.line.trouble = lambda method, _: "unconditional" if method == "PUT" else ""
        with pytest.raises(NotLoaded, match=r"takes? the place of the first.*If-None-Match"):
            publish(machine(bucket, tmp_path / "one"), 1)
        assert names(bucket) == set()

    @pytest.mark.parametrize("answers", [1, 1_000])
    def test_a_manifest_whose_answer_is_lost_is_published(
        self, answers: int, bucket: Place, tmp_path: Path
    ) -> None:
        lost: list[str] = []

        def trouble(method: str, path: str) -> Any:
            if method == "PUT" and path.endswith(".json") and len(lost) < answers:
                lost.append(path)
                return "lost"
            return ""

        bucket.line.trouble = trouble
        publish(machine(bucket, tmp_path / "one"), 1)
        assert lost
        assert "1.json" in names(bucket)

    def test_a_load_that_cannot_know_says_so(self, bucket: Place, tmp_path: Path) -> None:
        gone = threading.Event()

        def trouble(method: str, path: str) -> Any:
            if method == "PUT" and path.endswith("/1.json"):
                gone.set()
                return "lost"
            return "cut" if gone.is_set() else ""

        bucket.line.trouble = trouble
        one = machine(bucket, tmp_path / "one")
        with pytest.raises(NotLoaded, match="not certain whether release 1 is published"):
            publish(one, 1)
        bucket.line.mend()
        assert set(one.refresh()) == {1}
        assert titles(one, 1) == {"The oak pact"}

    def test_a_file_that_cannot_be_sent_is_not_left_anywhere(
        self, bucket: Place, tmp_path: Path
    ) -> None:
        bucket.line.trouble = lambda method, path: (
            "cut" if is_data(path) and method != "GET" else ""
        )
        one = machine(bucket, tmp_path / "one")
        with pytest.raises(NotLoaded, match=r"^nothing is published: s3://\S+ can't be used: "):
            publish(one, 1)
        assert (names(bucket), list(one.folder.path.glob("*.d*"))) == (set(), [])
        bucket.line.mend()
        publish(one, 1)

    def test_a_release_is_published_though_nothing_works_afterwards(
        self, bucket: Place, tmp_path: Path
    ) -> None:
        published = threading.Event()

        def trouble(method: str, path: str) -> Any:
            if method == "PUT" and path.endswith("/1.json"):
                published.set()
                return ""
            return "cut" if published.is_set() else ""

        bucket.line.trouble = trouble
        publish(machine(bucket, tmp_path / "one"), 1, keep=1)
        bucket.line.mend()
        assert "1.json" in names(bucket)

    def test_what_dead_loads_left_goes_after_a_day(self, place: Place, tmp_path: Path) -> None:
        one = machine(place, tmp_path / "one")
        publish(one, 1)
        kept, store = names(place), objects(place)
        left = {f"{'0' * 64}.db", "probe-0011223344556677"}
        for name in left:
            obstore.put(store, name, b"half of it")
        obstore.put(store, "notes.txt", b"An operator's.")
        publish(one, 2)
        assert left < names(place)  # another load may be sending them
        assert one.bucket
        one.bucket.clear_abandoned(datetime.now(UTC) + timedelta(hours=23))
        assert left < names(place)
        one.bucket.clear_abandoned(datetime.now(UTC) + timedelta(hours=25))
        assert names(place) == kept | {"2.json", one.refresh()[2].file, "notes.txt"}
        # A manifest that can't be read may name any of them.
        obstore.put(store, "3.json", b"{")
        obstore.put(store, f"{'0' * 64}.db", b"whole, for all that is known")
        one.bucket.clear_abandoned(datetime.now(UTC) + timedelta(hours=25))
        assert f"{'0' * 64}.db" in names(place)

    def test_as_many_are_kept_as_are_wanted(self, tmp_path: Path) -> None:
        place = Place((tmp_path / "shared").as_uri(), {}, Line(NOWHERE))
        one, other = machine(place, tmp_path / "one"), machine(place, tmp_path / "other", keep=2)
        for number in range(1, 5):
            publish(one, number)
            other.refresh()
            pass_time(tmp_path / "shared")
        assert files(other) == {3, 4}
        assert set(other.folder.manifests()) == {1, 2, 3, 4}
        publish(one, 5, keep=2)
        assert names(place) == {"4.json", "5.json"} | {m.file for m in one.refresh().values()}
        other.refresh()
        assert set(other.folder.manifests()) == files(other) == {4, 5}
        # What nothing is set for is bounded as well.
        for number in (6, 7, 8):
            pass_time(tmp_path / "shared")
            publish(one, number)
        assert files(one) == {4, 5, 6, 7, 8}

    def test_what_was_current_within_the_hour_stays_everywhere(
        self, place: Place, tmp_path: Path
    ) -> None:
        one, other = machine(place, tmp_path / "one"), machine(place, tmp_path / "other", keep=1)
        for number in WORDS:
            publish(one, number, keep=1)
            other.refresh()
        assert files(one) == files(other) == set(one.refresh()) == set(WORDS)

    @pytest.mark.parametrize("place", ["s3", "az"], indirect=True)
    def test_what_is_wrong_with_storage_is_said_in_a_word(
        self, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        absent = place._replace(url=re.sub("://readout", "://elsewhere", place.url))
        with pytest.raises(NotLoaded, match=r": (NoSuchBucket|ContainerNotFound)$") as refused:
            publish(machine(absent, tmp_path / "one"), 1)
        texts = [str(refused.value)]
        if place.url.startswith("az://"):  # the other server lets everybody in
            monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", SECRET[::-1])
            with pytest.raises(NotLoaded, match=r": AuthorizationFailure$") as refused:
                publish(machine(place, tmp_path / "one"), 1)
            monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_KEY")
            monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", f"sv=2021-08-06&sig={SECRET}")
        texts.append(str(refused.value))
        place.line.trouble = lambda _method, _path: "cut"
        with pytest.raises(
            NotLoaded, match=r"^nothing is published: \S+ can't be used: "
        ) as refused:
            publish(machine(place, tmp_path / "one"), 1)
        texts.append(str(refused.value))
        for text in texts:
            assert "\n" not in text
            assert not any(word in text for word in (SECRET, SECRET[::-1], "sig=", "http"))

    def test_storage_that_cannot_be_meant_is_no_start(
        self, tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]
    ) -> None:
        url = "az://container/readout"  # of no account
        database = f"sqlite:///{tmp_path / 'readout.db'}"
        for command in (("serve", "--port", "0"), ("load", bundle(tmp_path, 1)), ("releases",)):
            done = run(*command, READOUT_DATABASE_URL=database, READOUT_RELEASES_URL=url)
            assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
            assert done.stderr.startswith(f"readout: READOUT_RELEASES_URL: {url} can't be used: ")

    def test_a_file_of_an_older_version_is_no_link_that_is_changed(
        self, bucket: Place, tmp_path: Path
    ) -> None:
        publish(machine(bucket, tmp_path / "one"), 1)
        other = machine(bucket, tmp_path / "other")
        other.folder.make()
        other.folder.database.write_bytes(b"to be taken over")
        assert set(other.refresh()) == {1}
        assert other.folder.database.read_bytes() == b"to be taken over"


class TestFetching:
    """What a machine does with what is in the bucket."""

    def test_a_file_that_came_damaged_is_fetched_again(self, bucket: Place, tmp_path: Path) -> None:
        publish(machine(bucket, tmp_path / "one"), 1)
        other = machine(bucket, tmp_path / "other")
        bucket.line.trouble = lambda _, path: "damaged" if is_data(path) else ""
        for _ in range(3):
            assert re.fullmatch("release 1: what came from .* it is damaged.*", fault(other))
        assert not list(other.folder.path.glob("*.d*"))
        assert not other.folder.database.exists()
        bucket.line.mend()
        wait_until(lambda: fault(other) == "")
        assert titles(other, 1) == {"The oak pact"}

    def test_a_file_that_is_damaged_in_the_bucket_is_not_taken(
        self, place: Place, tmp_path: Path
    ) -> None:
        one, standing = machine(place, tmp_path / "one"), machine(place, tmp_path / "standing")
        publish(one, 1)
        standing.refresh()
        publish(one, 2)
        store, (first, second) = objects(place), one.refresh().values()
        whole = one.folder.file(second).read_bytes()
        for harm in (
            None,
            bytes([*whole[:20_000], whole[20_000] ^ 1, *whole[20_001:]]),
            whole[: len(whole) // 2],
            one.folder.file(first).read_bytes(),
        ):
            if harm is None:
                obstore.delete(store, second.file)
            else:
                obstore.put(store, second.file, harm)
            for mirror in (standing, machine(place, tmp_path / "fresh")):
                assert fault(mirror).startswith("release 2: ")
                assert mirror.look().fault
                assert (files(mirror), set(mirror.folder.manifests())) == ({1}, {1})
                assert titles(mirror, 1) == {"The oak pact"}
        # Nothing is built on what stands before it, unless that is wanted.
        with pytest.raises(NotLoaded, match=r": release 2: .*--despite-damage"):
            publish(standing, 3)
        obstore.put(store, second.file, whole)
        wait_until(lambda: fault(standing) == "")
        assert titles(standing, 2) == {"The elm pact"}

    def test_a_manifest_that_cannot_be_read_is_reported(
        self, bucket: Place, tmp_path: Path
    ) -> None:
        one, standing = machine(bucket, tmp_path / "one"), machine(bucket, tmp_path / "standing")
        publish(one, 1)
        standing.refresh()
        publish(one, 2)
        store = objects(bucket)
        first, second = (bytes(obstore.get(store, f"{n}.json").bytes()) for n in (1, 2))
        for harm in (b"", b"{", b"[]", b"\xff" * 99, b'{"number": 2}', b"1" * 99_999, first):
            obstore.put(store, "2.json", harm)
            for mirror, number in ((standing, 1), (one, 2)):
                assert fault(mirror).startswith("2.json is ")
                assert mirror.look().fault
                manifest = mirror.folder.manifests()[number]
                assert mirror.folder.database.resolve() == mirror.folder.file(manifest)
            assert files(standing) == {1}
        with pytest.raises(NotLoaded, match=r": 2\.json is .*--despite-damage"):
            publish(standing, 3)
        publish(standing, 3, despite_damage=True)
        obstore.put(store, "2.json", second)
        assert (fault(standing), fault(one)) == ("", "")

    def test_a_bucket_that_goes_back_is_not_followed(self, bucket: Place, tmp_path: Path) -> None:
        one, standing = machine(bucket, tmp_path / "one"), machine(bucket, tmp_path / "standing")
        for number in (1, 2):
            publish(one, number)
        standing.refresh()
        store = objects(bucket)
        second = bytes(obstore.get(store, "2.json").bytes())
        obstore.delete(store, "2.json")
        assert "went back: its last release is 1, and release 2 was there" in fault(standing)
        assert files(standing) == {2}
        with pytest.raises(NotLoaded, match="went back"):
            publish(one, 3)
        # A machine that never saw it takes the number. Equal content may be the same file.
        load_files([bundle(tmp_path, 3)], machine(bucket, tmp_path / "fresh"))
        assert "has another release 2 than was there" in fault(standing)
        assert titles(standing, 2) == {"The elm pact"}
        shutil.rmtree(standing.folder.path)  # as it says
        assert fault(standing) == ""
        obstore.put(store, "2.json", second)
        assert "has another release 2" in fault(standing)

    def test_an_empty_folder_where_a_share_was_is_not_followed(self, tmp_path: Path) -> None:
        """It is what a mount leaves that is not there."""
        place = Place((tmp_path / "shared").as_uri(), {}, Line(NOWHERE))
        one = machine(place, tmp_path / "one")
        publish(one, 1)
        (tmp_path / "shared").rename(tmp_path / "away")
        for make in (False, True):
            if make:
                (tmp_path / "shared").mkdir()
            assert "shared" in fault(one)
            assert files(one) == {1}
        (tmp_path / "shared").rmdir()
        (tmp_path / "away").rename(tmp_path / "shared")
        assert fault(one) == ""

    def test_what_is_damaged_on_the_disk_comes_again(self, bucket: Place, tmp_path: Path) -> None:
        one = machine(bucket, tmp_path / "one")
        publish(one, 1)
        (manifest,) = one.refresh().values()
        file = one.folder.file(manifest)
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + b"x")
        (one.folder.path / "1.json").write_bytes(b"")
        one.folder.database.unlink()
        store = Store(one)
        assert store.current is None
        one.refresh()
        store = Store(one)
        assert store.current is None  # and the file is removed
        one.refresh()
        assert file.read_bytes() == whole
        assert one.folder.database.resolve() == file
        store = Store(one)
        assert store.current
        store.close()


class TestServing:
    """What servers make of a bucket."""

    @pytest.mark.parametrize(
        "place", ["s3", *(pytest.param(kind, marks=pytest.mark.faults) for kind in ("az", "file"))],
        indirect=True,
    )  # fmt: skip
    def test_two_servers_serve_what_is_published(self, place: Place, tmp_path: Path) -> None:
        one = machine(place, tmp_path / "one")
        with (
            serving(tmp_path / "a" / "readout.db", **place.environment) as a,
            serving(tmp_path / "b" / "readout.db", **place.environment) as b,
        ):
            # Nobody puts the seed into a bucket unasked.
            wait_until(lambda: all("no release yet" in ready(server)[1] for server in (a, b)))
            assert [ready(server)[0] for server in (a, b)] == [503, 503]
            for number in (1, 2, 3):
                publish(one, number)
                wait_until(lambda: [ready(s) for s in (a, b)] == [(200, str(number))] * 2)  # noqa: B023 - now
                assert {title(server) for server in (a, b)} == {f"The {WORDS[number]} pact"}
            health = [httpx.get(f"{server.url}/health/ready").json() for server in (a, b)]
            assert [(h["release"], h["behind"]) for h in health] == [(3, False)] * 2
            assert {title(server, "?as_of=1") for server in (a, b)} == {"The oak pact"}
            # A walk goes on where it began, at whichever server, whichever has the release first.
            publish(one, 4)
            wait_until(lambda: "4" in {ready(server)[1] for server in (a, b)})
            first, other = (a, b) if ready(a)[1] == "4" else (b, a)
            begun = httpx.get(f"{first.url}/search?q=the&limit=1").json()
            went_on = httpx.get(other.url + begun["next"].removeprefix(first.url), timeout=20)
            assert (went_on.status_code, went_on.json()["release"]) == (200, 4)

    def test_a_bucket_may_be_away(
        self,
        bucket: Place,
        tmp_path: Path,
        run: Callable[..., subprocess.CompletedProcess[str]],
    ) -> None:
        publisher = machine(bucket, tmp_path / "publisher")
        publish(publisher, 1)
        places = {name: tmp_path / name / "readout.db" for name in ("on", "again", "empty")}
        with ExitStack() as stack:

            def start(name: str) -> Program:
                return stack.enter_context(serving(places[name], **bucket.environment))

            on = start("on")
            wait_until(lambda: ready(on) == (200, "1"))
            shutil.copytree(tmp_path / "on", tmp_path / "again", symlinks=True)
            bucket.line.trouble = lambda _method, _path: "cut"
            again, empty = start("again"), start("empty")
            for server in (on, again):
                wait_until(lambda: is_behind(server))  # noqa: B023 - now
                assert ready(server) == (200, "1")
                assert title(server) == "The oak pact"
            answer = httpx.get(f"{empty.url}/agreements")
            assert answer.status_code == 503
            assert answer.headers["retry-after"]
            assert "nothing came from the storage of releases yet" in answer.text
            assert bucket.url not in answer.text
            # The commands say it in a line, in which there is no secret.
            for words in (("releases",), ("load", bundle(tmp_path, 2))):
                began = time.monotonic()
                database = f"sqlite:///{tmp_path / 'on' / 'readout.db'}"
                done = run(*words, READOUT_DATABASE_URL=database, **bucket.environment)
                assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
                assert f"{bucket.url} can't be used: " in done.stderr
                assert SECRET not in done.stderr
                assert time.monotonic() - began < 30
            bucket.line.mend()
            for server in (on, again, empty):
                wait_until(lambda: ready(server) == (200, "1") and not is_behind(server))  # noqa: B023 - now
            publish(publisher, 2)
            for server in (on, again, empty):
                wait_until(lambda: ready(server) == (200, "2"))  # noqa: B023 - now
            # The log says once that it is away, not each second.
            on.process.terminate()
            assert on.process.stderr
            assert on.process.stderr.read().count("can't be used: error sending request") == 1

    def test_older_releases_come_when_they_are_asked_for(
        self, bucket: Place, tmp_path: Path
    ) -> None:
        publisher = machine(bucket, tmp_path / "publisher")
        for number in (1, 2, 3, 4):
            publish(publisher, number)
        database = tmp_path / "server" / "readout.db"
        server_side = machine(bucket, database.parent)
        with serving(database, **bucket.environment) as server:
            wait_until(lambda: ready(server) == (200, "4"))
            assert files(server_side) == {4}
            assert title(server, "?as_of=3") == "The ash pact"
            bucket.line.trouble = lambda _, path: "stalled" if is_data(path) else ""
            bucket.line.requests.clear()
            for number in (1, 2):
                path = f"{server.url}/agreements?as_of={number}"
                answer = httpx.get(path, timeout=20)
                assert answer.status_code == 503
                assert int(answer.headers["retry-after"]) > 0
            assert len([path for _, path in bucket.line.requests if is_data(path)]) == 1
            # Meanwhile all goes on, a new release as well.
            assert title(server) == "The yew pact"
            bucket.line.mend()
            for number in (1, 2):
                wait_until(lambda: status(server, f"?as_of={number}") == 200)  # noqa: B023 - now
                assert title(server, f"?as_of={number}") == f"The {WORDS[number]} pact"
            # One that the bucket has no more is gone here, too.
            publish(publisher, 5)
            manifests = publisher.refresh()
            for number in (1, 2, 3):
                publisher.published.remove(manifests[number])
            wait_until(lambda: ready(server) == (200, "5"))
            wait_until(lambda: status(server, "?as_of=1") == 410)
            assert status(server, "?as_of=4") == 200
            wait_until(lambda: files(server_side) <= {4, 5})

    def test_only_a_server_that_is_told_to_puts_the_seed_there(
        self, bucket: Place, tmp_path: Path
    ) -> None:
        """Two at once, of which one is faster."""
        starting = [
            subprocess.Popen(
                [READOUT, "serve", "--port", "0", "--seed", str(SEED)],
                env={
                    "PATH": "/usr/bin:/bin",
                    "READOUT_DATABASE_URL": f"sqlite:///{tmp_path / name / 'readout.db'}",
                    **bucket.environment,
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for name in ("a", "b")
        ]
        try:
            for process in starting:
                assert process.stdout
                said = process.stdout.readline()
                while not said.startswith("Readout serves release 1 at "):
                    assert said.startswith("release 1 ")
                    said = process.stdout.readline()
        finally:
            for process in starting:
                process.terminate()
            errors = [process.communicate(timeout=20)[1] for process in starting]
        assert [error for error in errors if "readout: " in error] == []
        assert {name for name in names(bucket) if name.endswith(".json")} == {"1.json"}
        assert len(names(bucket)) == 2

    @pytest.mark.faults
    def test_of_several_processes_one_looks(self, bucket: Place, tmp_path: Path) -> None:
        publisher = machine(bucket, tmp_path / "publisher")
        publish(publisher, 1)
        database = tmp_path / "server" / "readout.db"
        lock = database.with_name("readout.db.releases") / "look.lock"
        with serving(database, "--workers", "2", **bucket.environment) as server:
            for number in (2, 3, 4):
                wait_until(lambda: ready(server) == (200, str(number - 1)), 30)  # noqa: B023 - now
                time.sleep(1)
                bucket.line.requests.clear()
                time.sleep(10)
                lists = [path for _, path in bucket.line.requests if "list-type=2" in path]
                assert 5 <= len(lists) <= 11
                (looking,) = (pid for pid in children(server) if has_open(pid, lock))
                os.kill(looking, 9)
                publish(publisher, number)

    @pytest.mark.faults
    def test_cursors_of_releases_to_come_cost_no_looks(self, bucket: Place, tmp_path: Path) -> None:
        publish(machine(bucket, tmp_path / "publisher"), 1)
        cursor = base64.urlsafe_b64encode(b"99-0123456789ab:0123456789ab:1").decode().rstrip("=")
        with serving(tmp_path / "server" / "readout.db", **bucket.environment) as server:
            wait_until(lambda: ready(server) == (200, "1"))
            bucket.line.requests.clear()
            began = time.monotonic()
            with ThreadPoolExecutor(20) as threads:
                statuses = list(
                    threads.map(lambda _: status(server, f"?cursor={cursor}"), range(60))
                )
            seconds = time.monotonic() - began
            assert set(statuses) == {503}
            assert len(bucket.line.requests) <= seconds + 2
            # Nor do they keep others waiting.
            assert title(server) == "The oak pact"

    @pytest.mark.faults
    def test_commands_give_up_on_storage_that_does_not_answer(
        self,
        bucket: Place,
        tmp_path: Path,
        run: Callable[..., subprocess.CompletedProcess[str]],
    ) -> None:
        bucket.line.trouble = lambda _method, _path: "stalled"
        for words in (("releases",), ("load", bundle(tmp_path, 1))):
            database = f"sqlite:///{tmp_path / 'readout.db'}"
            done = run(*words, READOUT_DATABASE_URL=database, **bucket.environment)
            assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
            assert done.stderr.endswith(f"{bucket.url} can't be used: it does not answer\n")

    @pytest.mark.faults
    def test_a_server_ends_though_its_bucket_does_not_answer(
        self, bucket: Place, tmp_path: Path
    ) -> None:
        publisher = machine(bucket, tmp_path / "publisher")
        for number in (1, 2):
            publish(publisher, number)
        with serving(tmp_path / "server" / "readout.db", **bucket.environment) as server:
            wait_until(lambda: ready(server) == (200, "2"))
            bucket.line.trouble = lambda _method, _path: "stalled"
            assert status(server, "?as_of=1") == 503
            wait_until(lambda: is_behind(server))
            began = time.monotonic()
            server.process.terminate()
            assert server.process.wait(20) == 0
            assert time.monotonic() - began < 5


def ready(server: Server) -> tuple[int, str]:
    """The status of the server's readiness, and its release or what it says."""
    answer = httpx.get(f"{server.url}/health/ready", timeout=20)
    return answer.status_code, answer.json().get("detail") or str(answer.json()["release"])


def is_behind(server: Server) -> bool:
    """Whether a server says so, in every way in which it can."""
    healthy = httpx.get(f"{server.url}/health/ready", timeout=20)
    figures = httpx.get(f"{server.url}/metrics", timeout=20).text
    return bool(healthy.json().get("behind")) and "\nreadout_behind 1.0\n" in figures


def title(server: Server, query: str = "") -> str:
    """What the agreement is called there."""
    answer = httpx.get(f"{server.url}/agreements{query}", timeout=20)
    (item,) = answer.json()["items"]
    return str(item["title"])


def status(server: Server, query: str) -> int:
    """The status of an answer."""
    return httpx.get(f"{server.url}/agreements{query}", timeout=20).status_code


def children(server: Program) -> list[int]:
    """The processes that a process started."""
    pid = server.process.pid
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def has_open(pid: int, file: Path) -> bool:
    """Whether a process has a file open."""
    opened = []
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            opened.append(handle.readlink())
        except OSError:
            continue
    return file in opened
