"""The claims of a record: numbers, currencies, years and names that no passage says of their field.

Each is a warning only, as a passage may say it in words of its own. A false alarm costs more than
one that is missed: every usual way of writing a thing counts.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import pycountry

from app.beside import table_beside
from app.countries import demonyms_of, names_of_country
from app.curation.bundle import BundledPassage, Entry, typed_fields
from app.curation.cards import Card, Tie
from app.curation.catalogue import Catalogue
from app.curation.reading import Place
from app.dates import PartialDate
from app.fields import PROVEN, RecordField, code_of
from app.figures import figures, numbers
from app.records import Passage
from app.text import words
from app.vocabulary import ActorKind, RecordType

Claim = tuple[Place, str]  # in the entry, and what is claimed there

_CURRENCIES: dict[str, list[str]] = table_beside(__file__, "amounts.toml")["also"]
# Two initials are enough for the US and the EU; those of U.S. Steel and of persons mean others.
_OFTEN_SHORT = {ActorKind.COUNTRY_OR_AREA, ActorKind.ALLIANCE, ActorKind.INTERNATIONAL_ORGANIZATION}
_initials = re.compile(r"\b[A-Z](?:\.[A-Z])+\b\.?")


def unsaid(kind: RecordType, entry: Entry, catalogue: Catalogue) -> Iterator[Claim]:
    """What a sound entry claims, and neither a passage says nor `inferred` answers for."""
    for field in typed_fields(kind):
        value = getattr(entry, field.name)
        if value is None or field.name in entry.inferred:
            continue
        if any(part.base is Passage for part in field.parts):
            for at, item in enumerate(value):
                said = _Said(item.evidence, catalogue)
                yield from said.missing(_leaves(field, item, entry, (field.name, at)))
        elif PROVEN in field:
            proofs = [proof for proof in entry.evidence if field.name in proof.fields]
            said = _Said(proofs, catalogue)
            yield from said.missing(_leaves(field, value, entry, (field.name,)) if proofs else ())


class _Leaf(NamedTuple):
    """A single value of a record."""

    field: RecordField
    value: Any
    whole: Any
    """The object in which it stands."""
    place: Place


def _leaves(field: RecordField, value: Any, whole: Any, place: Place) -> Iterator[_Leaf]:
    """The single values in the value of a field, but for those of its evidence."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _leaves(field, item, whole, (*place, at))
    elif field.parts:
        for part in field.parts:
            inner = getattr(value, part.name)
            if inner is not None and part.base is not Passage:
                yield from _leaves(part, inner, value, (*place, part.name))
    else:
        yield _Leaf(field, value, whole, place)


class _Said:
    """The passages that are given for a field."""

    def __init__(self, proofs: Sequence[BundledPassage], catalogue: Catalogue) -> None:
        self._actors = catalogue.cards[RecordType.ACTOR]
        self._offices = catalogue.ties.offices
        self._text = "\n".join(proof.exact for proof in proofs)
        documents = catalogue.cards[RecordType.DOCUMENT]
        named = (documents.get(proof.document) for proof in proofs)
        self._documents = [card for card in named if card]

    def missing(self, leaves: Iterable[_Leaf]) -> Iterator[Claim]:
        """What the values claim that is not said here."""
        return ((leaf.place, claim) for leaf in leaves for claim in self._missing(leaf))

    def _missing(self, leaf: _Leaf) -> Iterator[str]:
        field, value, whole, _ = leaf
        if field.name in {"title", "summary"}:
            for figure in figures(value):
                if not figure.values & (self._numbers | self._dates):
                    yield figure.text
        elif RecordType.ACTOR in field.to and isinstance(value, str):
            actor = self._actors.get(value)  # an addition may name one that is none
            if actor and not self._actor(actor, field.name, whole):
                yield actor.title
        elif field.typed is PartialDate and not self._year(value[:4]):
            yield value[:4]
        elif field.base is float and not self._number(value, whole.unit):
            yield f"{value:,.16g}"
        elif field.name == "currency" and not self._currency(value):
            yield value

    @cached_property
    def _numbers(self) -> set[Decimal]:
        """The numbers in the passages."""
        return numbers(self._text)

    @cached_property
    def _dates(self) -> set[Decimal]:
        """The numbers in the titles and dates of the documents."""
        return numbers("\n".join(f"{card.title} {card.date or ''}" for card in self._documents))

    @cached_property
    def _words(self) -> str:
        return _folded(self._text)

    def _number(self, value: float, unit: str | None) -> bool:
        """Whether a figure is said; its unit may be thousands or millions."""
        figure = next(figures(f"{value:,.16g} {unit or ''}"))
        return bool(figure.values & self._numbers)

    def _year(self, year: str) -> bool:
        """Whether a year is said, perhaps as `FY27`, or is that of a document."""
        short = re.search(rf"(?:FY ?|['\u2019/\u2013-]){year[2:]}\b", self._text)
        return Decimal(year) in self._numbers | self._dates or short is not None

    def _currency(self, code: str) -> bool:
        """Whether a currency is named, by its code, its name or its sign."""
        currency = pycountry.currencies.get(alpha_3=code)
        names = [*(currency.name.split() if currency else ()), *_CURRENCIES.get(code, ())]
        signs = (unicodedata.name(c) for c in self._text if unicodedata.category(c) == "Sc")
        any_name = "|".join(re.escape(name) for name in names if len(name) > 2)
        named = re.compile(rf"\b{code}|\b(?i:{any_name})s?\b")
        return named.search(f"{self._text} {' '.join(signs)}") is not None

    def _actor(self, actor: Card, field: str, whole: Any) -> bool:
        """Whether an actor is named, or is the one whose office or document this is."""
        if field == "on_behalf_of":
            holder = getattr(whole, "actor", None) or getattr(whole, "speaker", None)
            if any(tie.other == actor.id for tie in self._offices.get(str(holder), ())):
                return True  # the office is proved where it is given
        if field == "speaker" and any(actor.id in card.actors for card in self._documents):
            return True  # who wrote or published a document speaks in it
        return self._named(actor) or any(map(self._in_office, self._offices.get(actor.id, ())))

    def _in_office(self, tie: Tie) -> bool:
        """Whether an office is named, and for whom it is held."""
        other = self._actors.get(tie.other)
        return bool(other and tie.title and self._says(tie.title) and self._named(other))

    def _named(self, actor: Card) -> bool:
        return any(map(self._says, _names(actor)))

    def _says(self, name: str) -> bool:
        return _as_said(name) in self._words


@lru_cache(10_000)
def _as_said(name: str) -> str:
    """A name as it stands in folded text; a long one may have another end, as `Japanese`."""
    folded = _folded(name)
    last = folded.split()[-1] if folded.strip() else ""
    if len(last) < 5:
        return folded
    return folded[:-2] if len(last) > 7 else folded[:-1]


def _folded(text: str) -> str:
    """The words between spaces, `U.S.` as one; short capitals stay, as US is not us."""
    text = _initials.sub(lambda match: match[0].replace(".", ""), text)
    folded = []
    for word in words(text):
        raw = text[word.start : word.end]
        folded.append(raw if 1 < len(raw) < 4 and raw.isupper() else word.folded)
    return f" {' '.join(word for word in folded if word != 'the')} "


def _names(actor: Card) -> Iterator[str]:
    """What an actor may be called."""
    names = [actor.title, *actor.aliases]
    if actor.kind == ActorKind.COUNTRY_OR_AREA:
        code = actor.country or code_of("countries", actor.title) or ""
        names += [*names_of_country(code), *demonyms_of(code)]
    for name in names:
        yield name
        capitals = "".join(word[0] for word in name.split() if word[0].isupper())
        if len(capitals) > (1 if actor.kind in _OFTEN_SHORT else 2):
            yield capitals
    if actor.kind == ActorKind.PERSON:
        yield from actor.title.split()[:1] + actor.title.split()[-1:]
