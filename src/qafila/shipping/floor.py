"""What shipping declares to the house."""

from __future__ import annotations

from qafila.core.message import template
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope

_SENDERS = frozenset({TenantKind.HUB, TenantKind.MERCHANT})
_READERS = _SENDERS | {TenantKind.REGULATOR}

FLOOR = Floor(
    name="shipping",
    scopes=(
        Scope("offers:read", template("shipping.scope.offers_read", "ask for offers and read them"), _SENDERS, ("clerk", "dispatcher")),
        Scope("bookings:read", template("shipping.scope.bookings_read", "read bookings, shipments and parcels"), _READERS, ("clerk", "dispatcher", "picker", "broker", "compliance", "regulator")),
        Scope("bookings:write", template("shipping.scope.bookings_write", "book offers, cancel bookings, book on parcels that missed a connection"), _SENDERS, ("clerk", "dispatcher")),
    ),
)  # fmt: skip
