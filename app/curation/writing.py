"""A file that somebody wrote: the lines of its problems, and changes that leave its form.

A problem has its line and id, and the same fault is said once with its places. What is changed is
written whole or not at all.
"""

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from errno import ENOENT
from functools import cache
from json.decoder import scanstring  # type: ignore[attr-defined] # what reads strings there
from pathlib import Path
from typing import Any, NamedTuple

from app.curation.reading import Finding, Place, address_of, data_of, visible
from app.store.folder import sync

_WIDTH = 100  # columns
_MOST_BYTES = 8 * 1024 * 1024  # of a larger file, lines take too long to find
_MOST_PLACES = 30  # that are named
_step = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_blank = re.compile(r"[ \t\r\n]*")
_atom = re.compile(r"[^\s,\]}]+")


class Node(NamedTuple):
    """A value in the text of a JSON file, and the values in it by their keys or numbers."""

    start: int
    end: int
    inner: dict[int | str, "Node"]

    def at(self, place: Place) -> "Node | None":
        """The value at a place; None where there is none."""
        node: Node | None = self
        for step in place:
            node = node.inner.get(step) if node else None
        return node

    def nearest(self, place: Place) -> "Node":
        """The value at a place, or the innermost around it that is there."""
        while (node := self.at(place)) is None:
            place = place[:-1]
        return node


def tree(text: str) -> Node:
    """Where each value of a JSON text stands. The text has been read without a problem."""
    return _node(text, _skip(text, int(text.startswith("\ufeff"))))


def _skip(text: str, at: int) -> int:
    match = _blank.match(text, at)
    return match.end() if match else at


def _node(text: str, start: int) -> Node:
    if text[start] == '"':
        return Node(start, scanstring(text, start + 1)[1], {})
    if text[start] not in "[{":
        match = _atom.match(text, start)
        return Node(start, match.end() if match else start, {})
    inner: dict[int | str, Node] = {}
    at = _skip(text, start + 1)
    while text[at] not in "]}":
        step: int | str = len(inner)
        if text[start] == "{":
            step, at = scanstring(text, at + 1)
            at = _skip(text, _skip(text, at) + 1)
        inner[step] = node = _node(text, at)
        at = _skip(text, node.end)
        at = _skip(text, at + 1) if text[at] == "," else at
    return Node(start, at + 1, inner)


def with_values(text: str, values: Mapping[Place, Any]) -> str:
    """A JSON text with some values set: in their places, or as the last key of their object."""
    root = tree(text)
    # Several at the end of one object stay in their order, as the last one is written first.
    edits: list[tuple[int, int, int, str]] = []
    for number, (place, value) in enumerate(values.items()):
        node, written = root.at(place), json.dumps(value, ensure_ascii=False)
        if node:
            edits.append((node.start, number, node.end, written))
        elif whole := root.at(place[:-1]):
            at = max((inner.end for inner in whole.inner.values()), default=whole.start + 1)
            comma = f",{_gap(text, whole, ' ')}" if whole.inner else ""
            edits.append((at, number, at, f'{comma}"{place[-1]}": {written}'))
    for start, _, end, written in sorted(edits, reverse=True):
        text = text[:start] + written + text[end:]
    return text


def with_item(text: str, key: str, at: int, item: Any) -> str:
    """A bundle's text with one more item in a list, which is begun if it is not there."""
    root = tree(text)
    items = root.inner.get(key)
    unit, line = _unit(text, root), _line_end(text)
    whole = f"[{line}{unit * 2}{_written(text, item, unit * 2, unit)}{line}{unit}]"
    if items is None:
        end = max((node.end for node in root.inner.values()), default=root.start + 1)
        comma = "," if root.inner else ""
        rest = text[end:] if root.inner else line + text[end:].lstrip()
        return f'{text[:end]}{comma}{line}{unit}"{key}": {whole}{rest}'
    if not items.inner:
        return text[: items.start] + whole + text[items.end :]
    gap = _gap(text, items, f"{line}{unit * 2}")
    written = _written(text, item, gap.rpartition("\n")[2] if "\n" in gap else unit * 2, unit)
    if at < len(items.inner):
        start = items.inner[at].start
        return f"{text[:start]}{written},{gap}{text[start:]}"
    end = items.inner[len(items.inner) - 1].end
    return f"{text[:end]},{gap}{written}{text[end:]}"


def with_changes(text: str, place: Place, before: dict[str, Any], after: dict[str, Any]) -> str:
    """A bundle's text with another entry at a place: what is equal in the two stays as it is."""
    for key, value in before.items():
        if key not in after:
            text = without(text, (*place, key))
        elif value != after[key]:
            root = tree(text)
            node, unit = root.nearest((*place, key)), _unit(text, root)
            begun = text[: node.start].rpartition("\n")[2]
            margin = begun[: len(begun) - len(begun.lstrip())]
            written = _written(text, after[key], margin, unit)
            text = text[: node.start] + written + text[node.end :]
    return with_values(text, {(*place, key): after[key] for key in after if key not in before})


def without(text: str, place: Place) -> str:
    """A bundle's text without a value that is there, with its key and its comma."""
    whole = tree(text).nearest(place[:-1])
    steps = list(whole.inner)
    at = steps.index(place[-1])
    end = whole.inner[place[-1]].end
    if at:
        return text[: whole.inner[steps[at - 1]].end] + text[end:]
    if len(steps) > 1:  # what stands before the first stands before the next one then
        start, end = _skip(text, whole.start + 1), _skip(text, _skip(text, end) + 1)
        return text[:start] + text[end:]
    return text[: whole.start + 1] + text[whole.end - 1 :]


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _written(text: str, value: Any, margin: str, unit: str) -> str:
    """A value as `formed`, its lines ended as those of a text."""
    return formed(value, margin, unit).replace("\n", _line_end(text))


def formed(value: Any, margin: str, unit: str) -> str:
    """A value as JSON for people: on a line where it fits, else each part on its own."""
    line = json.dumps(value, ensure_ascii=False)
    if len(margin) + len(line) <= _WIDTH or not value or not isinstance(value, dict | list):
        return line
    inner = margin + unit
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {formed(part, inner, unit)}" for key, part in value.items()]
        return f"{{\n{inner}" + f",\n{inner}".join(parts) + f"\n{margin}}}"
    parts = [formed(part, inner, unit) for part in value]
    return f"[\n{inner}" + f",\n{inner}".join(parts) + f"\n{margin}]"


def _gap(text: str, node: Node, otherwise: str) -> str:
    """What stands between the parts of an object or list, as at its beginning."""
    gap = text[node.start + 1 : _skip(text, node.start + 1)]
    return gap if "\n" in gap else otherwise


def _unit(text: str, root: Node) -> str:
    """By what a file is indented."""
    return _gap(text, root, "\n  ").rpartition("\n")[2] or "  "


def write_whole(file: str | Path, content: str) -> None:
    """Write a file anew, synced with its folder; where that fails, the one before stays.

    Raises OSError.
    """
    path = Path(file).resolve()
    if not path.parent.is_dir():
        folder = Path(file).parent
        raise FileNotFoundError(ENOENT, f"there is no such folder yet: mkdir {folder}", str(file))
    # One that a process left behind when it was killed is written over by the next.
    draft = path.with_name(f"{path.name}.draft")
    try:
        draft.write_bytes(content.encode())
        sync(draft)
        if path.exists():
            draft.chmod(path.stat().st_mode & 0o777)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    with suppress(OSError):  # some systems can't have a folder keep a name, and need not
        sync(path.parent)


class _Lines:
    """Where the values of a file stand."""

    def __init__(self, file: str) -> None:
        self._text, self._root = "", Node(0, 0, {})
        try:
            data = data_of(file)
            if len(data) <= _MOST_BYTES:
                json.loads(data)  # what can't be read has no places
                self._text = data.decode()
                self._root = tree(self._text)
        except (ValueError, RecursionError):
            return

    def line(self, place: Place) -> int | None:
        """The line of a value, or of what is around it where it is missing."""
        if not self._root.inner:
            return None
        return self._text.count("\n", 0, self._root.nearest(place).start) + 1

    def named(self, place: Place) -> str:
        """An address in which an entry has its id: `commitments[us-aid].by[0]`."""
        node = self._root.at((*place[:2], "id"))
        text = self._text[node.start : node.end] if node else ""
        if len(place) < 2 or not isinstance(place[1], int) or not text.startswith('"'):
            return address_of(place)
        whole = f"{place[0]}[{json.loads(text)}]"
        return f"{whole}.{address_of(place[2:])}" if place[2:] else whole


def lines_of(findings: Iterable[Finding], before: str = "") -> list[str]:
    """A line for each fault, `before` it its sort: `g7.json:212 commitments[us-aid].by[0]: …`."""
    same: dict[tuple[str, str, str], list[Place]] = {}
    for file, address, message in findings:
        place = place_of(address)
        # A value that is wrong is the same fault anywhere; what is said of a key is of that key.
        keys = [] if message.startswith('"') else [step for step in place if isinstance(step, str)]
        same.setdefault((file, "".join(keys[-1:]), message), []).append(place)
    lines_in = cache(_Lines)
    return [
        visible(_line(file, lines_in(file), places, f"{before}{message}"))
        for (file, _, message), places in same.items()
    ]


def _line(file: str, lines: _Lines, places: list[Place], message: str) -> str:
    first, *others = places
    number = lines.line(first) if first else None
    where = f"{file}:{number} {lines.named(first)}" if number else file
    if first and not number:
        where = f"{file}: {address_of(first)}"
    if not others:
        return f"{where}: {message}"
    numbers = [lines.line(place) for place in others[:_MOST_PLACES]]
    at = [f"line {n}" if n else address_of(p) for n, p in zip(numbers, others, strict=False)]
    more = f" and {len(others) - len(at)} more" if len(others) > len(at) else ""
    return f"{where}: {message} (the same at {', '.join(at)}{more})"


def place_of(address: str) -> Place:
    """The place that an address names: `commitments[12].by[0]`."""
    return tuple(int(number) if number else key for number, key in _step.findall(address))
