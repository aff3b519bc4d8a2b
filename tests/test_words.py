"""A query in words, as pages, feeds and files have it."""

import html5lib  # type: ignore[import-untyped]  # it has no types
import httpx2 as httpx
import pytest

from app.queries.changes import CHANGES
from app.queries.listing import Listing
from app.queries.lists import ACTORS, AGREEMENTS, COMMITMENTS, DOCUMENTS, QUOTES, SUMMITS
from app.queries.params import choices
from app.queries.search import SEARCH
from app.representations.words import ORDERS

LISTS = (SUMMITS, AGREEMENTS, COMMITMENTS, QUOTES, ACTORS, DOCUMENTS, SEARCH, CHANGES)


@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.path)
def test_each_filter_of_each_list_says_itself_in_words(listing: Listing) -> None:
    """And a form has a name for it; `as_of` is said at the end of every sentence."""
    assert listing.params.says.keys() == listing.params.filters - {"as_of"}
    for says in listing.params.says.values():
        assert says.phrase.count("{}") == 1
        assert says.label


@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.path)
def test_each_order_has_its_words(listing: Listing) -> None:
    assert set(choices(listing.params, "sort")) <= ORDERS.keys()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/commitments", "Commitments, newest first"),
        (
            "/commitments?by=japan&amount_min=1e6&currency=USD",
            "Commitments by Japan that may reach $1 million, newest first",
        ),
        (
            "/commitments?currency=USD&currency=EUR",
            "Commitments in US dollars or euros, newest first",
        ),
        (
            "/agreements?topic=defense&topic=defense_industry&sort=title",
            "Agreements on defense or defense industry, by title, A to Z",
        ),
        (
            "/quotes?speaker=donald-trump&mentions=china&since=2025-02",
            "Quotes by Donald Trump naming China since February 2025, or dated less exactly, "
            "newest first",
        ),
        ("/agreements?since=2025", "Agreements since 2025, newest first"),
        (
            "/commitments?due_until=2030-06&amount_max=5e9&currency=USD",
            "Commitments that may stay within $5 billion due until June 2030, or dated less "
            "exactly, newest first",
        ),
        (
            "/commitments?overdue=2026-01",
            "Commitments overdue when January 2026 began, newest first",
        ),
        (
            "/agreements?summit=us-japan-2025-02&limit=1",
            "Agreements from “U.S.-Japan summit, February 2025”, newest first",
        ),
        (
            '/search?q="senkaku islands"&type=quote',
            "Records among quotes matching “senkaku islands”, best first",
        ),
        ("/actors?country=JP&as_of=1", "Actors of Japan, by title, A to Z, as of release 1"),
        ("/actors/japan/history", "History of Japan, latest first"),
        (
            "/changes?type=actor&action=added",
            "Changes to actors by which a record was added, latest first",
        ),
    ],
)
def test_a_query_is_said_in_words(client: httpx.Client, path: str, words: str) -> None:
    page = client.get(path, headers={"accept": "text/html"})
    assert page.status_code == 200, page.text
    (title,) = html5lib.parse(page.text, namespaceHTMLElements=False).iter("title")
    assert title.text == f"{words} · Readout"
