"""The check as a whole: all files together, every problem at once, and the command's manners."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from app.curation.bundle import PROVED
from app.curation.check import check
from app.settings import PROJECT
from tests.builders import (
    Typed,
    a_bundle,
    a_commitment,
    a_document,
    a_measure,
    a_mention,
    a_proof,
    a_quote,
    a_summit,
    an_actor,
    an_agreement,
    write,
)
from tests.conftest import SEED
from tests.curation.conftest import Problems

GUIDE = (PROJECT / "docs" / "curating.md").read_text(encoding="utf-8")

Run = Callable[..., CompletedProcess[str]]


def test_an_id_is_declared_once_in_a_file(problems: Problems, tmp_path: Path) -> None:
    assert problems(a_bundle(quotes=[a_quote(), a_quote(id="others"), a_quote()])) == [
        (
            "quotes[2].id",
            f'"words" is declared already, at {tmp_path}/0.json: quotes[0]; '
            "give one of them another id, or merge them",
        )
    ]


def test_an_id_is_declared_once_in_all_files(problems: Problems, tmp_path: Path) -> None:
    assert problems(a_bundle(quotes=[a_quote()]), {"quotes": [a_quote()]}) == [
        (
            "quotes[0].id",
            f'"words" is declared already, at {tmp_path}/0.json: quotes[0]; '
            "give one of them another id, or merge them",
        )
    ]


def test_files_may_refer_to_each_other_in_any_order(problems: Problems) -> None:
    assert (
        problems({"quotes": [a_quote()]}, {"documents": [a_document()]}, a_bundle(documents=[]))
        == []
    )


def test_the_same_file_named_twice_is_read_once(tmp_path: Path) -> None:
    file = write(tmp_path / "bundle.json", a_bundle())
    assert check([file, file]) == []


def test_a_file_that_is_another_when_read_again_is_refused() -> None:
    # A pipe: the first reading empties it.
    ours, theirs = os.pipe()
    with open(theirs, "w", encoding="utf-8") as pipe:  # noqa: PTH123 - it has no path
        json.dump(a_bundle(quotes=[{}]), pipe)
    file = f"/dev/fd/{ours}"
    findings = [tuple(finding) for finding in check([file])]
    os.close(ours)
    assert findings == [(file, "", "changed while it was being checked; check again")]


def test_all_problems_are_reported_in_the_order_of_the_files(problems: Problems) -> None:
    first = a_bundle(
        summits=[a_summit(participants=[], starts_on="2025-13", country="jp")],
        commitments=[a_commitment(by=["japn"], measures=[a_measure(), a_measure(upper=2)])],
        quotes=[a_quote(), a_quote(id="more", mentions=[a_mention("chna")], evidence=[])],
    )
    second = {"quots": [], "actors": [an_actor("china", kind="country")]}
    expected = [
        "summits[0].starts_on",
        "summits[0].country",
        "summits[0].participants",
        "commitments[0].by[0]",
        "commitments[0].measures[0].unit",
        "commitments[0].measures[1].unit",
        "commitments[0].measures[1].upper",
        "quotes[1].mentions[0].actor",
        "quotes[1].evidence",
        "quots",
        "actors[0].kind",
    ]
    assert [address for address, _ in problems(first, second)] == expected
    assert problems(first, second) == problems(first, second)


BROKEN: dict[str, tuple[Typed, list[str]]] = {
    "a misspelt key": (
        a_bundle(commitments=[a_commitment(sumary="Words.", by=["japn"], amount=1)]),
        [
            "commitments[0].sumary",
            "commitments[0].by[0]",
            "commitments[0].measures[0].unit",
        ],
    ),
    "a misspelt key that another rule asks for": (
        a_bundle(commitments=[a_commitment(measures=[a_measure(curency="USD")], to=["japn"])]),
        ["commitments[0].measures[0].curency", "commitments[0].to[0]"],
    ),
    "a misspelt key of evidence": (
        a_bundle(
            quotes=[{"id": "w", "text": "Words.", "speaker": "japn", "evidenc": [a_proof("text")]}]
        ),
        ["quotes[0].evidenc", "quotes[0].speaker"],
    ),
    "a value of the wrong shape, which is proved": (
        a_bundle(commitments=[a_commitment(amount="1", currency="USD", agreement="none")]),
        ["commitments[0].measures[0].value", "commitments[0].agreement"],
    ),
    "a missing key, which is proved": (
        a_bundle(quotes=[{"id": "w", "speaker": "japan", "evidence": [a_proof("text")]}]),
        ["quotes[0].text", "quotes[0].speaker"],
    ),
    "evidence of the wrong shape": (
        a_bundle(quotes=[a_quote(mentions=[a_mention("japn")], evidence=[{"document": "reprt"}])]),
        [
            "quotes[0].evidence[0].attribution",
            "quotes[0].mentions[0].actor",
        ],
    ),
    "a kind that is none, of somebody with an office": (
        a_bundle(actors=[an_actor(kind="persn", offices=[{"title": "Envoy", "of": "japn"}])]),
        ["actors[0].kind", "actors[0].offices[0].of"],
    ),
    "a publisher that is none": (
        a_bundle(actors=[{"id": "press", "title": "Press", "kind": "pres"}], documents=[]),
        ["actors[0].kind"],
    ),
    "a summit of the wrong shape, and a relation to it": (
        a_bundle(agreements=[an_agreement(summit=7, relation="outcome", parties={})]),
        ["agreements[0].summit", "agreements[0].parties"],
    ),
    "a digest of the wrong shape, and a length": (
        a_bundle(documents=[a_document(sha256="?", characters=7, author="japn")]),
        ["documents[0].sha256", "documents[0].author"],
    ),
    "nothing but mistakes": (
        {"quotes": [{"": 1, "id": None, "evidence": 7}]},
        [
            "quotes[0].id",
            "quotes[0].evidence",
            "quotes[0].text",
            "quotes[0].speaker",
            "quotes[0].",
        ],
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_record_of_the_wrong_shape_is_examined_all_the_same(
    case: str, problems: Problems
) -> None:
    bundle, addresses = BROKEN[case]
    assert [address for address, _ in problems(bundle)] == addresses


def test_the_nearest_id_is_looked_for_twenty_times_a_file(problems: Problems) -> None:
    quote = a_quote(mentions=[a_mention(f"japa{at}") for at in range(30)])
    findings = problems(a_bundle(quotes=[quote]), {"quotes": [a_quote(id="more", speaker="japn")]})
    suggested = ["did you mean" in message for _, message in findings]
    assert suggested == [True] * 20 + [False] * 10 + [True]


def test_what_cannot_be_read_comes_before_what_is_wrong_in_it(tmp_path: Path) -> None:
    wrong = write(tmp_path / "wrong.json", a_bundle(quotes=[{}]))
    missing = str(tmp_path / "missing.json")
    assert [finding.file for finding in check([wrong, missing])][:2] == [missing, wrong]


def test_a_file_is_reported_on_up_to_a_thousand_problems(problems: Problems) -> None:
    findings = problems({"actors": [{}] * 1_000})
    assert len(findings) == 1_001
    assert findings[-1] == ("", "has more than 1,000 problems; the rest is not listed")


def test_ids_declared_again_and_again_are_reported_up_to_a_thousand(problems: Problems) -> None:
    findings = problems(a_bundle(quotes=[a_quote()] * 1_500))
    assert len(findings) == 1_001
    assert findings[-1] == ("", "has more than 1,000 problems; the rest is not listed")


def test_the_command_says_that_there_are_no_problems(run: Run) -> None:
    done = run("check", SEED)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{SEED}: no problems\n", "")


def test_the_example_of_the_guide_is_sound(problems: Problems) -> None:
    [example] = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    assert problems(json.loads(example)) == []


def test_the_guide_says_what_must_be_proved() -> None:
    rows = re.findall(
        r"^\| (summit|actor|agreement|commitment|quote) \| (.*) \|$", GUIDE, re.MULTILINE
    )
    named = {kind: tuple(re.findall(r"`(\w+)`", fields)) for kind, fields in rows}
    assert named == {kind.value: fields for kind, fields in PROVED.items() if fields}


def test_the_command_lists_problems_on_its_output_alone(run: Run, tmp_path: Path) -> None:
    first = write(tmp_path / "first.json", a_bundle(quotes=[a_quote(speaker="japn")]))
    second = write(tmp_path / "second.json", [])
    done = run("check", first, second)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f'{first}:1 quotes[words].speaker: "japn" is not an actor; did you mean "japan"?',
        f'{second}: is not a bundle; write an object, {{"summits": […], "actors": […], …}}',
    ]
    assert done.stderr == "2 problems\n"


def test_the_command_prints_nothing_that_a_terminal_obeys(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "\x1b[31mred\n.json"
    escapes = "\x1b]0;title\x07\x9b1m\u202e\u2028\ud800"
    content: Any = a_bundle(actors=[an_actor(kind=escapes)], **{escapes: 1})
    file.write_text(json.dumps(content), encoding="utf-8")
    done = run("check", file)
    assert done.returncode == 1
    assert done.stderr == "2 problems\n"
    assert len(done.stdout.splitlines()) == 2
    assert done.stdout.replace("\n", "").isprintable()


def test_the_command_has_a_line_for_whatever_it_is_given(run: Run, tmp_path: Path) -> None:
    contents = {
        "empty": b"",
        "binary": bytes(range(256)),
        "deep": b"[" * 100_000,
        "fifty": b'{"actors": ' * 50 + b"1" + b"}" * 50,
        "infinite": b'{"commitments": [{"measures": [{"value": 1e999}]}]}',
        "twice": b'{"actors": [], "actors": []}',
        "half": b'{"\\ud800": "\\ud800"}',
        "nul": b'{"actors": [{"id": "\\u0000"}]}',
        "text": b'"text"',
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    with (tmp_path / "large").open("wb") as large:
        large.truncate(200_000_000)
    names = [*contents, "large", "missing", "."]
    done = run("check", *(tmp_path / name for name in names))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert done.stderr == f"{len(lines)} problems\n"
    for name in names:
        assert any(line.startswith(f"{tmp_path / name}:") for line in lines), name


def test_the_command_wants_a_file(run: Run) -> None:
    done = run("check")
    assert done.returncode == 2
    assert "Missing argument 'FILES…'" in done.stderr
    assert done.stdout == ""
