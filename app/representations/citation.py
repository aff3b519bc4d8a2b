"""A citation as a plain sentence."""

from app.representations.citing import citation_of, sentence
from app.representations.values import Body, One, View


async def represent(shown: One, view: View) -> Body:
    """A record, cited in a line."""
    return f"{sentence(await citation_of(shown, view))}\n".encode()
