"""The documentation page, used in a browser as a person does, with no network but the server."""

from pathlib import Path

from app.main import create_api, openapi_document
from app.settings import Settings
from tests.conftest import Server
from tests.needs import in_a_browser


def test_page_works_offline(server: Server, tmp_path: Path) -> None:
    """One test, as a browser takes seconds to start."""
    seen = in_a_browser("docs_page.mjs", f"{server.url}/docs", str(tmp_path / "docs.png"))

    # Everything that it needs comes from the server, and nothing is missing.
    requested = [url for url in seen["requests"] if not url.startswith("data:")]
    assert {url for url in requested if not url.startswith(f"{server.url}/")} == set()
    assert seen["failures"] == []
    assert seen["messages"] == []

    # It shows every operation.
    assert seen["title"] == "The API · Readout"
    paths = openapi_document(create_api(Settings()))["paths"]
    assert {path.replace("\u200b", "") for path in seen["operations"]} == set(paths)

    # "Execute" answers on an untouched form, and takes words in any script.
    answers = seen["answers"]
    for answer in answers.values():
        assert (answer["status"], answer["cell"].strip()) == (200, "200"), answer["url"]
    untouched = answers["as_it_stands"]["body"]
    assert len(untouched["items"]) == untouched["total"] > 0
    assert answers["in_japanese"]["body"]["query"]["q"] == "日本"
    assert answers["required"]["body"]["total"] > 0
    assert answers["by_id"]["body"]["id"] == "defense-industrial-cooperation"
