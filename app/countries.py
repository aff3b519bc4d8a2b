"""The codes and names of countries, as two libraries have them together."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations

import pycountry
from countryinfo import CountryInfo, CountryNotFoundError

from app.text import searchable

# What people type, and what stands in names of others too.
SHORT = {
    "AE": ("UAE",), "CD": ("Congo", "DRC"), "CN": ("PRC",), "GB": ("UK", "Britain"),
    "KP": ("Korea", "N Korea", "DPRK"), "KR": ("Korea", "S Korea", "ROK"), "MK": ("Macedonia",),
    "MM": ("Burma",),
    "US": ("America", "US", "USA"), "VA": ("Vatican",),
}  # fmt: skip
_NO_COUNTRIES = frozenset(
    ["america first", "bank of america", "central america", "east china sea", "gulf of mexico",
     "latin america", "new england", "new mexico", "north america", "northern ireland",
     "sea of japan", "south america", "south china sea"]
)  # fmt: skip
"""What the name of a country stands in, and is not meant, in folded words."""
APART = "\ue002"
"""The mark between words of a name that are not meant by themselves: nothing that is typed."""
_ENGLISH = ("name", "common_name", "official_name")
LONG = 4  # letters; what is shorter is a code


@cache
def names_of_country(code: str) -> tuple[str, ...]:
    """The names of a country, but for its codes."""
    country = _country(code)
    names = (country.name(), *country.alt_spellings()) if country else ()
    return tuple(name for name in names if len(name) >= LONG)


def all_names_of_country(code: str) -> Iterator[str]:
    """Its codes, its names in the standard and in other languages, and what is short for it."""
    if country := pycountry.countries.get(alpha_2=code):
        yield from (country.alpha_2, country.alpha_3)
        yield from (getattr(country, name, country.name) for name in _ENGLISH)
    yield from SHORT.get(code, ())
    if of := _country(code):
        yield from filter(None, (of.native_name(), *of.translations().values()))


def is_only_typed(code: str, name: str) -> bool:
    """Whether a name finds a country, but is none that stands in English texts for it: `Nippon`."""
    country, of = pycountry.countries.get(alpha_2=code), _country(code)
    english = {of.name() if of else "", *(getattr(country, key, "") for key in _ENGLISH)}
    is_word = name.isalpha() and searchable(name).isascii()
    return name in SHORT.get(code, ()) or (is_word and name not in english)


@cache
def demonyms_of(code: str) -> tuple[str, ...]:
    """What the people and things of a country are called."""
    country = _country(code)
    return tuple(filter(None, ((country.demonym() if country else None) or "").split(",")))


def codes_named(name: str) -> list[str]:
    """The codes of the countries of a name, in whatever case and with or without accents."""
    names = _by_name()
    return names.get(searchable(name)) or names.get(searchable(name.upper()), [])


def countries_with_demonym(people: str) -> list[str]:
    """The names of the countries whose people and things are called so: `american`."""
    return _by_demonym().get(people, [])


@cache
def _by_demonym() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for country in pycountry.countries:
        for people in map(searchable, demonyms_of(country.alpha_2)):
            names.setdefault(people, []).append(getattr(country, "common_name", country.name))
    return names


def is_short(name: str) -> bool:
    """Whether a name in folded words is one that people type in any case: `prc`."""
    return name in _short_names()


@cache
def _short_names() -> frozenset[str]:
    return frozenset(searchable(short) for names in SHORT.values() for short in names)


def holds_a_country(name: str) -> bool:
    """Whether the name of a country in these folded words is not meant: `north america`."""
    return name in _NO_COUNTRIES


def longer_names(name: str) -> tuple[str, ...]:
    """The names of other countries, in folded words, that hold a name."""
    return tuple(_within().get(name, ()))


def kept_apart(words: str) -> str:
    """Folded words in which no name of a country stands within a longer one of another.

    A mark parts it there: the Republic of Korea is not in the Democratic People's Republic of
    Korea.
    """
    return _longer().sub(lambda longer: _parted(longer[0]), words)


@cache
def _parted(longer: str) -> str:
    for name, others in _within().items():
        if longer in others and " " in name:
            longer = longer.replace(name, name.replace(" ", f" {APART} ", 1), 1)
    return longer


@cache
def _longer() -> re.Pattern[str]:
    names = {longer for name, others in _within().items() for longer in others if " " in name}
    return re.compile(rf"(?<![^ ])(?:{'|'.join(sorted(names, key=len, reverse=True))})(?![^ ])")


@cache
def _within() -> dict[str, list[str]]:
    """Names by those of others that stand within them."""
    within: dict[str, list[str]] = {}
    for longer, of in _by_name().items():
        words = longer.split()
        for start, end in combinations(range(len(words) + 1), 2):
            name = " ".join(words[start:end])
            if name != longer and not {*_by_name().get(name, of)} & {*of}:
                within.setdefault(name, []).append(longer)
    return within


def all_names() -> Iterable[str]:
    """All names and codes, in folded words."""
    return _by_name()


@cache
def _by_name() -> dict[str, list[str]]:
    codes: dict[str, list[str]] = {}
    for country in pycountry.countries:
        code = country.alpha_2
        names = (*names_of_country(code), *all_names_of_country(code), country.numeric)
        # Many leave out an apostrophe, which parts words: People's Republic of China.
        bare = (re.sub("['\u2019]", "", name) for name in names)
        for name in {searchable(name) for name in (*names, *bare)}:
            codes.setdefault(name, []).append(code)
    return codes


def _country(code: str) -> CountryInfo | None:
    try:
        return CountryInfo(code)
    except (ValueError, CountryNotFoundError):
        return None
