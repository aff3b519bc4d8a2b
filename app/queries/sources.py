"""What is shown beside records: the documents that prove them, and when they last changed."""

from collections.abc import Sequence

_DOCUMENTS = (
    "SELECT document.id, document.title, document.kind, publisher.title, author.title, "
    "document.published, document.language, document.url FROM document "
    "LEFT JOIN actor AS publisher ON publisher.id = document.publisher "
    "LEFT JOIN actor AS author ON author.id = document.author WHERE document.id IN ({})"
)
_CHANGES = "SELECT type, id, max(release) FROM change WHERE id IN ({}) GROUP BY type, id"


def documents(ids: Sequence[str]) -> str:
    """Documents by their ids: how each is named, and where it can be read."""
    return _DOCUMENTS.format(_places(ids))


def last_changes(ids: Sequence[str]) -> str:
    """The last release that changed each record with one of these ids, whatever its type."""
    return _CHANGES.format(_places(ids))


def _places(ids: Sequence[str]) -> str:
    return ", ".join("?" * len(ids))
