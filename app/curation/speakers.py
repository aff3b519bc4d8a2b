"""Who speaks: the subject of a verb of saying around some words of a text, or in them."""

import re

from app.curation.matching import Stretch

QUOTED = re.compile(r"[“\"]([^“”\"]{20,1500})[”\"]")
"""A quotation, its words as a group."""
_MARKS = '\u201c\u201d"'
_marked = re.compile(r"[“\"]([^“”\"]+)[”\"]")
_said = (
    r"(?:said|says|added|stated|told|wrote|declared|noted|explained|emphasi[sz]ed|stressed|posted|"
    r"announced|argued|insisted|warned|concluded|continued|remarked|commented|asserted|claimed)"
)
_capital = r"(?!(?:The|In|On|At|As|But|And|It) )(?:[A-Z][\w\u2019.-]++ ?){1,6}+"
_said_after = re.compile(
    rf",? ?(?:{_said} (?P<a>{_capital})|(?P<b>(?:[Hh]e|[Ss]he|[Tt]hey|{_capital})) ?{_said})"
)
_saying = rf"(?P<a>{_capital}|[Hh]e |[Ss]he )(?:(?!was |is |were |are )\w+ )?{_said}\b"
_said_before = re.compile(rf"{_saying}(?:[^“”\".]|\.(?=\w)){{0,90}}$")
_said_within = re.compile(rf"(?:The )?{_saying}")
# What may stand before the name of a speaker, and what must not: "the leader of Japan said".
_titles = re.compile(
    r"(?:.*\b)?(?:President|Minister|Chancellor|Secretary|General|King|Queen|Emperor|Ambassador|"
    r"M[rs]s?\.|Dr\.)(?:-elect)? "
)
_of_another = re.compile(
    r"\b(?:and|or|of|for|to|by|with|from|in|on|at|about|against|between)\s+(?:the\s+)?$",
    re.IGNORECASE,
)


def speaker_beside(text: str, words: Stretch) -> Stretch | None:
    """Where the speaker of some words is named: beside a verb of saying around them."""
    after = text[words.end : words.end + 120].partition("\n")[0]
    before = text[max(0, words.start - 160) : words.start].rpartition("\n")[2]
    if hit := _said_after.match(after):
        return _group(hit, "a" if hit["a"] else "b", words.end)
    hits = [*_said_before.finditer(before)]
    return _group(hits[-1], "a", words.start - len(before)) if hits else None


def spoken_at(text: str, place: Stretch) -> Stretch | None:
    """Where the speaker of a part of a text is named: of a quotation, in the part, or beside it."""
    # From the head of the paragraph, as the marks may be alike.
    for match in _marked.finditer(text, text.rfind("\n", 0, place.start) + 1):
        if match.start() >= place.end:
            break
        if match.end() > place.start and (at := speaker_beside(text, Stretch(*match.span()))):
            return at
    hit = _said_within.match(text, place.start, place.end)
    return _group(hit, "a", 0) if hit else speaker_beside(text, place)


def words_of(passage: str) -> str:
    """The words of a quote: those between the marks at the head or end of a passage, or all."""
    quoted = _marked.findall(passage)
    at_edge = passage[:1] in _MARKS or passage.rstrip(".,")[-1:] in _MARKS
    return str(quoted[0]).rstrip(",") if at_edge and len(quoted) == 1 else passage.strip(_MARKS)


def names_speaker(text: str, place: Stretch, at: int) -> bool:
    """Whether a name at the end of a subject is the subject itself, not that of its state."""
    title = text[place.start : at]
    is_of_another = _of_another.search(text, max(0, place.start - 40), place.start)
    return not is_of_another and (not title or _titles.fullmatch(title) is not None)


def _group(match: re.Match[str], group: str, offset: int) -> Stretch:
    return Stretch(
        offset + match.start(group), offset + match.start(group) + len(match[group].rstrip())
    )
