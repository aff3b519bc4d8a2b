"""What is different between two forms of a record, so that one can be made from the other."""

from typing import Any

Fields = list[dict[str, Any]]


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
        found
        for key, old, new in pairs
        for found in differences(old, new, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    ]


def keys_of(fields: Fields) -> set[str]:
    """The keys of a record that are different; none where the whole of it came or went."""
    return {found["pointer"].split("/")[1] for found in fields if found["pointer"]}
