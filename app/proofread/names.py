"""Whom the sentences of a draft name, and to whom they ascribe what they quote."""

import re
from collections.abc import Iterable

from app.beside import table_beside
from app.countries import LONG, countries_with_demonym, is_short
from app.proofread.draft import Draft, Quotation, Span
from app.proofread.sources import COMMON, Actor, Sources, folded
from app.text import Word, fold, is_shouted, words

_LONGEST = 6  # words of a name
_MOST = 20_000  # names that are looked up
_PATTERNS = table_beside(__file__, "english.toml")["patterns"]
_VERB, _VERB_OF = _PATTERNS["verb"], _PATTERNS["verb_of"]
_SAYING = re.compile(rf"\b(?:{_VERB}|{_VERB_OF}|{_PATTERNS['saying']})\b", re.IGNORECASE)
_leading = re.compile(rf"{_SAYING.pattern}(?: that)?[\s:,]*\Z", re.IGNORECASE)
# Somebody with a name, or leaders together; a day is nobody, and to whom it is told did not say it.
_WORD = r"[A-Z][\w’'-]+"
_NAME = rf"((?:{_WORD} ){{0,3}}{_PATTERNS['nobody']}{_WORD}|{_PATTERNS['leaders']})"
_stranger = re.compile(
    rf"{_NAME} (?:{_VERB}|{_VERB_OF})\b|\b{_VERB} {_NAME}(?=[.,;]|\s*\Z)|"
    rf"(?<!said, )(?i:according to) {_NAME}"
)
_OFFICE = _PATTERNS["office"]
_described = re.compile(
    rf"(?P<said>\b{_VERB} |according to )?(?P<who>{_OFFICE})"
    rf"(?(said)(?=[.,;]|\s*\Z)| (?:\w+ly |also )?(?:{_VERB}|{_VERB_OF})\b)",
    re.IGNORECASE,
)
_named_before = re.compile(rf"\b({_WORD}) (?:of (?:the )?)?\Z")
_named_after = re.compile(rf" {_WORD}")
_introduced = re.compile(r":\s*\Z")
_dashed = re.compile(r"\s*[—–―-]")  # before the name of who is quoted


class Names:
    """The actors that a draft names, looked up all at once."""

    def __init__(self, draft: Draft, spans: Iterable[Span], sources: Sources) -> None:
        """Look up whatever may be a name within these spans."""
        self._text = draft.text
        self._words = {span: list(words(draft.text[slice(*span)])) for span in set(spans)}
        runs = {
            " ".join(word.folded for word in some)
            for span, every in self._words.items()
            for some in self._runs(every, span)
        }
        countries = {country for name in runs for country in _countries_of(name)}
        self._actors = sources.named(sorted(runs | countries)[:_MOST])
        singles = [name for name in runs if " " not in name and name not in self._actors]
        self._persons = sources.surnamed(singles)

    def _runs(self, every: list[Word], span: Span) -> Iterable[list[Word]]:
        """The runs of words that begin as a name does, the longest first at each place."""
        for at, word in enumerate(every):
            first = self._text[span[0] + word.start]
            if first.islower() or not first.isalpha():
                continue
            for length in range(min(_LONGEST, len(every) - at), 0, -1):
                yield every[at : at + length]

    def within(self, span: Span) -> dict[Actor, str]:
        """The actors that are named in a span, each by the folded words of its name."""
        actors: dict[Actor, str] = {}
        end, shouted = -1, is_shouted(self._text[slice(*span)])
        for some in self._runs(self._words[span], span):
            if some[0].start < end:
                continue
            name = " ".join(word.folded for word in some)
            rows = self._actors.get(name, ())
            place = span[0] + some[0].start, span[0] + some[-1].end
            written = self._text[slice(*place)]
            # A code is a word of English, too, but for capitals; and Korea is one of two.
            is_code = is_short(name) if shouted else written.isupper()
            is_one = len(name) >= LONG and len(rows) == 1 and not self._is_part(*place)
            match = [a for a, code in rows if not code or is_code or is_one]
            if match := match or (self._persons.get(name, []) if len(some) == 1 else []):
                actors |= dict.fromkeys(match, name)
                end = some[-1].end
        return actors

    def _is_part(self, start: int, end: int) -> bool:
        """Whether words are a part of a longer name: `Latin America`, `Bank of America`."""
        before = _named_before.search(self._text, max(0, start - 40), start)
        is_behind = before is not None and fold(before[1]) not in COMMON
        return is_behind or _named_after.match(self._text, end) is not None

    def ascribed(self, quotation: Quotation) -> tuple[Iterable[Actor], str]:
        """To whom a quotation is ascribed, by the record and in words; nobody if nobody is named.

        Whoever is named may be nobody whom the record knows.
        """
        before, after = quotation.before, quotation.after
        text = self._text[slice(*before)]
        if not _leading.search(text):
            said = _SAYING.search(self._text, *after)
            is_near = said is not None and said.start() < after[0] + 100
            is_signed = is_near or _dashed.match(self._text, *after) is not None
            if is_signed and (who := self._who(after))[1]:
                return who
        if _SAYING.search(text) or _introduced.search(text):
            return self._who(before)
        return [], ""

    def _who(self, span: Span) -> tuple[Iterable[Actor], str]:
        actors = self.within(span)
        described, said = (each.search(self._text, *span) for each in (_described, _SAYING))
        if described and said and described.start() <= said.start():
            people = " ".join(folded(described["of"] or ""))
            countries = _countries_of(people)
            of = [
                actor for name in countries or [people] for actor, _ in self._actors.get(name, ())
            ]
            if of or countries or not actors:
                # Whoever was in an office is not who is in it.
                return [] if "former" in described["who"] else of, described["who"]
        if actors:
            return actors, ", ".join(actor.title for actor in actors)
        stranger = _stranger.search(self._text, *span)
        return [], next(filter(None, stranger.groups()), "") if stranger else ""


def _countries_of(people: str) -> list[str]:
    """The folded names of the countries whose people are called so: `japanese`."""
    return [" ".join(folded(country)) for country in countries_with_demonym(people)]
