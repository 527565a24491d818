"""A warehouse, its goods and its people, for the tests of storage."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from qafila.runtime.accounts import service as accounts
from qafila.runtime.answered.acts import Act, Actor
from qafila.runtime.database import administrator
from qafila.storage import layout, putting_away, storage_receiving, storage_setting_up, store
from qafila.storage.model import Goods, Product
from qafila.storage.storage_receiving import Received

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
_numbers = itertools.count()


def name(prefix: str) -> str:
    """A name that no other test uses."""
    return f"{prefix}{next(_numbers)}"


def act(key: str = "", by: str = "Amal", at: datetime = NOW) -> Act:
    """An act of a person; with a key of its own unless one is given."""
    return Act(key or name("key-"), Actor("local", by, "scanner 1"), at)


def told(facility: str, aisles: int = 3, bays: int = 10) -> dict[str, Any]:
    """A layout: aisles 4 m apart, of two levels, the upper one reserve; a hazard and a cold aisle at the end."""
    zones = ["", *[""] * (aisles - 1), "hazard", "cold"]
    return {
        "facility": facility,
        "cross_aisles_m": [0, bays + 1],
        "depot": "PACK-1",
        "aisles": [
            {
                "id": chr(65 + i),
                "x_m": 4 * i,
                "bays": bays,
                "bay_m": 1,
                "first_m": 1,
                "levels": ["1", "2"],
                "reserve": ["2"],
                "sides": ["L", "R"],
                "zone": zone,
                "max_cm3": 400_000,
                "max_g": 500_000,
            }
            for i, zone in enumerate(zones)
        ],
        "stations": [
            {"id": "DOCK-1", "kind": "dock", "x_m": 8, "y_m": -2},
            {"id": "DOCK-2", "kind": "dock", "x_m": 12, "y_m": -2},
            {"id": "PACK-1", "kind": "pack", "x_m": 0, "y_m": 0},
            {"id": "QUARANTINE", "kind": "quarantine", "x_m": 16, "y_m": -2},
        ],
    }


def warehouse() -> str:
    """A new warehouse; returns its facility id."""
    facility = name("WH-")
    storage_setting_up.set_up(layout.read(told(facility)), told(facility))
    return facility


def owner() -> str:
    """A new merchant with a few products."""
    with administrator() as connection:
        id = accounts.create(connection, name("Merchant ")).id
        for product in (
            Product(
                "TEA",
                "Mint tea",
                "090210",
                "MA",
                250,
                (120, 80, 60),
                (("6111234567895", 1), ("16111234567892", 12)),
                by_lot=True,
                expires=True,
                least_days=10,
                value=Decimal("4.50"),
            ),
            Product(
                "LAMP",
                "Lamp",
                "940520",
                "MA",
                1800,
                (300, 200, 200),
                value=Decimal(60),
                substitutes=("LAMP-B",),
            ),
            Product("LAMP-B", "Lamp, blue", "940520", "MA", 1800, (300, 200, 200), value=Decimal(60)),
            Product("PHONE", "Phone", "851713", "CN", 200, (160, 80, 20), by_serial=True, value=Decimal(300)),
            Product(
                "HAM",
                "Ham",
                "021011",
                "ES",
                0,
                (300, 150, 100),
                by_lot=True,
                catch_weight=True,
                value=Decimal(80),
            ),
            Product(
                "PAINT", "Paint", "320890", "MA", 900, (100, 100, 120), hazard="UN1263", value=Decimal(12)
            ),
            Product("SET", "Tea and lamp", parts=(("TEA", 2), ("LAMP", 1))),
        ):
            store.put_product(connection, id, product)
    return id


def fill(
    facility: str,
    owner: str,
    sku: str,
    pieces: int,
    place: str,
    lot: str = "",
    days: int = 365,
    serial: str = "",
    grams: int = 0,
) -> Goods:
    """Goods received and put at a place."""
    expires = date.fromordinal(NOW.date().toordinal() + days) if lot else None
    goods = Goods(owner, sku, lot, serial)
    storage_receiving.receive(
        act(), facility, owner, "", "DOCK-1", Received(sku, pieces, lot, serial, expires, grams=grams)
    )
    putting_away.put_away(act(), facility, "DOCK-1", place, goods, pieces)
    return goods


def soon(hours: int = 4) -> datetime:
    """A cut-off some hours from now."""
    return NOW + timedelta(hours=hours)


def free(facility: str, owner: str, sku: str) -> tuple[int, int]:
    """Pieces and reserved pieces of a product in a warehouse."""
    with administrator() as connection:
        found = store.stock(
            connection, "s.facility = :f AND s.merchant_id = :o AND s.sku = :s", f=facility, o=owner, s=sku
        )
    return sum(s.pieces for s in found), sum(s.reserved for s in found)
