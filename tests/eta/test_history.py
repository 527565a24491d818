"""The network's own history as rows."""

from __future__ import annotations

import base64
from datetime import timedelta

from qafila.eta.history import own_rows, rows_of
from qafila.eta.table import WHOLE
from qafila.network.timetable import Mode
from qafila.runtime.database import administrator
from qafila.runtime.events import store as events
from tests.delivery.stations import Station


def test_a_parcel_that_was_delivered_is_a_row_for_its_way_and_for_each_ride_seen_at_both_ends() -> None:
    station = Station()
    number = station.out()  # leaves two hours before its plan
    station.now += timedelta(hours=1)
    station.do("deliver", parcel=number, photo=base64.b64encode(b"\xff\xd8\xff" + b"0" * 9).decode())
    places = station.context.network.feed.facility
    with administrator() as connection:
        history = events.histories(connection, [number])[number]
        found = rows_of(history, places, {"EU": 1, "MA": 0})
        everything = own_rows(connection, places, {"EU": 1, "MA": 0})
    assert {row[0] for row in found} == {Mode.DELIVERY.value, WHOLE}
    whole = next(row for row in found if row[0] == WHOLE)
    assert whole[9] == -480  # at 7:00 instead of 15:00
    ride = next(row for row in found if row[0] == Mode.DELIVERY.value)
    assert ride[5] == 420  # planned from 8:00 to 15:00
    assert ride[9] == 60 - 420
    assert len(everything.delay) >= 2


def test_a_parcel_under_way_is_no_row() -> None:
    station = Station()
    number = station.out()
    with administrator() as connection:
        history = events.histories(connection, [number])[number]
    assert rows_of(history, station.context.network.feed.facility, {}) == []
