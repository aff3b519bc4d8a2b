"""The values of parameters, and the marks of a filter: its table, its counts, its words.

    by: Annotated[ActorIds, linked("by"), Says("by {}", "By", 1)]

A filter without `Link` or `Bound` looks up the column of its own name.
"""

import operator
import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias, TypeVar

import pycountry
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)
from sqlalchemy.orm import aliased

from app.dates import PartialDate, first_day, last_day, last_moment
from app.fields import MAX_ID, MAX_NUMBER, OTHER_CODES, Id
from app.queries.meant import code_meant, currencies_beside, days_meant, limit_meant, number_meant
from app.store.search import Search
from app.store.tables import RecordLink
from app.vocabulary import MentionRole, RecordType, Relation, Standing, Way

MAX_VALUES = 20
MAX_IDS = 200
MAX_Q = 200
# Each can stand for every word of a language, and costs as much.
MAX_BEGINNINGS = 4
T = TypeVar("T")


class Says(NamedTuple):
    """The words of a filter, in a sentence and in a form."""

    phrase: str
    """In a sentence, `{}` for its values: `by {}`."""
    label: str
    """Above its values in a form."""
    place: int = 5
    """Where its phrase stands among those of other filters: the lower, the nearer to the noun."""
    written: Literal[
        "term", "words", "day", "bound", "sum", "country", "currency", "type", "way", "with", "only"
    ] = "term"  # fmt: skip
    """As what a value is written; an id is the title of what it names."""


class Refers(NamedTuple):
    """Marks a filter whose values are ids of records of these types."""

    kinds: tuple[RecordType, ...]
    ever: bool = False
    """Whether what is withdrawn or has another id now is meant too."""


class Listed(NamedTuple):
    """Marks a filter whose values are those that a release has."""

    noun: str
    """As what one is named: `topic`."""
    sql: str
    """The query that gives each value with its name."""


class Link(NamedTuple):
    """Marks a filter that looks up its values in a table of links."""

    table: Any
    column: str
    field: str | None = None
    """What of a record the link is, where the table has several."""
    narrowed: tuple[str, str] | None = None
    """Another filter that chooses among the links, and their column for it."""


def linked(field: str, narrowed: str | None = None) -> Link:
    """The mark of a filter by what a record names in a field, which another one narrows."""
    # Several can be asked for at once, so each reads the table under a name of its own.
    table = aliased(RecordLink, name=f"{field}_link")
    return Link(table, "value", field, (narrowed, "detail") if narrowed else None)


class Bound(NamedTuple):
    """Marks a filter that is one end of a range of a column."""

    column: str
    compare: Callable[[Any, Any], Any]
    value: Callable[[Any], Any] = lambda value: value
    """The value to bind: of a month, its first day."""


class Most:
    """Marks a filter that takes ids, by whose most frequent values a result can be counted."""


class Meant(NamedTuple):
    """Marks a parameter for which people write something else, and what they mean by it."""

    guess: Callable[[str], list[str]]
    beside: tuple[str, Callable[[str], list[str]]] | None = None
    """Another parameter of which they write as well, and its values."""


def _whole(text: Any) -> Any:
    if isinstance(text, str) and not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError("is not a whole number")
    return text


_decimal = re.compile(r"[0-9]{1,17}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")


def _number(text: Any) -> Any:
    if isinstance(text, str) and not _decimal.fullmatch(text):
        raise ValueError(f"is not a number from 0 to {MAX_NUMBER}, as in 1000000 or 1e6")
    return text


def _findable(text: str) -> str:
    search = Search.parse(text)
    if not search.parts:
        raise ValueError('has no word in it; write words, "a phrase", -without or begin*')
    if search.fault:
        raise ValueError(search.fault)
    if sum(part.term.prefix for part in search.parts) > MAX_BEGINNINGS:
        raise ValueError(f"has more than {MAX_BEGINNINGS} words that end in *; write some out")
    return text


def _moment(text: str) -> str:
    if re.fullmatch(r"[0-9]{1,9}", text):
        return text
    try:
        moment = last_moment(text)
    except ValueError:
        raise ValueError(
            "is neither the number of a release, nor a day, nor a time; write the number of one, a "
            "day as in 2025-02-07, or 2025-02-07T18:00:00Z (a + before an offset is %2B in a URL)"
        ) from None
    if moment is None:
        raise ValueError("has no time zone; add Z for UTC, as in 2025-02-07T18:00:00Z")
    return text


def not_below(
    least: str, begins: Callable[[Any], Any] = first_day, ends: Callable[[Any], Any] = last_day
) -> AfterValidator:
    """A check that a range is not empty, by the name of the parameter of its lower end."""

    def check(upper: Any, others: ValidationInfo) -> Any:
        lower = others.data.get(least)
        if lower is not None and upper is not None and ends(upper) < begins(lower):
            is_sum = isinstance(lower, float)
            than = f"below {least}={lower:.16g}" if is_sum else f"before {least}={lower}"
            raise ValueError(f"is {than}; nothing lies between them")
        return upper

    return AfterValidator(check)


if TYPE_CHECKING:
    CurrencyCode: TypeAlias = str
    CountryCode: TypeAlias = str
else:
    CurrencyCode = Literal[
        tuple(sorted({*OTHER_CODES["currencies"], *(one.alpha_3 for one in pycountry.currencies)}))
    ]
    CountryCode = Literal[
        tuple(sorted({*OTHER_CODES["countries"], *(one.alpha_2 for one in pycountry.countries)}))
    ]

# What a published pattern can say of `_findable`: at least one letter or digit. JavaScript knows
# only ASCII by `\w`, and Python knows no `\p{L}`. More is taken than these: no script is refused.
_LETTERS = (
    r"0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1e00-\u1eff"  # Latin
    r"\u0391-\u03a1\u03a3-\u03f5\u0400-\u0481\u048a-\u052f"  # Greek, Cyrillic
    r"\u05d0-\u05ea\u0620-\u064a\u0904-\u0939\u0e01-\u0e30"  # Hebrew, Arabic, Hindi, Thai
    r"\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"  # East Asian
)
Whole = Annotated[int, BeforeValidator(_whole), Meant(limit_meant)]
Count = Annotated[int, Field(ge=0), BeforeValidator(_whole)]
Amount = Annotated[
    float,
    Field(ge=0, le=MAX_NUMBER),
    BeforeValidator(_number),
    PlainSerializer(lambda n: int(n) if n.is_integer() else n, return_type=int | float),
]
Words = Annotated[
    str,
    Field(max_length=MAX_Q),  # before it is read
    AfterValidator(_findable),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": MAX_Q,
            "pattern": rf"^[^\x00-\x1f\x7f]*[{_LETTERS}][^\x00-\x1f\x7f]*$",
            "examples": ["japan"],
        }
    ),
]
# What was true then: a release by its number, or by a day or a time.
AsOf = Annotated[
    str, AfterValidator(_moment), Field(max_length=50), WithJsonSchema(
        {"type": "string", "maxLength": 50, "pattern": r"^[0-9][0-9T:.Z+-]*$"}
    ),
]  # fmt: skip
# A value that is repeated says no more than once, but the limit is on what was sent.
Several = Annotated[
    tuple[T, ...],
    Field(max_length=MAX_VALUES),
    AfterValidator(dict.fromkeys),
    AfterValidator(tuple),
]

# As a page shows them: the records of a list that a client knows.
Ids = Annotated[
    tuple[Id, ...], Field(max_length=MAX_IDS), AfterValidator(dict.fromkeys), AfterValidator(tuple)
]
Facets = Annotated[
    Several[T],
    Field(
        description="For JSON: count the result by the values of a closed filter. Repeat it for "
        "more."
    ),
]
MATCHING = Says("matching {}", "Words", 12, "words")
Topics = Annotated[
    Several[Annotated[str, Field(max_length=MAX_ID)]],
    linked("topic"),
    Listed("topic", "SELECT id, title FROM topic ORDER BY id"),
    Says("on {}", "Topic", 4),
]
Standings = Annotated[
    Several[Standing],
    Says("that are {}", "Standing", 3),
    Field(
        examples=[["reaffirmed"]],
        description="Whether it is new or was said before. Repeat it for *or*.",
    ),
]
Kinds = Annotated[Several[T], Says("of the kind {}", "Kind", 3)]
Statuses = Annotated[
    Several[T],
    Says("with the status {}", "Status", 6),
    Field(description="How far it has come. Repeat it for *or*."),
]
Relations = Annotated[
    Several[Relation],
    Says("given as {}", "Relation to the summit", 6),
    Field(
        examples=[["outcome"]],
        description="An outcome of the summit, or context beside it. Repeat it for *or*.",
    ),
]
Countries = Annotated[Several[CountryCode], Meant(partial(code_meant, "countries"))]
Currencies = Annotated[
    Several[CurrencyCode],
    Meant(partial(code_meant, "currencies")),
    Says("in {}", "Currency", 7, "currency"),
]
ActorIds = Annotated[Several[Id], Refers((RecordType.ACTOR,))]
Actors = Annotated[ActorIds, linked("actor", narrowed="way"), Most()]
Ways = Annotated[
    Several[Way],
    Says("{}", "How it comes to it", 1, "way"),
    Field(
        examples=[["self"]],
        description="In which way `actor` comes to it: itself (`self`), by a person who held an "
        "office for it (`office`), by a group of which it was a member (`group`), or, a person, "
        "by having attended the summit for one of these (`attended`), each on the day of the "
        "record. Repeat it for *or*.",
    ),
]
Mentions = Annotated[
    ActorIds,
    linked("mentions", narrowed="mention_role"),
    Most(),
    Says("naming {}", "Mentions", 2),
    Field(description="Naming this actor, which takes no part in it. Repeat it for *or*."),
]
MentionRoles = Annotated[
    Several[MentionRole],
    Says("as {}", "Mentioned as", 2),
    Field(description="As what `mentions` is named, or anybody. Repeat it for *or*."),
]
Involves = Annotated[
    ActorIds,
    linked("involves"),
    Says("involving {}", "Involves", 2),
    Field(
        examples=[["japan"]],
        description="With this actor in whatever part, named or inherited. Repeat it for *or*.",
    ),
]
Reaffirmed = Annotated[
    Several[Id],
    Refers((RecordType.AGREEMENT, RecordType.COMMITMENT)),
    linked("reaffirms"),
    Says("reaffirming {}", "Says again", 8),
    Field(description="Saying again this earlier agreement or commitment. Repeat it for *or*."),
]
AgreementIds = Annotated[
    Several[Id], Refers((RecordType.AGREEMENT,)), Most(), Says("under {}", "Agreement", 8)
]
DocumentIds = Annotated[
    Several[Id],
    Refers((RecordType.DOCUMENT,)),
    linked("document"),
    Most(),
    Says("proven by {}", "Source", 8),
]
SummitIds = Annotated[
    Several[Id],
    Refers((RecordType.SUMMIT,)),
    linked("summit"),
    Most(),
    Says("from {}", "Summit", 9),
    Field(examples=[["us-japan-2025-02"]]),
]
OfSummit = Annotated[SummitIds, Field(description="Of this summit. Repeat it for *or*.")]
Day = Annotated[PartialDate | None, Meant(days_meant)]
_SUM = Meant(number_meant, ("currency", currencies_beside))
AmountMin = Annotated[
    Amount | None,
    Bound("amount_most", operator.ge),
    _SUM,
    Says("that may reach {}", "Sum from", 7, "sum"),
]
AmountMax = Annotated[
    Amount | None,
    not_below("amount_min", float, float),
    Bound("amount_least", operator.le),
    _SUM,
    Says("that may stay within {}", "Sum up to", 7, "sum"),
]
