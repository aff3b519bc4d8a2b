"""The bundle: the format that a curator types. Several files together make the data set.

Ids refer to ids, what is not known is left out, and nobody counts characters: `readout verify`
keeps `start`, `characters` and `sha256` in a proof beside the file (`app/curation/seals.py`).
`readout schema` prints the JSON Schema of this format.
"""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, create_model
from pydantic.json_schema import GenerateJsonSchema

from app.dates import PartialDate
from app.fields import (
    DERIVED,
    MAX_ID,
    MEASURED,
    NOT_EMPTY,
    OWN,
    PROVEN,
    REQUIRED,
    SLUG,
    Position,
    RecordField,
    Slug,
    TopicId,
    TypedName,
    TypedText,
    fields_of,
    printable,
)
from app.records import MAX_PASSAGE, Passage
from app.resources import SHAPES
from app.resources.topics import Topic
from app.vocabulary import KINDS, PLURALS, Attribution, RecordType, Relation

MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
REPLACEMENT = rf"^(({'|'.join(PLURALS)})/)?{SLUG[1:]}"


PartT = TypeVar("PartT", bound="Part")


class Part(BaseModel):
    """What all parts of a bundle share: an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


@cache
def _one_of(first: RecordType, other: RecordType) -> Any:
    """The type of a reference to one of two types: an id, or `{"document": id}`."""
    meant: Any = (Slug, Field(description=f"The id of the {other.value}."))
    about = f"{other.noun.capitalize()}, where {first.noun} may stand too."
    part = create_model(
        f"Named{other.value.capitalize()}", __base__=Part, __doc__=about, **{other.value: meant}
    )

    def tag(typed: Any) -> str:
        return other.noun if isinstance(typed, dict | Part) else first.noun

    # Named, so that a wrong one is reported once, as what it was meant to be.
    tagged = Annotated[Slug, Tag(first.noun)] | Annotated[part, Tag(other.noun)]
    return Annotated[tagged, Discriminator(tag)]


ActorOrDocument: Any = _one_of(RecordType.ACTOR, RecordType.DOCUMENT)
TypedLocator = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(printable)]
Near = Position | TypedLocator | None
GAP = " … "
"""What stands between the parts of a passage."""


class ProofPart(Part):
    """A part of a passage that leaves words of its sentence out."""

    passage: Annotated[str, Field(max_length=MAX_PASSAGE), AfterValidator(printable)]
    """The words, as they stand in the text."""
    near: Near = None
    """Which one is meant, where it stands more than once, as for a whole passage."""
    start: Position | None = None
    """Where they begin, in code points; `readout verify --fix` fills it in."""


class BundledPassage(Part):
    """A passage that proves something."""

    document: Slug
    """The id of the document in which the passage stands."""
    via: list[Slug] = []
    """The ids of the documents between it and whoever speaks, the nearest first."""
    passage: Annotated[str, Field(max_length=MAX_PASSAGE), AfterValidator(printable)] | None = None
    """The shortest passage that proves it, as it stands in the text; at most 600 characters."""
    near: Near = None
    """Which one is meant, where it stands more than once: the number of its paragraph in the text,
    or words that stand before it."""
    parts: list[ProofPart] = []
    """In place of `passage`: its parts in their order, where words of the sentence are left out."""
    attribution: Attribution
    """In whose voice the passage speaks."""
    according_to: ActorOrDocument | None = None
    """The actor, or `{"document": id}`, that the source says it of."""
    locator: TypedLocator | None = None
    """Where it is by the source's own count: `§7`, `Article 5`."""
    prefix: TypedLocator | None = None
    """Words that stand before it, where it stands more than once."""
    suffix: TypedLocator | None = None
    """Words that stand after it, where it stands more than once."""
    start: Position | None = None
    """Where the passage begins, in code points; `readout verify --fix` fills it in."""

    @property
    def exact(self) -> str:
        """The passage, or its parts joined."""
        return self.passage or GAP.join(part.passage for part in self.parts)

    @property
    def end(self) -> int | None:
        """Where the passage or its last part ends, exclusive; None where it was not compared."""
        last = self.parts[-1] if self.parts else self
        return None if last.start is None else last.start + len(last.passage or "")


class Proof(BundledPassage):
    """A passage that proves fields of the record it stands in."""

    fields: Annotated[list[str], Field(min_length=1)]
    """The keys of this record that the passage proves."""


class Entry(Part):
    """What records of all types share."""

    id: Slug
    """A readable id that never changes: lower-case letters, digits and single hyphens."""
    summary: TypedText | None = None
    """What it says, in neutral words of our own."""
    topics: list[TopicId] = []
    """What it is about."""
    evidence: list[Proof] = []
    """The passages that prove it, the main one first."""
    inferred: dict[str, TypedText] = {}
    """Why a field says what stands in no passage so: by the field, in words for everybody."""
    former_ids: list[Slug] = []
    """The ids that it had in earlier releases; requests for them are led to it."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """The fields of its type, which are declared in `app/resources/`."""


def named(typed: str | Part, to: tuple[RecordType, ...]) -> tuple[RecordType, str]:
    """The record that is meant by what is typed where one of these types is referred to."""
    if isinstance(typed, str):
        return to[0], typed
    ((kind, id_),) = dict(typed).items()
    return KINDS[kind], id_


def _typed(field: RecordField) -> tuple[Any, Any]:
    """A field as it is typed: its type, and what else a model is told of it."""
    form: Any = field.typed
    note = ""
    if field.to:
        form = Slug if len(field.to) == 1 else _one_of(*field.to)
        note = " Their ids." if field.many else " Its id."
        if len(field.to) > 1:
            note = f' An id of {field.to[0].noun}, or `{{"{field.to[1].value}": id}}`.'
    elif field.base is Passage:
        form = BundledPassage
    elif field.parts:
        form = _model(field.base, Part, field.parts)
    if MEASURED in field:
        note = " `readout verify --fix` fills it in."
    default = field.default
    if field.many:
        form = list.__class_getitem__(form)
        default = ... if {REQUIRED, NOT_EMPTY} & field.marks else []
    elif field.nullable:
        form, default = form | None, None
    least = 1 if NOT_EMPTY in field else None
    return form, Field(default, min_length=least, description=f"{field.meaning}{note}")


def _model(shape: type[BaseModel], base: type[PartT], fields: Iterable[RecordField]) -> type[PartT]:
    """The fields of a shape as a part of a bundle, but for those that the base has."""
    typed: dict[str, Any] = {
        field.name: _typed(field) for field in fields if field.name not in base.model_fields
    }
    name = f"Bundled{shape.__name__}"
    return create_model(name, __base__=base, __doc__=shape.__doc__, **typed)


@cache
def typed_fields(kind: RecordType) -> tuple[RecordField, ...]:
    """The fields of a type that a curator types."""
    return tuple(field for field in fields_of(SHAPES[kind]) if not {DERIVED, OWN} & field.marks)


ENTRIES: dict[RecordType, type[Entry]] = {
    kind: _model(shape, Entry, typed_fields(kind)) for kind, shape in SHAPES.items()
}
"""What is typed of a record of each type."""


PROVED: dict[RecordType, tuple[str, ...]] = {
    kind: tuple(
        field.name for field in fields_of(shape) if PROVEN in field and not shape.proves_itself
    )
    for kind, shape in SHAPES.items()
}
"""What must be proved wherever it is known. Kinds, topics and languages are how we sort things."""


BundledTopic = _model(Topic, Part, fields_of(Topic))


class Withdrawn(Part):
    """A record that was published and is taken out."""

    type: RecordType
    """What sort of record it was."""
    id: Slug
    """Its id, which stays its own for ever."""
    reason: TypedText
    """Why it is withdrawn, for everybody to read."""
    replaced_by: Annotated[str, Field(pattern=REPLACEMENT, max_length=2 * MAX_ID)] | None = None
    """The id of the record to read in its place; `commitments/solar-park` for one of another
    type."""
    title: TypedName | None = None
    """What it was called; the load fills it in."""
    withdrawn_at: Annotated[str, Field(pattern=MOMENT)] | None = None
    """When it was withdrawn, in UTC; the load fills it in."""


GROWING = {
    RecordType.COMMITMENT: ("events", "assessments"),
    RecordType.ACTOR: ("offices", "members"),
}
"""The lists of a record that a later file may add to, beside its evidence."""


_growing: dict[str, Any] = {
    field.name: _typed(field)
    for kind, names in GROWING.items()
    for field in typed_fields(kind)
    if field.name in names
}


class _Addition(Part):
    """What a later source says of a record that another file declares."""

    type: RecordType
    """The type of the record."""
    id: Slug
    """Its id."""
    evidence: list[Proof] = []
    """Further passages that prove it."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """The lists that grow."""


Addition = create_model("Addition", __base__=_Addition, __doc__=_Addition.__doc__, **_growing)


class Defaults(Part):
    """What holds for every entry of the file that does not say otherwise; `null` says nothing."""

    document: Slug | None = None
    """The document of its passages."""
    attribution: Attribution | None = None
    """In whose voice they speak."""
    summit: Slug | None = None
    """The meeting to which its agreements, commitments and quotes belong."""
    agreement: Slug | None = None
    """The agreement under which its commitments are made, and which its quotes are about."""
    relation: Relation | None = None
    """How they stand to the summit."""
    date: PartialDate | None = None
    """When they were agreed, made and said."""


class _File(Part):
    """One file of the data set. Every list may be left out; files may refer to each other."""

    model_config = ConfigDict(title="Readout bundle")

    schema_: str | None = Field(default=None, alias="$schema")
    """Where the JSON Schema of this format is, for editors."""
    starter: bool = False
    """Whether it has names and codes for others to refer to: its actors need no passages for these,
    give way to those of other files, and are served only if something refers to them."""
    defaults: Defaults | None = None
    """What is said once for the whole file."""


def _list_of(part: type[Part], meaning: str | None) -> Any:
    return list[part], Field([], description=meaning)  # type: ignore[valid-type] # a type all the same


Bundle = create_model(
    "Bundle",
    __base__=_File,
    __doc__=_File.__doc__,
    **{kind.plural: _list_of(entry, entry.__doc__) for kind, entry in ENTRIES.items()},
    topics=_list_of(BundledTopic, "Topics beside those that every data set has."),
    additions=_list_of(Addition, "News of records that other files declare."),
    withdrawn=_list_of(
        Withdrawn,
        "What was published and is taken out. It stays withdrawn when it is left out later.",
    ),
)


def bundle_schema() -> dict[str, Any]:
    """The JSON Schema of a bundle (draft 2020-12)."""
    schema = Bundle.model_json_schema()
    for name in ("BundledPassage", "Proof"):  # the defaults may say it, or there is one passage
        required = schema["$defs"][name].get("required", [])
        kept = [key for key in required if key not in {"document", "attribution", "fields"}]
        schema["$defs"][name] |= {"required": kept}
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}
