"""What accounts declare to the house."""

from __future__ import annotations

from qafila.core.message import template
from qafila.runtime.accounts.accounts_tiles import TILES
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope

_ALL = frozenset(TenantKind)

FLOOR = Floor(
    name="accounts",
    tiles=TILES,
    scopes=(
        Scope(
            "accounts:read",
            template("accounts.scope.read", "see people, roles and keys of the organisation"),
            _ALL,
            unasked=False,
        ),
        Scope(
            "accounts:write",
            template("accounts.scope.write", "invite people, give roles, issue and end keys"),
            _ALL,
            unasked=False,
        ),
        Scope(
            "tenants:write",
            template("accounts.scope.tenants", "add and suspend organisations"),
            frozenset({TenantKind.HUB}),
            unasked=False,
        ),
    ),
)
