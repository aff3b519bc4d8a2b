"""A synthetic data set of any size, to measure with: it has the form of the record, not its truth.

Every title says that it is synthetic, and the texts are English-looking words put together by
chance. It comes as the files that a curator types, so it goes through the same check and load.
Words are as unequally frequent as in a language (Zipf's law): of 100,000 agreements the first word
stands in two thirds, the twentieth in a tenth, and each of the last 2,500 in about 540.
"""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pycountry

from app.resources.topics import BASE_TOPICS
from app.vocabulary import (
    Act,
    AgreementKind,
    AgreementStatus,
    CommitmentKind,
    CommitmentStatus,
    DocumentKind,
    MentionRole,
    Relation,
)

Typed = dict[str, Any]
T = TypeVar("T")

_AGREEMENTS_OF_A_SUMMIT = 100
_AGREEMENTS_OF_A_REPORT = 10  # with their commitments and quotes, 50 records cite it
_ACTORS_OF_A_REPORT = 50
_STATES = 200
_PRESSES = 10
_FIRST_DAY, _DAYS = date(1950, 1, 1), 75 * 365

_COMMON = (
    "the of and to in a that for is on with as by at from this it are be will an or which its has "
    "have not was new both each their our we they all more than may can"
)
_PREFIXES = ("", "re", "un", "out")
_STEMS = (
    "act aid air arm bank bar bid bill board bond boost cap card cast chart claim clear coal coin "
    "crop cut deal debt draft drill farm field fish fleet fuel fund gain gate grain grant group "
    "guard hand help hold iron join land launch law lend lift link list load mark mend mint note "
    "oil open pact park pass patrol pay peg plan plant port post press rail rent rest road rule "
    "sail seal seed send ship sign site sort staff steel stock talk tank task tax team test track "
    "train treat truck trust turn visit vote wage ward watch work yield"
)
_ENDINGS = ("", "s", "ed", "ing", "er", "ers", "able")
_EQUALLY_RARE_FROM = 380

# The keys of an entry that need no proof: how it is sorted, and where it belongs.
_UNPROVED = frozenset(
    {"id", "act", "kind", "topics", "language", "summit", "agreement", "agreements"}
)


def synthesize(folder: Path, agreements: int, seed: int = 1) -> Iterator[Path]:
    """Write a data set of that many agreements, twice as many commitments and as many quotes.

    Gives each file as it is written: one of the actors, then one for each summit with up to a
    hundred agreements. The same numbers give the same files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    yield _written(folder / "actors.json", _actors(_Author(f"{seed}")))
    for at, first in enumerate(range(0, agreements, _AGREEMENTS_OF_A_SUMMIT), start=1):
        size = min(_AGREEMENTS_OF_A_SUMMIT, agreements - first)
        yield _written(folder / f"summit-{at:05}.json", _summit(_Author(f"{seed} {at}"), at, size))


def _written(path: Path, bundle: Typed) -> Path:
    path.write_text(json.dumps(bundle, separators=(",", ":")), encoding="utf-8")
    return path


@cache
def vocabulary() -> tuple[list[str], list[float]]:
    """The words, the most frequent first, and their weights, each added to those before it."""
    built = [p + stem + e for p in _PREFIXES for stem in _STEMS.split() for e in _ENDINGS]
    Random(0).shuffle(built)  # noqa: S311 - chance, no secret
    words = list(dict.fromkeys([*_COMMON.split(), *built]))
    weights = (1 / (2 + min(at, _EQUALLY_RARE_FROM)) for at in range(len(words)))
    return words, list(accumulate(weights))


@cache
def _codes() -> list[str]:
    return sorted(country.alpha_2.lower() for country in pycountry.countries)[:_STATES]


class _Author:
    """Chance, a day, and what is written by chance about that day."""

    def __init__(self, seed: str) -> None:
        self.chance = Random(seed)  # noqa: S311 - chance, no secret
        self.day = _FIRST_DAY + timedelta(days=self.chance.randrange(_DAYS))

    def words(self, count: int) -> str:
        words, weights = vocabulary()
        return " ".join(self.chance.choices(words, cum_weights=weights, k=count))

    def sentence(self, shortest: int, longest: int) -> str:
        return f"{self.words(self.chance.randint(shortest, longest)).capitalize()}."

    def countries(self, count: int) -> list[str]:
        return self.chance.sample(_codes(), count)

    def one(self, of: type[T]) -> T:
        return self.chance.choice(list(of))  # type: ignore[call-overload,no-any-return] # an enum

    def topics(self) -> list[str]:
        return self.chance.sample(list(BASE_TOPICS), self.chance.randint(1, 3))

    def sometimes(self, value: T, share: float) -> T | None:
        return value if self.chance.random() < share else None

    def date(self, days: int = 0) -> str | None:
        """So many days later, as a day, more rarely as a month or year, or not at all."""
        exact = (self.day + timedelta(days=days)).isoformat()
        length = self.chance.choices((10, 7, 4, 0), (70, 12, 10, 8))[0]
        return exact[:length] or None

    def proved(self, document: str, passage: str | None = None, **entry: Any) -> Typed:
        """An entry without what is not known, and with a passage that proves the rest."""
        facts = {key: value for key, value in entry.items() if value is not None}
        proof = {
            "document": document,
            "passage": passage or self.sentence(9, 15),
            "fields": [k for k, v in facts.items() if k not in _UNPROVED and v != "not_stated"],
            "attribution": "direct_quote" if passage else "reported",
        }
        return facts | {"evidence": [proof]}

    def report(self, id_: str) -> Typed:
        return {
            "id": id_,
            "title": f"Synthetic {id_.replace('-', ' ', 1)}",
            "kind": self.one(DocumentKind),
            "publisher": f"press-{self.chance.randrange(_PRESSES)}",
            "published": (self.day + timedelta(days=1)).isoformat(),
            "language": "en",
        }


def _actors(author: _Author) -> Typed:
    """States, who acts for them, and the presses that report of them."""
    actors: list[Typed] = []
    for code in _codes():
        home = {"country": code.upper()}
        actors += [
            {"id": f"state-{code}", "kind": "country_or_area", **home},
            {
                "id": f"leader-{code}",
                "kind": "person",
                "offices": [_office("Leader", code)],
                **home,
            },
            {"id": f"envoy-{code}", "kind": "person", "offices": [_office("Envoy", code)], **home},
            {"id": f"ministry-{code}", "kind": "government_body", **home},
        ]
    reports = [author.report(f"directory-{at}") for at in range(len(actors) // _ACTORS_OF_A_REPORT)]
    return {
        "actors": [
            *(
                author.proved(
                    reports[at // _ACTORS_OF_A_REPORT]["id"], title=_named(actor["id"]), **actor
                )
                for at, actor in enumerate(actors)
            ),
            *(
                {"id": id_, "title": _named(id_), "kind": "publisher"}
                for id_ in (f"press-{at}" for at in range(_PRESSES))
            ),
        ],
        "documents": reports,
    }


def _office(title: str, code: str) -> Typed:
    return {"title": title, "of": f"state-{code}"}


def _named(id_: str) -> str:
    """`state-jp` gives `Synthetic state JP`."""
    name, code = id_.split("-")
    return f"Synthetic {name} {code.upper()}"


def _summit(author: _Author, number: int, size: int) -> Typed:
    """A meeting, and everything agreed, promised and said at it, with the reports of it."""
    guests = author.countries(6)
    reports = [
        author.report(f"report-{number}-{at}") for at in range(-(-size // _AGREEMENTS_OF_A_REPORT))
    ]
    summit = author.proved(
        reports[0]["id"],
        id=f"summit-{number}",
        title=f"Synthetic summit {number}",
        starts_on=author.date(),
        place=f"Synthetic place {author.chance.randrange(400)}",
        country=guests[0].upper(),
        participants=[
            *({"actor": f"leader-{code}", "role": "leader"} for code in guests),
            *({"actor": f"state-{code}", "role": "country"} for code in guests),
        ],
        topics=author.topics(),
    )
    bundle: dict[str, list[Typed]] = {"summits": [summit], "documents": reports}
    for key in ("agreements", "commitments", "quotes"):
        bundle[key] = []
    for at in range(size):
        _agreement(author, f"{number}-{at}", reports[at // _AGREEMENTS_OF_A_REPORT]["id"], bundle)
    return bundle


def _agreement(author: _Author, name: str, report: str, bundle: dict[str, list[Typed]]) -> None:
    """Add an agreement, two commitments and two quotes, the first of each belonging to it."""
    summit, states = bundle["summits"][0]["id"], author.countries(3)
    date, agreement = author.date(author.chance.randrange(3)), f"agreement-{name}"
    bundle["agreements"].append(
        author.proved(
            report,
            id=agreement,
            title=f"Synthetic agreement on {author.words(2)}",
            kind=author.one(AgreementKind),
            status=author.one(AgreementStatus),
            date=date,
            summit=summit,
            relation=author.one(Relation),
            parties=[{"actor": f"state-{code}", "role": "party"} for code in states],
            summary=author.sentence(8, 14),
            topics=author.topics(),
        )
    )
    for at, first in enumerate((True, False)):
        amount = author.sometimes(author.chance.randrange(1, 5000) * 1_000_000, 0.3)
        bundle["commitments"].append(
            author.proved(
                report,
                id=f"commitment-{name}-{at}",
                title=f"Synthetic commitment to {author.words(2)}",
                act=author.one(Act),
                kind=author.one(CommitmentKind),
                status=author.one(CommitmentStatus),
                by=[f"state-{states[at]}"],
                to=[f"state-{states[2]}"],
                measures=amount and [_pledge(author, amount)],
                due=author.sometimes(author.date(author.chance.randrange(365, 3650)), 0.4),
                agreement=agreement if first else None,
                summit=summit,
                relation=author.one(Relation),
                summary=author.sentence(8, 14),
                topics=author.topics(),
            )
        )
        words = f"Synthetic words: {author.words(author.chance.randint(9, 15))}."
        bundle["quotes"].append(
            author.proved(
                report,
                words,
                id=f"quote-{name}-{at}",
                text=words,
                speaker=f"leader-{states[at]}",
                language="en",
                date=date,
                mentions=[{"actor": f"state-{states[2]}", "role": author.one(MentionRole)}],
                agreements=[agreement] if first else None,
                summit=summit,
                topics=author.topics(),
            )
        )


def _pledge(author: _Author, amount: int) -> Typed:
    currency = author.chance.choice(("USD", "EUR", "JPY", "GBP", "KRW"))
    return {"role": "pledged", "value": amount, "currency": currency}


def main() -> None:
    """Write a data set into a folder: `python -m bench.synthetic FOLDER --agreements 100000`."""
    parser = ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--agreements", type=int, default=1_000)
    given = parser.parse_args()
    count = sum(1 for _ in synthesize(given.folder, given.agreements))
    print(f"{count:,} files in {given.folder}; load them with: readout load {given.folder}/*.json")


if __name__ == "__main__":
    main()
