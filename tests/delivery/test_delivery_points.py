"""Compartments: the smallest that fits, one parcel in each, a code that opens, a time that ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.delivery import (
    delivery_following,
    delivery_points,
    delivery_sweeping,
    handing_out,
    notices,
    wishes,
)
from qafila.delivery.model import State
from qafila.runtime.database import Role, acting_as, administrator
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Subject
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.runtime.events.projection import Recorded
from tests.delivery.stations import SOURCE, Station


def stay_of(number: str) -> delivery_points.Stay | None:
    with administrator() as connection:
        return delivery_points.standing(connection, number)


def test_a_parcel_gets_the_smallest_compartment_that_holds_it_turned_as_it_may_be() -> None:
    assert delivery_points.Compartment("P", "C", (100, 200, 300)).holds((300, 90, 190))
    assert not delivery_points.Compartment("P", "C", (100, 200, 300)).holds((101, 101, 101))
    station = Station()
    station.compartments((500, 500, 500), (120, 110, 100), (90, 90, 90))
    number = station.parcel()  # a cube of 100 mm
    station.plan()
    wishes.wish(station.context, station.delivery(number).token, "point", point=station.point)
    stay = stay_of(number)
    assert stay is not None
    assert stay.compartment == "C2"


def test_the_last_compartment_goes_to_one_of_two_who_want_it_at_once() -> None:
    station = Station()
    station.compartments((120, 120, 120))
    numbers = [station.parcel(), station.parcel()]
    station.plan()
    tokens = [station.delivery(n).token for n in numbers]

    def choose(token: str) -> str:
        try:
            wishes.wish(station.context, token, "point", point=station.point)
        except Conflict:
            return "full"
        return "reserved"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(choose, tokens)) == ["full", "reserved"]


def in_locker(station: Station, cash: str = "") -> str:
    number = station.parcel(cash)
    made = station.plan()
    for id in made["rounds"]:
        station.do("start", round=id)
    station.do("leave", parcel=number, left="locker", point=station.point)
    assert station.delivery(number).state is State.AT_POINT
    assert station.status(number).state.value == "awaiting_pickup"
    return number


def test_a_code_opens_once_and_a_wrong_one_never() -> None:
    station = Station()
    station.compartments((120, 120, 120))
    number = in_locker(station)
    stay = stay_of(number)
    assert stay is not None
    wrong = f"{(int(stay.code) + 1) % 10**6:06d}"
    with pytest.raises(NotFound):
        handing_out.hand_out(station.context, station.act(), SOURCE, station.point, wrong)
    station.now += timedelta(hours=5)
    act = station.act("open")
    done = handing_out.hand_out(station.context, act, SOURCE, station.point, f"{station.point}:{stay.code}")
    assert done["compartment"] == stay.compartment
    assert handing_out.hand_out(station.context, act, SOURCE, station.point, f"{station.point}:{stay.code}")[
        "repeated"
    ]
    assert station.status(number).state.value == "delivered"
    assert stay_of(number) is None
    with pytest.raises(NotFound):
        handing_out.hand_out(station.context, station.act(), SOURCE, station.point, stay.code)


def test_cash_is_paid_at_the_point_too() -> None:
    station = Station()
    station.compartments((120, 120, 120))
    number = in_locker(station, cash="25.00")
    stay = stay_of(number)
    assert stay is not None
    with pytest.raises(Fault, match="collected"):
        handing_out.hand_out(station.context, station.act(), SOURCE, station.point, stay.code)
    assert station.delivery(number).state is State.AT_POINT
    handing_out.hand_out(station.context, station.act(), SOURCE, station.point, stay.code, collected="25")
    assert station.delivery(number).state is State.DELIVERED


def test_who_does_not_come_is_reminded_twice_and_then_it_goes_back() -> None:
    station = Station()
    station.compartments((120, 120, 120))
    number = in_locker(station)
    reminded = []
    for _ in range(12):
        station.now += timedelta(hours=12)
        done = delivery_sweeping.sweep(station.context, send=False)
        reminded += [n for n in done["reminded"] if n == number]
    assert len(reminded) == 2
    assert station.delivery(number).state is State.RETURNING
    assert station.status(number).state.value == "returning"
    stay = stay_of(number)
    assert stay is not None
    assert stay.state == "expired"
    with pytest.raises(Conflict, match="ended"):
        handing_out.hand_out(station.context, station.act(), SOURCE, station.point, stay.code)
    with administrator() as connection:
        kinds = [n["kind"] for n in notices.of_parcel(connection, number)]
    assert kinds.count("reminder") == 4  # by e-mail and on the phone


def test_what_nobody_fetched_leaves_its_compartment_when_it_is_read_elsewhere() -> None:
    station = Station()
    station.compartments((120, 120, 120))
    number = in_locker(station)

    def read(at: str) -> None:
        seen = event(EVENT_TYPES["seen"], Subject("parcel", number), station.now, SOURCE, facility=at)
        with administrator() as connection:
            history.append_new(connection, station.merchant, [seen])
            delivery_following.GONE.handle(connection, [Recorded(1, station.merchant, seen)])

    read(station.id)  # told of the wrong place while its buyer may still come
    stay = stay_of(number)
    assert stay is not None
    assert stay.expires_at is not None
    station.now = stay.expires_at + timedelta(hours=1)
    delivery_sweeping.sweep(station.context, send=False)
    read(station.point)
    left = stay_of(number)
    assert left is not None
    assert left.state == "expired"
    read(station.id)
    assert stay_of(number) is None
    other = station.parcel()
    station.plan("another day")
    wishes.wish(station.context, station.delivery(other).token, "point", point=station.point)
    assert stay_of(other) is not None  # the place is free for others


def test_a_reservation_to_which_nobody_came_is_given_back() -> None:
    station = Station()
    station.compartments((120, 120, 120))
    number = station.parcel()
    station.plan()
    wishes.wish(station.context, station.delivery(number).token, "point", point=station.point)
    station.now += timedelta(hours=49)
    delivery_sweeping.sweep(station.context, send=False)
    assert stay_of(number) is None
    assert station.delivery(number).wish == ""


def test_a_merchant_sees_no_other_merchants_deliveries() -> None:
    station, other = Station(), Station()
    number = station.out()
    with acting_as(Role.MERCHANT, other.merchant) as connection:
        from qafila.delivery import store

        assert store.delivery(connection, number) is None
    with acting_as(Role.MERCHANT, station.merchant) as connection:
        assert store.delivery(connection, number) is not None
