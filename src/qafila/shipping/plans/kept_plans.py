"""Plans that this home keeps: asked for, made by a worker with bound and gap as they close, kept.

A plan is a folder of `qafila plan` under the home's `plans`, with what was asked in `asked.json`; that it is made is a job of
the queue, which outlives servers and workers: where one was killed, another begins the search anew. What stands booked is
taken off the capacities before anything is planned.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.core.message import Message
from qafila.core.message_json import from_json, to_json
from qafila.planning import messages as planning
from qafila.runtime.jobs import queue
from qafila.runtime.jobs.types import Job, Running
from qafila.runtime.settings import settings
from qafila.shipping.plans import messages as m

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
LONGEST = 900.0
"""Seconds that a search may take at most."""


class PlanRefused(Fault):
    """A plan cannot be asked for like this; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan is asked with: a demand file, or an earlier plan with what broke, grew or was widened."""

    name: str
    asked_at: datetime
    demand: str = ""  # ending of the file's name: .csv or .parquet
    start: str = ""  # first day, ISO 8601; empty: by the demand
    origin: str = ""  # name of the earlier plan
    disruptions: tuple[str, ...] = ()
    at: str = ""  # instant of the disruption, ISO 8601
    widen: int | None = None  # row of the earlier plan whose capacity is a tenth more
    seconds: float = 90.0
    gap: float = 0.001


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan of this home and where it stands."""

    name: str
    state: str  # waiting, running, done, failed, interrupted
    asked: Asked | None
    summary: dict[str, Any] | None = None  # plan.json
    reason: Message | None = None
    progress: dict[str, float] | None = None  # round, seconds, bound, cost, gap; in the plan's currency
    stopping: bool = False


def root() -> Path:
    """The folder of all plans."""
    return settings().home / "plans"


def folder(name: str) -> Path:
    """A plan's folder. Raises PlanRefused where the name is none."""
    if not NAME.fullmatch(name):
        raise PlanRefused(m.NAME_FORM(), field="name", value=name)
    return root() / name


def every() -> list[Kept]:
    """All plans, the newest first."""
    if not root().is_dir():
        return []
    there = [p for p in root().iterdir() if p.is_dir() and NAME.fullmatch(p.name)]
    there.sort(key=lambda p: -p.stat().st_mtime)
    return [kept for p in there if (kept := find(p.name)) is not None]


def find(name: str) -> Kept | None:
    """A plan by its name."""
    if not NAME.fullmatch(name) or not (place := root() / name).is_dir():
        return None
    asked = _asked(place)
    failure = _json(place / "failed.json")
    if failure is not None:
        return Kept(name, "failed", asked, reason=from_json(failure.get("message") or str(failure["reason"])))
    summary = _json(place / "plan.json")
    if summary is not None:
        return Kept(name, "done", asked, summary)
    job = queue.find(key=_key(name))
    if job is None:
        return Kept(name, "interrupted", asked)
    if job.fault is not None:  # it could not even begin
        return Kept(name, "failed", asked, reason=m.BROKE(error=str(job.fault["reason"])))
    if job.over:  # it ended between the two looks
        return Kept(name, "done", asked, _json(place / "plan.json"))
    progress = orjson.loads(job.stage) if job.stage else None
    return Kept(name, job.state, asked, progress=progress, stopping=job.stop_asked)


def start(kind: Job, asked: Asked, demand: bytes | None = None) -> Kept:
    """Has a plan made by a worker, on the network of its home. Raises PlanRefused.

    Args:
        kind: the queue's job, `shipping.floor.PLAN`.
        asked: what is asked for.
        demand: the demand file, where there is no earlier plan.
    """
    if asked.origin:
        before = find(asked.origin)
        if before is None or before.state != "done":
            raise PlanRefused(m.NOT_FINISHED(plan=asked.origin), field="origin", value=asked.origin)
    elif not demand:
        raise PlanRefused(m.NEEDS_DEMAND(), field="demand")
    place = folder(asked.name)
    asked = replace(asked, seconds=min(max(asked.seconds, 1.0), LONGEST), gap=min(max(asked.gap, 0.0), 1.0))
    try:
        place.mkdir(parents=True)
    except FileExistsError:
        there = find(asked.name)
        taken = (
            m.IN_THE_MAKING if there is not None and there.state in ("waiting", "running") else m.NAME_TAKEN
        )
        raise PlanRefused(taken(plan=asked.name), field="name", value=asked.name) from None
    try:
        (place / "asked.json").write_bytes(orjson.dumps(asked))
        if demand is not None:
            (place / f"asked{asked.demand}").write_bytes(demand)
        queue.forget(_key(asked.name))  # of a plan of this name that was removed
        queue.ask(kind, None, {"name": asked.name}, key=_key(asked.name))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return Kept(asked.name, "waiting", asked)


def _key(name: str) -> str:
    return f"plan:{name}"


def stop(name: str) -> bool:
    """Ends a search, which keeps the best plan so far; False where none runs."""
    job = queue.find(key=_key(name))
    return job is not None and queue.stop(job.id)


def remove(name: str) -> bool:
    """Forgets a plan that is not being made; False where there is none."""
    found = find(name)
    if found is None or found.state in ("waiting", "running"):
        return False
    shutil.rmtree(folder(name))
    queue.forget(_key(name))
    return True


def wait(name: str, seconds: float = 60.0) -> Kept | None:
    """The plan once it is no longer being made, or as it stands after some seconds."""
    until = time.monotonic() + seconds
    while (found := find(name)) is not None and found.state in ("waiting", "running"):
        if time.monotonic() > until:
            break
        time.sleep(0.05)
    return found


def make(running: Running) -> Mapping[str, Any]:
    """The queue's job: makes a plan that was asked for; one that a killed worker had begun is begun anew."""
    name = str(running.arguments["name"])
    if not (place := folder(name)).is_dir() or (asked := _asked(place)) is None:
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
    from qafila.network.report import FeedErrors
    from qafila.planning.demand import DemandError
    from qafila.planning.disruption import BadDisruption
    from qafila.planning.reopening import NotAPlan

    return isinstance(error, DemandError | BadDisruption | NotAPlan | FeedErrors)


def _make(running: Running, asked: Asked, place: Path) -> None:
    import numpy as np

    from qafila.network.timetable import COST_UNIT
    from qafila.planning import job, reopening
    from qafila.planning.disruption import afresh, replan
    from qafila.planning.found import Effort, Progress

    def report(p: Progress) -> None:
        told = {
            "round": p.round, "seconds": p.seconds, "gap": p.gap,
            "bound": p.bound / COST_UNIT, "cost": p.cost / COST_UNIT,
        }  # fmt: skip
        running.tell(orjson.dumps(told).decode(), p.round, p.round)

    request = job.Request(
        effort=Effort(gap=asked.gap, seconds=asked.seconds), report=report, stopped=running.stopped
    )
    if not asked.origin:
        _first(running.context, asked, place, request)
    elif asked.widen is None:
        at = datetime.fromisoformat(asked.at) if asked.at else None
        summary = replan(folder(asked.origin), asked.disruptions, at, place, request)
        summary["replan"]["from"] = asked.origin
        job.write_summary(place, summary)
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
        old = _json(folder(asked.origin) / "plan.json") or {}
        closer = replace(request.effort, gap=min(asked.gap, old["gap"] / 2))
        answer = job.solve(problem, place, replace(request, effort=closer), before.row_price)
        tight = next((x for x in old.get("tightest", ()) if x["row"] == asked.widen), {"what": ""})
        was, now = (x["cost"] - x["consolidation"]["holding_cost"] for x in (old, answer.summary))
        told = {"from": asked.origin, "row": asked.widen, "what": tight["what"], "message": tight.get("message"), "saves": was - now}  # fmt: skip
        job.write_summary(place, answer.summary | {"widened": told})


def _first(context: Context, asked: Asked, place: Path, request: Any) -> None:
    """Plans a demand file beside what is booked."""
    from datetime import date

    import polars as pl

    from qafila.planning import demand as demands
    from qafila.planning import job
    from qafila.planning.facility_rates import rates
    from qafila.planning.graph import build
    from qafila.planning.problem import pose
    from qafila.planning.rows import nothing_left
    from qafila.shipping.plans.replanning import beside_bookings

    file = place / f"asked{asked.demand}"
    begin = date.fromisoformat(asked.start) if asked.start else None
    where = job.network(context.network, context.now().date(), begin, None, file)
    commodities, problems = demands.read(file, where.timetable, where.feed)
    if problems:
        table = pl.DataFrame([p.cells() for p in problems])
        table.write_csv(place / "rejected.csv")
    if not len(commodities):
        raise demands.DemandError(nothing_left(problems))
    graph = beside_bookings(build(where.timetable, rates(where.feed, where.timetable)))
    answer = job.solve(pose(graph, commodities, request.prices), place, request)
    job.write_summary(place, answer.summary | {"rejected": len(problems)})


def _asked(place: Path) -> Asked | None:
    stored = _json(place / "asked.json")
    if stored is None:
        return None
    return Asked(
        **{
            **stored,
            "asked_at": datetime.fromisoformat(stored["asked_at"]).astimezone(UTC),
            "disruptions": tuple(stored["disruptions"]),
        }
    )


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = orjson.loads(path.read_bytes())
        return found
    except (OSError, orjson.JSONDecodeError):
        return None
