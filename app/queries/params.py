"""The parameters that every request, every list and every record share."""

import operator
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app import links
from app.dates import first_day, last_day
from app.formats import PRESENTATION, Content, Format, names
from app.queries.meant import moments_meant
from app.queries.values import (
    MATCHING,
    AsOf,
    Bound,
    Day,
    DocumentIds,
    Ids,
    Listed,
    Meant,
    Refers,
    Says,
    Several,
    Topics,
    Whole,
    Words,
    not_below,
)
from app.store.search import Search
from app.vocabulary import KINDS, Term

# The last of a query: which release and order, and how an answer is written down.
_LAST = ("as_of", "sort", *PRESENTATION)
T = TypeVar("T")


class Params(BaseModel):
    """The parameters of every request."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    shape: ClassVar[type[BaseModel] | None] = None
    """The record that is answered; its keys are what `fields` can name."""
    content: ClassVar[Content] = Content.STATUS
    """The sort of answer; `format` can name what shows it."""

    format: str | None = Field(None, examples=["json"])
    """The format of the answer, whatever `Accept` says: `json`, and where they can show it `html`,
    `csv`, `tsv`, `ndjson`, `xlsx`, `md`, `atom`, `jsonfeed`, `jsonld`, `citation`, `bibtex`, `ris`,
    `png` or `csl`."""

    @field_validator("format")
    @classmethod
    def _shows_it(cls, name: str | None) -> str | None:
        if name is not None and name not in names(cls.content):
            raise ValueError(name)
        return name

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a record in the answer; none for all."""
        return getattr(self, "fields", ())

    known: ClassVar[set[str]] = set()
    """The parameters of all requests: one that is of another is no slip, and meant."""
    names: ClassVar[tuple[str, ...]] = ()
    """The parameters there are: filters first, then how the answer is shown."""
    filters: ClassVar[frozenset[str]]
    """The parameters that say which records are meant."""
    repeated: ClassVar[frozenset[str]]
    """The parameters that can be given several times."""
    references: ClassVar[dict[str, Refers]]
    """The filters that take ids, and of what type those are."""
    listed: ClassVar[dict[str, Listed]]
    """The filters whose values are those that the release has."""
    says: ClassVar[dict[str, Says]]
    """The filters that have a phrase, in the order of these."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Read once what the parameters are and what their marks say."""
        last = [name for name in _LAST if name in cls.model_fields]
        cls.known.update(cls.model_fields)
        cls.names = (*(name for name in cls.model_fields if name not in last), *last)
        cls.filters = frozenset(cls.model_fields) - frozenset(_LAST) | {"as_of"}
        fields = cls.model_fields.items()
        cls.repeated = frozenset(n for n, field in fields if get_origin(field.annotation) is tuple)
        cls.references = cls.marks(Refers)
        if "id" in cls.model_fields and cls.shape and "id" not in cls.references:
            cls.references["id"] = Refers((KINDS[cls.shape.model_fields["type"].default],))
        cls.listed = cls.marks(Listed)
        cls.says = dict(sorted(cls.marks(Says).items(), key=lambda pair: pair[1].place))

    @classmethod
    def marks(cls, sort: type[T]) -> dict[str, T]:
        """The parameters that have a mark of this sort, and the mark."""
        return {
            name: mark
            for name, field in cls.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, sort)  # of several, the last: what a list says is its own
        }

    @cached_property
    def query(self) -> dict[str, Any]:
        """The request as understood, defaults included, as JSON: the receipt of an answer."""
        dumped = self.model_dump(mode="json", exclude_none=True)
        return {name: dumped[name] for name in self.names if dumped.get(name, []) != []}

    def pairs(self, *without: str) -> links.Pairs:
        """The request as a query again, in one order, without defaults and these parameters."""
        return [pair for pair in self._pairs if pair[0] not in without]

    @cached_property
    def _pairs(self) -> links.Pairs:
        if not self.model_fields_set:
            return []
        values = self.model_dump(mode="json", exclude_defaults=True)
        if "fields" in values:
            values["fields"] = ",".join(values["fields"])
        pairs: links.Pairs = []
        for name in filter(values.__contains__, self.names):
            value = values[name]
            pairs += [(name, str(one)) for one in (value if isinstance(value, list) else [value])]
        return pairs

    def pairs_with(self, name: str, value: str) -> links.Pairs:
        """The same request with another value of a parameter, from its first page."""
        return [(n, value if n == name else v) for n, v in self.pairs("cursor")]

    def pairs_as(self, other: Format) -> links.Pairs:
        """The same request in another format, from its first page."""
        return [*self.pairs("cursor", "format", *other.refuses), ("format", other.name)]


class NoParams(Params):
    """The parameters of what takes none but `format`."""


class DataParams(Params):
    """The parameters of every request for data."""

    as_of: Annotated[AsOf | None, Meant(moments_meant)] = Field(None, examples=["1"])
    """Answer from the release of this number, or from the one that was current at the end of a
    day or month, or at a time (UTC unless it says otherwise): `3`, `2025-02-07`,
    `2025-02-07T18:00:00Z`. The last minute is not settled yet."""


class IndexParams(DataParams):
    """The parameters of `/`."""

    content = Content.INDEX


class ReleasesParams(DataParams):
    """The parameters of `/releases`."""

    content = Content.RELEASES


class ReleaseParams(DataParams):
    """The parameters of a release."""

    content = Content.RELEASE


class TopicsParams(DataParams):
    """The parameters of `/topics`."""

    content = Content.TOPICS


class CheckParams(DataParams):
    """The parameters of `/check`."""

    content = Content.CHECK


class CardParams(DataParams):
    """The parameters of a card."""

    content = Content.CARD


class RecordParams(DataParams):
    """The parameters of a record."""

    content = Content.RECORD

    fields: tuple[str, ...] = ()
    """For JSON and tables: only these keys of the record, in this order, separated by commas; the
    others are left out, whatever the schema of a whole record says."""

    @field_validator("fields")
    @classmethod
    def _keys(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if cls.shape and name not in cls.shape.model_fields:
                raise ValueError(name)
        return tuple(dict.fromkeys(names))


class IncludingParams(DataParams):
    """What stands beside records."""

    include: Several[
        Literal["summits", "agreements", "commitments", "quotes", "actors", "documents"]
    ] = Field((), examples=[["actors"]])
    """For JSON: the whole records of this type that are linked with those of the answer: named by
    them, of a summit, done by an actor, proven by a document. They stand under `included`, each
    once, 500 at most; `included_complete` says whether these are all. Repeat it for more."""


class OneParams(RecordParams, IncludingParams):
    """The parameters of one record."""


class PagedParams(RecordParams):
    """The parameters of every list; each adds its filters."""

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
        """The words of `q`, where it is a parameter."""
        q: str | None = getattr(self, "q", None)
        return Search.parse(q) if q else None


class ListParams(PagedParams):
    """The parameters of every list of records; each adds its filters."""

    q: Annotated[Words | None, MATCHING] = Field(None, examples=["japan"])
    """Full-text search: words, `"a phrase"`, `-without`, `begin*`, `this OR that`, as in
    `/search`."""
    topic: Topics = Field((), examples=[["alliances"]])
    """What it is about: one of `/topics`, or what is a part of that. Repeat it for *or*."""
    document: DocumentIds = Field((), examples=[["red-nation-today-japan-us"]])
    """Proven by this document. Repeat it for *or*."""
    facet: tuple[str, ...] = ()
    """For JSON: count the records of this result by the values of a closed filter, which is itself
    left out of account there. Repeat it for more."""


class TypeParams(ListParams, IncludingParams):
    """The parameters of every list of records of one type."""

    id: Annotated[Ids, Says("called {}", "Record", 2)] = ()
    """The record of this id. Repeat it for more, up to 200 times."""


class DatedParams(TypeParams):
    """Lists of records that have a date."""

    since: Annotated[
        Day, Bound("latest", operator.ge, first_day), Says("since {}", "Since", 10, "bound")
    ] = Field(None, examples=["2025-02"])
    """Not before this day, month or year. A record whose date is less exact is found if it may
    be meant; one without a date is not."""
    until: Annotated[
        Day,
        not_below("since"),
        Bound("earliest", operator.le, last_day),
        Says("until {}", "Until", 11, "bound"),
    ] = Field(None, examples=["2025"])
    """Not after this day, month or year, in the same way."""


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
