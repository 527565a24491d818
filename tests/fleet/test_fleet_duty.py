"""Crews' duty: figures of the regulation, and rosters that break it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qafila.fleet import fleet_duty
from qafila.fleet.model import Flown
from tests.fleet.boards import EPOCH, sector, type_of


# Regulation (EU) No 965/2012, ORO.FTL.205(b)(1), table 2, read on 2026-11-30
@pytest.mark.parametrize(
    ("clock", "sectors", "hours"),
    [
        ("06:00", 1, "13:00"),
        ("13:29", 2, "13:00"),
        ("13:30", 2, "12:45"),
        ("14:45", 5, "10:45"),
        ("16:59", 3, "10:45"),
        ("17:00", 2, "11:00"),
        ("23:30", 4, "10:00"),
        ("04:59", 2, "11:00"),
        ("05:00", 2, "12:00"),
        ("05:50", 3, "12:15"),
        ("08:00", 10, "9:00"),
        ("08:00", 6, "11:00"),
        ("15:10", 8, "9:00"),
    ],
)
def test_the_longest_duty_of_two_pilots(clock: str, sectors: int, hours: str) -> None:
    at = int(clock[:2]) * 60 + int(clock[3:])
    told = fleet_duty.longest(at, sectors)
    assert f"{told // 60}:{told % 60:02d}" == hours


def test_more_pilots_help_only_where_they_can_rest() -> None:
    assert fleet_duty.longest(480, 2, 3, True) == 16 * 60
    assert fleet_duty.longest(480, 2, 4, True) == 17 * 60
    assert fleet_duty.longest(480, 4, 4, True) == 12 * 60
    assert fleet_duty.longest(480, 2, 4, False) == 13 * 60


@given(st.integers(0, 1439), st.integers(1, 10))
def test_every_start_and_number_has_a_limit_and_more_sectors_never_lengthen_it(at: int, sectors: int) -> None:
    assert 540 <= fleet_duty.longest(at, sectors) <= 780
    assert sectors == 10 or fleet_duty.longest(at, sectors + 1) <= fleet_duty.longest(at, sectors)


def test_crews_change_where_a_duty_would_be_too_long() -> None:
    long = [
        Flown(sector(n, *("CMN", "DXB") if n % 2 == 0 else ("DXB", "CMN"), n * 600, n * 600 + 480, "T"), "T")
        for n in range(4)
    ]
    made = fleet_duty.divide(long, type_of(), EPOCH, {}, "CMN")
    assert [len(d.flown) for d in made] == [1, 1, 1, 1]
    assert all(d.spare >= 0 for d in made)
    assert [f for d in made for f in d.flown] == long
    short = [
        Flown(
            sector(
                n, *("CMN", "DXB") if n % 2 == 0 else ("DXB", "CMN"), 480 + n * 180, 480 + n * 180 + 120, "T"
            ),
            "T",
        )
        for n in range(2)
    ]
    assert [len(d.flown) for d in fleet_duty.divide(short, type_of(), EPOCH, {}, "CMN")] == [2]


def test_a_sector_too_long_for_two_gets_more_pilots_or_is_told() -> None:
    far = [Flown(sector(0, "CMN", "DXB", 600, 600 + 14 * 60, "T"), "T")]
    assert [d.pilots for d in fleet_duty.divide(far, type_of(), EPOCH, {}, "CMN")] == [3]
    too_far = [Flown(sector(0, "CMN", "DXB", 600, 600 + 18 * 60, "T"), "T")]
    assert fleet_duty.divide(too_far, type_of(), EPOCH, {}, "CMN")[0].spare == 17 * 60 - 19 * 60


def worked(day: int, begins: int, hours: float, block: int = 300, to: str = "CMN") -> fleet_duty.Worked:
    at = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(days=day, hours=begins)
    return fleet_duty.Worked(at, at + timedelta(hours=hours), block, 2, 2, "CMN", to)


def codes(*duties: fleet_duty.Worked) -> list[tuple[int, str]]:
    return [(n, m.id) for n, m in fleet_duty.breaches(duties, "CMN", {})]


def test_rosters() -> None:
    assert codes(worked(0, 8, 10), worked(1, 8, 10)) == []
    assert codes(worked(0, 8, 13.1)) == [(0, "fleet.duty_too_long")]
    # at base 12 h, elsewhere 10 h, and never less than the duty before; half an hour of duty after the flight
    assert codes(worked(0, 8, 8), worked(1, 4, 8)) == [(1, "fleet.rest_too_short")]
    assert codes(worked(0, 8, 8, to="DXB"), worked(1, 3, 8)) == []
    assert codes(worked(0, 6, 12.9), worked(1, 8, 8)) == [(1, "fleet.rest_too_short")]
    assert codes(*(worked(n, 8, 10) for n in range(6))) == [(5, "fleet.duty_in_days")]  # 63 h in seven days
    assert (20, "fleet.flight_in_days") in codes(*(worked(n, 8, 5, 300) for n in range(21)))  # 105 h
