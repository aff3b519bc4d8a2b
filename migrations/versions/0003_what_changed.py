"""What changed from release to release, what was withdrawn and what was renamed

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TYPES = "type IN ('summit', 'actor', 'agreement', 'commitment', 'quote', 'document')"
# Of nothing withdrawn and nothing renamed.
_NO_PAST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def upgrade() -> None:
    """What changed from release to release, what was withdrawn and what was renamed"""
    with op.batch_alter_table("release") as release:
        release.add_column(sa.Column("message", sa.String(), nullable=True))
        release.add_column(sa.Column("changes", sa.String(), nullable=True))
        release.add_column(sa.Column("last_change", sa.Integer(), nullable=True))
        release.add_column(sa.Column("past", sa.String(), nullable=False, server_default=_NO_PAST))
    with op.batch_alter_table("release") as release:
        release.alter_column("past", server_default=None)
    # History begins here: what led to the newest release is not known, what follows will be.
    op.execute(
        "UPDATE release SET last_change = 0 WHERE number = (SELECT max(number) FROM release)"
    )
    op.create_table(
        "change",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("fields", sa.String(), nullable=True),
        sa.CheckConstraint(
            "action IN ('added', 'changed', 'renamed', 'withdrawn')",
            name=op.f("ck_change_action"),
        ),
        sa.CheckConstraint(_TYPES, name=op.f("ck_change_type")),
        sa.ForeignKeyConstraint(["release"], ["release.number"], name=op.f("fk_change_release")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_change")),
    )
    for column in ("action", "id", "type"):
        op.create_index(op.f(f"ix_change_{column}"), "change", [column, "ordinal"], unique=False)
    for name in ("field", "summit"):
        op.create_table(
            f"change_{name}",
            sa.Column(name, sa.String(), nullable=False),
            sa.Column("ordinal", sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint(
                ["ordinal"], ["change.ordinal"], name=op.f(f"fk_change_{name}_ordinal")
            ),
            sa.PrimaryKeyConstraint(name, "ordinal", name=op.f(f"pk_change_{name}")),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "tombstone",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.String(), nullable=False),
        sa.Column("replaced_by", sa.String(), nullable=True),
        sa.CheckConstraint(_TYPES, name=op.f("ck_tombstone_type")),
        sa.PrimaryKeyConstraint("type", "id", name=op.f("pk_tombstone")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "former_id",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("former", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.CheckConstraint(_TYPES, name=op.f("ck_former_id_type")),
        sa.PrimaryKeyConstraint("type", "former", name=op.f("pk_former_id")),
        sqlite_with_rowid=False,
    )

    _create_views()


# For those who open the file and write SQL.
_ABOUT = {
    "release": "Each state of the data set that was published, with when and why.",
    "record": "Every record of every type: its place from the newest to the oldest (ordinal), and "
    "its public JSON (body).",
    "summit": "Meetings of leaders. earliest and latest are the days that a date can mean.",
    "summit_participant": "Who took part in a summit.",
    "actor": "Persons, countries or areas, alliances, bodies, companies, publishers.",
    "actor_principal": "For whom an actor acts, directly or through others.",
    "agreement": "What the parties adopted, founded, stated or launched together.",
    "agreement_party": "Who is a party to an agreement.",
    "agreement_actor": "By whom an agreement is found: its parties and those for whom they act.",
    "commitment": "What one or more actors promised or did.",
    "commitment_actor": "Who made a commitment (role by) and to whom (role to).",
    "quote": "What was said. The words stand in readable_quote.",
    "quote_mention": "Whom a quote names.",
    "quote_agreement": "Which agreements a quote is about or taken from.",
    "document": "The sources.",
    "record_topic": "What a record is about, with its kind.",
    "record_document": "Which documents prove a record.",
    "record_summit": "Which summits a record belongs to.",
    "change": "What happened to the records from release to release; head and fields, put together "
    "and closed, are the public JSON.",
    "change_field": "Which keys of a record a change is about.",
    "change_summit": "Which summits a change is about.",
    "tombstone": "What was withdrawn, when and why, and what to read in its place.",
    "former_id": "Ids that records had once.",
    "readable_agreement": "Agreements with the names of their parties and their summit.",
    "readable_commitment": "Commitments with the names of those who made them and to whom.",
    "readable_quote": "Quotes with their words and the name of the speaker.",
}
_VIEWS = ("about", "readable_agreement", "readable_commitment", "readable_quote")


def _create_views() -> None:
    def key(name: str) -> str:
        return f"json_extract(record.body, '$.{name}')"

    def names(table: str, of: str, role: str = "") -> str:
        only = f" AND link.role = '{role}'" if role else ""
        return (
            f"(SELECT group_concat(actor.title, '; ') FROM {table} AS link JOIN actor ON actor.id = link.actor "
            f"WHERE link.ordinal = {of}.ordinal{only})"
        )

    summit = "(SELECT title FROM summit WHERE summit.id = {}.summit) AS summit"
    rows = " UNION ALL ".join(
        f"SELECT '{name}' AS name, '{meaning}' AS meaning" for name, meaning in _ABOUT.items()
    )
    op.execute(f"CREATE VIEW about AS {rows}")
    op.execute(
        "CREATE VIEW readable_agreement AS SELECT agreement.id, agreement.title, kind, status, "
        f"date, {names('agreement_party', 'agreement')} AS parties, {summit.format('agreement')}, "
        f"relation, {key('summary')} AS summary "
        "FROM agreement JOIN record ON record.ordinal = agreement.ordinal"
    )
    op.execute(
        "CREATE VIEW readable_commitment AS SELECT commitment.id, commitment.title, kind, status, "
        f"{names('commitment_actor', 'commitment', 'by')} AS made_by, "
        f"{names('commitment_actor', 'commitment', 'to')} AS made_to, "
        "amount, currency, quantity, unit, due, "
        "(SELECT title FROM agreement WHERE agreement.id = commitment.agreement) AS agreement, "
        f"{summit.format('commitment')}, relation, {key('summary')} AS summary "
        "FROM commitment JOIN record ON record.ordinal = commitment.ordinal"
    )
    op.execute(
        f"CREATE VIEW readable_quote AS SELECT quote.id, {key('text')} AS text, "
        "coalesce((SELECT title FROM actor WHERE actor.id = quote.speaker), "
        "(SELECT title FROM document WHERE document.id = quote.speaker)) AS speaker, "
        f"quote.office, quote.language, quote.date, {summit.format('quote')} "
        "FROM quote JOIN record ON record.ordinal = quote.ordinal"
    )


def downgrade() -> None:
    """The record as it is, without its history"""
    for view in reversed(_VIEWS):
        op.execute(f"DROP VIEW {view}")
    for table in ("former_id", "tombstone", "change_summit", "change_field", "change"):
        op.drop_table(table)
    with op.batch_alter_table("release") as release:
        for column in ("past", "last_change", "changes", "message"):
            release.drop_column(column)
