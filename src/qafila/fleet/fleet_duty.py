"""Crews' duty as rules: how long a crew may fly, how long it rests, and where along a tail's sectors crews change.

The rules stand in duty-limits.csv and duty-rules.csv with their sources and dates. Times are UTC minutes; the start of a
duty is read on the wall clock of the place where it begins, as the rules want of a crew that is acclimatised there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from qafila.core.message import Message, Place
from qafila.fleet import fleet_messages as say
from qafila.fleet.fleet_types import rows
from qafila.fleet.model import AircraftType, Flown

MOST_SECTORS_WITH_REST = 3
"""With rest in flight a duty has at most so many sectors (CS FTL.1.205(c))."""
_HOTEL = 6 * 60
"""A change of crew away from base weighs as much as so many minutes of a pilot's duty: an assumption."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What one crew flies without a rest: pilots, begin and end of the flight duty, and the most it may last."""

    flown: tuple[Flown, ...]
    pilots: int
    reports: int
    ends: int
    most: int

    @property
    def minutes(self) -> int:
        """Length of the flight duty period: from reporting until the last sector is on blocks."""
        return self.ends - self.reports

    @property
    def spare(self) -> int:
        """Minutes by which it may still grow; below 0 where it is too long already."""
        return self.most - self.minutes


@cache
def rule(name: str, days: int = 0) -> int:
    """Minutes of a rule."""
    return next(
        int(r["minutes"]) for r in rows("duty-rules.csv") if r["rule"] == name and int(r["days"] or 0) == days
    )


@cache
def _table() -> tuple[tuple[int, int, tuple[int, ...]], ...]:
    def minute(clock: str) -> int:
        return int(clock[:2]) * 60 + int(clock[3:])

    return tuple(
        (minute(r["from"]), minute(r["until"]), tuple(int(r[f"s{n}"]) for n in range(2, 11)))
        for r in rows("duty-limits.csv")
    )


def longest(start: int, sectors: int, pilots: int = 2, bunk: bool = False) -> int:
    """The longest flight duty period in minutes.

    Args:
        start: minute of the day on the wall clock at which the crew reports.
        sectors: how many it flies.
        pilots: two, or three or four where they take turns to rest.
        bunk: whether the aircraft has a rest facility of class 1; without one, more pilots change nothing.
    """
    within = start % 1440
    basic = next(
        limits[min(max(sectors, 2), 10) - 2]
        for begins, ends, limits in _table()
        if (begins <= within < ends) or (begins > ends and (within >= begins or within < ends))
    )
    if pilots > 2 and bunk and sectors <= MOST_SECTORS_WITH_REST:
        return max(basic, rule("inflight_rest_3_pilots" if pilots == 3 else "inflight_rest_4_pilots"))
    return basic


def of(flown: Sequence[Flown], type: AircraftType, pilots: int, epoch: datetime, zone: str) -> Duty:
    """Sectors as one duty of a crew of so many pilots."""
    reports = flown[0].depart - rule("report_before")
    local = (epoch + timedelta(minutes=reports)).astimezone(ZoneInfo(zone or "UTC"))
    most = longest(local.hour * 60 + local.minute, len(flown), pilots, type.rest_class_1)
    return Duty(tuple(flown), pilots, reports, flown[-1].arrive, most)


def divide(
    chain: Sequence[Flown], type: AircraftType, epoch: datetime, zone_of: dict[str, str], base: str
) -> list[Duty]:
    """Where crews change along the sectors of one tail, so that all duties are allowed and the fewest pilots' minutes go
    into them. A sector too long for any crew is a duty by itself, with `spare` below 0.

    Args:
        chain: sectors in order; a gap longer than a rest always changes the crew.
        type: of the tail.
        epoch: the instant of minute 0.
        zone_of: time zone of each facility.
        base: where crews live; elsewhere a change costs a night.
    """
    cheapest: list[tuple[float, int, Duty | None]] = [(0.0, 0, None)]
    crews = range(type.pilots, type.pilots + (3 if type.rest_class_1 else 1))
    for end in range(1, len(chain) + 1):
        best: tuple[float, int, Duty | None] | None = None
        for begin in range(end - 1, max(-1, end - 11), -1):
            part = chain[begin:end]
            if part[-1].arrive - part[0].depart > 20 * 60 and end - begin > 1:
                break
            change = 0.0 if begin == 0 or part[0].sector.origin == base else _HOTEL * type.pilots
            for pilots in crews:
                duty = of(part, type, pilots, epoch, zone_of.get(part[0].sector.origin, "UTC"))
                too_long = max(0, -duty.spare)
                if too_long and end - begin > 1:
                    continue
                cost = cheapest[begin][0] + pilots * duty.minutes + change + 1e4 * too_long
                if best is None or cost < best[0]:
                    best = cost, begin, duty
        assert best is not None
        cheapest.append(best)
    found: list[Duty] = []
    end = len(chain)
    while end:
        _, begin, one = cheapest[end]
        assert one is not None
        found.append(one)
        end = begin
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Worked:
    """A duty of a person as a roster has it: aware instants, block minutes, sectors, crew, and the places of its ends."""

    reports: datetime
    ends: datetime
    block: int
    sectors: int
    pilots: int
    origin: str
    to: str
    bunk: bool = False


def breaches(worked: Sequence[Worked], base: str, zones: dict[str, str]) -> list[tuple[int, Message]]:
    """What a roster of one person breaks: the number of the duty, and which rule.

    Args:
        worked: duties in order of time.
        base: the person's home base.
        zones: time zone of each place.
    """
    found: list[tuple[int, Message]] = []
    after = rule("duty_after")
    for n, duty in enumerate(worked):
        local = duty.reports.astimezone(ZoneInfo(zones.get(duty.origin, "UTC")))
        most = longest(local.hour * 60 + local.minute, duty.sectors, duty.pilots, duty.bunk)
        lasted = _minutes(duty.ends - duty.reports)
        if lasted > most:
            found.append((n, say.DUTY_TOO_LONG(hours=_hours(lasted), most=_hours(most))))
        if n:
            before = worked[n - 1]
            long = _minutes(before.ends - before.reports) + after
            least = max(long, rule("rest_at_base" if before.to == base else "rest_away"))
            rested = _minutes(duty.reports - before.ends) - after
            if rested < least:
                found.append(
                    (
                        n,
                        say.REST_TOO_SHORT(
                            hours=_hours(rested), least=_hours(least), place=Place(before.to, before.to)
                        ),
                    )
                )
    for name, block, days in (
        ("duty_in_days", False, 7),
        ("duty_in_days", False, 14),
        ("duty_in_days", False, 28),
        ("flight_in_days", True, 28),
    ):
        found += _over_days(worked, name, block, days)
    return sorted(found, key=lambda f: f[0])


def _over_days(worked: Sequence[Worked], name: str, block: bool, days: int) -> list[tuple[int, Message]]:
    """Sums over so many days that end with each duty; a duty that began before them counts whole, on the safe side."""
    most, after, found = rule(name, days), rule("duty_after"), []
    ends = [d.ends for d in worked]
    for n, duty in enumerate(worked):
        first = bisect_left(ends, duty.ends - timedelta(days=days))
        total = sum(d.block if block else _minutes(d.ends - d.reports) + after for d in worked[first : n + 1])
        if total > most:
            kind = say.FLIGHT_IN_DAYS if block else say.DUTY_IN_DAYS
            found.append((n, kind(hours=_hours(total), most=_hours(most), days=days)))
    return found


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def _hours(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def in_force(on: date) -> bool:
    """Whether the rules of the files hold on a day already."""
    return all(
        date.fromisoformat(r["valid_from"]) <= on for r in (*rows("duty-limits.csv"), *rows("duty-rules.csv"))
    )
