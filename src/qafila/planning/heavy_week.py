"""The first plan of a heavy week: prices and shares by the method of multipliers, whole parcels that settle among each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np

from qafila.planning import residual, rounding
from qafila.planning.opening import FITS, Opening
from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Problem
from qafila.planning.priced import Priced
from qafila.planning.pricing import Pricer, bound
from qafila.planning.rounding import FIRST_REROUTE, Whole
from qafila.planning.shapes import Floats
from qafila.planning.swept import passed

OPENING, SETTLED, LATE = 0.55, 0.72, 0.9
"""Of the time that part at most is for the opening, which ends when shares fit; until the second whole parcels settle, and
until the third they are placed."""

LOOK_ROUND = 3
"""Each so many steps sweeps look at all rides: where places are full, ways lead through others that no way led through
before, and only these steps prove anything."""

NEARLY = 0.02
"""Where no more than that part of the flow is over capacity in the end, whole parcels do not settle."""

AVERAGED, ALIKE = 4, 0.007
"""So many steps at most whose prices are averaged in the end: those that prove no less than the last by more than this part
of it. What one step overshoots another falls short of: the average proves more than any of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """Where a heavy week stands after its opening."""

    share: Floats  # [C] of the pool's columns, nearly within capacity
    row_price: Floats  # [M]
    bound: float  # what is proven
    centre: Floats  # [M] at these prices
    whole: Whole


def opened(
    problem: Problem, pool: Pool, pricer: Pricer, first: Priced, around: Priced, time: Callable[[], float]
) -> Opened:
    """Open a heavy week.

    Args:
        problem: what is to be planned.
        pool: takes in the ways that are found.
        pricer: prices.
        first: the cheapest ways at prices of nothing.
        around: the next best ones around what is full.
        time: what part of the time has passed.
    """

    def enough() -> bool:
        return time() > OPENING

    def late() -> bool:
        return time() > LATE

    opening = Opening(problem, pricer, first.value)
    opening.learn(first)
    opening.learn(around)
    price = centre = np.zeros(problem.graph.rows)
    best = float("-inf")
    proof: list[tuple[Floats, float]] = []  # of each step
    everyone, through = np.ones(len(problem.demand), np.bool_), passed(problem, pool.ptr, pool.rides)
    for number in count():
        wide = through is None or number % LOOK_ROUND == 0
        pricer.keep_to(None if wide else through)
        step = opening.step(enough)
        price, proven = step.row_price, step.bound
        proof = [*proof, (price, proven)][-AVERAGED:]
        if wide and proven > best:
            best, centre = proven, price
        if enough() or (wide and step.over < FITS) or (step.over < NEARLY and _proves_less(proof)):
            break
        if wide and through is not None:
            also = passed(problem, *step.priced.paths(everyone)[1:])
            through = through if also is None else through | also
    alike = [each for each, value in proof if value >= proven - ALIKE * abs(proven)]
    if len(alike) > 1 or not wide:
        price = np.mean(alike, axis=0)
        pricer.keep_to(None)
        priced = pricer.price(price, price > 0)
        pool.add(priced)
        proven = bound(problem, price, priced)
    if proven > best:
        best, centre = proven, price
    share = opening.shares(pool)
    if step.over < NEARLY:  # the master makes these shares fit sooner than whole parcels settle
        whole = rounding.round_off(problem, pool, share, price, 1, 0.1, late)
    else:
        opening.settle(price, lambda: time() > SETTLED)
        settled = opening.shares(pool)
        whole = rounding.round_off(problem, pool, settled, price, FIRST_REROUTE, 0.1, late)
        whole = serve_rest(problem, pool, whole, late)
    share = np.concatenate([share, np.zeros(len(pool) - len(share))])
    return Opened(share, price, best, centre, whole)


def _proves_less(proof: list[tuple[Floats, float]]) -> bool:
    """Whether prices have proven less and less in the last steps: they swing, and more of the same proves nothing more."""
    values = [value for _, value in proof]
    return len(values) == AVERAGED and values[-1] < values[-2] < max(values[:-2])


def serve_rest(problem: Problem, pool: Pool, whole: Whole, enough: Callable[[], bool]) -> Whole:
    """The plan once who is left over has taken the cheapest way that has room."""
    left, room = whole.unserved.copy(), whole.room.copy()
    ways, parcels = residual.serve(problem, left, room, enough)
    column = pool.extend(*ways)
    placed = np.append(whole.parcels, np.zeros(len(pool) - len(whole.parcels), np.int64))
    np.add.at(placed, column, parcels)
    cost = float(np.dot(pool.cost, placed) + np.dot(problem.penalty, left))
    return Whole(placed, left, room, cost)
