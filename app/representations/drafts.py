"""A draft that was checked, as it is answered: each match with its source, voice and citation."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson

from app.proofread.check import Judgement
from app.proofread.claims import Hit, Judged
from app.proofread.draft import Draft
from app.proofread.shapes import Checked, CheckedDraft, RecordMatch
from app.proofread.sources import Text
from app.queries.params import CheckParams, OneParams
from app.records import Reference, title_of
from app.representations import wording
from app.representations.citation import citation_of, sentence
from app.representations.sources import proofs_of, sources, state_of
from app.representations.values import One, View
from app.store.release import OpenRelease
from app.turns import turn
from app.vocabulary import KINDS, Verdict


@dataclass(frozen=True)
class Proofread(One):
    """A checked draft, and the draft itself, for the box on the page."""

    draft: str = ""


async def context(answer: Proofread, view: View) -> dict[str, Any]:  # noqa: ARG001 - as all pages have it
    """The context of the page."""
    meanings = {verdict.value: verdict.meaning for verdict in Verdict}
    return {"record": answer.record, "draft": answer.draft, "meanings": meanings}


async def proofread(
    draft: Draft, judgement: Judgement, params: CheckParams, view: View, current: OpenRelease
) -> CheckedDraft:
    """The verdicts on a draft with what is needed to cite; `current` knows what became of it."""
    since = view.release.info.number if params.as_of else 0
    writer = _Writer(view, current, since)
    items = [await writer.item(draft, judged) for judged in judgement.items]
    counts = Counter(item.verdict for item in items)
    return CheckedDraft(
        characters=draft.size,
        release=view.release.info.number,
        counts={verdict.value: counts[verdict] for verdict in Verdict},
        left_out=judgement.left_out,
        items=items,
    )


class _Writer:
    """Writes matches, each record once."""

    def __init__(self, view: View, current: OpenRelease, since: int) -> None:
        self._view, self._current, self._since = view, current, since
        self._matches: dict[tuple[str, str, str], RecordMatch] = {}

    async def item(self, draft: Draft, judged: Judged) -> Checked:
        await turn()
        start, end = judged.span
        said = draft.text[start:end]
        start, end = start + len(said) - len(said.lstrip()), end - len(said) + len(said.rstrip())
        matches = [await self._match(hit) for hit in judged.hits]
        figure = next((match.figure for match in matches), None)
        return Checked(
            kind=judged.kind,
            start=draft.place(start),
            end=draft.place(end - 1) + 1,
            text=draft.text[start:end],
            sentence=judged.sentence and " ".join(draft.text[slice(*judged.sentence)].split()),
            verdict=judged.verdict,
            cut=judged.cut,
            differences=[
                one if one.source else one.model_copy(update={"source": figure})
                for one in judged.differences
            ],
            matches=matches,
        )

    async def _match(self, hit: Hit) -> RecordMatch:
        record = hit.text.record
        key = record["type"], record["id"], hit.text.words.text
        if key not in self._matches:
            self._matches[key] = await self._written(hit.text)
        figure = hit.figure and wording.measure(hit.figure)
        return self._matches[key].model_copy(update={"figure": figure})

    async def _written(self, text: Text) -> RecordMatch:
        record, view = text.record, self._view
        kind, href = KINDS[record["type"]], record["href"]
        proofs = proofs_of(record, await sources([record], view.release))
        own = (one for one in proofs if text.proof and one["exact"] == text.proof["exact"])
        proof = next(own, {})
        state, warning = await state_of(kind, record["id"], self._current, view.base, self._since)
        citation = None
        if not text.withdrawn:
            # What is cited for these words is the passage in which they stand.
            evidence = [*filter(None, [text.proof]), *record["evidence"]]
            body = orjson.dumps({**record, "evidence": evidence})
            one = One(href, OneParams(), body, view.release.info.number, kind)
            citation = sentence(await citation_of(one, view))
        return RecordMatch(
            record=Reference(type=kind, id=record["id"], title=title_of(record), href=href),
            text=text.words.text,
            figure=None,
            source=proof.get("document"),
            voice=proof.get("voice"),
            attribution=proof.get("attribution"),
            speaker=record.get("speaker"),
            url=proof.get("url"),
            citation=citation,
            state=state,
            warning=warning,
        )
