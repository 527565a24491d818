"""What storage takes and tells."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from qafila.api.chassis.common_schema import Amount, Day, In, Instant
from qafila.storage.model import Product
from qafila.storage.storage_doing import Told, told_from

Name = Annotated[str, Field(min_length=1, max_length=80)]
Pieces = Annotated[int, Field(ge=1, le=10_000_000)]


class BarcodeIn(In):
    """A code on the goods, and for how many pieces it stands."""

    code: Name
    pieces: Pieces = 1


class PartIn(In):
    """A part of a kit."""

    sku: Name
    pieces: Pieces


Side = Annotated[int, Field(ge=0, le=20_000)]
"""Millimetres; 0 where it is not known."""


class ProductIn(In):
    """A product; weights and sizes are of one piece."""

    title: Annotated[str, Field(min_length=1, max_length=300)]
    hs: str = Field(default="", max_length=10)
    origin: str = Field(default="", pattern="^([A-Z]{2})?$")
    grams: int = Field(default=0, ge=0, le=2_000_000)
    size_mm: tuple[Side, Side, Side] = (0, 0, 0)
    barcodes: list[BarcodeIn] = Field(default_factory=list, max_length=50)
    by_lot: bool = False
    by_serial: bool = False
    expires: bool = False
    least_days: int = Field(default=0, ge=0, le=3650, description="days it must still keep when it leaves")
    catch_weight: bool = Field(default=False, description="each pick is weighed")
    hazard: str = Field(default="", max_length=40, description="UN number or class")
    temperature: tuple[int, int] | None = Field(default=None, description="°C, lowest and highest")
    parts: list[PartIn] = Field(default_factory=list, max_length=50, description="of a kit")
    substitutes: list[Name] = Field(default_factory=list, max_length=20)
    value: Amount = Field(default=0, ge=0, validate_default=True)
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")

    def product(self, sku: str) -> Product:
        """The product that it tells."""
        told = {
            name: getattr(self, name)
            for name in ProductIn.model_fields
            if name not in ("barcodes", "parts", "substitutes")
        }
        return Product(
            sku=sku,
            barcodes=tuple((b.code, b.pieces) for b in self.barcodes),
            parts=tuple((p.sku, p.pieces) for p in self.parts),
            substitutes=tuple(self.substitutes),
            **told,
        )


class AdviceLineIn(In):
    """Goods that are said to come."""

    sku: Name
    pieces: Pieces
    lot: str = Field(default="", max_length=80)
    expires_on: Day | None = None
    condition: str = Field(default="good", pattern="^(good|damaged|bonded)$")


class AdviceIn(In):
    """A delivery that is announced."""

    id: Name
    facility: Name
    supplier: str = Field(default="", max_length=200)
    expected_at: Instant | None = None
    lines: list[AdviceLineIn] = Field(min_length=1, max_length=2000)


class AppointmentIn(In):
    """A dock for some minutes."""

    dock: Name
    since: Instant
    minutes: int = Field(ge=5, le=1440)


class OutLineIn(In):
    """Goods that an order asks for."""

    sku: Name
    pieces: Pieces


class OutboundIn(In):
    """An order that a warehouse serves."""

    id: Name
    facility: Name
    lines: list[OutLineIn] = Field(min_length=1, max_length=500)
    part: int = Field(default=0, ge=0, le=99)
    cut_off: Instant | None = Field(default=None, description="of the departure that it is booked on")
    parcel: str | None = Field(default=None, max_length=40)
    booking: str = Field(
        default="", max_length=80, description="its parcel and its cut-off are then the order's"
    )
    partial: bool = Field(default=True, description="what is short may be left out")
    substitute: bool = Field(default=False, description="substitutes of its products may go instead")
    bonded: bool = Field(default=False, description="goods under bond may serve it: it leaves the territory")
    note: str = Field(default="", max_length=500)


class WaveIn(In):
    """What to release."""

    facility: Name
    until: Instant | None = Field(default=None, description="only orders whose cut-off comes before it")
    most: int = Field(default=2000, ge=1, le=20_000)
    compartments: int = Field(default=12, ge=1, le=200)
    litres: int = Field(default=240, ge=1, le=10_000)
    zone: str = Field(default="", max_length=40)


class ActIn(In):
    """An act of a scanner. `kind` says which of the fields it needs; see docs/storage.md."""

    facility: Name
    kind: Name
    at: Instant | None = Field(default=None, description="when it was done; now, where it is not said")
    late: bool = Field(
        default=False, description="it was done without connection: a conflict becomes a count"
    )
    by: str = Field(
        default="",
        max_length=80,
        description="the person at the scanner, one of your organisation: by name or e-mail. Only keys name one; a person signs for himself",
    )
    device: str = Field(default="", max_length=80)
    code: str = Field(default="", max_length=400)
    place: str = Field(default="", max_length=120)
    source: str = Field(default="", max_length=120)
    owner: str = Field(default="", max_length=80)
    pieces: int = Field(default=1, ge=0, le=10_000_000)
    lot: str = Field(default="", max_length=80)
    serial: str = Field(default="", max_length=80)
    expires_on: Day | None = None
    grams: int = Field(default=0, ge=0, le=100_000_000)
    damaged: bool = False
    advice: str = Field(default="", max_length=80)
    tour: str = Field(default="", max_length=80)
    pick: int = Field(default=0, ge=0, le=1 << 62)
    order: str = Field(default="", max_length=80)
    part: int = Field(default=0, ge=0, le=99)
    carton: str = Field(default="", max_length=40)
    why: str = Field(default="", max_length=500)
    to: str = Field(default="", max_length=120)
    proposed: str = Field(default="", max_length=120)
    orders: list[tuple[str, str, int]] = Field(default_factory=list, max_length=1000)
    contents: list[tuple[Name, Pieces]] = Field(
        default_factory=list, max_length=500, description="of a carton: SKUs and pieces"
    )

    def told(self) -> Told:
        """As the floor knows it."""
        given: dict[str, Any] = self.model_dump()
        return told_from(given)


class HoldIn(In):
    """Why a lot may not leave; empty: it may again."""

    because: str = Field(default="", max_length=300)


class ExcursionIn(In):
    """A zone was too cold or too warm."""

    facility: Name
    zone: Name
    coldest: int = Field(ge=-100, le=100, description="°C")
    warmest: int = Field(ge=-100, le=100, description="°C")
    since: Instant
    until: Instant


class ShopIn(In):
    """A shop that is told of free stock."""

    shop: Literal["shopify", "woocommerce"]
    address: str = Field(max_length=300, description="https://…")
    secret: str = Field(
        max_length=300,
        description="Shopify: an access token; WooCommerce: consumer key and secret, ck_…:cs_…",
    )
    location: str = Field(default="", max_length=100, description="of Shopify: the number of its location")
    facilities: list[Name] = Field(
        default_factory=list, max_length=100, description="whose stock counts; none: all"
    )
