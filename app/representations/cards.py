"""Cards: a quote, promise or agreement with its source, to stand in the pages of others."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from app import links
from app.representations import wording
from app.representations.facts import NOT_STATED, UNKNOWN, Fact, facts
from app.representations.sources import proofs_of, sources, state_of
from app.representations.values import One, View
from app.store.release import OpenRelease
from app.vocabulary import RecordState, RecordType

KINDS = (RecordType.QUOTE, RecordType.COMMITMENT, RecordType.AGREEMENT)
"""The types of which there are cards."""
WIDTH = 550
_FACTS = frozenset({"Status", "By", "Sum", "Said by", "Date", "Parties", "Due", "Promise or deed"})
_UNSAID = frozenset({UNKNOWN, NOT_STATED, "none is given"})
Json = dict[str, Any]


@dataclass(frozen=True)
class Card(One):
    """A record, and the release that knows what became of it."""

    current: OpenRelease | None = None
    id: str = ""

    @property
    def url(self) -> str:
        """Its own path and query; of what became of it since, there is another one."""
        return f"{super().url}#{self.current.tag if self.current else ''}"


async def context(card: Card, view: View) -> Json:
    """The context of a card; of a record that was withdrawn, `record` is its tombstone."""
    assert card.kind  # noqa: S101 - a card is of a record
    assert card.current  # noqa: S101 - it is asked now
    pinned = card.params.as_of is not None
    since = view.release.info.number if pinned else 0
    state, warning = await state_of(card.kind, card.id, card.current, since)
    record = card.record
    whole = "evidence" in record
    proofs = proofs_of(record, await sources([record], view.release)) if whole else []
    passage = next((proof for proof in proofs if "text" in proof["fields"]), None)
    return {
        "record": record,
        "facts": _said(record) if whole else [],
        "passage": passage or next(iter(proofs), None),
        "warning": warning,
        "state": state.value,
        "gone": state is RecordState.WITHDRAWN and not whole,
        "address": view.base + links.then(links.record_path(card.kind, card.id), card.params.as_of),
    }


def _said(record: Json) -> list[Fact]:
    """The few facts of a card, but for what is not known."""
    every = (fact for fact in facts(record) if fact.label in _FACTS)
    return [fact for fact in every if fact.values[0].text not in _UNSAID]


def height(record: Mapping[str, Any]) -> int:
    """A height in pixels that is enough on a phone; one that needs more can be scrolled."""
    if "text" in record:
        return 230 + 29 * (len(record["text"]) // 34 + 1)
    passage = record["evidence"][0]["exact"] if record["evidence"] else ""
    return 340 + 27 * (len(record["title"]) // 28 + 1) + 25 * (len(passage) // 36 + 1)


def embedding(record: Mapping[str, Any], base: str, as_of: str | None, release: int) -> Json:
    """What to copy: a frame, and a quotation with a link, which stands alone.

    Texts of a record are no markup in them.
    """
    path = links.then(f"/embed/{record['type']}/{record['id']}", as_of)
    title = escape(wording.record_title(record))
    frame = (
        f'<iframe src="{escape(base + path)}" width="{WIDTH}" height="{height(record)}" '
        f'title="{title}" style="border:0;max-width:100%" loading="lazy"></iframe>'
    )
    address = escape(base + links.then(record["href"], str(release)))
    said = escape(record.get("text") or record["title"])
    by = record.get("speaker")
    who = f"{escape(by['title'])}, " if by else ""
    language = f' lang="{escape(record["language"])}"' if record.get("language") else ""
    alone = (
        f'<blockquote cite="{address}"{language}><p>{said}</p><p>— {who}<a href="{address}">'
        f"Readout, release {release}</a></p></blockquote>"
    )
    there = base + links.then(record["href"], as_of)
    discovery = f"{base}/oembed?url={quote(there, safe=':/')}"
    return {"frame": frame, "alone": alone, "oembed": discovery}
