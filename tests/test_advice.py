"""Advice that is true: whatever is suggested was looked up, works, and is what was meant."""

from collections.abc import Iterator

import httpx2 as httpx
import pytest

from app.queries.params import Params
from app.queries.tracking import is_tracking

TRACKED = [
    "srsltid=x", "gad_source=1", "gbraid=x", "wbraid=x", "igsh=x", "si=x", "ref_src=twsrc",
    "_hsenc=x", "_hsmi=1", "mkt_tok=x", "oly_enc_id=x", "vero_id=x", "s_cid=x", "UTM_SOURCE=x",
    "utm_id=7", "FBCLID=x", "hsCtaTracking=x", "mtm_campaign=x",
]  # fmt: skip


def shapes(of: type[Params] = Params) -> Iterator[type[Params]]:
    """The parameters of every request."""
    yield of
    for shape in of.__subclasses__():
        yield from shapes(shape)


@pytest.mark.parametrize("query", TRACKED)
def test_what_others_follow_people_by_is_not_asked(client: httpx.Client, query: str) -> None:
    for path in ("/", "/docs", "/actors", "/actors/japan", "/openapi.json"):
        assert client.get(f"{path}?{query}").status_code == 200, path
    # It is the same answer, from where it is kept as well.
    etags = {client.get(path).headers["etag"] for path in ("/actors", f"/actors?{query}")}
    assert len(etags) == 1


def test_no_parameter_is_taken_for_tracking() -> None:
    names = {name for shape in shapes() for name in shape.model_fields}
    assert "topic" in names
    assert [name for name in names if is_tracking(name)] == []
