"""Sort plans as a mixed-integer program, solved by HiGHS.

Chutes at the same distance in the same zone are alike: a destination is given so many chutes of a class, which
yesterday's are among them is told by a variable of its own, and who stays keeps its very chute. That is exact, and keeps
the program small where chutes stand in pairs on both sides of a line.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from qafila.sorting.model import Chute
from qafila.sorting.plans.plans_problem import Cost, Layout, Problem, alphabetical, at_least, cost, pose
from qafila.sorting.plans.plans_program import INFINITY, Program
from qafila.sorting.plans.plans_swapping import improved

Class = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Made:
    """A layout with what it costs, and how far it can be from the best.

    Attributes:
        bound: no layout costs less, in seconds of work.
        gap: (cost − bound) / cost; 0 is proven best.
        by_name: what alphabetical order would cost.
        second: group's chute -> destination -> chute, where a second pass is needed.
    """

    layout: Layout
    cost: Cost
    bound: float
    gap: float
    seconds: float
    by_name: Cost
    second: Mapping[str, Mapping[str, str]]


def solve(problem: Problem, seconds: float = 20.0, gap: float = 1e-4) -> Made:
    """The best layout that is found within some seconds.

    Args:
        gap: it ends earlier where the layout is proven so near to the best, as a share of its cost.
    """
    began = time.monotonic()
    layout, bound = _solved(problem, seconds * 0.8, gap)
    by_name = alphabetical(problem)
    if (
        cost(problem, by_name).total < cost(problem, layout).total
    ):  # out of time before it found as good a one
        layout = by_name
    layout = improved(problem, layout, seconds * 0.2)
    told = cost(problem, layout)
    second = {id: _second(problem, stops) for id, stops in layout.groups.items()}
    bound = max(bound, min(at_least(problem), told.total))  # where the program had no time to prove more
    missing = max(told.total - bound, 0.0)
    share = missing / told.total if missing > 1e-6 * max(told.total, 1.0) else 0.0
    return Made(layout, told, bound, share, time.monotonic() - began, cost(problem, by_name), second)


def _second(problem: Problem, stops: tuple[str, ...]) -> dict[str, str]:
    """The second pass of a group: each destination a chute, the larger the nearer."""
    near = sorted(problem.chutes, key=lambda c: (c.metres, c.id))
    by_flow = sorted(stops, key=lambda to: (-problem.flows[to], to))
    return {to: chute.id for to, chute in zip(by_flow, near, strict=False)}


def _classes(chutes: list[Chute]) -> dict[Class, list[Chute]]:
    found: dict[Class, list[Chute]] = defaultdict(list)
    for chute in chutes:
        found[chute.zone, chute.metres].append(chute)
    return found


def _solved(problem: Problem, seconds: float, gap: float) -> tuple[Layout, float]:
    p, flows, program = problem.prices, problem.flows, Program()
    classes = _classes(problem.single)
    load: dict[str, list[tuple[int, float]]] = {c.zone: [] for c in problem.chutes}
    x: dict[tuple[str, Class], int] = {}
    y: dict[tuple[str, str], int] = {}
    for to, flow in flows.items():
        share = flow / problem.wanted[to]
        yesterday = set(problem.before.get(to, ()))
        mine = []
        for key, chutes in classes.items():
            each = share * problem.walk(chutes[0]) + (p.change if problem.before else 0.0)
            x[to, key] = v = program.column(each, 0, min(problem.wanted[to], len(chutes)))
            load[key[0]].append((v, share))
            mine.append((v, 1.0))
            if stays := len([c for c in chutes if c.id in yesterday]):
                s = program.column(-p.change, 0, stays, whole=False)
                program.row([(s, 1.0), (v, -1.0)], -INFINITY, 0.0)
        for chute in problem.groups:
            y[to, chute.id] = v = program.column(flow * (problem.walk(chute) + p.again))
            load[chute.zone].append((v, flow))
            mine.append((v, float(problem.wanted[to])))
        program.row(mine, problem.wanted[to], problem.wanted[to])
    for key, chutes in classes.items():
        program.row([(x[to, key], 1.0) for to in flows], -INFINITY, len(chutes))
    for chute in problem.groups:
        program.row([(y[to, chute.id], 1.0) for to in flows], -INFINITY, len(problem.chutes))
    mean = sum(flows.values()) / len(load)
    busiest = program.column(p.over_mean, mean, INFINITY, whole=False)
    for terms in load.values():
        program.row([*terms, (busiest, -1.0)], -INFINITY, 0.0)
    program.offset = -mean * p.over_mean
    found = program.solve(seconds, gap)
    if not found.values:
        return alphabetical(problem), max(found.bound, 0.0)
    counts = {to: {key: round(found.values[x[to, key]]) for key in classes} for to in flows}
    groups = {
        c.id: tuple(to for to in sorted(flows) if found.values[y[to, c.id]] > 0.5) for c in problem.groups
    }
    layout = Layout(_placed(problem, counts, classes), groups)
    return layout, min(found.bound, cost(problem, layout).total)


def _placed(
    problem: Problem, counts: Mapping[str, Mapping[Class, int]], classes: Mapping[Class, list[Chute]]
) -> dict[str, tuple[str, ...]]:
    """The very chutes: who had one of the class keeps it, the others take what is left, in order."""
    told: dict[str, list[str]] = {to: [] for to in counts if any(counts[to].values())}
    for key, chutes in classes.items():
        free = {c.id for c in chutes}
        for to, mine in counts.items():
            kept = [id for id in problem.before.get(to, ()) if id in free][: mine[key]]
            if kept:
                told[to] += kept
                free.difference_update(kept)
        rest = sorted(free)
        for to, mine in counts.items():
            had = len([id for id in told.get(to, ()) if id in {c.id for c in chutes}])
            for _ in range(mine[key] - had):
                told[to].append(rest.pop(0))
    return {to: tuple(sorted(ids)) for to, ids in told.items()}


__all__ = ["Made", "pose", "solve"]
