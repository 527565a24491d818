"""What tracking declares to the house."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.message import template
from qafila.openness.portability.portability_leaving import EXTRAS
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope
from qafila.tracking.tracking_event_types import PARCEL_EVENTS
from qafila.tracking.tracking_tiles import TILES

_READERS = frozenset({TenantKind.HUB, TenantKind.MERCHANT, TenantKind.REGULATOR})
_REPORTERS = frozenset(TenantKind) - {TenantKind.REGULATOR, TenantKind.BROKER}

FLOOR = Floor(
    name="tracking",
    tiles=TILES,
    event_types=PARCEL_EVENTS,
    scopes=(
        Scope(
            "events:read",
            template("tracking.scope.events_read", "read the event history"),
            _READERS,
            ("clerk", "dispatcher", "picker", "broker", "compliance", "regulator"),
        ),
        Scope(
            "hub:watch",
            template("tracking.scope.hub_watch", "see the whole hub alive on the map"),
            frozenset({TenantKind.HUB}),
            ("dispatcher", "planner", "clerk", "compliance"),
            unasked=False,
        ),
        Scope(
            "events:write",
            template("tracking.scope.events_write", "record events"),
            _REPORTERS,
            ("clerk", "dispatcher", "picker", "driver", "officer"),
        ),
    ),
)


def _epcis(connection: Connection, context: Context) -> Iterator[bytes]:
    from qafila.tracking import tracking_leaving  # read when a merchant leaves, and not before

    return tracking_leaving.events_of_all(connection, context)


EXTRAS["events.jsonld"] = _epcis
