"""The whole data set in one file."""

import json
import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx2 as httpx
import pytest

from app.store.folder import Folder
from bench.synthetic import synthesize
from tests.builders import write
from tests.conftest import Server, client_of, load, server_of
from tests.test_history import RELEASES

FILES = ("bundle.json", "datapackage.zip", "readout.db")


@pytest.mark.parametrize(
    "kind",
    ["seed", pytest.param("synthetic", marks=pytest.mark.faults), "withdrawn and renamed"],
)
def test_a_bundle_gives_the_same_digest(kind: str, tmp_path: Path, seeded: Path) -> None:
    database = tmp_path / "readout.db"
    if kind == "seed":
        database = seeded
    elif kind == "synthetic":
        load([str(file) for file in synthesize(tmp_path / "data", 300)], database)
    else:
        for content in RELEASES:
            load([write(tmp_path / "bundle.json", content)], database)
    with server_of(database) as running, httpx.Client(base_url=running.url) as client:
        release = client.get("/").json()["release"]
        url = f"/releases/{release['number']}/bundle.json"
        file = tmp_path / "downloaded.json"
        file.write_bytes(client.get(url).content)
        stone = client.get("/commitments/wind")
    again, new = load([str(file)], database)
    assert (again.digest, new) == (release["digest"], False)
    other, _ = load([str(file)], tmp_path / "other.db")
    assert other.digest == release["digest"]
    with server_of(tmp_path / "other.db") as running, httpx.Client(base_url=running.url) as client:
        assert client.get("/releases/1/bundle.json").content == file.read_bytes()
        assert client.get("/commitments/wind").content == stone.content


def test_an_older_release_can_be_downloaded(tmp_path: Path) -> None:
    database = tmp_path / "readout.db"
    for content in RELEASES:
        load([write(tmp_path / "bundle.json", content)], database)
    with server_of(database) as running, httpx.Client(base_url=running.url) as client:
        bundle = client.get("/releases/1/bundle.json").json()
        assert [entry["id"] for entry in bundle["commitments"]] == ["solar", "wind"]
        assert client.get("/releases/9/bundle.json").status_code == 404
        file = tmp_path / "downloaded.db"
        file.write_bytes(client.get("/releases/2/readout.db").content)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT max(number) FROM release").fetchone() == (2,)
        assert connection.execute("SELECT id FROM commitment ORDER BY id").fetchall() == [
            ("solar",),
            ("wind",),
        ]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_sent_whole_or_in_part(name: str, client: httpx.Client) -> None:
    url = f"/releases/1/{name}"
    whole = client.get(url)
    assert whole.status_code == 200
    assert "immutable" in whole.headers["cache-control"]
    size = len(whole.content)
    assert whole.headers["content-length"] == str(size)
    assert whole.headers["accept-ranges"] == "bytes"
    for range_, first, last in [
        ("0-0", 0, 0),
        ("100-199", 100, 199),
        (f"{size - 5}-", size - 5, size - 1),
        ("-7", size - 7, size - 1),
        (f"10-{size * 2}", 10, size - 1),
    ]:
        part = client.get(url, headers={"range": f"bytes={range_}"})
        assert part.status_code == 206
        assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert part.content == whole.content[first : last + 1]
    beyond = client.get(url, headers={"range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    other = {"range": "bytes=0-9", "if-range": '"another"'}
    assert client.get(url, headers=other).content == whole.content
    for ignored in ("bytes=0-1,3-4", "bytes=-", "lines=1-2", "bytes=9-2x"):
        assert client.get(url, headers={"range": ignored}).content == whole.content
    same = client.get(url, headers={"if-none-match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    for also in ({}, {"range": "bytes=0-9"}, {"accept-encoding": "br"}):
        head = client.head(url, headers=also)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == whole.headers["etag"]
        assert head.headers["content-length"] == str(size)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_made_once_for_all_who_ask(name: str, tmp_path: Path) -> None:
    database = tmp_path / "readout.db"
    load([write(tmp_path / "bundle.json", RELEASES[0])], database)
    with server_of(database) as running, ThreadPoolExecutor(8) as clients:
        url = f"{running.url}/releases/1/{name}"
        answers = [*clients.map(lambda _: httpx.get(url), range(16))]
        assert {(a.status_code, a.content) for a in answers} == {(200, answers[0].content)}
        made = sorted(Folder(database).path.iterdir())
        assert len(made) == (2 if name == "readout.db" else 3)
        before = [file.stat() for file in made]
        assert httpx.get(url).content == answers[0].content
        assert [file.stat().st_ino for file in made] == [status.st_ino for status in before]
    with server_of(database) as running:  # and not again by the next server
        httpx.get(f"{running.url}/releases/1/{name}")
        assert sorted(Folder(database).path.iterdir()) == made or name == "datapackage.zip"
    Folder(database).remove(Folder(database).manifests()[1])
    assert [*Folder(database).path.iterdir()] == []


def test_what_a_server_may_not_write_beside_a_release_is_made_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere: the answer of the system stands in for a read-only folder."""
    database = tmp_path / "readout.db"
    load([write(tmp_path / "bundle.json", RELEASES[0])], database)
    monkeypatch.setattr("app.store.serving.os.access", lambda *_: False)
    client = client_of(database)
    before = [*Folder(database).path.iterdir()]
    for _ in range(2):
        assert client.get("/releases/1/bundle.json").json()["actors"]
    assert [*Folder(database).path.iterdir()] == before
    client.app.state.store.close()  # type: ignore[attr-defined] # of what it was made of
    client.close()


@pytest.mark.parametrize("name", FILES)
def test_curl_resumes(name: str, server: Server, tmp_path: Path) -> None:
    url, file = f"{server.url}/releases/1/{name}", tmp_path / name
    whole = httpx.get(url).content
    file.write_bytes(whole[: len(whole) // 3])
    subprocess.run(["curl", "-sf", "-C", "-", "-o", file, url], check=True, timeout=20)
    assert file.read_bytes() == whole


def test_the_file_is_for_people_who_write_sql(client: httpx.Client, tmp_path: Path) -> None:
    file = tmp_path / "readout.db"
    file.write_bytes(client.get("/releases/1/readout.db").content)
    with closing(sqlite3.connect(file)) as connection:
        tables = {
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not row[0].startswith(("record_search", "sqlite_", "alembic"))
        }
        about = connection.execute('SELECT name, meaning FROM "about"').fetchall()
        assert tables <= {name for name, _ in about}
        assert all(meaning for _, meaning in about)
        (by,) = connection.execute(
            "SELECT made_by FROM readable_commitment WHERE amount = 1000000000000"
        ).fetchone()
        assert by == "Japan"
        rows = connection.execute("SELECT * FROM readable_agreement").fetchall()
        assert len(rows) == client.get("/agreements").json()["total"]
        said = connection.execute("SELECT text, speaker FROM readable_quote").fetchall()
        assert {(quote["text"], quote["speaker"]["title"])
                for quote in client.get("/quotes").json()["items"]} == set(said)  # fmt: skip


def test_a_bundle_has_a_record_on_a_line(client: httpx.Client) -> None:
    text = client.get("/releases/1/bundle.json").text
    lines = [line.rstrip(",") for line in text.splitlines() if line.startswith('{"id"')]
    counts = client.get("/").json()["release"]["counts"]
    assert len(lines) == sum(counts.values())
    assert all(json.loads(line)["id"] for line in lines)
