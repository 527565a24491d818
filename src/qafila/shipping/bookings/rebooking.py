"""Parcels of a shipment that missed a connection are booked on the next way, from where they wait.

One transaction does all of it: the room of the ways that they cannot take any more is given back, the new way's is
taken, the booking rides on it, and their histories are given a plan of the next revision. What they have ridden
stays as it was, and so do price and promise: they were given to the buyer. The old offer is kept beside the new.
Where others of the shipment made the connection, those that missed it go on alone, together as far as they wait at one
place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from psycopg import errors
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from qafila.core.fault import Conflict
from qafila.core.message import Place
from qafila.network.model import Facility
from qafila.network.naming import named
from qafila.network.timetable import Timetable
from qafila.routing.itinerary import Itinerary, Leg, Query, Refusal
from qafila.routing.routing_points import EXTREMES
from qafila.routing.way_search import search
from qafila.runtime.database import engine
from qafila.runtime.database.connection import act_for, act_for_operator
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Event
from qafila.shipping.bookings import archive, bookings_telling, capacity, records, store
from qafila.shipping.bookings import bookings_messages as m
from qafila.shipping.bookings.booking import UnknownBooking
from qafila.shipping.bookings.capacity import Demand
from qafila.shipping.bookings.numbering import new_id
from qafila.shipping.bookings.written_json import order_document
from qafila.shipping.offers.offer import Offer
from qafila.tracking.event import planned_events
from qafila.tracking.planned import Missed, newest_revision
from qafila.tracking.status import status

_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Rebooked:
    """Parcels have a new way. Of several ways, the one that arrives last: its legs from where they wait, and when they
    arrive."""

    parcel: str
    legs: tuple[Leg, ...]
    arrival: datetime
    parcels: tuple[str, ...] = ()  # all that were booked on


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """No connection is missed: nothing was changed. So is answered who asks again, too."""

    parcel: str


@dataclass(frozen=True, slots=True)
class NoWayOn:
    """There is no way on from where it waits; nothing was changed."""

    parcel: str
    refusal: Refusal

    def named(self, facilities: Mapping[str, Facility]) -> NoWayOn:
        """The same with the names of the facilities that the router knows by their ids."""
        told = self.refusal
        return NoWayOn(
            self.parcel,
            replace(told, reason=named(told.reason, facilities), remedy=named(told.remedy, facilities)),
        )


class _Undone(Exception):
    """The transaction is undone: there is no way on, or somebody else took its room meanwhile (None)."""

    def __init__(self, outcome: NoWayOn | None = None) -> None:
        super().__init__()
        self.outcome = outcome


def rebook(
    merchant_id: str, booking_id: str, timetable: Timetable, now: datetime
) -> Rebooked | OnItsWay | NoWayOn:
    """Books the soonest way on for the parcels of a booking that missed a connection, with what room is left: all of
    them or none.

    Asked again, by whomever, it changes nothing more. Raises UnknownBooking where the merchant has no standing
    booking of this id, and UnknownDeparture where the timetable lacks what the way rides on.
    """
    for _ in range(_ATTEMPTS):
        try:
            with engine().begin() as connection:
                return _rebooked(connection, merchant_id, booking_id, timetable, now)
        except _Undone as undone:
            if undone.outcome is not None:
                return undone.outcome
        except DBAPIError as error:
            if not isinstance(error.orig, errors.DeadlockDetected | errors.SerializationFailure):
                raise
    raise Conflict(m.FILLED_UP(), m.ASK_AGAIN())


def _rebooked(
    db: Connection, merchant_id: str, booking_id: str, t: Timetable, now: datetime
) -> Rebooked | OnItsWay | NoWayOn:
    act_for(db, merchant_id)
    found = store.lock_booking(db, booking_id)  # who comes second waits here, and finds nothing missed
    if found is None or found.cancelled_at is not None:
        raise UnknownBooking(m.UNKNOWN_BOOKING(booking=booking_id), value=booking_id)
    events = history.histories(db, found.parcels)
    boxes = store.riding(db, found)
    known = records.record(db, booking_id)
    assert known is not None
    groups: dict[tuple[str | None, int, str | None], list[store.Riding]] = {}
    for box in boxes:
        seen = status(events.get(box.number, []), now)
        if seen.missed is not None:
            groups.setdefault((box.offer_id, seen.missed.leg, seen.facility), []).append(box)
    if not groups:
        return OnItsWay(found.parcels[0])
    made = []
    for group in groups.values():
        together = [box for box in boxes if box.offer_id == group[0].offer_id]
        step = _Step(db, merchant_id, t, now, found, known, group, whole=len(group) == len(together))
        outcome = step.run(events)
        if isinstance(outcome, NoWayOn):
            raise _Undone(outcome)
        made.append(outcome)
    last = max(made, key=lambda one: one.arrival)
    return replace(last, parcels=tuple(number for one in made for number in one.parcels))


@dataclass(frozen=True, slots=True)
class _Step:
    """Parcels of one booking that ride one way and missed the same connection of it, to be booked on."""

    db: Connection
    merchant_id: str
    timetable: Timetable
    now: datetime
    booking: store.KnownBooking
    record: records.Record
    group: Sequence[store.Riding]
    whole: bool  # nobody else rides this way

    def run(self, events: Mapping[str, list[Event]]) -> Rebooked | NoWayOn:
        db, t, first = self.db, self.timetable, self.group[0].number
        numbers = tuple(box.number for box in self.group)
        seen = status(events[first], self.now)
        assert seen.missed is not None
        offer = self.record.offer_for(first)
        ridden, rest = _parted(offer.itinerary.legs, seen.missed)
        on_it = {rest[0].from_facility, *(f for leg in ridden for f in (leg.from_facility, leg.to_facility))}
        if seen.facility is not None and seen.facility not in on_it:
            return NoWayOn(first, _astray(seen.facility, rest[0].from_facility))
        grams, cm3 = sum(box.grams for box in self.group), sum(box.cm3 for box in self.group)
        act_for_operator(db)
        back = Demand(capacity.departures(rest), grams, cm3, self.booking.service_class)
        capacity.give_back(db, back)
        asked = Query(
            origins=(_node(t, rest[0].from_node, rest[0].from_facility),),
            destinations=(_node(t, rest[-1].to_node, rest[-1].to_facility),),
            ready=_minute(t, max(seen.missed.ready, self.now)),
            grams=grams,
            cm3=cm3,
            goods=self.record.order.goods,
        )
        answer = search(t, asked, capacity.room(db, t, self.booking.service_class), EXTREMES)
        if not answer.itineraries:
            assert answer.refusal is not None
            return NoWayOn(first, answer.refusal)
        way = min(answer.itineraries, key=lambda i: (i.arrival, i.cost))
        wanted = Demand(capacity.departures(way.legs), grams, cm3, self.booking.service_class)
        totals = capacity.departures_of(t).totals(list(dict.fromkeys(wanted.departures)))
        if capacity.take(db, [wanted], totals) != [None]:
            raise _Undone
        legs = (*ridden, *way.legs)
        renewed = _with_way(offer, legs, way)
        archive.insert_offers(db, self.merchant_id, [(renewed, order_document(self.record.order))])
        booking_id = self.booking.booking_id
        if self.whole and self.group[0].offer_id is None:
            store.ride_on(db, self.merchant_id, booking_id, renewed.id, legs)
        else:
            store.ride_alone(db, self.merchant_id, self.booking, self.group, renewed.id, legs)
        bookings_telling.tell_rebooked(db, self.merchant_id, booking_id, back, wanted, self.now)
        for number in numbers:
            revision = newest_revision(events[number]) + 1
            history.append(db, self.merchant_id, planned_events(number, legs, self.now, revision=revision))
        return Rebooked(first, way.legs, way.arrival, numbers)


def _parted(legs: Sequence[Leg], missed: Missed) -> tuple[Sequence[Leg], Sequence[Leg]]:
    """What the parcel has ridden, and what it cannot ride any more."""
    return legs[: missed.leg], legs[missed.leg :]


def _astray(place: str, way: str) -> Refusal:
    """It was read where its way does not go: a new one from where it should be would be booked for nothing."""
    return Refusal(
        "place",
        m.ASTRAY(place=Place(place, place)),
        m.BRING_BACK(way=Place(way, way), id=way),
    )


def _with_way(offer: Offer, legs: tuple[Leg, ...], way: Itinerary) -> Offer:
    """The offer as it stands now: another way, the price and the promise that were given."""
    itinerary = replace(
        offer.itinerary, legs=legs, arrival=way.arrival, co2e_mg=sum(leg.co2e_mg for leg in legs)
    )
    return replace(
        offer, id=new_id("ofr"), itinerary=itinerary, co2e_wtw_kg=Decimal(itinerary.co2e_mg) / 1_000_000
    )


def _node(t: Timetable, node: int, facility: str) -> int:
    """A node of the way that was booked; the facility's free side where the network has changed since."""
    if 0 <= node < t.nodes and t.facility_ids[t.node_facility[node]] == facility:
        return node
    return t.facility_ids.index(facility)


def _minute(t: Timetable, instant: datetime) -> int:
    """The first full minute that is not before an instant."""
    return -(-(instant - t.epoch) // timedelta(minutes=1))
