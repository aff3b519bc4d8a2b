"""The texts of a release as a draft is compared with them: found by their rare words.

Everything here runs in a thread, on a connection of its own, within the time of a long query.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from app.beside import sql_beside, table_beside
from app.proofread.tokens import Words
from app.records import passages_of
from app.store.release import Ask, OpenRelease
from app.text import fold, stem, words
from app.vocabulary import ActorKind

_SQL = sql_beside(__file__)
_COUNTED = 3_000  # records, beyond which a word says little
_MANY = 60
_RARE = 6
_SPREAD = 4  # rare words are enough, if one of them is another one on record
_READ = 10  # of those that match
_PHRASE = 40
COMMON = frozenset(table_beside(__file__, "english.toml")["common"])
"""Words that say nothing of what a text is about."""


class Actor(NamedTuple):
    """An actor that a sentence names."""

    id: str
    title: str


class Text(NamedTuple):
    """A quote or a passage of a record."""

    record: dict[str, Any]
    words: Words
    proof: dict[str, Any] | None
    """The passage in which it stands; of a quote, that which proves its words."""
    withdrawn: bool = False

    @property
    def document(self) -> str | None:
        """The id of the source."""
        return self.proof["document"]["id"] if self.proof else None

    @property
    def is_quote(self) -> bool:
        """Whether it is what somebody said, and not what proves that."""
        return bool(self.record["type"] == "quote" and self.words.text == self.record["text"])


def texts_of(record: dict[str, Any], *, withdrawn: bool = False) -> Iterator[Text]:
    """The texts of a record that a draft may quote, each once."""
    proofs = list(passages_of(record)) if "evidence" in record else []
    if record["type"] == "quote":
        proving = [proof for proof in proofs if "text" in proof["fields"]]
        yield Text(record, Words.of(record["text"]), next(iter(proving), None), withdrawn)
    for exact, proof in {proof["exact"]: proof for proof in reversed(proofs)}.items():
        if exact != record.get("text"):
            yield Text(record, Words.of(exact), proof, withdrawn)


def folded(text: str) -> list[str]:
    """The words of a text as the index has them."""
    return [word.folded for word in words(text)]


def stems(typed: Iterable[str]) -> set[str]:
    """The folded words that say what a text is about, whatever their form; no numbers."""
    return {stem(word) for word in {*typed} - COMMON if len(word) > 2 and not word.isdigit()}


class Sources:
    """What is on record, for one draft."""

    def __init__(self, ask: Ask, release: OpenRelease) -> None:
        """Begin with what was computed of the release before."""
        self._ask = ask
        # Words of the index and nothing of a draft; a dictionary of SQLite's own size.
        self._rarity: dict[str, int] = release.remembered(_SQL["count"]) or {}
        release.remember(_SQL["count"], self._rarity)
        self._release = release
        self._texts: dict[int, list[Text]] = {}
        self._bodies: dict[int, bytes] = {}
        self._lowered: dict[int, bytes] = {}
        self._by: dict[str, list[tuple[int, set[str]]]] = {}
        self._absent: set[str] = set()

    def like(self, typed: Iterable[str]) -> list[Text]:
        """The texts that have rare words of a draft, those first that have the most of them."""
        every = list(dict.fromkeys(typed))
        rare = sorted((w for w in every if self._count(w)), key=lambda w: (self._rarity[w], w))
        if len(rarest := [word for word in rare if self._rarity[word] < _COUNTED]) >= _SPREAD:
            rare = rarest
        some = sorted(rare[:_RARE], key=every.index)
        # One word that is another one on record spoils one pair alone.
        pairs = [f'("{one}" AND "{two}")' for one, two in zip(some[::2], some[1::2], strict=False)]
        pairs += [f'"{some[0]}"'] if len(some) == 1 else []
        pairs += [f'("{some[-2]}" AND "{some[-1]}")'] if len(some) in {3, 5} else []
        return self._matching(" OR ".join(pairs), every) if pairs else []

    def with_phrase(self, typed: Iterable[str]) -> list[Text]:
        """The texts that have just these words in their order."""
        every = [*typed][:_PHRASE]
        return self._matching(f'"{" ".join(every)}"', every) if every else []

    def _matching(self, expression: str, typed: list[str]) -> list[Text]:
        """The texts of those matches that have the most of these words: few are read."""
        ordinals = [row[0] for row in self._ask(_SQL["matching"], (expression, _MANY))]
        self._fetch(ordinals)
        needles = [word.encode() for word in typed[:_PHRASE]]
        held = {at: sum(needle in self._lowered[at] for needle in needles) for at in ordinals}
        best = sorted(ordinals, key=lambda at: -held[at])[:_READ]
        return [text for ordinal in best for text in self._of(ordinal)]

    def _count(self, word: str) -> int:
        """How many records have a word, up to a bound."""
        count = self._rarity.get(word, 0)
        if not count and word not in self._absent:
            count = self._ask(_SQL["count"], (f'"{word}"', _COUNTED))[0][0]
            if count:
                self._rarity[word] = count
            else:
                self._absent.add(word)
        return count

    def _fetch(self, ordinals: list[int]) -> None:
        absent = [ordinal for ordinal in ordinals if ordinal not in self._bodies]
        for ordinal, body in self._ask(_SQL["bodies"], (json.dumps(absent),)) if absent else ():
            self._bodies[ordinal], self._lowered[ordinal] = body, body.lower()

    def _of(self, ordinal: int) -> list[Text]:
        """The texts of a record whose body is there."""
        if ordinal not in self._texts:
            self._texts[ordinal] = list(texts_of(orjson.loads(self._bodies[ordinal])))
        return self._texts[ordinal]

    @cached_property
    def _withdrawn(self) -> tuple[list[Text], dict[str, list[int]]]:
        """The texts of records that were withdrawn, and in which of them each word stands."""
        kept: Any = self._release.remembered(_SQL["withdrawn"])
        if kept is None:
            texts = [
                text
                for (fields,) in self._ask(_SQL["withdrawn"], ())
                for field in orjson.loads(fields or b"[]")
                if not field["pointer"] and field["before"]
                for text in texts_of(field["before"], withdrawn=True)
            ]
            places: defaultdict[str, list[int]] = defaultdict(list)
            for at, text in enumerate(texts):
                for key in set(text.words.keys):
                    places[key].append(at)
            kept = texts, dict(places)
            self._release.remember(_SQL["withdrawn"], kept)
        texts_and_places: tuple[list[Text], dict[str, list[int]]] = kept
        return texts_and_places

    def withdrawn_like(self, keys: list[str]) -> list[Text]:
        """The texts of withdrawn records that have the most words of a draft."""
        texts, places = self._withdrawn
        hits = Counter(at for key in set(keys) for at in places.get(key, ())[:100])
        return [texts[at] for at, count in hits.most_common(3) if 2 * count > len(set(keys))]

    def commitments_of(self, actors: Iterable[str], about: set[str]) -> list[dict[str, Any]]:
        """The commitments of actors whose titles have some of these words, the likest first."""
        rows = []
        for actor in actors:
            if actor not in self._by:
                titles = self._ask(_SQL["by"], (json.dumps([actor]),))
                self._by[actor] = [(ordinal, stems(folded(title))) for ordinal, title in titles]
            rows += [(len(about & subject), ordinal) for ordinal, subject in self._by[actor]]
        ordinals = [ordinal for shared, ordinal in sorted(rows, reverse=True)[:20] if shared]
        self._fetch(ordinals)
        return [self._of(ordinal)[0].record for ordinal in ordinals if self._of(ordinal)]

    def named(self, names: Iterable[str]) -> dict[str, list[tuple[Actor, bool]]]:
        """The actors of these names in folded words, and whether that is no more than a code."""
        actors: defaultdict[str, list[tuple[Actor, bool]]] = defaultdict(list)
        for name, code, id_, title in self._ask(_SQL["named"], (json.dumps(sorted(set(names))),)):
            actors[name].append((Actor(id_, title), bool(code)))
        return actors

    def surnamed(self, names: Iterable[str]) -> dict[str, list[Actor]]:
        """The persons whose names end in one of these folded words."""
        persons: defaultdict[str, list[Actor]] = defaultdict(list)
        wanted = sorted(set(names))[:200]
        expression = " OR ".join(f'"{name}"' for name in wanted)
        rows = self._ask(_SQL["surnamed"], (f"actor_title : ({expression})",)) if wanted else []
        for id_, title in rows:
            persons[fold(title.split()[-1])].append(Actor(id_, title))
        return persons

    def is_person(self, actor: Actor) -> bool:
        """Whether an actor is a human being."""
        return bool(self.record("actor", actor.id).get("kind") == ActorKind.PERSON)

    def record(self, kind: str, id_: str) -> dict[str, Any]:
        """The record that has an id; nothing of one that is not there."""
        rows = self._ask(_SQL["record"], (kind, id_))
        return orjson.loads(rows[0][0]) if rows else {}
