"""Topics: what records are sorted by. The program brings a base list, a bundle may add to it."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from app.beside import table_beside
from app.fields import Name, Text, TopicId
from app.records import Shape


class Topic(Shape):
    """A subject by which records are sorted and found."""

    id: TopicId = Field(examples=["defense_industry"])
    """Its permanent id."""
    title: Name = Field(examples=["defense industry"])
    """Its name, as it stands within a sentence."""
    meaning: Text = Field(examples=["Making, licensing and trading of arms."])
    """What belongs to it."""
    broader: Annotated[TopicId | None, Field(examples=["economy"])]
    """The topic that it is a part of: who asks for that one finds this one, too."""


class CountedTopic(Topic):
    """A topic, and how much there is about it."""

    counts: dict[str, int] = Field(
        examples=[
            {
                "summits": 1,
                "actors": 0,
                "agreements": 1,
                "commitments": 3,
                "quotes": 0,
                "documents": 1,
            }
        ]
    )
    """How many records of each type its filter finds, by the names of the lists."""


Row = dict[str, Any]
BASE_TOPICS: dict[str, Row] = {
    id_: {"id": id_, "title": id_.replace("_", " "), "meaning": meaning, "broader": None}
    for id_, meaning in table_beside(__file__).items()
}
"""The topics that every data set has, by their ids."""


def with_broader(ids: Iterable[str], topics: Mapping[str, Row]) -> list[str]:
    """Topics and those that they are parts of, each once, a topic before what is broader."""
    all_ids = dict.fromkeys(ids)
    widening = [*all_ids]
    for id_ in widening:  # it grows
        broader = topics[id_]["broader"] if id_ in topics else None
        if broader and broader not in all_ids:
            all_ids[broader] = None
            widening.append(broader)
    return [*all_ids]
