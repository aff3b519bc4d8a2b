"""Rows beside records: their documents, their last changes, a figure of the release."""

from collections.abc import Sequence

_DOCUMENTS = (
    "SELECT document.id, document.title, document.kind, publisher.title, author.title, "
    "document.published, document.language, document.url FROM document "
    "LEFT JOIN actor AS publisher ON publisher.id = document.publisher "
    "LEFT JOIN actor AS author ON author.id = document.author WHERE document.id IN ({})"
)
_CHANGES = (
    "SELECT type, id, max(release) FROM change WHERE id IN ({}) AND NOT derived GROUP BY type, id"
)
GROUPS = (
    "SELECT CAST(body AS BLOB) FROM record JOIN record_link USING (ordinal) "
    "WHERE record_link.type = 'actor' AND field = 'members' AND value = ? LIMIT 20"
)
"""The groups of which an actor is or was a member, as public JSON."""


_SINCE = (
    "SELECT type, id, release, action, json_extract('{{' || head || '}}', '$.reason'), message "
    "FROM change JOIN release ON release.number = change.release WHERE id IN ({}) "
    "AND release > ? AND NOT derived AND action IN ('changed', 'withdrawn') ORDER BY ordinal"
)


def documents(ids: Sequence[str]) -> str:
    """Documents by their ids: how each is named, and where it can be read."""
    return _DOCUMENTS.format(", ".join("?" for _ in ids))


def changes_since(ids: Sequence[str]) -> str:
    """The corrections and withdrawals of records with these ids after a release."""
    return _SINCE.format(", ".join("?" for _ in ids))


def last_changes(ids: Sequence[str]) -> str:
    """The last release that changed a fact of each record with one of these ids."""
    return _CHANGES.format(", ".join("?" for _ in ids))
