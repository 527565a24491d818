"""Slotting: which goods should change places, so that the same tours get shorter.

First by how often something is fetched for the room it takes (the cube per order index of Heskett, whose goods belong
near the depot), then by what is fetched together. Every exchange is tried on the tours themselves before it is
proposed, so what it saves is measured, not estimated.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qafila.storage.picking.grid import Grid, bits
from qafila.storage.picking.touring import shortest


@dataclass(frozen=True, slots=True)
class Exchange:
    """Goods of two places change over (or goods move to an empty place, `other` being -1).

    Attributes:
        goods, other: indexes of what moves.
        place, to: the places they have and get, in that order for `goods`.
        saved: metres that the tours get shorter by it, those before it being done.
    """

    goods: int
    other: int
    place: int
    to: int
    saved: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """Exchanges in the order in which they are to be made, and the metres of all tours before and after."""

    exchanges: tuple[Exchange, ...]
    before: float
    after: float


def propose(
    grid: Grid,
    stop_of_place: NDArray[np.int64],
    place_of: Sequence[int],
    tours: Sequence[Sequence[int]],
    most: int,
    fits: Callable[[int, int], bool] = lambda goods, place: True,
    volume: Sequence[float] | None = None,
    seed: int = 1,
) -> Proposal:
    """The exchanges that shorten tours most, at most so many.

    stop_of_place: [place] → stop; place_of: [goods] → place, no two at one; tours: the goods fetched in each; fits:
    whether goods may lie at a place (size, hazard, zone); volume: the room that each takes, all the same if not said.
    """
    where = list(place_of)
    at = {place: goods for goods, place in enumerate(where)}
    fetched: dict[int, list[int]] = defaultdict(list)
    for number, tour in enumerate(tours):
        for one in set(tour):
            fetched[one].append(number)
    lengths = [_length(grid, stop_of_place, where, tour) for tour in tours]
    before = sum(lengths)
    cost = [float(shortest(grid, bits(grid, [int(stop)]))) for stop in stop_of_place]
    room = np.ones(len(where)) if volume is None else np.asarray(volume, float)
    index = sorted(fetched, key=lambda goods: (-len(fetched[goods]) / max(float(room[goods]), 1e-9), goods))
    places = sorted(range(len(stop_of_place)), key=lambda place: (cost[place], place))
    found: list[Exchange] = []

    def tried(goods: int, to: int) -> bool:
        """Makes the exchange if it shortens the tours."""
        other, place = at.get(to, -1), where[goods]
        if to == place or not fits(goods, to) or (other >= 0 and not fits(other, place)):
            return False
        affected = sorted({*fetched[goods], *(fetched[other] if other >= 0 else ())})
        where[goods] = to
        if other >= 0:
            where[other] = place
        now = {number: _length(grid, stop_of_place, where, tours[number]) for number in affected}
        saved = sum(lengths[number] - now[number] for number in affected)
        if saved <= 1e-9:
            where[goods] = place
            if other >= 0:
                where[other] = to
            return False
        for number, metres in now.items():
            lengths[number] = metres
        at[to] = goods
        if other >= 0:
            at[place] = other
        else:
            del at[place]
        found.append(Exchange(goods, other, place, to, saved))
        return True

    best = iter(places)
    for goods in index:
        if len(found) == most:
            break
        for to in best:
            held = at.get(to, -1)
            if held == goods or (held >= 0 and len(fetched[held]) >= len(fetched[goods])):
                continue
            if cost[to] >= cost[where[goods]]:
                break
            tried(goods, to)
            break
    dice = random.Random(seed)
    tries = 0
    while len(found) < most and tries < 40 * most and tours:
        tries += 1
        together = list(dict.fromkeys(tours[dice.randrange(len(tours))]))
        if len(together) > 1:  # beside something that is fetched with it
            goods, friend = dice.sample(together, 2)
            column = grid.column[stop_of_place[where[friend]]]
            near = [place for place in places if grid.column[stop_of_place[place]] == column]
            tried(goods, dice.choice(near))
    return Proposal(tuple(found), before, sum(lengths))


def _length(
    grid: Grid, stop_of_place: NDArray[np.int64], where: Sequence[int], goods: Sequence[int]
) -> float:
    return float(shortest(grid, bits(grid, [int(stop_of_place[where[one]]) for one in goods])))
