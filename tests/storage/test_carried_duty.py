"""Duty that comes back when goods leave again: by territory, day and what leaves at once; each row says its source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from qafila.core.money import Money, exchange_rates
from qafila.storage import carried_duty
from tests.shipping.bookables import order


@pytest.mark.parametrize(
    ("territory", "worth", "share"),
    [
        ("US", "10", "0.99"),
        ("EU", "90000", "0"),
        ("GB", "10", "0"),
        ("MA", "10", "0"),
        ("AE", "300", "0"),
        ("AE", "40000", "1"),
        ("SA", "4999", "0"),
        ("XX", "10", "0"),
    ],
)
def test_a_parcel_gets_back_what_its_territory_gives_for_so_much(
    territory: str, worth: str, share: str
) -> None:
    made = order("A-1")
    item = replace(made.items[0], quantity=1, unit_value=Money(Decimal(worth), "USD"))
    context = SimpleNamespace(rules=SimpleNamespace(rates=exchange_rates()))
    facility = SimpleNamespace(territory=territory)
    found = carried_duty._given_back(
        cast(Any, context), cast(Any, facility), replace(made, items=(item,)), date(2026, 11, 30)
    )
    assert found == Decimal(share)


def test_each_row_names_its_source_and_the_day_it_was_read_and_no_two_overlap() -> None:
    rows = carried_duty.shares()
    assert {row.confidence for row in rows} <= {"official", "secondary", "indicative"}
    for row in rows:
        assert len(row.source) > 30
        assert row.read >= row.valid_from
        before = carried_duty.drawback(row.territory, row.valid_from - timedelta(days=1))
        assert before is None or before.valid_to == row.valid_from - timedelta(days=1)
        assert carried_duty.drawback(row.territory, row.valid_from) is row
