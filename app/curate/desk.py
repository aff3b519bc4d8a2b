"""A folder of texts and bundles, as a curator works on it: what is there, and each change to it."""

import hashlib
import json
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from app.curate.forms import Form, Unreadable, answered, form_of
from app.curate.notices import as_in, name_of, notices
from app.curate.records import ADDITIONS, Records, Refused
from app.curation.archive import difference
from app.curation.check import check
from app.curation.coverage import coverage
from app.curation.history import described
from app.curation.load import Wish, load
from app.curation.matching import SourceText, Stretch
from app.curation.proposals import Draft, Proposal, actors_in, sentences
from app.curation.reading import Finding, Place, Source, address_of, parse
from app.curation.seals import bundles, read_proven
from app.curation.typed import entries
from app.curation.verify import Texts, text_of, verify_files
from app.curation.writing import lines_of, write_whole
from app.settings import STARTER
from app.store.folder import Folder
from app.store.mirror import Mirror
from app.text import slug_of
from app.vocabulary import FACTS, PLURALS, RecordType

_LARGEST = 2_000_000  # characters of a text: a page shows no more in a moment


class Changed(Refused):
    """The bundle was changed beside the page."""


class Change(NamedTuple):
    """A change that can be taken back."""

    text: str
    file: Path
    before: bytes | None
    after: str
    """The digest of the file that it made."""
    what: str


class Judged(NamedTuple):
    """What the check says of the record of a form."""

    problems: list[str]
    warnings: list[str]
    unsaid: list[str]
    """The fields that say what none of their passages does."""


class Outlook(NamedTuple):
    """What publishing would make of a folder."""

    database: Path
    changes: list[str]
    warnings: list[str]
    counts: dict[str, int]
    """How many records change, and how many warnings there are."""
    version: str
    """What tells one state of the folder and of what is published from another."""


class Desk:
    """The texts and bundles of a folder. Texts are named as their documents: `statement.txt`."""

    def __init__(self, folder: Path, published: Mirror) -> None:
        """Open a folder; one without a starter gets its own. Raises OSError."""
        self.folder = folder.resolve(strict=True)
        self._published = published
        self._undo: list[Change] = []
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
        if slug_of(name) != name:
            example = slug_of(name) or "statement-2026"
            raise Refused(f"{name}.txt: name it by the id of its document, as in {example}.txt")
        if read_proven(str(self.records(name).file)).is_starter:
            raise Refused(
                f"{name}.txt: {name}.json beside it is a starter, which holds names for all texts; "
                f"name the text by its document, as in {name}-speech.txt"
            )
        try:
            text = text_of(str(self.folder / f"{name}.txt"))
        except ValueError as error:
            raise Refused(f"{name}.txt: {error}") from None
        if len(text) > _LARGEST:
            raise Refused(f"{name}.txt: has more than {_LARGEST:,} characters; divide it")
        if "\0" in text:
            raise Refused(f"{name}.txt: holds NUL, as no text does; make it anew with readout text")
        return SourceText(text)

    def records(self, name: str) -> Records:
        """The records of a text."""
        return Records(self.folder / f"{name}.json", name)

    def warm(self) -> None:
        """Make the proposals of all texts ahead, so that the page opens at once."""
        for name in self.texts():
            with suppress(Refused):  # the page says why
                self._draft(name, self.text(name))

    def state(self, name: str) -> dict[str, Any]:
        """All that the page shows of a text."""
        text, records = self.text(name), self.records(name)
        draft, proposals = self._draft(name, text)
        seen = coverage(self.files(), name, text)
        return {
            "name": name,
            "version": records.version,
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
            "cited": [one._asdict() for one in seen.passages],
            "proposals": [
                one.written(name) | {"number": n, "names": draft.names(one.start, one.end)}
                for n, one in enumerate(proposals)
            ],
            "records": list(records.listed()),
            "fault": records.fault,
            "near": self._near(draft, text),
            "ids": self._ids(),
            "undo": any(change.text == name for change in self._undo),
        }

    def form(self, name: str, kind: str, start: int, end: int, proposal: int | None) -> Form:
        """A form for a record whose passage is a part of the text, filled in as far as it says."""
        text, records = self.text(name), self.records(name)
        draft, proposals = self._draft(name, text)
        if proposal is not None and 0 <= proposal < len(proposals):
            made = proposals[proposal]
        else:
            made = draft.entry_of(kind, Stretch(start, end))
        entry, ids = dict(made.entry), self._ids()
        numbered = (f"{entry['id']}-{number}" for number in count(2))
        while entry["id"] in ids.get(made.type, ()):
            entry["id"] = next(numbered)
        words = records.words(text)
        own = [one["id"] for one in records.listed() if one["type"] == "summit"]
        if made.type in FACTS and "summit" not in words.defaults:
            entry |= {"summit": own[0]} if len(own) == 1 else {}
        return form_of(made.type, entry, {0: made.places}, words)

    def edit(self, name: str, plural: str, id_: str) -> Form:
        """The form of a record that is there. Raises Refused."""
        text, records = self.text(name), self.records(name)
        if plural == ADDITIONS:
            raise Refused("news is not changed here: delete it, and write it anew")
        place, entry = records.entry(plural, id_)
        kind, places = PLURALS[plural].value, records.places(place, text)
        form = form_of(kind, entry, places, records.words(text))
        return form | {"id": id_, "entry": {}}

    def check(self, name: str, form: Form) -> Judged:
        """What would be wrong with the record of a form, and what would be doubtful."""
        records = self.records(name)
        try:
            place, content = records.with_form(form, self.text(name))
        except Unreadable as error:
            return Judged([str(error)], [], [])
        findings, doubts = self._checked(records, content)
        here = address_of(place)

        def own(one: Finding) -> bool:
            return one.file == str(records.file) and f"{one.address}.".startswith(f"{here}.")

        def said(one: Finding) -> str:
            return as_in(form, one.address[len(here) + 1 :], one.message)

        problems = [said(one) for one in findings if own(one)]
        head = form["fields"][0]
        if head["name"] == "id" and head["value"] != head["was"]:
            problems += [str(one) for one in self._new(records, findings) if not own(one)]
        doubts = [one for one in doubts if own(one)]
        fields = [
            one.address[len(here) + 1 :].partition(".")[0].partition("[")[0] for one in doubts
        ]
        return Judged(problems, [*notices(form), *map(said, doubts)], [*fields, *answered(form)])

    def write(self, name: str, form: Form, version: str) -> None:
        """Write the record of a form into the bundle of its text. Raises Refused, OSError."""
        records = self._unchanged(name, version)
        if problems := self.check(name, form).problems:
            raise Refused("not written; mend this first:\n" + "\n".join(problems))
        content = records.with_form(form, self.text(name))[1]
        self._replace(name, records.file, content, f"{form['kind']} {name_of(form)}")

    def delete(self, name: str, place: Place, id_: str, version: str) -> None:
        """Take a record out of the bundle of its text. Raises Refused, OSError."""
        records = self._unchanged(name, version)
        content = records.without(place, id_)
        if problems := self._new(records, self._checked(records, content)[0]):
            raise Refused(f"not deleted; {id_} is still named: {problems[0]}")
        self._replace(name, records.file, content, f"the deletion of {id_}")

    def undo(self, name: str, version: str) -> str:
        """Take the last change for a text back; says which one that is. Raises Refused."""
        self._unchanged(name, version)
        at = max((n for n, change in enumerate(self._undo) if change.text == name), default=None)
        if at is None:
            raise Refused("there is nothing to take back")
        _, file, before, after, what = self._undo[at]
        if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != after:
            raise Changed(f"{file.name} was changed since; it is left as it is")
        if before is None:
            file.unlink()
        else:
            write_whole(file, before.decode())
        del self._undo[at]
        return f"Taken back: {what}"

    def look(self, name: str, paragraph: int) -> None:
        """Take note that a paragraph was looked at, or was not."""
        text = self.text(name)
        looked = set(self._looked(name, text)) ^ {paragraph}
        digest = hashlib.sha256(text.text.encode()).hexdigest()
        content = json.dumps({"sha256": digest, "paragraphs": sorted(looked)})
        was = "was" if paragraph in looked else "was not"
        what = f"that paragraph {paragraph} {was} looked at"
        self._replace(name, self._notes(name), f"{content}\n", what)

    def build(self, folder: Path) -> Outlook:
        """Make the next release in a folder of its own. Raises Refused with every problem."""
        self._prove()
        version, warnings = self._version(), list[Finding]()
        check(self.files(), warnings)
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
        if newest is None:
            changes = [f"+ {n} {plural}" for plural, n in release.counts.items() if n]
            count = sum(release.counts.values())
        else:
            both = difference(mirror, newest.number, release.number) if new else ()
            changes = [described(change)[0] for change in both]
            count = len(changes)
        said = [line.removeprefix(f"{self.folder}/") for line in lines_of(warnings)]
        counts = {"change": count, "warning": len(warnings)}
        return Outlook(database, changes, said, counts, version)

    def publish(self, message: str, version: str) -> str:
        """Publish the folder as it was shown. Raises Refused, NotLoaded."""
        if not message.strip():
            raise Refused("say why: it stands with the release, for everybody to read")
        self._prove()
        if self._version() != version:
            raise Changed("something was changed since; this is what publishing changes now")
        release, new = load(self.files(), self._published, wish=Wish(message=message))
        return f"release {release.number} {'is published' if new else 'has this content already'}"

    def _version(self) -> str:
        newest = self._published.refresh().newest
        digests = [f"{file} {read_proven(file).digest.hex()}" for file in self.files()]
        state = json.dumps([newest and newest.digest, digests])
        return hashlib.sha256(state.encode()).hexdigest()

    def _prove(self) -> None:
        """Prove the passages of all bundles. Raises Refused."""
        documents = self._ids()[RecordType.DOCUMENT]
        texts = Texts(**{name: self.text(name).text for name in self.texts() if name in documents})
        findings = verify_files(self.files(), texts).findings
        if findings:
            raise Refused("\n".join(map(str, findings[:20])))

    def _checked(self, records: Records, content: str) -> tuple[list[Finding], list[Finding]]:
        """The problems of all bundles, were one of them so, and the warnings."""
        file, warnings = str(records.file), list[Finding]()

        def read(other: str) -> Source:
            return parse(file, content.encode()) if other == file else read_proven(other)

        return check(dict.fromkeys([*self.files(), file]), warnings, read), warnings

    def _new(self, records: Records, findings: list[Finding]) -> list[Finding]:
        """Those problems that a change of some records makes."""
        before = {one.message for one in self._checked(records, records.text)[0]}
        return [one for one in findings if one.message not in before]

    def _unchanged(self, name: str, version: str) -> Records:
        records = self.records(name)
        if records.version != version:
            raise Changed(f"{name}.json was changed beside this page; reload to go on from there")
        return records

    def _replace(self, name: str, file: Path, content: str, what: str) -> None:
        before = file.read_bytes() if file.exists() else None
        write_whole(file, content)
        after = hashlib.sha256(content.encode()).hexdigest()
        self._undo.append(Change(name, file, before, after, what))
        del self._undo[:-100]

    def _draft(self, name: str, text: SourceText) -> tuple[Draft, list[Proposal]]:
        """The proposals of a text, made once as long as text and actors are the same."""
        actors = list(actors_in(self.files()))
        key = (text.text, json.dumps(actors, sort_keys=True))
        if name not in self._drafts or self._drafts[name][0] != key:
            draft = Draft(text.text, actors, self.records(name).we())
            self._drafts[name] = (key, draft, draft.proposals())
        return self._drafts[name][1:]

    def _ids(self) -> dict[str, dict[str, str]]:
        """The ids of all records of the folder by type, with their names, for references."""
        ids: dict[str, dict[str, str]] = {kind.value: {} for kind in RecordType}
        for file in self.files():
            for kind, _, item in entries(read_proven(file)):
                if isinstance(item, dict) and isinstance(item.get("id"), str):
                    aliases = item.get("aliases")
                    names = [item.get("title") or item.get("text")]
                    names += aliases if isinstance(aliases, list) else []
                    ids[kind.value][item["id"]] = ", ".join(map(str, names))
        return ids

    def _near(self, draft: Draft, text: SourceText) -> list[str]:
        """The actors that are looked for first: those that the text names, then own ones."""
        named = dict.fromkeys(name.actor for name in draft.names(0, len(text.text)))
        own = (file for file in self.files() if not read_proven(file).is_starter)
        return list(named | dict.fromkeys(actor["id"] for actor in actors_in(own)))

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
