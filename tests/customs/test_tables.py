from __future__ import annotations

from datetime import date

import pytest

from qafila.core.fault import Fault
from qafila.customs.rate_tables import read_table
from qafila.customs.rulebook import rulebook

TABLE = """# comment
hs,rate,valid_from,valid_to,country
,20 %,,,
61-62,12 %,,2023-12-31,
61-62,10 %,2024-01-01,,
6109,8 %,,,
4901,5 %,,,DE FR
"""


def test_the_longest_prefix_in_force_wins() -> None:
    table = read_table("test", TABLE.splitlines())

    def rate(hs: str, on: str = "2026-01-01", country: str = "") -> str:
        row = table.find(hs, date.fromisoformat(on), country)
        return "" if row is None else row.text

    assert rate("610910") == "8 %"
    assert rate("611010") == "10 %"
    assert rate("620110", "2023-12-31") == "12 %"
    assert rate("640399") == "20 %"
    assert rate("490199", country="DE") == "5 %"
    assert rate("490199", country="IT") == "20 %"


@pytest.mark.parametrize("line", ["61x,5 %,,,", "6109,five,,,", "6109,5 %,yesterday,,", "61-6210,5 %,,,"])
def test_a_bad_row_is_named(line: str) -> None:
    with pytest.raises(Fault, match="row 1"):
        read_table("test", ["hs,rate,valid_from,valid_to,country", line])


def test_every_shipped_table_covers_every_chapter_and_overlaps_nowhere() -> None:
    days = [date(2021, 3, 1), date(2023, 7, 1), date(2025, 3, 1), date(2026, 11, 23)]
    for territory in rulebook().territories.values():
        for charge in territory.charges:
            if charge.table is None:
                continue
            for country in territory.countries:
                for on in days:
                    if not charge.in_force(on):
                        continue
                    assert charge.table.find("610910", on, country), (charge.rule.id, country, on)
            seen: dict[tuple[str, str], list[tuple[date, date]]] = {}
            for row in charge.table.rows:
                spans = seen.setdefault((row.country, row.hs), [])
                end = row.valid_to or date.max
                for start, until in spans:
                    assert end < start or until < row.valid_from, (charge.rule.id, row.hs, row.country)
                spans.append((row.valid_from, end))
