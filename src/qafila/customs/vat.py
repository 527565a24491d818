"""The VAT of the 27: the shipped, dated table, brought up to date by the Commission's database (TEDB)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import eu_vat_rates_data as tedb

from qafila.customs import customs_messages as m
from qafila.customs.expressions import Rate
from qafila.customs.rate_tables import RateTable, Row


def vat_table(shipped: RateTable) -> RateTable:
    """The shipped table; where the installed data know a newer standard rate, that rate from their date on.

    Only standard rates are taken from there: the data say which reduced rates exist, not for which goods.
    """
    updated = date.fromisoformat(tedb.data_version)
    rows = list(shipped.rows)
    for row in [r for r in rows if not r.hs and r.valid_to is None]:
        current = tedb.get_standard_rate(row.country)
        if current is None or updated <= row.valid_from:
            continue
        percent = Decimal(str(current))
        if percent != row.rate.percent:
            rows.remove(row)
            rows.append(_until(row, updated - timedelta(days=1)))
            rows.append(
                Row(
                    "",
                    Rate(percent),
                    f"{current} %",
                    updated,
                    None,
                    "official",
                    m.TAXES_IN_EUROPE(version=tedb.data_version),
                    None,
                    row.country,
                )
            )
    return RateTable(shipped.name, rows)


def _until(row: Row, last: date) -> Row:
    return Row(
        row.hs, row.rate, row.text, row.valid_from, last, row.confidence, row.source, row.note, row.country
    )
