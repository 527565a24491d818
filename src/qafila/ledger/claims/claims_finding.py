"""What becomes of a claim for a loss when its parcel is found.

An open claim is withdrawn. What was granted stays with the merchant while the parcel is on its way, and is booked back once it is
delivered or home with him: he has his goods, and was paid for them. The reason stands with the claim in each case. Lost once more,
a withdrawn claim is filed anew; one that was granted and not booked back holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from qafila.core.message_json import to_json
from qafila.core.money import Money
from qafila.ledger import ledger_messages as m
from qafila.ledger import parties, posting
from qafila.ledger import store as books
from qafila.ledger.claims import store
from qafila.ledger.claims.store import Claim
from qafila.ledger.law import licences
from qafila.ledger.model import By, Draft, Purpose, credit, debit, hub, merchant
from qafila.runtime.database.connection import as_the_house
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Event
from qafila.tracking.status import State, Status, status

BY_HISTORY = By("", "history")
"""Who withdraws a claim, and books it back: nobody but what is told of the parcel."""
_NO_SIGN = frozenset({State.UNKNOWN, State.BOOKED, State.CANCELLED, State.LOST})
_HOME = frozenset({State.DELIVERED, State.RETURNED})


def found(claim: Claim, seen: Status) -> bool:
    """Whether a parcel was found since a claim for its loss was filed."""
    if seen.state in _NO_SIGN or seen.since is None:
        return False
    if claim.evidence["state"] == State.LOST.value:
        return True
    last = claim.evidence["last"]  # nobody called it lost: it had been silent
    return seen.since > (datetime.fromisoformat(last) if last else claim.filed_at)


def follow(connection: Connection, parcels: Sequence[str], now: datetime) -> None:
    """Withdraws open claims of parcels that were found, and marks granted ones.

    Args:
        connection: of the house.
        parcels: those of which something was recorded.
        now: when.
    """
    with as_the_house(connection):
        told = histories.histories(connection, list(parcels))
        for claim in store.of_losses(connection, parcels):
            seen = status(told.get(claim.parcel, []), now)
            if seen.since is None or not found(claim, seen):
                continue
            if claim.state == "open":
                why = m.CLAIM_FOUND(parcel=claim.parcel, time=seen.since)
                store.withdraw(
                    connection, claim.id, [to_json(why)], BY_HISTORY.name, max(now, claim.filed_at)
                )
            else:
                why = m.CLAIM_FOUND_PAID(parcel=claim.parcel, time=seen.since)
                store.found(connection, claim.id, [*(claim.reasons or []), to_json(why)], seen.since)


def take_back(now: datetime) -> list[str]:
    """Books back what was granted for parcels that were found and have reached their end, each in a transaction of its own.

    Returns the claims. Killed in the middle and begun again it books nothing twice.
    """
    waiting = posting.transact(store.found_and_paid)
    done = [posting.transact(partial(_take_back, id=id, now=now)) for id in waiting]
    return [id for id in done if id]


def _take_back(connection: Connection, id: str, now: datetime) -> str:
    with as_the_house(connection):
        claim = store.one(connection, id, lock=True)
        if claim is None or claim.state != "granted" or claim.granted is None:
            return ""
        told: list[Event] = histories.histories(connection, [claim.parcel]).get(claim.parcel, [])
        seen = status(told, now)
        if not found(claim, seen):  # lost once more, or never found: it holds
            store.found(connection, id, (claim.reasons or [])[:-1], None)
            return ""
        if seen.state not in _HOME or seen.since is None:
            return ""
        paid = Money(claim.granted, claim.currency)
        lines = [
            debit(merchant(claim.tenant, Purpose.OWED, claim.currency), paid, id),
            credit(hub(Purpose.CLAIMS, claim.currency), paid),
        ]
        party = parties.find(connection, claim.tenant)
        if party is not None and licences.regime_of(connection, party.country, now.date()).through_us:
            # out of the clients' account comes no more than lies there for him: the rest he owes
            owed = -books.balance(connection, merchant(claim.tenant, Purpose.OWED, claim.currency))
            there = Money(min(paid.amount, max(owed, owed * 0)), claim.currency)
            if there.amount:
                lines += [
                    debit(hub(Purpose.BANK, claim.currency), there),
                    credit(hub(Purpose.CLIENTS, claim.currency), there),
                ]
        posting.post(
            connection,
            Draft(
                key=f"claim-back:{id}",
                kind="claim_taken_back",
                at=now,
                by=BY_HISTORY,
                subject=claim.parcel,
                lines=tuple(lines),
                told={"claim": id, "kind": claim.kind},
            ),
        )
        why = m.CLAIM_TAKEN_BACK(parcel=claim.parcel, time=seen.since, money=paid)
        store.found(connection, id, [*(claim.reasons or []), to_json(why)], seen.since, back=True)
    return id
