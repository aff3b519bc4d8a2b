"""The difference between two forms of a record, from which one can be made of the other."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from app.export import derived_keys, entry_of
from app.records import passages_of
from app.text import counted

Fields = list[dict[str, Any]]

# What a record shows of another one, or what is worked out from what stands beside it.
_OF_ANOTHER = re.compile(r"/.+/(title|href)|/evidence/[0-9]+/(url|sha256|end)")


def differences(before: Any, after: Any, pointer: str = "") -> Fields:
    """The values to replace, each by its JSON Pointer (RFC 6901).

    A pointer names a key that both have, or a place in lists of the same length; where keys or
    lengths differ, the whole object or list is replaced.
    """
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        pairs = [(key, before[key], after[key]) for key in after]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = [(str(at), *values) for at, values in enumerate(zip(before, after, strict=True))]
    elif before == after and type(before) is type(after):
        return []
    else:
        return [{"pointer": pointer, "before": before, "after": after}]
    return [
        field
        for key, old, new in pairs
        for field in differences(old, new, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    ]


def with_derived(fields: Fields, kind: str) -> Fields:
    """The same fields, each with `derived`: whether it follows from what other records say.

    A key of a record is derived as a whole: where an id in it is another one, its title belongs
    to the same fact.
    """
    facts = {key_of(field) for field in fields if _is_fact(field, kind)}
    return [field | {"derived": key_of(field) not in facts} for field in fields]


def _is_fact(field: dict[str, Any], kind: str) -> bool:
    pointer, before, after = field["pointer"], field["before"], field["after"]
    if not pointer:  # the record as a whole
        return before is None or after is None or entry_of(before) != entry_of(after)
    return key_of(field) not in derived_keys(kind) and not _OF_ANOTHER.fullmatch(pointer)


def key_of(field: dict[str, Any]) -> str:
    """The key of the record that a field stands under; empty for the record as a whole."""
    pointer: str = field["pointer"]
    return pointer.split("/")[1] if pointer else ""


def note(before: Any, after: Any) -> str | None:
    """Say how many passages were compared with their texts, and are not as they stand now."""
    was, now = Counter(_compared(before)), Counter(_compared(after))
    lost = Counter(document for document, _, compared in (was - now).elements() if compared)
    new = Counter(document for document, _, compared in (now - was).elements() if not compared)
    said = [f"{counted(n, 'passage')} of “{title}”" for (_, title), n in (lost & new).items()]
    return f"No longer compared with the text: {', '.join(said)}." if said else None


def _compared(body: Any) -> Iterator[tuple[tuple[str, str], str, bool]]:
    """The passages of a record: document, words, and whether they were compared."""
    for passage in passages_of(body) if body else ():
        document, ends = passage["document"], (passage["start"], passage["end"])
        yield (document["id"], document["title"]), passage["exact"], None not in ends
