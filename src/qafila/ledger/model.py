"""What the ledger speaks of: accounts, entries and their lines. Values and rules, no I/O.

A positive amount is a debit, a negative one a credit. An entry's lines add up to zero in each of its currencies; it is
never changed: what was wrong is reversed by another entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from qafila.core.fault import Conflict, Fault
from qafila.core.message import Template
from qafila.core.money import Money, minor_units
from qafila.core.values import value
from qafila.ledger import ledger_messages as m

LARGEST = Decimal(10) ** 12
"""Amounts from here on are refused: no parcel and no run of parcels is worth a million millions."""


class OwnerKind(StrEnum):
    """Whose an account is."""

    HUB = "hub"
    MERCHANT = "merchant"
    DRIVER = "driver"  # owner: a bag of a driver, or the driver for what he owes
    STATION = "station"  # owner: a facility
    CARRIER = "carrier"  # who brings money to the bank
    AUTHORITY = "authority"  # owner: a territory


class Nature(StrEnum):
    """What an account is in a balance: what is owned, what is owed, what was earned, what was spent."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class Guard(StrEnum):
    """On which side an account's balance must stay: nobody carries less than no cash."""

    NONE = ""
    DEBIT = "debit"
    CREDIT = "credit"


class Purpose(StrEnum):
    """What an account is for."""

    BAG = "bag"
    SAFE = "safe"
    TRANSIT = "transit"
    SUSPECT = "suspect"
    BANK = "bank"
    CLIENTS = "clients"
    CUSTODY = "custody"
    OWED = "owed"
    REMITTING = "remitting"
    REFUNDING = "refunding"
    WALLET = "wallet"
    RECEIVABLE = "receivable"
    ADVANCED = "advanced"
    DUTIES = "duties"
    VAT = "vat"
    SHORT = "short"
    SURPLUS = "surplus"
    FREIGHT = "freight"
    CASH_FEE = "cash_fee"
    CLAIMS = "claims"
    PROMISES = "promises"
    LOSSES = "losses"


@dataclass(frozen=True, slots=True)
class Plan:
    """A line of the chart of accounts.

    Attributes:
        nature: where it stands in a balance.
        owners: the kinds of owners that may have one.
        title: what people call it.
        guard: on which side it must stay.
    """

    nature: Nature
    owners: frozenset[OwnerKind]
    title: Template
    guard: Guard = Guard.NONE


_H, _M, _D, _S = OwnerKind.HUB, OwnerKind.MERCHANT, OwnerKind.DRIVER, OwnerKind.STATION
_C, _A = OwnerKind.CARRIER, OwnerKind.AUTHORITY


def _plan(nature: Nature, title: Template, *owners: OwnerKind, guard: Guard = Guard.NONE) -> Plan:
    return Plan(nature, frozenset(owners), title, guard)


CHART: Mapping[Purpose, Plan] = {
    Purpose.BAG: _plan(Nature.ASSET, m.BAG, _D, guard=Guard.DEBIT),
    Purpose.SAFE: _plan(Nature.ASSET, m.SAFE, _S, guard=Guard.DEBIT),
    Purpose.SUSPECT: _plan(Nature.ASSET, m.SUSPECT, _S, guard=Guard.DEBIT),
    Purpose.TRANSIT: _plan(Nature.ASSET, m.TRANSIT, _C, guard=Guard.DEBIT),
    Purpose.CLIENTS: _plan(Nature.ASSET, m.CLIENTS, _H, guard=Guard.DEBIT),
    Purpose.BANK: _plan(Nature.ASSET, m.BANK, _H),
    Purpose.RECEIVABLE: _plan(Nature.ASSET, m.RECEIVABLE, _M),
    Purpose.ADVANCED: _plan(Nature.ASSET, m.ADVANCED, _M),
    Purpose.SHORT: _plan(Nature.ASSET, m.SHORT, _D, _S, _C),
    Purpose.CUSTODY: _plan(Nature.LIABILITY, m.CUSTODY, _M, guard=Guard.CREDIT),
    Purpose.OWED: _plan(Nature.LIABILITY, m.OWED, _M),
    Purpose.REMITTING: _plan(Nature.LIABILITY, m.REMITTING, _M, guard=Guard.CREDIT),
    Purpose.REFUNDING: _plan(Nature.LIABILITY, m.REFUNDING, _M, guard=Guard.CREDIT),
    Purpose.WALLET: _plan(Nature.LIABILITY, m.WALLET, _M, guard=Guard.CREDIT),
    Purpose.DUTIES: _plan(Nature.LIABILITY, m.DUTIES, _A),
    Purpose.VAT: _plan(Nature.LIABILITY, m.VAT, _A),
    Purpose.SURPLUS: _plan(Nature.LIABILITY, m.SURPLUS, _S, guard=Guard.CREDIT),
    Purpose.FREIGHT: _plan(Nature.INCOME, m.FREIGHT, _H),
    Purpose.CASH_FEE: _plan(Nature.INCOME, m.CASH_FEE, _H),
    Purpose.CLAIMS: _plan(Nature.EXPENSE, m.CLAIMS, _H),
    Purpose.PROMISES: _plan(Nature.EXPENSE, m.PROMISES, _H),
    Purpose.LOSSES: _plan(Nature.EXPENSE, m.LOSSES, _H),
}
"""The chart of accounts, in the order of a balance."""


@value
class Account:
    """An account, named by whose it is, what it is for, and its currency.

    `tenant` is who may read it beside the hub: the merchant, or the station or carrier that has the cash; empty: nobody.
    """

    kind: str  # an OwnerKind
    owner: str
    purpose: str  # a Purpose
    currency: str
    tenant: str = ""


def hub(purpose: Purpose, currency: str) -> Account:
    """An account of the hub."""
    return Account(OwnerKind.HUB.value, "", purpose.value, currency)


def merchant(tenant: str, purpose: Purpose, currency: str) -> Account:
    """An account of a merchant, which he may read."""
    return Account(OwnerKind.MERCHANT.value, tenant, purpose.value, currency, tenant)


@value
class Line:
    """So much on an account: a debit above zero, a credit below. `subject` is what it is about: a parcel, a bag."""

    account: Account
    amount: Decimal
    subject: str = ""


def debit(account: Account, money: Money, subject: str = "") -> Line:
    """A line that adds to what is owned or spent. Raises Fault where the currencies differ."""
    _same_currency(account, money)
    return Line(account, money.amount, subject)


def credit(account: Account, money: Money, subject: str = "") -> Line:
    """A line that adds to what is owed or earned. Raises Fault where the currencies differ."""
    _same_currency(account, money)
    return Line(account, -money.amount, subject)


def _same_currency(account: Account, money: Money) -> None:
    if account.currency != money.currency:
        raise Unbalanced(
            m.OTHER_CURRENCY(money=money, currency=account.currency), field="currency", value=money.currency
        )


@value
class By:
    """Who books: the tenant, and a person or device within it by name."""

    tenant: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry about to be booked.

    Attributes:
        key: names it for good: the same key is booked once, however often it is sent.
        kind: what happened, in a short word: `cash_collected`, `remitted` …
        lines: at least two, on different accounts, with the sum zero in each currency.
        at: when it happened; aware.
        by: who books it.
        subject: what it is about: a collection, a bag, an invoice.
        reverses: the number of the entry that it undoes.
        told: further facts that JSON can hold.
    """

    key: str
    kind: str
    lines: tuple[Line, ...]
    at: datetime
    by: By
    subject: str = ""
    reverses: int | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


@value
class Posted:
    """An entry that is booked. `new` is false where it was booked before by the same key."""

    entry: int
    new: bool


class Unbalanced(Fault):
    """The lines are no entry: they do not add up to zero, or an amount is none."""


class NotThere(Conflict):
    """More was to be taken from an account than is on it."""

    kind = "not-enough"


def checked(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines of an entry, those on one account about one thing added up, in one order for all entries.

    Lines whose sum is nothing are left out. Raises Unbalanced where they do not balance, an amount has more decimals than
    its currency has coins, is not a number or too large, an account cannot be, or fewer than two lines are left.
    """
    sums: dict[tuple[Account, str], Decimal] = {}
    for line in lines:
        _check_account(line.account)
        _check_amount(line.amount, line.account.currency)
        key = (line.account, line.subject)
        sums[key] = sums.get(key, Decimal(0)) + line.amount
    totals: dict[str, Decimal] = {}
    for (account, _), amount in sums.items():
        totals[account.currency] = totals.get(account.currency, Decimal(0)) + amount
    for currency, total in sorted(totals.items()):
        if total:
            raise Unbalanced(
                m.UNBALANCED(money=Money(total, currency)), m.BOTH_SIDES(), field="lines", value=str(total)
            )
    left = [Line(account, amount, subject) for (account, subject), amount in sums.items() if amount]
    if len(left) < 2:
        raise Unbalanced(m.NOTHING_MOVES(), m.BOTH_SIDES(), field="lines")
    return tuple(sorted(left, key=lambda line: (order(line.account), line.subject)))


def order(account: Account) -> tuple[str, ...]:
    """By which accounts are taken, so that two entries never wait for each other in a ring."""
    return account.kind, account.owner, account.purpose, account.currency


def _check_account(account: Account) -> None:
    try:
        plan = CHART[Purpose(account.purpose)]
        owner = OwnerKind(account.kind)
    except ValueError:
        plan = None
    if plan is None or owner not in plan.owners or (owner is not OwnerKind.HUB and not account.owner):
        name = f"{account.kind}:{account.owner}:{account.purpose}"
        raise Unbalanced(m.NO_ACCOUNT(account=name), field="account", value=name)


def _check_amount(amount: Decimal, currency: str) -> None:
    try:
        whole = amount.is_finite() and abs(amount) < LARGEST
        if whole and amount == Money(amount, currency).rounded().amount:
            return
    except ValueError:  # no currency
        pass
    raise Unbalanced(
        m.NO_AMOUNT(amount=str(amount)[:40], currency=currency[:10]),
        m.WHOLE_COINS(n=minor_units(currency)),
        field="amount",
        value=str(amount)[:40],
    )


def reversed_lines(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines that undo others."""
    return tuple(Line(line.account, -line.amount, line.subject) for line in lines)
