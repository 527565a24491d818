"""A parcel that missed a connection is booked on the next way, from where it waits.

One transaction does all of it: the room of the ways that it cannot take any more is given back, the new way's is
taken, the booking rides on it, and the parcel's history is given a plan of the next revision. What it has ridden
stays as it was, and so do price and promise: they were given to the buyer. The old offer is kept beside the new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from psycopg import errors
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from qafila.core.message import Place
from qafila.network.model import Facility
from qafila.network.naming import named
from qafila.network.timetable import Timetable
from qafila.routing.itinerary import Itinerary, Leg, Query, Refusal
from qafila.routing.points import EXTREMES
from qafila.routing.way_search import search
from qafila.runtime.database import engine
from qafila.runtime.database.connection import act_for, act_for_operator
from qafila.runtime.events import store as history
from qafila.shipping.bookings import archive, capacity, records, store, telling
from qafila.shipping.bookings import messages as m
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
    """The parcel has a new way: its legs from where it waits, and when it arrives."""

    parcel: str
    legs: tuple[Leg, ...]
    arrival: datetime


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
    """Books the soonest way on for a parcel that missed a connection, with what room is left.

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
    raise RuntimeError("the departures filled up faster than the parcel could be booked; ask again")


def _rebooked(
    db: Connection, merchant_id: str, booking_id: str, t: Timetable, now: datetime
) -> Rebooked | OnItsWay | NoWayOn:
    act_for(db, merchant_id)
    found = store.lock_booking(db, booking_id)  # who comes second waits here, and finds nothing missed
    if found is None or found.cancelled_at is not None:
        raise UnknownBooking(m.UNKNOWN_BOOKING(booking=booking_id), value=booking_id)
    events = history.histories(db, [found.parcel]).get(found.parcel, [])
    seen = status(events, now)
    missed = seen.missed
    if missed is None:
        return OnItsWay(found.parcel)
    known = records.record(db, booking_id)
    assert known is not None
    ridden, rest = _parted(known.offer.itinerary.legs, missed)
    if seen.facility not in {
        None,
        rest[0].from_facility,
        *(f for leg in ridden for f in (leg.from_facility, leg.to_facility)),
    }:
        return NoWayOn(found.parcel, _astray(seen.facility or "", rest[0].from_facility))
    act_for_operator(db)
    back = Demand(capacity.departures(rest), found.grams, found.cm3, found.service_class)
    capacity.give_back(db, back)
    asked = Query(
        origins=(_node(t, rest[0].from_node, rest[0].from_facility),),
        destinations=(_node(t, rest[-1].to_node, rest[-1].to_facility),),
        ready=_minute(t, max(missed.ready, now)),
        grams=found.grams, cm3=found.cm3, goods=known.order.goods,
    )  # fmt: skip
    answer = search(t, asked, capacity.room(db, t, found.service_class), EXTREMES)
    if not answer.itineraries:
        assert answer.refusal is not None
        raise _Undone(NoWayOn(found.parcel, answer.refusal))
    way = min(answer.itineraries, key=lambda i: (i.arrival, i.cost))
    wanted = Demand(capacity.departures(way.legs), found.grams, found.cm3, found.service_class)
    totals = capacity.departures_of(t).totals(list(dict.fromkeys(wanted.departures)))
    if capacity.take(db, [wanted], totals) != [None]:
        raise _Undone
    legs = (*ridden, *way.legs)
    offer = _with_way(known.offer, legs, way)
    archive.insert_offers(db, merchant_id, [(offer, order_document(known.order))])
    store.ride_on(db, merchant_id, booking_id, offer.id, legs)
    telling.tell_rebooked(db, merchant_id, booking_id, back, wanted, now)
    revision = newest_revision(events) + 1
    history.append(db, merchant_id, planned_events(found.parcel, legs, now, revision=revision))
    return Rebooked(found.parcel, way.legs, way.arrival)


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
