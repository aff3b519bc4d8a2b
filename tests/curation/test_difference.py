"""What is different between two forms of a record, and what of it follows from other records."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curation.history import differences, with_derived
from tests.builders import (
    Typed,
    a_bundle,
    a_commitment,
    a_document,
    a_mention,
    a_quote,
    a_summit,
    an_actor,
    an_agreement,
    write,
)
from tests.conftest import load
from tests.curation.conftest import select
from tests.test_history import replaced

BEFORE = a_bundle(
    summits=[a_summit()],
    actors=[an_actor(), an_actor("estonia"), an_actor("press", kind="publisher")],
    agreements=[an_agreement(), an_agreement(id="pact", title="A pact")],
    commitments=[a_commitment(by=["japan"], agreement="framework")],
    quotes=[a_quote(agreements=["framework"], mentions=[a_mention("estonia")])],
    documents=[a_document(url="https://example.org/report", publisher="press")],
)


def titled(plural: str, id_: str, **given: object) -> Callable[[Typed], object]:
    """Give an entry of a bundle other values."""
    return lambda bundle: next(e for e in bundle[plural] if e["id"] == id_).update(given)


def proved(plural: str, at: int, **given: object) -> Callable[[Typed], object]:
    """Give the passage of an entry other values."""
    return lambda bundle: bundle[plural][at]["evidence"][0].update(given)


def added(plural: str, entry: Typed) -> Callable[[Typed], object]:
    """Add an entry to a bundle."""
    return lambda bundle: bundle[plural].append(entry)


# What is changed; of each record that is then different, whether each of its fields is derived.
CASES: dict[str, tuple[Callable[[Typed], object], dict[str, dict[str, bool]]]] = {
    "a title, shown wherever the record is named": (
        titled("actors", "estonia", title="Eesti"),
        {"estonia": {"/title": False}, "words": {"/mentions/0/actor/title": True}},
    ),
    "another id where one stood, with its title": (
        titled("commitments", "pledge", by=["estonia"]),
        {"pledge": {"/by/0/id": False, "/by/0/title": False, "/by/0/href": False},
         "japan": {"/counts/commitments": True}, "estonia": {"/counts/commitments": True}},
    ),
    "one more id": (
        titled("quotes", "words", mentions=[a_mention("estonia"), a_mention()]),
        {"words": {"/mentions": False}},
    ),
    "another agreement, which counts its commitments": (
        titled("commitments", "pledge", agreement="pact"),
        {"pledge": {"/agreement/id": False, "/agreement/title": False, "/agreement/href": False},
         "framework": {"/counts/commitments": True}, "pact": {"/counts/commitments": True}},
    ),
    "one record more, which its summit counts": (
        added("quotes", a_quote(id="more", summit="meeting")),
        {"meeting": {"/counts/quotes": True}, "japan": {"/counts/quotes": True},
         "report": {"/counts/quotes": True}},
    ),
    "the address of a document, shown with each passage": (
        titled("documents", "report", url="https://example.org/other"),
        {"report": {"/url": False}} | {
            id_: {"/evidence/0/url": True} for id_ in
            ("meeting", "japan", "estonia", "press", "framework", "pact", "pledge", "words")
        },
    ),
    "the place of a passage": (
        proved("actors", 1, start=7),
        {"estonia": {"/evidence/0/start": False, "/evidence/0/end": False}},
    ),
    "the words of a passage, with their digest and address": (
        proved("actors", 1, passage="other words"),
        {"estonia": {"/evidence/0/exact": False, "/evidence/0/sha256": False,
                     "/evidence/0/url": False}},
    ),
    "the name of a publisher": (
        titled("actors", "press", title="The press"),
        {"press": {"/title": False},
         "report": {"/publisher/title": True}},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def bodies_before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Typed]:
    """The records of the bundle above."""
    return bodies(BEFORE, tmp_path_factory.mktemp("before"))


def bodies(bundle: Typed, folder: Path) -> dict[str, Typed]:
    """The public JSON of each record of a bundle."""
    load([write(folder / "bundle.json", bundle)], folder / "readout.db")
    return {id_: json.loads(body) for id_, body in select(
        folder / "readout.db", "SELECT id, body FROM record")}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_follows_from_other_records_is_derived(
    case: str, bodies_before: dict[str, Typed], tmp_path: Path
) -> None:
    change, expected = CASES[case]
    bundle = copy.deepcopy(BEFORE)
    change(bundle)
    after = bodies(bundle, tmp_path)
    fields = {
        id_: with_derived(differences(body, after[id_]), body["type"])
        for id_, body in bodies_before.items()
    }
    assert {
        id_: {field["pointer"]: field["derived"] for field in of_record}
        for id_, of_record in fields.items()
        if of_record
    } == expected


def test_a_record_in_another_shape_is_changed_if_its_entry_is(
    bodies_before: dict[str, Typed],
) -> None:
    pledge = bodies_before["pledge"]
    shape = pledge | {"a_key_of_a_newer_program": None}
    for before, after, derived in [
        (None, pledge, False),
        (pledge, None, False),
        (pledge, shape, True),
        (pledge, shape | {"title": "A big pledge"}, False),
    ]:
        [field] = with_derived(differences(before, after), "commitment")
        assert (field["pointer"], field["derived"]) == ("", derived)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a~1/b", "0"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "~", "/", "0"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(json_values, json_values)
def test_one_value_is_made_from_another_by_their_differences(before: object, after: object) -> None:
    made = copy.deepcopy(before)
    for field in differences(before, after):
        made = replaced(made, field["pointer"].split("/")[1:], field)
    assert json.dumps(made, sort_keys=True) == json.dumps(after, sort_keys=True)
    assert (differences(before, after) == []) == (
        json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True)
    )
