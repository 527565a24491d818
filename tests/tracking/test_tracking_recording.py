from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from qafila.network.timetable import Mode
from qafila.runtime.database import administrator, engine, merchant_transaction
from qafila.runtime.events import store
from qafila.runtime.events.envelope import Source, TimeKind
from qafila.shipping import merchants
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked, Request
from qafila.shipping.bookings.numbering import new_id
from qafila.tracking.event import ParcelEvent
from qafila.tracking.questions_open import overdue, track
from qafila.tracking.status import State
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report
from tests.shipping.bookables import EPOCH, NOW, Run, legs, offer, order, timetable


@pytest.fixture
def parcel() -> tuple[str, str]:
    """A merchant and the number of a parcel that flies from A to B, from minute 60 to 90."""
    with administrator() as connection:
        merchant = merchants.create(connection, "Souk").id
    table = timetable(Run(new_id("flt"), Mode.AIR, (("A", 60), ("B", 90))))
    asked = order()
    made = booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k"), table, NOW)
    assert isinstance(made, Booked)
    return merchant, made.parcel


def at(minute: int) -> datetime:
    return EPOCH + timedelta(minutes=minute)


def test_a_report_becomes_an_event_once(parcel: tuple[str, str]) -> None:
    merchant, number = parcel
    report = Report(number, "departed", at(61), Source("carrier", "car_1", "scanner"), facility="A")
    spaced = Report(
        f"{number[:2]} {number[2:6]} {number[6:]}".lower(),
        "departed",
        at(61),
        Source("carrier", "car_1", "scanner"),
        facility="A",
    )
    with merchant_transaction(merchant) as connection:
        first = record(connection, [report, spaced], at(62))[:1]
        again = record(connection, [report, spaced], at(63))
        found = track(connection, number, at(64))
        twice = record(
            connection,
            [Report(number, "arrived", at(91), Source("carrier", "car_1", "scanner"), facility="B")] * 2,
            at(92),
        )
    assert [r.new for r in first + again] == [True, False, False]
    assert [r.new for r in twice] == [True, False]
    assert len({r.event.id for r in first + again if r.event}) == 1
    assert found is not None
    assert (found[0].state, found[0].facility) == (State.IN_TRANSIT, "A")


def test_upu_codes_are_understood(parcel: tuple[str, str]) -> None:
    merchant, number = parcel
    with merchant_transaction(merchant) as connection:
        receipts = record(
            connection, [Report(number, "EMI", at(200), Source("carrier", "car_1", "post"))], at(201)
        )
    assert receipts[0].event is not None
    assert receipts[0].event.type == "delivered"


def test_flaws_are_named_and_good_reports_go_on(parcel: tuple[str, str]) -> None:
    merchant, number = parcel
    reports = [
        Report(number, "departed", at(61), Source("carrier", "car_1", "s"), facility="A"),
        Report("HA000000013MA", "departed", at(61), Source("carrier", "car_1", "s")),
        Report("HA999999995MA", "departed", at(61), Source("carrier", "car_1", "s")),
        Report(number, "teleported", at(61), Source("carrier", "car_1", "s")),
        Report(number, "arrived", at(61).replace(tzinfo=None), Source("carrier", "car_1", "s")),
        Report(number, "arrived", at(90), Source("carrier", "car_1", "s")),
        Report(number, "arrived", at(90), Source("carrier", "car_1", "s"), TimeKind.ESTIMATED),
        Report(number, "arrived", at(-60 * 24 * 1000), Source("carrier", "car_1", "s")),
        Report(number, "arrived", at(61), Source("carrier", "car_1", "s"), facility="NOWHERE"),
        Report(number, "arrived", at(61), Source("carrier", "car_1", "s"), "guessed"),
        Report(number, "retracted", at(61), Source("carrier", "car_1", "s")),
        Report(number, "arrived", at(61), Source("carrier", "car_1", "s"), id="seven"),
    ]
    with merchant_transaction(merchant) as connection:
        receipts = record(connection, reports, at(62), {"A", "B"})
    assert [[f.field for f in r.flaws] for r in receipts] == [
        [],
        ["parcel"],
        ["parcel"],
        ["type"],
        ["time"],
        ["time"],
        [],
        ["time"],
        ["facility"],
        ["time_kind"],
        ["details"],
        ["id"],
    ]
    assert all(f.remedy for r in receipts for f in r.flaws)


def test_another_merchants_parcel_is_unknown(parcel: tuple[str, str]) -> None:
    with administrator() as connection:
        other = merchants.create(connection, "Rival").id
    with merchant_transaction(other) as connection:
        (receipt,) = record(
            connection, [Report(parcel[1], "delivered", at(61), Source("carrier", "car_1", "s"))], at(62)
        )
        assert [f.field for f in receipt.flaws] == ["parcel"]
        assert track(connection, parcel[1], at(62)) is None


def test_overdue_parcels_are_found_until_they_speak(parcel: tuple[str, str]) -> None:
    merchant, number = parcel

    def silent(minute: int) -> list[str]:
        with merchant_transaction(merchant) as connection:
            return [s.parcel for s in overdue(connection, at(minute), at_a_time=1)]

    assert silent(60 + 180) == []  # three hours of grace for a flight's departure (event-grace.csv)
    assert silent(60 + 181) == [number]
    with merchant_transaction(merchant) as connection:
        record(
            connection,
            [Report(number, "departed", at(241), Source("carrier", "car_1", "s"), facility="A")],
            at(242),
        )
    assert silent(242) == []
    with merchant_transaction(merchant) as connection:
        record(connection, [Report(number, "delivered", at(300), Source("carrier", "car_1", "s"))], at(301))
    assert silent(99_999) == []


def test_a_connection_that_an_estimate_misses_is_found_before_its_time() -> None:
    with administrator() as connection:
        merchant = merchants.create(connection, "Souk").id
    table = timetable(
        Run(new_id("flt"), Mode.AIR, (("A", 60), ("B", 90))),
        Run(new_id("trk"), Mode.ROAD, (("B", 200), ("C", 260))),
    )
    asked = order()
    made = booking.book(merchant, Request(asked, offer(asked, legs(table, 0, 1)), "k"), table, NOW)
    assert isinstance(made, Booked)
    late = Report(
        made.parcel, "arrived", at(400), Source("carrier", "car_1", "s"), facility="B", time_kind="estimated"
    )
    with merchant_transaction(merchant) as connection:
        assert not list(overdue(connection, at(30)))
        record(connection, [late], at(31))
        (found,) = overdue(connection, at(32))
    assert found.missed is not None
    assert (found.missed.facility, found.eta, found.overdue) == ("B", None, None)


def test_who_follows_the_cursor_misses_no_event_that_commits_late(parcel: tuple[str, str]) -> None:
    """A transaction that writes first and commits last must not fall behind a reader's cursor."""
    merchant, number = parcel
    early, late = (
        Report(number, "seen", at(m), Source("carrier", "car_1", "s"), facility="A") for m in (70, 71)
    )
    wrote, go = threading.Event(), threading.Event()

    def slow() -> None:
        with engine().begin() as connection:
            record(connection, [early], at(80))
            wrote.set()
            go.wait(10)

    writer = threading.Thread(target=slow)
    writer.start()
    wrote.wait(10)
    with administrator() as connection:
        record(connection, [late], at(80))
    read: list[datetime] = []
    with administrator() as connection:
        cursor = store.settled(connection) - 100

    def follow() -> None:
        nonlocal cursor
        with merchant_transaction(merchant) as connection:
            upto = store.settled(connection)
            while found := store.after(connection, cursor, 2, upto):
                read.extend(e.time for _, _, e in found if e.type == ParcelEvent.SEEN)
                cursor = found[-1][0]

    follow()
    go.set()
    writer.join()
    follow()
    assert sorted(read) == [at(70), at(71)]


def test_the_history_tells_when_it_was_told(parcel: tuple[str, str]) -> None:
    with administrator() as connection:
        recorded = store.histories(connection, [parcel[1]])[parcel[1]]
        now = connection.execute(text("SELECT now()")).scalar_one()
    assert all(e.recorded_at is not None and e.recorded_at <= now for e in recorded)
