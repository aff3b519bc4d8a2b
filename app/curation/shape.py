"""The shape of what is typed: the library's errors in our words, with what to type instead."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.beside import table_beside
from app.curation.bundle import Bundle
from app.curation.reading import Place, as_typed
from app.fields import MAX_ID, MAX_NUMBER
from app.nearest import did_you_mean, slip_of
from app.text import slug_of
from app.vocabulary import RecordType

# What a reference to one of two types was taken for.
_NOUNS = {kind.noun for kind in RecordType}
_SCHEMA = Bundle.model_json_schema()


def schema_at(place: Place) -> dict[str, Any]:
    """The JSON Schema of what may stand at a place of a bundle; empty where nothing may."""
    here = _resolved(_SCHEMA)
    for step in place:
        inner = here.get("items") if isinstance(step, int) else here.get("properties", {}).get(step)
        here = _resolved(inner or {})
    return here


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without references and alternatives: the object or list where one is allowed."""
    for option in schema.get("anyOf", schema.get("oneOf", ())):
        if option.get("type") not in {"null", "string"}:
            return _resolved(option)
    if "$ref" in schema:
        return _resolved(_SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
    return schema


def keys_at(place: Place) -> list[str]:
    """The keys of the object that may stand at a place of a bundle."""
    return list(schema_at(place).get("properties", ()))


def misshapen(whole: Place, error: ValidationError) -> Iterator[tuple[Place, str]]:
    """The problems of an entry at a place that has not the right shape."""
    for detail in error.errors(include_url=False):
        place = (*whole, *(step for step in detail["loc"] if step not in _NOUNS))
        yield place, _wrong(place, detail)


_DATA = table_beside(__file__)
_WORDS, _PATTERNS = _DATA["words"], _DATA["patterns"]


def _wrong(place: Place, detail: ErrorDetails) -> str:
    """An error at a place, as the end of a sentence that begins with its address."""
    sort, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    typed, key = as_typed(value), str(place[-1]) if place else ""
    if sort in _WORDS:
        return str(_WORDS[sort].format(typed=typed, **context))
    match sort:
        case "extra_forbidden":
            return f"is not a key here{did_you_mean(key, keys_at(place[:-1]))}"
        case "enum":
            options = list(schema_at(place).get("enum", ()))
            return f"{typed} is not one of {', '.join(options)}{slip_of(str(value), options)}"
        case "blank" | "string_too_short":
            return f"is blank{_remedy(place)}"
        case "string_pattern_mismatch" if key in _PATTERNS:
            return f"{typed} {_PATTERNS[key]}"
        case "string_pattern_mismatch":
            id_ = slug_of(value, MAX_ID)  # `Tallinn 2026` gives `tallinn-2026`
            meant = f'; did you mean "{id_}"?' if id_ else ""
            return f"{typed} is not an id: lower-case letters, digits and single hyphens{meant}"
        case "string_too_long":
            advice = "; quote the shortest part that proves it" if key == "passage" else ""
            return f"has {len(value)} characters, the limit is {context['max_length']}{advice}"
    if sort.startswith(("float", "int", "finite", "greater", "less")):
        whole = " whole" if sort.startswith("int") else ""
        return f"{typed} is not a{whole} number from 0 to {MAX_NUMBER}"
    return f"{typed}: {detail['msg']}"


def _remedy(place: Place) -> str:
    if isinstance(place[-1], int):
        return "; leave it out"
    if place[-1] in {"passage", *schema_at(place[:-1]).get("required", ())}:
        return ", but needed here"
    return "; leave the key out if it is not known"
