"""Figures of a whole release, as its load counted them."""

from sqlalchemy import bindparam, select
from sqlmodel import col

from app.queries.filters import sql
from app.store.tables import ReleaseRow

DIRECTLY_PROVEN = sql(
    select(col(ReleaseRow.direct)).where(col(ReleaseRow.number) == bindparam("number"))
)
"""How many facts have a passage that gives the words of a person or document."""
