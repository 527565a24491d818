"""Who read what: every look at goods, papers or people through a door is kept, and shown to whom the data are.

A look costs a reader nothing: it is noted in memory and written within a second, many at once.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.runtime.accounts.model import Actor
from qafila.runtime.database import administrator

SCOPES = frozenset({"bookings:read", "customs:read", "customs:write", "events:read", "storage:read", "audit:read", "log:read",
                    "complaints:read", "privacy:read", "screening:decide", "ledger:read",
                    "delivery:read", "delivery:plan", "delivery:drive", "delivery:haul", "delivery:point"})  # fmt: skip
"""Scopes that open what may be about persons."""
_EVERY = 1.0  # seconds
_MOST = 100_000
"""Looks that wait; beyond it the database is away, and it is logged that looks are lost."""

_waiting: SimpleQueue[dict[str, Any]] = SimpleQueue()
_once = threading.Lock()
_writer: threading.Thread | None = None
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Read:
    """A look: when, by whom, through which door, at what."""

    at: datetime
    by_tenant: str
    by_name: str
    what: str
    subject: str


def note(actor: Actor, what: str, subject: str, at: datetime) -> None:
    """Notes a look.

    Args:
        actor: who looks.
        what: the door, such as `GET /bookings/{booking_id}`.
        subject: the id of what is looked at; empty for a list.
        at: when.
    """
    _put(actor.tenant, actor.id, actor.name, actor.kind.value, what, subject, at)


def note_link(token: str, what: str, subject: str, at: datetime) -> None:
    """Notes a look by whoever has a secret link: no name is known of him. Two links can be told apart, and neither is kept.

    Args:
        token: the secret.
        what: the door, such as `GET /d/{token}`.
        subject: the number of the parcel that the link opens.
        at: when.
    """
    _put("", f"link:{hashlib.sha256(token.encode()).hexdigest()[:16]}", "", "link", what, subject, at)


def _put(tenant: str, id: str, name: str, kind: str, what: str, subject: str, at: datetime) -> None:
    global _writer
    if _waiting.qsize() > _MOST:
        log.error("who reads what cannot be written, and looks are lost")
        return
    _waiting.put(
        {
            "at": at.isoformat(),
            "by_tenant": tenant,
            "by_id": id,
            "by_name": name,
            "what": what,
            "subject": subject[:200].replace("\0", ""),
            "kind": kind,
        }
    )
    if _writer is None:
        with _once:
            if _writer is None:
                _writer = threading.Thread(target=_write, name="reads", daemon=True)
                _writer.start()
                atexit.register(flush)


def door(request: Any) -> str:
    """The door of a request (Starlette's): its route without the ids in it."""
    route = request.scope.get("route")
    return str(getattr(route, "path", request.scope["path"]))


def _write() -> None:
    import time

    while True:
        time.sleep(_EVERY)
        with contextlib.suppress(Exception):
            flush()


def flush() -> int:
    """Writes what waits; returns how many looks that were."""
    some: list[dict[str, Any]] = []
    with contextlib.suppress(Empty):
        while len(some) < 10_000:
            some.append(_waiting.get_nowait())
    if not some:
        return 0
    try:
        with administrator("who read what is written by the house, for no role may change it") as connection:
            connection.execute(text(_INSERT), {"rows": orjson.dumps(some).decode()})
    except Exception:
        for one in some:
            _waiting.put(one)
        raise
    return len(some)


_INSERT = """
INSERT INTO access_records (tenant_id, at, by_tenant, by_id, by_name, what, subject)
SELECT CASE WHEN r.kind IN ('merchant', 'broker') THEN r.by_tenant ELSE coalesce(
        (SELECT p.merchant_id FROM parcels p WHERE p.number = r.subject),
        (SELECT s.merchant_id FROM shipments s WHERE s.shipment_id = r.subject LIMIT 1),
        (SELECT b.merchant_id FROM bookings b WHERE b.booking_id = r.subject LIMIT 1),
        (SELECT d.merchant_id FROM declarations d WHERE d.declaration_id = r.subject LIMIT 1),
        (SELECT c.merchant_id FROM complaints c WHERE c.complaint_id = r.subject),
        (SELECT e.tenant_id FROM log_entries e WHERE e.subject = r.subject AND e.tenant_id IS NOT NULL LIMIT 1)) END,
    r.at, r.by_tenant, r.by_id, r.by_name, r.what, r.subject
FROM json_to_recordset(CAST(:rows AS json)) AS r (at timestamptz, by_tenant text, by_id text, by_name text, what text, subject text, kind text)
"""


def newest(
    connection: Connection, subject: str = "", others: bool = False, limit: int = 200
) -> Sequence[Read]:
    """The looks that the connection's role may know of, the newest first.

    Args:
        subject: at this alone; all where it is empty.
        others: only those by others than the tenant itself.
        limit: how many at most.
    """
    rows = connection.execute(
        text(
            "SELECT at, by_tenant, by_name, what, subject FROM access_records WHERE :s IN ('', subject) "
            "AND (NOT :others OR by_tenant IS DISTINCT FROM tenant_id) ORDER BY record_id DESC LIMIT :l"
        ),
        {"s": subject, "others": others, "l": limit},
    )
    return [Read(*row) for row in rows]
