"""How much of a text the record refers to: paragraphs without a passage, and what is published."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from app.curation.matching import SourceText, Stretch
from app.curation.reading import Place
from app.curation.seals import read_proven
from app.curation.typed import entries, objects_in, typed_passages


class Cited(NamedTuple):
    """A passage where it stands in a text."""

    place: Place
    """The list of its entry, and the number there."""
    record: str
    """The type and id of the record, as `commitment us-aid`."""
    places: list[Stretch]


class Coverage(NamedTuple):
    """What of a text is referred to."""

    paragraphs: int
    uncited: list[int]
    """The numbers, from 1, of the paragraphs that no passage has a word of."""
    published: int
    """How many characters of the text all passages publish together, each once."""
    characters: int
    missing: int
    """How many passages stand nowhere, or in several places without a word which."""
    passages: list[Cited]

    @property
    def share(self) -> float:
        """What part of the text is published, from 0 to 1."""
        return self.published / self.characters if self.characters else 0


def cited(files: Iterable[str], document: str, text: SourceText) -> tuple[list[Cited], int]:
    """The passages of a document in some files, and how many of them have no place."""
    passages, missing = [], 0
    for file in files:
        source = read_proven(file)
        names = {
            (kind.plural, at): f"{kind.value} {_id(typed)}" for kind, at, typed in entries(source)
        }
        for at, typed in objects_in(source.content, "additions"):
            names["additions", at] = f"news of {typed.get('type')} {_id(typed)}"
        for place, of, parts in typed_passages(source):
            if of != document:
                continue
            places = [place_of(part, text) for part in parts]
            missing += None in places
            entry = (str(place[0]), int(place[1]))
            passages.append(Cited(entry, names.get(entry, ""), [p for p in places if p]))
    return passages, missing


def _id(typed: Any) -> str:
    return str(typed.get("id")) if isinstance(typed, dict) else ""


def place_of(part: dict[str, Any], text: SourceText) -> Stretch | None:
    """Where a passage stands, if that is said or if there is one place."""
    passage, start = part.get("passage"), part.get("start")
    if not isinstance(passage, str):
        return None
    if isinstance(start, int) and text.text.startswith(passage, start):
        return Stretch(start, start + len(passage))
    places = text.places(passage)
    near = part.get("near")
    if len(places) > 1 and isinstance(near, int | str):
        places = text.near(places, near)
    return places[0] if len(places) == 1 else None


def coverage(files: Iterable[str], document: str, text: SourceText) -> Coverage:
    """What of the text of a document the passages of some files refer to."""
    passages, missing = cited(files, document, text)
    places = sorted(place for passage in passages for place in passage.places)
    published, end = 0, 0
    for place in places:
        published += max(0, place.end - max(place.start, end))
        end = max(end, place.end)
    uncited = [
        number
        for number, paragraph in enumerate(text.paragraphs, 1)
        if not any(p.start < paragraph.end and paragraph.start < p.end for p in places)
    ]
    size = sum(paragraph.end - paragraph.start for paragraph in text.paragraphs)
    return Coverage(len(text.paragraphs), uncited, published, size, missing, passages)
