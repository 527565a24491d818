"""Days on which things go wrong: every parcel ends, with a true history and its money where it belongs."""

from __future__ import annotations

from tests.delivery.mishaps import Days


def test_whatever_goes_wrong_every_parcel_ends_and_every_coin_is_found() -> None:
    days = Days(1, 12)
    days.run()
    assert days.wrong() == []
    assert days.happened["stolen"] + days.happened["driver fell out"] + days.happened["refused"] > 0
