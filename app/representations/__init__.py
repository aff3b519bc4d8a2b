"""Formats: each is a file with a function `represent`, and a line in `app/formats.py`."""

from collections.abc import Callable, Coroutine
from functools import cache
from importlib import import_module
from typing import Any

from app.problems import ProblemDetails
from app.representations.values import Body, Shown, View

Represent = Callable[[Shown, View], Coroutine[Any, Any, Body]]
RepresentProblem = Callable[[ProblemDetails, str], bytes]
"""Takes the problem, and the path and query that were asked."""


# A format is read in when it is first asked for: some bring a library with them.
@cache
def represent_as(name: str) -> Represent:
    """What writes answers down in a format."""
    found: Represent = import_module(f"{__name__}.{name}").represent
    return found


@cache
def represent_problem_as(name: str) -> RepresentProblem:
    """What writes problems down in a format that shows them."""
    found: RepresentProblem = import_module(f"{__name__}.{name}").represent_problem
    return found
