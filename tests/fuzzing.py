"""What the published schema can't say, for Schemathesis.

* Which ids there are: those of the seed, and any other is refused.
* What a letter is: regular expressions differ, so the published pattern of `q` is a narrower one.
* What an operator of `q` joins: an OR without a word on each side, or with brackets, is refused.
* A cursor is opaque: one that the server did not make is refused.
* Which releases there are, and since when: `as_of` and `since_release` take no other.
* `fields` leaves keys out of an answer, and OpenAPI has no words for that.
* An empty parameter is not asked. OpenAPI has a word for it, which it asks not to use.
* A format that is the whole result takes nothing that is for pages: those are tested on their own,
  and so is what only tables in text take. Few formats count.
* A period that ends before it begins holds nothing, and is refused; so is such a range of sums.

All are tested on their own; everything else is as generated.
"""

import copy
import json
import sys
from functools import cache
from typing import Any

import pycountry
import schemathesis
from hypothesis.strategies._internal import regex

from app.fields import MAX_NUMBER
from app.formats import BY_NAME
from app.resources.topics import BASE_TOPICS
from app.settings import PROJECT

SEED = json.loads((PROJECT / "data" / "seed.json").read_text(encoding="utf-8"))
REFERS = {
    "actor": ["actors"],
    "by": ["actors"],
    "to": ["actors"],
    "mentions": ["actors"],
    "involves": ["actors"],
    "reaffirms": ["agreements", "commitments"],
    "office_of": ["actors"],
    "publisher": ["actors"],
    "speaker": ["actors", "documents"],
    "agreement": ["agreements"],
    "summit": ["summits"],
    "document": ["documents"],
    "id": ["actors", "agreements", "commitments", "documents", "quotes", "summits"],
}


def _letters() -> str:
    """Every letter and digit of every script, written out: `\\w` is ASCII alone to some."""
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if chr(code).isalnum():
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


# The published pattern names some letters, for every language's regular expressions. The signs of
# an OR and brackets, narrow or wide, are left out: they are refused where they join nothing.
_ANY = r"[^\x00-\x1f\x7f|()\[\]\uff00-\uffef]*"
FINDABLE = f"^{_ANY}[{_letters()}]{_ANY}$"
# A pattern is read anew for every example: with one as long as this, that was most of the time.
regex.regex_strategy = cache(regex.regex_strategy)
# Beside any other end of the range, so that one of the two can be tried alone.
RANGES = (("since", "until"), ("due_since", "due_until"), ("amount_min", "amount_max"))
WIDEST = {"amount_min": 0, "amount_max": MAX_NUMBER}


CODES = {
    "country": [country.alpha_2 for country in pycountry.countries],
    "currency": [currency.alpha_3 for currency in pycountry.currencies],
}


@schemathesis.hook
def before_load_schema(_: schemathesis.HookContext, raw: dict[str, Any]) -> None:
    """Give each operation parameters of its own, to be narrowed one by one."""
    shared = raw["components"].get("parameters", {})
    for methods in raw["paths"].values():
        for operation in methods.values():
            operation["parameters"] = [
                copy.deepcopy(shared[parameter["$ref"].rpartition("/")[2]])
                if "$ref" in parameter
                else parameter
                for parameter in operation.get("parameters", [])
            ]


@schemathesis.hook
def before_process_path(_: schemathesis.HookContext, path: str, methods: dict[str, Any]) -> None:
    """Say which ids there are, and take out what is tested on its own."""
    for operation in methods.values():
        operation["parameters"] = [
            parameter
            for parameter in operation.get("parameters", [])
            if parameter["name"] not in {"cursor", "fields", "bom", "raw", "series"}
        ]
        for parameter in operation["parameters"]:
            parameter["allowEmptyValue"] = not parameter["required"]
            # A part is of the same type as its whole.
            named = {**REFERS, "part_of": [path[1:]]}
            if path[1:] in SEED:  # in changes it may be the id of any record
                named["id"] = [path[1:]]
            ids = [e["id"] for plural in named.get(parameter["name"], ()) for e in SEED[plural]]
            if parameter["name"] == "q":
                parameter["schema"]["pattern"] = FINDABLE
            if parameter["name"] in WIDEST:
                parameter["schema"]["examples"] = [WIDEST[parameter["name"]]]
            if parameter["name"] == "format":
                parameter["schema"]["enum"] = ["json"]  # which the document describes
            if parameter["name"] in CODES:  # of these, the standard has the list
                parameter["schema"]["items"]["enum"] = CODES[parameter["name"]]
            if parameter["name"] == "topic":
                parameter["schema"]["items"] = {"type": "string", "enum": [*BASE_TOPICS]}
            if parameter["name"] == "as_of":
                parameter["schema"]["enum"] = ["1"]
            if parameter["name"] == "since_release":
                parameter["schema"]["enum"] = [0, 1]
            if ids and parameter["in"] == "query":
                parameter["schema"]["items"] = {"type": "string", "enum": ids}


@schemathesis.hook
def map_query(_: schemathesis.HookContext, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Make an object the text as which it is sent: for a parameter that takes text, it is right."""
    if isinstance(query, dict):
        for name, value in query.items():
            if isinstance(value, dict):
                query[name] = str(value)
    return query


@schemathesis.hook
def before_call(
    _: schemathesis.HookContext, case: "schemathesis.Case[Any]", __: dict[str, Any]
) -> None:
    """Count in a format that does; give only one end of a period or range.

    What is meant to be wrong keeps both ends, as one of them may be what is wrong.
    """
    query = case.query or {}
    written = BY_NAME.get(str(query.get("format")))
    if "facet" in query and written and "facet" in written.refuses:
        del query["format"]
    if case.meta is None or case.meta.generation.mode.is_positive:
        for first, last in RANGES:
            if {first, last} <= query.keys():  # also where one of them is 0
                del query[last]
