"""What a merchant owes beside the carriage of bookings, kept until his next invoice: the way back of a return."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from qafila.core.money import Money
from qafila.core.values import value
from qafila.runtime.database.connection import as_the_house


@value
class Pending:
    """A charge that waits for an invoice.

    Attributes:
        key: its own for good: told again, it is the same charge.
        kind: a key of the charges that invoices know.
        subject: what it is about, unique on an invoice.
        start, end: the countries between which something was carried, for its tax.
    """

    key: str
    tenant: str
    kind: str
    subject: str
    said: str
    money: Money
    start: str
    end: str
    at: datetime


def charge(connection: Connection, made: Pending) -> bool:
    """Keeps a charge, in the caller's transaction; returns whether it is new."""
    with as_the_house(connection):
        return bool(
            connection.execute(
                text(
                    "INSERT INTO ledger_charges (charge, tenant_id, kind, subject, said, amount, currency, start, ending, at) VALUES "
                    "(:k, :t, :kind, :s, :said, :a, :c, :start, :end, :at) ON CONFLICT DO NOTHING"
                ),
                {
                    "k": made.key,
                    "t": made.tenant,
                    "kind": made.kind,
                    "s": made.subject,
                    "said": made.said,
                    "a": made.money.amount,
                    "c": made.money.currency,
                    "start": made.start,
                    "end": made.end,
                    "at": made.at,
                },
            ).rowcount
        )


def waiting(connection: Connection, tenant: str, currency: str, until: datetime) -> list[Pending]:
    """Charges of a merchant until an instant that are on no invoice yet."""
    rows = connection.execute(
        text(
            "SELECT charge, tenant_id, kind, subject, said, amount, start, ending, at FROM ledger_charges c WHERE tenant_id = :t "
            "AND currency = :c AND at < :u AND NOT EXISTS (SELECT FROM invoiced i WHERE i.subject = 'charge:' || c.charge) "
            "ORDER BY at, charge"
        ),
        {"t": tenant, "c": currency, "u": until},
    )
    return [
        Pending(
            r.charge,
            r.tenant_id,
            r.kind,
            r.subject,
            r.said,
            Money(r.amount, currency),
            r.start,
            r.ending,
            r.at,
        )
        for r in rows
    ]
