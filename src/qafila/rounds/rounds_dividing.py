"""Days cut into areas: neighbouring rounds are searched by themselves, again and again with other neighbours.

Each area is a day of its own, with the vehicles of its rounds; what comes back is kept where it costs less. Two areas
that share no round are searched at the same time. After Taillard and Voss's POPMUSIC (2002).
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qafila.rounds.crew import Submit
from qafila.rounds.model import LOAD, Day, Route, Travel
from qafila.rounds.rounds_searching import Until, asked, search

if TYPE_CHECKING:
    from qafila.rounds.planning import Effort

_PART = 220
"""Stops of an area that is searched again."""

_SECONDS = 4.0
"""For how long."""


_AREA = 400
"""Stops of an area by which a day that is too large to be searched whole is begun."""


def areas(xy: NDArray[np.float64], most: int) -> list[NDArray[np.int64]]:
    """Points cut into areas of at most `most`: each in two halves across its longer side, again and again.

    Args:
        xy: float [n, 2].
        most: at least 1.

    Returns:
        the indices of each area; together every index once.
    """
    pending, found = [np.arange(len(xy))], []
    while pending:
        members = pending.pop()
        if len(members) <= most:
            found.append(members)
            continue
        here = xy[members]
        order = members[np.argsort(here[:, int(np.ptp(here, axis=0).argmax())], kind="stable")]
        pending += [order[: len(order) // 2], order[len(order) // 2 :]]
    return found


def begun(day: Day, effort: Effort, seconds: float, submit: Submit) -> list[Route] | None:
    """A large day by areas, each searched by itself with its share of the vehicles.

    Args:
        day: with `xy`.
        effort: how many processes, and the seed.
        seconds: of all processes together.
        submit: takes calls.

    Returns:
        routes of each vehicle; None where an area would have no vehicle, or some stops are bound to one of several stations.
    """
    assert day.xy is not None
    if len({v.begins for v in day.vehicles}) > 1 and any(s.station is not None for s in day.stops):
        return None
    cut = areas(day.xy[[s.place for s in day.stops]], _AREA)
    crews = _shares(day, [len(members) / len(day.stops) for members in cut])
    if not all(crews):
        return None
    each = seconds / len(cut)
    asked_for = [
        (
            members.tolist(),
            crew,
            submit(fresh, part(day, members.tolist(), crew), effort, each, effort.seed + n),
        )
        for n, (members, crew) in enumerate(zip(cut, crews, strict=True))
    ]
    routes: list[Route] = [[] for _ in day.vehicles]
    for members, crew, future in asked_for:
        for vehicle, route in zip(crew, future.result(), strict=True):
            routes[vehicle] = [members[s] if s != LOAD else LOAD for s in route]
    return routes


def fresh(day: Day, effort: Effort, seconds: float, seed: int) -> list[Route]:
    """The routes of a search that begins from nothing; for a process of its own."""
    return search(asked(day, effort.optional), Until(seconds, 0, effort.clock), seed)


def _shares(day: Day, parts: Sequence[float]) -> list[list[int]]:
    """The vehicles of each area: of those that are alike, as many as its part of the stops."""
    alike: dict[object, list[int]] = {}
    for number, vehicle in enumerate(day.vehicles):
        alike.setdefault(vehicle.like, []).append(number)
    ends = np.cumsum(parts)
    crews: list[list[int]] = [[] for _ in parts]
    for members in alike.values():
        before = 0
        for area, end in enumerate(ends.tolist()):
            after = len(members) if area == len(parts) - 1 else round(end * len(members))
            crews[area] += members[before:after]
            before = after
    return crews


def part(day: Day, stops: Sequence[int], vehicles: Sequence[int]) -> Day:
    """A day of some of the stops and vehicles of another, with only the places that they need."""
    needed = {day.stops[s].place for s in stops}
    for number in vehicles:
        vehicle = day.vehicles[number]
        needed |= {vehicle.begins, vehicle.ends, vehicle.start}
    places = sorted(needed)
    new = {place: row for row, place in enumerate(places)}
    rows = np.array(places, dtype=np.int64)
    return Day(
        tuple(day.stops[s].at_place(new[day.stops[s].place], new) for s in stops),
        tuple(day.vehicles[v].at_places(new) for v in vehicles),
        day.between(rows),
        None if day.xy is None else day.xy[rows],
    )


def valued(day: Day, routes: list[Route]) -> tuple[int, list[Route]]:
    """What routes cost by distance and time, with what is left out at its worth, breaks not counted; and the routes."""
    total = sum(s.worth for s in day.stops)
    for vehicle, route in zip(day.vehicles, routes, strict=True):
        if not route:
            continue
        total += route_cost(
            day,
            vehicle.kind,
            vehicle.fixed,
            vehicle.metre,
            vehicle.second,
            vehicle.start,
            vehicle.begins,
            vehicle.ends,
            route,
        )
        total -= sum(day.stops[s].worth for s in route if s != LOAD)
    return total, routes


def route_cost(
    day: Day, kind: int, fixed: int, metre: int, second: int, start: int, load: int, end: int, route: Route
) -> int:
    """What a route costs by what it drives, waiting left out."""
    places = np.array([start, *(load if s == LOAD else day.stops[s].place for s in route), end])
    travel: Travel = day.travel[kind]
    metres = int(travel.metres[places[:-1], places[1:]].sum())
    seconds = int(travel.seconds[places[:-1], places[1:]].sum()) if second else 0
    return fixed + (metres * metre + seconds * second) // 1000


def again(
    day: Day, routes: list[Route], effort: Effort, seconds: float, seed: int
) -> tuple[int, list[Route]] | None:
    """A part searched again from the routes that it has; None where nothing better is found."""
    before, _ = valued(day, routes)
    after, found = valued(
        day, search(asked(day, effort.optional), Until(seconds, 0, effort.clock), seed, routes)
    )
    return (before - after, found) if after < before else None


def improved(
    day: Day, routes: list[Route], end: float, budget: float, effort: Effort, submit: Submit
) -> list[Route]:
    """Routes searched again part by part until a time.

    Args:
        day: the day; nearness is by `xy`, or by the first travel matrix where there is none.
        routes: of each vehicle.
        end: of `time.monotonic`.
        budget: seconds of all processes together, which count instead where the effort counts CPU seconds.
        effort: how many processes, and the seed.
        submit: takes calls.
    """
    dice = random.Random(effort.seed)
    routes = [list(r) for r in routes]
    centres = {n: _centre(day, r) for n, r in enumerate(routes) if r}
    tries = dict.fromkeys(centres, 0)
    running: dict[Future[Any], list[int]] = {}
    number, spent = 0, 0.0

    def left() -> float:
        return budget - spent if effort.cpu else end - time.monotonic()

    while True:
        busy = {v for members in running.values() for v in members}
        while len(running) < effort.workers and left() > _SECONDS / 2:
            members = _neighbours(day, routes, centres, tries, busy, dice)
            if len(members) < 2:
                break
            stops = [s for v in members for s in routes[v] if s != LOAD]
            spare = _idle(day, routes, members, busy)
            taken = [*members, *spare]
            local = {s: i for i, s in enumerate(stops)}
            first = [[local[s] if s != LOAD else LOAD for s in routes[v]] for v in taken]
            seconds = min(_SECONDS, left())
            spent += seconds
            number += 1
            future = submit(again, part(day, stops, taken), first, effort, seconds, effort.seed + number)
            running[future] = taken
            busy |= set(taken)
        if not running:
            return routes
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            taken = running.pop(future)
            found = future.result()
            if found is None:
                continue
            stops = [s for v in taken for s in routes[v] if s != LOAD]
            for vehicle, route in zip(taken, found[1], strict=True):
                routes[vehicle] = [stops[s] if s != LOAD else LOAD for s in route]
                centres.pop(vehicle, None)
                if routes[vehicle]:
                    centres[vehicle] = _centre(day, routes[vehicle])
                    tries.setdefault(vehicle, 0)
                    tries[vehicle] = max(0, tries[vehicle] - 1)


def _idle(day: Day, routes: list[Route], members: list[int], busy: set[int]) -> list[int]:
    """A vehicle or two that stand still, of the kinds of an area's: it may need one more."""
    kinds = {day.vehicles[v].like for v in members}
    found = [
        n
        for n, r in enumerate(routes)
        if not r and n not in busy and n not in members and day.vehicles[n].like in kinds
    ]
    return found[:2]


def _centre(day: Day, route: Route) -> NDArray[np.float64]:
    places = [day.stops[s].place for s in route if s != LOAD]
    if day.xy is not None:
        return np.asarray(day.xy[places].mean(axis=0), dtype=np.float64)
    return np.asarray(day.travel[0].metres[places].mean(axis=0), dtype=np.float64)


def _neighbours(
    day: Day,
    routes: list[Route],
    centres: dict[int, NDArray[np.float64]],
    tries: dict[int, int],
    busy: set[int],
    dice: random.Random,
) -> list[int]:
    """The vehicles of an area: one that was tried least, and those that drive nearest to it."""
    free = [v for v in centres if v not in busy and routes[v]]
    if not free:
        return []
    fewest = min(tries[v] for v in free)
    chosen = dice.choice([v for v in free if tries[v] == fewest])
    near = sorted(free, key=lambda v: float(np.linalg.norm(centres[v] - centres[chosen])))
    members: list[int] = []
    count = 0
    for vehicle in near:
        if count >= _PART and len(members) > 1:
            break
        members.append(vehicle)
        count += len(routes[vehicle])
        tries[vehicle] += 1
    return members
