"""What each event of a parcel means: who may report it, what it does to the status, what others call it."""

from __future__ import annotations

import csv
from collections.abc import Collection
from functools import cache
from importlib.resources import files

from qafila.core.message import template
from qafila.runtime.events.envelope import Reporter, SubjectKind
from qafila.runtime.events.events_types import Codes, Effect, EventType, event_type
from qafila.tracking.event import ParcelEvent

_E = ParcelEvent
_PARCEL = {SubjectKind.PARCEL}
_ANYTHING = frozenset(SubjectKind)
_MERCHANT = {Reporter.MERCHANT, Reporter.OPERATOR}
_MOVER = {Reporter.CARRIER, Reporter.OPERATOR}
_HANDLER = {Reporter.CARRIER, Reporter.STATION, Reporter.OPERATOR}
_CUSTOMS = {Reporter.AUTHORITY, Reporter.CARRIER, Reporter.OPERATOR}
_NETWORK = {Reporter.NETWORK}
_ANYBODY = frozenset(Reporter)


@cache
def _codes() -> dict[str, list[Codes]]:
    found: dict[str, list[Codes]] = {}
    with (files("qafila") / "facts" / "event-codes.csv").open(encoding="utf-8") as lines:
        for r in csv.DictReader(lines):
            found.setdefault(r["type"], []).append(
                Codes(
                    r["biz_step"],
                    r["disposition"],
                    r["upu"],
                    r["stage"],
                    r["source"],
                    r["valid_from"],
                    r["confidence"],
                )
            )
    return found


def _type(
    name: ParcelEvent,
    meaning: str,
    reporters: Collection[Reporter],
    effect: Effect | None = None,
    subjects: Collection[SubjectKind] = _PARCEL,
    public: bool = True,
) -> EventType:
    return event_type(
        name.value,
        template(f"event.{name.value}", meaning),
        subjects=subjects,
        reporters=reporters,
        codes=_codes().get(name.value, ()),
        effect=effect,
        public=public,
    )


def _some(*names: ParcelEvent) -> frozenset[str]:
    return frozenset(name.value for name in names)


# of events at one instant the later in this list counts: what arrives and is released at 10:00 is released
PARCEL_EVENTS = (
    _type(_E.BOOKED, "Booked", _NETWORK, Effect(state="booked", rank=0, only_after=frozenset({""}))),
    # what a merchant says is shown, and decides nothing: he has the parcel no more, or does not have it yet
    _type(_E.HANDED_OVER, "Handed over by the sender", _MERCHANT),
    _type(_E.COLLECTED, "Collected", _HANDLER, Effect(state="collected", rank=1)),
    _type(_E.DEPARTED, "Departed", _HANDLER, Effect(state="in_transit", rank=2)),
    _type(_E.ARRIVED, "Arrived", _HANDLER, Effect(state="at_facility", rank=3, present=True)),
    _type(_E.SORTED, "Sorted", _HANDLER, Effect(state="at_facility", rank=4, present=True)),
    _type(
        _E.CUSTOMS_PRESENTED,
        "Presented to customs",
        _CUSTOMS,
        Effect(state="in_customs", rank=5, present=True),
    ),
    _type(
        _E.CUSTOMS_HELD, "Held by customs", _CUSTOMS, Effect(state="held_by_customs", rank=6, present=True)
    ),
    _type(
        _E.CUSTOMS_RELEASED, "Released by customs", _CUSTOMS, Effect(state="released", rank=7, present=True)
    ),
    _type(_E.OUT_FOR_DELIVERY, "Out for delivery", _MOVER, Effect(state="out_for_delivery", rank=8)),
    _type(_E.DELIVERY_FAILED, "Delivery failed", _MOVER, Effect(state="delivery_failed", rank=9)),
    _type(_E.AWAITING_PICKUP, "Ready to be picked up", _HANDLER, Effect(state="awaiting_pickup", rank=10)),
    # a stray scan after these two does not bring a parcel back on its way
    _type(
        _E.DELIVERED,
        "Delivered",
        _HANDLER,
        Effect(
            state="delivered",
            rank=11,
            over=True,
            handed_over=True,
            then_only=_some(_E.RETURNING, _E.RETURNED),
        ),
    ),
    _type(_E.RETURNING, "Sent back", _HANDLER, Effect(state="returning", rank=12)),
    _type(
        _E.RETURNED,
        "Returned",
        _HANDLER,
        Effect(
            state="returned",
            rank=13,
            over=True,
            handed_over=True,
            then_only=_some(_E.DEPARTED, _E.OUT_FOR_DELIVERY, _E.DELIVERED),
        ),
    ),
    # too late where a carrier has the parcel; its room is given back in the same transaction, so nobody else says it
    _type(
        _E.CANCELLED,
        "Cancelled",
        _NETWORK,
        Effect(
            state="cancelled",
            rank=14,
            over=True,
            only_after=_some(_E.BOOKED) | {""},
            then_not=_some(_E.BOOKED, _E.SEEN),
        ),
    ),
    _type(_E.REFUSED, "Refused by the buyer", _MERCHANT),
    _type(_E.LOST, "Lost", _MOVER, Effect(state="lost", rank=15, over=True)),
    _type(_E.SEEN, "Scanned", _HANDLER, Effect(state="at_facility", rank=16, present=True)),
    _type(_E.NOTED, "Noted", _ANYBODY, subjects=_ANYTHING, public=False),
    _type(_E.RETRACTED, "Retracted", _ANYBODY, subjects=_ANYTHING, public=False),
)
"""The event types of this floor; others add theirs, to parcels too."""
