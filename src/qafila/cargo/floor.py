"""What the cargo floor declares to the house."""

from __future__ import annotations

from qafila.cargo import cargo_messages
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope
from qafila.runtime.webhooks.sending import BESIDE_EVENTS

PUSHED = "one-record"
"""The type of webhook messages that are notifications of ONE Record; the database makes them (`cargo_notify`)."""
BESIDE_EVENTS[PUSHED] = "application/ld+json; version=2.2.0"

_HANDLERS = frozenset({TenantKind.HUB, TenantKind.CARRIER})

FLOOR = Floor(
    name="cargo",
    scopes=(
        Scope(
            "cargo:read",
            cargo_messages.SCOPE_READ,
            _HANDLERS | {TenantKind.REGULATOR},
            ("dispatcher", "planner", "regulator"),
        ),
        Scope(
            "cargo:issue", cargo_messages.SCOPE_ISSUE, frozenset({TenantKind.HUB}), ("dispatcher", "planner")
        ),
        Scope("cargo:write", cargo_messages.SCOPE_WRITE, _HANDLERS, ("dispatcher",)),
    ),
)
