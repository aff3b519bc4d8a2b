"""How much of a text the record refers to."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from app.curation.coverage import coverage
from app.curation.matching import SourceText
from tests.builders import Typed, a_bundle, a_proof, a_quote, an_actor, write

Run = Callable[..., CompletedProcess[str]]
TEXT = "One two three.\n\nFour five six.\n\nSeven one.\n\n😀 eight nine."


def citing(*proofs: Typed) -> Typed:
    """A bundle whose actor is proved by these passages."""
    return a_bundle(actors=[an_actor(evidence=[*proofs])])


CASES: dict[str, tuple[list[Typed], list[int], int, int]] = {
    "nothing": ([], [1, 2, 3, 4], 0, 0),
    "one": ([a_proof(passage="two")], [2, 3, 4], 3, 0),
    "overlapping": (
        [a_proof(passage="two three"), a_proof(passage="One two")], [2, 3, 4], 13, 0
    ),
    "over two paragraphs": ([a_proof(passage="three. Four")], [3, 4], 12, 0),
    "with other blanks": ([a_proof(passage="😀   eight")], [1, 2, 3], 7, 0),
    "which is said": ([a_proof(passage="e", near=2)], [1, 3, 4], 1, 0),
    "which is not said": ([a_proof(passage="e")], [1, 2, 3, 4], 0, 1),
    "not there": ([a_proof(passage="ten")], [1, 2, 3, 4], 0, 1),
    "in parts": (
        [{"document": "report", "fields": ["title"], "attribution": "reported",
          "parts": [{"passage": "One"}, {"passage": "three"}]}], [2, 3, 4], 8, 0,
    ),
    "of another document": ([a_proof(passage="two", document="other")], [1, 2, 3, 4], 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_referred_to_is_counted_once(case: str, tmp_path: Path) -> None:
    proofs, uncited, published, missing = CASES[case]
    file = write(tmp_path / "b.json", citing(*proofs))
    seen = coverage([file], "report", SourceText(TEXT))
    assert (seen.paragraphs, seen.uncited) == (4, uncited)
    assert (seen.published, seen.missing) == (published, missing)
    assert seen.characters == sum(len(part) for part in TEXT.split("\n\n"))


def test_the_command_lists_what_is_left_and_holds_a_bound(run: Run, tmp_path: Path) -> None:
    quote = a_quote(
        text="Four five six", evidence=[a_proof("text", "speaker", passage="Four five")]
    )
    write(tmp_path / "b.json", citing(a_proof(passage="One two three.")) | {"quotes": [quote]})
    (tmp_path / "report.txt").write_text(TEXT, encoding="utf-8")
    text = f"report={tmp_path}/report.txt"
    done = run("coverage", tmp_path, "--text", text)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "report: passages in 2 of 4 paragraphs, which publish 45.1 % of the text (23 characters)",
        "     3  Seven one.",
        "     4  😀 eight nine.",
    ]
    assert run("coverage", tmp_path, "--text", text, "--at-most", "46").returncode == 0
    over = run("coverage", tmp_path, "--text", text, "--at-most", "40")
    assert (over.returncode, over.stderr) == (1, "report: more than 40 % is published\n")
