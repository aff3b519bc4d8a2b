"""Nothing that comes over the network gives a 5xx, or an answer that is not what was asked."""

import http.client
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_from_bytes, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.lookup import _AND
from app.nearest import denies
from app.queries.lists import AGREEMENTS, COMMITMENTS, QUOTES
from app.queries.querystring import _in_a_value
from app.queries.search import SEARCH
from tests.conftest import Server

NASTY = [
    "9" * 23, "-1", "0", "1e3", "1_0", "+1", "\u0661", "1.5", "NaN", "Infinity", "0x10",
    "\x00", "a\x00b", "\r\nX-Evil: 1", "\u202e", "\U0001f600" * 20, "%", "%zz", "%ED%A0%80", "\xff",
    "AND", "OR", "NOT", "NEAR(a b)", '"', '"unbalanced', "a*b*", "*", "(", "a:b", "title:x", "^a",
    "- -", "--", "-", "''; DROP TABLE record; --", "{x}", "[]", "2025-02-30", "2025-2-3", "0000",
    "9999-12-31", "2025-02-07T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "..", "../../etc/passwd", "null", "None", "true", "japn", "Japan", "a" * 101, "a-", "-a",
    "x" * 5_000, "\u0130", "\ufb01", "\u1e9e", "\u00bd",
]  # fmt: skip
LISTINGS = [AGREEMENTS, COMMITMENTS, QUOTES, SEARCH]
ALLOWED = {200, 400, 404, 410, 414, 422}


class Wire:
    """Sends a path as it stands: a client library would tidy it."""

    def __init__(self, url: str) -> None:
        """Connect when first asked."""
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """The status and the answer, checked for what is never right; {} for what is no JSON."""
        self.connection.putrequest("GET", path, skip_accept_encoding=True)
        self.connection.endheaders()
        answer = self.connection.getresponse()
        raw = answer.read()
        # A format that was misspelt may have been meant as another one than JSON.
        is_json = answer.getheader("content-type") in {
            "application/json",
            "application/problem+json",
        }
        body = json.loads(raw) if is_json else {}
        assert answer.getheader("x-evil") is None
        assert answer.status in ALLOWED, (path, answer.status, body)
        if answer.status != 200:
            assert answer.getheader("content-type") == "application/problem+json"
            assert body["status"] == answer.status
            assert len(body["detail"]) < 20_000
        return answer.status, body


@pytest.fixture(scope="module")
def wire(server: Server) -> Iterator[Wire]:
    """A connection to the server on the seed."""
    wire = Wire(server.url)
    yield wire
    wire.connection.close()


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.path)
def test_no_value_of_any_parameter_breaks_it(wire: Wire, listing: Any) -> None:
    for name in [*listing.params.model_fields, "unheard-of"]:
        for nasty in NASTY:
            value = quote_from_bytes(nasty.encode(), safe="")
            also = "&q=japan" if listing is SEARCH and name != "q" else ""
            status, body = wire.get(f"{listing.path}?{name}={value}{also}")
            if status == 200:
                # Understood: then it is in the receipt, and not silently left out.
                assert name in body["query"], (name, nasty)
            elif status == 422 and body["run"]:
                run = urlsplit(body["run"])
                mended, _ = wire.get(f"{run.path}?{run.query}")
                assert mended == 200, (name, nasty, body)


@pytest.mark.parametrize(
    "query",
    [
        "&".join(f"topic={n}" for n in range(1000)),
        "&".join(["topic=defense"] * 1000),
        "&".join(f"p{n}=1" for n in range(99)),
        "q=" + "a" * 7_000,
        "q=" + "%20".join("a" * 1 for _ in range(99)),
        "q=" + "%20".join(f"{chr(97 + n % 26)}*" for n in range(60)),
        "q=" + "%22" * 199,
        "q=-a%20-b%20-c",
        "limit=5&limit=5",
        "cursor=a&cursor=b",
        "limit=5&Limit=6",
        "=",
        "&&&",
        "?",
        "q=a;topic=b",
        "topic[]=defense",
        "fields=id&fields=id,title,id",
        "fields=,,,",
        "%71=japan",
        "q=%c3%28",
        "format=csv",
        "since=2026&until=2025",
        "amount_min=5&amount_max=4",
    ],
)
def test_no_query_breaks_a_list(wire: Wire, query: str) -> None:
    for path in ("/agreements", "/commitments", "/search"):
        wire.get(f"{path}?{query}")


@given(st.binary(max_size=60), st.sampled_from(["/agreements", "/search", "/actors/japan", "/"]))
def test_no_bytes_break_it(wire: Wire, raw: bytes, path: str) -> None:
    wire.get(f"{path}?{quote_from_bytes(raw, safe='=&%;+*')}")


YEARS = st.sampled_from(["0000", "0001", "0999", "1000", "2025", "2999", "3000", "9999"])
DAYS = st.sampled_from(["", "-01", "-12", "-01-01", "-12-31", "-02-29", "-W01-1", "-W53-7", "-366"])
TIMES = st.sampled_from(["", "T00", "T00:00:00", "T23:59:59.999999", "T24:00"])
OFFSETS = st.sampled_from(["", "Z", "+00:01", "+14:00", "-14:00", "-23:59:59", "+23:59:59.999999"])


@given(
    st.sampled_from(["as_of", "since", "until"]),
    st.builds("".join, st.tuples(YEARS, DAYS, TIMES, OFFSETS)),
)
@example("as_of", "0001-01-01T23:59:59.999999+23:59:59.999999")
def test_any_moment_is_answered_or_refused_with_advice(wire: Wire, name: str, moment: str) -> None:
    status, body = wire.get(f"/commitments?{name}={quote_from_bytes(moment.encode(), safe='')}")
    assert status in {200, 422}
    if status == 422:
        nearest = [fault["nearest"] for fault in body["errors"]]
        assert body["run"] or any(nearest) or re.search("write|add Z", body["detail"])


@given(st.text(max_size=40))
def test_any_text_can_be_searched_for_or_is_refused_clearly(wire: Wire, text: str) -> None:
    encoded = quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")
    status, body = wire.get(f"/search?q={encoded}&sort=rank&facet=type")
    if status == 200 and text:
        assert body["query"]["q"] == text


@given(st.binary(max_size=40), st.sampled_from(["/actors/", "/agreements/", "/"]))
def test_no_path_breaks_it(wire: Wire, raw: bytes, path: str) -> None:
    status, _ = wire.get(path + quote_from_bytes(raw + b"~", safe="/%"))
    assert status in {400, 404}


@pytest.mark.parametrize("sign", ["!", " ", ";", "&#", "-", "("])
def test_a_long_value_is_read_once(sign: str) -> None:
    value = f"a{sign * 500_000}a"  # read anew from each sign, this would take hours
    assert not denies(value)
    assert len(_in_a_value.split(value)) == 1
    for mark in _AND:
        assert len(mark.split(value, 5)) <= 6
