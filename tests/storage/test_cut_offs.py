"""Orders go to the floor by the cut-off of their departure, once, whoever asks for it and however often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from qafila.core.fault import Fault
from qafila.network.timetable import Mode
from qafila.runtime.database import administrator
from qafila.runtime.database.connection import merchant_transaction
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Source, Subject, TimeKind
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.shipping import merchants
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Request
from qafila.shipping.bookings.numbering import new_id
from qafila.shipping.bookings.rebooking import Rebooked, rebook
from qafila.storage import closing, cut_offs, outbound, storage_orders, storage_rules, store
from qafila.storage.model import Product
from qafila.storage.outbound import OutboundOrder
from tests.shipping.bookables import EPOCH, Run, legs, offer, order, timetable
from tests.shipping.bookables import NOW as BOOKED
from tests.storage.houses import NOW, act, fill, owner, soon, warehouse
from tests.storage.test_out import _walk


def _states(merchant: str, *ids: str) -> list[str]:
    with administrator() as connection:
        return [storage_orders.row(connection, merchant, one, lock=False).state for one in ids]


def _rules(facility: str, **told: object) -> None:
    with administrator() as connection:
        storage_rules.put(connection, facility, told)


def test_a_wave_goes_when_the_cut_off_comes_near_and_not_before() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 9, "A-01-L-1")
    for id, hours in (("SOON", 2), ("LATE", 9), ("NEVER", 0)):
        cut_off = soon(hours) if hours else None
        outbound.place_order(act(), OutboundOrder(id, merchant, facility, (("LAMP", 1),), cut_off=cut_off))
    assert cut_offs.release_due(NOW).get(facility) is None
    at = NOW + timedelta(minutes=61)
    with ThreadPoolExecutor(4) as some:  # four workers at once, and each twice
        done = [d.get(facility, 0) for d in some.map(cut_offs.release_due, [at] * 8)]
    assert sum(done) == 2  # what waits for no departure goes with the rest
    assert _states(merchant, "SOON", "LATE", "NEVER") == ["released", "reserved", "released"]
    assert cut_offs.release_due(at + timedelta(minutes=1)).get(facility) is None


def test_the_rules_of_a_warehouse_say_when() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 9, "A-01-L-1")
    outbound.place_order(act(), OutboundOrder("A", merchant, facility, (("LAMP", 1),), cut_off=soon(1)))
    outbound.place_order(act(), OutboundOrder("B", merchant, facility, (("LAMP", 1),), cut_off=soon(8)))
    _rules(facility, release="by-hand")
    assert cut_offs.release_due(soon(2)).get(facility) is None
    _rules(facility, release="cut-off", lead_minutes=30)
    assert cut_offs.release_due(NOW).get(facility) is None
    _rules(facility, release="waveless", compartments=3)
    assert cut_offs.release_due(NOW).get(facility) is None
    outbound.place_order(act(), OutboundOrder("C", merchant, facility, (("LAMP", 1),), cut_off=soon(8)))
    assert cut_offs.release_due(NOW)[facility] == 3  # a cart is full


def test_what_is_not_there_at_the_cut_off_is_left_out_and_the_rest_goes() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 1, "A-01-L-1")
    fill(facility, merchant, "TEA", 5, "B-01-L-1", "T")
    some = OutboundOrder("PART", merchant, facility, (("LAMP", 3), ("TEA", 1)), cut_off=soon(2))
    outbound.place_order(act(), some)
    strict = OutboundOrder("ALL", merchant, facility, (("LAMP", 1),), cut_off=soon(2), partial=False)
    outbound.place_order(act(), strict)
    assert cut_offs.release_due(soon(1))[facility] == 1
    _walk(facility)
    assert _states(merchant, "PART", "ALL") == ["picked", "waiting"]
    with administrator() as connection:
        told = storage_orders.told(connection, merchant, "PART")
    assert [(x["sku"], x["picked"], x["short"]) for x in told["lines"]] == [("LAMP", 1, 2), ("TEA", 1, 0)]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"release": "never"}, "release cannot be never"),
        ({"lead_minutes": -1}, "lead_minutes cannot be -1"),
        ({"compartments": 1.5}, "compartments cannot be 1.5"),
        ({"litres": True}, "litres cannot be True"),
        ({"colour": 1}, "no rule colour"),
    ],
)
def test_what_is_no_rule_is_refused(told: dict[str, object], words: str) -> None:
    with pytest.raises(Fault, match=words):
        storage_rules.read(told)


def test_a_parcel_whose_truck_does_not_run_takes_the_cut_off_of_the_next_and_the_wave_follows() -> None:
    facility = warehouse()
    with administrator() as connection:
        merchant = merchants.create(connection, "Souk").id
        store.put_product(connection, merchant, Product("LAMP", "Lamp", grams=500, size_mm=(100, 100, 100)))
    fill(facility, merchant, "LAMP", 3, "A-01-L-1")
    runs = [
        Run(new_id("first"), Mode.ROAD, ((facility, 60), ("B", 90))),
        Run(new_id("next"), Mode.ROAD, ((facility, 400), ("B", 430))),
    ]
    table = timetable(*runs)
    asked = order(new_id("A"))
    made = booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), asked.id), table, BOOKED)
    assert isinstance(made, booking.Booked)
    with merchant_transaction(merchant) as connection:
        wanted = OutboundOrder("R", merchant, facility, (("LAMP", 1),))
        wanted = closing.with_booking(connection, wanted, made.booking_id)
    outbound.place_order(act(at=BOOKED), wanted)
    with administrator() as connection:
        assert storage_orders.row(connection, merchant, "R").cut_off == EPOCH + timedelta(minutes=60)
        assert cut_offs.follow(connection) == 0
        # the first truck does not run
        off = event(
            EVENT_TYPES["departed"],
            Subject("parcel", made.parcel),
            EPOCH + timedelta(minutes=60),
            Source("operator", "local", "fleet"),
            kind=TimeKind.ESTIMATED,
            facility=facility,
            leg=0,
            details={"cancelled": True, "service": runs[0].id},
        )
        histories.append(connection, merchant, [off])
    assert isinstance(rebook(merchant, made.booking_id, table, EPOCH + timedelta(minutes=61)), Rebooked)
    assert cut_offs.release_due(EPOCH + timedelta(minutes=330)).get(facility) is None
    with administrator() as connection:
        moved = storage_orders.row(connection, merchant, "R", lock=False)
        assert (moved.cut_off, moved.service) == (EPOCH + timedelta(minutes=400), runs[1].id)
        assert cut_offs.follow(connection) == 0  # once
    assert (
        cut_offs.release_due(EPOCH + timedelta(minutes=341)).get(facility) == 1
    )  # an hour before the new one
