"""Every kind of page, in a real browser: light, dark and on a phone."""

import pytest

from tests.conftest import Server
from tests.needs import in_a_browser

MOST_READ = [
    "/",
    "/commitments?by=japan&sort=-amount",
    "/summits/us-japan-2025-02",
    "/commitments/japan-us-investment",
]
OTHERS = [
    "/search?q=japan",
    "/agreements?topc=defense&format=html",
    "/docs",
    "/about",
    "/summits",
    "/actors?kind=person",
    "/agreements",
    "/commitments?limit=2&topic=investment&topic=defense",
    "/commitments?q=nothingofthesort",
    "/quotes",
    "/documents",
    "/search?q=nothingofthesort",
    "/changes",
    "/releases",
    "/releases/1",
    "/actors/japan",
    "/actors/shigeru-ishiba",
    "/agreements/joint-leaders-statement",
    "/commitments/japan-us-investment/history",
    "/quotes/trump-chinese-economic-aggression",
    "/documents/red-nation-today-japan-us",
    "/actors/jpan?format=html",
]
"""One of each other kind."""


@pytest.mark.parametrize("pages", [MOST_READ, pytest.param(OTHERS, marks=pytest.mark.faults)])
def test_no_page_has_a_fault(server: Server, pages: list[str]) -> None:
    """Valid HTML, nothing for axe, nothing from elsewhere, no message, no sideways scrolling."""
    assert in_a_browser("pages.mjs", server.url, "-", *pages) == []


@pytest.mark.faults
def test_lighthouse_finds_nothing(server: Server) -> None:
    """All 100 for accessibility, best practices and SEO, on a phone and on a desk."""
    pages = ["/", "/agreements", "/summits/us-japan-2025-02", "/commitments/japan-us-investment"]
    low = in_a_browser("lighthouse.mjs", server.url, *pages)
    # Its speed is to be read, not tested: it falls when the machine is busy with other tests.
    assert [one for one in low if one["category"] != "performance"] == []
