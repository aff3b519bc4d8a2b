"""The names of records, by which a search finds them at once."""

from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

import pycountry
from countryinfo import CountryInfo, CountryNotFoundError

from app.fields import code_of
from app.text import searchable
from app.vocabulary import ActorKind

# What people type, and what stands in names of others too.
_SHORT = {"US": ("America",), "GB": ("UK",)}
_LONG = 4  # letters; what is shorter is a code


def names_of(body: dict[str, Any]) -> dict[str, bool]:
    """The names of a record in folded words, and whether each is no more than a code for it.

    A code finds what has it, and is no other name of it: `in` is the code of India.
    """
    if "title" not in body:  # a quote has its words
        return {}
    names = dict.fromkeys([body["title"], *body.get("aliases", ())], False)
    if body.get("kind") == ActorKind.COUNTRY_OR_AREA:
        code = body["country"] or code_of("countries", body["title"]) or ""
        for name in chain(names_of_country(code), _codes_of(code)):
            names.setdefault(name, len(name) < _LONG or name in _SHORT.get(code, ()))
    folded: dict[str, bool] = {}
    for name, is_code in names.items():
        folded.setdefault(searchable(name), is_code)
    folded.pop("", None)
    return folded


def _codes_of(code: str) -> Iterator[str]:
    if country := pycountry.countries.get(alpha_2=code):
        yield from (country.alpha_2, country.alpha_3, country.name)
        for name in ("common_name", "official_name"):
            yield getattr(country, name, country.name)
    yield from _SHORT.get(code, ())


@cache
def names_of_country(code: str) -> tuple[str, ...]:
    """The names of a country, but for its codes."""
    country = _country(code)
    names = (country.name(), *country.alt_spellings()) if country else ()
    return tuple(name for name in names if len(name) >= _LONG)


@cache
def demonyms_of(code: str) -> tuple[str, ...]:
    """What the people and things of a country are called."""
    country = _country(code)
    return tuple(filter(None, ((country.demonym() if country else None) or "").split(",")))


def _country(code: str) -> CountryInfo | None:
    try:
        return CountryInfo(code)
    except (ValueError, CountryNotFoundError):
        return None
