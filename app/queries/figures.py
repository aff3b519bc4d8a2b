"""Figures of a whole release, as its load counted them."""

from functools import cache

from sqlalchemy import bindparam, select
from sqlmodel import col

from app.queries.filters import sql
from app.store.release import DialectName
from app.store.tables import ReleaseRow


@cache
def directly_proven(dialect: DialectName) -> str:
    """How many facts have a passage that gives the words of a person or document."""
    found = select(col(ReleaseRow.direct))
    return sql(found.where(col(ReleaseRow.number) == bindparam("number")), dialect)
