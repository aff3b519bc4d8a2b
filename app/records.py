"""The public shapes: what the world sees of each resource.

The sentence under each field is its documentation in OpenAPI, and the examples stand in the seed.
Every key is always present; what is not known is `null` or `[]`.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from app import __version__
from app.fields import PROVEN, Id, Sha256, Text, To, TopicId
from app.links import record_path
from app.settings import SEED
from app.vocabulary import KINDS, Attribution, ChangeAction, MentionRole, RecordType

ABOUT = (
    "What leaders agreed, promised and said at a summit, with the exact words of the source that "
    "prove each fact."
)
"""What Readout is, in a sentence."""
MAX_PASSAGE = 600


class Shape(BaseModel):
    """What all public shapes share."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        json_schema_serialization_defaults_required=True,
    )


class Reference(Shape):
    """Another record, with enough to show and to open it."""

    type: RecordType = Field(examples=["actor"])
    """The sort of record."""
    id: Id = Field(examples=["japan"])
    """Its permanent id, unique among records of its type."""
    title: str = Field(examples=["Japan"])
    """Its title or name; of a quote, the beginning of its text."""
    href: str = Field(examples=["/actors/japan"])
    """Its path on this server."""


class PassagePart(Shape):
    """A part of a passage that leaves words of its sentence out."""

    exact: str = Field(max_length=MAX_PASSAGE, examples=["Japan announced"])
    """The words, to the character."""
    start: int | None = Field(ge=0, examples=[2232])
    """Where they begin in the document's text, in Unicode code points."""
    end: int | None = Field(ge=0, examples=[2247])
    """Where they end, exclusive."""


class Passage(Shape):
    """A passage of a source that proves something."""

    document: Annotated[Reference, To("document")]
    """The document in which the passage stands."""
    via: Annotated[list[Reference], To("document")]
    """The documents between this one and whoever speaks in the passage, the nearest first: a post
    that a newspaper quotes, and the statement that the post quotes."""
    attribution: Attribution = Field(examples=["reported"])
    """In whose voice the passage speaks."""
    according_to: Annotated[Reference | None, To("actor", "document")]
    """The actor or document that the source says it of."""
    exact: str = Field(
        max_length=MAX_PASSAGE,
        examples=["Japan announced a $1 trillion investment in the U.S. economy"],
    )
    """The passage, to the character; of one in parts, these joined with ` … `."""
    parts: list[PassagePart]
    """The parts of a passage that leaves words of its sentence out; else empty."""
    prefix: str | None = Field(max_length=100, examples=["economic solidarity,"])
    """Words that stand before the passage, where it stands more than once."""
    suffix: str | None = Field(max_length=100, examples=["including participation"])
    """Words that stand after it, where it stands more than once."""
    locator: str | None = Field(max_length=100, examples=["§7"])
    """Where it is by the source's own count: `§7`, `Article 5`."""
    start: int | None = Field(ge=0, examples=[2232])
    """Where it begins in the document's text, in Unicode code points (in JavaScript:
    `Array.from(text).slice(start, end).join("")`); null where nobody compared the two."""
    end: int | None = Field(ge=0, examples=[2292])
    """Where it ends, exclusive, in Unicode code points."""
    sha256: Sha256 = Field(
        examples=["dc410d6ed34bf89560b73969ca0c47e7dc3421db884515af9507e761be24af59"]
    )
    """The SHA-256 of the passage in UTF-8, in hexadecimal."""
    url: str | None = Field(
        examples=[
            "https://rednationtoday.com/japan-teams-up-with-u-s-to-counter-chinese-menace/#:~:text="
            "Japan%20announced%20a%20%241%20trillion%20investment%20in%20the%20U.S.%20economy"
        ]
    )
    """The document's address with a text fragment that opens it at the passage."""


class Evidence(Passage):
    """A passage of a source that proves one or more fields of the record."""

    fields: list[str] = Field(examples=[["title", "by", "to", "measures", "status", "summary"]])
    """The fields of this record that the passage proves."""


class Mention(Shape):
    """An actor that a record names, and that takes no part in it."""

    actor: Annotated[Reference, To("actor")]
    """Who is named."""
    role: MentionRole = Field(examples=["against"])
    """As what it is named."""


class Counts(Shape):
    """How many records belong to a record, by the names of their lists."""


class Record(Shape):
    """What records of all types share."""

    id: Id
    """Its permanent id: readable, and unique among records of its type."""
    href: str
    """Its path on this server."""
    summary: Annotated[Text | None, PROVEN]
    """What it says, in our own neutral words."""
    topics: list[TopicId]
    """What it is about."""
    evidence: list[Evidence]
    """The passages that prove it, the main one first."""
    inferred: dict[str, str] = Field(examples=[{"due": "The end of the year, said in June 2024."}])
    """Why a field says what stands in no passage so: by the field, in words."""

    example: ClassVar[str] = ""
    """The id of the record of the seed that the examples are taken from."""
    proves_itself: ClassVar[bool] = False
    """Whether a record of this type needs no evidence: it is cited, and says nothing of others."""
    days: ClassVar[tuple[str, ...]] = ()
    """The fields by which it lies in a period: the day, or the first and the last."""
    ends: ClassVar[dict[str, Callable[[dict[str, Any]], str | float | None]]] = {}
    """Columns by which it is found, beside its fields, each worked out from its public JSON."""
    orders: ClassVar[tuple[str, ...]] = ()
    """The columns that number its records in the orders of its list, beside newest first."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The inherited fields with examples of the type's own."""
        published = handler(schema)
        properties = handler.resolve_ref_schema(published)["properties"]
        kind = KINDS[properties["type"]["const"]]
        seed = orjson.loads(SEED.read_bytes())[kind.plural]
        entry = next(entry for entry in seed if entry["id"] == cls.example)
        example = {"topics": [], **entry, "href": record_path(kind, cls.example)}
        for name in ("id", "href", "summary", "topics"):
            properties[name]["examples"] = [example[name]]
        return published


class Piece(Shape):
    """A piece of a text, to be joined with its neighbours."""

    text: str = Field(examples=["Japan"])
    """The words."""
    match: bool = Field(examples=[True])
    """Whether they are what was searched for."""


class Match(Shape):
    """Where in a record the words stand."""

    field: str = Field(examples=["summary"])
    """The field of the record that holds the text."""
    text: list[Piece]
    """The text around the words, cut into pieces; `…` where it is shortened."""


class Suggestion(Shape):
    """Another search, which finds something."""

    query: str = Field(examples=["missile"])
    """What to look for, as `q`."""
    total: int = Field(ge=1, examples=[2])
    """How much it finds, everything else as it was asked."""
    href: str = Field(examples=["/search?q=missile"])
    """The path of its result."""


class FieldChange(Shape):
    """A value of a record that is another one now."""

    pointer: str = Field(examples=["/amount"])
    """Where it stands, as a JSON Pointer (RFC 6901); empty for the record as a whole."""
    before: Any = Field(examples=[1000000])
    """What stood there; null where there was no record."""
    after: Any = Field(examples=[2000000])
    """What stands there now; null where there is no record any more."""
    derived: bool = Field(examples=[False])
    """Whether it follows from what other records say, as a title or a count does; if not, it is a
    fact."""


class Change(Shape):
    """What happened to a record in a release."""

    type: Literal["change"] = "change"
    """Always `change`."""
    number: int = Field(ge=1, examples=[42])
    """Its number among all changes: the order in which they are to be applied."""
    release: int = Field(ge=1, examples=[1])
    """The number of the release that made it."""
    published_at: str = Field(examples=["2026-11-22T09:00:00Z"])
    """When that release was published, in UTC."""
    message: str | None = Field(examples=["The sum was read again."])
    """Why that release was published, as it says itself."""
    action: ChangeAction = Field(examples=["changed"])
    """What happened."""
    record: Reference
    """The record, as it is called in that release."""
    former_id: str | None = Field(examples=["new-golden-era"])
    """The id that it had before, where it was renamed."""
    reason: str | None = Field(examples=["The source took the passage back."])
    """Why it was withdrawn; null for everything else."""
    replaced_by: str | None = Field(examples=["/commitments/wind-park"])
    """The path of the record to read in place of one that was withdrawn."""
    note: str | None = Field(examples=["No longer compared with the text: 1 passage of “News”."])
    """Passages that were compared with the text of their source and, as they stand now, are not;
    null where there are none."""
    fields: list[FieldChange]
    """The values that are others now: put each in its place, and the record is as it is now. One
    that is added has its whole self under `after`, one that is withdrawn under `before`."""


class Release(Shape):
    """A state of the whole data set; loading other data makes the next one."""

    type: Literal["release"] = "release"
    """Always `release`."""
    number: int = Field(ge=1, examples=[1])
    """Its number, counted from 1."""
    published_at: str = Field(examples=["2026-11-22T09:00:00Z"])
    """When it was published, in UTC."""
    digest: Sha256 = Field(
        examples=["65b32c4a10854300b892b0d9ebc747dfc70e18230a5252a8d41c673e192b5a35"]
    )
    """The SHA-256 of its content: equal content, equal digest."""
    counts: dict[str, int] = Field(
        examples=[
            {
                "summits": 1,
                "actors": 17,
                "agreements": 9,
                "commitments": 13,
                "quotes": 4,
                "documents": 4,
            }
        ]
    )
    """How many records of each resource it holds."""
    program: str = Field(examples=[__version__])
    """The version of the program that published it."""
    message: str | None = Field(examples=["Correct the date of the joint statement."])
    """Why it was published; null where nobody said."""
    changes: dict[str, int] | None = Field(
        examples=[{"added": 0, "changed": 1, "renamed": 0, "withdrawn": 0}]
    )
    """How many changes of each sort made it, those left out in which all is derived; null for a
    release older than the history."""


class FacetCount(Shape):
    """How many records of a result have a value."""

    value: str = Field(examples=["defense_industry"])
    """The value of the filter."""
    count: int = Field(examples=[1])
    """How many records have it."""
    title: str | None = Field(examples=["defense industry"])
    """The name of what the value stands for; null where it is a word of its own."""


ItemT = TypeVar("ItemT", bound=Shape)


class ListOf(Shape, Generic[ItemT]):
    """A page of a list."""

    # The docstrings of a generic model are looked for in vain, for a sixth of a second. Those who
    # inherit from this one say what their keys are in the same way.
    model_config = ConfigDict(use_attribute_docstrings=False)

    items: list[ItemT] = Field(description="The records of this page.")
    total: int = Field(
        ge=0, description="How many records the filters find, on all pages together.", examples=[9]
    )
    next: str | None = Field(
        description="The whole URL of the next page; null on the last one.",
        examples=["http://127.0.0.1:8000/agreements?limit=3&cursor=MS02NWIzMmM0YTEwODU6"],
    )
    next_cursor: str | None = Field(
        description="The cursor of the next page, to be put into `cursor`; null on the last one.",
        examples=["MS02NWIzMmM0YTEwODU6"],
    )
    release: int = Field(
        ge=1, description="The number of the release that the answer comes from.", examples=[1]
    )
    query: dict[str, Any] = Field(
        description="The request as understood, defaults included: the receipt of the answer.",
        examples=[{"actor": ["japan"], "sort": "-date", "limit": 25}],
    )
    facets: dict[str, list[FacetCount]] = Field(
        description="For each `facet` asked for, its values with their counts, the most frequent "
        "first.",
        examples=[
            {"topic": [{"value": "defense_industry", "count": 1, "title": "defense industry"}]}
        ],
    )
    facets_cut: list[str] = Field(
        description="The facets that have more values than the 100 most frequent, which are given.",
        examples=[[]],
    )


def passages_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every passage of a record: its own, and those of its events, offices and so on.

    The `fields` of the latter name the list in which they stand, and `status` where they prove it.
    """
    passages: list[dict[str, Any]] = list(body["evidence"])
    for name, items in body.items():
        if name != "evidence" and isinstance(items, list):
            for item in items:
                if isinstance(item, dict) and "evidence" in item:
                    proves_it = name == "events" and item["status"] == body["status"]
                    fields = [name, "status"] if proves_it else [name]
                    passages += [passage | {"fields": fields} for passage in item["evidence"]]
    return passages


def main_passage(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The passage that proves the words of a quote, or the first one; empty where there is none."""
    passages = body["evidence"] or passages_of(body)
    proving = (passage for passage in passages if "text" in passage["fields"])
    return next(proving, passages[0] if passages else {})


def title_of(body: dict[str, Any]) -> str:
    """The title that a reference to a record shows; of a quote, the beginning of its text."""
    if "title" in body:
        return str(body["title"])
    text = str(body["text"]).replace("\n", " ")
    whole = text[:80].rpartition(" ")[0]  # a word is not cut, where words have spaces between them
    return text if len(text) <= 80 else f"{(whole if whole[40:] else text[:79]).rstrip(' ,;:')}…"
