"""Figures of a whole release."""

from functools import cache

from sqlalchemy import bindparam, func, select
from sqlalchemy.sql.elements import BindParameter
from sqlmodel import col

from app.queries.filters import sql
from app.store.release import DialectName
from app.store.tables import RecordRow
from app.vocabulary import Attribution, RecordType

FACTS = (RecordType.AGREEMENT, RecordType.COMMITMENT, RecordType.QUOTE)
"""What a source says that somebody agreed, promised or said."""

# As it stands in public JSON, and in no text of it: there, quotation marks are escaped.
BINDS = {"direct": f'%"attribution":"{Attribution.DIRECT_QUOTE.value}"%'} | {
    f"kind_{at}": kind.value for at, kind in enumerate(FACTS)
}


@cache
def directly_proven(dialect: DialectName) -> str:
    """How many facts have a passage that gives the words of a person or document."""
    kinds: list[BindParameter[str]] = [bindparam(f"kind_{at}") for at in range(len(FACTS))]
    found = select(func.count()).select_from(RecordRow)
    direct = col(RecordRow.body).like(bindparam("direct"))
    return sql(found.where(col(RecordRow.type).in_(kinds), direct), dialect)
