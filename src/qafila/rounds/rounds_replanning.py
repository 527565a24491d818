"""A day that goes otherwise than planned: a stop fails, a driver falls out, somebody is late.

What is loaded stays where it is, so rounds keep their order, and what has to find another round is put into one: goods
of a vehicle that fell out are fetched where it stands. Windows that people were told are broken only where nothing else
helps, and then the fewest: first everything is tried inside of them, then the stop that has to move alone, last a driver
who is late anyway.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from qafila.rounds.board import Board, tidy
from qafila.rounds.model import FOREVER, LOAD, Day, Doing, Plan, Round, Route, Stop
from qafila.rounds.timing import begins_of, stops_of


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a vehicle stands in its round.

    Attributes:
        place: where it is, or is next free.
        free: when it is free there.
        done: its stops that are over, done or failed.
        loaded: its stops whose goods are in it; None: all that come before it loads again.
        out: it has fallen out; what it holds must be fetched at its place.
        rested: when its driver's last rest ended, or when he left; None: as the plan that held has it.
    """

    place: int
    free: int
    done: frozenset[str] = frozenset()
    loaded: frozenset[str] | None = None
    out: bool = False
    rested: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A plan anew.

    Attributes:
        plan: the rounds from now on. A visit named `fetch:VEHICLE` takes over goods of a vehicle that fell out.
        moved: stops whose window, told or promised, is not kept any more.
        hands: stops that another vehicle serves than before.
    """

    plan: Plan
    moved: tuple[str, ...]
    hands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Goods:
    """Where a stop's goods are: in a vehicle (its number), at the visit that fetches them, or at the station."""

    aboard: int | None = None
    fetch: int | None = None


FETCH = "fetch:"
_FETCHING = 300
"""Seconds that it takes to hand goods over from vehicle to vehicle."""


def replan(
    day: Day,
    plan: Plan,
    now: int,
    standing: Mapping[str, Standing],
    gone: Collection[str] = (),
    seconds: float = 4.0,
    clock: Callable[[], float] = time.monotonic,
) -> Change:
    """Plans the rest of a day anew.

    Args:
        day: the day as it is now: new stops belong to it, and those that failed and are tried again, with their windows.
        plan: the plan that held.
        now: the time.
        standing: of each vehicle that has left.
        gone: stops that are not visited any more today.
        seconds: how long it may take.
        clock: tells seconds.

    Returns:
        The plan from now on, and whom it lets down.
    """
    end = clock() + seconds
    over = set(gone).union(*(s.done for s in standing.values())) if standing else set(gone)
    rest = _rest_of(day, now, standing, over, {r.vehicle: r for r in plan.rounds})
    index = {s.id: i for i, s in enumerate(rest.stops)}
    numbers = {v.id: n for n, v in enumerate(rest.vehicles)}
    routes: list[Route] = [[] for _ in rest.vehicles]
    goods: dict[int, _Goods] = {}
    for made in plan.rounds:
        where = standing.get(made.vehicle)
        order = _order(made, index, where)
        first = order.index(LOAD) if LOAD in order else len(order)
        if where is not None:
            for at, stop in enumerate(order):
                loaded = (
                    at < first
                    if where.loaded is None
                    else stop != LOAD and rest.stops[stop].id in where.loaded
                )
                if stop == LOAD or not loaded:
                    continue
                fetch = index[FETCH + made.vehicle] if where.out else None
                goods[stop] = _Goods(None if where.out else numbers[made.vehicle], fetch)
        if made.vehicle in numbers:
            routes[numbers[made.vehicle]] = order
    board = _going_on(rest, routes)
    waiting = [i for i, s in enumerate(rest.stops) if i in board.left and not s.id.startswith(FETCH)]
    for stop in sorted(waiting, key=lambda s: (-rest.stops[s].worth, board.stops.latest[s], s)):
        if clock() >= end:
            break
        its = goods.get(stop, _Goods())
        if _place(board, stop, its):
            continue
        early, latest = int(board.stops.earliest[stop]), int(board.stops.latest[stop])
        for wider in (rest.stops[stop].latest, FOREVER):  # what was told is left before what was promised
            board.stops.earliest[stop], board.stops.latest[stop] = rest.stops[stop].earliest, wider
            if _promised(rest, stop) and _place(board, stop, its):
                break
        else:
            board.stops.earliest[stop], board.stops.latest[stop] = early, latest
    fetched = {stop: its.fetch for stop, its in goods.items() if its.fetch is not None}
    _drop_fetches(board, fetched)
    made_new = board.plan()
    left = {s: why for s, why in made_new.left.items() if not s.startswith(FETCH)}
    was = {s: r.vehicle for r in plan.rounds for s in r.stops}
    hands = tuple(
        s
        for r in made_new.rounds
        for s in r.stops
        if not s.startswith(FETCH) and s in was and was[s] != r.vehicle
    )
    broken = _broken(rest, made_new, index)
    let_down = tuple(sorted(broken | {s for s in left if _promised(rest, index[s])}))
    return Change(Plan(made_new.rounds, left), let_down, hands)


def _promised(day: Day, stop: int) -> bool:
    return day.stops[stop].told is not None or day.stops[stop].latest < FOREVER


def _rest_of(
    day: Day, now: int, standing: Mapping[str, Standing], over: set[str], held: Mapping[str, Round]
) -> Day:
    """The day from now on: vehicles where they stand, stops that are still to come, fetching from those that fell out."""
    vehicles = []
    fetches = []
    for vehicle in day.vehicles:
        where = standing.get(vehicle.id)
        if where is None:
            vehicles.append(replace(vehicle, earliest=max(vehicle.earliest, now)))
            continue
        if where.out:
            fetches.append(
                Stop(
                    FETCH + vehicle.id,
                    where.place,
                    service=_FETCHING,
                    earliest=now,
                    station=vehicle.begins,
                    worth=0,
                )
            )
            continue
        free = max(now, where.free)
        vehicles.append(
            replace(
                vehicle,
                at=where.place,
                earliest=free,
                most=max(0, vehicle.most - max(0, free - vehicle.earliest)),
                fixed=0,
                trips=max(
                    1, vehicle.trips - (_loads_over(made, where) if (made := held.get(vehicle.id)) else 0)
                ),
                awake=max(0, free - _rested(where, held.get(vehicle.id), free)),
            )
        )
    stops = [s for s in day.stops if s.id not in over]
    return replace(day, stops=(*stops, *fetches), vehicles=tuple(vehicles))


def _rested(where: Standing, made: Round | None, free: int) -> int:
    """When a driver who is on his way last had a rest, or left."""
    if where.rested is not None:
        return where.rested
    if made is None:
        return free
    over = (p.ends for p in made.points if p.doing in (Doing.LEAVE, Doing.REST) and p.ends <= where.free)
    return max(over, default=min(made.points[0].begins, free))


def _loads_over(made: Round, where: Standing | None) -> int:
    """How often a vehicle has gone back and loaded by now: the goods of a trip that it has not are at the station."""
    if where is None:
        return 0
    over, found = 0, 0
    for point in made.points:
        if point.doing is Doing.LOAD:
            over += 1
            found = over if point.ends <= where.free else found
        elif point.stop in where.done:
            found = over
    return found


def _order(made: Round, index: Mapping[str, int], where: Standing | None) -> Route:
    """What is left of a round, as indices; what was picked up on the way before it loads anew is not told apart."""
    order: Route = []
    loads = _loads_over(made, where)
    for point in made.points:
        if point.doing is Doing.LOAD:
            loads -= 1
            if loads < 0:
                order.append(LOAD)
        elif point.doing is Doing.STOP and point.stop in index:
            order.append(index[point.stop])
    return tidy(order, where is not None)


def _broken(day: Day, plan: Plan, index: Mapping[str, int]) -> set[str]:
    """The stops that a plan serves outside of the window that they were told or promised."""
    windows = stops_of(day, told=True)
    return {
        p.stop
        for r in plan.rounds
        for p in r.points
        if p.doing is Doing.STOP
        and not windows.earliest[index[p.stop]] <= p.begins <= windows.latest[index[p.stop]]
    }


def _going_on(day: Day, routes: list[Route]) -> Board:
    """The rounds that go on, with the windows opened that cannot be kept any more."""
    stops = stops_of(day, told=True)
    board = Board.of(day, [[] for _ in day.vehicles], stops)
    for number, route in enumerate(routes):
        if not route or board.cost(number, route) >= 0:
            continue
        for limits in (stops_of(day), None):  # what was told, then what was promised
            for stop in (s for s in route if s != LOAD):
                wider = FOREVER if limits is None else limits.latest[stop]
                stops.latest[stop] = wider
                stops.earliest[stop] = day.stops[stop].earliest
            if board.cost(number, route) >= 0:
                break
        _close_again(day, board, number, route)
    return Board.of(day, routes, stops)


def _close_again(day: Day, board: Board, number: int, route: Route) -> None:
    """Closes again the windows that hold even so, as long as the round can still be done."""
    narrow = stops_of(day, told=True)
    ride, travel = board.rides[number], day.travel[day.vehicles[number].kind]
    begins = begins_of(np.array(route, dtype=np.int64), board.stops, ride, travel.seconds)
    for stop, begin in zip(route, begins, strict=False):
        early, latest = int(board.stops.earliest[stop]), int(board.stops.latest[stop])
        if stop != LOAD and narrow.earliest[stop] <= begin <= narrow.latest[stop]:
            board.stops.earliest[stop], board.stops.latest[stop] = narrow.earliest[stop], narrow.latest[stop]
            if board.cost(number, route) < 0:
                board.stops.earliest[stop], board.stops.latest[stop] = early, latest


def _place(board: Board, stop: int, goods: _Goods) -> bool:
    """Puts a stop where it costs least and breaks nothing, behind where its goods come aboard. False where it fits
    nowhere."""
    best: tuple[int, int, Route] | None = None
    for number in range(len(board.routes)):
        if goods.aboard is not None and goods.aboard != number:
            continue
        if goods.fetch is not None and goods.fetch not in board.routes[number]:
            made = _fetching(board, number, stop, goods.fetch)
        else:
            made = _fitting(board, number, stop, goods)
        if made is not None and (best is None or made[0] < best[0]):
            best = (made[0], number, made[1])
    if best is None:
        return False
    board.put(best[1], best[2])
    board.left.discard(stop)
    return True


def _fitting(board: Board, number: int, stop: int, goods: _Goods) -> tuple[int, Route] | None:
    """The cheapest place for a stop in a route: its cost more, and the route."""
    route, on_the_way = board.routes[number], board.day.vehicles[number].at is not None
    first, anew = 0, False
    if goods.fetch is not None:
        first = route.index(goods.fetch) + 1
    elif goods.aboard is None and on_the_way and any(board.day.stops[stop].leaves):
        anew = LOAD not in route  # the goods are at the station, and the vehicle is not
        first = len(route) if anew else route.index(LOAD) + 1
    if anew:
        made = [*route, LOAD, stop]
        cost = board.cost(number, made)
        allowed = stop not in board.barred[number] and board.day.vehicles[number].trips > 1
        return (cost - board.costs[number], made) if cost >= 0 and allowed else None
    more, where, how = board.fits(stop, number, first)
    if where < 0 or (goods.fetch is not None and how != 0):
        return None
    new = [stop] if how == 0 else [LOAD, stop] if how == 1 else [stop, LOAD]
    return more, [*route[:where], *new, *route[where:]]


def _fetching(board: Board, number: int, stop: int, fetch: int) -> tuple[int, Route] | None:
    """The cheapest way for a vehicle to fetch goods and then bring them: its cost more, and its route."""
    if stop in board.barred[number] or fetch in board.barred[number]:
        return None
    before = board.routes[number], board.costs[number]
    best: tuple[int, Route] | None = None
    for where in range(len(before[0]) + 1):
        route = [*before[0][:where], fetch, *before[0][where:]]
        if board.cost(number, route) < 0:
            continue
        board.put(number, route)
        more, at, how = board.fits(stop, number, where + 1)
        if at >= 0 and how == 0:
            total = board.costs[number] - before[1] + more
            if best is None or total < best[0]:
                best = (total, [*route[:at], stop, *route[at:]])
        board.routes[number], board.costs[number] = before
    return best


def _drop_fetches(board: Board, fetched: Mapping[int, int]) -> None:
    """Takes out visits that fetch nothing."""
    for number, route in enumerate(board.routes):
        needed = {fetched[s] for s in route if s in fetched}
        idle = {f for f in route if f in set(fetched.values())} - needed
        if idle:
            board.put(number, [s for s in route if s not in idle])
