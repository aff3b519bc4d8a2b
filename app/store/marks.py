"""Where the words of a search stand in a text."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.store.search import Term
from app.text import SIGNS, Word, fold, words


def marked(text: str, terms: Sequence[Term], around: int = 80) -> list[dict[str, Any]] | None:
    """A text cut into pieces, those that match marked, or None where nothing matches.

    A long text is shortened to the surroundings of its first match, `…` at the cuts.
    """
    flat = fold(text)
    bare = flat.replace(".", "")
    near = [term for term in terms if (word := term.words[0]) in bare or not _is_plain(word)]
    if not near:
        return None  # most texts: they need not be cut into words
    if text.isascii() and all(_stands_alone(term, flat) for term in near):
        spans = sorted(span for term in near for span in _places(flat, term.words[0]))
    else:
        # Of those that begin at one place the longest: a name, and not a word of it.
        spans = sorted(_spans(list(words(text)), near), key=lambda span: (span[0], -span[1]))
    if not spans:
        return None
    begin = 0 if spans[0][0] <= around else _boundary(text, spans[0][0] - around)
    end = len(text) if len(text) - begin <= 4 * around else _boundary(text, begin + 4 * around)
    pieces: list[dict[str, Any]] = [{"text": "…", "match": False}] if begin else []
    at = begin
    for start, stop in spans:
        if stop > end or stop <= at:
            continue
        if start > at:
            pieces.append({"text": text[at:start], "match": False})
        pieces.append({"text": text[max(start, at) : stop], "match": True})
        at = stop
    rest = text[at:end] + ("…" if end < len(text) else "")
    return [*pieces, {"text": rest, "match": False}] if rest else pieces


_OF_SIGNS = frozenset(SIGNS.values())


def _stands_alone(term: Term, flat: str) -> bool:
    """Whether a term is found by its letters: one whole word, not abbreviated in this text."""
    [word, *others] = term.words
    alone = not (others or term.prefix or term.longer) and _is_plain(word)
    return alone and len(word) > 1 and ".".join(word) not in flat


def _is_plain(word: str) -> bool:
    """Whether a word stands in a text by its letters: no number, no sign, no word in capitals."""
    return word.isalpha() and word not in _OF_SIGNS


def _places(flat: str, word: str) -> Iterator[tuple[int, int]]:
    """Where a word stands in a folded text of ASCII: much cheaper than to cut it into words."""
    at = flat.find(word)
    while at >= 0:
        end = at + len(word)
        if not flat[at - 1 : at].isalnum() and not flat[end : end + 1].isalnum():
            yield at, end
        at = flat.find(word, end)


def _spans(all_words: list[Word], terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Where terms stand in a text of these words."""
    by_first: dict[str, list[Term]] = {}
    begun = [term for term in terms if term.prefix and len(term.words) == 1]
    for term in terms:
        by_first.setdefault(term.words[0], []).append(term)
    longer = {term: [*_spans(all_words, term.longer)] for term in terms if term.longer}
    for at, word in enumerate(all_words):
        for term in by_first.get(word.folded, ()):
            window = all_words[at : at + len(term.words)]
            if len(window) == len(term.words) and _matches(window, term):
                start, end = word.start, window[-1].end
                if not any(
                    begins <= start and end <= ends for begins, ends in longer.get(term, ())
                ):
                    yield start, end
        for term in begun:
            if word.folded.startswith(term.words[0]) and word.folded != term.words[0]:
                yield word.start, word.end


def _matches(window: list[Word], term: Term) -> bool:
    *before, last = (word.folded for word in window)
    if tuple(before) != term.words[:-1]:
        return False
    return last.startswith(term.words[-1]) if term.prefix else last == term.words[-1]


def _boundary(text: str, at: int) -> int:
    """The beginning of the next word, so that no word is cut in half."""
    blank = text.find(" ", at)
    return at if blank < 0 or blank - at > 40 else blank + 1
