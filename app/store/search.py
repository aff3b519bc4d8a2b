"""Full-text search: from the words of a client to an expression of the index.

Words, `"phrases"`, `-not` (or `!not`, `NOT this`), `this OR that` (or `|`) and `prefix*`; anything
else is read as plain words, so there is little syntax to get wrong: an OR that joins nothing, and
brackets. Little words such as `of` need not stand there. Every word is quoted, so nothing that is
typed reaches the index as an operator.
"""

import math
import re
import unicodedata
from calendar import month_name
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, Self

from app.countries import APART, kept_apart, longer_names
from app.fields import RecordField, TypedName, TypedText, fields_of
from app.records import passages_of
from app.resources import SHAPES
from app.text import CAPITAL, GAP, LITTLE, fold, is_shouted, owners, searchable, words
from app.vocabulary import KINDS, Act, RecordType

# Phones and word processors make a longer dash of a hyphen, and turn quotation marks.
_part = re.compile(
    r"\+?(?P<sign>[-\u2010-\u2014\u2212!]?)"
    r'(?:["“”„«»](?P<phrase>[^"“”„«»]*)["“”„«»]?|(?P<word>\|+|[^\s"“”„«»|]+))'
)
# A sign may be as wide as the letters of another script.
_wide = re.compile("[\u3000\uff00-\uffef]+")
_digits_of_day = re.compile(
    r"(?<![\w-])([12]\d{3})-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?(?![\w-])", re.ASCII
)
_per_cent = re.compile(r"\bper cent\b", re.IGNORECASE)
_denied_within = re.compile(r"[(\[][-!]\w")
_bracket = re.compile(r"^[(\[]|[)\]]$")
_LONGEST_NAME = 5  # words
_OR = frozenset({"OR", "|", "||"})
_NO_SIDE = "has a NOT before nothing, or an OR without a wanted word on each side: japan OR china"
_BRACKETS = (
    "has brackets beside OR, NOT or a minus, which are not read; ask for each part by itself"
)


def _narrow(wide: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", wide[0])


def _day(digits: re.Match[str]) -> str:
    year, month, day = digits.groups("")
    return f"{day.lstrip('0')} {month_name[int(month)]} {year}"


class Term(NamedTuple):
    """A word, or several that must stand side by side; and what may stand in their place."""

    words: tuple[str, ...]
    prefix: bool = False
    """Whether the last word may go on."""
    others: tuple["Term", ...] = ()
    """Other names of the same, other forms of the word, or what was typed behind `OR`."""
    typed: str = ""
    """A word as it was typed; nothing for a phrase, which stands for itself alone."""
    longer: tuple["Term", ...] = ()
    """Names of others that hold it: in these it is not meant."""

    @classmethod
    @lru_cache(maxsize=1024)
    def named(cls, name: str) -> Self:
        """A name in folded words."""
        longer = tuple(cls(tuple(other.split())) for other in longer_names(name))
        return cls(tuple(name.split()), longer=longer)

    def __str__(self) -> str:
        """The term in the index's own language."""
        return self.quoted()

    def quoted(self, mark: str = "") -> str:
        """The same, with a mark before each word."""
        words = " ".join(self.words)
        if len(self.words) > 1:
            words = kept_apart(words)
        alone = '"' + " ".join(mark + word for word in words.split()) + '"'
        alone += " *" if self.prefix else ""
        if self.longer and len(self.words) == 1:
            alone = f"({alone} NOT ({' OR '.join(term.quoted(mark) for term in self.longer)}))"
        every = [alone, *(other.quoted(mark) for other in self.others)]
        return f"({' OR '.join(every)})" if self.others else alone

    @property
    def all(self) -> tuple["Term", ...]:
        """It, and what may stand in its place."""
        return (self, *(one for other in self.others for one in other.all))


def name_of(terms: Iterable[Term]) -> str:
    """Terms as one name in folded words."""
    return " ".join(word for term in terms for word in term.words)


class Part(NamedTuple):
    """A term of a search as it stands there."""

    term: Term
    unwanted: bool = False
    either: bool = False
    """Whether it, or the one before it, is wanted."""


class Search(NamedTuple):
    """The parts of a search: a record has all that are wanted, and none that is unwanted."""

    parts: tuple[Part, ...]
    fault: str = ""
    """Why it can't be read as it was meant."""
    found: int | None = None
    """How many records of all types it finds, where that was counted at load."""

    @classmethod
    @lru_cache(maxsize=256)  # a request reads the same words more than once
    def parse(cls, typed: str) -> Self:
        """Parse the words of a client. Never fails; there may be no term in them."""
        parts: list[Part] = []
        plain = _digits_of_day.sub(_day, _per_cent.sub("percent", _wide.sub(_narrow, typed)))
        matches = [*_part.finditer(plain)]
        either = unwanted = stray = operators = False
        shouted = is_shouted(typed)
        for at, match in enumerate(matches):
            last = at + 1 == len(matches)
            operators |= bool(match["sign"] or _denied_within.match(match[0]))
            operators |= match[0] in {*_OR, "NOT"}
            no_side = last or either or not parts or parts[-1].unwanted
            if match[0] in _OR or (match[0].lower() == "or" and not no_side):
                stray |= no_side
                either = True
                continue
            if match[0] in {"NOT", "AND"}:
                unwanted |= match[0] == "NOT"
                continue
            is_phrase = match["phrase"] is not None
            text = match["phrase"] if is_phrase else owners.sub("", match["word"])
            every = words(text.lower() if shouted else text)
            folded = tuple(w for word in every for w in fold(word.folded).split())
            if not folded:
                continue
            term = Term(
                folded, not is_phrase and text.endswith("*"), typed="" if is_phrase else text
            )
            part = Part(term, unwanted or bool(match["sign"]), either)
            stray |= part.either and part.unwanted
            parts.append(part)
            either = unwanted = False
        fault = _NO_SIDE if stray or either or unwanted else ""
        if operators and any(match["word"] and _bracket.search(match["word"]) for match in matches):
            fault = _BRACKETS
        return cls(tuple(parts), fault)

    @property
    def wanted(self) -> tuple[Term, ...]:
        """What a record has, each with what may stand in its place."""
        wanted: list[Term] = []
        for part in self.parts:
            if part.either and wanted and not part.unwanted:
                wanted[-1] = wanted[-1]._replace(others=(*wanted[-1].others, part.term))
            elif not part.unwanted:
                wanted.append(part.term)
        return tuple(wanted)

    @property
    def unwanted(self) -> tuple[Term, ...]:
        """What a record has not."""
        return tuple(part.term for part in self.parts if part.unwanted)

    @property
    def terms(self) -> list[Term]:
        """All that is wanted, and what may stand in its place."""
        return [*dict.fromkeys(one for term in self.wanted for one in term.all)]

    def reads(self, frequent: Mapping[str, int]) -> float:
        """How many entries of the index it reads, by the number of records with frequent words."""
        terms = [one for term in (*self.wanted, *self.unwanted) for one in term.all]
        if not self.wanted or any(t.prefix or not is_typed(t.words[0]) for t in terms):
            return math.inf
        return sum(frequent.get(word, 0) for term in terms for word in term.words)

    @property
    def name(self) -> str:
        """All that is wanted as one name in folded words; nothing where more is said."""
        if any(part.unwanted or part.either or part.term.prefix for part in self.parts):
            return ""
        return name_of(part.term for part in self.parts)

    @property
    def is_each_alone(self) -> bool:
        """Whether no word of it stands beside another one that is wanted, too."""
        return sum(not (part.unwanted or part.either) for part in self.parts) <= 1

    def runs(self) -> Iterator[tuple[int, int]]:
        """Where a name may have been typed, word for word: from part to part, the longest first.

        A sign or an OR before its first word is that of the name.
        """
        ends = len(self.parts)
        for length in range(min(_LONGEST_NAME, ends), 0, -1):
            for at in range(ends - length + 1):
                run = self.parts[at : at + length]
                one = not any(part.unwanted or part.either for part in run[1:])
                begun = any(part.term.prefix for part in run[:-1])
                if one and not begun and all(part.term.typed for part in run):
                    yield at, at + length

    def joins(self, start: int, end: int) -> bool:
        """Whether an operator beside a run belongs to one of its words, unless it is a name."""
        first, then = self.parts[start], self.parts[end : end + 1]
        return end - start > 1 and any((first.unwanted, first.either, *(p.either for p in then)))

    def with_others(self, others: Mapping[tuple[int, int], Sequence[str]]) -> Self:
        """The same search, in which others may stand in the place of these runs."""
        parts: list[Part] = []
        at = 0
        while at < len(self.parts):
            run = next((run for run in others if run[0] == at), (at, at + 1))
            first, *more = self.parts[slice(*run)]
            if run in others:
                terms = [first.term, *(part.term for part in more)]
                term = first.term
                if more:
                    term = Term.named(name_of(terms))._replace(prefix=terms[-1].prefix)
                typed = " ".join(term.typed for term in terms)
                names = tuple(map(Term.named, others[run]))
                first = first._replace(term=term._replace(others=names, typed=typed))
            parts.append(first)
            at = run[1]
        return self._replace(parts=_without_little(parts))

    def expression(self, kinds: Sequence[RecordType], titles: bool | None = None) -> str:
        """The expression for the index: records of these types, or of all if none is given.

        `titles=True` finds records with all the words in the title, `False` the other matches.
        """
        names = [kind.value for kind in kinds or RecordType]
        # To look for some columns costs more than to look for all.
        columns = " ".join(f"{name}_title {name}_text" for name in names)
        within = f"{{type {columns}}} : " if kinds else ""

        def with_all(mark: str = "") -> str:
            return f"({within}({' AND '.join(term.quoted(mark) for term in self.wanted)}))"

        if self.wanted:
            parts = [with_all(_IN_TITLE if titles else "")]
        else:
            # Everything but some: every record has its type for a word. No title has no word.
            types = ["nothing"] if titles else names
            parts = ["(" + " OR ".join(f'"{_type_word(name)}"' for name in types) + ")"]
        if self.unwanted:
            parts.append(f"({within}({' OR '.join(map(str, self.unwanted))}))")
        if self.wanted and titles is False:
            parts.append(with_all(_IN_TITLE))
        return " NOT ".join(parts)


def _without_little(parts: Sequence[Part]) -> tuple[Part, ...]:
    """What says something: all, where nothing but little words is wanted."""
    kept: list[Part] = []
    either = False
    for part in parts:
        word = part.term.typed and name_of([part.term])
        if word in LITTLE and not (part.unwanted or part.term.prefix or part.term.others):
            either |= part.either
        else:
            joined = (part.either or either) and not all(each.unwanted for each in kept)
            kept.append(part._replace(either=joined))
            either = False
    return tuple(parts if all(part.unwanted for part in kept) else kept)


# No letter, so that nothing that is typed is such a word.
_IN_TITLE = "\ue001"


def _type_word(name: str) -> str:
    return GAP + name


_PROMISES = frozenset(["promise", "promises", "pledge", "pledges"])


def type_words(name: str) -> list[str]:
    """The word of the index for the records of a type, by what one or several are called.

    What is promised is a part of the commitments, which are deeds and reports as well.
    """
    if name in _PROMISES:
        return [_type_word(Act.PROMISE)]
    return [_type_word(kind) for kind in RecordType if name in {kind, kind.plural}]


# Each type has columns of its own, so that a search in one type reads nothing of the others.
COLUMNS = ("type", *(f"{kind.value}_{part}" for kind in RecordType for part in ("title", "text")))


def texts(body: dict[str, Any]) -> list[tuple[str, str]]:
    """The searchable texts of a record, each with the name of its field, titles first."""
    texts: list[tuple[str, str]] = []
    for field in _searched(KINDS[body["type"]]):
        values = body[field.name]
        for value in values if field.many else [values] if values else []:
            texts += [(field.name, text) for text in _in_words(field, value)]
    return texts + [("evidence", proof["exact"]) for proof in passages_of(body)]


def _in_words(field: RecordField, value: Any) -> Iterator[str]:
    """The text of a value: itself, the title of a record, or what its parts hold of both."""
    for part in field.parts:
        if value[part.name] and (part.to or part.typed in _TEXTS):
            yield from _in_words(part, value[part.name])
    if not field.parts:
        yield value["title"] if field.to else value


_TEXTS = (TypedName, TypedText)


@cache
def _searched(kind: RecordType) -> list[RecordField]:
    """The fields of a type that hold text, and then those that name actors."""
    fields = fields_of(SHAPES[kind])
    own = [field for field in fields if field.typed in _TEXTS]
    # The title and the summary say what the record is.
    own.sort(key=lambda field: field.name not in {"title", "text", "summary"})
    named = (
        field
        for field in fields
        if RecordType.ACTOR in field.targets or any(part.typed in _TEXTS for part in field.parts)
    )
    return [*own, *named]


def searched(body: dict[str, Any]) -> tuple[str, str, str]:
    """The entry of a record in the index: its type, the words of its title, and all others."""
    titles: list[str] = []
    others: list[str] = []
    for field, text in texts(body):
        (titles if field in _TITLES else others).append(text)
    return entry_of(f"{body['type']} {body.get('act', '')}", titles, others)


def entry_of(kinds: str, titles: Sequence[str], others: Sequence[str]) -> tuple[str, str, str]:
    """The same from the texts, and from the words for what the record is: `commitment promise`.

    The words of titles stand there a second time, marked: what looks for these does not read the
    entries of all texts, of which there are many more.
    """
    title = kept_apart(searchable(*titles))
    marked_too = " ".join([title, GAP, *(_IN_TITLE + word for word in title.split())])
    return " ".join(map(_type_word, kinds.split())), marked_too, kept_apart(searchable(*others))


def is_typed(word: str) -> bool:
    """Whether a word of the index is one of a text, and no mark."""
    return word[0] not in {GAP, _IN_TITLE, APART, CAPITAL}


_TITLES = frozenset({"title", "text", "aliases"})
