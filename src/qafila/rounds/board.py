"""Routes that are being changed, with their exact costs: the table on which plans are mended, shared and made anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numba import njit

from qafila.rounds.model import LOAD, Day, Ints, Plan, Route, Vehicle, Why
from qafila.rounds.timing import Ride, Stops, cost_of, distance, ride_of, stops_of, timed

NOWHERE = (-1, -1, 0)


@njit(cache=True)
def best_insertion(
    stop: int, order: Ints, cost: int, first: int, stops: Stops, ride: Ride, metres: Ints, seconds: Ints
) -> tuple[int, int, int]:
    """Where a stop fits best into a route.

    Args:
        stop: the stop.
        order: the route.
        cost: what it costs without the stop.
        first: the first position that is allowed.
        stops, ride, metres, seconds: the day.

    Returns:
        What it costs more, the position, and how: 0 as it is, 1 with loading anew before it, 2 with loading anew behind
        it; a position of -1 where it fits nowhere.
    """
    n = len(order)
    best, where, how = 1 << 60, -1, 0
    tried = np.empty(n + 1, dtype=np.int64)
    longer = np.empty(n + 2, dtype=np.int64)
    base = distance(order, stops, ride, metres) if n else 0
    fixed = 0 if n else ride.fixed
    trips = 1
    for at in range(n):
        if order[at] == LOAD:
            trips += 1
    for at in range(first, n + 1):
        tried[:at] = order[:at]
        tried[at] = stop
        tried[at + 1 :] = order[at:]
        if fixed + (distance(tried, stops, ride, metres) - base) * ride.metre // 1000 < best:
            total = cost_of(tried, stops, ride, metres, seconds)
            if total >= 0 and total - cost < best:
                best, where, how = int(total - cost), at, 0
        edge = at == n or order[at] == LOAD
        if trips < ride.trips and edge and at > 0:
            longer[:at] = order[:at]
            longer[at], longer[at + 1] = LOAD, stop
            longer[at + 2 :] = order[at:]
            total = cost_of(longer, stops, ride, metres, seconds)
            if total >= 0 and total - cost < best:
                best, where, how = int(total - cost), at, 1
        if trips < ride.trips and at == 0 and n:
            longer[0], longer[1] = stop, LOAD
            longer[2:] = order
            total = cost_of(longer, stops, ride, metres, seconds)
            if total >= 0 and total - cost < best:
                best, where, how = int(total - cost), at, 2
    return int(best), where, how


def tidy(route: Sequence[int], under_way: bool = False) -> Route:
    """A route without loading for nothing: at its ends, and twice in a row.

    Args:
        route: the route.
        under_way: the vehicle is not at its station: it may have to go there and load before anything else.
    """
    kept: Route = []
    for step in route:
        if step != LOAD or (kept[-1] != LOAD if kept else under_way):
            kept.append(step)
    while kept and kept[-1] == LOAD:
        kept.pop()
    return kept


@dataclass(slots=True, eq=False)
class Board:
    """Routes of a day, one for each vehicle.

    Attributes:
        day: what is planned.
        stops: its stops as arrays; windows may be widened in them.
        routes: indices of stops, by vehicle.
        costs: what each route costs.
        left: stops that stand in no route.
    """

    day: Day
    stops: Stops
    routes: list[Route]
    costs: list[int] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    rides: list[Ride] = field(default_factory=list)
    barred: list[set[int]] = field(default_factory=list)

    @classmethod
    def of(cls, day: Day, routes: Sequence[Route], stops: Stops | None = None) -> Board:
        """A table with these routes; stops of routes that cannot be done are taken out until they can."""
        arrays = stops_of(day) if stops is None else stops
        board = cls(day, arrays, [[] for _ in day.vehicles])
        board.rides = [ride_of(day, v) for v in day.vehicles]
        board.barred = [{i for i, s in enumerate(day.stops) if not day.may(v, s)} for v in day.vehicles]
        board.costs = [0] * len(day.vehicles)
        for number, route in enumerate(routes):
            allowed = tidy([s for s in route if s not in board.barred[number]], board.under_way(number))
            board.put(number, board._possible(number, allowed))
        board.left = set(range(len(day.stops))) - {s for r in board.routes for s in r}
        return board

    def under_way(self, number: int) -> bool:
        """Whether a vehicle is somewhere else than where it loads."""
        return self.day.vehicles[number].at is not None

    def cost(self, number: int, route: Sequence[int]) -> int:
        """What a route costs a vehicle; -1 where it cannot be done."""
        travel = self.day.travel[self.day.vehicles[number].kind]
        return int(
            cost_of(
                np.array(route, dtype=np.int64), self.stops, self.rides[number], travel.metres, travel.seconds
            )
        )

    def put(self, number: int, route: Sequence[int]) -> None:
        """Gives a vehicle a route that it can do."""
        self.routes[number] = list(route)
        self.costs[number] = self.cost(number, route)

    def fits(self, stop: int, number: int, first: int = 0) -> tuple[int, int, int]:
        """What a stop costs more in a vehicle's route, where, and how; a position of -1 where it fits nowhere."""
        if stop in self.barred[number]:
            return NOWHERE
        travel = self.day.travel[self.day.vehicles[number].kind]
        order = np.array(self.routes[number], dtype=np.int64)
        found = best_insertion(
            stop,
            order,
            self.costs[number],
            first,
            self.stops,
            self.rides[number],
            travel.metres,
            travel.seconds,
        )
        return int(found[0]), int(found[1]), int(found[2])

    def insert(self, stop: int, number: int, where: int, how: int) -> None:
        """Puts a stop where `fits` found room for it."""
        new = [stop] if how == 0 else [LOAD, stop] if how == 1 else [stop, LOAD]
        route = self.routes[number]
        self.put(number, [*route[:where], *new, *route[where:]])
        self.left.discard(stop)

    def take_out(self, stops: set[int]) -> list[tuple[int, Route, int]]:
        """Takes stops out of their routes; returns what those vehicles had, to put it back. Where a route cannot be
        done without them (a ride that is longer than both), nothing of it is taken out."""
        before = []
        for number, route in enumerate(self.routes):
            if stops & set(route):
                kept = tidy([s for s in route if s not in stops], self.under_way(number))
                cost = self.cost(number, kept)
                if cost < 0:
                    continue
                before.append((number, route, self.costs[number]))
                self.left |= stops & set(route)
                self.routes[number], self.costs[number] = kept, cost
        return before

    def total(self) -> int:
        """What all routes cost, with what is left out at its worth."""
        return sum(self.costs) + sum(self.day.stops[s].worth for s in self.left)

    def _possible(self, number: int, route: Route) -> Route:
        while route and self.cost(number, route) < 0:
            # what is worth least goes first, and of equals what comes last
            worst = min(
                (s for s in route if s != LOAD), key=lambda s: (self.day.stops[s].worth, -route.index(s))
            )
            route = tidy([s for s in route if s != worst], self.under_way(number))
        return route

    def plan(self) -> Plan:
        """The plan as it stands, with a reason for each stop that is left out."""
        rounds = []
        for vehicle, route in zip(self.day.vehicles, self.routes, strict=True):
            if route:
                made = timed(self.day, vehicle, route, self.stops)
                assert made is not None, vehicle.id
                rounds.append(made)
        return Plan(
            tuple(rounds), {self.day.stops[s].id: why(self.day, s, self.stops) for s in sorted(self.left)}
        )


def why(day: Day, stop: int, stops: Stops) -> Why:
    """Why no vehicle serves a stop."""
    asked = day.stops[stop]
    near = [v for v in day.vehicles if asked.station in (None, v.begins)]
    if not near:
        return Why.OTHER_STATION
    able = [v for v in near if asked.skills <= v.skills]
    if not able:
        return Why.NO_SKILL
    large = [v for v in able if _carries(v, asked.leaves) and _carries(v, asked.takes)]
    if not large:
        return Why.TOO_LARGE
    alone = np.array([stop], dtype=np.int64)
    for vehicle in large:
        travel = day.travel[vehicle.kind]
        if cost_of(alone, stops, ride_of(day, vehicle), travel.metres, travel.seconds) >= 0:
            return Why.NO_ROOM
    return Why.OUT_OF_TIME


def _carries(vehicle: Vehicle, loads: tuple[int, ...]) -> bool:
    return all(load <= most for load, most in zip(loads, vehicle.capacity, strict=False))
