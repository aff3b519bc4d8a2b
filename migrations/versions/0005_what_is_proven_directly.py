"""How many facts have somebody's very words, so that nobody has to look at every record for it

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """How many facts have somebody's very words, so that nobody looks at every record for it"""
    # Not known of the releases so far; the next one is counted.
    op.add_column("release", sa.Column("direct", sa.Integer(), nullable=True))


def downgrade() -> None:
    """The first page does not say how many facts have a direct quotation"""
    op.drop_column("release", "direct")
