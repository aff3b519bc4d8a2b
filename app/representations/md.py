"""Markdown (CommonMark): records and lists for a note, or for a language model.

No text of a record is markup there, or a link.
"""

import re
from functools import partial
from typing import Any

from app import links
from app.formats import Content
from app.paging import Page
from app.records import Suggestion
from app.representations.facts import UNKNOWN, facts, facts_of_hit
from app.representations.html import environment
from app.representations.sources import proofs_of, since_then, sources, with_voices
from app.representations.values import Body, One, View, addresses, next_as
from app.representations.wording import line, record_of
from app.representations.words import in_words
from app.suggestions import suggestions

Json = dict[str, Any]
# What CommonMark or GitHub's Markdown takes for markup inside of a line. A dollar before a figure
# is a sum of money, before anything else it may begin a formula.
_inline = re.compile(r"[\\`*_\[\]<>&|~@#]|\$(?!\d)|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What begins a list, a heading or a rule where a line begins; words may stand there.
_first = re.compile(r"^(\d{0,9})([-+=.)])")


_TEMPLATES = {Content.INDEX: "index.md", Content.CHECK: "check.md"}


async def represent(answer: Page | One, view: View) -> Body:
    """An answer, as blocks with an empty line between them."""
    content = answer.params.content
    template = _TEMPLATES.get(content, "answer.md")
    context = await _list(answer, view) if isinstance(answer, Page) else {"items": [answer.record]}
    wholes = map(record_of, context["items"]) if content is Content.CHANGES else context["items"]
    documents = await sources(filter(None, wholes), view.release)
    with_past = context["items"] if content in {Content.RECORD, Content.LIST} else []
    pairs = answer.params.pairs("cursor", "format", "as_of")
    number = str(view.release.info.number)
    written = (
        environment()
        .get_template(template)
        .render(
            context,
            content=content.name,
            info=view.release.info,
            topic_title=view.release.topic_title,
            base=view.base,
            same_for_ever=view.base + links.query_path(answer.path, [*pairs, ("as_of", number)]),
            address=addresses(answer, view),
            since=await since_then(with_past, view),
            proofs_of=partial(proofs_of, documents=documents),
            **_FUNCTIONS,
        )
    )
    return f"{written.strip()}\n".encode()


async def _list(page: Page, view: View) -> Json:
    following, items = next_as(page, "md"), page.records
    others: list[Suggestion] = []
    if page.params.content is Content.HITS:
        items = await with_voices(items, view.release)
        others = await suggestions(page, view.release)
    return {
        "suggestions": others,
        "items": items,
        "total": page.total,
        "words": await in_words(page, view.release),
        "next": following and view.base + following,
    }


def plain(text: str) -> str:
    """A text as Markdown that shows just this text, on one line."""
    marked = _inline.sub(lambda match: "\\" + match[0], line(text))
    return _first.sub(r"\1\\\2", marked)


_address = re.compile(r"(https?)\\(://\S+?)(?=[;,.]?(?:\s|$))")


def cited(text: str) -> str:
    """A citation as Markdown, whose addresses stay as they are, to be pasted."""
    return _address.sub(lambda url: f"<{url[1]}{url[2].replace(chr(92), '')}>", plain(text))


def link(text: str, url: str | None) -> str:
    """A link, of which the text is no markup; just the text where there is no address."""
    if url is None:
        return plain(text)
    return f"[{plain(text)}]({f'<{url}>' if '(' in url or ')' in url else url})"


def quotation(text: str) -> str:
    """A text as a block of its own, its lines kept."""
    return "\n".join(f"> {plain(part)}".rstrip() for part in text.splitlines() or [""])


_FUNCTIONS = {
    "cited": cited,
    "facts": facts,
    "facts_of_hit": facts_of_hit,
    "link": link,
    "plain": plain,
    "quotation": quotation,
    "unknown": UNKNOWN,
}
