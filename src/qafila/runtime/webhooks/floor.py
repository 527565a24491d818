"""What webhooks and jobs declare to the house: their scopes, and the sweeping of what is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.answered import store as answered
from qafila.runtime.database import administrator
from qafila.runtime.floor import Floor, Scope
from qafila.runtime.jobs import jobs_folders
from qafila.runtime.jobs import store as jobs
from qafila.runtime.jobs.jobs_types import Job, Running
from qafila.runtime.settings import settings
from qafila.runtime.webhooks import store, webhooks_messages

_UNFETCHED_DAYS = 7  # a merchant's whole data may lie in them
_OWNERS = frozenset({TenantKind.HUB, TenantKind.MERCHANT, TenantKind.CARRIER})


def _sweep(running: Running) -> Mapping[str, Any]:
    days = settings().keep_files_days
    fetched = jobs_folders.sweep(_UNFETCHED_DAYS)
    with administrator(because="what is done is forgotten after a while, whosever it was") as connection:
        return {
            "jobs": jobs.sweep(connection, days),
            "webhooks": store.sweep(connection, days),
            "folders": fetched,
            "answers": answered.sweep(connection),
        }


SWEEP = Job(name="house.sweep", run=_sweep, every="17 * * * *")

FLOOR = Floor(
    name="webhooks",
    scopes=(
        Scope("webhooks:read", webhooks_messages.SCOPE_READ, _OWNERS, ("clerk", "dispatcher")),
        Scope("webhooks:write", webhooks_messages.SCOPE_WRITE, _OWNERS, ("dispatcher",), unasked=False),
    ),
    jobs=(SWEEP,),
)
