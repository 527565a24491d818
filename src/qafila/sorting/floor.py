"""What sorting declares to the house."""

from __future__ import annotations

from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope
from qafila.sorting import messages
from qafila.sorting.expecting import EXPECTED
from qafila.sorting.happenings import TYPES
from qafila.sorting.tiles import TILES

_WORKERS = frozenset({TenantKind.HUB, TenantKind.STATION, TenantKind.CARRIER})
_READERS = _WORKERS | {TenantKind.REGULATOR}

FLOOR = Floor(
    name="sorting",
    tiles=TILES,
    scopes=(
        Scope("sorting:read", messages.SCOPE_READ, _READERS, ("clerk", "dispatcher", "picker", "planner", "regulator")),
        Scope("sorting:work", messages.SCOPE_WORK, _WORKERS, ("picker", "dispatcher")),
        Scope("sorting:manage", messages.SCOPE_MANAGE, frozenset({TenantKind.HUB, TenantKind.STATION}), ("dispatcher", "planner")),
    ),
    event_types=TYPES,
    projections=(EXPECTED,),
)  # fmt: skip
