"""What became of a record since it was cited or embedded."""

from app import links
from app.representations import wording
from app.store.release import OpenRelease
from app.vocabulary import RecordState, RecordType

_CORRECTED = (
    "SELECT max(release) FROM change WHERE type = ? AND id = ? AND action = 'changed' "
    "AND NOT derived AND release > ?"
)


async def state_of(
    kind: RecordType, id_: str, current: OpenRelease, base: str, since: int = 0
) -> tuple[RecordState, str | None]:
    """What the current release knows of a record since one of this number, and a sentence of it.

    The sentence leaves this server, at the address `base`, so it names whole addresses.
    """
    if stone := await current.tombstone(kind, id_):
        instead = f" Read {base}{stone.replaced_by} in its place." if stone.replaced_by else ""
        when = wording.day(stone.withdrawn_at[:10])
        why = f"The {kind} was withdrawn on {when}: {wording.ended(stone.reason)}{instead}"
        return RecordState.WITHDRAWN, why
    now = await current.renamed_to(kind, id_) or id_
    [(number,)] = await current.look_up(_CORRECTED, kind.value, now, since)
    if number is None:
        return RecordState.CURRENT, None
    history = base + links.history_path(kind, now)
    how = f"The {kind} was corrected in release {number}; {history} says how."
    return RecordState.CORRECTED, how
