"""Disks that are full or can't be written to, and power that is cut."""

import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import httpx2 as httpx
import pytest

from app.store.folder import Folder
from app.store.release import OpenRelease
from app.store.seal import DamagedRelease
from tests import needs
from tests.conftest import Server, file_of, serving, wait_until
from tests.faults.world import (
    FIRST,
    SECOND,
    Mounted,
    assert_whole,
    command,
    environment,
    left_over,
    load_command,
    manifests,
    put,
    reading,
    ready,
)
from tests.storage import Place

pytestmark = pytest.mark.faults
PAGE = 4096
MADE = ("bundle.json", "datapackage.zip")


@pytest.fixture
def on_small_disk(small_disk: Mounted, database: Path) -> Path:
    """The database, on a disk of its own."""
    shutil.copytree(database.parent, small_disk.folder, symlinks=True, dirs_exist_ok=True)
    return small_disk.folder / database.name


def assert_refused(done: subprocess.CompletedProcess[str], database: Path) -> None:
    """The load failed with one line that names the place, and left nothing."""
    assert (done.returncode, done.stdout) == (1, "")
    said = rf"readout: (can't write|nothing is published:) .*{database}.*\n"
    assert re.fullmatch(said, done.stderr), done.stderr
    assert left_over(database) == set()
    assert_whole(database, 1, FIRST)


def test_a_full_disk_leaves_the_old_release_however_much_room_there_is(
    small_disk: Mounted,
    on_small_disk: Path,
    tmp_path: Path,
    figure: Callable[[str, object], None],
) -> None:
    file = SECOND.write(tmp_path)
    before = tmp_path / "before"
    shutil.copytree(small_disk.folder, before, symlinks=True)
    too_little, enough = small_disk.used, 16 * 1024 * 1024
    sizes, messages = 0, set()
    # The last size that is too little lacks one page: of what is written last, the manifest.
    while enough - too_little > PAGE:
        size = (too_little + enough) // 2 // PAGE * PAGE
        small_disk.remount(f"size={size}")
        done = load_command(on_small_disk, file)
        small_disk.remount("size=64m")
        if done.returncode:
            assert_refused(done, on_small_disk)
            messages.add(done.stderr.strip().rpartition("/")[2])
            too_little = size
        else:
            assert_whole(on_small_disk, 2, SECOND)
            for left in small_disk.folder.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            shutil.copytree(before, small_disk.folder, symlinks=True, dirs_exist_ok=True)
            enough = size
        sizes += 1
    assert messages
    figure("sizes tried, down to a page too little", sizes)
    figure("what was said", "; ".join(sorted(messages)))


def test_a_server_serves_on_while_the_disk_is_full(
    small_disk: Mounted, on_small_disk: Path, tmp_path: Path
) -> None:
    file = SECOND.write(tmp_path)
    with serving(on_small_disk) as server:
        with reading(server.url) as readers:
            for room in (0, 5, 20, 60):  # pages; a release has 80
                small_disk.remount(f"size={small_disk.used + room * PAGE}")
                assert_refused(load_command(on_small_disk, file), on_small_disk)
            small_disk.remount(f"size={small_disk.used}")
            for made in MADE:
                answer = httpx.get(f"{server.url}/releases/1/{made}")
                assert answer.status_code == 503
                assert answer.headers["retry-after"]
            assert httpx.get(f"{server.url}/releases/1/readout.db").status_code == 200
        readers.check(lambda _: FIRST)
        assert ready(server.url) == (200, "1")
        small_disk.remount("size=64m")
        assert httpx.get(f"{server.url}/releases/1/bundle.json").status_code == 200
        assert load_command(on_small_disk, file).returncode == 0
        wait_until(lambda: ready(server.url) == (200, "2"))


def test_a_place_that_is_read_only_is_served_from_and_not_loaded_into(
    small_disk: Mounted, on_small_disk: Path, tmp_path: Path
) -> None:
    file = SECOND.write(tmp_path)
    workplace = tmp_path / "temporary"
    workplace.mkdir()
    small_disk.remount("ro")
    with serving(on_small_disk, TMPDIR=str(workplace)) as server:
        refused = load_command(on_small_disk, file)
        assert_refused(refused, on_small_disk)
        assert "Read-only file system" in refused.stderr
        with reading(server.url) as readers:
            wait_until(lambda: len(readers.walks) > 20)
        readers.check(lambda _: FIRST)
        # What is made of a release is made elsewhere.
        for made in MADE:
            answer = httpx.get(f"{server.url}/releases/1/{made}")
            assert (answer.status_code, len(answer.content) > 1_000) == (200, True)
        assert httpx.get(f"{server.url}/releases/1/readout.db").status_code == 200
        assert list(workplace.rglob("*.json"))
        small_disk.remount("rw")
        assert load_command(on_small_disk, file).returncode == 0
        wait_until(lambda: ready(server.url) == (200, "2"))
    assert not list(workplace.iterdir())


def test_a_copy_of_a_bucket_has_what_there_is_room_for(
    small_disk: Mounted, bucket: Place, tmp_path: Path
) -> None:
    publisher, copy = tmp_path / "publisher" / "readout.db", small_disk.folder / "readout.db"
    assert load_command(publisher, FIRST.write(tmp_path), **bucket.environment).returncode == 0
    with serving(copy, **bucket.environment) as server:
        wait_until(lambda: ready(server.url) == (200, "1"))
        with reading(server.url) as readers:
            small_disk.remount(f"size={small_disk.used + 20 * PAGE}")
            done = load_command(publisher, SECOND.write(tmp_path), **bucket.environment)
            assert done.returncode == 0
            wait_until(lambda: "\nreadout_behind 1.0\n" in figures(server))
            assert left_over(copy) == set()
        readers.check(lambda _: FIRST)
        small_disk.remount("size=64m")
        wait_until(lambda: ready(server.url) == (200, "2"))
        wait_until(lambda: "\nreadout_behind 0.0\n" in figures(server))
    assert_whole(copy, 2, SECOND)
    # A copy that can't be written to is served, and known to be no fresh one.
    small_disk.remount("ro")
    with serving(copy, **bucket.environment) as server:
        assert ready(server.url) == (200, "2")
        wait_until(lambda: "\nreadout_behind 1.0\n" in figures(server))
        server.process.terminate()
        assert server.process.stderr
        assert "Read-only file system" in server.process.stderr.read()


def figures(server: Server) -> str:
    """What a server says of itself."""
    return httpx.get(f"{server.url}/metrics").text


class Call(NamedTuple):
    """A call to the system, as it was traced."""

    name: str
    given: str


WRITING = {"write", "pwrite64", "writev", "pwritev", "ftruncate", "sendfile", "copy_file_range"}
TRACED = [*WRITING, "fsync", "fdatasync", "rename", "renameat", "link", "linkat", "openat"]
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
        elif match := _CALL.fullmatch(_RESUMED.sub(lambda _: begun.pop(thread), call.strip())):  # noqa: B023 - now
            calls.append(Call(match[1], match[2]))
    return calls


def places(calls: list[Call], names: set[str], path: Path) -> list[int]:
    """When a file was written to, synced or the like: what is written to is named first."""
    this = re.compile(rf"\d+<{re.escape(str(path))}>")
    return [at for at, call in enumerate(calls) if call.name in names and this.match(call.given)]


def made(calls: list[Call], name: str, target: Path) -> list[tuple[int, str]]:
    """When a draft got this name by a call, and its path before."""
    both = re.compile(rf'"([^"]+/[0-9a-f]{{16}}\.draft)".*"{re.escape(str(target))}"')
    calls_to_it = [(at, both.search(call.given)) for at, call in enumerate(calls)
                   if call.name.startswith(name)]  # fmt: skip
    return [(at, paths[1]) for at, paths in calls_to_it if paths]


def test_what_is_published_is_on_the_disk_before_it_has_its_name(
    database: Path, tmp_path: Path, figure: Callable[[str, object], None]
) -> None:
    folder, served = Folder(database).path, file_of(database, 1)
    calls = traced(database, SECOND.write(tmp_path), tmp_path / "trace")
    ((renamed, data),) = made(calls, "rename", file_of(database, 2))
    ((linked, manifest),) = made(calls, "link", folder / "2.json")
    synced = places(calls, {"fsync"}, folder)
    written = places(calls, WRITING, Path(data))
    assert len(written) > 10
    # The file is on the disk before it has its name, and its name before it is published.
    last = max(places(calls, {"fsync", "fdatasync"}, Path(data)))
    assert max(written) < last < renamed
    assert any(renamed < at < linked for at in synced)
    begun, ended = (places(calls, names, Path(manifest)) for names in (WRITING, {"fsync"}))
    assert max(begun) < max(ended) < linked < max(synced)
    # The file that is served is never written to, not even opened for it.
    opened = [c.given for c in calls if c.name == "openat" and f'"{served}"' in c.given]
    assert opened
    assert not [given for given in opened if "O_WRONLY" in given or "O_RDWR" in given]
    figure("writes before the sync", len(written))


def test_pages_that_never_reached_the_disk_are_found(
    running: Server, tmp_path: Path, figure: Callable[[str, object], None]
) -> None:
    """A disk that says that it has written, and has not: the name is new, some pages are old."""
    database = running.file
    assert load_command(database, SECOND.write(tmp_path)).returncode == 0
    wait_until(lambda: ready(running.url) == (200, "2"))
    first, second = file_of(database, 1), file_of(database, 2)
    old, new = first.read_bytes(), second.read_bytes()
    torn_file, refusals = tmp_path / "torn.db", 0
    while refusals < 100:
        torn = bytearray(new)
        for page in random.sample(range(len(new) // PAGE), random.randint(1, 8)):
            where = slice(page * PAGE, (page + 1) * PAGE)
            torn[where] = random.choice([old[where].ljust(PAGE, b"\0"), bytes(PAGE)])
        if torn != new:  # some pages are the same in both releases
            put(bytes(torn), torn_file)
            with pytest.raises(DamagedRelease):
                OpenRelease(torn_file, manifests(database)[2])
            refusals += 1
    put(torn_file.read_bytes(), second)
    with serving(database) as server:
        assert ready(server.url) == (200, "1")  # the newest that is whole
        assert "\nreadout_behind 1.0\n" in figures(server)
        assert ready(running.url) == (200, "2")  # from the file that it opened before
        put(new, second)
        wait_until(lambda: ready(server.url) == ready(running.url) == (200, "2"))
    # A manifest that was torn is no release, and its number is not given again.
    (Folder(database).path / "3.json").write_bytes(b"")
    with serving(database) as server:
        assert ready(server.url) == (200, "2")
    refused = load_command(database, FIRST.write(tmp_path))
    assert ": 3.json is too small or too large for a manifest; " in refused.stderr
    figure("torn files refused", refusals)
