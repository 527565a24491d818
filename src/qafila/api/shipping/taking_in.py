"""Parcels of another network come in: what its document asks for is booked on here, as an order of the API would be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import ValidationError

from qafila.api.shipping.offer_schema import OrderIn
from qafila.api.shipping.order_command import command_of
from qafila.context import Context
from qafila.core.fault import Conflict, Fault
from qafila.core.message import template
from qafila.openness.verifier import Key
from qafila.shipping import counter, handing
from qafila.shipping.bookings.booking import Booked
from qafila.shipping.offers.offering import NoOffer

NO_ORDER = template("handing.no_order", "The order in the document cannot be read at {place}: {why}.")
NOT_NOW = template("handing.not_now", "The parcels cannot be booked on at this moment.")
AGAIN = template("handing.again", "Ask again.")


class NoWay(Fault):
    """There is no way on from where the parcels come in."""

    kind = "no-offer"


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The parcels as they go on here, each beside its number there."""

    parcels: tuple[str, ...]
    there: tuple[str, ...]
    booking_id: str = ""


def take_in(context: Context, document: bytes, note: bytes, facility: str, keys: Sequence[Key]) -> TakenIn:
    """Books the parcels of a document on, all or none; once, however often it is sent.

    Args:
        context: the tenant that stands for the other network here.
        document: as the other network gave it.
        note: its signed note.
        facility: where they come in; found by the document's town if empty.
        keys: of the logs of networks that are known.

    Raises:
        Fault: the document is none, nobody known has signed it, or its order cannot be taken. NoWay: there is no way on.
        Conflict: the room went meanwhile.
    """
    said = handing.received(document, note, keys)
    there = tuple(handing.numbers_there(said))
    if known := handing.known_here(context.tenant, document):
        return TakenIn(tuple(known), there)
    order: dict[str, Any] = {**said["order"], "id": f"{said['from']}:{there[0]}"[-100:]}
    if facility:
        order["sender"] = {**order.get("sender", {}), "facility": facility}
    try:
        wanted = OrderIn.model_validate_json(json.dumps(order))
    except (ValidationError, ValueError, TypeError) as wrong:
        first = wrong.errors()[0] if isinstance(wrong, ValidationError) else {"loc": (), "msg": str(wrong)}
        place = "/".join(map(str, first["loc"])) or "order"
        raise Fault(NO_ORDER(place=place, why=str(first["msg"])[:200]), field="document") from None
    quote = counter.quote(context, partial(command_of, wanted), key=f"handover:{order['id']}")
    if isinstance(quote, list):
        raise Fault(quote[0].reason, quote[0].remedy, field="document")
    if isinstance(quote, NoOffer):
        raise NoWay(quote.reason, quote.remedy)
    made = counter.book(context, quote.offers[0].id, or_next_best=True)
    if not isinstance(made, Booked) or len(made.parcels) != len(there):
        raise Conflict(NOT_NOW(), AGAIN())
    place = quote.offers[0].itinerary.legs[0].from_facility
    handing.taken_in(context, said, document, note, made.parcels, place)
    return TakenIn(tuple(made.parcels), there, made.booking_id)
