"""The proof beside a bundle: what is compared stays so until it is edited, and then says so."""

import copy
import hashlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from unittest import mock

import httpx2 as httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.curation.check import check
from app.curation.load import NotLoaded
from app.curation.load import load as load_files
from app.curation.verify import Report, Texts, verify_files
from tests.builders import (
    Typed,
    a_bundle,
    a_commitment,
    a_document,
    a_proof,
    an_actor,
    write,
)
from tests.conftest import client_of, load, releases_of
from tests.curation.conftest import select, state
from tests.forks import FORKS

TEXT = "Japan and the U.S. agreed. “We agreed,” Japan said — twice. The U.S. said nothing."
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()
NEW = "new or edited since readout verify"
Run = Callable[..., CompletedProcess[str]]


def japan(*passages: str | Typed, **given: Any) -> Typed:
    """Japan, proved by these passages."""
    typed = [one if isinstance(one, dict) else {"passage": one} for one in passages]
    return an_actor(evidence=[a_proof(**one) for one in typed], **given)


def in_parts(*parts: Typed) -> Typed:
    """A passage in parts."""
    return {"passage": None, "parts": list(parts)}


ACTORS = [japan("“We agreed,”", {"passage": "agreed", "start": 19}, "said nothing"),
          japan("Japan said", in_parts({"passage": "and the U.S."}, {"passage": "— twice"}),
                {"passage": "agreed", "start": 31}, id="estonia")]  # fmt: skip
BUNDLE = a_bundle(actors=ACTORS)
STARTS = {
    ("japan", "“We agreed,”"): 27,
    ("japan", "agreed"): 19,
    ("japan", "said nothing"): 69,
    ("estonia", "Japan said"): 40,
    ("estonia", "and the U.S. … — twice"): 6,
    ("estonia", "agreed"): 31,
}


def proof_of(file: Path | str) -> Path:
    """The proof beside a file."""
    return Path(str(file).removesuffix(".json") + ".proof.json")


def verified(folder: Path, bundle: Typed = BUNDLE, text: str = TEXT) -> Path:
    """A bundle in a file that was proved against the text of `report`."""
    file = folder / "bundle.json"
    report = verify_files([write(file, bundle)], Texts(report=text))
    assert report.findings == []
    return file


def starts(file: Path, database: Path) -> dict[tuple[str, str], int | None]:
    """The starts that are published of the passages, by record and passage, and place if many."""
    load([str(file)], database)
    rows = select(database, "SELECT id, body FROM record WHERE type = 'actor'")
    return {
        (id_, proof["exact"]): proof["start"]
        for id_, body in rows
        for proof in json.loads(body)["evidence"]
    }


def warnings_of(file: Path) -> list[str]:
    """The warnings of a file without problems that say what was not compared."""
    warnings: list[Any] = []
    assert check([str(file)], warnings) == []
    return [one.message for one in warnings if "compared" in one.message]


def problems_of(*files: Path) -> list[str]:
    """The problems of files, each on a line."""
    return [str(finding) for finding in check(map(str, files))]


def test_a_proof_holds_what_nobody_types(tmp_path: Path) -> None:
    file = write(tmp_path / "bundle.json", BUNDLE)
    report = verify_files([file], Texts(report=TEXT))
    proof = tmp_path / "bundle.proof.json"
    assert report == Report([], ["7 passages stand in their texts", f"{proof}: written"])
    assert json.loads(Path(file).read_bytes()) == BUNDLE
    content = json.loads(proof.read_bytes())
    assert content["documents"] == [{"id": "report", "sha256": DIGEST, "characters": len(TEXT)}]
    assert [one["start"] for one in content["passages"]] == [6, 19, 27, 31, 40, 51, 69]
    assert all(set(one) == {"seal", "start", "check"} for one in content["passages"])


def test_what_was_proved_is_published_as_compared(tmp_path: Path) -> None:
    assert starts(verified(tmp_path), tmp_path / "readout.db") == STARTS
    [(body,)] = select(tmp_path / "readout.db", "SELECT body FROM record WHERE id = 'report'")
    document = json.loads(body)
    assert (document["sha256"], document["characters"]) == (DIGEST, len(TEXT))


def test_equal_input_gives_equal_bytes_and_nothing_is_written_twice(tmp_path: Path) -> None:
    file = verified(tmp_path)
    before = proof_of(file).stat()
    report = verify_files([str(file)], Texts(report=TEXT))
    assert report.notes == ["7 passages stand in their texts"]
    assert proof_of(file).stat() == before
    other = tmp_path / "other"
    other.mkdir()
    moved = verified(other, a_bundle(actors=ACTORS[::-1]))
    assert proof_of(moved).read_bytes() == proof_of(file).read_bytes()


shuffled = st.permutations([0, 1, 2])


@settings(max_examples=15)
@given(st.booleans(), shuffled, shuffled)
def test_what_is_compared_does_not_depend_on_the_order(
    folder: Path, turned: bool, first: list[int], second: list[int]
) -> None:
    file = folder / "bundle.json"
    if not file.exists():
        verified(folder)  # once, in the order in which it was typed
    bundle = copy.deepcopy(BUNDLE)
    for actor, order in zip(bundle["actors"], (first, second), strict=True):
        actor["evidence"] = [actor["evidence"][at] for at in order]
    bundle["actors"] = bundle["actors"][::-1] if turned else bundle["actors"]
    assert starts(write_to(file, bundle), folder / "readout.db") == STARTS
    assert warnings_of(file) == []


def write_to(file: Path, bundle: Typed) -> Path:
    """Write a bundle into a file."""
    write(file, bundle)
    return file


EDITS: dict[str, tuple[Callable[[list[Typed]], object], str]] = {
    "its words": (lambda proofs: proofs[0].update(passage="We agreed"), "We agreed"),
    "its place, where it stands twice": (lambda proofs: proofs[1].update(start=31), "agreed"),
    "no place, where it stands twice": (lambda proofs: proofs[1].pop("start"), "agreed"),
    "a new one, with a place that was typed": (
        lambda proofs: proofs.append(a_proof(passage="Japan", start=40)), "Japan"),
    "one of its parts": (
        lambda proofs: proofs.append(
            a_proof(**in_parts({"passage": "and the U.S."}, {"passage": "twice"}))),
        "and the U.S. … twice"),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_passage_is_published_as_not_compared(edit: str, tmp_path: Path) -> None:
    file, bundle = verified(tmp_path), copy.deepcopy(BUNDLE)
    change, exact = EDITS[edit]
    if "no place" in edit or "its place" in edit:
        bundle["actors"] = bundle["actors"][:1]  # the other place is not proved elsewhere
        file = verified(tmp_path, bundle)
    change(bundle["actors"][0]["evidence"])
    write(file, bundle)
    published = starts(file, tmp_path / "readout.db")
    assert [key for key, start in published.items() if start is None] == [("japan", exact)]
    assert warnings_of(file) == [f"1 passage of report not compared: {NEW}"]


def test_a_place_that_was_typed_may_be_left_out_where_there_is_one(tmp_path: Path) -> None:
    typed = a_bundle(actors=[japan({"passage": "said nothing", "start": 69})])
    file = verified(tmp_path, typed)
    write(file, a_bundle(actors=[japan("said nothing")]))
    assert starts(file, tmp_path / "readout.db") == {("japan", "said nothing"): 69}


def test_warnings_are_said_counted_and_refused(run: Run, tmp_path: Path) -> None:
    file = verified(tmp_path, a_bundle(actors=[japan("Japan and")]))
    write(file, a_bundle(actors=[japan("Japan")]))
    database = f"sqlite:///{tmp_path / 'readout.db'}"
    said = f"1 passage of report not compared: {NEW}"
    checked = run("check", file)
    assert (checked.returncode, checked.stdout) == (0, f"{file}: warning: {said}\n")
    for command in ("check", "load"):
        strict = run(command, "--strict", file, READOUT_DATABASE_URL=database)
        assert (strict.returncode, strict.stdout) == (1, f"{file}: {said}\n")
    loaded = run("load", file, READOUT_DATABASE_URL=database)
    assert loaded.stderr == "readout: 1 warning; readout check FILES lists them\n"


def test_a_file_without_a_proof_is_as_it_was(tmp_path: Path) -> None:
    file = write_to(tmp_path / "bundle.json", BUNDLE)
    assert warnings_of(file) == []
    assert set(starts(file, tmp_path / "readout.db").values()) == {None, 19, 31}


def test_a_proof_says_nothing_of_other_documents(tmp_path: Path) -> None:
    other = {"document": "other", "passage": "the words", "start": 5}
    bundle = a_bundle(actors=[japan("Japan and", other)], documents=[
        a_document(), a_document("other")])  # fmt: skip
    file = verified(tmp_path, bundle)
    assert warnings_of(file) == []
    assert starts(file, tmp_path / "readout.db")["japan", "the words"] == 5


def two_texts(folder: Path) -> Path:
    """A bundle that was proved against the texts of two documents."""
    bundle = a_bundle(
        actors=[japan("Japan and", {"document": "other", "passage": "the words"})],
        documents=[a_document(), a_document("other")],
    )
    file = write_to(folder / "bundle.json", bundle)
    assert verify_files([str(file)], Texts(report=TEXT, other="All the words.")).findings == []
    return file


def test_seals_of_a_text_that_is_not_given_again_stay(tmp_path: Path) -> None:
    file = two_texts(tmp_path)
    bundle = json.loads(file.read_bytes())
    bundle["actors"][0]["evidence"][0]["passage"] = "Japan said"
    write(file, bundle)
    assert warnings_of(file) == [f"1 passage of report not compared: {NEW}"]
    report = verify_files([str(file)], Texts(report=TEXT))
    assert report.notes[1] == "1 of other left as they were: its text was not given"
    assert warnings_of(file) == []
    assert starts(file, tmp_path / "readout.db") == {
        ("japan", "Japan said"): 40, ("japan", "the words"): 4}  # fmt: skip


def test_seals_that_are_not_used_any_more_are_left_out(tmp_path: Path) -> None:
    file = two_texts(tmp_path)
    write(file, a_bundle(actors=[japan("Japan and")]))
    verify_files([str(file)], Texts(report=TEXT))
    proof = json.loads(proof_of(file).read_bytes())
    assert [text["id"] for text in proof["documents"]] == ["report"]
    assert [seal["start"] for seal in proof["passages"]] == [0]


def test_another_text_needs_its_own_proof(tmp_path: Path) -> None:
    file = verified(tmp_path, a_bundle(actors=[japan("Japan and")]))
    before = proof_of(file).read_bytes()
    longer = f"Again: {TEXT}"
    assert verify_files([str(file)], Texts(report=longer)).findings == []
    assert starts(file, tmp_path / "readout.db") == {("japan", "Japan and"): 7}
    proof = json.loads(proof_of(file).read_bytes())
    # The measures of another text break each seal.
    proof["documents"][0]["sha256"] = DIGEST
    write(proof_of(file), proof)
    assert warnings_of(file) == [f"1 passage of report not compared: {NEW}"]
    assert proof_of(file).read_bytes() != before


def test_two_files_are_proved_against_one_text(tmp_path: Path) -> None:
    documents = write_to(tmp_path / "documents.json", {"documents": [a_document()]})
    actors = write_to(tmp_path / "actors.json", {"actors": [japan("Japan and")]})
    files = [str(documents), str(actors)]
    assert verify_files(files, Texts(report=TEXT)).findings == []
    assert problems_of(documents, actors) == []
    verify_files([str(documents)], Texts(report=f"Again: {TEXT}"))
    assert problems_of(documents, actors) == [
        f"{actors}: was proved against another text of report than that at {documents}: "
        "documents[0]; prove both against the same: readout verify"
    ]
    assert verify_files(files, Texts(report=f"Again: {TEXT}")).findings == []
    assert problems_of(documents, actors) == []


def test_a_bundle_may_not_contradict_its_proof(tmp_path: Path) -> None:
    file = verified(tmp_path, a_bundle(actors=[japan("Japan and")]))
    write(file, a_bundle(actors=[japan({"passage": "Japan and", "start": 3})]))
    assert problems_of(file) == [
        f"{file}: actors[0].evidence[0].start: is 3, and 0 in {proof_of(file)}; leave it out"
    ]
    typed = a_document(sha256="0" * 64, characters=len(TEXT))
    write(file, a_bundle(actors=[japan("Japan and")], documents=[typed]))
    [problem] = problems_of(file)
    assert problem.startswith(f"{file}: was proved against another text of report than that at")


def test_nothing_is_written_unless_all_is_proved(tmp_path: Path) -> None:
    right = write_to(tmp_path / "right.json", a_bundle())
    bundle = {"actors": [an_actor("estonia", evidence=[a_proof(passage="not there")])]}
    wrong = write_to(tmp_path / "wrong.json", bundle)
    before = state(tmp_path)
    text = "the words of the report"
    assert len(verify_files([str(right), str(wrong)], Texts(report=text)).findings) == 1
    assert len(verify_files([str(right)], Texts(report=text, reprt="")).findings) == 1
    assert state(tmp_path) == before


def killed_while_writing(file: str) -> None:
    """Verify, and die with the proof half written."""
    with mock.patch("os.fsync", side_effect=lambda _: os.kill(os.getpid(), signal.SIGKILL)):
        verify_files([file], Texts(report=TEXT))


def test_killed_half_way_the_proof_is_as_it_was(tmp_path: Path) -> None:
    file = verified(tmp_path, a_bundle(actors=[japan("Japan and")]))
    before = proof_of(file).read_bytes()
    write(file, BUNDLE)
    process = FORKS.Process(target=killed_while_writing, args=[str(file)])
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert proof_of(file).read_bytes() == before
    verified(tmp_path)
    assert warnings_of(file) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle.json", "bundle.proof.json"]


@pytest.mark.parametrize("command", ["check", "load", "verify"])
def test_a_pattern_names_bundles_and_their_proofs(command: str, run: Run, tmp_path: Path) -> None:
    file, text = verified(tmp_path), tmp_path / "report.txt"
    text.write_text(TEXT, encoding="utf-8")
    more = ("--text", f"report={text}") if command == "verify" else ()
    database = f"sqlite:///{tmp_path / 'readout.db'}"
    files = sorted(tmp_path.glob("*.json"))
    assert files == [file, proof_of(file)]
    done = run(command, *files, *more, READOUT_DATABASE_URL=database)
    assert (done.returncode, "proof" in done.stdout) == (0, False), done.stdout
    alone = run(command, proof_of(file), *more, READOUT_DATABASE_URL=database)
    assert alone.returncode == 1
    assert alone.stdout.splitlines()[0] == f"{proof_of(file)}: is a proof; name its bundle, {file}"


def edited(**given: Any) -> Callable[[bytes], bytes]:
    """A proof with other values."""
    return lambda content: json.dumps(json.loads(content) | given).encode()


ANEW = "; readout verify {} --text DOCUMENT=FILE writes it anew"
BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "is not JSON": (
        lambda content: b"<<<<<<< ours\n" + content,
        "Invalid JSON: expected value at line 1 column 1" + ANEW),
    "is not UTF-8": (
        lambda content: content.replace(b"report", b"rep\xe9rt"), "Invalid JSON: "),
    "is something else": (lambda _: b"[]", "Input should be an object" + ANEW),
    "lacks something": (
        lambda _: b'{"documents": []}', "passages: Field required" + ANEW),
    "has more": (edited(more=1), "more: Extra inputs are not permitted" + ANEW),
    "has wrong values": (
        edited(passages=[{"seal": "0" * 64, "start": "1"}]),
        "passages[0].start: Input should be a valid integer" + ANEW),
    "is nested deeply": (lambda _: b"[" * 100_000, "Invalid JSON: recursion limit exceeded"),
    "is too large": (
        lambda content: content + b" " * 2**26, "is larger than 64 MiB; split its bundle"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_proof_that_cannot_be_read_is_said_and_made_anew(case: str, tmp_path: Path) -> None:
    file = verified(tmp_path)
    breaking, message = BROKEN[case]
    proof_of(file).write_bytes(breaking(proof_of(file).read_bytes()))
    [problem] = problems_of(file)
    assert problem.startswith(f"{proof_of(file)}: {message.format(file)}")
    assert verify_files([str(file)], Texts(report=TEXT)).findings == []
    assert problems_of(file) == warnings_of(file) == []


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_a_proof_that_is_no_file_is_said(make: Callable[[Path], object], tmp_path: Path) -> None:
    file = write_to(tmp_path / "bundle.json", BUNDLE)
    make(proof_of(file))
    [problem] = problems_of(file)
    assert problem.startswith(f"{proof_of(file)}: can't be read: ")


@pytest.mark.parametrize("evidence", [
    7, [7], [{"document": ["report"]}], [{"document": "report"}],
    [{"document": "report", "passage": ["a"], "start": {}}],
    [{"document": "report", "passage": "\ud800", "start": True}],
    [{"document": "report", "parts": 7}], [{"document": "report", "parts": [7, {}]}],
])  # fmt: skip
def test_what_is_no_passage_is_found_by_the_check(evidence: Any, tmp_path: Path) -> None:
    file = verified(tmp_path)
    write(file, a_bundle(actors=[an_actor(evidence=evidence)]))
    assert all(problem.startswith(f"{file}: actors[0]") for problem in problems_of(file))
    assert problems_of(file)


def test_a_proof_that_changes_during_a_load_stops_it(tmp_path: Path) -> None:
    file = verified(tmp_path)

    def change(step: str, *_: int) -> None:
        if step == "Reading":
            proof_of(file).unlink()

    with pytest.raises(NotLoaded, match="changed while it was being loaded"):
        load_files([str(file)], releases_of(tmp_path / "readout.db"), change)


def test_a_single_file_stays_one_and_a_proof_that_is_there_says_the_same(tmp_path: Path) -> None:
    file = write_to(tmp_path / "bundle.json", BUNDLE)
    assert verify_files([str(file)], Texts(report=TEXT), fix=True).findings == []
    assert not proof_of(file).exists()
    verified(tmp_path)
    write(file, a_bundle(actors=[japan("Japan said")]))
    assert verify_files([str(file)], Texts(report=TEXT), fix=True).findings == []
    assert warnings_of(file) == []
    assert starts(file, tmp_path / "readout.db") == {("japan", "Japan said"): 40}


COMMITMENT = a_commitment(
    status=None,
    by=[], events=[{"date": "2026", "status": "done", "evidence": [
        {"document": "report", "passage": "“We agreed,”", "attribution": "reported"}]}],
    evidence=[a_proof(passage="Japan said"), a_proof(passage="said nothing")],
)  # fmt: skip
NOTE = "No longer compared with the text: 2 passages of “The report”."


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with four releases: proved, edited, proved again, and with less and more."""
    folder = tmp_path_factory.mktemp("four")
    database, actor = folder / "readout.db", japan("Japan and")
    file = verified(folder, a_bundle(actors=[actor], commitments=[COMMITMENT]))
    load([str(file)], database)
    bundle = a_bundle(actors=[actor], commitments=[copy.deepcopy(COMMITMENT)])
    bundle["commitments"][0]["evidence"][0]["passage"] = "Japan said — twice"
    bundle["commitments"][0]["events"][0]["evidence"][0]["passage"] = "We agreed"
    load([write(file, bundle)], database)
    verified(folder, bundle)
    load([str(file)], database)
    # What is new was never compared, and what is gone is not there to be compared.
    bundle["actors"][0]["evidence"].append(a_proof(passage="Japan"))
    del bundle["commitments"][0]["evidence"][0]
    load([write(file, bundle)], database)
    return database


@pytest.fixture(scope="module")
def client(four: Path) -> Iterator[httpx.Client]:
    """A client of a service of these."""
    with client_of(four) as client:
        yield client


def test_what_is_no_longer_compared_says_so(client: httpx.Client) -> None:
    changes = client.get("/changes?sort=release&action=changed").json()["items"]
    assert [(one["release"], one["record"]["id"], one["note"]) for one in changes] == [
        (2, "pledge", NOTE), (3, "pledge", None), (4, "japan", None), (4, "pledge", None),
    ]  # fmt: skip
    added = client.get("/changes?action=added").json()["items"]
    assert {one["note"] for one in added} == {None}


@pytest.mark.parametrize("path", ["/changes", "/commitments/pledge/history"])
@pytest.mark.parametrize("name", ["html", "atom", "jsonfeed", "md", "csv", "xlsx", "ndjson"])
def test_every_form_of_a_change_says_so(path: str, name: str, client: httpx.Client) -> None:
    answer = client.get(f"{path}?format={name}")
    assert answer.status_code == 200
    if name != "xlsx":
        assert NOTE in answer.text


def test_the_difference_of_two_releases_says_so(run: Run, four: Path) -> None:
    database = f"sqlite:///{four}"
    assert f"    {NOTE}" in run("diff", "1", "2", READOUT_DATABASE_URL=database).stdout.splitlines()
    assert NOTE not in run("diff", "3", "4", READOUT_DATABASE_URL=database).stdout
