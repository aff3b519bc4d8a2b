"""The seed: what the article says, proven by its words, in words that are not its own."""

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from app.curation.check import check
from app.settings import PROJECT
from tests.builders import Typed
from tests.conftest import SEED

ARTICLE = PROJECT.parent / "shared" / "documents" / "us-japan-summit-article.txt"
REPORT = "red-nation-today-japan-us"
DATED_BY = "daily-tribune-ishiba-trump"

BUNDLE: dict[str, list[Typed]] = json.loads(SEED.read_bytes())
ENTRIES = [(kind, entry) for kind, entries in BUNDLE.items() for entry in entries]
PROOFS = [proof for _, entry in ENTRIES for proof in entry.get("evidence", ())]


@pytest.fixture
def article(request: pytest.FixtureRequest) -> str:
    """The article, which is its publisher's: it lies beside the project and is no part of it."""
    return text_for(request.node.name, ARTICLE)


def text_for(test: str, file: Path) -> str:
    """A text that may not be published: what needs it is skipped by its name, in CI too."""
    if not file.exists():
        place = os.path.relpath(file, PROJECT)
        pytest.skip(f"{test} is not proved here: it needs the article's text, in {place}")
    return file.read_bytes().decode()


def test_a_proof_that_cannot_be_made_is_skipped_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CI", "true")
    said = r"test_it\[a\] is not proved here: it needs the article's text, in \.\./none/text"
    with pytest.raises(pytest.skip.Exception, match=said):
        text_for("test_it[a]", PROJECT.parent / "none" / "text")


def test_has_no_problems() -> None:
    assert check([str(SEED)]) == []


def test_every_passage_is_proved(
    article: str, run: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    assert article
    seed = shutil.copy(SEED, tmp_path)
    done = run("verify", seed, "--text", f"{REPORT}={ARTICLE}")
    cited = Counter(proof["document"] for proof in PROOFS)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{cited.pop(REPORT)} passages stand in their texts",
        *(
            f"{count} of {id_} left as they were: its text was not given"
            for id_, count in cited.items()
        ),
        f"{tmp_path / 'seed.proof.json'}: written",
    ]


def test_the_place_of_every_passage_is_known(article: str) -> None:
    for proof in PROOFS:
        if proof["document"] == REPORT:
            passage = proof["passage"]
            assert article[proof["start"] :][: len(passage)] == passage


@pytest.mark.parametrize("quote", BUNDLE["quotes"], ids=lambda quote: quote["id"])
def test_a_quote_stands_in_the_article_to_the_character(quote: Typed, article: str) -> None:
    assert quote["text"] in article
    assert re.sub(r"\W+", "", quote["text"]) != ""


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        ("summits", ["us-japan-2025-02"]),
        (
            "actors",
            [
                "united-states",
                "japan",
                "china",
                "taiwan",
                "nato",
                "donald-trump",
                "shigeru-ishiba",
                "us-steel",
                "us-indo-pacific-command",
                "joint-forces-headquarters",
            ],
        ),
        (
            "agreements",
            [
                "joint-leaders-statement",
                "joint-forces-headquarters",
                "defense-industrial-cooperation",
            ],
        ),
        ("commitments", ["japan-us-investment"]),
    ],
)
def test_the_ids_that_clients_rely_on_are_there(kind: str, ids: list[str]) -> None:
    assert set(ids) <= {entry["id"] for entry in BUNDLE[kind]}


def test_the_sum_stands_where_it_is_said_and_nowhere_else() -> None:
    sums = [
        (entry["id"], measure["value"], measure["currency"])
        for entry in BUNDLE["commitments"]
        for measure in entry.get("measures", [])
        if "currency" in measure
    ]
    assert sums == [("japan-us-investment", 1_000_000_000_000, "USD")]


def test_one_actor_is_one_record_whatever_the_form_of_its_name() -> None:
    names = Counter(
        name.casefold()
        for actor in BUNDLE["actors"]
        for name in (actor["title"], *actor.get("aliases", ()))
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_the_article_has_no_date_of_its_own_and_gives_none() -> None:
    [report] = [entry for entry in BUNDLE["documents"] if entry["id"] == REPORT]
    assert "published" not in report
    [summit] = BUNDLE["summits"]
    assert summit["starts_on"] == "2025-02-07"
    proven_by = {
        proof["document"] for proof in summit["evidence"] if "starts_on" in proof["fields"]
    }
    assert proven_by == {DATED_BY}


def test_the_second_source_is_used_for_the_date_alone() -> None:
    fields = {field for p in PROOFS if p["document"] == DATED_BY for field in p["fields"]}
    assert fields <= {"starts_on", "date", "published", "title"}


# The article's own adjectives and judgements, by their beginnings. That missiles are advanced and
# an opposition is strong are facts of what was launched and expressed.
JUDGEMENTS = [
    *("aggress", "bolster", "critical", "enhanc", "era", "expanding", "growing"),
    *("landmark", "menac", "proactive", "resolve", "robust", "significan", "solidarity"),
    *("substantial", "unwavering", "usher"),
]


def plain(text: str) -> str:
    """A text without what stands in quotation marks."""
    return re.sub(r"“[^”]*”|\"[^\"]*\"", "", text)


@pytest.mark.parametrize("judgement", JUDGEMENTS)
def test_our_words_are_not_the_judgements_of_the_article(judgement: str) -> None:
    matches = [
        (entry["id"], text)
        for kind, entry in ENTRIES
        for text in (
            entry.get("summary", ""),
            "" if kind == "documents" else entry.get("title", ""),
        )
        if re.search(rf"\b{judgement}", plain(text), re.IGNORECASE)
    ]
    assert matches == []


def test_every_judgement_is_one_of_the_article(article: str) -> None:
    for judgement in JUDGEMENTS:
        assert re.search(rf"\b{judgement}", article + " Menace", re.IGNORECASE), judgement


LONGEST_QUOTATION = 400
# Made or fetched by tools, and in no repository.
NOT_OURS = {".git", ".venv", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
NOT_OURS |= {"node_modules", "__pycache__"}


def project_files() -> Iterator[Path]:
    """Every file of the project."""
    for folder, folders, files in os.walk(PROJECT):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        yield from (Path(folder, name) for name in files if ".db" not in name)


def unwrapped(text: str) -> str:
    """A text without line breaks, and with the characters that JSON may escape."""
    unescaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return " ".join(unescaped.split())


def alike(one: str, other: str) -> int:
    """How many characters two texts begin with together."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def longest_run(text: str, article: str) -> int:
    """The most characters of the article that stand together in a text, if they are many."""
    step, longest = LONGEST_QUOTATION // 2, 0
    for at in range(0, len(article) - step, step):
        # A run of the forbidden length holds at least one of these pieces whole.
        place = text.find(article[at : at + step])
        if place >= 0:
            after = alike(article[at:], text[place:])
            before = alike(article[:at][::-1], text[:place][::-1])
            longest = max(longest, before + after)
    return longest


def test_the_text_of_the_article_is_not_in_the_project(article: str) -> None:
    whole = unwrapped(article)
    assert longest_run(f"… {whole[700:1200]} …", whole) == 500
    files = list(project_files())
    assert SEED in files
    for file in files:
        text = unwrapped(file.read_bytes().decode(errors="replace"))
        assert longest_run(text, whole) <= LONGEST_QUOTATION, file
