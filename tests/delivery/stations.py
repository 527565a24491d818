"""A station with parcels, a fleet and a clock, for the tests of the last mile."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from qafila.context import Context, Rules
from qafila.core.identifiers.own import new_id
from qafila.core.money import Money, exchange_rates
from qafila.customs.rulebook import rulebook
from qafila.delivery import at_door, dayplan, delivery_doing, delivery_points, store
from qafila.delivery.model import Delivery, FleetVehicle
from qafila.network.installed import Network
from qafila.network.model import Facility, Feed, Kind
from qafila.network.timetable import Mode
from qafila.rounds.planning import Effort
from qafila.runtime.accounts import service as accounts
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.answered.acts import Act, Actor
from qafila.runtime.database import administrator
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Source, Subject, SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked, Request
from qafila.shipping.orders.order import Address, CashOnDelivery, Item
from qafila.tracking.status import Status, status
from tests.network.small import small_feed
from tests.shipping.bookables import Run, boxes, legs, offer, order, timetable

DAY = date(2027, 3, 1)
MORNING = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
SOURCE = Source("operator", "local", "test")
EFFORT = Effort(20, 1, 60)
_RULES = Rules(rulebook(), exchange_rates())
_numbers = itertools.count()


class Station:
    """A station of Lyon of its own, with a point near it and another far away."""

    items: tuple[Item, ...] = ()
    """What lies in its parcels, where it is not what `order` says."""

    def __init__(self, vehicles: int = 2, **fleet: Any) -> None:
        self.id = new_id("STA").upper().replace("_", "-")
        self.now = MORNING
        network, self.point = network_with(self.id)
        self.context = Context(network, _RULES, "", lambda: self.now)
        with administrator() as connection:
            self.merchant = accounts.create(connection, "Souk", TenantKind.MERCHANT).id
            for n in range(vehicles):
                store.put_vehicle(
                    connection,
                    FleetVehicle(self.id, f"V{n + 1}", "van", f"Driver {n + 1}", **fleet).checked(),
                )

    def act(self, key: str = "", by: str = "Amal") -> Act:
        """An act at the present instant."""
        return Act(key or f"{self.id}:{next(_numbers)}", Actor("local", by, "phone"), self.now)

    def parcel(self, cash: str = "", here: bool = True, boxed: int = 0, **receiver: Any) -> str:
        """Books a parcel to a door of Lyon that leaves the station today; it is there, unless it is still expected.

        boxed: so many parcels in one shipment; the last is told.
        """
        count = next(_numbers)
        table = timetable(
            Run(f"T{self.id}{count}", Mode.ROAD, (("HUB", 60), (self.id, 240))),
            Run(f"D{self.id}{count}", Mode.DELIVERY, ((self.id, 480), ("DOOR", 900))),
        )
        to = Address(
            **{
                "country": "FR",
                "city": "Lyon",
                "name": "Amélie Roux",
                "line1": f"{count} rue Mercière",
                "phone": "+33600000000",
                "email": "a@example.org",
            }
            | receiver
        )
        more: dict[str, Any] = (
            {"cash_on_delivery": CashOnDelivery(Money(Decimal(cash), "EUR"))} if cash else {}
        )
        if self.items:
            more["items"] = self.items
        if boxed:
            more |= boxes(*[1000] * boxed)
        asked = order(f"O-{count}", receiver=to, **more)
        booked = booking.book(
            self.merchant,
            Request(asked, offer(asked, legs(table, 0, 1)), f"k{count}"),
            table,
            MORNING - timedelta(hours=9),
        )
        assert isinstance(booked, Booked)
        number = self.numbers()[-1]
        for each in self.numbers()[-max(1, boxed) :] if here else ():
            self.arrives(each)
        return number

    def arrives(self, number: str) -> None:
        """A parcel is read at the station."""
        seen = event(
            EVENT_TYPES["arrived"],
            Subject(SubjectKind.PARCEL.value, number),
            self.now - timedelta(hours=1),
            SOURCE,
            facility=self.id,
        )
        with administrator() as connection:
            history.append_new(connection, self.merchant, [seen])

    def numbers(self) -> list[str]:
        """The merchant's parcels, in the order in which they were booked."""
        with administrator() as connection:
            return list(
                connection.execute(
                    text("SELECT number FROM parcels WHERE merchant_id = :m ORDER BY created_at, number"),
                    {"m": self.merchant},
                ).scalars()
            )

    def plan(self, key: str = "", **more: Any) -> dict[str, Any]:
        """Plans the day."""
        return dayplan.plan_rounds(self.context, self.act(key), SOURCE, self.id, DAY, effort=EFFORT, **more)

    def do(self, kind: str, key: str = "", **told: Any) -> dict[str, Any]:
        """An act of a driver."""
        return delivery_doing.do(
            self.context, self.act(key), SOURCE, self.id, at_door.told_from({"kind": kind, **told})
        )

    def delivery(self, number: str) -> Delivery:
        """A delivery as it is now."""
        with administrator() as connection:
            found = store.delivery(connection, number)
        assert found is not None
        return found

    def status(self, number: str) -> Status:
        """What tracking says now."""
        with administrator() as connection:
            return status(history.histories(connection, [number])[number], self.now)

    def compartments(self, *sizes: tuple[int, int, int]) -> None:
        """Gives the point compartments."""
        with administrator() as connection:
            delivery_points.put_compartments(
                connection,
                [delivery_points.Compartment(self.point, f"C{n}", size) for n, size in enumerate(sizes, 1)],
            )

    def out(self, cash: str = "") -> str:
        """A parcel that a driver has with him."""
        number = self.parcel(cash)
        made = self.plan()
        for id in made["rounds"]:
            self.do("start", round=id)
        return number


def network_with(station: str) -> tuple[Network, str]:
    """The small network with a station of Lyon of this id, and the id of the point near it."""
    here = Facility(
        station,
        "Lyon",
        Kind.DELIVERY_STATION,
        45.75,
        4.85,
        "FR",
        "Lyon",
        "Europe/Paris",
        "EU",
        handling_minutes=30,
    )
    point = replace_facility(here, f"{station}-P", "Tabac Bellecour", 45.757, 4.832)
    return Network.of(feed_with(small_feed(), (here, point))), point.id


def replace_facility(like: Facility, id: str, name: str, lat: float, lon: float) -> Facility:
    """Another facility like one."""
    return Facility(id, name, Kind.PICKUP_POINT, lat, lon, like.country, name, like.timezone, like.territory)


def feed_with(feed: Feed, more: tuple[Facility, ...]) -> Feed:
    """A feed with more facilities."""
    return replace(feed, facilities=feed.facilities + more)
