"""A load plan from bookings: ULDs are built up, then given positions. An answer in seconds, better while one waits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from qafila.air.build_up import Search
from qafila.air.flight import BuiltUld, Costs, Flight, LoadPlan, Stowed
from qafila.air.loads import Ints, Load, Task, task
from qafila.air.positions import Stand, Weighed, assign
from qafila.air.swapping import improve

SEARCHES = 2  # one a core: the kernels run without the interpreter's lock
POSITION_SECONDS = 6.0


def plan(flight: Flight, seconds: float = 60.0, seed: int = 0, steps: int = 10**9) -> LoadPlan:
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
    budget = max(0.5, seconds * 0.97 - 1.0 - min(POSITION_SECONDS, seconds / 4))
    with ThreadPoolExecutor(SEARCHES) as threads:
        list(threads.map(lambda one: one.run(budget - (time.monotonic() - began), steps), searches))
    left = max(2.0, seconds * 0.97 - 0.5 - (time.monotonic() - began))
    with ThreadPoolExecutor(SEARCHES) as threads:
        placed = list(threads.map(lambda one: _placed(work, one.best, min(POSITION_SECONDS, left)), searches))
    _, loads, place = min(placed, key=lambda one: one[0])
    return _plan(work, loads, place)


def _placed(
    work: Task, built: tuple[float, list[Load], list[Ints]], seconds: float
) -> tuple[float, list[Load], Stand]:
    """Positions for loads, with all that they cost; a ULD with which the aircraft cannot be balanced stays behind."""
    flight, (cost, loads, _) = work.flight, built
    while True:
        weighed = [Weighed(work.types[one.type].name, one.segment, one.weight) for one in loads]
        place = assign(flight, weighed, seconds)
        if place is None or place.gap > 0.02 or place.outside > 0:
            begin = (
                {n: flight.aircraft.positions[one.position].name for n, one in enumerate(loads)}
                if place is None
                else {u: name for leg in place.legs for name, u in leg.items()}
            )
            place = improve(flight, weighed, begin, seconds / 3)
        if place.outside <= 1e-6:
            return cost + place.fuel + place.handling, loads, place
        if not loads:
            raise ValueError(f"{flight.name}: the empty aircraft is out of balance")
        out = min(loads, key=lambda one: _worth(work, one) / one.weight)
        cost += _worth(work, out) - work.types[out.type].cost
        loads = [one for one in loads if one is not out]
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
