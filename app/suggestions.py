"""What would find something where a search finds nothing: every suggestion was looked up."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from app.nearest import spelt
from app.paging import Walk, walk_without, whole_of
from app.records import Suggestion
from app.store.release import OpenRelease
from app.store.search import Term

_MOST = 5
_TRIED = 16
_TERMS = 6  # of which some are left out
_ASKING = frozenset(
    ["what", "which", "who", "whom", "whose", "when", "where", "why", "how", "did", "do", "does",
     "is", "are", "was", "were", "has", "have", "the"]
)  # fmt: skip
"""Words that ask, and are no answer."""
_SHORTEST = 4  # letters of a word that is corrected, or looked for alone
_SCALES = {"tn": "trillion", "bn": "billion", "mn": "million", "m": "million"}
_short_sum = re.compile(rf"([0-9]+)({'|'.join(_SCALES)})")
_AS_LONG = (
    "SELECT word FROM word WHERE length(word) BETWEEN :letters - 2 AND :letters + 2 LIMIT 100000"
)


async def suggestions(walk: Walk, release: OpenRelease) -> list[Suggestion]:
    """Other spellings, then fewer words: what keeps most of what was typed comes first."""
    wanted, unwanted = walk.params.search or ((), ())
    # What leaves records out leaves them out of everything that is suggested.
    also = "".join(f" -{term.typed or _quoted(term)}" for term in unwanted)
    typed = [term for term in wanted if term.typed.lower() not in _ASKING]
    made: list[Suggestion] = []
    queries = _queries([await _there(term, release) for term in typed[:_TERMS]])
    for query in [*dict.fromkeys(queries)][:_TRIED]:
        other = await walk_without(walk, "q", release, q=query + also)
        if total := (await whole_of(other, release)).total:
            made.append(Suggestion(query=query + also, total=total, href=other.url))
        if len(made) == _MOST:
            break
    return made


def _queries(typed: Sequence[str | None]) -> Iterator[str]:
    """Everything that the record can have, then less and less of it."""
    there = [text for text in typed if text]
    for size in range(len(there), 0, -1):
        for kept in combinations(there, size):
            if size > 1 or len(kept[0]) >= _SHORTEST or not kept[0].isascii():
                yield " ".join(kept)


def _quoted(term: Term) -> str:
    return f'"{" ".join(term.words)}"'


async def _there(term: Term, release: OpenRelease) -> str | None:
    """A term as it is typed; a word that the record has not as the nearest one, or None."""
    text = " ".join(term.words)
    if len(term.words) > 1:
        return _quoted(term)
    if term.prefix:
        return f"{text}*"
    if await release.forms_of(text) or await release.other_names(text, codes=True):
        return text
    if short := _short_sum.fullmatch(text):
        return f'"{short[1]} {_SCALES[short[2]]}"'
    if len(text) < _SHORTEST:
        return None
    [rows] = await release.rows((_AS_LONG, {"letters": len(text)}), slow=True)
    return next(iter(await asyncio.to_thread(spelt, text, [word for (word,) in rows])), None)
