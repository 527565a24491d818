"""The SQL of invoices: their numbers without gaps, what was invoiced, what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.ledger.invoices.model import Invoice, charges_from, document
from qafila.ledger.parties import of


@dataclass(frozen=True, slots=True)
class Carried:
    """A booking that can be invoiced: its parcel, its price and its way."""

    booking: str
    parcel: str
    price: Decimal
    start: str
    end: str
    city: str
    booked_at: datetime


def next_number(connection: Connection, series: str) -> int:
    """Takes the next number of a series: whoever issues another waits until this transaction ends, and if it fails the number
    is taken by the next."""
    connection.execute(
        text("INSERT INTO invoice_series (series) VALUES (:s) ON CONFLICT DO NOTHING"), {"s": series}
    )
    return int(
        connection.execute(
            text("UPDATE invoice_series SET last = last + 1 WHERE series = :s RETURNING last"), {"s": series}
        ).scalar_one()
    )


def add(connection: Connection, made: Invoice, series: str, n: int, entry: int) -> None:
    """Keeps an invoice. The database refuses one whose predecessor is missing."""
    connection.execute(
        text(
            "INSERT INTO invoices (number, series, n, tenant_id, kind, corrects, issued_on, due_on, currency, net, tax, gross, "
            "document, entry) VALUES (:number, :series, :n, :tenant, :kind, :corrects, :issued, :due, :currency, :net, :tax, "
            ":gross, CAST(:document AS jsonb), :entry)"
        ),
        {
            "number": made.number,
            "series": series,
            "n": n,
            "tenant": made.tenant,
            "kind": made.kind,
            "corrects": made.corrects or None,
            "issued": made.issued_on,
            "due": made.due_on,
            "currency": made.currency,
            "net": made.net.amount,
            "tax": made.tax.amount,
            "gross": made.gross.amount,
            "document": orjson.dumps(document(made)).decode(),
            "entry": entry,
        },
    )


_COLUMNS = "number, kind, corrects, tenant_id, issued_on, due_on, currency, document"


def _invoice(row: Any) -> Invoice:
    written = row.document
    return Invoice(
        row.number,
        row.kind,
        row.corrects or "",
        row.tenant_id,
        row.issued_on,
        row.due_on,
        row.currency,
        of(written["seller"]),
        of(written["buyer"]),
        charges_from(written["charges"]),
        written.get("note", ""),
    )


def one(connection: Connection, number: str) -> Invoice | None:
    """An invoice or credit note, or None."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM invoices WHERE number = :n"), {"n": number}
    ).one_or_none()
    return None if row is None else _invoice(row)


def listed(connection: Connection, tenant: str = "", limit: int = 200) -> list[Invoice]:
    """Invoices and credit notes of a merchant, or all that who asks may see, the newest first."""
    rows = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM invoices WHERE (:t = '' OR tenant_id = :t) ORDER BY issued_on DESC, n DESC LIMIT :n"
        ),
        {"t": tenant, "n": limit},
    )
    return [_invoice(row) for row in rows]


def corrections(connection: Connection, number: str) -> list[Invoice]:
    """The credit notes to an invoice."""
    rows = connection.execute(
        text(f"SELECT {_COLUMNS} FROM invoices WHERE corrects = :n ORDER BY n"), {"n": number}
    )
    return [_invoice(row) for row in rows]


def open_of(connection: Connection, tenant: str, currency: str) -> list[tuple[str, Decimal]]:
    """The invoices of a merchant that are not paid whole, the oldest first, with what is open of each."""
    rows = connection.execute(
        text(
            "SELECT i.number, sum(l.amount) AS open FROM invoices i "
            "JOIN ledger_accounts a ON a.owner_kind = 'merchant' AND a.owner = i.tenant_id AND a.purpose = 'receivable' "
            "  AND a.currency = i.currency "
            "JOIN ledger_lines l ON l.account = a.account AND l.subject = i.number "
            "WHERE i.tenant_id = :t AND (:c = '' OR i.currency = :c) GROUP BY i.number, i.issued_on, i.n "
            "HAVING sum(l.amount) <> 0 ORDER BY i.issued_on, i.n"
        ),
        {"t": tenant, "c": currency},
    )
    return [(r.number, r.open) for r in rows]


def to_invoice(
    connection: Connection, tenant: str, currency: str, since: datetime, until: datetime
) -> list[Carried]:
    """Bookings of a period that stand and are not invoiced yet, by when they were made; those that a merchant brought are
    invoiced by the installation that they were made at."""
    rows = connection.execute(
        text(
            "SELECT b.booking_id, (SELECT min(p.number) FROM shipments s JOIN parcels p USING (merchant_id, shipment_id) "
            "  WHERE (s.merchant_id, s.booking_id) = (b.merchant_id, b.booking_id)) AS parcel, b.price, "
            "  o.document->'sender'->>'country' AS start, o.document->'receiver'->>'country' AS end, "
            "  o.document->'receiver'->>'city' AS city, b.booked_at "
            "FROM bookings b JOIN orders o USING (merchant_id, order_id) "
            "WHERE b.merchant_id = :t AND b.currency = :c AND b.cancelled_at IS NULL AND b.price > 0 "
            "AND b.booked_at >= :s AND b.booked_at < :u AND NOT EXISTS (SELECT FROM invoiced i WHERE i.subject = b.booking_id) "
            "AND NOT EXISTS (SELECT FROM brought_bookings x WHERE (x.tenant_id, x.booking_id) = (b.merchant_id, b.booking_id)) "
            "ORDER BY b.booked_at, b.booking_id"
        ),
        {"t": tenant, "c": currency, "s": since, "u": until},
    )
    return [Carried(*row) for row in rows]


def currencies(connection: Connection, tenant: str, since: datetime, until: datetime) -> list[str]:
    """The currencies in which something of a merchant may be invoiced."""
    return list(
        connection.execute(
            text(
                "SELECT currency FROM bookings WHERE merchant_id = :t AND booked_at >= :s AND booked_at < :u "
                "UNION SELECT currency FROM ledger_accounts WHERE owner = :t AND purpose = 'advanced' "
                "UNION SELECT currency FROM ledger_charges WHERE tenant_id = :t AND at < :u ORDER BY 1"
            ),
            {"t": tenant, "s": since, "u": until},
        ).scalars()
    )


def advances(connection: Connection, tenant: str, currency: str) -> list[tuple[str, Decimal]]:
    """What was advanced for a merchant and is not invoiced: parcels with how much."""
    rows = connection.execute(
        text(
            "SELECT l.subject, sum(l.amount) AS open FROM ledger_lines l JOIN ledger_accounts a USING (account) "
            "WHERE a.owner = :t AND a.purpose = 'advanced' AND a.currency = :c GROUP BY l.subject HAVING sum(l.amount) > 0 "
            "ORDER BY l.subject"
        ),
        {"t": tenant, "c": currency},
    )
    return [(r.subject, r.open) for r in rows]


def mark(connection: Connection, tenant: str, number: str, subjects: Sequence[str]) -> None:
    """Notes what was invoiced. Raises IntegrityError where something was invoiced before."""
    if subjects:
        connection.execute(
            text("INSERT INTO invoiced (subject, number, tenant_id) VALUES (:s, :n, :t)"),
            [{"s": s, "n": number, "t": tenant} for s in subjects],
        )
