from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from qafila.network.timetable import Mode
from qafila.runtime.database import administrator, merchant_transaction
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Source
from qafila.shipping import merchants
from qafila.shipping.bookings import booking, capacity, records
from qafila.shipping.bookings import written_json as documents
from qafila.shipping.bookings.booking import Booked, Full, Refused, Request
from qafila.shipping.bookings.numbering import new_id
from qafila.tracking.status import status
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report
from tests.shipping.bookables import NOW, Run, boxes, legs, offer, order, timetable


@pytest.fixture
def merchant() -> str:
    with administrator() as connection:
        return merchants.create(connection, "Souk").id


def one_flight(grams: int = 1_000_000, cm3: int = 10_000_000, calls: int = 2):  # type: ignore[no-untyped-def]
    """A flight of its own to each test: capacity is common to all merchants."""
    return timetable(
        Run(new_id("flt"), Mode.AIR, tuple((f"F{i}", 600 * (i + 1)) for i in range(calls)), grams, cm3)
    )


def taken(table) -> list[tuple[int, int]]:  # type: ignore[no-untyped-def]
    """Grams and cm³ taken of each departure, by call."""
    with administrator() as connection:
        rows = connection.execute(
            text(
                "SELECT taken_g, taken_cm3 FROM capacity WHERE service_id = ANY(:s) ORDER BY service_id, call"
            ),
            {"s": list(table.service_ids)},
        )
        return [(g, v) for g, v in rows]


def test_a_booking_takes_room_and_leaves_everything_behind_it(merchant: str) -> None:
    table = one_flight(calls=3)
    asked = order("A-1", grams=1500)
    made = booking.book(merchant, Request(asked, offer(asked, legs(table, 0, 1)), "k1"), table, NOW)
    assert isinstance(made, Booked)
    assert taken(table) == [(1500, 1000), (1500, 1000)]  # 10 cm cubed, on both departures
    with merchant_transaction(merchant) as connection:
        events = history.histories(connection, [made.parcel])[made.parcel]
        stored = connection.execute(text("SELECT document FROM offers")).scalar_one()
        kept = connection.execute(text("SELECT document FROM orders")).scalar_one()
    assert [(e.type, e.time_kind, e.facility) for e in events] == [
        ("booked", "actual", None),
        ("departed", "planned", "F0"),
        ("arrived", "planned", "F1"),
        ("departed", "planned", "F1"),
        ("arrived", "planned", "F2"),
        ("awaiting_pickup", "planned", "F2"),
    ]
    assert documents.order_from(kept) == asked
    assert documents.offer_from(stored).itinerary.legs == legs(table, 0, 1)


def test_a_ride_over_two_calls_takes_room_on_both_departures(merchant: str) -> None:
    from dataclasses import replace

    table = one_flight(calls=3)
    through = replace(legs(table, 0)[0], segments=(0, 1), calls=(0, 1))
    asked = order()
    booking.book(merchant, Request(asked, offer(asked, (through,)), "k"), table, NOW)
    assert taken(table) == [(1000, 1000), (1000, 1000)]


def test_a_full_departure_is_named_and_nothing_is_taken(merchant: str) -> None:
    short = Run(new_id("flt"), Mode.AIR, (("A", 60), ("B", 120)), grams=5000)
    tight = Run(new_id("flt"), Mode.AIR, (("B", 240), ("C", 300)), grams=1999)
    table = timetable(short, tight)
    requests = [
        Request(o, offer(o, legs(table, 0, 1)), f"k{i}") for i, o in enumerate([order("A-1"), order("A-2")])
    ]
    first, second = booking.book_many(merchant, requests, table, NOW)
    assert isinstance(first, Booked)
    # 1999 g hold one kilogram and not two; the second order's room on the first flight is not kept either
    assert second == Full("A-2", (tight.id, legs(table, 1)[0].service_day, 0))
    assert [g for g, _ in taken(table)] == [1000, 1000]


def test_volume_binds_as_weight_does(merchant: str) -> None:
    table = one_flight(cm3=1500)
    requests = [Request(o, offer(o, legs(table, 0)), o.id) for o in (order("A-1"), order("A-2"))]
    outcomes = booking.book_many(merchant, requests, table, NOW)
    assert [type(o) for o in outcomes] == [Booked, Full]


def test_the_same_key_answers_the_same_and_books_nothing_twice(merchant: str) -> None:
    table = one_flight()
    asked = order()
    request = Request(asked, offer(asked, legs(table, 0)), "key")
    first = booking.book(merchant, request, table, NOW)
    again = booking.book(merchant, request, table, NOW + timedelta(hours=1))
    assert isinstance(first, Booked)
    assert isinstance(again, Booked)
    assert (again.booking_id, again.parcel, again.replayed) == (first.booking_id, first.parcel, True)
    assert taken(table) == [(1000, 1000)]


def test_the_same_key_for_another_content_is_refused(merchant: str) -> None:
    table = one_flight()
    first, other = order("A-1"), order("A-2")
    booking.book(merchant, Request(first, offer(first, legs(table, 0)), "key"), table, NOW)
    outcome = booking.book(merchant, Request(other, offer(other, legs(table, 0)), "key"), table, NOW)
    assert isinstance(outcome, Refused)
    assert outcome.code == "key-reused"


def test_an_order_is_booked_once_whatever_the_key(merchant: str) -> None:
    table = one_flight()
    asked = order()
    requests = [Request(asked, offer(asked, legs(table, 0)), key) for key in ("k1", "k2")]
    outcomes = [booking.book(merchant, r, table, NOW) for r in requests]
    assert isinstance(outcomes[1], Refused)
    assert outcomes[1].code == "already-booked"
    assert booking.find(merchant, ["A-1", "A-9"]).keys() == {"A-1"}


def test_twins_in_one_batch_are_one_booking(merchant: str) -> None:
    table = one_flight()
    asked = order()
    request = Request(asked, offer(asked, legs(table, 0)), "key")
    first, twin = booking.book_many(merchant, [request, request], table, NOW)
    assert isinstance(first, Booked)
    assert isinstance(twin, Booked)
    assert (twin.parcel, twin.replayed) == (first.parcel, True)
    assert taken(table) == [(1000, 1000)]


@pytest.mark.parametrize(
    ("later", "code"), [(timedelta(days=31), "offer-expired"), (timedelta(days=5), "cut-off-passed")]
)
def test_what_is_too_late_is_refused(merchant: str, later: timedelta, code: str) -> None:
    table = one_flight()
    asked = order()
    outcome = booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k"), table, NOW + later)
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert taken(table) == []


def test_cancelling_gives_the_room_back_once(merchant: str) -> None:
    table = one_flight(grams=1000)
    asked, next_ = order("A-1"), order("A-2")
    made = booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k1"), table, NOW)
    assert isinstance(made, Booked)
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: booking.cancel(merchant, made.booking_id, NOW), range(8)))
    assert sorted(done) == [False] * 7 + [True]
    assert taken(table) == [(0, 0)]
    assert isinstance(
        booking.book(merchant, Request(next_, offer(next_, legs(table, 0)), "k2"), table, NOW), Booked
    )
    # and the order itself may be booked anew, with a new key
    again = booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k3"), table, NOW)
    assert isinstance(again, Full)


def test_a_merchant_cannot_cancel_anothers_booking(merchant: str) -> None:
    table = one_flight()
    asked = order()
    made = booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k1"), table, NOW)
    assert isinstance(made, Booked)
    with administrator() as connection:
        other = merchants.create(connection, "Rival").id
    with pytest.raises(booking.UnknownBooking):
        booking.cancel(other, made.booking_id, NOW)


def test_200_buyers_for_50_places(merchant: str) -> None:
    """Each buyer searches and books by himself; who finds the flight full takes the next best."""
    best = Run(new_id("flt"), Mode.AIR, (("A", 600), ("B", 700)), grams=50_000)
    next_best = Run(new_id("flt"), Mode.AIR, (("A", 800), ("B", 900)), grams=200_000)
    table = timetable(best, next_best)

    def buy(i: int) -> booking.Outcome | None:
        asked = order(f"B-{i}")

        def search():  # type: ignore[no-untyped-def]
            with administrator() as connection:
                closed = capacity.room(connection, table).closed(asked.grams, asked.cm3)
            ride = 0 if closed is None else int(np.flatnonzero(~closed)[0])
            return offer(asked, legs(table, ride)), table

        return booking.book_best(merchant, asked, search, f"buyer-{i}", NOW)

    with ThreadPoolExecutor(40) as pool:
        outcomes = list(pool.map(buy, range(200)))
    booked = [o for o in outcomes if isinstance(o, Booked)]
    assert len({o.parcel for o in booked}) == len({o.booking_id for o in booked}) == 200
    with merchant_transaction(merchant) as connection:
        on = dict(
            connection.execute(text("SELECT service_id, count(*) FROM booking_legs GROUP BY 1")).all()  # type: ignore[arg-type]
        )
    assert on == {best.id: 50, next_best.id: 150}
    assert sorted(g for g, _ in taken(table)) == [50_000, 150_000]


def test_batches_that_cross_do_not_stop_each_other(merchant: str) -> None:
    """Batches that want the same departures in different orders, at once: nothing oversold, none lost."""
    runs = [
        Run(new_id("flt"), Mode.AIR, (("A", 60 * i), ("B", 60 * i + 30)), grams=60_000) for i in range(1, 7)
    ]
    table = timetable(*runs)
    dice = random.Random(5)
    batches = []
    for b in range(8):
        asked = [order(f"X-{b}-{i}") for i in range(30)]
        batches.append([Request(o, offer(o, legs(table, dice.randrange(6))), o.id) for o in asked])
    with ThreadPoolExecutor(8) as pool:
        outcomes = [
            o
            for batch in pool.map(lambda r: booking.book_many(merchant, r, table, NOW), batches)
            for o in batch
        ]
    assert sum(isinstance(o, Booked) for o in outcomes) == sum(g for g, _ in taken(table)) // 1000
    assert len(outcomes) == 240


def test_the_same_batch_sent_by_many_at_once_is_booked_once(merchant: str) -> None:
    table = one_flight()
    asked = [order(f"A-{i}") for i in range(20)]
    requests = [Request(o, offer(o, legs(table, 0)), o.id) for o in asked]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: booking.book_many(merchant, requests, table, NOW), range(6)))
    assert all(isinstance(o, Booked) for answer in answers for o in answer)
    assert len({o.parcel for answer in answers for o in answer if isinstance(o, Booked)}) == 20
    assert taken(table) == [(20_000, 20_000)]


def test_an_offer_of_another_timetable_is_refused(merchant: str) -> None:
    asked = order()
    old = one_flight()
    with pytest.raises(capacity.UnknownDeparture, match="Ask for a new offer"):
        booking.book(merchant, Request(asked, offer(asked, legs(old, 0)), "k"), one_flight(), NOW)


def test_where_the_aircraft_became_smaller_nothing_more_is_sold(merchant: str) -> None:
    id = new_id("flt")
    large = timetable(Run(id, Mode.AIR, (("A", 60), ("B", 90)), grams=3000))
    small = timetable(Run(id, Mode.AIR, (("A", 60), ("B", 90)), grams=1500))
    for i in range(2):
        o = order(f"A-{i}")
        booking.book(merchant, Request(o, offer(o, legs(large, 0)), o.id), large, NOW)
    late = order("A-9")
    outcome = booking.book(merchant, Request(late, offer(late, legs(small, 0)), "k"), small, NOW)
    assert isinstance(outcome, Full)
    with administrator() as connection:
        assert capacity.left(connection, small) == {0: (0, 9_998_000)}  # of 10 m³, twice 1,000 cm³


def test_the_parcels_of_a_shipment_are_booked_together_and_each_has_its_history(merchant: str) -> None:
    table = one_flight()
    asked = order("A-1", **boxes(1000, 500, 250))
    made = booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k"), table, NOW)
    assert isinstance(made, Booked)
    assert len(set(made.parcels)) == 3
    assert taken(table) == [(1750, 3000)]
    with merchant_transaction(merchant) as connection:
        told = history.histories(connection, made.parcels)
        kept = records.of_shipment(connection, made.shipment_id)
        by_any = [records.entry(connection, n) for n in (*made.parcels, made.booking_id, made.shipment_id)]
    assert {len(events) for events in told.values()} == {4}
    assert [(p.number, p.position, p.of, p.grams) for p in kept] == [
        (number, n, 3, grams)
        for n, (number, grams) in enumerate(zip(made.parcels, (1000, 500, 250), strict=True), 1)
    ]
    assert {entry.parcels for entry in by_any if entry} == {made.parcels}
    again = booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k"), table, NOW)
    assert isinstance(again, Booked)
    assert (again.replayed, again.parcels) == (True, made.parcels)
    assert booking.cancel(merchant, made.booking_id, NOW)
    assert taken(table) == [(0, 0)]
    with merchant_transaction(merchant) as connection:
        ends = [e[-1].type for e in history.histories(connection, made.parcels).values()]
        states = {status(e, NOW).state.value for e in history.histories(connection, made.parcels).values()}
    assert states == {"cancelled"}, ends


def test_a_shipment_of_which_one_parcel_finds_no_room_is_not_booked_at_all(merchant: str) -> None:
    table = one_flight(grams=1_500)
    asked = order("A-1", **boxes(1000, 501))
    assert isinstance(
        booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k"), table, NOW), Full
    )
    assert taken(table) == [(0, 0)]
    with merchant_transaction(merchant) as connection:
        assert connection.execute(text("SELECT count(*) FROM parcels")).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM bookings")).scalar_one() == 0


def test_one_parcel_under_way_keeps_the_whole_shipment(merchant: str) -> None:
    table = one_flight()
    asked = order("A-1", **boxes(1000, 500))
    made = booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k"), table, NOW)
    assert isinstance(made, Booked)
    with administrator() as connection:
        record(connection, [Report(made.parcels[1], "collected", NOW, Source("carrier", "car_1"))], NOW)
    with pytest.raises(booking.NotCancellable) as told:
        booking.cancel(merchant, made.booking_id, NOW)
    assert made.parcels[1] in str(told.value)
    assert taken(table) == [(1500, 2000)]


@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=12))
@settings(max_examples=15)
def test_whatever_the_boxes_the_room_taken_is_their_sum(grams: list[int]) -> None:
    with administrator() as connection:
        merchant = merchants.create(connection, "Souk").id
    table = one_flight()
    asked = order("A-1", **(boxes(*grams) if len(grams) > 1 else {"grams": grams[0]}))
    made = booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k"), table, NOW)
    assert isinstance(made, Booked)
    with merchant_transaction(merchant) as connection:
        kept = records.of_shipment(connection, made.shipment_id)
    assert taken(table) == [(sum(p.grams for p in kept), 1000 * len(kept))]


def test_killed_between_its_parcels_a_shipment_is_not_there(
    merchant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = one_flight()
    asked = order("A-1", **boxes(1000, 500))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(history, "begin_few", killed)  # its rows are on their way by then
        with pytest.raises(KeyboardInterrupt):
            booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k"), table, NOW)
    assert taken(table) in ([], [(0, 0)])
    with merchant_transaction(merchant) as connection:
        assert connection.execute(text("SELECT count(*) FROM parcels")).scalar_one() == 0
    assert isinstance(
        booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k"), table, NOW), Booked
    )
