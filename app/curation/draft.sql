-- The longer statements by which a release is written: `main` is its draft, `earlier` the one before.

-- renamed: the records that have another id now, and whether there was none under it before
SELECT new.type, new.id, CAST(old.body AS BLOB), CAST(new.body AS BLOB), old.id, same.id IS NULL
FROM main.former_id AS renamed
JOIN earlier.record AS old ON old.type = renamed.type AND old.id = renamed.former
JOIN main.record AS new ON new.type = renamed.type AND new.id = renamed.id
LEFT JOIN earlier.record AS same ON same.type = renamed.type AND same.id = renamed.id
ORDER BY renamed.type, renamed.former;

-- different: the records that have another body, or are in one of the two alone
SELECT old.type, old.id, CAST(old.body AS BLOB), CAST(new.body AS BLOB)
FROM earlier.record AS old LEFT JOIN main.record AS new ON new.type = old.type AND new.id = old.id
WHERE new.body IS NOT old.body
UNION ALL
SELECT new.type, new.id, NULL, CAST(new.body AS BLOB) FROM main.record AS new
WHERE NOT EXISTS (
    SELECT 1 FROM earlier.record AS old WHERE old.type = new.type AND old.id = new.id
)
ORDER BY 1, 2;

-- latest: the records in the order in which releases added or corrected them, the last first
-- Gathered at once: asked for each record, SQLite looks through all changes of its type.
CREATE TEMP TABLE latest AS
WITH last AS (
    SELECT type, id, MAX(release) AS release FROM main.change WHERE NOT derived GROUP BY type, id
)
SELECT ordinal, ROW_NUMBER() OVER (ORDER BY COALESCE(release, 0) DESC, ordinal) AS number
FROM main.record LEFT JOIN last USING (type, id);

-- tombstones: those of before, each leading to the id that its record has now
INSERT INTO tombstone (type, id, title, reason, withdrawn_at, replaced_by)
SELECT type, id, title, reason, withdrawn_at, path_now(replaced_by)
FROM earlier.tombstone WHERE (type, id) NOT IN (SELECT type, former FROM main.former_id);

-- former_ids: those of before, each leading to the id that its record has now
INSERT OR IGNORE INTO former_id (type, former, id)
SELECT old.type, old.former, coalesce(new.id, old.id) FROM earlier.former_id AS old
LEFT JOIN main.former_id AS new ON new.type = old.type AND new.former = old.id;

-- withdraw: a tombstone; one that is there keeps its title and its moment
INSERT INTO tombstone (type, id, title, reason, withdrawn_at, replaced_by)
VALUES (:type, :id, coalesce(:title, (
    SELECT title FROM earlier.record WHERE type = :type AND id = :id
)), :reason, :withdrawn_at, :replaced_by)
ON CONFLICT DO UPDATE SET title = coalesce(title, excluded.title),
reason = excluded.reason, replaced_by = excluded.replaced_by;

-- gone: the records of before that are neither here nor renamed nor withdrawn
SELECT type, id FROM earlier.record EXCEPT SELECT type, id FROM main.record
EXCEPT SELECT type, former FROM main.former_id
EXCEPT SELECT type, id FROM main.tombstone ORDER BY type, id;
