"""The page for a curator, in a real browser: from nothing to published, and nothing is lost."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.settings import PROJECT
from tests.conftest import READOUT, client_of
from tests.needs import chromium, node

TEXT = """A joint text of leaders

Japan and Estonia will give up to $5 million to Ukraine by 2030. They said so in Tallinn. 😀

The leaders will meet again next year.

“We are friends”, said Japan.

We support the new port. We commit to open ten schools.

We will plant 😀 one million trees. We reaffirm our commitment to peace.

Estonia pledges €3 million. We task ministers to report by June 2026.

The first school was opened in 2026.
"""


class Program:
    """`readout curate` on a folder, which may die and be started again."""

    def __init__(self, folder: Path, database: Path) -> None:
        self._folder = folder
        self.temporary = database.with_name("temporary")
        self.temporary.mkdir()
        self._environment = {
            **os.environ,
            "READOUT_DATABASE_URL": f"sqlite:///{database}",
            "TMPDIR": str(self.temporary),
        }
        self._port = "0"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it; gives the address of the page."""
        self._process = subprocess.Popen(
            [READOUT, "curate", str(self._folder), "--port", self._port],
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        url = self._process.stdout.readline().split(" at ")[-1].strip()
        self._port = url.split("/")[2].partition(":")[2]
        return url

    def end(self, number: int) -> int:
        """Send it a signal, and wait for its end; gives the code of its exit."""
        assert self._process is not None
        self._process.send_signal(number)
        self._process.communicate(timeout=10)
        return int(self._process.returncode)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path, Path]:
    """What a browser saw, the folder, and the database."""
    folder = tmp_path_factory.mktemp("curate")
    records, database = folder / "records", folder / "readout.db"
    records.mkdir()
    (records / "joint-statement.txt").write_text(TEXT, encoding="utf-8")
    script = PROJECT / "tests" / "clients" / "curate.mjs"
    needed = node(), chromium()  # without these nothing is started
    program = Program(records, database)
    url = program.start()
    browser = subprocess.Popen(
        [needed[0], script, url, needed[1], os.environ.get("PICTURES", "")],
        env={**os.environ, "HOME": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert browser.stdin is not None
    assert browser.stderr is not None
    errors = []
    for line in browser.stderr:
        errors.append(line)
        if line == "kill\n":
            program.end(signal.SIGKILL)
            browser.stdin.write("killed\n")
        if line == "start\n":
            browser.stdin.write(f"{program.start()}\n")
        if line == "edit\n":
            file = records / "joint-statement.json"
            file.write_bytes(file.read_bytes().replace(b"City of", b"Town of"))
            browser.stdin.write("edited\n")
        browser.stdin.flush()
    output, _ = browser.communicate(timeout=120)
    program.end(signal.SIGTERM)
    assert browser.returncode == 0, "".join(errors)
    return json.loads(output), records, database


Worked = tuple[dict[str, Any], Path, Path]


def test_ten_records_come_from_nothing_to_published(worked: Worked) -> None:
    seen, records, database = worked
    written = json.loads((records / "joint-statement.json").read_bytes())
    assert len(written["commitments"]) == 7
    assert len(written["quotes"]) == len(written["agreements"]) == len(written["additions"]) == 1
    assert seen["records"] == 11  # the document is one, and news is another
    assert "commitments" in seen["changes"]
    assert seen["shown"]
    with client_of(database) as client:
        pledges = client.get("/commitments?limit=200").json()["items"]
        assert len(pledges) == 7
        for pledge in pledges:
            for proof in pledge["evidence"]:
                assert TEXT[proof["start"] : proof["end"]] == proof["exact"]
        [trees] = [one for one in pledges if "trees" in one["title"]]
        assert trees["evidence"][0]["exact"] == "We will plant 😀 one million trees"
        [schools] = [one for one in pledges if "schools" in one["title"]]
        assert schools["status"] == "under_way"


def test_mistakes_are_said_and_taken_back(worked: Worked) -> None:
    seen, _, _ = worked
    assert '"japn" is not an actor; did you mean "japan"' in seen["problem"]
    assert seen["reference"] == "estonia"
    assert seen["afterUndo"] == 3  # two records and the document
    assert (seen["held"], seen["left"]) == (1, 0)


def test_an_actor_is_offered_by_the_beginning_of_a_name(worked: Worked) -> None:
    offered = worked[0]["offered"]
    assert offered["uni"][0] == "united-states"
    assert offered["pan"].index("panama") < offered["pan"].index("japan")


def test_warnings_stand_beside_the_changes(worked: Worked) -> None:
    counts, warnings = worked[0]["warnings"]
    assert f"· {len(warnings.splitlines())} warning" in counts
    assert 'by[0]: "Estonia" stands in no passage for it' in warnings


def test_what_was_typed_outlives_the_program(worked: Worked) -> None:
    seen, records, _ = worked
    assert seen["kept"] == "The new port, half typed"
    [agreement] = json.loads((records / "joint-statement.json").read_bytes())["agreements"]
    assert agreement["title"] == "The new port, half typed"
    assert not list(records.glob("*.draft"))


def test_a_meeting_over_two_paragraphs_and_an_actor_are_made_by_keyboard(worked: Worked) -> None:
    seen, records, _ = worked
    written = json.loads((records / "joint-statement.json").read_bytes())
    assert " ".join(seen["selection"].split()).endswith(
        "Tallinn. 😀 The leaders will meet again next year."
    )
    [meeting] = written["summits"]
    [proof] = meeting["evidence"]
    assert proof["passage"].startswith("Japan and Estonia will give")
    assert proof["passage"].endswith("Tallinn. 😀\n\nThe leaders will meet again next year.")
    assert seen["unsorted"] == ""
    assert [actor["kind"] for actor in written["actors"]] == ["place"]
    assert (seen["afterDelete"], seen["givenBack"]) == (12, 13)


def test_a_draft_is_checked_against_the_preview(worked: Worked) -> None:
    seen, _, _ = worked
    assert "on record" in seen["checked"]


def test_little_is_typed_and_nothing_waits(worked: Worked) -> None:
    seen, _, _ = worked
    assert seen["first"] <= 60
    assert seen["opened"] < 1_000 * (3 if "CI" in os.environ else 2)
    assert sorted(seen["forms"])[len(seen["forms"]) // 2] < 100 * (3 if "CI" in os.environ else 2)


def test_nothing_offends_and_nobody_else_is_asked(worked: Worked) -> None:
    seen, _, _ = worked
    assert seen["offenders"] == []
    assert len(set(seen["requests"])) == 1
    assert seen["requests"][0].startswith("127.0.0.1:")


@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT"])
def test_whoever_ends_it_finds_nothing_left_behind(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    program = Program(folder, tmp_path / "readout.db")
    assert httpx.get(program.start()).status_code == 200
    assert [one.name[:16] for one in program.temporary.iterdir()] == ["readout-preview-"]
    assert program.end(signal.Signals[name]) == 0
    assert not list(program.temporary.iterdir())
