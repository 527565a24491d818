"""The SQL of webhooks: endpoints, and the messages on their way to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text


class New(NamedTuple):
    """A message that is made of an event."""

    tenant: str
    endpoint: str
    position: int
    subject: str
    type: str
    body: bytes
    tries: int


class Listening(NamedTuple):
    """An endpoint, as far as it decides what is sent there."""

    tenant: str
    id: str
    types: tuple[str, ...]
    since: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint as its owner sees it; secrets are shown once, when they are made."""

    id: str
    tenant: str
    url: str
    description: str
    types: tuple[str, ...]
    created_at: datetime
    disabled_at: datetime | None
    disabled_why: str
    failures: int
    resting_until: datetime | None
    old_until: datetime | None
    waiting: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A message and what became of it."""

    id: str
    endpoint: str
    position: int
    subject: str
    type: str
    state: str  # waiting, sent, dead
    attempts: int
    due_at: datetime
    made_at: datetime
    last_try_at: datetime | None
    last_status: int | None
    last_error: str


class Due(NamedTuple):
    """A message that is tried now: this is its attempt number `attempt`."""

    endpoint: str
    position: int
    id: str
    attempt: int
    tries_left: int
    body: bytes
    url: str
    inside: bool  # whether it may be an address of the hub's own network
    secrets: tuple[bytes, ...]
    type: str = ""


def listening(connection: Connection, tenants: Collection[str]) -> Mapping[str, Sequence[Listening]]:
    """The endpoints in force of some tenants."""
    rows = connection.execute(
        text(
            "SELECT merchant_id, endpoint_id, event_types, since FROM webhook_endpoints "
            "WHERE merchant_id = ANY(:t) AND deleted_at IS NULL AND disabled_at IS NULL"
        ),
        {"t": list(tenants)},
    )
    found: dict[str, list[Listening]] = {}
    for tenant, id, types, since in rows:
        found.setdefault(tenant, []).append(Listening(tenant, id, tuple(types), since))
    return found


def put(connection: Connection, messages: Sequence[New]) -> None:
    """Keeps messages to be sent."""
    if not messages:
        return
    connection.execute(
        text(
            "INSERT INTO webhook_messages (merchant_id, endpoint_id, message_id, position, subject, type, body, tries_left) "
            "VALUES (:tenant, :endpoint, 'msg_' || translate(CAST(gen_random_uuid() AS text), '-', ''), :position, "
            ":subject, :type, :body, :tries) ON CONFLICT DO NOTHING"
        ),
        [m._asdict() for m in messages],
    )


_CLAIM = """
    WITH due AS (
        SELECT m.endpoint_id, m.position FROM webhook_endpoints e
        CROSS JOIN LATERAL (
            SELECT h.endpoint_id, h.position, h.due_at FROM (
                SELECT DISTINCT ON (w.subject) w.endpoint_id, w.position, w.due_at FROM webhook_messages w
                WHERE w.endpoint_id = e.endpoint_id AND w.state = 'waiting' ORDER BY w.subject, w.position
            ) h WHERE h.due_at <= now() ORDER BY h.position LIMIT :limit
        ) m
        WHERE e.deleted_at IS NULL AND e.disabled_at IS NULL AND (e.resting_until IS NULL OR e.resting_until <= now())
        ORDER BY m.due_at LIMIT :limit
    ), mine AS (
        SELECT m.endpoint_id, m.position FROM webhook_messages m JOIN due USING (endpoint_id, position)
        WHERE m.state = 'waiting' AND m.due_at <= now() FOR UPDATE OF m SKIP LOCKED
    )
    UPDATE webhook_messages m SET attempts = m.attempts + 1, last_try_at = now(),
        due_at = now() + make_interval(secs => :lease)
    FROM mine, webhook_endpoints e
    WHERE m.endpoint_id = mine.endpoint_id AND m.position = mine.position AND e.endpoint_id = m.endpoint_id
    RETURNING m.endpoint_id, m.position, m.message_id, m.attempts, m.tries_left, m.body, e.url, e.inside, e.secret,
        CASE WHEN e.old_until > now() THEN e.old_secret END, m.type
"""


def claim(connection: Connection, limit: int, lease: float) -> list[Due]:
    """Takes messages that are due, of each subject the oldest; nobody else has them for `lease` seconds.

    That they are tried is noted before they are: the next attempt, whoever makes it, has a higher number.
    """
    rows = connection.execute(text(_CLAIM), {"limit": limit, "lease": lease})
    return [
        Due(
            endpoint,
            position,
            id,
            attempt,
            left,
            bytes(body),
            url,
            inside,
            tuple(bytes(s) for s in (secret, old) if s is not None),
            type,
        )
        for endpoint, position, id, attempt, left, body, url, inside, secret, old, type in rows
    ]


def was_sent(connection: Connection, due: Due, status: int) -> None:
    """Notes that a message arrived; its endpoint is well."""
    connection.execute(
        text(
            "UPDATE webhook_messages SET state = 'sent', last_status = :s, last_error = '' "
            "WHERE endpoint_id = :e AND position = :p"
        ),
        {"s": status, "e": due.endpoint, "p": due.position},
    )
    connection.execute(
        text(
            "UPDATE webhook_endpoints SET failures = 0, resting_until = NULL "
            "WHERE endpoint_id = :e AND (failures > 0 OR resting_until IS NOT NULL)"
        ),
        {"e": due.endpoint},
    )


def was_not_sent(
    connection: Connection, due: Due, status: int | None, error: str, wait: float | None, rest: float
) -> None:
    """Notes that a message did not arrive: it waits for the next try, or is dead where none is left (`wait` None).

    Args:
        rest: seconds for which the whole endpoint is left alone, where it fails once more and had failed often.
    """
    connection.execute(
        text(
            "UPDATE webhook_messages SET state = CASE WHEN CAST(:wait AS float) IS NULL THEN 'dead' ELSE 'waiting' END, "
            "tries_left = greatest(tries_left - 1, 0), last_status = :s, last_error = :error, "
            "due_at = now() + make_interval(secs => coalesce(:wait, 0)) "
            "WHERE endpoint_id = :e AND position = :p AND attempts = :a"
        ),
        {
            "wait": wait,
            "s": status,
            "error": error[:300],
            "e": due.endpoint,
            "p": due.position,
            "a": due.attempt,
        },
    )
    connection.execute(
        text(
            "UPDATE webhook_endpoints SET failures = failures + 1, resting_until = CASE WHEN failures >= 4 "
            "THEN now() + make_interval(secs => :rest * least(power(2, failures - 4), 60)) ELSE resting_until END "
            "WHERE endpoint_id = :e"
        ),
        {"rest": rest, "e": due.endpoint},
    )


def disable(connection: Connection, endpoint: str, why: str) -> None:
    """Sends no more to an endpoint until its owner lets it on again."""
    connection.execute(
        text(
            "UPDATE webhook_endpoints SET disabled_at = now(), disabled_why = :w "
            "WHERE endpoint_id = :e AND disabled_at IS NULL"
        ),
        {"w": why, "e": endpoint},
    )


_ENDPOINT = (
    "endpoint_id, merchant_id, url, description, event_types, created_at, disabled_at, disabled_why, failures, "
    "resting_until, old_until"
)


def endpoints(connection: Connection, tenant: str) -> list[Endpoint]:
    """A tenant's endpoints, the oldest first, with how many messages wait and are dead."""
    rows = connection.execute(
        text(
            f"SELECT {_ENDPOINT}, (SELECT count(*) FROM webhook_messages m WHERE m.endpoint_id = e.endpoint_id "
            "AND m.state = 'waiting'), (SELECT count(*) FROM webhook_messages m WHERE m.endpoint_id = e.endpoint_id "
            "AND m.state = 'dead') FROM webhook_endpoints e WHERE merchant_id = :t AND deleted_at IS NULL "
            "ORDER BY endpoint_id"
        ),
        {"t": tenant},
    )
    return [
        Endpoint(id, owner, url, description, tuple(types), *rest)
        for id, owner, url, description, types, *rest in rows
    ]


def messages(
    connection: Connection,
    endpoint: str,
    state: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Message]:
    """Messages of an endpoint, the newest first."""
    wanted = ["endpoint_id = :e"]
    if state:
        wanted.append("state = :s")
    if before is not None:
        wanted.append("position < :b")
    rows = connection.execute(
        text(
            "SELECT message_id, endpoint_id, position, subject, type, state, attempts, due_at, made_at, last_try_at, "
            f"last_status, last_error FROM webhook_messages WHERE {' AND '.join(wanted)} ORDER BY position DESC LIMIT :n"
        ),
        {"e": endpoint, "s": state, "b": before, "n": limit},
    )
    return [Message(*row) for row in rows]


def insert(connection: Connection, values: Mapping[str, Any]) -> None:
    """Keeps a new endpoint, from whose making on events are sent."""
    connection.execute(
        text(
            "INSERT INTO webhook_endpoints (merchant_id, endpoint_id, url, description, event_types, secret, since, inside) "
            "VALUES (:tenant, :id, :url, :description, :types, :secret, :since, :inside)"
        ),
        values,
    )


def update(connection: Connection, tenant: str, endpoint: str, what: str, values: Mapping[str, Any]) -> bool:
    """Changes an endpoint of a tenant as SQL says; False where he has none of this id."""
    return bool(
        connection.execute(
            text(
                f"UPDATE webhook_endpoints SET {what} WHERE merchant_id = :tenant AND endpoint_id = :id "
                "AND deleted_at IS NULL"
            ),
            {"tenant": tenant, "id": endpoint, **values},
        ).rowcount
    )


def revive(connection: Connection, tenant: str, endpoint: str, message: str | None, tries: int) -> int:
    """Lets dead messages be sent again: one, or all of an endpoint, in their order; the number of them."""
    return connection.execute(
        text(
            "UPDATE webhook_messages SET state = 'waiting', tries_left = :tries, due_at = now() "
            "WHERE merchant_id = :t AND endpoint_id = :e AND state = 'dead' "
            "AND (CAST(:m AS text) IS NULL OR message_id = :m)"
        ),
        {"t": tenant, "e": endpoint, "m": message, "tries": tries},
    ).rowcount


def sweep(connection: Connection, days: int) -> int:
    """Forgets messages that arrived some days ago; the number of them."""
    return connection.execute(
        text(
            "DELETE FROM webhook_messages WHERE state = 'sent' AND last_try_at < now() - make_interval(days => :d)"
        ),
        {"d": days},
    ).rowcount
