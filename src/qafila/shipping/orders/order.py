"""An order as its merchant sold it, normalised: what offers are made for."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from qafila.core.message import Message
from qafila.core.money import Money
from qafila.core.values import value
from qafila.network.timetable import Goods

STANDARD = "standard"
"""The service class of an order that states none; the planner's table has all (service-classes.csv)."""


@value
class Problem:
    """What is wrong with a row, where, and what would mend it."""

    row: int  # 1-based line of data, the header not counted
    field: str
    value: str
    reason: Message
    remedy: Message
    order_id: str = ""
    heading: str = ""  # the column as the file calls it, where it has one


@value
class Estimate:
    """A value that the merchant did not give, and the rule by which it was completed."""

    field: str  # e.g. "weight_kg", "items[0].hs"
    value: str
    rule: Message
    confidence: float | None = None  # 0 to 1, where the rule gives one: how sure a proposed HS code is


@value
class Address:
    """Where a parcel is collected or delivered. A city and a country at least, or a facility."""

    country: str  # ISO 3166 alpha-2
    city: str
    name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    region: str = ""
    postcode: str = ""
    phone: str = ""
    email: str = ""
    tax_id: str = ""
    facility_id: str | None = None  # given, or found: the facility that collects or delivers here
    to_door: bool = True  # False: the parcel starts or ends at the facility itself
    area: str = ""  # part of the country with taxes of its own (PT-20, XI); empty for the mainland

    @property
    def taxed_as(self) -> str:
        """The country or area whose import duty and taxes hold."""
        return self.area or self.country


@value
class Item:
    """A kind of goods in an order; values and weights are for one piece."""

    description: str
    quantity: int
    unit_value: Money
    unit_kg: Decimal | None = None
    sku: str = ""
    hs: str | None = None
    origin: str | None = None  # ISO 3166 alpha-2
    category: str = ""
    attributes: str = ""


@value
class CashOnDelivery:
    """What is collected from the receiver at the door, in the order's currency."""

    money: Money
    of_shop: bool = False  # the total of a shop's order, which may hold its own freight and taxes


@value
class Box:
    """One parcel of an order: what lies in it, its weight and its sides, longest first."""

    contents: tuple[tuple[int, int], ...]  # index into the order's items, and how many pieces of it
    grams: int
    length_mm: int
    width_mm: int
    height_mm: int
    goods: Goods = Goods.NONE

    @property
    def cm3(self) -> int:
        """Volume, rounded up to a whole cm³."""
        return -(-self.length_mm * self.width_mm * self.height_mm // 1000)


@value
class Order:
    """A normalised, completed order, or the part of one that one facility sends: one shipment of one parcel, or of those
    in `parcels`."""

    id: str  # the merchant's own; unique for a merchant
    rows: tuple[int, ...]  # the rows of the file that it came from
    sender: Address
    receiver: Address
    items: tuple[Item, ...]
    grams: int  # gross weight of all parcels
    length_mm: int  # of the parcel, or the largest of several
    width_mm: int
    height_mm: int
    ready: datetime  # aware UTC: when the goods can be collected
    rule: str = "cheapest"  # how to choose: cheapest, fastest, greenest, promise
    promise_by: date | None = None  # for rule "promise": deliver on this day at the latest
    goods: Goods = Goods.NONE
    insured: bool = False
    trade: str = "b2c"
    taxes_paid_by: str = "sender"  # sender (DDP) or receiver (DAP)
    preference: str | None = None
    note: str = ""
    estimates: tuple[Estimate, ...] = ()
    service_class: str = STANDARD  # whose reservation of the plan it may draw from
    cash_on_delivery: CashOnDelivery | None = None
    parcels: tuple[Box, ...] = ()  # where there are several
    whole: str = ""  # the merchant's order, where this is the part of it that one facility sends

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Its parcels, in the order of their numbers; never none."""
        if self.parcels:
            return self.parcels
        contents = tuple((n, item.quantity) for n, item in enumerate(self.items))
        return (Box(contents, self.grams, self.length_mm, self.width_mm, self.height_mm, self.goods),)

    @property
    def cm3(self) -> int:
        """Volume of all parcels, each rounded up to a whole cm³."""
        if self.parcels:
            return sum(box.cm3 for box in self.parcels)
        return -(-self.length_mm * self.width_mm * self.height_mm // 1000)

    @property
    def value(self) -> Money:
        """Value of all goods, in the currency of the first item."""
        first = self.items[0].unit_value
        return sum((i.unit_value * i.quantity for i in self.items), start=Money(Decimal(0), first.currency))
