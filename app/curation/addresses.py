"""Problems as a person looks for them: with line and id, the same fault once with its places."""

import json
import re
from collections.abc import Iterable
from functools import cache

from app.curation.reading import Finding, Place, address_of, data_of, visible
from app.curation.writing import Node, tree

_MOST_BYTES = 8 * 1024 * 1024  # of a larger file, lines take too long to find
_MOST_PLACES = 30  # that are named
_step = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


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
