"""The tables.

A record's `ordinal` is its place in the newest-first order of everything, so that rows that are
written in this order are read in it without sorting. Every other order that a client can ask for
is a number too (`title_up`, `amount_down`, …), decided once, at load: a page is then a range of
whole numbers, with a unique tie-break and unknown values last.

A table is never an answer, and SQLModel validates nothing here: only the load writes, and it
writes what the check has passed.
"""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from app.fields import COLUMN, INDEXED, RecordField, fields_of
from app.resources import SHAPES
from app.vocabulary import ChangeAction, RecordType, Term

REVISION = "0006"
"""The revision of `migrations/` that makes these tables; a test holds the two together."""

# Names for constraints, so that a migration can drop them.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _one_of(column: str, terms: type[Term]) -> sa.CheckConstraint:
    values = ", ".join(f"'{term.value}'" for term in terms)
    return sa.CheckConstraint(f"{column} IN ({values})", name=column)


class _Row(SQLModel):
    """A table that is named after its class: `RecordLink` is `record_link`, without `Row`."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - of a class, not of a row
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower().removesuffix("_row")


class ReleaseRow(_Row, table=True):
    """One line for each release that was ever published here.

    `published_at` of the last one is when its file was finished: its manifest says when it was
    published.
    """

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
    # How many facts have a passage with somebody's very words; unknown for an older program's.
    direct: int | None


class ChangeRow(_Row, table=True):
    """What happened to a record in a release. `ordinal` counts them; they are never written anew.

    `head` and `fields` are parts of the public JSON. Where `fields` is null, the record was added
    and is still as it was then: its own body stands for it. `facts` are those of its fields that
    are not derived from other records; null where that is all of them.
    """

    __table_args__ = (
        _one_of("action", ChangeAction),
        _one_of("type", RecordType),
        sa.Index("ix_change_id", "id", "ordinal"),
        sa.Index("ix_change_type", "type", "ordinal"),
        sa.Index("ix_change_action", "action", "ordinal"),
        sa.Index("ix_change_derived", "derived", "ordinal"),
    )

    ordinal: int = Field(primary_key=True)
    release: int = Field(foreign_key="release.number")
    type: str
    id: str
    action: str
    derived: bool  # whether all of it is
    head: str
    fields: str | None
    facts: str | None


class ChangeField(_Row, table=True):
    """The keys of the record that a change is about."""

    __table_args__ = (
        sa.Index("ix_change_field_derived", "field", "derived", "ordinal"),
        {"sqlite_with_rowid": False},
    )

    field: str = Field(primary_key=True)
    ordinal: int = Field(primary_key=True, foreign_key="change.ordinal")
    derived: bool


class ChangeSummit(_Row, table=True):
    """The summits to which the record of a change belonged, before or after."""

    __table_args__ = {"sqlite_with_rowid": False}

    summit: str = Field(primary_key=True)  # it may be withdrawn since
    ordinal: int = Field(primary_key=True, foreign_key="change.ordinal")


class TombstoneRow(_Row, table=True):
    """A record that was withdrawn."""

    __table_args__ = (_one_of("type", RecordType), {"sqlite_with_rowid": False})

    type: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    title: str | None
    reason: str
    withdrawn_at: str
    replaced_by: str | None  # a path


class FormerId(_Row, table=True):
    """An id that a record had once."""

    __table_args__ = (_one_of("type", RecordType), {"sqlite_with_rowid": False})

    type: str = Field(primary_key=True)
    former: str = Field(primary_key=True)
    id: str


class RecordRow(_Row, table=True):
    """Every record of every type, with its public JSON as it is sent."""

    __table_args__ = (sa.UniqueConstraint("type", "id"), _one_of("type", RecordType))

    ordinal: int = Field(primary_key=True)
    type: str
    id: str
    title: str
    body: str


class RecordLink(_Row, table=True):
    """What a record names and is found by, in the order of the records: topics, summits, actors.

    `field` says as what: a field of the record that refers to several, or `topic`, `document`
    (proves it), `summit` (an actor or a document belongs to each that names it) or `actor` (who
    agreed, itself or represented).
    """

    __table_args__ = (
        sa.Index("ix_record_link_ordinal", "ordinal", "field"),
        {"sqlite_with_rowid": False},
    )

    type: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    ordinal: int = Field(primary_key=True, foreign_key="record.ordinal")
    # Of an actor, its role; of a topic, the kind of the record: both are often asked for together.
    detail: str | None


class TopicRow(_Row, table=True):
    """What records are sorted by, and what it is a part of."""

    __table_args__ = {"sqlite_with_rowid": False}

    id: str = Field(primary_key=True)
    title: str
    meaning: str
    broader: str | None = Field(foreign_key="topic.id")


class NameRow(_Row, table=True):
    """A name of a record, in folded words. One that is no more than a `code` finds it, too."""

    __table_args__ = (sa.Index("ix_name_ordinal", "ordinal"), {"sqlite_with_rowid": False})

    name: str = Field(primary_key=True)
    ordinal: int = Field(primary_key=True, foreign_key="record.ordinal")
    code: bool


class WordRow(_Row, table=True):
    """A word of the full-text index, and the stem that it shares with its other forms."""

    __table_args__ = (sa.Index("ix_word_stem", "stem"), {"sqlite_with_rowid": False})

    word: str = Field(primary_key=True)
    stem: str
    records: int
    """How many records have it."""
    of_stem: int
    """How many have it or another of these forms."""


COLUMNS: dict[RecordType, list[RecordField]] = {
    kind: [field for field in fields_of(shape) if {COLUMN, INDEXED} & field.marks]
    for kind, shape in SHAPES.items()
}
"""The fields that are columns in the table of a type."""


def _table(kind: RecordType) -> sa.Table:
    """The table of a type: its fields, the days by which it lies in a period, its orders."""
    shape = SHAPES[kind]
    days = ("earliest", "latest") if shape.days else ()
    terms = [_one_of(f.name, f.base) for f in COLUMNS[kind] if issubclass(f.base, Term)]
    return sa.Table(
        kind.value,
        SQLModel.metadata,
        sa.Column("ordinal", sa.Integer, sa.ForeignKey("record.ordinal"), primary_key=True),
        sa.Column("id", sa.String, unique=True, nullable=False),
        *(_column(field) for field in COLUMNS[kind]),
        *(sa.Column(name, sa.String) for name in days),
        *(sa.Column(name, sa.Float if "amount" in name else sa.String) for name in shape.ends),
        *(sa.Column(name, sa.Integer, index=True, nullable=False) for name in shape.orders),
        # What a release added or corrected last comes first; it is numbered when history is there.
        sa.Column("changed_down", sa.Integer, index=True, nullable=False),
        *terms,
    )


def _column(field: RecordField) -> sa.Column[Any]:
    # One that may refer to several types has no key to check.
    keys = [sa.ForeignKey(f"{field.to[0].value}.id")] if len(field.to) == 1 else []
    type_ = sa.Float if field.base is float else sa.String
    return sa.Column(field.name, type_, *keys, index=INDEXED in field, nullable=field.nullable)


ROWS: dict[RecordType, sa.Table] = {kind: _table(kind) for kind in RecordType}
"""The table of each type."""


# The full-text index. SQLite makes it a virtual table, so it is not part of the metadata:
# `migrations/` creates it.
record_search = sa.table(
    "record_search", sa.column("rowid", sa.Integer), sa.column("record_search", sa.String)
)
