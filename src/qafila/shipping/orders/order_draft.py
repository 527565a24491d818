"""An order on its way from a file's words to an Order: what was said, nothing completed yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from qafila.core.money import Money
from qafila.shipping.orders.order import STANDARD, Address, Estimate
from qafila.shipping.orders.orders_cash import SaidCash


@dataclass(slots=True)
class DraftItem:
    """A kind of goods as it was said; None where nothing was. Values and weights are for one piece."""

    row: int  # where it stands in the file
    title: str
    quantity: int
    unit_value: Money | None
    grams: Decimal | None
    size_mm: tuple[int, int, int] | None
    attributes: str = ""
    category: str = ""
    sku: str = ""
    hs: str | None = None
    origin: str | None = None


@dataclass(slots=True)
class DraftParcel:
    """A parcel as it was said: pieces by index of the item; weight and sides None where nothing was said of them."""

    row: int  # where it is said first
    contents: dict[int, int]
    grams: Decimal | None = None
    size_mm: tuple[int, int, int] | None = None


@dataclass(slots=True)
class Draft:
    """An order as it was said, its addresses and figures understood."""

    id: str
    rows: tuple[int, ...]
    content: str  # what the merchant wrote, the same in each reading of the same file
    sender: Address
    receiver: Address
    items: list[DraftItem]
    ready: datetime
    rule: str
    promise_by: date | None
    insured: bool = False
    trade: str = "b2c"
    taxes_paid_by: str = "sender"
    preference: str | None = None
    note: str = ""
    estimates: list[Estimate] = field(default_factory=list)
    service_class: str = STANDARD
    cash: SaidCash | None = None
    parcels: list[DraftParcel] = field(default_factory=list)  # empty where it is not said what goes where

    @property
    def priced(self) -> bool:
        """Whether the value of all its goods was said."""
        return all(item.unit_value is not None for item in self.items)
