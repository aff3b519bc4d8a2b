"""The Model Context Protocol: its rules, what the tools answer, and its official client."""

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any
from unittest import mock

import httpx2 as httpx
import pytest

from app.settings import PROJECT
from app.store.release import OpenRelease
from app.vocabulary import RecordType
from tests.builders import a_bundle, a_mention, an_actor, an_agreement, write
from tests.conftest import Server, client_of, load, server_of
from tests.needs import node

Json = dict[str, Any]
LATEST = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": LATEST,
    "io.modelcontextprotocol/clientCapabilities": {},
}


def sent(client: httpx.Client, method: str, params: Json, **headers: str) -> httpx.Response:
    """The answer to a request of the newest revision."""
    named = {"mcp-name": params["name"]} if "name" in params else {}
    headers = {"mcp-protocol-version": LATEST, "mcp-method": method, **named, **headers}
    body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": {**params, "_meta": META}}
    return client.post("/mcp", json=body, headers=headers)


def called(client: httpx.Client, tool: str, **arguments: Any) -> Json:
    """The answer of a tool, read."""
    response = sent(client, "tools/call", {"name": tool, "arguments": arguments})
    assert response.status_code == 200, response.text
    result = response.json()["result"]
    assert not result["isError"], result
    assert len(result["content"][0]["text"].encode()) <= arguments.get("bytes", 4_096)
    answer: Json = json.loads(result["content"][0]["text"])
    return answer


def test_the_tools_answer_with_what_is_cited(client: httpx.Client) -> None:
    hits = called(client, "search", q="alaska")["items"]
    assert hits[0]["id"] == "japan-alaska-lng-participation"
    assert hits[0]["address"].endswith("/commitments/japan-alaska-lng-participation?as_of=1")
    passage = hits[0]["passages"][0]
    assert set(passage) == {"exact", "source", "attribution", "url", "according_to"}
    for kind, maker in (("quote", "speaker"), ("commitment", "by"), ("agreement", "parties")):
        records = called(client, "list", type=kind, limit=50, bytes=65_536)["items"]
        named = {one["id"]: one.get(maker) for one in records}
        for hit in called(client, "search", q="the", type=kind, limit=50, bytes=65_536)["items"]:
            assert hit.get(maker) == named[hit["id"]]
    record = called(client, "get", type="quote", id="trump-chinese-economic-aggression")
    assert record["speaker"] == "Donald Trump"
    filters = {"by": "japan", "act": ["promise"]}
    assert called(client, "list", type="commitment", filters=filters)["total"] == 3
    draft = "“We agreed to cooperate even more closely”, Trump said."
    assert called(client, "check", text=draft)["counts"]["verbatim"] == 1
    assert called(client, "changes", type="quote")["items"][0]["action"] == "added"


def test_a_tool_names_the_types_that_there_are(client: httpx.Client) -> None:
    tools = sent(client, "tools/list", {}).json()["result"]["tools"]
    schemas = {tool["name"]: tool["inputSchema"]["properties"] for tool in tools}
    assert {"search", "get", "list", "check", "changes"} == set(schemas)
    types = schemas["get"]["type"]["description"].partition(": ")[2]
    assert types.removesuffix(".").split(", ") == [kind.value for kind in RecordType]


def test_a_page_of_hits_is_read_all_at_once(seeded: Path) -> None:
    queries: list[str] = []
    with client_of(seeded) as own:
        look_up = OpenRelease._ask

        def spy(self: OpenRelease, connection: Any, query: Any) -> Any:
            queries.append(query[0])
            return look_up(self, connection, query)

        with mock.patch.object(OpenRelease, "_ask", spy):
            hits = called(own, "search", q="japan", limit=50, bytes=65_536)["items"]
    assert len(hits) > 20
    # None runs for each record.
    [(sql, most)] = Counter(queries).most_common(1)
    assert most <= len(RecordType), sql


def test_a_walk_in_small_answers_misses_nothing(client: httpx.Client) -> None:
    ids: list[str] = []
    more: Json = {}
    for _ in range(60):
        answer = called(client, "list", type="actor", bytes=2_000, **more)
        ids += [item["id"] for item in answer["items"]]
        if answer["next_cursor"] is None:
            break
        more = {"cursor": answer["next_cursor"]}
    assert len(ids) == len(set(ids)) == answer["total"]


@pytest.mark.parametrize(
    ("tool", "arguments", "why"),
    [
        ("list", {"type": "commitment", "filters": {"topc": "trade"}}, "did you mean topic?"),
        ("get", {"type": "actor", "id": "jpan"}, "/actors/japan"),
        ("get", {"type": "planet", "id": "mars"}, "type is one of summit"),
        ("get", {"type": "actor", "id": "../releases"}, "id is as in"),
        ("search", {}, "search takes q, type"),
        ("search", {"q": "a", "unknown": 1}, "unknown"),
        ("check", {"text": "x" * 65_537}, "65,536"),
    ],
)
def test_what_is_refused_says_what_to_ask(
    client: httpx.Client, tool: str, arguments: Json, why: str
) -> None:
    result = sent(client, "tools/call", {"name": tool, "arguments": arguments}).json()["result"]
    assert result["isError"]
    assert why in result["content"][0]["text"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ("{", {}, 400, -32700),
        ("[]", {}, 400, -32600),
        ('{"jsonrpc":"2.0","id":1}', {}, 400, -32600),
        ('{"jsonrpc":"2.0","id":{},"method":"ping"}', {}, 400, -32600),
        ('{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', {}, 400, -32602),
        ('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', {}, 400, -32602),
        ('{"jsonrpc":"2.0","id":1,"method":"ping"}', {"mcp-protocol-version": "1999-01-01"}, 400,
         -32022),
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_by_its_rule(
    client: httpx.Client, body: str, headers: dict[str, str], status: int, code: int
) -> None:
    headers = {"mcp-protocol-version": LATEST, **headers}
    response = client.post("/mcp", content=body, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_headers_say_what_the_body_says(client: httpx.Client) -> None:
    get: Json = {"name": "get", "arguments": {"type": "actor", "id": "japan"}}
    for headers in ({"mcp-method": "tools/list"}, {"mcp-name": "search"}):
        response = sent(client, "tools/call", get, **headers)
        assert (response.status_code, response.json()["error"]["code"]) == (400, -32020)
    assert sent(client, "no/method", {}).status_code == 404
    told = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    assert client.post("/mcp", json=told).status_code == 202


def test_pages_of_others_may_not_ask(client: httpx.Client) -> None:
    for origin, status in (
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
        ("http://localhost:6274", 200),
    ):
        assert sent(client, "tools/list", {}, origin=origin).status_code == status
    assert client.get("/mcp").status_code == 405
    assert client.get("/mcp").headers["allow"] == "OPTIONS, POST"


def test_the_official_client_asks_two_workers(server: Server) -> None:
    script = PROJECT / "tests" / "clients" / "mcp.mjs"
    with server_of(server.file, "--workers", "2") as workers:
        done = subprocess.run(
            [node(), script, workers.url], capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == 0, done.stderr
    latest, former = map(json.loads, done.stdout.splitlines())
    assert (latest["version"], former["version"]) == (LATEST, "2025-11-25")
    assert latest["tools"] == ["search", "get", "list", "check", "changes"]
    assert latest["total"] == former["total"] > 0


def test_who_is_no_party_is_given_with_a_role(tmp_path: Path) -> None:
    parties = [{"actor": "japan"}, {"actor": "peru", "role": "witness"}]
    content = a_bundle(
        actors=[an_actor(), an_actor("peru")],
        agreements=[an_agreement(parties=parties, mentions=[a_mention("peru", role="against")])],
    )
    load([write(tmp_path / "bundle.json", content)], tmp_path / "readout.db")
    with client_of(tmp_path / "readout.db") as own:
        [agreement] = called(own, "list", type="agreement")["items"]
    assert len(agreement["parties"]) == 2
    assert agreement["parties"][1] == f"{an_actor('peru')['title']} (witness)"
