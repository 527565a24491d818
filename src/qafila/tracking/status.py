"""Where a parcel is and when it arrives: a pure function of its history.

The order in which events come in does not matter, nor how often: they are told apart by id and put in
order by the time at which they happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from qafila.runtime.events.envelope import Event, Reporter, Source, TimeKind
from qafila.runtime.events.events_types import Effect, effect_of
from qafila.tracking.event import ParcelEvent
from qafila.tracking.planned import Missed, Waypoint, grace, match, outlook, waypoints
from qafila.tracking.tracking_event_types import PARCEL_EVENTS


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
    HANDED_ON = "handed_on"  # to another network


FINISHED = frozenset(
    State(t.effect.state) for t in PARCEL_EVENTS if t.effect is not None and t.effect.over
) | {State.HANDED_ON}
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
    effect = None if deciding is None else effect_of(deciding.type)
    state = State.UNKNOWN if effect is None else State(effect.state)
    if deciding is not None and effect is not None and effect.then_only is not None:
        seen = actual[
            : actual.index(deciding) + 1
        ]  # what is scanned after that was another parcel, or a mistake
    else:
        seen = actual
    last = seen[-1] if seen else None
    at = max(done, default=-1)
    over = effect is not None and effect.over
    handed_over = effect is not None and effect.handed_over
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
        parcel=events[0].subject_id if events else "",
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
    return sorted(standing(first.values()), key=lambda e: (e.time, e.id))


def standing(history: Iterable[Event]) -> list[Event]:
    """The events that hold: without retractions and what they retract, where whoever retracted could."""
    events = list(history)
    gone = retractions(events)
    return [e for e in events if e.id not in gone and e.type != ParcelEvent.RETRACTED]


def retractions(history: Iterable[Event]) -> dict[str, Event]:
    """The retraction of each event that was retracted, by the event's id."""
    events = list(history)
    words = [e for e in events if e.type == ParcelEvent.RETRACTED]
    if not words:
        return {}
    told = {e.id: e for e in events}
    found: dict[str, Event] = {}
    for word in words:
        wrong = told.get(str(word.details.get("event")))
        if wrong is not None and may_retract(word.source, wrong.source):
            found.setdefault(wrong.id, word)
    return found


def may_retract(who: Source, whose: Source) -> bool:
    """Whether who reports may take back what another source said: his own words; the operator everybody's but qafila's.

    What was kept before events knew their reporters is retracted by whoever did it then.
    """
    if not whose.role:
        return True
    if who.role == Reporter.OPERATOR:
        return whose.role != Reporter.NETWORK
    return (who.role, who.tenant) == (whose.role, whose.tenant)


def _recorded(event: Event) -> tuple[bool, float]:
    return (event.recorded_at is None, event.recorded_at.timestamp() if event.recorded_at else 0.0)


def _order(event: Event) -> tuple[datetime, int, str]:
    effect = effect_of(event.type)
    return (event.time, effect.rank if effect else -1, event.id)


def _deciding(actual: list[Event]) -> Event | None:
    """The event that makes the state; `actual` is in order."""
    found: Event | None = None
    last: Effect | None = None  # of the one that was found
    for event in actual:
        effect = effect_of(event.type)
        if effect is None:
            continue
        if effect.only_after is not None and ("" if found is None else found.type) not in effect.only_after:
            continue
        if last is not None and (
            event.type in last.then_not or (last.then_only is not None and event.type not in last.then_only)
        ):
            continue
        found, last = event, effect
    return found


def _overdue(point: Waypoint | None, expected: datetime | None, now: datetime) -> timedelta | None:
    if point is None or expected is None:
        return None
    silent = now - expected
    return silent if silent > grace(point.type, point.mode) else None
