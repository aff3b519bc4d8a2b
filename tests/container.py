"""A container, as far as a machine can make one without an engine.

`unshare` gives namespaces of its own, as `docker run --read-only --network none` does. In them this
file, run as a program, puts a root together from read-only mounts and hands the process over to the
command: it is process 1, has no rights, sees nothing of the machine but its system folders, and can
write nowhere but in its volumes. What the base image brings (a C library, `sh`, Python) is the
machine's own. Nothing is mounted outside, and nothing outlives process 1.
"""

import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

SYSTEM = [path for name in ("bin", "etc", "lib*", "sbin", "usr") for path in Path("/").glob(name)]
PREFIX = Path(sys.base_prefix)
INTERPRETER = PREFIX / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"

# From Linux's headers.
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4


@dataclass(frozen=True)
class World:
    """Where a command runs: what `docker run` is told before the name of the image."""

    root: Path
    workdir: str
    user: int
    group: int
    environment: dict[str, str]
    volumes: dict[str, Path] = field(default_factory=dict)
    """By the path inside; one that ends in `:ro` is read-only."""

    def mounts(self) -> list[tuple[str, str, str]]:
        """What is mounted, where, and whether it can be written."""
        shown = [path for path in SYSTEM if not path.is_symlink()]
        if not PREFIX.is_relative_to("/usr"):
            shown.append(PREFIX)
        return [(str(path), str(path), "ro") for path in shown] + [
            (str(path), inside.removesuffix(":ro"), "ro" if inside.endswith(":ro") else "rw")
            for inside, path in self.volumes.items()
        ]

    def furnish(self) -> None:
        """Make a place in the root for each mount."""
        for path in SYSTEM:
            link = self.root / path.name
            if path.is_symlink() and not link.is_symlink():
                link.symlink_to(path.readlink())
        for _, inside, _ in self.mounts():
            (self.root / inside.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def unshare(self) -> list[str]:
        """The start of a command line for namespaces in which mounting is allowed."""
        options = ["--mount", "--net", "--ipc", "--uts", "--pid", "--fork"]
        if os.getuid():  # not root: be the user from the start, where that user may mount
            options += [f"--map-user={self.user}", f"--map-group={self.group}", "--keep-caps"]
        return ["unshare", *options]

    def nsenter(self, process: int) -> list[str]:
        """The start of a command line that joins a process in its namespaces."""
        options = ["--mount", "--net", "--ipc", "--uts", "--pid", "--root", "--wd"]
        if os.getuid():
            options += ["--user", "--preserve-credentials"]
        else:
            options += [f"--setuid={self.user}", f"--setgid={self.group}"]
        return [shutil.which("nsenter") or "nsenter", f"--target={process}", *options]


def why_not(world: World) -> str | None:
    """Why this machine lets nobody make a container, or None."""
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        return "unshare and nsenter (util-linux) are not here"
    attempt = [*world.unshare(), "mount", "--bind", "-o", "ro", "/usr", "/usr"]
    found = subprocess.run(attempt, capture_output=True, text=True, check=False)
    return f"namespaces are not allowed here: {found.stderr.strip()}" if found.returncode else None


class Container:
    """A command as process 1, and what an engine does with it."""

    def __init__(self, world: World, command: list[str]) -> None:
        """Start the command."""
        self._world = world
        world.furnish()
        told = {
            "root": str(world.root),
            "mounts": world.mounts(),
            "workdir": world.workdir,
            "user": world.user,
            "group": world.group,
            "environment": world.environment,
            "command": command,
        }
        begun, begins = os.pipe()
        self._process = subprocess.Popen(
            [*world.unshare(), sys.executable, __file__, json.dumps(told), str(begins)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            pass_fds=[begins],
        )
        os.close(begins)
        os.read(begun, 1)  # comes when the command takes over; nothing comes if it never does
        os.close(begun)

    def __enter__(self) -> Self:
        """Nothing is left behind afterwards."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it, if it has not ended."""
        with self._process:
            if not self.ended():
                os.kill(self._first(), signal.SIGKILL)

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run another command beside process 1, as `docker exec` and the health check do."""
        return subprocess.run(
            [*self._world.nsenter(self._first()), *command],
            env=self._world.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    def stop(self) -> None:
        """Ask process 1 to end."""
        os.kill(self._first(), signal.SIGTERM)

    def wait(self, seconds: float) -> tuple[int, str]:
        """The exit status and the log, once it has ended. Raises TimeoutExpired."""
        log, _ = self._process.communicate(timeout=seconds)
        return self._process.returncode, log

    def ended(self) -> bool:
        """Whether process 1 has ended."""
        return self._process.poll() is not None

    def _first(self) -> int:
        parent = self._process.pid
        return int(Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii"))


def _take_over(told: str, begins: str) -> None:
    """Put the root together, give up all rights, and become the command."""
    spec = json.loads(told)
    root = spec["root"]
    _loopback_up()
    _mount("--bind", root, root)
    for source, inside, mode in spec["mounts"]:
        _mount("--bind", "-o", mode, source, f"{root}{inside}")
    _mount("-o", "remount,bind,ro", root)
    os.chroot(root)
    os.chdir(spec["workdir"])
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(spec["group"])
        os.setuid(spec["user"])
    else:
        ctypes.CDLL(None).prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    os.write(int(begins), b"!")
    os.close(int(begins))
    os.execvpe(spec["command"][0], spec["command"], spec["environment"])  # noqa: S606 - as told


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def _loopback_up() -> None:
    """A new network has a loopback device, switched off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", _IFF_UP)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)


if __name__ == "__main__":
    _take_over(*sys.argv[1:])
