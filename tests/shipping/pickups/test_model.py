"""The window that a pick-up's form offers: still possible, and in working hours where it can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qafila.shipping.pickups.model import checked_window, coming_window

CASABLANCA, SHANGHAI = ZoneInfo("Africa/Casablanca"), ZoneInfo("Asia/Shanghai")


def _at(zone: ZoneInfo, text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "opens", "closes"),
    [
        ("30T05:12", "30T09:00", "30T17:00"),
        ("29T09:05", "29T10:00", "29T17:00"),
        ("29T14:30", "29T15:00", "29T17:00"),
        ("29T15:30", "29T16:00", "29T17:00"),
        ("28T15:31", "29T09:00", "29T17:00"),
        ("28T23:59", "29T09:00", "29T17:00"),
    ],
)
def test_what_is_left_of_the_day_or_the_next(now: str, opens: str, closes: str) -> None:
    found = coming_window(_at(CASABLANCA, now).astimezone(UTC), CASABLANCA)
    assert found == (_at(CASABLANCA, opens), _at(CASABLANCA, closes))


def test_hours_are_those_of_the_place() -> None:
    opens, closes = coming_window(datetime(2026, 11, 29, 0, 10, tzinfo=UTC), SHANGHAI)
    assert (f"{opens:%H:%M}", f"{closes:%H:%M}") == ("09:00", "17:00")


def test_a_departure_that_does_not_wait_for_working_hours() -> None:
    now = _at(CASABLANCA, "28T18:10")
    assert coming_window(now, CASABLANCA, _at(CASABLANCA, "28T22:00")) == (
        _at(CASABLANCA, "28T19:00"),
        _at(CASABLANCA, "28T20:00"),
    )
    # too late for it in any case: the next working day
    assert coming_window(now, CASABLANCA, _at(CASABLANCA, "28T18:20"))[0] == _at(CASABLANCA, "29T09:00")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.sampled_from([CASABLANCA, SHANGHAI, ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")]),
    st.integers(-10, 100),
)
def test_what_is_offered_can_be_booked(now: datetime, zone: ZoneInfo, hours: int) -> None:
    opens, closes = coming_window(now, zone, now + timedelta(hours=hours))
    checked_window(opens.astimezone(UTC), closes.astimezone(UTC), now)
    assert opens > now
