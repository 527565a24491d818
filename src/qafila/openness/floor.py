"""What the open hub declares to the house."""

from __future__ import annotations

from typing import Any

from qafila.core.message import template
from qafila.openness import openness_messages as say
from qafila.openness.kinds import kind
from qafila.openness.merchant_events import MERCHANT_EVENTS
from qafila.openness.openness_tiles import TILES
from qafila.openness.portability.portability_taking import TAKE
from qafila.openness.privacy import privacy_messages as privacy
from qafila.openness.regulation.regulation_asking import REPORT
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope
from qafila.runtime.jobs.jobs_types import Job, Running

_CONCERNED = frozenset({TenantKind.HUB, TenantKind.MERCHANT, TenantKind.REGULATOR})
_SENDING = frozenset({TenantKind.HUB, TenantKind.MERCHANT})
_COMPLAINING = frozenset({TenantKind.MERCHANT, TenantKind.CARRIER, TenantKind.BROKER, TenantKind.STATION})
_WATCHING = frozenset({TenantKind.HUB, TenantKind.REGULATOR})


def _put_into_force(running: Running) -> dict[str, int]:
    from qafila.openness import suspending

    return {"suspended": suspending.put_into_force(running.context.now())}


DUE = Job(name="openness.due", run=_put_into_force, every="*/10 * * * *")
"""Puts announced suspensions into force on their day."""


def _sweep(running: Running) -> dict[str, int]:
    from qafila.openness.privacy import privacy_sweeping

    return privacy_sweeping.sweep(running.context.network.feed, running.context.now())


SWEEP = Job(name="openness.sweep", run=_sweep, every="17 2 * * *")
"""Lets go what has had its time."""


def _integrate(running: Running) -> dict[str, int]:
    from qafila.openness import sequencing

    turn = sequencing.integrate(running.context.now())
    while turn is not None and turn.placed:
        turn = sequencing.integrate(running.context.now())
    return {"size": turn.size if turn else -1}


INTEGRATE = Job(name="openness.integrate", run=_integrate, every="* * * * *")
"""Publishes what waits, where no server does so each second; one of all processes does it at a time."""


def _leave(running: Running) -> Any:
    from qafila.openness.portability import portability_moving  # what all floors add to it

    return portability_moving.leave(running)


def _arrive(running: Running) -> Any:
    from qafila.openness.portability import portability_moving

    return portability_moving.arrive(running)


LEAVE = Job(name="openness.leave", run=_leave, heavy=True)
ARRIVE = Job(name="openness.arrive", run=_arrive, heavy=True)

DECISIONS = (
    kind("openness.erasure", privacy.DECISION),
    kind("openness.terms", template("openness.decision.terms", "A change of the published terms")),
    kind("openness.suspension", template("openness.decision.suspension", "A suspension")),
    kind("openness.let_in", template("openness.decision.let_in", "The end of a suspension")),
    kind("openness.complaint", template("openness.decision.complaint", "A step of a complaint")),
    kind("openness.sales", template("openness.decision.sales", "What a merchant says it sold in a year")),
    kind("openness.tenant", template("openness.decision.tenant", "Of what kind an organisation is")),
    kind("openness.data_places", template("openness.decision.data_places", "Where data are kept")),
)

FLOOR = Floor(
    name="openness",
    tiles=TILES,
    event_types=MERCHANT_EVENTS,
    jobs=(REPORT, TAKE, DUE, SWEEP, INTEGRATE, LEAVE, ARRIVE),
    scopes=(
        Scope(
            "log:read",
            template("openness.scope.log_read", "read entries of the transparency log and receipts"),
            _CONCERNED,
            ("clerk", "dispatcher", "compliance", "regulator"),
        ),
        Scope(
            "audit:read",
            template("openness.scope.audit_read", "audit the log and see what all merchants were offered"),
            _WATCHING,
            ("compliance", "regulator"),
        ),
        Scope(
            "complaints:read",
            template("openness.scope.complaints_read", "read complaints and statements of reasons"),
            _COMPLAINING | _WATCHING,
            ("clerk", "dispatcher", "compliance", "regulator"),
        ),
        Scope(
            "complaints:write",
            template(
                "openness.scope.complaints_write",
                "file complaints, and state sales for the regulator’s figures",
            ),
            _COMPLAINING,
            ("clerk", "dispatcher"),
        ),
        Scope(
            "complaints:answer",
            template("openness.scope.complaints_answer", "acknowledge and answer complaints"),
            frozenset({TenantKind.HUB}),
            ("compliance",),
        ),
        Scope("privacy:read", privacy.SCOPE_READ, _CONCERNED, ("compliance", "regulator"), unasked=False),
        Scope("privacy:give", privacy.SCOPE_GIVE, _SENDING, ("compliance",), unasked=False),
        Scope("privacy:erase", privacy.SCOPE_ERASE, _SENDING, ("compliance",), unasked=False),
        Scope("data:take", say.DATA_TAKE, _SENDING, ("compliance",), unasked=False),
        Scope(
            "terms:write",
            template("openness.scope.terms_write", "publish terms"),
            frozenset({TenantKind.HUB}),
            ("compliance",),
        ),
    ),
)
