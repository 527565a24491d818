"""/handovers: parcels leave this network at any facility for any other network or carrier, and come in from other networks."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qafila.api.chassis import messages as say
from qafila.api.chassis.asking import TheContext
from qafila.api.chassis.authentication import BookingsWriter
from qafila.api.chassis.common_schema import In, shown
from qafila.api.chassis.problems import Problem, responses
from qafila.api.shipping.offer_schema import OrderIn
from qafila.api.shipping.order_command import command_of
from qafila.openness.verifier import read_key
from qafila.runtime.settings import settings
from qafila.shipping import counter, handing
from qafila.shipping.bookings.booking import Booked
from qafila.shipping.offers.offering import NoOffer

router = APIRouter(prefix="/handovers", tags=["handovers"])
_DENIED = ("unauthorized", "insufficient-scope")


class HandOnIn(In):
    """A parcel that leaves."""

    model_config = shown({"parcel": "HA000000015MA", "facility": "SC-MA-CASABLANCA", "to": "Rif Express"})

    parcel: str = Field(max_length=40)
    facility: str = Field(max_length=80, description="where it is now")
    to: str = Field(min_length=1, max_length=200, description="the network or carrier that takes it")


class HandoverOut(BaseModel):
    """What the other side needs: the document, and the signed note over its hash."""

    parcel: str
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
    """The parcel as it goes on here."""

    parcel: str = Field(description="its number here")
    there: str = Field(description="its number at the network that handed it over")
    booking_id: str = ""


class ReferenceIn(In):
    """The number that the other network gave to a parcel."""

    reference: str = Field(min_length=1, max_length=100)


@router.post("", operation_id="handOn", summary="Let a parcel leave this network", status_code=201,
             responses=responses(*_DENIED, "not-found", "not-possible", "invalid-request"))  # fmt: skip
def hand_on(asked: HandOnIn, actor: BookingsWriter, context: TheContext) -> HandoverOut:
    """The parcel's way here is over; the room that it had booked from there on is given back. Asked again it is the same."""
    done = handing.hand_on(context.of(actor.tenant), asked.parcel, asked.facility, asked.to)
    return HandoverOut(parcel=done.parcel, document=done.document.decode(), note=done.note.decode())


@router.post("/received", operation_id="takeIn", summary="Take in a parcel of another network", status_code=201,
             responses=responses(*_DENIED, "invalid-request", "no-offer", "not-possible", "full"))  # fmt: skip
def take_in(asked: ReceivedIn, actor: BookingsWriter, context: TheContext) -> ReceivedOut:
    """Books the parcel on for whoever asks, who stands for the other network here; it must be signed by a network whose key
    is known (`QAFILA_PARTNER_NETWORKS`). It is in the log of each network. Asked again it is the same parcel."""
    here = context.of(actor.tenant)
    document, note = asked.document.encode(), asked.note.encode()
    said = handing.received(document, note, [read_key(one) for one in settings().partner_networks])
    if (known := handing.known_here(actor.tenant, document)) is not None:
        return ReceivedOut(parcel=known, there=str(said["parcel"]))
    order: dict[str, Any] = {**said["order"], "id": f"{said['from']}:{said['parcel']}"[-100:]}
    if asked.facility:
        order["sender"] = {**order.get("sender", {}), "facility": asked.facility}
    try:
        wanted = OrderIn.model_validate_json(json.dumps(order))
    except ValidationError as wrong:
        raise RequestValidationError(wrong.errors(include_url=False, include_context=False)) from None
    quote = counter.quote(here, partial(command_of, wanted), key=f"handover:{order['id']}")
    if isinstance(quote, list):
        raise Problem("invalid-request", quote[0].reason, quote[0].remedy)
    if isinstance(quote, NoOffer):
        raise Problem("no-offer", quote.reason, quote.remedy)
    made = counter.book(here, quote.offers[0].id, or_next_best=True)
    if not isinstance(made, Booked):
        raise Problem("not-possible", say.NOT_BOOKED_ON(), say.ASK_AGAIN())
    place = quote.offers[0].itinerary.legs[0].from_facility
    handing.taken_in(here, said, document, note, made.parcels[0], place)
    return ReceivedOut(parcel=made.parcels[0], there=str(said["parcel"]), booking_id=made.booking_id)


@router.post("/{parcel}/reference", operation_id="referHandover", summary="Note a parcel's number at the other network",
             status_code=204, responses=responses(*_DENIED, "not-found", "invalid-request"))  # fmt: skip
def refer(parcel: str, asked: ReferenceIn, actor: BookingsWriter) -> None:
    """So that whoever asks for the parcel here is told where to ask on."""
    if not handing.refer(actor.tenant, parcel, asked.reference):
        raise Problem("not-found")
