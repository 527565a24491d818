"""A parcel's journey as pages show it: what is planned, expected and has happened, in one line of time; and
the way on the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qafila.network.model import Facility
from qafila.runtime.events.envelope import Event, Source, TimeKind
from qafila.runtime.events.events_types import is_public
from qafila.runtime.language import DEFAULT, Language
from qafila.tracking.planned import Waypoint, match, outlook, waypoints
from qafila.tracking.status import FINISHED, State, Status, standing, status
from qafila.tracking.upu_codes import sides
from qafila.web.chassis.page_frame import facility_name


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was planned, or that happened unplanned."""

    type: str
    facility: Facility | None  # None: at a door
    mode: str
    planned: datetime | None
    expected: datetime | None  # where it has not happened and is known
    actual: datetime | None
    source: Source | None  # who said that it happened
    timezone: str
    passed: bool  # happened, or was passed without a scan
    side: str = ""  # of what customs says: outward, transit, inward
    gone: str = ""  # of a loss: stolen, lost, destroyed

    @property
    def at(self) -> datetime | None:
        """The best known time of it."""
        return self.actual or self.expected or self.planned


@dataclass(frozen=True, slots=True)
class Journey:
    """Everything that a page says about where a parcel is."""

    status: Status
    steps: tuple[Step, ...]
    here: Facility | None  # where it was seen last
    timezone: str  # of where it goes to
    way: dict[str, Any]  # for the map

    @property
    def next(self) -> Step | None:
        """What should happen next, where that can be said."""
        return next((s for s in self.steps if s.expected is not None), None)

    @property
    def gone(self) -> str:
        """What became of a parcel that is lost: stolen, lost or destroyed; empty where it is not."""
        if self.status.state is not State.LOST:
            return ""
        return next((s.gone for s in reversed(self.steps) if s.gone), "lost")

    @property
    def final(self) -> bool:
        """Whether nothing more is to come."""
        return self.status.state in FINISHED


def journey(
    history: Sequence[Event],
    facilities: Mapping[str, Facility],
    now: datetime,
    public: bool = False,
    language: Language = DEFAULT,
) -> Journey:
    """The journey that a history tells at a moment; `public`: without what is nobody's business but the merchant's.

    `language` is that of the names of its places on a map.
    """
    told = status(history, now)
    events = standing(history)
    actual = sorted((e for e in events if e.time_kind == TimeKind.ACTUAL), key=lambda e: e.time)
    plan = waypoints(events)
    done = match(plan, actual)
    estimates = [e for e in events if e.time_kind == TimeKind.ESTIMATED]
    ahead = outlook(plan, done, actual, estimates, now).expected
    reached = max(done, default=-1)
    side = sides(events, facilities)
    steps = [
        _planned(i, point, plan, done, ahead, i <= reached, told, facilities) for i, point in enumerate(plan)
    ]
    steps = [replace(s, side=side.get(done[i].id, "")) if i in done else s for i, s in enumerate(steps)]
    matched = {e.id for e in done.values()}
    for event in actual:
        if event.id not in matched and (is_public(event.type) or not public):
            place = facilities.get(event.facility or "")
            zone = (
                place.timezone if place else _zone_of(side.get(event.id, ""), event, plan, done, facilities)
            )
            steps.append(
                Step(
                    event.type,
                    place,
                    "",
                    None,
                    None,
                    event.time,
                    event.source,
                    zone,
                    True,
                    side.get(event.id, ""),
                    _gone(event),
                )
            )
    steps.sort(key=lambda s: (s.at is None, s.at))
    destination = _facility(plan[-1], plan, facilities) if plan else None
    return Journey(
        told,
        tuple(steps),
        facilities.get(told.facility or ""),
        destination.timezone if destination else "UTC",
        _way(plan, reached, facilities, told, language),
    )


def _gone(event: Event) -> str:
    if event.type != State.LOST.value:
        return ""
    why = str(event.details.get("reason", ""))
    return why if why in ("stolen", "destroyed") else "lost"


def _zone_of(
    side: str,
    event: Event,
    plan: Sequence[Waypoint],
    done: Mapping[int, Event],
    facilities: Mapping[str, Facility],
) -> str:
    """The clock for what is told of no place: that of the country whose customs speaks, else of where it was then."""
    way = [place for point in plan if (place := facilities.get(point.facility or "")) is not None]
    if not way:
        return "UTC"
    if side == "outward":
        return next(p.timezone for p in reversed(way) if p.country == way[0].country)
    if side == "inward":
        return next(p.timezone for p in way if p.country == way[-1].country)
    here = way[0]
    for i in sorted(done):
        place = facilities.get(plan[i].facility or "")
        if place is not None and done[i].time <= event.time:
            here = place
    return here.timezone


def _planned(
    i: int,
    point: Waypoint,
    plan: Sequence[Waypoint],
    done: Mapping[int, Event],
    ahead: Sequence[datetime],
    passed: bool,
    told: Status,
    facilities: Mapping[str, Facility],
) -> Step:
    place = facilities.get(point.facility or "")
    near = place or _facility(point, plan, facilities)
    event = done.get(i)
    over = told.state in FINISHED
    expected = ahead[i] if event is None and not passed and not over and i < len(ahead) else None
    return Step(
        point.type,
        place,
        point.mode,
        point.time,
        expected,
        event.time if event else None,
        event.source if event else None,
        near.timezone if near else "UTC",
        passed,
    )


def _facility(
    point: Waypoint, plan: Sequence[Waypoint], facilities: Mapping[str, Facility]
) -> Facility | None:
    """Where a waypoint is; for a door, the facility whose vans serve it."""
    if point.facility is not None:
        return facilities.get(point.facility)
    same_leg = [p for p in plan if p.leg == point.leg and p.facility]
    return facilities.get(same_leg[0].facility or "") if same_leg else None


def _way(
    plan: Sequence[Waypoint],
    reached: int,
    facilities: Mapping[str, Facility],
    told: Status,
    language: Language,
) -> dict[str, Any]:
    legs: list[dict[str, Any]] = []
    stops: dict[str, dict[str, Any]] = {}
    for i, point in enumerate(plan):
        place = _facility(point, plan, facilities)
        if place is None:
            continue
        stop = {"name": facility_name(place, language), "place": place.city, "at": [place.lon, place.lat]}
        stops.setdefault(place.id, stop)
        if point.starts_leg and i + 1 < len(plan):
            to = _facility(plan[i + 1], plan, facilities)
            if to is not None and to.id != place.id:
                legs.append(
                    {
                        "mode": point.mode,
                        "from": [place.lon, place.lat],
                        "to": [to.lon, to.lat],
                        "passed": i < reached,
                    }
                )
    here = facilities.get(told.facility or "")
    return {
        "legs": legs,
        "stops": list(stops.values()),
        "at": [here.lon, here.lat] if here and told.state not in (State.BOOKED, State.CANCELLED) else None,
    }
