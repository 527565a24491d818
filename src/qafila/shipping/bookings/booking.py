"""Booking: takes the room that an offer needs, all of it or none, and makes the shipment.

One transaction does all of it: it claims the orders, takes capacity on every departure, and writes
booking, legs, shipment, parcel and the beginning of the parcel's history. An order is booked once, and an
idempotency key answers the same question in the same way, however often it is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from psycopg import errors
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from qafila.core.fault import Conflict, NotFound
from qafila.core.message import Term
from qafila.network.timetable import Timetable
from qafila.runtime.database import engine
from qafila.runtime.database.connection import act_for, act_for_operator
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import NETWORK, Event, TimeKind, identify
from qafila.shipping.bookings import bookings_messages as m
from qafila.shipping.bookings import bookings_telling, capacity, store
from qafila.shipping.bookings.booking_batch import Batch, Booked, Full, Outcome, Refused, Request, replay
from qafila.shipping.offers.offer import Offer
from qafila.shipping.orders.order import Order
from qafila.tracking.event import ParcelEvent
from qafila.tracking.status import State, status

__all__ = [
    "Booked",
    "Full",
    "NotCancellable",
    "Outcome",
    "Refused",
    "Request",
    "UnknownBooking",
    "book",
    "book_best",
    "book_many",
    "book_together",
    "cancel",
    "find",
]

_ATTEMPTS = 8


def book(merchant_id: str, request: Request, timetable: Timetable, now: datetime) -> Outcome:
    """Books one offer; see `book_many`."""
    return book_many(merchant_id, [request], timetable, now)[0]


def book_many(
    merchant_id: str, requests: Sequence[Request], timetable: Timetable, now: datetime
) -> list[Outcome]:
    """Books offers in one transaction, earlier ones first in the claim to room; one outcome for each.

    `timetable` says how much room there is in all. `now` is the clock against which offers expire. Raises
    UnknownDeparture where an offer rides on what the timetable does not have.
    """

    def attempt(connection: Connection) -> list[Outcome]:
        return Batch(connection, merchant_id, requests, timetable, now).run(ends=True)

    return _retried(attempt)


class _NotAll(Exception):
    """One of several could not be booked: the others are undone."""

    def __init__(self, outcome: Full | Refused) -> None:
        super().__init__()
        self.outcome = outcome


def book_together(
    merchant_id: str, requests: Sequence[Request], timetable: Timetable, now: datetime
) -> list[Booked] | Full | Refused:
    """Books offers in one transaction, all of them or none: the shipments of one order, each from its facility."""

    def attempt(connection: Connection) -> list[Outcome]:
        outcomes = Batch(connection, merchant_id, requests, timetable, now).run()
        for outcome in outcomes:
            if not isinstance(outcome, Booked):
                raise _NotAll(outcome)
        return outcomes

    try:
        return [outcome for outcome in _retried(attempt) if isinstance(outcome, Booked)]
    except _NotAll as none:
        return none.outcome


def book_best(
    merchant_id: str,
    order: Order,
    search: Callable[[], tuple[Offer, Timetable] | None],
    idempotency_key: str,
    now: datetime,
    attempts: int = 50,
    content: str | None = None,
) -> Outcome | None:
    """Books the best offer there is: where it fills up in the meantime, searches again and books the next.

    `search` finds the best offer on what is left at the now of the call, or None. Returns None where
    there is no offer any more, and the last Full after `attempts` departures filled up under its hands.
    """
    outcome: Outcome | None = None
    for _ in range(attempts):
        found = search()
        if found is None:
            return None
        offer, timetable = found
        outcome = book(merchant_id, Request(order, offer, idempotency_key, content), timetable, now)
        if not isinstance(outcome, Full):
            return outcome
    return outcome


def _retried(attempt: Callable[[Connection], list[Outcome]]) -> list[Outcome]:
    """Runs a transaction, again where it only lost a race with another."""
    for n in range(_ATTEMPTS):
        try:
            with engine().begin() as connection:
                return attempt(connection)
        except DBAPIError as error:
            lost = isinstance(
                error.orig, errors.DeadlockDetected | errors.SerializationFailure | errors.UniqueViolation
            )
            if not lost or n == _ATTEMPTS - 1:
                raise
            time.sleep(0.005 * 2**n)
    raise AssertionError("unreachable")


def find(merchant_id: str, order_ids: Sequence[str]) -> dict[str, Booked]:
    """The standing bookings of some orders, by order: what a second run of a file need not book again."""
    with engine().begin() as connection:
        act_for(connection, merchant_id)
        _, by_order = store.bookings_like(connection, [], order_ids)
    return {id: replay(known) for id, known in by_order.items()}


class UnknownBooking(NotFound):
    """The merchant has no booking of this id."""


class NotCancellable(Conflict):
    """The parcel has left already."""

    kind = "not-cancellable"


def cancel(merchant_id: str, booking_id: str, now: datetime) -> bool:
    """Cancels a booking with all of its parcels and gives its room back, once: False where it was cancelled before.

    Raises UnknownBooking, and NotCancellable where the carrier has one of the parcels.
    """
    with engine().begin() as connection:
        act_for(connection, merchant_id)
        found = store.lock_booking(connection, booking_id)
        if found is None:
            raise UnknownBooking(m.UNKNOWN_BOOKING(booking=booking_id), value=booking_id)
        if found.cancelled_at is not None:
            return False
        seen = history.histories(connection, found.parcels)
        for number in found.parcels:
            where = status(seen.get(number, []), now)
            if where.state is not State.BOOKED:
                reason = m.NOT_CANCELLABLE(parcel=number, state=Term("state", where.state.value))
                raise NotCancellable(reason, m.SEND_BACK(), value=booking_id)
        store.mark_cancelled(connection, booking_id, now)
        kind, actual = ParcelEvent.CANCELLED, TimeKind.ACTUAL
        history.append(
            connection,
            merchant_id,
            [
                Event(n, identify(n, kind, actual, now), kind.value, actual.value, now, NETWORK)
                for n in found.parcels
            ],
        )
        held = store.held(connection, found)
        act_for_operator(connection)
        for demand in held:
            capacity.give_back(connection, demand)
            bookings_telling.tell_cancelled(connection, merchant_id, booking_id, demand, now)
    return True
