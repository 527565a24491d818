"""What the law keeps for the post."""

from __future__ import annotations

from datetime import date

import pytest

from qafila.delivery.delivery_reserving import reserved


@pytest.mark.parametrize(
    ("country", "grams", "on", "kept"),
    [
        ("MA", 1000, date(2026, 11, 30), True),
        ("MA", 1001, date(2026, 11, 30), False),
        ("MA", 500, date(1924, 11, 24), False),
        ("FR", 500, date(2026, 11, 30), False),
    ],
)
def test_light_items_are_the_posts_in_morocco(country: str, grams: int, on: date, kept: bool) -> None:
    found = reserved(country, grams, on)
    assert (found is not None) is kept
    if found is not None:
        assert found.confidence == "indicative"
        assert "1924" in str(found.said)
