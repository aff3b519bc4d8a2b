"""The tables.

A record's `ordinal` is its place in the newest-first order of everything, so that rows that are
written in this order are read in it without sorting. Every other order that a client can ask for
is a number too (`title_up`, `amount_down`, …), decided once, at load: a page is then a range of
whole numbers, with a unique tie-break and unknown values last. There are gaps
between the numbers, so that a load that adds little moves little.

A table is never an answer, and SQLModel validates nothing here: only the load writes, and it
writes what the check has passed.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from app.vocabulary import (
    ActorKind,
    AgreementKind,
    AgreementStatus,
    ChangeAction,
    CommitmentKind,
    CommitmentStatus,
    DocumentKind,
    ParticipantRole,
    PartyRole,
    RecordType,
    Relation,
    Term,
    Topic,
)

REVISION = "0005"
"""The revision of `migrations/` that makes these tables; a test holds the two together."""

# Names for constraints, so that a migration can drop them.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _one_of(column: str, terms: type[Term]) -> CheckConstraint:
    values = ", ".join(f"'{term.value}'" for term in terms)
    return CheckConstraint(f"{column} IN ({values})", name=column)


class ReleaseRow(SQLModel, table=True):
    """One line for each release that was ever published here."""

    __tablename__ = "release"

    number: int = Field(primary_key=True)
    published_at: str
    digest: str
    counts: str  # JSON
    program: str
    message: str | None
    # How many changes of each sort made it, as JSON. Unknown for those of an older program.
    changes: str | None
    # The last change that led to it; unknown where history was not written yet.
    last_change: int | None
    # The SHA-256 of what was withdrawn or renamed.
    past: str
    # A digest of the program that checked and made every record of the release.
    rules: str | None
    # How many facts have a passage with somebody's very words; unknown for an older program's.
    direct: int | None


class ChangeRow(SQLModel, table=True):
    """What happened to a record in a release. `ordinal` counts them; they are never written anew.

    `fields` is the end of the public JSON. Where it is null, the record was added and is still as
    it was then: its own body stands for it.
    """

    __tablename__ = "change"
    __table_args__ = (
        _one_of("action", ChangeAction),
        _one_of("type", RecordType),
        Index("ix_change_id", "id", "ordinal"),
        Index("ix_change_type", "type", "ordinal"),
        Index("ix_change_action", "action", "ordinal"),
    )

    ordinal: int = Field(primary_key=True)
    release: int = Field(foreign_key="release.number")
    type: str
    id: str
    action: str
    head: str
    fields: str | None


class ChangeField(SQLModel, table=True):
    """Which keys of a record a change is about."""

    __tablename__ = "change_field"
    __table_args__ = ({"sqlite_with_rowid": False},)

    field: str = Field(primary_key=True)
    ordinal: int = Field(primary_key=True, foreign_key="change.ordinal")


class ChangeSummit(SQLModel, table=True):
    """To which summits the record of a change belonged, before or after."""

    __tablename__ = "change_summit"
    __table_args__ = ({"sqlite_with_rowid": False},)

    summit: str = Field(primary_key=True)  # it may be withdrawn since
    ordinal: int = Field(primary_key=True, foreign_key="change.ordinal")


class TombstoneRow(SQLModel, table=True):
    """A record that was withdrawn."""

    __tablename__ = "tombstone"
    __table_args__ = (_one_of("type", RecordType), {"sqlite_with_rowid": False})

    type: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    title: str | None
    reason: str
    withdrawn_at: str
    replaced_by: str | None  # a path


class FormerId(SQLModel, table=True):
    """An id that a record had once."""

    __tablename__ = "former_id"
    __table_args__ = (_one_of("type", RecordType), {"sqlite_with_rowid": False})

    type: str = Field(primary_key=True)
    former: str = Field(primary_key=True)
    id: str


class RecordRow(SQLModel, table=True):
    """Every record of every type, with its public JSON as it is sent."""

    __tablename__ = "record"
    __table_args__ = (UniqueConstraint("type", "id"), _one_of("type", RecordType))

    ordinal: int = Field(primary_key=True)
    type: str
    id: str
    title: str
    body: str


class RecordOrigin(SQLModel, table=True):
    """Of what a record was made, as a digest: a load keeps what it would make of the same."""

    __tablename__ = "record_origin"

    ordinal: int = Field(primary_key=True, foreign_key="record.ordinal")
    made_of: bytes


class RecordTopic(SQLModel, table=True):
    """What a record is about."""

    __tablename__ = "record_topic"
    __table_args__ = (_one_of("topic", Topic), {"sqlite_with_rowid": False})

    type: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    ordinal: int = Field(primary_key=True, foreign_key="record.ordinal", index=True)
    # Of the record, for the types that have one: a topic and a kind are often asked for together.
    kind: str | None


class RecordDocument(SQLModel, table=True):
    """Which documents prove a record."""

    __tablename__ = "record_document"
    __table_args__ = ({"sqlite_with_rowid": False},)

    type: str = Field(primary_key=True)
    document: str = Field(primary_key=True, foreign_key="document.id")
    ordinal: int = Field(primary_key=True, foreign_key="record.ordinal")


class RecordSummit(SQLModel, table=True):
    """Which summits a record belongs to; an actor or document to each that names it."""

    __tablename__ = "record_summit"
    __table_args__ = ({"sqlite_with_rowid": False},)

    type: str = Field(primary_key=True)
    summit: str = Field(primary_key=True, foreign_key="summit.id")
    ordinal: int = Field(primary_key=True, foreign_key="record.ordinal")


class SummitRow(SQLModel, table=True):
    """A meeting of leaders."""

    __tablename__ = "summit"

    ordinal: int = Field(primary_key=True, foreign_key="record.ordinal")
    id: str = Field(unique=True)
    title: str
    starts_on: str | None
    ends_on: str | None
    earliest: str | None
    latest: str | None
    place: str | None
    country: str | None = Field(index=True)
    date_up: int = Field(index=True)
    title_up: int = Field(index=True)


class SummitParticipant(SQLModel, table=True):
    """Who took part in a summit."""

    __tablename__ = "summit_participant"
    __table_args__ = (_one_of("role", ParticipantRole), {"sqlite_with_rowid": False})

    actor: str = Field(primary_key=True, foreign_key="actor.id")
    ordinal: int = Field(primary_key=True, foreign_key="summit.ordinal")
    role: str


class ActorRow(SQLModel, table=True):
    """A person, a country or area, or a body."""

    __tablename__ = "actor"
    __table_args__ = (_one_of("kind", ActorKind),)

    ordinal: int = Field(primary_key=True, foreign_key="record.ordinal")
    id: str = Field(unique=True)
    title: str
    kind: str = Field(index=True)
    country: str | None = Field(index=True)
    office: str | None
    title_up: int = Field(index=True)


class ActorPrincipal(SQLModel, table=True):
    """For whom an actor acts: `direct` as the record has it, or through another actor."""

    __tablename__ = "actor_principal"
    __table_args__ = ({"sqlite_with_rowid": False},)

    principal: str = Field(primary_key=True, foreign_key="actor.id")
    actor: str = Field(primary_key=True, foreign_key="actor.id", index=True)
    direct: bool


class AgreementRow(SQLModel, table=True):
    """What the parties adopted, founded, stated or launched together."""

    __tablename__ = "agreement"
    __table_args__ = (
        _one_of("kind", AgreementKind),
        _one_of("status", AgreementStatus),
        _one_of("relation", Relation),
    )

    ordinal: int = Field(primary_key=True, foreign_key="record.ordinal")
    id: str = Field(unique=True)
    title: str
    kind: str = Field(index=True)
    status: str = Field(index=True)
    relation: str | None = Field(index=True)
    date: str | None
    earliest: str | None
    latest: str | None
    summit: str | None = Field(foreign_key="summit.id", index=True)
    date_up: int = Field(index=True)
    title_up: int = Field(index=True)


class AgreementParty(SQLModel, table=True):
    """Who is a party to an agreement."""

    __tablename__ = "agreement_party"
    __table_args__ = (_one_of("role", PartyRole), {"sqlite_with_rowid": False})

    actor: str = Field(primary_key=True, foreign_key="actor.id")
    ordinal: int = Field(primary_key=True, foreign_key="agreement.ordinal")
    role: str


class AgreementActor(SQLModel, table=True):
    """By whom an agreement is found: its parties, and those for whom a party acts."""

    __tablename__ = "agreement_actor"
    __table_args__ = ({"sqlite_with_rowid": False},)

    actor: str = Field(primary_key=True, foreign_key="actor.id")
    ordinal: int = Field(primary_key=True, foreign_key="agreement.ordinal")


class CommitmentRow(SQLModel, table=True):
    """What one or more actors promised or did."""

    __tablename__ = "commitment"
    __table_args__ = (
        _one_of("kind", CommitmentKind),
        _one_of("status", CommitmentStatus),
        _one_of("relation", Relation),
    )

    ordinal: int = Field(primary_key=True, foreign_key="record.ordinal")
    id: str = Field(unique=True)
    title: str
    kind: str = Field(index=True)
    status: str = Field(index=True)
    relation: str | None = Field(index=True)
    amount: float | None = Field(index=True)
    currency: str | None = Field(index=True)
    quantity: float | None
    unit: str | None
    due: str | None
    earliest: str | None
    latest: str | None
    agreement: str | None = Field(foreign_key="agreement.id", index=True)
    summit: str | None = Field(foreign_key="summit.id", index=True)
    date_up: int = Field(index=True)
    title_up: int = Field(index=True)
    due_up: int = Field(index=True)
    due_down: int = Field(index=True)
    amount_up: int = Field(index=True)
    amount_down: int = Field(index=True)


class CommitmentActor(SQLModel, table=True):
    """Who made a commitment (`by`) and to whom (`to`)."""

    __tablename__ = "commitment_actor"
    __table_args__ = (
        CheckConstraint("role IN ('by', 'to')", name="role"),
        {"sqlite_with_rowid": False},
    )

    role: str = Field(primary_key=True)
    actor: str = Field(primary_key=True, foreign_key="actor.id")
    ordinal: int = Field(primary_key=True, foreign_key="commitment.ordinal")


class QuoteRow(SQLModel, table=True):
    """Words that someone is reported to have said."""

    __tablename__ = "quote"

    ordinal: int = Field(primary_key=True, foreign_key="record.ordinal")
    id: str = Field(unique=True)
    speaker: str = Field(index=True)  # an actor's id, or a document's
    office: str | None
    language: str | None
    date: str | None
    earliest: str | None
    latest: str | None
    summit: str | None = Field(foreign_key="summit.id", index=True)
    date_up: int = Field(index=True)


class QuoteMention(SQLModel, table=True):
    """Whom a quote names."""

    __tablename__ = "quote_mention"
    __table_args__ = ({"sqlite_with_rowid": False},)

    actor: str = Field(primary_key=True, foreign_key="actor.id")
    ordinal: int = Field(primary_key=True, foreign_key="quote.ordinal")


class QuoteAgreement(SQLModel, table=True):
    """Which agreements a quote is about or taken from."""

    __tablename__ = "quote_agreement"
    __table_args__ = ({"sqlite_with_rowid": False},)

    agreement: str = Field(primary_key=True, foreign_key="agreement.id")
    ordinal: int = Field(primary_key=True, foreign_key="quote.ordinal")


class DocumentRow(SQLModel, table=True):
    """Where a fact comes from."""

    __tablename__ = "document"
    __table_args__ = (_one_of("kind", DocumentKind),)

    ordinal: int = Field(primary_key=True, foreign_key="record.ordinal")
    id: str = Field(unique=True)
    title: str
    kind: str = Field(index=True)
    publisher: str | None = Field(foreign_key="actor.id", index=True)
    author: str | None = Field(foreign_key="actor.id")
    published: str | None
    earliest: str | None
    latest: str | None
    url: str | None
    language: str | None
    date_up: int = Field(index=True)
    title_up: int = Field(index=True)


TABLES: tuple[type[SQLModel], ...] = (
    RecordRow,
    RecordOrigin,
    RecordTopic,
    RecordDocument,
    RecordSummit,
    SummitRow,
    SummitParticipant,
    ActorRow,
    ActorPrincipal,
    AgreementRow,
    AgreementParty,
    AgreementActor,
    CommitmentRow,
    CommitmentActor,
    QuoteRow,
    QuoteMention,
    QuoteAgreement,
    DocumentRow,
    TombstoneRow,
    FormerId,
)
"""What a load writes, and takes out where it is made of something else now; the rest stays."""

# The full-text index is a virtual table, so it is not part of the metadata: `migrations/` makes it.
record_search = Table(
    "record_search",
    MetaData(),
    Column("rowid", Integer, primary_key=True),
    Column("record_search", String),
)
