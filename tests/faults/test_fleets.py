"""Several servers on one bucket, and what a large release takes on its way."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.settings import PROJECT
from tests.storage import Place

pytestmark = pytest.mark.faults

SIZE = 300 * 2**20
SENDING = """
import json, sys
from pathlib import Path
from app.store.kept import Kept, Manifest

def most():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024

url, file, copy, size = sys.argv[1:]
kept = Kept.at(url)
manifest = Manifest(number=1, digest="0" * 64, size=int(size), schema="1", program="1",
                    published_at="2026-01-01T00:00:00Z")
kept.refuse_overwriting()
before = most()
kept.upload(Path(file), manifest)
sent = most()
with open(copy, "wb") as out:
    out.writelines(kept.pieces(manifest))
print(json.dumps([before, sent - before, most() - before]))
"""


def test_requests_go_on_through_releases_a_restart_of_storage_and_the_loss_of_a_server(
    figure: Callable[[str, object], None],
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.bucket", "--releases", "6"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    heads, _, values = done.stdout.strip().splitlines()
    for name, value in zip(heads.split("|")[1:-1], values.split("|")[1:-1], strict=True):
        figure(name.strip(), value.strip())


def test_a_large_file_takes_little_memory_on_its_way(
    bucket: Place, tmp_path: Path, figure: Callable[[str, object], None]
) -> None:
    file, copy = tmp_path / "large.db", tmp_path / "copy.db"
    piece = bytes(range(256)) * 4_096
    with file.open("wb") as out:
        for at in range(SIZE // len(piece)):
            out.write(at.to_bytes(8, "big") + piece[8:])
    done = subprocess.run(
        [sys.executable, "-c", SENDING, bucket.url, file, copy, str(SIZE)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    before, sending, both = json.loads(done.stdout)
    assert subprocess.run(["cmp", file, copy], check=False).returncode == 0
    assert sending < 100
    assert both < 100
    figure("MiB before, more to send 300 MiB, and to fetch them again", [before, sending, both])
