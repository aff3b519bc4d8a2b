"""The codes and names of countries, as two libraries have them together."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import pycountry
from countryinfo import CountryInfo, CountryNotFoundError

from app.text import owners, searchable

# What people type, and what stands in names of others too.
SHORT = {
    "AE": ("UAE",), "CD": ("Congo", "DRC"), "CN": ("PRC",), "GB": ("UK", "Britain"),
    "KP": ("Korea", "DPRK"), "KR": ("Korea", "ROK"), "MK": ("Macedonia",), "MM": ("Burma",),
    "US": ("America",), "VA": ("Vatican",),
}  # fmt: skip
LONG = 4  # letters; what is shorter is a code


@cache
def names_of_country(code: str) -> tuple[str, ...]:
    """The names of a country, but for its codes."""
    country = _country(code)
    names = (country.name(), *country.alt_spellings()) if country else ()
    return tuple(name for name in names if len(name) >= LONG)


def codes_of_country(code: str) -> Iterator[str]:
    """Its codes, its names in the standard and in other languages, and what is short for it."""
    if country := pycountry.countries.get(alpha_2=code):
        yield from (country.alpha_2, country.alpha_3, country.name)
        for name in ("common_name", "official_name"):
            yield getattr(country, name, country.name)
    yield from SHORT.get(code, ())
    if of := _country(code):
        yield from (of.native_name() or "", *of.translations().values())


@cache
def demonyms_of(code: str) -> tuple[str, ...]:
    """What the people and things of a country are called."""
    country = _country(code)
    return tuple(filter(None, ((country.demonym() if country else None) or "").split(",")))


def countries_named(name: str) -> list[str]:
    """The codes of the countries of a name, in whatever case and with or without accents."""
    return _by_name().get(searchable(name), [])


def countries_of(people: str) -> list[str]:
    """The names of the countries whose people and things are called so: `american`."""
    return [
        getattr(country, "common_name", country.name)
        for country in pycountry.countries
        if people in map(searchable, demonyms_of(country.alpha_2))
    ]


@lru_cache(maxsize=1024)
def longer_names(name: str) -> tuple[str, ...]:
    """The names of other countries, in folded words, that hold a name."""
    codes = countries_named(name)
    return tuple(
        longer
        for longer, of in _by_name().items()
        if codes and f" {name} " in f" {longer} " and not {*of} & {*codes}
    )


@cache
def _by_name() -> dict[str, list[str]]:
    codes: dict[str, list[str]] = {}
    for country in pycountry.countries:
        code = country.alpha_2
        names = (*names_of_country(code), *codes_of_country(code), country.numeric)
        # Many leave out an apostrophe, which parts words: People's Republic of China.
        bare = (re.sub("['\u2019]", "", name) for name in names)
        short = (owners.sub("", name) for name in names)
        for name in {searchable(name) for name in (*names, *bare, *short)}:
            codes.setdefault(name, []).append(code)
    return codes


def _country(code: str) -> CountryInfo | None:
    try:
        return CountryInfo(code)
    except (ValueError, CountryNotFoundError):
        return None
