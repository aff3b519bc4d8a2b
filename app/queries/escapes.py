"""Names and values of a query as text: UTF-8 in percent-encoding."""

import re
from urllib.parse import unquote_to_bytes

_plain = re.compile(rb"[A-Za-z0-9_-]+")
_broken = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_control = re.compile(r"[\x00-\x1f\x7f]")
_format = re.compile(rb"(?:^|&)format=([a-z0-9]+)(?:&|$)")


def text_of(raw: bytes) -> str:
    """A name or a value as text. Raises ValueError with what is wrong."""
    if _plain.fullmatch(raw):
        return raw.decode()  # by far the most
    encoding = "is not UTF-8 text in percent-encoding; write a percent sign as %25"
    if _broken.search(raw):
        raise ValueError(encoding)
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise ValueError(encoding) from None


def format_in(query: bytes) -> str | None:
    """The name of the format in a query that may be wrong in everything else."""
    match = _format.search(query)
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
