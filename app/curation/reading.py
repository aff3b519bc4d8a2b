"""Reading a file that somebody typed: strict JSON, bounded, with an address for every problem."""

import hashlib
import json
import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from app.curation.typed import fill_in

PROOF = ".proof.json"
"""How the name of a proof ends, which stands beside its bundle."""
MAX_FILE = 64 * 1024 * 1024  # bytes; a data set is many files, none of them large

_TWICE = "is given twice; keep one of the two"

Place = tuple[int | str, ...]
"""Keys and numbers that lead to a value in JSON: `("commitments", 12, "by", 0)`."""


class Finding(NamedTuple):
    """A problem, where it is, and what is wrong."""

    file: str
    address: str
    """As in `commitments[12].by[0]`; empty for the file as a whole."""
    message: str

    def __str__(self) -> str:
        """One line, safe to print on a terminal whatever the file holds."""
        return visible(": ".join(part for part in self if part))


def visible(text: str) -> str:
    """A text with everything unprintable written as an escape."""
    return "".join(
        c
        if c.isprintable() or unicodedata.category(c) == "Zs"
        else c.encode("unicode_escape", "surrogatepass").decode()
        for c in text
    )


def as_typed(value: Any) -> str:
    """A value in JSON, in at most 80 characters."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return _shortened(json.dumps(value, ensure_ascii=False))


def address_of(place: Place) -> str:
    """`("commitments", 12, "by", 0)` gives `commitments[12].by[0]`."""
    text = ""
    for step in place:
        key = f"[{step}]" if isinstance(step, int) else _shortened(step)
        text += f".{key}" if text and isinstance(step, str) else key
    return text


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


class Source(NamedTuple):
    """A file as read."""

    file: str
    content: Any
    """The JSON value; an empty bundle where the file can't be read."""
    findings: list[Finding]
    digest: bytes
    """Of the bytes, to see whether the file changes between two readings."""
    warnings: Sequence[Finding] = ()
    texts: Sequence[tuple[str, str, int]] = ()
    """Of each document with whose text the passages were compared: id, SHA-256, characters."""
    filled: Mapping[Place, Place] = {}
    """The places that `defaults` filled in, and which of them did."""

    def address(self, place: Place) -> str:
        """The address of a place, or of the default that filled it in."""
        for length in range(2, len(place) + 1):
            place = self.filled.get(place[:length], place)
        return address_of(place)

    @property
    def is_starter(self) -> bool:
        """Whether it has names and codes for others to refer to."""
        return isinstance(self.content, dict) and self.content.get("starter") is True


def data_of(file: str, if_large: str = "") -> bytes:
    """The bytes of a file or a pipe. Raises ValueError, which says why there are none."""
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:  # a NUL in the name, for one
        raise ValueError(f"can't be read: {getattr(error, 'strerror', error)}") from None
    if len(data) > MAX_FILE:
        raise ValueError(f"is larger than {MAX_FILE // 2**20} MiB{if_large}")
    return data


def read(file: str) -> Source:
    """Read a JSON file. Never raises: what is wrong with it is in `findings`."""
    if os.path.isdir(file):  # noqa: PTH112 - a Path fails where a name is too long
        return _unreadable(file, "is a folder without a bundle, a file that ends in .json")
    if file.endswith(PROOF):
        return _unreadable(file, f"is a proof; name its bundle, {file.removesuffix(PROOF)}.json")
    try:
        data = data_of(file, "; split it: several files make one data set")
    except ValueError as error:
        return _unreadable(file, str(error))
    return parse(file, data)


def parse(file: str, data: bytes) -> Source:
    """Read JSON from bytes, as `read` does."""
    flawed: list[_Ambiguous | _Rounded] = []

    def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            value = _Ambiguous(pairs)
            flawed.append(value)
        return value

    def number_of(typed: str) -> float:
        number = float(typed)
        if _is_exact(typed, number):
            return number
        rounded = _Rounded(number)
        rounded.typed = typed
        flawed.append(rounded)
        return rounded

    try:
        text = data.decode("utf-8-sig")
        content = json.loads(
            text, object_pairs_hook=object_of, parse_int=_whole, parse_float=number_of
        )
        flaws = [*_flaws(content, ())] if flawed else []
    except UnicodeDecodeError as error:
        return _unreadable(file, f"is not UTF-8 text (byte {error.start}); save it as UTF-8 JSON")
    except json.JSONDecodeError as error:
        return _unreadable(
            file, f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        )
    except RecursionError:
        return _unreadable(file, "is nested too deeply to be a bundle")
    findings = [Finding(file, address_of(place), message) for place, message in flaws]
    filled = fill_in(content)
    return Source(file, content, findings, hashlib.sha256(data).digest(), filled=filled)


class _Ambiguous(dict[str, Any]):
    """An object in which keys are given twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        times = Counter(key for key, _ in pairs)
        self.repeated = [key for key in self if times[key] > 1]


class _Rounded(float):
    """A number that is another one than was typed."""

    typed: str


def _is_exact(typed: str, number: float) -> bool:
    """Whether a number is written again as it was typed, but for zeros and its exponent."""
    if not isfinite(number):
        return True  # the check of its field says what is too large
    try:
        return Decimal(typed) == Decimal(repr(number))
    except InvalidOperation:  # such an exponent
        return False


def _whole(digits: str) -> float:
    # No field takes a number this long; as a float it is refused like any other that is too large.
    return int(digits) if len(digits) < 20 else float(digits)


def _flaws(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """The places of keys that are given twice and of numbers that are lost, as in the file."""
    if isinstance(value, _Rounded):
        served = int(value) if value.is_integer() else float(value)
        typed = _shortened(value.typed)
        yield place, f"{typed} would be served as {served}; write it with 15 digits at most"
    if isinstance(value, _Ambiguous):
        yield from (((*place, key), _TWICE) for key in value.repeated)
    inner: Iterable[tuple[int | str, Any]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for step, part in inner:
        yield from _flaws(part, (*place, step))


def _unreadable(file: str, message: str) -> Source:
    return Source(file, {}, [Finding(file, "", message)], b"")
