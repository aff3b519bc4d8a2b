"""The service as the tutorials write it: FastAPI, SQLModel, relationships, response models.

`TEXTBOOK=sqlite:///file.db uvicorn bench.textbook:app`; a peer to measure, and no part of Readout.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query
from sqlalchemy.orm import selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, col, create_engine, or_, select

engine = create_engine(os.environ.get("TEXTBOOK", "sqlite://"))
app = FastAPI()


class Party(SQLModel, table=True):
    """Who takes part in what."""

    __tablename__ = "textbook_party"
    agreement_id: str = Field(foreign_key="textbook_agreement.id", primary_key=True)
    actor_id: str = Field(foreign_key="textbook_actor.id", primary_key=True)


class ActorBase(SQLModel):
    """An actor as it is read."""

    id: str = Field(primary_key=True)
    title: str


class Actor(ActorBase, table=True):
    """An actor."""

    __tablename__ = "textbook_actor"
    agreements: list["Agreement"] = Relationship(back_populates="parties", link_model=Party)


class AgreementBase(SQLModel):
    """An agreement, without those who made it."""

    id: str = Field(primary_key=True)
    place: int = Field(index=True)
    title: str
    kind: str
    status: str
    date: str | None
    summary: str


class Agreement(AgreementBase, table=True):
    """An agreement."""

    __tablename__ = "textbook_agreement"
    parties: list[Actor] = Relationship(back_populates="agreements", link_model=Party)


class AgreementRead(AgreementBase):
    """An agreement as it is read."""

    parties: list[ActorBase]


def session() -> Iterator[Session]:
    """A session for a request."""
    with Session(engine) as session:
        yield session


Db = Annotated[Session, Depends(session)]


@app.get("/agreements", response_model=list[AgreementRead])
def list_agreements(
    db: Db, q: str = "", offset: int = 0, limit: Annotated[int, Query(le=200)] = 20
) -> list[Agreement]:
    """A page."""
    query = select(Agreement).options(selectinload(Agreement.parties))  # type: ignore[arg-type] # as the tutorials do
    if q:
        query = query.where(
            or_(col(Agreement.title).contains(q), col(Agreement.summary).contains(q))
        )
    return list(db.exec(query.order_by(col(Agreement.place)).offset(offset).limit(limit)).all())


@app.get("/agreements/{id_}", response_model=AgreementRead)
def read_agreement(db: Db, id_: str) -> Agreement:
    """One of them."""
    agreement = db.get(Agreement, id_)
    if agreement is None:
        raise HTTPException(404)
    return agreement


_KEYS = ("title", "kind", "status", "date", "summary")


def fill(readout: Path, textbook: Path) -> None:
    """Write the agreements of a release into a database of this service."""
    filling = create_engine(f"sqlite:///{textbook}")
    SQLModel.metadata.create_all(
        filling, [table for name, table in SQLModel.metadata.tables.items() if "textbook" in name]
    )
    filling.dispose()
    with closing(sqlite3.connect(readout)) as ours, closing(sqlite3.connect(textbook)) as theirs:
        rows = ours.execute("SELECT ordinal, body FROM record WHERE type = 'agreement'")
        for place, body in rows:
            record = json.loads(body)
            theirs.execute(
                "INSERT INTO textbook_agreement VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    record["id"],
                    place,
                    *(record[k] for k in ("title", "kind", "status", "date", "summary")),
                ),
            )
            for party in record["parties"]:
                actor = party["actor"]
                theirs.execute(
                    "INSERT OR IGNORE INTO textbook_actor VALUES (?, ?)",
                    (actor["id"], actor["title"]),
                )
                theirs.execute(
                    "INSERT OR IGNORE INTO textbook_party VALUES (?, ?)",
                    (record["id"], actor["id"]),
                )
        theirs.commit()
