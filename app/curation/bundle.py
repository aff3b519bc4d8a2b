"""The bundle: the format that a curator types. Several files together make the data set.

Ids refer to ids, what is not known is left out, and nobody counts characters: `readout verify
--fix` fills in `start`, `characters` and `sha256`. `readout schema` prints the JSON Schema of
this format.
"""

import re
import unicodedata
from typing import Annotated, Any

import pycountry
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import PydanticCustomError

from app.dates import PartialDate
from app.records import MAX_ID, MAX_NUMBER, MAX_PASSAGE, SLUG, Sha256
from app.text import clean
from app.vocabulary import (
    ActorKind,
    AgreementKind,
    AgreementStatus,
    Attribution,
    CommitmentKind,
    CommitmentStatus,
    DocumentKind,
    ParticipantRole,
    PartyRole,
    RecordType,
    Relation,
    Topic,
)


def _printable(text: str) -> str:
    if bad := clean(text):
        raise ValueError(f"holds the unprintable character {bad}; remove it")
    if not text.strip():
        raise PydanticCustomError("blank", "is blank")
    return text


def _country(code: str) -> str:
    if pycountry.countries.get(alpha_2=code) is None or not code.isupper():
        raise ValueError(f"is not an ISO 3166-1 alpha-2 code{_code_for(code, 'countries')}")
    return code


def _currency(code: str) -> str:
    if pycountry.currencies.get(alpha_3=code) is None or not code.isupper():
        raise ValueError(f"is not an ISO 4217 code{_code_for(code, 'currencies')}")
    return code


def _language(code: str) -> str:
    if pycountry.languages.get(alpha_2=code) is None or not code.islower():
        raise ValueError(f"is not an ISO 639-1 code{_code_for(code, 'languages')}")
    return code


def _code_for(name: str, kind: str) -> str:
    """What the curator may have meant: `japan` and `jp` give `JP`, `€` gives `EUR`."""
    if kind == "currencies":
        name = _currency_named(name)
    try:
        found = getattr(pycountry, kind).lookup(name)
    except LookupError:
        return ""
    code = {"countries": "alpha_2", "currencies": "alpha_3", "languages": "alpha_2"}[kind]
    value = getattr(found, code, None)
    return f'; did you mean "{value}"?' if value else ""


def _currency_named(name: str) -> str:
    """The currency that a sign stands for, or that has its number from a country of this name."""
    if len(name) == 1:
        return unicodedata.name(name, "").removesuffix(" SIGN")
    try:
        number = pycountry.countries.lookup(name).numeric
    except LookupError:
        return name
    found = pycountry.currencies.get(numeric=number)
    return found.alpha_3 if found else name


def _web_address(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+\S*", url):
        raise ValueError("is not a web address; write it whole, beginning with https://")
    return url


MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
REPLACEMENT = rf"^(({'|'.join(kind.plural for kind in RecordType)})/)?{SLUG[1:]}"
Slug = Annotated[str, Field(pattern=SLUG, max_length=MAX_ID)]
# The length comes first: it is then the text's own, and its message too.
Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_printable)]
Name = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_printable)]
Country = Annotated[str, AfterValidator(_country), Field(json_schema_extra={"examples": ["JP"]})]
Currency = Annotated[str, AfterValidator(_currency), Field(json_schema_extra={"examples": ["USD"]})]
Language = Annotated[str, AfterValidator(_language), Field(json_schema_extra={"examples": ["en"]})]
Url = Annotated[
    str, Field(max_length=2000), AfterValidator(_printable), AfterValidator(_web_address)
]
Amount = Annotated[float, Field(strict=True, ge=0, le=MAX_NUMBER, allow_inf_nan=False)]
Position = Annotated[int, Field(strict=True, ge=0, le=MAX_NUMBER)]


class Typed(BaseModel):
    """What all parts of a bundle share: an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Proof(Typed):
    """A passage that proves fields of the record it stands in."""

    document: Slug
    """The id of the document in which the passage stands."""
    passage: Annotated[str, Field(max_length=MAX_PASSAGE), AfterValidator(_printable)]
    """The shortest passage that proves it, to the character; at most 300 characters."""
    fields: Annotated[list[str], Field(min_length=1)]
    """The keys of this record that the passage proves."""
    attribution: Attribution
    """In whose voice the passage speaks."""
    start: Position | None = None
    """Where the passage begins, in code points; `readout verify --fix` fills it in."""


class Entry(Typed):
    """What records of all types share."""

    id: Slug
    """A readable id that never changes: lower-case letters, digits and single hyphens."""
    summary: Text | None = None
    """What it says, in neutral words of our own."""
    topics: list[Topic] = []
    """What it is about."""
    evidence: list[Proof] = []
    """The passages that prove it, the main one first."""
    former_ids: list[Slug] = []
    """The ids that it had in earlier releases; requests for them are led to it."""


class BundledParticipant(Typed):
    """An actor at a summit."""

    actor: Slug
    """The id of the actor."""
    role: ParticipantRole
    """In which capacity it took part."""


class BundledParty(Typed):
    """An actor in an agreement."""

    actor: Slug
    """The id of the actor."""
    role: PartyRole = PartyRole.PARTY
    """In which capacity it agreed."""


class SpeakingDocument(Typed):
    """A document as the speaker of a quote."""

    document: Slug
    """The id of the document that is quoted."""


# Named, so that a wrong speaker is reported once, as what it was meant to be.
SPEAKERS = ("an actor", "a document")
Speaker = Annotated[
    Annotated[Slug, Tag(SPEAKERS[0])] | Annotated[SpeakingDocument, Tag(SPEAKERS[1])],
    Discriminator(lambda typed: SPEAKERS[isinstance(typed, dict | SpeakingDocument)]),
]


class BundledSummit(Entry):
    """A meeting of leaders."""

    title: Name
    """What the meeting is called."""
    starts_on: PartialDate | None = None
    """The day it began, only as exact as the source."""
    ends_on: PartialDate | None = None
    """The day it ended, only as exact as the source."""
    place: Name | None = None
    """Where it was held, as the source names it."""
    country: Country | None = None
    """The country of the place (ISO 3166-1 alpha-2)."""
    participants: list[BundledParticipant]
    """Who took part."""


class BundledActor(Entry):
    """A person, a country or area, an alliance, a body, a command, a company, a publisher."""

    title: Name
    """The name."""
    kind: ActorKind
    """What sort of actor it is."""
    aliases: list[Name] = []
    """Other forms of the name that the sources use."""
    country: Country | None = None
    """The country that it is, belongs to or is based in (ISO 3166-1 alpha-2)."""
    office: Name | None = None
    """The office that a person holds in the sources."""
    acts_for: list[Slug] = []
    """The ids of the actors for whom it speaks and acts."""


class BundledAgreement(Entry):
    """What the parties adopted, founded, stated or launched together."""

    title: Name
    """What it is called, or what was agreed."""
    kind: AgreementKind
    """What sort of thing was agreed."""
    status: AgreementStatus
    """How far it has come, as the source has it and no further."""
    date: PartialDate | None = None
    """When it was agreed, only as exact as the source."""
    summit: Slug | None = None
    """The id of the meeting it belongs to."""
    relation: Relation | None = None
    """Whether the source presents it as an outcome of the summit or beside it."""
    parties: list[BundledParty]
    """Who agreed."""


class BundledCommitment(Entry):
    """What one or more actors promised or did."""

    title: Name
    """What was promised or done."""
    kind: CommitmentKind
    """What sort of promise or action it is."""
    status: CommitmentStatus
    """How far it has come, as the source has it and no further."""
    by: list[Slug]
    """The ids of those who promised or did it; `[]` if the source does not say."""
    to: list[Slug] = []
    """The ids of those to whom it is owed or directed."""
    amount: Amount | None = None
    """A sum of money in whole units of `currency`, at the one record it is said of."""
    currency: Currency | None = None
    """The currency of `amount` (ISO 4217)."""
    quantity: Amount | None = None
    """A number of things or people."""
    unit: Name | None = None
    """What `quantity` counts."""
    due: PartialDate | None = None
    """When it is to be done, only as exact as the source."""
    agreement: Slug | None = None
    """The id of the agreement under which it was made."""
    summit: Slug | None = None
    """The id of the meeting it belongs to."""
    relation: Relation | None = None
    """Whether the source presents it as an outcome of the summit or beside it."""


class BundledQuote(Entry):
    """Words that someone is reported to have said."""

    text: Text
    """The words between the quotation marks of the source, to the character."""
    speaker: Speaker
    """The id of the actor who said it, or `{"document": id}` for a text that is quoted."""
    office: Name | None = None
    """The office that the speaker held when speaking."""
    language: Language | None = None
    """The language of `text` (ISO 639-1)."""
    date: PartialDate | None = None
    """When it was said, only as exact as the source."""
    mentions: list[Slug] = []
    """The ids of the actors that the words name."""
    agreements: list[Slug] = []
    """The ids of the agreements that the words are about or taken from."""
    summit: Slug | None = None
    """The id of the meeting it belongs to."""


class BundledDocument(Entry):
    """Where a fact comes from."""

    title: Name
    """Its headline or name."""
    kind: DocumentKind
    """What sort of source it is."""
    publisher: Slug | None = None
    """The id of the actor that published it."""
    author: Slug | None = None
    """The id of the actor that wrote it."""
    published: PartialDate | None = None
    """When it was published, only as exact as is known."""
    url: Url | None = None
    """Where it can be read."""
    language: Language | None = None
    """The language that it is written in (ISO 639-1)."""
    sha256: Sha256 | None = None
    """The SHA-256 of its text; `readout verify --fix` fills it in."""
    characters: Position | None = None
    """The length of its text in code points; `readout verify --fix` fills it in."""


class Withdrawn(Typed):
    """A record that was published and is taken out."""

    type: RecordType
    """What sort of record it was."""
    id: Slug
    """Its id, which stays its own for ever."""
    reason: Text
    """Why it is withdrawn, for everybody to read."""
    replaced_by: Annotated[str, Field(pattern=REPLACEMENT, max_length=2 * MAX_ID)] | None = None
    """The id of the record to read in its place; `commitments/solar-park` for one of another
    type."""
    title: Name | None = None
    """What it was called; the load fills it in."""
    withdrawn_at: Annotated[str, Field(pattern=MOMENT)] | None = None
    """When it was withdrawn, in UTC; the load fills it in."""


class Bundle(Typed):
    """One file of the data set. Every list may be left out; files may refer to each other."""

    model_config = ConfigDict(title="Readout bundle")

    schema_: str | None = Field(default=None, alias="$schema")
    """Where the JSON Schema of this format is, for editors."""
    summits: list[BundledSummit] = []
    """Meetings of leaders."""
    actors: list[BundledActor] = []
    """Persons, states and bodies."""
    agreements: list[BundledAgreement] = []
    """What was agreed together."""
    commitments: list[BundledCommitment] = []
    """What was promised or done."""
    quotes: list[BundledQuote] = []
    """What was said."""
    documents: list[BundledDocument] = []
    """The sources."""
    withdrawn: list[Withdrawn] = []
    """What was published and is taken out. It stays withdrawn when it is left out later."""


AnyEntry = (
    BundledSummit
    | BundledActor
    | BundledAgreement
    | BundledCommitment
    | BundledQuote
    | BundledDocument
)


class _PublishedSchema(GenerateJsonSchema):
    """JSON Schema with the name of its dialect, as editors want it."""

    def generate(
        self, schema: Any, mode: JsonSchemaMode = "validation"
    ) -> dict[str, Any]:  # the library's own signature
        return {"$schema": self.schema_dialect, **super().generate(schema, mode)}


def bundle_schema() -> dict[str, Any]:
    """The JSON Schema of a bundle (draft 2020-12)."""
    return Bundle.model_json_schema(schema_generator=_PublishedSchema)
