"""/privacy: a person's data given and erased, who read what, and how long what is kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from qafila.api.chassis.api_asking import Now, TheFeed
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import In, shown
from qafila.api.chassis.paging import Limit
from qafila.api.chassis.problems import responses
from qafila.openness.privacy import privacy_rules, reads, service
from qafila.openness.seeing import seeing
from qafila.runtime.accounts.doors import public
from qafila.runtime.accounts.model import Actor

router = APIRouter(prefix="/privacy", tags=["privacy"])
Reader = Annotated[Actor, Depends(requires("privacy:read"))]
Giver = Annotated[Actor, Depends(requires("privacy:give"))]
Eraser = Annotated[Actor, Depends(requires("privacy:erase"))]
_DENIED = ("unauthorized", "insufficient-scope")


class WhoIn(In):
    """Who is meant: the receiver of orders of yours."""

    model_config = shown({"who": "claire@example.org"})

    who: str = Field(
        max_length=200,
        description="number of an order or a parcel, e-mail, phone or full name of the receiver",
    )


class GivenOut(BaseModel):
    """Everything about a person, by the table or place where it lies."""

    orders: list[str]
    data: dict[str, Any]


class LockedOut(BaseModel):
    """What law obliges us to keep: sealed apart, and gone on its day."""

    table: str
    rows: int
    law: str
    source: str
    until: date


class ErasedOut(BaseModel):
    """What an erasure did."""

    request: str
    orders: list[str]
    rows: dict[str, int] = Field(description="rows in which something was replaced, or that went, by table")
    locked: list[LockedOut]
    log_values: int = Field(description="values behind commitments of the log; the log stays valid")
    files: int
    keys: int = Field(description="keys of persons that went, and with them all that was sealed under them")


class ReadOut(BaseModel):
    """A look at data of yours."""

    at: datetime
    by_tenant: str
    by_name: str
    what: str
    subject: str


class RetentionOut(BaseModel):
    """How long a kind of data is kept in a territory."""

    kind: str
    territory: str
    days: int
    law: str
    source: str
    confidence: str


@router.post(
    "/persons",
    operation_id="givePersonsData",
    summary="Give a person's data",
    responses=responses(*_DENIED, "not-found", "invalid-request"),
)
def give(asked: WhoIn, actor: Giver) -> GivenOut:
    """Everything about a receiver of your orders, and who read it."""
    reads.flush()
    person, data = service.give(actor.tenant, asked.who)
    return GivenOut(orders=list(person.orders), data=data)


@router.post(
    "/erasures",
    operation_id="erasePersonsData",
    summary="Erase a person's data",
    status_code=201,
    responses=responses(*_DENIED, "not-found", "invalid-request", "not-possible"),
)
def erase(asked: WhoIn, actor: Eraser, now: Now, feed: TheFeed) -> ErasedOut:
    """Erases a receiver in orders, offers, histories, files and behind the log's commitments. What law obliges us to keep is
    locked instead, and `locked` says by which law and until when."""
    done = service.erase(actor.tenant, asked.who, actor.signature, feed, now)
    return ErasedOut.model_validate(done.document())


@router.get(
    "/reads",
    operation_id="listReads",
    summary="Who read what",
    responses=responses(*_DENIED, "invalid-request"),
)
def read(actor: Reader, subject: str = "", others: bool = False, limit: Limit = 200) -> list[ReadOut]:
    """Looks at data of yours, the newest first; the hub and the regulator see everybody's.

    `subject` is the id of what was looked at; `others` leaves out your own people and keys."""
    reads.flush()
    with seeing(actor) as connection:
        return [
            ReadOut(
                at=one.at, by_tenant=one.by_tenant, by_name=one.by_name, what=one.what, subject=one.subject
            )
            for one in reads.newest(connection, subject, others, limit)
        ]


@router.get(
    "/retention",
    operation_id="listRetention",
    summary="How long data are kept",
    dependencies=[Depends(public)],
)
def retention() -> list[RetentionOut]:
    """By kind and territory, with law and source."""
    return [
        RetentionOut(
            kind=r.kind,
            territory=r.territory,
            days=r.days,
            law=r.law,
            source=r.source,
            confidence=r.confidence,
        )
        for r in privacy_rules.retention()
    ]
