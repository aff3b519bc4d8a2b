"""What OpenAPI says of the routes: parameters from their model, answers from their shapes."""

from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from starlette.responses import Response

from app.formats import Content, showing
from app.problems import (
    MEDIA_TYPE,
    BadQuery,
    Fault,
    Gone,
    Malformed,
    NotAcceptable,
    NotFound,
    Problem,
    ProblemDetails,
    RangeNotSatisfiable,
    StaleCursor,
    Tombstone,
    TooManyRequests,
    Unavailable,
    UrlTooLong,
)
from app.queries.params import DataParams, Params, ReleaseParams, choices, is_list
from app.records import MAX_ID, SLUG, Release
from app.vocabulary import RecordType

_MODELS = "#/components/schemas/{model}"
_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {
        "description": "Names this answer. Send it as `If-None-Match` to get 304 while it is true.",
        "schema": {"type": "string", "examples": ['W/"1-65b32c4a1085-2f5284ed98d8053b"']},
    },
    "Dataset-Release": {
        "description": "The number of the release that the answer comes from.",
        "schema": {"type": "integer", "examples": [1]},
    },
    "Cache-Control": {
        "description": "Shared caches may keep the answer and revalidate it.",
        "schema": {"type": "string", "examples": ["public, max-age=0, must-revalidate"]},
    },
    "Link": {
        "description": 'The next page: `<url>; rel="next"`, absent on the last page; and the same '
        'in every other format: `<path>; rel="alternate"; type="text/csv"`.',
        "schema": {
            "type": "string",
            "examples": ['<http://127.0.0.1:8000/agreements?cursor=MS02NWIz>; rel="next"'],
        },
    },
    "Retry-After": {
        "description": "In how many seconds to ask again.",
        "schema": {"type": "integer", "examples": [5]},
    },
}
_OF_DATA = ("ETag", "Dataset-Release", "Cache-Control")
_OF_PROBLEMS: dict[type[Problem], tuple[str, ...]] = {
    Unavailable: ("Retry-After",),
    TooManyRequests: ("Retry-After",),
}
# What the server really answers: to /releases?formt=json, to /actors/jpan, and so on.
_PROBLEMS: tuple[Problem, ...] = (
    Malformed("Invalid HTTP request received."),
    UrlTooLong("the URL has more than 8192 bytes; ask for less at once"),
    BadQuery(
        "formt is not a parameter here; did you mean format?",
        errors=[
            Fault(
                parameter="formt",
                detail="formt is not a parameter here; did you mean format?",
                valid=["as_of", "format"],
                nearest="format",
            )
        ],
        run="http://127.0.0.1:8000/releases?format=json",
    ),
    RangeNotSatisfiable("the file has 40000 bytes, from 0 to 39999"),
    NotFound("there is no actor jpan; did you mean japan?", nearest=["/actors/japan"]),
    NotAcceptable(
        "this can be had as application/json (format=json)",
        nearest=["/agreements?format=json"],
    ),
    StaleCursor(
        "this walk began in release 1, and release 2 is served now; pages of two releases do not "
        "add up, so begin again",
        run="http://127.0.0.1:8000/agreements",
    ),
    Gone(
        "the commitment solar-park was withdrawn on 2026-11-24: The source took it back.",
        tombstone=Tombstone(
            type=RecordType.COMMITMENT,
            id="solar-park",
            title="A solar park",
            reason="The source took it back.",
            withdrawn_at="2026-11-24T09:00:00Z",
            replaced_by=None,
            history="/commitments/solar-park/history",
        ),
    ),
    TooManyRequests(
        "600 requests in 60 seconds are the most for one client; ask again in 12 s (a table comes "
        "whole with format=csv)"
    ),
    Unavailable("there is no database yet; publish one with: readout load FILES"),
)


def of_list(shape: type[BaseModel], params: type[Params]) -> dict[str, Any]:
    """What a route of a list documents: pass it on as keyword arguments."""
    answer = _answer(shape, "A page of the list.", *_OF_DATA, "Link", params=params)
    return _route(answer, _parameters(params), StaleCursor, Gone, BadQuery, Unavailable)


def of_record(shape: type[BaseModel], params: type[Params], example: str) -> dict[str, Any]:
    """What a route of one record documents."""
    answer = _answer(shape, "The record.", *_OF_DATA, "Link", params=params)
    return _route(
        answer,
        [_id(example), *_parameters(params)],
        NotFound,
        Gone,
        BadQuery,
        Unavailable,
        moves=True,
    )


def _id(example: str) -> dict[str, Any]:
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "description": f"The permanent id of the record. For example, `{example}`.",
        "schema": {"type": "string", "pattern": SLUG, "maxLength": MAX_ID},
        "example": example,
    }


def of_history(shape: type[BaseModel], params: type[Params], example: str) -> dict[str, Any]:
    """What a route of the history of a record documents."""
    answer = _answer(shape, "A page of the history.", *_OF_DATA, "Link", params=params)
    parameters = [_id(example), *_parameters(params)]
    return _route(
        answer, parameters, NotFound, Gone, StaleCursor, BadQuery, Unavailable, moves=True
    )


def of_data(shape: type[BaseModel], what: str, params: type[Params] = DataParams) -> dict[str, Any]:
    """What a route documents that answers with data of the release."""
    answer = _answer(shape, what, *_OF_DATA, params=params)
    return _route(answer, _parameters(params), Gone, BadQuery, Unavailable)


def of_release(
    shape: type[BaseModel], what: str, params: type[Params] = ReleaseParams
) -> dict[str, Any]:
    """What a route documents that answers with a release, or with the whole of it."""
    number = {
        "name": "number",
        "in": "path",
        "required": True,
        "description": "The number of the release. For example, `1`.",
        "schema": {"type": "integer", "minimum": 1},
        "example": 1,
    }
    parameters = [number, *_parameters(params)]
    answer = _answer(shape, what, *_OF_DATA, params=params)
    return _route(answer, parameters, NotFound, Gone, BadQuery, Unavailable)


def of_download(media_type: str, what: str) -> dict[str, Any]:
    """What a route documents that sends a file, whole or in part."""
    document = of_release(Release, what, Params)
    schema = {"type": "string", "format": "binary"}
    if media_type == "application/json":
        schema = {"type": "object"}
    headers = _headers(("ETag", "Dataset-Release", "Cache-Control"))
    answer = {"description": what, "content": {media_type: {"schema": schema}}, "headers": headers}
    document["responses"] = {200: answer}
    document["response_class"] = Response  # whose media type is none: only this one is named
    extra = document["openapi_extra"]
    extra["parameters"] = [
        found for found in extra["parameters"] if found["name"] in {"number", "format"}
    ]
    extra["responses"]["206"] = {**answer, "description": f"A part of it. {what}"}
    extra["responses"]["416"] = _at("responses", RangeNotSatisfiable.__name__)
    return document


def of_status(shape: type[BaseModel], what: str, *problems: type[Problem]) -> dict[str, Any]:
    """What a route documents that tells about the server, and that nobody keeps."""
    return _route(_answer(shape, what), _parameters(Params), BadQuery, *problems, kept=False)


def _route(
    answer: dict[str, Any],
    parameters: list[dict[str, Any]],
    *problems: type[Problem],
    kept: bool = True,
    moves: bool = False,
) -> dict[str, Any]:
    responses = {"304": _at("responses", "NotModified")} if kept else {}
    if moves:
        responses["308"] = _at("responses", "Moved")
    always: tuple[type[Problem], ...] = (Malformed, NotAcceptable, UrlTooLong)
    if kept:  # whoever watches the server is not limited
        always += (TooManyRequests,)
    for problem in sorted(always + problems, key=lambda problem: problem.status):
        responses[str(problem.status)] = _at("responses", problem.__name__)
    return {
        "responses": {200: answer},
        "openapi_extra": {"parameters": parameters, "responses": responses},
    }


def _answer(
    shape: type[BaseModel], what: str, *headers: str, params: type[Params] = Params
) -> dict[str, Any]:
    answer: dict[str, Any] = {"model": shape, "description": what}
    if headers:
        answer["headers"] = _headers(headers)
    if others := _others(params.content):
        answer["content"] = others
    return answer


def _others(content: Content) -> dict[str, Any]:
    """The formats of an answer beside JSON, as a program sees them that knows only JSON."""
    return {
        other.media_type: {"schema": {} if "json" in other.media_type else {"type": "string"}}
        for other in showing(content)[1:]
    }


def _headers(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _at("headers", name) for name in names}


def _at(section: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{section}/{name}"}


def _parameters(params: type[Params]) -> list[dict[str, Any]]:
    """The query parameters of a model, each with an example that works."""
    properties = params.model_json_schema(ref_template=_MODELS)["properties"]
    return [
        _parameter(params, name, params.model_fields[name], _bare(properties[name]))
        for name in params.names()
    ]


# Of a record; of a change.
_SHOWN_FIRST = ("id", "title", "text", "number", "action")


def _parameter(
    params: type[Params], name: str, field: FieldInfo, schema: dict[str, Any]
) -> dict[str, Any]:
    examples = field.examples or []
    if name == "format":
        schema["enum"] = choices(params, name)
    if name == "fields":
        keys = choices(params, name)
        schema["items"] = {"type": "string", "enum": keys}
        examples = [[key for key in _SHOWN_FIRST if key in keys][:2]]
    parameter: dict[str, Any] = {
        "name": name,
        "in": "query",
        "required": field.is_required(),
        "description": field.description,
        "schema": schema,
    }
    if is_list(field):
        parameter |= {"style": "form", "explode": name != "fields"}
    for example in examples[:1]:
        parameter["description"] += f" For example, `{_typed(name, example)}`."
        # The documentation page fills in each `example`, and a list that is asked for with every
        # filter at once has nothing to show: those that can be left out have theirs in the schema.
        if field.is_required():
            parameter["example"] = example
        else:
            schema["examples"] = [example]
    return parameter


def _typed(name: str, example: Any) -> str:
    """A parameter as it stands in a URL."""
    value = ",".join(example) if isinstance(example, list) else example
    return f"{name}={value}"


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter, without that it may be left out."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        schema = {**schema, **options[0]}
    apart = {"title", "anyOf", "examples", "description"}
    kept = {key: value for key, value in schema.items() if key not in apart}
    if kept.get("default") in (None, []):
        kept.pop("default", None)
    return kept


def tidy(document: dict[str, Any]) -> dict[str, Any]:
    """Leave no default of the framework showing, and add what the routes refer to."""
    problem = ProblemDetails.model_json_schema(ref_template=_MODELS, mode="serialization")
    schemas = document["components"]["schemas"] | problem.pop("$defs")
    schemas[ProblemDetails.__name__] = problem
    document["components"] = {
        "headers": _HEADERS,
        "responses": {"Moved": _MOVED, "NotModified": _not_modified()}
        | dict(map(_described, _PROBLEMS)),
        "schemas": {name: _plain(schemas[name]) for name in sorted(schemas)},
    }
    for path in document["paths"].values():
        for operation in path.values():
            # The first sentence of an endpoint's docstring, and the rest of it.
            summary, _, more = operation["description"].partition("\n\n")
            operation |= {"summary": summary.rstrip("."), "description": more}
    document["security"] = []
    return document


_MOVED = {"description": "It has another id now: `Location` has its path."}


def _not_modified() -> dict[str, Any]:
    return {"description": "You have this answer already.", "headers": _headers(_OF_DATA)}


def _described(problem: Problem) -> tuple[str, dict[str, Any]]:
    """The response that a problem is, with an example, by its name."""
    sort = type(problem)
    content = {
        "schema": _at("schemas", ProblemDetails.__name__),
        "example": problem.details().model_dump(mode="json"),
    }
    response: dict[str, Any] = {
        "description": f"{problem.title}: {problem.__doc__}",
        "content": {MEDIA_TYPE: content} | _others(Content.PROBLEM),
    }
    if sort in _OF_PROBLEMS:
        response["headers"] = _headers(_OF_PROBLEMS[sort])
    return sort.__name__, response


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
        kept["properties"] = {name: _plain(found) for name, found in kept["properties"].items()}
    return kept
