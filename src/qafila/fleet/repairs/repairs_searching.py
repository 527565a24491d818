"""The cheapest repair in so many seconds: the program of the whole board, or, where that is too large, of parts of it.

A first choice always exists: each sector by its own tail, as soon as that can, or not at all. From there some tails at a
time are planned anew by the program, all else held: those of what does not fly well, with others of their rating. No choice
is ever left for a dearer one. How far it may be from the best is told by the bound of the whole board's program.
"""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Mapping
from dataclasses import replace

from qafila.fleet.model import Flown, Key
from qafila.fleet.repairs.model import Option, Problem, Repair, changes, relieved, total
from qafila.fleet.repairs.repairs_program import solved

LARGE = 6_000
"""Choices beyond which the whole board's program gets a part of the time only."""
AT_ONCE = 4
"""Tails that are planned anew together."""
_SLICE = 4.0  # seconds at most for a part
_IDLE = 40  # parts that found nothing better, after which it ends

Chosen = dict[Key, Option | None]


def solve(problem: Problem, seconds: float = 10.0, seed: int = 0) -> Repair:
    """The cheapest repair found in so many seconds, with its gap."""
    ends = time.monotonic() + seconds
    large = sum(len(o) + 1 for o in problem.options.values()) > LARGE
    whole = solved(problem, seconds * 0.4 if large else seconds)
    best = as_planned(problem)
    cost = _sum(problem, best)
    if whole.chosen is not None and (now := _sum(problem, whole.chosen)) <= cost:
        best, cost = whole.chosen, now
    luck, idle = random.Random(seed), 0
    while cost - whole.bound > max(1e-6 * cost, 1e-6) and idle < _IDLE:
        left = ends - time.monotonic()
        if left <= 0.05:
            break
        part = _part(problem, best, _tails(problem, best, luck))
        found = solved(part, min(left, _SLICE)).chosen
        if found is not None and (now := _sum(problem, found)) < cost - 1e-6:
            best, cost, idle = found, now, 0
        else:
            idle += 1
    sectors = {f.sector.key: f.sector for f in problem.sectors}
    reliefs = tuple(c.keys for c in problem.crews if relieved(problem, sectors, c, best))
    gap = max(0.0, (cost - max(whole.bound, 0.0)) / cost) if cost > 0 else 0.0
    return Repair(tuple(changes(problem, best)), total(problem, best), gap, reliefs)


def _sum(problem: Problem, chosen: Mapping[Key, Option | None]) -> float:
    return sum(total(problem, chosen).values())


def as_planned(problem: Problem) -> Chosen:
    """Each sector by its own tail with the least delay that works, in the order of the plan, or not at all."""
    at = dict(problem.starts)
    chosen: Chosen = {}
    for one in sorted(problem.sectors, key=lambda f: (f.sector.depart, str(f.sector.key))):
        s = one.sector
        place, ready = at.get(one.tail, ("", 0))
        fits = [
            o
            for o in problem.options[s.key]
            if o[0] == one.tail and place == s.origin and s.depart + o[1] >= ready
        ]
        best = min(fits, key=lambda o: problem.cost[s.key, o], default=None)
        if best is not None and problem.cost[s.key, best] > problem.cost[s.key, None]:
            best = None
        chosen[s.key] = best
        if best is not None:
            at[one.tail] = s.to, s.arrive + best[1] + problem.ground[one.tail]
    return _flyable(problem, chosen)


def _flyable(problem: Problem, chosen: Chosen) -> Chosen:
    """The choice without its last sectors, as far as a delay has put one before what it follows."""
    while True:
        try:
            total(problem, chosen)
            return chosen
        except ValueError:
            flown = [f for f in problem.sectors if chosen[f.sector.key] is not None]
            chosen[max(flown, key=lambda f: _leaves(f, chosen)).sector.key] = None


def _leaves(one: Flown, chosen: Chosen) -> tuple[int, str]:
    return one.sector.depart + (chosen[one.sector.key] or ("", 0))[1], str(one.sector.key)


def _tails(problem: Problem, chosen: Chosen, luck: random.Random) -> set[str]:
    """Tails to plan anew: one whose sectors do not fly as planned, and others, most of them of its rating."""
    hurt = [
        f.sector.tail
        for f in problem.sectors
        if (o := chosen[f.sector.key]) is None or o[1] or o[0] != f.sector.tail
    ]
    known = sorted(problem.ground)
    first = luck.choice([t for t in hurt if t in problem.ground] or known)
    like = [t for t in known if t != first and problem.rating_of.get(t) == problem.rating_of.get(first)]
    others = [t for t in known if t != first and t not in like]
    luck.shuffle(like)
    luck.shuffle(others)
    more = like[: AT_ONCE - 1]
    if others and luck.random() < 0.3:
        more = [*more[: AT_ONCE - 2], others[0]]
    return {first, *more, *others[: max(0, AT_ONCE - 1 - len(more))]}


def _part(problem: Problem, chosen: Chosen, tails: Collection[str]) -> Problem:
    """The problem in which all but some tails fly on as chosen. What does not fly may be flown by them."""
    options: dict[Key, tuple[Option, ...]] = {}
    for one in problem.sectors:
        key = one.sector.key
        held = chosen[key]
        if held is not None and held[0] not in tails:
            options[key] = (held,)
        else:
            options[key] = tuple(o for o in problem.options[key] if o[0] in tails)
    return replace(problem, options=options)
