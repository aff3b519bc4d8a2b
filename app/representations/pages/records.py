"""The page of one record: its facts, their proof, and what belongs to it."""

from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, get_args

from app.formats import BY_NAME
from app.representations import facts
from app.representations.citation import citation_of, sentence
from app.representations.pages.actor import actor
from app.representations.pages.differing import differing
from app.representations.pages.proven import proven_by
from app.representations.pages.related import MOST, Beside, Some
from app.representations.pages.summit import summit
from app.representations.sources import proofs_of, sources
from app.representations.values import One, View, path_as
from app.representations.wording import label, listed
from app.resources import SHAPES
from app.vocabulary import KINDS, RecordType, Term

Context = dict[str, Any]
_FEW, _SEVERAL, _CHANGES = 5, 10, 3
_PASSAGES = 100  # of a record are shown; all are in its JSON
# Facts that are said in the row of another one.
_ROWS = {"currency": "measures", "amount": "measures"}


async def context(one: One, view: View) -> Context:
    """The context of the page of a record."""
    assert one.kind  # noqa: S101 - a record has a type
    record = one.record
    beside = Beside(view.release, one.params.as_of)
    passages = _once(proofs_of(record, await sources([record], view.release)))
    unshown, passages = len(passages[_PASSAGES:]), passages[:_PASSAGES]
    return {
        "record": record,
        "passages": passages,
        "unshown": unshown,
        "differing": differing(passages),
        "marks": marks(passages),
        "history": await beside.history(one.kind, record["id"], _CHANGES),
        "path_of": beside.path,
        "became": became,
        "meaning": meaning,
        "fact_id": fact_id,
        "unsaid": [],
        "answered": [],
        "single": len({passage["source"].id for passage in passages}) == 1,
        "plain": facts.plain_fields(record),
        "is_term": lambda field: issubclass(field.base, Term),
        "as_json": path_as(one, BY_NAME["json"]),
        "citation": sentence(await citation_of(one, view)),
    } | await _BESIDE[one.kind](record, beside)


def _once(passages: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Passages, each once, with all that it proves: an event has some of its promise's own."""
    every: dict[tuple[Any, ...], dict[str, Any]] = {}
    for passage in passages:
        key = passage["source"].id, passage["start"], passage["exact"], passage["voice"]
        fields = [*every.get(key, passage)["fields"], *passage["fields"]]
        every[key] = every.get(key, passage) | {"fields": [*dict.fromkeys(fields)]}
    return [*every.values()]


def meaning(record: Mapping[str, Any], field: str) -> str:
    """The meaning of a value of a closed list, in a sentence."""
    annotation: Any = SHAPES[KINDS[record["type"]]].model_fields[field].annotation
    terms: Any = next(iter(get_args(annotation)), annotation)
    return str(terms(record[field]).meaning) if record[field] else ""


def became(change: Mapping[str, Any]) -> str:
    """A change of a record in words: `Sum and Due changed`."""
    if change["action"] != "changed":
        return str(change["action"])
    keys = dict.fromkeys(field["pointer"].split("/")[1] for field in change["fields"])
    return f"{listed(map(label, keys))} changed"


def fact_id(field: str) -> str:
    """The HTML id of the fact that shows a field."""
    return f"fact-{_ROWS.get(field, field)}"


def marks(passages: Iterable[Mapping[str, Any]]) -> dict[str, list[int]]:
    """The numbers of the passages that prove each fact, by where it stands on the page."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, passage in enumerate(passages, start=1):
        for place in dict.fromkeys(map(fact_id, passage["fields"])):
            places[place].append(number)
    return dict(places)


async def _agreement(record: Mapping[str, Any], beside: Beside) -> Context:
    return {
        "commitments": await beside.some("commitments", _SEVERAL, agreement=[record["id"]]),
        "quotes": await beside.some("quotes", _FEW, agreement=[record["id"]]),
        "others": await _of_the_summit("agreements", record, beside),
    }


async def _commitment(record: Mapping[str, Any], beside: Beside) -> Context:
    under = record["agreement"] and [record["agreement"]["id"]]
    return {
        "shares": await beside.some("commitments", MOST, part_of=[record["id"]]),
        "siblings_under": under
        and (await beside.some("commitments", _FEW + 1, agreement=under)).but(record["id"]),
        "quotes": under and await beside.some("quotes", _FEW, agreement=under),
        "others": await _of_the_summit("commitments", record, beside),
    }


async def _quote(record: Mapping[str, Any], beside: Beside) -> Context:
    said = await beside.some("quotes", _FEW + 1, speaker=[record["speaker"]["id"]])
    same = said.but(record["id"])
    others = await _of_the_summit("quotes", record, beside)
    return {
        "same_speaker": same,
        "others": others and others.but(record["id"], *(quote["id"] for quote in same.items)),
    }


async def _of_the_summit(name: str, record: Mapping[str, Any], beside: Beside) -> Some | None:
    """Other records of a type that belong to the summit of this one."""
    if record["summit"] is None:
        return None
    some = await beside.some(name, _FEW + 1, summit=[record["summit"]["id"]])
    return some.but(record["id"])


_BESIDE: dict[RecordType, Callable[[Mapping[str, Any], Beside], Coroutine[Any, Any, Context]]] = {
    RecordType.SUMMIT: summit,
    RecordType.ACTOR: actor,
    RecordType.AGREEMENT: _agreement,
    RecordType.COMMITMENT: _commitment,
    RecordType.QUOTE: _quote,
    RecordType.DOCUMENT: proven_by,
}
