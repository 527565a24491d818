"""Promises kept and broken: what follows deliveries, and pays unasked where the terms say so.

`following.py` notes of each delivered parcel whether it came by the promised time. A job looks at those that did not: by the
terms each is paid for once, as a claim that nobody had to file, and its merchant is told. Not broken is a promise where
the door was tried in time, or the buyer himself asked for a later day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.message_json import to_json
from qafila.core.money import Money
from qafila.core.values import value
from qafila.ledger import ledger_messages as m
from qafila.ledger import posting
from qafila.ledger.cash.cash_happenings import PROMISE_PAID, tell
from qafila.ledger.cash.model import Act
from qafila.ledger.claims import claims_deciding, claims_telling, store
from qafila.ledger.claims.judging import propose
from qafila.ledger.claims.store import Claim
from qafila.ledger.law import law_rules
from qafila.ledger.model import By
from qafila.runtime.database import Role, acting_as
from qafila.runtime.database.connection import as_the_house
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Event, Reporter, TimeKind

BY_TERMS = By("", "terms")
"""Who files and decides what is paid unasked."""
_MOST = Money(Decimal(10) ** 6, "EUR")


@value
class Paid:
    """A broken promise that was paid for: the claim that stands for it, and its merchant's parcel."""

    claim: str
    tenant: str
    parcel: str
    money: Money


def settle(context: Context, most: int = 1000) -> list[Paid]:
    """Looks at promises that were broken, each in a transaction of its own; returns what was paid now.

    Killed in the middle and begun again it pays nothing twice: claim, entry and mark are written together.
    """
    with acting_as(Role.OPERATOR) as connection:
        waiting = list(
            connection.execute(
                text(
                    "SELECT parcel FROM promises WHERE state = 'broken' ORDER BY delivered, parcel LIMIT :n"
                ),
                {"n": most},
            ).scalars()
        )
    found = [posting.transact(partial(_settle, context=context, parcel=parcel)) for parcel in waiting]
    return [paid for paid in found if paid is not None]


def _settle(connection: Connection, context: Context, parcel: str) -> Paid | None:
    now = context.now()
    row = connection.execute(
        text("SELECT tenant_id, promised FROM promises WHERE parcel = :p AND state = 'broken' FOR UPDATE"),
        {"p": parcel},
    ).one_or_none()
    if row is None:
        return None  # another worker was quicker
    if not law_rules.term("late_paid_unasked", now.date()):
        return None
    claimed = text(
        "SELECT EXISTS (SELECT FROM claims WHERE parcel = :p AND kind = 'late')"
    )  # granted, open or refused
    if connection.execute(claimed, {"p": parcel}).scalar():
        _mark(connection, parcel, "claimed", now)
        return None
    facilities = context.network.feed.facility
    owner, seen = claims_deciding.evidence(connection, parcel, facilities, now)
    history = histories.histories(connection, [parcel]).get(parcel, [])
    station = facilities.get(_station(history))
    zone = ZoneInfo(station.timezone if station else "UTC")
    # what another installation of the hub carried, that one answers for
    if store.booked_elsewhere(connection, parcel) or excused(history, row.promised, zone):
        _mark(connection, parcel, "excused", now)
        return None
    asked = Money(_MOST.amount, seen.freight.currency)
    proposal = propose("late", asked, seen, now, context.rules.rates)
    if not proposal.granted:
        _mark(connection, parcel, "excused", now)
        return None
    made = Claim(
        f"clm_promise_{parcel}",
        owner,
        parcel,
        "late",
        proposal.amount.amount,
        proposal.amount.currency,
        "",
        "open",
        claims_telling.written(seen),
        {
            "amount": str(proposal.amount.amount),
            "reasons": [to_json(r) for r in (*proposal.reasons, m.CLAIM_UNASKED())],
            "limit": None,
            "confidence": None,
        },
        None,
        None,
        BY_TERMS.name,
        now,
        None,
        None,
        None,
    )
    with as_the_house(connection):
        if not store.add(connection, made):
            _mark(connection, parcel, "claimed", now)
            return None
    act = Act(key=made.id, by=BY_TERMS, at=now, reporter=Reporter.OPERATOR.value)
    claims_deciding.decide(connection, act, made.id, proposal.amount, "")
    _mark(connection, parcel, "paid", now, made.id)
    tell(
        connection,
        PROMISE_PAID,
        made.id,
        now,
        act.source,
        owner,
        details={
            "parcel": parcel,
            "amount": str(proposal.amount.amount),
            "currency": proposal.amount.currency,
        },
    )
    return Paid(made.id, owner, parcel, proposal.amount)


def excused(history: Sequence[Event], promised: datetime, zone: ZoneInfo) -> bool:
    """Whether a late delivery breaks no promise: the door was tried in time, or the buyer asked for a later day."""
    day = promised.astimezone(zone).date().isoformat()
    for event in history:
        if event.time_kind != TimeKind.ACTUAL or event.time > promised:
            continue
        if event.type in ("delivery_failed", "awaiting_pickup"):
            return True
        if event.details.get("wish") == "day" and str(event.details.get("day", "")) > day:
            return True
    return False


def _station(history: Sequence[Event]) -> str:
    places = [e.facility for e in history if e.facility and e.time_kind == TimeKind.ACTUAL]
    return places[-1] if places else ""


def _mark(connection: Connection, parcel: str, state: str, at: datetime, claim: str | None = None) -> None:
    connection.execute(
        text("UPDATE promises SET state = :s, claim = :c, looked_at = :at WHERE parcel = :p"),
        {"s": state, "c": claim, "at": at, "p": parcel},
    )


def untold(connection: Connection) -> list[Paid]:
    """Promises that were paid for and of which no message speaks yet, for who writes messages."""
    rows = connection.execute(
        text(
            "SELECT c.claim, c.tenant_id, c.parcel, c.granted, c.currency FROM promises p JOIN claims c ON c.claim = p.claim "
            "JOIN deliveries d ON (d.merchant_id, d.parcel) = (p.tenant_id, p.parcel) WHERE p.state = 'paid' AND NOT EXISTS "
            "(SELECT FROM notices n WHERE (n.merchant_id, n.parcel, n.kind) = (p.tenant_id, p.parcel, 'promise')) "
            "ORDER BY p.looked_at, p.parcel LIMIT 500"
        )
    )
    return [Paid(r.claim, r.tenant_id, r.parcel, Money(r.granted, r.currency.strip())) for r in rows]


@dataclass(frozen=True, slots=True)
class Kept:
    """How promises were kept: of `delivered` parcels so many by the promised time or excused; what was paid for the others."""

    delivered: int
    kept: int
    excused: int
    broken: int
    paid: tuple[Money, ...]


def kept(connection: Connection, now: datetime, tenant: str = "", days: int = 30) -> Kept:
    """Of the last days, of one merchant or all that the connection's role sees."""
    told: dict[str, Any] = {"t": tenant, "since": now - timedelta(days=days), "now": now}
    where = "(:t = '' OR p.tenant_id = :t) AND p.delivered > :since AND p.delivered <= :now"
    counts = {
        row.state: row.n
        for row in connection.execute(
            text(f"SELECT p.state, count(*) AS n FROM promises p WHERE {where} GROUP BY p.state"), told
        )
    }
    sums = connection.execute(
        text(
            f"SELECT c.currency, sum(c.granted) AS s FROM promises p JOIN claims c ON c.claim = p.claim WHERE {where} "
            "AND c.granted IS NOT NULL GROUP BY c.currency ORDER BY c.currency"
        ),
        told,
    )
    broken = sum(counts.get(state, 0) for state in ("broken", "paid", "claimed"))
    return Kept(
        sum(counts.values()),
        counts.get("kept", 0),
        counts.get("excused", 0),
        broken,
        tuple(Money(row.s, row.currency.strip()) for row in sums),
    )
