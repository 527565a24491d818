"""What the returns floor declares to the house."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qafila.context import Context
from qafila.openness.kinds import Values, kind
from qafila.returns import returns_messages
from qafila.returns.returns_following import GONE
from qafila.returns.returns_happenings import EVENTS
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope
from qafila.runtime.jobs.jobs_types import Job, Running

_HUB = frozenset({TenantKind.HUB})
_SENDERS = frozenset({TenantKind.HUB, TenantKind.MERCHANT})


def _sweep(job: Running) -> Mapping[str, Any]:
    from qafila.returns import returns_sweeping  # read when it runs, and not before

    return returns_sweeping.sweep(job.context)


SWEEP = Job(name="returns.sweep", run=_sweep, every="*/10 * * * *")
"""Parcels that turned round become returns; labels are made beforehand for merchants who want that."""

FLOOR = Floor(
    name="returns",
    event_types=EVENTS,
    scopes=(
        Scope(
            "returns:read",
            returns_messages.SCOPE_READ,
            _SENDERS | {TenantKind.REGULATOR},
            ("clerk", "dispatcher", "picker", "accountant", "regulator"),
        ),
        Scope("returns:write", returns_messages.SCOPE_WRITE, _SENDERS, ("clerk", "accountant")),
        Scope("returns:work", returns_messages.SCOPE_WORK, _HUB, ("picker", "dispatcher")),
    ),
    jobs=(SWEEP,),
    projections=(GONE,),
)


def _again(here: Context, values: Values, without_identity: bool) -> Any:
    from qafila.returns import returns_telling  # for an audit only

    return returns_telling.again(here, values, without_identity)


DECISIONS = (kind("returns.refund", returns_messages.DECISION_REFUND, _again),)
