"""Disks that are full or can't be written to, and power that is cut."""

import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from app.store.files import published
from app.store.release import UnusableRelease
from tests import needs
from tests.conftest import Server, serving, wait_until
from tests.faults.world import (
    FIRST,
    SECOND,
    Mounted,
    assert_whole,
    command,
    environment,
    load_command,
    put,
    reading,
    ready,
)

pytestmark = pytest.mark.faults
PAGE = 4096


@pytest.fixture
def on_small_disk(small_disk: Mounted, database: Path) -> Path:
    """The database, on a disk of its own."""
    shutil.copy(database, small_disk.folder)
    return small_disk.folder / database.name


def assert_refused(done: subprocess.CompletedProcess[str], database: Path) -> None:
    """The load failed with one line that names the database."""
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"readout: can't (write|publish) .*{database}.*\n", done.stderr)


def test_a_full_disk_leaves_the_old_release_however_much_room_there_is(
    small_disk: Mounted,
    on_small_disk: Path,
    tmp_path: Path,
    figure: Callable[[str, object], None],
) -> None:
    file = SECOND.write(tmp_path)
    too_little, enough = small_disk.used, 16 * 1024 * 1024
    sizes, messages = 0, set()
    before = on_small_disk.read_bytes()
    # The last size that is too little lacks one page: of what is written last, the seal.
    while enough - too_little > PAGE:
        size = (too_little + enough) // 2 // PAGE * PAGE
        small_disk.remount(f"size={size}")
        done = load_command(on_small_disk, file)
        small_disk.remount("size=64m")
        if done.returncode:
            assert_refused(done, on_small_disk)
            assert on_small_disk.read_bytes() == before
            assert_whole(on_small_disk, 1, FIRST)
            messages.add(done.stderr.strip().rpartition("readout.db")[2])
            too_little = size
        else:
            assert_whole(on_small_disk, 2, SECOND)
            for left in small_disk.folder.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            on_small_disk.write_bytes(before)
            enough = size
        sizes += 1
    assert messages
    figure("sizes tried, down to a page too little", sizes)


def test_a_server_serves_on_while_the_disk_is_full(
    small_disk: Mounted, on_small_disk: Path, tmp_path: Path
) -> None:
    file = SECOND.write(tmp_path)
    with serving(on_small_disk) as server:
        with reading(server.url) as readers:
            for room in (0, 5, 20, 60):  # pages; a release has 80
                small_disk.remount(f"size={small_disk.used + room * PAGE}")
                assert_refused(load_command(on_small_disk, file), on_small_disk)
        readers.check(lambda _: FIRST)
        assert {answer[0] for answer in readers.answers} == {200}
        assert ready(server.url) == (200, "1")
        small_disk.remount("size=64m")
        assert load_command(on_small_disk, file).returncode == 0
        wait_until(lambda: ready(server.url) == (200, "2"))


def test_a_place_that_is_read_only_is_served_from_and_not_loaded_into(
    small_disk: Mounted, on_small_disk: Path, tmp_path: Path
) -> None:
    file = SECOND.write(tmp_path)
    small_disk.remount("ro")
    with serving(on_small_disk) as server:
        refused = load_command(on_small_disk, file)
        assert_refused(refused, on_small_disk)
        assert refused.stderr.endswith(": Read-only file system\n")
        with reading(server.url) as readers:
            wait_until(lambda: len(readers.walks) > 20)
        readers.check(lambda _: FIRST)
        small_disk.remount("rw")
        assert load_command(on_small_disk, file).returncode == 0
        wait_until(lambda: ready(server.url) == (200, "2"))


class Call(NamedTuple):
    """A call to the system, as it was traced."""

    name: str
    given: str


WRITING = {"write", "pwrite64", "writev", "pwritev", "ftruncate", "sendfile", "copy_file_range"}
TRACED = [*WRITING, "fsync", "fdatasync", "rename", "renameat", "renameat2", "openat", "close"]
_CALL = re.compile(r"(\w+)\((.*)\) += (\d+)(<.*>)?")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>")


def traced(database: Path, file: str, log: Path) -> list[Call]:
    """The calls of a load that succeeded, in the order in which they ended."""
    strace = [needs.strace(), "-f", "-y", "-s", "0", "-e", f"trace={','.join(TRACED)}"]
    subprocess.run(
        [*strace, "-o", log, *command("load", file)],
        env=environment(database),
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=60,
    )
    calls, begun = [], dict[str, str]()
    for line in log.read_text(encoding="utf-8").splitlines():
        thread, _, call = line.partition(" ")
        if call.endswith("<unfinished ...>"):
            begun[thread] = call.removesuffix("<unfinished ...>").strip()
        elif found := _CALL.fullmatch(_RESUMED.sub(lambda _: begun.pop(thread), call.strip())):  # noqa: B023 - now
            calls.append(Call(found[1], found[2]))
    return calls


def places(calls: list[Call], names: set[str], path: Path) -> list[int]:
    """When a file was written to, synced or the like: what is written to is named first."""
    this = re.compile(rf"\d+<{re.escape(str(path))}>")
    return [at for at, call in enumerate(calls) if call.name in names and this.match(call.given)]


def test_what_is_published_is_on_the_disk_before_it_has_its_name(
    database: Path, tmp_path: Path, figure: Callable[[str, object], None]
) -> None:
    draft = database.with_name("readout.db.draft")
    calls = traced(database, SECOND.write(tmp_path), tmp_path / "trace")
    written = places(calls, WRITING, draft)
    synced = places(calls, {"fsync", "fdatasync"}, draft)
    named = [
        at
        for at, call in enumerate(calls)
        if call.name.startswith("rename") and f'"{draft}"' in call.given
    ]
    folder = places(calls, {"fsync"}, database.parent)
    assert len(named) == 1
    assert f'"{database}"' in calls[named[0]].given
    assert len(written) > 10
    assert max(written) < max(synced) < named[0] < max(folder)
    # The file that is served is never written to, not even opened for it.
    assert not places(calls, WRITING, database)
    opened = [c.given for c in calls if c.name == "openat" and f'"{database}"' in c.given]
    assert opened
    assert not [given for given in opened if "O_WRONLY" in given or "O_RDWR" in given]
    figure("writes before the sync", len(written))


def test_pages_that_never_reached_the_disk_are_found(
    running: Server, tmp_path: Path, figure: Callable[[str, object], None]
) -> None:
    """A disk that says that it has written, and has not: the name is new, some pages are old."""
    database = running.file
    old = database.read_bytes()
    assert load_command(database, SECOND.write(tmp_path)).returncode == 0
    wait_until(lambda: ready(running.url) == (200, "2"))
    new = database.read_bytes()
    found = 0
    for _ in range(100):
        torn = bytearray(new)
        for page in random.sample(range(len(new) // PAGE), random.randint(1, 8)):
            where = slice(page * PAGE, (page + 1) * PAGE)
            torn[where] = random.choice([old[where].ljust(PAGE, b"\0"), bytes(PAGE)])
        if torn != new:
            put(bytes(torn), tmp_path / "torn.db")
            with pytest.raises(UnusableRelease):
                published(tmp_path / "torn.db")
            found += 1
    assert found > 90
    put((tmp_path / "torn.db").read_bytes(), database)
    with serving(database) as server:
        status, says = ready(server.url)
        assert (status, "it is" in says) == (503, True)
        assert ready(running.url) == (200, "2")  # from the file that it opened before
        put(old, database)
        wait_until(lambda: ready(server.url) == ready(running.url) == (200, "1"))
    figure("torn files refused", f"{found} of {found}")
