"""The types of record, each declared in a file of its own."""

from app.records import Record
from app.resources.actors import Actor
from app.resources.agreements import Agreement
from app.resources.commitments import Commitment
from app.resources.documents import Document
from app.resources.quotes import Quote
from app.resources.summits import Summit
from app.vocabulary import RecordType

SHAPES: dict[RecordType, type[Record]] = {
    RecordType.SUMMIT: Summit,
    RecordType.ACTOR: Actor,
    RecordType.AGREEMENT: Agreement,
    RecordType.COMMITMENT: Commitment,
    RecordType.QUOTE: Quote,
    RecordType.DOCUMENT: Document,
}
