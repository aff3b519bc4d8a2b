"""Tables: CSV, TSV, NDJSON, Excel and the Data Package, read back with other people's readers."""

import codecs
import csv
import html
import io
import json
import os
import re
import shutil
import socket
import subprocess
import zipfile
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import frictionless
import httpx2 as httpx
import openpyxl  # type: ignore[import-untyped] # it has no types
import orjson
import pytest
import uvloop
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape  # type: ignore[import-untyped] # as Excel reads XML

from app.formats import BY_NAME
from app.paging import Whole, walk_of, whole_of
from app.problems import BadQuery
from app.queries.changes import CHANGES
from app.queries.lists import COMMITMENTS
from app.queries.querystring import read
from app.queries.search import SEARCH
from app.representations import represent_as, xlsx
from app.representations.columns import columns_of
from app.representations.csv import ARMED
from app.representations.ndjson import one_line
from app.representations.values import View
from app.resources import SHAPES
from app.settings import PROJECT
from bench.synthetic import synthesize
from tests.builders import a_bundle, a_commitment, a_document, a_measure, an_actor, write
from tests.conftest import file_of, free_port, load, open_release, server_of, serving

BASE = "http://readout.example.org"
LISTS = [f"/{kind.plural}" for kind in SHAPES]
FORMULA = '=HYPERLINK("http://evil.example","x")'
MANY = [an_actor(f"state-{at}", title="s" * 250 + f" {at}") for at in range(150)]
HOSTILE = a_bundle(
    actors=[an_actor(), an_actor("evil", title="@SUM(A1)"), *MANY],
    documents=[
        a_document(),
        a_document("odd", title='-2+3 "x"\n;y', url="https://a.example/,\"'"),
    ],
    commitments=[
        a_commitment(id="a", title=FORMULA, summary='One, "two"\nthree', by=["japan", "evil"],
                     amount=1.5, currency="EUR", due="2025-02-07"),
        a_commitment(id="b", title="+1\u202e", due="2025-02", due_text="\uff1d1",
                     amount=0, currency="EUR"),
        a_commitment(id="c", title="'=1", due="1066-10-14"),
        a_commitment(id="d", title="_x0041_ \ufffe 007", by=[actor["id"] for actor in MANY]),
    ],
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server with what is meant to break a table."""
    folder = tmp_path_factory.mktemp("hostile")
    load([write(folder / "bundle.json", HOSTILE)], folder / "own.db")
    port = str(free_port())
    with (
        server_of(folder / "own.db", "--port", port, READOUT_PUBLIC_URL=BASE),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with more than fits into the buffers between a server and a client."""
    folder = tmp_path_factory.mktemp("large")
    load([str(file) for file in synthesize(folder / "data", 500)], folder / "own.db")
    return folder / "own.db"


def rows(text: str, **dialect: Any) -> list[dict[str, str]]:
    """A table as the standard library reads it."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True, **dialect))


def walked(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """Every record of a list, page by page."""
    records, url = [], f"{path}{'&' if '?' in path else '?'}limit=200"
    while url:
        page = client.get(urlsplit(url)._replace(scheme="", netloc="").geturl()).json()
        records += page["items"]
        url = page["next"]
    return records


@pytest.mark.parametrize("path", [*LISTS, "/search?q=japan", "/changes", "/actors/japan/history"])
def test_every_format_has_the_whole_result(client: httpx.Client, path: str) -> None:
    also = "&" if "?" in path else "?"
    records = walked(client, path)
    assert records
    for name in ("csv", "tsv", "ndjson", "xlsx"):
        answer = client.get(f"{path}{also}format={name}")
        assert answer.headers["dataset-total"] == str(len(records))
        assert answer.headers["content-disposition"].endswith(f'-r1.{name}"')
        if name == "ndjson":
            assert [json.loads(line) for line in answer.text.splitlines()] == records
            continue
        if name == "xlsx":
            sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["data"]
            header, *cells = sheet.iter_rows(values_only=True)
            ids = [row[header.index("number" if "number" in header else "id")] for row in cells]
        else:
            table = rows(answer.text, delimiter="," if name == "csv" else "\t")
            ids = [row.get("number") or row["id"] for row in table]
        assert [str(id_) for id_ in ids] == [
            str(record.get("number", record.get("id"))) for record in records
        ]


def test_a_result_of_many_batches_is_the_walk(large: Path) -> None:
    with server_of(large) as running, httpx.Client(base_url=running.url) as client:
        for path in (
            "/commitments?sort=-amount",
            "/search?q=the",
            "/quotes?topic=defense&topic=trade",
        ):
            ids = [record["id"] for record in walked(client, path)]
            assert len(ids) > 150
            assert [row["id"] for row in rows(client.get(f"{path}&format=csv").text)] == ids
            lines = client.get(f"{path}&format=ndjson&fields=id").text.splitlines()
            assert [json.loads(line) for line in lines] == [{"id": id_} for id_ in ids]


def test_a_record_in_cells(client: httpx.Client) -> None:
    (row,) = rows(client.get("/commitments?amount_min=1e12&format=csv").text)
    record = client.get("/commitments/japan-us-investment").json()
    assert row["amount"] == "1000000000000"
    assert (row["by_ids"], row["by_titles"]) == ("japan", "Japan")
    assert row["topics"] == "economy; investment"
    assert row["url"].endswith("/commitments/japan-us-investment")
    assert row["due"] == row["agreement_id"] == ""
    assert row["evidence"] == record["evidence"][0]["exact"]
    assert row["evidence_source_id"] == "red-nation-today-japan-us"
    assert row["evidence_attribution"] == "attributed"
    assert row["evidence_according_to_id"] == "japan"
    assert row["evidence_according_to_title"] == "Japan"
    assert row["evidence_count"] == str(len(record["evidence"]))
    hits = rows(client.get("/search?q=trillion&format=csv").text)
    row = next(row for row in hits if row["id"] == "japan-us-investment")
    assert (row["by_ids"], row["by_titles"], row["speaker_id"]) == ("japan", "Japan", "")
    assert (row["attribution"], row["according_to_id"]) == ("attributed", "japan")
    assert row["document_id"] == "red-nation-today-japan-us"
    (row,) = rows(client.get("/search?q=aggressive&type=quote&format=csv").text)
    assert (row["speaker_type"], row["speaker_title"]) == ("actor", "Donald Trump")
    (row,) = rows(client.get("/agreements?q=framework&kind=framework&format=csv").text)
    assert row["parties_titles"] == "United States; Japan"
    assert row["parties_roles"] == "party; party"


@pytest.mark.parametrize("path", ["/actors", "/quotes", "/search?q=japan", "/changes"])
def test_a_workbook_begins_with_what_a_record_is_called(client: httpx.Client, path: str) -> None:
    answer = client.get(f"{path}{'&' if '?' in path else '?'}format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["data"]
    assert sheet["A1"].value in {"title", "text", "record_title"}


def test_a_workbook_has_every_passage(client: httpx.Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/commitments?format=xlsx").content))
    assert book.sheetnames == ["data", "passages", "about"]
    header, *cells = book["passages"].iter_rows(values_only=True)
    table = [dict(zip(header, row, strict=True)) for row in cells]
    records = client.get("/commitments?limit=200").json()["items"]
    assert [(row["id"], row["position"], row["exact"], row["start"]) for row in table] == [
        (record["id"], number, proof["exact"], proof["start"])
        for record in records
        for number, proof in enumerate(record["evidence"], start=1)
    ]
    by_japan = [row for row in table if row["id"] == "japan-us-investment"]
    assert {row["according_to_title"] for row in by_japan} == {"Japan"}
    assert {row["title"] for row in by_japan} == {"$1 trillion investment in the U.S. economy"}
    chosen = openpyxl.load_workbook(
        io.BytesIO(client.get("/commitments?fields=id,title&format=xlsx").content)
    )
    assert chosen.sheetnames == ["data", "about"]
    assert [cell.value for cell in chosen["data"][1]] == ["id", "title"]


def test_the_table_of_a_page_opens_right_at_a_double_click(client: httpx.Client) -> None:
    page = client.get("/commitments?by=japan", headers={"accept": "text/html"}).text
    [path] = re.findall(r"<a href=\"([^\"]*)\">CSV</a>", page)
    assert client.get(html.unescape(path)).content.startswith(codecs.BOM_UTF8)


def test_keys_choose_columns(client: httpx.Client) -> None:
    text = client.get("/commitments?format=csv&fields=by,id,href&amount_min=1").text
    assert text.splitlines()[0] == "by_ids,by_titles,id,url"
    line = client.get("/commitments?format=ndjson&fields=status,id&amount_min=1").text
    assert line == '{"status":"announced","id":"japan-us-investment"}\n'


def test_csv_is_rfc_4180(hostile: httpx.Client) -> None:
    answer = hostile.get("/commitments?format=csv&fields=id,summary")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert b'\r\na,"One, ""two""\nthree"\r\n' in answer.content
    marked = hostile.get("/commitments?format=csv&fields=id,summary&bom=1")
    assert marked.content == b"\xef\xbb\xbf" + answer.content
    nothing = hostile.get("/commitments?format=csv&fields=id&amount_min=1e9")
    assert nothing.content == b"id\r\n"


def test_no_cell_is_a_formula(hostile: httpx.Client) -> None:
    for name, delimiter in (("csv", ","), ("tsv", "\t")):
        for path in ("/commitments", "/actors", "/documents", "/search?q=x0041*", "/changes"):
            also = "&" if "?" in path else "?"
            text = hostile.get(f"{path}{also}format={name}").text
            for row in rows(text, delimiter=delimiter):
                assert not [cell for cell in row.values() if cell[:1] in ARMED and cell]
    table = {row["id"]: row for row in rows(hostile.get("/commitments?format=csv").text)}
    assert table["a"]["title"] == f"'{FORMULA}"
    assert table["b"]["due_text"] == "'\uff1d1"
    assert table["c"]["title"] == "'=1"
    raw = {row["id"]: row for row in rows(hostile.get("/commitments?format=csv&raw=1").text)}
    assert raw["a"]["title"] == FORMULA
    assert raw["b"]["title"] == "+1\u202e"


def test_tsv_keeps_a_record_on_a_line(hostile: httpx.Client) -> None:
    text = hostile.get("/commitments?format=tsv").text
    assert len(text.splitlines()) == 5
    assert {line.count("\t") for line in text.splitlines()} == {50}
    table = {row["id"]: row for row in rows(text, delimiter="\t")}
    assert table["a"]["summary"] == 'One, "two" three'


def test_a_workbook_has_real_dates_numbers_and_links(hostile: httpx.Client) -> None:
    answer = hostile.get("/commitments?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book["data"]
    header = [cell.value for cell in sheet[1]]
    cells = [dict(zip(header, row, strict=True)) for row in sheet.iter_rows(2)]
    table = {row["id"].value: row for row in cells}
    assert header[:3] == ["title", "by_titles", "to_titles"]
    assert all(
        name.endswith(("_id", "_ids", "_type")) or name in {"id", "type"}
        for name in header[header.index("id") :]
    )
    assert table["a"]["summary"].alignment.wrap_text
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:{sheet.dimensions[3:]}")
    assert table["a"]["due"].value == datetime(2025, 2, 7)  # noqa: DTZ001 - Excel knows no zones
    assert table["a"]["due"].number_format == "yyyy-mm-dd"
    assert table["b"]["due"].value == "2025-02"
    assert table["c"]["due"].value == "1066-10-14"
    assert (table["a"]["amount"].value, table["b"]["amount"].value) == (1.5, 0)
    assert table["a"]["url"].hyperlink.target == f"{BASE}/commitments/a"
    assert table["a"]["title"].value == FORMULA
    assert table["c"]["title"].value == "'=1"
    assert unescape(table["d"]["title"].value) == "_x0041_ \ufffe 007"
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}
    long = table["d"]["by_titles"].value
    assert (len(long), long[-len(xlsx.CUT) :]) == (xlsx.LONGEST_CELL, xlsx.CUT)
    assert len(table["d"]["by_ids"].value.split("; ")) == 150
    about = dict(book["about"].iter_rows(values_only=True))
    assert (about["Rows"], about["Release"]) == ("4", "1")
    assert about["Address"].startswith(f"{BASE}/commitments")
    assert set(header) <= set(about)
    assert hostile.get("/commitments?format=xlsx").content == answer.content


async def opened(file: Path, listing: Any, query: bytes) -> tuple[Whole, View]:
    release = open_release(file)
    walk = await walk_of(listing, read(listing.params, query), release)
    return await whole_of(walk, release), View(BASE, release)


async def represented(name: str, whole: Whole, view: View) -> bytes:
    body = await represent_as(name)(whole, view)
    assert isinstance(body, AsyncIterator)
    return b"".join([piece async for piece in body])


def test_what_does_not_fit_into_a_sheet_is_refused(
    seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def made(total: int) -> bytes:
        whole, view = await opened(seeded, COMMITMENTS, b"format=xlsx&by=japan")
        monkeypatch.setattr(xlsx, "MOST_ROWS", total)
        try:
            return await represented("xlsx", whole, view)
        finally:
            view.release.retire()

    assert uvloop.run(made(10))
    with pytest.raises(BadQuery, match="holds 9 rows, and these are 10") as refused:
        uvloop.run(made(9))
    assert refused.value.details().run == "/commitments?by=japan&format=csv"


TEXTS = st.lists(
    st.builds(
        lambda first, rest: first + rest,
        st.sampled_from(["", *"=+-@\"',;\n<", "\uff1d", "&amp;", "http://", "_x0009_", "\u202e"]),
        st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40),
    ).filter(str.strip),
    min_size=60,
    max_size=60,
)


# What fails is long, and made short it would fail for minutes.
@settings(max_examples=3, phases=[Phase.generate])
@given(TEXTS)
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("texts")
    entries = [
        a_commitment(id=f"c-{at}", title=text, measures=[a_measure(unit=text)])
        for at, text in enumerate(texts)
    ]
    load([write(folder / "bundle.json", a_bundle(commitments=entries))], folder / "own.db")

    async def all_of(listing: Any, query: bytes, *names: str) -> list[bytes]:
        whole, view = await opened(folder / "own.db", listing, query)
        bodies = [await represented(name, whole, view) for name in names]
        view.release.retire()
        return bodies

    names = ("csv", "tsv", "ndjson", "xlsx")
    made = uvloop.run(all_of(COMMITMENTS, b"", *names))
    titles = {f"c-{at}": text for at, text in enumerate(texts)}
    plain = re.compile("[\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
    for row in rows(made[0].decode()):
        text = titles[row["id"]]
        assert row["title"] == (f"'{text}" if text[0] in ARMED else text)
    for row in rows(made[1].decode(), delimiter="\t"):
        text = titles[row["id"]]
        assert row["title"] == plain.sub(" ", f"'{text}" if text[0] in ARMED else text)
    records = [json.loads(line) for line in made[2].splitlines()]
    assert {record["id"]: record["title"] for record in records} == titles
    sheet = openpyxl.load_workbook(io.BytesIO(made[3]))["data"]
    at = [cell.value for cell in sheet[1]].index("id")
    assert {row[at].value: unescape(row[0].value) for row in sheet.iter_rows(2)} == titles
    assert {row[0].data_type for row in sheet.iter_rows(2)} == {"s"}
    for body in uvloop.run(all_of(CHANGES, b"", "csv", "xlsx")):
        assert body


def test_a_data_package_is_valid(hostile: httpx.Client, tmp_path: Path) -> None:
    answer = hostile.get("/releases/1/datapackage.zip")
    assert "immutable" in answer.headers["cache-control"]
    assert hostile.get("/releases/1/datapackage.zip").content == answer.content
    again = {"if-none-match": answer.headers["etag"]}
    assert hostile.get("/releases/1/datapackage.zip", headers=again).status_code == 304
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["title", "message"])
    package = json.loads((tmp_path / "datapackage.json").read_text())
    readme = (tmp_path / "README.md").read_text()
    assert {kind.plural for kind in SHAPES} < {
        resource["name"] for resource in package["resources"]
    }
    for resource in package["resources"]:
        with (tmp_path / resource["path"]).open(newline="") as file:
            header = next(csv.reader(file))
        assert header == [field["name"] for field in resource["schema"]["fields"]]
        assert all(f"| `{name}` |" in readme for name in header)
    (tmp_path / "commitment_by.csv").write_text("commitment_id,position,actor_id\r\na,1,nobody\r\n")
    broken = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert "foreign-key" in {row[0] for row in broken.flatten(["type"])}


def test_every_column_is_documented() -> None:
    text = (PROJECT / "docs" / "formats.md").read_text(encoding="utf-8")
    shapes = {f"/{kind.plural}": shape for kind, shape in SHAPES.items()}
    shapes |= {"/search": SEARCH.params.shape, "/changes": CHANGES.params.shape}  # type: ignore[dict-item] # they have one
    for path, shape in shapes.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{path}`"))
        documented = re.findall(r"`(\w+)`", row.split("|")[2])
        assert documented == [column.name for column in columns_of(shape)], path


def _stuck(url: str, path: str) -> socket.socket:
    """A client that has asked, and reads next to nothing."""
    where = urlsplit(url)
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    reader.settimeout(20)
    reader.connect((where.hostname, where.port))
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert reader.recv(12) == b"HTTP/1.1 200"
    return reader


def _curl(answer: bytes) -> int:
    """How curl ends that gets these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as there:
        url = f"http://127.0.0.1:{there.getsockname()[1]}/"
        with subprocess.Popen(["curl", "-sf", "-o", os.devnull, url]) as curl:
            connection, _ = there.accept()
            connection.recv(1_000)
            connection.sendall(answer)
            connection.close()
            return curl.wait(20)


def test_a_download_that_breaks_ends_as_a_broken_transfer(large: Path, tmp_path: Path) -> None:
    database = Path(shutil.copytree(large.parent, tmp_path / "own", symlinks=True), large.name)
    with serving(database) as running:
        reader = _stuck(running.url, "/changes?format=ndjson")
        os.truncate(file_of(database, 1), 8_192)
        sent = b""
        while piece := reader.recv(2**20):
            sent += piece
        reader.close()
        assert b"transfer-encoding: chunked" in sent
        assert b'{"type":"change"' in sent
        assert not sent.endswith(b"0\r\n\r\n")
        assert _curl(b"HTTP/1.1 200" + sent) == 18
        running.process.terminate()
        assert running.process.stderr is not None
        assert "/changes broke off" in running.process.stderr.read()


@pytest.mark.parametrize("name", ["csv", "tsv", "ndjson", "xlsx"])
def test_a_page_of_a_table_is_no_table(client: httpx.Client, name: str) -> None:
    answer = client.get(f"/commitments?format={name}&limit=5")
    assert answer.status_code == 422
    assert answer.json()["run"].endswith(f"/commitments?format={name}")
    assert BY_NAME[name].whole


ENDS = 'a\u2028\u2029\u0085\x0b\x0c\x1c\x1d\x1e\n\r\u00a8\u0405\\"é'
"""Ends of a line to one reader or another, and what has some bytes in common with them."""


@given(st.text(st.sampled_from(ENDS), max_size=20))
def test_a_record_is_one_line_for_every_reader(text: str) -> None:
    line = one_line(orjson.dumps({"text": text}))
    assert json.loads(line)["text"] == text
    assert len(line.decode().splitlines()) == 1
