"""Cards: a quote, promise or agreement with its source, to stand in the pages of others."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from app import links
from app.representations import wording
from app.representations.facts import NOT_STATED, UNKNOWN, Fact, facts
from app.representations.sources import Source, named, proofs_of, sources, state_of
from app.representations.values import One, View
from app.store.release import OpenRelease
from app.vocabulary import RecordState, RecordType

KINDS = (RecordType.QUOTE, RecordType.COMMITMENT, RecordType.AGREEMENT)
"""The types of which there are cards."""
WIDTH = 550
NARROW = 280  # pixels: a frame on a small phone
_FACTS = frozenset(
    {"Status", "By", "To", "Promise or deed", "Sum", "Figures", "Date", "Parties", "Due"}
)
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
    as_of, record = card.params.as_of, card.record
    since = view.release.info.number if as_of else 0
    state, warning = await state_of(card.kind, card.id, card.current, view.base, since)
    whole = "evidence" in record
    return {
        "record": record,
        "facts": _facts(record) if whole else [],
        "passage": passage_of(record, await sources([record], view.release)) if whole else None,
        "warning": warning,
        "state": state.value,
        "gone": state is RecordState.WITHDRAWN and not whole,
        "address": view.base + links.then(links.record_path(card.kind, card.id), as_of),
    }


def _facts(record: Mapping[str, Any]) -> list[Fact]:
    """The few facts of a card, but for what is not known."""
    every = (fact for fact in facts(record) if fact.label in _FACTS)
    return [fact for fact in every if fact.values[0].text not in _UNSAID]


def passage_of(record: Mapping[str, Any], documents: Mapping[str, Source]) -> Json | None:
    """The passage of a card or picture: the one that proves a quote, or the first one."""
    proofs = proofs_of(record, documents)
    proving = [proof for proof in proofs if "text" in proof["fields"]]
    return next(iter(proving or proofs), None)


def height(record: Mapping[str, Any], width: int = WIDTH, warning: str | None = None) -> int:
    """The height in pixels in which a card of this width fits; one that needs more is scrolled.

    It was measured in a browser: a letter is half as wide as high, or less.
    """
    room = max(width - 48, 80)
    about = [] if "text" in record else _facts(record)
    passage = passage_of(record, named([record]))
    words = [" ".join(f"{one.text} {one.note or ''}" for one in fact.values) for fact in about]
    blocks = [  # a text, the size of its letters, the height of its lines, what stands beside it
        (record.get("text") or record["title"], 21, 29, 0),
        *((text, 16, 33, 96) for text in words),
        (passage["exact"] if passage and "text" not in record else "", 17, 25, 0),
        (f"{passage['voice']} {passage['source'].title}" if passage else "", 14, 23, 0),
    ]
    blocks += [("Corrected. " + warning, 17, 25, 40), ("", 0, 40, 0)] if warning else []
    return (130 if "text" in record else 158) + sum(
        line * (1 + int(len(text) * size * 0.48 / (room - beside)))
        for text, size, line, beside in blocks
    )


def embedding(record: Mapping[str, Any], base: str, as_of: str | None, release: int) -> Json:
    """What to copy: a frame, and a quotation or a title with a link, which stands alone.

    Texts of a record are no markup in them. A title is ours: no source is quoted with it.
    """
    address = escape(base + links.then(record["href"], str(release)))
    said = escape(record.get("text") or record["title"])
    by = record.get("speaker")
    who = f"{escape(by['title'])}, " if by else ""
    language = f' lang="{escape(record["language"])}"' if record.get("language") else ""
    tag, cite = ("blockquote", f' cite="{address}"') if "text" in record else ("div", "")
    alone = (
        f'<{tag}{cite}{language}><p>{said}</p><p>— {who}<a href="{address}">'
        f"Readout, release {release}</a></p></{tag}>"
    )
    there = base + links.then(record["href"], as_of)
    discovery = f"{base}/oembed?url={quote(there, safe=':/')}"
    own = frame(record, base, as_of, WIDTH, height(record), height(record, NARROW))
    return {"frame": own, "alone": alone, "oembed": discovery}


def frame(record: Mapping[str, Any], base: str, as_of: str | None, width: int, *tall: int) -> str:
    """The frame of a card, so tall; in a narrow window as tall as the second height."""
    path = links.then(f"/embed/{record['type']}/{record['id']}", as_of)
    style = "border:0;max-width:100%"
    if len(tall) > 1:
        # A frame is as wide as the window, but for a margin: the rest is a line between the two.
        low, high = tall
        slope = (high - low) / (width - NARROW)
        style += f";height:clamp({low}px,{high}px - {slope:.2f}*(100vw - 320px),{high}px)"
    return (
        f'<iframe src="{escape(base + path)}" width="{width}" height="{tall[0]}" '
        f'title="{escape(wording.record_title(record))}" style="{style}" loading="lazy"></iframe>'
    )
