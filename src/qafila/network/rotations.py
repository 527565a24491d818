"""Whether each aircraft of a feed could fly what it is given: one place at a time, ground time, range."""

from __future__ import annotations

import itertools
from datetime import timedelta

import numpy as np

from qafila.core.geo import great_circle_km
from qafila.core.message import Choice
from qafila.network import network_messages as m
from qafila.network.clocks import Clocks, running_days, utc_epoch
from qafila.network.model import Call, Feed, Vehicle
from qafila.network.network_report import Report

_WEEKS = 3  # of the schedule that are flown through, so that the end of a week meets its beginning

Hop = tuple[int, int, Call, Call]  # departs, arrives (UTC minutes), from and to


def check_rotations(feed: Feed, report: Report) -> None:
    """Report every flight that the aircraft named by its registration could not fly."""
    vehicles = {v.id: v for v in feed.vehicles}
    position = {c: i for i, c in enumerate(feed.calls)}
    services = {s.id: i for i, s in enumerate(feed.services)}
    for registration, hops in _flown(feed).items():
        types = {feed.service[h[2].service].vehicle for h in hops}
        if len(types) > 1:
            first = services[hops[0][2].service]
            report.add(
                "services",
                first,
                "registration",
                registration,
                m.SEVERAL_TYPES(types=Choice(tuple(sorted(types)), every=True)),
                m.ONE_TYPE(),
            )
            continue
        _fly(feed, registration, vehicles[types.pop()], hops, position, report)


def _flown(feed: Feed) -> dict[str, list[Hop]]:
    """Every hop of each aircraft in some weeks of its schedule, by departure."""
    calendars = {c.id: c for c in feed.calendars}
    aircraft = [s for s in feed.services if s.registration]
    if not aircraft:
        return {}
    start = max(calendars[s.calendar].valid_from for s in aircraft)
    days = 7 * _WEEKS
    zones = sorted({f.timezone for f in feed.facilities} | {"UTC"})
    clocks = Clocks(zones, utc_epoch(start), -1, days + 30)
    changes = {(c.calendar, c.on): c.runs for c in feed.calendar_dates}
    flown: dict[str, list[Hop]] = {}
    for service in aircraft:
        calendar = calendars[service.calendar]
        runs = running_days(calendar.days, calendar.holidays, start, days)
        for day in range(days):
            on = start + timedelta(days=day)
            if not changes.get(
                (calendar.id, on), bool(runs[day]) and calendar.valid_from <= on <= calendar.valid_to
            ):
                continue
            calls = feed.service_calls[service.id]
            for a, b in itertools.pairwise(calls):
                zone = [
                    clocks.index["UTC" if service.clock == "utc" else feed.facility[c.facility].timezone]
                    for c in (a, b)
                ]
                wall = [day * 1440 + (a.depart or 0), day * 1440 + (b.arrive or 0)]
                departs, arrives = clocks.to_utc(np.array(zone), np.array(wall))
                flown.setdefault(service.registration, []).append((int(departs), int(arrives), a, b))
    for hops in flown.values():
        hops.sort(key=lambda h: h[:2])
    return flown


def _fly(
    feed: Feed,
    registration: str,
    vehicle: Vehicle,
    hops: list[Hop],
    position: dict[Call, int],
    report: Report,
) -> None:
    told: set[Call] = set()
    before: Hop | None = None
    for hop in hops:
        departs, _, start, end = hop
        a, b = feed.facility[start.facility], feed.facility[end.facility]
        far = great_circle_km(a.lat, a.lon, b.lat, b.lon)
        if vehicle.range_km and far > vehicle.range_km and end not in told:
            told.add(end)
            report.add(
                "calls",
                position[end],
                "facility",
                end.facility,
                m.OUT_OF_RANGE(
                    km=round(far), facility=start.facility, vehicle=vehicle.name, range=vehicle.range_km
                ),
                m.ADD_STOP(),
            )
        if before is not None and start not in told:
            if before[3].facility != start.facility:
                told.add(start)
                report.add(
                    "calls",
                    position[start],
                    "facility",
                    start.facility,
                    m.ELSEWHERE(
                        registration=registration, facility=before[3].facility, service=before[3].service
                    ),
                    m.FLY_THERE(),
                )
            elif departs - before[1] < vehicle.turnaround_minutes:
                told.add(start)
                report.add(
                    "calls",
                    position[start],
                    "depart",
                    start.depart,
                    m.SHORT_GROUND(
                        minutes=departs - before[1],
                        service=before[3].service,
                        vehicle=vehicle.name,
                        needed=vehicle.turnaround_minutes,
                    ),
                    m.DEPART_LATER(),
                )
        before = hop
