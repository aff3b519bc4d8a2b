"""JSON-LD, as rdflib reads it without a network."""

import socket
from typing import Any

import httpx2 as httpx
import pytest
from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

SCHEMA = Namespace("https://schema.org/")
OA = Namespace("http://www.w3.org/ns/oa#")
PROV = Namespace("http://www.w3.org/ns/prov#")
OURS = Namespace("urn:readout:term:")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
# rdflib's own reader of JSON-LD uses what rdflib means to replace.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
LISTS = ["summits", "actors", "agreements", "commitments", "quotes", "documents"]


@pytest.fixture
def offline(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> httpx.Client:
    """The client, where nothing that it does not connect to itself can be fetched."""
    client.get("/")  # its connection is open

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("something was to be fetched")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return client


def graph(text: str) -> Graph:
    return Graph().parse(data=text, format="json-ld")


def read(client: httpx.Client, path: str) -> tuple[Graph, URIRef]:
    """A record as a graph, and its node."""
    answer = client.get(path, headers={"accept": "application/ld+json"})
    assert answer.headers["content-type"] == "application/ld+json"
    base = str(client.base_url).rstrip("/")
    return graph(answer.text), URIRef(base + path)


def elements(triples: Graph) -> list[str]:
    """The records of a page, in their order."""
    [first] = triples.objects(None, SCHEMA.itemListElement)
    return [str(element) for element in Collection(triples, first)]


@pytest.mark.parametrize("name", LISTS)
def test_every_record_is_a_graph_with_its_evidence(offline: httpx.Client, name: str) -> None:
    listed = offline.get(f"/{name}?limit=200").json()
    triples = graph(offline.get(f"/{name}?limit=200&format=jsonld").text)
    base = str(offline.base_url).rstrip("/")
    assert [*triples.objects(None, SCHEMA.numberOfItems)] == [Literal(listed["total"])]
    assert elements(triples) == [base + record["href"] for record in listed["items"]]
    for record in listed["items"]:
        node = URIRef(base + record["href"])
        assert str(triples.value(node, RDF.type)).startswith(str(SCHEMA))
        quoted = {
            (str(exact), start and start.toPython())
            for annotation in triples.objects(node, OURS.evidence)
            for selector in triples.objects(triples.value(annotation, OA.hasTarget), OA.hasSelector)
            if (exact := triples.value(selector, OA.exact))
            for start in [_start(triples, annotation)]
        }
        assert quoted == {(proof["exact"], proof["start"]) for proof in record["evidence"]}


def _start(triples: Graph, annotation: Any) -> Any:
    for selector in triples.objects(triples.value(annotation, OA.hasTarget), OA.hasSelector):
        if (selector, RDF.type, OA.TextPositionSelector) in triples:
            return triples.value(selector, OA.start)
    return None


def test_a_promise_is_a_claim_in_the_source_and_nobody_elses(offline: httpx.Client) -> None:
    triples, node = read(offline, "/commitments/japan-us-investment")
    base = str(offline.base_url).rstrip("/")
    article = URIRef(f"{base}/documents/red-nation-today-japan-us")
    assert triples.value(node, RDF.type) == SCHEMA.Claim
    assert [*triples.objects(node, SCHEMA.appearance)] == [article]
    assert [*triples.objects(node, PROV.wasDerivedFrom)] == [article]
    assert (None, SCHEMA.author, None) not in triples
    assert triples.value(node, OURS.by) == URIRef(f"{base}/actors/japan")
    money = triples.value(node, OURS.amount)
    assert triples.value(money, SCHEMA.value) == Literal("1000000000000", datatype=XSD.decimal)
    assert triples.value(money, SCHEMA.currency) == Literal("USD")
    assert triples.value(money, OURS.bound) == Literal("exact")
    words = Literal("Japan announced a $1 trillion investment in the U.S. economy")
    [selector] = triples.subjects(OA.exact, words)
    [annotation] = triples.subjects(OA.hasTarget / OA.hasSelector, selector)
    assert (node, OURS.evidence, annotation) in triples
    assert triples.value(annotation, OA.hasBody) == node
    assert triples.value(annotation, OURS.attribution) == Literal("attributed")
    target = triples.value(annotation, OA.hasTarget)
    assert triples.value(target, OA.hasSource) == article
    release = triples.value(node, SCHEMA.subjectOf)
    assert release == URIRef(f"{base}/releases/1")
    published = triples.value(release, SCHEMA.datePublished)
    assert isinstance(published, Literal)
    assert published.datatype == XSD.dateTime


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/summits/us-japan-2025-02", "Event"),
        ("/actors/donald-trump", "Person"),
        ("/actors/taiwan", "AdministrativeArea"),
        ("/actors/nato", "Organization"),
        ("/agreements/joint-leaders-statement", "CreativeWork"),
        ("/agreements/defense-industrial-cooperation", "Claim"),
        ("/quotes/trump-chinese-economic-aggression", "Quotation"),
        ("/documents/red-nation-today-japan-us", "NewsArticle"),
        ("/documents/raufoglu-post", "SocialMediaPosting"),
    ],
)
def test_records_are_what_schema_org_calls_them(
    offline: httpx.Client, path: str, kind: str
) -> None:
    triples, node = read(offline, path)
    assert [*triples.objects(node, RDF.type)] == [SCHEMA[kind]]


def test_words_are_attributed_to_their_speaker(offline: httpx.Client) -> None:
    base = str(offline.base_url).rstrip("/")
    triples, node = read(offline, "/quotes/trump-chinese-economic-aggression")
    assert triples.value(node, SCHEMA.spokenByCharacter) == URIRef(f"{base}/actors/donald-trump")
    triples, node = read(offline, "/quotes/joint-statement-golden-age")
    assert triples.value(node, SCHEMA.spokenByCharacter) is None
    statement = URIRef(f"{base}/documents/joint-leaders-statement-text")
    assert triples.value(node, SCHEMA.isPartOf) == statement
    assert triples.value(node, SCHEMA.dateCreated) == Literal("2025-02-07", datatype=XSD.date)


def test_a_page_leads_to_the_next(client: httpx.Client) -> None:
    triples = graph(client.get("/actors?limit=5&format=jsonld").text)
    [following] = triples.objects(None, HYDRA.next)
    more = graph(client.get(str(following)).text)
    assert len({*elements(triples), *elements(more)}) == 10
