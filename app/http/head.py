"""The head of an answer that is sent again and again: put together once."""

from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE

Header = tuple[bytes, bytes]


class Head(list[Header]):
    """Headers, and the bytes that they are on the wire.

    For a server that does not know it, a list of headers as any other; `protocol` sends the bytes.
    Checking and writing them one by one takes longer than all else that a kept answer takes.
    """

    __slots__ = ("encoded", "length")

    def __init__(self, headers: list[Header], length: int) -> None:
        """Check them as the server would; `length` is that of the body, in bytes."""
        super().__init__(headers)
        names = b"".join([name for name, _ in headers])
        values = b"".join([value for _, value in headers])
        if HEADER_RE.search(names) or HEADER_VALUE_RE.search(values):
            raise ValueError(headers)
        self.length = length
        self.encoded = b"".join([b"%b: %b\r\n" % header for header in headers])


def with_one(headers: list[Header], name: bytes, value: bytes) -> list[Header]:
    """The same headers and another one, which has been checked."""
    if type(headers) is not Head:
        return [*headers, (name, value)]
    more = Head.__new__(Head)
    more += headers
    more.append((name, value))
    more.length = headers.length
    more.encoded = b"%b%b: %b\r\n" % (headers.encoded, name, value)
    return more
