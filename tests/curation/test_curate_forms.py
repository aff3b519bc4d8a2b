"""The form of a record: what it does not show stays, and what is typed is read or refused."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curate.desk import Desk
from app.curate.forms import Entry, Form, Unreadable, Words, entry_of, form_of
from app.curation.amounts import in_words, measure_of
from app.curation.matching import SourceText, Stretch
from app.curation.seals import read_proven
from app.curation.typed import typed_passages
from app.settings import PROJECT
from app.vocabulary import RecordType
from tests.conftest import releases_of

BUNDLES = {
    "seed": PROJECT / "data" / "seed.json",
    "statement": PROJECT / "data" / "examples" / "us-japan-joint-statement.json",
    "g7": PROJECT / "tests" / "data" / "g7-hiroshima-2023.json",
}


def desk_of(file: Path, folder: Path) -> tuple[Desk, str]:
    """A desk with a bundle beside a text that is made of its passages."""
    source = read_proven(str(file))
    name = source.content["documents"][0]["id"]
    parts = [part for _, document, parts in typed_passages(source) for part in parts
             if document == name]  # fmt: skip
    text = "\n\n".join(dict.fromkeys(part["passage"] for part in parts))
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / f"{name}.json").write_bytes(file.read_bytes())
    return Desk(folder, releases_of(folder / "readout.db")), name


@pytest.mark.parametrize("case", BUNDLES)
def test_saving_a_record_unchanged_leaves_its_file_to_the_byte(case: str, tmp_path: Path) -> None:
    desk, name = desk_of(BUNDLES[case], tmp_path)
    records, text = desk.records(name), desk.text(name)
    before = records.file.read_bytes()
    count = 0
    for one in records.listed():
        if one["type"] == "news of":
            continue
        form = desk.edit(name, one["plural"], one["id"])
        assert records.with_form(form, text)[1].encode() == before, one
        count += bool(form["proofs"])
    assert count > 10


def changed(field: Entry) -> str:
    """Another value of a field, as it may be typed."""
    value = str(field["value"])
    if field["name"] == "measures":
        return "; ".join(filter(None, [value, "pledged: USD 5"]))
    if field["many"]:
        return (", " if field["to"] else "; ").join(filter(None, [value, "another"]))
    return f"{value}x"


@pytest.mark.parametrize("case", BUNDLES)
def test_a_field_that_is_changed_changes_alone(case: str, tmp_path: Path) -> None:
    desk, name = desk_of(BUNDLES[case], tmp_path)
    records = desk.records(name)
    words = records.words(desk.text(name))
    for one in records.listed():
        if one["type"] == "news of":
            continue
        _, before = records.entry(one["plural"], one["id"], one["at"])
        opened = desk.edit(name, one["plural"], one["id"])
        for at in range(len(opened["fields"])):
            form = deepcopy(opened)
            field = form["fields"][at]
            if field["value"].startswith("[") or field["name"] in {"attribution", "inferred"}:
                continue
            field["value"] = changed(field)
            entry = entry_of(form, before, words)
            others = {key: value for key, value in entry.items() if key != field["name"]}
            was = {key: value for key, value in before.items() if key != field["name"]}
            if field["was"] not in {"", "not_stated"}:
                assert others == was
                continue
            assert without_evidence(others) == without_evidence(was)
            for proof, old in zip(entry.get("evidence", []), was.get("evidence", []), strict=True):
                added = {*proof.get("fields", [])} - {*old.get("fields", [])}
                assert added <= {field["name"]}
                assert proof | {"fields": 0} == old | {"fields": 0}


def without_evidence(entry: Entry) -> Entry:
    return {key: value for key, value in entry.items() if key != "evidence"}


TEXT = "Japan gave help. Estonia gave more. It was in Tallinn."
FULL: Entry = {
    "id": "help",
    "title": "Help",
    "act": "deed",
    "kind": "aid",
    "by": ["japan"],
    "date": "2025",
    "former_ids": ["aid"],
    "measures": [
        {"role": "spent", "value": 2, "unit": "times", "of": "that of 2020", "by": "2025-02-07"},
        {"role": "goal", "value": 3.5, "unit": "%", "of": "GDP", "per": "year"},
    ],
    "evidence": [
        {"document": "news", "passage": "in the news", "fields": ["title"],
         "attribution": "reported", "according_to": {"document": "statement"}, "locator": "§7",
         "via": ["post"]},
        {"document": "statement", "attribution": "paraphrase", "fields": ["by", "measures"],
         "parts": [{"passage": "Japan"}, {"passage": "help"}], "suffix": "Estonia"},
        {"document": "statement", "passage": "in Tallinn", "fields": ["date"],
         "attribution": "reported"},
    ],
}  # fmt: skip
WORDS = Words("statement", SourceText(TEXT), {"attribution": "direct_quote"})


def form_with(entry: Entry = FULL, **values: Any) -> Form:
    """The form of an entry, with other values, or other places as `…_proof`."""
    places = {1: [Stretch(0, 5), Stretch(11, 15)], 2: [Stretch(43, 53)]}
    form = form_of("commitment", entry, places, WORDS) | {"id": "help"}
    for field in form["fields"]:
        field["value"] = values.get(field["name"], field["value"])
        field["proof"] = values.get(f"{field['name']}_proof", field["proof"])
    return form


def test_the_form_shows_what_proves_each_field() -> None:
    form = form_with()
    assert form["passage"] == "Japan … help"
    proofs = {field["name"]: field["proof"] for field in form["fields"]}
    assert (proofs["date"], proofs["title"]) == ([[43, 53]], None)
    elsewhere = {field["name"]: field["elsewhere"] for field in form["fields"]}
    assert (elsewhere["title"], elsewhere["by"], elsewhere["due"]) == ("news", "", "")


def test_a_passage_of_another_document_is_not_said_to_prove_what_is_new() -> None:
    entry = FULL | {"evidence": FULL["evidence"][:1]}
    form = form_of("commitment", entry, {}, WORDS) | {"id": "help"}
    [due] = [field for field in form["fields"] if field["name"] == "due"]
    due["value"] = "2030"
    assert entry_of(form, entry, WORDS) == entry | {"due": "2030"}


def test_other_words_prove_one_field_and_leave_the_passages_of_the_others() -> None:
    entry = entry_of(form_with(by_proof=[[17, 24]]), FULL, WORDS)
    news, main, date, new = entry["evidence"]
    assert (news, date) == (FULL["evidence"][0], FULL["evidence"][2])
    assert main == FULL["evidence"][1] | {"fields": ["measures"]}
    assert new == {
        "passage": "Estonia",
        "document": "statement",
        "fields": ["by"],
        "attribution": "paraphrase",
    }


def test_the_same_words_are_one_passage_however_many_fields_they_prove() -> None:
    form = form_with(by_proof=[[17, 24]], measures_proof=[[17, 24]])
    assert entry_of(form, FULL, WORDS)["evidence"] == [
        FULL["evidence"][0],
        FULL["evidence"][2],
        {"passage": "Estonia", "document": "statement", "fields": ["by", "measures"],
         "attribution": "paraphrase"},
    ]  # fmt: skip


def test_in_whose_voice_a_passage_speaks_is_chosen() -> None:
    entry = entry_of(form_with(attribution="reported"), FULL, WORDS)
    news, main, date = FULL["evidence"]
    assert entry["evidence"] == [news, main | {"attribution": "reported"}, date]


def test_a_field_is_proved_by_the_main_passage_again() -> None:
    form = form_with()
    next(field for field in form["fields"] if field["name"] == "date")["proof"] = None
    assert entry_of(form, FULL, WORDS)["evidence"] == [
        FULL["evidence"][0],
        FULL["evidence"][1] | {"fields": ["by", "measures", "date"]},
    ]


def test_what_is_no_longer_said_is_no_longer_proved() -> None:
    entry = entry_of(form_with(date=""), FULL, WORDS)
    assert "date" not in entry
    assert entry["evidence"] == FULL["evidence"][:2]
    assert entry_of(form_with(by=""), FULL, WORDS)["by"] == []


def test_a_sum_that_is_not_touched_is_kept_whatever_it_says() -> None:
    value = next(f["value"] for f in form_with()["fields"] if f["name"] == "measures")
    assert value.startswith("[spent: 2 times of that of 2020 by 2025-02-07]; ")
    entry = entry_of(form_with(measures=value.replace("3.5%", "4%")), FULL, WORDS)
    assert entry["measures"][0] == FULL["measures"][0]
    assert entry["measures"][1] == FULL["measures"][1] | {"value": 4}
    for typed in ("EUR 7-5 million", "EUR 5 to $7"):
        with pytest.raises(Unreadable, match="is no range; type the less first"):
            entry_of(form_with(measures=typed), FULL, WORDS)
    for typed in ("[spent: 3 times]", "some money", "pledged: USD 5 million apples", "EUR"):
        with pytest.raises(Unreadable, match=r"^measures: .*(type it as|edit the file)"):
            entry_of(form_with(measures=typed), FULL, WORDS)


def test_who_takes_part_keeps_office_and_role() -> None:
    host = {"actor": "japan", "role": "host", "office": "Prime Minister", "on_behalf_of": "g7"}
    entry = {"id": "pact", "parties": [host], "evidence": []}
    form = form_of("agreement", entry, {}, WORDS) | {"id": "pact"}
    [parties] = [field for field in form["fields"] if field["name"] == "parties"]
    assert parties["value"] == "japan:host"
    parties["value"] = "estonia, japan:host"
    assert entry_of(form, entry, WORDS)["parties"] == [{"actor": "estonia"}, host]
    parties["value"] = "japan:witness"
    assert entry_of(form, entry, WORDS)["parties"] == [host | {"role": "witness"}]


ODD: dict[str, Any] = {
    "null": None, "text": "x", "number": 7, "nulls": [None], "texts": ["x"], "empty": {},
    "object": {"a": {"b": 1}}, "objects": [{"actor": ["x"]}, {"value": None}],
}  # fmt: skip


@pytest.mark.parametrize("case", ODD)
def test_a_record_that_is_half_typed_can_be_opened_and_saved(case: str) -> None:
    for name in ("title", "by", "measures", "mentions", "evidence"):
        entry = {"id": "help", name: ODD[case]}
        form = form_of("commitment", entry, {}, WORDS) | {"id": "help"}
        assert entry_of(form, entry, WORDS) == entry


TYPED: dict[str, tuple[str, Entry]] = {
    "sign": ("$5 million", {"value": 5000000, "currency": "USD"}),
    "words": ("up to 5 million euros", {"value": 5000000, "bound": "up_to", "currency": "EUR"}),
    "range": ("EUR 5-7 million",
              {"value": 5000000, "upper": 7000000, "bound": "between", "currency": "EUR"}),
    "two scales": ("EUR 900,000-1 million",
                   {"value": 900000, "upper": 1000000, "bound": "between", "currency": "EUR"}),
    "share": ("30% of GDP (below 2020 levels) per year by 2030-05",
              {"value": 30, "unit": "%", "of": "GDP", "baseline": "below 2020 levels",
               "per": "year", "by": "2030-05"}),
    "things": ("about 55,000 troops by 2027-01-31",
               {"value": 55000, "bound": "about", "unit": "troops", "by": "2027-01-31"}),
}  # fmt: skip


@pytest.mark.parametrize("case", TYPED)
def test_a_sum_is_read_as_it_is_typed(case: str) -> None:
    words, measure = TYPED[case]
    assert measure_of(words, "promise") == {"role": "pledged"} | measure
    assert measure_of(f"goal: {words}", "promise") == {"role": "goal"} | measure


texts = st.text(st.sampled_from("ab %();:-5.,"), min_size=1, max_size=12)
measures = st.fixed_dictionaries(
    {"role": st.sampled_from(["pledged", "goal", "stated"]),
     "value": st.integers(0, 10**15) | st.floats(0, 10**6)},
    optional={"upper": st.integers(0, 10**15), "unit": texts | st.just("%"), "of": texts,
              "currency": st.sampled_from(["USD", "PLN"]), "per": texts, "baseline": texts,
              "bound": st.sampled_from(["exact", "about", "at_least", "up_to", "between"]),
              "by": st.sampled_from(["2030", "2030-05", "2030-05-31"])},
)  # fmt: skip


@given(measures)
def test_the_words_of_a_sum_say_the_same_or_are_in_brackets(measure: Entry) -> None:
    words = in_words(measure)
    if not words.startswith("["):
        assert measure_of(words, "") | {"bound": 0} == measure | {"bound": 0}
        assert ";" not in words


@given(st.lists(measures, max_size=4), st.integers(0, 3))
def test_of_several_sums_those_that_stay_are_the_same(several: list[Entry], gone: int) -> None:
    entry = FULL | {"measures": several}
    form = form_with(entry)
    [field] = [field for field in form["fields"] if field["name"] == "measures"]
    assert entry_of(form, entry, WORDS)["measures"] == several
    left = [words for n, words in enumerate(field["value"].split("; ")) if n != gone]
    field["value"] = "; ".join(left)
    if several and left and len(left) < len(several):
        kept = [one for n, one in enumerate(several) if n != gone]
        assert entry_of(form, entry, WORDS)["measures"] == kept


def test_a_title_may_be_in_brackets_and_what_no_line_says_is_not_typed_over() -> None:
    entry = {"id": "help", "title": "[Draft] Help", "by": [{"x": 1, "y": 2}]}
    form = form_of("commitment", entry, {}, WORDS) | {"id": "help"}
    fields = {field["name"]: field for field in form["fields"]}
    assert fields["title"]["value"] == "[Draft] Help"
    fields["title"]["value"] = "[Final] Help"
    assert entry_of(form, entry, WORDS) == entry | {"title": "[Final] Help"}
    fields["by"]["value"] += ", japan"
    with pytest.raises(Unreadable, match="by: says more than a line can"):
        entry_of(form, entry, WORDS)
    fields["by"]["value"] = "japan"
    assert entry_of(form, entry, WORDS)["by"] == ["japan"]


def test_every_type_of_record_but_news_has_a_form() -> None:
    for kind in RecordType:
        assert form_of(kind.value, {"id": "x"}, {}, WORDS)["fields"]
    assert json.dumps(form_with())
