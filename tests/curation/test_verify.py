"""The proof of each passage against the text of its document."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from app.curation.verify import FIRST, TextError, Texts, verify_files
from tests.builders import (
    Typed,
    a_bundle,
    a_document,
    a_proof,
    a_quote,
    an_actor,
    write,
)
from tests.conftest import load
from tests.curation.conftest import select

TEXT = "Japan and the U.S. agreed. “We agreed,” Japan said — twice. The U.S. said nothing."


class Verified(NamedTuple):
    """What came of a proof, and what the file holds after it."""

    problems: list[tuple[str, str]]
    notes: list[str]
    bundle: Typed


Verify = Callable[..., Verified]


@pytest.fixture
def verify(tmp_path: Path) -> Verify:
    """Prove a bundle against the text of `report`, and read the file again."""

    def verified(bundle: Typed, text: str = TEXT, *, fix: bool = False) -> Verified:
        file = tmp_path / "bundle.json"
        report = verify_files([write(file, bundle)], Texts(report=text), fix=fix)
        problems = [(finding.address, finding.message) for finding in report.findings]
        return Verified(problems, report.notes, json.loads(file.read_bytes()))

    return verified


def measured(text: str = TEXT, **given: Any) -> Typed:
    """The document of a text, with its digest and length."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    facts: Typed = {"sha256": digest, "characters": len(text)} | given
    return a_document(**facts)


def proven_by(passage: str, **given: Any) -> Typed:
    """A data set whose only passage is this."""
    actor = an_actor(evidence=[a_proof(passage=passage, **given)])
    return a_bundle(actors=[actor], documents=[measured()])


def test_a_passage_that_stands_in_the_text_is_proved(verify: Verify) -> None:
    proved = verify(proven_by("Japan said — twice"))
    assert (proved.problems, proved.notes[0]) == ([], "1 passage stands in its text")
    assert proved.bundle == proven_by("Japan said — twice")


@pytest.mark.parametrize("start", [0, 40])
def test_a_passage_that_stands_at_its_start_is_proved(start: int, verify: Verify) -> None:
    assert verify(proven_by("Japan", start=start)).problems == []


WHICH = 'say which with "near" (a paragraph, or words before it), or quote more words'
US = (
    "at 14 in paragraph 1 (…Japan and the U.S. agreed. “We agreed,” Japan said —…); "
    "at 64 in paragraph 1 (…“We agreed,” Japan said — twice. The U.S. said nothing.…)"
)
PASSAGES: dict[str, tuple[Typed, str]] = {
    "in other words": (
        proven_by("The U.S. has said nothing."),
        '"The U.S. has said nothing." is not in the text; '
        "the closest is The U.S. [-has-] said nothing. at 60",
    ),
    "in other letters": (
        proven_by("the u.s. said"),
        '"the u.s. said" is not in the text; the closest is "The U.S. said nothing." at 60',
    ),
    "longer than the text": (
        proven_by(f"{TEXT} Indeed."),
        f'"{TEXT} Indeed." is not in the text; the closest is {TEXT} [-Indeed.-] at 0',
    ),
    "like nothing in the text": (
        proven_by("ZZZZZZZZ"),
        '"ZZZZZZZZ" is not in the text; nothing there is like it',
    ),
    "elsewhere": (
        proven_by("We agreed", start=0),
        '"We agreed" stands at 28, not at 0; readout verify --fix mends it',
    ),
    "in several places": (proven_by("U.S."), f'"U.S." stands 2 times: {US}; {WHICH}'),
    "in several places, none of them the start": (
        proven_by("U.S.", start=15),
        f'"U.S." stands 2 times, and not at 15: {US}; {WHICH}',
    ),
    "in several places, none of them near": (
        proven_by("U.S.", near=7),
        f'"U.S." stands 2 times, and none of them in paragraph 7: {US}; {WHICH}',
    ),
    "in several places, all of them near": (
        proven_by("U.S.", near=1),
        f'"U.S." stands 2 times, and 2 of them in paragraph 1: {US}; {WHICH}',
    ),
    "in several places, none of them after the words": (
        proven_by("U.S.", near="said nothing"),
        f'"U.S." stands 2 times, and none of them after "said nothing": {US}; {WHICH}',
    ),
}


@pytest.mark.parametrize("case", PASSAGES)
def test_a_passage_that_is_not_there_is_shown_beside_the_closest(case: str, verify: Verify) -> None:
    bundle, message = PASSAGES[case]
    assert verify(bundle).problems == [("actors[0].evidence[0].passage", message)]


def test_the_closest_is_looked_for_within_bounds_and_is_no_longer_than_a_passage(
    verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    long, words = "a" * 1_000_000, "b" + "a" * 1_999
    monkeypatch.setattr(Texts, "_comparisons", 600 * len(long))  # one search
    proof = a_proof("text", "speaker", passage="a" * 600, start=0)
    quotes = [a_quote(id=id_, text=words, evidence=[proof]) for id_ in ("one", "other")]
    actor = an_actor(evidence=[a_proof(passage="a", start=0)])
    bundle = a_bundle(actors=[actor], quotes=quotes, documents=[measured(long)])
    (_, first), (_, second) = verify(bundle, long).problems
    missing = f'"{words}" is not in the text; '
    assert first.startswith(f'{missing}the closest is "aaaa')
    assert len(first) < len(missing) + 600 + 100
    assert second == f"{missing}what is like it was not looked for, as too much is missing"


def test_what_was_not_looked_through_is_not_called_unlike(verify: Verify) -> None:
    long = "a" * 1_000_000 + "ZZZZZZZ."
    ((_, message),) = verify(proven_by("ZZZZZZZZ") | {"documents": [measured(long)]}, long).problems
    assert message.endswith("nothing in its first 1,000,000 characters is like it")


def test_a_passage_is_counted_within_bounds(verify: Verify) -> None:
    long = "a" * 100_000
    ((_, message),) = verify(proven_by("aa") | {"documents": [measured(long)]}, long).problems
    assert message.startswith('"aa" stands at least 1,000 times: at 0 in paragraph 1 (…')
    assert message.count(" in paragraph ") == 5


@pytest.mark.parametrize("case", ["in other words", "in several places", "in other letters"])
def test_a_passage_is_never_moved_by_guess(case: str, verify: Verify) -> None:
    bundle, message = PASSAGES[case]
    fixed = verify(bundle, fix=True)
    assert fixed.problems == [("actors[0].evidence[0].passage", message)]
    assert fixed.bundle == bundle


def test_a_wrong_start_is_mended_where_only_one_is_right(verify: Verify) -> None:
    fixed = verify(proven_by("We agreed", start=0), fix=True)
    assert fixed.problems == []
    assert fixed.bundle == proven_by("We agreed", start=28)


@pytest.mark.parametrize("start", [5_000, -1, "28", 2.5, True])
def test_a_start_that_is_none_is_mended_too(start: Any, verify: Verify) -> None:
    typed = proven_by("We agreed", start=start)
    assert [address for address, _ in verify(typed).problems] == ["actors[0].evidence[0].start"]
    assert verify(typed, fix=True).bundle == proven_by("We agreed", start=28)
    assert verify(typed, fix=True).problems == []


@pytest.mark.parametrize("half", [{"sha256": "0" * 64}, {"characters": 3}, {"sha256": "abc"}])
def test_half_of_what_is_known_of_a_text_is_completed(half: Typed, verify: Verify) -> None:
    typed = a_bundle(actors=[], documents=[a_document(**half)])
    assert verify(typed).problems
    fixed = verify(typed, fix=True)
    assert (fixed.problems, fixed.bundle["documents"]) == ([], [measured()])


def test_what_cannot_be_mended_without_a_text_is_reported(tmp_path: Path) -> None:
    documents = [measured(), a_document("other", characters=3)]
    file = write(tmp_path / "bundle.json", a_bundle(actors=[], documents=documents))
    report = verify_files([file], Texts(report=TEXT), fix=True)
    assert [finding.address for finding in report.findings] == ["documents[1].characters"]


def test_nothing_is_filled_in_while_a_passage_is_not_proved(tmp_path: Path) -> None:
    proofs = [a_proof(passage="“We"), a_proof(passage="They")]
    wrong, right = tmp_path / "wrong.json", tmp_path / "right.json"
    write(wrong, {"actors": [an_actor(evidence=proofs)]})
    write(right, {"documents": [a_document()]})
    before = wrong.read_bytes()
    report = verify_files([str(wrong), str(right)], Texts(report=TEXT), fix=True)
    assert [finding.address for finding in report.findings] == ["actors[0].evidence[1].passage"]
    assert wrong.read_bytes() == before
    assert json.loads(right.read_bytes()) == {"documents": [measured()]}
    assert report.notes == [
        f"{wrong}: nothing filled in while something in it is not proved",
        f"{right}: 2 places filled in",
        "1 passage stands in its text",
    ]


def test_overlapping_places_are_all_counted(verify: Verify) -> None:
    actor = an_actor(evidence=[a_proof(passage="anan")])
    bundle = a_bundle(actors=[actor], documents=[measured("ananan")])
    [(_, message)] = verify(bundle, "ananan").problems
    assert message.startswith('"anan" stands 2 times: at 0 in paragraph 1 (…ananan…); at 2 in')


DOCUMENTS: dict[str, tuple[Typed, list[str]]] = {
    "another digest": (measured(sha256="0" * 64), ["sha256"]),
    "another length": (measured(characters=7), ["characters"]),
    "another text": (measured("Another text."), ["sha256", "characters"]),
}


@pytest.mark.parametrize("case", DOCUMENTS)
def test_the_text_is_the_one_that_the_document_names(case: str, verify: Verify) -> None:
    document, keys = DOCUMENTS[case]
    true = {"sha256": json.dumps(measured()["sha256"]), "characters": str(len(TEXT))}
    bundle = a_bundle(actors=[], documents=[document])
    assert verify(bundle).problems == [
        (
            f"documents[0].{key}",
            f"is not that of the text, {true[key]}; readout verify --fix fills it in",
        )
        for key in keys
    ]
    assert verify(bundle, fix=True).bundle == a_bundle(actors=[], documents=[measured()])


def test_a_quote_is_verbatim_even_where_its_passage_is(verify: Verify) -> None:
    quote = a_quote(text="We agreed.", evidence=[a_proof("text", "speaker", passage="We agreed")])
    bundle = a_bundle(actors=[], quotes=[quote], documents=[measured()])
    bundle["actors"] = [an_actor(evidence=[a_proof(passage="Japan said — twice")])]
    assert verify(bundle).problems == [
        (
            "quotes[0].text",
            '"We agreed." is not in the text; the closest is "“We agreed,”" at 27',
        )
    ]


def test_what_a_curator_counts_is_filled_in_once(verify: Verify) -> None:
    typed = a_bundle(
        actors=[an_actor(evidence=[a_proof(passage="Japan said — twice"), a_proof(passage="“We")])]
    )
    first = verify(typed, fix=True)
    assert [proof["start"] for proof in first.bundle["actors"][0]["evidence"]] == [40, 27]
    assert first.bundle["documents"] == [measured()]
    assert first.notes[0].endswith("bundle.json: 4 places filled in")
    second = verify(first.bundle, fix=True)
    assert second == Verified([], ["2 passages stand in their texts"], first.bundle)


def test_a_file_with_nothing_to_fill_in_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(proven_by("Japan", start=0), indent=7), encoding="utf-8")
    before = file.stat()
    verify_files([str(file)], Texts(report=TEXT), fix=True)
    assert file.stat() == before


def test_a_file_is_written_as_it_was_typed(tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    typed = '{ "documents": [\n\t{"id": "report", "title" : "Élysée 😀",\n\t "kind": "speech"}]}'
    file.write_text(typed, encoding="utf-8")
    file.chmod(0o640)
    verify_files([str(file)], Texts(report=TEXT), fix=True)
    digest, length = measured()["sha256"], len(TEXT)
    filled_in = f'"speech", "sha256": "{digest}", "characters": {length}}}'
    assert file.read_text(encoding="utf-8") == typed.replace('"speech"}', filled_in)
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_to_a_file_stays_one(tmp_path: Path) -> None:
    file, link = tmp_path / "bundle.json", tmp_path / "link.json"
    write(file, {"documents": [a_document()]})
    link.symlink_to(file)
    verify_files([str(link)], Texts(report=TEXT), fix=True)
    assert link.is_symlink()
    assert json.loads(file.read_bytes()) == {"documents": [measured()]}


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bundle.json"
    write(file, {"documents": [a_document()]})
    before = file.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        verify_files([str(file)], Texts(report=TEXT), fix=True)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_passages_whose_text_was_not_given_are_counted(tmp_path: Path) -> None:
    actor = an_actor(evidence=[a_proof(), a_proof(document="other"), a_proof(document="other")])
    bundle = a_bundle(actors=[actor], documents=[measured(), a_document("other")])
    report = verify_files(
        [write(tmp_path / "bundle.json", bundle)], Texts(report="the words of the report")
    )
    assert report.notes[-1] == "2 of other left as they were: its text was not given"


def test_a_text_of_no_document_is_reported(tmp_path: Path) -> None:
    file = write(tmp_path / "bundle.json", a_bundle())
    findings = verify_files([file], Texts(reprt=TEXT)).findings
    assert [str(finding) for finding in findings] == [
        '--text: "reprt" is not a document of these files; did you mean "report"?'
    ]


def test_files_with_problems_are_not_compared(verify: Verify) -> None:
    wrong = proven_by("not there")
    wrong["actors"][0]["kind"] = "persn"
    result = verify(wrong, fix=True)
    assert [address for address, _ in result.problems] == ["actors[0].kind"]
    assert result.notes == [FIRST]


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ([], "nothing to prove against: give --text DOCUMENT=FILE"),
        (["report"], "report: write DOCUMENT=FILE, as in communique=communique.txt"),
        (["report="], "report=: write DOCUMENT=FILE, as in communique=communique.txt"),
        (["=report.txt"], "=report.txt: write DOCUMENT=FILE, as in communique=communique.txt"),
        (["report=missing.txt"], "missing.txt: can't be read: No such file or directory"),
        (["report=."], ".: can't be read: Is a directory"),
        (["report=latin.txt"], "latin.txt: is not UTF-8 text"),
        (["report=/dev/zero"], "/dev/zero: is larger than 64 MiB"),
        (["report=\x00"], "\x00: can't be read: embedded null byte"),
        (
            ["report=report.txt", "report=report.txt"],
            "report: two texts are given; which one is it?",
        ),
    ],
)
def test_a_text_that_cannot_be_used_is_said_in_a_line(
    named: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report.txt").write_text("text", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes(b"\xe9lys\xe9e")
    with pytest.raises(TextError) as error:
        Texts.read(named)
    assert str(error.value) == message


def test_a_text_is_taken_as_it_is_but_for_ends_of_lines_and_the_mark_of_the_byte_order(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a=b.txt"
    file.write_bytes("\ufeffa\r\nb\rc".encode())
    assert Texts.read([f"report={file}"])["report"].text == "a\nb\nc"


def test_a_text_may_come_through_a_pipe() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"text")
    os.close(writing)
    assert Texts.read([f"report=/dev/fd/{reading}"])["report"].text == "text"
    os.close(reading)


Run = Callable[..., CompletedProcess[str]]


def test_the_command_fills_in_and_then_proves(run: Run, tmp_path: Path) -> None:
    file = write(
        tmp_path / "bundle.json", proven_by("Japan said — twice") | {"documents": [a_document()]}
    )
    text = tmp_path / "report.txt"
    text.write_text(TEXT, encoding="utf-8")
    fixed = run("verify", file, "--text", f"report={text}", "--fix")
    assert (fixed.returncode, fixed.stderr) == (0, "")
    assert fixed.stdout.splitlines() == [
        f"{file}: 3 places filled in",
        "1 passage stands in its text",
    ]
    wrong = run("verify", file, "--text", f"reprt={text}")
    assert (wrong.returncode, wrong.stderr) == (1, "1 problem\n")
    problem, *notes = wrong.stdout.splitlines()
    assert "did you mean" in problem
    assert notes == [
        "0 passages stand in their texts",
        "1 of report left as they were: its text was not given",
    ]


def test_the_command_says_what_it_cannot_use(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "bundle.json", a_bundle())
    done = run("verify", file, "--text", "report=\x1b[31m")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "readout: \\x1b[31m: can't be read: No such file or directory\n"


# Unassigned, private and combining characters, and such as take two units in UTF-16.
texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("aab \n\r😀e\u0301\u200d“—"),
    min_size=1,
    max_size=80,
)


def cuts(text: str) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Some pieces of a text that can be passages."""
    spans = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 20))
    return st.lists(spans, min_size=1, max_size=5)


@settings(max_examples=40)
@given(texts.flatmap(lambda text: st.tuples(st.just(text), cuts(text))))
@example(("a😀a😀b", [(0, 2), (2, 3), (1, 1)]))
@example(("ée\u0301é", [(1, 2), (2, 1)]))
@example(("a\rb\r\nc", [(0, 1)]))
def test_any_piece_of_any_text_can_be_proved(
    folder: Path, cut: tuple[str, list[tuple[int, int]]]
) -> None:
    text, spans = cut
    proofs = []
    for start, length in spans:
        passage = text[start : start + length]
        assume(passage.strip() and "\r" not in passage)
        # A curator gives the start where a passage stands in several places.
        alone = sum(text.startswith(passage, at) for at in range(len(text))) == 1
        proofs.append(a_proof(passage=passage) | ({} if alone else {"start": start}))
    (folder / "report.txt").write_bytes(text.encode())
    named = Texts.read([f"report={folder / 'report.txt'}"])
    file = write(folder / "bundle.json", a_bundle(actors=[an_actor(evidence=proofs)]))
    assert verify_files([file], named, fix=True).findings == []
    again = verify_files([file], named)
    assert again.findings == []
    # Every end of a line counts as one character.
    assert_published(folder, file, text.replace("\r\n", "\n").replace("\r", "\n"))


def assert_published(folder: Path, file: str, text: str) -> None:
    """What is published of the passages is what stands in the text."""
    load([file], folder / "readout.db")
    [(body,)] = select(folder / "readout.db", "SELECT body FROM record WHERE type = 'actor'")
    [(document,)] = select(folder / "readout.db", "SELECT body FROM record WHERE type = 'document'")
    for proof in json.loads(body)["evidence"]:
        assert text[proof["start"] : proof["end"]] == proof["exact"]
        assert proof["sha256"] == hashlib.sha256(proof["exact"].encode()).hexdigest()
    assert json.loads(document)["characters"] == len(text)
    assert json.loads(document)["sha256"] == hashlib.sha256(text.encode()).hexdigest()
