"""The use case: a demand file and a file of lines in, a plan's folder out that says which departures run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from qafila.network import installed
from qafila.network.model import Feed
from qafila.network.timetable import COST_UNIT
from qafila.planning import plan_folder, planning_job
from qafila.planning.design.design_choices import Choices
from qafila.planning.design.design_deciding import Design, decide
from qafila.planning.design.lines_file import choices, read, with_copies
from qafila.planning.found import Found
from qafila.planning.plan import Plan, conclude
from qafila.planning.planning_problem import Problem, pose
from qafila.planning.rounding import Whole
from qafila.planning.search import search

EPOCH_DAY = date(1970, 1, 1)

DECIDING = 0.8
"""Of the time that part is for the departures; the rest for the ways on what was decided."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a design.

    Attributes:
        lines: the file of lines; None: no departure is to be decided.
        few: by which part it may cost more than the least, for the fewest changed lines; None: the least cost.
        balance: what a full departure or sorting queue costs, in the currency; half full a quarter of it.
    """

    lines: Path | None = None
    few: float | None = None
    balance: float = 0.0


def design(
    demand: Path,
    out: Path,
    feed: Feed,
    where: Callable[[installed.Network], planning_job.Network],
    wanted: Wanted,
    request: planning_job.Request,
) -> dict[str, Any]:
    """Decide departures and ways, and write the plan's folder with `lines.csv`. Raises LinesError, DemandError.

    Args:
        demand: the demand file.
        out: the folder.
        feed: the network.
        where: compiles a network over the days of the demand.
        wanted: what there is to decide.
        request: prices, effort, and who is told.

    Returns:
        plan.json, with `design`.
    """
    lines = read(wanted.lines) if wanted.lines is not None else []
    there = where(installed.Network.of(with_copies(feed, lines)))
    problem, problems = planning_job.posed(demand, there, request)
    offered = choices(problem.graph, lines, wanted.balance)
    part = replace(request.effort, seconds=DECIDING * request.effort.seconds)
    decided = decide(problem, offered, part, wanted.few, request.stopped)
    rest = replace(request.effort, seconds=(1 - DECIDING) * request.effort.seconds)
    fixed = pose(offered.graph(problem.graph, decided.chosen), problem.demand, problem.prices)
    found = search(fixed, rest, report=request.report, stopped=request.stopped)
    plan = conclude(_better(found, decided, offered), evened=wanted.balance > 0)
    asked = request if not wanted.balance else replace(request, hold=False)
    with plan_folder.writing(out) as place:
        answer = planning_job.written(plan, place, asked)
        told = _told(problem, offered, decided, answer.plan)
        table(offered, decided.chosen, answer.plan).write_csv(place / "lines.csv")
        planning_job.reject(problems, place)
        summary = answer.summary | {"design": told, "rejected": len(problems)}
        planning_job.write_summary(place, summary)
    return summary


def _better(found: Found, decided: Design, offered: Choices) -> Found:
    """The ways of the design, or those that were found on its departures if they cost less."""
    used = np.flatnonzero(decided.parcels)
    length = np.diff(decided.pool.ptr)[used]
    rides = [decided.pool.rides[decided.pool.ptr[c] : decided.pool.ptr[c + 1]] for c in used]
    ptr = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    column = found.pool.extend(
        decided.pool.who[used], ptr, np.concatenate([*rides, np.zeros(0, np.int32)]).astype(np.int32)
    )
    parcels = np.zeros(len(found.pool), np.int64)
    np.add.at(parcels, column, decided.parcels[used])
    load = found.pool.loads(parcels.astype(np.float64))
    cost = float(np.dot(found.pool.cost, parcels) + np.dot(found.problem.penalty, decided.unserved))
    if not offered.balance and found.whole.cost < cost:
        more = np.zeros(len(found.pool) - len(found.whole.parcels), np.int64)
        return replace(found, whole=replace(found.whole, parcels=np.append(found.whole.parcels, more)))
    room = found.problem.graph.row_capacity - load
    return replace(found, whole=Whole(parcels, decided.unserved, room, cost))


def _told(problem: Problem, offered: Choices, decided: Design, plan: Plan) -> dict[str, Any]:
    fill = offered.fill_cost(plan.load, problem.graph)
    runs = {d.line for d, n in zip(offered.departures, decided.chosen, strict=True) if d.options[n].vehicles}
    vehicles = sum(d.options[n].cost for d, n in zip(offered.departures, decided.chosen, strict=True))
    lines = sum(offered.lines[line][1] for line in runs)
    total = plan.total + vehicles + lines + fill
    bound = min(decided.bound, total)
    return {
        "cost": total / COST_UNIT,
        "ways": plan.total / COST_UNIT,
        "vehicles": vehicles / COST_UNIT,
        "lines": lines / COST_UNIT,
        "fill": fill / COST_UNIT,
        "bound": bound / COST_UNIT,
        "gap": max(total - bound, 0.0) / max(abs(total), 1e-9),
        "proven": decided.exact,
        "least_cost": min(decided.least, total) / COST_UNIT,
        "changed_lines": sorted(offered.lines[line][0] for line in offered.changed(decided.chosen)),
        "fewest_proven": decided.exact and not decided.unproven,
    }


def table(offered: Choices, chosen: tuple[int, ...], plan: Plan) -> pl.DataFrame:
    """What each departure is to be, in the order of the file of lines and of days."""
    rows = []
    for d, n in zip(offered.departures, chosen, strict=True):
        option, segments = d.options[n], d.rows[: len(d.rows) // 2]
        planned = None if d.planned is None else d.options[d.planned].vehicles
        rows.append(
            {
                "service": offered.lines[d.line][0],
                "date": EPOCH_DAY + timedelta(days=d.day),
                "planned": planned,
                "vehicles": option.vehicles,
                "change": _change(planned, option.vehicles),
                "kg": float(plan.load[segments].max()) / 1e3,
                "room_kg": float(option.room[: len(segments)].max()) / 1e3,
                "cost": option.cost / COST_UNIT,
            }
        )
    return pl.DataFrame(
        rows,
        schema={
            "service": pl.String,
            "date": pl.Date,
            "planned": pl.Int64,
            "vehicles": pl.Int64,
            "change": pl.String,
            "kg": pl.Float64,
            "room_kg": pl.Float64,
            "cost": pl.Float64,
        },
    )


def _change(planned: int | None, vehicles: int) -> str:
    if planned is None or planned == vehicles:
        return ""
    if not vehicles:
        return "cancelled"
    if not planned:
        return "added"
    return "more" if vehicles > planned else "fewer"
