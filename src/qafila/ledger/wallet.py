"""A merchant's prepaid money, and the account on which others' money is kept.

There is no wallet where the hub may not hold others' money.
"""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Connection

from qafila.core.fault import Conflict, Fault
from qafila.core.money import Money
from qafila.ledger import ledger_messages as m
from qafila.ledger import parties, posting
from qafila.ledger import store as books
from qafila.ledger.cash.model import Act
from qafila.ledger.law import licences
from qafila.ledger.model import Draft, Posted, Purpose, credit, debit, hub, merchant
from qafila.runtime.database.connection import as_the_house


def top_up(connection: Connection, act: Act, tenant: str, money: Money, reference: str) -> Posted:
    """A merchant has paid in. Raises Conflict where no licence is stated for his country, Fault where the sum is none."""
    _allowed(connection, act, tenant)
    return _move(connection, act, tenant, money, reference, 1)


def pay_out(connection: Connection, act: Act, tenant: str, money: Money, reference: str) -> Posted:
    """Prepaid money goes back to the merchant, whatever the licence. Raises NotThere where less is there, Fault."""
    return _move(connection, act, tenant, money, reference, -1)


def _move(connection: Connection, act: Act, tenant: str, money: Money, reference: str, sign: int) -> Posted:
    if money.amount <= 0 or money.amount != money.rounded().amount:
        raise Fault(m.NO_SUM(money=money), m.WRITE_SUM(), field="amount", value=str(money.amount))
    signed = money * sign
    return posting.post(
        connection,
        Draft(
            key=f"wallet:{act.key}",
            kind="wallet_paid_in" if sign > 0 else "wallet_paid_out",
            at=act.at,
            by=act.by,
            subject=tenant,
            told={"reference": reference.strip()[:200]},
            lines=(
                debit(hub(Purpose.CLIENTS, money.currency), signed),
                credit(merchant(tenant, Purpose.WALLET, money.currency), signed),
            ),
        ),
    )


def _allowed(connection: Connection, act: Act, tenant: str) -> None:
    country = parties.needed(connection, tenant).country
    with as_the_house(connection):
        regime = licences.regime_of(connection, country, act.at.date())
    if not regime.through_us:
        raise Conflict(regime.why(), m.STATE_LICENCE(), field="merchant", value=tenant)


def fill_up(connection: Connection, act: Act, money: Money, why: str) -> Posted:
    """Puts money of the hub's own with the clients' money: what was stolen, lost or is missing still is theirs.

    Raises Fault where no reason is given or the sum is none.
    """
    return _own(connection, act, money, why, 1)


def take_out(connection: Connection, act: Act, money: Money, why: str) -> Posted:
    """Takes out of the clients' account what is not theirs, such as a difference that was made good after it was filled up.

    Raises Conflict where less than that is there beyond what is owed to merchants and not in cash on its way.
    """
    with as_the_house(connection):
        spare = _spare(connection, money.currency)
        if books.by_key(connection, f"clients:{act.key}") is None and money.amount > spare:
            raise Conflict(
                m.LESS_SPARE(money=Money(max(spare, Decimal(0)), money.currency)),
                field="amount",
                value=str(money.amount),
            )
    return _own(connection, act, money, why, -1)


def _own(connection: Connection, act: Act, money: Money, why: str, sign: int) -> Posted:
    if not why.strip():
        raise Fault(m.SAY_WHY(), field="why")
    if money.amount <= 0 or money.amount != money.rounded().amount:
        raise Fault(m.NO_SUM(money=money), m.WRITE_SUM(), field="amount", value=str(money.amount))
    signed = money * sign
    return posting.post(
        connection,
        Draft(
            key=f"clients:{act.key}",
            kind="clients_account",
            at=act.at,
            by=act.by,
            told={"why": why.strip()[:500]},
            lines=(
                debit(hub(Purpose.CLIENTS, money.currency), signed),
                credit(hub(Purpose.BANK, money.currency), signed),
            ),
        ),
    )


def _spare(connection: Connection, currency: str) -> Decimal:
    """What is on the clients' account beyond what must be there: owed to merchants, less what is still cash."""
    held = Decimal(0)
    for b in books.balances(connection):
        if b.account.currency == currency and b.account.purpose in _COUNTED:
            held += b.amount
    return held


_COUNTED = frozenset(
    p.value
    for p in (
        Purpose.CLIENTS,
        Purpose.BAG,
        Purpose.SAFE,
        Purpose.TRANSIT,
        Purpose.OWED,
        Purpose.CUSTODY,
        Purpose.REMITTING,
        Purpose.REFUNDING,
        Purpose.WALLET,
    )
)
