"""One booking transaction: what is asked, what becomes of it, and the steps between."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, text

from qafila.network.timetable import Timetable
from qafila.openness import store as log
from qafila.runtime.answered.keys import KeyReused
from qafila.runtime.database.connection import act_for, act_for_operator
from qafila.runtime.database.together import Asked, together
from qafila.runtime.events import store as history
from qafila.shipping.bookings import archive, bookings_telling, capacity, numbering, store
from qafila.shipping.bookings import bookings_messages as m
from qafila.shipping.bookings.booking_outcomes import Booked, Full, Outcome, Refused, Request
from qafila.shipping.bookings.capacity import Demand, UnknownDeparture
from qafila.shipping.bookings.written_json import order_document
from qafila.tracking.event import planned_events

_FEW = 20
"""Bookings whose legs and events go with the other statements; more of them are copied."""

_LOCK = text(
    "SELECT order_id, CAST(document AS text) FROM orders WHERE order_id = ANY(:ids) ORDER BY order_id FOR UPDATE"
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What requests need: room, in departures of so much in all, and numbers for their boxes."""

    demands: list[Demand]
    totals: dict[capacity.Departure, tuple[int, int]]
    boxes: int


@dataclass(frozen=True, slots=True)
class _AskedFor:
    """What was asked for them; the answers are there when what travelled together has ended."""

    wanted: _Wanted
    numbers: numbering.Reserved
    locked: Any


class Batch:
    """The state of one booking transaction."""

    def __init__(
        self,
        connection: Connection,
        merchant_id: str,
        requests: Sequence[Request],
        timetable: Timetable,
        now: datetime,
    ) -> None:
        self._db = connection
        self._merchant = merchant_id
        self._requests = requests
        self._timetable = timetable
        self._now = now
        self._asked_for: _AskedFor | None = None
        self._documents = [order_document(r.order) for r in requests]
        self._fingerprints = [
            hashlib.sha256(document if r.content is None else r.content.encode()).digest()
            for r, document in zip(requests, self._documents, strict=True)
        ]

    def run(self, ends: bool = False) -> list[Outcome]:
        """Claims, takes, writes; `ends` says whether nothing else is done in the transaction."""
        outcomes: list[Outcome | None] = [None] * len(self._requests)
        self._settle_known(outcomes, self._claim_orders())
        self._settle_late(outcomes)
        self._settle_repeated(outcomes)
        open_ = [i for i, outcome in enumerate(outcomes) if outcome is None]
        asked_for = self._asked_for
        if asked_for is None or len(open_) < len(self._requests):
            if asked_for is not None:
                asked_for.numbers.take(0)  # the next bookings have them
            wanted = self._wanted(open_)
            with together(self._db) as asked:
                asked_for = self._ask(asked, wanted)
        demands, totals = asked_for.wanted.demands, asked_for.wanted.totals
        numbers = asked_for.numbers
        claimed = capacity.claim(self._db, demands, totals, asked_for.locked.fetchall())
        booked = []
        for i, departure in zip(open_, claimed.answers, strict=True):
            if departure is None:
                booked.append(i)
            else:
                outcomes[i] = Full(self._requests[i].order.id, departure)
        boxes = list(map(self._boxes, booked))
        given, now = iter(numbers.take(sum(boxes))), None
        if booked:
            made_of_these, now = self._write(
                booked, [tuple(islice(given, count)) for count in boxes], claimed
            )
            for i, made in zip(booked, made_of_these, strict=True):
                outcomes[i] = made
        self._settle_twins(outcomes)
        made_of_all = [outcome for outcome in outcomes if outcome is not None]
        bookings_telling.tell(
            self._db, self._merchant, self._requests, made_of_all, self._documents, self._now, now, ends
        )
        return made_of_all

    def _wanted(self, open_: Sequence[int]) -> _Wanted:
        """What some requests need. Raises UnknownDeparture."""
        demands = [self._demand(i) for i in open_]
        totals = capacity.departures_of(self._timetable).totals(
            list({departure for demand in demands for departure in demand.departures})
        )
        return _Wanted(demands, totals, sum(map(self._boxes, open_)))

    def _ask(self, asked: Asked, wanted: _Wanted) -> _AskedFor:
        """Asks for numbers and for the room, which is locked from then on."""
        numbers = numbering.Reserved(asked, wanted.boxes)
        return _AskedFor(wanted, numbers, capacity.lock(asked, wanted.demands, wanted.totals))

    def _boxes(self, i: int) -> int:
        return len(self._requests[i].order.parcels) or 1

    def _demand(self, i: int) -> Demand:
        request = self._requests[i]
        return Demand(
            capacity.departures(request.offer.itinerary.legs),
            request.order.grams,
            request.order.cm3,
            request.order.service_class,
        )

    def _claim_orders(self) -> list[Any]:
        """Makes the orders that are new and locks all of them: nobody else books them meanwhile.

        Returns:
            what was booked of them, or under one of the keys, as `store.known_bookings` takes it. From then on it is the
            operator who acts.
        """
        documents = {r.order.id: d for r, d in zip(self._requests, self._documents, strict=True)}
        said, like = self._lock(sorted(documents))
        if len(said) < len(documents):
            act_for(self._db, self._merchant)
            archive.insert_orders(self._db, self._merchant, documents)
            said, like = self._lock(sorted(documents))
        self._said_otherwise = {id for id, document in documents.items() if said[id] != document.decode()}
        return like

    def _lock(self, orders: list[str]) -> tuple[dict[str, str], list[Any]]:
        """What the orders that are there say, and what `store.known_bookings` takes.

        What a few bookings of kept offers need is asked for at once, for nearly always each of them is made. Their orders are
        there, so that all lock orders before departures.
        """
        wanted = None
        if len(self._requests) <= _FEW and all(r.kept for r in self._requests):
            with suppress(UnknownDeparture):  # told when it is sure that the offer would be booked
                wanted = self._wanted(range(len(self._requests)))
        with together(self._db) as asked:
            act_for(asked, self._merchant, often=len(self._requests) <= _FEW)
            locked = asked.execute(_LOCK, {"ids": orders})
            like = store.ask_like(asked, [r.idempotency_key for r in self._requests], orders)
            act_for_operator(asked)
            if wanted is not None:
                self._asked_for = self._ask(asked, wanted)
        return dict(locked.fetchall()), like.fetchall()

    def _settle_known(self, outcomes: list[Outcome | None], like: list[Any]) -> None:
        """Answers what an earlier transaction booked: the same again while it stands, or the conflict."""
        by_key, by_order = store.known_bookings(like)
        for i, request in enumerate(self._requests):
            if (known := by_key.get(request.idempotency_key)) is not None:
                if known.fingerprint != self._fingerprints[i]:
                    outcomes[i] = _key_reused(request)
                elif known.cancelled_at is None:
                    outcomes[i] = replay(known)
                else:
                    outcomes[i] = Refused(
                        request.order.id,
                        "booking-cancelled",
                        m.CANCELLED(booking=known.booking_id, time=known.cancelled_at),
                        m.ASK_OR_NEW_KEY(),
                    )
            elif (known := by_order.get(request.order.id)) is not None:
                outcomes[i] = Refused(
                    request.order.id,
                    "already-booked",
                    m.ALREADY_BOOKED(order=request.order.id, booking=known.booking_id),
                    m.USE_OR_CANCEL(),
                )

    def _settle_late(self, outcomes: list[Outcome | None]) -> None:
        """Refuses offers that have run out, and those whose first cut-off has passed."""
        for i, request in enumerate(self._requests):
            if outcomes[i] is not None:
                continue
            offer, legs = request.offer, request.offer.itinerary.legs
            if offer.valid_until < self._now:
                outcomes[i] = Refused(
                    request.order.id,
                    "offer-expired",
                    m.OFFER_EXPIRED(offer=offer.id, time=offer.valid_until),
                    m.ASK_NEW_OFFER(),
                )
            elif legs and legs[0].board_by < self._now:
                outcomes[i] = Refused(
                    request.order.id,
                    "cut-off-passed",
                    m.CUT_OFF_PASSED(service=legs[0].service_id, time=legs[0].board_by),
                    m.ASK_NEW_OFFER(),
                )

    def _settle_repeated(self, outcomes: list[Outcome | None]) -> None:
        """Within one batch too, a key is used once and an order booked once; twins wait for the first."""
        keys: dict[str, int] = {}
        orders: dict[str, int] = {}
        self._twins: dict[int, int] = {}
        for i, request in enumerate(self._requests):
            if outcomes[i] is not None:
                continue
            first = keys.setdefault(request.idempotency_key, i)
            if first != i:
                if self._fingerprints[first] == self._fingerprints[i]:
                    self._twins[i] = first
                outcomes[i] = _key_reused(request)
            elif orders.setdefault(request.order.id, i) != i:
                outcomes[i] = Refused(
                    request.order.id,
                    "already-booked",
                    m.TWICE(order=request.order.id),
                    m.ONCE(),
                )

    def _settle_twins(self, outcomes: list[Outcome | None]) -> None:
        for i, first in self._twins.items():
            made = outcomes[first]
            if isinstance(made, Booked):
                made = replace(made, replayed=True, request=None)
            outcomes[i] = made

    def _write(
        self, booked: list[int], numbers: list[tuple[str, ...]], claimed: capacity.Claim
    ) -> tuple[list[Booked], Any]:
        """Writes what was claimed, bookings as the merchant, and legs and histories as the operator; tells the transaction's
        number too (log.NOW)."""
        made = [
            Booked(
                self._requests[i].order.id,
                numbering.new_id("bkg"),
                numbering.new_id("shp"),
                of_it,
                self._requests[i].offer.id,
                self._now,
                request=self._requests[i] if len(booked) <= _FEW else None,  # a file keeps none of them
            )
            for i, of_it in zip(booked, numbers, strict=True)
        ]
        written = [
            store.Written(
                b.booking_id,
                b.shipment_id,
                b.parcels,
                b.booked_at,
                self._requests[i].order,
                self._requests[i].offer,
                self._documents[i],
                self._requests[i].idempotency_key,
                self._fingerprints[i],
                self._requests[i].kept,
            )
            for b, i in zip(made, booked, strict=True)
        ]
        ways = ((w.booking_id, w.offer.itinerary.legs) for w in written)
        events = (
            event
            for w in written
            for number in w.parcels
            for event in planned_events(number, w.offer.itinerary.legs, self._now)
        )
        few = len(written) <= _FEW
        with together(self._db) as asked:
            claimed.write(asked)
            act_for(asked, self._merchant)
            if anew := [w for w in written if w.order.id in self._said_otherwise]:
                store.renew_orders(asked, anew)
            store.write_bookings(asked, self._merchant, written)
            act_for_operator(asked)
            if few:
                store.add_legs(asked, self._merchant, ways)
                history.begin_few(asked, self._merchant, events)
            now = asked.execute(log.NOW)
        if not few:
            store.write_legs(self._db, self._merchant, ways)
            history.begin(self._db, self._merchant, events)
        return made, now.fetchone()


__all__ = ["Batch", "Booked", "Full", "Outcome", "Refused", "Request", "replay"]


def replay(known: store.KnownBooking) -> Booked:
    return Booked(
        known.order_id,
        known.booking_id,
        known.shipment_id,
        known.parcels,
        known.offer_id,
        known.booked_at,
        replayed=True,
    )


def _key_reused(request: Request) -> Refused:
    fault = KeyReused(request.idempotency_key)
    assert fault.remedy is not None
    return Refused(request.order.id, fault.kind, fault.message, fault.remedy)
