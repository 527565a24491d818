"""From a Feed to a Timetable: calendars, clocks, opening hours, handling, customs and rates folded in.

What a row of the feed says once is worked out once (a *template*: a segment or a ride of a service on any
day) and then repeated over the days on which the service runs, all in numpy.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qafila.network.cabotage import CabotageLaw, changes
from qafila.network.clocks import Clocks, OpenTimes, running_days, utc_epoch
from qafila.network.model import Calendar, Feed
from qafila.network.ride_terms import Terms
from qafila.network.timetable import Mode, Timetable

Ints = NDArray[np.int64]
_DAY = 1440


def compile_timetable(feed: Feed, start: date, days: int) -> Timetable:
    """The timetable of `days` days from 00:00 UTC of `start`.

    It holds each segment that departs and arrives within the horizon, voyages begun before it included,
    and each ride that can still be boarded and whose goods are ready before the horizon's end. The feed
    must be valid (`validate.problems`). Rates and emission factors are those in force on `start`.
    """
    return _Compiler(feed, start, days).timetable()


@dataclass(frozen=True)
class _Rides:
    """Ride templates, and which service each is of."""

    service: Ints
    first: Ints  # call boarded
    last: Ints  # call left
    from_bonded: NDArray[np.bool_]
    to_bonded: NDArray[np.bool_]
    to_door: NDArray[np.bool_]
    from_door: NDArray[np.bool_]
    cleared: NDArray[np.bool_]
    fixed: Ints
    per_kg: Ints
    co2e: Ints


class _Compiler:
    def __init__(self, feed: Feed, start: date, days: int) -> None:
        self.feed, self.start, self.days = feed, start, days
        self.epoch = utc_epoch(start)
        self.facility_index = {f.id: i for i, f in enumerate(feed.facilities)}
        self.calls = [feed.service_calls[s.id] for s in feed.services]
        furthest = max((c.arrive or 0 for calls in self.calls for c in calls[-1:]), default=0)
        self.first_day = -(furthest // _DAY + 2)
        self.last_day = days + 2
        span = (self.first_day - 2, self.last_day + furthest // _DAY + 45)
        zones = sorted({f.timezone for f in feed.facilities} | {"UTC"})
        self.clocks = Clocks(zones, self.epoch, *span)
        self.terms = Terms(feed, start)
        pairs = sorted({(f.hours, f.timezone) for f in feed.facilities if f.hours} | self.terms.desk_pairs)
        self.open = OpenTimes(feed.hours, pairs, self.clocks, self.epoch, *span)
        self.facility_hours = np.array(
            [self.open.index.get((f.hours, f.timezone), -1) for f in feed.facilities], dtype=np.int64
        )
        self._nodes()

    def _nodes(self) -> None:
        count = len(self.feed.facilities)
        at_doors = {
            calls[0].facility
            for service, calls in zip(self.feed.services, self.calls, strict=True)
            if service.mode in (Mode.DELIVERY, Mode.COLLECTION) and calls
        }
        self.bonded = np.full(count, -1, dtype=np.int64)
        self.door = np.full(count, -1, dtype=np.int64)
        owner = list(range(count))
        for i, facility in enumerate(self.feed.facilities):
            if facility.gateway:
                self.bonded[i] = len(owner)
                owner.append(i)
        for i, facility in enumerate(self.feed.facilities):
            if facility.id in at_doors:
                self.door[i] = len(owner)
                owner.append(i)
        self.node_facility = np.array(owner, dtype=np.int32)
        known = {t.id: i for i, t in enumerate(self.feed.territories)}
        lies_in = np.array([known[f.territory] for f in self.feed.facilities], dtype=np.int32)
        self.node_territory = lies_in[self.node_facility]
        self.node_territory[self.bonded[self.bonded >= 0]] = -1

    def _service_days(self) -> tuple[Ints, Ints, Ints]:
        """Days on which each calendar runs, as one array with the start and count of each service's part."""
        count = self.last_day - self.first_day
        first = self.start + timedelta(days=self.first_day)
        changes: dict[str, list[tuple[int, bool]]] = {}
        for change in self.feed.calendar_dates:
            changes.setdefault(change.calendar, []).append(((change.on - first).days, change.runs))
        parts, position, where = [], 0, {}
        for calendar in self.feed.calendars:
            runs = _runs(calendar, first, count)
            for day, does in changes.get(calendar.id, []):
                if 0 <= day < count:
                    runs[day] = does
            active = np.flatnonzero(runs) + self.first_day
            where[calendar.id] = (position, len(active))
            position += len(active)
            parts.append(active)
        at = np.array([where[s.calendar] for s in self.feed.services], dtype=np.int64).reshape(-1, 2)
        return np.concatenate(parts or [np.zeros(0, np.int64)]), at[:, 0], at[:, 1]

    def timetable(self) -> Timetable:
        feed, terms = self.feed, self.terms
        calendar_days, day_at, day_count = self._service_days()
        call_count = np.array([len(c) for c in self.calls], dtype=np.int64)
        call_at = np.cumsum(call_count) - call_count
        flat = [c for calls in self.calls for c in calls]
        where = np.array([self.facility_index[c.facility] for c in flat], dtype=np.int64)
        arrive_wall = _ints(-1 if c.arrive is None else c.arrive for c in flat)
        depart_wall = _ints(-1 if c.depart is None else c.depart for c in flat)
        cut_off = _ints(c.cut_off_minutes for c in flat)
        zone_of = _ints(self.clocks.index[f.timezone] for f in feed.facilities)
        on_utc = np.repeat(np.array([s.clock == "utc" for s in feed.services], dtype=bool), call_count)
        zone = np.where(on_utc, self.clocks.index["UTC"], zone_of[where])

        # ---- segments: every service on every day, call by call
        legs = np.maximum(call_count - 1, 0)
        per_service = legs * day_count
        base = np.cumsum(per_service) - per_service  # first segment of each service
        service = np.repeat(np.arange(len(legs)), per_service)
        nth = np.arange(len(service)) - base[service]
        leg = nth % legs[service]
        day = calendar_days[day_at[service] + nth // legs[service]]
        a = call_at[service] + leg
        depart = self.clocks.to_utc(zone[a], day * _DAY + depart_wall[a])
        arrive = self._arrival(
            zone[a], day * _DAY + depart_wall[a], depart, zone[a + 1], day * _DAY + arrive_wall[a + 1]
        )
        # on the night of a clock change nothing departs before it has arrived, and it takes no less time for that
        takes = arrive - depart
        for later in range(1, int(legs.max(initial=0))):
            this = np.flatnonzero(leg == later)
            depart[this] = np.maximum(depart[this], arrive[this - 1])
            arrive[this] = np.maximum(arrive[this], depart[this] + takes[this])

        # ---- rides: board at one call, leave at another
        rides = self._ride_templates()
        per_ride = day_count[rides.service]
        ride = np.repeat(np.arange(len(rides.service)), per_ride)
        nth_day = np.arange(len(ride)) - np.repeat(np.cumsum(per_ride) - per_ride, per_ride)
        of = rides.service[ride]
        first_segment = base[of] + nth_day * legs[of] + rides.first[ride]
        last_segment = first_segment + rides.last[ride] - rides.first[ride] - 1
        origin = where[call_at[of] + rides.first[ride]]
        target = where[call_at[of] + rides.last[ride]]
        board = depart[first_segment] - cut_off[call_at[of] + rides.first[ride]]
        board = self.open.latest(np.where(rides.from_door[ride], -1, self.facility_hours[origin]), board)
        ready = self._ready(rides, ride, of, target, arrive[last_segment])

        end = self.days * _DAY
        kept = (depart >= 0) & (arrive <= end)
        number = np.cumsum(kept) - 1
        usable = kept[first_segment] & kept[last_segment] & (board >= 0) & (ready <= end)
        usable &= ~self._barred(rides, ride, day[first_segment])
        which = np.flatnonzero(usable)
        which = which[np.lexsort((ready[which], board[which]))]
        ride = ride[which]
        from_node = np.where(rides.from_bonded[ride], self.bonded[origin[which]], origin[which])
        from_node = np.where(rides.from_door[ride], self.door[origin[which]], from_node)
        to_node = np.where(rides.to_bonded[ride], self.bonded[target[which]], target[which])
        to_node = np.where(rides.to_door[ride], self.door[target[which]], to_node)
        capacity_g, capacity_cm3 = self._capacities()
        capacity = (np.cumsum(legs) - legs)[service] + leg
        epoch_day = (self.start - date(1970, 1, 1)).days
        return Timetable(
            epoch=self.epoch,
            minutes=end,
            currency=feed.currency,
            facility_ids=tuple(f.id for f in feed.facilities),
            service_ids=tuple(s.id for s in feed.services),
            node_facility=self.node_facility,
            bonded_node=_small(self.bonded),
            door_node=_small(self.door),
            segment_service=_small(service[kept]),
            segment_call=_small(leg[kept]),
            segment_day=_small(day[kept] + epoch_day),
            segment_from=_small(where[a[kept]]),
            segment_to=_small(where[a[kept] + 1]),
            segment_depart=_small(depart[kept]),
            segment_arrive=_small(arrive[kept]),
            segment_capacity_g=capacity_g[capacity[kept]],
            segment_capacity_cm3=capacity_cm3[capacity[kept]],
            ride_from=_small(from_node),
            ride_to=_small(to_node),
            ride_board_by=_small(board[which]),
            ride_ready_at=_small(ready[which]),
            ride_first_segment=_small(number[first_segment[which]]),
            ride_segment_count=_small(rides.last[ride] - rides.first[ride]),
            ride_mode=terms.service_mode[rides.service[ride]].astype(np.uint8),
            ride_fixed_cost=_small(rides.fixed[ride]),
            ride_kg_cost=_small(rides.per_kg[ride]),
            ride_co2e=_small(rides.co2e[ride]),
            ride_forbids=terms.service_forbids[rides.service[ride]].astype(np.uint16),
            volumetric_kg_per_m3=terms.volumetric.astype(np.int32),
            weight_step_g=feed.weight_step_g,
            node_territory=self.node_territory,
        )

    def _barred(self, rides: _Rides, ride: Ints, day: Ints) -> NDArray[np.bool_]:
        """Whether the law of cabotage on the service day bars each ride."""
        law, barred = CabotageLaw(self.feed), np.zeros(len(ride), dtype=bool)
        begin, count = self.start + timedelta(days=self.first_day), self.last_day - self.first_day
        concerned = {}
        for number, (index, board, leave) in enumerate(
            zip(rides.service, rides.first, rides.last, strict=True)
        ):
            service, calls = self.feed.services[index], self.calls[index]
            if rules := law.concerning(service, calls, board, leave):
                concerned[number] = rules, calls, int(board), int(leave)
        for number, (rules, calls, first, last) in concerned.items():
            mine = slice(*np.searchsorted(ride, [number, number + 1]))
            for change in changes(rules, begin, count):
                held = law.bars(rules, begin + timedelta(days=change), calls, first, last)
                barred[mine] = np.where(day[mine] - self.first_day >= change, held, barred[mine])
        return barred

    def _arrival(self, zone_left: Ints, left: Ints, depart: Ints, zone: Ints, wall: Ints) -> Ints:
        """Arrivals in UTC, of departures `left` by the wall clock there. Within a day the clocks of the departure hold, so
        that a clock change on the way moves the hand, not the truck; a departure in an hour that is skipped is by the
        clock before it."""
        arrive = self.clocks.to_utc(zone, wall)
        same_day = np.abs(arrive - depart) < _DAY
        skipped = np.maximum(self.clocks.offset(zone_left, depart) - (left - depart), 0)
        steady = wall - self.clocks.offset(zone, depart - skipped)
        return np.maximum(np.where(same_day, steady, arrive), depart + 1)

    def _ready(self, rides: _Rides, ride: Ints, of: Ints, target: Ints, arrive: Ints) -> Ints:
        """When goods are ready: handled in opening hours, then cleared in the desk's, or put in transit."""
        terms = self.terms
        mode = terms.service_mode[of]
        at_door, bonded, cleared = rides.to_door[ride], rides.to_bonded[ride], rides.cleared[ride]
        handling = terms.handling[target, mode] + np.where(bonded, terms.transit[target, mode], 0)
        ready = self.open.work(
            np.where(at_door, -1, self.facility_hours[target]), arrive, np.where(at_door, 0, handling)
        )
        desks = np.array([self.open.index.get(p, -1) for p in terms.desk_list] or [-1], dtype=np.int64)
        desk = desks[terms.desk[target, mode]]
        released = self.open.work(desk, ready, terms.clearance[target, mode])
        return np.where(cleared, released, ready)

    def _ride_templates(self) -> _Rides:
        feed, terms = self.feed, self.terms
        columns: list[list[Any]] = [[] for _ in range(11)]
        for index, (service, calls) in enumerate(zip(feed.services, self.calls, strict=True)):
            tour = service.mode in (Mode.DELIVERY, Mode.COLLECTION)
            km = [0.0]
            for before, call in itertools.pairwise(calls):
                km.append(km[-1] + terms.km(service, before, call))
            for i, first in enumerate(calls):
                for j in range(i + 1, len(calls)):
                    origin, target = feed.facility[first.facility], feed.facility[calls[j].facility]
                    for side in _sides(origin, target, service.under_bond, tour):
                        to_door = service.mode is Mode.DELIVERY
                        fixed, per_kg = terms.cost(service, target, km[j] - km[i], side[2], to_door)
                        row = (
                            index,
                            i,
                            j,
                            side[0],
                            side[1],
                            to_door,
                            service.mode is Mode.COLLECTION,
                            side[2],
                            fixed,
                            per_kg,
                            terms.co2e_mg_per_kg(service, km[j] - km[i]),
                        )
                        for column, value in zip(columns, row, strict=True):
                            column.append(value)
        kinds = "iiibbbbbiii"
        return _Rides(
            *(
                np.array(column, dtype=bool if kind == "b" else np.int64)
                for column, kind in zip(columns, kinds, strict=True)
            )
        )

    def _capacities(self) -> tuple[Ints, Ints]:
        """Grams and cm³ of each segment template, service by service."""
        own = {(c.service, c.sequence): c for c in self.feed.capacities}
        grams, cm3 = [], []
        for service, calls in zip(self.feed.services, self.calls, strict=True):
            for call in calls[:-1]:
                row = own.get((service.id, call.sequence)) or own.get((service.id, None))
                grams.append(round(row.kg * 1000) if row else 0)
                cm3.append(round(row.m3 * 1_000_000) if row else 0)
        return _ints(grams), _ints(cm3)


def _sides(origin: Any, target: Any, under_bond: bool, tour: bool) -> Sequence[tuple[bool, bool, bool]]:
    """(from bonded, to bonded, cleared) of every ride between two calls."""
    if tour:
        return ((False, False, False),)
    if origin.territory == target.territory:
        free = ((False, False, False),)
        if under_bond and origin.gateway and target.gateway:
            return (*free, (True, True, False), (True, False, True))
        return free
    sides = [(False, False, True), (False, True, False)]
    if origin.gateway:
        sides += [(True, False, True), (True, True, False)]
    return sides


def _runs(calendar: Calendar, first: date, count: int) -> NDArray[np.bool_]:
    runs = running_days(calendar.days, calendar.holidays, first, count)
    runs[: max(0, (calendar.valid_from - first).days)] = False
    runs[max(0, (calendar.valid_to - first).days + 1) :] = False
    return runs


def _ints(values: Any) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _small(values: Ints) -> NDArray[np.int32]:
    return values.astype(np.int32)
