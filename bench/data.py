"""The data: a synthetic set of any size, loaded by Readout, and the same rows for Datasette."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from app.store.search import texts
from app.text import searchable
from bench.load import SERVER_CORE, pinned
from bench.synthetic import synthesize

READOUT = str(Path(sys.executable).with_name("readout"))

# Datasette's fastest way to a page is one range of one index, with nothing to join.
_PEER = """
CREATE TABLE agreement (id TEXT PRIMARY KEY, ordinal INTEGER, body TEXT);
CREATE TABLE listed (topic TEXT, kind TEXT, ordinal INTEGER, id TEXT, body TEXT);
CREATE TABLE items (ordinal INTEGER PRIMARY KEY, id TEXT, body TEXT);
CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE frequency USING fts5vocab(words, 'row');
"""
_INDEX = "CREATE INDEX listed_in_order ON listed (topic, kind, ordinal); ANALYZE;"
_MATCH = "SELECT body FROM words JOIN items ON items.ordinal = words.rowid WHERE words MATCH :q "
QUERIES = {
    "page": "SELECT body FROM listed WHERE topic = :topic AND kind = :kind "
    "AND ordinal > cast(:after AS INTEGER) ORDER BY ordinal LIMIT 20",
    "newest": "SELECT body FROM items WHERE ordinal > cast(:after AS INTEGER) "
    "ORDER BY ordinal LIMIT 20",
    "record": "SELECT body FROM agreement WHERE id = :id",
    "search": _MATCH + "ORDER BY words.rowid LIMIT 20",
    "ranked": _MATCH + "ORDER BY words.rank LIMIT 20",
}


class Load(NamedTuple):
    """What a load took."""

    seconds: float
    gibibytes: float
    """At its peak."""


class Data:
    """The files in a folder; what is there already is used again."""

    def __init__(self, folder: Path, agreements: int) -> None:
        """Name the files."""
        self.bundles = folder / f"{agreements}"
        self.agreements = agreements
        self.readout = folder / f"readout-{agreements}.db"
        self.peer = folder / f"peer-{agreements}.db"
        self.canned = folder / f"peer-{agreements}.json"
        self.environment = {"READOUT_DATABASE_URL": f"sqlite:///{self.readout}"}

    def write(self) -> None:
        """Make the bundles."""
        if not self.bundles.exists():
            draft = self.bundles.with_suffix(".draft")
            for _ in synthesize(draft, self.agreements):
                pass
            draft.rename(self.bundles)

    def load(self) -> Load:
        """Load the bundles, as a curator does, if they are not loaded yet; says what it took."""
        took = self.readout.with_suffix(".load.json")
        if self.readout.exists():
            return Load(*json.loads(took.read_text(encoding="utf-8")))
        files = sorted(map(str, self.bundles.iterdir()))
        started = time.perf_counter()
        process = subprocess.Popen(
            pinned(SERVER_CORE, READOUT, "load", *files), env={**os.environ, **self.environment}
        )
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise RuntimeError("the load failed")
        load = Load(time.perf_counter() - started, usage.ru_maxrss / 2**20)
        took.write_text(json.dumps(load), encoding="utf-8")
        return load

    def offer(self) -> None:
        """Make Datasette's database of the same agreements, with what it is asked."""
        searched = {"items": {"fts_table": "words", "fts_pk": "ordinal"}}
        metadata = {"databases": {self.peer.stem: {"queries": QUERIES, "tables": searched}}}
        self.canned.write_text(json.dumps(metadata), encoding="utf-8")
        if self.peer.exists():
            return
        draft = self.peer.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(self.readout)) as ours,
            closing(sqlite3.connect(draft)) as peer,
        ):
            peer.executescript(_PEER)
            rows = ours.execute(
                "SELECT ordinal, id, body FROM record WHERE type = 'agreement' ORDER BY ordinal"
            )
            for ordinal, id_, body in rows:
                record = json.loads(body)
                text = searchable(*(text for _, text in texts(record)))
                peer.execute("INSERT INTO agreement VALUES (?, ?, ?)", (id_, ordinal, body))
                peer.execute("INSERT INTO items VALUES (?, ?, ?)", (ordinal, id_, body))
                peer.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (ordinal, text))
                peer.executemany(
                    "INSERT INTO listed VALUES (?, ?, ?, ?, ?)",
                    [(topic, record["kind"], ordinal, id_, body) for topic in record["topics"]],
                )
            peer.executescript(_INDEX)
            peer.execute("INSERT INTO words (words) VALUES ('optimize')")
            peer.commit()
        draft.rename(self.peer)

    def keep_in_memory(self) -> None:
        """Read both databases, so that neither server waits for a disk."""
        for file in (self.readout, self.peer):
            with file.open("rb") as stream:
                while stream.read(2**24):
                    pass
