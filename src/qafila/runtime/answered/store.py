"""Keys and the answers kept for them.

A request first claims its key, in a transaction of its own. Whoever sends the same key meanwhile sees the claim.
The answer is kept when the request has ended well; a claim without an answer whose time is over was cut off, and
nobody knows whether it acted. It is then never done again by itself: twice is worse than asking a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, text

from qafila.core.fault import Conflict
from qafila.runtime.answered import answered_messages
from qafila.runtime.answered.keys import same
from qafila.runtime.database import Role, acting_as

LEASE_SECONDS = 120
"""How long a request may be at work before its claim counts as cut off; longer than any request may take."""

KEPT_DAYS = 30
"""How long answers are kept."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with a key: whose, what is asked of, the key, and a hash over what it says."""

    tenant: str
    operation: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer that a request got."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class CutOff(Conflict):
    """The first request with this key was cut off, so nobody knows whether it was done."""

    kind = "cut-off-before-answer"


class StillAtIt(Conflict):
    """The first request with this key is still at work."""

    kind = "still-at-work"


def claim(asked: Asked) -> KeptAnswer | None:
    """Claims the key for a request, or finds what it was answered.

    Returns:
        The kept answer; None where the key was free and is now this request's, which must call `keep` or `give_up`.

    Raises:
        KeyReused: the key came with another content.
        StillAtIt: the first is at work.
        CutOff: the first was cut off.
    """
    named = {"t": asked.tenant, "o": asked.operation, "k": asked.key}
    with acting_as(Role.ACCOUNTS, asked.tenant) as connection:
        claimed = connection.execute(
            text(
                "INSERT INTO kept_answers (tenant_id, operation, key, fingerprint) VALUES (:t, :o, :k, :f) "
                "ON CONFLICT DO NOTHING"
            ),
            {**named, "f": asked.fingerprint},
        ).rowcount
        if claimed:
            return None
        row = connection.execute(
            text(
                "SELECT fingerprint, status, headers, body, "
                "begun_at < now() - make_interval(secs => :lease) AS over FROM kept_answers "
                "WHERE tenant_id = :t AND operation = :o AND key = :k"
            ),
            {**named, "lease": LEASE_SECONDS},
        ).one_or_none()
    if row is None:  # given up between the two statements
        raise StillAtIt(answered_messages.STILL_AT_IT(key=asked.key), answered_messages.ASK_AGAIN())
    same(asked.key, row.fingerprint, asked.fingerprint)
    if row.status is not None:
        return KeptAnswer(row.status, row.headers, bytes(row.body))
    if row.over:
        raise CutOff(answered_messages.CUT_OFF(key=asked.key), answered_messages.LOOK_FIRST())
    raise StillAtIt(answered_messages.STILL_AT_IT(key=asked.key), answered_messages.ASK_AGAIN())


def keep(asked: Asked, answer: KeptAnswer) -> None:
    """Keeps what the request that claimed the key was answered."""
    with acting_as(Role.ACCOUNTS, asked.tenant) as connection:
        connection.execute(
            text(
                "UPDATE kept_answers SET status = :s, headers = CAST(:h AS jsonb), body = :b "
                "WHERE tenant_id = :t AND operation = :o AND key = :k"
            ),
            {
                "s": answer.status,
                "h": orjson.dumps(dict(answer.headers)).decode(),
                "b": answer.body,
                "t": asked.tenant,
                "o": asked.operation,
                "k": asked.key,
            },
        )


def leave_open(asked: Asked) -> None:
    """Marks a claimed key whose request broke: it may have acted, and is not done again by itself."""
    with acting_as(Role.ACCOUNTS, asked.tenant) as connection:
        connection.execute(
            text(
                "UPDATE kept_answers SET begun_at = now() - make_interval(secs => 2 * :lease) "
                "WHERE tenant_id = :t AND operation = :o AND key = :k AND status IS NULL"
            ),
            {"lease": LEASE_SECONDS, "t": asked.tenant, "o": asked.operation, "k": asked.key},
        )


def give_up(asked: Asked) -> None:
    """Lets go of a claimed key whose request was refused: it changed nothing, and may come again."""
    with acting_as(Role.ACCOUNTS, asked.tenant) as connection:
        connection.execute(
            text(
                "DELETE FROM kept_answers WHERE tenant_id = :t AND operation = :o AND key = :k AND status IS NULL"
            ),
            {"t": asked.tenant, "o": asked.operation, "k": asked.key},
        )


def sweep(connection: Connection) -> int:
    """Forgets answers after `KEPT_DAYS`; the number of them."""
    return connection.execute(
        text("DELETE FROM kept_answers WHERE begun_at < now() - make_interval(days => :d)"), {"d": KEPT_DAYS}
    ).rowcount
