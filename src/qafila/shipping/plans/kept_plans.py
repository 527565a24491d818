"""Plans that this home keeps: asked for, made by a worker with bound and gap as they close, kept.

A plan is a folder of `qafila plan` under the home's `plans`, with what was asked in `asked.json`; that it is made is a job of
the queue, which outlives servers and workers: where one was killed, another begins the search anew. What stands booked is
taken off the capacities before anything is planned.
"""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from qafila.core.message import Message
from qafila.core.message_json import from_json
from qafila.runtime.jobs import queue
from qafila.runtime.jobs.jobs_types import Job
from qafila.runtime.settings import settings
from qafila.shipping.plans import plans_messages as m
from qafila.shipping.plans.asked_plans import LINES_FILE, Asked, PlanRefused, read_asked, read_json

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


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
    asked = read_asked(place)
    failure = read_json(place / "failed.json")
    if failure is not None:
        return Kept(name, "failed", asked, reason=from_json(failure.get("message") or str(failure["reason"])))
    summary = read_json(place / "plan.json")
    if summary is not None:
        return Kept(name, "done", asked, summary)
    job = queue.find(key=_key(name))
    if job is None:
        return Kept(name, "interrupted", asked)
    if job.fault is not None:  # it could not even begin
        return Kept(name, "failed", asked, reason=m.BROKE(error=str(job.fault["reason"])))
    if job.over:  # it ended between the two looks
        return Kept(name, "done", asked, read_json(place / "plan.json"))
    progress = orjson.loads(job.stage) if job.stage else None
    return Kept(name, job.state, asked, progress=progress, stopping=job.stop_asked)


def start(kind: Job, asked: Asked, demand: bytes | None = None, lines: bytes | None = None) -> Kept:
    """Has a plan made by a worker, on the network of its home. Raises PlanRefused.

    Args:
        kind: the queue's job, `shipping.floor.PLAN`.
        asked: what is asked for.
        demand: the demand file, where there is no earlier plan.
        lines: the file of lines of which departures are to be decided; None where the timetable stands.
    """
    asked = replace(asked, lines=bool(lines)).within_limits()
    if asked.origin:
        before = find(asked.origin)
        if before is None or before.state != "done":
            raise PlanRefused(m.NOT_FINISHED(plan=asked.origin), field="origin", value=asked.origin)
    elif not demand:
        raise PlanRefused(m.NEEDS_DEMAND(), field="demand")
    place = folder(asked.name)
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
        if lines:
            (place / LINES_FILE).write_bytes(lines)
            _check_lines(place / LINES_FILE)
        queue.forget(_key(asked.name))  # of a plan of this name that was removed
        queue.ask(kind, None, {"name": asked.name}, key=_key(asked.name))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return Kept(asked.name, "waiting", asked)


def _check_lines(file: Path) -> None:
    from qafila.planning.design.lines_file import LinesError, read

    try:
        read(file)
    except LinesError as error:
        raise PlanRefused(error.message, error.remedy, field="lines", value=error.value) from None


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
