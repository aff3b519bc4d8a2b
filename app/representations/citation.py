"""A citation as a plain sentence."""

from app.representations.citing import citation_of, sentence
from app.representations.values import Body, One, Shown, View


async def represent(shown: Shown, view: View) -> Body:
    """A record, cited in a line."""
    assert isinstance(shown, One)  # noqa: S101 - the table has this as a format of records
    return f"{sentence(await citation_of(shown, view))}\n".encode()
