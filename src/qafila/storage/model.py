"""What storage speaks of: products, places, goods at a place, movements. Values and rules, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from qafila.core.fault import Fault
from qafila.core.identifiers import gs1
from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.values import value
from qafila.storage import storage_messages


class Condition(StrEnum):
    """In what state goods lie. Only good and bonded goods leave for buyers."""

    GOOD = "good"
    DAMAGED = "damaged"
    BLOCKED = "blocked"  # recalled, too warm, or asked about
    BONDED = "bonded"  # under customs control: a lot says its entry, its status and its deadline


class PlaceKind(StrEnum):
    """What a place in a warehouse is for."""

    PICK = "pick"
    RESERVE = "reserve"
    DOCK = "dock"  # where goods come in and wait to be put away
    STAGE = "stage"  # what is packed and waits for its departure
    PACK = "pack"
    CART = "cart"  # a compartment of a picker's cart
    PARCEL = "parcel"  # in a box, by the order's number
    QUARANTINE = "quarantine"


class Reason(StrEnum):
    """Why goods moved."""

    RECEIPT = "receipt"
    PUT_AWAY = "put_away"
    MOVE = "move"
    REPLENISH = "replenish"
    PICK = "pick"
    PUT_BACK = "put_back"
    PACK = "pack"
    SHIP = "ship"
    CORRECTION = "correction"
    CONDITION = "condition"
    ASSEMBLE = "assemble"  # parts into a kit, or a kit into parts


@value
class Product:
    """A kind of goods of one owner, as orders, customs and shelves need to know it. Weights are for one piece."""

    sku: str
    title: str
    hs: str = ""
    origin: str = ""  # ISO 3166 alpha-2
    grams: int = 0  # 0: not known
    size_mm: tuple[int, int, int] = (0, 0, 0)
    barcodes: tuple[tuple[str, int], ...] = ()  # code, and how many pieces it stands for
    by_lot: bool = False
    by_serial: bool = False
    expires: bool = False
    least_days: int = 0  # days it must still keep when it leaves
    catch_weight: bool = False  # each pick is weighed
    hazard: str = ""  # UN number or class
    temperature: tuple[int, int] | None = None  # °C, lowest and highest
    parts: tuple[tuple[str, int], ...] = ()  # of a kit: SKU and pieces
    substitutes: tuple[str, ...] = ()  # SKUs that may go instead
    value: Decimal = Decimal(0)  # of one piece, in the owner's currency
    currency: str = "EUR"

    @property
    def cm3(self) -> int:
        """Volume of one piece, rounded up; 0 where its size is not known."""
        a, b, c = self.size_mm
        return -(-a * b * c // 1000)


@value
class Goods:
    """What lies somewhere: whose, what, of which lot, and in which condition."""

    owner: str  # tenant id
    sku: str
    lot: str = ""
    serial: str = ""
    condition: str = Condition.GOOD.value


@value
class Lot:
    """Pieces of a product that were made or came in together."""

    owner: str
    sku: str
    lot: str
    expires_on: date | None = None
    supplier: str = ""
    advice: str = ""  # with which it came in
    held: str = ""  # why it may not leave; empty: it may
    customs_entry: str = ""  # the declaration it lies under, while bonded
    customs_status: str = ""
    customs_deadline: date | None = None


@value
class Stock:
    """Goods at a place. Stock is the sum of movements and never below zero."""

    facility: str
    place: str
    goods: Goods
    pieces: int
    reserved: int
    grams: int = 0  # of goods that are weighed one by one

    @property
    def free(self) -> int:
        """Pieces that nobody has reserved."""
        return self.pieces - self.reserved


@value
class Movement:
    """Pieces that went from a place to a place: the truth that stock is the sum of.

    Without `source` they came from outside the warehouse, without `target` they went out of it.
    """

    facility: str
    goods: Goods
    pieces: int
    reason: str
    source: str | None = None
    target: str | None = None
    becomes: str | None = None  # the condition they change to; None: the same
    unreserved: int = 0  # pieces of them that had been reserved
    grams: int = 0
    subject: str = ""  # order, advice line, count, tour: what it was for


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scanned or typed code stands for."""

    code: str
    product: str = ""  # SKU
    pieces: int = 1
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None
    place: str = ""
    grams: int = 0


def normal_code(code: str) -> str:
    """A code as it is compared: without spaces around it; GTINs of 8, 12 and 13 digits filled up to 14."""
    plain = code.strip()
    for kind in ("GTIN-8", "GTIN-12", "GTIN-13"):
        if plain.isascii() and plain.isdigit() and len(plain) == int(kind[5:]):
            try:
                return gs1.parse(kind, plain).zfill(14)
            except InvalidNumber:
                return plain
    return plain


def exploded(
    lines: list[tuple[str, int]], products: dict[str, Product], above: frozenset[str] = frozenset()
) -> list[tuple[str, int]]:
    """Lines of SKU and pieces, kits taken apart into what lies on shelves, equal SKUs added up.

    Raises Fault where a kit contains itself; `above` are the kits that contain these lines.
    """
    total: dict[str, int] = {}
    for sku, pieces in lines:
        product = products.get(sku)
        if product is None or not product.parts:
            total[sku] = total.get(sku, 0) + pieces
            continue
        if sku in above:
            raise Fault(storage_messages.KIT_IN_ITSELF(sku=sku), field="sku", value=sku)
        for part, each in exploded([(p, n * pieces) for p, n in product.parts], products, above | {sku}):
            total[part] = total.get(part, 0) + each
    return list(total.items())


def changed(goods: Goods, condition: str) -> Goods:
    """The same goods in another condition."""
    return replace(goods, condition=condition)
