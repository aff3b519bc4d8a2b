"""What a load keeps of the release before: laws that make it the same as making everything anew."""

import copy
import json
import random
import re
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from app.curation.check import check, examine, survey
from app.curation.compile import Compiled, compile_entry
from app.curation.kept import made_of
from app.curation.load import NotLoaded, Rejected, load
from app.curation.places import spaced
from app.curation.reading import read
from app.store.seal import seal, unseal
from app.store.tables import TABLES
from app.vocabulary import KINDS, RecordType
from tests.builders import (
    Typed,
    a_bundle,
    a_commitment,
    a_document,
    a_proof,
    a_quote,
    a_summit,
    an_actor,
    an_agreement,
    write,
)
from tests.curation.conftest import select

AT_MEETING = {"summit": "meeting", "relation": "outcome"}
RICH = a_bundle(
    summits=[a_summit(starts_on="2025-02-07"), a_summit(id="other-meeting", starts_on="2024")],
    actors=[
        an_actor(),
        an_actor("estonia"),
        an_actor("envoy", kind="person", office="Envoy", acts_for=["japan"]),
        an_actor("press", kind="publisher"),
    ],
    documents=[
        a_document(publisher="press", author="envoy", url="https://example.org/report"),
        a_document(
            "paper", title="The paper", publisher="estonia", characters=500, sha256="0" * 64
        ),
    ],
    agreements=[
        an_agreement(date="2025", **AT_MEETING),
        an_agreement(id="pact", title="A pact", parties=[{"actor": "envoy"}, {"actor": "estonia"}]),
        *(an_agreement(id=f"treaty-{at}", title=f"Treaty {at}") for at in range(8)),
    ],
    commitments=[
        a_commitment(by=["japan"], to=["envoy"], agreement="framework", **AT_MEETING),
        a_commitment(id="sum", title="A sum", amount=5, currency="EUR", due="2026"),
        a_commitment(id="start", evidence=[a_proof(document="paper", start=400)]),
        a_commitment(id="renamed", title="Renamed", former_ids=["starting"]),
        *(a_commitment(id=f"promise-{at}", title=f"Promise {at}") for at in range(8)),
    ],
    quotes=[
        a_quote(mentions=["estonia"], agreements=["framework", "pact"], summit="meeting"),
        a_quote(id="quoted", text="it is so", speaker={"document": "paper"}, date="2025-02"),
    ],
)
IDS = {
    kind: [entry["id"] for entry in RICH[kind.plural]] + ["new-one", "new-two"]
    for kind in RecordType
}
TITLES = ["A framework", "Zeal", "élan", "Élan", "The words", "Treaty 3"]
DATES = [None, "2024", "2025", "2025-02", "2025-02-07", "2030"]


def edited(bundle: Typed, chance: random.Random) -> Typed:
    """A bundle with something in it changed, added, withdrawn or renamed; mostly a sound one."""
    bundle = copy.deepcopy(bundle)
    kind = chance.choice(list(RecordType))
    entries = bundle[kind.plural]
    entry: Typed = chance.choice(entries) if entries else {"id": "nothing"}
    match chance.randrange(8):
        case 0 if entries:  # gone, and said so
            entries.remove(entry)
            bundle.setdefault("withdrawn", []).append(
                {"type": kind.value, "id": entry["id"], "reason": "It was wrong."}
            )
        case 1 if entries:  # one more like it
            added = copy.deepcopy(entry) | {"id": chance.choice(IDS[kind])}
            entries.insert(chance.randrange(len(entries) + 1), added)
        case 2 if entries:  # renamed, here and wherever it is named
            new = chance.choice(IDS[kind])
            renamed = json.dumps(bundle).replace(f'"{entry["id"]}"', f'"{new}"')
            bundle = json.loads(renamed)
            for found in bundle[kind.plural]:
                if found["id"] == new:
                    found["former_ids"] = [entry["id"]]
        case 3 | 4:
            entry["text" if kind is RecordType.QUOTE else "title"] = chance.choice(TITLES)
            if kind is RecordType.QUOTE:
                for proof in entry.get("evidence", ()):
                    proof["passage"] = entry["text"]
        case 5:
            refer(kind, entry, chance)
        case 6:
            value(kind, entry, chance)
        case _:
            chance.shuffle(entries)
    here = {(kind.value, entry["id"]) for kind in RecordType for entry in bundle[kind.plural]}
    stones = {(s["type"], s["id"]): s for s in bundle.get("withdrawn", ())}
    bundle["withdrawn"] = [stone for key, stone in stones.items() if key not in here]
    return bundle


def refer(kind: RecordType, entry: Typed, chance: random.Random) -> None:
    """Let an entry name other records."""
    actors = chance.sample(IDS[RecordType.ACTOR][:4], 2)
    summit = chance.choice([None, "meeting", "other-meeting"])
    match kind:
        case RecordType.SUMMIT:
            entry["participants"] = [{"actor": actor, "role": "country"} for actor in actors]
        case RecordType.ACTOR:
            entry["acts_for"] = actors[: chance.randrange(3)]
            proves(entry, "acts_for")
        case RecordType.AGREEMENT:
            entry["parties"] = [{"actor": actor} for actor in actors]
            belongs(entry, summit)
        case RecordType.COMMITMENT:
            entry["by"] = actors
            proves(entry, "by")
            entry["agreement"] = chance.choice([None, *IDS[RecordType.AGREEMENT]])
            belongs(entry, chance.choice([None, summit]))
        case RecordType.QUOTE:
            entry["mentions"], entry["agreements"] = actors, ["pact"]
            proves(entry, "mentions")
            entry["speaker"] = chance.choice([actors[0], {"document": "report"}])
        case RecordType.DOCUMENT:
            entry["publisher"], entry["author"] = actors


def belongs(entry: Typed, summit: str | None) -> None:
    """Let an entry belong to a summit, or to none."""
    for field in AT_MEETING:
        entry.pop(field, None)
    if summit:
        entry |= {"summit": summit, "relation": "context"}
    for proof in entry.get("evidence", ()):
        proof["fields"] = [field for field in proof["fields"] if field not in AT_MEETING]
        proof["fields"] = proof["fields"] or ["title"]


def proves(entry: Typed, field: str) -> None:
    """Let the first passage prove a field too."""
    for proof in entry.get("evidence", ())[:1]:
        others = [other for other in proof["fields"] if other != field]
        proof["fields"] = [*others, field] if entry[field] not in (None, []) else others


def value(kind: RecordType, entry: Typed, chance: random.Random) -> None:
    """Give an entry another value of its own."""
    date = chance.choice(DATES)
    match kind:
        case RecordType.COMMITMENT:
            entry |= {"amount": chance.randrange(9), "currency": "USD", "due": date}
            for field in ("amount", "currency", "due"):
                proves(entry, field)
        case RecordType.DOCUMENT:
            entry |= {"characters": chance.choice([100, 450, 900]), "sha256": "0" * 64}
            entry["url"] = chance.choice([None, "https://example.org/other"])
        case RecordType.SUMMIT:
            entry["starts_on"] = date
            proves(entry, "starts_on")
        case RecordType.AGREEMENT | RecordType.QUOTE:
            entry["date"] = date
            proves(entry, "date")
        case RecordType.ACTOR:
            entry["topics"] = ["trade"]


def content(database: Path) -> dict[str, Any]:
    """All that a client can be told of the records: no place counts but its order."""
    found: dict[str, Any] = {
        "record": select(database, "SELECT type, id, title, body FROM record ORDER BY ordinal")
    }
    for table in TABLES:
        name, columns = table.__tablename__, list(table.model_fields)
        if name in {"record", "record_origin", "tombstone", "former_id"}:
            continue
        for rank in (column for column in columns if column.endswith(("_up", "_down"))):
            found[f"{name}.{rank}"] = select(database, f"SELECT id FROM {name} ORDER BY {rank}")  # noqa: S608 - our own names
        plain = ", ".join(
            f"{name}.{column}"
            for column in columns
            if not column.endswith(("_up", "_down", "ordinal"))
        )
        joined = " JOIN record USING (ordinal)" if "ordinal" in columns else ""
        of = "record.type, record.id, " if joined else ""
        rows = select(database, f"SELECT {of}{plain} FROM {name}{joined}")  # noqa: S608 - our own names
        found[str(name)] = sorted(rows, key=repr)
    with closing(sqlite3.connect(f"file:{database}?immutable=1", uri=True)) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE temp.word USING fts5vocab('main', 'record_search', 'instance')"
        )
        found["words"] = sorted(
            connection.execute(
                "SELECT type, id, term, col, offset FROM word JOIN record ON ordinal = doc"
            )
        )
        found["docs"] = connection.execute("SELECT count(DISTINCT doc) FROM word").fetchall()
    return found


def history(database: Path) -> dict[str, list[str]]:
    """Releases, changes, tombstones and former ids, but for the time."""
    apart = {"published_at", "withdrawn_at", "past", "rules"}  # they hold a time
    tables = ("release", "change", "change_field", "change_summit", "tombstone", "former_id")
    found = {}
    for table in tables:
        columns = [row[1] for row in select(database, f"PRAGMA table_info({table})")]
        listed = ", ".join(f'"{column}"' for column in columns if column not in apart)
        rows = map(repr, select(database, f"SELECT {listed} FROM {table}"))  # noqa: S608 - our own names
        found[table] = sorted(re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "", row) for row in rows)
    return found


def forget(database: Path) -> None:
    """Let the next load know of nothing that it could keep."""
    if database.exists():
        unseal(database)
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE release SET rules = NULL")
        seal(database)


def outcome(files: list[str], database: Path) -> Any:
    """What a load gives: the release and whether it is new, or the problems."""
    try:
        release, new = load(files, database)
    except Rejected as error:
        return error.findings
    except NotLoaded as error:
        return str(error)
    return release.model_copy(update={"published_at": ""}), new


def origins(database: Path) -> set[tuple[Any, ...]]:
    """The digest of each record."""
    sql = "SELECT type, id, made_of FROM record JOIN record_origin USING (ordinal)"
    return set(select(database, sql)) if database.exists() else set()


@settings(max_examples=12)
@given(st.randoms(use_true_random=False))
def test_a_load_on_top_of_any_release_is_as_good_as_a_first_one(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("sequence")
    kept, anew = folder / "kept.db", folder / "anew.db"
    bundle = RICH
    for at in range(4):
        # Two files, one of which may be kept whole.
        lists = sorted(bundle)
        files = [
            write(folder / f"{part}.json", {key: bundle[key] for key in lists[part::2]})
            for part in range(2)
        ]
        before = origins(kept)
        forget(anew)
        found = outcome(files, kept)
        assert found == outcome(files, anew)
        if isinstance(found, tuple):
            assert check(files) == []
            event(f"kept {len(before & origins(kept)) * 4 // max(1, len(before))} quarters")
            assert history(kept) == history(anew)
            here = content(kept)
            assert here == content(anew)
            if at == 3:
                load([*files], folder / "first.db")
                assert here == content(folder / "first.db")
        else:
            event("refused")
        edits = bundle
        for _ in range(chance.randrange(1, 3)):
            edits = edited(edits, chance)
        if chance.random() < 0.9 and check([write(folder / "try.json", edits)]):
            continue  # mostly go on from what is sound
        bundle = edits


def in_any_order(compiled: Compiled) -> Compiled:
    """The same, with its rows sorted."""
    return compiled._replace(rows=sorted(compiled.rows, key=repr))


Made = dict[tuple[str, str], tuple[bytes, Compiled | None]]


def made(bundle: Typed, file: Path) -> Made:
    """Each record's digest, and what is written of it; None where it has problems."""
    write(file, bundle)
    catalogue, findings = survey([str(file)])
    if findings:  # of two records of one id, the digest is of the first
        return {}
    catalogue.place()
    sound = {
        (kind.value, entry.id): in_any_order(compile_entry(kind, entry, catalogue))
        for _, found in examine(read(str(file)), catalogue)
        if found
        for kind, entry in [found]
    }
    return {
        (known.type.value, known.id): (made_of(known, catalogue), sound.get((known.type, known.id)))
        for known in catalogue.all()
    }


@settings(max_examples=150)
@given(st.randoms(use_true_random=False))
def test_what_has_the_same_digest_is_checked_and_written_alike(
    folder: Path, chance: random.Random
) -> None:
    before = made(RICH, folder / "bundle.json")
    after = made(edited(RICH, chance), folder / "bundle.json")
    assume(after)
    event(f"{assert_alike(before, after) * 4 // len(before)} quarters are the same")


def assert_alike(before: Made, after: Made) -> int:
    """What is made of the same is the same; says how much that is."""
    same = [key for key in before.keys() & after.keys() if before[key][0] == after[key][0]]
    for key in same:
        assert before[key][1] == after[key][1]
    return len(same)


SHOWN = [
    # What is changed in which record; which records are made of something else then.
    ("actors/press", {"title": "The press"}, "actors/press documents/report"),
    ("actors/envoy", {"title": "Envoys"},
     "actors/envoy agreements/pact commitments/pledge documents/report"),
    ("actors/estonia", {"topics": ["trade"]}, "actors/estonia"),
    ("actors/envoy", {"acts_for": ["estonia"]}, "actors/envoy agreements/pact"),
    ("documents/paper", {"title": "Paper"}, "documents/paper commitments/start quotes/quoted"),
    ("documents/paper", {"url": "https://example.org/paper"},
     "documents/paper commitments/start quotes/quoted"),
    ("documents/paper", {"characters": 450}, "documents/paper commitments/start quotes/quoted"),
    ("agreements/pact", {"title": "A pact, amended"},
     "agreements/pact quotes/words documents/report"),
    ("summits/other-meeting", {"title": "Another meeting"},
     "summits/other-meeting summits/meeting documents/report"),
    ("commitments/pledge", {"title": "A big pledge"},
     "commitments/pledge agreements/framework documents/report"),
    ("commitments/pledge", {"topics": ["trade"]}, "commitments/pledge"),
    ("commitments/sum", {"topics": ["trade"]}, "commitments/sum"),
    ("quotes/quoted", {"summit": "other-meeting"},
     "quotes/quoted summits/other-meeting documents/paper"),
    ("agreements/framework", {"summit": "other-meeting"},
     "agreements/framework commitments/pledge quotes/words summits/meeting summits/other-meeting"),
    ("commitments/start", {"id": "starting"}, "commitments/renamed documents/paper"),
    ("", {"withdrawn": [{"type": "commitment", "id": "starting", "reason": "Wrong."}]},
     "commitments/renamed"),
    ("actors/estonia", {"title": "Estland"},
     "actors/estonia agreements/pact quotes/words documents/paper documents/report"),
    ("summits/meeting", {"title": "A meeting"},
     "summits/meeting agreements/framework commitments/pledge quotes/words documents/report"),
    ("quotes/quoted", {"speaker": {"document": "report"}}, "quotes/quoted"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "given", "expected"), SHOWN)
def test_only_what_shows_a_change_is_made_anew(
    path: str, given: Typed, expected: str, folder: Path
) -> None:
    bundle = copy.deepcopy(RICH)
    plural, _, id_ = path.partition("/")
    target = next((entry for entry in bundle.get(plural, ()) if entry["id"] == id_), bundle)
    target.update(given)
    before, after = made(RICH, folder / "bundle.json"), made(bundle, folder / "bundle.json")
    anew = {f"{KINDS[kind].plural}/{id_}" for kind, id_ in before.keys() & after.keys()
            if before[kind, id_][0] != after[kind, id_][0]}  # fmt: skip
    assert anew == set(expected.split())
    assert_alike(before, after)


def test_a_load_of_another_program_keeps_nothing(tmp_path: Path) -> None:
    database = tmp_path / "readout.db"
    load([write(tmp_path / "bundle.json", RICH)], database)
    before = origins(database)
    unseal(database)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE release SET program = '0.0.1', rules = 'others'")
        connection.execute("UPDATE record SET body = replace(body, 'Promise 3', 'Altered')")
    seal(database)
    load([write(tmp_path / "bundle.json", RICH)], database)
    assert origins(database) == before
    assert select(database, "SELECT id FROM record WHERE body LIKE '%Altered%'") == []


gaps = st.lists(st.integers(0, 40) | st.just(0), max_size=40, unique_by=lambda at: at or object())


@given(gaps)
def test_places_ascend_whatever_stood_where(before: list[int]) -> None:
    places = spaced(before)
    assert all(one < next_ for one, next_ in pairwise([0, *places, 2**31]))


@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 7))
def test_what_comes_in_moves_nobody_while_there_is_room(before: int, after: int, new: int) -> None:
    stood = spaced([0] * (before + after))
    places = spaced([*stood[:before], *[0] * new, *stood[before:]])
    assert places[:before] + places[before + new :] == stood


def test_what_goes_elsewhere_moves_nobody_else() -> None:
    stood = spaced([0] * 100)
    moved = [*stood[:20], stood[90], *stood[20:90], *stood[91:]]
    places = spaced(moved)
    assert [at for at, place in enumerate(places) if place != moved[at]] == [20]


def test_a_crowd_moves_its_neighbours_alone() -> None:
    stood = spaced([0] * 1000)
    places = spaced([*stood[:500], *[0] * 100, *stood[500:]])
    now = places[:500] + places[600:]
    assert sum(one == other for one, other in zip(stood, now, strict=True)) > 950


def test_there_is_always_room_for_one_more() -> None:
    places: list[int] = []
    for _ in range(300):
        places = spaced([0, *places[:1], 0, *places[1:], 0])
    assert len(set(places)) == len(places) == 900
