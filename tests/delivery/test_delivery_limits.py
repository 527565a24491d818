"""How much a place takes a day is asked before it is promised."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from qafila.core.fault import Conflict, Fault
from qafila.core.message import Message
from qafila.delivery import delivery_limits, delivery_points, wishes
from qafila.delivery.delivery_limits import Kind
from qafila.network.installed import Network
from qafila.runtime.database import administrator
from tests.delivery.stations import DAY, Station, feed_with, replace_facility


class Two(Station):
    """A station with two points: one near the town, one a few km on."""

    def __init__(self) -> None:
        super().__init__()
        feed = self.context.network.feed
        self.other = f"{self.id}-Q"
        here = feed.facility[self.id]
        more = replace_facility(here, self.other, "Café Part-Dieu", 45.76, 4.86)
        self.context = replace(self.context, network=Network.of(feed_with(feed, (more,))))
        self.compartments(*[(400, 300, 200)] * 6)
        with administrator() as connection:
            delivery_points.put_compartments(
                connection,
                [delivery_points.Compartment(self.other, f"Q{n}", (400, 300, 200)) for n in range(6)],
            )

    def limit(self, facility: str, per_day: int | None, kind: Kind = Kind.POINT) -> None:
        """Sets how much a place takes."""
        with administrator() as connection:
            delivery_limits.put(connection, facility, kind, per_day, "test", self.now)

    def wants(self, number: str, point: str) -> None:
        """A buyer chooses a point."""
        wishes.wish(self.context, self.delivery(number).token, "point", point=point)


def parcels(station: Station, n: int) -> list[str]:
    """Parcels that are due, each with its buyer's link."""
    made = [station.parcel() for _ in range(n)]
    station.plan()
    return made


def test_a_full_point_is_not_offered_and_who_chooses_it_is_told_the_next() -> None:
    station = Two()
    first, second, third = parcels(station, 3)
    station.limit(station.point, 1)
    station.wants(first, station.point)
    offered = [p.id for p, _ in wishes.view(station.context, station.delivery(second).token).points]
    assert offered == [station.other]
    with pytest.raises(Conflict) as full:
        station.wants(second, station.point)
    assert "1 are promised" in str(full.value)
    remedy = full.value.remedy
    assert isinstance(remedy, Message)
    assert remedy.id == "delivery.next_point"
    station.wants(first, station.point)  # asked again, he has it already
    station.limit(station.point, None)
    station.wants(third, station.point)


def test_the_last_place_of_a_day_is_promised_once() -> None:
    station = Two()
    asked = parcels(station, 4)
    station.limit(station.point, 2)

    def choose(number: str) -> bool:
        try:
            station.wants(number, station.point)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(choose, asked)) == 2


def test_what_is_given_up_makes_room_and_other_days_are_free() -> None:
    station = Two()
    first, second = parcels(station, 2)
    station.limit(station.point, 1)
    station.wants(first, station.point)
    wishes.wish(station.context, station.delivery(first).token, "door")
    station.wants(second, station.point)
    with administrator() as connection:
        assert delivery_limits.full(connection, station.point, Kind.POINT, DAY)
        assert delivery_limits.first_day(connection, station.point, Kind.POINT, DAY) == DAY + timedelta(
            days=1
        )


@pytest.mark.parametrize("per_day", [-1, 10**6])
def test_a_limit_that_is_none_is_refused(per_day: int) -> None:
    with pytest.raises(Fault):
        Two().limit("X", per_day)


def test_the_day_of_a_point_is_that_of_its_own_clock() -> None:
    station = Two()
    (number,) = parcels(station, 1)
    feed = station.context.network.feed
    east = replace(feed.facility[station.other], id=f"{station.other}-E", timezone="Asia/Tokyo")
    context = replace(station.context, network=Network.of(feed_with(feed, (east,))))
    evening = datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(hours=20)
    asked = replace(station.delivery(number), day=None, told=None)
    assert delivery_points.day_of(context, asked, station.point, evening) == DAY
    assert delivery_points.day_of(context, asked, east.id, evening) == DAY + timedelta(days=1)
    window = replace(asked, told=(evening, evening + timedelta(hours=2)))
    assert delivery_points.day_of(context, window, east.id, station.now) == DAY + timedelta(days=1)


def test_what_was_promised_before_there_were_limits_counts_on_the_day_of_its_place() -> None:
    station = Two()
    (number,) = parcels(station, 1)
    station.wants(number, station.point)
    late = datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(hours=23, minutes=30)
    station.limit(station.point, 1)
    with administrator() as connection:
        connection.execute(
            text("UPDATE compartment_stays SET for_day = NULL, reserved_until = :u WHERE facility = :f"),
            {"u": late + delivery_points.RESERVED_FOR, "f": station.point},
        )
        next_day = DAY + timedelta(days=1)  # in Paris it is past midnight
        assert not delivery_limits.full(connection, station.point, Kind.POINT, next_day)
        for _ in range(2):
            delivery_limits.fill_days(connection, station.context.network.feed.facilities)
        assert delivery_limits.full(connection, station.point, Kind.POINT, next_day)
        assert not delivery_limits.full(connection, station.point, Kind.POINT, DAY)
