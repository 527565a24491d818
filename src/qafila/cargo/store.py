"""The tables of logistics objects, requests, subscriptions and notifications. SQL, and only its SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text


def json(value: Any) -> str:
    """As a column holds it."""
    return orjson.dumps(value, default=str).decode()


def get(connection: Connection, id: str, at: datetime | None = None) -> Any:
    """An object's newest revision, or the one that stood at an instant; None. It has document, revision, latest, tenant."""
    return connection.execute(
        text(
            "SELECT o.object, o.type, o.tenant, o.revision AS latest, r.revision, r.document, r.at "
            "FROM cargo_objects o JOIN cargo_revisions r USING (object) WHERE o.object = :i "
            "AND (CAST(:at AS timestamptz) IS NULL OR r.at <= :at) ORDER BY r.revision DESC LIMIT 1"
        ),
        {"i": id, "at": at},
    ).one_or_none()


def lock(connection: Connection, id: str) -> None:
    """Waits until nobody else changes an object."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:i, 19))"), {"i": id})


def put(
    connection: Connection,
    id: str,
    type: str,
    document: Mapping[str, Any],
    revision: int,
    tenant: str,
    readers: Sequence[str],
    at: datetime,
) -> None:
    """Adds a revision of an object, the first one with the object."""
    connection.execute(
        text(
            "INSERT INTO cargo_objects (object, type, tenant, readers, revision) VALUES (:i, :t, :o, :r, :n) "
            "ON CONFLICT (object) DO UPDATE SET revision = EXCLUDED.revision"
        ),
        {"i": id, "t": type, "o": tenant, "r": list(readers), "n": revision},
    )
    connection.execute(
        text(
            "INSERT INTO cargo_revisions (object, revision, document, at) VALUES (:i, :n, CAST(:d AS jsonb), :at)"
        ),
        {"i": id, "n": revision, "d": json(document), "at": at},
    )


def put_request(connection: Connection, row: Mapping[str, Any]) -> None:
    """Adds a request."""
    connection.execute(
        text(
            "INSERT INTO cargo_requests (request, kind, object, status, document, tenant, readers, at, since) "
            "VALUES (:id, :kind, :object, :status, CAST(:document AS jsonb), :tenant, :readers, :at, :at)"
        ),
        {**row, "document": json(row["document"])},
    )


def request(connection: Connection, id: str, lock: bool = False) -> Any:
    """A request; None."""
    tail = "FOR UPDATE" if lock else ""
    return connection.execute(
        text(f"SELECT * FROM cargo_requests WHERE request = :i {tail}"), {"i": id}
    ).one_or_none()


def set_status(
    connection: Connection, id: str, status: str, at: datetime, errors: Sequence[str] = ()
) -> None:
    """Moves a request on."""
    connection.execute(
        text(
            "UPDATE cargo_requests SET status = :s, since = :at, errors = CAST(:e AS jsonb) WHERE request = :i"
        ),
        {"i": id, "s": status, "at": at, "e": json(list(errors))},
    )


def requests_of(connection: Connection, object: str) -> list[Any]:
    """The requests to change an object, in order."""
    return list(
        connection.execute(
            text(
                "SELECT * FROM cargo_requests WHERE object = :o AND kind = 'ChangeRequest' ORDER BY at, request"
            ),
            {"o": object},
        )
    )


def put_subscription(connection: Connection, row: Mapping[str, Any]) -> None:
    """Adds a subscription, in force once its request is accepted."""
    connection.execute(
        text(
            "INSERT INTO cargo_subscriptions (subscription, request, tenant, topic_type, topic, events, document, expires_at, hub) "
            "VALUES (:id, :request, :tenant, :topic_type, :topic, :events, CAST(:document AS jsonb), :expires_at, :hub)"
        ),
        {**row, "document": json(row["document"])},
    )


def notify(
    connection: Connection, event: str, object: str, type: str, document: Mapping[str, Any], at: datetime
) -> int:
    """Leaves a notification for each subscription in force that asked for such and may read it; returns how many."""
    told: int = connection.execute(
        text("SELECT cargo_notify(:e, :o, :t, CAST(:d AS jsonb), :at)"),
        {"d": json(document), "at": at, "o": object, "t": type, "e": event},
    ).scalar_one()
    return told


def notify_request(connection: Connection, request: str, document: Mapping[str, Any], at: datetime) -> None:
    """Leaves a notification for who made a request."""
    connection.execute(
        text("SELECT cargo_notify_request(:r, CAST(:d AS jsonb), :at)"),
        {"r": request, "d": json(document), "at": at},
    )


def notifications(connection: Connection, tenant: str, after: int, limit: int = 200) -> list[Any]:
    """What a tenant's subscriptions were told, after a number."""
    return list(
        connection.execute(
            text(
                "SELECT seq, subscription, document, at FROM cargo_notifications WHERE tenant = :t AND seq > :a "
                "ORDER BY seq LIMIT :n"
            ),
            {"t": tenant, "a": after, "n": limit},
        )
    )
