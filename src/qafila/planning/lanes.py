"""Lanes: commodities that a sweep prices as one, gathered in groups that are swept side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qafila.planning.planning_problem import NO_DUE, Problem, pose
from qafila.planning.sweep import LANES

DAY = 1440

COARSE = ((0.15, 0.3, 720), (0.3, 0.6, 1440), (0.6, 1.2, 2880), (1.5, 3.0, 10080))
"""Coarse lanes, finest first: weights and densities within so much of each other (by logarithm), dues within so
many minutes."""

LIGHTER = 0.05
"""Parcels that `never_late` prices are lighter by up to this part, so that many weigh the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """Commodities gathered by destination and by what makes their costs differ; groups of LANES.

    The destinations of a group lie in one territory. Lanes that are due equally soon after they are released, and
    released at about the same time, are side by side. Of commodities whose rides are limited each lane is for so many rides
    as are left to go: boarding one leads to the lane before it, and the last of these has the members.
    """

    count: int
    node: NDArray[np.int32]  # [G, LANES] the destinations
    group_territory: NDArray[np.int32]  # [G] of the destinations
    group_low: NDArray[np.int64]  # [G] no ride before this one is of use to the group
    group_high: NDArray[np.int64]  # [G] nor from this one on, by the last sweep; moved by each
    grams: NDArray[np.float64]  # [G, LANES]
    cm3: NDArray[np.float64]  # [G, LANES]
    chargeable_kg: NDArray[np.float64]  # [G, modes, LANES]
    goods: NDArray[np.uint16]  # [G, LANES]
    due: NDArray[np.int32]  # [G, LANES]
    late_price: NDArray[np.float64]  # [G, LANES]
    down: NDArray[
        np.int32
    ]  # [G, LANES] the lane in which a way goes on once it has boarded; -1: it may board no other
    lane_members: NDArray[np.int64]  # [G × LANES + 1]
    member: NDArray[np.int64]  # [K] commodities by lane


def gather(
    problem: Problem, coarse: tuple[float, float, int] | None = None, only: NDArray[np.int64] | None = None
) -> Lanes:
    """One lane for each different (destination, due, goods, weight, volume, lateness price), of all commodities
    or `only` of some.

    A `coarse` lane (see COARSE) takes in whatever differs little in weight, density and due; it is swept as its
    first member.
    """
    d = problem.demand
    only = np.arange(len(d)) if only is None else only
    grams, cm3, due = d.grams[only], d.cm3[only], d.due[only]
    if coarse is not None:
        weight, density, minutes = coarse
        dense = np.where(cm3 > 0, np.round(np.log(np.maximum(cm3, 1e-9) / grams) / density), -99.0)
        grams, cm3 = np.round(np.log(grams) / weight), dense
        due = np.where(due == NO_DUE, NO_DUE, due // minutes)
    columns = (d.late_price[only], cm3, grams, d.goods[only], due, d.destination[only], d.limits[only])
    order = np.lexsort(columns)
    differs = np.zeros(len(order), np.bool_)
    for column in columns:
        differs[1:] |= column[order][1:] != column[order][:-1]
    differs[:1] = True
    start = np.flatnonzero(differs)
    order = only[order]
    members = np.diff(np.append(start, len(order)))
    who = order[start]

    # number the lanes of each territory and limit, so that each group of LANES belongs to one
    low = np.minimum.reduceat(problem.first[order], start) if len(start) else np.zeros(0, np.int32)
    territory = problem.territory[d.destination[who]]
    board = np.append(problem.graph.timetable.ride_board_by, NO_DUE)
    ends = np.where(d.late_price[who] > 0, np.minimum(d.due[who], board[-2:].min()), board[-2:].min())
    days = np.log2(np.maximum(ends - board[low], DAY) / DAY).round()
    limit = d.limits[who]
    turn = np.lexsort((low, days, territory, limit))
    who, low, territory, limit = who[turn], low[turn], territory[turn], limit[turn]
    new = np.flatnonzero((np.diff(territory, prepend=-2) != 0) | (np.diff(limit, prepend=-2) != 0))
    place = np.arange(len(who)) - np.repeat(new, np.diff(np.append(new, len(who))))
    each = np.maximum(limit, 1)  # lanes side by side that one takes
    together = LANES // each
    group = np.cumsum(place % together == 0) - 1
    groups = int(group[-1]) + 1 if len(group) else 0
    slot = group * LANES + place % together * each + each - 1
    above = np.arange(int(each.max(initial=1)))
    below = np.where(above < each[:, None], slot[:, None] - above, -1)  # the lanes of each, its own first
    down = np.tile(np.arange(LANES, dtype=np.int32), (groups, 1))
    down[group[limit > 0]] = np.where(np.arange(LANES) % each[limit > 0, None] == 0, -1, np.arange(LANES) - 1)

    def lanes(values: NDArray[Any]) -> NDArray[Any]:
        laid = np.zeros((groups * LANES, *values.shape[1:]), values.dtype)
        for lane in below.T:
            laid[lane[lane >= 0]] = values[who[lane >= 0]]
        return laid.reshape(groups, LANES, *values.shape[1:])

    group_low = np.full(groups, problem.graph.timetable.rides, np.int64)
    np.minimum.at(group_low, group, low)
    sizes = np.zeros(groups * LANES, np.int64)
    sizes[slot] = members[turn]
    first_of = start[turn]
    inside = np.arange(len(order)) - np.repeat(np.cumsum(members[turn]) - members[turn], members[turn])
    return Lanes(
        count=int(each.sum()),
        node=lanes(d.destination),
        group_territory=territory[np.searchsorted(group, np.arange(groups))],
        group_low=group_low,
        group_high=np.full(groups, problem.graph.timetable.rides, np.int64),
        grams=lanes(d.grams),
        cm3=lanes(d.cm3),
        chargeable_kg=np.ascontiguousarray(lanes(problem.chargeable_kg).transpose(0, 2, 1)),
        goods=lanes(d.goods),
        due=lanes(d.due),
        late_price=lanes(d.late_price),
        down=down,
        lane_members=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        member=order[np.repeat(first_of, members[turn]) + inside].astype(np.int64),
    )


def never_late(problem: Problem) -> Problem | None:
    """The problem with lateness and limits on goods left out, and all parcels a little lighter; None where nothing is
    ever late."""
    d = problem.demand
    if not d.late_price.any():
        return None

    def down(amount: NDArray[np.float64]) -> NDArray[np.float64]:
        steps = np.floor(np.log(np.maximum(amount, 1.0)) / LIGHTER)
        return np.where(amount >= 1.0, np.minimum(np.floor(np.exp(steps * LIGHTER)), amount), 0.0)

    free = replace(
        d,
        due=np.full(len(d), NO_DUE, np.int32),
        late_price=np.zeros(len(d)),
        goods=np.zeros(len(d), np.uint16),
        grams=down(d.grams),
        cm3=down(d.cm3),
        move_price=None,
        homes=None,
    )
    light = pose(problem.graph, free, problem.prices)
    return replace(
        light,
        first=problem.first,
        ride_fixed=problem.ride_fixed,
        ride_kg=problem.ride_kg,
        ride_gram=problem.ride_gram,
    )
