"""CSL-JSON, the input of citation processors (https://docs.citationstyles.org)."""

import re
from typing import Any

import orjson

from app.representations.citing import Citation, citation_of
from app.representations.values import Body, One, Shown, View
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


async def represent(shown: Shown, view: View) -> Body:
    """A record as a list of one item."""
    assert isinstance(shown, One)  # noqa: S101 - the table has this as a format of records
    return orjson.dumps([_item(await citation_of(shown, view))])


def _item(found: Citation) -> dict[str, Any]:
    itself = found.itself
    item: dict[str, Any] = {
        "id": found.key,
        "type": "webpage",
        "title": _text(found.title),
        "issued": _date(found.published) if found.published else None,
        "URL": found.address,
        "accessed": _date(found.date),
        "note": _text(found.note) or None,
    }
    if itself:
        publisher = itself.publisher and _text(itself.publisher)
        item |= {
            "type": _TYPES.get(itself.kind or "", "webpage"),
            "author": [{"literal": _text(itself.author)}] if itself.author else None,
            "container-title": publisher,
            "publisher": publisher,
        }
    else:
        item |= {
            "container-title": "Readout",
            "publisher": "Readout",
            "version": f"release {found.release}",
        }
    return {name: value for name, value in item.items() if value}


def _text(text: str) -> str:
    return _markup.sub("<\u2060", line(text))


def _date(date: str) -> dict[str, Any]:
    """A date, only as exact as it is."""
    return {"date-parts": [[int(part) for part in date.split("-")]]}
