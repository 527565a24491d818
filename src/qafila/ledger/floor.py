"""What the ledger declares to the house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from qafila.context import Context
from qafila.ledger import ledger_messages
from qafila.ledger.cash.cash_happenings import EVENTS
from qafila.ledger.ledger_following import FOUND, PROMISES
from qafila.ledger.ledger_tiles import TILES
from qafila.openness.kinds import Values, kind
from qafila.openness.portability.portability_leaving import EXTRAS
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope
from qafila.runtime.jobs.jobs_types import Job, Running

_READERS = frozenset(
    {TenantKind.HUB, TenantKind.MERCHANT, TenantKind.REGULATOR, TenantKind.STATION, TenantKind.CARRIER}
)
_SENDERS = frozenset({TenantKind.HUB, TenantKind.MERCHANT})
_CARRIERS = frozenset({TenantKind.HUB, TenantKind.STATION, TenantKind.CARRIER})


def _settle(job: Running) -> Mapping[str, Any]:
    from qafila.ledger import promises  # read when it runs, and not before
    from qafila.ledger.claims import claims_finding

    return {
        "paid": [paid.claim for paid in promises.settle(job.context)],
        "taken_back": claims_finding.take_back(job.context.now()),
    }


SETTLE = Job(name="ledger.promises", run=_settle, every="*/10 * * * *")
"""Pays for promises that were not kept, where the terms say so; books back what was paid for losses that were found."""

FLOOR = Floor(
    name="ledger",
    jobs=(SETTLE,),
    projections=(PROMISES, FOUND),
    tiles=TILES,
    event_types=EVENTS,
    scopes=(
        Scope(
            "ledger:read",
            ledger_messages.SCOPE_READ,
            _READERS,
            ("clerk", "dispatcher", "accountant", "regulator"),
        ),
        Scope("ledger:write", ledger_messages.SCOPE_WRITE, _SENDERS, ("clerk", "accountant")),
        Scope("ledger:cash", ledger_messages.SCOPE_CASH, _CARRIERS, ("driver", "dispatcher")),
        Scope(
            "ledger:manage",
            ledger_messages.SCOPE_MANAGE,
            frozenset({TenantKind.HUB}),
            ("accountant",),
            unasked=False,
        ),
    ),
)


def _lines(connection: Connection, context: Context) -> Iterator[bytes]:
    from qafila.ledger import ledger_leaving  # read when a merchant leaves, and not before

    return ledger_leaving.lines_of_all(connection, context)


EXTRAS["ledger.csv"] = _lines


def _again(here: Context, values: Values, without_identity: bool) -> Any:
    from qafila.ledger.claims import claims_telling  # for an audit only

    return claims_telling.again(here, values, without_identity)


DECISIONS = (kind("ledger.claim", ledger_messages.DECISION_CLAIM, _again),)
