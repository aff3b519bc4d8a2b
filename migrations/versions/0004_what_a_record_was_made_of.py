"""Of what a record was made, so that a load keeps those that would be made of the same

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MEANING = "Of what each record was made, as a digest: a load keeps what it would make of the same."


def upgrade() -> None:
    """Of what a record was made, so that a load keeps those that would be made of the same"""
    # Not known of what an older program made: the next load makes everything anew.
    op.add_column("release", sa.Column("rules", sa.String(), nullable=True))
    op.create_table(
        "record_origin",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("made_of", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ordinal"], ["record.ordinal"], name=op.f("fk_record_origin_ordinal")
        ),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_record_origin")),
    )
    _tell([*_told(), ("record_origin", _MEANING)])


def downgrade() -> None:
    """Every load makes every record anew"""
    _tell([told for told in _told() if told[0] != "record_origin"])
    op.drop_table("record_origin")
    op.drop_column("release", "rules")


def _told() -> list[tuple[str, str]]:
    """What the view `about` says of the tables."""
    return [
        (name, meaning)
        for name, meaning in op.get_bind().execute(sa.text("SELECT name, meaning FROM about"))
    ]


def _tell(told: list[tuple[str, str]]) -> None:
    rows = " UNION ALL ".join(
        f"SELECT '{name}' AS name, '{meaning}' AS meaning" for name, meaning in told
    )
    op.execute("DROP VIEW about")
    op.execute(f"CREATE VIEW about AS {rows}")
