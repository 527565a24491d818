"""The queue's job that makes a plan that was asked for, on the network of its home, beside what is booked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.core.message_json import to_json
from qafila.planning import planning_messages as planning
from qafila.runtime.jobs.jobs_types import Running
from qafila.shipping.plans import plans_messages as m
from qafila.shipping.plans.asked_plans import LINES_FILE, Asked, read_asked, read_json
from qafila.shipping.plans.kept_plans import folder

if TYPE_CHECKING:
    from qafila.network.installed import Network
    from qafila.planning import planning_job


def make(running: Running) -> Mapping[str, Any]:
    """The queue's job: makes a plan that was asked for; one that a killed worker had begun goes on from its best plan so far."""
    name = str(running.arguments["name"])
    if not (place := folder(name)).is_dir() or (asked := read_asked(place)) is None:
        return {"state": "removed"}
    try:
        _make(running, asked, place)
        (place / "failed.json").unlink(missing_ok=True)
    except Exception as error:  # told to the person; the log has the whole of it
        if not place.is_dir():  # removed while it was made: what broke over that is nobody's trouble
            return {"state": "removed"}
        if not _expected(error):
            import logging

            logging.getLogger(__name__).exception("the plan %s could not be made", asked.name)
        told = error.told if isinstance(error, Fault) else m.BROKE(error=f"{type(error).__name__}: {error}")
        document = orjson.dumps({"reason": str(told), "message": to_json(told)}).decode()
        (place / "failed.json").write_text(document.replace(f"{place}/", ""))
        return {"state": "failed"}
    return {"state": "done"}


def _expected(error: Exception) -> bool:
    from qafila.network.network_report import FeedErrors
    from qafila.planning.demand import DemandError
    from qafila.planning.design.lines_file import LinesError
    from qafila.planning.disruption import BadDisruption
    from qafila.planning.reopening import NotAPlan

    return isinstance(error, DemandError | LinesError | BadDisruption | NotAPlan | FeedErrors)


def _make(running: Running, asked: Asked, place: Path) -> None:
    import numpy as np

    from qafila.network.timetable import COST_UNIT
    from qafila.planning import plan_folder, planning_job, reopening
    from qafila.planning.disruption import afresh, replan
    from qafila.planning.found import Effort, Progress
    from qafila.planning.planning_problem import Prices
    from qafila.shipping.plans.plans_replanning import beside_bookings

    def report(p: Progress) -> None:
        told = {
            "round": p.round,
            "seconds": p.seconds,
            "gap": p.gap,
            "bound": p.bound / COST_UNIT,
            "cost": p.cost / COST_UNIT,
        }
        running.tell(orjson.dumps(told).decode(), p.round, p.round)

    request = planning_job.Request(
        prices=Prices(co2e_per_tonne=asked.co2e_price, ride_per_parcel=asked.ride_price),
        effort=Effort(gap=asked.gap, seconds=asked.seconds),
        max_transfers=asked.max_transfers,
        beside=beside_bookings,
        report=report,
        stopped=running.stopped,
    )
    if not asked.origin:
        _first(running.context, asked, place, request)
    elif asked.widen is None:
        at = datetime.fromisoformat(asked.at) if asked.at else None
        summary = replan(folder(asked.origin), asked.disruptions, at, place, request)
        summary["replan"]["from"] = asked.origin
        planning_job.write_summary(place, summary)
    else:
        before = reopening.read(folder(asked.origin), held=False)
        graph = before.problem.graph
        if not 0 <= asked.widen < graph.rows:
            raise reopening.NotAPlan(planning.NO_CAPACITY(plan=asked.origin, row=asked.widen))
        room = graph.row_capacity.copy()
        room[asked.widen] *= 1.1
        wider = replace(before, problem=replace(before.problem, graph=replace(graph, row_capacity=room)))
        # the earlier ways are still open, and leaving them is free: the new plan is never the dearer one
        unmoved = np.zeros(graph.timetable.rides, np.bool_)
        problem, _ = afresh(wider, unmoved, [], 0, 0.0)
        old = read_json(folder(asked.origin) / "plan.json") or {}
        closer = replace(request.effort, gap=min(asked.gap, old["gap"] / 2))
        wanted = replace(request, effort=closer, kept_in=place)
        with plan_folder.writing(place) as staged:
            answer = planning_job.solve(problem, staged, wanted, before.row_price)
        tight = next((x for x in old.get("tightest", ()) if x["row"] == asked.widen), {"what": ""})
        was, now = (x["cost"] - x["consolidation"]["holding_cost"] for x in (old, answer.summary))
        told = {
            "from": asked.origin,
            "row": asked.widen,
            "what": tight["what"],
            "message": tight.get("message"),
            "saves": was - now,
        }
        planning_job.write_summary(place, answer.summary | {"widened": told})


def _first(context: Context, asked: Asked, place: Path, request: planning_job.Request) -> None:
    """Plans a demand file beside what is booked; decides departures as well where lines are given or balance is priced."""
    from qafila.planning import planning_job
    from qafila.planning.design.design_job import Wanted, design

    file = place / f"asked{asked.demand}"
    begin = date.fromisoformat(asked.start) if asked.start else None

    def where(given: Network) -> planning_job.Network:
        return planning_job.network(given, context.now().date(), begin, None, file)

    if asked.decides:
        lines = place / LINES_FILE if asked.lines else None
        design(
            file,
            place,
            context.network.feed,
            where,
            Wanted(lines, asked.few_changes, asked.balance_price),
            request,
        )
    else:
        planning_job.plan(file, place, where(context.network), request)
