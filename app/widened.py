"""A search with all names of what it asks for, and all forms of its words."""

from collections.abc import Sequence

from app.countries import codes_named, holds_a_country, is_short
from app.figures import sums_like
from app.queries.meant import without_office
from app.store.release import OpenRelease
from app.store.search import Search, Term, name_of, type_words

_SHORTEST_BEGINNING = 3  # letters


def may_be_code(terms: Sequence[Term], *, is_rare: bool, alone: bool) -> bool:
    """Whether terms may be a code of an actor, or its name in another language.

    Codes of countries are words of English, too, and Nippon Steel is not Japan's: where it is no
    rare word that stands alone, it is in capitals, in another script or known for being short.
    """
    name = name_of(terms)
    stands_out = is_rare and (alone or not name.isascii())
    return stands_out or is_short(name) or all(term.typed.isupper() for term in terms)


async def widened(search: Search, release: OpenRelease) -> Search:
    """The same search, with other names of what is named in it, and other forms of its words."""
    wider: Search | None = release.remembered(search)
    if wider is None:
        others: dict[tuple[int, int], list[str]] = {}
        found = None
        for start, end in search.runs():
            terms = [part.term for part in search.parts[start:end]]
            name = name_of(terms)
            begun = terms[-1].prefix
            forms = await release.forms_of(name) if " " not in name else []
            codes = may_be_code(terms, is_rare=name not in forms, alone=search.is_each_alone)
            names = await release.names_of_same(name, codes=codes)
            if begun and not names and len(name) >= _SHORTEST_BEGINNING:
                names = await release.names_begun(name, codes=codes)
            if not names and search.joins(start, end):
                names = await release.names_of_same(without_office(name), codes=False)
            sums = sums_like(name)
            more = [*sums, *([] if search.is_each_alone else type_words(name))]
            new = [n for n in [*names, *forms, *more] if f" {name} " not in f" {n} "]
            one = names or codes_named(name) or sums
            is_phrase = sums or (holds_a_country(name) and not names)
            if new or is_phrase or (one and search.joins(start, end)):
                others[start, end] = new
            if forms and name == search.name and {*new} <= {*forms}:
                found = await release.with_one_of(forms)
        wider = search.with_others(others)
        if not any(term.longer for term in wider.terms):
            wider = wider._replace(found=found)
        release.remember(search, wider)
    return wider
