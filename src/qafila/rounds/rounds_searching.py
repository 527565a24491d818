"""PyVRP's search on a day: what it knows of is told to it, and its solution is read back as routes.

It knows windows, several loads, pick-ups, trips, days of a limited length, several stations and vehicles, and stops
that may be left out at a price. Skills are told to it as rides that do not exist. It knows no breaks and no fairness:
those are `mending.py` and `sharing.py`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from pyvrp import (
    Activity,
    ActivityType,
    Client,
    Depot,
    IteratedLocalSearchParams,
    Location,
    ProblemData,
    Solution,
    SolveParams,
    VehicleType,
    solve,
)
from pyvrp import Route as Tour

from qafila.rounds.model import LOAD, Day, Ints, Route, Stop, Vehicle

_NO_WAY = 1 << 34
"""Metres and seconds of a ride that a vehicle cannot make: longer than all that it could replace."""


class Stopping(Protocol):
    """Tells a search, after each of its rounds, whether to end."""

    def __call__(self, best_cost: int) -> bool:
        """Whether to end, with the best cost that it has."""


class Until:
    """Stops a search after some seconds of a clock, or after some rounds of it without anything better.

    seconds: how long. patience: how many rounds; 0: as many as it likes. clock: tells seconds.
    """

    def __init__(
        self, seconds: float, patience: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock, self._end, self._patience = clock, clock() + seconds, patience
        self._best, self._since = -1, 0

    def __call__(self, best_cost: int) -> bool:
        if best_cost != self._best:
            self._best, self._since = best_cost, 0
        self._since += 1
        return (self._patience > 0 and self._since > self._patience) or self._clock() >= self._end


@dataclass(frozen=True, slots=True)
class Asked:
    """A day in PyVRP's terms.

    Attributes:
        data: the instance.
        types: the vehicles of each of its vehicle types, as indices of the day's vehicles.
        optional: whether stops may be left out.
    """

    data: ProblemData
    types: tuple[tuple[int, ...], ...]
    optional: bool


def asked(day: Day, optional: bool = True, cap: int | None = None, rested: bool = True) -> Asked:
    """Tells a day to PyVRP.

    Args:
        day: what is planned.
        optional: stops may be left out at what they are worth; else all have to be served.
        cap: how many seconds a vehicle may be out at most, where that is less than its own limit.
        rested: days are shortened by the breaks that fall into them.
    """
    depots, where = _depots(day)
    unit = _unit(day)
    groups: dict[tuple[Vehicle, frozenset[int]], list[int]] = {}
    for index, vehicle in enumerate(day.vehicles):
        barred = frozenset(s for s, stop in enumerate(day.stops) if not day.may(vehicle, stop))
        groups.setdefault((vehicle.like, barred), []).append(index)
    profiles: dict[tuple[int, frozenset[int]], int] = {}
    types = []
    for (vehicle, barred), members in groups.items():
        profile = profiles.setdefault((vehicle.kind, barred), len(profiles))
        types.append(_type(day, vehicle, len(members), profile, where, unit, cap, rested))
    distances, durations = zip(*(_matrices(day, kind, barred) for kind, barred in profiles), strict=True)
    data = ProblemData(
        locations=[Location(0, 0) for _ in range(len(day.travel[0].metres))],
        clients=[_client(day, stop, optional, unit) for stop in day.stops],
        depots=depots,
        vehicle_types=types,
        distance_matrices=list(distances),
        duration_matrices=list(durations),
    )
    return Asked(data, tuple(tuple(m) for m in groups.values()), optional)


def _depots(day: Day) -> tuple[list[Depot], dict[tuple[int, int], int]]:
    """Depots by their place and how long loading takes there; a round begins and ends at one that takes no time."""
    where: dict[tuple[int, int], int] = {}
    for vehicle in day.vehicles:
        for key in ((vehicle.start, 0), (vehicle.ends, 0), (vehicle.begins, vehicle.reload)):
            where.setdefault(key, len(where))
    return [Depot(place, service_duration=takes) for place, takes in where], where


def _type(
    day: Day,
    vehicle: Vehicle,
    count: int,
    profile: int,
    where: dict[tuple[int, int], int],
    unit: int,
    cap: int | None,
    rested: bool,
) -> VehicleType:
    most = min(vehicle.most, vehicle.latest - vehicle.earliest)
    if cap is not None:
        most = min(most, cap)
    if rested and vehicle.rest is not None and most > vehicle.rest.after:
        most -= vehicle.rest.seconds * ((most - 1) // (vehicle.rest.after + vehicle.rest.seconds))
    reloads = [where[vehicle.begins, vehicle.reload]] if vehicle.trips > 1 else []
    # costs are per 1,000 metres and seconds: PyVRP counts in whole units, so all else is told in thousands
    return VehicleType(
        count,
        [*vehicle.capacity, *[1 << 40] * (day.loads - len(vehicle.capacity))],
        where[vehicle.start, 0],
        where[vehicle.ends, 0],
        fixed_cost=(1000 * vehicle.fixed + (_SPARE if vehicle.spare else 0)) // unit,
        tw_early=vehicle.earliest,
        tw_late=vehicle.latest,
        shift_duration=most,
        unit_distance_cost=vehicle.metre // unit,
        unit_duration_cost=vehicle.second // unit,
        profile=profile,
        reload_depots=reloads,
        max_reloads=vehicle.trips - 1,
    )


_SPARE = 10**9


def _unit(day: Day) -> int:
    """What all costs are whole numbers of: the search weighs them against what is too late or too heavy, and its
    weights have limits."""
    costs = [v.metre for v in day.vehicles] + [v.second for v in day.vehicles]
    return math.gcd(*costs) or 1


def _client(day: Day, stop: Stop, optional: bool, unit: int) -> Client:
    def padded(values: Sequence[int]) -> list[int]:
        return [*values, *[0] * (day.loads - len(values))]

    return Client(
        stop.place,
        padded(stop.leaves),
        padded(stop.takes),
        stop.service,
        stop.earliest,
        stop.latest,
        stop.ready,
        prize=1000 * stop.worth // unit if optional else 0,
        required=not optional,
    )


def _matrices(day: Day, kind: int, barred: frozenset[int]) -> tuple[Ints, Ints]:
    """The matrices of a kind of vehicle, without a way to stops that it cannot serve.

    A place may be shared by stops of which it can serve some only: then the way stays, and who reads the solution
    takes such stops out again.
    """
    travel = day.travel[kind]
    if not barred:
        return travel.metres, travel.seconds
    served = {s.place for i, s in enumerate(day.stops) if i not in barred}
    kept = served | {v.begins for v in day.vehicles} | {v.ends for v in day.vehicles}
    closed = sorted({day.stops[i].place for i in barred} - kept)
    metres, seconds = travel.metres.copy(), travel.seconds.copy()
    for matrix in (metres, seconds):
        matrix[:, closed] = _NO_WAY
        matrix[closed, :] = _NO_WAY
        np.fill_diagonal(matrix, 0)
    return metres, seconds


def search(given: Asked, stop: Stopping, seed: int = 0, first: Sequence[Route] | None = None) -> list[Route]:
    """The best routes that PyVRP finds, one for each vehicle of the day, in the day's order; empty ones stay at home.

    Args:
        given: the day.
        stop: when to end.
        seed: of its random numbers.
        first: routes to begin with, one for each vehicle.
    """
    start = None if first is None else _solution(given, first)
    params = SolveParams(
        ils=IteratedLocalSearchParams(num_iters_no_improvement=_RESTART, history_length=_HISTORY)
    )
    found = solve(given.data, stop, seed, collect_stats=False, params=params, initial_solution=start).best
    return _routes(given, found)


_RESTART = 100_000
_HISTORY = 50  # how many steps back it compares with: a short memory gains more in a minute


def _solution(given: Asked, first: Sequence[Route]) -> Solution:
    kind_of = {vehicle: kind for kind, members in enumerate(given.types) for vehicle in members}
    tours = []
    for vehicle, route in enumerate(first):
        if not route:
            continue
        kind = kind_of[vehicle]
        reload = given.data.vehicle_type(kind).reload_depots
        steps = [
            Activity(ActivityType.DEPOT, reload[0]) if s == LOAD else Activity(ActivityType.CLIENT, s)
            for s in route
        ]
        tours.append(Tour(given.data, steps, kind))
    return Solution(given.data, tours)


def _routes(given: Asked, found: Solution) -> list[Route]:
    free = [list(members) for members in given.types]
    routes: list[Route] = [[] for members in given.types for _ in members]
    for tour in found.routes():
        steps = tour.schedule()[1:-1]
        route = [step.idx if step.is_client() else LOAD for step in steps]
        routes[free[tour.vehicle_type()].pop(0)] = route
    return routes
