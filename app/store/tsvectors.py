"""Full-text search in PostgreSQL: what its index holds, and what it is asked.

Nothing is left to a text search configuration: the words are cut and folded here, as FTS5 has
them, so that both databases find the same records. Words of the title have the weight A.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from app.text import GAP, tokens
from app.vocabulary import RecordType

Sought = tuple[tuple[str, ...], bool]
"""Words that stand side by side, and whether the last one may go on."""

# What a tsvector can hold. Beyond these, a word is found (up to the last limit), but not within a
# phrase; no record comes near them: they are thousands of words, a text has 2,000 characters.
_LAST_POSITION = 16_383
_POSITIONS_OF_A_WORD = 255
_BYTES_OF_A_WORD = 2_046  # a query has at most 200 characters, so no word of one is longer
_BYTES = 1_000_000

_NOTHING = "':nothing'"


def vector(kind: str, title: str, text: str) -> str:
    """A record in the index, as PostgreSQL reads it, from the words that FTS5 gets."""
    positions: defaultdict[str, list[str]] = defaultdict(list)
    for at, (token, weight) in enumerate(_weighted(title, text), start=1):
        if token == GAP:
            continue
        word = _cut(token)
        found = positions[word]
        if at <= _LAST_POSITION and len(found) < _POSITIONS_OF_A_WORD:
            found.append(f"{at}{weight}")
    return " ".join([_type(kind), *_within_limits(positions)])


def _weighted(title: str, text: str) -> Iterator[tuple[str, str]]:
    """Every word in its place; none that can be asked for stands between title and text."""
    yield from ((token, "A") for token in tokens(title))
    yield GAP, ""
    yield from ((token, "") for token in tokens(text))


def _within_limits(positions: dict[str, list[str]]) -> Iterator[str]:
    size = 0
    for word, found in positions.items():
        size += len(word.encode()) + 2 * len(found) + 4
        if size > _BYTES:
            return
        yield f"{_quoted(word)}:{','.join(found)}" if found else _quoted(word)


def expression(
    wanted: Sequence[Sought],
    unwanted: Sequence[Sought],
    kinds: Sequence[RecordType],
    titles: bool | None,
) -> str:
    """As a tsquery; every word is quoted. `Search.expression` says what the parameters mean."""
    types = " | ".join(_type(kind.value) for kind in kinds or RecordType)
    absent = [f"!({' | '.join(_term(term) for term in unwanted)})"] * bool(unwanted)
    if not wanted:
        # Everything but some: every record has its type for a word. No title has no word.
        return " & ".join([_NOTHING if titles else f"({types})", *absent])
    in_title = " & ".join(_term(term, "A") for term in wanted)
    if titles is False:
        absent.append(f"!({in_title})")
    found = in_title if titles else " & ".join(map(_term, wanted))
    return " & ".join([f"({found})", *[f"({types})"] * bool(kinds), *absent])


def _term(sought: Sought, weight: str = "") -> str:
    words, prefix = sought
    found = [_quoted(_cut(token)) for word in words for token in tokens(word)]
    if not found:
        return _NOTHING  # all of it is punctuation to the index
    marks = [":" + weight if weight else ""] * len(found)
    if prefix:
        marks[-1] = f":*{weight}"
    pieces = (f"{word}{mark}" for word, mark in zip(found, marks, strict=True))
    return f"({' <-> '.join(pieces)})"


def _type(kind: str) -> str:
    """The type of a record as a word; no word of a text has a colon."""
    return f"':{kind}'"


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _cut(word: str) -> str:
    encoded = word.encode()
    return (
        word
        if len(encoded) <= _BYTES_OF_A_WORD
        else encoded[:_BYTES_OF_A_WORD].decode(errors="ignore")
    )
