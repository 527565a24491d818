"""The rides that a sweep looks at: all that can be of use, or those that lead through places where goods pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.planning.planning_problem import Problem

Ints = NDArray[np.int32]
Truths = NDArray[np.bool_]

MANY = 5000
"""With at least so many commodities, searching goes on through the places where goods change vehicles on the ways found
so far: those of the others that prices would add are few, and found in the end."""


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """S rides, numbered anew, with what the kernels of `sweep.py` ask of them.

    First come, in time order, the `passing` that goods may take after others; then, node by node, those from origins to
    which none of these rides leads: only who begins there asks for them.
    """

    passing: int
    kept: NDArray[np.int64]  # [S] their numbers in the timetable
    place: Ints  # [R + 1] for each ride of the timetable the first of these, not before it, from the same node; or S
    to: Ints
    mode: NDArray[np.uint8]
    forbids: NDArray[np.uint16]
    board_by: Ints
    ready_at: Ints
    kg: NDArray[np.float64]
    onward: Ints  # numbered anew; S where there is none
    later: Ints
    left: NDArray[np.int16]
    entered: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.kept)


def swept(problem: Problem, through: Truths | None = None) -> Swept:
    """The rides that goods need which change vehicles nowhere but at the nodes `through` [N]; or all that can be of use:
    who passes a place with one neighbour comes back to where waiting costs nothing."""
    g = problem.graph
    t = g.timetable
    begins, ends = ((g.thoroughfare if through is None else through).copy() for _ in range(2))
    begins[problem.demand.origin] = True
    ends[problem.demand.destination] = True
    use = begins[t.ride_from] & ends[t.ride_to]
    first = use & ~ends[t.ride_from]
    passing, outside = np.flatnonzero(use & ~first), np.flatnonzero(first)
    outside = outside[np.argsort(np.asarray(t.ride_from)[outside], kind="stable")]
    kept = np.concatenate([passing, outside])
    place = _places(kept, g.later)

    def some(values: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(values)[kept]

    return Swept(
        passing=len(passing),
        kept=kept,
        place=place,
        to=some(t.ride_to),
        mode=some(t.ride_mode),
        forbids=some(t.ride_forbids),
        board_by=some(t.ride_board_by),
        ready_at=some(t.ride_ready_at),
        kg=some(problem.ride_kg),
        onward=place[some(g.onward)],
        later=place[some(g.later)],
        left=some(g.left),
        entered=some(g.entered),
    )


def passed(problem: Problem, ptr: NDArray[np.int64], rides: Ints) -> Truths | None:
    """[N] the nodes at which goods change vehicles on these ways; None where there are fewer than MANY commodities."""
    if len(problem.demand) < MANY:
        return None
    through = np.zeros(problem.graph.timetable.nodes, np.bool_)
    on = np.ones(len(rides), np.bool_)
    on[ptr[1:] - 1] = False
    through[np.asarray(problem.graph.timetable.ride_to)[rides[on]]] = True
    return through


@njit(nogil=True, cache=True)
def _places(kept: NDArray[np.int64], later: Ints) -> Ints:
    """See Swept.place."""
    place = np.full(len(later) + 1, -1, np.int32)
    place[len(later)] = len(kept)
    for number in range(len(kept)):
        place[kept[number]] = number
    for r in range(len(later) - 1, -1, -1):
        if place[r] < 0:
            place[r] = place[later[r]]
    return place
