"""A plan's reservations against real bookings: who sees them, who draws, and that nothing is sold twice."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from qafila.network.timetable import Mode, Timetable
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from qafila.shipping.bookings import booking, capacity
from qafila.shipping.bookings.booking import Booked, Full, Request
from qafila.shipping.bookings.numbering import new_id
from qafila.shipping.plans import reservations
from qafila.shipping.plans.reservations import Reservation
from tests.shipping.bookables import DAY, EPOCH, NOW, Run, legs, offer, order, timetable


@pytest.fixture
def merchant() -> str:
    with administrator() as connection:
        return merchants.create(connection, "Souk").id


def flight(grams: int = 10_000, cm3: int = 1_000_000) -> Timetable:
    return timetable(Run(new_id("flt"), Mode.AIR, (("A", 600), ("B", 1200)), grams, cm3))


def wanted(table: Timetable, grams: int, name: str = "express", cm3: int = 0) -> Reservation:
    return Reservation(
        (table.service_ids[0], DAY, 0),
        EPOCH + timedelta(minutes=600),
        name,
        grams,
        cm3,
        int(table.segment_capacity_g[0]),
        int(table.segment_capacity_cm3[0]),
    )


def place(*rows: Reservation, plan: str = "p") -> reservations.Placed:
    with administrator() as connection:
        return reservations.put_in_place(connection, plan, rows, NOW)


def buy(merchant: str, table: Timetable, grams: int, name: str = "standard", id: str = ""):  # type: ignore[no-untyped-def]
    asked = order(id or new_id("A"), grams=grams, service_class=name)
    return booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), asked.id), table, NOW)


def held(table: Timetable) -> tuple[int, int, int]:
    """Grams taken, reserved and open in all, and drawn."""
    with administrator() as connection:
        row = connection.execute(
            text(
                "SELECT c.taken_g, c.reserved_g, coalesce(sum(r.drawn_g), 0)::bigint FROM capacity c "
                "LEFT JOIN reservations r USING (service_id, service_day, call) "
                "WHERE c.service_id = :s GROUP BY 1, 2"
            ),
            {"s": table.service_ids[0]},
        ).one()
    return row[0], row[1], row[2]


def test_others_only_see_what_is_not_reserved(merchant: str) -> None:
    table = flight()
    place(wanted(table, 7000))
    assert isinstance(buy(merchant, table, 3000), Booked)
    assert isinstance(buy(merchant, table, 1), Full)
    with administrator() as connection:
        assert capacity.left(connection, table)[0][0] == 0
        assert capacity.left(connection, table, "express")[0][0] == 7000
    assert isinstance(buy(merchant, table, 7000, "express"), Booked)
    assert held(table) == (10_000, 0, 7000)
    assert isinstance(buy(merchant, table, 1, "express"), Full)


def test_a_class_draws_its_own_first_and_then_what_is_common(merchant: str) -> None:
    table = flight()
    place(wanted(table, 2000))
    assert isinstance(buy(merchant, table, 5000, "express"), Booked)
    assert held(table) == (5000, 0, 2000)
    assert isinstance(buy(merchant, table, 5000), Booked)


def test_a_cancelled_booking_refills_the_reservation(merchant: str) -> None:
    table = flight()
    place(wanted(table, 4000))
    first = buy(merchant, table, 4000, "express")
    booking.cancel(merchant, first.booking_id, NOW)
    assert held(table) == (0, 4000, 0)
    assert isinstance(buy(merchant, table, 7000), Full)
    # one that drew half of its room from it gives that half back to it, and the rest to everybody
    second = buy(merchant, table, 8000, "express")
    assert held(table) == (8000, 0, 4000)
    booking.cancel(merchant, second.booking_id, NOW)
    assert held(table) == (0, 4000, 0)
    assert isinstance(buy(merchant, table, 6000), Booked)


def test_a_new_plan_replaces_the_former(merchant: str) -> None:
    table, other = flight(), flight()
    place(wanted(table, 9000), plan="monday")
    place(wanted(other, 5000, "economy"), plan="tuesday")
    assert isinstance(buy(merchant, table, 10_000), Booked)
    assert held(other) == (0, 5000, 0)
    with administrator() as connection:
        found = reservations.in_place(connection)
    assert found is not None
    assert found.plan == "tuesday"


def test_what_is_booked_is_not_reserved_again(merchant: str) -> None:
    table = flight()
    buy(merchant, table, 4000)
    # 6,000 g are free; 8,000 and 4,000 are asked for: each gets half
    placed = place(wanted(table, 8000), wanted(table, 4000, "economy"))
    assert (placed.grams, placed.short_g) == (6000, 6000)
    assert held(table) == (4000, 6000, 0)
    with administrator() as connection:
        assert capacity.left(connection, table, "express")[0][0] == 4000
        assert capacity.left(connection, table, "economy")[0][0] == 2000


def test_releasing_gives_room_to_everybody(merchant: str) -> None:
    table = flight()
    place(wanted(table, 9000))
    buy(merchant, table, 2000, "express")
    with administrator() as connection:
        assert reservations.release(connection, EPOCH) == 0  # it departs later
        assert reservations.release(connection, EPOCH + timedelta(days=1)) == 1
        assert reservations.in_place(connection) is not None
        reservations.release(connection)
        assert reservations.in_place(connection) is None
    assert held(table) == (2000, 0, 0)
    assert isinstance(buy(merchant, table, 8000), Booked)


def test_a_smaller_aircraft_sells_nothing_beyond_itself(merchant: str) -> None:
    table = flight(10_000)
    place(wanted(table, 8000))
    small = timetable(Run(table.service_ids[0], Mode.AIR, (("A", 600), ("B", 1200)), 5000, 1_000_000))
    assert isinstance(buy(merchant, small, 1), Full)
    assert isinstance(buy(merchant, small, 5001, "express"), Full)
    assert isinstance(buy(merchant, small, 5000, "express"), Booked)


def test_buyers_and_planners_at_once_never_oversell(merchant: str) -> None:
    table = flight(20_000)
    classes = ["express", "standard", "economy"]
    luck = random.Random(5)
    jobs = [("buy", luck.choice(classes), luck.randint(200, 900)) for _ in range(60)]
    jobs += [("plan", luck.choice(classes), luck.randint(1000, 30_000)) for _ in range(8)]
    jobs += [("cancel", "", 0) for _ in range(15)]
    luck.shuffle(jobs)
    made: list[Booked] = []

    def act(job: tuple[str, str, int]) -> None:
        what, name, grams = job
        if what == "plan":
            place(
                wanted(table, grams, name),
                wanted(table, grams // 3, "standard" if name != "standard" else "express"),
            )
        elif what == "buy":
            outcome = buy(merchant, table, grams, name)
            if isinstance(outcome, Booked):
                made.append(outcome)
        elif made:
            booking.cancel(merchant, luck.choice(made).booking_id, NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, jobs))
    with administrator() as connection:
        sold = connection.execute(
            text(
                "SELECT coalesce(sum(b.grams), 0)::bigint FROM bookings b JOIN booking_legs l USING (merchant_id, booking_id) "
                "WHERE l.service_id = :s AND b.cancelled_at IS NULL"
            ),
            {"s": table.service_ids[0]},
        ).scalar_one()
        open_ = connection.execute(
            text(
                "SELECT coalesce(sum(reserved_g - drawn_g), 0)::bigint FROM reservations WHERE service_id = :s"
            ),
            {"s": table.service_ids[0]},
        ).scalar_one()
    taken, reserved, _ = held(table)
    assert taken == sold
    assert reserved == open_
    assert taken + reserved <= 20_000
