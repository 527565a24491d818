"""Asking for a report: a job, whose result everybody who may audit reads; the regulator's copy lies beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.fault import Fault, NotFound
from qafila.openness import sequencing
from qafila.openness.regulation import recomputing
from qafila.openness.regulation import regulation_messages as m
from qafila.openness.regulation.recomputing import NothingPublished
from qafila.openness.regulation.registering import register
from qafila.openness.regulation.span import Rooms, Span
from qafila.openness.verifier import Broken
from qafila.runtime.database import Role, acting_as
from qafila.runtime.jobs import queue
from qafila.runtime.jobs.jobs_types import Job, Running
from qafila.runtime.jobs.store import Kept
from qafila.runtime.settings import settings

_TURNS = 20
"""Turns of the sequencer that a report waits for, where another process is at it."""


def run(running: Running) -> Mapping[str, Any]:
    """Does the job. Raises Fault where nothing is published, or what is published is not sound."""
    said = running.arguments
    return made(
        running.context,
        datetime.fromisoformat(said["since"]),
        datetime.fromisoformat(said["until"]),
        copy_of(running.id),
    )


REPORT = Job(name="openness.report", run=run, heavy=True)
"""Counts all figures, and computes each again from the published log."""


def made(context: Any, since: datetime, until: datetime, copy: Path | None = None) -> dict[str, Any]:
    """A report as JSON, with its span.

    Args:
        context: network, rules and clock.
        since: the first instant.
        until: the first one behind it.
        copy: where the regulator's copy is written; what is there is replaced.

    Raises:
        Fault: nothing is published, or what is published is not what was signed.
    """
    now = context.now()
    with acting_as(Role.OPERATOR) as connection:
        register(connection, settings().data_places, now)
    for _ in range(_TURNS):
        turn = sequencing.integrate(now)
        if turn is not None and not turn.placed:
            break
    beside = copy.with_suffix(".part") if copy else None
    if beside:
        beside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        folder = sequencing.folder()
        _, head = recomputing.head(folder)
        span = Span(since, until, head.size, now, settings().country)
        with acting_as(Role.REGULATOR) as connection:
            report = recomputing.report(
                connection,
                span,
                folder,
                Rooms(context.network.feed),
                context.rules.rates,
                str(beside or ":memory:"),
            )
    except NothingPublished:
        raise Fault(m.NOTHING_YET(), m.PUBLISH_FIRST()) from None
    except Broken as broken:
        raise Fault(m.NOT_SOUND(why=str(broken)), m.AUDIT_IT()) from None
    if beside and copy:
        beside.replace(copy)
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "made_at": now.isoformat(),
        "size": head.size,
        "origin": head.origin,
        "country": span.country,
        "report": report.document(),
    }


def copy_of(job: str) -> Path:
    """Where the regulator's copy of a report lies."""
    return settings().home / "regulator" / f"{job}.sqlite"


def span_of(since: date | None, until: date | None, today: date) -> tuple[datetime, datetime]:
    """The instants of a span of days in UTC: from the beginning of the year where nothing is said, to the end of the last.

    Raises:
        Fault: the first day is not before the last.
    """
    first, last = since or date(today.year, 1, 1), until or today
    if first > last:
        raise Fault(
            m.NOT_A_SPAN(since=first, until=last), m.OTHER_DAYS(), field="since", value=first.isoformat()
        )
    behind = datetime.fromordinal(last.toordinal() + 1).date()
    return datetime.combine(first, time(), UTC), datetime.combine(behind, time(), UTC)


def ask(tenant: str, since: datetime, until: datetime) -> Kept:
    """Asks for a report."""
    return queue.ask(REPORT, tenant, {"since": since.isoformat(), "until": until.isoformat()})


def find(id: str) -> Kept:
    """A report that was asked for, by its id; whoever may audit sees those of everybody. Raises NotFound."""
    kept = queue.find(id=id)
    if kept is None or kept.name != REPORT.name:
        raise NotFound(m.NO_REPORT(id=id), field="id", value=id)
    return kept


def newest(connection: Connection, limit: int = 20) -> list[tuple[str, str, datetime]]:
    """The reports that were asked for last: id, state, when."""
    rows = connection.execute(
        text("SELECT job_id, state, asked_at FROM jobs WHERE name = :n ORDER BY job_id DESC LIMIT :l"),
        {"n": REPORT.name, "l": limit},
    )
    return [(row.job_id, row.state, row.asked_at) for row in rows]
