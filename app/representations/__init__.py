"""Formats: each is a file with a function `represent`, and a line in `app/formats.py`."""

from collections.abc import Callable, Coroutine
from functools import cache
from importlib import import_module
from typing import Any

from app.problems import ProblemDetails
from app.representations.values import Body, View

Represent = Callable[[Any, View], Coroutine[Any, Any, Body]]
"""Takes a page, a whole result or one thing, as the table of formats has it."""
RepresentProblem = Callable[[ProblemDetails, str], bytes]
"""Takes the problem, and the path and query of the request."""


# A format is read in when it is first asked for: some bring a library with them.
@cache
def represent_as(name: str) -> Represent:
    """The function that writes an answer in a format."""
    represent: Represent = import_module(f"{__name__}.{name}").represent
    return represent


@cache
def represent_problem_as(name: str) -> RepresentProblem:
    """The function that writes a problem in a format: `json` or `html`."""
    represent: RepresentProblem = import_module(f"{__name__}.{name}").represent_problem
    return represent
