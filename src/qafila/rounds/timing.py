"""When a vehicle is where, for one order of stops: windows, loads, trips, breaks. Exact, and compiled.

A break may be taken wherever the vehicle stands: at the end of a visit, or on arrival before the next one. Which of
these are taken is a small dynamic program: for each point only those pairs of (time, last rested) are kept of which no
other is better in both. Leaving is tried at five times, from the earliest to the latest that holds without breaks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from qafila.rounds.model import FOREVER, LOAD, Day, Doing, Ints, Point, Round, Route, Travel, Vehicle

_LABELS = 12
_NO_REST, _REST_BEFORE_RIDE, _REST_ON_ARRIVAL, _REST_BOTH = 0, 1, 2, 3


class Stops(NamedTuple):
    """The stops of a day as arrays, for the kernels."""

    place: Ints
    earliest: Ints
    latest: Ints
    service: Ints
    ready: Ints
    leaves: Ints  # (stops, loads)
    takes: Ints


class Ride(NamedTuple):
    """A vehicle for the kernels."""

    start: int  # where it is when the day begins
    begins: int  # where it loads
    ends: int
    capacity: Ints
    earliest: int
    latest: int
    most: int
    reload: int
    trips: int
    rest_after: int
    rest: int
    since: int  # since when its driver has not rested, where he is on his way; FOREVER: he begins his day
    fixed: int
    metre: int
    second: int


def stops_of(day: Day, told: bool = False) -> Stops:
    """The stops of a day as arrays; with `told`, the windows that people were told hold like those asked for."""
    loads = day.loads

    def padded(values: tuple[int, ...]) -> list[int]:
        return list(values) + [0] * (loads - len(values))

    windows = [
        (max(s.earliest, s.told[0]), min(s.latest, s.told[1])) if told and s.told else (s.earliest, s.latest)
        for s in day.stops
    ]
    return Stops(
        np.array([s.place for s in day.stops], dtype=np.int64),
        np.array([early for early, _ in windows], dtype=np.int64),
        np.array([late for _, late in windows], dtype=np.int64),
        np.array([s.service for s in day.stops], dtype=np.int64),
        np.array([s.ready for s in day.stops], dtype=np.int64),
        np.array([padded(s.leaves) for s in day.stops], dtype=np.int64).reshape(len(day.stops), loads),
        np.array([padded(s.takes) for s in day.stops], dtype=np.int64).reshape(len(day.stops), loads),
    )


def ride_of(day: Day, vehicle: Vehicle) -> Ride:
    """A vehicle for the kernels."""
    capacity = list(vehicle.capacity) + [FOREVER] * (day.loads - len(vehicle.capacity))
    rest = vehicle.rest
    return Ride(
        vehicle.start,
        vehicle.begins,
        vehicle.ends,
        np.array(capacity, dtype=np.int64),
        vehicle.earliest,
        vehicle.latest,
        vehicle.most,
        vehicle.reload,
        vehicle.trips,
        rest.after if rest else FOREVER,
        rest.seconds if rest else 0,
        FOREVER if vehicle.at is None else vehicle.earliest - vehicle.awake,
        vehicle.fixed,
        vehicle.metre,
        vehicle.second,
    )


@njit(cache=True)
def loads_fit(order: Ints, stops: Stops, ride: Ride) -> bool:
    """Whether every trip of an order of stops fits into the vehicle at every point, and there are not too many."""
    kinds = len(ride.capacity)
    trips = 1
    first = 0
    n = len(order)
    for at in range(n + 1):
        if at < n and order[at] != LOAD:
            continue
        for kind in range(kinds):
            on_board = 0
            for k in range(first, at):
                on_board += stops.leaves[order[k], kind]
            if on_board > ride.capacity[kind]:
                return False
            for k in range(first, at):
                on_board += stops.takes[order[k], kind] - stops.leaves[order[k], kind]
                if on_board > ride.capacity[kind]:
                    return False
        if at < n:
            trips += 1
        first = at + 1
    return trips <= ride.trips


@njit(cache=True)
def _ready(order: Ints, first: int, stops: Stops) -> int:
    """When the goods of the trip that begins at a position are all at the station."""
    last = 0
    for k in range(first, len(order)):
        if order[k] == LOAD:
            break
        last = max(last, stops.ready[order[k]])
    return last


@njit(cache=True)
def distance(order: Ints, stops: Stops, ride: Ride, metres: Ints) -> int:
    """Metres of a route, from where the vehicle begins to where it ends."""
    total = 0
    here = ride.start
    for stop in order:
        there = ride.begins if stop == LOAD else stops.place[stop]
        total += metres[here, there]
        here = there
    return total + metres[here, ride.ends]


@njit(cache=True)
def _latest_start(order: Ints, stops: Stops, ride: Ride, seconds: Ints) -> int:
    """How late a vehicle can leave without coming back later, breaks left out; -1 where it comes too late anyway."""
    start = max(ride.earliest, _ready(order, 0, stops))
    time, here = start, ride.start
    slack, waited = FOREVER, 0
    for at in range(len(order) + 1):
        if at == len(order):
            there, early, late, service = ride.ends, 0, ride.latest, 0
        elif order[at] == LOAD:
            there, early, late, service = (
                ride.begins,
                _ready(order, at + 1, stops) - ride.reload,
                ride.latest,
                ride.reload,
            )
        else:
            stop = order[at]
            there, early, late, service = (
                stops.place[stop],
                stops.earliest[stop],
                stops.latest[stop],
                stops.service[stop],
            )
        time += seconds[here, there]
        if time < early:
            waited += early - time
            time = early
        if time > late:
            return -1
        slack = min(slack, waited + late - time)
        time += service
        here = there
    return start + min(slack, waited)


@njit(cache=True)
def _labels(
    start: int, order: Ints, stops: Stops, ride: Ride, seconds: Ints
) -> tuple[Ints, Ints, Ints, Ints, int]:
    """The times at which each point can be done with, for a start.

    Returns, by point and label: when it is left, since when nobody rested, the label before, which rests were taken; and
    the label of the last point that is best, -1 where the route is not possible.
    """
    n = len(order) + 1
    done = np.full((n + 1, _LABELS), FOREVER, dtype=np.int64)
    rested = np.full((n + 1, _LABELS), -1, dtype=np.int64)
    parent = np.full((n + 1, _LABELS), -1, dtype=np.int64)
    option = np.zeros((n + 1, _LABELS), dtype=np.int64)
    done[0, 0], rested[0, 0] = start, min(start, ride.since)
    count, here = 1, ride.start
    for at in range(n):
        if at == n - 1:
            there, early, late, service = ride.ends, 0, min(ride.latest, start + ride.most), 0
        elif order[at] == LOAD:
            there, early, late, service = (
                ride.begins,
                _ready(order, at + 1, stops) - ride.reload,
                ride.latest,
                ride.reload,
            )
        else:
            stop = order[at]
            there, early, late, service = (
                stops.place[stop],
                stops.earliest[stop],
                stops.latest[stop],
                stops.service[stop],
            )
        drive = seconds[here, there]
        found = 0
        for label in range(count):
            for rests in range(4 if ride.rest else 1):
                time, since = done[at, label], rested[at, label]
                if rests & _REST_BEFORE_RIDE:
                    time += ride.rest
                    since = time
                time += drive
                if time - since > ride.rest_after:
                    continue
                if rests & _REST_ON_ARRIVAL:
                    time += ride.rest
                    since = time
                time = max(time, early)
                if time > late or time + service - since > ride.rest_after:
                    continue
                time += service
                worse = False
                for other in range(found):
                    if done[at + 1, other] <= time and rested[at + 1, other] >= since:
                        worse = True
                        break
                if worse:
                    continue
                kept = 0
                for other in range(found):
                    if not (time <= done[at + 1, other] and since >= rested[at + 1, other]):
                        done[at + 1, kept] = done[at + 1, other]
                        rested[at + 1, kept] = rested[at + 1, other]
                        parent[at + 1, kept] = parent[at + 1, other]
                        option[at + 1, kept] = option[at + 1, other]
                        kept += 1
                found = kept
                if found < _LABELS:
                    done[at + 1, found], rested[at + 1, found] = time, since
                    parent[at + 1, found], option[at + 1, found] = label, rests
                    found += 1
        if found == 0:
            return done, rested, parent, option, -1
        count, here = found, there
    best = 0
    for label in range(1, count):
        if done[n, label] < done[n, best]:
            best = label
    return done, rested, parent, option, best


@njit(cache=True)
def best_start(order: Ints, stops: Stops, ride: Ride, seconds: Ints) -> tuple[int, int]:
    """When a vehicle best leaves for an order of stops, and when it is back; (-1, -1) where it cannot be done.

    Leaving later shortens the day as long as nothing comes later for it: with breaks that is tried from the latest
    start that holds without them, and from the earliest.
    """
    if not loads_fit(order, stops, ride):
        return -1, -1
    late = _latest_start(order, stops, ride, seconds)
    if late < 0:
        return -1, -1
    early = max(ride.earliest, _ready(order, 0, stops))
    found = (-1, -1)
    for tried in range(5):
        start = late - (late - early) * tried // 4
        done, _, _, _, label = _labels(start, order, stops, ride, seconds)
        if label >= 0:
            end = done[len(order) + 1, label]
            if found[0] < 0 or end - start < found[1] - found[0]:
                found = (start, end)
            if ride.rest == 0:
                break
        if late == early:
            break
    return found


@njit(cache=True)
def cost_of(order: Ints, stops: Stops, ride: Ride, metres: Ints, seconds: Ints) -> int:
    """What a route costs; -1 where it cannot be done, 0 where it is empty."""
    if len(order) == 0:
        return 0
    start, end = best_start(order, stops, ride, seconds)
    if start < 0:
        return -1
    driven = distance(order, stops, ride, metres)
    return ride.fixed + (driven * ride.metre + (end - start) * ride.second) // 1000


@njit(cache=True)
def work_of(order: Ints, stops: Stops, ride: Ride, seconds: Ints) -> int:
    """Seconds of a route without its breaks; -1 where it cannot be done, 0 where it is empty."""
    if len(order) == 0:
        return 0
    start, end = best_start(order, stops, ride, seconds)
    if start < 0:
        return -1
    work = end - start
    if ride.rest:
        _, _, parent, option, label = _labels(start, order, stops, ride, seconds)
        for at in range(len(order) + 1, 0, -1):
            taken = option[at, label]
            work -= ride.rest * ((taken & 1) + (taken >> 1))
            label = parent[at, label]
    return work


@njit(cache=True)
def begins_of(order: Ints, stops: Stops, ride: Ride, seconds: Ints) -> Ints:
    """When the visit of each point of a route begins; empty where it cannot be done."""
    start, _ = best_start(order, stops, ride, seconds)
    if start < 0:
        return np.empty(0, dtype=np.int64)
    done, _, parent, _, label = _labels(start, order, stops, ride, seconds)
    begins = np.zeros(len(order), dtype=np.int64)
    label = parent[len(order) + 1, label]
    for at in range(len(order), 0, -1):
        stop = order[at - 1]
        begins[at - 1] = done[at, label] - (ride.reload if stop == LOAD else stops.service[stop])
        label = parent[at, label]
    return begins


def timed(day: Day, vehicle: Vehicle, route: Route, stops: Stops | None = None) -> Round | None:
    """A route with its times and breaks; None where it cannot be done.

    Args:
        day: what is planned.
        vehicle: whose route it is.
        route: indices of the day's stops in order, LOAD between trips.
        stops: the day's stops as arrays, where they are at hand.
    """
    arrays = stops_of(day) if stops is None else stops
    ride, travel = ride_of(day, vehicle), day.travel[vehicle.kind]
    order = np.array(route, dtype=np.int64)
    start, _ = best_start(order, arrays, ride, travel.seconds)
    if start < 0:
        return None
    done, _, parent, option, label = _labels(start, order, arrays, ride, travel.seconds)
    chosen = []
    for at in range(len(order) + 1, 0, -1):
        chosen.append((int(done[at, label]), int(option[at, label])))
        label = parent[at, label]
    points = _points(day, vehicle, route, travel, start, chosen[::-1])
    metres = int(distance(order, arrays, ride, travel.metres))
    length = points[-1].ends - start
    cost = vehicle.fixed + (metres * vehicle.metre + length * vehicle.second) // 1000
    return Round(vehicle.id, tuple(points), metres, length, cost)


def _points(
    day: Day, vehicle: Vehicle, route: Route, travel: Travel, start: int, chosen: list[tuple[int, int]]
) -> list[Point]:
    points = [Point(Doing.LEAVE, start, start, start)]
    time, here = start, vehicle.start
    for at, (left, rests) in enumerate(chosen):
        last = at == len(route)
        loads = not last and route[at] == LOAD
        stop = None if last or loads else day.stops[route[at]]
        there = vehicle.ends if last else stop.place if stop else vehicle.begins
        rest = vehicle.rest.seconds if vehicle.rest else 0
        if rests & _REST_BEFORE_RIDE:
            points.append(Point(Doing.REST, time, time, time + rest))
            time += rest
        time += int(travel.seconds[here, there])
        arrived = time
        if rests & _REST_ON_ARRIVAL:
            points.append(Point(Doing.REST, time, time, time + rest))
            time += rest
        service = vehicle.reload if loads else stop.service if stop else 0
        doing = Doing.BACK if last else Doing.LOAD if loads else Doing.STOP
        points.append(Point(doing, arrived, left - service, left, stop.id if stop else ""))
        time, here = left, there
    return points
