"""What storage declares to the house."""

from __future__ import annotations

from typing import Any

from qafila.context import Context
from qafila.openness.kinds import Values, kind
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope
from qafila.runtime.jobs.jobs_types import Job, Running
from qafila.storage import storage_messages
from qafila.storage.storage_happenings import HAPPENINGS
from qafila.storage.storage_tiles import TILES

_SENDERS = frozenset({TenantKind.HUB, TenantKind.MERCHANT})
_WORKERS = frozenset({TenantKind.HUB, TenantKind.STATION})
_READERS = _SENDERS | {TenantKind.REGULATOR, TenantKind.STATION}


def _release(running: Running) -> dict[str, int]:
    from qafila.storage import cut_offs  # read when it runs, and not before

    return cut_offs.release_due(running.context.now())


RELEASE = Job(name="storage.release", run=_release, every="* * * * *")
"""Orders whose departure's cut-off comes near go to the floor."""


def _tell(running: Running) -> dict[str, int]:
    from qafila.storage.shops import shops_telling as telling  # read when it runs, and not before

    return telling.tell_due(running.context.now())


SHOPS = Job(name="storage.shops", run=_tell, every="* * * * *")
"""Shops hear what is free, where it changed."""

FLOOR = Floor(
    name="storage",
    tiles=TILES,
    scopes=(
        Scope(
            "storage:read",
            storage_messages.SCOPE_READ,
            _READERS,
            ("clerk", "dispatcher", "picker", "regulator"),
        ),
        Scope("storage:write", storage_messages.SCOPE_WRITE, _SENDERS, ("clerk", "dispatcher")),
        Scope("storage:work", storage_messages.SCOPE_WORK, _WORKERS, ("picker", "dispatcher")),
        Scope("storage:manage", storage_messages.SCOPE_MANAGE, _WORKERS, ("dispatcher",)),
    ),
    event_types=tuple(HAPPENINGS.values()),
    jobs=(RELEASE, SHOPS),
)


def _again(here: Context, values: Values, without_identity: bool) -> Any:
    from qafila.storage import storage_telling as telling  # for an audit only

    return telling.again(here, values, without_identity)


DECISIONS = (kind("storage.wave", storage_messages.DECISION_WAVE, _again),)
