"""A booked parcel made by hand, for tests that need one and no network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from qafila.context import Rules
from qafila.core.identifiers import s10
from qafila.core.message import as_it_is
from qafila.core.money import Money, exchange_rates
from qafila.customs.assessment import Assessment
from qafila.customs.rulebook import rulebook
from qafila.network.model import Facility, Kind
from qafila.network.timetable import Goods, Mode
from qafila.routing.itinerary import Itinerary, Leg
from qafila.shipping.offers.offer import CostLine, Offer, Promise
from qafila.shipping.orders.order import Address, Estimate, Item, Order
from qafila.shipping.papers.labels import BookedShipment

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


def facility(id: str, territory: str, name: str = "") -> Facility:
    return Facility(
        id=id,
        name=name or id,
        kind=Kind.SORTING_CENTRE,
        lat=0,
        lon=0,
        country=territory[:2],
        city=id,
        timezone="UTC",
        territory=territory,
    )


RULES = Rules(rulebook(), exchange_rates())
FACILITIES = {
    f.id: f
    for f in (
        facility("CN-SC-SZX", "CN", "Shenzhen sorting centre"),
        facility("MA-HUB-CMN", "MA", "Casablanca air hub"),
        facility("MA-DS-RAK", "MA", "Marrakech delivery station"),
        facility("MA-SC-CAS", "MA", "Casablanca sorting centre"),
    )
}


def leg(start: str, end: str, mode: Mode, hours: int) -> Leg:
    depart = START + timedelta(hours=hours)
    return Leg(
        ride=0,
        service_id=f"{mode.name}-{start}",
        service_day=20780,
        mode=mode,
        from_facility=start,
        to_facility=end,
        from_node=0,
        to_node=1,
        board_by=depart - timedelta(hours=1),
        depart=depart,
        arrive=depart + timedelta(hours=10),
        ready_at=depart + timedelta(hours=12),
        cost=10_000,
        co2e_mg=1_000_000,
        segments=(0,),
        calls=(0,),
    )


def parcel(
    serial: int = 47312482,
    *,
    legs: tuple[Leg, ...] | None = None,
    unit_value: str = "12.00",
    country: str = "MA",
    goods: Goods = Goods.NONE,
) -> BookedShipment:
    way = legs or (
        leg("CN-SC-SZX", "MA-HUB-CMN", Mode.AIR, 4),
        leg("MA-HUB-CMN", "MA-DS-RAK", Mode.ROAD, 30),
        leg("MA-DS-RAK", "MA-DS-RAK", Mode.DELIVERY, 50),
    )
    order = Order(
        id="AE-0001",
        rows=(1,),
        sender=Address(country="CN", city="Shenzhen", name="王小明", line1="8 Keji Road"),
        receiver=Address(
            country=country,
            city="Marrakech",
            name="أمينة العلوي",
            line1="24 avenue Mohammed V",
            postcode="40000",
        ),
        items=(
            Item(
                description="Huile d'argan 100 ml",
                quantity=3,
                unit_value=Money(Decimal(unit_value), "EUR"),
                hs="151590",
                origin="CN",
            ),
        ),
        grams=350,
        length_mm=200,
        width_mm=150,
        height_mm=40,
        ready=START,
        goods=goods,
        estimates=(Estimate("items[0].hs", "151590", "classified from the title"),),
    )
    offer = Offer(
        id="o-1",
        order_id=order.id,
        itinerary=Itinerary(way, START, way[-1].ready_at, 30_000, 3_000_000),
        price=Money(Decimal("12.40"), "EUR"),
        promise=Promise(way[-1].ready_at, 0.9, "by hand"),
        landed_cost=(
            CostLine("insurance", as_it_is("Insurance"), Money(Decimal("0.60"), "EUR"), as_it_is("by hand")),
        ),
        assessment=Assessment("MAD", Money(Decimal(0), "MAD"), ()),
        co2e_wtw_kg=Decimal("1.2"),
        valid_until=START + timedelta(days=1),
    )
    return BookedShipment((s10.number("CQ", serial, "MA"),), order, offer, date(2026, 11, 23))


def domestic() -> BookedShipment:
    moved = parcel(legs=(leg("MA-SC-CAS", "MA-DS-RAK", Mode.ROAD, 1),))
    return replace(moved, order=replace(moved.order, sender=replace(moved.order.sender, country="MA")))
