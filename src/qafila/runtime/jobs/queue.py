"""Asking for jobs and watching them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from sqlalchemy import Connection

from qafila.core.identifiers.own import new_id
from qafila.runtime.database import administrator
from qafila.runtime.jobs import store
from qafila.runtime.jobs.jobs_types import Job
from qafila.runtime.jobs.store import Kept

_ALIVE = 8.0
"""Seconds without a heartbeat after which a worker is taken for dead."""
LIGHT, HEAVY = "light", "heavy"
"""The two queues: what takes a moment, and what wants the whole machine."""

_app = App(connector=SyncPsycopgConnector())  # it works on connections that it is given


def ask(
    job: Job, tenant: str | None, arguments: Mapping[str, Any] | None = None, key: str | None = None
) -> Kept:
    """Asks for a job; it runs as soon as a worker has room for it, whatever becomes of this process.

    Args:
        tenant: for whom it runs, who may watch it; None for the hub itself.
        arguments: what JSON can hold.
        key: asked for again under the same key, it is the same job, however often; one that failed is tried anew.

    Returns:
        The job as it stands.
    """
    with administrator(because="the queue is the house's own; the tenant has asked at a door") as connection:
        return ask_within(connection, job, tenant, arguments, key)


def ask_within(
    connection: Connection,
    job: Job,
    tenant: str | None,
    arguments: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Kept:
    """As `ask`, within a transaction of the tables' owner: the job is there if and only if that is committed."""
    id = store.insert(connection, new_id("job"), tenant, job.name, key, arguments or {})
    if id is not None:
        queue = HEAVY if job.heavy else LIGHT
        _app.configure_task(
            job.name, queue=queue, lock=id, connection=connection.connection.driver_connection
        ).defer(id=id)
    kept = store.find(connection, id=id or "", key="" if id else key or "")
    assert kept is not None
    return kept


def find(id: str = "", key: str = "") -> Kept | None:
    """A job by its id or its key, whosever it is."""
    with administrator(because="whose job it is, whoever asked has looked up") as connection:
        return store.find(connection, id, key)


def workers() -> int:
    """How many workers have shown themselves in the last seconds."""
    with administrator(because="the queue is the house's own") as connection:
        return store.workers(connection, _ALIVE)


def forget(key: str) -> None:
    """Lets a job that is over be asked for anew under its key."""
    with administrator(because="whose job it is, whoever asked has looked up") as connection:
        store.forget(connection, key)


def stop(id: str) -> bool:
    """Asks a job to end with what it has; False where it is over, or there is none."""
    with administrator(because="the queue is the house's own; the tenant has asked at a door") as connection:
        return store.ask_to_stop(connection, id)
