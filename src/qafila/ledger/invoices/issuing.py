"""Invoices are issued for a period, corrected by credit notes, and paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.money import Money
from qafila.ledger import charging, parties, posting
from qafila.ledger import ledger_messages as m
from qafila.ledger import store as books
from qafila.ledger.cash import store as cash
from qafila.ledger.cash.model import Act
from qafila.ledger.invoices import store
from qafila.ledger.invoices.model import Charge, Invoice, taxed
from qafila.ledger.law import law_rules
from qafila.ledger.model import Account, Draft, Line, OwnerKind, Posted, Purpose, credit, debit, hub, merchant
from qafila.runtime.database.connection import as_the_house


def advance(
    connection: Connection, act: Act, tenant: str, parcel: str, territory: str, money: Money, declaration: str
) -> Posted:
    """Duties and taxes that the hub owes customs for a merchant who ships delivered duty paid.

    Args:
        parcel: for which.
        territory: whose customs.
        money: how much was assessed.
        declaration: under which number.

    Raises Fault where the sum is none.
    """
    if money.amount <= 0:
        raise Fault(m.NO_SUM(money=money), m.WRITE_SUM(), field="amount", value=str(money.amount))
    owed = Account(OwnerKind.AUTHORITY.value, territory, Purpose.DUTIES.value, money.currency)
    return posting.post(
        connection,
        Draft(
            key=f"advance:{act.key}",
            kind="duties_advanced",
            at=act.at,
            by=act.by,
            subject=parcel,
            lines=(
                debit(merchant(tenant, Purpose.ADVANCED, money.currency), money, parcel),
                credit(owed, money, parcel),
            ),
            told={"declaration": declaration[:80]},
        ),
    )


def issue(
    connection: Connection, act: Act, tenant: str, since: datetime, until: datetime, currency: str = ""
) -> list[Invoice]:
    """Invoices a merchant for what was carried in a period and for what was advanced, one invoice a currency.

    What is invoiced is invoiced once; where nothing is left there is no invoice.

    Raises NotFound where the hub or the merchant has not said who it is.
    """
    made: list[Invoice] = []
    with as_the_house(connection):
        seller, buyer = parties.needed(connection, parties.HUB), parties.needed(connection, tenant)
        cash.queue(connection, f"invoice|{tenant}")
        for each in [currency] if currency else store.currencies(connection, tenant, since, until):
            carried = store.to_invoice(connection, tenant, each, since, until)
            advanced = store.advances(connection, tenant, each)
            beside = charging.waiting(connection, tenant, each, until)
            on = act.at.date()
            charges = [
                Charge(
                    "freight",
                    c.parcel,
                    f"{c.start} – {c.end}, {c.city}",
                    Money(c.price, each).rounded().amount,
                    *taxed(seller, buyer, c.start, c.end, on),
                )
                for c in carried
            ]
            charges += [
                Charge("advance", parcel, "", open_sum, *taxed(seller, buyer, "", "", on, "advance"))
                for parcel, open_sum in advanced
            ]
            charges += [
                Charge(p.kind, p.subject, p.said, p.money.amount, *taxed(seller, buyer, p.start, p.end, on))
                for p in beside
            ]
            if charges:
                due = on + timedelta(days=int(law_rules.term("invoice_due_days", on)))
                drawn = Invoice("", "invoice", "", tenant, on, due, each, seller, buyer, tuple(charges))
                invoice = _numbered(connection, act, drawn)
                subjects = [*(c.booking for c in carried), *(f"charge:{p.key}" for p in beside)]
                store.mark(connection, tenant, invoice.number, subjects)
                made.append(invoice)
    return made


def correct(connection: Connection, act: Act, number: str, parcels: list[str], why: str) -> Invoice:
    """A credit note: takes lines of an invoice back, or all of it where no parcels are named.

    Raises NotFound, Fault where no reason is given, Conflict where a line was taken back before or is none of the invoice.
    """
    if not why.strip():
        raise Fault(m.SAY_WHY(), field="why")
    with as_the_house(connection):
        cash.queue(connection, f"correct|{number}")
        found = _found(connection, number)
        if found.kind != "invoice":
            raise Conflict(m.NO_INVOICE(number=number), field="number", value=number)
        known = store.corrections(connection, number)
        for one in known:
            if one.note == f"{why.strip()[:400]} [{act.key}]":
                return one
        taken = {(c.kind, c.subject) for one in known for c in one.charges}
        left = [c for c in found.charges if (c.kind, c.subject) not in taken]
        wanted = [c for c in left if not parcels or c.subject in parcels]
        if not wanted or set(parcels) - {c.subject for c in wanted}:
            raise Conflict(m.NOTHING_TO_CREDIT(number=number), field="parcels", value=", ".join(parcels)[:80])
        drawn = replace(
            found,
            number="",
            kind="credit_note",
            corrects=number,
            issued_on=act.at.date(),
            due_on=act.at.date(),
            charges=tuple(wanted),
            note=f"{why.strip()[:400]} [{act.key}]",
        )
        return _numbered(connection, act, drawn)


def _numbered(connection: Connection, act: Act, drawn: Invoice) -> Invoice:
    """The invoice with the next number of its year, booked and kept."""
    series = f"{'F' if drawn.kind == 'invoice' else 'A'}{drawn.issued_on.year}"
    n = store.next_number(connection, series)
    invoice = replace(drawn, number=f"{series}-{n:06}")
    posted = posting.post(connection, _draft(act, invoice))
    store.add(connection, invoice, series, n, posted.entry)
    return invoice


def _draft(act: Act, invoice: Invoice) -> Draft:
    currency = invoice.currency
    about = invoice.corrects or invoice.number
    lines: list[Line] = [debit(merchant(invoice.tenant, Purpose.RECEIVABLE, currency), invoice.gross, about)]
    earned = sum((c.amount for c in invoice.charges if c.kind != "advance"), Decimal(0))
    if earned:
        lines.append(credit(hub(Purpose.FREIGHT, currency), Money(earned, currency)))
    if invoice.tax.amount:
        vat = Account(OwnerKind.AUTHORITY.value, invoice.seller.country, Purpose.VAT.value, currency)
        lines.append(credit(vat, invoice.tax))
    lines += [
        credit(merchant(invoice.tenant, Purpose.ADVANCED, currency), Money(c.amount, currency), c.subject)
        for c in invoice.charges
        if c.kind == "advance"
    ]
    sign = 1 if invoice.kind == "invoice" else -1
    return Draft(
        key=f"{invoice.kind}:{invoice.number}",
        kind=invoice.kind,
        at=act.at,
        by=act.by,
        subject=about,
        lines=tuple(Line(x.account, x.amount * sign, x.subject) for x in lines),
    )


def pay(connection: Connection, act: Act, number: str, money: Money, how: str) -> Posted:
    """Pays an invoice, whole or in part.

    Args:
        how: `bank`, or `wallet` for the merchant's prepaid money.

    Raises NotFound; Fault where it is none of the two or the sum is none; Conflict where less is open; NotThere where the
    wallet holds less.
    """
    with as_the_house(connection):
        cash.queue(connection, f"pay|{number}")
        found = _found(connection, number)
        if how not in ("bank", "wallet"):
            raise Fault(m.NO_WAY_TO_PAY(how=how[:40]), field="how", value=how[:40])
        if money.currency != found.currency or money.amount <= 0:
            raise Fault(m.NO_SUM(money=money), m.WRITE_SUM(), field="amount", value=str(money.amount))
        if books.by_key(connection, f"paid:{act.key}") is None:
            left = dict(store.open_of(connection, found.tenant, found.currency)).get(number, Decimal(0))
            if money.amount > left:
                raise Conflict(
                    m.LESS_OPEN(number=number, money=Money(left, found.currency)),
                    field="amount",
                    value=str(money.amount),
                )
        lines = [credit(merchant(found.tenant, Purpose.RECEIVABLE, money.currency), money, number)]
        if how == "bank":
            lines.append(debit(hub(Purpose.BANK, money.currency), money))
        else:  # prepaid money becomes the hub's own, and leaves the clients' account
            lines += [
                debit(merchant(found.tenant, Purpose.WALLET, money.currency), money),
                debit(hub(Purpose.BANK, money.currency), money),
                credit(hub(Purpose.CLIENTS, money.currency), money),
            ]
        return posting.post(
            connection,
            Draft(
                key=f"paid:{act.key}",
                kind="invoice_paid",
                lines=tuple(lines),
                at=act.at,
                by=act.by,
                subject=number,
                told={"how": how},
            ),
        )


def _found(connection: Connection, number: str) -> Invoice:
    found = store.one(connection, number)
    if found is None:
        raise NotFound(m.NO_INVOICE(number=number[:80]), field="number", value=number[:80])
    return found
