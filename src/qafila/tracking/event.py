"""What happens to a parcel, by name, and the history that its booking begins with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from itertools import count

from qafila.network.timetable import Mode
from qafila.routing.itinerary import Leg
from qafila.runtime.events.envelope import NETWORK, Event, TimeKind, iso, uuid_of


class ParcelEvent(StrEnum):
    """What can happen to a parcel on its way; `tracking_event_types.py` says what each means."""

    BOOKED = "booked"
    HANDED_OVER = "handed_over"  # the sender says that he gave it away; the carrier has not said so
    COLLECTED = "collected"  # the carrier has it: taken at the door, or handed in
    DEPARTED = "departed"
    ARRIVED = "arrived"
    SORTED = "sorted"
    CUSTOMS_PRESENTED = "customs_presented"
    CUSTOMS_HELD = "customs_held"
    CUSTOMS_RELEASED = "customs_released"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERY_FAILED = "delivery_failed"
    AWAITING_PICKUP = "awaiting_pickup"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # by the buyer, as the merchant heard
    LOST = "lost"
    SEEN = "seen"  # read at a place, nothing more is known
    NOTED = "noted"  # told, without a meaning to the way
    RETRACTED = "retracted"  # says that another event (details["event"]) never happened


def planned_events(
    parcel: str, legs: Iterable[Leg], booked_at: datetime, revision: int = 0
) -> Iterator[Event]:
    """The history that a booking begins with: booked (actual), then what each leg plans, in order.

    `details["revision"]` is 0 for the plan that was booked and grows when a parcel is planned anew; of the
    planned events only those of the newest revision hold.
    """
    ids = _numbered(parcel, 100 * revision)
    if revision == 0:
        yield Event(parcel, next(ids), ParcelEvent.BOOKED.value, TimeKind.ACTUAL.value, booked_at, NETWORK)
    legs = list(legs)
    more = {"revision": revision} if revision else {}
    for i, leg in enumerate(legs):
        mode, start, end = _RIDES[leg.mode]
        ride = {"service": leg.service_id, "day": leg.service_day, "mode": mode, **more}
        yield Event(
            parcel,
            next(ids),
            start,
            _PLANNED,
            leg.depart,
            NETWORK,
            None if leg.mode is Mode.COLLECTION else leg.from_facility,
            i,
            None,
            {"board_by": iso(leg.board_by), **ride},
        )
        yield Event(
            parcel,
            next(ids),
            end,
            _PLANNED,
            leg.arrive,
            NETWORK,
            None if leg.mode is Mode.DELIVERY else leg.to_facility,
            i,
            None,
            {"ready_at": iso(leg.ready_at), **ride},
        )
    if legs and legs[-1].mode is not Mode.DELIVERY:
        last = legs[-1]
        yield Event(
            parcel,
            next(ids),
            ParcelEvent.AWAITING_PICKUP.value,
            _PLANNED,
            last.ready_at,
            NETWORK,
            last.to_facility,
            len(legs) - 1,
            None,
            {"service": last.service_id, **more},
        )


def _numbered(parcel: str, first: int) -> Iterator[str]:
    """Ids of what is planned for a parcel: one after the other, from a number that no other plan of it reaches."""
    head = uuid_of(parcel)[:-12]
    return (f"{head}{number:012x}" for number in count(first))


_PLANNED = TimeKind.PLANNED.value
_ENDS = {
    Mode.COLLECTION: (ParcelEvent.COLLECTED, ParcelEvent.ARRIVED),
    Mode.DELIVERY: (ParcelEvent.OUT_FOR_DELIVERY, ParcelEvent.DELIVERED),
}
_RIDES = {
    mode: (
        mode.name.lower(),
        *(end.value for end in _ENDS.get(mode, (ParcelEvent.DEPARTED, ParcelEvent.ARRIVED))),
    )
    for mode in Mode
}
"""What a mode is called in a history, and what its ride's two ends mean to the parcel."""
