"""A load plan from bookings: ULDs are built up, then given positions. An answer in seconds, better while one waits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from qafila.air.air_swapping import improve
from qafila.air.build_up import UNLIMITED, BuildUp, Search
from qafila.air.flight import BuiltUld, Costs, Flight, LoadPlan, Stowed
from qafila.air.loads import Load, Task, task
from qafila.air.positions import Stand, Weighed, assign, price, throughout
from qafila.packing.filling import KNOBS, Wanted, best_of
from qafila.packing.pieces import Contour, Cut, Kind, boxes, room

SEARCHES = 2  # one a core: the kernels run without the interpreter's lock
POSITION_SECONDS = 9.0
CONTENT = 5.0  # fuel and handling at which positions are good enough


def plan(flight: Flight, seconds: float = 60.0, seed: int = 0, steps: int = UNLIMITED) -> LoadPlan:
    """Build up the ULDs of a flight and place them.

    Args:
        flight: aircraft, legs and bookings.
        seconds: how long it may take in all; more is better.
        seed: of the search. With a number of steps as the only limit the same seed gives the same plan.
        steps: at most so many in each search.

    Returns:
        A plan that keeps to every limit of the aircraft, the ULDs and the pieces.
    """
    began = time.monotonic()
    work = task(flight)
    searches = [Search(work, seed * SEARCHES + n) for n in range(SEARCHES)]
    last = max(1.0, min(POSITION_SECONDS, seconds / 4))
    budget = max(0.5, seconds * 0.97 - 0.5 - last)
    with ThreadPoolExecutor(SEARCHES) as threads:
        list(threads.map(lambda one: one.run(budget - (time.monotonic() - began), steps), searches))
        cheapest = min(one.best[0] for one in searches)
        built = [each for one in searches for each in one.equals if each[0] <= cheapest + flight.handling]
        promising = _most_balanced(work, built, last / 4)
        placed = list(threads.map(lambda one: _placed(work, one, last / 2), promising))
    _, loads, place = min(placed, key=lambda one: one[0])
    return _plan(work, loads, place)


def _most_balanced(work: Task, built: list[BuildUp], seconds: float) -> list[tuple[BuildUp, Stand]]:
    """Of build-ups that cost about the same those which cost least with positions found by exchange, one a thread."""
    found = []
    for one in built:
        weighed = _weighed(work, one[1])
        own = {n: work.flight.aircraft.positions[each.position].name for n, each in enumerate(one[1])}
        place = improve(work.flight, weighed, throughout(work.flight, weighed, own), seconds / len(built))
        found.append((one[0] + price(place), one, place))
    found.sort(key=lambda each: each[0])
    return [(one, place) for _, one, place in found[:SEARCHES]]


def _weighed(work: Task, loads: list[Load]) -> list[Weighed]:
    return [Weighed(work.types[one.type].name, one.segment, one.weight) for one in loads]


def warm_up() -> None:
    """Compile the kernels, or load them where they were compiled before: the first plan would wait for it."""
    cube = Kind((10, 10, 10), 1.0, (1.0, 1.0, 1.0))
    best_of(
        boxes([cube]),
        room(Contour((20, 20, 20), (Cut((10, 20), (20, 10)),))),
        Wanted(np.ones(1, np.int32), np.ones(1), 10.0),
        1,
        0,
        np.empty(KNOBS),
    )


def _placed(work: Task, built: tuple[BuildUp, Stand], seconds: float) -> tuple[float, list[Load], Stand]:
    """The better of positions by exchange and by program, with all that they cost.

    A ULD with which the aircraft cannot be balanced stays behind.
    """
    flight, ((cost, loads, _), best) = work.flight, built
    while True:
        weighed = _weighed(work, loads)
        if best.fuel + best.handling > CONTENT or best.outside > 0 or not loads:
            place = assign(flight, weighed, seconds)
            if place is not None:
                after = replace(improve(flight, weighed, place.legs, seconds / 2), gap=place.gap)
                best = min(best, place, after, key=price) if loads else place
        if best.outside <= 1e-6:
            return cost + best.fuel + best.handling, loads, best
        if not loads:
            raise ValueError(f"{flight.name}: the empty aircraft is out of balance")
        n = min(range(len(loads)), key=lambda n: _worth(work, loads[n]) / loads[n].weight)
        cost += _worth(work, loads[n]) - work.types[loads[n].type].cost
        loads = loads[:n] + loads[n + 1 :]
        left = [{p: u - (u > n) for p, u in leg.items() if u != n} for leg in best.legs]
        best = improve(flight, _weighed(work, loads), left, 0.5)
        seconds = min(seconds, 2.0)


def _worth(work: Task, one: Load) -> float:
    return float(one.count @ work.bookings[one.segment].penalty)


def _plan(work: Task, loads: Sequence[Load], place: Stand) -> LoadPlan:
    left = [booked.count.copy() for booked in work.bookings]
    ulds = []
    for one in loads:
        booked = work.bookings[one.segment]
        left[one.segment] -= one.count
        pieces = tuple(
            Stowed(int(booked.boxes.kind[v]), (x1, y1, z1), (x2 - x1, y2 - y1, z2 - z1))
            for v, x1, y1, z1, x2, y2, z2 in one.stack.tolist()
        )
        ulds.append(BuiltUld(work.types[one.type].name, booked.segment.name, pieces, one.weight))
    behind = {
        (booked.segment.name, lot): int(n)
        for booked, count in zip(work.bookings, left, strict=True)
        for lot, n in enumerate(count)
        if n
    }
    penalty = sum(float(count @ booked.penalty) for count, booked in zip(left, work.bookings, strict=True))
    costs = Costs(penalty, sum(work.types[one.type].cost for one in loads), place.fuel, place.handling)
    return LoadPlan(tuple(ulds), place.legs, behind, costs, place.arms, place.lateral, place.gap)
