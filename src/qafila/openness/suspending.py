"""Suspending a merchant, with notice or at once, and letting it in again: each is in the log with its statement of reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault
from qafila.core.identifiers.own import new_id
from qafila.openness import openness_messages as m
from qafila.openness import openness_recording, openness_terms, store
from qafila.openness.merchant_events import LET_IN_AGAIN, SUSPENDED, SUSPENSION_ANNOUNCED, tell
from qafila.openness.model import Decision
from qafila.runtime.accounts import service
from qafila.runtime.accounts.secrets import digest, token
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events.envelope import NETWORK

SUSPENSION, LET_IN = "openness.suspension", "openness.let_in"
GROUNDS = ("unpaid", "terms", "fraud", "safety", "law", "other", "")
"""Grounds of the terms; empty where none was named."""
AT_ONCE = frozenset({"safety", "law"})
"""Grounds for which the published terms let a suspension hold at once."""


@dataclass(frozen=True, slots=True)
class Suspension:
    """A suspension with its statement of reasons.

    Attributes:
        tenant: whom.
        ground: one of GROUNDS.
        because: the reasons, with the facts that led to it.
        announced_at: when it was announced.
        holds_from: from when it holds.
        begun_at: when it was put into force; None while it is announced.
        ended_at: when it was lifted or called off.
    """

    id: str
    tenant: str
    ground: str
    because: str
    by: str
    announced_at: datetime
    holds_from: datetime
    begun_at: datetime | None
    ended_at: datetime | None


def notice_days(connection: Connection, now: datetime) -> int:
    """Days of notice that the terms in force ask for."""
    return int(openness_terms.in_force(now, store.published(connection)).value("suspension", "notice"))


def checked(connection: Connection, ground: str, because: str, days: int, now: datetime) -> None:
    """Whether a suspension keeps the published terms.

    Raises:
        Fault: no reasons are given, or the notice is too short for the ground.
    """
    if not because.strip():
        raise Fault(m.NO_REASONS(), m.GIVE_REASONS(), field="because")
    needed = notice_days(connection, now)
    if ground not in AT_ONCE and days < needed:
        raise Fault(
            m.NO_NOTICE(days=days, needed=needed), m.GIVE_NOTICE(days=needed), field="days", value=str(days)
        )


def suspend(
    connection: Connection,
    tenant_id: str,
    suspended: bool,
    by: str,
    now: datetime,
    because: str = "",
    ground: str = "",
    days: int = 0,
) -> str:
    """Bars a tenant, at once or after some days, or lets it in again; the log has it, and the tenant is told.

    Args:
        connection: as the operator.
        tenant_id: whom.
        suspended: False lets it in again, and calls off what is announced.
        by: who decides.
        now: when.
        because: the statement of reasons; the log says openly where none was given.
        ground: one of GROUNDS.
        days: of notice; 0: it holds at once.

    Returns:
        The secret of the address at which the tenant reads its statement and complains, whether or not it may sign in;
        empty where it is let in again.

    Raises:
        UnknownTenant: there is none of this id.
        Conflict: the ground is not known.
    """
    service.get(connection, tenant_id)
    if ground not in GROUNDS:
        raise Conflict(
            m.NO_GROUND(ground=ground),
            m.GROUNDS_ARE(grounds=", ".join(filter(None, GROUNDS))),
            field="ground",
        )
    if not suspended:
        service.suspend(connection, tenant_id, False, by)
        connection.execute(
            text("UPDATE suspensions SET ended_at = :now WHERE tenant_id = :t AND ended_at IS NULL"),
            {"now": now, "t": tenant_id},
        )
        _record(connection, LET_IN, tenant_id, now, {"reasons_given": bool(because.strip())}, because, by)
        tell(connection, LET_IN_AGAIN, [tenant_id], now, NETWORK, {})
        return ""
    secret = token()
    connection.execute(
        text(
            "INSERT INTO suspensions (suspension_id, tenant_id, ground, because, by, announced_at, holds_from, begun_at, secret_hash) "
            "VALUES (:id, :t, :g, :because, :by, :now, :from, :begun, :hash)"
        ),
        {
            "id": (id := new_id("sus")),
            "t": tenant_id,
            "g": ground,
            "because": because,
            "by": by,
            "now": now,
            "from": now + timedelta(days=days),
            "begun": None if days else now,
            "hash": digest(secret),
        },
    )
    said = {"reasons_given": bool(because.strip()), "notice_days": days, "ground": ground}
    _record(connection, SUSPENSION, tenant_id, now, said, because, by)
    if days:
        told = {"suspension": id, "holds_from": (now + timedelta(days=days)).isoformat()}
        tell(connection, SUSPENSION_ANNOUNCED, [tenant_id], now, NETWORK, told)
    else:
        service.suspend(connection, tenant_id, True, by)
        tell(connection, SUSPENDED, [tenant_id], now, NETWORK, {"suspension": id})
    return secret


def _record(
    connection: Connection, kind: str, tenant: str, now: datetime, said: dict[str, Any], because: str, by: str
) -> None:
    hidden = {"because": because, "by": by}
    openness_recording.record(
        connection, [Decision(kind, tenant, now, said, hidden, tenant, frozenset({"by"}))]
    )


def put_into_force(now: datetime) -> int:
    """Puts into force what was announced and is due; returns how many."""
    with acting_as(Role.OPERATOR) as connection:
        due = connection.execute(
            text(
                "UPDATE suspensions SET begun_at = :now WHERE begun_at IS NULL AND ended_at IS NULL AND holds_from <= :now "
                "RETURNING suspension_id, tenant_id, by"
            ),
            {"now": now},
        ).all()
        for id, tenant, by in due:
            service.suspend(connection, tenant, True, by)
            tell(connection, SUSPENDED, [tenant], now, NETWORK, {"suspension": id})
    return len(due)


_COLUMNS = "suspension_id, tenant_id, ground, because, by, announced_at, holds_from, begun_at, ended_at"


def statements(connection: Connection, tenant_id: str = "") -> list[Suspension]:
    """The suspensions that the connection's role sees, of one tenant or of all, the newest first."""
    rows = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM suspensions WHERE :t IN ('', tenant_id) ORDER BY announced_at DESC, suspension_id LIMIT 200"
        ),
        {"t": tenant_id},
    )
    return [Suspension(*row) for row in rows]


def statement(connection: Connection, secret: str) -> Suspension | None:
    """The suspension that a secret address stands for. As the operator."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM suspensions WHERE secret_hash = :h"), {"h": digest(secret)}
    ).one_or_none()
    return None if row is None else Suspension(*row)
