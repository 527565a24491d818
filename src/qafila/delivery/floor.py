"""What the delivery floor declares to the house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from qafila.context import Context
from qafila.delivery import delivery_messages
from qafila.delivery.delivery_following import GONE
from qafila.delivery.delivery_happenings import EVENTS
from qafila.delivery.delivery_tiles import TILES
from qafila.openness.kinds import Values, kind
from qafila.openness.portability.portability_leaving import EXTRAS
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope
from qafila.runtime.jobs.jobs_types import Job, Running

_HUB = frozenset({TenantKind.HUB})


def _sweep(job: Running) -> Mapping[str, Any]:
    from qafila.delivery import delivery_sweeping  # read when it runs, and not before

    return delivery_sweeping.sweep(job.context)


SWEEP = Job(name="delivery.sweep", run=_sweep, every="*/10 * * * *")
"""Reservations and stays that run out, reminders, and messages that wait to be sent."""

FLOOR = Floor(
    name="delivery",
    tiles=TILES,
    scopes=(
        Scope("delivery:read", delivery_messages.SCOPE_READ, _HUB, ("clerk", "dispatcher", "driver")),
        Scope("delivery:plan", delivery_messages.SCOPE_PLAN, _HUB, ("dispatcher",)),
        Scope("delivery:drive", delivery_messages.SCOPE_DRIVE, _HUB, ("driver", "dispatcher")),
        Scope(
            "delivery:haul",
            delivery_messages.SCOPE_HAUL,
            frozenset({TenantKind.CARRIER}),
            ("driver", "dispatcher"),
        ),
        Scope("delivery:point", delivery_messages.SCOPE_POINT, _HUB, ("dispatcher", "picker", "driver")),
    ),
    event_types=EVENTS,
    jobs=(SWEEP,),
    projections=(GONE,),
)


def _proofs(connection: Connection, context: Context) -> Iterator[bytes]:
    from qafila.delivery import delivery_leaving  # read when a merchant leaves, and not before

    return delivery_leaving.proofs_of_all(connection, context)


EXTRAS["proofs.csv"] = _proofs


def _again(here: Context, values: Values, without_identity: bool) -> Any:
    from qafila.delivery import delivery_telling  # for an audit only

    return delivery_telling.again(here, values, without_identity)


DECISIONS = (kind("delivery.rounds", delivery_messages.DECISION_ROUNDS, _again),)
