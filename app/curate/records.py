"""The bundle beside a text, as a curator changes it: each change leaves the rest to the byte."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from app.curate.forms import EVENT, Entry, Form, Words, addition_of, entry_of
from app.curation.coverage import cited, place_of
from app.curation.matching import SourceText, Stretch
from app.curation.reading import Place, Source, parse
from app.curation.seals import read_proven
from app.curation.typed import list_in, objects_in, text_in, typed_passages
from app.curation.writing import formed, with_changes, with_item, without
from app.vocabulary import KINDS, DocumentKind

ADDITIONS = "additions"
_ORDER = {
    KINDS[kind].plural: kind
    for kind in ("commitment", "agreement", "quote", "summit", "actor", "document")
}
"""The lists of a bundle as the page shows them, and the types in them."""


class Refused(Exception):
    """What can't be done, said for the curator."""


class Records:
    """The bundle of the records of a document as it is now; it is begun with the first of them."""

    def __init__(self, file: Path, document: str) -> None:
        """Read the file, which need not be there, of the document with an id. Raises OSError."""
        self.file, self.document = file, document
        self._written, self.version = self._begun().encode(), ""
        if file.exists():
            self._written = file.read_bytes()
            self.version = hashlib.sha256(self._written).hexdigest()
        """What tells one state of the file from another; empty for one that is to be begun."""

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
    def fault(self) -> str | None:
        """Why the bundle can't be read."""
        try:
            _ = self.source
        except Refused as error:
            return str(error)
        return None

    @property
    def _readable(self) -> dict[str, Any]:
        """What the bundle holds; nothing where it can't be read."""
        with suppress(Refused):
            return dict(self.source.content)
        return {}

    @property
    def text(self) -> str:
        """The file as it is, its line ends too; the source says whether it can be read."""
        return self._written.decode()

    def words(self, text: SourceText) -> Words:
        """The text, to be quoted in this bundle. Raises Refused."""
        return Words(self.document, text, self.source.content.get("defaults") or {})

    def entry(self, plural: str, id_: str, number: int | None = None) -> tuple[Place, Entry]:
        """The place and the entry in a list, as typed, that has an id. Raises Refused."""
        for at, entry in objects_in(self.source.content, plural):
            if entry.get("id") == id_ and number in (None, at):
                return (plural, at), entry
        raise Refused(f"{id_} is not in {self.file.name} any more; reload")

    def places(self, whole: Place, text: SourceText) -> dict[int, list[Stretch]]:
        """Where the passages of an entry stand in the text, by their numbers, as far as they do."""
        places = {
            int(place[3]): [stretch for part in parts if (stretch := place_of(part, text))]
            for place, document, parts in typed_passages(read_proven(str(self.file)))
            if place[:3] == (*whole, "evidence") and document == self.document
        }
        return {number: stretches for number, stretches in places.items() if stretches}

    def with_form(self, form: Form, text: SourceText) -> tuple[Place, str]:
        """The bundle with the record of a form, and its place there. Raises Refused, Unreadable."""
        kind, id_, words = form["kind"], form["id"], self.words(text)
        plural = ADDITIONS if kind == EVENT else KINDS[kind].plural
        if id_ is not None:
            place, before = self.entry(plural, id_)
            return place, with_changes(self.text, place, before, entry_of(form, before, words))
        entry = entry_of(form, form["entry"], words)
        starts = self._starts(text) if kind != EVENT else {}
        start = min((start for start, _ in form["proofs"]), default=0)
        count = len(list_in(self.source.content, plural))
        at = next((n for n in range(count) if starts.get((plural, n), -1) > start), count)
        item = addition_of(entry) if kind == EVENT else entry
        return (plural, at), with_item(self.text, plural, at, item)

    def without(self, place: Place, id_: str) -> str:
        """The bundle without one of its entries. Raises Refused."""
        self.entry(str(place[0]), id_, int(place[1]))
        return without(self.text, place)

    def _starts(self, text: SourceText) -> dict[Place, int]:
        """Where the first passage of each entry begins."""
        passages = cited([str(self.file)], self.document, text)[0] if self.version else ()
        # Of several the first is written last.
        return {one.place: one.places[0].start for one in reversed(passages) if one.places}

    def listed(self) -> Iterator[dict[str, Any]]:
        """The records of the bundle, and its news of others, in the order of their types."""
        for key in (*_ORDER, ADDITIONS):
            for at, typed in objects_in(self._readable, key):
                id_, title = typed.get("id"), typed.get("title") or typed.get("text")
                one = {"type": _ORDER.get(key, "news of"), "plural": key, "at": at}
                yield one | {"id": str(id_), "title": str(title or id_)}

    def we(self) -> Iterator[str]:
        """The parties of the agreement that is the default of the bundle."""
        content = self._readable
        meant = (content.get("defaults") or {}).get("agreement")
        for _, typed in objects_in(content, "agreements"):
            if meant and typed.get("id") == meant:
                actors = [text_in(party, "actor") for _, party in objects_in(typed, "parties")]
                yield from filter(None, actors)

    def _begun(self) -> str:
        """A bundle that is begun."""
        words = self.document.replace("-", " ")
        kinds = [kind.value for kind in DocumentKind]
        named = {"statement": "joint_statement", "article": "news_article"} | {k: k for k in kinds}
        # As its name says, to be corrected on the page.
        kind = next((kind for word, kind in named.items() if word in self.document), "web_page")
        document = {"id": self.document, "title": words[:1].upper() + words[1:], "kind": kind}
        defaults = {"document": self.document, "attribution": "reported"}
        return formed({"defaults": defaults, "documents": [document]}, "", "  ") + "\n"


def _misshapen(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys of a bundle whose values can't be added to, and what they should be."""
    if not isinstance(content.get("defaults") or {}, dict):
        yield "defaults", "an object"
    for key in (*_ORDER, ADDITIONS):
        if not isinstance(content.get(key, []), list | None):
            yield key, "a list"
