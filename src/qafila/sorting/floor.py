"""What sorting declares to the house."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qafila.context import Context
from qafila.openness.kinds import CHECKS, Difference, Values, kind
from qafila.openness.model import Entry
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import Role, acting_as
from qafila.runtime.floor import Floor, Scope
from qafila.sorting import sorting_messages
from qafila.sorting.expecting import EXPECTED
from qafila.sorting.sorting_happenings import TYPES
from qafila.sorting.sorting_tiles import TILES

_WORKERS = frozenset({TenantKind.HUB, TenantKind.STATION, TenantKind.CARRIER})
_READERS = _WORKERS | {TenantKind.REGULATOR}

FLOOR = Floor(
    name="sorting",
    tiles=TILES,
    scopes=(
        Scope(
            "sorting:read",
            sorting_messages.SCOPE_READ,
            _READERS,
            ("clerk", "dispatcher", "picker", "planner", "regulator"),
        ),
        Scope("sorting:work", sorting_messages.SCOPE_WORK, _WORKERS, ("picker", "dispatcher")),
        Scope(
            "sorting:manage",
            sorting_messages.SCOPE_MANAGE,
            frozenset({TenantKind.HUB, TenantKind.STATION}),
            ("dispatcher", "planner"),
        ),
    ),
    event_types=TYPES,
    projections=(EXPECTED,),
)


def _again(here: Context, values: Values, without_identity: bool) -> Any:
    from qafila.sorting import sorting_telling  # for an audit only

    return sorting_telling.again(here, values, without_identity)


def _plan_again(here: Context, values: Values, without_identity: bool) -> Any:
    from qafila.sorting import plan_told

    return plan_told.again(here, values, without_identity)


def _facts(here: Context, decisions: Sequence[tuple[Entry, Values]]) -> list[Difference]:
    from qafila.sorting import facts_checked

    with acting_as(Role.REGULATOR) as connection:
        return facts_checked.differences(connection, decisions)


CHECKS.append(_facts)

DECISIONS = (
    kind("sorting.scans", sorting_messages.DECISION_SCANS, _again),
    kind("sorting.recall", sorting_messages.DECISION_RECALL),
    kind("sorting.plan", sorting_messages.DECISION_PLAN, _plan_again),
)
