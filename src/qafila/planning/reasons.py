"""Why a plan is as it is, in words: what is full, why each commodity goes as it does, why one is left."""

from __future__ import annotations

from functools import cache

import numpy as np

from qafila.network.timetable import COST_UNIT
from qafila.planning.graph import Scarce
from qafila.planning.plan import Plan
from qafila.planning.problem import Problem


def row_name(problem: Problem, row: int) -> str:
    """A scarce capacity in words."""
    g, t = problem.graph, problem.graph.timetable
    kind, place = Scarce(int(g.row_scarce[row])), int(g.row_place[row])
    if kind in (Scarce.SEGMENT_WEIGHT, Scarce.SEGMENT_VOLUME):
        what = "weight" if kind is Scarce.SEGMENT_WEIGHT else "volume"
        return (
            f"{what} of {t.service_ids[t.segment_service[place]]}"
            f" {t.facility_ids[t.segment_from[place]]}–{t.facility_ids[t.segment_to[place]]}"
            f" leaving {t.instant(int(t.segment_depart[place])):%Y-%m-%d %H:%M}Z"
        )
    what = {Scarce.SORT: "sorting", Scarce.DOCK: "docks", Scarce.CUSTOMS: "customs lane"}[kind]
    return f"{what} of {t.facility_ids[place]} from {t.instant(int(g.row_quarter[row])):%Y-%m-%d %H:%M}Z"


def left_out(plan: Plan) -> dict[int, str]:
    """Of each commodity that is unserved, or a part of it, why."""
    problem = plan.problem
    t, d = problem.graph.timetable, problem.demand
    penalty = problem.penalty
    name = cache(lambda row: row_name(problem, row))
    why = {}
    for k in np.flatnonzero(plan.unserved).tolist():
        if not np.isfinite(plan.alone_cost[k]):
            goods = " for these goods" if d.goods[k] else ""
            why[k] = (
                f"no way{goods} from its release to the end of the timetable ({t.instant(t.minutes):%Y-%m-%d %H:%M}Z)"
            )
        elif plan.alone_cost[k] >= penalty[k]:
            why[k] = "its cheapest way costs more than the penalty for leaving it"
        elif plan.alone_binds[k] >= 0:
            full = name(int(plan.alone_binds[k]))
            why[k] = f"no room: {full} is full, and so is every other way worth its cost"
        else:
            why[k] = "no room: its cheapest way would load one place twice, which has room once"
    return why


def reasons(plan: Plan) -> list[str]:
    """[K] why each commodity takes its ways."""
    commodities = len(plan.problem.demand)
    name = cache(lambda row: row_name(plan.problem, row))
    out = left_out(plan)
    waits = np.logical_or.reduceat(np.append(plan.before != plan.rides, False), plan.ptr[:-1])
    held = np.bincount(plan.who[waits], plan.parcels[waits], minlength=commodities).astype(np.int64)
    dearest = np.full(commodities, -np.inf)  # of the ways that nobody waits on
    np.maximum.at(dearest, plan.who[~waits], plan.cost[~waits])
    alone, binds, following = plan.alone_cost, plan.alone_binds, plan.next_cost
    found = []
    for k, (least, most, row, best, waiting, unserved) in enumerate(
        zip(*(a.tolist() for a in (alone, dearest, binds, following, held, plan.unserved)), strict=True)
    ):
        parts = []
        if unserved:
            parts.append(f"{unserved} unserved: {out[k]}")
        if waiting:
            parts.append(f"{waiting} held for a fuller bag")
        if most > -np.inf:
            if most <= least * (1 + 1e-6) + 1:
                parts.append("the cheapest way there is")
            elif row >= 0:
                parts.append(f"its cheapest way ({least / COST_UNIT:.2f} a parcel) is taken up: {name(row)}")
            else:
                parts.append("its cheapest way has room again since other parcels are held for fuller bags")
            if best < np.inf:
                parts.append(f"next best would cost {best / COST_UNIT:.2f} a parcel, congestion included")
        found.append("; ".join(parts))
    return found
