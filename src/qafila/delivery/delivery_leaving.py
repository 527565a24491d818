"""A merchant's deliveries and what proves them as a CSV, to take along."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.spreadsheet import inert

_HEADINGS = (
    "parcel", "attempt", "at", "outcome", "reason", "left_at", "name", "signature", "photo_bytes", "by_code", "collected", "currency", "by",
)  # fmt: skip


def proofs_of_all(connection: Connection, context: Context) -> Iterator[bytes]:
    """Every attempt at a door with parcels of the context's tenant, by parcel."""
    yield _written(_HEADINGS)
    for row in connection.execute(
        text(
            "SELECT parcel, attempt, at, outcome, reason, left_at, name, signature, coalesce(length(photo), 0), by_code, collected, currency, "
            "by FROM delivery_proofs WHERE merchant_id = :t ORDER BY parcel, attempt"
        ),
        {"t": context.tenant},
    ):
        yield _written(tuple("" if value is None else str(value) for value in row))


def _written(row: tuple[str, ...]) -> bytes:
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(map(inert, row))
    return line.getvalue().encode()
