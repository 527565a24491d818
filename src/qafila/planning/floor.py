"""What planning declares to the house."""

from __future__ import annotations

from qafila.core.message import template
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope

# plans show every merchant's flows and are the hub's own
_READERS = frozenset({TenantKind.HUB, TenantKind.REGULATOR})
_WRITERS = frozenset({TenantKind.HUB})

FLOOR = Floor(
    name="planning",
    scopes=(
        Scope(
            "plans:read",
            template("planning.scope.plans_read", "read the plans of the network"),
            _READERS,
            ("planner", "dispatcher", "regulator"),
        ),
        Scope(
            "plans:write",
            template("planning.scope.plans_write", "plan, re-plan and put a plan in place"),
            _WRITERS,
            ("planner",),
        ),
    ),
)
