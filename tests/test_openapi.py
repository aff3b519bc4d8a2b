"""The OpenAPI document: complete, without a framework's defaults, and true of the server."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.main import create_api, openapi_document
from app.problems import MEDIA_TYPE
from app.resources import SHAPES
from app.settings import PROJECT, Settings
from app.store.search import Search
from app.vocabulary import RecordType, Term

DOCUMENT = openapi_document(create_api(Settings()))
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
OPERATIONS: dict[str, dict[str, Any]] = {
    path: methods["get"] for path, methods in DOCUMENT["paths"].items()
}
PROPERTIES: dict[str, dict[str, Any]] = {
    f"{name}.{key}": schema
    for name, component in SCHEMAS.items()
    for key, schema in component.get("properties", {}).items()
}
# Values that differ from one server, or one release, to the next.
ELSEWHERE = {
    "Release.published_at",
    "Release.digest",
    # Nothing was changed, renamed or withdrawn yet.
    *(f"Release.{name}" for name in ("message", "changes")),
    *(
        f"Change.{name}"
        for name in ("published_at", "message", "action", "former_id", "reason", "note")
    ),
    *(f"FieldChange.{name}" for name in ("pointer", "before", "after")),
    # Each reason is a text of its own.
    *(f"{shape.__name__}.inferred" for shape in SHAPES.values()),
}


def parameters(path: str) -> list[dict[str, Any]]:
    """The parameters of an operation."""
    shared = DOCUMENT["components"]["parameters"]
    return [
        shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        for each in OPERATIONS[path]["parameters"]
    ]


def example(parameter: dict[str, Any]) -> Any:
    """What a parameter may be, for example."""
    return parameter.get("example", parameter["schema"].get("examples", [None])[0])


def typed(parameter: dict[str, Any]) -> str:
    """The example as it stands in a URL."""
    value = example(parameter)
    return ",".join(value) if isinstance(value, list) else str(value)


def request_for(path: str, *chosen: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """A path and a query: what is required, and what is chosen."""
    needed = [parameter for parameter in parameters(path) if parameter["required"]]
    given = {parameter["name"]: typed(parameter) for parameter in [*needed, *chosen]}
    for parameter in needed:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", given.pop(parameter["name"]))
    return path, given


def options(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """What a value can be, apart from null."""
    return [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]


def test_is_valid() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_operation_ids_are_stable() -> None:
    """They are the names of the functions in every generated client."""
    of_records = {
        path: name
        for kind in RecordType
        for path, name in (
            (f"/{kind.plural}", f"list_{kind.plural}"),
            (f"/{kind.plural}/{{id}}", f"read_{kind.value}"),
            (f"/{kind.plural}/{{id}}/history", f"read_{kind.value}_history"),
        )
    }
    assert {path: operation["operationId"] for path, operation in OPERATIONS.items()} == {
        **of_records,
        "/": "read_index",
        "/search": "search",
        "/changes": "list_changes",
        "/releases": "list_releases",
        "/topics": "list_topics",
        "/releases/{number}": "read_release",
        "/releases/{number}/bundle.json": "download_bundle",
        "/releases/{number}/datapackage.zip": "download_datapackage",
        "/releases/{number}/readout.db": "download_database",
        "/health/live": "read_liveness",
        "/health/ready": "read_readiness",
    }


def test_no_default_of_the_framework_shows() -> None:
    text = json.dumps(DOCUMENT)
    for default in ("HTTPValidationError", "Successful Response", "Validation Error", "ListOf"):
        assert default not in text
    assert [name for name in SCHEMAS if not re.fullmatch(r"([A-Z][a-z]+)+", name)] == []
    assert [name for name, schema in SCHEMAS.items() if "title" in schema] == []
    assert re.findall(r'"title": "[^"]*", "type": "(?:string|array|object)"', text) == []


def test_is_of_a_size_to_be_read() -> None:
    """A client's author reads it, and each change of it in the repository."""
    assert len((PROJECT / "openapi.json").read_bytes()) < 165_000


def test_format_is_text() -> None:
    """An enumeration would tell a generated client that it can read what only others can."""
    assert DOCUMENT["components"]["parameters"]["format"]["schema"]["type"] == "string"
    assert '"enum": ["json"' not in json.dumps(DOCUMENT)


def test_clients_may_meet_new_keys() -> None:
    """Keys are added one day: a schema that forbids them would break strict clients then."""
    assert '"additionalProperties": false' not in json.dumps(DOCUMENT)
    for name in ("Fault", "ProblemDetails", "Agreement", "AgreementList"):
        assert set(SCHEMAS[name]["required"]) == set(SCHEMAS[name]["properties"])


@pytest.mark.parametrize("path", OPERATIONS)
def test_operation_is_described(path: str) -> None:
    operation = OPERATIONS[path]
    assert re.fullmatch(r"[A-Z].*[^.]", operation["summary"])
    assert re.fullmatch(r"(?s)[A-Z`].*\.", operation["description"])
    for parameter in parameters(path):
        assert re.fullmatch(r"(?s)[A-Z].*\.", parameter["description"]), parameter["name"]


@pytest.mark.parametrize("path", OPERATIONS)
def test_only_problems_are_problems(path: str) -> None:
    for status, answer in OPERATIONS[path]["responses"].items():
        named = answer.get("$ref", "").rpartition("/")[2]
        response = DOCUMENT["components"]["responses"][named] if named else answer
        files = {".db": "application/octet-stream", ".zip": "application/zip"}
        kind = files.get(path[path.rfind(".") :], "application/json")
        media = {"2": [kind], "3": []}
        assert [*response.get("content", {})] == media.get(status[0], [MEDIA_TYPE])
        assert response["description"]


# What the seed says of nothing; every other filter finds something.
UNSAID = {
    "/summits": {"part_of"},
    "/agreements": {"reaffirms"},
    "/commitments": {"reaffirms", "due_since", "due_until", "overdue"},
    "/changes": {"field"},  # nothing has changed yet
}


@pytest.mark.parametrize("path", OPERATIONS)
def test_example_of_each_parameter_works(path: str, client: httpx.Client) -> None:
    for parameter in parameters(path):
        if parameter["name"] in {
            "cursor",
            "fields",
            "series",
        }:  # none for all
            assert example(parameter) is None
            continue
        url, query = request_for(path, parameter)
        if parameter["name"] == "way":
            query["actor"] = "shigeru-ishiba" if path == "/quotes" else "japan"
        cells = parameter["name"] in {"bom", "raw"}  # which JSON has not
        if cells:
            assert client.get(url, params=query).status_code == 422
            query["format"] = "csv"
        answer = client.get(url, params=query)
        assert answer.status_code == 200, answer.text
        if not (cells or path.endswith((".db", ".zip"))):
            unsaid = parameter["name"] in UNSAID.get(path, ())
            assert (answer.json().get("total") == 0) == unsaid, parameter["name"]


def test_properties_are_described() -> None:
    ends = re.compile(r"(?s)[A-Z].*\.")
    assert [
        name for name, schema in PROPERTIES.items() if not ends.fullmatch(schema["description"])
    ] == []


def test_properties_have_examples() -> None:
    """But for those that are described where they are defined."""
    without = [
        name
        for name, schema in PROPERTIES.items()
        for option in options(schema)
        if not {"$ref", "const"} & option.keys() and "$ref" not in option.get("items", {})
        if not (schema.get("examples") or option.get("examples"))
    ]
    assert without == []


def values_in(value: Any, schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every value of an answer, by the component and the property that document it."""
    if value is None:
        return
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        for key, inner in SCHEMAS[name].get("properties", {}).items():
            yield f"{name}.{key}", value[key]
            for option in options(inner):
                yield from values_in(value[key], option)
    elif isinstance(value, list):
        for item in value:
            yield from values_in(item, schema["items"])
    elif isinstance(value, dict) and isinstance(schema.get("additionalProperties"), dict):
        for item in value.values():
            yield from values_in(item, schema["additionalProperties"])


def test_examples_of_properties_stand_in_the_seed(client: httpx.Client) -> None:
    """What no record has a value of can have any example."""
    served: dict[str, list[Any]] = {}
    for path in OPERATIONS:
        if "{" in path:
            continue
        url, query = request_for(path, *(p for p in parameters(path) if p["name"] == "facet"))
        schema = OPERATIONS[path]["responses"]["200"]["content"]["application/json"]["schema"]
        for name, value in values_in(client.get(url, params=query).json(), schema):
            served.setdefault(name, []).append(value)
    invented = [
        (name, value)
        for name, schema in PROPERTIES.items()
        if name not in ELSEWHERE and "List." not in name and "Result." not in name
        for value in schema.get("examples", [])
        if any(sample is not None for sample in served.get(name, [])) and value not in served[name]
    ]
    assert invented == []


@pytest.mark.parametrize("term", Term.__subclasses__())
def test_values_of_closed_lists_are_explained(term: type[Term]) -> None:
    """Each value with its sentence, where clients read what it can be."""
    schema = SCHEMAS[term.__name__]
    assert schema["enum"] == [value.value for value in term]
    assert term.glossary() in schema["description"]


@pytest.mark.parametrize(
    ("path", "problem"), [("/releases?formt=json", "BadQuery"), ("/actors/jpan", "NotFound")]
)
def test_example_of_a_problem_is_what_is_answered(
    path: str, problem: str, client: httpx.Client
) -> None:
    documented = DOCUMENT["components"]["responses"][problem]["content"][MEDIA_TYPE]["example"]
    answered = client.get(path).json()
    if answered["run"]:
        answered["run"] = answered["run"].replace(str(client.base_url), "http://127.0.0.1:8000")
    assert answered == documented


def test_published_pattern_of_words_is_narrower_than_the_search() -> None:
    """It is read by JavaScript too, which knows only ASCII by `\\w`."""
    [q] = [parameter for parameter in parameters("/search") if parameter["name"] == "q"]
    pattern = re.compile(q["schema"]["pattern"])
    taken = [c for c in map(chr, range(0x20, 0xD800)) if pattern.fullmatch(c)]
    assert [c for c in taken if not Search.parse(c).wanted] == []
    assert {"a", "7", "é", "Ж", "ع", "日", "한"} <= set(taken)
    assert not {"_", "-", '"', "*", "…", "\u00d7"} & set(taken)
