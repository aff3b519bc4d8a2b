"""The marks of a field: said where it is declared, and read from there everywhere else.

    office: Annotated[Name | None, PROVEN, COLUMN] = Field(examples=["President"])
    \"\"\"The office that the speaker held when speaking.\"\"\"

The type is that of the public record; it says how the value is typed in a bundle (`Typed`), the
marks say the rest. A field that others are worked out from is `DERIVED`: a function gives it.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pycountry
from pydantic import AfterValidator, BaseModel, Field, PlainSerializer, WithJsonSchema
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from app import links
from app.beside import table_beside
from app.text import clean
from app.vocabulary import KINDS, RecordType

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
# The ids of topics have had underscores from the beginning.
TOPIC = r"^[a-z0-9]+([-_][a-z0-9]+)*$"
MAX_ID = 100
# The largest whole number that a JavaScript client reads back exactly.
MAX_NUMBER = 2**53 - 1


class Mark(Enum):
    """A property of a field."""

    PROVEN = "must be proven wherever it is known"
    COLUMN = "is a column in the table of its type"
    INDEXED = "is a column that a filter looks up"
    REQUIRED = "is typed also where nothing is known, as []"
    NOT_EMPTY = "is typed, and names at least one"
    DERIVED = "is worked out from what other records say"
    OWN = "is worked out from the other fields of its record, and not typed"
    MEASURED = "is filled in by `readout verify --fix`"
    PLAIN = "is written on pages as its type is, with no drawing of its own"


PROVEN, COLUMN, INDEXED = Mark.PROVEN, Mark.COLUMN, Mark.INDEXED
REQUIRED, NOT_EMPTY = Mark.REQUIRED, Mark.NOT_EMPTY
DERIVED, OWN, MEASURED, PLAIN = Mark.DERIVED, Mark.OWN, Mark.MEASURED, Mark.PLAIN


class To(tuple[RecordType, ...]):
    """The types of record that a field refers to, by their names."""

    __slots__ = ()

    def __new__(cls, *names: str) -> "To":
        """Name one type, or several."""
        return super().__new__(cls, [KINDS[name] for name in names])


class Label(str):
    """The name of a field on a page, where that is not its own."""

    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Typed:
    """The type of a value in a bundle, where that is stricter than the published one."""

    form: Any
    default: Any = ...
    """The value of a field that is left out."""


def printable(text: str) -> str:
    """Refuse text that can't be read."""
    if bad := clean(text):
        raise ValueError(f"holds the unprintable character {bad}; remove it")
    if not text.strip():
        raise PydanticCustomError("blank", "is blank")
    return text


OTHER_CODES: dict[str, dict[str, str]] = table_beside(__file__)
"""Codes beside those of pycountry, of countries and currencies, with their names."""
_CODES = {"countries": "alpha_2", "currencies": "alpha_3", "languages": "alpha_2"}


def code_of(table: str, name: str) -> str | None:
    """The code by what people write for it, of a table of pycountry: `japan` and `jp` give `JP`."""
    try:
        return getattr(getattr(pycountry, table).lookup(name), _CODES[table], None)
    except LookupError:
        return None


def _is_code(table: str, standard: str, example: str) -> Any:
    """The type of a code in a bundle: one of the standard, in its own case."""

    def check(code: str) -> str:
        if code in OTHER_CODES[table]:
            return code
        entry = getattr(pycountry, table).get(**{_CODES[table]: code})
        if entry is None or getattr(entry, _CODES[table]) != code:
            meant = code_of(table, _currency_named(code) if table == "currencies" else code)
            also = f'; did you mean "{meant}"?' if meant else ""
            raise ValueError(f"is not an {standard} code{also}")
        return code

    return Annotated[str, AfterValidator(check), Field(json_schema_extra={"examples": [example]})]


_tag = re.compile(r"([a-z]{2,3})(?:-([A-Z][a-z]{3}))?(?:-([A-Z]{2}))?")


def _language(tag: str) -> str:
    """Refuse what is not a language, with or without a script and a country (BCP 47)."""
    match = _tag.fullmatch(tag)
    language, script, region = match.groups() if match else ("", None, None)
    entry = pycountry.languages.get(alpha_2=language) or pycountry.languages.get(alpha_3=language)
    # The shortest code is the tag: ja, and not jpn.
    valid = entry is not None and getattr(entry, "alpha_2", language) == language
    valid = valid and (not script or pycountry.scripts.get(alpha_4=script) is not None)
    if not valid or (region and pycountry.countries.get(alpha_2=region) is None):
        meant = code_of("languages", tag)
        also = f'; did you mean "{meant}"?' if meant else ""
        raise ValueError(f"is not a BCP 47 language, as in en or zh-Hant{also}")
    return tag


def _currency_named(name: str) -> str:
    """The currency that a sign stands for, or that has its number from a country of this name."""
    if len(name) == 1:
        return unicodedata.name(name, "").removesuffix(" SIGN")
    try:
        number = pycountry.countries.lookup(name).numeric
    except LookupError:
        return name
    currency = pycountry.currencies.get(numeric=number)
    return currency.alpha_3 if currency else name


def _web_address(url: str) -> str:
    if links.web_address(url) is None:
        raise ValueError("is not a web address; write it whole, beginning with https://")
    return url


# As typed in a bundle. The length comes first: it is then the text's own, and its message too.
Slug = Annotated[str, Field(pattern=SLUG, max_length=MAX_ID)]
TypedText = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(printable)]
TypedName = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(printable)]
Position = Annotated[int, Field(strict=True, ge=0, le=MAX_NUMBER)]
TypedCountry = _is_code("countries", "ISO 3166-1 alpha-2", "JP")
TypedCurrency = _is_code("currencies", "ISO 4217", "USD")
TypedLanguage = Annotated[
    str, AfterValidator(_language), Field(json_schema_extra={"examples": ["en"]})
]
TypedUrl = Annotated[
    str, Field(max_length=2000), AfterValidator(printable), AfterValidator(_web_address)
]
TypedAmount = Annotated[float, Field(strict=True, ge=0, le=MAX_NUMBER, allow_inf_nan=False)]

# As published.
Id = Annotated[str, Field(pattern=SLUG, max_length=MAX_ID)]
TopicId = Annotated[str, Field(pattern=TOPIC, max_length=MAX_ID)]
Name = Annotated[str, Typed(TypedName)]
Text = Annotated[str, Typed(TypedText)]
Url = Annotated[str, Typed(TypedUrl)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$"), Typed(TypedCountry)]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$"), Typed(TypedCurrency)]
LanguageCode = Annotated[
    str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$"), Typed(TypedLanguage)
]
# A whole sum is written without a decimal point: 1000000000000, not 1000000000000.0.
Number = Annotated[
    float,
    Field(ge=0, le=MAX_NUMBER, allow_inf_nan=False),
    PlainSerializer(lambda n: int(n) if float(n).is_integer() else n, when_used="json"),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_NUMBER}),
    Typed(TypedAmount),
]


@dataclass(frozen=True, eq=False)
class RecordField:
    """A field as it was declared."""

    name: str
    meaning: str
    base: type
    """The Python type of its value, or of each of several."""
    typed: Any
    """The type of that value in a bundle; the base where no other is said."""
    many: bool
    nullable: bool
    default: Any
    to: tuple[RecordType, ...]
    label: str
    """Its name on a page."""
    marks: frozenset[Mark]
    parts: tuple["RecordField", ...]
    """The fields of each of several objects."""

    def __contains__(self, mark: Mark) -> bool:
        """Whether a mark is set."""
        return mark in self.marks

    @property
    def names_records(self) -> bool:
        """Whether it refers to others: itself, or each of its objects by a part."""
        return bool(self.to) or any(part.to for part in self.parts)

    @property
    def targets(self) -> tuple[RecordType, ...]:
        """The types that it refers to, itself or in its parts."""
        return self.to + tuple(kind for part in self.parts for kind in part.targets)


# What every record has, and is compiled in a way of its own.
_SHARED = frozenset({"type", "id", "href", "topics", "evidence", "inferred"})


@cache
def fields_of(shape: type[BaseModel]) -> tuple[RecordField, ...]:
    """The fields that a shape declares, in the order in which they stand in JSON."""
    shared = _SHARED if "href" in shape.model_fields else ()
    declared = [name for name in shape.model_fields if name not in shared]
    # The summary stands last: it is the longest.
    declared.sort(key="summary".__eq__)
    return tuple(_field(name, shape.model_fields[name]) for name in declared)


def _field(name: str, declared: FieldInfo) -> RecordField:
    # Pydantic keeps the marks of the field apart from its type.
    type_: Any = declared.annotation
    marks = [*declared.metadata]
    if nullable := get_origin(type_) in {Union, UnionType}:
        type_ = next(option for option in get_args(type_) if option is not NoneType)
    if many := get_origin(type_) is list:
        (type_,) = get_args(type_)
    named = type_ if isinstance(type_, TypeAliasType) else None  # in the schemas
    type_ = named.__value__ if named else type_
    if get_origin(type_) is Annotated:
        type_, *inner = get_args(type_)
        marks += inner
    to = next((mark for mark in marks if isinstance(mark, To)), ())
    rules = [mark for mark in marks if not isinstance(mark, Mark | To | Typed | Label)]
    as_published = Typed(named or (Annotated[(type_, *rules)] if rules else type_))
    typed = next((mark for mark in marks if isinstance(mark, Typed)), as_published)
    return RecordField(
        name=name,
        meaning=" ".join((declared.description or "").split()),
        base=type_,
        typed=typed.form,
        many=many,
        nullable=nullable,
        default=typed.default,
        to=to,
        label=next(
            (mark for mark in marks if isinstance(mark, Label)), name.replace("_", " ").capitalize()
        ),
        marks=frozenset(mark for mark in marks if isinstance(mark, Mark)),
        parts=fields_of(type_) if issubclass(type_, BaseModel) and not to else (),
    )
