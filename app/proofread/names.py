"""Whom the sentences of a draft name, and to whom they ascribe what they quote."""

import re
from collections.abc import Iterable, Iterator

from app.beside import table_beside
from app.countries import LONG, countries_with_demonym, is_short
from app.proofread.draft import Draft, Quotation, Span
from app.proofread.sources import COMMON, Actor, Sources, folded
from app.queries.meant import without_office
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
_first_names = re.compile(rf"(?:\b{_WORD} )+\Z")
_junior = re.compile(r",? (?:Jr|Sr)\b")
_opening = re.compile(_PATTERNS["opening"])
_parting = re.compile(r"[,;\u2014\u2013()]")
_no_subject = re.compile(
    rf"\s*(?:(?:and |but )?not|who|whose|whom|which|[a-z]+ing|according to|{_PATTERNS['beside']})\b"
    r"|\W*\Z"
)
_passive = re.compile(r"\b(?:is|are|was|were|been|being) (?:\w+ly )?\Z")
_told = re.compile(r"told|asked|warned|urged", re.IGNORECASE)
_by = re.compile(r"[^.;:]{0,60}?\bby\b")
_quoting = re.compile(r"quot(?:ed|es) (?!by )([^,.;:]{1,60}) as\b", re.IGNORECASE)
# Whoever is told of by a person is another one: `Trump's wife`, `a Trump lawyer`.
_has_another = re.compile(_PATTERNS["has_another"])
_is_of = re.compile(r"\b(?:of|to|with|by|for|against|near) (?:(?:the|[A-Z][\w.]+) )*\Z")
_behind = re.compile(r"according to|in the words of", re.IGNORECASE)
_named_within = re.compile(r"in (?:the )?(?!words of)\S", re.IGNORECASE)
_end_of_subject = re.compile(rf"[,;.:]|\b(?:{_PATTERNS['beside']})\b")
_leaders = re.compile(_PATTERNS["leaders"])
_PERHAPS = rf"({_PATTERNS['nobody']}{_WORD})"
_capital = re.compile(rf"\s*{_PERHAPS}")
_another = re.compile(rf"\band {_PERHAPS}|{_PERHAPS}\s+and\b")
_text_of = re.compile(rf"(?:\b(?:[Tt]he|[Tt]his|[Tt]heir|[Aa]n?) )(?:{_PATTERNS['document']})")
_denied = re.compile(_PATTERNS["denied"].replace("VERB", rf"(?:{_VERB}|{_VERB_OF})"), re.IGNORECASE)
_dashed = re.compile(r"\s*[—–―-]")  # before the name of who is quoted


class Names:
    """The actors that a draft names, looked up all at once."""

    def __init__(self, draft: Draft, spans: Iterable[Span], sources: Sources) -> None:
        """Look up whatever may be a name within these spans."""
        self._text, self._sources = draft.text, sources
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
        return {actor: name for actor, name, _ in self._places(span)}

    def _places(self, span: Span) -> Iterator[tuple[Actor, str, Span]]:
        """The same, with where each name stands."""
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
            match = match or (self._persons.get(name, []) if len(some) == 1 else [])
            match = [actor for actor in match if not self._is_of_another(actor, name, *place)]
            if match:
                yield from ((actor, name, place) for actor in match)
                end = some[-1].end

    def _is_of_another(self, actor: Actor, name: str, start: int, end: int) -> bool:
        """Whether a name is that of somebody else of the family: `Ivanka Trump`."""
        if _junior.match(self._text, end):
            return True
        own = folded(actor.title)
        if len(own) == 1 or own[-1] != name:
            return False
        run = _first_names.search(self._text, max(0, start - 60), start)
        before = [fold(word) for word in run[0].split()] if run else []
        others = [word for word in before if not self._is_no_first_name(word)]
        return bool(others) and not {*before} & {*own}

    def _is_no_first_name(self, word: str) -> bool:
        """Whether a word with a capital before a surname is an office, a country or an opening."""
        is_office = without_office(f"{word} x") == "x"
        plain = word.removesuffix("'s").removesuffix("\u2019s")
        is_country = plain in self._actors or bool(_countries_of(plain)) or is_short(plain)
        return is_office or is_country or plain in COMMON or _opening.fullmatch(word) is not None

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
            if is_signed and (who := self._who(after, said if is_near else None))[1]:
                return who
        every = [*_SAYING.finditer(self._text, *before)]
        if every or _introduced.search(text):
            return self._who(before, every[-1] if every else None)
        return [], ""

    def denied(self, quotation: Quotation) -> str:
        """The words by which a quotation is said not to be what was said; empty for most."""
        matches = (
            _denied.search(self._text, *span) for span in (quotation.before, quotation.after)
        )
        return next((match[0] for match in matches if match), "")

    def _subjects(self, span: Span, said: re.Match[str] | None) -> Iterator[Span]:
        """Where the subject of a verb of speech may stand, the likeliest place first.

        To whom it is told, and whom a clause beside it names, did not say it.
        """
        if said is None:
            yield span
            return
        start = span[0]
        if quoted := _quoting.match(self._text, said.start(), span[1]):
            yield quoted.span(1)
            return
        if _told.match(said[0]) and _passive.search(self._text, start, said.start()):
            if by := _by.match(self._text, said.end(), span[1]):
                end = _end_of_subject.search(self._text, by.end(), span[1])
                yield by.end(), end.start() if end else span[1]
            return
        if not _behind.match(said[0]) and self._text[start : said.start()].strip(' ,.\u201d"'):
            cuts = [cut.start() for cut in _parting.finditer(self._text, start, said.start())]
            edges = [start, *(cut + 1 for cut in cuts)], [*cuts, said.start()]
            for one in reversed([*zip(*edges, strict=True)]):
                if not _no_subject.match(self._text, *one):
                    yield one
            return
        if _named_within.match(said[0]):
            yield said.span()
        end = _end_of_subject.search(self._text, said.end(), span[1])
        yield said.end(), end.start() if end else span[1]

    def _who(self, span: Span, said: re.Match[str] | None) -> tuple[Iterable[Actor], str]:
        places = [*self._places(span)]
        described = _described.search(self._text, *span)
        if described and said and described.start() <= said.start():
            people = " ".join(folded(described["of"] or ""))
            countries = _countries_of(people)
            of = [
                actor for name in countries or [people] for actor, _ in self._actors.get(name, ())
            ]
            # Whoever was in an office is not who is in it, and who speaks for a person is another.
            if "former" in described["who"] or any(map(self._sources.is_person, of)):
                return [], described["who"]
            is_somebody = described["who"].lower().startswith(("a ", "an "))
            if of or countries or is_somebody or not places:
                return of, described["who"]
        for start, end in self._subjects(span, said):
            text = self._text[start:end]
            inside = [(a, at) for a, _, at in places if start <= at[0] and at[1] <= end]
            document = _text_of.search(self._text, start, end)
            if document and all(document.end() <= at[0] for _, at in inside):
                return [], document[0]  # which names may stand behind: `the statement by Trump`
            of_others = [one for one in inside if self._has_another(*one, (start, end))]
            if inside and of_others == inside:
                return [], text.strip()
            inside = [one for one in inside if one not in of_others]
            for _, at in inside:
                text = text.replace(self._text[slice(*at)], " ")
            other = next((m for m in _another.finditer(text) if self._is_name(m)), None)
            if inside and other is None:
                actors = list(dict.fromkeys(actor for actor, _ in inside))
                return actors, ", ".join(actor.title for actor in actors)
            if inside:
                return [], self._text[start:end].strip()
            if together := _leaders.search(text):
                return [], together[0]
            name = _capital.match(text)
            if name and not self._is_no_first_name(fold(name[1])):
                return [], text.strip()
        stranger = _stranger.search(self._text, *span)
        return [], next(filter(None, stranger.groups()), "") if stranger else ""

    def _has_another(self, actor: Actor, at: Span, subject: Span) -> bool:
        """Whether a name in a subject says whose somebody else is: `Trump's wife`."""
        is_so = _has_another.match(self._text, at[1], subject[1]) or _is_of.search(
            self._text, subject[0], at[0]
        )
        return is_so is not None and self._sources.is_person(actor)

    def _is_name(self, match: re.Match[str]) -> bool:
        return not self._is_no_first_name(fold(match[1] or match[2]))


def _countries_of(people: str) -> list[str]:
    """The folded names of the countries whose people are called so: `japanese`."""
    return [" ".join(folded(country)) for country in countries_with_demonym(people)]
