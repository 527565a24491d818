"""Invoices, credit notes and statements as PDF, in the reader's language; statements as CSV, too."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from qafila.core.message import AS_IT_IS, Message, Value
from qafila.core.message_json import from_json
from qafila.core.money import Money
from qafila.core.spreadsheet import inert
from qafila.ledger import ledger_messages as m
from qafila.ledger.invoices.model import Invoice
from qafila.ledger.parties import Party, of
from qafila.ledger.remitting.store import Remittance
from qafila.runtime.language import Language, render
from qafila.shipping.papers.labels import printable
from qafila.shipping.papers.typesetting import typeset_money


def invoice_pdf(invoice: Invoice, language: Language) -> bytes:
    """An invoice or credit note as a PDF. Raises FontsMissing."""
    return typeset_money([invoice_record(invoice, language)])


def statement_pdf(remittance: Remittance, own: Party | None, language: Language) -> bytes:
    """The statement of a remittance as a PDF. Raises FontsMissing."""
    return typeset_money([statement_record(remittance, own, language)])


def invoice_record(invoice: Invoice, language: Language) -> dict[str, Any]:
    """What the typesetting room needs of an invoice, all words in a language."""

    def say(message: Message) -> str:
        return render(message, language)

    def money(amount: Decimal) -> str:
        return _said(Money(amount, invoice.currency), language)

    facts = [(m.ISSUED_ON(), _said(invoice.issued_on, language))]
    if invoice.kind == "invoice":
        facts.append((m.DUE_ON(), _said(invoice.due_on, language)))
    if invoice.corrects:
        facts.append((m.CORRECTS(), invoice.corrects))
    facts.append((m.CURRENCY(), invoice.currency))
    totals = [[say(m.NET()), money(invoice.net.amount), False]]
    for part in invoice.taxes:
        base = Money(part.base, invoice.currency)
        if part.rate:
            totals.append([say(m.TAX(rate=part.rate.normalize(), base=base)), money(part.tax), False])
        else:
            totals.append([say(m.NO_TAX(category=part.category, base=base)), money(part.tax), False])
    totals.append([say(m.GROSS()), money(invoice.gross.amount), True])
    notes = [say(m.NO_TAX_BECAUSE[t.category]()) for t in invoice.taxes if t.category in m.NO_TAX_BECAUSE]
    if invoice.note:
        notes.insert(0, printable(invoice.note.rpartition(" [")[0] or invoice.note))
    return {
        "language": language.code,
        "title": say(m.INVOICE() if invoice.kind == "invoice" else m.CREDIT_NOTE()),
        "number": invoice.number,
        "from": _party(invoice.seller, say(m.FROM())),
        "to": _party(invoice.buyer, say(m.TO())),
        "facts": [[say(name), what] for name, what in facts],
        "widths": [3, 2, 3, 1, 2],
        "ends": [False, False, False, True, True],
        "headings": [say(m.WHAT()), say(m.PARCEL()), "", say(m.TAX_RATE()), say(m.AMOUNT())],
        "rows": [
            [
                say(m.CHARGES[c.kind]()),
                printable(c.subject),
                printable(c.said),
                f"{c.rate.normalize():f} %" if c.rate else c.category,
                money(c.amount),
            ]
            for c in invoice.charges
        ],
        "totals": totals,
        "notes": notes,
        "foot": printable(invoice.seller.name),
    }


def statement_record(remittance: Remittance, own: Party | None, language: Language) -> dict[str, Any]:
    """What the typesetting room needs of a statement, all words in a language."""

    def say(message: Message) -> str:
        return render(message, language)

    def money(amount: Decimal | str) -> str:
        return _said(Money(Decimal(amount), remittance.currency), language)

    to = of(remittance.document["to"]) if remittance.document["to"] else None
    facts = [
        (m.UNTIL(), _said(remittance.until, language)),
        (m.STATE(), say(m.STATES[remittance.state]())),
        (m.CURRENCY(), remittance.currency),
    ]
    if to is not None and to.iban:
        facts.append((m.TO_ACCOUNT(), to.iban))
    notes = [remittance.document.get(name) for name in ("why", "abroad")]
    return {
        "language": language.code,
        "title": say(m.STATEMENT()),
        "number": remittance.id[-12:],
        "from": _party(own, say(m.FROM())),
        "to": _party(to, say(m.TO())),
        "facts": [[say(name), what] for name, what in facts],
        "widths": [2, 2, 2, 2, 2, 2],
        "ends": [False, False, False, True, True, True],
        "headings": [say(x()) for x in (m.DAY, m.ORDER, m.PARCEL, m.DUE, m.COLLECTED, m.FEE)],
        "rows": [
            [
                _said(_day(item["at"]), language),
                printable(item["order_id"]),
                item["parcel"],
                money(item["due"]),
                money(item["kept"]),
                money(item["fee"]),
            ]
            for item in remittance.document["items"]
        ],
        "totals": [[say(name), what, strong] for name, what, strong in _sums(remittance, money)],
        "notes": [say(from_json(note)) for note in notes if note],
        "foot": own.name if own else "qafila",
    }


def _sums(remittance: Remittance, money: Any) -> list[tuple[Message, str, bool]]:
    rows = [(m.COLLECTED(), money(remittance.collected), False)]
    if remittance.brought:
        rows.append((m.BROUGHT(), money(remittance.brought), False))
    rows.append((m.FEES(), money(-remittance.fee), False))
    if remittance.tax:
        rows.append(
            (m.FEES_TAX(rate=Decimal(remittance.document["tax"]["rate"])), money(-remittance.tax), False)
        )
    if remittance.set_off:
        rows.append((m.SET_OFF(), money(-remittance.set_off), False))
    return [*rows, (m.REMITTED(), money(remittance.net), True)]


def _day(instant: str | datetime) -> date:
    return (datetime.fromisoformat(instant) if isinstance(instant, str) else instant).date()


def _party(party: Party | None, title: str) -> dict[str, Any]:
    if party is None:
        return {"title": title, "name": "–", "rows": []}
    numbers = [
        f"{name} {number}"
        for name, number in (
            ("ICE", party.ice),
            ("VAT", party.vat),
            ("", party.registration),
            ("", party.email),
        )
        if number
    ]
    return {
        "title": title,
        "name": printable(party.name),
        "rows": [
            *map(printable, party.address()),
            party.country,
            *(printable(number.strip()) for number in numbers),
        ],
    }


def _said(value: Value, language: Language) -> str:
    """A value as a reader of a language writes it."""
    return render(AS_IT_IS(text=value), language)


_HEADINGS = (
    "remittance", "currency", "at", "order", "parcel", "due", "collected", "fee", "outcome",
)  # fmt: skip


def statement_csv(remittance: Remittance) -> str:
    """The collections of a statement as CSV, for programs: a line each, then one for each sum."""
    written = StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(_HEADINGS)
    for item in remittance.document["items"]:
        at = item["at"] if isinstance(item["at"], str) else item["at"].isoformat()
        cells = (
            remittance.id,
            remittance.currency,
            at,
            item["order_id"],
            item["parcel"],
            item["due"],
            item["kept"],
            item["fee"],
            item["outcome"],
        )
        rows.writerow(map(inert, cells))
    for name in ("collected", "brought", "fee", "tax", "set_off", "net"):
        rows.writerow(
            [remittance.id, remittance.currency, "", name, "", "", f"{getattr(remittance, name):f}", "", ""]
        )
    return written.getvalue()
