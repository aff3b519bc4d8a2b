"""What a field claims and no passage says: numbers, currencies, years and names."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from app.curation.check import check
from app.figures import numbers
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

Run = Callable[..., CompletedProcess[str]]

ACTORS = [
    an_actor(),
    an_actor("united-states"),
    an_actor("united-kingdom", aliases=["Whitehall"]),
    an_actor("south-korea", country="KR"),
    an_actor("philippines"),
    an_actor("germany"),
    an_actor("european-union", kind="alliance"),
    an_actor("us-steel", title="U.S. Steel", kind="company", country="US"),
    an_actor("xi-jinping", kind="person"),
    an_actor(
        "shigeru-ishiba",
        kind="person",
        offices=[{"title": "Prime Minister", "of": "japan"}],
        inferred={"offices": "From the list of cabinets."},
    ),
]

SAID: list[tuple[str, str]] = [
    ("1000000000000", "a $1 trillion investment"),
    ("500000000000", "USD 500 billion"),
    ("50000000000", "fifty billion dollars"),
    ("50000000000", "US$50bn"),
    ("1500000", "1.5 million people"),
    ("500000", "half a million"),
    ("1000000000", "a billion"),
    ("1000000000000", "one trillion yen"),
    ("15000000000", "ten to fifteen billion"),
    ("10000000000", "ten to fifteen billion"),
    ("2000000000", "$2-3 billion"),
    ("2000000000", "between $2 and $3 billion"),
    ("1000", "1,000 soldiers"),
    ("55000", "55 000 soldiers"),
    ("55000", "fifty-five thousand soldiers"),
    ("25", "25 per cent"),
    ("25", "twenty-five percent"),
    ("50", "by half"),
    ("2.5", "2.5%"),
    ("2", "both submarines"),
    ("12", "a dozen"),
    ("1", "a submarine"),
    ("0", "carbon neutrality"),
    ("7", "the Group of Seven"),
]
UNSAID: list[tuple[str, str]] = [
    ("500000000000", "USD 50 billion"),
    ("50", "USD 50 billion"),
    ("50000000", "fifty billion dollars"),
    ("1000000000", "$1 trillion"),
    ("1", "1,000 soldiers"),
    ("25", "a fifth of it"),
    ("100", "a billion"),
    ("5", "billions"),
]


@pytest.mark.parametrize(("number", "text"), SAID)
def test_a_number_is_said_however_it_is_written(number: str, text: str) -> None:
    assert Decimal(number) in numbers(text)


@pytest.mark.parametrize(("number", "text"), UNSAID)
def test_a_number_is_not_said_by_another_one(number: str, text: str) -> None:
    assert Decimal(number) not in numbers(text)


def warnings(folder: Path, **lists: Any) -> list[str]:
    """The warnings of a bundle without problems, each with its address."""
    bundle = a_bundle(**{"actors": ACTORS} | lists)
    findings: list[Any] = []
    assert check([write(folder / "bundle.json", bundle)], findings) == []
    return [f"{one.address}: {one.message.split(' stands ')[0]}" for one in findings]


def pledging(text: str, **given: Any) -> dict[str, Any]:
    """A commitment whose fields are proved by this text."""
    fields = [key for key in given if key not in {"inferred", "events"}]
    evidence = [a_proof("title"), a_proof(*fields, passage=text)] if fields else [a_proof("title")]
    return {"commitments": [a_commitment(evidence=evidence, **given)]}


def a_sum(value: float = 50_000_000_000, currency: str = "USD", **given: Any) -> list[Typed]:
    return [{"role": "pledged", "value": value, "currency": currency} | given]


def an_amount(value: float, unit: str, **given: Any) -> list[Typed]:
    return [{"role": "pledged", "value": value, "unit": unit} | given]


FIGURES_SAID: list[tuple[list[Typed], str]] = [
    (a_sum(), "USD 50 billion"),
    (a_sum(), "fifty billion dollars"),
    (a_sum(upper=60_000_000_000, bound="between"), "$50 to 60 billion"),
    (a_sum(currency="JPY"), "¥50 billion"),
    (a_sum(currency="EUR"), "EUR50bn"),
    (a_sum(currency="EUR"), "50 billion euros"),
    (a_sum(currency="GBP"), "50 billion pounds"),
    (a_sum(currency="CNY"), "RMB 50 billion"),
    (a_sum(by="2027"), "$50 billion by FY27"),
    (a_sum(by="2027"), "$50 billion by 2027"),
    (an_amount(5_000_000, "tonnes"), "five million tonnes"),
    (an_amount(5, "million tonnes"), "5 million tonnes"),
    (an_amount(2, "%", of="GDP"), "two per cent of GDP"),
]
FIGURES_UNSAID: list[tuple[list[Typed], str, list[str]]] = [
    (a_sum(500_000_000_000), "USD 50 billion", ['value: "500,000,000,000"']),
    (a_sum(currency="EUR"), "$50 billion for the European Union", ['currency: "EUR"']),
    (a_sum(upper=7e10, bound="between"), "$50 to 60 billion", ['upper: "70,000,000,000"']),
    (a_sum(by="2027"), "$50 billion, soon", ['by: "2027"']),
    (a_sum(9, "JPY"), "much money", ['value: "9"', 'currency: "JPY"']),
]


@pytest.mark.parametrize(("measures", "text"), FIGURES_SAID)
def test_a_figure_is_said(measures: list[Typed], text: str, tmp_path: Path) -> None:
    assert warnings(tmp_path, **pledging(text, measures=measures)) == []


@pytest.mark.parametrize(("measures", "text", "figures"), FIGURES_UNSAID)
def test_a_figure_is_not_said(
    measures: list[Typed], text: str, figures: list[str], tmp_path: Path
) -> None:
    whole = "commitments[0].measures[0]."
    expected = [f"{whole}{one}" for one in figures]
    assert warnings(tmp_path, **pledging(text, measures=measures)) == expected


NAMED: list[tuple[str, str]] = [
    ("japan", "Japan will build it"),
    ("japan", "Japan\u2019s plan"),
    ("japan", "the Japanese government"),
    ("united-states", "the U.S. will build it"),
    ("united-states", "US-made"),
    ("united-states", "the United States of America"),
    ("united-states", "American troops"),
    ("united-kingdom", "the UK"),
    ("united-kingdom", "British troops"),
    ("united-kingdom", "Whitehall promised"),
    ("south-korea", "the Republic of Korea"),
    ("philippines", "the Philippine coast guard"),
    ("philippines", "Filipino sailors"),
    ("germany", "GERMANY WILL BUILD IT"),
    ("european-union", "the EU"),
    ("us-steel", "investments in US Steel"),
    ("xi-jinping", "President Xi said"),
    ("shigeru-ishiba", "Mr. Ishiba"),
    ("shigeru-ishiba", "Ishiba Shigeru"),
    ("shigeru-ishiba", "the Prime Minister of Japan"),
    ("shigeru-ishiba", "the Japanese prime minister"),
]
NOT_NAMED: list[tuple[str, str]] = [
    ("japan", "Both leaders agreed"),
    ("japan", "they will build it"),
    ("japan", "We will build it"),
    ("united-states", "it was built by us"),
    ("united-states", "members of the United Nations and other states"),
    ("us-steel", "the U.S. will build it"),
    ("us-steel", "American steel"),
    ("shigeru-ishiba", "the British prime minister"),
    ("shigeru-ishiba", "the Prime Minister"),
    ("shigeru-ishiba", "Japan will build it"),
]


@pytest.mark.parametrize(("actor", "text"), NAMED)
def test_an_actor_is_named(actor: str, text: str, tmp_path: Path) -> None:
    assert warnings(tmp_path, **pledging(text, by=[actor])) == []


@pytest.mark.parametrize(("actor", "text"), NOT_NAMED)
def test_an_actor_is_not_named(actor: str, text: str, tmp_path: Path) -> None:
    titles = {one["id"]: one["title"] for one in ACTORS}
    expected = [f'commitments[0].by[0]: "{titles[actor]}"']
    assert warnings(tmp_path, **pledging(text, by=[actor])) == expected


def test_parties_and_those_for_whom_they_act_are_named(tmp_path: Path) -> None:
    parties = [
        {"actor": "shigeru-ishiba", "on_behalf_of": "japan"},
        {"actor": "xi-jinping", "on_behalf_of": "germany"},
    ]
    proof = a_proof("parties", passage="Ishiba and Xi agreed")
    agreement = an_agreement(parties=parties, evidence=[a_proof("title"), proof])
    expected = ['agreements[0].parties[1].on_behalf_of: "Germany"']
    assert warnings(tmp_path, agreements=[agreement]) == expected


def test_a_speaker_is_named_or_wrote_the_document(tmp_path: Path) -> None:
    text = "We will build it"
    quote = a_quote(text=text, evidence=[a_proof("text", "speaker", passage=text)])
    assert warnings(tmp_path, quotes=[quote]) == ['quotes[0].speaker: "Japan"']
    own = a_document(publisher="japan")
    assert warnings(tmp_path, quotes=[quote], documents=[own]) == []


YEARS: list[tuple[str, Typed, list[str]]] = [
    ("by 2025", {}, []),
    ("in the fiscal year 2024/25", {}, []),
    ("by then", {"published": "2025-02-08"}, []),
    ("by then", {"title": "The 2025 summit"}, []),
    ("by then", {"published": "2024-06-01"}, ['commitments[0].due: "2025"']),
    ("by the end of the year", {}, ['commitments[0].due: "2025"']),
]


@pytest.mark.parametrize(("text", "document", "expected"), YEARS)
def test_a_year_is_said_or_is_that_of_the_document(
    text: str, document: Typed, expected: list[str], tmp_path: Path
) -> None:
    pledge = pledging(text, due="2025-12")
    assert warnings(tmp_path, **pledge, documents=[a_document(**document)]) == expected


def test_an_event_is_proved_by_its_own_passages(tmp_path: Path) -> None:
    proof = a_proof(passage="It was done in 2026")
    del proof["fields"]
    events = [{"date": date, "status": "done", "evidence": [proof]} for date in ("2026", "2027")]
    commitment = a_commitment(
        status=None, events=events, evidence=[a_proof("title", "status", passage="pledged in 2027")]
    )
    assert warnings(tmp_path, commitments=[commitment]) == ['commitments[0].events[1].date: "2027"']


@pytest.mark.parametrize("field", ["title", "summary"])
def test_digits_of_a_text_are_said_in_its_passages(field: str, tmp_path: Path) -> None:
    text = "It pledges $50 billion and 3 ships by 2030"
    said = {"passage": "fifty billion dollars, three ships and a date"}
    fields = sorted({"title", field})
    commitment = a_commitment(**{field: text, "evidence": [a_proof(*fields, **said)]})
    assert warnings(tmp_path, commitments=[commitment]) == [f'commitments[0].{field}: "2030"']


def test_a_warning_is_answered_in_words(tmp_path: Path) -> None:
    answers = {"by": "“Both leaders” are those who met."}
    text = "Both leaders pledged it by then"
    messages = warnings(tmp_path, **pledging(text, by=["japan"], due="2030", inferred=answers))
    assert messages == ['commitments[0].due: "2030"']


def test_a_record_may_refer_to_what_is_no_record(tmp_path: Path) -> None:
    envoy = an_actor("envoy", kind="person", offices=[{"title": "Envoy", "of": "nobody"}])
    nobody = [an_actor("japan", title=" ", country="ZZ"), envoy]
    meeting = a_summit(participants=[{"actor": "envoy", "role": "leader"}])
    bundle = a_bundle(actors=nobody, summits=[meeting], **pledging("they", by=["japan"]))
    findings: list[Any] = []
    assert len(check([write(tmp_path / "bundle.json", bundle)], findings)) == 3
    assert [one.address for one in findings] == [
        "summits[0].participants[0].actor",
        "commitments[0].by[0]",
    ]


def test_a_file_has_up_to_a_thousand_warnings(tmp_path: Path) -> None:
    pledges = [pledging("they", by=["japan"])["commitments"][0] for _ in range(1_500)]
    numbered = [pledge | {"id": f"pledge-{at}"} for at, pledge in enumerate(pledges)]
    file = write(tmp_path / "bundle.json", a_bundle(commitments=numbered))
    findings: list[Any] = []
    assert check([file], findings) == []
    assert len(findings) == 1_001
    assert findings[-1].message == "has more than 1,000 warnings; the rest is not listed"


WARNING = '{}:1 commitments[pledge].by[0]: {}"Japan" stands in no passage for it; {}'
ADVICE = 'prove it, or say why in "inferred"'


@pytest.fixture
def doubtful(tmp_path: Path) -> str:
    """A file with a warning and no problem."""
    return write(tmp_path / "bundle.json", a_bundle(**pledging("they", by=["japan"])))


def test_the_command_lists_warnings_apart(run: Run, doubtful: str, tmp_path: Path) -> None:
    line = WARNING.format(doubtful, "warning: ", ADVICE) + "\n"
    done = run("check", doubtful)
    assert (done.returncode, done.stdout, done.stderr) == (0, line, "0 problems, 1 warning\n")
    wrong = write(tmp_path / "wrong.json", {"quotes": 1})
    done = run("check", doubtful, wrong)
    assert done.returncode == 1
    assert done.stdout == f"{wrong}:1 quotes: is not a list: 1\n{line}"
    assert done.stderr == "1 problem, 1 warning\n"


@pytest.mark.parametrize("command", ["check", "load"])
def test_strictly_a_warning_is_a_problem(
    command: str, run: Run, doubtful: str, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'strict.db'}"
    done = run(command, "--strict", doubtful, READOUT_DATABASE_URL=database)
    assert done.returncode == 1
    assert done.stdout == WARNING.format(doubtful, "", ADVICE) + "\n"
    assert done.stderr == "1 problem\n"


def test_a_load_says_how_many_warnings_there_are(run: Run, doubtful: str, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'readout.db'}"
    done = run("load", doubtful, READOUT_DATABASE_URL=database)
    assert (done.returncode, done.stdout[:25]) == (0, "release 1 is published: 3")
    assert done.stderr == "readout: 1 warning; readout check FILES lists them\n"
