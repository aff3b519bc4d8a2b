"""The kind of a record stands beside each of its topics

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The kind of a record stands beside each of its topics"""
    op.add_column("record_topic", sa.Column("kind", sa.String(), nullable=True))
    for kind in ("actor", "agreement", "commitment", "document"):
        op.execute(
            f"UPDATE record_topic SET kind = (SELECT kind FROM {kind} "
            f"WHERE {kind}.ordinal = record_topic.ordinal) WHERE type = '{kind}'"
        )


def downgrade() -> None:
    """A topic is a topic alone"""
    op.drop_column("record_topic", "kind")
