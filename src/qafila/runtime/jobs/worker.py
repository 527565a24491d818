"""A worker: runs jobs until it is told to stop. Any number of them share one database.

While a job runs, its worker holds an advisory lock of the database by a connection of its own. It goes with the
process, however that ends, so that another worker takes the job up at once, and never while it is still being done.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from procrastinate import App, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as Queued
from procrastinate.retry import BaseRetryStrategy
from sqlalchemy import Connection, text

from qafila.core.fault import Fault
from qafila.runtime import telemetry
from qafila.runtime.database import administrator, engine
from qafila.runtime.jobs import store
from qafila.runtime.jobs.jobs_types import Job
from qafila.runtime.jobs.queue import HEAVY, LIGHT

log = logging.getLogger(__name__)
_LOCKS = 0x7146_6A00  # "qFj": the class of the advisory locks of jobs
_HEARTBEAT = 2.0  # seconds
_DEAD_AFTER = 8.0  # as `queue.workers` counts them
_TOLD_EVERY = 0.3
_BECAUSE = "a worker works for whoever asked, and its queue is the house's own"

Surroundings = Callable[[str], Any]
"""Makes the context of a tenant's jobs (\"\": of the hub's own)."""


class Busy(Exception):
    """Another worker still does this job."""


@dataclass(slots=True)
class _Under:
    """A job under way (`types.Running`)."""

    id: str
    tenant: str | None
    arguments: Mapping[str, Any]
    context: Any
    _asked: bool = False
    _told: float = 0.0
    _looked: float = 0.0
    _stage: str = ""

    def tell(self, stage: str, done: int, of: int) -> None:
        now = time.monotonic()
        if stage == self._stage and now - self._told < _TOLD_EVERY and done < of:
            return
        self._told, self._stage = now, stage
        with administrator(because=_BECAUSE) as connection:
            self._asked = store.tell(connection, self.id, stage, done, of) or self._asked

    def stopped(self) -> bool:
        now = time.monotonic()
        if not self._asked and now - self._looked > _TOLD_EVERY:
            self._looked = now
            with administrator(because=_BECAUSE) as connection:
                kept = store.find(connection, self.id)
            self._asked = kept is None or kept.stop_asked
        return self._asked


def run_one(job: Job, id: str, surroundings: Surroundings) -> None:
    """Runs one job and keeps its result. Raises Busy while another does it, and whatever it fails with but a Fault.

    Every line that is logged meanwhile says which job it is.
    """
    with telemetry.told_with(job=id), telemetry.span("job", kind=job.name), _held(id):
        with administrator(because=_BECAUSE) as connection:
            kept = store.begin(connection, id)
        if kept is None:
            return
        try:
            result = job.run(_Under(id, kept.tenant, kept.arguments, surroundings(kept.tenant or ""))) or {}
        except Fault as fault:
            _end(
                id,
                None,
                {"kind": fault.kind, "reason": str(fault.message), "remedy": str(fault.remedy or "")},
            )
        except Exception as error:
            if kept.attempts >= job.attempts:
                log.exception("job %s (%s) failed for good", id, job.name)
                _end(
                    id, None, {"kind": "failure", "reason": f"{type(error).__name__}: {error}", "remedy": ""}
                )
                return
            raise
        else:
            _end(id, result, None)


def _end(id: str, result: Mapping[str, Any] | None, fault: Mapping[str, Any] | None) -> None:
    with administrator(because=_BECAUSE) as connection:
        store.end(connection, id, result, fault)


@contextlib.contextmanager
def _held(id: str) -> Any:
    connection = engine().connect()
    try:
        if not _try_lock(connection, id):
            raise Busy(id)
        yield
    finally:
        with contextlib.suppress(Exception):
            connection.execute(text("SELECT pg_advisory_unlock_all()"))
        connection.close()


def _try_lock(connection: Connection, id: str) -> bool:
    taken: bool = connection.execute(
        text("SELECT pg_try_advisory_lock(CAST(:c AS integer), hashtext(:id))"), {"c": _LOCKS, "id": id}
    ).scalar_one()
    connection.commit()
    return taken


class _Again(BaseRetryStrategy):
    """What failed is tried again after a while; what another still does, when that may be over."""

    def get_retry_decision(self, *, exception: BaseException, job: Queued) -> RetryDecision:
        wait = 1.0 if isinstance(exception, Busy) else min(2.0 ** (job.attempts + 1), 300.0)
        return RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=wait))


def application(jobs: Iterable[Job], surroundings: Surroundings) -> App:
    """The queue's application with a task for each kind of job."""
    url = engine().url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=6))
    for job in jobs:
        _register(app, job, surroundings)
    return app


def _register(app: App, job: Job, surroundings: Surroundings) -> None:
    queue = HEAVY if job.heavy else LIGHT
    if job.every:

        def by_itself(timestamp: int) -> None:
            id = f"{job.name}@{timestamp}"
            with telemetry.told_with(job=id), telemetry.span("job", kind=job.name):
                job.run(_Under(id, None, {}, surroundings("")))

        task = app.task(name=job.name, queue=queue, queueing_lock=job.name)(by_itself)
        app.periodic(cron=job.every)(task)
    else:

        def asked_for(id: str) -> None:
            run_one(job, id, surroundings)

        app.task(name=job.name, queue=queue, retry=_Again())(asked_for)


async def work(app: App, stop: threading.Event, light: int = 4) -> None:
    """Works until `stop` is set; jobs under way are finished first, those that wait are left to others.

    Args:
        light: how many light jobs run at once; of the heavy ones there is one.
    """
    async with app.open_async():
        tasks = [
            asyncio.create_task(
                app.run_worker_async(
                    queues=[queue],
                    name=queue,
                    concurrency=n,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=1.0,
                    update_heartbeat_interval=_HEARTBEAT,
                    stalled_worker_timeout=_DEAD_AFTER,
                    delete_jobs="successful",
                )
            )
            for queue, n in ((LIGHT, light), (HEAVY, 1))
        ]
        tasks.append(asyncio.create_task(_rescue(app)))
        while not stop.is_set() and not any(t.done() for t in tasks):
            await asyncio.sleep(0.2)
        failed = [t.exception() for t in tasks if t.done() and not t.cancelled()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for error in failed:
            if error is not None:
                raise error


async def _rescue(app: App) -> None:
    """Puts back into the queue what dead workers had begun."""
    while True:
        with contextlib.suppress(ConnectorException):
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER):
                log.warning(
                    "job %s of a worker that is gone is carried on", job.task_kwargs.get("id", job.id)
                )
                await app.job_manager.retry_job(job)
        await asyncio.sleep(_HEARTBEAT)


def work_off(jobs: Iterable[Job], surroundings: Surroundings) -> None:
    """Does what waits now, and returns: for commands and tests that want no worker beside them."""

    async def once() -> None:
        app = application(jobs, surroundings)
        async with app.open_async():
            await app.run_worker_async(queues=[LIGHT, HEAVY], wait=False, install_signal_handlers=False)

    asyncio.run(once())
