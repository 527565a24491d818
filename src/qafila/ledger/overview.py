"""What the pages of money show: a merchant's side, a station's cash, the whole of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from qafila.core.money import Money
from qafila.ledger import store
from qafila.ledger.cash import store as cash
from qafila.ledger.invoices import store as invoices
from qafila.ledger.model import CHART, Nature, Purpose
from qafila.ledger.remitting.store import waiting
from qafila.runtime.database.connection import as_the_house


@dataclass(frozen=True, slots=True)
class Standing:
    """What is between a merchant and the hub in one currency; all above zero as their names say.

    Attributes:
        owed: collected for him and owed to him, counted or not.
        in_bags: of that, what lies in drivers' bags still.
        under_way: remitted, and not confirmed by the bank.
        carried: cash on its way to his own bank.
        wallet: prepaid.
        to_pay: invoices that he has to pay.
    """

    currency: str
    owed: Money
    in_bags: Money
    under_way: Money
    carried: Money
    wallet: Money
    to_pay: Money


def standing(connection: Connection, tenant: str) -> list[Standing]:
    """What is between a merchant and the hub, by currency."""
    sums: dict[tuple[str, str], Decimal] = {}
    for b in store.balances(connection, tenant):
        key = (b.account.currency, b.account.purpose)
        sums[key] = sums.get(key, Decimal(0)) + b.amount
    currencies = sorted({currency for currency, _ in sums})
    with as_the_house(connection):  # whose bags they are is none of his, how much of his is in them is
        bags = {currency: waiting(connection, tenant, currency) for currency in currencies}

    def of(currency: str, purpose: Purpose, sign: int) -> Money:
        # adding nothing makes minus nothing nothing
        return Money(sign * sums.get((currency, purpose.value), Decimal(0)) + Decimal(0), currency)

    return [
        Standing(
            currency,
            of(currency, Purpose.OWED, -1),
            Money(bags[currency], currency),
            of(currency, Purpose.REMITTING, -1),
            of(currency, Purpose.CUSTODY, -1),
            of(currency, Purpose.WALLET, -1),
            of(currency, Purpose.RECEIVABLE, 1),
        )
        for currency in currencies
    ]


def open_invoices(connection: Connection, tenant: str) -> dict[str, Decimal]:
    """What is open of each invoice of a merchant."""
    return dict(invoices.open_of(connection, tenant, ""))


@dataclass(frozen=True, slots=True)
class TrialLine:
    """All accounts of one purpose in one currency."""

    purpose: Purpose
    nature: Nature
    debit: Money
    credit: Money
    accounts: int


def trial(connection: Connection) -> dict[str, list[TrialLine]]:
    """The trial balance: for each currency the sums of all accounts by purpose, in the order of the chart.

    An account with a debit counts on the one side, one with a credit on the other: nothing is set off between owners.
    """
    found: dict[str, dict[str, list[Decimal]]] = {}
    for b in store.balances(connection):
        found.setdefault(b.account.currency, {}).setdefault(b.account.purpose, []).append(b.amount)
    return {
        currency: [
            TrialLine(
                purpose,
                plan.nature,
                Money(sum((a for a in kinds[purpose.value] if a > 0), Decimal(0)), currency),
                Money(Decimal(0) - sum((a for a in kinds[purpose.value] if a < 0), Decimal(0)), currency),
                len(kinds[purpose.value]),
            )
            for purpose, plan in CHART.items()
            if purpose.value in kinds
        ]
        for currency, kinds in found.items()
    }


@dataclass(frozen=True, slots=True)
class Till:
    """A station's money in one currency."""

    station: str
    currency: str
    safe: Money
    suspect: Money
    short: Money
    surplus: Money


def tills(connection: Connection, tenant: str) -> list[Till]:
    """The safes of a tenant; of all, where none is named."""
    sums: dict[tuple[str, str], dict[str, Decimal]] = {}
    for b in store.balances(connection, tenant or None):
        if b.account.kind == "station":
            sums.setdefault((b.account.owner, b.account.currency), {})[b.account.purpose] = b.amount

    def of(kinds: dict[str, Decimal], purpose: Purpose, currency: str, sign: int = 1) -> Money:
        return Money(sign * kinds.get(purpose.value, Decimal(0)) + Decimal(0), currency)

    return [
        Till(
            owner.partition("@")[0],
            currency,
            of(kinds, Purpose.SAFE, currency),
            of(kinds, Purpose.SUSPECT, currency),
            of(kinds, Purpose.SHORT, currency),
            of(kinds, Purpose.SURPLUS, currency, -1),
        )
        for (owner, currency), kinds in sorted(sums.items())
    ]


def differences(connection: Connection, tenant: str | None = None) -> list[store.Balance]:
    """Who has to make how much good; of one tenant where it is named."""
    return [b for b in store.balances(connection, tenant, Purpose.SHORT.value) if b.amount]


def collected_in(connection: Connection, bag: str) -> int:
    """How many collections a bag holds: what can be said of it before it is counted."""
    return len([c for c in cash.collections(connection, bag=bag, limit=10_000) if c.kept])
