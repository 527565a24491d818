"""A promise beside the history: the day is the destination's, and what cannot be said is not said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qafila.tracking.event import ParcelEvent
from qafila.tracking.promised import Standing, promised
from qafila.tracking.status import State, status
from tests.tracking.test_status import PLAN, WAY, at, event

ZONE = "Europe/Paris"
END = datetime(2027, 3, 1, 22, 59, tzinfo=UTC)  # 23:59 of 1 March in Paris; the plan arrives at 18:20 UTC


def told(known: int, minute: float, by: datetime = END) -> tuple[str, datetime | None, int]:
    now = at(minute)
    found = promised(by, status(PLAN + WAY[:known], now), ZONE, now)
    assert found is not None
    assert found.by == by
    return found.standing.value, found.arrival, found.days_late


def test_it_holds_while_the_parcel_is_expected_in_time() -> None:
    assert told(0, 0) == ("holds", at(1100), 0)
    assert told(1, 70) == ("holds", at(1100), 0)


@pytest.mark.parametrize(
    ("by", "days"),
    [
        (END, 0),
        (END - timedelta(days=1), 1),
        (END - timedelta(days=2), 2),
        (at(1099), 1),  # the same day, yet after it: never "0 days late"
    ],
)
def test_days_late_are_days_of_the_calendar(by: datetime, days: int) -> None:
    assert told(8, 900, by) == ("late" if days else "holds", at(1100), days)
    # delivered at minute 1090: a promise by 1099 is kept though it was expected after it
    late = days if by < at(1090) else 0
    assert told(10, 1200, by) == ("broken" if late else "kept", at(1090), late)


def test_days_are_those_of_the_destination() -> None:
    """A quarter past midnight in Paris is the next day there and not in London."""
    now = at(0)
    seen = status([*PLAN, event(ParcelEvent.DELIVERED, 1395)], now)  # 23:15 UTC
    for zone, by, days in ((ZONE, END, 1), ("Europe/London", END + timedelta(hours=1), 0)):
        found = promised(by, seen, zone, now)
        assert found is not None
        assert found.days_late == days, zone


def test_without_a_time_of_arrival_it_is_open_until_the_day_is_over() -> None:
    missed = [*PLAN, *WAY[:3], event(ParcelEvent.ARRIVED, 600, "CDG")]  # its truck left at 500
    for now, standing, days in ((at(610), Standing.OPEN, 0), (END + timedelta(days=2), Standing.LATE, 2)):
        seen = status(missed, now)
        assert seen.missed is not None
        found = promised(END, seen, ZONE, now)
        assert found is not None
        assert (found.standing, found.arrival, found.days_late) == (standing, None, days)
    assert told(9, 1440 * 2)[:2] == ("late", None)  # silent since it went out for delivery


def test_what_is_expected_any_moment_is_not_expected_in_the_past() -> None:
    by = at(1100)
    assert told(9, 1110, by) == ("late", at(1110), 1)


def test_a_parcel_that_does_not_come_any_more_has_no_promise() -> None:
    for type in (ParcelEvent.RETURNING, ParcelEvent.LOST):
        seen = status([*PLAN, *WAY[:8], event(type, 900, "LYS")], at(950))
        assert promised(END, seen, ZONE, at(950)) is None
    seen = status([*PLAN, event(ParcelEvent.CANCELLED, 5)], at(10))
    assert seen.state is State.CANCELLED
    assert promised(END, seen, ZONE, at(10)) is None
