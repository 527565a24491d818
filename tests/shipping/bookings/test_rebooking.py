"""A missed connection is booked anew on the next way, once, and gives back what it cannot use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from qafila.network.timetable import Mode, Timetable
from qafila.runtime.database import administrator, merchant_transaction
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Event, Source
from qafila.shipping import merchants
from qafila.shipping.bookings import booking, records
from qafila.shipping.bookings.booking import Booked, Request, UnknownBooking
from qafila.shipping.bookings.numbering import new_id
from qafila.shipping.bookings.rebooking import NoWayOn, OnItsWay, Rebooked, rebook
from qafila.shipping.plans import booked_load
from qafila.tracking.status import status
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report
from tests.shipping.bookables import EPOCH, NOW, Run, boxes, legs, offer, order, timetable

LATE = EPOCH + timedelta(minutes=400)
_TOO_LATE = (
    ("departed", "A", EPOCH + timedelta(minutes=360)),
    ("arrived", "B", EPOCH + timedelta(minutes=390)),
)
_IN_TIME = (
    ("departed", "A", EPOCH + timedelta(minutes=60)),
    ("arrived", "B", EPOCH + timedelta(minutes=90)),
    ("departed", "B", EPOCH + timedelta(minutes=200)),
)


@dataclass
class Case:
    merchant: str
    table: Timetable
    made: Booked

    def taken(self) -> dict[str, int]:
        """Grams taken of each service, by the letters before its number."""
        with administrator() as connection:
            rows = connection.execute(
                text("SELECT service_id, taken_g FROM capacity WHERE service_id = ANY(:s)"),
                {"s": list(self.table.service_ids)},
            ).all()
        return {service.partition("_")[0]: grams for service, grams in rows if grams}

    def events(self, number: str = "") -> list[Event]:
        number = number or self.made.parcel
        with merchant_transaction(self.merchant) as connection:
            return history.histories(connection, [number])[number]

    def happened(self, *what: tuple[str, str, datetime], to: str = "") -> None:
        reports = [
            Report(to or self.made.parcel, kind, at, Source("carrier", "car_1", "dispatcher"), facility=place)
            for kind, place, at in what
        ]
        with administrator() as connection:
            assert all(r.new for r in record(connection, reports, LATE + timedelta(days=20)))


@pytest.fixture
def case() -> Case:
    """From A over B to C: the truck to B is five hours late, and B's first flight at 200 is gone by then."""
    return late()


def late(next_flight_g: int = 1_000_000, onward: bool = True, grams: tuple[int, ...] = (1500,)) -> Case:
    with administrator() as connection:
        merchant = merchants.create(connection, "Souk").id
    runs = [
        Run(new_id("truck"), Mode.ROAD, (("A", 60), ("B", 90))),
        Run(new_id("first"), Mode.AIR, (("B", 200), ("C", 300))),
    ]
    if onward:
        runs += [
            Run(new_id("next"), Mode.AIR, (("B", 500), ("C", 600)), grams=next_flight_g),
            Run(new_id("last"), Mode.AIR, (("B", 900), ("C", 1000))),
        ]
    table = timetable(*runs)
    asked = order(new_id("A"), **(boxes(*grams) if len(grams) > 1 else {"grams": grams[0]}))
    made = booking.book(merchant, Request(asked, offer(asked, legs(table, 0, 1)), asked.id), table, NOW)
    assert isinstance(made, Booked)
    case = Case(merchant, table, made)
    case.happened(*_TOO_LATE)
    assert status(case.events(), LATE).missed is not None
    return case


def test_it_rides_the_next_flight_and_gives_the_missed_one_back(case: Case) -> None:
    before = case.events()
    made = rebook(case.merchant, case.made.booking_id, case.table, LATE)
    assert isinstance(made, Rebooked)
    assert [leg.service_id.partition("_")[0] for leg in made.legs] == ["next"]
    assert made.arrival == EPOCH + timedelta(minutes=600)
    assert case.taken() == {"truck": 1500, "next": 1500}
    after = case.events()
    assert [e for e in after if e in before] == before  # the history keeps what was planned first
    seen = status(after, LATE)
    assert (seen.missed, seen.facility) == (None, "B")
    assert seen.eta == EPOCH + timedelta(minutes=600)  # hand-made rides are ready on arrival
    with merchant_transaction(case.merchant) as connection:
        kept = records.record(connection, case.made.booking_id)
        offers = connection.execute(text("SELECT count(*) FROM offers")).scalar_one()
    assert kept is not None
    assert [leg.service_id.partition("_")[0] for leg in kept.offer.itinerary.legs] == ["truck", "next"]
    assert kept.entry.price == kept.offer.price
    assert offers == 2


def test_who_asks_again_changes_nothing_and_ten_at_once_book_once(case: Case) -> None:
    with ThreadPoolExecutor(10) as several:
        answers = list(
            several.map(lambda _: rebook(case.merchant, case.made.booking_id, case.table, LATE), range(10))
        )
    assert sum(isinstance(a, Rebooked) for a in answers) == 1
    assert sum(isinstance(a, OnItsWay) for a in answers) == 9
    assert case.taken() == {"truck": 1500, "next": 1500}


def test_a_full_departure_is_passed_over() -> None:
    case = late(next_flight_g=1000)
    made = rebook(case.merchant, case.made.booking_id, case.table, LATE)
    assert isinstance(made, Rebooked)
    assert case.taken() == {"truck": 1500, "last": 1500}


def test_a_second_missed_connection_is_planned_a_third_time(case: Case) -> None:
    rebook(case.merchant, case.made.booking_id, case.table, LATE)
    held, released = EPOCH + timedelta(minutes=450), EPOCH + timedelta(minutes=700)
    case.happened(("customs_held", "B", held), ("customs_released", "B", released))
    made = rebook(case.merchant, case.made.booking_id, case.table, released + timedelta(minutes=10))
    assert isinstance(made, Rebooked)
    assert case.taken() == {"truck": 1500, "last": 1500}
    seen = status(case.events(), released + timedelta(minutes=10))
    assert (seen.missed, seen.eta) == (None, EPOCH + timedelta(minutes=1000))


def test_a_parcel_that_is_read_where_it_waited_after_its_departure_left_is_booked_on_again(
    case: Case,
) -> None:
    rebook(case.merchant, case.made.booking_id, case.table, LATE)
    still = EPOCH + timedelta(minutes=500 + 190)  # a flight's message may come in for three hours
    case.happened(("seen", "B", still))
    made = rebook(case.merchant, case.made.booking_id, case.table, still)
    assert isinstance(made, Rebooked)
    assert case.taken() == {"truck": 1500, "last": 1500}


def test_a_parcel_that_strayed_is_not_booked_from_where_it_is_not(case: Case) -> None:
    case.happened(("arrived", "Z", LATE + timedelta(minutes=5)))
    before, taken = case.events(), case.taken()
    answer = rebook(case.merchant, case.made.booking_id, case.table, LATE + timedelta(minutes=10))
    assert isinstance(answer, NoWayOn)
    assert "Z" in str(answer.refusal.reason)
    assert "B" in str(answer.refusal.remedy)
    assert (case.events(), case.taken()) == (before, taken)
    case.happened(("arrived", "B", LATE + timedelta(minutes=20)))
    assert isinstance(
        rebook(case.merchant, case.made.booking_id, case.table, LATE + timedelta(minutes=30)), Rebooked
    )


def test_without_a_way_on_nothing_is_changed() -> None:
    case = late(onward=False)
    before, taken = case.events(), case.taken()
    answer = rebook(case.merchant, case.made.booking_id, case.table, LATE)
    assert isinstance(answer, NoWayOn)
    assert str(answer.refusal.reason)
    assert (case.events(), case.taken()) == (before, taken)


def test_nothing_is_missed_and_nobody_elses_booking_is_touched(case: Case) -> None:
    with administrator() as connection:
        stranger = merchants.create(connection, "Another").id
    with pytest.raises(UnknownBooking):
        rebook(stranger, case.made.booking_id, case.table, LATE)
    table = timetable(Run(new_id("truck"), Mode.ROAD, (("A", 60), ("B", 90))))
    asked = order(new_id("A"))
    fine = booking.book(case.merchant, Request(asked, offer(asked, legs(table, 0)), asked.id), table, NOW)
    assert isinstance(fine, Booked)
    assert rebook(case.merchant, fine.booking_id, table, NOW) == OnItsWay(fine.parcel)


def test_all_parcels_of_a_shipment_that_missed_it_go_on_together() -> None:
    case = late(grams=(1000, 500))
    second = case.made.parcels[1]
    case.happened(*_TOO_LATE, to=second)
    made = rebook(case.merchant, case.made.booking_id, case.table, LATE)
    assert isinstance(made, Rebooked)
    assert made.parcels == case.made.parcels
    assert case.taken() == {"truck": 1500, "next": 1500}
    assert [status(case.events(n), LATE).missed for n in case.made.parcels] == [None, None]


def test_those_that_missed_it_go_on_alone_and_the_others_keep_their_way() -> None:
    case = late(grams=(1000, 500, 250))
    _, second, third = case.made.parcels
    case.happened(*_TOO_LATE, to=second)
    case.happened(*_IN_TIME, to=third)
    made = rebook(case.merchant, case.made.booking_id, case.table, LATE)
    assert isinstance(made, Rebooked)
    assert made.parcels == case.made.parcels[:2]
    assert case.taken() == {"truck": 1750, "first": 250, "next": 1500}
    with merchant_transaction(case.merchant) as connection:
        known = records.record(connection, case.made.booking_id)
    assert known is not None

    def way(number: str) -> list[str]:
        return [leg.service_id.partition("_")[0] for leg in known.offer_for(number).itinerary.legs]

    assert [way(n) for n in case.made.parcels] == [["truck", "next"], ["truck", "next"], ["truck", "first"]]
    assert isinstance(rebook(case.merchant, case.made.booking_id, case.table, LATE), OnItsWay)
    with administrator() as connection:
        ridden = booked_load.ridden(connection, case.table)
    assert {
        r.service_id.partition("_")[0]: (r.parcels, r.grams)
        for r in ridden
        if r.service_id in case.table.service_ids
    }["truck"] == (3, 1750)


def test_where_one_of_them_finds_no_room_none_is_booked_on() -> None:
    case = late(next_flight_g=1_200, grams=(1000, 500))
    second = case.made.parcels[1]
    case.happened(*_TOO_LATE, to=second)
    rebook(case.merchant, case.made.booking_id, case.table, LATE)
    assert case.taken() == {"truck": 1500, "last": 1500}  # together, on the flight that takes both
