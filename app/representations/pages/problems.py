"""A problem for people: each thing that is wrong, with links to what can be asked instead."""

from typing import Any
from urllib.parse import parse_qsl, quote

from app import links
from app.problems import BadQuery, Fault, ProblemDetails
from app.queries.search import SEARCH
from app.representations.wording import term


def context(details: ProblemDetails, target: str) -> dict[str, Any]:
    """What the page of a problem shows; `target` is the path and query as they were sent."""
    path, _, query = target.partition("?")
    # A cursor belongs to the query that it was given for, and the links ask others.
    pairs = [pair for pair in parse_qsl(query) if pair[0] != "cursor"]
    missing = [fault.parameter for fault in details.errors] == ["q"] and "q" not in dict(pairs)
    return {
        "problem": details,
        "faults": [_wrong(fault, path, pairs) for fault in details.errors],
        "searching": path == SEARCH.path and details.status == BadQuery.status,
        "nothing_asked": missing and path == SEARCH.path,
        "q": dict(pairs).get("q", ""),
    }


def _wrong(fault: Fault, path: str, pairs: links.Pairs) -> dict[str, Any]:
    """What is wrong with a parameter; and what it takes, with paths where it is clear which."""
    valid = fault.valid or []
    at = [place for place, pair in enumerate(pairs) if pair[0] == fault.parameter]
    # Names of parameters, of which every request can carry `format`: `run` has what was meant.
    if len(at) != 1 or "format" in valid:
        return {"detail": fault.detail, "valid": [(value, None) for value in valid]}
    before, after = pairs[: at[0]], pairs[at[0] + 1 :]
    return {
        "detail": fault.detail.partition("; it is ")[0],  # the list follows
        "valid": [
            (value, links.query_path(quote(path), [*before, (fault.parameter, value), *after]))
            for value in valid
        ],
    }


def label(path: str) -> str:
    """A path as a person reads it: `/actors/south-korea` gives `south korea`."""
    return term(path.rstrip("/").rpartition("/")[2].replace("-", " ")) or path
