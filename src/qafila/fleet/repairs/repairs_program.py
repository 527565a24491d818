"""The mixed-integer program of a repair (HiGHS).

Each sector is flown by one tail with one of some delays, or does not fly. A tail flies only from where it is, after its
ground time; crews stay with the sectors of their duty, or are relieved. Parcels that change from one sector of the fleet
to another are lost to it where the first comes too late for the second. All that is in `cost` is in the program, so its
optimum is the optimum among the delays that are offered.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from qafila.fleet.model import Key
from qafila.fleet.repairs.model import Crew, Option, Problem


@dataclass(slots=True)
class _Program:
    """Columns and rows as they are added."""

    cost: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def variable(self, price: float, whole: bool = True) -> int:
        self.cost.append(price)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def add(self, terms: Iterable[tuple[int, float]], low: float, high: float) -> None:
        for column, value in terms:
            self.row.append(len(self.low))
            self.column.append(column)
            self.value.append(value)
        self.low.append(low)
        self.high.append(high)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the program found: a choice, or None, and below what no choice costs."""

    chosen: dict[Key, Option | None] | None
    bound: float


Columns = Mapping[tuple[Key, Option | None], int]


def solved(problem: Problem, seconds: float) -> Answer:
    """The cheapest choice, or the cheapest found in so many seconds."""
    p = _Program()
    x = {
        (f.sector.key, o): p.variable(problem.cost[f.sector.key, o])
        for f in problem.sectors
        for o in (*problem.options[f.sector.key], None)
    }
    if not x:
        return Answer({}, 0.0)
    for one in problem.sectors:
        key = one.sector.key
        p.add([(x[key, o], 1.0) for o in (*problem.options[key], None)], 1, 1)
    _places(problem, p, x)
    _ending(problem, p, x)
    _meeting(problem, p, x)
    _crews(problem, p, x)
    matrix = csr_array((p.value, (p.row, p.column)), shape=(len(p.low), len(p.cost)))
    answer = milp(
        np.array(p.cost),
        integrality=np.array(p.whole),
        bounds=Bounds(0, np.inf),
        constraints=LinearConstraint(matrix, p.low, p.high),
        options={"time_limit": seconds, "mip_rel_gap": 1e-6},
    )
    bound = getattr(answer, "mip_dual_bound", None)
    least = float(bound) if bound is not None and np.isfinite(bound) else 0.0
    if answer.x is None:
        return Answer(None, least)
    return Answer({key: option for (key, option), n in x.items() if answer.x[n] > 0.5}, least)


def _places(problem: Problem, p: _Program, x: Columns) -> None:
    """A tail leaves only from where it is: departures until a minute are no more than what came before it."""
    by_tail: dict[str, dict[str, tuple[list[tuple[int, int]], list[tuple[int, int]]]]] = defaultdict(
        lambda: defaultdict(lambda: ([], []))
    )
    for one in problem.sectors:
        s = one.sector
        for tail, delay in problem.options[s.key]:
            column = x[s.key, (tail, delay)]
            by_tail[tail][s.origin][0].append((s.depart + delay, column))
            by_tail[tail][s.to][1].append((s.arrive + delay + problem.ground[tail], column))
    for tail, places in by_tail.items():
        start, ready = problem.starts[tail]
        for place, (leaves, comes) in places.items():
            comes.sort()
            leaves.sort()
            ready_at = [at for at, _ in comes]
            for minute in sorted({at for at, _ in leaves}):
                here = 1.0 if place == start and ready <= minute else 0.0
                terms = [(c, 1.0) for at, c in leaves if at <= minute]
                terms += [(c, -1.0) for _, c in comes[: bisect_left(ready_at, minute + 1)]]
                p.add(terms, -np.inf, here)


def _ending(problem: Problem, p: _Program, x: Columns) -> None:
    """As many of a type end at a place as should, or each that is missing costs."""
    for (type, place), count in problem.wanted.items():
        short = p.variable(problem.price.misplaced_tail, whole=False)
        terms = [(short, 1.0)]
        begun = sum(1 for t, (at, _) in problem.starts.items() if at == place and problem.type_of[t] == type)
        for one in problem.sectors:
            s = one.sector
            for tail, delay in problem.options[s.key]:
                if problem.type_of[tail] == type:
                    sign = (s.to == place) - (s.origin == place)
                    if sign:
                        terms.append((x[s.key, (tail, delay)], float(sign)))
        p.add(terms, count - begun, np.inf)


def _meeting(problem: Problem, p: _Program, x: Columns) -> list[int]:
    """Parcels that change: missed where the first sector is later than the second waits."""
    found = []
    for first, second, slack, parcels in problem.meets:
        miss = p.variable(problem.price.missed_parcel * parcels, whole=False)
        found.append(miss)
        for least in sorted({d for _, d in problem.options[first]}):
            late = [(x[first, o], 1.0) for o in problem.options[first] if o[1] >= least]
            gone = [(x[second, o], 1.0) for o in problem.options[second] if o[1] < least - slack]
            if gone:
                p.add([*late, *gone, (miss, -1.0)], -np.inf, 1)
    return found


def _crews(problem: Problem, p: _Program, x: Columns) -> list[tuple[Crew, int]]:
    """A crew is relieved where its duty grows too long, where it is not there in time, or may not fly the type."""
    sectors = {f.sector.key: f.sector for f in problem.sectors}
    found = []
    for crew in problem.crews:
        relief = p.variable(problem.price.relief_crew)
        found.append((crew, relief))
        first = sectors[crew.keys[0]]
        for n, key in enumerate(crew.keys):
            s = sectors[key]
            other = [(x[key, o], 1.0) for o in problem.options[key] if problem.rating_of[o[0]] != crew.rating]
            if other:
                p.add([*other, (relief, -1.0)], -np.inf, 0)
            base = s.arrive - first.depart + crew.report
            for late in sorted({d for _, d in problem.options[key]}):
                if n == 0:
                    continue
                mine = [(x[key, o], 1.0) for o in problem.options[key] if o[1] >= late]
                early = [
                    (x[crew.keys[0], o], 1.0)
                    for o in problem.options[crew.keys[0]]
                    if base + late - o[1] > crew.most
                ]
                if early:
                    p.add([*mine, *early, (relief, -1.0)], -np.inf, 1)
            if n == 0:
                continue
            before = sectors[crew.keys[n - 1]]
            flies = [(x[key, o], 1.0) for o in problem.options[key]]
            p.add([*flies, (x[before.key, None], 1.0), (relief, -1.0)], -np.inf, 1)
            for late in sorted({d for _, d in problem.options[before.key]}):
                mine = [(x[before.key, o], 1.0) for o in problem.options[before.key] if o[1] >= late]
                gone = [
                    (x[key, o], 1.0) for o in problem.options[key] if s.depart + o[1] < before.arrive + late
                ]
                if gone:
                    p.add([*mine, *gone, (relief, -1.0)], -np.inf, 1)
    return found
