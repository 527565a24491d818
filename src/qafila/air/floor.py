"""What the air floor declares to the house."""

from __future__ import annotations

from typing import Any

from qafila.air import air_messages
from qafila.air.air_happenings import EVENTS
from qafila.context import Context
from qafila.openness.kinds import Values, kind
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope

_PLANNERS = frozenset({TenantKind.HUB, TenantKind.CARRIER})

FLOOR = Floor(
    name="air",
    event_types=EVENTS,
    scopes=(Scope("air:plan", air_messages.SCOPE_PLAN, _PLANNERS, ("planner", "dispatcher"), unasked=False),),
)


def _again(here: Context, values: Values, without_identity: bool) -> Any:
    from qafila.air import air_telling  # the engine is loaded for an audit only

    return air_telling.again(here, values, without_identity)


DECISIONS = (kind("air.load_plan", air_messages.DECISION_LOAD, _again),)
