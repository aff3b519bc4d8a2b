"""The formats: the name of each, its media type, and the answers that it can show.

A line here and a file of the same name in `representations/` make a format.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property


class Content(Enum):
    """The sorts of answers."""

    INDEX = "what there is"
    LIST = "a list of records"
    RECORD = "a record"
    HITS = "what a search found"
    CHANGES = "a list of changes"
    RELEASES = "the list of releases"
    RELEASE = "a release"
    TOPICS = "the list of topics"
    CHECK = "a draft that was checked"
    CARD = "a card of a record"
    STATUS = "a status"
    PROBLEM = "a problem"


_LISTS = frozenset({Content.LIST, Content.HITS, Content.CHANGES})
_FEEDS = _LISTS | {Content.RELEASES}
_RECORDS = frozenset({Content.RECORD})
_CARDS = frozenset({Content.CARD})  # shown within pages of others, and no data
_ALL = frozenset(Content) - _CARDS


# A cursor stands last, so that what comes before it is the same on every page of a walk.
PRESENTATION = ("limit", "fields", "facet", "include", "format", "bom", "raw", "cursor")
"""The parameters that say how an answer is written down, not which records it holds."""
PAGING = frozenset({"limit", "cursor", "facet"})
_WRITING = frozenset(PRESENTATION) - {"format"}
_CHOICE = frozenset({"fields"})
_CELLS = frozenset({"bom", "raw"})
_PLACES = PAGING - {"facet"}


@dataclass(frozen=True, eq=False)
class Format:
    """A way to write an answer down."""

    name: str
    """Its value in `format`."""
    media_type: str
    title: str
    """Its name to a person."""
    shows: frozenset[Content]
    reads: frozenset[str] = frozenset()
    """The parameters of `PRESENTATION` that it reads."""
    whole: bool = False
    """Whether it is the whole result of a list instead of a page of it."""
    file: str | None = None
    """The ending of the file that a client saves; None where it is shown at once."""

    @cached_property
    def refuses(self) -> frozenset[str]:
        """The parameters that mean nothing to this format, and are no slip of a person's."""
        # A link of any format may be opened in a browser.
        return frozenset() if self.name == "html" else _WRITING - self.reads


_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# The first one answers whoever takes anything, so JSON stands first.
FORMATS = (
    Format("json", "application/json", "JSON", _ALL, PAGING | _CHOICE | {"include"}),
    Format("html", "text/html", "Page", (_ALL | _CARDS) - {Content.STATUS}, _PLACES),
    Format("csv", "text/csv", "CSV", _LISTS, _CHOICE | _CELLS, whole=True, file="csv"),
    Format(
        "tsv", "text/tab-separated-values", "TSV", _LISTS, _CHOICE | _CELLS, whole=True, file="tsv"
    ),
    Format("ndjson", "application/x-ndjson", "NDJSON", _LISTS, _CHOICE, whole=True, file="ndjson"),
    Format("xlsx", _EXCEL, "Excel", _LISTS, _CHOICE, whole=True, file="xlsx"),
    Format("md", "text/markdown", "Markdown", _ALL - {Content.STATUS, Content.PROBLEM}, _PLACES),
    Format("atom", "application/atom+xml", "Atom feed", _FEEDS, _PLACES),
    Format("jsonfeed", "application/feed+json", "JSON Feed", _FEEDS, _PLACES),
    Format("jsonld", "application/ld+json", "JSON-LD", _RECORDS | {Content.LIST}, _PLACES),
    Format("citation", "text/plain", "Citation", _RECORDS),
    Format("bibtex", "application/x-bibtex", "BibTeX", _RECORDS, file="bib"),
    Format("ris", "application/x-research-info-systems", "RIS", _RECORDS, file="ris"),
    Format("png", "image/png", "Picture", _RECORDS),
    Format("csl", "application/vnd.citationstyles.csl+json", "CSL-JSON", _RECORDS),
)
FEEDS = frozenset({"atom", "jsonfeed"})
"""Formats that begin with what changed last, unless another order is asked for."""
BY_NAME = {each.name: each for each in FORMATS}


@cache
def showing(content: Content) -> tuple[Format, ...]:
    """The formats of an answer, the preferred one first."""
    return tuple(each for each in FORMATS if content in each.shows)


def names(content: Content) -> tuple[str, ...]:
    """The values of `format` for an answer."""
    return tuple(each.name for each in showing(content))
