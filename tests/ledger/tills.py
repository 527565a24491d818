"""A merchant's parcels with cash on delivery, a driver and a station: for tests of money."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import text

from qafila.core.identifiers.own import new_id
from qafila.core.money import Money, exchange_rates
from qafila.ledger import posting
from qafila.ledger.cash import cash_bags, collecting
from qafila.ledger.cash.model import Act, AtDoor, Count, Driver
from qafila.ledger.cash.store import Collection
from qafila.ledger.model import By
from qafila.network.timetable import Mode
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked, Request
from qafila.shipping.orders.order import CashOnDelivery
from tests.shipping.bookables import NOW, Run, legs, offer, order, timetable
from tests.web.visitors import tenant

AT = datetime(2027, 3, 2, 10, tzinfo=UTC)
RATES = exchange_rates()


def mad(amount: str | int) -> Money:
    """Dirhams."""
    return Money(Decimal(amount), "MAD")


def shop() -> str:
    """A new merchant's id."""
    return tenant(TenantKind.MERCHANT).id


def parcel(merchant: str, due: Money | None) -> str:
    """A booked parcel of a merchant; returns its number."""
    table = timetable(Run(new_id("flt"), Mode.AIR, (("A", 60), ("B", 90))))
    asked = order(new_id("order"))
    if due is not None:
        asked = replace(asked, cash_on_delivery=CashOnDelivery(due))
    made = offer(asked, legs(table, 0))
    booked = booking.book(merchant, Request(asked, made, new_id("k")), table, NOW)
    assert isinstance(booked, Booked)
    with administrator() as connection:
        return str(
            connection.execute(
                text("SELECT number FROM parcels WHERE shipment_id = :s"), {"s": booked.shipment_id}
            ).scalar_one()
        )


def act(name: str = "Driss", key: str = "", late: bool = False, at: datetime = AT, of: str = "local") -> Act:
    """An act of somebody."""
    return Act(key=key or new_id("act"), by=By(of, name), at=at, person=name, late=late)


def driver(name: str = "Driss") -> Driver:
    """A new driver."""
    return Driver(new_id(name), name, "local")


def door(number: str, who: Driver, **more: object) -> AtDoor:
    """What happened at a door in Casablanca."""
    return AtDoor(parcel=number, driver=who, station="CAS-DS", territory="MA", **more)  # type: ignore[arg-type]


def collect(told: AtDoor, doing: Act | None = None) -> Collection:
    """Collects, in a transaction of its own."""
    by = doing or act()
    return posting.transact(lambda c: collecting.collect(c, by, told, RATES))


def count(*pieces: tuple[str, int], suspect: dict[str, int] | None = None) -> Count:
    """A count in dirhams."""
    return Count("MAD", dict(pieces), suspect or {})


def handed_over(bag: str, counted: Count) -> cash_bags.HandedOver:
    """Counted by driver and station alike, and signed by both."""
    posting.transact(lambda c: cash_bags.declare(c, act("Driss"), bag, counted))
    return posting.transact(lambda c: cash_bags.receive(c, act("Salma"), bag, counted))
