"""Laws of the check and the load, tried on the seed with something in it replaced."""

import copy
import json
import math
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from app.curation.bundle import ENTRIES
from app.curation.check import check
from app.curation.load import Rejected
from app.curation.reading import address_of
from app.resources import SHAPES
from app.vocabulary import RecordType
from tests.builders import Typed, a_bundle, a_commitment, write
from tests.conftest import SEED, load
from tests.curation.conftest import published, select

Path_ = tuple[int | str, ...]
Change = tuple[Path_, Any]
GONE = object()
"""Instead of a value: its key is left out."""


def places(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The path of every value in a JSON value, the whole first."""
    yield path
    inner: Iterable[tuple[int | str, Any]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, item in inner:
        yield from places(item, (*path, key))


SEED_BUNDLE: Typed = json.loads(SEED.read_text(encoding="utf-8"))
SEED_PLACES = list(places(SEED_BUNDLE))[1:]
KEYS = sorted({path[-1] for path in SEED_PLACES if isinstance(path[-1], str)})
IDS = sorted({entry["id"] for entries in SEED_BUNDLE.values() for entry in entries})

ODD = ["", " ", "\0", "\n", "\ud800", "\x1b[31m", "2025", "2025-02-30", "USD", "JP", "x" * 301]

words = st.text(max_size=20) | st.sampled_from([*IDS, *KEYS, *ODD])
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 2**53, 2**53 - 1, 10**19, 10**400, -0.0, math.inf, math.nan, 0.1])
    | st.floats()
    | words
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=8,
)
entries = st.dictionaries(st.sampled_from(KEYS) | words, values, max_size=6)
bundles = st.dictionaries(
    st.sampled_from([*(kind.plural for kind in RecordType), "$schema"]) | words,
    values | st.lists(entries, max_size=3),
    max_size=4,
)
changes = st.tuples(
    st.sampled_from(SEED_PLACES), values | st.sampled_from([GONE, "United States", "japan", "2025"])
)
# Changes that are often sound, so that both sides of a law are seen.
LOOSE = {"summary", "topics", "title", "text", "aliases", "value", "start"}
gentle = st.tuples(
    st.sampled_from([path for path in SEED_PLACES if path[-1] in LOOSE]),
    st.sampled_from([GONE, "Other words.", 7, [], ["trade"]]),
)


def changed(change: Change) -> Typed:
    """The seed with one value replaced."""
    bundle = copy.deepcopy(SEED_BUNDLE)
    (*way, last), value = change
    inner: Any = bundle
    for step in way:
        inner = inner[step]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return bundle


def assert_addressed(bundle: Any, file: str) -> None:
    """Each problem has an address that is in the file, or that of a key missing there."""
    addresses = {address_of(path) for path in places(bundle)}
    for finding in check([file]):
        assert finding.file == file
        assert finding.message
        parent = finding.address.rpartition(".")[0]
        assert finding.address in addresses or parent in addresses, finding


@given(values | bundles)
@example({"quotes": [{"speaker": {"\ud800": 1}}]})
@example({"quotes": [{"an actor": 1, "speaker": {"a document": 1}}]})
def test_any_json_is_checked_without_a_fault(folder: Path, bundle: Any) -> None:
    file = write(folder / "any.json", bundle)
    assert_addressed(bundle, file)


@given(changes)
def test_a_seed_with_anything_in_it_is_checked_without_a_fault(
    folder: Path, change: Change
) -> None:
    bundle = changed(change)
    file = write(folder / "changed.json", bundle)
    assert_addressed(bundle, file)
    assert check([file]) == check([file])


FIRST = {
    (kind, key): at
    for kind, of_kind in SEED_BUNDLE.items()
    for at, entry in reversed([*enumerate(of_kind)])
    for key in entry
}
REQUIRED = {
    kind.plural: [key for key, field in entry.model_fields.items() if field.is_required()]
    for kind, entry in ENTRIES.items()
}


@pytest.mark.parametrize("value", [GONE, {"?": 1}])
def test_a_key_of_the_wrong_shape_brings_no_complaint_about_the_others(
    folder: Path, value: Any
) -> None:
    for (kind, key), at in FIRST.items():
        if value is GONE and key not in REQUIRED[kind]:
            continue
        bundle = changed(((kind, at, key), value))
        addresses = [finding.address for finding in check([write(folder / "changed.json", bundle)])]
        place = f"{kind}[{at}]."
        here = {
            re.split(r"[.\[]", a.removeprefix(place))[0] for a in addresses if a.startswith(place)
        }
        assert here == {key}


@settings(max_examples=40)
@given(changes | gentle)
@example((("summits", 0, "summary"), "Other words."))
@example((("commitments", 0, "measures", 0, "currency"), "usd"))
@example((("quotes", 0), GONE))
def test_what_is_checked_is_loaded_and_what_is_not_is_refused(
    folder: Path, seeded: Path, change: Change
) -> None:
    file = write(folder / "changed.json", changed(change))
    shutil.rmtree(folder / "data", ignore_errors=True)
    shutil.copytree(seeded.parent, folder / "data", symlinks=True)
    database = folder / "data" / seeded.name
    before = published(database)
    findings = check([file])
    event("refused" if findings else "loaded")
    if findings:
        with pytest.raises(Rejected) as refused:
            load([file], database)
        assert refused.value.findings == findings
        assert published(database) == before
    else:
        # What the change took out was published: only that needs a reason.
        release, _ = load([file], database, prune="Not in it any more.")
        assert published(database) == release
        assert_shapes(database)


def assert_shapes(database: Path) -> None:
    """Each body that was loaded has the shape that is promised."""
    rows = select(database, "SELECT type, id, body FROM record")
    assert rows
    shapes = {kind.value: shape for kind, shape in SHAPES.items()}
    for type_, id_, body in rows:
        record = shapes[type_].model_validate_json(body)
        assert record.id == id_
        assert record.model_dump(mode="json") == json.loads(body)


@settings(max_examples=25)
@given(st.floats(0, 2**53 - 1) | st.integers(0, 2**53 - 1))
@example(-0.0)
@example(1e-320)
@example(1e15)
@example(2**53 - 1)
def test_a_sum_is_kept_to_the_digit(folder: Path, amount: float) -> None:
    bundle = a_bundle(commitments=[a_commitment(amount=amount, currency="USD")])
    database = folder / "sums.db"
    load([write(folder / "sum.json", bundle)], database)
    [(body, column)] = select(
        database, "SELECT body, amount FROM record JOIN commitment USING (ordinal)"
    )
    public_amount = json.loads(body)["amount"]
    assert public_amount == column == amount
    assert isinstance(public_amount, int) == float(amount).is_integer()
