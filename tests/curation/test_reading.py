"""Whatever a file holds, it is refused in words: never a traceback, never a long wait."""

import json
import os
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.curation.check import check
from app.curation.reading import MAX_FILE, address_of, as_typed, parse, visible
from tests.builders import a_bundle, a_commitment, a_document, a_measure, a_proof, an_actor

FILES: dict[str, tuple[bytes, str]] = {
    "an empty file": (b"", "is not JSON: Expecting value at line 1, column 1"),
    "a binary file": (
        b"\x7fELF\x02\x01\x01\x00\xff\xfe",
        "is not UTF-8 text (byte 8); save it as UTF-8 JSON",
    ),
    "another encoding": (
        "{}".encode("utf-16"),
        "is not UTF-8 text (byte 0); save it as UTF-8 JSON",
    ),
    "half of a surrogate pair in bytes": (
        b'{"a": "\xed\xa0\x80"}',
        "is not UTF-8 text (byte 7); save it as UTF-8 JSON",
    ),
    "NULs": (b"\0\0\0", "is not JSON: Expecting value at line 1, column 1"),
    "a NUL in a text": (
        b'{"a": "\0"}',
        "is not JSON: Invalid control character at at line 1, column 8",
    ),
    "a comma too many": (
        b'{\n  "actors": [],\n}',
        "is not JSON: Expecting property name enclosed in double quotes at line 3, column 1",
    ),
    "a comma too few": (
        b'{"a": 1 "b": 2}',
        "is not JSON: Expecting ',' delimiter at line 1, column 9",
    ),
    "two values": (b"{} {}", "is not JSON: Extra data at line 1, column 4"),
    "a comment": (b"// no\n{}", "is not JSON: Expecting value at line 1, column 1"),
    "a list": (
        b"[]",
        'is not a bundle; write an object, {"summits": […], "actors": […], …}',
    ),
    "a number": (
        b"7",
        'is not a bundle; write an object, {"summits": […], "actors": […], …}',
    ),
    "a text": (
        b'"summits"',
        'is not a bundle; write an object, {"summits": […], "actors": […], …}',
    ),
    "nothing": (
        b"null",
        'is not a bundle; write an object, {"summits": […], "actors": […], …}',
    ),
    "no number": (
        b"NaN",
        'is not a bundle; write an object, {"summits": […], "actors": […], …}',
    ),
    "100,000 levels": (b"[" * 100_000, "is nested too deeply to be a bundle"),
    "100,000 levels of objects": (b'{"a":' * 100_000, "is nested too deeply to be a bundle"),
}


@pytest.mark.parametrize("case", FILES)
def test_what_is_no_bundle_is_refused_in_one_sentence(case: str, tmp_path: Path) -> None:
    file, (data, message) = tmp_path / "file.json", FILES[case]
    file.write_bytes(data)
    assert [(finding.address, finding.message) for finding in check([str(file)])] == [("", message)]


def test_a_mark_of_the_byte_order_is_no_problem(tmp_path: Path) -> None:
    file = tmp_path / "windows.json"
    file.write_text(json.dumps(a_bundle()), encoding="utf-8-sig")
    assert check([str(file)]) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.json", "can't be read: No such file or directory"),
        ("", "is a folder without a bundle, a file that ends in .json"),
        ("file.json/below", "can't be read: Not a directory"),
        ("n" * 300, "can't be read: File name too long"),
        ("a\0b", "can't be read: embedded null byte"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(name: str, message: str, tmp_path: Path) -> None:
    if name:
        (tmp_path / "file.json").touch()
    file = os.path.join(tmp_path, name)  # noqa: PTH118 - a Path would drop the last slash
    assert [tuple(finding) for finding in check([file])] == [(file, "", message)]


@pytest.mark.parametrize("size", [MAX_FILE + 1, 200_000_000])
def test_a_file_that_is_too_large_is_not_read_on(size: int, tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    with file.open("wb") as stream:
        stream.truncate(size)
    assert [finding.message for finding in check([str(file)])] == [
        "is larger than 64 MiB; split it: several files make one data set"
    ]


def test_a_bundle_that_is_too_large_is_refused_too(tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    file.write_bytes(b'{"actors": [' + b" " * 70_000_000 + b"]}")
    assert [finding.message for finding in check([str(file)])] == [
        "is larger than 64 MiB; split it: several files make one data set"
    ]


REPEATED: dict[str, tuple[str, list[str]]] = {
    "of a bundle": ('{"actors": [], "actors": []}', ["actors"]),
    "of an entry": (
        '{"quotes": [{"id": "a"}, {"id": "a", "id": "a", "x": 1, "x": 1}]}',
        ["quotes[1].id", "quotes[1].x"],
    ),
    "of a passage": (
        '{"quotes": [{"evidence": [{"start": 1, "start": 2}]}]}',
        ["quotes[0].evidence[0].start"],
    ),
    "three times": ('{"a": 1, "a": 1, "a": 1}', ["a"]),
    "inside the value that is kept": ('{"a": 1, "a": {"b": 1, "b": 1}}', ["a", "a.b"]),
    "with half of a surrogate pair": ('{"\\ud800": 1, "\\ud800": 1}', ["\ud800"]),
    "in the order of the file": (
        '{"b": {"z": 1, "z": 1}, "a": {"y": 1, "y": 1, "x": 1, "x": 1}}',
        ["b.z", "a.y", "a.x"],
    ),
}


@pytest.mark.parametrize(
    ("typed", "served"),
    [
        ("4503599627370496.5", "4503599627370496"),
        ("0.12345678901234567891", "0.12345678901234568"),
        ("1.00000000000000000001", "1"),
        ("9007199254740990.7", "9007199254740991"),
        ("1e-400", "0"),
    ],
)
def test_a_number_that_would_be_another_one_is_refused(typed: str, served: str) -> None:
    text = f'{{"a": [1.5, {typed}], "b": {{"c": {typed}}}}}'
    message = f"{typed} would be served as {served}; write it with 15 digits at most"
    findings = parse("file.json", text.encode()).findings
    assert [tuple(finding) for finding in findings] == [
        ("file.json", "a[1]", message),
        ("file.json", "b.c", message),
    ]


@given(st.decimals(0, 10**15, places=2) | st.decimals(0, 10, places=14))
def test_a_number_of_15_digits_is_served_as_it_is_typed(number: Decimal) -> None:
    written = f"{number:.15g}"
    source = parse("file.json", f"[{written}]".encode())
    assert source.findings == []
    assert Decimal(repr(source.content[0])) == Decimal(written)


@pytest.mark.parametrize("case", REPEATED)
def test_a_key_that_is_given_twice_is_refused(case: str) -> None:
    text, addresses = REPEATED[case]
    assert [tuple(finding) for finding in parse("file.json", text.encode()).findings] == [
        ("file.json", address, "is given twice; keep one of the two") for address in addresses
    ]


DEEP_PLACES = [
    '{"actors": %s}',
    '{"actors": [{"id": "a", "kind": %s}]}',
    '{"quotes": [{"speaker": %s}]}',
]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("place", DEEP_PLACES)
def test_no_depth_is_too_deep(opening: str, place: str, tmp_path: Path) -> None:
    file, closing = tmp_path / "deep.json", "]" if opening == "[" else "}"
    # Around the limit of the interpreter, parsing may succeed and what comes after it fail.
    for depth in [50, *range(880, 1000)]:
        file.write_text(place % (opening * depth + "1" + closing * depth))
        assert check([str(file)])


LARGE: dict[str, Callable[[], Any]] = {
    "300,000 empty objects": lambda: {"actors": [{}] * 300_000},
    "a list of them": lambda: [{}] * 300_000,
    "50,000 records of one id": lambda: {"quotes": [{"id": "a"}] * 50_000},
    "80,000 unknown keys": lambda: {f"k{at}": 1 for at in range(80_000)},
    "80,000 unknown keys of an entry": lambda: {"actors": [{f"k{at}": 1 for at in range(80_000)}]},
    "150,000 aliases": lambda: a_bundle(actors=[an_actor(aliases=[1] * 150_000)]),
    "80,000 fields": lambda: a_bundle(
        actors=[an_actor(evidence=[a_proof(*(f"f{at}" for at in range(80_000)))])]
    ),
    "a kind of 900,000 letters": lambda: a_bundle(documents=[a_document(kind="k" * 900_000)]),
    "a kind of 100,000 numbers": lambda: a_bundle(documents=[a_document(kind=[7] * 100_000)]),
    "a key of 900,000 letters": lambda: {"k" * 900_000: 1},
    "20,000 who know each other": lambda: a_bundle(
        actors=[an_actor(evidence=[]) | {"members": [{"actor": f"a{at}"} for at in range(20_000)]}]
        + [{"id": f"a{at}"} for at in range(20_000)]
    ),
    "400 unknown among 15,000": lambda: a_bundle(
        actors=[an_actor(evidence=[]) | {"members": [{"actor": f"x{at}"} for at in range(400)]}]
        + [{"id": f"someone-or-other-{at}"} for at in range(15_000)]
    ),
    "200 unknown languages": lambda: {
        "documents": [a_document(f"d{at}", language=f"x{at}") for at in range(200)]
    },
}


@pytest.mark.parametrize("case", LARGE)
def test_a_megabyte_of_mistakes_takes_a_moment(case: str, tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    file.write_text(json.dumps(LARGE[case](), separators=(",", ":")))
    assert file.stat().st_size < 1_100_000
    assert_quick(file)


def test_a_key_that_is_given_twice_among_many_takes_a_moment(tmp_path: Path) -> None:
    file = tmp_path / "twice.json"
    file.write_text("{" + ",".join(f'"k{at}": 1' for at in range(80_000)) + ',"k7": 2}')
    assert_quick(file)


@pytest.mark.parametrize("number", ["9" * 900_000, "0." + "9" * 900_000, "1e" + "9" * 900_000])
def test_a_number_without_end_takes_a_moment(number: str, tmp_path: Path) -> None:
    file = tmp_path / "number.json"
    file.write_text(f'{{"commitments": [{{"measures": [{{"value": {number}}}]}}]}}')
    assert_quick(file)


def test_long_addresses_that_are_none_take_a_moment(tmp_path: Path) -> None:
    address = "https://" + "a" * 1_980 + " b"
    documents = [a_document(f"d-{at}", url=address) for at in range(4_000)]
    file = tmp_path / "addresses.json"
    file.write_text(json.dumps(a_bundle(documents=documents)))
    assert_quick(file)


def assert_quick(file: Path) -> None:
    """Checking takes seconds at most: of the processor's time, as other tests run beside."""
    before = time.process_time()
    findings = check([str(file)])
    assert time.process_time() - before < 10
    assert findings
    assert max(len(str(finding)) for finding in findings) < 2_000


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("-Infinity", "-Infinity"),
        ("1e999", "Infinity"),
        ("9" * 19, "9999999999999999999"),
        ("9" * 400, "Infinity"),
        ("-0.5", "-0.5"),
    ],
)
def test_a_number_that_is_none_is_refused(number: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "number.json"
    bundle = a_bundle(commitments=[a_commitment(measures=[a_measure("?", unit="missiles")])])
    file.write_text(json.dumps(bundle).replace('"?"', number))
    assert [(finding.address, finding.message) for finding in check([str(file)])] == [
        ("commitments[0].measures[0].value", f"{text} is not a number from 0 to 9007199254740991")
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1}, "an object"),
        ([1], "a list"),
        (None, "null"),
        (True, "true"),
        ("Élysée\n", '"Élysée\\n"'),
        ("x" * 78, f'"{"x" * 78}"'),
        ("x" * 79, f'"{"x" * 78}…'),
    ],
)
def test_a_value_is_shown_as_it_was_typed_but_short(value: object, text: str) -> None:
    assert as_typed(value) == text


def test_an_address_reads_as_in_a_program() -> None:
    assert address_of(("commitments", 12, "by", 0)) == "commitments[12].by[0]"
    assert address_of(()) == ""
    assert address_of((0, "a", 1)) == "[0].a[1]"


@given(st.text())
@example("\x1b[31m\x07\r\n\x85\u2028\u202e\ud800\U000e0001")
def test_what_is_shown_is_one_printable_line(text: str) -> None:
    assert len(visible(text).splitlines()) <= 1
    assert all(c.isprintable() or c.isspace() for c in visible(text))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode(errors="replace")))
@example(b'{"a":1,"a":')
@example(b"-")
@example(b"\xef\xbb\xbf")
def test_reading_never_raises(data: bytes) -> None:
    source = parse("file.json", data)
    assert source.digest or source.findings
