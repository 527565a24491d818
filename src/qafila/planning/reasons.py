"""Why a plan is as it is: what is full, why each commodity goes as it does, why one is left."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import numpy as np

from qafila.core.message import Message, Place, clauses
from qafila.core.money import Money
from qafila.network.timetable import COST_UNIT
from qafila.planning import planning_messages as m
from qafila.planning.cutting_off import cut_off
from qafila.planning.graph import Scarce
from qafila.planning.plan import Plan
from qafila.planning.planning_problem import Problem

_SEGMENT = {Scarce.SEGMENT_WEIGHT: m.WEIGHT_OF, Scarce.SEGMENT_VOLUME: m.VOLUME_OF}
_FACILITY = {Scarce.SORT: m.SORTING_OF, Scarce.DOCK: m.DOCKS_OF, Scarce.CUSTOMS: m.CUSTOMS_OF}


def row_name(problem: Problem, row: int) -> Message:
    """A scarce capacity in words; its places are known by their ids."""
    g, t = problem.graph, problem.graph.timetable
    kind, place = Scarce(int(g.row_scarce[row])), int(g.row_place[row])

    def at(facility: int) -> Place:
        return Place(t.facility_ids[facility], t.facility_ids[facility])

    if kind in _SEGMENT:
        return _SEGMENT[kind](
            service=t.service_ids[t.segment_service[place]],
            start=at(t.segment_from[place]),
            end=at(t.segment_to[place]),
            when=t.instant(int(t.segment_depart[place])),
        )
    return _FACILITY[kind](place=at(place), when=t.instant(int(g.row_quarter[row])))


def left_out(plan: Plan) -> dict[int, Message]:
    """Of each commodity that is unserved, or a part of it, why."""
    problem = plan.problem
    t, d = problem.graph.timetable, problem.demand
    penalty = problem.penalty
    name = cache(lambda row: row_name(problem, row))
    why = {}
    closed = cut_off(problem, np.flatnonzero((plan.unserved > 0) & ~np.isfinite(plan.alone_cost)))
    for k in np.flatnonzero(plan.unserved).tolist():
        if k in closed:
            why[k] = closed[k]
        elif not np.isfinite(plan.alone_cost[k]):
            why[k] = (m.NO_WAY_FOR_GOODS if d.goods[k] else m.NO_WAY)(end=t.instant(t.minutes))
        elif plan.alone_cost[k] >= penalty[k]:
            why[k] = m.COSTS_MORE()
        elif plan.alone_binds[k] >= 0:
            why[k] = m.NO_ROOM(full=name(int(plan.alone_binds[k])))
        else:
            why[k] = m.TWICE_THERE()
    return why


def reasons(plan: Plan) -> list[Message]:
    """[K] why each commodity takes its ways."""
    commodities = len(plan.problem.demand)
    currency = plan.problem.graph.timetable.currency
    name = cache(lambda row: row_name(plan.problem, row))
    out = left_out(plan)
    waits = np.logical_or.reduceat(np.append(plan.before != plan.rides, False), plan.ptr[:-1])
    held = np.bincount(plan.who[waits], plan.parcels[waits], minlength=commodities).astype(np.int64)
    dearest = np.full(commodities, -np.inf)  # of the ways that nobody waits on
    np.maximum.at(dearest, plan.who[~waits], plan.cost[~waits])
    alone, binds, following = plan.alone_cost, plan.alone_binds, plan.next_cost

    def price(cost: float) -> Money:
        return Money(Decimal(f"{cost / COST_UNIT:.2f}"), currency)

    found = []
    for k, (least, most, row, best, waiting, unserved) in enumerate(
        zip(*(a.tolist() for a in (alone, dearest, binds, following, held, plan.unserved)), strict=True)
    ):
        parts = []
        if unserved:
            parts.append(m.UNSERVED(parcels=unserved, why=out[k]))
        if waiting:
            parts.append(m.HELD(parcels=waiting))
        if most > -np.inf:
            if most <= least * (1 + 1e-6) + 1:
                parts.append(m.CHEAPEST())
            elif row >= 0:
                parts.append(m.TAKEN_UP(cost=price(least), full=name(row)))
            else:
                parts.append(m.ROOM_AGAIN())
            if best < np.inf:
                parts.append(m.NEXT_BEST(cost=price(best)))
        found.append(clauses(parts) or m.CHEAPEST())
    return found
