"""A text, once: from PDF, HTML or plain text."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curation.extract import extract
from app.curation.verify import TextError

Run = Callable[..., CompletedProcess[str]]


def a_pdf(*pages: list[str]) -> bytes:
    """A PDF of lines, fifteen points apart; an empty line leaves a gap."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(count))
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    ]
    for n, lines in enumerate(pages):
        shown = "".join(
            f"1 0 0 1 60 {780 - 15 * at} Tm ({line}) Tj\n" for at, line in enumerate(lines) if line
        )
        stream = f"BT /F1 11 Tf\n{shown}ET"
        parts += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
            f"<< /Font << /F1 3 0 R >> >> /Contents {5 + 2 * n} 0 R >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    body, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(parts) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return f"{body}{end}startxref\n{len(body)}\n%%EOF\n".encode("latin-1")


PAGES = [
    [
        "Leaders of Somewhere, 2024",
        "",
        "1. We, the leaders, met in Tallinn and agreed on inter-",
        "national cooperation in all of its forms, and on long-",
        "term plans for peace, as international law demands of",
        "everybody who has ever signed a long-term treaty.",
        "",
        "2. We commit to providing 5 million euros, to whoever is",
        "",
        "1",
    ],
    [
        "Leaders of Somewhere, 2024",
        "",
        "in need of it, until the year 2030 at the very latest, in",
        "well-",
        "ordered shares.",
        "",
        "2",
    ],
]
TEXT = (
    "1. We, the leaders, met in Tallinn and agreed on international cooperation in all of its "
    "forms, and on long-term plans for peace, as international law demands of everybody who has "
    "ever signed a long-term treaty.\n\n"
    "2. We commit to providing 5 million euros, to whoever is in need of it, until the year 2030 "
    "at the very latest, in well-ordered shares.\n"
)
NOTES = [
    "dropped: page 1: Leaders of Somewhere, 2024",
    "dropped: page 1: 1",
    "dropped: page 2: Leaders of Somewhere, 2024",
    "dropped: page 2: 2",
    "joined: inter-|national as international",
    "joined: long-|term as long-term",
    "joined: well-|ordered as well-ordered, with its hyphen, as the text has neither elsewhere",
]


def saved(folder: Path, name: str, content: bytes | str) -> str:
    """The name of a file with this content."""
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(file)


def test_a_pdf_becomes_paragraphs_and_what_was_done_is_listed(run: Run, tmp_path: Path) -> None:
    source, target = saved(tmp_path, "a.pdf", a_pdf(*PAGES)), tmp_path / "a.txt"
    for _ in range(2):
        done = run("text", source, "-o", target)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            *NOTES,
            f"{target}: written, {len(TEXT)} characters in 2 paragraphs",
        ]
        assert target.read_text(encoding="utf-8") == TEXT


def test_a_text_in_which_passages_are_counted_is_not_written_over(run: Run, tmp_path: Path) -> None:
    source, target = saved(tmp_path, "a.txt", "Words of a source."), tmp_path / "b.txt"
    target.write_text("Mended words.", encoding="utf-8")
    done = run("text", source, "-o", target)
    assert (done.returncode, done.stdout) == (1, "")
    assert "is there already, with other words" in done.stderr
    assert target.read_text(encoding="utf-8") == "Mended words."


def test_a_word_that_was_set_in_pieces_is_whole_and_a_heading_at_a_foot_its_own(
    tmp_path: Path,
) -> None:
    lines = ["The leaders spoke of the Democratic People and of others, too", "in words.", ""]
    pieces = [
        "The leaders spoke) Tj ( of the Democratic Peo) Tj 270.6 0 Td (ple and of others, too"
    ]
    pdf = a_pdf(
        lines + pieces + lines[1:] + ["A visit"], ["The President came, as he", "had said."]
    )
    text = extract(saved(tmp_path, "a.pdf", pdf)).text
    sentence = " ".join(lines).strip()
    end = "The President came, as he had said.\n"
    assert text.split("\n\n") == [sentence, sentence, "A visit", end]


def test_a_text_that_was_wrapped_is_joined(tmp_path: Path) -> None:
    pages = ["\n".join(lines) for lines in PAGES]
    assert extract(saved(tmp_path, "a.txt", "\f".join(pages))).text == TEXT


def test_paragraphs_are_told_apart_without_blank_lines(tmp_path: Path) -> None:
    lines = ["We met in Tallinn and agreed on many things of the greatest", "importance."]
    lines += ["We commit to providing five million euros to whoever is in", "need of it."]
    text = extract(saved(tmp_path, "a.txt", "\n".join(lines * 3))).text
    assert text.startswith(f"{lines[0]} {lines[1]}\n\n{lines[2]} {lines[3]}\n\n")


def test_items_of_a_list_are_paragraphs(tmp_path: Path) -> None:
    items = ["• to do one thing, which is longer than it seems to be at first", "  sight; and"]
    items += ["• to do another, which is quite as long as the one before it was", "  (b) or so."]
    text = extract(saved(tmp_path, "a.txt", "\n".join(["We are determined:", "", *items]))).text
    assert text.split("\n\n")[1:] == [
        f"{items[0]} sight; and",
        items[2],
        "(b) or so.\n",
    ]


PAGE = """<!DOCTYPE html><html><head><title>T</title><meta charset="utf-8"><style>p</style></head>
<body><nav>Home <a href="/">Us</a></nav><main><h1>Joint&nbsp;Statement</h1>
<p>We <b>com</b>mit to<br>giving <i>“$5”</i>.</p><!-- gone --><ul><li>one</li><li>two</li></ul>
<p>First.<br><br>Second\u00ad.</p><table><tr><td>A</td><td>5</td></tr></table>
<script>var x = 1;</script></main><footer>Contact</footer></body></html>"""


def test_a_page_gives_its_article(tmp_path: Path) -> None:
    result = extract(saved(tmp_path, "a.html", PAGE))
    assert result.text.split("\n\n") == [
        "Joint Statement",
        "We commit to giving “$5”.",
        "one",
        "two",
        "First.",
        "Second.",
        "A 5\n",
    ]
    assert result.notes == [
        "dropped: <nav>, 2 words",
        "dropped: <footer>, 1 word",
        "dropped: 1 character SOFT HYPHEN",
    ]


def test_a_page_is_read_in_its_own_encoding(tmp_path: Path) -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><body><p>Élysée</p></body></html>'
    assert extract(saved(tmp_path, "a.html", page.encode("latin-1"))).text == "Élysée\n"


UNUSABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "holds no text"),
    "blank": (b" \n\n ", "holds no text"),
    "nul": (b"a\0b", "holds NUL, as no text does"),
    "half of a pair": (b"a \xed\xa0\x80 b", "is no PDF, HTML or UTF-8 text (byte 2)"),
    "latin": (b"\xe9", "is no PDF, HTML or UTF-8 text (byte 0)"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0", "is no PDF, HTML or UTF-8 text (byte 0)"),
    "broken": (b"%PDF-1.4\nnothing", "can't be read as a PDF: "),
    "scanned": (a_pdf([]), "holds no text, as of scanned pages; have the text recognised"),
    "page of nothing": (b"<html><body></body></html>", "holds no text"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_is_no_text_is_said_in_a_line(case: str, run: Run, tmp_path: Path) -> None:
    content, message = UNUSABLE[case]
    done = run("text", saved(tmp_path, "source", content), "-o", tmp_path / "out.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"readout: {tmp_path}/source: {message}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out.txt").exists()


def test_a_folder_that_is_not_there_is_said_with_the_command_that_makes_it(
    run: Run, tmp_path: Path
) -> None:
    target = tmp_path / "records" / "out.txt"
    done = run("text", saved(tmp_path, "source", b"Words."), "-o", target)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"mkdir {target.parent}" in done.stderr


def test_a_locked_pdf_is_said(tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 - this test alone writes one

    writer = PdfWriter(PdfReader(saved(tmp_path, "open.pdf", a_pdf(["words"]))))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "a.pdf")
    with pytest.raises(TextError, match="is locked with a password; save it without one"):
        extract(str(tmp_path / "a.pdf"))


@pytest.mark.parametrize("case", ["unknown", "without the library"])
def test_a_pdf_that_cannot_be_decrypted_is_said(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 - as above
    from pypdf.errors import DependencyError  # noqa: PLC0415 - as above

    writer = PdfWriter(PdfReader(saved(tmp_path, "open.pdf", a_pdf(["words"]))))
    writer.encrypt("", "owner", algorithm="RC4-128")
    writer.write(tmp_path / "a.pdf")
    if case == "unknown":
        data = (tmp_path / "a.pdf").read_bytes()
        assert data.count(b"/V 2") == 1
        (tmp_path / "a.pdf").write_bytes(data.replace(b"/V 2", b"/V 9"))
    else:

        def decrypt(*_: object) -> None:
            raise DependencyError("a library is required for AES")

        monkeypatch.setattr(PdfReader, "decrypt", decrypt)
    with pytest.raises(TextError, match=r"is encrypted in a way .* print it into a new PDF"):
        extract(str(tmp_path / "a.pdf"))


def test_what_is_huge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="has more than 20,000,000 characters"):
        extract(saved(tmp_path, "a.txt", "word " * 4_100_000))


def test_long_lines_emoji_and_right_to_left_are_kept(tmp_path: Path) -> None:
    text = f"{'word ' * 200_000}end.\r\n\r\n😀 محمد بن سلمان\u200f\r\rlast"
    result = extract(saved(tmp_path, "a.txt", text))
    assert result.text.split("\n\n")[1:] == ["😀 محمد بن سلمان\u200f", "last\n"]
    assert result.notes == []


@given(st.lists(st.text(st.sampled_from("ab 😀é-•.\t\u00ad\n"), max_size=20), max_size=4))
def test_no_word_is_lost_or_made(folder: Path, blocks: list[str]) -> None:
    text = "\n\n".join(blocks)
    if not text.replace("\u00ad", "").strip():
        return
    file = saved(folder, "property.txt", text)
    letters = [c for c in text if not c.isspace() and c != "\u00ad"]
    assert [c for c in extract(file).text if not c.isspace()] == letters
