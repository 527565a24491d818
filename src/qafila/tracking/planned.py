"""The plan in a parcel's history, and what its actual events make of it: expected times, missed connections."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

from qafila.runtime.events.envelope import Event, TimeKind
from qafila.runtime.events.events_types import effect_of
from qafila.tracking.event import ParcelEvent

_START = frozenset({ParcelEvent.COLLECTED, ParcelEvent.DEPARTED, ParcelEvent.OUT_FOR_DELIVERY})


@dataclass(frozen=True, slots=True)
class Waypoint:
    """One thing that should happen: the start or the end of a leg, or the wait at a pick-up point."""

    type: str
    time: datetime
    facility: str | None
    leg: int
    mode: str
    service: str
    board_by: datetime | None = None  # of a leg's start: the cut-off
    ready_at: datetime | None = None  # of a leg's end: handled and cleared

    @property
    def starts_leg(self) -> bool:
        """Whether a ride begins here."""
        return self.type in _START


@dataclass(frozen=True, slots=True)
class Missed:
    """A connection that the parcel cannot catch any more."""

    leg: int
    service: str
    facility: str | None
    cut_off: datetime
    ready: datetime  # when the parcel is there, at the earliest


@dataclass(frozen=True, slots=True)
class Outlook:
    """When the rest of the plan is to be expected: a time for each waypoint, until one is missed."""

    expected: tuple[datetime, ...]
    missed: Missed | None = None


def waypoints(history: Iterable[Event]) -> list[Waypoint]:
    """The newest plan in a history, in order; empty where nothing was planned."""
    planned = [
        e for e in history if e.time_kind == TimeKind.PLANNED and e.leg is not None and "service" in e.details
    ]
    newest = newest_revision(planned)
    order = {ParcelEvent.AWAITING_PICKUP.value: 2}
    made = {
        (e.leg or 0, order.get(e.type, 0 if e.type in _START else 1)): Waypoint(
            e.type,
            e.time,
            e.facility,
            e.leg or 0,
            str(e.details.get("mode", "")),
            str(e.details.get("service", "")),
            _instant(e.details.get("board_by")),
            _instant(e.details.get("ready_at")),
        )
        for e in sorted(planned, key=lambda e: (e.time, e.id))
        if _revision(e) == newest
    }
    return [made[at] for at in sorted(made)]


def newest_revision(history: Iterable[Event]) -> int:
    """How often a parcel was planned anew."""
    return max((_revision(e) for e in history if e.time_kind == TimeKind.PLANNED), default=0)


def in_force(history: Iterable[Event]) -> list[Event]:
    """The events without what was planned before the newest plan."""
    events = list(history)
    newest = newest_revision(events)
    return [e for e in events if e.time_kind != TimeKind.PLANNED or _revision(e) == newest]


def _revision(event: Event) -> int:
    return int(event.details.get("revision", 0))


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def match(plan: Sequence[Waypoint], actual: Sequence[Event]) -> dict[int, Event]:
    """Which waypoint each actual event fulfils; `actual` is in order of time.

    A waypoint is fulfilled by an event of its type at its facility (at a door: of its leg, if it names
    one). Whatever is read at a facility has arrived there. Scans are missing in life, so an event may leap
    over waypoints; it never goes back.
    """
    found: dict[int, Event] = {}
    at = -1
    for event in actual:
        for i in range(at + 1, len(plan)):
            point = plan[i]
            same_place = point.facility is None or event.facility in (None, point.facility)
            same_leg = event.leg in (None, point.leg) or event.facility is not None
            arrived = point.type == ParcelEvent.ARRIVED and event.facility is not None and _present(event)
            if (point.type == event.type or arrived) and same_place and same_leg:
                found[i] = event
                at = i
                break
    return found


@cache
def _grace() -> dict[tuple[str, str], timedelta]:
    with (files("qafila") / "facts" / "event-grace.csv").open(encoding="utf-8") as lines:
        return {(r["type"], r["mode"]): timedelta(minutes=int(r["minutes"])) for r in csv.DictReader(lines)}


def grace(type: str, mode: str) -> timedelta:
    """How long after its expected time an event may still come in before the parcel is overdue."""
    table = _grace()
    return table.get((type, mode)) or table.get((type, "")) or max(table.values())


def outlook(
    plan: Sequence[Waypoint],
    done: dict[int, Event],
    actual: Sequence[Event],
    estimates: Sequence[Event],
    now: datetime,
) -> Outlook:
    """Carries delays forward through the plan.

    What happened has its actual time. A leg that began late ends as much later; goods that are ready after
    a cut-off miss their connection, and so do goods that are read there long after it left; nothing behind it
    can be said. The newest estimate for a waypoint
    replaces its planned time, and moves the cut-off with it; one that says the ride does not take place is a connection
    missed. Goods held by customs are ready no earlier than now.
    """
    at = max(done, default=-1)
    newest = _newest(plan, estimates)
    told = {i: event.time for i, event in newest.items()}
    expected: list[datetime] = []
    late = timedelta()  # of the leg that is under way
    ready: datetime | None = None
    for i, point in enumerate(plan):
        if i in done:
            time = done[i].time
        elif i <= at:
            time = point.time  # passed without a scan
        else:
            closes = point.board_by and point.board_by + max(
                told.get(i, point.time) - point.time, timedelta()
            )
            off = i in newest and newest[i].details.get("cancelled") is True
            if point.starts_leg and (off or (ready is not None and closes and ready > closes)):
                there = ready or (expected[-1] if expected else now)
                missed = Missed(point.leg, point.service, point.facility, closes or point.time, there)
                return Outlook(tuple(expected), missed)
            left = told.get(i, point.time) + grace(point.type, point.mode)
            if point.starts_leg and i == at + 1 and at in done and (there := _there(point, actual)) > left:
                missed = Missed(point.leg, point.service, point.facility, point.board_by or point.time, there)
                return Outlook(tuple(expected), missed)
            time = max(told.get(i, point.time), point.time + late) if i not in told else told[i]
            if expected:
                time = max(time, expected[-1])
        expected.append(time)
        late = max(time - point.time, timedelta()) if point.starts_leg else timedelta()
        if not point.starts_leg and point.ready_at is not None:
            ready = max(time, point.time) + (point.ready_at - point.time)
            ready = _after_customs(ready, time, actual if i == at else (), now)
    return Outlook(tuple(expected))


def _there(start: Waypoint, actual: Sequence[Event]) -> datetime:
    """When goods were last read where a ride begins; the time of the ride where they never were."""
    read = (e.time for e in actual if e.facility == start.facility and _present(e))
    return max(read, default=start.time)


def _present(event: Event) -> bool:
    effect = effect_of(event.type)
    return effect is not None and effect.present


def _newest(plan: Sequence[Waypoint], estimates: Sequence[Event]) -> dict[int, Event]:
    """The newest estimate for each waypoint, by its index."""
    found: dict[int, Event] = {}
    epoch = datetime.min
    for event in sorted(estimates, key=lambda e: ((e.recorded_at or epoch).replace(tzinfo=None), e.id)):
        for i, point in enumerate(plan):
            if (
                point.type == event.type
                and event.facility in (None, point.facility)
                and event.leg in (None, point.leg)
                and _of_this(event, point)
            ):
                found[i] = event
                break
    return found


def _of_this(event: Event, point: Waypoint) -> bool:
    """Whether an estimate is about this very ride; one that names none is. A parcel that was booked on leaves the words
    about the ride it missed behind."""
    planned = event.details.get("planned")
    return event.details.get("service") in (None, point.service) and (
        not isinstance(planned, str) or datetime.fromisoformat(planned) == point.time
    )


def _after_customs(ready: datetime, since: datetime, actual: Sequence[Event], now: datetime) -> datetime:
    """When goods are ready where customs has spoken since they arrived."""
    last = None
    for event in actual:
        if event.time >= since and event.type in (
            ParcelEvent.CUSTOMS_PRESENTED,
            ParcelEvent.CUSTOMS_HELD,
            ParcelEvent.CUSTOMS_RELEASED,
        ):
            last = event
    if last is None:
        return ready
    if last.type == ParcelEvent.CUSTOMS_RELEASED:
        return max(last.time, since)
    return max(ready, now) if last.type == ParcelEvent.CUSTOMS_HELD else ready
