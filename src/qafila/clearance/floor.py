"""What clearance declares to the house."""

from __future__ import annotations

from qafila.clearance.clearance_tiles import TILES
from qafila.core.message import template
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope

_HUB = frozenset({TenantKind.HUB})
_DECLARANTS = frozenset({TenantKind.HUB, TenantKind.MERCHANT})
_READERS = _DECLARANTS | {TenantKind.REGULATOR}

FLOOR = Floor(
    name="clearance",
    tiles=TILES,
    scopes=(
        Scope(
            "customs:read",
            template("clearance.scope.customs_read", "read declarations"),
            _READERS,
            ("clerk", "broker", "compliance", "regulator"),
        ),
        Scope(
            "customs:write",
            template(
                "clearance.scope.customs_write",
                "amend declarations, send them to customs, confirm classifications",
            ),
            _DECLARANTS,
            ("broker",),
        ),
        # never the sender's own: nobody clears his own hit
        Scope(
            "screening:decide",
            template("clearance.scope.screening_decide", "decide whether a party is the one on a list"),
            _HUB,
            ("compliance",),
        ),
    ),
)
