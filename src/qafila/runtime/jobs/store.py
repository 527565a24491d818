"""The SQL of jobs as people see them; what waits and who works is procrastinate's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Kept:
    """A job and where it stands.

    Attributes:
        state: waiting, running, done or failed.
        result: what it returned, or with what it failed (`reason`, `remedy`); None before its end.
    """

    id: str
    tenant: str | None
    name: str
    arguments: Mapping[str, Any]
    state: str
    attempts: int
    stage: str
    done: int
    of: int
    result: Mapping[str, Any] | None
    fault: Mapping[str, Any] | None
    stop_asked: bool
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def over(self) -> bool:
        """Whether it has come to its end."""
        return self.state in ("done", "failed")


_COLUMNS = (
    "job_id, merchant_id, name, arguments, state, attempts, stage, done, of, result, fault, stop_asked, asked_at, "
    "started_at, ended_at"
)


def insert(
    connection: Connection,
    id: str,
    tenant: str | None,
    name: str,
    key: str | None,
    arguments: Mapping[str, Any],
) -> str | None:
    """Keeps a new job; None, and nothing is kept, where its key is taken by one that waits, runs or is done.

    One that failed under the key is asked for anew: its id is given back.
    """
    found: str | None = connection.execute(
        text(
            "INSERT INTO jobs (job_id, merchant_id, name, key, arguments) "
            "VALUES (:id, :tenant, :name, :key, CAST(:arguments AS json)) "
            "ON CONFLICT (key) DO UPDATE SET state = 'waiting', stage = '', done = 0, of = 0, result = NULL, "
            "fault = NULL, stop_asked = false, arguments = EXCLUDED.arguments, asked_at = now(), started_at = NULL, "
            "ended_at = NULL WHERE jobs.state = 'failed' RETURNING job_id"
        ),
        {"id": id, "tenant": tenant, "name": name, "key": key, "arguments": orjson.dumps(arguments).decode()},
    ).scalar_one_or_none()
    return found


def find(connection: Connection, id: str = "", key: str = "") -> Kept | None:
    """A job by its id or its key."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM jobs WHERE {'key = :v' if key else 'job_id = :v'}"), {"v": key or id}
    ).one_or_none()
    return None if row is None else Kept(*row)


def newest(connection: Connection, limit: int = 50) -> Sequence[Kept]:
    """The jobs that were asked for last."""
    rows = connection.execute(
        text(f"SELECT {_COLUMNS} FROM jobs ORDER BY job_id DESC LIMIT :n"), {"n": limit}
    )
    return [Kept(*row) for row in rows]


def counts(connection: Connection) -> tuple[dict[tuple[str, str], int], float]:
    """How many jobs there are, by kind and state, and for how many seconds the oldest of those that wait has waited."""
    rows = connection.execute(
        text(
            "SELECT name, state, count(*), coalesce(extract(epoch FROM now() - min(asked_at) FILTER (WHERE state = 'waiting')), 0) "
            "FROM jobs GROUP BY name, state"
        )
    ).all()
    return {(name, state): n for name, state, n, _ in rows}, float(
        max((waits for *_, waits in rows), default=0)
    )


def begin(connection: Connection, id: str) -> Kept | None:
    """Notes that a job is run, once more; None where it is over, or gone."""
    row = connection.execute(
        text(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, now()) "
            f"WHERE job_id = :id AND state IN ('waiting', 'running') RETURNING {_COLUMNS}"
        ),
        {"id": id},
    ).one_or_none()
    return None if row is None else Kept(*row)


def tell(connection: Connection, id: str, stage: str, done: int, of: int) -> bool:
    """Notes how far a job is; whether somebody asked for its end."""
    asked: bool | None = connection.execute(
        text("UPDATE jobs SET stage = :s, done = :d, of = :o WHERE job_id = :id RETURNING stop_asked"),
        {"s": stage, "d": done, "o": of, "id": id},
    ).scalar_one_or_none()
    return bool(asked)


def end(
    connection: Connection, id: str, result: Mapping[str, Any] | None, fault: Mapping[str, Any] | None
) -> None:
    """Notes a job's result, or the fault with which it failed."""
    connection.execute(
        text(
            "UPDATE jobs SET state = :state, result = CAST(:result AS json), fault = CAST(:fault AS json), "
            "ended_at = now() WHERE job_id = :id"
        ),
        {
            "state": "done" if fault is None else "failed",
            "id": id,
            "result": None if result is None else orjson.dumps(result, default=str).decode(),
            "fault": None if fault is None else orjson.dumps(fault, default=str).decode(),
        },
    )


def forget(connection: Connection, key: str) -> None:
    """Frees the key of a job that is over."""
    connection.execute(
        text("UPDATE jobs SET key = NULL WHERE key = :k AND state IN ('done', 'failed')"), {"k": key}
    )


def ask_to_stop(connection: Connection, id: str) -> bool:
    """Asks a job to end; False where it is over, or there is none."""
    return bool(
        connection.execute(
            text("UPDATE jobs SET stop_asked = true WHERE job_id = :id AND state IN ('waiting', 'running')"),
            {"id": id},
        ).rowcount
    )


def workers(connection: Connection, seconds: float) -> int:
    """How many workers had a heartbeat within some seconds."""
    return int(
        connection.execute(
            text(
                "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :s)"
            ),
            {"s": seconds},
        ).scalar_one()
    )


def sweep(connection: Connection, days: int) -> int:
    """Forgets jobs that ended some days ago, here and in the queue; the number of them."""
    connection.execute(
        text(
            "DELETE FROM procrastinate_jobs WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted') AND id IN ("
            "SELECT job_id FROM procrastinate_events GROUP BY job_id HAVING max(at) < now() - make_interval(days => :d))"
        ),
        {"d": days},
    )
    return connection.execute(
        text("DELETE FROM jobs WHERE ended_at < now() - make_interval(days => :d)"), {"d": days}
    ).rowcount
