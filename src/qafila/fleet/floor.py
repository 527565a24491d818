"""What the fleet declares to the house."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qafila.context import Context
from qafila.fleet import fleet_messages
from qafila.fleet.fleet_happenings import TYPES
from qafila.openness.kinds import CHECKS, Difference, Values, kind
from qafila.openness.model import Entry
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope
from qafila.runtime.jobs.jobs_types import Job, Running

_READERS = frozenset({TenantKind.HUB, TenantKind.REGULATOR})


def _release(running: Running) -> dict[str, int]:
    from qafila.fleet import allotments  # read when it runs, and not before

    return {"allotments": allotments.release_due(running.context)}


RELEASE = Job(name="fleet.release", run=_release, every="*/5 * * * *")
"""What was not drawn of allotments in time is for sale again."""

FLOOR = Floor(
    name="fleet",
    scopes=(
        Scope(
            "fleet:read",
            fleet_messages.SCOPE_READ,
            _READERS,
            ("planner", "dispatcher", "regulator"),
            unasked=False,
        ),
        Scope(
            "fleet:manage",
            fleet_messages.SCOPE_MANAGE,
            frozenset({TenantKind.HUB}),
            ("planner", "dispatcher"),
            unasked=False,
        ),
    ),
    event_types=TYPES,
    jobs=(RELEASE,),
)


def _again(here: Context, values: Values, without_identity: bool) -> Any:
    from qafila.fleet import allotments  # for an audit only

    return allotments.again(here, values, without_identity)


def _changes_again(here: Context, values: Values, without_identity: bool) -> Any:
    from qafila.fleet import fleet_deciding

    return fleet_deciding.again(here, values, without_identity)


def _room(here: Context, decisions: Sequence[tuple[Entry, Values]]) -> list[Difference]:
    from qafila.fleet import allotments

    return allotments.differences(decisions)


CHECKS.append(_room)

DECISIONS = (
    kind("fleet.allotment", fleet_messages.DECISION_ALLOTMENT, _again),
    kind("fleet.changes", fleet_messages.DECISION_CHANGES, _changes_again),
)
