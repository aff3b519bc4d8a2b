"""What would find something where a search finds nothing: every suggestion was looked up."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from itertools import chain, combinations
from typing import NamedTuple

from app.beside import table_beside
from app.countries import all_names, codes_named, countries_with_demonym, holds_a_country
from app.figures import SCALES, numbers
from app.nearest import denies, ends_alike, spelt
from app.paging import Page, Walk, walk_without, whole_of
from app.queries.values import MAX_Q
from app.records import Suggestion
from app.store.release import OpenRelease
from app.store.search import Part, Search, Term, name_of
from app.text import LITTLE, SIGNS, searchable, stem
from app.widened import may_be_code

_MOST = 5
_TRIED = 16
_PARTS = 16  # of what was typed
_TERMS = 6  # of which some are left out
_ALTERNATIVES = 4  # that OR joins
_DATA = table_beside(__file__)
SMALL = LITTLE | {*_DATA["small"]}
_PREFIXES = frozenset(_DATA["prefixes"])
_UNITS = frozenset(map(stem, [*SCALES, *SIGNS.values(), *_DATA["units"]]))
_compared = re.compile(rf"\b(?:{'|'.join(_DATA['comparing'])}) than\b", re.IGNORECASE)
_contrary = re.compile(r"n['\u2019]t\b|\bor\b", re.IGNORECASE)  # but for an OR that is read as one
_SIGN = f"[{''.join(SIGNS)}]"
# A sign between letters: the parts of `F-35` and of `U.S.` are nothing by themselves.
_joint = re.compile(rf"(?<=[^\W\d]|\.)(?!{_SIGN})[^\w\s'\u2019.|](?=[^\W\d])")
_aside = re.compile(r"^[(\[,;:?'\u2019]+|(?:[)\],;:?!'\u2019]|(?<!\.\w)\.)+$")
_SHORTEST = 4  # letters of a word that is corrected
_CUT = 2  # letters that are missing at the end of one
_ENDING = 3  # letters that make a form of a word: `ing`
_NEAREST = 3  # of the words that may be meant
_TELLING = 4  # digits
_THESE = "SELECT word FROM word WHERE word IN (SELECT value FROM json_each(:words))"
_BEGUN_ALIKE = (
    "SELECT word, stem FROM word WHERE word >= :first AND word < :next "
    "AND length(word) BETWEEN :letters - 3 AND :letters + 3 ORDER BY records DESC LIMIT 100000"
)


async def suggestions(page: Page, release: OpenRelease) -> list[Suggestion]:
    """Other spellings, then fewer words: what keeps most of what was typed comes first.

    Where something is found there are none.
    """
    if page.total or not (walk := page.walk):
        return []
    search = walk.binding.search or Search(())
    wanted = [part for part in search.parts if not part.unwanted][:_PARTS]
    typed = " ".join(part.term.typed.removesuffix("*" * part.term.prefix) for part in wanted)
    typed = _compared.sub("", typed)
    if any(map(_turns, [typed, *typed.split()])):
        return []
    # What leaves records out leaves them out of everything that is suggested.
    also = "".join(f" -{_text(term)}" for term in search.unwanted)
    record = _Record(walk, release, also)
    there = list(dict.fromkeys([text async for text in record.there(wanted)]))[:_TERMS]
    made: dict[frozenset[str], Suggestion] = {}
    for kept in [kept async for kept in record.together(there)][:_TRIED]:
        found = await record.finding(" ".join(kept))
        # With the same total, it finds the same as what keeps more.
        if found is None or any(
            more.issuperset(kept) and other.total == found.total for more, other in made.items()
        ):
            continue
        if not all(map(_is_small_number, searchable(" ".join(kept)).split())):  # of nothing
            made[frozenset(kept)] = found
        if len(made) == _MOST:
            break
    return [*made.values()]


def _turns(text: str) -> bool:
    """Whether fewer words of a text may say the contrary, or ask for both instead of either."""
    return denies(text) or bool(_contrary.search(text))


class _Record(NamedTuple):
    """What a walk would find, were other words typed."""

    walk: Walk
    release: OpenRelease
    also: str
    """What stands behind every query."""

    async def finding(self, query: str) -> Suggestion | None:
        """A query with what it finds; None if that is nothing, or it can't be asked."""
        query += self.also
        if len(query) > MAX_Q or Search.parse(query).fault:
            return None
        other = await walk_without(self.walk, "q", self.release, q=query)
        total = (await whole_of(other, self.release)).total
        return Suggestion(query=query, total=total, href=other.url) if total else None

    async def together(self, terms: Sequence[str]) -> AsyncIterator[tuple[str, ...]]:
        """All terms, then fewer and fewer of them, but for those of which two are nowhere."""
        pairs = [*combinations(terms, 2)]
        nowhere = [{*pair} for pair in pairs if not await self.finding(" ".join(pair))]
        for size in range(len(terms), 0, -1):
            for kept in combinations(terms, size):
                if not any(pair.issubset(kept) for pair in nowhere):
                    yield kept

    async def there(self, parts: Sequence[Part]) -> AsyncIterator[str]:
        """What the record has of each term, as it was typed or as it was probably meant."""
        apart = [one for at in range(len(parts)) for one in await self._apart(parts, at)]
        typed = _grouped(apart[:_PARTS])
        every = [await self._meant(part.term, alone=len(typed) == 1) for part in typed]
        meant: list[Part] = []
        missing: set[Term] = set()
        for part, near in zip(typed, every, strict=True):
            if not near:
                missing.add(part.term)
            term = await self._likeliest(near, every) if near else part.term
            meant.append(part._replace(term=term))
        terms: list[list[str]] = []
        for part in _grouped(meant):
            if not part.either:
                terms.append([])
            text, word = _text(part.term), name_of([part.term])
            if part.term in missing or word in SMALL:
                continue
            if " " in text and any(map(_is_number, word.split())):
                text = '"{}"'.format(text.replace('"', ""))  # its number is of nothing else
            if " " not in word or await self.finding(text):
                terms[-1].append(text)
        for either in filter(None, terms):
            yield " OR ".join(either[:_ALTERNATIVES])

    async def _apart(self, parts: Sequence[Part], at: int) -> Sequence[Part]:
        """A part; or the words that a phrase or a sign joins, where they are nowhere together."""
        part = parts[at]
        term = part.term._replace(typed=_aside.sub("", part.term.typed))
        part = part._replace(term=term)
        if len(term.words) == 1 or " " in term.typed or await self.finding(_text(term)):
            return [part]
        if term.typed and await self.release.forms_of(whole := "".join(term.words)):
            return [part._replace(term=_term(whole))]
        text = _joint.sub(" ", term.typed) or name_of([term])
        if not term.typed and await self.release.names_of_same(text, codes=False):
            return [part._replace(term=term._replace(typed=text))]
        either = any(each.either for each in (part, *parts[at + 1 : at + 2]))
        # A phrase does not hold how its numbers were typed.
        if either or _turns(text) or (not term.typed and any(map(str.isdigit, term.words))):
            return [part]
        return Search.parse(text).parts

    async def _likeliest(self, near: Sequence[Term], meant: Sequence[Sequence[Term]]) -> Term:
        """The one of several that is found most with the words beside it, or else the first."""
        said = [each for each in meant if each and name_of(each[:1]) not in SMALL]
        at = next((at for at, each in enumerate(said) if each is near), 0)
        beside = [_text(each[0]) for each in said[max(at - 1, 0) : at + 2] if each is not near]
        if len(near) == 1 or not beside:
            return near[0]
        found = [await self.finding(" ".join([_text(one), *beside])) for one in near]
        totals = [one.total if one else 0 for one in found]
        return near[totals.index(max(totals))]

    async def _meant(self, term: Term, *, alone: bool) -> Sequence[Term]:
        """A word as it is typed, or what is nearest to it; nothing if none of it is on record."""
        word = name_of([term])
        if " " in word or word in SMALL or (term.prefix and await self.finding(_text(term))):
            return [term]
        forms = await self.release.forms_of(word)
        # What has a longer ending may be another word: the stem of `deterence` is that of `deter`.
        if word in forms or (forms and len(word) - len(stem(word)) <= _ENDING):
            return [term]
        codes = may_be_code([term], is_rare=True, alone=alone)
        if await self.release.names_of_same(word, codes=codes):
            return [term]
        countries = countries_with_demonym(word)
        for name in countries:
            if await self.release.names_of_same(searchable(name), codes=False):
                return [_term(name)]
        # Another number or country is another question.
        if countries or codes_named(word) or word in SCALES or not word.isalpha():
            return []
        if not forms and (parted := await self._parted(word)):
            return [_term(parted)]
        near = [_term(other) for other in await self._respelt(word, forms)]
        return near or [term][: len(forms)]

    async def _parted(self, word: str) -> str | None:
        """A word as two that stand side by side in the record: `"net zero"`."""
        pairs = [(word[:at], word[at:]) for at in range(2, len(word) - 1)]
        [rows] = await self.release.rows((_THESE, {"words": json.dumps([*chain(*pairs)])}))
        there = {word for (word,) in rows} - SMALL
        for pair in pairs:
            text = " ".join(pair)
            if not await self.release.names_of_same(text, codes=False):
                text = f'"{text}"'
            same = pair[0] in _PREFIXES or not _turns(text)
            if there.issuperset(pair) and same and await self.finding(text):
                return text
        return None

    async def _respelt(self, word: str, known: Sequence[str]) -> Sequence[str]:
        """The words of which this is a slip, but for its known forms: the likeliest first.

        Of short words and other endings, there are only names.
        """
        # Nor is it known which of two countries was meant.
        begun = [name for name in all_names() if name.startswith(word) and " " not in name]
        like = {tuple(codes_named(name)) for name in [*begun, *spelt(word, all_names())]}
        if len(word) < _SHORTEST or len(like) > 1:
            return []
        binds = {"first": word[0], "next": chr(ord(word[0]) + 1), "letters": len(word)}
        [rows] = await self.release.rows((_BEGUN_ALIKE, binds), slow=True)
        there = {form: form for form, _ in rows if form not in known}
        begun = [form for form in there if form.startswith(word) and len(form) - len(word) <= _CUT]
        if begun and len(word) > _SHORTEST:
            return begun[:_NEAREST]
        forms: dict[str, str] = {}
        for form, root in [] if known else rows:
            forms.setdefault(root, form)
        # The right word may be on record in another form.
        near: list[str] = []
        for typed, options in ((word, there), (stem(word), forms)):
            for other in [] if near else await asyncio.to_thread(spelt, typed, options):
                sure = min(len(word), len(other)) > _SHORTEST and ends_alike(typed, other)
                if sure or await self.release.names_of_same(other, codes=True):
                    near.append(options[other])
        return near[:_NEAREST]


def _grouped(parts: Sequence[Part]) -> Sequence[Part]:
    """The same, with several words as one part where a few of them are another thing."""
    search = Search(tuple(parts))
    runs = [
        run
        for run in search.runs()
        if not search.joins(*run) and _is_one([part.term for part in parts[slice(*run)]])
    ]
    return search.with_others(dict.fromkeys(runs, ())).parts


def _is_one(terms: Sequence[Term]) -> bool:
    """Whether several words are a sum, a date or a place, or end in a syllable of a name."""
    if len(terms) == 1:
        return False
    words, last = name_of(terms).split(), terms[-1].typed
    if any(map(_is_number, words)):
        return all(_is_number(word) or stem(word) in _UNITS for word in words)
    syllable = words[-1] in SCALES or (len(last) == 2 and last.isalpha() and not last.isupper())
    if len(terms) == 2 and syllable and SMALL.isdisjoint(words):
        return True
    name = " ".join(words)
    return holds_a_country(name) or bool(codes_named(name))


@lru_cache(maxsize=1024)
def _is_number(word: str) -> bool:
    """Whether a word is a number, in digits or in letters."""
    return word.isdigit() or (word.isalpha() and bool(numbers(word)))


def _is_small_number(word: str) -> bool:
    """Whether it says too little by itself; a year, or `55,000`, says something."""
    return _is_number(word) and not (word.isdigit() and len(word) >= _TELLING)


def _term(text: str) -> Term:
    """A term that stands in a query so."""
    return Term(tuple(searchable(text).split()), typed=text)


def _text(term: Term) -> str:
    """A term as it stands in a query."""
    return term.typed or f'"{name_of([term])}"'
