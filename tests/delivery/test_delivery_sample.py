"""The sample stands, and a second run changes nothing."""

from __future__ import annotations

from datetime import timedelta

from qafila.delivery import delivery_sample, store
from qafila.runtime.database import administrator
from tests.delivery.stations import DAY, Station


def test_the_sample_has_rounds_and_stands_the_same_twice() -> None:
    station = Station(vehicles=0)
    station.now -= timedelta(hours=3)
    numbers = [station.parcel(here=False) for _ in range(40)]
    first = delivery_sample.set_up(station.context, "local")
    assert first[station.id] == len(numbers)
    with administrator() as connection:
        rounds = [r.round_id for r in store.rounds(connection, station.id, DAY)]
    assert delivery_sample.set_up(station.context, "local") == first
    with administrator() as connection:
        assert [r.round_id for r in store.rounds(connection, station.id, DAY)] == rounds
        assert len(store.vehicles(connection, station.id)) == 3
