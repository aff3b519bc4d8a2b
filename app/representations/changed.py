"""Changes in words: what happened to a record, and what stood there before and after."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.representations.wording import day, listed, number, record_title, term

_HAPPENED = {
    "added": "{} was added",
    "changed": "{} was changed",
    "renamed": "{} has another id",
    "withdrawn": "{} was withdrawn",
}
_NOTHING = "nothing"


class Difference(NamedTuple):
    """A value that is another one now, in words."""

    where: str
    before: str
    after: str


def happened(change: Mapping[str, Any]) -> str:
    """What happened, in a few words: `A solar park was changed`."""
    return _HAPPENED[change["action"]].format(record_title(change["record"]))


def remarks(change: Mapping[str, Any]) -> list[str]:
    """When, why and what to read instead, a sentence each."""
    sentences = [f"In release {change['release']}, {day(change['published_at'])}."]
    if change["former_id"]:
        sentences.append(f"Its id was {change['former_id']}; it is {change['record']['id']}.")
    if change["reason"]:
        sentences.append(f"Why: {change['reason']}")
    if change["replaced_by"]:
        sentences.append(f"Read {change['replaced_by']} in its place.")
    return sentences


def differences(change: Mapping[str, Any]) -> list[Difference]:
    """Each value before and after, but for what is new or gone as a whole."""
    return [
        Difference(_place(field["pointer"]), in_words(field["before"]), in_words(field["after"]))
        for field in change["fields"]
        if field["pointer"]
    ]


def record_of(change: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The record that is new, or gone, as a whole."""
    for field in change["fields"]:
        if not field["pointer"]:
            whole: Mapping[str, Any] | None = field["after"] or field["before"]
            return whole
    return None


def _place(pointer: str) -> str:
    """Where a value stands: `/evidence/0/exact` gives `evidence 1, exact`."""
    words: list[str] = []
    for step in pointer.split("/")[1:]:
        if step.isdecimal() and words:
            words[-1] += f" {int(step) + 1}"
        else:
            words.append(term(step.replace("~1", "/").replace("~0", "~")))
    return ", ".join(words)


def in_words(value: Any) -> str:
    """Any value of a record, whole."""
    if value is None or value in ([], ""):
        return _NOTHING
    if isinstance(value, dict):
        if "title" in value:
            return str(value["title"])
        return "; ".join(f"{term(name)}: {in_words(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return listed([in_words(inner) for inner in value])
    if isinstance(value, int | float):
        return number(value)
    return f"“{value}”"
