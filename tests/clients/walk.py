"""Walks the agreements of a running server, three to a page: `walk.py http://127.0.0.1:8000`.

`readout_client` comes from its OpenAPI document: `openapi-python-client generate --meta none
--url http://127.0.0.1:8000/openapi.json --output-path readout_client`.
"""

import sys
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from readout_client import Client
from readout_client.api.agreements import list_agreements
from readout_client.models import AgreementList
from readout_client.types import UNSET, Unset


def pages(client: Client) -> Iterator[AgreementList]:
    """Every page, in order."""
    cursor: str | Unset = UNSET
    while True:
        page = list_agreements.sync(client=client, limit=3, cursor=cursor)
        if not isinstance(page, AgreementList):
            raise SystemExit(f"not a page: {page}")
        yield page
        if page.next_ is None:
            return
        # `next` is a whole URL, to be fetched as it is. A client that builds its own URLs takes
        # the cursor out of it.
        cursor = parse_qs(urlsplit(page.next_).query)["cursor"][0]


def main() -> None:
    """Print each agreement, and prove that the walk met all of them."""
    ids: set[str] = set()
    total = 0
    with Client(base_url=sys.argv[1]) as client:
        for page in pages(client):
            total = page.total
            for agreement in page.items:
                parties = ", ".join(party.actor.title for party in agreement.parties)
                year = agreement.date[:4] if agreement.date else "no date"
                sys.stdout.write(f"{agreement.id}\t{year}\t{parties}\n")
                ids.add(agreement.id)
    if len(ids) != total:
        raise SystemExit(f"walked over {len(ids)} of {total}")


main()
