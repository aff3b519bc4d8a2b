"""CSL-JSON, the input of citation processors (https://docs.citationstyles.org)."""

import re
from typing import Any

import orjson

from app.representations.citation import Citation, citation_of
from app.representations.values import Body, One, View
from app.representations.wording import line

# Types that processors of every version know.
_TYPES = {
    "news_article": "article-newspaper",
    "social_media_post": "post",
    "speech": "speech",
    "treaty": "treaty",
}
# The markup that processors know: a word joiner, which nobody sees, makes it a text again.
_markup = re.compile(r"<(?=/?(?:i|b|sub|sup|sc|span)\b)", re.IGNORECASE)


async def represent(one: One, view: View) -> Body:
    """A record as a list of one item."""
    return orjson.dumps([_item(await citation_of(one, view))])


def _item(citation: Citation) -> dict[str, Any]:
    itself = citation.itself
    publisher = _text(itself.publisher or "") if itself else "Readout"
    item = {
        "id": citation.key,
        "type": _TYPES.get((itself and itself.kind) or "", "webpage"),
        "title": _text(citation.title),
        "language": citation.language,
        "issued": _date(citation.published) if citation.published else None,
        "URL": citation.address,
        "accessed": _date(citation.date),
        "note": _text(citation.note),
        "author": [{"literal": _text(itself.author)}] if itself and itself.author else None,
        "container-title": publisher,
        "publisher": publisher,
        "version": None if itself else f"release {citation.release}",
    }
    return {name: value for name, value in item.items() if value}


def _text(text: str) -> str:
    return _markup.sub("<\u2060", line(text))


def _date(date: str) -> dict[str, Any]:
    """A date, only as exact as it is."""
    return {"date-parts": [[int(part) for part in date.split("-")]]}
