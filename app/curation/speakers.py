"""Who speaks: the subject of a verb of saying around some words of a text, or in them."""

import re

from app.beside import table_beside
from app.curation.amounts import filled
from app.curation.matching import Stretch

DRAFT = table_beside(__file__, "draft.toml")
"""The rules by which a text is read, as data."""
PATTERNS = {name: re.compile(pattern) for name, pattern in filled(DRAFT["text"]).items()}
"""What parts of a text look like, by their names in the data."""
_MARKS = '\u201c\u201d"'


def speaker_beside(text: str, words: Stretch) -> Stretch | None:
    """Where the speaker of some words is named: beside a verb of saying around them."""
    after = text[words.end : words.end + 120].partition("\n")[0]
    before = text[max(0, words.start - 160) : words.start].rpartition("\n")[2]
    if hit := PATTERNS["after"].match(after):
        return _group(hit, "a" if hit["a"] else "b", words.end)
    hits = [*PATTERNS["before"].finditer(before)]
    return _group(hits[-1], "a", words.start - len(before)) if hits else None


def spoken_at(text: str, place: Stretch) -> Stretch | None:
    """Where the speaker of a part of a text is named: of a quotation, in the part, or beside it."""
    # From the head of the paragraph, as the marks may be alike.
    for match in PATTERNS["marked"].finditer(text, text.rfind("\n", 0, place.start) + 1):
        if match.start() >= place.end:
            break
        if match.end() > place.start and (at := speaker_beside(text, Stretch(*match.span()))):
            return at
    hit = PATTERNS["within"].match(text, place.start, place.end)
    return _group(hit, "a", 0) if hit else speaker_beside(text, place)


def words_of(passage: str) -> str:
    """The words of a quote: those between the marks at the head or end of a passage, or all."""
    quoted = PATTERNS["marked"].findall(passage)
    at_edge = passage[:1] in _MARKS or passage.rstrip(".,")[-1:] in _MARKS
    return str(quoted[0]).rstrip(",") if at_edge and len(quoted) == 1 else passage.strip(_MARKS)


def names_speaker(text: str, place: Stretch, at: int) -> bool:
    """Whether a name at the end of a subject is the subject itself, not that of its state."""
    title = text[place.start : at]
    is_of_another = PATTERNS["another"].search(text, max(0, place.start - 40), place.start)
    return not is_of_another and (not title or PATTERNS["title"].fullmatch(title) is not None)


def _group(match: re.Match[str], group: str, offset: int) -> Stretch:
    return Stretch(
        offset + match.start(group), offset + match.start(group) + len(match[group].rstrip())
    )
