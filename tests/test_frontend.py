"""A frontend on another origin, in a browser: it fetches, walks, and sees what it needs."""

import json

from tests.conftest import Server
from tests.needs import in_a_browser


def test_another_origin_may_read_everything(server: Server) -> None:
    seen = in_a_browser("frontend.mjs", server.url)

    # It walks all pages, by `next` and by `Link` alike, and meets each record once.
    assert len(seen["ids"]) == len(set(seen["ids"])) == 13

    listed = seen["list"]
    assert listed["status"] == 200
    assert listed["headers"]["content-type"] == "application/json"
    assert listed["headers"]["dataset-release"] == "1"
    assert listed["headers"]["link"]
    assert json.loads(listed["text"])["query"]["by"] == ["japan"]

    # What it has already is not sent again; an ETag is of one answer only.
    assert (seen["again"]["status"], seen["again"]["text"]) == (304, "")
    assert seen["again"]["headers"]["etag"] == listed["headers"]["etag"]
    assert seen["another"]["status"] == 200

    assert json.loads(seen["record"]["text"])["id"] == "japan-us-investment"

    # Errors can be read, too.
    for name, status in (("wrong", 422), ("absent", 404), ("posted", 405)):
        answer = seen[name]
        assert answer["status"] == status
        assert answer["headers"]["content-type"] == "application/problem+json"
        assert json.loads(answer["text"])["status"] == status
