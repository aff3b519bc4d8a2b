"""The parameters that the lists share: what they mean, and what they take."""

import re
from functools import cache, cached_property
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
)

import pycountry
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.fields import FieldInfo

from app import links
from app.dates import PartialDate, first_day, last_day, last_moment
from app.fields import MAX_ID, MAX_NUMBER, SLUG
from app.formats import Content, Format, names
from app.store.search import Search
from app.vocabulary import RecordType, Term, Topic

MAX_VALUES = 20
MAX_Q = 200
# Each can stand for every word of a language, and costs as much.
MAX_BEGINNINGS = 4
# What says how an answer is shown, not which records it holds. A cursor stands last, so that what
# comes before it is the same on every page of a walk.
PRESENTATION = ("limit", "fields", "facet", "format", "bom", "raw", "cursor")
_SHOWING = ("as_of", "sort", *PRESENTATION)
_decimal = re.compile(r"[0-9]{1,17}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")


class Refers(NamedTuple):
    """Marks a filter whose values are ids of records of these types."""

    kinds: tuple[RecordType, ...]
    ever: bool = False
    """Whether what is withdrawn or has another id now is meant too."""


class Says(NamedTuple):
    """How a filter says itself to a person."""

    phrase: str
    """In a sentence, `{}` for its values: `by {}`."""
    label: str
    """Above its values in a form."""
    place: int = 5
    """Where its phrase stands among those of other filters: the lower, the nearer to the noun."""


def _whole(text: Any) -> Any:
    if isinstance(text, str) and not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError("is not a whole number")
    return text


def _number(text: Any) -> Any:
    if isinstance(text, str) and not _decimal.fullmatch(text):
        raise ValueError(f"is not a number from 0 to {MAX_NUMBER}, as in 1000000 or 1e6")
    return text


def _findable(text: str) -> str:
    search = Search.parse(text)
    if not (search.wanted or search.unwanted):
        raise ValueError('has no word in it; write words, "a phrase", -without or begin*')
    if sum(term.prefix for term in search.wanted + search.unwanted) > MAX_BEGINNINGS:
        raise ValueError(f"has more than {MAX_BEGINNINGS} words that end in *; write some out")
    return text


if TYPE_CHECKING:
    CurrencyCode: TypeAlias = str
    CountryCode: TypeAlias = str
else:
    CurrencyCode = Literal[tuple(sorted(currency.alpha_3 for currency in pycountry.currencies))]
    CountryCode = Literal[tuple(sorted(country.alpha_2 for country in pycountry.countries))]

# What a published pattern can say of `_findable`: at least one letter or digit. JavaScript knows
# only ASCII by `\w`, and Python knows no `\p{L}`. More is taken than these: no script is refused.
_LETTERS = (
    r"0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1e00-\u1eff"  # Latin
    r"\u0391-\u03a1\u03a3-\u03f5\u0400-\u0481\u048a-\u052f"  # Greek, Cyrillic
    r"\u05d0-\u05ea\u0620-\u064a\u0904-\u0939\u0e01-\u0e30"  # Hebrew, Arabic, Hindi, Thai
    r"\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"  # East Asian
)
RecordId = Annotated[str, Field(pattern=SLUG, max_length=MAX_ID)]
Whole = Annotated[int, BeforeValidator(_whole)]
Count = Annotated[int, Field(ge=0), BeforeValidator(_whole)]
Amount = Annotated[
    float,
    Field(ge=0, le=MAX_NUMBER),
    BeforeValidator(_number),
    PlainSerializer(lambda n: int(n) if n.is_integer() else n, return_type=int | float),
]
Words = Annotated[
    str,
    AfterValidator(_findable),
    Field(max_length=MAX_Q),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": MAX_Q,
            "pattern": rf"^[^\x00-\x1f\x7f]*[{_LETTERS}][^\x00-\x1f\x7f]*$",
            "examples": ["japan"],
        }
    ),
]
MATCHING = Says("matching {}", "Words", 12)
T = TypeVar("T")
# A value that is repeated says no more than once, but the limit is on what was sent.
Several = Annotated[
    tuple[T, ...],
    Field(max_length=MAX_VALUES),
    AfterValidator(lambda values: tuple(dict.fromkeys(values))),
]
Kinds = Annotated[Several[T], Says("of the kind {}", "Kind", 3)]
Statuses = Annotated[Several[T], Says("with the status {}", "Status", 6)]
Relations = Annotated[Several[T], Says("given as {}", "Relation to the summit", 6)]
AgreementIds = Annotated[
    Several[RecordId], Refers((RecordType.AGREEMENT,)), Says("under {}", "Agreement", 8)
]
ActorIds = Annotated[Several[RecordId], Refers((RecordType.ACTOR,))]
SpeakerIds = Annotated[Several[RecordId], Refers((RecordType.ACTOR, RecordType.DOCUMENT))]
SummitIds = Annotated[Several[RecordId], Refers((RecordType.SUMMIT,)), Says("from {}", "Summit", 9)]
# Of these, also what was withdrawn or renamed.
RecordIds = Annotated[
    Several[RecordId], Refers(tuple(RecordType), ever=True), Says("of the record {}", "Record", 2)
]
EverySummitIds = Annotated[
    Several[RecordId], Refers((RecordType.SUMMIT,), ever=True), Says("from {}", "Summit", 9)
]
DocumentIds = Annotated[
    Several[RecordId], Refers((RecordType.DOCUMENT,)), Says("proven by {}", "Source", 8)
]
Since = Annotated[PartialDate | None, Says("since {}", "Since", 10)]
Until = Annotated[PartialDate | None, Says("until {}", "Until", 11)]


def _moment(text: str) -> str:
    if re.fullmatch(r"[0-9]{1,9}", text):
        return text
    try:
        moment = last_moment(text)
    except ValueError:
        raise ValueError(
            "is neither the number of a release, nor a day, nor a time; write 3, 2025-02-07 or "
            "2025-02-07T18:00:00Z (a + before an offset is %2B in a URL)"
        ) from None
    if moment is None:
        raise ValueError("has no time zone; add Z for UTC, as in 2025-02-07T18:00:00Z")
    return text


# What was true then: a release by its number, or by a day or a time.
AsOf = Annotated[
    str, AfterValidator(_moment), Field(max_length=40), WithJsonSchema(
        {"type": "string", "maxLength": 40, "pattern": r"^[0-9][0-9T:.Z+-]*$"}
    ),
]  # fmt: skip


class Params(BaseModel):
    """What every request can carry."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    shape: ClassVar[type[BaseModel] | None] = None
    """The record that is answered; its keys are what `fields` can name."""
    content: ClassVar[Content] = Content.STATUS
    """The sort of answer; `format` can name what shows it."""

    format: str | None = Field(None, examples=["json"])
    """The format of the answer, whatever `Accept` says: `json`, and where they can show it `html`,
    `csv`, `tsv`, `ndjson`, `xlsx`, `md`, `atom`, `jsonfeed`, `jsonld`, `citation`, `bibtex`, `ris`
    or `csl`."""

    @field_validator("format")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        if name is not None and name not in names(cls.content):
            raise ValueError(name)
        return name

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a record that were asked for; none for all."""
        return getattr(self, "fields", ())

    @classmethod
    def example(cls, name: str) -> str:
        """A value that works."""
        return str((cls.model_fields[name].examples or [""])[0])

    @classmethod
    @cache
    def names(cls) -> tuple[str, ...]:
        """The parameters there are: filters first, then how the answer is shown."""
        last = [name for name in _SHOWING if name in cls.model_fields]
        return tuple([name for name in cls.model_fields if name not in last] + last)

    @classmethod
    @cache
    def filters(cls) -> frozenset[str]:
        """The parameters that say which records are meant."""
        return frozenset(cls.model_fields) - frozenset(_SHOWING) | {"as_of"}

    @classmethod
    @cache
    def references(cls) -> dict[str, Refers]:
        """The filters that take ids, and of what type those are."""
        return cls._marks(Refers)

    @classmethod
    @cache
    def says(cls) -> dict[str, Says]:
        """The filters that a person can be told of, in the order of their phrases."""
        return dict(sorted(cls._marks(Says).items(), key=lambda pair: pair[1].place))

    @classmethod
    def _marks(cls, sort: type[T]) -> dict[str, T]:
        return {
            name: mark
            for name, field in cls.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, sort)  # of several, the last: what a list says is its own
        }

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The request as understood, defaults included, as JSON: the receipt of an answer."""
        dumped = self.model_dump(mode="json", exclude_none=True)
        return {name: dumped[name] for name in self.names() if dumped.get(name, []) != []}

    def pairs(self) -> links.Pairs:
        """The request as a query again, in one order and without defaults."""
        return list(self._pairs)

    @cached_property
    def _pairs(self) -> links.Pairs:
        if not self.model_fields_set:
            return []
        kept = self.model_dump(mode="json", exclude_defaults=True)
        if "fields" in kept:
            kept["fields"] = ",".join(kept["fields"])
        pairs: links.Pairs = []
        for name in self.names():
            value = kept.get(name, [])
            values = value if isinstance(value, list) else [value]
            pairs += [(name, str(item)) for item in values]
        return pairs

    def pairs_with(self, name: str, value: str) -> links.Pairs:
        """The same request with another value of a parameter, from its first page."""
        return [(n, value if n == name else v) for n, v in self.pairs() if n != "cursor"]

    def pairs_as(self, other: Format, cursor: str | None = None) -> links.Pairs:
        """The same request in another format; of a page, the page that begins at a cursor."""
        unknown = {"cursor", "format", *other.refuses}
        kept = [pair for pair in self.pairs() if pair[0] not in unknown]
        kept.append(("format", other.name))
        return [*kept, ("cursor", cursor)] if cursor and "cursor" not in unknown else kept


class DataParams(Params):
    """What every request for data can carry."""

    as_of: AsOf | None = Field(None, examples=["1"])
    """Answer from the release of this number, or from the one that was current at the end of a
    day or month, or at a time (UTC unless it says otherwise): `3`, `2025-02-07`,
    `2025-02-07T18:00:00Z`. The last minute is not settled yet."""


class WrongKey(ValueError):
    """A name in `fields` that is no key of the record."""


class IndexParams(DataParams):
    """What can be asked of the index."""

    content = Content.INDEX


class ReleasesParams(DataParams):
    """What can be asked of the list of releases."""

    content = Content.RELEASES


class ReleaseParams(DataParams):
    """What can be asked of one release."""

    content = Content.RELEASE


class RecordParams(DataParams):
    """What can be asked of one record."""

    content = Content.RECORD

    fields: tuple[str, ...] = ()
    """For JSON and tables: only these keys of the record, in this order, separated by commas; the
    others are left out, whatever the schema of a whole record says."""

    @field_validator("fields")
    @classmethod
    def _keys(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if cls.shape and name not in cls.shape.model_fields:
                raise WrongKey(name)
        return tuple(dict.fromkeys(names))


class PagedParams(RecordParams):
    """What every list takes; each adds its filters."""

    content = Content.LIST

    sort: str = ""
    """The order."""
    limit: Whole = Field(25, ge=1, le=200, examples=[20])
    """How many on a page, from 1 to 200."""
    cursor: str | None = Field(None, max_length=200, pattern=r"^[A-Za-z0-9_-]*$")
    """Where to go on, in the release in which the walk began: take it from `next`, with
    everything else unchanged but `limit`, `fields` and `facet`."""

    bom: Literal["1"] | None = Field(None, examples=["1"])
    """For CSV and TSV: `1` begins them with the byte order mark by which Excel knows UTF-8."""
    raw: Literal["1"] | None = Field(None, examples=["1"])
    """For CSV and TSV: `1` leaves a cell as it is that a spreadsheet would take for a formula;
    without it, an apostrophe stands before it."""

    @cached_property
    def search(self) -> Search | None:
        """What `q` looks for, where it is a parameter."""
        q: str | None = getattr(self, "q", None)
        return Search.parse(q) if q else None

    @property
    def counted(self) -> tuple[str, ...]:
        """The filters by whose values the result is counted."""
        return getattr(self, "facet", ())


class ListParams(PagedParams):
    """What every list of records takes; each list adds its filters."""

    q: Annotated[Words | None, MATCHING] = Field(None, examples=["japan"])
    """Full-text search: words, `"a phrase"`, `-without`, `begin*`. All words must be there; case,
    accents and width do not matter."""
    topic: Annotated[Several[Topic], Says("on {}", "Topic", 4)] = Field(
        (), examples=[["alliances"]]
    )
    """What it is about. Repeat it for *or*."""
    document: DocumentIds = Field((), examples=[["red-nation-today-japan-us"]])
    """Proven by this document. Repeat it for *or*."""
    facet: tuple[str, ...] = ()
    """For JSON: count the records of this result by the values of a closed filter. Repeat it for
    more."""


class DatedParams(ListParams):
    """Lists of records that have a date."""

    since: Since = Field(None, examples=["2025-02"])
    """Not before this day, month or year. A record whose date is less exact is found if it may
    be meant; one without a date is not."""
    until: Until = Field(None, examples=["2025"])
    """Not after this day, month or year, in the same way."""

    @field_validator("until")
    @classmethod
    def _not_before(cls, until: str | None, others: ValidationInfo) -> str | None:
        since = others.data.get("since")
        if since and until and last_day(until) < first_day(since):
            raise ValueError(f"is before since={since}; nothing lies between them")
        return until


def is_list(field: FieldInfo) -> bool:
    """Whether a parameter can be repeated."""
    return get_origin(field.annotation) is tuple


def choices(params: type[Params], name: str) -> list[str]:
    """The values of a closed parameter; none if it is open."""
    if name == "fields" and params.shape:
        return list(params.shape.model_fields)
    if name == "format":
        return list(names(params.content))
    form = params.model_fields[name].annotation
    if get_origin(form) is not Literal:
        form = next(iter(get_args(form)), form)  # what is in a tuple, or may be left out
    if isinstance(form, type) and issubclass(form, Term):
        return [term.value for term in form]
    return [str(value) for value in get_args(form)] if get_origin(form) is Literal else []
