"""A layout made better by exchanging chutes two by two, until no exchange pays: after the program ran out of time."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from qafila.sorting.plans.plans_problem import Layout, Problem


def improved(problem: Problem, layout: Layout, seconds: float) -> Layout:
    """The layout after all exchanges that pay: of two stops' chutes, or of a stop's chute and a free one.

    Groups stay as they are; of a stop with several chutes each is exchanged by itself, and the free chutes count as stops
    without parcels.
    """
    until = time.monotonic() + seconds
    single = problem.single
    zones = sorted({c.zone for c in problem.chutes})
    if len(single) < 2:
        return layout
    at = {c.id: i for i, c in enumerate(single)}
    zone = np.array([zones.index(c.zone) for c in single])
    walk = np.array([problem.walk(c) for c in single])
    holder: list[str] = [""] * len(single)
    flow = np.zeros(len(single))
    for to, ids in layout.chutes.items():
        for id in ids:
            holder[at[id]] = to
            flow[at[id]] = problem.flows[to] / len(ids)
    new = np.zeros(
        (len(single), len(single))
    )  # by chute of today's holder, and by chute: whether he comes there anew
    if problem.before:
        for i, to in enumerate(holder):
            if to:
                known = set(problem.before.get(to, ()))
                new[i] = [c.id not in known for c in single]
    load = np.zeros(len(zones))
    np.add.at(load, zone, flow)
    for chute in problem.groups:
        load[zones.index(chute.zone)] += sum(problem.flows[to] for to in layout.groups.get(chute.id, ()))
    p = problem.prices
    where = np.arange(len(single))  # which of the first holders stands at each chute now
    better = True
    while better and time.monotonic() < until:
        better = False
        for a in range(len(single)):
            gain = _change(a, flow, walk, zone, load, p.over_mean)
            gain += p.change * (
                new[where[a], :] - new[where[a], a] + new[where, a] - new[where, np.arange(len(single))]
            )
            b = int(np.argmin(gain))
            if gain[b] < -1e-9:
                load[zone[a]] += flow[b] - flow[a]
                load[zone[b]] += flow[a] - flow[b]
                flow[[a, b]], where[[a, b]] = flow[[b, a]], where[[b, a]]
                better = True
    told: dict[str, list[str]] = {to: [] for to in layout.chutes}
    for i, chute in enumerate(single):
        if holder[where[i]]:
            told[holder[where[i]]].append(chute.id)
    return Layout({to: tuple(sorted(ids)) for to, ids in told.items()}, layout.groups)


def _change(
    a: int,
    flow: NDArray[np.float64],
    walk: NDArray[np.float64],
    zone: NDArray[np.int64],
    load: NDArray[np.float64],
    over: float,
) -> NDArray[np.float64]:
    """[C] seconds by which walking and balance change where chute `a` exchanges its parcels with each other chute."""
    more = flow - flow[a]
    others = np.full((len(load),), load.max())
    for z in range(len(load)):
        rest = np.delete(load, [z, zone[a]])
        others[z] = rest.max() if len(rest) else 0.0
    mine, its = load[zone[a]] + more, load[zone] - more
    busiest = np.maximum(others[zone], np.maximum(mine, its))
    busiest[zone == zone[a]] = load.max()
    found: NDArray[np.float64] = more * (walk[a] - walk) + over * (busiest - load.max())
    return found
