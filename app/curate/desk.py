"""A folder of texts and bundles, as a curator works on it: what is there, and each change to it."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.curate.forms import Form, entry_of, form_of
from app.curation.archive import difference
from app.curation.check import check
from app.curation.coverage import cited, coverage
from app.curation.history import described
from app.curation.load import Wish, load
from app.curation.matching import SourceText, Stretch
from app.curation.proposals import Draft, Proposal, actors_in, sentences
from app.curation.reading import Finding, Source, parse
from app.curation.seals import bundles, read_proven
from app.curation.verify import Texts, text_of, verify_files
from app.curation.writing import with_item, with_other_item, write_whole
from app.settings import STARTER
from app.store.folder import Folder
from app.store.mirror import Mirror
from app.vocabulary import DocumentKind, RecordType

_LARGEST = 2_000_000  # characters of a text: a page shows no more in a moment
KINDS = (RecordType.COMMITMENT, RecordType.AGREEMENT, RecordType.QUOTE, RecordType.DOCUMENT)


class Refused(Exception):
    """What can't be done, said for the curator."""


class Changed(Refused):
    """The bundle was changed beside the page."""


class Desk:
    """The texts and bundles of a folder. Texts are named as their documents: `statement.txt`."""

    def __init__(self, folder: Path, published: Mirror) -> None:
        """Open a folder; one without a starter gets its own. Raises OSError."""
        self.folder = folder.resolve(strict=True)
        self._published = published
        self._undo: list[tuple[Path, bytes | None, str]] = []
        self._drafts: dict[str, tuple[Any, Draft, list[Proposal]]] = {}
        if not any(read_proven(file).is_starter for file in self.files()):
            write_whole(self.folder / STARTER.name, STARTER.read_text(encoding="utf-8"))

    def files(self) -> list[str]:
        """The bundles of the folder."""
        return [file for file in bundles([str(self.folder)]) if file != str(self.folder)]

    def texts(self) -> list[str]:
        """The names of the texts."""
        return sorted(file.stem for file in self.folder.glob("*.txt") if file.is_file())

    def text(self, name: str) -> SourceText:
        """The text of a document. Raises Refused."""
        if name not in self.texts():
            raise Refused(f"there is no text {name}.txt in this folder")
        try:
            text = text_of(str(self.folder / f"{name}.txt"))
        except ValueError as error:
            raise Refused(f"{name}.txt: {error}") from None
        if len(text) > _LARGEST:
            raise Refused(f"{name}.txt: has more than {_LARGEST:,} characters; divide it")
        if "\0" in text:
            raise Refused(f"{name}.txt: holds NUL, as no text does; make it anew with readout text")
        return SourceText(text)

    def bundle(self, name: str) -> Path:
        """The bundle into which records of a text are written."""
        return self.folder / f"{name}.json"

    def version(self, name: str) -> str:
        """What tells one state of a bundle from another."""
        file = self.bundle(name)
        return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""

    def warm(self) -> None:
        """Make the proposals of all texts ahead, so that the page opens at once."""
        for name in self.texts():
            with suppress(Refused):  # the page says why
                self._draft(name, self.text(name))

    def state(self, name: str) -> dict[str, Any]:
        """All that the page shows of a text."""
        text, files = self.text(name), self.files()
        draft, proposals = self._draft(name, text)
        seen = coverage(files, name, text)
        passages, _ = cited(files, name, text)
        declared = self._declared(name)
        return {
            "name": name,
            "version": self.version(name),
            "paragraphs": [
                {
                    "start": place.start,
                    "text": text.text[place.start : place.end],
                    "sentences": [list(one) for one in sentences(text.text, place)],
                }
                for place in text.paragraphs
            ],
            "uncited": seen.uncited,
            "looked": self._looked(name, text),
            "published": f"{100 * seen.share:.0f} %",
            "cited": [{"record": one.record, "places": one.places} for one in passages],
            "proposals": [
                one.written(name) | {"number": n, "names": draft.names(one.start, one.end)}
                for n, one in enumerate(proposals)
            ],
            "records": declared,
            "ids": self._ids(),
            "undo": bool(self._undo),
        }

    def form(self, name: str, kind: str, start: int, end: int, proposal: int | None) -> Form:
        """A form for a record whose passage is a part of the text, filled in as far as it says."""
        text = self.text(name)
        draft, proposals = self._draft(name, text)
        if proposal is not None and 0 <= proposal < len(proposals):
            made = proposals[proposal]
        else:
            made = draft.entry_of(kind, Stretch(start, end))
        ids = self._ids().get(made.type, {})
        base, number = made.entry.get("id", ""), 1
        while made.entry.get("id") in ids:
            number += 1
            made.entry["id"] = f"{base}-{number}"
        return form_of(made.type, made.entry, made.places, text.text)

    def edit(self, name: str, plural: str, id_: str) -> Form:
        """The form of a record that is there. Raises Refused."""
        text, at = self.text(name), self._at(name, plural, id_)
        entry = self._content(name)[plural][at]
        kind = next(kind.value for kind in RecordType if kind.plural == plural)
        [passages] = [
            [place for one in cited([str(self.bundle(name))], name, text)[0] for place in one.places
             if one.record == f"{kind} {id_}"]
        ]  # fmt: skip
        return form_of(kind, entry, passages, text.text)

    def check(self, name: str, form: Form) -> tuple[list[str], list[str]]:
        """What would be wrong with the record of a form, and what would be doubtful."""
        plural, entry, content = self._with(name, form)
        file = str(self.bundle(name))
        warnings: list[Finding] = []

        def read(other: str) -> Source:
            return parse(file, content.encode()) if other == file else read_proven(other)

        findings = check(
            [*self.files(), *([] if self.bundle(name).exists() else [file])], warnings, read
        )
        items = parse(file, content.encode()).content[plural]
        here = f"{plural}[{items.index(next(one for one in items if _same(one, entry)))}]"
        own = [one for one in findings if one.file == file and one.address.startswith(here)]
        doubts = [one for one in warnings if one.file == file and one.address.startswith(here)]

        def said(one: Finding) -> str:
            return f"{one.address[len(here) + 1 :]}: {one.message}".lstrip(": ")

        return list(map(said, own)), list(map(said, doubts))

    def write(self, name: str, form: Form, version: str) -> None:
        """Write the record of a form into the bundle of its text. Raises Refused, OSError."""
        self._refuse_changed(name, version)
        problems, _ = self.check(name, form)
        if problems:
            raise Refused("not written; mend this first:\n" + "\n".join(problems))
        _, _, content = self._with(name, form)
        self._replace(self.bundle(name), content)

    def undo(self, name: str, version: str) -> None:
        """Take the last change back. Raises Refused."""
        self._refuse_changed(name, version)
        if not self._undo:
            raise Refused("there is nothing to take back")
        file, before, after = self._undo[-1]
        if hashlib.sha256(file.read_bytes()).hexdigest() != after:
            raise Changed(f"{file.name} was changed since; it is left as it is")
        if before is None:
            file.unlink()
        else:
            write_whole(file, before.decode())
        self._undo.pop()

    def look(self, name: str, paragraph: int) -> None:
        """Take note that a paragraph was looked at, or was not."""
        text = self.text(name)
        looked = set(self._looked(name, text)) ^ {paragraph}
        digest = hashlib.sha256(text.text.encode()).hexdigest()
        content = json.dumps({"sha256": digest, "paragraphs": sorted(looked)})
        write_whole(self._notes(name), f"{content}\n")

    def build(self, folder: Path) -> tuple[Path, list[str]]:
        """Make the next release in a folder of its own; gives its database, and what changes.

        Raises Refused with every problem.
        """
        self._prove()
        database = folder / "preview.db"
        mirror = Mirror(Folder(database))
        newest = self._published.refresh().newest
        if newest:
            mirror.folder.make()
            self._published.fetch(newest)
            source, target = self._published.folder.file(newest), mirror.folder.file(newest)
            target.write_bytes(source.read_bytes())
            manifest = newest.model_dump_json(by_alias=True)
            (mirror.folder.path / f"{newest.number}.json").write_text(manifest, encoding="utf-8")
        release, new = load(self.files(), mirror)
        if not new:
            return database, []
        if newest is None:
            return database, [f"+ {n} {plural}" for plural, n in release.counts.items() if n]
        changes = difference(mirror, newest.number, release.number)
        return database, [described(change)[0] for change in changes]

    def changes(self) -> list[str]:
        """What publishing would change. Raises Refused, NotLoaded."""
        with TemporaryDirectory(prefix="readout-") as folder:
            return self.build(Path(folder))[1]

    def publish(self, message: str) -> str:
        """Publish the folder as the next release. Raises Refused, NotLoaded."""
        self._prove()
        release, new = load(self.files(), self._published, wish=Wish(message=message or None))
        return f"release {release.number} {'is published' if new else 'has this content already'}"

    def _prove(self) -> None:
        """Prove the passages of all bundles. Raises Refused."""
        texts = Texts(**{name: self.text(name).text for name in self.texts()})
        declared = self._ids()["document"]
        texts = Texts(**{name: text.text for name, text in texts.items() if name in declared})
        findings = verify_files(self.files(), texts).findings
        if findings:
            raise Refused("\n".join(map(str, findings[:20])))

    def _with(self, name: str, form: Form) -> tuple[str, dict[str, Any], str]:
        """The list, the entry of a form, and the bundle with it. Raises Refused."""
        text, source = self.text(name), self._content(name)
        file = self.bundle(name)
        content = file.read_text("utf-8") if file.exists() else _begun(source)
        plural, entry, place = entry_of(form, text, source)
        if form.get("id") is not None:
            at = self._at(name, plural, str(form["id"]))
            return plural, entry, with_other_item(content, (plural, at), entry)
        items = source.get(plural, [])
        starts = {
            one.record.partition(" ")[2]: one.places[0].start
            for one in reversed(cited([str(file)], name, text)[0] if file.exists() else [])
            if one.places
        }
        later = (n for n, item in enumerate(items) if starts.get(item.get("id"), -1) > place)
        return plural, entry, with_item(content, plural, next(later, len(items)), entry)

    def _at(self, name: str, plural: str, id_: str) -> int:
        for at, item in enumerate(self._content(name).get(plural, ())):
            if isinstance(item, dict) and item.get("id") == id_:
                return at
        raise Refused(f"{id_} is not in {name}.json any more; reload")

    def _content(self, name: str) -> dict[str, Any]:
        """The bundle of a text as it is on disk; one that is begun where there is none."""
        file = self.bundle(name)
        if not file.exists():
            return {
                "defaults": {"document": name, "attribution": "direct_quote"},
                "documents": [{"id": name, "title": _title(name), "kind": _sort_of(name)}],
            }
        source = parse(str(file), file.read_bytes())
        if source.findings or not isinstance(source.content, dict):
            first = source.findings[0] if source.findings else "is not a bundle"
            raise Refused(f"nothing is written while this is so: {first}")
        content: dict[str, Any] = json.loads(file.read_text("utf-8-sig"))
        return content

    def _refuse_changed(self, name: str, version: str) -> None:
        if self.version(name) != version:
            raise Changed(f"{name}.json was changed beside this page; reload to go on from there")

    def _replace(self, file: Path, content: str) -> None:
        before = file.read_bytes() if file.exists() else None
        write_whole(file, content)
        self._undo.append((file, before, hashlib.sha256(content.encode()).hexdigest()))
        del self._undo[:-100]

    def _draft(self, name: str, text: SourceText) -> tuple[Draft, list[Proposal]]:
        """The proposals of a text, made once as long as text and actors are the same."""
        actors = list(actors_in(self.files()))
        key = (text.text, json.dumps(actors, sort_keys=True))
        if name not in self._drafts or self._drafts[name][0] != key:
            draft = Draft(text.text, actors, self._we(name))
            self._drafts[name] = (key, draft, draft.proposals())
        return self._drafts[name][1:]

    def _we(self, name: str) -> Iterator[str]:
        """The parties of the agreement that is the default of a bundle."""
        try:
            content = self._content(name)
        except Refused:
            return
        meant = (content.get("defaults") or {}).get("agreement")
        for item in content.get("agreements", ()):
            if item.get("id") == meant:
                yield from (party["actor"] for party in item.get("parties", ()))

    def _declared(self, name: str) -> list[dict[str, str]]:
        """The records of the bundle of a text."""
        try:
            content = self._content(name)
        except Refused:
            return []
        return [
            {"type": kind.value, "plural": kind.plural, "id": str(item.get("id")),
             "title": str(item.get("title") or item.get("text"))}
            for kind in KINDS
            for item in content.get(kind.plural, ())
            if isinstance(item, dict)
        ]  # fmt: skip

    def _ids(self) -> dict[str, dict[str, str]]:
        """The ids of all records of the folder by type, with their names, for references."""
        ids: dict[str, dict[str, str]] = {kind.value: {} for kind in RecordType}
        for file in self.files():
            content = read_proven(file).content
            for kind in RecordType:
                for item in content.get(kind.plural, ()) if isinstance(content, dict) else ():
                    if isinstance(item, dict) and isinstance(item.get("id"), str):
                        names = [item.get("title") or item.get("text"), *item.get("aliases", ())]
                        ids[kind.value][item["id"]] = ", ".join(map(str, names))
        return ids

    def _notes(self, name: str) -> Path:
        return self.folder / f".{name}.looked"

    def _looked(self, name: str, text: SourceText) -> list[int]:
        """The paragraphs that were looked at, as long as the text is the same."""
        try:
            notes = json.loads(self._notes(name).read_bytes())
            same = notes["sha256"] == hashlib.sha256(text.text.encode()).hexdigest()
            return [int(number) for number in notes["paragraphs"]] if same else []
        except (OSError, ValueError, KeyError, TypeError):
            return []


def _same(item: Any, entry: dict[str, Any]) -> bool:
    """Whether an item is the entry, which defaults may have completed."""
    return isinstance(item, dict) and all(
        item.get(key) == value for key, value in entry.items() if key not in {"evidence", "events"}
    )


def _title(name: str) -> str:
    words = name.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def _sort_of(name: str) -> str:
    """The kind of document that a name says, to be corrected on the page."""
    kinds = [kind.value for kind in DocumentKind]
    words = {"statement": "joint_statement", "article": "news_article"} | {k: k for k in kinds}
    return next((kind for word, kind in words.items() if word in name), "web_page")


def _begun(content: dict[str, Any]) -> str:
    """A bundle that is begun, as JSON."""
    parts = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"
