"""What each database writes in a way of its own, as SQLAlchemy composes statements."""

from typing import Any

from sqlalchemy import LargeBinary, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType


class utf8(FunctionElement[bytes]):  # noqa: N801 - reads as the function that it is
    """The bytes of a text."""

    type = LargeBinary()
    inherit_cache = True


class in_index(FunctionElement[Any]):  # noqa: N801 - as above
    """Whether the full-text index has what is looked for: its column, and the expression."""

    type = NullType()  # a Boolean would be compared with 1 on SQLite
    inherit_cache = True


@compiles(utf8, "sqlite")
def _utf8_sqlite(element: utf8, compiler: Any, **given: Any) -> str:
    (text,) = element.clauses
    return f"CAST({compiler.process(text, **given)} AS BLOB)"


@compiles(utf8, "postgresql")
def _utf8_postgresql(element: utf8, compiler: Any, **given: Any) -> str:
    (text,) = element.clauses
    return f"convert_to({compiler.process(text, **given)}, 'UTF8')"


@compiles(in_index, "sqlite")
def _in_index_sqlite(element: in_index, compiler: Any, **given: Any) -> str:
    column, sought = element.clauses
    return f"{compiler.process(column, **given)} MATCH {compiler.process(sought, **given)}"


@compiles(in_index, "postgresql")
def _in_index_postgresql(element: in_index, compiler: Any, **given: Any) -> str:
    column, sought = element.clauses
    found, expression = compiler.process(column, **given), compiler.process(sought, **given)
    return f"{found} @@ CAST({expression} AS tsquery)"


@compiles(String, "postgresql")
def _text_postgresql(_element: String, _compiler: Any, **_given: Any) -> str:
    # By code point, as SQLite compares, whatever the language of the database is.
    return 'VARCHAR COLLATE "C"'
