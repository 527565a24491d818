"""What was printed for a merchant's parcels, to take along: labels, invoices and customs forms as PDF."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.shipping import printed

_AT_ONCE = 100  # bookings in a file


def papers_of_all(connection: Connection, context: Context) -> Iterator[tuple[str, bytes]]:
    """The papers of every booking that stands, by month; a list says in which file a booking is, and what could not be printed."""
    bookings = connection.execute(
        text(
            "SELECT booking_id, to_char(booked_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month FROM bookings "
            "WHERE merchant_id = :t AND cancelled_at IS NULL ORDER BY booked_at, booking_id"
        ),
        {"t": context.tenant},
    ).all()
    months: dict[str, list[str]] = {}
    for booking, month in bookings:
        months.setdefault(month, []).append(booking)
    listed: list[tuple[str, str, str]] = []
    for month, ids in months.items():
        for number, at in enumerate(range(0, len(ids), _AT_ONCE), 1):
            some = ids[at : at + _AT_ONCE]
            yield from _printed(connection, context, f"{month}-{number:03d}", some, listed)
    yield "list.csv", _written([("booking", "file", "why_not"), *sorted(listed)])


def _printed(
    connection: Connection, context: Context, name: str, ids: list[str], listed: list[tuple[str, str, str]]
) -> Iterator[tuple[str, bytes]]:
    """Labels and documents of some bookings; where one of them cannot be printed, each by itself."""
    shipments = [one for one in printed.booked(connection, ids) if one is not None]
    try:
        made = [
            (f"{name}-labels.pdf", printed.labels(shipments, context).content),
            (f"{name}-documents.pdf", printed.papers(shipments, context).content),
        ]
    except Exception as error:  # a network or rules of another day: the rows have all that a paper says
        if len(ids) == 1:
            listed.append((ids[0], "", f"{type(error).__name__}: {error}"[:200]))
            return
        for n, one in enumerate(ids, 1):
            yield from _printed(connection, context, f"{name}-{n:03d}", [one], listed)
        return
    listed += [(one, file, "") for one in ids for file, _ in made]
    yield from made


def _written(rows: list[tuple[str, str, str]]) -> bytes:
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerows(rows)
    return line.getvalue().encode()
