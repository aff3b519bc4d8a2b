"""What is thrown at the check of bundles: any bytes, and bundles with anything in them."""

import copy
import json
import os
import random
import resource
import string
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.curation.check import check
from tests.builders import a_bundle, a_commitment, a_quote, a_summit, an_agreement

pytestmark = pytest.mark.attack
INPUTS = int(os.environ.get("INPUTS") or 20_000)
PARTS = 10  # several processes can share them
SECONDS, MEGABYTES = 1.0, 500
BUNDLE = a_bundle(
    summits=[a_summit()],
    agreements=[an_agreement(parties=[{"actor": "japan"}])],
    commitments=[a_commitment(amount=5, currency="EUR")],
    quotes=[a_quote()],
)
ODD: list[Any] = [
    None, True, -1, 0, 2**53, 2**63, 10**400, 1e308, 0.1, "", " ", "x" * 100_000, "\x00", "\ud800",
    "\u202e", "\u0301" * 1_000, "..", "../..", "javascript:alert(1)", "2025-02-30", "0000",
    "9" * 50, "<script>", "=1+1", [], [[]], {}, {"": {}}, [None], ["japan"] * 1_000,
    {"actor": "japan"},
]  # fmt: skip
BYTES = [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b"\xef\xbb\xbf", b'{"a":' * 5_000, b"[" * 200_000,
    b"1" * 100_000, b'{"summits":[' + b"{}," * 50_000 + b"{}]}", b'{"a":1,"a":2}', b"NaN",
]  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to everything in a document."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [at, *(place for key, part in inner for place in places(part, (*at, key)))]


PLACES = [place for place in places(BUNDLE) if place]


def changed(chance: random.Random) -> bytes:
    """A bundle with something in it that does not belong there, or bytes that are none."""
    what = chance.random()
    if what < 0.02:
        return chance.choice(BYTES)
    bundle = copy.deepcopy(BUNDLE)
    for _ in range(chance.randint(1, 3)):
        *way, last = chance.choice(PLACES)
        part: Any = bundle
        try:
            for key in way:
                part = part[key]
            kind = chance.random()
            if kind < 0.6:
                part[last] = copy.deepcopy(chance.choice(ODD))  # or it would change for all
            elif kind < 0.75:
                del part[last]
            elif kind < 0.9:
                part["".join(chance.choices(string.printable, k=chance.randint(0, 9)))] = 1
            else:
                part[last] = [part[last]] * chance.choice([2, 500])
        except (KeyError, IndexError, TypeError):
            continue  # it is not there any more
    try:
        written = orjson.dumps(bundle)
    except TypeError:  # numbers and text that it has no words for
        written = json.dumps(bundle).encode()
    if what < 0.2:
        data = bytearray(written)
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        written = bytes(data)
    return written[:1_000_000]


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_breaks_the_check(part: int, tmp_path: Path) -> None:
    """No traceback, a second and 500 MB for any input under 1 MB; every finding in one line."""
    file = tmp_path / "bundle.json"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slowest, largest, total, clean = 0.0, 0.0, 0, 0
    for number in range(part, INPUTS, PARTS):
        data = changed(random.Random(number))  # noqa: S311 - chance, no secret; a number repeats it
        file.write_bytes(data)
        began = time.process_time()
        try:
            findings = check((str(file),), [])
        except BaseException as error:
            error.add_note(f"input {number}: {data[:500]!r}")
            raise
        took = time.process_time() - began
        before, peak = peak, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        largest = max(largest, (peak - before) / 1024)
        assert largest < MEGABYTES, (number, largest, data[:300])
        assert took < SECONDS, (number, took, data[:300])
        slowest = max(slowest, took)
        total += len(findings)
        clean += not findings
        assert all("\n" not in str(finding) for finding in findings), number
    print(  # noqa: T201 - what it is for
        f"\npart {part + 1} of {PARTS}, {INPUTS // PARTS:,} inputs: {total:,} findings, {clean:,} "
        f"without; the slowest {slowest * 1000:.0f} ms, the largest {largest:.0f} MB"
    )
    assert clean > 0
