"""Where a parcel is and when it arrives: a pure function of its history.

The order in which events come in does not matter, nor how often: they are told apart by id and put in
order by the time at which they happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from qafila.tracking.event import Event, EventType, TimeKind
from qafila.tracking.planned import Missed, Waypoint, grace, match, outlook, waypoints


class State(StrEnum):
    """What a parcel's status is called."""

    UNKNOWN = "unknown"
    BOOKED = "booked"
    COLLECTED = "collected"
    IN_TRANSIT = "in_transit"
    AT_FACILITY = "at_facility"
    IN_CUSTOMS = "in_customs"
    HELD_BY_CUSTOMS = "held_by_customs"
    RELEASED = "released"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERY_FAILED = "delivery_failed"
    AWAITING_PICKUP = "awaiting_pickup"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    LOST = "lost"


_STATES = {
    EventType.BOOKED: State.BOOKED,
    EventType.COLLECTED: State.COLLECTED,
    EventType.DEPARTED: State.IN_TRANSIT,
    EventType.ARRIVED: State.AT_FACILITY,
    EventType.SORTED: State.AT_FACILITY,
    EventType.SEEN: State.AT_FACILITY,
    EventType.CUSTOMS_PRESENTED: State.IN_CUSTOMS,
    EventType.CUSTOMS_HELD: State.HELD_BY_CUSTOMS,
    EventType.CUSTOMS_RELEASED: State.RELEASED,
    EventType.OUT_FOR_DELIVERY: State.OUT_FOR_DELIVERY,
    EventType.DELIVERY_FAILED: State.DELIVERY_FAILED,
    EventType.AWAITING_PICKUP: State.AWAITING_PICKUP,
    EventType.DELIVERED: State.DELIVERED,
    EventType.RETURNING: State.RETURNING,
    EventType.RETURNED: State.RETURNED,
    EventType.CANCELLED: State.CANCELLED,
    EventType.LOST: State.LOST,
}
# of events at the same instant the later in this order counts: a parcel that arrives and is released at
# 10:00 is released
_RANK = {type: i for i, type in enumerate(EventType)}
# a stray scan after these does not bring a parcel back on its way
_FINAL = {
    EventType.DELIVERED: frozenset({EventType.RETURNING, EventType.RETURNED}),
    EventType.RETURNED: frozenset({EventType.DEPARTED, EventType.OUT_FOR_DELIVERY, EventType.DELIVERED}),
}
FINISHED = frozenset({State.DELIVERED, State.RETURNED, State.CANCELLED, State.LOST})
"""States after which nothing more is expected."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a history says at a moment."""

    parcel: str
    state: State
    since: datetime | None  # the instant of the event that made the state
    facility: str | None  # where it is, or was last; of a delivery, where it was: None at a door
    eta: datetime | None  # when it is delivered, or can be picked up; None where that cannot be said
    planned: datetime | None  # the same by the plan
    last: Event | None  # the last sign of it: what, when, where, by whom
    next: Waypoint | None  # what should happen next
    next_expected: datetime | None
    overdue: timedelta | None  # silent for so long past what was expected, its grace included
    missed: Missed | None

    @property
    def delay(self) -> timedelta | None:
        """How much later than planned; negative where it is early."""
        return None if self.eta is None or self.planned is None else self.eta - self.planned


def status(history: Iterable[Event], now: datetime) -> Status:
    """The status that one parcel's events give at `now`."""
    events = _clean(history)
    actual = sorted((e for e in events if e.time_kind == TimeKind.ACTUAL), key=_order)
    plan = waypoints(events)
    done = match(plan, actual)
    estimates = [e for e in events if e.time_kind == TimeKind.ESTIMATED]
    ahead = outlook(plan, done, actual, estimates, now)
    deciding = _deciding(actual)
    state = State.UNKNOWN if deciding is None else _STATES[EventType(deciding.type)]
    if deciding is not None and EventType(deciding.type) in _FINAL:
        seen = actual[
            : actual.index(deciding) + 1
        ]  # what is scanned after that was another parcel, or a mistake
    else:
        seen = actual
    last = seen[-1] if seen else None
    at = max(done, default=-1)
    over = state in FINISHED
    handed_over = state in (State.DELIVERED, State.RETURNED)
    following = at + 1 if not over and at + 1 < len(plan) else None
    next_expected = None
    if following is not None and following < len(ahead.expected):
        next_expected = ahead.expected[following]
    elif following is not None and ahead.missed is not None:
        next_expected = plan[following].time
    complete = bool(plan) and len(ahead.expected) == len(plan)
    eta = ahead.expected[-1] if complete and not over else None
    if deciding is not None and handed_over:
        eta = deciding.time
    # a door has no facility, and the parcel is no more where it was read before
    read = [deciding] if deciding is not None and handed_over else seen
    return Status(
        parcel=events[0].parcel if events else "",
        state=state,
        since=None if deciding is None else deciding.time,
        facility=next((e.facility for e in reversed(read) if e.facility), None),
        eta=eta,
        planned=plan[-1].time if plan else None,
        last=last,
        next=None if following is None else plan[following],
        next_expected=next_expected,
        overdue=_overdue(None if following is None else plan[following], next_expected, now),
        missed=None if over else ahead.missed,
    )


def _clean(history: Iterable[Event]) -> list[Event]:
    """Each event once, as it was recorded first, without those that were retracted."""
    first: dict[str, Event] = {}
    for event in history:
        known = first.get(event.id)
        if known is None or _recorded(event) < _recorded(known):
            first[event.id] = event
    gone = {str(e.details.get("event")) for e in first.values() if e.type == EventType.RETRACTED}
    return sorted(
        (e for e in first.values() if e.id not in gone and e.type != EventType.RETRACTED),
        key=lambda e: (e.time, e.id),
    )


def _recorded(event: Event) -> tuple[bool, float]:
    return (event.recorded_at is None, event.recorded_at.timestamp() if event.recorded_at else 0.0)


def _order(event: Event) -> tuple[datetime, int, str]:
    return (event.time, _RANK.get(EventType(event.type), 0), event.id)


def _deciding(actual: list[Event]) -> Event | None:
    """The event that makes the state; `actual` is in order."""
    found: Event | None = None
    for event in actual:
        if event.type == EventType.CANCELLED and found is not None and found.type != EventType.BOOKED:
            continue  # too late: the carrier had it
        if found is not None and (
            found.type == EventType.CANCELLED and event.type in (EventType.BOOKED, EventType.SEEN)
        ):
            continue
        if (
            found is not None
            and (barred := _FINAL.get(EventType(found.type))) is not None
            and event.type not in barred
        ):
            continue
        if event.type == EventType.BOOKED and found is not None:
            continue
        found = event
    return found


def _overdue(point: Waypoint | None, expected: datetime | None, now: datetime) -> timedelta | None:
    if point is None or expected is None:
        return None
    silent = now - expected
    return silent if silent > grace(point.type, point.mode) else None
