"""Two releases that can be told apart in every answer, and who loads, reads and breaks them."""

import itertools
import json
import os
import random
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2 as httpx

from app.store.folder import Folder
from app.store.kept import Manifests
from app.store.seal import digest_of_sealed
from tests.builders import a_bundle, an_agreement, write
from tests.conftest import READOUT

Answer = tuple[int, Any, str | None, str | None]
"""Status, body, `Dataset-Release` and `ETag`."""


class Content(NamedTuple):
    """What a release holds: so many agreements, each with the word in its title."""

    word: str
    agreements: int

    def write(self, folder: Path) -> str:
        """The bundle, in a file."""
        entries = [
            an_agreement(id=f"pact-{at}", title=f"The {self.word} pact {at}")
            for at in range(self.agreements)
        ]
        return write(folder / f"{self.word}.json", a_bundle(agreements=entries))


FIRST, SECOND = Content("oak", 40), Content("elm", 55)
LARGE = Content("elm", 3_000)


def content_of(number: int) -> Content:
    """What a release holds where the two are published by turns, `FIRST` first."""
    return FIRST if number % 2 else SECOND


def command(*words: str | Path) -> list[str]:
    """The real command."""
    return [READOUT, *map(str, words)]


def environment(database: Path) -> dict[str, str]:
    """The environment of a command that works on a database."""
    return {"PATH": "/usr/bin:/bin", "READOUT_DATABASE_URL": f"sqlite:///{database}"}


def load_command(database: Path, *files: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the real `readout load` to its end."""
    return subprocess.run(
        command("load", *files),
        env=environment(database) | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def manifests(database: Path) -> Manifests:
    """What is published beside a database; nothing is wrong with any of it."""
    there = Folder(database).manifests()
    assert there.faults == {}
    return there


def newest(database: Path) -> int:
    """The number of the newest release beside a database."""
    return max(manifests(database))


def assert_whole(database: Path, number: int, content: Content) -> None:
    """The newest release is this one, all of it is there, and it is sound to the last page."""
    manifest = manifests(database).newest
    assert manifest
    assert manifest.number == number
    file = Folder(database).file(manifest)
    assert (digest_of_sealed(file), file.stat().st_size) == (manifest.digest, manifest.size)
    assert_holds(file, content)


def assert_holds(file: Path, content: Content) -> None:
    """The file of a release has this content, and is sound to the last page."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        titles = connection.execute("SELECT title FROM record WHERE type = 'agreement'").fetchall()
    assert {title.split()[1] for (title,) in titles} == {content.word}
    assert len(titles) == content.agreements


def left_over(database: Path) -> set[str]:
    """What is beside a database that belongs to no release and is no lock."""
    folder = Folder(database)
    named = {manifest.file for manifest in manifests(database).values()}
    named |= {f"{number}.json" for number in manifests(database)}
    there = {file.name for file in folder.path.iterdir() if file.suffix not in {".lock", ".txt"}}
    return there - named


def ready(url: str) -> tuple[int, str]:
    """The status of the server's readiness, and what it says."""
    answer = httpx.get(f"{url}/health/ready")
    return answer.status_code, answer.json().get("detail") or str(answer.json()["release"])


def _answer(client: httpx.Client, url: str) -> httpx.Response:
    """An answer. A connection that was idle for too long is closed; another one is opened."""
    try:
        return client.get(url)
    except httpx.RemoteProtocolError as error:
        if "without sending a response" not in str(error):
            raise
        return client.get(url)


class Readers:
    """Clients that walk lists, again and again, and keep every answer."""

    def __init__(self, url: str) -> None:
        """Begin with nothing read."""
        self.url = url
        self.answers: list[Answer] = []
        self.walks: list[list[Any]] = []
        self.went_on = 0
        """Walks that went on in their release when there was another one already."""
        self.failures: list[Exception] = []
        self.stopped = threading.Event()
        self.latest = 0

    def walk(self, first: str) -> None:
        """Walk a list until stopped."""
        try:
            with httpx.Client(base_url=self.url, timeout=10) as client:
                while not self.stopped.is_set():
                    self._walk_once(client, first)
        except Exception as error:
            self.failures.append(error)
            raise

    def _walk_once(self, client: httpx.Client, first: str) -> None:
        url, pages = first, []
        while url:
            self.stopped.wait(0.02)  # the others want the processor too
            answer = _answer(client, url)
            body, headers = answer.json(), answer.headers
            self.answers.append(
                (answer.status_code, body, headers.get("dataset-release"), headers.get("etag"))
            )
            if answer.status_code == 503 and "retry-after" in headers:
                continue  # with the same page
            if answer.status_code != 200:
                return
            pages.append(body)
            url = body["next"]
            self.latest = max(self.latest, body["release"])
        self.walks.append(pages)
        self.went_on += pages[0]["release"] < self.latest

    def check(self, content: Callable[[int], Content], *others: int) -> None:
        """Every answer belongs to one release, and every walk gives each record of it once.

        Of other statuses there is none but those that are named.
        """
        assert not self.failures
        assert {status for status, *_ in self.answers} <= {200, *others}
        tags: dict[int, set[str]] = {}
        for status, body, release, etag in self.answers:
            if status != 200:
                continue
            number = body["release"]
            assert etag is not None
            assert (release, body["total"]) == (str(number), content(number).agreements)
            assert {item["title"].split()[1] for item in body["items"]} == {content(number).word}
            tags.setdefault(number, set()).add("-".join(etag.split("-")[:2]))
        assert all(len(etags) == 1 for etags in tags.values())
        assert len(set(itertools.chain(*tags.values()))) == len(tags)
        for pages in self.walks:
            assert len({page["release"] for page in pages}) == 1
            ids = [item["id"] for page in pages for item in page["items"]]
            assert len(ids) == len(set(ids)) == pages[0]["total"]


@contextmanager
def reading(url: str) -> Iterator[Readers]:
    """Two clients that read all the while; afterwards their answers are kept."""
    readers = Readers(url)
    lists = ("/agreements?limit=7", "/search?q=pact&type=agreement&limit=9&fields=id,title")
    threads = [threading.Thread(target=readers.walk, args=(first,)) for first in lists]
    for thread in threads:
        thread.start()
    try:
        yield readers
    finally:
        readers.stopped.set()
        for thread in threads:
            thread.join()


class Mounted(NamedTuple):
    """A disk that a test may fill up and lock."""

    folder: Path

    def remount(self, options: str) -> None:
        """Change its size, or whether it can be written to."""
        subprocess.run(["mount", "-o", f"remount,{options}", self.folder], check=True)

    @property
    def used(self) -> int:
        """The bytes that are taken."""
        disk = os.statvfs(self.folder)
        return (disk.f_blocks - disk.f_bfree) * disk.f_frsize


def damage(file: Path, length: int = 512) -> tuple[int, bytes]:
    """Write noise over some bytes of a file, in place; where, and what was there."""
    place = random.randrange(file.stat().st_size - length)
    with file.open("r+b") as opened:
        opened.seek(place)
        before = opened.read(length)
        opened.seek(place)
        opened.write(bytes(byte ^ random.randrange(1, 256) for byte in before))
    return place, before


def write_at(file: Path, place: int, content: bytes) -> None:
    """Write in place."""
    with file.open("r+b") as opened:
        opened.seek(place)
        opened.write(content)


def put(content: bytes, file: Path) -> None:
    """Put a file in the place of another, whole, as a careful operator does."""
    beside = file.with_name("incoming")
    beside.write_bytes(content)
    beside.replace(file)


def detail(response: httpx.Response) -> str:
    """What a problem says."""
    return str(json.loads(response.text)["detail"])
