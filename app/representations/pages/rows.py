"""A record as a row of a list: what it is, who, when, how far it has come, and what proves it.

Written here and not in a template, as a page has up to 200 of them: it takes a quarter of the time.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from markupsafe import Markup

from app.representations.wording import (
    begun,
    counted,
    country,
    day,
    days,
    listed,
    measure,
    pledge,
    term,
)

Json = Mapping[str, Any]
_DOT = ' <span class="dot">·</span> '
_MET = 6
_MARKS = frozenset('"“”„«»')


@lru_cache(maxsize=4096)
def moment(date: str, words: str = "") -> Markup:
    """A date in words, which programs can read too."""
    return Markup(f'<time datetime="{escape(date)}">{words or day(date)}</time>')  # noqa: S704 - escaped


def names(actors: Iterable[Json]) -> Markup:
    """The names of actors in a row; of parties, with a role that is not the usual one."""
    return Markup(listed(map(_name, actors)))  # noqa: S704 - escaped


def _name(actor: Json) -> str:
    if "actor" not in actor:
        return f"<bdi>{escape(actor['title'])}</bdi>"
    usual = actor["role"] in {"party", "leader", "country", "host", "chair"}
    role = "" if usual else f" ({term(actor['role'])})"
    return f"<bdi>{escape(actor['actor']['title'])}</bdi>{role}"


def made_by(record: Json) -> Markup:
    """Who said, promised or agreed it: of a quote in which office, or in whose voice a hit has it;
    of an actor, a summit and a document nothing."""
    if record["type"] == "quote":
        more = (escape(record[key]) for key in ("office", "voice") if record.get(key))
        return Markup(", ".join([_name(record["speaker"]), *more]))  # noqa: S704 - escaped
    if record["type"] == "commitment":
        return names(record["by"]) or Markup("<i>no source says by whom</i>")
    return names(record["parties"] if record["type"] == "agreement" else ())


def about_hit(hit: Json, topic_title: Callable[[str], str]) -> Markup:
    """Who made what a search found, when, and what it is about."""
    unknown = None if hit["type"] == "actor" else "<i>date not given</i>"
    topics = [escape(topic_title(topic)) for topic in hit["topics"]]
    line = _who(made_by(hit), _date(hit["date"]) or unknown, *topics, tags=tag(hit))
    return Markup(line)  # noqa: S704 - escaped, part by part


def marked_words(pieces: Iterable[Json]) -> Markup:
    """The pieces of a text, those marked that were searched for."""
    return Markup("").join(
        Markup('<mark class="hit">{}</mark>').format(piece["text"])
        if piece["match"]
        else piece["text"]
        for piece in pieces
    )


def marked_title(hit: Json) -> Markup:
    """The title of a hit, or the beginning of a quote, marked where the words stand in it."""
    title: str = hit["title"]
    beginning = title.removesuffix("…")
    match = next((one for one in hit["matches"] if one["field"] in {"title", "text"}), None)
    pieces: list[Json] = match["text"] if match else []
    if pieces and pieces[0]["text"] == "…":  # the others stand in the middle of a long text
        pieces = pieces[1:]
    text = "".join(piece["text"] for piece in pieces).replace("\n", " ")
    if not title.endswith(text) and not text.startswith(beginning):
        return marked_words([{"text": title, "match": False}])
    at = len(title) - len(text) if title.endswith(text) else 0
    cut: list[Json] = [{"text": beginning[:at], "match": False}]
    for piece in pieces:
        words = beginning[at : at + len(piece["text"])]
        cut += [{**piece, "text": words}] if words else []
        at += len(piece["text"])
    return marked_words([*cut, {"text": title[len(beginning) :], "match": False}])


def tag(record: Json) -> Markup:
    """What is no promise, no whole one, or no outcome of the meeting says so wherever it is
    listed."""
    act = record.get("act") or "promise"
    tags = [] if act == "promise" else [act]
    tags += ["part"] if record.get("part_of") and record["type"] == "commitment" else []
    tags += ["context"] if record.get("relation") == "context" else []
    return Markup("".join(f'<b class="tag">{begun(each)}</b> ' for each in tags))  # noqa: S704 - ours


def row(
    record: Json, there: Callable[[str], str], proof: Json | None = None, level: int = 2
) -> Markup:
    """The row of a record; `there` leads to its path, `level` is that of its heading."""
    css = title = ""
    if record["type"] == "quote":
        css, title = f' class="quoted"{_lang(record["language"])}', f"“{record['text']}”"
    link = f'<a href="{escape(there(record["href"]))}">{escape(title or record["title"])}</a>'
    heading = f"<h{level}{css}>{link}</h{level}>"
    about = "\n".join(filter(None, _KINDS[record["type"]](record)))
    text = f'<li class="row">\n{heading}\n{about}\n{_proven(record, proof)}</li>'
    return Markup(text)  # noqa: S704 - escaped, part by part


def _lang(language: str | None) -> str:
    return f' lang="{escape(language)}"' if language else ""


def _proven(record: Json, proof: Json | None) -> str:
    """A passage and in whose voice it speaks; marked is only where the words of a query stand."""
    if proof is None:
        return ""
    voice = f'<span class="meta" lang="en">{escape(proof["voice"])}</span>'
    exact = proof["exact"]
    if record["type"] == "quote" and record["text"] in exact:
        return f'<p class="proof">{voice}</p>\n'
    pieces = proof["pieces"] or [{"text": exact, "match": False}]
    words = "".join(
        f"<mark>{escape(piece['text'])}</mark>" if piece["match"] else escape(piece["text"])
        for piece in pieces
    )
    # Further quotation marks would be doubled.
    words = words if exact[0] in _MARKS or exact[-1] in _MARKS else f"“{words}”"
    return f'<p class="proof"{_lang(proof["source"].language)}>{words} {voice}</p>\n'


def _who(*parts: str | None, tags: str = "") -> str:
    words = _DOT.join(filter(None, parts))
    return f'<p class="who">{tags}{words}</p>' if words else ""


def _bdi(text: str | None) -> str | None:
    return text and f"<bdi>{escape(text)}</bdi>"


def _title(other: Json | None) -> str | None:
    return _bdi(other["title"]) if other else None


def _date(date: str | None) -> str | None:
    return date and moment(date)


def _state(record: Json) -> str:
    status = record["status"]
    return "" if status == "not_stated" else f'<p class="state {status}">{term(status)}</p>'


def _commitment(record: Json) -> list[str]:
    who = made_by(record)
    if record["to"]:
        who += Markup(' <span aria-hidden="true">→</span><span class="aside"> to </span> ')
        who += names(record["to"])
    due = record["due"] and f"due {moment(record['due'])}"
    much = pledge(record) if record["amount"] is not None else ""
    much = much or (measure(record["measures"][0]) if record["measures"] else "")
    return [
        _who(who, term(record["kind"]), due, _title(record["summit"]), tags=tag(record)),
        much and f'<p class="sum">{escape(much)}</p>',
        _state(record),
    ]


def _agreement(record: Json) -> list[str]:
    kind, who = begun(term(record["kind"])), made_by(record)
    summit = _title(record["summit"])
    return [_who(kind, who, _date(record["date"]), summit, tags=tag(record)), _state(record)]


def _quote(record: Json) -> list[str]:
    return [_who(made_by(record), _date(record["date"]), _title(record["summit"]))]


def _summit(record: Json) -> list[str]:
    land = record["country"] and country(record["country"])
    when = [moment(*each) for each in days(record["starts_on"], record["ends_on"])]
    there, counts = record["participants"], record["counts"]
    more = f" and {len(there[_MET:]):,} more" if there[_MET:] else ""
    met = ", ".join(map(_name, there[:_MET])) + more
    place = ", ".join(filter(None, [_bdi(record["place"]), land]))
    return [
        _who(place, " to ".join(when)),
        _who(met),
        _who(*(_counted(name, count) for name, count in counts.items() if count)),
    ]


def _counted(name: str, count: int) -> str:
    if name == "commitments":
        return f"{count:,} promises, deeds and reports" if count > 1 else "1 promise or deed"
    return counted(count, name)


def _actor(record: Json) -> list[str]:
    offices = [escape(f"{one['title']}, {one['of']['title']}") for one in record["offices"]]
    land = record["country"] and country(record["country"])
    said = {record["title"], *(one["of"]["title"] for one in record["offices"])}
    return [_who(begun(term(record["kind"])), *offices, None if land in said else land)]


def _document(record: Json) -> list[str]:
    kind, publisher = begun(term(record["kind"])), _title(record["publisher"])
    proven = sum(record["counts"].values())
    return [
        _who(kind, publisher, _date(record["published"])),
        _who(f"{counted(proven, 'records')} from it" if proven else ""),
    ]


_KINDS: dict[str, Callable[[Json], list[str]]] = {
    "commitment": _commitment,
    "agreement": _agreement,
    "quote": _quote,
    "summit": _summit,
    "actor": _actor,
    "document": _document,
}
