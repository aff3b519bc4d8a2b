"""The public shapes: what the world sees of each resource.

The sentence under each field is its documentation in OpenAPI, and the examples stand in the seed.
Every key is always present; what is not known is `null` or `[]`.
"""

from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from app.dates import PartialDate
from app.vocabulary import (
    ActorKind,
    AgreementKind,
    AgreementStatus,
    Attribution,
    ChangeAction,
    CommitmentKind,
    CommitmentStatus,
    DocumentKind,
    ParticipantRole,
    PartyRole,
    RecordType,
    Relation,
    Topic,
)

ABOUT = (
    "What leaders agreed, promised and said at a summit, with the exact words of the source that "
    "prove each fact."
)
"""What Readout is, in a sentence."""
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
MAX_ID = 100
MAX_PASSAGE = 300
# The largest whole number that a JavaScript client reads back exactly.
MAX_NUMBER = 2**53 - 1

Id = Annotated[str, Field(pattern=SLUG, max_length=MAX_ID)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
# A whole sum is written without a decimal point: 1000000000000, not 1000000000000.0.
Number = Annotated[
    float,
    Field(ge=0, le=MAX_NUMBER, allow_inf_nan=False),
    PlainSerializer(lambda n: int(n) if float(n).is_integer() else n, when_used="json"),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_NUMBER}),
]


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


class Evidence(Shape):
    """A passage of a source that proves one or more fields of the record."""

    document: Reference
    """The document in which the passage stands."""
    fields: list[str] = Field(
        examples=[["title", "by", "to", "amount", "currency", "status", "summary"]]
    )
    """The fields of this record that the passage proves."""
    attribution: Attribution = Field(examples=["reported"])
    """In whose voice the passage speaks."""
    exact: str = Field(
        max_length=MAX_PASSAGE,
        examples=["Japan announced a $1 trillion investment in the U.S. economy"],
    )
    """The passage, to the character."""
    start: int | None = Field(ge=0, examples=[2232])
    """Where it begins in the document's text, in Unicode code points (in JavaScript:
    `Array.from(text).slice(start, end).join("")`); null where the text was not available."""
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


class Participant(Shape):
    """An actor at a summit."""

    actor: Reference
    """Who took part."""
    role: ParticipantRole = Field(examples=["leader"])
    """In which capacity."""


class Party(Shape):
    """An actor in an agreement."""

    actor: Reference
    """Who agreed."""
    role: PartyRole = Field(examples=["party"])
    """In which capacity."""


class Counts(Shape):
    """How many records belong to a summit."""

    agreements: int = Field(ge=0, examples=[9])
    """Agreements of the summit."""
    commitments: int = Field(ge=0, examples=[11])
    """Commitments of the summit."""
    quotes: int = Field(ge=0, examples=[4])
    """Quotes of the summit."""
    documents: int = Field(ge=0, examples=[3])
    """Documents that prove the summit or a record of it, or speak in it."""


class Record(Shape):
    """What records of all types share."""

    id: Id
    """Its permanent id: readable, and unique among records of its type."""
    href: str
    """Its path on this server."""
    summary: str | None
    """What it says, in our own neutral words."""
    topics: list[Topic]
    """What it is about."""
    evidence: list[Evidence]
    """The passages that prove it, the main one first."""

    example: ClassVar[dict[str, Any]] = {}
    """What these fields hold in the record of the seed that the examples are taken from."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The inherited fields with examples of the type's own."""
        published = handler(schema)
        properties = handler.resolve_ref_schema(published)["properties"]
        for name, value in cls.example.items():
            properties[name]["examples"] = [value]
        return published


class Summit(Record):
    """A meeting of leaders."""

    example = {
        "id": "us-japan-2025-02",
        "href": "/summits/us-japan-2025-02",
        "summary": (
            "President Donald Trump and Prime Minister Shigeru Ishiba met in Washington, "
            "D.C.; the joint statement calls it their first official meeting. The article "
            "reports that the meeting focused on China\u2019s influence in the Indo-Pacific "
            "region and resulted in a series of agreements aimed at closer security "
            "cooperation and economic ties; its opening line says that the two countries "
            "strengthen ties to counter that influence."
        ),
        "topics": [
            "alliances",
            "defense",
            "economy",
            "investment",
            "maritime",
            "regional_security",
        ],
    }

    type: Literal["summit"] = "summit"
    """Always `summit`."""
    title: str = Field(examples=["U.S.-Japan summit, February 2025"])
    """What the meeting is called."""
    starts_on: PartialDate | None
    """The day it began, only as exact as the sources."""
    ends_on: PartialDate | None
    """The day it ended, only as exact as the sources."""
    place: str | None = Field(examples=["Washington, D.C."])
    """Where it was held, as the source names it."""
    country: CountryCode | None = Field(examples=["US"])
    """The country of the place (ISO 3166-1 alpha-2)."""
    participants: list[Participant]
    """Who took part, in which capacity."""
    counts: Counts
    """How many records belong to it."""


class Actor(Record):
    """A person, a country or area, an alliance, a body, a command, a company, a publisher."""

    example = {
        "id": "donald-trump",
        "href": "/actors/donald-trump",
        "summary": "The President of the United States, who met the Prime Minister of Japan.",
        "topics": [],
    }

    type: Literal["actor"] = "actor"
    """Always `actor`."""
    title: str = Field(examples=["Donald Trump"])
    """The name."""
    kind: ActorKind = Field(examples=["person"])
    """What sort of actor it is."""
    aliases: list[str] = Field(examples=[["Donald J. Trump", "Trump"]])
    """Other forms of the name that the sources use."""
    country: CountryCode | None = Field(examples=["US"])
    """The country that it is, belongs to or is based in (ISO 3166-1 alpha-2)."""
    office: str | None = Field(examples=["President"])
    """The office that a person holds in the sources."""
    acts_for: list[Reference]
    """The actors for whom it speaks and acts."""


class Agreement(Record):
    """What the parties adopted, founded, stated or launched together."""

    example = {
        "id": "defense-industrial-cooperation",
        "href": "/agreements/defense-industrial-cooperation",
        "summary": (
            "The article reports that the two countries have launched the Defense Industrial "
            "Cooperation framework for the joint production of air-to-air missiles."
        ),
        "topics": ["defense_industry"],
    }

    type: Literal["agreement"] = "agreement"
    """Always `agreement`."""
    title: str = Field(examples=["Defense Industrial Cooperation framework"])
    """What it is called, or what was agreed."""
    kind: AgreementKind = Field(examples=["framework"])
    """What sort of thing was agreed."""
    status: AgreementStatus = Field(examples=["launched"])
    """How far it has come, as the sources have it and no further."""
    date: PartialDate | None
    """When it was agreed, only as exact as the sources."""
    summit: Reference | None
    """The meeting it belongs to."""
    relation: Relation | None = Field(examples=["outcome"])
    """Whether the source presents it as an outcome of the summit or beside it."""
    parties: list[Party]
    """Who agreed, in which capacity."""
    commitments: list[Reference]
    """The commitments made under it."""
    quotes: list[Reference]
    """The quotes about it or from it."""


class Commitment(Record):
    """What one or more actors promised or did."""

    example = {
        "id": "japan-us-investment",
        "href": "/commitments/japan-us-investment",
        "summary": (
            "The article reports that Japan announced a $1 trillion investment in the U.S. "
            "economy, including participation in the Alaska LNG project and investments in "
            "U.S. Steel."
        ),
        "topics": ["economy", "investment"],
    }

    type: Literal["commitment"] = "commitment"
    """Always `commitment`."""
    title: str = Field(examples=["$1 trillion investment in the U.S. economy"])
    """What was promised or done."""
    kind: CommitmentKind = Field(examples=["investment"])
    """What sort of promise or action it is."""
    status: CommitmentStatus = Field(examples=["announced"])
    """How far it has come, as the sources have it and no further."""
    by: list[Reference]
    """Who promised or did it; of a transfer, from whom it passes; empty if no source says."""
    to: list[Reference]
    """To whom it is owed or directed; of a transfer, to whom it passes; empty if no source says."""
    amount: Number | None = Field(examples=[1000000000000])
    """A sum of money, in whole units of `currency`; it stands where it is said, once, and never
    at the parts that are named with it."""
    currency: CurrencyCode | None = Field(examples=["USD"])
    """The currency of `amount` (ISO 4217)."""
    quantity: Number | None = Field(examples=[55000])
    """A number of things or people, counted in `unit`."""
    unit: str | None = Field(examples=["U.S. personnel in Japan"])
    """What `quantity` counts."""
    due: PartialDate | None
    """When it is to be done, only as exact as the sources."""
    agreement: Reference | None
    """The agreement under which it was made."""
    summit: Reference | None
    """The meeting it belongs to."""
    relation: Relation | None = Field(examples=["outcome"])
    """Whether the source presents it as an outcome of the summit or beside it."""


class Quote(Record):
    """Words that someone is reported to have said."""

    example = {
        "id": "trump-chinese-economic-aggression",
        "href": "/quotes/trump-chinese-economic-aggression",
        "summary": (
            "President Trump said that “we” had agreed to cooperate more closely to combat "
            "what he called “the Chinese economic aggression”."
        ),
        "topics": ["economy"],
    }

    type: Literal["quote"] = "quote"
    """Always `quote`."""
    text: str = Field(
        examples=[
            "We agreed to cooperate even more closely to combat the Chinese economic aggression, "
            "which is quite aggressive,"
        ]
    )
    """The words between the quotation marks of the source, to the character."""
    speaker: Reference
    """Who said it: an actor, or the document that is quoted."""
    office: str | None = Field(examples=["President"])
    """The office that the speaker held when speaking."""
    language: LanguageCode | None = Field(examples=["en"])
    """The language of `text` (ISO 639-1)."""
    date: PartialDate | None
    """When it was said, only as exact as the sources."""
    mentions: list[Reference]
    """The actors that the words name."""
    agreements: list[Reference]
    """The agreements that the words are about or taken from."""
    summit: Reference | None
    """The meeting it belongs to."""


class Document(Record):
    """Where a fact comes from."""

    example = {
        "id": "red-nation-today-japan-us",
        "href": "/documents/red-nation-today-japan-us",
        "summary": "A report on the meeting and on what came of it.",
        "topics": ["alliances", "defense", "investment", "regional_security"],
    }

    type: Literal["document"] = "document"
    """Always `document`."""
    title: str = Field(examples=["Japan Teams Up With U.S. To Counter Chinese Menace"])
    """Its headline or name."""
    kind: DocumentKind = Field(examples=["news_article"])
    """What sort of source it is."""
    publisher: Reference | None
    """The actor that published it."""
    author: Reference | None
    """The actor that wrote it."""
    published: PartialDate | None
    """When it was published, only as exact as is known."""
    url: str | None = Field(
        examples=["https://rednationtoday.com/japan-teams-up-with-u-s-to-counter-chinese-menace/"]
    )
    """Where it can be read; null for a document that is known through another one."""
    language: LanguageCode | None = Field(examples=["en"])
    """The language that it is written in (ISO 639-1)."""
    sha256: Sha256 | None = Field(
        examples=["56acce6ab8fc2fc4c8c3d72e5cf1fca54b93412a3fdc9d2b17e3723824f2eba7"]
    )
    """The SHA-256 of the text that `start` and `end` count in; null if the text was not
    available."""
    characters: int | None = Field(examples=[4325])
    """The length of that text, in Unicode code points."""
    cited_in: list[Reference]
    """The records that it proves."""


AnyRecord = Summit | Actor | Agreement | Commitment | Quote | Document

SHAPES: dict[RecordType, type[AnyRecord]] = {
    RecordType.SUMMIT: Summit,
    RecordType.ACTOR: Actor,
    RecordType.AGREEMENT: Agreement,
    RecordType.COMMITMENT: Commitment,
    RecordType.QUOTE: Quote,
    RecordType.DOCUMENT: Document,
}


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


class SearchHit(Shape):
    """A record that was found by its words."""

    type: RecordType = Field(examples=["commitment"])
    """The sort of record."""
    id: Id = Field(examples=["japan-us-investment"])
    """Its permanent id."""
    href: str = Field(examples=["/commitments/japan-us-investment"])
    """Its path on this server."""
    title: str = Field(examples=["$1 trillion investment in the U.S. economy"])
    """Its title or name; of a quote, the beginning of its text."""
    date: PartialDate | None
    """Its date: of a summit when it began, of a document when it was published, of a commitment
    when it is due."""
    summary: str | None = Field(
        examples=[
            "The article reports that Japan announced a $1 trillion investment in the U.S. "
            "economy, including participation in the Alaska LNG project and investments in "
            "U.S. Steel."
        ]
    )
    """What it says, in our own neutral words."""
    topics: list[Topic] = Field(examples=[["economy", "investment"]])
    """What it is about."""
    matches: list[Match]
    """The texts in which the words stand, at most five."""


class FieldChange(Shape):
    """A value of a record that is another one now."""

    pointer: str = Field(examples=["/amount"])
    """Where it stands, as a JSON Pointer (RFC 6901); empty for the record as a whole."""
    before: Any = Field(examples=[1000000])
    """What stood there; null where there was no record."""
    after: Any = Field(examples=[2000000])
    """What stands there now; null where there is no record any more."""


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
                "actors": 13,
                "agreements": 9,
                "commitments": 11,
                "quotes": 4,
                "documents": 4,
            }
        ]
    )
    """How many records of each resource it holds."""
    program: str = Field(examples=["0.1.0"])
    """The version of the program that published it."""
    message: str | None = Field(examples=["Correct the date of the joint statement."])
    """Why it was published; null where nobody said."""
    changes: dict[str, int] | None = Field(
        examples=[{"added": 0, "changed": 1, "renamed": 0, "withdrawn": 0}]
    )
    """How many changes of each sort made it; null for a release older than the history."""


class Resource(Shape):
    """A list that can be asked for."""

    name: str = Field(examples=["agreements"])
    """Its name."""
    href: str = Field(examples=["/agreements"])
    """Its path."""
    about: str = Field(examples=["What the parties adopted, founded, stated or launched together."])
    """What its records are."""
    count: int = Field(ge=0, examples=[9])
    """How many there are in this release."""


class Index(Shape):
    """Where a program begins."""

    name: str = Field(examples=["Readout"])
    """The name of the service."""
    about: str = Field(
        examples=[
            "What leaders agreed, promised and said at a summit, with the exact words of the "
            "source that prove each fact."
        ]
    )
    """What it serves."""
    release: Release
    """The release that is served now."""
    resources: list[Resource]
    """The lists that can be asked for."""
    search: str = Field(examples=["/search"])
    """The path of the full-text search."""
    releases: str = Field(examples=["/releases"])
    """The path of the list of releases."""
    documentation: str = Field(examples=["/docs"])
    """The path of the documentation for people."""
    openapi: str = Field(examples=["/openapi.json"])
    """The path of the documentation for programs."""
    bundle_schema: str = Field(examples=["/schemas/bundle.json"])
    """The path of the JSON Schema of the files that curators write."""


class Health(Shape):
    """How the server is."""

    status: Literal["ok"] = "ok"
    """Always `ok`: a server that is not well answers with a problem."""
    release: int | None = Field(examples=[1])
    """The number of the release that is served; null where none is needed to be alive."""


class FacetCount(Shape):
    """How many records of a result have a value."""

    value: str = Field(examples=["defense_industry"])
    """The value of the filter."""
    count: int = Field(examples=[1])
    """How many records have it."""


ItemT = TypeVar("ItemT", bound=Shape)


class ListOf(Shape, Generic[ItemT]):
    """A page of a list."""

    # The docstrings of a generic model are looked for in vain, for a sixth of a second. Those who
    # inherit from this one say what their keys are in the same way.
    model_config = ConfigDict(use_attribute_docstrings=False)

    items: list[ItemT] = Field(description="The records of this page.")
    total: int = Field(
        ge=0,
        description="How many records the filters find, on all pages together.",
        examples=[9],
    )
    next: str | None = Field(
        description="The whole URL of the next page; null on the last one.",
        examples=["http://127.0.0.1:8000/agreements?limit=3&cursor=MS02NWIzMmM0YTEwODU6"],
    )
    release: int = Field(
        ge=1,
        description="The number of the release that the answer comes from.",
        examples=[1],
    )
    query: dict[str, Any] = Field(
        description="The request as understood, defaults included: the receipt of the answer.",
        examples=[{"actor": ["japan"], "sort": "-date", "limit": 25}],
    )
    facets: dict[str, list[FacetCount]] = Field(
        description="For each `facet` asked for, its values with their counts, the most frequent "
        "first.",
        examples=[{"topic": [{"value": "defense_industry", "count": 1}]}],
    )


def title_of(body: dict[str, Any]) -> str:
    """The title that a reference to a record shows; of a quote, the beginning of its text."""
    if "title" in body:
        return str(body["title"])
    text = str(body["text"]).replace("\n", " ")
    return text if len(text) <= 80 else f"{text[:79].rstrip()}…"
