"""The schedule of the fleet from the network's feed, and what cannot be flown of it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np

from qafila.core.geo import great_circle_km
from qafila.core.message import Message, Place
from qafila.fleet import fleet_duty
from qafila.fleet import fleet_messages as say
from qafila.fleet.fleet_types import aircraft_types
from qafila.fleet.model import Aboard, Board, Change, Closure, Flown, Key, Outage, Sector, Tail
from qafila.network.clocks import Clocks, running_days
from qafila.network.model import Feed, Service
from qafila.network.timetable import Mode

EPOCH_DAY = date(1970, 1, 1)
BEFORE = 4
"""Days before a time whose flights may still be under way in it."""
A_RUN = timedelta(days=5)
"""Within so long after the day before its service day the last sector of a run has left."""


def board(
    feed: Feed,
    begins: datetime,
    ends: datetime,
    more: Iterable[Tail] = (),
    changes: Mapping[Key, Change] | None = None,
    outages: Sequence[Outage] = (),
    closures: Sequence[Closure] = (),
) -> Board:
    """The sectors of the fleet that touch a time: services of the feed that name a registration.

    Args:
        feed: the network.
        begins, ends: aware instants; minute 0 of the board is `begins` at 00:00 UTC.
        more: tails beside those that the feed names, such as spares.
        changes: what holds instead of the plan.
        outages, closures: tails and facilities that are out of use; minutes since the board's epoch.
    """
    epoch = epoch_of(begins)
    types = aircraft_types({v.id: v for v in feed.vehicles})
    services = [s for s in feed.services if s.registration and s.mode is Mode.AIR]
    tails = {t.registration: t for t in more}
    for service in services:
        first = feed.service_calls[service.id][0].facility
        tails.setdefault(service.registration, Tail(service.registration, service.vehicle, first))
    zones = {f.id: f.timezone for f in feed.facilities}
    low, high = minute(epoch, begins), minute(epoch, ends)
    planned = [
        one for service in services for one in _sectors(feed, service, epoch, -BEFORE, -(-high // 1440) + 1)
    ]
    # what a delay moved into the time counts too
    latest = {key: c.delay for key, c in (changes or {}).items()}
    seen = [s for s in planned if s.arrive + latest.get(s.key, 0) > low and s.depart < high]
    whole = Board(
        epoch, tuple(Flown(s, s.tail) for s in seen), tails, types, tuple(outages), tuple(closures), zones
    )
    return whole.with_changes(changes or {})


def epoch_of(begins: datetime) -> datetime:
    """Minute 0 of a board that begins then: 00:00 UTC of the day."""
    return begins.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def minute(epoch: datetime, instant: datetime) -> int:
    """Whole minutes from an epoch to an instant, rounded down."""
    return int((instant - epoch).total_seconds() // 60)


def day_begins(day: int) -> datetime:
    """00:00 UTC of the day before a service day: flights of the day leave after it, whatever their zone."""
    return datetime.combine(date_of(day) - timedelta(days=1), datetime.min.time(), UTC)


def date_of(day: int) -> date:
    """The date of a service day."""
    return EPOCH_DAY + timedelta(days=day)


def _sectors(feed: Feed, service: Service, epoch: datetime, first: int, days: int) -> list[Sector]:
    calendar = next(c for c in feed.calendars if c.id == service.calendar)
    changed = {c.on: c.runs for c in feed.calendar_dates if c.calendar == calendar.id}
    start = epoch.date() + timedelta(days=first)
    count = days - first
    runs = running_days(calendar.days, calendar.holidays, start, count)
    calls = feed.service_calls[service.id]
    zones = sorted({feed.facility[c.facility].timezone for c in calls} | {"UTC"})
    clocks = Clocks(zones, epoch, first - 1, days + 30)
    room = {c.sequence: c for c in feed.capacities if c.service == service.id}
    found = []
    for n in range(count):
        on = start + timedelta(days=n)
        if not changed.get(on, bool(runs[n]) and calendar.valid_from <= on <= calendar.valid_to):
            continue
        for i, (a, b) in enumerate(itertools.pairwise(calls)):
            zone = [
                clocks.index["UTC" if service.clock == "utc" else feed.facility[c.facility].timezone]
                for c in (a, b)
            ]
            wall = [(first + n) * 1440 + (a.depart or 0), (first + n) * 1440 + (b.arrive or 0)]
            depart, arrive = clocks.to_utc(np.array(zone), np.array(wall))
            here, there = feed.facility[a.facility], feed.facility[b.facility]
            has = room.get(a.sequence) or room.get(None)
            found.append(
                Sector(
                    service.id,
                    (on - EPOCH_DAY).days,
                    i,
                    a.facility,
                    b.facility,
                    int(depart),
                    int(arrive),
                    service.registration,
                    service.vehicle,
                    great_circle_km(here.lat, here.lon, there.lat, there.lon),
                    int((has.kg if has else 0) * 1000),
                    int((has.m3 if has else 0) * 1_000_000),
                )
            )
    return found


def impossible(board: Board, aboard: Mapping[Key, Aboard] | None = None) -> dict[Key, list[Message]]:
    """What of the schedule cannot be flown as it stands, by sector: a tail that is elsewhere, without ground time, out of
    service or too far from home; closed facilities; more booked than the tail carries; duties that are too long."""
    found: dict[Key, list[Message]] = defaultdict(list)
    for tail, chain in board.chains().items():
        known = board.tails.get(tail)
        type = board.types.get(known.type) if known else None
        if known is None or type is None:
            for one in chain:
                found[one.sector.key].append(say.NO_TAIL(tail=tail))
            continue
        for before, one in itertools.pairwise(chain):
            key = one.sector.key
            if one.depart < before.arrive:
                found[key].append(say.TWO_AT_ONCE(tail=tail, other=before.sector.service))
            elif before.sector.to != one.sector.origin:
                there = Place(before.sector.to, before.sector.to)
                found[key].append(say.NOT_THERE(tail=tail, place=there, other=before.sector.service))
            elif one.depart - before.arrive < type.turnaround:
                told = say.NO_GROUND_TIME(
                    tail=tail, minutes=one.depart - before.arrive, least=type.turnaround
                )
                found[key].append(told)
        for one in chain:
            found[one.sector.key] += _of_itself(board, one, tail, aboard)
        for crew in duties(board, tail):
            if crew.spare < 0:
                hours, most = (f"{m // 60}:{m % 60:02d}" for m in (crew.minutes, crew.most))
                found[crew.flown[-1].sector.key].append(say.CREW_TOO_LONG(hours=hours, most=most))
    return dict(found)


def _of_itself(board: Board, one: Flown, tail: str, aboard: Mapping[Key, Aboard] | None) -> list[Message]:
    type = board.types[board.tails[tail].type]
    found: list[Message] = [
        say.TAIL_OUT(tail=tail, because=out.because or "–")
        for out in board.outages
        if out.tail == tail and one.depart < out.ends and one.arrive > out.begins
    ]
    if type.reach and one.sector.km > type.reach:
        found.append(say.TOO_FAR(tail=tail, km=round(one.sector.km), reach=type.reach))
    for shut in board.closures:
        for place, at in ((one.sector.origin, one.depart), (one.sector.to, one.arrive)):
            if shut.facility == place and shut.begins <= at < shut.ends:
                found.append(say.CLOSED(place=Place(place, place)))
    over = too_much(board, one.sector, tail, (aboard or {}).get(one.sector.key, Aboard()))
    if over > 0:
        found.append(say.TOO_SMALL(kg=round(over), tail=tail))
    return found


def room_of(board: Board, sector: Sector, tail: str) -> tuple[int, int]:
    """Grams and cm³ that a sector has for parcels when a tail flies it: as the timetable says for its own type; for another
    type the same share of payload and volume."""
    planned, flies = board.types.get(sector.type), board.types.get(board.tails[tail].type)
    if (
        planned is None
        or flies is None
        or planned.id == flies.id
        or not planned.payload
        or not planned.volume
    ):
        return sector.grams, sector.cm3
    return (
        int(sector.grams * flies.payload / planned.payload),
        int(sector.cm3 * flies.volume / planned.volume),
    )


def too_much(board: Board, sector: Sector, tail: str, aboard: Aboard) -> float:
    """kg that are booked on a sector beyond what a tail carries, by weight or by room, whichever is more."""
    grams, cm3 = room_of(board, sector, tail)
    by_room = (aboard.cm3 - cm3) / aboard.cm3 * aboard.grams if aboard.cm3 > cm3 > 0 else 0
    return max(0.0, aboard.grams - grams, by_room) / 1000


def duties(board: Board, tail: str) -> list[fleet_duty.Duty]:
    """How the sectors of a tail are divided among crews, as it is to fly now."""
    known = board.tails.get(tail)
    chain = board.chains().get(tail, [])
    if known is None or known.type not in board.types or not chain:
        return []
    return fleet_duty.divide(chain, board.types[known.type], board.epoch, dict(board.zones), known.base)
