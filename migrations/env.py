"""How Alembic reaches the database: through the connection that the caller hands over."""

from alembic import context
from sqlmodel import SQLModel

from app.store import tables  # noqa: F401 - they are the metadata


def _ours(name: str | None, kind: str, _parent: object) -> bool:
    """The full-text index and its shadow tables are made by hand, not from the metadata."""
    return not (kind == "table" and name is not None and name.startswith("record_search"))


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite changes a table by writing it anew
    include_name=_ours,
)
with context.begin_transaction():
    context.run_migrations()
