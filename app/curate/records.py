"""The bundle beside a text, as a curator changes it: each change leaves the rest to the byte."""

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from app.curate.forms import EVENT, Entry, Form, Words, addition_of, entry_of
from app.curation.catalogue import entries, listed, typed_passages
from app.curation.coverage import cited, place_of
from app.curation.matching import SourceText, Stretch
from app.curation.reading import Place, Source, parse
from app.curation.seals import read_proven
from app.curation.writing import with_changes, with_item, without
from app.vocabulary import KINDS, DocumentKind, RecordType

ADDITIONS = "additions"


class Refused(Exception):
    """What can't be done, said for the curator."""


class Records:
    """The bundle of the records of a document as it is now; it is begun with the first of them."""

    def __init__(self, file: Path, document: str) -> None:
        """Read the file, which need not be there, of the document with an id. Raises OSError."""
        self.file, self.document = file, document
        self._data = file.read_bytes() if file.exists() else None
        self.version = hashlib.sha256(self._data).hexdigest() if self._data is not None else ""
        """What tells one state of the file from another."""

    @cached_property
    def source(self) -> Source:
        """The bundle as typed, without what defaults and proof say. Raises Refused."""
        source = parse(str(self.file), self._written)
        problems = [str(finding) for finding in source.findings]
        if not problems and not isinstance(source.content, dict):
            problems = [f"{self.file}: is not a bundle"]
        if not problems:
            content = json.loads(self._written.decode("utf-8-sig"))
            problems = [f"{self.file}: {key}: is not {meant}" for key, meant in _misshapen(content)]
            source = source._replace(content=content)
        if problems:
            raise Refused(f"nothing is written while this is so: {problems[0]}")
        return source

    @property
    def _written(self) -> bytes:
        return self._begun().encode() if self._data is None else self._data

    @property
    def text(self) -> str:
        """The file as it is, its line ends too; the source says whether it can be read."""
        return self._written.decode()

    def words(self, text: SourceText) -> Words:
        """The text, to be quoted in this bundle. Raises Refused."""
        return Words(self.document, text, self.source.content.get("defaults") or {})

    def entry(self, plural: str, at: int, id_: str) -> Entry:
        """An entry as typed. Raises Refused."""
        items = listed(self.source, plural)
        if at < len(items) and isinstance(items[at], dict) and items[at].get("id") == id_:
            entry: Entry = items[at]
            return entry
        raise Refused(f"{id_} is not in {self.file.name} any more; reload")

    def at(self, plural: str, id_: str) -> int:
        """The number of an entry in its list. Raises Refused."""
        for at, item in enumerate(listed(self.source, plural)):
            if isinstance(item, dict) and item.get("id") == id_:
                return at
        raise Refused(f"{id_} is not in {self.file.name} any more; reload")

    def places(self, plural: str, at: int, text: SourceText) -> dict[int, list[Stretch]]:
        """Where the passages of an entry stand in the text, by their numbers."""
        return {
            int(place[3]): [stretch for part in parts if (stretch := place_of(part, text))]
            for place, document, parts in typed_passages(read_proven(str(self.file)))
            if place[:3] == (plural, at, "evidence") and document == self.document
        }

    def with_form(self, form: Form, text: SourceText) -> tuple[Place, str]:
        """The bundle with the record of a form, and its place there. Raises Refused, Unreadable."""
        source, content, words = self.source, self.text, self.words(text)
        if form["id"] is not None:
            plural = KINDS[form["kind"]].plural
            at = self.at(plural, form["id"])
            before = self.entry(plural, at, form["id"])
            entry = entry_of(form, before, words)
            return (plural, at), with_changes(content, (plural, at), before, entry)
        is_event = form["kind"] == EVENT
        plural = ADDITIONS if is_event else KINDS[form["kind"]].plural
        entry = entry_of(form, form["entry"], words)
        items = listed(source, plural)
        starts = self._starts(text) if not is_event else {}
        place = min((start for start, _ in form["proofs"]), default=0)
        later = (n for n in range(len(items)) if starts.get((plural, n), -1) > place)
        at = next(later, len(items))
        item = addition_of(entry) if is_event else entry
        return (plural, at), with_item(content, plural, at, item)

    def without(self, plural: str, at: int, id_: str) -> str:
        """The bundle without one of its entries. Raises Refused."""
        self.entry(plural, at, id_)
        return without(self.text, (plural, at))

    def _starts(self, text: SourceText) -> dict[Place, int]:
        """Where the first passage of each entry begins."""
        starts: dict[Place, int] = {}
        if self._data is not None:
            for one in cited([str(self.file)], self.document, text)[0]:
                if one.places:
                    starts.setdefault(one.place, one.places[0].start)
        return starts

    def listed(self) -> Iterator[dict[str, Any]]:
        """The records of the bundle, and its news of others, in the order of their types."""
        try:
            source = self.source
        except Refused:
            return
        order = ("commitment", "agreement", "quote", "summit", "actor", "document")
        typed = sorted(
            ((kind.value, kind.plural, at, item) for kind, at, item in entries(source)),
            key=lambda one: order.index(one[0]),
        )
        news = [
            ("news of", ADDITIONS, at, item) for at, item in enumerate(listed(source, ADDITIONS))
        ]
        for type_, plural, at, item in [*typed, *news]:
            if isinstance(item, dict):
                title = item.get("title") or item.get("text") or item.get("id")
                yield {
                    "type": type_, "plural": plural, "at": at,
                    "id": str(item.get("id")), "title": str(title),
                }  # fmt: skip

    def we(self) -> Iterator[str]:
        """The parties of the agreement that is the default of the bundle."""
        try:
            source = self.source
        except Refused:
            return
        meant = (source.content.get("defaults") or {}).get("agreement")
        for item in listed(source, "agreements"):
            parties = item.get("parties") if isinstance(item, dict) else None
            if isinstance(parties, list) and meant and item.get("id") == meant:
                actors = [party.get("actor") for party in parties if isinstance(party, dict)]
                yield from (actor for actor in actors if isinstance(actor, str))

    def _begun(self) -> str:
        """A bundle that is begun."""
        words = self.document.replace("-", " ")
        kinds = [kind.value for kind in DocumentKind]
        named = {"statement": "joint_statement", "article": "news_article"} | {k: k for k in kinds}
        # As its name says, to be corrected on the page.
        kind = next((kind for word, kind in named.items() if word in self.document), "web_page")
        content = {
            "defaults": {"document": self.document, "attribution": "direct_quote"},
            "documents": [
                {"id": self.document, "title": words[:1].upper() + words[1:], "kind": kind}
            ],
        }
        parts = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
        return "{\n" + ",\n".join(parts) + "\n}\n"


def _misshapen(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys of a bundle whose values can't be added to, and what they should be."""
    if not isinstance(content.get("defaults") or {}, dict):
        yield "defaults", "an object"
    lists = [kind.plural for kind in RecordType] + [ADDITIONS]
    for key in lists:
        if not isinstance(content.get(key, []), list | None):
            yield key, "a list"
