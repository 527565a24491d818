"""A merchant's prepaid money: there is none where the hub may not hold others' money."""

from __future__ import annotations

from sqlalchemy import Connection

from qafila.core.fault import Conflict, Fault
from qafila.core.money import Money
from qafila.ledger import messages as m
from qafila.ledger import parties, posting
from qafila.ledger import store as books
from qafila.ledger.cash.model import Act
from qafila.ledger.law import licences
from qafila.ledger.model import Draft, Posted, Purpose, credit, debit, hub, merchant


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
            key=f"wallet:{act.key}", kind="wallet_paid_in" if sign > 0 else "wallet_paid_out", at=act.at, by=act.by,
            subject=tenant, told={"reference": reference.strip()[:200]},
            lines=(
                debit(hub(Purpose.CLIENTS, money.currency), signed),
                credit(merchant(tenant, Purpose.WALLET, money.currency), signed),
            ),
        ),
    )  # fmt: skip


def _allowed(connection: Connection, act: Act, tenant: str) -> None:
    country = parties.needed(connection, tenant).country
    with books.as_the_house(connection):
        regime = licences.regime_of(connection, country, act.at.date())
    if not regime.through_us:
        raise Conflict(regime.why(), m.STATE_LICENCE(), field="merchant", value=tenant)
