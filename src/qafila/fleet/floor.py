"""What the fleet declares to the house."""

from __future__ import annotations

from qafila.fleet import messages
from qafila.fleet.happenings import TYPES
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope

_READERS = frozenset({TenantKind.HUB, TenantKind.REGULATOR})

FLOOR = Floor(
    name="fleet",
    scopes=(
        Scope("fleet:read", messages.SCOPE_READ, _READERS, ("planner", "dispatcher", "regulator"), unasked=False),
        Scope("fleet:manage", messages.SCOPE_MANAGE, frozenset({TenantKind.HUB}), ("planner", "dispatcher"), unasked=False),
    ),
    event_types=TYPES,
)  # fmt: skip
