"""Wall clocks against zoneinfo, and work in opening hours against a minute-by-minute reference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.network.clocks import Clocks, OpenTimes, holiday_dates, running_days
from qafila.network.model import Hours, LocalTime

EPOCH = datetime(2026, 2, 2, tzinfo=UTC)  # Morocco leaves UTC+1 for Ramadan on 15 February
DAYS = 63
# Lord Howe changes by 30 minutes; Kathmandu is at +5:45
ZONES = [
    "Africa/Casablanca",
    "America/New_York",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Europe/Paris",
]
CLOCKS = Clocks(ZONES, EPOCH, -10, DAYS + 10)


@given(zone=st.sampled_from(ZONES), minute=st.integers(0, DAYS * 1440))
def test_wall_clock_to_utc_is_what_zoneinfo_says(zone: str, minute: int) -> None:
    wall = (EPOCH + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo(zone))
    expected = (wall.astimezone(UTC) - EPOCH).total_seconds() / 60
    index = np.array([CLOCKS.index[zone]])
    assert CLOCKS.to_utc(index, np.array([minute]))[0] == expected
    instant = (EPOCH + timedelta(minutes=minute)).astimezone(ZoneInfo(zone))
    assert CLOCKS.offset(index, np.array([minute]))[0] == instant.utcoffset().total_seconds() / 60  # type: ignore[union-attr]


def test_ramadan_and_skipped_and_repeated_times() -> None:
    zone = ZoneInfo("Africa/Casablanca")
    assert datetime(2026, 2, 10, tzinfo=zone).utcoffset() == timedelta(hours=1)
    assert datetime(2026, 3, 1, tzinfo=zone).utcoffset() == timedelta(0)
    day = (datetime(2026, 3, 29) - EPOCH.replace(tzinfo=None)).days * 1440
    paris = np.array([CLOCKS.index["Europe/Paris"]] * 2)
    # 02:30 does not exist on 29 March: as if still at UTC+1; 03:00 is at UTC+2: both are 01:30 and 01:00 UTC
    assert CLOCKS.to_utc(paris, np.array([day + 150, day + 180])).tolist() == [day + 90, day + 60]


# a fortnight of Moroccan wall clock around the end of Ramadan (22 March) and around Eid, minute by minute
ZONE, FROM, LENGTH = "Africa/Casablanca", 40 * 1440, 14 * 1440
LOCAL = [(EPOCH + timedelta(minutes=FROM + m)).astimezone(ZoneInfo(ZONE)) for m in range(LENGTH)]
MINUTE = np.array([t.hour * 60 + t.minute for t in LOCAL])
WEEKDAY = np.array([t.weekday() for t in LOCAL])
HOLIDAY = np.array([t.date() in holiday_dates("MA", 2026, 2026) for t in LOCAL])

# from 04:00 on: an hour that the clock skips is a matter of the test above
spans = st.lists(
    st.builds(
        lambda days, opens, length, holidays: Hours(
            "H", f"{days:07b}", LocalTime(opens), LocalTime(min(1440, opens + length)), holidays
        ),
        st.integers(1, 127),
        st.integers(240, 1430),
        st.integers(1, 900),
        st.sampled_from(["", "MA"]),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(hours=spans, start=st.integers(0, LENGTH - 1), minutes=st.integers(1, 3000))
def test_work_and_latest_equal_counting_minute_by_minute(
    hours: list[Hours], start: int, minutes: int
) -> None:
    opens = OpenTimes(hours, [("H", ZONE)], CLOCKS, EPOCH, -2, DAYS)
    is_open = np.zeros(LENGTH, dtype=bool)  # whether the minute from m to m + 1 is worked
    for h in hours:
        day = np.array([d == "1" for d in h.days])[WEEKDAY]
        is_open |= day & (h.opens <= MINUTE) & (h.closes > MINUTE) & ~(HOLIDAY & (h.holidays == "MA"))
    found = int(opens.work(np.array([0]), np.array([FROM + start]), np.array([minutes]))[0]) - FROM
    worked = np.flatnonzero(is_open[start:])
    if len(worked) >= minutes:
        assert found == start + worked[minutes - 1] + 1
    else:
        assert found > LENGTH
    latest = int(opens.latest(np.array([0]), np.array([FROM + start]))[0]) - FROM
    before = np.flatnonzero(is_open[:start])
    # the instant itself is open where the minute after it is; else the end of the last minute worked
    if is_open[start]:
        assert latest == start
    elif len(before):
        assert latest == before[-1] + 1


def test_always_open_is_plain_addition() -> None:
    opens = OpenTimes([], [], CLOCKS, EPOCH, -2, DAYS)
    none = np.array([-1, -1])
    assert opens.work(none, np.array([5, 7]), np.array([60, 0])).tolist() == [65, 7]
    assert opens.latest(none, np.array([5, 7])).tolist() == [5, 7]


def test_running_days_leave_out_public_holidays() -> None:
    # Friday 1 May 2026 is Labour Day in Morocco
    first = datetime(2026, 4, 27).date()
    assert running_days("1111100", "", first, 7).tolist() == [True] * 5 + [False] * 2
    assert running_days("1111100", "MA", first, 7).tolist() == [True] * 4 + [False] * 3
    with pytest.raises(KeyError):
        holiday_dates("XX", 2026, 2026)
