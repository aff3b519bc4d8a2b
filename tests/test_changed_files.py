"""Files of releases that are changed under the server: nothing wrong is ever taken from them."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from app.store.folder import Folder
from tests.builders import Typed, a_bundle, a_commitment, write
from tests.conftest import Fork, Server, file_of, load, restate, server_of, wait_until

TITLES = {1: "A solar park", 2: "A water mill", 3: "A windy farm"}
FALSE = "A NUCLEAR ARM"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of three releases."""
    folder = tmp_path_factory.mktemp("whole")
    for number, title in TITLES.items():
        pledges = [a_commitment(id=f"pledge-{n}", title=f"{title} {n}") for n in range(200)]
        file = write(folder / "bundle.json", a_bundle(commitments=pledges))
        load([file], folder / "own.db", at=f"2025-0{number}-07T09:00:00Z")
    return folder


@pytest.fixture
def database(whole: Path, tmp_path: Path) -> Path:
    """The same for one test."""
    return Path(shutil.copytree(whole, tmp_path / "own", symlinks=True), "own.db")


@pytest.fixture
def server(database: Path) -> Iterator[Fork]:
    """A server on it."""
    with server_of(database) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=server.url) as client:
        yield client


def falsified(content: bytes, title: str) -> bytes:
    """The same file with another title: as long, so that it is a database still."""
    return content.replace(title.encode(), FALSE[: len(title)].ljust(len(title)).encode())


def overwrite(file: Path, content: bytes) -> None:
    """Write into a file where it stands."""
    with file.open("r+b") as out:
        out.write(content)


def served(client: httpx.Client, path: str) -> int | None:
    """The release that answers; None where none does. What it says is true."""
    answer = client.get(path)
    assert answer.status_code in {200, 410, 503}, answer.text
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        return None
    page: Typed = answer.json()
    titles = {item["title"].rpartition(" ")[0] for item in page["items"]}
    assert titles == {TITLES[page["release"]]}
    return int(page["release"])


def test_a_kept_release_that_is_rewritten_is_closed_and_opened_when_it_is_whole(
    database: Path, client: httpx.Client
) -> None:
    path, table = "/commitments?as_of=1&limit=3", "/commitments?as_of=1&format=csv"
    file = file_of(database, 1)
    whole = file.read_bytes()
    for _ in range(2):  # it is open, and in the cache
        following = client.get(path).json()["next"]
        assert client.get(table).status_code == 200
        assert client.get("/releases/1/bundle.json").status_code == 200
    overwrite(file, falsified(whole, TITLES[1]))
    wait_until(lambda: client.get(path).status_code == 410)
    for gone in (path, following, table, "/commitments/pledge-1?as_of=1"):
        answer = client.get(gone)
        assert answer.status_code == 410
        assert "release 1 can't be read any more" in answer.json()["detail"]
    for name in ("bundle.json", "readout.db", "datapackage.zip"):
        assert client.get(f"/releases/1/{name}").status_code == 410
    assert served(client, "/commitments?as_of=2") == 2
    assert served(client, "/commitments") == 3
    assert client.get("/health/ready").json()["behind"] is False  # of what is published last
    file.write_bytes(whole)
    wait_until(lambda: served(client, path) == 1)
    assert served(client, following) == 1


def test_the_release_before_is_served_in_place_of_one_that_is_rewritten(
    database: Path, client: httpx.Client
) -> None:
    file = file_of(database, 3)
    whole = file.read_bytes()
    assert served(client, "/commitments") == 3
    overwrite(file, falsified(whole, TITLES[3]))
    wait_until(lambda: client.get("/commitments").headers.get("dataset-release") == "2")
    for path in ("/commitments", "/commitments?limit=2", "/commitments?q=water"):
        assert served(client, path) == 2
    assert served(client, "/commitments?as_of=1") == 1
    gone = client.get("/commitments?as_of=3")
    assert (gone.status_code, "can't be read any more" in gone.text) == (410, True)
    assert client.get("/health/ready").json() == {"status": "ok", "release": 2, "behind": True}
    # Release 3 will be back, and then a moment must name the release that it names now.
    assert served(client, "/commitments?as_of=2025-03-06") == 2
    since = client.get("/commitments?as_of=2025-03-07").json()["detail"]
    assert "is too recent to be settled; moments before 2025-03-07T09:00:00Z" in since
    file.write_bytes(whole)
    wait_until(lambda: served(client, "/commitments") == 3)
    assert served(client, "/commitments?as_of=2025-03-07") == 3
    assert client.get("/health/ready").json()["behind"] is False


@pytest.mark.parametrize("number", [1, 3])
def test_a_file_that_is_cut_is_no_fault_of_the_server(
    database: Path, server: Fork, number: int
) -> None:
    paths = [
        "/commitments?",
        "/commitments?q=pledge&",
        "/commitments?sort=title&",
        f"/search?q={TITLES[number].split()[1]}&",
        "/commitments?format=html&",
        "/commitments/pledge-7/history?",
        "/changes?",
    ]  # with a limit of its own each time: nothing of it was kept
    queries = [f"{paths[n % len(paths)]}as_of={number}&limit={n}" for n in range(1, 200)]
    file = file_of(database, number)
    with httpx.Client(base_url=server.url) as client:
        assert served(client, f"/commitments?as_of={number}&limit=1") == number
        assert served(client, "/commitments") == 3
        os.truncate(file, 16_384)
        statuses = {client.get(query).status_code for query in queries}
        assert statuses <= {200, 410, 503}
        wait_until(lambda: client.get(queries[0]).status_code == 410)
        assert served(client, "/commitments") == (2 if number == 3 else 3)
    assert f"{file.name} was written to while it was served" in server.log.read_text("utf-8")


@pytest.mark.parametrize("is_open", [True, False])
def test_another_release_is_not_taken_for_one_whose_name_it_has(
    database: Path, client: httpx.Client, is_open: bool
) -> None:
    if is_open:
        assert served(client, "/commitments?as_of=1") == 1
        assert client.get("/releases/1/readout.db").status_code == 200
    beside = shutil.copy(file_of(database, 2), database.with_name("beside"))
    Path(beside).replace(file_of(database, 1))
    for path in ("/commitments?as_of=1", "/commitments?as_of=1&limit=1"):
        assert served(client, path) == (1 if is_open else None)
    assert client.get("/releases/1/readout.db").status_code == 410
    assert served(client, "/commitments?as_of=2") == 2


def test_a_manifest_under_another_number_is_none(database: Path, client: httpx.Client) -> None:
    folder = Folder(database).path
    shutil.copy(folder / "2.json", folder / "1.json")
    assert served(client, "/commitments?as_of=1") is None
    gone = client.get("/commitments?as_of=1")
    assert gone.status_code == 410
    assert "there are still: 2, 3" in gone.json()["detail"]
    assert served(client, "/commitments?as_of=2") == 2
    # One that names another release's file is as wrong.
    digest = Folder(database).manifests()[3].digest
    restate(database, 2, digest=digest)
    assert served(client, "/commitments") == 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"not a database" * 500,
        lambda whole: whole[:-1],
        lambda whole: whole + b"x",
        lambda whole: falsified(whole, TITLES[3]),
        None,
    ],
    ids=["empty", "no database", "short", "long", "falsified", "missing"],
)
def test_a_server_begins_with_the_newest_release_that_is_whole(
    database: Path, damage: object
) -> None:
    file = file_of(database, 3)
    whole = file.read_bytes()
    if callable(damage):
        file.write_bytes(damage(whole))
    else:
        file.unlink()
    with server_of(database) as running, httpx.Client(base_url=running.url) as client:
        assert served(client, "/commitments") == 2
        assert client.get("/health/ready").json() == {"status": "ok", "release": 2, "behind": True}
        figures = client.get("/metrics").text
        assert "readout_behind 1.0" in figures
        assert "readout_database_fault 1.0" in figures
        file.write_bytes(whole)
        wait_until(lambda: served(client, "/commitments") == 3)
        assert "release 3 is not served: it" in running.log.read_text("utf-8")


def test_a_server_without_one_that_is_whole_says_so(database: Path) -> None:
    for number in TITLES:
        os.truncate(file_of(database, number), 100)
    with server_of(database) as running, httpx.Client(base_url=running.url) as client:
        answer = client.get("/health/ready")
        assert answer.status_code == 503
        assert "release 3 is not served: it" in answer.json()["detail"]
        assert "readout load" not in answer.json()["detail"]  # which would be refused
        assert client.get("/commitments").json()["detail"] == answer.json()["detail"]


def test_what_is_gone_from_the_disk_is_served_on(database: Path, client: httpx.Client) -> None:
    folder = Folder(database)
    assert served(client, "/commitments") == 3
    folder.remove(folder.manifests()[3])
    wait_until(lambda: client.get("/health/ready").json()["behind"])
    assert served(client, "/commitments?limit=1") == 3
    (folder.path / "2.json").write_text(json.dumps("no manifest"))
    assert served(client, "/commitments?limit=2") == 3
    assert served(client, "/commitments?as_of=2") is None
    assert client.get("/releases/3/readout.db").status_code == 410
