"""From the station to the door: planned, taken out, handed over with proof, or not; tracking says it."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.delivery import dayplan, store
from qafila.delivery.model import State
from qafila.runtime.database import administrator
from tests.delivery.stations import DAY, Station

JPEG = base64.b64encode(b"\xff\xd8\xff" + b"0" * 100).decode()


def test_a_day_is_planned_taken_out_and_handed_over() -> None:
    station = Station()
    numbers = [station.parcel() for _ in range(6)]
    made = station.plan()
    assert made["stops"] == 6
    assert made["left"] == {}
    for number in numbers:
        told = station.delivery(number).told
        assert told is not None
        assert told[1] - told[0] == timedelta(hours=2)
        eta = station.status(number).eta
        assert eta is not None
        assert told[0] <= eta <= told[1]
    for id in made["rounds"]:
        station.do("start", round=id)
    assert {station.status(n).state.value for n in numbers} == {"out_for_delivery"}
    station.now += timedelta(hours=3)
    first = numbers[0]
    station.do("deliver", parcel=first, name="Amélie", signature="M10 10L20 20")
    station.do("deliver", parcel=numbers[1], photo=JPEG)
    station.do("deliver", parcel=numbers[2], code=station.delivery(numbers[2]).code)
    assert {station.status(n).state.value for n in numbers[:3]} == {"delivered"}
    with administrator() as connection:
        kept = store.proofs(connection, first)
    assert [(p.outcome, p.name, p.signature) for p in kept] == [("delivered", "Amélie", "M10 10L20 20")]


def test_nothing_is_handed_over_without_proof_or_with_a_wrong_code() -> None:
    station = Station()
    number = station.out()
    for told in ({}, {"name": "Amélie"}, {"signature": "M1 1L2 2"}):
        with pytest.raises(Fault, match="proves"):
            station.do("deliver", parcel=number, **told)
    right = station.delivery(number).code
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    with pytest.raises(Fault, match="code"):
        station.do("deliver", parcel=number, code=wrong)
    for broken in ("bm90IGEgcGljdHVyZQ==", "%%%"):
        with pytest.raises(Fault, match="picture"):
            station.do("deliver", parcel=number, photo=broken)
    with pytest.raises(Fault):
        station.do("deliver", parcel=number, name="A", signature="<script>")
    assert station.delivery(number).state is State.OUT


def test_an_act_that_is_sent_twice_is_done_once() -> None:
    station = Station()
    number = station.out()
    once = station.do("deliver", "the-key", parcel=number, photo=JPEG)
    again = station.do("deliver", "the-key", parcel=number, photo=JPEG)
    assert not once["repeated"]
    assert again["repeated"]
    with pytest.raises(Conflict, match="already"):
        station.do("deliver", parcel=number, photo=JPEG)
    with administrator() as connection:
        assert len(store.proofs(connection, number)) == 1


def test_what_fails_waits_for_another_day_and_turns_round_after_the_third_time() -> None:
    station = Station()
    number = station.out()
    station.do("fail", parcel=number, reason="nobody_home")
    assert station.delivery(number).state is State.FAILED
    assert station.status(number).state.value == "delivery_failed"
    with administrator() as connection:
        today = dayplan.due(connection, station.context, dayplan.station(station.context, station.id), DAY)
        tomorrow = dayplan.due(
            connection, station.context, dayplan.station(station.context, station.id), DAY + timedelta(days=1)
        )
    assert number not in {d.parcel for d in today}
    assert number in {d.parcel for d in tomorrow}
    station.now += timedelta(minutes=1)
    station.do("fail", parcel=number, reason="closed")
    station.now += timedelta(minutes=1)
    last = station.do("fail", parcel=number, reason="wrong_address")
    assert last["state"] == "returning"
    assert station.status(number).state.value == "returning"


def test_what_is_refused_turns_round_at_once_and_what_was_not_reached_counts_for_nothing() -> None:
    station = Station()
    number, other = station.parcel(), station.parcel()
    made = station.plan()
    for id in made["rounds"]:
        station.do("start", round=id)
    station.do("fail", parcel=number, reason="refused")
    assert station.delivery(number).state is State.RETURNING
    for id in made["rounds"]:
        station.do("end", round=id)
    assert station.delivery(other).state is State.FAILED
    assert station.delivery(other).attempts == 0


def test_cash_is_told_or_the_parcel_is_not_handed_over_and_not_left_behind() -> None:
    station = Station()
    number = station.out(cash="120.00")
    with pytest.raises(Fault, match="collected"):
        station.do("deliver", parcel=number, photo=JPEG)
    with pytest.raises(Conflict, match="paid in cash"):
        station.do("leave", parcel=number, left="neighbour", name="Karim", photo=JPEG)
    for broken in ("-1", "many", "NaN"):
        with pytest.raises(Fault):
            station.do("deliver", parcel=number, photo=JPEG, collected=broken)
    done = station.do("deliver", parcel=number, photo=JPEG, collected="120")
    assert (done["collected"], done["cash"]) == ("120", "collected")


def test_left_with_a_neighbour_or_in_a_safe_place_is_delivered_and_says_where() -> None:
    station = Station()
    number = station.out()
    with pytest.raises(Fault, match="neighbour"):
        station.do("leave", parcel=number, left="neighbour", photo=JPEG)
    with pytest.raises(Fault, match="left at"):
        station.do("leave", parcel=number, left="roof", photo=JPEG)
    station.do("leave", parcel=number, left="neighbour", detail="Karim, 2nd floor", photo=JPEG)
    assert station.status(number).state.value == "delivered"
    with administrator() as connection:
        assert store.proofs(connection, number)[0].left_at == "neighbour: Karim, 2nd floor"


def test_a_day_planned_again_takes_back_only_what_has_not_begun() -> None:
    station = Station()
    for _ in range(4):
        station.parcel()
    first = station.plan()
    second = station.plan()
    assert not set(first["rounds"]) & set(second["rounds"])
    station.do("start", round=second["rounds"][0])
    late = station.parcel()
    third = station.plan()
    assert station.delivery(late).round_id in third["rounds"]
    with administrator() as connection:
        assert store.round_row(connection, second["rounds"][0]).state == "out"
    with pytest.raises(NotFound):
        station.do("start", round=first["rounds"][0])


def test_other_stations_and_unknown_numbers_are_refused() -> None:
    station, other = Station(), Station()
    number = station.out()
    with pytest.raises(NotFound):
        other.do("fail", parcel=number, reason="closed")
    with pytest.raises(NotFound):
        station.do("fail", parcel="CC000000005MA", reason="closed")
    with pytest.raises(Fault):
        station.do("fail", parcel=number, reason="rain")
    with pytest.raises(Fault):
        station.do("dance", parcel=number)


def test_a_station_without_vehicles_says_so() -> None:
    station = Station(vehicles=0)
    station.parcel()
    with pytest.raises(Conflict, match="no vehicle"):
        station.plan()
