"""Holding for a fuller bag: parcels of a bag that leaves nearly empty wait for one that has room, where that pays.

What is looked at are the parcels on one ride for one destination. They may take one of the next rides on the same
leg, if they still make what follows and there is room on vehicle, docks, sorter and customs. As many as empty one
bag, or all of them, are held if the bags that are saved are worth more than what it costs: lateness above all, and
the price of moving a parcel in a re-plan. What saves most is held first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qafila.planning.path_columns import loads, path_costs
from qafila.planning.plan import Plan
from qafila.planning.planning_problem import Problem
from qafila.planning.planning_sharing import KIND, LEG, RIDE, USE, WAY, away
from qafila.planning.waiting import hold_all

Longs = NDArray[np.int64]
Records = NDArray[np.void]

HOLDS: dict[str, type[pl.DataType]] = {
    "segment": pl.Int64, "to_segment": pl.Int64, "destination": pl.Int64, "parcels": pl.Int64,
    "kg": pl.Float64, "bags": pl.Int64, "cost": pl.Float64, "lateness": pl.Float64,
}  # fmt: skip
"""Of a hold: the first segment of each ride, the node of the destination, what waits, how many bags are saved, what
it costs and how much of that is lateness, in the currency."""


def hold(plan: Plan) -> tuple[Plan, pl.DataFrame]:
    """The plan with what pays to be held, and the HOLDS by departure.

    The cost of plan and bags together never grows.
    """
    problem, paths = plan.problem, np.arange(len(plan.who))
    if not len(paths):
        return plan, pl.DataFrame(schema=HOLDS)
    rides, uses = _rides(problem)
    kinds, homes = _kinds(problem)
    ways = _records(
        WAY,
        who=plan.who,
        parcels=plan.parcels,
        low=plan.ptr[:-1],
        high=plan.ptr[1:],
        planned=paths,
        sibling=-1,
    )
    legs = _records(LEG, ride=plan.rides, way=0, next=-1)
    ways, legs, used, done = hold_all(
        rides,
        uses,
        kinds,
        problem.chargeable_kg,
        homes,
        problem.graph.timetable.nodes,
        ways,
        legs,
        problem.graph.row_capacity - plan.load,
    )
    if not done:
        return plan, pl.DataFrame(schema=HOLDS)
    first = rides["first"]
    holds = sorted((int(first[ride]), int(first[target]), *rest) for ride, target, *rest in done)
    return _planned(plan, ways[:used], legs, kinds, homes), pl.DataFrame(holds, schema=HOLDS, orient="row")


def _rides(problem: Problem) -> tuple[Records, Records]:
    """[R] RIDE and the USEs of all."""
    g, t = problem.graph, problem.graph.timetable
    rides = _records(
        RIDE,
        first=t.ride_first_segment,
        count=t.ride_segment_count,
        board_by=t.ride_board_by,
        ready_at=t.ride_ready_at,
        next=g.next_on_leg,
        mode=t.ride_mode,
        forbids=t.ride_forbids,
        closed=g.closed,
        fixed=problem.ride_fixed,
        kg=problem.ride_kg,
        gram=problem.ride_gram,
        low=g.use_ptr[:-1],
        high=g.use_ptr[1:],
    )
    return rides, _records(USE, row=g.use_row, factor=g.use_factor, measure=g.row_measure[g.use_row])


def _kinds(problem: Problem) -> tuple[Records, Longs]:
    """[K] KIND and the rides of all homes."""
    d = problem.demand
    homes = d.homes or ((),) * len(d)
    ends = np.cumsum([len(home) for home in homes])
    kinds = _records(
        KIND,
        grams=d.grams,
        cm3=d.cm3,
        goods=d.goods,
        destination=d.destination,
        due=d.due,
        late_price=d.late_price,
        move_price=0.0 if d.move_price is None else d.move_price,
        low=np.append(0, ends[:-1]),
        high=ends,
    )
    return kinds, np.array([ride for home in homes for ride in home], np.int64)


def _records(kind: np.dtype[np.void], **columns: Any) -> Records:
    """Records of columns that are equally long, or one value for all."""
    records = np.zeros(max(np.size(column) for column in columns.values()), kind)
    for name, column in columns.items():
        records[name] = column
    return records


def _planned(plan: Plan, ways: Records, legs: Records, kinds: Records, homes: Longs) -> Plan:
    """The plan as it stands; of a commodity's ways the cheapest first."""
    problem, ride = plan.problem, legs["ride"].astype(np.int32)
    cost = path_costs(problem, ways["who"].copy(), np.append(ways["low"], ways["high"][-1]), ride)[0]
    if problem.demand.move_price is not None:
        leaves = [away(leg, legs[leg]["ride"], kinds, homes, ways, legs) for leg in ways["low"]]
        cost += np.where(leaves, problem.demand.move_price[ways["who"]], 0.0)
    on = np.flatnonzero(ways["parcels"])
    on = on[np.lexsort((cost[on], ways["who"][on]))]
    who, parcels, length = ways["who"][on], ways["parcels"][on], (ways["high"] - ways["low"])[on]
    ptr = np.append(0, np.cumsum(length))
    within = np.arange(ptr[-1]) - np.repeat(ptr[:-1], length)
    rides, before = (
        ride[np.repeat(ways["low"][which], length) + within] for which in (on, ways["planned"][on])
    )
    assert parcels.sum() + plan.unserved.sum() == problem.demand.parcels.sum()
    return replace(
        plan,
        who=who,
        ptr=ptr,
        rides=rides,
        parcels=parcels,
        cost=cost[on],
        before=before,
        load=loads(problem, who, ptr, rides, parcels.astype(np.float64)),
    )
