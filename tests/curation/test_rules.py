"""Every rule of the check: where the problem is, what is wrong, and the nearest right answer."""

import pytest

from app.settings import STARTER
from tests.builders import (
    Typed,
    a_bundle,
    a_commitment,
    a_document,
    a_measure,
    a_mention,
    a_proof,
    a_quote,
    a_summit,
    an_actor,
    an_agreement,
)
from tests.curation.conftest import Problems

Case = tuple[Typed, str, str]


def without(entry: Typed, key: str) -> Typed:
    """An entry that says nothing under a key."""
    return {name: value for name, value in entry.items() if name != key}


US = an_actor("united-states")
BOTH = [an_actor(), US]
MEETING = [a_summit()]
MEMBER = {"actor": "japan"}


def an_envoy(**office: str) -> Typed:
    """A person in an office for Japan."""
    return an_actor("envoy", kind="person", offices=[{"title": "Envoy", "of": "japan"} | office])


OTHER = a_summit(id="other-meeting")

SHAPE: dict[str, Case] = {
    "an unknown list": (
        a_bundle(agrements=[]),
        "agrements",
        'is not a key of a bundle; did you mean "agreements"?',
    ),
    "a list that is none": (a_bundle(quotes={}), "quotes", "is not a list: an object"),
    "a schema that is no text": (a_bundle(**{"$schema": 3}), "$schema", "is not text: 3"),
    "an entry that is no object": (
        a_bundle(quotes=["words"]),
        "quotes[0]",
        'is not an object: "words"',
    ),
    "an unknown key": (
        a_bundle(commitments=[a_commitment(mesures=[], evidence=[a_proof()])]),
        "commitments[0].mesures",
        'is not a key here; did you mean "measures"?',
    ),
    "an unknown key of a measure": (
        a_bundle(commitments=[a_commitment(measures=[a_measure(unit="%", currancy="USD")])]),
        "commitments[0].measures[0].currancy",
        'is not a key here; did you mean "currency"?',
    ),
    "a sum outside the measures": (
        a_bundle(commitments=[a_commitment() | {"amount": 1}]),
        "commitments[0].amount",
        "is not a key here",
    ),
    "no word of whether it was promised or done": (
        a_bundle(commitments=[without(a_commitment(), "act")]),
        "commitments[0].act",
        "is missing",
    ),
    "a mention that is but an id": (
        a_bundle(quotes=[a_quote(mentions=["japan"])]),
        "quotes[0].mentions[0]",
        'is not an object: "japan"',
    ),
    "a mention that does not say as what": (
        a_bundle(agreements=[an_agreement(mentions=[{"actor": "japan"}])]),
        "agreements[0].mentions[0].role",
        "is missing",
    ),
    "a measure that does not say as what": (
        a_bundle(commitments=[a_commitment(measures=[{"value": 1, "unit": "missiles"}])]),
        "commitments[0].measures[0].role",
        "is missing",
    ),
    "an unknown key of a passage": (
        a_bundle(quotes=[a_quote(evidence=[a_proof("text", "speaker", page=3)])]),
        "quotes[0].evidence[0].page",
        'is not a key here; did you mean "passage"?',
    ),
    "an unknown key of a participant": (
        a_bundle(
            summits=[a_summit(participants=[{"actor": "japan", "role": "country", "rol": 1}])]
        ),
        "summits[0].participants[0].rol",
        'is not a key here; did you mean "role"?',
    ),
    "an unknown key of a speaking document": (
        a_bundle(quotes=[a_quote(speaker={"document": "report", "page": 3})]),
        "quotes[0].speaker.page",
        "is not a key here",
    ),
    "an unknown key where a document speaks": (
        a_bundle(quotes=[a_quote(speaker={"document": "report", "documnt": "report"})]),
        "quotes[0].speaker.documnt",
        'is not a key here; did you mean "document"?',
    ),
    "a missing key": (
        a_bundle(documents=[{"id": "report", "title": "The report"}]),
        "documents[0].kind",
        "is missing",
    ),
    "a null where a list is": (
        a_bundle(actors=[an_actor(aliases=None)]),
        "actors[0].aliases",
        "is not a list: null",
    ),
    "a number where a text is": (
        a_bundle(documents=[a_document(title=7)]),
        "documents[0].title",
        "is not text: 7",
    ),
    "a speaker that is neither": (
        a_bundle(quotes=[a_quote(speaker=7, evidence=[a_proof("text")])]),
        "quotes[0].speaker",
        "is not text: 7",
    ),
    "a blank text": (
        a_bundle(documents=[a_document(summary=" \n ")]),
        "documents[0].summary",
        "is blank; leave the key out if it is not known",
    ),
    "an empty text": (
        a_bundle(documents=[a_document(summary="")]),
        "documents[0].summary",
        "is blank; leave the key out if it is not known",
    ),
    "a control character": (
        a_bundle(documents=[a_document(title="a\0b")]),
        "documents[0].title",
        '"a\\u0000b" holds the unprintable character U+0000; remove it',
    ),
    "half of a surrogate pair": (
        a_bundle(documents=[a_document(title="\ud83d")]),
        "documents[0].title",
        "holds half of a surrogate pair; write the character itself",
    ),
    "a title that is too long": (
        a_bundle(documents=[a_document(title="t" * 301)]),
        "documents[0].title",
        "has 301 characters, the limit is 300",
    ),
    "a summary that is too long": (
        a_bundle(documents=[a_document(summary="s" * 2001)]),
        "documents[0].summary",
        "has 2001 characters, the limit is 2000",
    ),
    "an id that is none": (
        a_bundle(summits=[a_summit(id="U.S. Japan")]),
        "summits[0].id",
        '"U.S. Japan" is not an id: lower-case letters, digits and single hyphens; '
        'did you mean "us-japan"?',
    ),
    "an id with accents": (
        a_bundle(documents=[a_document(), a_document("Élysée / 2026!")]),
        "documents[1].id",
        '"Élysée / 2026!" is not an id: lower-case letters, digits and single hyphens; '
        'did you mean "elysee-2026"?',
    ),
    "an id of no letters": (
        a_bundle(documents=[a_document(), a_document("…")]),
        "documents[1].id",
        '"…" is not an id: lower-case letters, digits and single hyphens',
    ),
    "a blank title": (
        a_bundle(documents=[a_document(title=" ")]),
        "documents[0].title",
        "is blank, but needed here",
    ),
    "a blank alias": (
        a_bundle(actors=[an_actor(aliases=[""])]),
        "actors[0].aliases[0]",
        "is blank; leave it out",
    ),
    "an id that is too long": (
        a_bundle(summits=[a_summit(id="a" * 101)]),
        "summits[0].id",
        "has 101 characters, the limit is 100",
    ),
    "a kind that is not in the list": (
        a_bundle(actors=[an_actor(kind="persn")]),
        "actors[0].kind",
        '"persn" is not one of person, country_or_area, alliance, government_body, '
        "military_command, company, publisher, international_organization, armed_group, project, "
        'place, other; did you mean "person"?',
    ),
    "a role that is not in the list": (
        a_bundle(summits=[a_summit(participants=[{"actor": "japan", "role": "boss"}])]),
        "summits[0].participants[0].role",
        '"boss" is not one of leader, country, delegate, observer, host, chair, guest, absent',
    ),
    "a relation that is not in the list": (
        a_bundle(summits=MEETING, agreements=[an_agreement(summit="meeting", relation="outcom")]),
        "agreements[0].relation",
        '"outcom" is not one of outcome, context; did you mean "outcome"?',
    ),
    "a term of another type": (
        a_bundle(documents=[a_document(kind=["speech"])]),
        "documents[0].kind",
        "a list is not one of news_article, joint_statement, social_media_post, treaty, speech, "
        "transcript, press_release, communique, declaration, fact_sheet, readout, report, "
        'web_page; did you mean "speech"?',
    ),
    "a topic that is not in the list": (
        a_bundle(documents=[a_document(topics=["climate", "defence"])]),
        "documents[0].topics[1]",
        '"defence" is not a topic; did you mean "defense"?',
    ),
}

VALUES: dict[str, Case] = {
    "a day that does not exist": (
        a_bundle(documents=[a_document(published="2025-02-30")]),
        "documents[0].published",
        '"2025-02-30" does not exist: February 2025 has 28 days; write YYYY-MM-DD, YYYY-MM or YYYY',
    ),
    "a leap day in another year": (
        a_bundle(documents=[a_document(published="1900-02-29")]),
        "documents[0].published",
        '"1900-02-29" does not exist: February 1900 has 28 days; write YYYY-MM-DD, YYYY-MM or YYYY',
    ),
    "a time of the day": (
        a_bundle(documents=[a_document(published="2025-02-07T12:00Z")]),
        "documents[0].published",
        '"2025-02-07T12:00Z" is more exact than a day; write YYYY-MM-DD, YYYY-MM or YYYY',
    ),
    "a date in words": (
        a_bundle(documents=[a_document(published="7 February 2025")]),
        "documents[0].published",
        '"7 February 2025" is not a date; write YYYY-MM-DD, YYYY-MM or YYYY, from 1000 to 2999',
    ),
    "a date as a number": (
        a_bundle(documents=[a_document(published=2025)]),
        "documents[0].published",
        "is not text: 2025",
    ),
    "a country by its name": (
        a_bundle(actors=[an_actor(country="Japan")]),
        "actors[0].country",
        '"Japan" is not an ISO 3166-1 alpha-2 code; did you mean "JP"?',
    ),
    "a country in small letters": (
        a_bundle(actors=[an_actor(country="jp")]),
        "actors[0].country",
        '"jp" is not an ISO 3166-1 alpha-2 code; did you mean "JP"?',
    ),
    "a country that does not exist": (
        a_bundle(actors=[an_actor(country="QQ")]),
        "actors[0].country",
        '"QQ" is not an ISO 3166-1 alpha-2 code',
    ),
    "a currency by its name": (
        a_bundle(commitments=[a_commitment(amount=1, currency="US dollar")]),
        "commitments[0].measures[0].currency",
        '"US dollar" is not an ISO 4217 code; did you mean "USD"?',
    ),
    "a currency by its sign": (
        a_bundle(commitments=[a_commitment(amount=1, currency="€")]),
        "commitments[0].measures[0].currency",
        '"€" is not an ISO 4217 code; did you mean "EUR"?',
    ),
    "a currency by a sign of several": (
        a_bundle(commitments=[a_commitment(amount=1, currency="$")]),
        "commitments[0].measures[0].currency",
        '"$" is not an ISO 4217 code',
    ),
    "a currency by its country": (
        a_bundle(commitments=[a_commitment(amount=1, currency="United States")]),
        "commitments[0].measures[0].currency",
        '"United States" is not an ISO 4217 code; did you mean "USD"?',
    ),
    "a currency in small letters": (
        a_bundle(commitments=[a_commitment(amount=1, currency="usd")]),
        "commitments[0].measures[0].currency",
        '"usd" is not an ISO 4217 code; did you mean "USD"?',
    ),
    "a language by its name": (
        a_bundle(documents=[a_document(language="English")]),
        "documents[0].language",
        '"English" is not a BCP 47 language, as in en or zh-Hant; did you mean "en"?',
    ),
    "a language of three letters": (
        a_bundle(documents=[a_document(language="jpn")]),
        "documents[0].language",
        '"jpn" is not a BCP 47 language, as in en or zh-Hant; did you mean "ja"?',
    ),
    "an address without a scheme": (
        a_bundle(documents=[a_document(url="example.org/report")]),
        "documents[0].url",
        '"example.org/report" is not a web address; write it whole, beginning with https://',
    ),
    "an address without a host": (
        a_bundle(documents=[a_document(url="https://")]),
        "documents[0].url",
        '"https://" is not a web address; write it whole, beginning with https://',
    ),
    "an address with a blank": (
        a_bundle(documents=[a_document(url="https://example.org/the report")]),
        "documents[0].url",
        '"https://example.org/the report" is not a web address; '
        "write it whole, beginning with https://",
    ),
    "an address with a control character": (
        a_bundle(documents=[a_document(url="https://example.org/\0")]),
        "documents[0].url",
        '"https://example.org/\\u0000" holds the unprintable character U+0000; remove it',
    ),
    "an amount as a text": (
        a_bundle(commitments=[a_commitment(amount="1", currency="USD")]),
        "commitments[0].measures[0].value",
        '"1" is not a number from 0 to 9007199254740991',
    ),
    "an amount below zero": (
        a_bundle(commitments=[a_commitment(amount=-1, currency="USD")]),
        "commitments[0].measures[0].value",
        "-1 is not a number from 0 to 9007199254740991",
    ),
    "an amount that a client can't read exactly": (
        a_bundle(commitments=[a_commitment(amount=2**53, currency="USD")]),
        "commitments[0].measures[0].value",
        "9007199254740992 is not a number from 0 to 9007199254740991",
    ),
    "an amount that is true": (
        a_bundle(commitments=[a_commitment(amount=True, currency="USD")]),
        "commitments[0].measures[0].value",
        "true is not a number from 0 to 9007199254740991",
    ),
    "a start between two characters": (
        a_bundle(quotes=[a_quote(evidence=[a_proof("text", "speaker", start=1.5)])]),
        "quotes[0].evidence[0].start",
        "1.5 is not a whole number from 0 to 9007199254740991",
    ),
    "a digest that is none": (
        a_bundle(documents=[a_document(sha256="abc", characters=3)]),
        "documents[0].sha256",
        '"abc" is not a SHA-256; readout verify --fix fills it in',
    ),
}

REFERENCES: dict[str, Case] = {
    "a participant": (
        a_bundle(summits=[a_summit(participants=[{"actor": "japn", "role": "country"}])]),
        "summits[0].participants[0].actor",
        '"japn" is not an actor; did you mean "japan"?',
    ),
    "a principal": (
        a_bundle(actors=[an_actor(), an_envoy(of="japn")]),
        "actors[1].offices[0].of",
        '"japn" is not an actor; did you mean "japan"?',
    ),
    "a party": (
        a_bundle(agreements=[an_agreement(parties=[{"actor": "japan"}, {"actor": "germany"}])]),
        "agreements[0].parties[1].actor",
        f'"germany" is not an actor; {STARTER} has it, and is not among these files',
    ),
    "one who promised": (
        a_bundle(commitments=[a_commitment(by=["japan", "jpan"])]),
        "commitments[0].by[1]",
        '"jpan" is not an actor; did you mean "japan"?',
    ),
    "one to whom it is owed": (
        a_bundle(commitments=[a_commitment(to=["report"])]),
        "commitments[0].to[0]",
        '"report" is not an actor',
    ),
    "an agreement": (
        a_bundle(agreements=[an_agreement()], commitments=[a_commitment(agreement="frame-work")]),
        "commitments[0].agreement",
        '"frame-work" is not an agreement; did you mean "framework"?',
    ),
    "a summit": (
        a_bundle(
            summits=MEETING, agreements=[an_agreement(summit="meeting-2", relation="outcome")]
        ),
        "agreements[0].summit",
        '"meeting-2" is not a summit; did you mean "meeting"?',
    ),
    "a speaker": (
        a_bundle(quotes=[a_quote(speaker="japn")]),
        "quotes[0].speaker",
        '"japn" is not an actor; did you mean "japan"?',
    ),
    "a speaking document": (
        a_bundle(quotes=[a_quote(speaker={"document": "reprt"})]),
        "quotes[0].speaker.document",
        '"reprt" is not a document; did you mean "report"?',
    ),
    "one who is mentioned": (
        a_bundle(quotes=[a_quote(mentions=[a_mention("japn")])]),
        "quotes[0].mentions[0].actor",
        '"japn" is not an actor; did you mean "japan"?',
    ),
    "an agreement that is spoken of": (
        a_bundle(quotes=[a_quote(agreements=["framework"])]),
        "quotes[0].agreements[0]",
        '"framework" is not an agreement',
    ),
    "a publisher": (
        a_bundle(documents=[a_document(publisher="japn")]),
        "documents[0].publisher",
        '"japn" is not an actor; did you mean "japan"?',
    ),
    "an author": (
        a_bundle(documents=[a_document(author="japn")]),
        "documents[0].author",
        '"japn" is not an actor; did you mean "japan"?',
    ),
    "the source of a passage": (
        a_bundle(quotes=[a_quote(evidence=[a_proof("text", "speaker", document="reports")])]),
        "quotes[0].evidence[0].document",
        '"reports" is not a document; did you mean "report"?',
    ),
}

EVIDENCE: dict[str, Case] = {
    "none": (
        a_bundle(quotes=[a_quote(evidence=[])]),
        "quotes[0].evidence",
        "is missing; quote the passage that proves it",
    ),
    "none for a person": (
        a_bundle(actors=[an_actor(), {"id": "envoy", "title": "An envoy", "kind": "person"}]),
        "actors[1].evidence",
        "is missing; quote the passage that proves it",
    ),
    "a passage that proves nothing": (
        a_bundle(actors=[an_actor(evidence=[a_proof(fields=[])])]),
        "actors[0].evidence[0].fields",
        "is empty; name at least one",
    ),
    "a passage over the limit": (
        a_bundle(actors=[an_actor(evidence=[a_proof(passage="x" * 601)])]),
        "actors[0].evidence[0].passage",
        "has 601 characters, the limit is 600; quote the shortest part that proves it",
    ),
    "a blank passage": (
        a_bundle(actors=[an_actor(evidence=[a_proof(passage="")])]),
        "actors[0].evidence[0].passage",
        "is blank, but needed here",
    ),
    "an attribution that is not in the list": (
        a_bundle(actors=[an_actor(evidence=[a_proof(attribution="quote")])]),
        "actors[0].evidence[0].attribution",
        '"quote" is not one of direct_quote, attributed, reported; did you mean "direct_quote"?',
    ),
    "a field that is none": (
        a_bundle(actors=[an_actor(evidence=[a_proof("title", "titel")])]),
        "actors[0].evidence[0].fields[1]",
        '"titel" is not a field of an actor; did you mean "title"?',
    ),
    "a field of another type of record": (
        a_bundle(summits=[a_summit(evidence=[a_proof("participants", "due", "title")])]),
        "summits[0].evidence[0].fields[1]",
        '"due" is not a field of a summit',
    ),
    "a field that needs no proof": (
        a_bundle(actors=[an_actor(evidence=[a_proof("title", "evidence")])]),
        "actors[0].evidence[0].fields[1]",
        '"evidence" is not a field of an actor',
    ),
    "a field that is not given": (
        a_bundle(actors=[an_actor(evidence=[a_proof("title", "offices")])]),
        "actors[0].evidence[0].fields[1]",
        '"offices" is proved here, but the actor does not give it',
    ),
    "an empty list that is proved": (
        a_bundle(commitments=[a_commitment(evidence=[a_proof("by", "title")])]),
        "commitments[0].evidence[0].fields[0]",
        '"by" is proved here, but the commitment does not give it',
    ),
    "a state that is not stated, proved": (
        a_bundle(agreements=[an_agreement(evidence=[a_proof("parties", "status", "title")])]),
        "agreements[0].evidence[0].fields[1]",
        '"status" is proved here, but the agreement does not give it',
    ),
}

NEEDED = 'is not proved; name it in the "fields" of a passage'
UNPROVED = f"{NEEDED}, or leave it out"
FACTS: dict[str, Case] = {
    "the first day of a summit": (
        a_bundle(summits=[a_summit(starts_on="2025", evidence=[a_proof("participants", "title")])]),
        "summits[0].starts_on",
        UNPROVED,
    ),
    "the participants of a summit": (
        a_bundle(summits=[a_summit(evidence=[a_proof("title")])]),
        "summits[0].participants",
        NEEDED,
    ),
    "for whom somebody acts": (
        a_bundle(actors=[an_actor(), an_envoy() | {"evidence": [a_proof()]}]),
        "actors[1].offices",
        UNPROVED,
    ),
    "the state of an agreement": (
        a_bundle(
            agreements=[an_agreement(status="signed", evidence=[a_proof("parties", "title")])]
        ),
        "agreements[0].status",
        f'{NEEDED}, or write "not_stated"',
    ),
    "the parties of an agreement": (
        a_bundle(agreements=[an_agreement(evidence=[a_proof("title")])]),
        "agreements[0].parties",
        NEEDED,
    ),
    "a sum": (
        a_bundle(commitments=[a_commitment(amount=0, currency="USD", evidence=[a_proof("title")])]),
        "commitments[0].measures",
        UNPROVED,
    ),
    "a day on which something is due": (
        a_bundle(commitments=[a_commitment(due="2030", evidence=[a_proof("title")])]),
        "commitments[0].due",
        UNPROVED,
    ),
    "the speaker of a quote": (
        a_bundle(quotes=[a_quote(evidence=[a_proof("text")])]),
        "quotes[0].speaker",
        NEEDED,
    ),
    "who promised": (
        a_bundle(commitments=[a_commitment(by=["japan"], evidence=[a_proof("title")])]),
        "commitments[0].by",
        f"{NEEDED}, or write []",
    ),
    "a title": (
        a_bundle(
            commitments=[a_commitment(amount=1, currency="USD", evidence=[a_proof("measures")])]
        ),
        "commitments[0].title",
        NEEDED,
    ),
    "a summary": (
        a_bundle(quotes=[a_quote(summary="Words.", evidence=[a_proof("text", "speaker")])]),
        "quotes[0].summary",
        UNPROVED,
    ),
    "that something is an outcome": (
        a_bundle(
            summits=MEETING,
            commitments=[
                a_commitment(summit="meeting", relation="outcome", evidence=[a_proof("title")])
            ],
        ),
        "commitments[0].relation",
        UNPROVED,
    ),
    "that something is beside the summit": (
        a_bundle(
            summits=MEETING,
            agreements=[
                an_agreement(
                    summit="meeting", relation="context", evidence=[a_proof("title", "parties")]
                )
            ],
        ),
        "agreements[0].relation",
        UNPROVED,
    ),
    "that something is new": (
        a_bundle(commitments=[a_commitment(standing="new", evidence=[a_proof("title")])]),
        "commitments[0].standing",
        UNPROVED,
    ),
    "who is named": (
        a_bundle(commitments=[a_commitment(mentions=[a_mention()], evidence=[a_proof("title")])]),
        "commitments[0].mentions",
        UNPROVED,
    ),
    "on what it depends": (
        a_bundle(commitments=[a_commitment(condition="if so", evidence=[a_proof("title")])]),
        "commitments[0].condition",
        UNPROVED,
    ),
    "who does it too": (
        a_bundle(commitments=[a_commitment(partners=["japan"], evidence=[a_proof("title")])]),
        "commitments[0].partners",
        UNPROVED,
    ),
    "what is said again": (
        a_bundle(
            agreements=[
                an_agreement(),
                an_agreement(
                    id="again", reaffirms=["framework"], evidence=[a_proof("title", "parties")]
                ),
            ]
        ),
        "agreements[1].reaffirms",
        UNPROVED,
    ),
    "the series of a summit": (
        a_bundle(summits=[a_summit(series="G7", evidence=[a_proof("title", "participants")])]),
        "summits[0].series",
        UNPROVED,
    ),
    "the words of a quote": (
        a_bundle(quotes=[a_quote(text="other words", evidence=[a_proof("text", "speaker")])]),
        "quotes[0].evidence[0].passage",
        "does not hold the text of the quote, to the character",
    ),
    "a place beyond the end of the text": (
        a_bundle(
            actors=[an_actor(evidence=[a_proof(passage="x" * 5, start=6)])],
            documents=[a_document(sha256="0" * 64, characters=10)],
        ),
        "actors[0].evidence[0].start",
        "puts the passage at 6 to 11 of a text of 10 characters; readout verify --fix mends it",
    ),
}

SENSE: dict[str, Case] = {
    "a summit with no participants": (
        a_bundle(summits=[a_summit(participants=[])]),
        "summits[0].participants",
        "is empty; name at least one",
    ),
    "a participant twice": (
        a_bundle(
            summits=[
                a_summit(
                    participants=[
                        {"actor": "japan", "role": "country"},
                        {"actor": "japan", "role": "observer"},
                    ]
                )
            ]
        ),
        "summits[0].participants[1].actor",
        '"japan" is named twice',
    ),
    "an end before the start": (
        a_bundle(summits=[a_summit(starts_on="2025-02-07", ends_on="2025-01")]),
        "summits[0].ends_on",
        '"2025-01" is before starts_on, "2025-02-07"',
    ),
    "an end without a start": (
        a_bundle(summits=[a_summit(ends_on="2025")]),
        "summits[0].starts_on",
        "is missing, though ends_on is given",
    ),
    "a party twice": (
        a_bundle(agreements=[an_agreement(parties=[{"actor": "japan"}, {"actor": "japan"}])]),
        "agreements[0].parties[1].actor",
        '"japan" is named twice',
    ),
    "an office of a country": (
        a_bundle(actors=[*BOTH, an_actor("land", offices=[{"title": "Envoy", "of": "japan"}])]),
        "actors[2].offices",
        "are held by a person; this actor is not one",
    ),
    "members of a person": (
        a_bundle(actors=[an_actor(), an_actor("envoy", kind="person", members=[MEMBER])]),
        "actors[1].members",
        "belong to a group; a person has none",
    ),
    "a group that is a member of itself": (
        a_bundle(actors=[an_actor(kind="alliance", members=[MEMBER])]),
        "actors[0].members[0].actor",
        "is the actor itself",
    ),
    "an office that ended before it began": (
        a_bundle(actors=[an_actor(), an_envoy(since="2025-02", until="2024")]),
        "actors[1].offices[0].until",
        '"2024" is before since, "2025-02"',
    ),
    "a participant in an office held later": (
        a_bundle(
            actors=[an_actor(), an_envoy(since="2025-02-08")],
            summits=[
                a_summit(
                    starts_on="2025-02-07",
                    participants=[{"actor": "envoy", "role": "leader", "office": "Envoy"}],
                )
            ],
        ),
        "summits[0].participants[0].office",
        '"Envoy" is held by "envoy" on other days, 2025-02-08, not on 2025-02-07',
    ),
    "a party in an office held before": (
        a_bundle(
            actors=[an_actor(), an_envoy(until="2024")],
            agreements=[an_agreement(date="2025", parties=[{"actor": "envoy", "office": "Envoy"}])],
        ),
        "agreements[0].parties[0].office",
        '"Envoy" is held by "envoy" on other days, 2024, not on 2025-01-01',
    ),
    "a speaker in an office held before": (
        a_bundle(
            actors=[an_actor(), an_envoy(since="2021", until="2024")],
            quotes=[a_quote(date="2025", speaker="envoy", office="Envoy")],
        ),
        "quotes[0].office",
        '"Envoy" is held by "envoy" on other days, 2021 to 2024, not on 2025-01-01',
    ),
    "an alias that is the title": (
        a_bundle(actors=[an_actor(aliases=["Nippon", "Japan"])]),
        "actors[0].aliases[1]",
        "is the title; leave it out",
    ),
    "a figure of nothing": (
        a_bundle(commitments=[a_commitment(amount=5_000_000)]),
        "commitments[0].measures[0].unit",
        "is missing: 5,000,000 of what? For money, give its currency",
    ),
    "a figure of nothing, with a fraction": (
        a_bundle(commitments=[a_commitment(amount=2.5)]),
        "commitments[0].measures[0].unit",
        "is missing: 2.5 of what? For money, give its currency",
    ),
    "a sum of money with a unit": (
        a_bundle(commitments=[a_commitment(measures=[a_measure(unit="men", currency="USD")])]),
        "commitments[0].measures[0].unit",
        "is given, and a currency too; a sum of money has none",
    ),
    "two figures that nothing lies between": (
        a_bundle(commitments=[a_commitment(measures=[a_measure(unit="men", upper=2)])]),
        "commitments[0].measures[0].upper",
        'stands with "bound": "between", and only there',
    ),
    "one figure that something lies between": (
        a_bundle(commitments=[a_commitment(measures=[a_measure(unit="men", bound="between")])]),
        "commitments[0].measures[0].upper",
        'stands with "bound": "between", and only there',
    ),
    "two figures the wrong way round": (
        a_bundle(
            commitments=[
                a_commitment(
                    measures=[
                        a_measure(unit="men"),
                        a_measure(2000, unit="%", bound="between", upper=1000.5),
                    ]
                )
            ]
        ),
        "commitments[0].measures[1].upper",
        "1,000.5 is not above value, 2,000",
    ),
    "two figures that are one": (
        a_bundle(
            commitments=[
                a_commitment(measures=[a_measure(7, unit="men", bound="between", upper=7)])
            ]
        ),
        "commitments[0].measures[0].upper",
        "7 is not above value, 7",
    ),
    "a promise that was due before it was made": (
        a_bundle(commitments=[a_commitment(date="2025-02", due="2025-01")]),
        "commitments[0].due",
        '"2025-01" is before the day on which it was said, 2025-02-01',
    ),
    "a promise that was due before its agreement": (
        a_bundle(
            agreements=[an_agreement(date="2025-02-07")],
            commitments=[a_commitment(agreement="framework", due="2025-02-06")],
        ),
        "commitments[0].due",
        '"2025-02-06" is before the day on which it was said, 2025-02-07',
    ),
    "a summit within itself": (
        a_bundle(summits=[a_summit(part_of="meeting")]),
        "summits[0].part_of",
        "leads in a circle: meeting is part of meeting",
    ),
    "a commitment that says itself again": (
        a_bundle(commitments=[a_commitment(reaffirms=[{"commitment": "pledge"}])]),
        "commitments[0].reaffirms[0]",
        "is the record itself",
    ),
    "an agreement that says again what came later": (
        a_bundle(
            agreements=[
                an_agreement(date="2025", reaffirms=["later"]),
                an_agreement(id="later", date="2026-03"),
            ]
        ),
        "agreements[0].reaffirms[0]",
        '"later" is of 2026-03-01, later than 2025-12-31',
    ),
    "a promise that says again what was agreed at a later summit": (
        a_bundle(
            summits=[a_summit(starts_on="2025-02-07")],
            agreements=[an_agreement(summit="meeting")],
            commitments=[a_commitment(date="2025-02-06", reaffirms=["framework"])],
        ),
        "commitments[0].reaffirms[0]",
        '"framework" is of 2025-02-07, later than 2025-02-06',
    ),
    "what is said again, twice": (
        a_bundle(agreements=[an_agreement(), an_agreement(id="x", reaffirms=["framework"] * 2)]),
        "agreements[1].reaffirms[1]",
        '"framework" is named twice',
    ),
    "a partner twice": (
        a_bundle(commitments=[a_commitment(partners=["japan", "japan"])]),
        "commitments[0].partners[1]",
        '"japan" is named twice',
    ),
    "one who promises twice": (
        a_bundle(commitments=[a_commitment(by=["japan", "japan"])]),
        "commitments[0].by[1]",
        '"japan" is named twice',
    ),
    "one to whom it is owed twice": (
        a_bundle(commitments=[a_commitment(to=["japan", "japan"])]),
        "commitments[0].to[1]",
        '"japan" is named twice',
    ),
    "a relation to no summit": (
        a_bundle(agreements=[an_agreement(relation="outcome")]),
        "agreements[0].relation",
        "is a relation to no summit; name the summit, or leave it out",
    ),
    "a commitment at another summit than its agreement": (
        a_bundle(
            summits=[*MEETING, OTHER],
            agreements=[an_agreement(summit="meeting", relation="outcome")],
            commitments=[
                a_commitment(agreement="framework", summit="other-meeting", relation="outcome")
            ],
        ),
        "commitments[0].summit",
        'is not the one of its agreement "framework", which is "meeting"',
    ),
    "a commitment at a summit under an agreement of none": (
        a_bundle(
            summits=MEETING,
            agreements=[an_agreement()],
            commitments=[a_commitment(agreement="framework", summit="meeting", relation="context")],
        ),
        "commitments[0].summit",
        "is given, but its agreement has none",
    ),
    "a mention twice": (
        a_bundle(quotes=[a_quote(mentions=[a_mention(), a_mention(role="against")])]),
        "quotes[0].mentions[1].actor",
        '"japan" is named twice',
    ),
    "an agreement spoken of twice": (
        a_bundle(agreements=[an_agreement()], quotes=[a_quote(agreements=["framework"] * 2)]),
        "quotes[0].agreements[1]",
        '"framework" is named twice',
    ),
    "a topic twice": (
        a_bundle(documents=[a_document(topics=["trade", "energy", "trade"])]),
        "documents[0].topics[2]",
        '"trade" is named twice',
    ),
    "a digest without a length": (
        a_bundle(documents=[a_document(sha256="0" * 64)]),
        "documents[0].characters",
        "stands with sha256 or not at all; run readout verify --fix",
    ),
    "a length without a digest": (
        a_bundle(documents=[a_document(characters=3)]),
        "documents[0].characters",
        "stands with sha256 or not at all; run readout verify --fix",
    ),
}

RULES = SHAPE | VALUES | REFERENCES | EVIDENCE | FACTS | SENSE


@pytest.mark.parametrize("case", RULES)
def test_a_problem_is_reported_once_where_it_is(case: str, problems: Problems) -> None:
    bundle, address, message = RULES[case]
    assert problems(bundle) == [(address, message)]


SOUND: dict[str, Typed] = {
    "nothing at all": {},
    "a schema for the editor": a_bundle(**{"$schema": "https://example.org/bundle.json"}),
    "a document and a publisher without evidence": a_bundle(
        actors=[{"id": "press", "title": "The press", "kind": "publisher"}],
        documents=[a_document(publisher="press")],
    ),
    "a pledge of nothing by nobody": a_bundle(commitments=[a_commitment()]),
    "a sum of zero": a_bundle(commitments=[a_commitment(amount=0, currency="USD")]),
    "the largest sum": a_bundle(commitments=[a_commitment(amount=2**53 - 1, currency="JPY")]),
    "the same day, or a vaguer one, to be due": a_bundle(
        commitments=[
            a_commitment(date="2025-02-07", due="2025-02-07"),
            a_commitment(id="vague", date="2025-02-07", due="2025-02"),
        ]
    ),
    "a range, a share and a sum to come again": a_bundle(
        commitments=[
            a_commitment(
                measures=[
                    a_measure(50, upper=60, bound="between", unit="%", baseline="2019 levels"),
                    a_measure(3.5, unit="%", of="GDP", per="year", by="2035"),
                    a_measure(0, role="spent", currency="USD"),
                ]
            )
        ]
    ),
    "saying again what may be of the same day": a_bundle(
        agreements=[
            an_agreement(date="2025", reaffirms=["old"]),
            an_agreement(id="old", date="2025-12-31"),
            an_agreement(id="undated", reaffirms=["framework"]),
        ]
    ),
    "a part of a part": a_bundle(
        summits=[
            a_summit(),
            a_summit(id="session", part_of="meeting"),
            a_summit(id="talk", part_of="session"),
        ]
    ),
    "an end as vague as the start": a_bundle(
        summits=[a_summit(starts_on="2025-02-07", ends_on="2025")]
    ),
    "a passage of just the limit": a_bundle(
        actors=[an_actor(evidence=[a_proof(passage="x" * 300)])]
    ),
    "an astral character for one": a_bundle(
        actors=[an_actor(evidence=[a_proof(passage="😀" * 300)])]
    ),
    "two lines in a quote": a_bundle(quotes=[a_quote(text="We agreed.\nThey did.")]),
    "the same id for records of two types": a_bundle(
        agreements=[an_agreement(id="japan")], quotes=[a_quote(id="japan")]
    ),
    "people who act for each other": a_bundle(
        actors=[
            an_actor(),
            an_actor("one", kind="person", offices=[{"title": "Aide", "of": "two"}]),
            an_actor("two", kind="person", offices=[{"title": "Aide", "of": "one"}]),
        ]
    ),
    "something of a summit, of which no source says how": a_bundle(
        summits=MEETING, commitments=[a_commitment(summit="meeting")]
    ),
    "something beside a summit, as the source has it": a_bundle(
        summits=MEETING, commitments=[a_commitment(summit="meeting", relation="context")]
    ),
    "an agreement of nobody that a source names": a_bundle(agreements=[an_agreement(parties=[])]),
    "a quote inside its passage": a_bundle(
        quotes=[a_quote(text="words", evidence=[a_proof("text", "speaker")])]
    ),
    "a quote longer than its passage": a_bundle(
        quotes=[a_quote(text="In the words of the report.", evidence=[a_proof("text", "speaker")])]
    ),
    "a passage that only says who speaks": a_bundle(
        quotes=[a_quote(evidence=[a_proof("text"), a_proof("speaker", passage="it said")])]
    ),
    "a passage at the very end of the text": a_bundle(
        actors=[an_actor(evidence=[a_proof(passage="x" * 4, start=6)])],
        documents=[a_document(sha256="0" * 64, characters=10)],
    ),
    "one field proved by two passages": a_bundle(
        quotes=[a_quote(evidence=[a_proof("text", "speaker"), a_proof("speaker")])]
    ),
}


@pytest.mark.parametrize("case", SOUND)
def test_what_is_sound_has_no_problem(case: str, problems: Problems) -> None:
    assert problems(SOUND[case]) == []


def test_the_code_of_a_country_is_that_of_the_standard(problems: Problems) -> None:
    # Countries that are no more are taken, as history needs them; groups of them are none.
    codes = ["SU", "EU", "JP", "TW", "XK", "XX"]
    actors = [an_actor(code.lower(), country=code) for code in codes]
    assert [address for address, _ in problems(a_bundle(actors=actors))] == [
        "actors[1].country",
        "actors[5].country",
    ]


def test_every_record_of_a_circle_of_parts_is_told_the_way_round(problems: Problems) -> None:
    ring = ["first", "second", "third"]
    parts = [
        a_commitment(id=id_, part_of=whole)
        for id_, whole in zip(ring, [*ring[1:], ring[0]], strict=True)
    ]
    outside = a_commitment(id="outside", part_of="first")
    assert problems(a_bundle(commitments=[*parts, outside])) == [
        (
            f"commitments[{at}].part_of",
            "leads in a circle: " + " is part of ".join([*ring[at:], *ring[:at], ring[at]]),
        )
        for at in range(3)
    ]


def test_a_part_names_a_record_of_its_own_type(problems: Problems) -> None:
    bundle = a_bundle(agreements=[an_agreement()], commitments=[a_commitment(part_of="framework")])
    assert problems(bundle) == [("commitments[0].part_of", '"framework" is not a commitment')]
