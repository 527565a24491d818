"""A driver falls out: what he has goes to the others, and nobody is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qafila.core.fault import Conflict, NotFound
from qafila.delivery import dayplan, falling_out, store
from qafila.delivery.model import State
from qafila.runtime.database import administrator
from tests.delivery.stations import DAY, SOURCE, Station


def test_the_others_take_over_and_every_parcel_is_somewhere() -> None:
    station = Station(vehicles=3, max_pieces=6)
    numbers = [station.parcel() for _ in range(9)]
    made = station.plan()
    for id in made["rounds"]:
        station.do("start", round=id)
    station.now += timedelta(hours=2)
    fallen = made["rounds"][0]
    mine = [n for n in numbers if station.delivery(n).round_id == fallen]
    act = station.act("out")
    done = falling_out.fall_out(station.context, act, SOURCE, fallen, (45.76, 4.84))
    assert falling_out.fall_out(station.context, act, SOURCE, fallen, (45.76, 4.84))["repeated"]
    taken = {p for parcels in done["taken"].values() for p in parcels}
    assert taken | set(done["left"]) == set(mine)
    for number in numbers:
        delivery = station.delivery(number)
        if number in done["left"]:
            assert delivery.state is State.FAILED
        else:
            assert delivery.round_id != fallen
            assert delivery.state is State.OUT
    with administrator() as connection:
        assert store.round_row(connection, fallen).state == "fallen_out"
    with pytest.raises(Conflict):
        falling_out.fall_out(station.context, station.act(), SOURCE, fallen, (45.76, 4.84))
    with pytest.raises(NotFound):
        falling_out.fall_out(station.context, station.act(), SOURCE, "rnd_nowhere", (45.76, 4.84))


def test_what_nobody_can_take_today_comes_back_with_the_van_and_goes_out_tomorrow() -> None:
    station = Station(vehicles=1)
    number = station.out()
    station.now += timedelta(hours=2)
    (fallen,) = {station.delivery(number).round_id}
    done = falling_out.fall_out(station.context, station.act(), SOURCE, fallen, (45.76, 4.84))
    assert list(done["left"]) == [number]
    seen = station.status(number)
    assert seen.last is not None
    assert (seen.state.value, seen.last.details["reason"]) == ("delivery_failed", "not_reached")
    assert (station.delivery(number).attempts, station.delivery(number).day) == (0, DAY + timedelta(days=1))
    place = dayplan.station(station.context, station.id)
    with administrator() as connection:
        due = dayplan.due(connection, station.context, place, DAY + timedelta(days=1))
    assert number in [d.parcel for d in due]
