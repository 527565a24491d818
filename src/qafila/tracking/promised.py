"""Whether the promise that a buyer was given stands, as the parcel's history says. The promise itself is never moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from qafila.runtime.events.envelope import Event, TimeKind
from qafila.tracking.status import State, Status


class Standing(StrEnum):
    """How a promise stands."""

    HOLDS = "holds"  # it is expected in time
    LATE = "late"  # it is expected later, or the day is over
    OPEN = "open"  # when it arrives cannot be said
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise beside what is expected, or came of it."""

    by: datetime  # the end of a day at the destination
    standing: Standing
    arrival: datetime | None  # expected, or actual where it is there; None where that cannot be said
    days_late: int  # days of the destination's calendar, at least 1 where it is late or broken; else 0


_WITHDRAWN = frozenset({State.CANCELLED, State.LOST, State.RETURNING, State.RETURNED})


def promised(by: datetime, seen: Status, zone: str, now: datetime) -> Promised | None:
    """How the promise to deliver by an instant stands at `now`; None where the parcel does not come any more.

    `zone` is that of the destination, where days are counted. A parcel that is overdue or missed a connection has no
    time of arrival: its promise is open until the day is over.
    """
    if seen.state in _WITHDRAWN:
        return None
    there = seen.state is State.DELIVERED or (seen.state is State.AWAITING_PICKUP and seen.next is None)
    arrival = None if seen.overdue is not None and not there else seen.eta
    if arrival is not None and not there:
        arrival = max(arrival, now)  # expected any moment
    late = _days(by, arrival or now, zone)
    if there:
        standing = Standing.BROKEN if late else Standing.KEPT
    elif late:
        standing = Standing.LATE
    else:
        standing = Standing.OPEN if arrival is None else Standing.HOLDS
    return Promised(by, standing, arrival, late)


def late_first(statuses: Sequence[Status], by: datetime) -> Status:
    """Of several parcels that one promise is about, the one by which it is judged: what is late or cannot be said before
    what is in time; what does not come any more last."""

    def rank(seen: Status) -> tuple[bool, bool, float]:
        there = seen.state is State.DELIVERED
        unknown = seen.eta is None or (seen.overdue is not None and not there)
        return (
            seen.state not in _WITHDRAWN,
            unknown,
            0.0 if seen.eta is None else (seen.eta - by).total_seconds(),
        )

    return max(statuses, key=rank)


def _days(by: datetime, at: datetime, zone: str) -> int:
    if at <= by:
        return 0
    there = ZoneInfo(zone)
    return max(1, (at.astimezone(there).date() - by.astimezone(there).date()).days)


class _Zoned(Protocol):
    @property
    def timezone(self) -> str: ...


def destination_zone(history: Iterable[Event], places: Mapping[str, _Zoned]) -> str:
    """The time zone of where a parcel is going: a promised day is a day there."""
    last = max(
        (e for e in history if e.time_kind == TimeKind.PLANNED and e.leg is not None and e.facility),
        key=lambda e: (e.leg or 0, e.time),
        default=None,
    )
    place = places.get(last.facility or "") if last else None
    return place.timezone if place else "UTC"
