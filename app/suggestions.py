"""What would find something where a search finds nothing: every suggestion was looked up."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from app.countries import codes_named, countries_with_demonym
from app.figures import SCALES
from app.nearest import denies, spelt
from app.paging import Walk, walk_without, whole_of
from app.queries.values import MAX_Q
from app.records import Suggestion
from app.store.release import OpenRelease
from app.store.search import Search, Term
from app.text import SIGNS, searchable

_MOST = 5
_TRIED = 16
_TERMS = 6  # of which some are left out
_ALTERNATIVES = 3  # behind OR: of a word that is not there, all others are looked through
_SMALL = frozenset(
    ["what", "which", "who", "whom", "whose", "when", "where", "why", "how", "did", "do", "does",
     "is", "are", "was", "were", "has", "have", "the", "a", "an", "and", "as", "at", "by", "for",
     "from", "in", "its", "no", "not", "of", "on", "or", "that", "this", "to", "with"]
)  # fmt: skip
"""Words that ask or join, and are no answer."""
_apart = re.compile(rf"(?<=\w)[^\w\s'\u2019{''.join(SIGNS)}](?=\w)")
_SHORTEST = 4  # letters of a word that is corrected
_FEW = 0.2  # of all records: what finds more says nothing where it stands alone
_short_sum = re.compile(rf"([{''.join(SIGNS)}]?[0-9]+)({'|'.join(SCALES)})")
_AS_LONG = (
    "SELECT word FROM word WHERE length(word) BETWEEN :letters - 2 AND :letters + 2 LIMIT 100000"
)


async def suggestions(walk: Walk, release: OpenRelease) -> list[Suggestion]:
    """Other spellings, then fewer words: what keeps most of what was typed comes first."""
    search = walk.params.search or Search(())
    # What leaves records out leaves them out of everything that is suggested.
    also = "".join(f" -{term.typed or _quoted(term)}" for term in search.unwanted)
    typed = [
        each
        for term in search.wanted
        if term.others or term.typed.lower() not in _SMALL
        for each in _taken_apart(term)
    ]
    if any(denies(term.typed) for term in search.wanted):
        return []
    few = _FEW * sum(release.info.counts.values())
    made: list[Suggestion] = []
    there = [await _there(term, release) for term in typed[:_TERMS]]
    # A sum without a part of it is another one.
    least = len(there) if any(map(str.isdigit, walk.params.query["q"])) else 1
    short = [q for q in dict.fromkeys(_queries(there, least)) if len(q + also) <= MAX_Q]
    for query in short[:_TRIED]:
        other = await walk_without(walk, "q", release, q=query + also)
        total = (await whole_of(other, release)).total
        says_little = query.isdigit() or (len(query) < _SHORTEST and total > few)
        if total and not says_little:
            made.append(Suggestion(query=query + also, total=total, href=other.url))
        if len(made) == _MOST:
            break
    return made


def _queries(typed: Sequence[str | None], least: int) -> Iterator[str]:
    """Everything that the record can have, then less and less of it: so many terms at least."""
    there = [text for text in typed if text]
    for size in range(len(there), least - 1, -1):
        for kept in combinations(there, size):
            yield " ".join(kept)


def _taken_apart(term: Term) -> list[Term]:
    """The words that a hyphen or a comma joins: they may stand apart."""
    apart = _apart.split(term.typed)
    terms = [each for word in apart for each in Search.parse(word).wanted]
    return terms if len(apart) > 1 and not term.others else [term]


def _quoted(term: Term) -> str:
    return f'"{" ".join(term.words)}"'


async def _there(term: Term, release: OpenRelease) -> str | None:
    """A term as it is typed, or what is nearest to it; None if nothing of it is on record."""
    either = [term._replace(others=()), *term.others[:_ALTERNATIVES]]
    every = [await _one_there(each, release) for each in either]
    return " OR ".join(filter(None, every)) or None


async def _one_there(term: Term, release: OpenRelease) -> str | None:
    text = " ".join(term.words)
    if short := _short_sum.fullmatch(term.typed.lower()):
        value = SCALES[short[2]]
        scale = next(word for word, each in SCALES.items() if each == value and len(word) > 3)
        return f'"{short[1]} {scale}"'
    if len(term.words) > 1:
        return _quoted(term)
    if term.prefix:
        return f"{text}*"
    if await release.forms_of(text) or await release.names_of_same(text, codes=True):
        return text
    for name in countries_with_demonym(text):
        if await release.names_of_same(searchable(name), codes=False):
            return name
    # Another number or country is another question.
    if len(text) < _SHORTEST or text in SCALES or not text.isalpha() or codes_named(text):
        return None
    [rows] = await release.rows((_AS_LONG, {"letters": len(text)}), slow=True)
    return await asyncio.to_thread(_respelt, text, [word for (word,) in rows])


def _respelt(text: str, every: list[str]) -> str | None:
    """The word that was probably meant: people begin it as it begins, and leave letters out."""
    every = [word for word in every if word not in SCALES]
    likely = [w for w in every if w[0] == text[0] and len(w) >= len(text) - 1]
    return next(iter(spelt(text, likely) or spelt(text, every, len(text))), None)
