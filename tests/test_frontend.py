"""A frontend on another origin, in a browser: it fetches, walks, and sees what it needs."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.links import passage_url
from tests.conftest import Server
from tests.needs import in_a_browser


def test_another_origin_may_read_everything(server: Server) -> None:
    seen = in_a_browser("frontend.mjs", server.url)

    # It walks all pages, by `next` and by `Link` alike, and meets each record once.
    assert len(seen["ids"]) == len(set(seen["ids"])) == 13

    listed = seen["list"]
    assert listed["status"] == 200
    assert listed["headers"]["content-type"] == "application/json"
    assert listed["headers"]["dataset-release"] == "1"
    assert listed["headers"]["link"]
    assert json.loads(listed["text"])["query"]["by"] == ["japan"]

    # What it has already is not sent again; an ETag is of one answer only.
    assert (seen["again"]["status"], seen["again"]["text"]) == (304, "")
    assert seen["again"]["headers"]["etag"] == listed["headers"]["etag"]
    assert seen["another"]["status"] == 200

    assert json.loads(seen["record"]["text"])["id"] == "japan-us-investment"

    # Errors can be read, too.
    for name, status in (("wrong", 422), ("absent", 404), ("posted", 405)):
        answer = seen[name]
        assert answer["status"] == status
        assert answer["headers"]["content-type"] == "application/problem+json"
        assert json.loads(answer["text"])["status"] == status


AROUND = "<p>" + "Other words stand here. " * 400
# What is looked for, with its marks, and how the page has it.
PASSAGES: list[tuple[dict[str, Any], str]] = [
    ({"exact": "a plain passage of it"}, "<p>So <b id=target>a plain passage of it</b>."),
    ({"exact": "over the\nend of a line"}, "<p id=target>It goes over the\n  end of a line."),
    (
        {"exact": "to the end.\n\nThe next paragraph"},
        "<p id=target>From here to the end.</p><p>The next paragraph.",
    ),
    (
        {"exact": "well-known, “so-called” R&D — 100 %"},
        "<p id=target>A well-known, “so-called” R&amp;D — 100 %.",
    ),
    (
        {"exact": "we will", "prefix": "in the end", "suffix": "do it"},
        f"<p>At first we will do it.{AROUND}<p id=target>But in the end we will do it.",
    ),
    (
        {"exact": "first part … second part", "parts": ["first part", "second part"]},
        "<p id=target>The first part, with more, and the second part.",
    ),
    ({"exact": "日本と米国は、協力する"}, "<p lang=ja id=target>日本と米国は、協力する。"),
]


@pytest.mark.parametrize("place", ["", "#top"])
def test_the_address_of_a_passage_scrolls_to_it(tmp_path: Path, place: str) -> None:
    pages = [
        {
            "html": f"<!doctype html><html lang=en><h1 id=top>Top</h1>{AROUND}{html}{AROUND}",
            "fragment": str(passage_url(f"x:/{place}", **passage)).removeprefix("x:/"),
        }
        for passage, html in PASSAGES
    ]
    file = tmp_path / "pages.json"
    file.write_text(json.dumps(pages), encoding="utf-8")
    seen = in_a_browser("fragments.mjs", str(file))
    assert [p for (p, _), is_there in zip(PASSAGES, seen, strict=True) if not is_there] == []
