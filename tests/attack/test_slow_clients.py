"""Many clients that are slow on purpose, by slowhttptest, and one that is not."""

import subprocess
import threading
import time
from pathlib import Path

import httpx2 as httpx
import pytest

from app.curation.load import load
from app.curation.synthetic import synthesize
from tests.conftest import serving
from tests.needs import slowhttptest

pytestmark = pytest.mark.attack
SECONDS = 25
CONNECTIONS = 1_000
MODES = {
    "heads that never end": ["-H", "-i", "5"],
    "bodies that never end": ["-B", "-i", "5", "-s", "8192"],
    "ranges by the hundred": ["-R", "-a", "1", "-b", "3000"],
    "answers that nobody reads": ["-X", "-w", "1", "-y", "5", "-n", "5", "-z", "32", "-k", "3"],
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with answers that are larger than what sockets hold."""
    folder = tmp_path_factory.mktemp("attacked")
    load([str(file) for file in synthesize(folder / "data", 1_500)], folder / "readout.db")
    return folder / "readout.db"


@pytest.mark.parametrize("mode", MODES)
def test_the_others_are_served_and_nothing_stays(mode: str, database: Path, tmp_path: Path) -> None:
    with serving(database) as server, httpx.Client(base_url=server.url, timeout=5) as client:
        assert client.get("/agreements").status_code == 200
        files = Path(f"/proc/{server.process.pid}/fd")
        before, most = len(list(files.iterdir())), 0
        path = "/commitments?format=csv" if mode == "answers that nobody reads" else "/agreements"
        attack = threading.Thread(
            target=subprocess.run,
            args=([slowhttptest(), *MODES[mode], "-c", str(CONNECTIONS), "-r", "300",
                   "-l", str(SECONDS), "-u", server.url + path],),
            kwargs={"stdout": subprocess.DEVNULL, "check": False, "cwd": tmp_path},
        )  # fmt: skip
        attack.start()
        took = []
        while attack.is_alive():
            began = time.monotonic()
            assert client.get("/agreements?limit=5").status_code == 200
            took.append(time.monotonic() - began)
            most = max(most, len(list(files.iterdir())))
            time.sleep(0.05)
        attack.join()
        half, slowest = (1000 * took for took in (sorted(took)[len(took) // 2], max(took)))
        print(  # noqa: T201 - what it is for
            f"\n{mode}: {len(took)} requests beside it, half within {half:.1f} ms, the slowest "
            f"{slowest:.0f} ms; up to {most - before} connections"
        )
        assert len(took) > SECONDS
        last = time.monotonic() + 45  # a client that takes nothing is cut off after 30 seconds
        while len(list(files.iterdir())) > before + 2:
            assert time.monotonic() < last, len(list(files.iterdir())) - before
            time.sleep(0.5)
