-- The statements by which what is on record is looked up for a draft.

-- count: how many records match, up to a bound
SELECT COUNT(*) FROM (SELECT 1 FROM record_search WHERE record_search MATCH ? LIMIT ?);

-- matching: the records that match
SELECT rowid FROM record_search WHERE record_search MATCH ? LIMIT ?;

-- bodies: records as they are published
SELECT ordinal, CAST(body AS BLOB) FROM record
WHERE ordinal IN (SELECT value FROM json_each(?)) ORDER BY ordinal;

-- by: the commitments of some actors
SELECT record.ordinal, record.title FROM record_link JOIN record USING (ordinal)
WHERE record_link.type = 'commitment' AND field = 'by'
AND value IN (SELECT value FROM json_each(?)) LIMIT 5000;

-- withdrawn: the changes that took records out, the last first
SELECT change.fields FROM change JOIN tombstone USING (type, id)
WHERE action = 'withdrawn' ORDER BY ordinal DESC LIMIT 1000;

-- record: a record as it is published
SELECT body FROM record WHERE type = ? AND id = ?;

-- named: the actors of some names, and whether each of these is no more than a code
SELECT name.name, name.code, record.id, record.title FROM name JOIN record USING (ordinal)
WHERE record.type = 'actor' AND name.name IN (SELECT value FROM json_each(?));

-- surnamed: the persons whose names have some words
SELECT record.id, record.title FROM record_search
JOIN record ON record.ordinal = record_search.rowid
JOIN actor ON actor.ordinal = record.ordinal
WHERE record_search MATCH ? AND actor.kind = 'person' LIMIT 500;
