"""Every URL is born here, and what stands in one is read."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import starmap
from urllib.parse import quote, unquote_to_bytes, urlencode

from app.formats import FEEDS, PRESENTATION, Content, Format, showing
from app.vocabulary import RecordType

Pairs = list[tuple[str, str]]
_unescaped = re.compile(rb"[A-Za-z0-9_-]+")
_broken_escape = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_control = re.compile(r"[\x00-\x1f\x7f]")
_format_in = re.compile(rb"(?:^|&)format=([a-z0-9]+)(?:&|$)")


def record_path(kind: RecordType, id_: str) -> str:
    """The root-relative path of a record: `/agreements/joint-leaders-statement`."""
    return f"/{kind.plural}/{id_}"


def history_path(kind: RecordType, id_: str) -> str:
    """The root-relative path of the history of a record."""
    return history_of(record_path(kind, id_))


def history_of(path: str) -> str:
    """The path of the history of a record, from its own."""
    return f"{path}/history"


def release_path(number: int) -> str:
    """The root-relative path of a release: `/releases/3`."""
    return f"/releases/{number}"


def release_file(number: int, name: str) -> str:
    """The path of a file of a release: `/releases/3/bundle.json`."""
    return f"{release_path(number)}/{name}"


def query_path(path: str, pairs: Pairs) -> str:
    """A path with its query, in the order given."""
    return f"{path}?{query_of(pairs)}" if pairs else path


def query_of(pairs: Pairs) -> str:
    """A query, in the order given; commas stay as they are typed."""
    return "&".join(starmap(_encoded, pairs))


def in_formats(
    content: Content, path: str, pairs: Pairs, cursor: str | None
) -> list[tuple[Format, str]]:
    """The path and query of an answer in each format, without what that has no use for."""
    place = f"&cursor={cursor}" if cursor else ""
    # Feeds have an order of their own, in which the place of a walk is another one.
    first = FEEDS if place and "sort" not in dict(pairs) else ()
    return [
        (each, f"{path}?{query}{'' if each.whole or each.name in first else place}")
        for each, query in _queries(content, *pairs)
    ]


@lru_cache(maxsize=1024)
def _queries(content: Content, *pairs: tuple[str, str]) -> list[tuple[Format, str]]:
    """A query in each format that shows this content: most answers have few or no parameters."""
    written = [(name, _encoded(name, value)) for name, value in pairs]
    queries = []
    for each in showing(content):
        kept = [text for name, text in written if name not in each.refuses]
        queries.append((each, "&".join((*kept, f"format={each.name}"))))
    return queries


_plain = re.compile(r"[A-Za-z0-9_.~,-]*")


@lru_cache(maxsize=1024)
def _encoded(name: str, value: str) -> str:
    # By far the most values are ids and words, and an answer has them in many addresses.
    is_plain = _plain.fullmatch(value)
    return f"{name}={value}" if is_plain else urlencode({name: value}, safe=",")


def then(path: str, as_of: str | None) -> str:
    """A path as it was then: `/actors/japan?as_of=3`; as it is, where no release is named."""
    if not as_of:
        return path
    return f"{path}{'&' if '?' in path else '?'}{urlencode({'as_of': as_of})}"


def page_path(first: str, cursor: str) -> str:
    """The path and query of a further page of a walk, from those of its first page."""
    return f"{first}{'&' if '?' in first else '?'}cursor={cursor}"


_in_no_name = re.compile(r"[^a-z0-9]+")
_UNNAMED = frozenset({*PRESENTATION, "as_of"})


def file_name(path: str, pairs: Pairs, release: int) -> str:
    """The name of a download, in ASCII: `readout-commitments-by-japan-r3`."""
    parts = [path, *(f"{name}-{value}" for name, value in pairs if name not in _UNNAMED)]
    plain = "-".join(_in_no_name.sub("-", part.lower()).strip("-") for part in parts)
    return f"readout-{plain[:100].strip('-')}-r{release}"


_web = re.compile(r"https?://[^\s/?#]\S*")


def web_address(url: str | None) -> str | None:
    """An address of the web as ASCII; None for whatever else stands in its place."""
    # What has no place in an address (RFC 3986, appendix A) is encoded, a % stays as it is.
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~") if url and _web.fullmatch(url) else None


def passage_url(
    url: str | None,
    exact: str,
    prefix: str | None = None,
    suffix: str | None = None,
    parts: Sequence[str] = (),
) -> str | None:
    """The address of a passage inside its document: a text fragment, of parts one for each.

    Source: https://wicg.github.io/scroll-to-text-fragment/ (a hyphen, a comma and an ampersand
    have a meaning there and are encoded too). A browser looks for each text within a paragraph, so
    a passage of several is named by the first and the last one.
    """
    if url is None:
        return None
    before = f"{_paragraphs(prefix)[-1]}-," if prefix else ""
    after = f",-{_paragraphs(suffix)[0]}" if suffix else ""
    named = [_paragraphs(part) for part in parts or [exact]]
    spans = [",".join([each[0], *each[1:][-1:]]) for each in named]
    texts = "&".join(f"text={before}{span}{after}" for span in spans)
    place = url.partition(":~:")[0]
    return f"{place}{'' if '#' in place else '#'}:~:{texts}"


_blank_line = re.compile(r"\n\s*\n")


def _paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, as parts of a text fragment: a line goes on in the next one."""
    paragraphs = (" ".join(each.split()) for each in _blank_line.split(text.strip()))
    return [quote(each, safe="").replace("-", "%2D") for each in paragraphs]


def text_of(raw: bytes) -> str:
    """A name or a value as text. Raises ValueError with what is wrong."""
    if _unescaped.fullmatch(raw):
        return raw.decode()  # by far the most
    encoding = "is not UTF-8 text in percent-encoding; write a percent sign as %25"
    if _broken_escape.search(raw):
        raise ValueError(encoding)
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise ValueError(encoding) from None


def format_in(query: bytes) -> str | None:
    """The name of the format in a query that may be wrong in everything else."""
    match = _format_in.search(query)
    return match[1].decode() if match else None


def on_one_line(text: str) -> tuple[str, str]:
    """A text with spaces for tabs and ends of lines, and what was wrong with it, if anything.

    Raises ValueError for other control characters.
    """
    controls = _control.findall(text)
    if not controls:
        return text, ""
    sign = f"%{ord(controls[0]):02X}"
    wrong = f"holds {sign}, a control character; write a space in its place"
    if not all(each.isspace() for each in controls):
        raise ValueError(wrong)
    return _control.sub(" ", text).strip(), wrong
