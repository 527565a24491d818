"""What the cargo floor declares to the house."""

from __future__ import annotations

from qafila.cargo import messages
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope

_HANDLERS = frozenset({TenantKind.HUB, TenantKind.CARRIER})

FLOOR = Floor(
    name="cargo",
    scopes=(
        Scope("cargo:read", messages.SCOPE_READ, _HANDLERS | {TenantKind.REGULATOR}, ("dispatcher", "planner", "regulator")),
        Scope("cargo:issue", messages.SCOPE_ISSUE, frozenset({TenantKind.HUB}), ("dispatcher", "planner")),
        Scope("cargo:write", messages.SCOPE_WRITE, _HANDLERS, ("dispatcher",)),
    ),
)  # fmt: skip
