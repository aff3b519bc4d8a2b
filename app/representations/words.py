"""A query in words: `Commitments by Japan of at least $1 million, newest first`."""

import re
from collections.abc import Callable
from typing import NamedTuple

from app.beside import table_beside
from app.paging import Result
from app.queries.params import PagedParams, Params
from app.representations.wording import country, currency, day, line, listed, quoted, sum_of, term
from app.store.release import OpenRelease
from app.vocabulary import KINDS, RecordType

_WORDS = table_beside(__file__)
ORDERS: dict[str, str] = _WORDS["orders"]
"""Each order of a list in words."""

_NOUNS = {"/search": "Records"}
_of_a_record = re.compile(r"/([a-z]+)s/([^/]+)/history")
# Names of things that are no names of actors stand in quotation marks.
_QUOTED = frozenset(RecordType) - {RecordType.ACTOR}


class Phrase(NamedTuple):
    """A filter as a part of a sentence, and each of its values alone."""

    name: str
    words: str
    values: dict[str, str]
    """The values as they were asked for, with what they are called."""


async def in_words(result: Result, release: OpenRelease) -> str:
    """A list in a sentence: its records, its order and its release."""
    params, parts = result.params, [await subject(result, release)]
    if isinstance(params, PagedParams) and params.sort:
        parts.append(ORDERS[params.sort])
    if params.as_of:
        parts.append(f"as of release {result.release}")
    return ", ".join(parts)


async def subject(result: Result, release: OpenRelease) -> str:
    """The records of a list in words: `Commitments by Japan`."""
    said = {one.name: one for one in await phrases(result.params, release)}
    if _only_currency(result.params) and {"amount_min", "amount_max"} & said.keys():
        del said["currency"]  # the sum says it
    words = " ".join([await noun(result.path, release), *(one.words for one in said.values())])
    bounds = [one for one in said.values() if result.params.says[one.name].written == "bound"]
    # What is dated by its year alone is found as well, where it may lie there.
    is_exact = any("-" in value for one in bounds for value in one.values)
    return f"{words}, or dated less exactly" if is_exact else words


async def noun(path: str, release: OpenRelease) -> str:
    """The noun of a list, from its path: `Commitments`, `History of “Defense of Japan”`."""
    if match := _of_a_record.fullmatch(path):
        return f"History of {await _named(match[2], (KINDS[match[1]],), release)}"
    return _NOUNS.get(path) or path.removeprefix("/").capitalize()


async def phrases(params: Params, release: OpenRelease) -> list[Phrase]:
    """Each filter that is asked for, in the order in which a sentence has them."""
    parts = []
    for name, says in params.says.items():
        value = params.query.get(name, [])
        several = value if isinstance(value, list) else [value]
        values = {
            str(one): await value_in_words(params, name, str(one), release) for one in several
        }
        if values:
            words = says.phrase.format(listed(values.values(), "or"))
            parts.append(Phrase(name, words, values))
    return parts


async def value_in_words(params: Params, name: str, value: str, release: OpenRelease) -> str:
    """A value of a filter as a person writes it: an id is the title of what it names."""
    text = line(value)
    if refers := params.references.get(name):
        return await _named(text, refers.kinds, release)
    if listed := params.listed.get(name):
        return line((await release.listed(listed.sql)).get(value, value))
    written = params.says[name].written
    if written == "sum":
        return sum_of(float(text), _only_currency(params))
    return _WRITTEN[written](text)


def _only_currency(params: Params) -> str | None:
    codes: tuple[str, ...] = getattr(params, "currency", ())
    return codes[0] if len(codes) == 1 else None


_WRITTEN: dict[str, Callable[[str], str]] = {
    "country": country,
    "currency": currency,
    "day": day,
    "bound": day,
    "term": term,
    "type": lambda kind: KINDS[kind].plural,
    "way": _WORDS["way"].__getitem__,
    "only": {"1": "only those"}.__getitem__,
    "with": {"0": "without", "1": "with"}.__getitem__,
    "words": lambda q: "“{}”".format(q.replace('"', "")),
}


async def _named(id_: str, kinds: tuple[RecordType, ...], release: OpenRelease) -> str:
    """The title of a record that an id names; the id itself where there is none any more."""
    key = ("title", kinds, id_)
    name: str | None = release.remembered(key)
    if name is None:
        name = id_
        for kind in kinds:
            if title := await release.title([kind], id_):
                name = quoted(line(title)) if kind in _QUOTED else line(title)
                break
        release.remember(key, name)
    return name
