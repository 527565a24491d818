"""A load plan from bookings: ULDs are built up, then given positions. An answer in seconds, better while one waits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from qafila.air.build_up import Search
from qafila.air.flight import BuiltUld, Costs, Flight, LoadPlan, Stowed
from qafila.air.loads import Load, Task, task
from qafila.air.positions import Stand, Weighed, assign

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
    searches.sort(key=lambda one: one.best[0])
    loads = searches[0].best[1]
    place_for = max(1.0, seconds * 0.97 - 0.5 - (time.monotonic() - began))
    loads, stand = _placed(flight, work, loads, min(POSITION_SECONDS, place_for))
    return _plan(work, loads, stand)


def _placed(flight: Flight, work: Task, loads: list[Load], seconds: float) -> tuple[list[Load], Stand]:
    """Positions for loads; a ULD without which the aircraft can be balanced stays behind if it must."""
    while True:
        weighed = [Weighed(work.types[one.type].name, one.segment, one.weight) for one in loads]
        stand = assign(flight, weighed, seconds)
        if stand is not None and stand.outside <= 1e-6:
            return loads, stand
        if not loads:
            raise ValueError(f"{flight.name}: the empty aircraft is out of balance")
        loads = sorted(loads, key=lambda one: one.weight)[:-1]


def _plan(work: Task, loads: Sequence[Load], stand: Stand) -> LoadPlan:
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
    costs = Costs(penalty, sum(work.types[one.type].cost for one in loads), stand.fuel, stand.handling)
    return LoadPlan(tuple(ulds), stand.legs, behind, costs, stand.arms, stand.lateral, stand.gap)
