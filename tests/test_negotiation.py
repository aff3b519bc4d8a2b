"""Which format an answer has: the Accept headers of real clients, and what `format` overrules."""

import httpx2 as httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats import BY_NAME, FORMATS, Content, showing
from app.http.negotiation import acceptable, coding_for

BROWSERS = {
    "Firefox 132": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Firefox 100": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "*/*;q=0.8",
    "Chrome": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    "Safari": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "lynx": "text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01",
    "w3m": "text/html, text/*;q=0.5, image/*, application/*, */*;q=0.1",
    "LinkedIn's previewer": "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8",
}
PROGRAMS = {
    "curl, wget, fetch, requests, httpx, httr2": "*/*",
    "urllib and Google Sheets, which send none": "",
    "axios": "application/json, text/plain, */*",
    "jQuery": "application/json, text/javascript, */*; q=0.01",
    "R's httr": "application/json, text/xml, application/xml, */*",
    "Power Query in Excel": "*/*",
    "Java, which asks as browsers once did": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
    "Java before and since": "text/html, image/gif, image/jpeg, */*; q=0.2",
    "what can't be read": "json please",
    "what says the quality of everything": "*/*;q=0.5",
    "what takes problems too": "application/json, application/problem+json",
    "what shouts": "APPLICATION/JSON",
    "what names a parameter": "application/json;charset=utf-8",
}
LIST = showing(Content.LIST)


def chosen(accept: str) -> str | None:
    format_ = acceptable(accept, LIST)
    return format_.name if format_ else None


@pytest.mark.parametrize("accept", BROWSERS.values(), ids=BROWSERS)
def test_a_browser_gets_a_page(accept: str) -> None:
    assert chosen(accept) == "html"


@pytest.mark.parametrize("accept", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_gets_json(accept: str) -> None:
    assert chosen(accept) == "json"


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("text/html;q=0.5, application/json;q=0.6", "json"),
        ("text/html;q=0.7, application/json;q=0.6", "html"),
        ("text/html;q=0, */*", "json"),
        ("application/json;q=0, */*;q=0.1", "html"),
        ("text/*", "html"),
        ("text/*;q=0.1, text/html;q=0.9, application/json;q=0.5", "html"),
        ("image/png", None),
        ("*/*;q=0", None),
        ("application/json;q=0", None),
        ("application/json;q=2", "json"),
        ("application/json;q=x, text/html;q=0.5", "json"),
        (", ,text/html,", "html"),
        ("text/html" + ", a/b" * 100_000, "html"),
    ],
)
def test_accept(accept: str, name: str | None) -> None:
    assert chosen(accept) == name


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("gzip;q=0.5, br;q=0", "gzip"),
        ("gzip; q = 0, br;q=0.000", None),
        ("gzip;q=x", "gzip"),
        ("br;q=.", None),
        ("*", "br"),
        ("br;q=0, *;q=0.1", "gzip"),
        ("gzip, *;q=0", "gzip"),
        ("identity", None),
        ("x-not-gzip, brotli", None),
        ("", None),
    ],
)
def test_accept_encoding(accept: str, name: str | None) -> None:
    assert coding_for(accept, ("br", "gzip")) == name


def test_what_comes_in_several_lines_is_one_list(client: httpx.Client) -> None:
    lines = [("accept", "image/png"), ("accept", "text/html")]
    for path in ("/agreements", "/agreements?topc=defense"):
        answer = client.get(path, headers=lines)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for coding in ("gzip;q=0.000, *;q=0", "x-gzip"):
        plain = client.get("/static/style.css", headers={"accept-encoding": coding})
        assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("content", sorted(set(Content) - {Content.CARD}, key=str))
def test_each_format_is_asked_for_by_its_own_type(content: Content) -> None:
    offered = showing(content)
    assert offered[0].name == "json"
    for format_ in offered:
        assert acceptable(format_.media_type, offered) is format_


def test_no_two_formats_have_the_same_name_or_type() -> None:
    assert len(BY_NAME) == len({format_.media_type for format_ in FORMATS}) == len(FORMATS)


PREVIEWERS = [
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Twitterbot/1.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "WhatsApp/2.23.20.0 A",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
]


@pytest.mark.parametrize("agent", PREVIEWERS)
def test_who_shows_the_page_to_people_gets_it_and_nobody_else(
    client: httpx.Client, agent: str
) -> None:
    path = f"/actors/japan?utm_source={len(agent)}"
    preview = {"user-agent": agent, "accept": "*/*"}
    for _ in range(2):  # from memory, too
        page, plain = client.get(path, headers=preview), client.get(path)
        assert "og:title" in page.text
        # What a shared cache has asks each time, and does not keep this.
        assert page.headers["cache-control"] == "private, max-age=0, must-revalidate"
        assert plain.headers["content-type"] == "application/json"
        assert plain.headers["cache-control"].startswith("public")
        known = preview | {"if-none-match": plain.headers["etag"]}
        assert client.get(path, headers=known).status_code == 200
    assert client.get("/nowhere", headers=preview).headers["content-type"].startswith("text/html")
    for accept in ("application/json", "text/csv"):
        asked = client.get("/actors", headers=preview | {"accept": accept})
        assert asked.headers["content-type"].startswith(accept)
    assert client.get("/actors?format=json", headers=preview).json()


@given(st.text(max_size=200))
def test_no_accept_breaks_it(accept: str) -> None:
    acceptable(accept, LIST)


PATHS = {
    Content.INDEX: "/",
    Content.LIST: "/commitments?by=japan",
    Content.HITS: "/search?q=japan",
    Content.CHANGES: "/changes",
    Content.RECORD: "/commitments/japan-us-investment",
    Content.RELEASES: "/releases",
    Content.RELEASE: "/releases/1",
}


@pytest.mark.parametrize(("content", "path"), PATHS.items(), ids=str)
def test_every_format_is_named_by_a_url_and_announced(
    client: httpx.Client, content: Content, path: str
) -> None:
    also = "&" if "?" in path else "?"
    plain = client.get(path)
    etags = {plain.headers["etag"]}
    for format_ in showing(content):
        answer = client.get(f"{path}{also}format={format_.name}", headers={"accept": "image/png"})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].partition(";")[0] == format_.media_type
        assert answer.headers["vary"] == "Accept, Accept-Encoding"
        accepted = client.get(path, headers={"accept": format_.media_type})
        assert accepted.headers["content-type"] == answer.headers["content-type"]
        etags.add(accepted.headers["etag"])
        announced = answer.headers["link"]
        for other in showing(content):
            assert (f'type="{other.media_type}"' in announced) == (other is not format_)
    assert len(etags) == len(showing(content))
    for sibling in plain.links.values():
        assert client.get(sibling["url"]).status_code == 200


UNREAD = {
    "/commitments?by=japan": {
        "json": "bom raw",
        "html": "",
        "csv": "limit facet",
        "tsv": "limit facet",
        "ndjson": "limit facet bom raw",
        "xlsx": "limit facet bom raw",
        "md": "fields facet bom raw",
        "atom": "fields facet bom raw",
        "jsonfeed": "fields facet bom raw",
        "jsonld": "fields facet bom raw",
    },
    "/commitments/japan-us-investment": {
        "json": "",
        "html": "",
        "md": "fields",
        "jsonld": "fields",
        "citation": "fields",
        "bibtex": "fields",
        "ris": "fields",
        "png": "fields",
        "csl": "fields",
    },
}
SHOWING = {"limit": "2", "facet": "kind", "fields": "id", "bom": "1", "raw": "1"}


@pytest.mark.parametrize("path", UNREAD)
def test_what_a_format_does_not_read_is_refused(client: httpx.Client, path: str) -> None:
    assert set(UNREAD[path]) == {
        form.name for form in showing(Content.LIST if "?" in path else Content.RECORD)
    }
    for format_, unread in UNREAD[path].items():
        for name in SHOWING if "?" in path else ["fields"]:
            parameters = {"format": format_, name: SHOWING[name]}
            answer = client.get(path, params=httpx.URL(path).params.merge(parameters))
            assert answer.status_code == (422 if name in unread.split() else 200), parameters
            if answer.status_code == 422:
                problem = answer.json()
                [fault] = problem["errors"]
                assert fault["parameter"] == name
                assert name not in httpx.URL(problem["run"]).params
                assert client.get(problem["run"]).status_code == 200


def test_who_reads_a_parameter_is_said(client: httpx.Client) -> None:
    said = {
        "/actors?fields=id&format=md": "fields is for json, csv, tsv, ndjson and xlsx, and means "
        "nothing to md; leave it out",
        "/actors/japan?fields=id&format=csl": "fields is for json, and means nothing to csl; "
        "leave it out",
        "/actors?bom=1": "bom is for csv and tsv, and means nothing to json; leave it out",
    }
    for path, detail in said.items():
        assert client.get(path).json()["detail"] == detail


def test_a_corrected_query_has_nothing_that_its_format_does_not_read(client: httpx.Client) -> None:
    for query in ("bom=yes&limit=x", "fields=idd&format=atom", "format=markdwn&facet=knd"):
        run = client.get(f"/agreements?{query}").json()["run"]
        assert run is None or client.get(run).status_code == 200, query


def test_no_format_is_announced_with_what_it_refuses(client: httpx.Client) -> None:
    for path in ("/actors?fields=id&limit=1&facet=kind", "/actors/japan?fields=id"):
        for link in client.get(path).links.values():
            assert client.get(link["url"]).status_code == 200, link


def test_what_can_be_had_is_said(client: httpx.Client) -> None:
    answer = client.get("/agreements?topic=defense", headers={"accept": "image/png"})
    assert answer.status_code == 406
    problem = answer.json()
    assert problem["type"] == "urn:readout:problem:not-acceptable"
    for format_, path in zip(LIST, problem["nearest"], strict=True):
        assert f"{format_.media_type} (format={format_.name})" in problem["detail"]
        assert path == f"/agreements?topic=defense&format={format_.name}"
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/agreements?topc=defense", "/actors/jpan", "/nothing", "/agreements?cursor=junk", "/?asof=1"],
)
def test_a_person_gets_a_page_that_says_what_is_wrong(client: httpx.Client, path: str) -> None:
    plain = client.get(path)
    assert plain.headers["content-type"] == "application/problem+json"
    page = client.get(path, headers={"accept": BROWSERS["Chrome"]})
    named = client.get(f"{path}{'&' if '?' in path else '?'}format=html")
    assert page.status_code == named.status_code == plain.status_code
    for answer in (page, named):
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "Content-Security-Policy" in answer.headers
    if run := plain.json()["run"]:
        assert f'href="{run.replace("&", "&amp;")}"' in page.text


def test_nothing_but_reading_is_refused_as_a_page_too(client: httpx.Client) -> None:
    answer = client.post("/agreements", headers={"accept": BROWSERS["Safari"]})
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
