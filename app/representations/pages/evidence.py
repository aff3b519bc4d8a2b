"""Which passage proves which fact, and how both are called on a page."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from app import links
from app.representations.sources import Source, voice
from app.representations.wording import term

MOST = 100
"""So many passages of a record are shown; all are in its JSON."""

# What a key of a record is called on a page, where it is not its own name.
_LABELS = {
    "acts_for": "Acts for",
    "agreements": "About",
    "aliases": "Also called",
    "amount": "Sum",
    "characters": "Length",
    "ends_on": "Ended",
    "mentions": "Names",
    "participants": "Who met",
    "quantity": "Number",
    "relation": "Relation to the summit",
    "sha256": "SHA-256 of the text",
    "starts_on": "Began",
    "text": "Words",
    "url": "Address",
}
# Facts that are said in the row of another one.
_ROWS = {"currency": "amount", "unit": "quantity"}


def label(field: str) -> str:
    """What a key of a record is called on a page: `starts_on` gives `Began`."""
    return _LABELS.get(field) or term(field).capitalize()


def row(field: str) -> str:
    """Where on the page of a record a fact stands."""
    return f"fact-{_ROWS.get(field, field)}"


class Passage(NamedTuple):
    """A passage of a source, as a record's page shows it."""

    number: int
    exact: str
    fields: list[str]
    voice: str
    """In whose voice it speaks."""
    source: Source
    url: str | None
    """The address of the passage in its source, where that is an address of the web."""
    start: int | None
    end: int | None


def passages(record: Mapping[str, Any], sources: Mapping[str, Source]) -> list[Passage]:
    """The passages that prove a record, numbered from 1, the main one first."""
    return [
        Passage(
            number=number,
            exact=proof["exact"],
            fields=proof["fields"],
            voice=voice(record, proof, sources[proof["document"]["id"]]),
            source=sources[proof["document"]["id"]],
            url=links.web_address(proof["url"]),
            start=proof["start"],
            end=proof["end"],
        )
        for number, proof in enumerate(record["evidence"][:MOST], start=1)
    ]


def marks(shown: Iterable[Passage]) -> dict[str, list[Passage]]:
    """The passages that prove each fact, by where it stands on the page."""
    found: dict[str, list[Passage]] = defaultdict(list)
    for passage in shown:
        for place in dict.fromkeys(map(row, passage.fields)):
            found[place].append(passage)
    return dict(found)
