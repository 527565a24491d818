"""What the log records of bookings: who got which room, who got none and why, and what was given back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from qafila.core.message_json import to_json
from qafila.openness import openness_recording, store
from qafila.openness.kinds import Difference, Values
from qafila.openness.model import Decision, Entry
from qafila.runtime.database import merchant_transaction
from qafila.shipping.bookings.booking_outcomes import Booked, Full, Outcome, Request
from qafila.shipping.bookings.capacity import Demand, departures
from qafila.shipping.offers import offers_deciding
from qafila.shipping.orders.order import Problem

BOOKING, NOT_BOOKED, CANCELLATION, REBOOKING = (
    "shipping.booking", "shipping.not_booked", "shipping.cancellation", "shipping.rebooking",
)  # fmt: skip


def tell(
    connection: Connection,
    merchant_id: str,
    requests: Sequence[Request],
    outcomes: Sequence[Outcome],
    documents: Sequence[bytes],
    now: datetime,
    seen: Sequence[Any] | None = None,
    ends: bool = False,
) -> None:
    """Records what became of requests to book, in the order in which they laid claim to room.

    Args:
        connection: that of the booking, as the operator.
        merchant_id: who asked.
        requests: what was asked, with their outcomes beside.
        outcomes: what became of each; what an earlier request had booked is not told again.
        documents: the orders as JSON.
        now: the clock of the booking.
        seen: what `store.NOW` answered in this transaction, where it was asked together with other statements.
        ends: whether the transaction ends with this.
    """
    told = [
        _decision(merchant_id, request, outcome, document, now)
        for request, outcome, document in zip(requests, outcomes, documents, strict=True)
        if not (isinstance(outcome, Booked) and outcome.replayed)
    ]
    openness_recording.record(connection, told, seen, ends)


def _decision(
    merchant_id: str, request: Request, outcome: Outcome, document: bytes, now: datetime
) -> Decision:
    order, offer = request.order, request.offer
    said: dict[str, Any] = {"from": order.sender.country, "to": order.receiver.country}
    if not isinstance(outcome, Booked):
        said["why"] = "full" if isinstance(outcome, Full) else outcome.code
        why: Any = (
            "/".join(map(str, outcome.departure)) if isinstance(outcome, Full) else to_json(outcome.reason)
        )
        hidden = {"why": orjson.dumps(why), "offer": orjson.dumps(offer.id)}
        return Decision(NOT_BOOKED, order.id, now, said, hidden, merchant_id)
    ways = Demand(departures(offer.itinerary.legs), order.grams, order.cm3, order.service_class)
    booked = {
        "order": order.id,
        "offer": offer.id,
        "parcel": outcome.parcel,
        "parcels": list(outcome.parcels),
        "price": str(offer.price.amount),
        "currency": offer.price.currency,
        "promise": offer.promise.by.isoformat(),
        "value": str(order.value.amount),
        "value_currency": order.value.currency,
        "place": order.receiver.facility_id,
    }
    hidden = {"booked": orjson.dumps(booked), "room": orjson.dumps(room(ways))}
    if request.basis is None:
        return Decision(BOOKING, outcome.booking_id, now, said, hidden, merchant_id)
    made = offers_deciding.decision(merchant_id, order, document, request.basis, [offer], now)
    return Decision(
        BOOKING, outcome.booking_id, now, said, {**made.hidden, **hidden}, merchant_id, made.personal
    )


def room(demand: Demand) -> dict[str, Any]:
    """What a booking takes of departures, as JSON."""
    return {
        "departures": ["/".join(map(str, one)) for one in demand.departures],
        "grams": demand.grams,
        "cm3": demand.cm3,
        "class": demand.service_class,
    }


def tell_cancelled(
    connection: Connection, merchant_id: str, booking_id: str, demand: Demand, now: datetime
) -> None:
    """Records that a booking was cancelled and its room given back. As the operator."""
    hidden = {"room": orjson.dumps(room(demand))}
    openness_recording.record(connection, [Decision(CANCELLATION, booking_id, now, {}, hidden, merchant_id)])


def tell_rebooked(
    connection: Connection,
    merchant_id: str,
    booking_id: str,
    given_back: Demand,
    taken: Demand,
    now: datetime,
) -> None:
    """Records that a parcel which missed its connection was booked on. As the operator, or as the merchant."""
    hidden = {"given_back": orjson.dumps(room(given_back)), "room": orjson.dumps(room(taken))}
    openness_recording.record(connection, [Decision(REBOOKING, booking_id, now, {}, hidden, merchant_id)])


def tell_refused(merchant_id: str, refused: Mapping[str, Sequence[Problem]], now: datetime) -> None:
    """Records that orders of a file were refused, by the order's id, and why. A transaction of its own."""
    told = [
        Decision(
            offers_deciding.REFUSAL,
            id,
            now,
            {"offers": 0},
            {"why": orjson.dumps([{"field": one.field, "reason": str(one.reason)} for one in problems])},
            merchant_id,
        )
        for id, problems in refused.items()
    ]
    if told:
        with merchant_transaction(merchant_id) as connection:
            openness_recording.record(connection, told)


Totals = Callable[[Mapping[str, Any], Sequence[str]], list[tuple[int, int] | None]]
"""Payload (g) and volume (cm³) of departures, given as `service/day/call`, by the recorded inputs of an offer."""


def first_looks(
    decisions: Sequence[tuple[Entry, Values]], totals: Totals, held: frozenset[str]
) -> list[Difference]:
    """Offers that were made on another room than there was: some saw room that was gone, or not what was there.

    Every booking in the log that the offer's look could see counts, and no other. Departures of which a plan holds
    something for a service class are left out, and offers of which the look is not known (those of files).

    Args:
        decisions: entries with their opened values, in the order in which they were recorded.
        totals: the room of departures in all.
        held: departures with reservations.
    """
    gone = taken(decisions)
    found: list[Difference] = []
    for entry, values in decisions:
        said = values.get("inputs")
        if not said or "order" not in values or not said["snapshot"]:
            continue
        grams, cm3 = _size(values["order"])
        stated = set(said["full"])
        wanted = sorted((gone.keys() | stated) - held)
        for departure, total in zip(wanted, totals(said, wanted), strict=True):
            if total is None:
                continue  # not in the timetable that was looked at
            left_g, left_cm3 = total
            for tx, g, v in gone.get(departure, ()):
                if store.saw(said["snapshot"], tx):
                    left_g, left_cm3 = left_g - g, left_cm3 - v
            full = left_g < grams or left_cm3 < cm3
            if full != (departure in stated):
                found.append(Difference(entry, "room", departure, _word(departure in stated), _word(full)))
    return found


def taken(decisions: Sequence[tuple[Entry, Values]]) -> dict[str, list[tuple[str, int, int]]]:
    """What bookings of a log took of each departure, and gave back: transaction, grams, cm³."""
    found: dict[str, list[tuple[str, int, int]]] = {}
    for entry, values in decisions:
        for field, sign in (("given_back", -1), ("room", -1 if entry.kind == CANCELLATION else 1)):
            for departure in values[field]["departures"] if field in values else ():
                grams, cm3 = sign * values[field]["grams"], sign * values[field]["cm3"]
                found.setdefault(departure, []).append((_tx(entry), grams, cm3))
    return found


def _word(full: bool) -> str:
    return "full" if full else "room"


def _tx(entry: Entry) -> str:
    return str(orjson.loads(entry.entry)["said"]["tx"])


def _size(order: Mapping[str, Any]) -> tuple[int, int]:
    boxes = order.get("parcels") or [order]
    volumes = [box["length_mm"] * box["width_mm"] * box["height_mm"] for box in boxes]
    return order["grams"], sum(-(-volume // 1000) for volume in volumes)
