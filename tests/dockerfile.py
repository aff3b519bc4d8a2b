"""What the Dockerfile says, read the way a builder reads it, and its COPY lines acted out."""

import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from string import Template

# Of the base image, as its own Dockerfile sets it.
PATH = "/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Copy:
    """A COPY line; `stage` is None for the context."""

    stage: str | None
    sources: list[str]
    target: str


@dataclass
class Stage:
    """What a stage leaves behind, apart from what its RUN lines do."""

    name: str
    workdir: str = "/"
    user: str = "root"
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    labels: dict[str, str] = field(default_factory=dict)
    exposed: list[int] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def heir(self, name: str) -> "Stage":
        """A stage that begins where this one ends."""
        environment, labels = dict(self.environment), dict(self.labels)
        return replace(self, name=name, environment=environment, labels=labels, copies=[], runs=[])


def read_stages(text: str) -> list[Stage]:
    """The stages in order, the final one last. Raises ValueError for what is not known here."""
    stages: list[Stage] = []
    for instruction, rest in _instructions(text):
        if instruction == "FROM":
            base, *alias = re.split(r"\s+AS\s+", rest)
            found = [stage for stage in stages if stage.name == base] or [Stage(base)]
            stages.append(found[0].heir(alias[0] if alias else ""))
        else:
            _apply(stages[-1], instruction, rest)
    return stages


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    for line in "\n".join(lines).replace("\\\n", "").splitlines():
        instruction, _, rest = line.partition(" ")
        yield instruction, rest.strip()


def _apply(stage: Stage, instruction: str, rest: str) -> None:
    match instruction:
        case "WORKDIR":
            stage.workdir = _absolute(stage, rest)
        case "USER":
            stage.user = rest
        case "ENV":
            before = dict(stage.environment)
            stage.environment |= {k: Template(v).substitute(before) for k, v in _pairs(rest)}
        case "LABEL":
            stage.labels |= dict(_pairs(rest))
        case "EXPOSE":
            stage.exposed = [int(port) for port in rest.split()]
        case "VOLUME":
            stage.volumes = rest.split()
        case "COPY":
            stage.copies.append(_copy(stage, rest))
        case "RUN":
            stage.runs.append(rest)
        case "HEALTHCHECK":
            stage.healthcheck = json.loads(rest.partition(" CMD ")[2])
        case "ENTRYPOINT":
            stage.entrypoint = json.loads(rest)
        case "CMD":
            stage.command = json.loads(rest)
        case _:
            raise ValueError(f"{instruction} is not known to this test; teach it")


def _pairs(rest: str) -> Iterator[tuple[str, str]]:
    for word in shlex.split(rest):
        name, _, value = word.partition("=")
        yield name, value


def _copy(stage: Stage, rest: str) -> Copy:
    origin = re.match(r"--from=(\S+)\s+", rest)
    *sources, target = rest[origin.end() if origin else 0 :].split()
    slash = "/" if target.endswith("/") or len(sources) > 1 else ""
    return Copy(origin and origin[1], sources, _absolute(stage, target) + slash)


def _absolute(stage: Stage, path: str) -> str:
    return str(PurePosixPath(stage.workdir, path))


def act_out(
    copy: Copy, origin: Path, root: Path, ignored: Callable[[str], bool] = lambda _: False
) -> None:
    """Copy what the line copies from `origin` into `root`: a folder's content, or a file."""
    for source in copy.sources:
        path, target = origin / source.lstrip("/"), root / copy.target.lstrip("/")
        if copy.target.endswith("/"):
            target /= path.name
        for file in [path] if path.is_file() else _files(path):
            if not ignored(file.relative_to(origin).as_posix()):
                place = target / file.relative_to(path)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, place, follow_symlinks=False)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())


def read_ignored(text: str) -> Callable[[str], bool]:
    """Whether .dockerignore keeps a file out: the last pattern that matches it, or a folder of
    its, decides."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]
    rules = [(_pattern(line.lstrip("!")), not line.startswith("!")) for line in lines]

    def ignored(file: str) -> bool:
        path = PurePosixPath(file)
        names = [str(path), *map(str, path.parents)]
        verdicts = [out for rule, out in rules if any(rule.fullmatch(name) for name in names)]
        return bool(verdicts) and verdicts[-1]

    return ignored


def _pattern(line: str) -> re.Pattern[str]:
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(
            parts.get(part) or re.escape(part) for part in re.split(r"(\*\*/|\*\*|\*|\?)", line)
        )
    )
