"""The closed lists of the record: each value with the one sentence that defines it."""

from enum import StrEnum
from typing import Self

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Term(StrEnum):
    """A value of a closed list, and what it means."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        """Keep the sentence beside the value."""
        term = str.__new__(cls, value)
        term._value_ = value
        term.meaning = meaning
        return term

    @classmethod
    def glossary(cls) -> str:
        """Every value and its meaning, as a Markdown list."""
        return "\n".join(f"* `{term.value}`: {term.meaning}" for term in cls)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The values with their meanings, wherever the list is published."""
        published = handler(core)
        schema = handler.resolve_ref_schema(published)
        schema["description"] = f"{cls.__doc__}\n\n{cls.glossary()}"
        # As generators of clients read names and comments.
        schema["x-enum-varnames"] = [term.name for term in cls]
        schema["x-enum-descriptions"] = [term.meaning for term in cls]
        return published


class RecordType(Term):
    """What a record is about."""

    SUMMIT = "summit", "A meeting of leaders."
    ACTOR = "actor", "A person, state or body that takes part, is named, or publishes."
    AGREEMENT = "agreement", "What the parties adopted, founded, stated or launched together."
    COMMITMENT = "commitment", "What one or more actors promised or did, or are reported to do."
    QUOTE = "quote", "Words that someone is reported to have said."
    DOCUMENT = "document", "Where a fact comes from."

    @property
    def noun(self) -> str:
        """The type with its article: `an actor`."""
        return f"an {self.value}" if self.value.startswith("a") else f"a {self.value}"

    @property
    def plural(self) -> str:
        """The name of the resource, as in a path: `agreements`."""
        return f"{self.value}s"


KINDS = {kind.value: kind for kind in RecordType}
"""Each type of record by its name."""
PLURALS = {kind.plural: kind for kind in RecordType}
"""Each type of record by the name of its list."""
FACTS = (RecordType.AGREEMENT, RecordType.COMMITMENT, RecordType.QUOTE)
"""What a source says that somebody agreed, promised or said."""


class ActorKind(Term):
    """What sort of actor it is."""

    PERSON = "person", "A human being."
    COUNTRY_OR_AREA = "country_or_area", "A country or area, without a view of its status."
    ALLIANCE = "alliance", "An alliance or organization of states."
    GOVERNMENT_BODY = "government_body", "A ministry, agency, court or parliament."
    MILITARY_COMMAND = "military_command", "A command or headquarters of armed forces."
    COMPANY = "company", "A business."
    PUBLISHER = "publisher", "A newspaper, agency, site or other publisher of documents."
    INTERNATIONAL_ORGANIZATION = (
        "international_organization",
        "A body that states founded, with organs of its own.",
    )
    ARMED_GROUP = "armed_group", "A group under arms that is no state's force."
    PROJECT = "project", "A plan, plant, line or programme with a name."
    PLACE = "place", "An island, strait, region or town."
    OTHER = "other", "None of these."


class ParticipantRole(Term):
    """In which capacity an actor took part in a summit."""

    LEADER = "leader", "Met as the head of a delegation."
    COUNTRY = "country", "Was represented by a leader."
    DELEGATE = "delegate", "Took part beside a leader."
    OBSERVER = "observer", "Was present without taking part."
    HOST = "host", "Held the meeting, and took part."
    CHAIR = "chair", "Led the meeting."
    GUEST = "guest", "Was invited to a part of it."
    ABSENT = "absent", "Was expected, and did not take part."


class Way(Term):
    """How an actor comes to what a record tells."""

    SELF = "self", "It does, agrees or says it itself."
    OFFICE = "office", "A person who held an office for it on that day does."
    GROUP = "group", "A group of which it was a member on that day does."
    ATTENDED = "attended", "It attended the summit, and those for whom it spoke there do."


class PartyRole(Term):
    """In which capacity an actor is a party to an agreement."""

    PARTY = "party", "Agreed, adopted, stated, founded or launched it."
    SPEAKER = "speaker", "Said, for itself, that it was agreed."
    WITNESS = "witness", "Attended it without being bound."


class AgreementKind(Term):
    """What sort of thing was agreed."""

    JOINT_STATEMENT = "joint_statement", "A text that the parties issued together."
    TREATY = "treaty", "A text that binds the parties under international law."
    FRAMEWORK = "framework", "A standing arrangement for working together."
    INSTITUTION = "institution", "A body that was founded."
    POSITION = "position", "A stance that the parties stated together."
    UNDERSTANDING = "understanding", "Something agreed that has no text, name or body of its own."


class AgreementStatus(Term):
    """How far it has come, as the sources have it and no further."""

    STATED = "stated", "Was said by the parties or in their text."
    AGREED = "agreed", "Is reported as agreed."
    ISSUED = "issued", "Was given out as a text."
    SIGNED = "signed", "Was signed."
    ESTABLISHED = "established", "Was set up."
    LAUNCHED = "launched", "Was started."
    ENDED = "ended", "Is over."
    NOT_STATED = "not_stated", "The sources do not say."


class CommitmentKind(Term):
    """What sort of promise or action it is."""

    COOPERATION = "cooperation", "To work together on something, or more closely."
    DELIVERY = "delivery", "To hand over goods or services."
    INVESTMENT = "investment", "To put money into, or take part in, an economy or an enterprise."
    POLICY_CHANGE = "policy_change", "To change a law, a rule or a restriction."
    PUBLIC_SPENDING = "public_spending", "To spend public money on a purpose."
    SECURITY_GUARANTEE = "security_guarantee", "To defend someone or something."
    TRANSFER_OF_AUTHORITY = (
        "transfer_of_authority",
        "To pass command or responsibility from one body to another.",
    )
    OTHER = "other", "None of these."


class CommitmentStatus(Term):
    """How far it has come, as the sources have it and no further."""

    ANNOUNCED = "announced", "Was made public as a plan."
    UNDER_WAY = "under_way", "Has begun and is not finished."
    DONE = "done", "Has been carried out."
    MISSED = "missed", "Was not carried out when it was due."
    ABANDONED = "abandoned", "Was given up."
    NOT_STATED = "not_stated", "The promise simply stands, or the sources do not say."


class Standing(Term):
    """Whether it is new, or was agreed or promised before."""

    NEW = "new", "The source presents it as new."
    REAFFIRMED = "reaffirmed", "The source says again what was agreed or promised before."
    CONTINUED = "continued", "The source says that it goes on."
    NOT_STATED = "not_stated", "The source does not say."


class Act(Term):
    """Whether somebody promised it or did it."""

    PROMISE = "promise", "Somebody says that it will be done."
    DEED = "deed", "Somebody has done it."
    REPORT = "report", "The source tells of it as a fact, without a promise or a deed."


class MeasureRole(Term):
    """As what a figure is given."""

    PLEDGED = "pledged", "Somebody promises it."
    MOBILISED = "mobilised", "It is to be raised from others."
    GOAL = "goal", "It is aimed at."
    CALLED_FOR = "called_for", "Others are asked for it."
    SPENT = "spent", "It was given or spent."
    STATED = "stated", "The source gives it as a figure, and not as any of these."


class Bound(Term):
    """How exact a figure is."""

    EXACT = "exact", "It is given as it is."
    ABOUT = "about", "It is given as rounded or estimated."
    AT_LEAST = "at_least", "It is the least that is meant."
    MORE_THAN = "more_than", "What is meant is above it."
    UP_TO = "up_to", "It is the most that is meant."
    BETWEEN = "between", "It lies between two figures."


class MentionRole(Term):
    """As what a record names an actor that takes no part in it."""

    ABOUT = "about", "It is about this actor."
    AGAINST = "against", "It is directed against this actor, or what it does."
    ADDRESSED = "addressed", "This actor is asked to do something."
    SUPPORTED = "supported", "This actor is supported, or its part in something."


class Relation(Term):
    """How the source connects it with the summit."""

    OUTCOME = "outcome", "The source presents it as an outcome of the meeting."
    CONTEXT = "context", "The source reports it beside the meeting."


class DocumentKind(Term):
    """What sort of source it is."""

    NEWS_ARTICLE = "news_article", "A report by a publisher."
    JOINT_STATEMENT = "joint_statement", "A text that leaders issued together."
    SOCIAL_MEDIA_POST = "social_media_post", "A post on a social network."
    TREATY = "treaty", "The text of a treaty."
    SPEECH = "speech", "The text of remarks."
    TRANSCRIPT = "transcript", "A record of what was said, word by word."
    PRESS_RELEASE = "press_release", "A text that a body gave out to the press."
    COMMUNIQUE = "communique", "The text in which a meeting says what it came to."
    DECLARATION = "declaration", "A text in which leaders declare something together."
    FACT_SHEET = "fact_sheet", "A list of facts that a government gives out."
    READOUT = "readout", "A government's account of a meeting or call."
    REPORT = "report", "A study or account by a body."
    WEB_PAGE = "web_page", "A page of the web that is none of these."


OF_LEADERS = frozenset(
    [DocumentKind.JOINT_STATEMENT, DocumentKind.COMMUNIQUE, DocumentKind.DECLARATION]
)
"""Documents in which leaders speak themselves, whoever publishes the text."""


class ChangeAction(Term):
    """What happened to a record from one release to the next."""

    ADDED = "added", "It is new."
    CHANGED = "changed", "It says something else."
    RENAMED = "renamed", "It has another id; the former one leads to it."
    WITHDRAWN = "withdrawn", "It was taken out, for a reason."


class Attribution(Term):
    """In whose voice the passage speaks."""

    DIRECT_QUOTE = "direct_quote", "The source quotes the words of a person or document."
    ATTRIBUTED = "attributed", "The source says that a person or document says so."
    REPORTED = "reported", "The source says so in its own voice."


class DraftPart(Term):
    """The sorts of what a draft says that can be on record."""

    QUOTATION = "quotation", "Words between quotation marks."
    FIGURE = "figure", "A sum of money or another quantity."
    PROMISE = "promise", "A sentence in which somebody promises something."


class Verdict(Term):
    """How something in a draft stands on record; never whether it is true."""

    VERBATIM = "verbatim", "The words stand so in a source, typography aside."
    ALTERED = "altered", "A source has these words, but not so, or not from whom they are said."
    ON_RECORD = "on_record", "A record of whom the sentence names has this figure or promise."
    DIFFERS = (
        "differs",
        "Actor, unit and words are those of a record, but the figure, its bound or the act is not.",
    )
    NOT_ON_RECORD = (
        "not_on_record",
        "The record has no such thing, which is not to say it is false.",
    )


class DifferenceKind(Term):
    """How words of a draft differ from those on record."""

    LEFT_OUT = "left_out", "The source has words between these."
    ADDED = "added", "The source does not have these words."
    CHANGED = "changed", "The source has other words there."
    NUMBER = "number", "The source has another number there, or none."
    NEGATION = "negation", "One says no where the other does not."
    BOUND = "bound", "The record has the figure as more, or less, exact: `more than`, `up to`."
    ACT = "act", "The draft has it as promised, or done, and the record as something else."
    SPEAKER = "speaker", "On record they are from somebody else."
    JOINED = "joined", "They stand in several passages of one source."


class RecordState(Term):
    """What became of a record since it was published."""

    CURRENT = "current", "It is as it was published first."
    CORRECTED = "corrected", "A later release corrected it, or told what came of it."
    WITHDRAWN = "withdrawn", "A later release took it back."
