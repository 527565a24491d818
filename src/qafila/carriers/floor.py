"""What the carriers' floor declares to the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from qafila.carriers import carriers_messages, feeds
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope
from qafila.runtime.jobs.jobs_types import Job, Running

_SEEING = frozenset({TenantKind.CARRIER, TenantKind.HUB, TenantKind.REGULATOR})


def _exchange(running: Running) -> Mapping[str, Any]:
    from qafila.carriers import carriers_exchanging

    return asdict(carriers_exchanging.exchange(running.context))


EXCHANGE = Job(name="carriers.exchange", run=_exchange, every="* * * * *")
"""Gives parcels to carriers' systems, and takes their labels and events."""

DECISIONS = (feeds.KIND,)

FLOOR = Floor(
    name="carriers",
    jobs=(EXCHANGE,),
    scopes=(
        Scope("carriers:read", carriers_messages.SCOPE_READ, _SEEING, ("dispatcher", "planner", "regulator")),
        Scope(
            "carriers:write",
            carriers_messages.SCOPE_WRITE,
            frozenset({TenantKind.CARRIER}),
            ("dispatcher",),
            unasked=False,
        ),
    ),
)
