"""The names of records, by which a search finds them at once."""

from itertools import chain
from typing import Any

from app.countries import LONG, all_names_of_country, is_only_typed, names_of_country
from app.fields import code_of
from app.text import searchable
from app.vocabulary import ActorKind


def names_of(body: dict[str, Any]) -> dict[str, bool]:
    """The names of a record in folded words, and whether each is no more than a code for it.

    A code finds what has it, and is no other name of it: `in` is the code of India. So does what
    a country is called in another language: Nippon Steel is not Japan.
    """
    if "title" not in body:  # a quote has its words
        return {}
    names = dict.fromkeys([body["title"], *body.get("aliases", ())], False)
    if body.get("kind") == ActorKind.COUNTRY_OR_AREA:
        code = body["country"] or code_of("countries", body["title"]) or ""
        for name in chain(names_of_country(code), all_names_of_country(code)):
            names.setdefault(name, len(name) < LONG or is_only_typed(code, name))
    folded: dict[str, bool] = {}
    for name, is_code in names.items():
        folded.setdefault(searchable(name), is_code)
    folded.pop("", None)
    return folded
