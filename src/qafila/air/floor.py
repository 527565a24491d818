"""What the air floor declares to the house."""

from __future__ import annotations

from qafila.air import messages
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope

_PLANNERS = frozenset({TenantKind.HUB, TenantKind.CARRIER})

FLOOR = Floor(
    name="air",
    scopes=(Scope("air:plan", messages.SCOPE_PLAN, _PLANNERS, ("planner", "dispatcher"), unasked=False),),
)
