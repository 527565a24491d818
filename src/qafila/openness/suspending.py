"""Suspending a merchant, and letting it in again, as decisions that go to the log with their statement of reasons."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from qafila.openness import recording
from qafila.openness.model import Decision
from qafila.runtime.accounts import service

SUSPENSION, LET_IN = "openness.suspension", "openness.let_in"


def suspend(
    connection: Connection, tenant_id: str, suspended: bool, by: str, now: datetime, because: str = ""
) -> None:
    """Bars a tenant or lets it in again; the log has it, and the tenant gets the reasons with its receipt.

    Args:
        connection: as the operator.
        tenant_id: whom.
        suspended: False lets it in again.
        by: who decides.
        now: when.
        because: the statement of reasons; the log says openly where none was given.

    Raises:
        UnknownTenant: there is none of this id.
    """
    service.suspend(connection, tenant_id, suspended, by)
    said = {"reasons_given": bool(because.strip())}
    hidden = {"because": because, "by": by}
    kind = SUSPENSION if suspended else LET_IN
    recording.record(connection, [Decision(kind, tenant_id, now, said, hidden, tenant_id, frozenset({"by"}))])
