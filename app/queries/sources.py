"""Rows beside records: their documents, their last changes, a figure of the release."""

DOCUMENTS = (
    "SELECT document.id, document.title, document.kind, publisher.title, author.title, "
    "document.published, document.language, document.url FROM document "
    "LEFT JOIN actor AS publisher ON publisher.id = document.publisher "
    "LEFT JOIN actor AS author ON author.id = document.author "
    "WHERE document.id IN (SELECT value FROM json_each(?))"
)
"""Documents by their ids: how each is named, and where it can be read."""
LAST_CHANGES = (
    "SELECT type, id, max(release) FROM change "
    "WHERE id IN (SELECT value FROM json_each(?)) AND NOT derived GROUP BY type, id"
)
"""The last release that changed a fact of each record with one of these ids."""
# What came of a promise, told later, takes nothing back; with it come its status and passages.
_HAPPENED = (
    "CASE WHEN action = 'withdrawn' THEN action WHEN EXISTS (SELECT 1 FROM change_field AS f "
    "WHERE f.ordinal = change.ordinal AND field IN ('events', 'assessments')) AND NOT EXISTS "
    "(SELECT 1 FROM change_field AS f WHERE f.ordinal = change.ordinal AND NOT f.derived "
    "AND field NOT IN ('events', 'assessments', 'status', 'evidence')) THEN 'updated' "
    "ELSE 'corrected' END AS happened"
)
CHANGES_SINCE = (
    f"SELECT type, id, release, {_HAPPENED}, "  # noqa: S608 - our own names
    "json_extract('{' || head || '}', '$.reason'), message "
    "FROM change JOIN release ON release.number = change.release "
    "WHERE id IN (SELECT value FROM json_each(?)) "
    "AND release > ? AND NOT derived AND action IN ('changed', 'withdrawn') ORDER BY ordinal"
)
"""The corrections, updates and withdrawals of records with these ids after a release."""
GROUPS = (
    "SELECT CAST(body AS BLOB) FROM record JOIN record_link USING (ordinal) "
    "WHERE record_link.type = 'actor' AND field = 'members' AND value = ? LIMIT 20"
)
"""The groups of which an actor is or was a member, as public JSON."""
LAST_CORRECTION = (
    f"SELECT release, {_HAPPENED} FROM change "  # noqa: S608 - our own names
    "WHERE type = ? AND id = ? AND action = 'changed' "
    "AND NOT derived AND release > ? ORDER BY happened, release DESC LIMIT 1"
)
"""The last release that corrected a fact of a record after another one, or else updated it."""
