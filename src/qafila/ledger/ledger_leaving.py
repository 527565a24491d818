"""A merchant's side of the ledger as a CSV, to take along."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.spreadsheet import inert

_HEADINGS = ("at", "entry", "kind", "account", "currency", "amount", "subject")


def lines_of_all(connection: Connection, context: Context) -> Iterator[bytes]:
    """Every line on accounts of the context's tenant, the oldest first: debits above zero, credits below."""
    yield _written(_HEADINGS)
    for row in connection.execute(
        text(
            "SELECT e.at, l.entry, e.kind, a.purpose, l.currency, l.amount, coalesce(nullif(l.subject, ''), e.subject) "
            "FROM ledger_lines l JOIN ledger_accounts a USING (account) JOIN ledger_entries e USING (entry) "
            "WHERE l.tenant_id = :t ORDER BY e.at, l.entry, l.line"
        ),
        {"t": context.tenant},
    ):
        yield _written((row[0].isoformat(), *(str(value) for value in row[1:])))


def _written(row: tuple[str, ...]) -> bytes:
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(map(inert, row))
    return line.getvalue().encode()
