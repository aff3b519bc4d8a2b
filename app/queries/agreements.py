"""What leaders adopted, founded, stated or launched together."""

from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import select, union
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.queries.filters import (
    Asked,
    Found,
    Listing,
    Order,
    by_link,
    by_topic,
    by_value,
    having,
    linked,
    newest_first,
    ordinal,
    shared_links,
    starting,
    topic_links,
    within,
)
from app.queries.params import (
    ActorIds,
    DatedParams,
    Kinds,
    Relations,
    Says,
    Several,
    Statuses,
    SummitIds,
)
from app.records import Agreement
from app.store.tables import ActorPrincipal, AgreementActor, AgreementParty, AgreementRow
from app.vocabulary import AgreementKind, AgreementStatus, RecordType, Relation

_counted = aliased(AgreementActor, name="counted_actor")
# What someone finds who acts for another is more than what it is named in.
_acting = select(col(ActorPrincipal.actor))


class AgreementParams(DatedParams):
    """What can be asked of the list of agreements."""

    shape = Agreement

    actor: Annotated[ActorIds, Says("with {}", "Party", 1)] = Field((), examples=[["japan"]])
    """A party, someone who acts for a party, or someone for whom a party acts. Repeat it for
    *or*."""
    kind: Kinds[AgreementKind] = Field((), examples=[["framework"]])
    """What sort of thing was agreed. Repeat it for *or*."""
    status: Statuses[AgreementStatus] = Field((), examples=[["launched"]])
    """How far it has come. Repeat it for *or*."""
    relation: Relations[Relation] = Field((), examples=[["outcome"]])
    """An outcome of the summit, or context beside it. Repeat it for *or*."""
    summit: SummitIds = Field((), examples=[["us-japan-2025-02"]])
    """Of this summit. Repeat it for *or*."""
    sort: Literal["-date", "date", "title", "-title"] = Field("-date", examples=["-date"])
    """The order; `-` for descending, unknown dates last."""
    facet: Several[Literal["topic", "kind", "status", "relation"]] = Field((), examples=[["topic"]])
    """For JSON: count the result by the values of a closed filter. Repeat it for more."""


def agreements(asked: Asked, q: str = "q") -> Found:
    """The agreements that match."""
    found = starting(AgreementRow, RecordType.AGREEMENT, asked, q)
    if "principal" in asked:
        found = found.where(ordinal(AgreementRow).in_(_represented(asked)))
    else:
        found = linked(
            found, asked, "actor", AgreementRow, AgreementActor, col(AgreementActor.actor)
        )
    found = having(found, asked, "kind", col(AgreementRow.kind))
    found = having(found, asked, "status", col(AgreementRow.status))
    found = having(found, asked, "relation", col(AgreementRow.relation))
    return within(found, asked, AgreementRow)


def _represented(asked: Asked) -> Found:
    """Agreements of an actor itself, and those to which someone is a party for whom it acts."""
    own = select(ordinal(AgreementActor)).where(
        col(AgreementActor.actor).in_(asked.values("acting"))
    )
    of_principals = select(ordinal(AgreementParty)).where(
        col(AgreementParty.actor).in_(asked.values("principal"))
    )
    return select(union(own, of_principals).subquery().c.ordinal)


AGREEMENTS = Listing(
    kind=RecordType.AGREEMENT,
    path="/agreements",
    params=AgreementParams,
    row=AgreementRow,
    found=agreements,
    represented=True,
    orders={
        "-date": newest_first(AgreementRow),
        "date": Order(col(AgreementRow.date_up)),
        "title": Order(col(AgreementRow.title_up)),
        "-title": Order(col(AgreementRow.title_up), ascending=False),
    },
    links=shared_links()
    | {
        "actor": ordinal(AgreementActor),
    }
    | topic_links(),
    most={"actor": by_link(_counted, col(_counted.actor), col(_counted.actor).not_in(_acting))},
    facets={
        "topic": by_topic(RecordType.AGREEMENT),
        "kind": by_value(col(AgreementRow.kind)),
        "status": by_value(col(AgreementRow.status)),
        "relation": by_value(col(AgreementRow.relation)),
    },
)
