"""The OpenAPI document: what FastAPI makes of the signatures, and what it can't know.

It describes JSON, and problems. `format` says in words which other formats there are: a list of
media types in one answer is more than most generators of clients understand.
"""

from typing import Any

from app import problems
from app.beside import json_beside
from app.http.paths import FILES
from app.resources import SHAPES
from app.vocabulary import PLURALS

_MODELS = "#/components/schemas/{model}"
_DATA = json_beside(__file__)
_OF_DATA = ("ETag", "Dataset-Release")
# What the server really answers: to /releases?formt=json, to /actors/jpan, and so on.
_PROBLEMS: list[problems.Problem] = [
    getattr(problems, name)(**about) for name, about in _DATA["problems"].items()
]
_OF_BODIES = (problems.ContentTooLarge, problems.UnsupportedMedia)


def complete(document: dict[str, Any], address: str) -> dict[str, Any]:
    """Add headers, problems and examples to what FastAPI made, and leave out its own defaults."""
    problem = problems.ProblemDetails.model_json_schema(ref_template=_MODELS, mode="serialization")
    schemas = document["components"]["schemas"] | problem.pop("$defs")
    schemas[problems.ProblemDetails.__name__] = problem
    schemas["IncludedRecord"] = _INCLUDED_RECORD
    for framework in ("HTTPValidationError", "ValidationError"):
        schemas.pop(framework, None)
    parameters: dict[str, dict[str, Any]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _complete(path, operation, parameters)
            if _at("parameters", "include") in operation["parameters"]:
                answer = operation["responses"]["200"]["content"]["application/json"]
                shape = answer["schema"]["$ref"].rpartition("/")[2]
                schemas[shape]["properties"] |= _INCLUDED
            if method == "post":  # nobody keeps the answer to a body
                del operation["responses"]["304"], operation["responses"]["200"]["headers"]["ETag"]
                operation["responses"] |= {
                    str(problem.status): _at("responses", problem.__name__)
                    for problem in _OF_BODIES
                }
    document["components"] = {
        "headers": _DATA["headers"],
        "parameters": parameters,
        "responses": {"Moved": _MOVED, "NotModified": _NOT_MODIFIED, "Other": _other()}
        | dict(map(_described, _PROBLEMS)),
        "schemas": {name: _plain(schemas[name]) for name in sorted(schemas)},
    }
    document["servers"] = [{"url": address, "description": "This server"}]
    document["security"] = []
    return document


def _complete(path: str, operation: dict[str, Any], shared: dict[str, dict[str, Any]]) -> None:
    """Add to an operation what FastAPI does not know of it."""
    operation["parameters"] = [
        _parameter(path, parameter, shared) for parameter in operation.get("parameters", ())
    ]
    operation["responses"] = _responses(path, operation["responses"]["200"])
    # The first sentence of an endpoint's docstring, and the rest of it.
    summary, _, more = operation["description"].partition("\n\n")
    operation |= {"summary": summary.rstrip("."), "description": more}


def _parameter(
    path: str, parameter: dict[str, Any], shared: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """A parameter without what may be left out of it; one that several lists take is shared."""
    name = parameter["name"]
    schema = _bare(parameter.pop("schema"))
    parameter |= {"schema": schema}
    examples = schema.pop("examples", [])
    if parameter["in"] == "path" and name == "id":
        examples = [SHAPES[PLURALS[path.split("/")[1]]].example]
    elif name == "number":
        examples = [1]
    if examples:
        # The documentation page fills in each `example`, and a list that is asked for with every
        # filter at once has nothing to show: those that can be left out have theirs in the schema.
        if parameter["required"]:
            parameter["example"] = examples[0]
        else:
            schema["examples"] = examples[:1]
    if parameter["in"] == "path":
        return parameter
    # Lists say differently of some what they find.
    lists = "history" if path.endswith("/history") else path.split("/")[1]
    key = name if shared.setdefault(name, parameter) == parameter else f"{lists}_{name}"
    shared[key] = parameter
    return {"$ref": f"#/components/parameters/{key}"}


_LISTED = 100  # of more codes, such as those of countries, the standard has the list


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter, without that it may be left out."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        schema = {**schema, **options[0]}
    bare = {k: v for k, v in schema.items() if k not in {"title", "anyOf", "description"}}
    if bare.get("default") in (None, []):
        bare.pop("default", None)
    if len(codes := bare.get("items", {}).get("enum", ())) > _LISTED:
        bare["items"] = {"type": "string", "pattern": f"^[A-Z]{{{len(codes[0])}}}$"}
    return bare


def _responses(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The responses of a path, with the headers and problems of its kind."""
    of_server = path.startswith("/health/")
    file = FILES.get(path.rpartition("/")[2])
    responses: dict[str, Any] = {"200": answer}
    kinds: list[type[problems.Problem]] = [problems.BadQuery]
    if "{" in path:
        kinds.append(problems.NotFound)
    if path != "/health/live":
        kinds.append(problems.Unavailable)
    if not of_server:  # whoever watches the server gets nothing to keep
        kinds.append(problems.Gone)
        responses["304"] = _at("responses", "NotModified")
        answer["headers"] = _headers(_OF_DATA)
    if "{id}" in path:
        responses["308"] = _at("responses", "Moved")
    if file:
        schema = {"type": "object"} if "json" in file else {"type": "string", "format": "binary"}
        answer |= {"description": "The file.", "content": {file: {"schema": schema}}}
        responses["206"] = {**answer, "description": "A part of the file."}
        kinds.append(problems.RangeNotSatisfiable)
    elif not of_server:
        answer["headers"] |= _headers(("Link",))
    if not file:
        answer["description"] = "What was asked for."
    for problem in sorted(kinds, key=lambda problem: problem.status):
        responses[str(problem.status)] = _at("responses", problem.__name__)
    return responses | {"default": _at("responses", "Other")}


def _headers(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _at("headers", name) for name in names}


def _at(section: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{section}/{name}"}


# It has a name, as some generators write the shapes out wherever they have none.
_INCLUDED_RECORD = {
    "oneOf": [_at("schemas", shape.__name__) for shape in SHAPES.values()],
    "description": "A record of any type.",
}
_INCLUDED = {
    "included": {
        "type": "array",
        "items": _at("schemas", "IncludedRecord"),
        "description": "The records that `include` asks for; there only if it does.",
    },
    "included_complete": {
        "type": "boolean",
        "description": "Whether these are all; there only where `included` is.",
    },
}
_MOVED = {"description": "It has another id in this release: `Location` has its path."}
_NOT_MODIFIED = {"description": "You have this answer already.", "headers": _headers(_OF_DATA)}


def _other() -> dict[str, Any]:
    """The response for the problems that any path may answer."""
    others = (
        problems.Malformed,
        problems.NotAcceptable,
        problems.UrlTooLong,
        problems.TooManyRequests,
    )
    names = [f"{problem.status}: {problem.title}" for problem in others]
    content = {problems.MEDIA_TYPE: {"schema": _at("schemas", problems.ProblemDetails.__name__)}}
    return {"description": f"Every other problem ({'; '.join(names)}).", "content": content}


def _described(problem: problems.Problem) -> tuple[str, dict[str, Any]]:
    """The response that a problem is, with an example, by its name."""
    content = {
        "schema": _at("schemas", problems.ProblemDetails.__name__),
        "example": problem.details().model_dump(mode="json"),
    }
    response: dict[str, Any] = {
        "description": f"{problem.title}: {problem.__doc__}",
        "content": {problems.MEDIA_TYPE: content},
    }
    if isinstance(problem, problems.Unavailable):
        response["headers"] = _headers(("Retry-After",))
    return type(problem).__name__, response


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an answer, without what pydantic adds to it.

    Titles are made of names, defaults are of what is always sent, and a client that refuses keys
    it does not know would break the day that one is added.
    """
    kept = {key: value for key, value in schema.items() if key not in {"title", "default"}}
    if kept.get("additionalProperties") is False:
        del kept["additionalProperties"]
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = _plain(kept[key])
    if "anyOf" in kept:
        kept["anyOf"] = [_plain(option) for option in kept["anyOf"]]
    if "properties" in kept:
        kept["properties"] = {name: _plain(each) for name, each in kept["properties"].items()}
    return kept
