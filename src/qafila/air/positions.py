"""Which ULD stands where: a mixed-integer program over positions, exact on the centre of gravity of every leg.

Every ULD of a leg's segments is on board, so the leg's payload is known beforehand and the centre of gravity is linear
in the choice of positions: neither big-M nor any other relaxation of the moment is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from qafila.air.flight import Aircraft, Flight

LATERAL_PRICE = 2e-5
"""Cost of each kg·cm that the load weighs more on one side: a tie-break between plans that burn alike."""
UNBALANCED = 1e4
"""Cost of each cm by which the centre of gravity lies outside its envelope: far above all else, so 0 if it can be."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A ULD for which a position is sought: its type, the number of its segment, kg with tare."""

    type: str
    segment: int
    weight: float


@dataclass(frozen=True, slots=True)
class Stand:
    """Where ULDs stand on each leg, by position; the arm and the lateral moment of each leg; what moves cost; the gap.

    `outside`: cm by which the centre of gravity of some leg is outside the envelope; 0 in a plan that may fly.
    """

    legs: tuple[dict[str, int], ...]
    arms: tuple[float, ...]
    lateral: tuple[float, ...]  # kg·cm to the right
    fuel: float
    handling: float
    gap: float
    outside: float


@dataclass(slots=True)
class _Rows:
    """Rows of a program as they are added."""

    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, terms: Sequence[tuple[int, float]], low: float, high: float) -> None:
        """One row: low ≤ Σ value · column ≤ high."""
        for column, value in terms:
            self.row.append(len(self.low))
            self.column.append(column)
            self.value.append(value)
        self.low.append(low)
        self.high.append(high)


@lru_cache(maxsize=8)
def reach_over(aircraft: Aircraft) -> dict[str, frozenset[str]]:
    """For each position, all that must be clear to reach it: blocking is transitive."""
    direct = {p.name: p.blocked_by for p in aircraft.positions}
    every = {}
    for name in direct:
        found: set[str] = set()
        todo = [name]
        while todo:
            for other in direct.get(todo.pop(), ()):
                if other not in found:
                    found.add(other)
                    todo.append(other)
        every[name] = frozenset(found)
    return every


def assign(flight: Flight, ulds: Sequence[Weighed], seconds: float = 10.0) -> Stand | None:
    """The cheapest positions for ULDs: fuel off the best arm, and ULDs that must make way at a stop and come in again.

    A ULD keeps its position from its first leg to its last.

    Args:
        flight: its aircraft and legs.
        ulds: what must all be on board.
        seconds: how long to search; then the best found so far.

    Returns:
        Where each stands; None if they do not all fit.
    """
    craft = flight.aircraft
    on = [flight.legs_of(s.name) for s in flight.segments]
    pairs = [
        (u, p)
        for u, uld in enumerate(ulds)
        for p, place in enumerate(craft.positions)
        if uld.type in place.takes and uld.weight <= place.most
    ]
    column = {pair: n for n, pair in enumerate(pairs)}
    rows = _Rows()
    cost = [0.0] * len(pairs)
    upper = [1.0] * len(pairs)
    whole = [1] * len(pairs)

    def variable(price: float, most: float = np.inf) -> int:
        cost.append(price)
        upper.append(most)
        whole.append(0)
        return len(cost) - 1

    for u in range(len(ulds)):
        rows.add([(column[u, p], 1.0) for p in range(len(craft.positions)) if (u, p) in column], 1, 1)
    by_place: list[list[int]] = [[] for _ in craft.positions]
    for u, p in pairs:
        by_place[p].append(u)
    at = {place.name: p for p, place in enumerate(craft.positions)}
    for leg in range(len(flight.legs)):
        aboard = {u for u, uld in enumerate(ulds) if leg in on[uld.segment]}
        _room(craft, rows, column, by_place, aboard, ulds, at)
        _balance(flight, leg, rows, column, pairs, aboard, ulds, variable)
    _making_way(flight, rows, column, by_place, ulds, on, at, variable)
    matrix = csr_array((rows.value, (rows.row, rows.column)), shape=(len(rows.low), len(cost)))
    answer = milp(
        np.array(cost),
        integrality=np.array(whole),
        bounds=Bounds(0, np.array(upper)),
        constraints=LinearConstraint(matrix, rows.low, rows.high),
        options={"time_limit": seconds, "mip_rel_gap": 1e-3},
    )
    if answer.x is None:
        return None
    places = {
        u: craft.positions[p].name for (u, p), x in zip(pairs, answer.x[: len(pairs)], strict=True) if x > 0.5
    }
    return stand(flight, ulds, throughout(flight, ulds, places), float(answer.mip_gap or 0))


def _room(
    craft: Aircraft,
    rows: _Rows,
    column: dict[tuple[int, int], int],
    by_place: list[list[int]],
    aboard: set[int],
    ulds: Sequence[Weighed],
    at: dict[str, int],
) -> None:
    """One ULD a position, none on two that overlap, no more together than a limit."""
    for p in range(len(craft.positions)):
        rows.add([(column[u, p], 1.0) for u in by_place[p] if u in aboard], 0, 1)
    for pair in craft.overlaps:
        both = [at[name] for name in pair if name in at]
        if len(both) == 2:
            rows.add([(column[u, p], 1.0) for p in both for u in by_place[p] if u in aboard], 0, 1)
    for limit in craft.limits:
        among = [at[n] for n in (limit.positions or at) if n in at]
        # in tonnes: a tolerance of the solver is then a gram and not a fault
        terms = [(column[u, p], ulds[u].weight / 1000) for p in among for u in by_place[p] if u in aboard]
        rows.add(terms, 0, limit.most / 1000)


def _balance(flight, leg, rows, column, pairs, aboard, ulds, variable) -> None:  # type: ignore[no-untyped-def]  # HiGHS's model and its variables have no types
    """The centre of gravity inside the envelope; its distance from the best arm and the weight of one side priced."""
    craft, data = flight.aircraft, flight.legs[leg]
    empty = craft.empty_weight + data.fuel
    total = empty + sum(ulds[u].weight for u in aboard)
    here = [(u, p) for u, p in pairs if u in aboard]
    arm = [(column[u, p], craft.positions[p].arm * ulds[u].weight / total) for u, p in here]
    bare = empty * craft.empty_arm / total
    over, under = variable(data.cost_per_cm), variable(data.cost_per_cm)
    rows.add([*arm, (over, -1.0), (under, 1.0)], craft.best - bare, craft.best - bare)
    short, far = variable(UNBALANCED), variable(UNBALANCED)
    rows.add([*arm, (short, 1.0), (far, -1.0)], craft.forward - bare, craft.aft - bare)
    side = [(column[u, p], craft.positions[p].lateral * ulds[u].weight / 1000) for u, p in here]
    right, left = variable(LATERAL_PRICE * 1000), variable(LATERAL_PRICE * 1000)
    rows.add([*side, (right, -1.0), (left, 1.0)], 0, 0)


def _making_way(flight, rows, column, by_place, ulds, on, at, variable) -> None:  # type: ignore[no-untyped-def]  # HiGHS's model and its variables have no types
    """A ULD that stays on at a stop and stands before one that leaves goes out and in again, at twice the handling."""
    over = reach_over(flight.aircraft)
    for leg in range(len(flight.legs) - 1):
        leaves = {
            u for u, uld in enumerate(ulds) if leg in on[uld.segment] and leg + 1 not in on[uld.segment]
        }
        comes = {u for u, uld in enumerate(ulds) if leg not in on[uld.segment] and leg + 1 in on[uld.segment]}
        stays = {u for u, uld in enumerate(ulds) if leg in on[uld.segment] and leg + 1 in on[uld.segment]}
        if not stays or not (leaves or comes):
            continue
        for before, p in at.items():
            in_the_way = [(column[u, p], 1.0) for u in by_place[p] if u in stays]
            if not in_the_way:
                continue
            move = variable(2 * flight.handling, 1.0)
            for name, q in at.items():
                if before in over[name]:
                    reached = [(column[u, q], 1.0) for u in by_place[q] if u in leaves or u in comes]
                    if reached:
                        rows.add([*in_the_way, *reached, (move, -1.0)], -np.inf, 1)


def stand(flight: Flight, ulds: Sequence[Weighed], legs: Sequence[dict[str, int]], gap: float = 0.0) -> Stand:
    """What it means that ULDs stand where they do: arms, sides, costs.

    Args:
        flight: its aircraft and legs.
        ulds: what is on board.
        legs: on each leg the number of the ULD at each position that is taken.
        gap: how far from the cheapest it may be.
    """
    craft = flight.aircraft
    position = {p.name: p for p in craft.positions}
    over = reach_over(craft)
    arms, sides, fuel, outside, operations = [], [], 0.0, 0.0, 0
    for number, leg in enumerate(flight.legs):
        stands = legs[number]
        empty = craft.empty_weight + leg.fuel
        load = sum(ulds[u].weight for u in stands.values())
        moment = empty * craft.empty_arm + sum(
            position[name].arm * ulds[u].weight for name, u in stands.items()
        )
        arm = moment / (empty + load)
        if number:
            before = legs[number - 1]
            stays = {name for name, u in stands.items() if before.get(name) == u}
            touched = {*before, *stands} - stays
            relocated = set(before.values()) & {stands[name] for name in stands.keys() & touched}
            in_the_way = stays & {name for place in touched for name in over[place]}
            operations += 2 * (len(relocated) + len(in_the_way))
        arms.append(arm)
        sides.append(sum(position[name].lateral * ulds[u].weight for name, u in stands.items()))
        fuel += abs(craft.best - arm) * leg.cost_per_cm
        outside = max(outside, craft.forward - arm, arm - craft.aft)
    return Stand(
        tuple(legs),
        tuple(arms),
        tuple(sides),
        fuel,
        flight.handling * operations,
        gap,
        max(0.0, outside),
    )


def throughout(flight: Flight, ulds: Sequence[Weighed], places: dict[int, str]) -> list[dict[str, int]]:
    """The positions taken on each leg where every ULD keeps its own, given by its number."""
    on = [flight.legs_of(s.name) for s in flight.segments]
    return [
        {name: u for u, name in places.items() if number in on[ulds[u].segment]}
        for number in range(len(flight.legs))
    ]


def price(one: Stand) -> float:
    """What is to be least: fuel and handling, the weight of one side, and above all the way out of the envelope."""
    return (
        one.fuel
        + one.handling
        + UNBALANCED * one.outside
        + LATERAL_PRICE * sum(abs(moment) for moment in one.lateral)
    )
