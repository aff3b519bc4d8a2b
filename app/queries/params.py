"""The parameters of each list, read from the query string as it was sent.

FastAPI keeps the last of a repeated parameter, takes `1_000` for a number and decodes `%zz` as it
stands. A record that is cited can't guess, so the query string is read here, strictly: every
problem at once, with what to type instead.
"""

import re
from functools import cache, cached_property
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    Self,
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
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.fields import FieldInfo

from app import links
from app.dates import PartialDate, first_day, last_day
from app.nearest import nearest
from app.problems import Fault
from app.records import MAX_ID, MAX_NUMBER, SLUG
from app.store.search import Search
from app.vocabulary import RecordType, Term, Topic

MAX_PAIRS = 100
MAX_VALUES = 20
MAX_Q = 200
# What links come back with from newsletters and social networks.
_TRACKING = re.compile(r"utm_.*|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|twclid|yclid")
_SHOWING = ("sort", "limit", "cursor", "fields", "facet", "format")
_decimal = re.compile(r"[0-9]{1,17}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")
_broken_escape = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class QueryFaults(Exception):
    """What is wrong with a query string, and what is left of it when that is mended."""

    def __init__(self, faults: list[Fault], mended: links.Pairs) -> None:
        """Keep both for the answer."""
        super().__init__("; ".join(fault.detail for fault in faults))
        self.faults = faults
        self.mended = mended


class Refers(NamedTuple):
    """Marks a filter whose values are ids of records of these types."""

    kinds: tuple[RecordType, ...]


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
    return text


if TYPE_CHECKING:
    CurrencyCode: TypeAlias = str
    CountryCode: TypeAlias = str
else:
    CurrencyCode = Literal[tuple(sorted(found.alpha_3 for found in pycountry.currencies))]
    CountryCode = Literal[tuple(sorted(found.alpha_2 for found in pycountry.countries))]

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
        }
    ),
]
T = TypeVar("T")
Several = Annotated[tuple[T, ...], Field(max_length=MAX_VALUES)]
AgreementIds = Annotated[Several[RecordId], Refers((RecordType.AGREEMENT,))]
ActorIds = Annotated[Several[RecordId], Refers((RecordType.ACTOR,))]
SpeakerIds = Annotated[Several[RecordId], Refers((RecordType.ACTOR, RecordType.DOCUMENT))]
SummitIds = Annotated[Several[RecordId], Refers((RecordType.SUMMIT,))]
DocumentIds = Annotated[Several[RecordId], Refers((RecordType.DOCUMENT,))]


class Params(BaseModel):
    """What every request can carry."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    shape: ClassVar[type[BaseModel] | None] = None
    """The record that is answered; its keys are what `fields` can name."""

    format: Literal["json"] = Field("json", examples=["json"])
    """The format of the answer."""

    @classmethod
    def read(cls, query: bytes) -> Self:
        """Read a query string. Raises QueryFaults with every problem of it."""
        pairs, faults = _pairs(query)
        known = cls.model_fields
        given: dict[str, list[str]] = {}
        mended: links.Pairs = []
        for name, value in pairs:
            if name not in known:
                faults.append(_unknown(name, list(cls.names())))
                # A fix that is known is made; what stays unknown is left out.
                if (meant := faults[-1].nearest) and value and meant not in dict(pairs):
                    mended.append((meant, value))
                continue
            mended.append((name, value))
            given.setdefault(name, []).append(value)
        typed: dict[str, Any] = {}
        for name, values in given.items():
            if is_list(known[name]):
                typed[name] = cls._split(name, values)
            elif len(values) > 1:
                faults.append(_repeated(name, values))
                mended = _first_only(mended, name)
                typed[name] = values[0]
            else:
                typed[name] = values[0]
        try:
            params = cls.model_validate(typed)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                fault, wrong = _fault(cls, detail)
                faults.append(fault)
                mended = _mend(mended, fault, wrong)
                if detail["type"] == "missing":
                    mended.append((fault.parameter, cls.example(fault.parameter)))
            raise QueryFaults(faults, mended) from None
        if faults:
            raise QueryFaults(faults, mended)
        return params

    @classmethod
    def example(cls, name: str) -> str:
        """A value that works."""
        return str((cls.model_fields[name].examples or [""])[0])

    @classmethod
    def _split(cls, name: str, values: list[str]) -> list[str]:
        if name != "fields":
            return values
        return [part.strip() for value in values for part in value.split(",") if part.strip()]

    @classmethod
    @cache
    def names(cls) -> tuple[str, ...]:
        """The parameters there are: filters first, then how the answer is shown."""
        last = [name for name in _SHOWING if name in cls.model_fields]
        return tuple([name for name in cls.model_fields if name not in last] + last)

    @classmethod
    @cache
    def references(cls) -> dict[str, Refers]:
        """The filters that take ids, and of what type those are."""
        return {
            name: mark
            for name, field in cls.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, Refers)
        }

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The request as understood, defaults included, as JSON: the receipt of an answer."""
        dumped = self.model_dump(mode="json", exclude_none=True)
        if "format" not in self.model_fields_set:
            del dumped["format"]
        return {name: dumped[name] for name in self.names() if dumped.get(name, []) != []}

    def pairs(self, **changed: str) -> links.Pairs:
        """The request as a query again, in one order and without defaults."""
        kept = self.model_dump(mode="json", exclude_defaults=True) | changed
        found: links.Pairs = []
        for name in self.names():
            value = kept.get(name, [])
            if name == "fields" and value:
                value = [",".join(value)]
            values = value if isinstance(value, list) else [value]
            found += [(name, str(item)) for item in values]
        return found


class WrongKey(ValueError):
    """A name in `fields` that is no key of the record."""


class RecordParams(Params):
    """What can be asked of one record."""

    fields: tuple[str, ...] = Field((), examples=[["id", "title"]])
    """Only these keys of the record, in this order, separated by commas; the others are left out,
    whatever the schema of a whole record says."""

    @field_validator("fields")
    @classmethod
    def _keys(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if cls.shape and name not in cls.shape.model_fields:
                raise WrongKey(name)
        return tuple(dict.fromkeys(names))


class ListParams(RecordParams):
    """What every list of records takes; each list adds its filters."""

    q: Words | None = Field(None, examples=["japan"])
    """Full-text search: words, `"a phrase"`, `-without`, `begin*`. All words must be there; case,
    accents and width do not matter."""
    topic: Several[Topic] = Field((), examples=[["alliances"]])
    """What it is about. Repeat it for *or*."""
    document: DocumentIds = Field((), examples=[["red-nation-today-japan-us"]])
    """Proven by this document. Repeat it for *or*."""
    sort: str = ""
    """The order."""
    limit: Whole = Field(25, ge=1, le=200, examples=[20])
    """How many records on a page, from 1 to 200."""
    cursor: str | None = Field(None, max_length=200, pattern=r"^[A-Za-z0-9_-]*$")
    """Where to go on: take it from `next`, with everything else unchanged but `limit`, `fields`
    and `facet`."""
    facet: tuple[str, ...] = ()
    """Count the records of this result by the values of a closed filter. Repeat it for more."""

    @property
    def search(self) -> Search | None:
        """What `q` looks for."""
        return Search.parse(self.q) if self.q else None


class DatedParams(ListParams):
    """Lists of records that have a date."""

    since: PartialDate | None = Field(None, examples=["2025-02"])
    """Not before this day, month or year. A record whose date is less exact is found if it may
    be meant; one without a date is not."""
    until: PartialDate | None = Field(None, examples=["2025"])
    """Not after this day, month or year, in the same way."""

    @field_validator("until")
    @classmethod
    def _not_before(cls, until: str | None, known: ValidationInfo) -> str | None:
        since = known.data.get("since")
        if since and until and last_day(until) < first_day(since):
            raise ValueError(f"is before since={since}; nothing lies between them")
        return until


def is_list(field: FieldInfo) -> bool:
    """Whether a parameter can be repeated."""
    return get_origin(field.annotation) is tuple


def choices(params: type[Params], name: str) -> list[str]:
    """The values of a closed parameter; none if it is open."""
    field = params.model_fields[name]
    if name == "fields" and params.shape:
        return list(params.shape.model_fields)
    annotation = get_args(field.annotation)[0] if is_list(field) else field.annotation
    if isinstance(annotation, type) and issubclass(annotation, Term):
        return [term.value for term in annotation]
    if get_origin(annotation) is Literal:
        return [str(value) for value in get_args(annotation)]
    return []


def days(since: str | None, until: str | None) -> dict[str, str]:
    """The first and last day of a period, for a comparison by overlap."""
    found = {"since": first_day(since)} if since else {}
    return found | ({"until": last_day(until)} if until else {})


def _pairs(query: bytes) -> tuple[links.Pairs, list[Fault]]:
    """Names and values as sent, without blank ones and tracking parameters."""
    found: links.Pairs = []
    faults: list[Fault] = []
    parts = [part for part in query.split(b"&") if part]
    if len(parts) > MAX_PAIRS:
        detail = f"there are {len(parts)} parameters; {MAX_PAIRS} are allowed"
        return [], [Fault(parameter="*", detail=detail)]
    for part in parts:
        raw_name, _, raw_value = part.partition(b"=")
        name, value = _decoded(raw_name), _decoded(raw_value)
        if name is None or value is None:
            shown = name if name is not None else "a parameter's name"
            faults.append(
                Fault(
                    parameter=shown[:100],
                    detail=f"{shown[:100]} is not UTF-8 text in percent-encoding, or holds a "
                    "control character; write a percent sign as %25",
                )
            )
        elif value and name and not _TRACKING.fullmatch(name):
            found.append((name, value))
    return found, faults


def _decoded(raw: bytes) -> str | None:
    if b"%" not in raw and raw.isascii() and raw.isalnum():
        return raw.decode()  # by far the most
    if _broken_escape.search(raw):
        return None
    plain = re.sub(
        rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), raw.replace(b"+", b" ")
    )
    try:
        text = plain.decode()
    except UnicodeDecodeError:
        return None
    return None if any(c < " " or c == "\x7f" for c in text) else text


def _unknown(name: str, known: list[str]) -> Fault:
    meant = next(iter(nearest(name, known, most=1)), None)
    detail = f"{name[:100]} is not a parameter here"
    if meant:
        detail += f"; did you mean {meant}?"
    return Fault(parameter=name[:100], detail=detail, valid=known, nearest=meant)


def _repeated(name: str, values: list[str]) -> Fault:
    return Fault(
        parameter=name,
        detail=f"{name} is given {len(values)} times, and can be given once",
    )


def _fault(params: type[Params], detail: Any) -> tuple[Fault, str]:
    """A library's error in our words, and the value that is wrong."""
    name = str(detail["loc"][0])
    typed = detail["input"] if isinstance(detail["input"], str) else ""
    wrong_key = detail.get("ctx", {}).get("error")
    if isinstance(wrong_key, WrongKey):
        typed = str(wrong_key)
    shown = f"{name}={typed[:100]}" + ("…" if len(typed) > 100 else "")
    valid = choices(params, name) or None
    if detail["type"] == "missing":
        example = params.example(name)
        return Fault(parameter=name, detail=f"{name} is missing, as in {name}={example}"), ""
    if detail["type"] == "too_long" and is_list(params.model_fields[name]):
        text = f"{name} is given more than {MAX_VALUES} times"
        return Fault(parameter=name, detail=text), ""
    if valid:
        meant = next(iter(nearest(typed, valid, most=1)), None)
        # A country's or currency's name says less about its code than the list does.
        listed = "it is a code" if len(valid) > 50 else f"it is one of {', '.join(valid)}"
        also = f"; did you mean {meant}?" if meant else ""
        text = f"{shown} is not a value of {name}; {listed}{also}"
        return Fault(parameter=name, detail=text, valid=valid, nearest=meant), typed
    return Fault(parameter=name, detail=f"{shown} {_reason(params, name, detail)}"), typed


def _reason(params: type[Params], name: str, detail: Any) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error" and name != "limit":
        return str(context["error"])
    if name == "limit":
        return "is not a whole number from 1 to 200"
    if kind in {"string_too_long", "too_long"}:
        return f"is longer than {context['max_length']} characters"
    if name == "cursor":
        return "is not a cursor; take it from next"
    if name in params.references():
        return "is not an id: lower-case letters, digits and single hyphens"
    if name.startswith("amount"):
        return f"is not a number from 0 to {MAX_NUMBER}, as in 1000000 or 1e6"
    return str(detail["msg"])


def _first_only(pairs: links.Pairs, name: str) -> links.Pairs:
    found: links.Pairs = []
    for pair in pairs:
        if pair[0] != name or name not in dict(found):
            found.append(pair)
    return found


def _mend(pairs: links.Pairs, fault: Fault, wrong: str) -> links.Pairs:
    """Put the nearest value in the place of a wrong one, or leave it out."""
    mended: links.Pairs = []
    for name, value in pairs:
        if name != fault.parameter or (wrong and value != wrong and name != "fields"):
            mended.append((name, value))
        elif fault.nearest and name != "fields":
            mended.append((name, fault.nearest))
    return mended
