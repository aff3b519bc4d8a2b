"""Writing little: defaults of a file, single passages, the starter, and problems that read well."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pycountry
import pytest

from app.curation.check import check
from app.curation.reading import read
from app.fields import OTHER_CODES
from app.settings import STARTER
from tests.builders import Typed, a_commitment, a_document, a_proof, a_quote, an_actor, write
from tests.conftest import client_of, load
from tests.curation.conftest import Problems

Run = Callable[..., CompletedProcess[str]]
DEFAULTS: Typed = {
    "document": "report",
    "summit": "meeting",
    "agreement": "framework",
    "relation": "outcome",
    "attribution": "direct_quote",
    "date": "2025-02-07",
}
SHORT: Typed = {
    "defaults": DEFAULTS,
    "documents": [{"id": "report", "title": "A report of 2025", "kind": "news_article"}],
    "summits": [
        {
            "id": "meeting",
            "title": "The meeting",
            "participants": [{"actor": "japan", "role": "country"}],
            "evidence": [{"passage": "Japan met"}],
        }
    ],
    "agreements": [
        {
            "id": "framework",
            "title": "A framework",
            "kind": "framework",
            "status": "not_stated",
            "parties": [],
            "evidence": [{"passage": "a framework"}],
        }
    ],
    "commitments": [
        {
            "id": "pledge",
            "title": "A pledge of $5",
            "act": "promise",
            "kind": "investment",
            "by": ["japan"],
            "measures": [{"role": "pledged", "value": 5, "currency": "USD"}],
            "evidence": [{"passage": "Japan will give $5"}],
        },
        {
            "id": "old",
            "title": "An old pledge",
            "act": "promise",
            "kind": "investment",
            "by": [],
            "date": None,
            "evidence": [
                {"passage": "gave before", "fields": ["title"]},
                {"passage": "again", "fields": ["title"]},
            ],
        },
    ],
    "quotes": [
        {"id": "words", "text": "we met", "speaker": "japan", "evidence": [{"passage": "we met"}]}
    ],
}


def test_what_is_said_once_holds_for_each_entry(tmp_path: Path) -> None:
    file = write(tmp_path / "short.json", SHORT)
    assert check([file, str(STARTER)]) == []
    load([file, str(STARTER)], tmp_path / "readout.db")
    with client_of(tmp_path / "readout.db") as client:
        pledge = client.get("/commitments/pledge").json()
        old = client.get("/commitments/old").json()
        quote = client.get("/quotes/words").json()
        agreement = client.get("/agreements/framework").json()
    assert (pledge["date"], pledge["relation"], old["date"]) == ("2025-02-07", "outcome", None)
    assert (pledge["agreement"]["id"], pledge["summit"]["id"]) == ("framework", "meeting")
    [proof] = pledge["evidence"]
    assert (proof["document"]["id"], proof["attribution"]) == ("report", "direct_quote")
    assert proof["fields"] == ["title", "by", "measures", "date", "relation"]
    # Of several passages each says its fields, and the first proves what the defaults say.
    assert [proof["fields"] for proof in old["evidence"]] == [["title", "relation"], ["title"]]
    assert [one["id"] for one in quote["agreements"]] == ["framework"]
    assert (quote["date"], quote["summit"]["id"]) == ("2025-02-07", "meeting")
    assert (agreement["relation"], agreement["summit"]["id"]) == ("outcome", "meeting")


def test_what_stands_in_an_entry_is_never_changed(tmp_path: Path) -> None:
    typed = SHORT | {
        "commitments": [a_commitment(date="2024", evidence=[a_proof("title", "date")])]
    }
    [read_again] = read(write(tmp_path / "b.json", typed)).content["commitments"]
    assert (read_again["date"], read_again["evidence"][0]["document"]) == ("2024", "report")
    assert read_again["evidence"][0]["attribution"] == "reported"
    assert read_again["evidence"][0]["fields"] == ["title", "date", "relation"]


DEFAULT_FAULTS: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "no summit": (
        DEFAULTS | {"summit": "meating"},
        [("defaults.summit", '"meating" is not a summit; did you mean "meeting"?')],
    ),
    "no attribution": (
        DEFAULTS | {"attribution": "reportd"},
        [
            (
                "defaults.attribution",
                '"reportd" is not one of direct_quote, attributed, reported; '
                'did you mean "reported"?',
            )
        ],
    ),
    "an unknown key": (
        DEFAULTS | {"documnt": "report"},
        [("defaults.documnt", 'is not a key here; did you mean "document"?')],
    ),
    "a list": ([], [("defaults", "is not an object: a list")]),
}


@pytest.mark.parametrize("case", DEFAULT_FAULTS)
def test_a_wrong_default_is_one_problem_where_it_stands(case: str, tmp_path: Path) -> None:
    defaults, expected = DEFAULT_FAULTS[case]
    file = write(tmp_path / "b.json", SHORT | {"defaults": defaults})
    findings = [(one.address, one.message) for one in check([file, str(STARTER)])]
    assert [one for one in findings if one[0].startswith("defaults")] == expected


WEIRD: list[Any] = [
    {"defaults": 1, "commitments": [1, None, {"evidence": 1}, {"evidence": [1, {"fields": 1}]}]},
    {"defaults": {"date": {}}, "quotes": [{"evidence": [{"fields": [1]}, {"fields": "x"}]}]},
    {"starter": 1, "actors": [{"id": []}]},
    {"starter": True, "actors": [{"id": {}}, 1], "summits": [1]},
    {"starter": True, "defaults": []},
]


@pytest.mark.parametrize("bundle", WEIRD)
def test_what_has_the_wrong_shape_is_said_and_breaks_nothing(bundle: Any, tmp_path: Path) -> None:
    assert check([write(tmp_path / "b.json", bundle)])


def test_passages_of_several_each_say_what_they_prove(problems: Problems) -> None:
    pair = [{"passage": "one"}, {"passage": "other"}]
    bundle = SHORT | {"quotes": [], "commitments": [SHORT["commitments"][0] | {"evidence": pair}]}
    actors = {"actors": [an_actor()]}
    assert ("commitments[0].evidence[1].fields", "is missing") in problems(bundle, actors)


def starter(*actors: Typed) -> Typed:
    """A file of names and codes."""
    return {"starter": True, "actors": list(actors)}


JAPAN: Typed = {"id": "japan", "title": "Japan", "kind": "country_or_area", "country": "JP"}


def test_names_and_codes_are_served_as_far_as_something_refers_to_them(tmp_path: Path) -> None:
    load([write(tmp_path / "short.json", SHORT), str(STARTER)], tmp_path / "readout.db")
    with client_of(tmp_path / "readout.db") as client:
        actors = client.get("/actors").json()["items"]
    assert [(actor["id"], actor["country"], actor["evidence"]) for actor in actors] == [
        ("japan", "JP", [])
    ]


def test_an_actor_of_a_starter_gives_way_to_that_of_another_file(tmp_path: Path) -> None:
    own = SHORT | {"actors": [an_actor(title="Nippon")]}
    for files in ((own, starter(JAPAN)), (starter(JAPAN), own)):
        names = [write(tmp_path / f"{at}.json", bundle) for at, bundle in enumerate(files)]
        assert check(names) == []
        load(names, tmp_path / "readout.db")
        with client_of(tmp_path / "readout.db") as client:
            assert client.get("/actors/japan").json()["title"] == "Nippon"


def test_what_is_more_than_a_name_needs_a_passage(problems: Problems) -> None:
    group = JAPAN | {"kind": "alliance", "members": [{"actor": "estonia"}]}
    found = problems(SHORT, starter(group, JAPAN | {"id": "estonia", "title": "Estonia"}))
    assert (
        "actors[0].members",
        'is not proved; name it in the "fields" of a passage, or leave it out',
    ) in found
    assert problems(SHORT, {"actors": [JAPAN]}) == [
        ("actors[0].evidence", "is missing; quote the passage that proves it")
    ]


def test_the_starter_has_each_state_once_and_names_nobody_twice() -> None:
    actors = json.loads(STARTER.read_bytes())["actors"]
    codes = [actor["country"] for actor in actors if "country" in actor]
    assert len(set(codes)) == len(codes)
    assert set(codes) == {c.alpha_2 for c in pycountry.countries} | {"XK"}
    assert OTHER_CODES["countries"]["XK"] == "Kosovo"
    names = [n.casefold() for a in actors for n in (a["title"], *a.get("aliases", ()))]
    assert [name for name in set(names) if names.count(name) > 1] == []
    bodies = {"united-nations", "imf", "world-bank", "wto", "european-union", "nato", "g7", "g20"}
    assert bodies | {"asean", "african-union"} <= {actor["id"] for actor in actors}
    keys = {key for actor in actors for key in actor}
    assert keys == {"id", "title", "kind", "aliases", "country"}


def test_every_actor_of_the_starter_is_sound(tmp_path: Path) -> None:
    ids = [actor["id"] for actor in json.loads(STARTER.read_bytes())["actors"]]
    proof = a_proof("text", "speaker", "mentions", passage="we all")
    mentions = [{"actor": id_, "role": "about"} for id_ in ids]
    quote = a_quote(text="we all", speaker=ids[0], mentions=mentions, evidence=[proof])
    file = write(tmp_path / "b.json", {"quotes": [quote], "documents": [a_document()]})
    assert check([file, str(STARTER)]) == []


def test_a_folder_is_all_bundles_in_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "below" / ".git").mkdir(parents=True)
    write(tmp_path / "below" / "actors.json", {"actors": [an_actor()]})
    write(tmp_path / "bundle.json", SHORT)
    (tmp_path / "below" / "actors.proof.json").write_text('{"documents": [], "passages": []}')
    (tmp_path / "below" / ".git" / "x.json").write_text("none")
    (tmp_path / "notes.txt").write_text("none")
    database = f"sqlite:///{tmp_path / 'readout.db'}"
    assert run("check", tmp_path).returncode == 0
    assert run("load", tmp_path, READOUT_DATABASE_URL=database).returncode == 0
    (tmp_path / "empty").mkdir()
    done = run("check", tmp_path / "empty")
    assert (
        done.stdout
        == f"{tmp_path / 'empty'}: is a folder without a bundle, a file that ends in .json\n"
    )


LINES = """{
  "documents": [{"id": "report", "title": "R", "kind": "speech"}],
  "commitments": [
    {"id": "us-aid", "title": "Aid", "act": "promise", "kind": "investment",
     "by": ["usa"], "evidence": [{"document": "report", "passage": "Aid",
       "attribution": "reported"}]},
    {"id": "us-oil", "title": "Oil", "act": "promise", "kind": "investment",
     "by": [
       "usa"], "evidence": [{"document": "report", "passage": "Oil", "attribution": "reported"}]},
    {"title": "None", "act": "promise", "kind": "investment", "by": []}
  ]
}
"""


def test_an_address_has_line_and_id_and_a_repeated_fault_is_one_line(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "g7.json"
    file.write_text(LINES, encoding="utf-8")
    done = run("check", file)
    assert done.stdout.splitlines() == [
        f'{file}:5 commitments[us-aid].by[0]: "usa" is not an actor (the same at line 9)',
        f"{file}:10 commitments[2].id: is missing",
        f"{file}:10 commitments[2].evidence: is missing; quote the passage that proves it",
    ]
    assert done.stderr == "3 problems\n"


def test_a_missing_actor_names_the_file_that_has_it(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "g7.json"
    file.write_text(LINES.replace('"usa"', '"japan"'), encoding="utf-8")
    assert f'"japan" is not an actor; {STARTER} has it, and is not' in run("check", file).stdout
    write(tmp_path / "actors.json", {"actors": [JAPAN]})
    said = f'"japan" is not an actor; {tmp_path}/actors.json has it, and is not among these files'
    assert said in run("check", file).stdout
    # The very id in the folder above comes before one that is spelt alike in the same file.
    (tmp_path / "more").mkdir()
    alike = {"actors": [JAPAN | {"id": "japans"}], **json.loads(LINES.replace("usa", "japan"))}
    assert said in run("check", write(tmp_path / "more" / "g7.json", alike)).stdout
    file.write_text(LINES.replace('"usa"', '"japn"'), encoding="utf-8")
    said = f'"japn" is not an actor; did you mean "japan" ({tmp_path}/actors.json)?'
    assert said in run("check", tmp_path).stdout


def test_a_broken_file_does_not_keep_the_others_from_being_checked(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "actors.json").write_text('{"actors": [', encoding="utf-8")
    write(tmp_path / "bundle.json", SHORT | {"quotes": [{"id": "words", "text": "we"}]})
    (tmp_path / "report.txt").write_text("Japan met", encoding="utf-8")
    lines = run("check", tmp_path).stdout
    assert f"{tmp_path}/actors.json: is not JSON" in lines
    assert (
        f'"japan" is not an actor; {tmp_path}/actors.json, which can\'t be read, may have' in lines
    )
    assert "quotes[words].speaker: is missing" in lines


def test_what_is_sound_is_verified_beside_what_is_not(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    actor = an_actor(evidence=[a_proof(passage="Japan met")])
    write(tmp_path / "sound.json", {"actors": [actor], "documents": [a_document()]})
    (tmp_path / "report.txt").write_text("Japan met", encoding="utf-8")
    done = run("verify", tmp_path, "--text", f"report={tmp_path}/report.txt")
    assert done.returncode == 1
    assert "1 passage stands in its text" in done.stdout
    assert f"{tmp_path}/broken.json: not compared; mend its problems first" in done.stdout
    assert (tmp_path / "sound.proof.json").exists()


OPPOSITES = [
    ("kind", "endorsed", None),
    ("status", "endorsed", None),
    ("status", "anounced", "announced"),
    ("status", "abandonned", "abandoned"),
    ("status", "stated", None),
    ("status", "unabandoned", None),
    ("kind", "guarantee", "security_guarantee"),
    ("act", "promised", "promise"),
]


@pytest.mark.parametrize(("key", "typed", "meant"), OPPOSITES)
def test_a_suggestion_never_says_another_thing(
    key: str, typed: str, meant: str | None, problems: Problems
) -> None:
    commitment = SHORT["commitments"][0] | {key: typed}
    found = problems(SHORT | {"commitments": [commitment]}, {"actors": [an_actor()]})
    [message] = [message for address, message in found if address == f"commitments[0].{key}"]
    assert re.findall(r'did you mean "(\w+)"', message) == ([meant] if meant else [])
