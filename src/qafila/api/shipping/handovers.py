"""/handovers: parcels leave this network at any facility for any other network or carrier, and come in from other networks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.authentication import BookingsWriter
from qafila.api.chassis.common_schema import In, shown
from qafila.api.chassis.problems import Problem, responses
from qafila.api.shipping import taking_in
from qafila.runtime.accounts.doors import public
from qafila.shipping import handing, partner_status, partners

router = APIRouter(prefix="/handovers", tags=["handovers"])
_DENIED = ("unauthorized", "insufficient-scope")


class HandOnIn(In):
    """A parcel that leaves."""

    model_config = shown({"parcel": "HA000000015MA", "facility": "SC-MA-CASABLANCA", "to": "Rif Express"})

    parcel: str = Field(max_length=40)
    parcels: list[Annotated[str, Field(max_length=40)]] = Field(
        default=[], max_length=99, description="others of the same shipment that leave with it"
    )
    whole: bool = Field(default=False, description="all parcels of its shipment")
    facility: str = Field(max_length=80, description="where it is now")
    to: str = Field(min_length=1, max_length=200, description="the network or carrier that takes it")


class HandoverOut(BaseModel):
    """What the other side needs: the document, and the signed note over its hash."""

    parcel: str
    parcels: list[str] = Field(description="all that left together")
    document: str = Field(description="JSON text; its order is in the form that POST /offers takes")
    note: str = Field(description="a signed note (C2SP) by the key of this network's log")


class ReceivedIn(In):
    """A parcel that comes from another network."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)  # a signature is over every letter

    document: str = Field(max_length=200_000)
    note: str = Field(max_length=20_000)
    facility: str = Field(
        default="", max_length=80, description="where it comes in here; found by its town if left out"
    )


class ReceivedOut(BaseModel):
    """The parcels as they go on here."""

    parcel: str = Field(description="the first one's number here")
    there: str = Field(description="its number at the network that handed it over")
    parcels: list[str] = Field(description="all their numbers here")
    there_all: list[str] = Field(description="their numbers there, in the same order")
    booking_id: str = ""


class QuestionIn(In):
    """What became of parcels that this network took in?"""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)  # a signature is over every letter

    note: str = Field(
        max_length=20_000, description="a signed note by the log's key of the network that handed them over"
    )


class StatusIn(In):
    """What the network that has the parcels tells of them."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    document: str = Field(max_length=4_000_000)
    note: str = Field(max_length=20_000)


class StatusOut(BaseModel):
    """What happened to the parcels, numbered, and the signed note over its hash."""

    document: str
    note: str


class TakenOut(BaseModel):
    """What came of it."""

    events: int = Field(description="events that were new here")


class ReferenceIn(In):
    """The number that the other network gave to a parcel."""

    reference: str = Field(min_length=1, max_length=100)


@router.post(
    "",
    operation_id="handOn",
    summary="Let a parcel leave this network",
    status_code=201,
    responses=responses(*_DENIED, "not-found", "not-possible", "invalid-request"),
)
def hand_on(asked: HandOnIn, actor: BookingsWriter, context: TheContext) -> HandoverOut:
    """The way of the parcel, and of those with it, is over here; the room that they had booked from there on is given back.
    Asked again it is the same. Of a shipment some may leave and others ride on."""
    numbers = (
        handing.whole_shipment(actor.tenant, asked.parcel) if asked.whole else (asked.parcel, *asked.parcels)
    )
    return _out(handing.hand_on(context.of(actor.tenant), numbers, asked.facility, asked.to))


def _out(done: handing.Handover) -> HandoverOut:
    return HandoverOut(
        parcel=done.parcel,
        parcels=list(done.parcels),
        document=done.document.decode(),
        note=done.note.decode(),
    )


@router.post(
    "/received",
    operation_id="takeIn",
    summary="Take in a parcel of another network",
    status_code=201,
    responses=responses(*_DENIED, "invalid-request", "no-offer", "not-possible", "full"),
)
def take_in(asked: ReceivedIn, actor: BookingsWriter, context: TheContext) -> ReceivedOut:
    """Books its parcels on, all or none, for whoever asks, who stands for the other network here; it must be signed by a network whose key
    is known (`QAFILA_PARTNER_NETWORKS`). It is in the log of each network. Asked again it is the same parcel."""
    keys = partners.keys_for(actor.tenant, context.now())
    done = taking_in.take_in(
        context.of(actor.tenant), asked.document.encode(), asked.note.encode(), asked.facility, keys
    )
    return ReceivedOut(
        parcel=done.parcels[0],
        there=done.there[0],
        parcels=list(done.parcels),
        there_all=list(done.there),
        booking_id=done.booking_id,
    )


@router.post(
    "/statuses",
    operation_id="askHandoverStatus",
    summary="Ask what became of parcels handed over",
    dependencies=[Depends(public)],
    responses=responses("not-found", "invalid-request"),
)
def ask_status(asked: QuestionIn, context: TheContext) -> StatusOut:
    """For the network that handed them over, which signs its question; no key of this API is needed. Docs: the open hub."""
    document, note = partner_status.answer(context, asked.note.encode())
    return StatusOut(document=document.decode(), note=note.decode())


@router.post(
    "/statuses/received",
    operation_id="takeInHandoverStatus",
    summary="Take in what another network tells",
    responses=responses(*_DENIED, "not-found", "not-possible", "invalid-request"),
)
def take_in_status(asked: StatusIn, actor: BookingsWriter, context: TheContext) -> TakenOut:
    """It becomes part of the parcels' histories: each event once, in its order. Partners with an address are asked each minute anyway."""
    keys = partners.keys_for("", context.now()) + partners.keys_for(actor.tenant, context.now())
    return TakenOut(
        events=partner_status.take_in(
            context.of(actor.tenant), asked.document.encode(), asked.note.encode(), keys
        )
    )


@router.post(
    "/{parcel}/reference",
    operation_id="referHandover",
    summary="Note a parcel's number at the other network",
    status_code=204,
    responses=responses(*_DENIED, "not-found", "invalid-request"),
)
def refer(parcel: str, asked: ReferenceIn, actor: BookingsWriter) -> None:
    """So that whoever asks for the parcel here is told where to ask on."""
    if not handing.refer(actor.tenant, parcel, asked.reference):
        raise Problem("not-found")
