"""Offers that are kept for like orders are the same, to the last byte, as those worked out anew."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from qafila.api.shipping import offers_written
from qafila.api.shipping.offer_schema import OffersOut
from qafila.core.message import as_it_is
from qafila.core.money import Money, exchange_rates
from qafila.customs.rulebook import rulebook
from qafila.network.compile import compile_timetable
from qafila.network.timetable import Goods
from qafila.shipping.bookings.written_json import offer_document, offer_from
from qafila.shipping.offers.blanks import Blanks, impersonal
from qafila.shipping.offers.offer import Offer
from qafila.shipping.offers.offering import Market, offers_for
from qafila.shipping.orders.order import Address, CashOnDelivery, Estimate, Item, Order
from tests.network.small import START as NETWORK_START
from tests.network.small import small_feed

READY = datetime(NETWORK_START.year, NETWORK_START.month, NETWORK_START.day, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def place() -> Market:
    feed = small_feed()
    return Market.of(compile_timetable(feed, NETWORK_START, 28), feed.facility, rulebook(), exchange_rates())


def order() -> Order:
    goods = Item(
        "Argan oil, 100 ml", 2, Money(Decimal("12.50"), "EUR"), Decimal("0.18"), "OIL-1", "151590", "MA"
    )
    return Order(
        id="A-1",
        rows=(1,),
        sender=Address("MA", "Casablanca", "Souk", facility_id="WH"),
        receiver=Address("FR", "Lyon", "Amélie", facility_id="STA"),
        items=(goods,),
        grams=400,
        length_mm=200,
        width_mm=100,
        height_mm=80,
        ready=READY,
    )


CHANGES: dict[str, Any] = {
    "id": "B-2",
    "sender.name": "Another",
    "receiver.name": "Somebody else",
    "receiver.country": "GB",
    "receiver.area": "FR-RE",
    "receiver.tax_id": "FR40303265045",
    "receiver.to_door": False,
    "grams": 1400,
    "ready": READY + timedelta(minutes=1),
    "goods": Goods(1),
    "insured": True,
    "trade": "b2b",
    "preference": "EU-MA",
    "service_class": "express",
    "note": "by hand",
    "estimates": (Estimate("items[0].hs", "151590", as_it_is("by its words"), 0.3),),
    "cash_on_delivery": CashOnDelivery(Money(Decimal(20), "EUR")),
    "item.description": "Lithium battery",
    "item.quantity": 40,
    "item.unit_value": Money(Decimal(600), "EUR"),
    "item.unit_kg": Decimal("0.5"),
    "item.hs": "610910",
    "item.origin": "CN",
    "item.sku": "OTHER",
}


def changed(name: str) -> Order:
    """The order with one thing otherwise."""
    made = order()
    part, _, field = name.rpartition(".")
    if part == "item":
        return replace(made, items=(replace(made.items[0], **{field: CHANGES[name]}),))
    if part:
        return replace(made, **{part: replace(getattr(made, part), **{field: CHANGES[name]})})
    return replace(made, **{field: CHANGES[name]})


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_kept_of_one_order_is_right_for_another(place: Market, name: str) -> None:
    now = READY - timedelta(hours=1)
    offers_for([order()], place, now)  # kept
    anew = replace(place, blanks=Blanks(), answers={})
    quick, plain = (offers_for([changed(name)], market, now) for market in (place, anew))
    assert quick == plain
    (quick_ones,), (plain_ones,) = quick, plain
    if isinstance(quick_ones, list) and isinstance(plain_ones, list):
        assert all(isinstance(one, Offer) for one in quick_ones)
        for quick_one, plain_one in zip(quick_ones, plain_ones, strict=True):
            alone = replace(plain_one, forms=None)
            for _ in range(2):  # written, and given again as it was written
                assert offer_document(quick_one) == offer_document(alone)
            assert offer_from(orjson.loads(offer_document(quick_one))) == plain_one


def test_an_answer_in_pieces_is_the_answer(place: Market) -> None:
    offers_for([order()], place, READY - timedelta(hours=2))
    (found,) = offers_for([order()], place, READY - timedelta(hours=1))
    assert isinstance(found, list)
    whole = OffersOut.of(order(), [replace(one, forms=None) for one in found], b"note")
    for _ in range(2):
        assert orjson.loads(offers_written.answer(order(), found, b"note")) == whole.model_dump(mode="json")


def test_what_makes_an_order_somebodys_is_all_that_is_left_out() -> None:
    """A field that is added to orders, addresses or goods counts until somebody says that it changes nothing."""
    left_out = {
        "order": {"id", "rows", "note", "whole", "ready"},
        "address": {"name", "company", "line1", "line2", "phone", "email", "tax_id"},
        "item": {"sku", "category", "attributes"},
    }
    full = Order(
        **{f.name: f"x-{f.name}" for f in fields(Order)}  # type: ignore[arg-type]
        | {
            "ready": READY,
            "sender": Address(**{f.name: f"s-{f.name}" for f in fields(Address)}),  # type: ignore[arg-type]
            "receiver": Address(**{f.name: f"r-{f.name}" for f in fields(Address)}),  # type: ignore[arg-type]
            "items": (Item(**{f.name: f"i-{f.name}" for f in fields(Item)}),),
        }  # type: ignore[arg-type]
    )
    bare = impersonal(full)
    for what, one, other in (
        ("order", full, bare),
        ("address", full.sender, bare.sender),
        ("address", full.receiver, bare.receiver),
        ("item", full.items[0], bare.items[0]),
    ):
        different = {f.name for f in fields(one) if getattr(one, f.name) != getattr(other, f.name)}
        assert different - {"sender", "receiver", "items"} == left_out[what]
