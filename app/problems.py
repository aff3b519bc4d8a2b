"""What can go wrong, as a client sees it: RFC 9457 problem details.

Problem
├── RangeNotSatisfiable 416  no such part of a file
├── BadQuery          422  parameters that mean nothing here
├── OriginRefused     403  a page of another site, where none may ask
├── NotFound          404  no such record or path
├── MethodNotAllowed  405  the record is read-only
├── NotAcceptable     406  no format that the client takes
├── Gone              410  withdrawn, or not kept
├── ContentTooLarge   413  a draft that is too long
├── UnsupportedMedia  415  a body of a type that is not read
├── RequestTimeout    408  a request that never came to its end
├── NotOffered        501  a form of an answer that is not made here
├── TooManyRequests   429  more than one client may ask for
├── Unavailable       503  no release to serve
│   ├── Crowded       503  more long queries than can be answered
│   └── TooSlow       503  more work than a query may be
└── Unexpected        500  our fault
"""

import re
from typing import Any, ClassVar

from pydantic import Field

from app.records import Shape
from app.vocabulary import RecordType

MEDIA_TYPE = "application/problem+json"


class Fault(Shape):
    """One thing that is wrong with a query."""

    parameter: str = Field(examples=["topc"])
    """The parameter it is about."""
    detail: str = Field(examples=["topc is not a parameter here"])
    """What is wrong with it."""
    valid: list[str] | None = Field(default=None, examples=[["topic", "kind", "status"]])
    """What can be typed instead, where that is a list; null where it is not."""
    nearest: str | None = Field(default=None, examples=["topic"])
    """What was probably meant."""


class ValueFault(Fault):
    """A value that can't stand there, in parts for the page: an answer in JSON has no more."""

    value: str
    """It, as it was sent."""
    typed: str
    """The parameter and its value, as they were sent."""
    reason: str
    """What is wrong with it, without a list of the values that could stand there."""


class Tombstone(Shape):
    """What is left of a record that was withdrawn."""

    type: RecordType = Field(examples=["commitment"])
    """What sort of record it was."""
    id: str = Field(examples=["solar-park"])
    """Its id, which no other record gets."""
    title: str | None = Field(examples=["A solar park"])
    """What it was called; null where that is not known."""
    reason: str = Field(examples=["The source took the passage back."])
    """Why it was withdrawn."""
    withdrawn_at: str = Field(examples=["2026-11-24T09:00:00Z"])
    """When it was withdrawn, in UTC."""
    replaced_by: str | None = Field(examples=["/commitments/wind-park"])
    """The path of the record to read in its place."""
    history: str = Field(examples=["/commitments/solar-park/history"])
    """The path of what happened to it."""


class ProblemDetails(Shape):
    """The one shape of every error (RFC 9457)."""

    type: str = Field(examples=["urn:readout:problem:bad-query"])
    """The sort of problem, as a name for programs."""
    title: str = Field(examples=["The query can't be answered"])
    """The sort of problem, in words."""
    status: int = Field(ge=400, le=599, examples=[422])
    """The HTTP status."""
    detail: str = Field(examples=["topc is not a parameter here; did you mean topic?"])
    """What is wrong this time, and what to do."""
    errors: list[Fault] = Field(default=[])
    """Each thing that is wrong with the query."""
    nearest: list[str] = Field(default=[], examples=[["/actors/japan"]])
    """Paths that exist and were probably meant."""
    run: str | None = Field(
        default=None, examples=["http://127.0.0.1:8000/agreements?topic=defense"]
    )
    """A corrected URL that can be run as it is."""
    tombstone: Tombstone | None = None
    """What was here, where the record was withdrawn."""


class Problem(Exception):
    """What is answered instead of the data."""

    status: ClassVar[int]
    name: ClassVar[str]
    title: ClassVar[str]

    def __init_subclass__(cls, title: str, status: int | None = None) -> None:
        """Name a sort of problem after its class: `BadQuery` is `bad-query`."""
        cls.name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", cls.__name__).lower()
        cls.title = title
        cls.status = status or cls.status

    def __init__(self, detail: str, **more: Any) -> None:
        """Say what is wrong; `more` holds other members, `run` as the path of a query."""
        super().__init__(detail)
        self.detail = detail
        self.more = more
        self.headers: dict[str, str] = {}

    def details(self) -> ProblemDetails:
        """The body of the answer."""
        return ProblemDetails(
            type=f"urn:readout:problem:{self.name}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            **self.more,
        )


class Malformed(Problem, status=400, title="This is not an HTTP request"):
    """Bytes that are no HTTP request."""


class UrlTooLong(Problem, status=414, title="The URL is too long"):
    """More than any query needs."""


class HeadersTooLarge(Problem, status=431, title="The headers are too large"):
    """More headers than any client needs."""


class RangeNotSatisfiable(Problem, status=416, title="The file has no such part"):
    """A part of a file that it does not have."""


class BadQuery(Problem, status=422, title="The query can't be answered"):
    """Parameters that mean nothing here."""


class OriginRefused(Problem, status=403, title="Pages of other sites can't ask this"):
    """A page of another site, where none may ask."""


class NotFound(Problem, status=404, title="There is nothing here"):
    """No such record or path."""


class MethodNotAllowed(Problem, status=405, title="The record is read-only"):
    """The record can't be changed over the network."""


class NotAcceptable(Problem, status=406, title="There is no such format of this"):
    """No format that the client takes."""


class ContentTooLarge(Problem, status=413, title="The text is too long"):
    """More than can be checked at once."""


class UnsupportedMedia(Problem, status=415, title="This type of content is not read"):
    """A body of a type that is not read here."""


class RequestTimeout(Problem, status=408, title="The request took too long to arrive"):
    """A request that never came to its end."""


class Gone(Problem, status=410, title="This is gone"):
    """It was here, and is not any more."""


class Unavailable(Problem, status=503, title="This can't be served at the moment"):
    """Nothing to serve at the moment."""

    def __init__(self, detail: str, **more: Any) -> None:
        """Say why, and when to ask again."""
        super().__init__(detail, **more)
        self.headers["retry-after"] = "5"


class TooSlow(Unavailable, title="The query takes too long"):
    """A query that was given up."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"this takes more than {seconds} s, and no query may take longer here; ask for "
            "less at once: add a filter, write words out instead of word*, leave out facet, or "
            "take the newest first instead of sort=rank"
        )


class Crowded(Unavailable, title="Too much is asked at the moment"):
    """More long queries wait than can be answered."""

    def __init__(self) -> None:
        super().__init__(
            "too many long queries are waiting; ask again in a moment, or for less at once"
        )


class NotOffered(Problem, status=501, title="This form is not made here"):
    """A form of an answer that a standard has, and this server has not."""


class TooManyRequests(Problem, status=429, title="Too many requests"):
    """More than one client may ask for."""


class Unexpected(Problem, status=500, title="Something went wrong on our side"):
    """Our fault; the log has the details, the answer has none."""
