"""A text, once: from PDF, HTML or plain text to the plain UTF-8 in which passages are counted.

Lines are joined to paragraphs, hyphenation is undone where the text's own words say so, heads,
feet and numbers of pages are dropped. Nothing is invented, and what was changed is listed.
"""

import io
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from statistics import median
from typing import Any, NamedTuple

from app.beside import table_beside
from app.curation.reading import data_of
from app.curation.verify import TextError
from app.text import clean, counted

MOST_PAGES = 2_000
MOST_CHARACTERS = 20_000_000
# Not by the name of the package alone: an index may have another one of that name.
INSTALL = "it takes lxml and pypdf: in the project's folder, .venv/bin/pip install -e '.[texts]'"
_EDGE = 3  # lines at the head and the foot of a page
_SPACED = 20  # lines for each blank one, at most, where these part paragraphs
_WRAPPED = 110  # characters: longer lines were not broken to fit a page
_number = re.compile(
    r"[^\w\n]*(?:page\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?[^\w\n]*", re.IGNORECASE
)
_item = re.compile(r"(?:[•●▪■◦‣·*\u2013\u2014-]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)])\s")
_broken = re.compile(r"(\w+)([-\u2010\u00ad])$")
_gap = re.compile(r"(?<!\S)(\S++) {2,}+(?=(\S++))")
_word = re.compile(r"\w+(?:[-\u2010]\w+)*")
_html = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*+-->\s*)*+<(?:!doctype|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_UNSEEN = {ord(c): None for c in "\u00ad\ufeff\u200b\u2060"}
_TAGS = table_beside(__file__)


class Extract(NamedTuple):
    """The text of a source, and what was done to it."""

    text: str
    notes: list[str]
    """What was dropped or joined, each in a line."""


def extract(file: str) -> Extract:
    """The text of a PDF, an HTML page or a plain text. Raises TextError."""
    try:
        data = data_of(file)
        if b"%PDF-" in data[:1024]:
            result = _paragraphs(_pdf_pages(data))
        elif _html.match(data[:4096]) or file.lower().endswith((".html", ".htm")):
            result = _from_html(data)
        else:
            result = _from_plain(data)
    except ValueError as error:
        raise TextError(f"{file}: {error}") from None
    except ImportError:
        raise TextError(f"{file}: can't be read here; {INSTALL}") from None
    if len(result.text) > MOST_CHARACTERS:
        raise TextError(f"{file}: has more than {MOST_CHARACTERS:,} characters; give a part of it")
    if not result.text.strip():
        raise TextError(f"{file}: holds no text")
    return result


def _pdf_pages(data: bytes) -> list[list[str]]:
    """The lines of each page. Raises ValueError."""
    from pypdf import PdfReader  # noqa: PLC0415 - only who reads a PDF has it
    from pypdf.errors import DependencyError, PyPdfError  # noqa: PLC0415 - the same

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what fails is said once, by us
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError("is locked with a password; save it without one")
        if len(reader.pages) > MOST_PAGES:
            raise ValueError(f"has more than {MOST_PAGES:,} pages; give a part of it")
        pages = [_pdf_lines(page) for page in reader.pages]
    except (
        PyPdfError,
        RecursionError,
        ArithmeticError,
        LookupError,
        TypeError,
        AttributeError,
    ) as error:
        raise ValueError(f"can't be read as a PDF: {str(error) or type(error).__name__}") from None
    except (DependencyError, RuntimeError):  # a cipher that the library has not
        raise ValueError(
            "is encrypted in a way that can't be read here; open it, and print it into a new PDF"
        ) from None
    if not any(line.strip() for lines in pages for line in lines):
        raise ValueError("holds no text, as of scanned pages; have the text recognised (OCR) first")
    return pages


def _pdf_lines(page: Any) -> list[str]:
    """The lines of a page as they stand on it."""
    text = page.extract_text(extraction_mode="layout", layout_mode_strip_rotated=False)
    if _gap.search(text):
        # Where a line was set in pieces, a gap may stand inside of a word. The order in which
        # the page was written knows better.
        written = page.extract_text()
        text = _gap.sub(lambda gap: gap[1] if gap[1] + gap[2] in written else gap[0], text)
    return str(text).split("\n")


def _from_plain(data: bytes) -> Extract:
    """A plain text. Raises ValueError."""
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(f"is no PDF, HTML or UTF-8 text (byte {error.start})") from None
    if "\0" in text:
        raise ValueError("holds NUL, as no text does")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _paragraphs([page.split("\n") for page in text.split("\f")])


def _from_html(data: bytes) -> Extract:
    """The text of a page, without what surrounds it. Raises ValueError."""
    from lxml import etree, html  # type: ignore[import-untyped] # noqa: PLC0415 - only who reads a page has it

    try:
        data.decode()
        encoding: str | None = "utf-8"
    except UnicodeDecodeError:
        encoding = None  # as the page says
    try:
        root = html.document_fromstring(data, parser=html.HTMLParser(encoding=encoding))
    except (etree.LxmlError, ValueError) as error:
        raise ValueError(f"can't be read as HTML: {error}") from None
    dropped: Counter[str] = Counter()
    for element in list(root.iter(*_TAGS["left_out"], etree.Comment)):
        size = len(" ".join(element.itertext()).split()) if isinstance(element.tag, str) else 0
        if size and element.tag not in {"script", "style"}:
            dropped[f"<{element.tag}>"] += size
        element.drop_tree()
    body = root.find("body")
    whole = body if body is not None else root
    for main in [*whole.iter("article"), *whole.iter("main")]:
        if 2 * len(main.text_content()) > len(whole.text_content()):
            rest = len(whole.text_content().split()) - len(main.text_content().split())
            dropped["what stands outside of the article"] += rest
            whole = main
            break
    blocks = [" ".join(block.split()) for block in "".join(_blocks(whole)).split("\0")]
    result = _cleaned([block for block in blocks if block])
    gone = [f"dropped: {name}, {counted(n, 'word')}" for name, n in dropped.items() if n]
    return Extract(result.text, gone + result.notes)


def _blocks(element: Any) -> Iterator[str]:
    """The text of an element, with NUL where a paragraph ends."""
    block = element.tag in _TAGS["blocks"]
    if block:
        yield "\0"
    yield (element.text or "").replace("\0", " ")
    breaks = 0
    for child in element:
        breaks = breaks + 1 if child.tag == "br" else 0
        if child.tag == "br":
            yield "\0" if breaks > 1 else " "
        yield from _blocks(child)
        if child.tag in {"td", "th"}:
            yield " "
        breaks = 0 if (child.tail or "").strip() else breaks
        yield (child.tail or "").replace("\0", " ")
    if block:
        yield "\0"


def _paragraphs(pages: list[list[str]]) -> Extract:
    """The paragraphs of lines on pages."""
    notes: list[str] = []
    if len(pages) > 1:
        pages = _without_edges(pages, notes)
    lines = [line.rstrip() for page in pages for line in page]
    words = Counter(word for line in lines for word in _word.findall(line))
    filled = [len(line.strip()) for line in lines if len(line.strip()) > 40]
    width = median(filled) if filled else 0
    result = _cleaned([_joined(block, words, notes) for block in _gathered(pages, width)])
    return Extract(result.text, notes + result.notes)


def _without_edges(pages: list[list[str]], notes: list[str]) -> list[list[str]]:
    """The lines of pages without their heads, feet and numbers."""
    at = [[n for n, line in enumerate(lines) if line.strip()] for lines in pages]
    edges = [{*ns[:_EDGE], *ns[-_EDGE:]} for ns in at]
    # A head is the same on most pages, whatever its numbers.
    times = Counter(
        head
        for lines, edge in zip(pages, edges, strict=True)
        for head in {_head(lines[n]) for n in edge}
    )
    kept = []
    for number, (lines, ns, edge) in enumerate(zip(pages, at, edges, strict=True), 1):
        gone = {n for n in (*ns[:1], *ns[-1:]) if _number.fullmatch(lines[n].strip())}
        for n in edge:
            same = times[_head(lines[n])]
            if same > 1 and 2 * same >= len(pages) and not _item.match(lines[n].strip()):
                gone.add(n)
        notes += [f"dropped: page {number}: {' '.join(lines[n].split())}" for n in sorted(gone)]
        kept.append([line for n, line in enumerate(lines) if n not in gone])
    return kept


def _head(line: str) -> str:
    return re.sub(r"\d+", "#", " ".join(line.split()))


def _gathered(pages: list[list[str]], width: float) -> Iterator[list[str]]:
    """The lines of each paragraph."""
    block: list[str] = []
    wrapped = 0 < width < _WRAPPED
    # Where blank lines stand between paragraphs, nothing else has to tell them apart.
    inner = [line.strip() for page in pages for line in page]
    spaced = _SPACED * inner.count("") > len(inner)
    for page in pages:
        # Without blank lines at its head and foot.
        places = [n for n, line in enumerate(page) if line.strip()]
        written = page[places[0] : places[-1] + 1] if places else []
        for number, line in enumerate([*written, ""]):
            text = line.strip()
            if not text and number == len(written) and block and _goes_on(block[-1]):
                continue  # the paragraph may go on, on the next page
            ends = not text or not wrapped or _item.match(text)
            if block and (ends or ((not spaced or not number) and _ends(block, line, width))):
                yield block
                block = []
            if text:
                block.append(line)
    if block:
        yield block


def _goes_on(line: str) -> bool:
    return line.rstrip()[-1:] not in {*'.!?:;\u201d"\u2019)', ""}


def _ends(block: list[str], line: str, width: float) -> bool:
    """Whether a paragraph has ended before a line: it is indented, or the last one is short."""
    last = block[-1].strip()
    indent = len(line) - len(line.lstrip()) - (len(block[-1]) - len(block[-1].lstrip()))
    begins = line.strip()[:1].isupper() or not line.strip()[:1].isalpha()
    short = len(last) < 0.7 * width and begins and not _item.match(last)
    return short or (1 < indent < 12 and begins and not _goes_on(last) and len(block) > 1)


def _joined(lines: list[str], words: Counter[str], notes: list[str]) -> str:
    """The lines of a paragraph as one."""
    text = " ".join(lines[0].split())
    for line in lines[1:]:
        rest = " ".join(line.split())
        match, first = _broken.search(text), re.match(r"\w+", rest)
        if not match or not first:
            text += rest if re.search(r"\S[-\u2010]$", text) else f" {rest}"
            continue
        whole, hyphenated = f"{match[1]}{first[0]}", f"{match[1]}-{first[0]}"
        # A soft hyphen is there for the end of a line alone.
        if match[2] == "\u00ad" or words[whole] > words[hyphenated]:
            text = text[: match.start(2)] + rest
            notes.append(f"joined: {match[1]}-|{first[0]} as {whole}")
        else:
            text += rest
            why = (
                "" if words[hyphenated] else ", with its hyphen, as the text has neither elsewhere"
            )
            notes.append(f"joined: {match[1]}-|{first[0]} as {hyphenated}{why}")
    return text


def _cleaned(blocks: Iterable[str]) -> Extract:
    """Paragraphs between blank lines, without characters that nobody can see or publish."""
    kept, gone = [], Counter[str]()
    for block in blocks:
        text = block.translate(_UNSEEN)
        gone.update(c for c in block if ord(c) in _UNSEEN or clean(c))
        kept.append("".join(" " if c == "\t" else c for c in text if c in "\t\n" or not clean(c)))
    notes = [
        f"dropped: {counted(n, 'character')} {unicodedata.name(c, f'U+{ord(c):04X}')}"
        for c, n in sorted(gone.items())
        if c not in "\t\n"
    ]
    return Extract("\n\n".join(block for block in kept if block.strip()) + "\n", notes)
