"""Reading a query string: strictly, every problem at once, with what to type instead.

FastAPI keeps the last of a repeated parameter, takes `1_000` for a number and decodes `%zz` as it
stands. A record that is cited can't guess, so the query string is read here, as it was sent.
"""

import re
from operator import itemgetter
from typing import Any, TypeVar

from pydantic import ValidationError

from app import links
from app.beside import table_beside
from app.fields import MAX_NUMBER
from app.formats import BY_NAME, Content
from app.nearest import denies, nearest, negated, parts, question, slips
from app.problems import Fault, ValueFault
from app.queries.meant import (
    ALSO,
    EVERYTHING,
    MOST,
    NEARLY,
    called,
    days_meant,
    format_called,
    limit_meant,
    means_newest,
    of_a_key,
    spelling,
    value_meant,
)
from app.queries.params import PagedParams, Params, choices
from app.queries.values import Meant

MAX_PAIRS = 300
_in_a_value = re.compile(r"[;&?]\s*([a-z_]{1,30})=")
_index = re.compile(r"\[[0-9]*\]\Z")  # as other languages write a list: by[0]=japan
_day = re.compile(r"[12][0-9]{3}-[01]")
_behind_a_sign = re.compile(r"(?<=[<>]).+")
_FIRST_PAGE = {"page": {"1"}, "offset": {"0"}, "skip": {"0"}}
"""How others number pages or records, and what leads to the first page, where a walk begins."""
_BESIDE_A_WALK = frozenset({"limit", "fields", "facet", "include", "format"})
"""What may be another one on each page of a walk."""
P = TypeVar("P", bound=Params)
_TRACKING = table_beside(__file__)
tracking = re.compile(
    rf"(?:{'|'.join(_TRACKING['families'])})_.+|{'|'.join(_TRACKING['names'])}", re.IGNORECASE
)
"""The names of parameters that are known for tracking, in whatever case."""


class QueryFaults(Exception):
    """The faults of a query, and the query that was probably meant."""

    def __init__(
        self, faults: list[Fault], mended: links.Pairs | None, rest: links.Pairs | None = None
    ) -> None:
        """Keep them for the answer; `mended` is None where it would ask something else.

        `rest` is the query without names that are like no parameter, if nothing else is wrong.
        """
        super().__init__("; ".join(fault.detail for fault in faults))
        self.faults = faults
        self.mended = mended
        self.rest = rest


def read(shape: type[P], query: bytes) -> P:
    """Read a query string. Raises QueryFaults with every problem of it."""
    reading = _Reading(shape, query)
    try:
        params = shape.model_validate(reading.typed)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            reading.refuse(detail)
        params = None
    if reading.faults or params is None:
        # A cursor belongs to the query that it was given for, and this may be another one.
        stays = all(
            fault.parameter in _BESIDE_A_WALK or fault.nearest in {*_BESIDE_A_WALK, "cursor"}
            for fault in reading.faults
        )
        mended = [pair for pair in reading.mended if stays or pair[0] != "cursor"]
        rest = mended if reading.strange == len(reading.faults) else None
        raise QueryFaults(reading.faults, None if reading.lost else mended, rest)
    return params


def name_of(query: bytes) -> bytes | None:
    """The name of a query: equal for those that ask the same; None for a rare spelling.

    The order of parameters does not matter, that of the values of one does.
    """
    pairs = []
    parts = [*filter(None, query.split(b"&"))]
    for part in parts:
        name, _, value = part.partition(b"=")
        # A name that is spelt otherwise would be put in another order than the same name, and one
        # without a value is refused.
        if b"%" in name or b"+" in name or b"=" not in part:
            return None
        if value and not tracking.fullmatch(name.decode("latin-1")):
            pairs.append((name, part))
    pairs.sort(key=itemgetter(0))
    return b"&".join(map(itemgetter(1), pairs)) if len(parts) <= MAX_PAIRS else None


class _Reading:
    """The values of a query, its faults, and the query that was probably meant."""

    def __init__(self, shape: type[Params], query: bytes) -> None:
        self.shape = shape
        self.faults: list[Fault] = []
        self.mended: links.Pairs = []
        self.lost = False
        """Whether a mended query would ask something else."""
        self.strange = 0
        """How many names are like no parameter of any request."""
        self.written: dict[str, set[str]] = {}
        """As what each parameter is written: alternatives stand under one name, and no others."""
        self.typed: dict[str, Any] = {}
        parts = [*filter(None, query.split(b"&"))]
        if (count := len(parts) + query.count(b";")) > MAX_PAIRS:
            self._fault("*", f"there are {count} parameters; {MAX_PAIRS} are allowed")
            self.lost = True
            return
        given: dict[str, list[str]] = {}
        parameters = shape.model_fields  # read once: there may be hundreds of ids
        pairs = [pair for part in parts for pair in self._parted(*self._decoded_pair(part))]
        for name, value in pairs:
            if name in parameters:
                given.setdefault(name, []).append(value)
                self._mean(name, name, value)
            elif value and not tracking.fullmatch(name):
                self._refuse_name(name, value)
        for name, values in given.items():
            self.typed[name] = self._value(name, values)
        written = [each for names in self.written.values() for each in names]
        self.lost |= len(written) > min(len(self.written), len({*written}))

    def _decoded_pair(self, part: bytes) -> tuple[str, str]:
        """A name and its value; both empty where there is nothing to ask, or it can't be read."""
        before, equals, after = part.partition(b"=")
        place = "a parameter's name"
        try:
            name = links.text_of(before)
            if not name.isprintable():
                name = self._on_one_line(name, place)
            place = name[:100]
            value = links.text_of(after)
            if not value.isprintable():
                value = self._on_one_line(value, place)
        except ValueError as error:
            self._fault(place, f"{place} {error}")
            self.lost = True
            return "", ""
        if not equals and not tracking.fullmatch(name):
            self._refuse_alone(name)
        return (name, value) if value else ("", "")

    def _on_one_line(self, text: str, place: str) -> str:
        """A name or a value, which is refused if it is on several lines. Raises ValueError."""
        text, wrong = links.on_one_line(text)
        if wrong:
            self._fault(place, f"{place} {wrong}")
        return text

    def _parted(self, name: str, value: str) -> links.Pairs:
        """A parameter, and those that stand in its value, as if `;` or `%26` parted them."""
        first, *more = _in_a_value.split(value) if name != "q" else [value]
        if more:
            self._fault(name, f"{name}={value[:100]} holds several parameters; part them by &")
        return [
            (name, first.strip() if more else first),
            *((each, rest) for each, rest in zip(more[::2], more[1::2], strict=True)),
        ]

    def _value(self, name: str, values: list[str]) -> Any:
        if name == "fields":
            return [key.strip() for value in values for key in value.split(",") if key.strip()]
        if name in self.shape.repeated:
            return values
        if len(values) > 1:
            self._fault(name, f"{name} is given {len(values)} times, and can be given once")
            self.lost |= len({*values}) > 1
            self._replace(name, values[0])
        return values[0]

    def _refuse_alone(self, name: str) -> None:
        """Refuse a name without a value (`open`, `amount>5`): left out, all would be answered."""
        name = _behind_a_sign.sub("", name)
        if name not in self.shape.model_fields:
            self._refuse_name(name, "")
            return
        only = choices(self.shape, name)
        meant = only[0] if len(only) == 1 else ""
        also = question([f"{name}={meant}"] if meant else [])
        self._fault(name, f"{name} has no value{also}", valid=only or None, nearest=meant or None)
        self._replace(name, meant)
        self.lost |= not meant

    def _mean(self, typed: str, name: str, value: str) -> None:
        """Take a parameter, which was written under this name, into the query that was meant."""
        self.mended.append((name, value))
        self.written.setdefault(name, set()).add(typed)

    def _refuse_name(self, name: str, value: str) -> None:
        names, meant = list(self.shape.names), None
        bare = _index.sub("", name).removeprefix("amp;")  # of a link that was copied from HTML
        detail, word = f"{name[:100]} is not a parameter here", spelling(bare)
        nearly = [pair for pair in NEARLY.get(word, {}).items() if pair[0] in names]
        # A list shows nothing as if it had been narrowed.
        is_usual = issubclass(self.shape, PagedParams) and (word in ALSO or word in NEARLY)
        if name in _FIRST_PAGE and "cursor" in names:
            detail += "; limit sets the size of a page, and next leads to the next one"
            self.lost |= value not in _FIRST_PAGE[name]
        elif denies(bare) or nearly:
            self.strange += negated(bare) and not is_usual and not slips(bare, self.shape.known)
            self.lost = True
            detail += "".join(f"{question([other])} ({but})" for other, but in nearly)
            meant = nearly[0][0] if len(nearly) == 1 else None
        else:
            pairs = self._pairs_meant(bare, value)
            also = [n if v == value else f"{n}={v}" for n, v in pairs] or parts(name, names)
            detail += question(also)
            self.strange += not (also or is_usual or nearest(name, self.shape.known))
            meant = pairs[0][0] if len(pairs) == 1 else None
            if meant and value:
                self._mean(meant if slips(bare, [meant]) else name, *pairs[0])
            else:
                self.lost = True  # without it, the query would ask for something else
        self._fault(name, detail, valid=names, nearest=meant)

    def _pairs_meant(self, name: str, value: str) -> links.Pairs:
        """The parameters that may be meant by a name that there is not, and their values."""
        also = [other for other in ALSO.get(spelling(name), ()) if other in self.shape.names]
        # A date says that a range is meant, and not from or to whom.
        if {"since", "until"} & {*also} and (_day.match(value) or days_meant(value)):
            also = [other for other in also if other not in self.shape.references]
        elif spelling(name) == "to":
            also = []
        near = slips(name, self.shape.names) or also
        closed = [n for n in near if n in self.shape.filters and choices(self.shape, n)]
        taking = self._filters_with(value, closed) if closed else []
        having = [pair for pair in taking if pair in {(n, value.strip().lower()) for n in closed}]
        taking = having or (taking if closed == near else [])
        others = ((n, value) for n in near if n not in closed)
        return [*taking, *others] or [(n, value) for n in near]

    def _filters_with(self, value: str, near: list[str] | None = None) -> links.Pairs:
        """The closed filters that have a value, or are switched on by it: `open`.

        Of those that may be meant, also the values for which it is a word.
        """
        word = value.strip().lower()
        filters = {n: choices(self.shape, n) for n in self.shape.names if n in self.shape.filters}
        having = [(n, word) for n, valid in filters.items() if word in valid and word[0].isalpha()]
        others = [(n, each) for n in near or () for each in called(n, word, filters[n])]
        return [
            *dict.fromkeys([*others, *having]),
            *((n, "1") for n, valid in filters.items() if n == word and valid == ["1"]),
        ]

    def refuse(self, detail: Any) -> None:
        """Take note of a library's error, in our words."""
        name, kind = str(detail["loc"][0]), detail["type"]
        wrong = detail["input"] if isinstance(detail["input"], str) else ""
        if name == "fields" and kind == "value_error":
            wrong = str(detail["ctx"]["error"])  # the key that there is not
        if kind == "missing":
            example = str((self.shape.model_fields[name].examples or [""])[0])
            if name not in {*dict(self.mended), *(fault.parameter for fault in self.faults)}:
                self._fault(name, f"{name} is missing, as in {name}={example}")
                self.lost = True
            return
        if kind == "too_long" and name in self.shape.repeated:
            self._fault(name, f"{name} is given more than {detail['ctx']['max_length']} times")
            self.lost = True
            return
        self._refuse_value(name, wrong, detail)

    def _refuse_value(self, name: str, wrong: str, detail: Any) -> None:
        valid = choices(self.shape, name) or None
        several = wrong.split(",") if name in self.shape.repeated else [wrong]
        alone = len(several) == 1
        readings = self._readings(name, wrong, valid) if alone else []
        is_closed = alone and valid and name in self.shape.filters
        is_there = wrong.strip().lower() in (valid or ())
        others = self._filters_with(wrong) if is_closed and not is_there else []
        reason = self._reason(name, wrong, valid, detail)
        could = self._what_could(name, wrong, valid) if valid else ""
        also = question([*readings, *(f"{other}={value}" for other, value in others)])
        wants_all = is_closed or name == "fields"
        wants_all = wants_all and not also and wrong.strip().lower() in EVERYTHING
        if wants_all:
            also = f"; leave {name} out for all of them"
        if name == "fields" and readings and of_a_key.search(wrong):
            also += " (it comes whole)"
        typed = f"{name}={wrong[:100]}{'…' if len(wrong) > 100 else ''}"
        meant = readings[0] if len(readings) == 1 and not others else None
        self.faults.append(
            ValueFault(
                parameter=name,
                detail=f"{typed} {reason}{could}{also}{self._of_which(name, wrong, readings)}",
                valid=valid or (readings if len(readings) > 1 else None),
                nearest=meant,
                value=wrong,
                typed=typed,
                reason=reason,
            )
        )
        if wants_all and [pair[1] for pair in self.mended if pair[0] == name] == [wrong]:
            self.mended = [pair for pair in self.mended if pair[0] != name]
        elif len(others) == 1 and not readings:
            self._mean_another(name, wrong, *others[0])
        else:
            self._mend_value(name, wrong, several, meant)

    def _mean_another(self, name: str, wrong: str, other: str, value: str) -> None:
        """Take a value for that of another filter, unless either has one more."""
        several = [pair[1] for pair in self.mended if pair[0] == name] != [wrong]
        self.lost |= several or other in dict(self.mended)
        self.mended = [*(pair for pair in self.mended if pair[0] != name), (other, value)]

    def _mend_value(self, name: str, wrong: str, several: list[str], meant: str | None) -> None:
        is_newest = name == "as_of" and means_newest(wrong)
        if name == "fields":
            self.lost |= meant is None
            self._replace(name, *(key if key != wrong else meant for key in self.typed[name]))
        elif len(several) > 1:
            self._replace(name, *several, instead_of=wrong)
        elif name not in self.shape.references and not is_newest:  # which are looked up
            self._replace(name, meant, instead_of=wrong)

    def _readings(self, name: str, wrong: str, valid: list[str] | None) -> list[str]:
        """The values that may have been meant: often one, or none."""
        mark = self.shape.marks(Meant).get(name)
        meant = mark.guess(wrong) if mark else value_meant(name, wrong, valid) if valid else []
        bare = wrong.strip()
        if not meant and bare not in {wrong, ""} and self._takes(name, bare):
            meant = [bare]
        return [reading for reading in meant if reading != wrong and not denies(wrong, reading)]

    def _takes(self, name: str, value: str) -> bool:
        try:
            read(self.shape, links.query_of([(name, value)]).encode())
        except QueryFaults as faults:
            return all(fault.parameter != name for fault in faults.faults)
        return True

    def _of_which(self, name: str, wrong: str, readings: list[str]) -> str:
        """The end of a sentence that says what else a value tells, and no parameter: a currency."""
        mark = self.shape.marks(Meant).get(name)
        if not (readings and mark and mark.beside):
            return ""
        other, told_by = mark.beside
        values, given = told_by(wrong), self.typed.get(other)
        if not values or (given and set(given) <= {*values}):
            return ""
        self.lost = True
        return f" {other}={' or '.join(values)} says of which"

    def _reason(self, name: str, wrong: str, valid: list[str] | None, detail: Any) -> str:
        kind, context = detail["type"], detail.get("ctx", {})
        meant = format_called(wrong) if name == "format" else None
        if meant and meant not in (valid or ()):
            shows = BY_NAME[meant].shows
            what = ", ".join(content.value for content in Content if content in shows)
            return f"is not for {self.shape.content.value}, but for: {what}"
        if valid:
            return f"is not a value of {name}"
        if name == "limit":
            wants_all = limit_meant(wrong) == [MOST]
            whole = "; the whole list is format=csv or format=ndjson" if wants_all else ""
            return f"is not a whole number from 1 to 200{whole}"
        if kind == "value_error":
            return str(context["error"])
        if kind in {"string_too_long", "too_long"}:
            check = "; POST a longer passage to /check" if name == "q" else ""
            return f"is longer than {context['max_length']} characters{check}"
        if name == "cursor":
            return "is not a cursor; take it from next"
        if name in self.shape.references:
            repeat = f"; for several, repeat {name}" if "," in wrong else ""
            return f"is not an id: lower-case letters, digits and single hyphens{repeat}"
        return f"is not a number from 0 to {MAX_NUMBER}, as in 1000000 or 1e6"

    def _what_could(self, name: str, wrong: str, valid: list[str]) -> str:
        """The end of a sentence that says what could stand there."""
        what = "a code" if len(valid) > 100 else f"one of {', '.join(valid)}"
        several = "," in wrong and name in self.shape.repeated and name != "fields"
        own, filters = wrong.strip().lower(), self.shape.filters
        also = f"; {own} is a parameter of its own" if {name, own} <= filters else ""
        return f"; it is {what}{', and it is repeated for several' if several else ''}{also}"

    def _fault(
        self, name: str, detail: str, valid: list[str] | None = None, nearest: str | None = None
    ) -> None:
        self.faults.append(Fault(parameter=name[:100], detail=detail, valid=valid, nearest=nearest))

    def _replace(self, name: str, *values: str | None, instead_of: str | None = None) -> None:
        """Put values in the place of what was sent.

        What can't be mended is not left out, but for the size of a page: the query would ask for
        more than was meant, or for the first in another order.
        """
        kept = [value for value in values if value]
        self.lost |= not kept and name not in {"limit", "cursor"}
        same = [value for n, value in self.mended if n == name and instead_of not in {None, value}]
        others = [pair for pair in self.mended if pair[0] != name]
        values = (",".join(dict.fromkeys(kept)),) if name == "fields" else (*same, *kept)
        self.mended = others + [(name, value) for value in dict.fromkeys(values) if value]
