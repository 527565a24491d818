"""The sample: four warehouses with goods in them, deliveries on their way, orders in every state of the work.

Every act has a fixed key, so that a second run finds all of it done.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

from qafila.core.identifiers.own import new_id
from qafila.runtime.answered.acts import Act, Actor
from qafila.storage import (
    advices,
    fetching,
    handing_over,
    layout,
    outbound,
    packing,
    putting_away,
    releasing,
    storage_orders,
    storage_receiving,
    storage_setting_up,
    store,
)
from qafila.storage.advices import Advice, AdviceLine
from qafila.storage.model import Goods, Product
from qafila.storage.outbound import OutboundOrder
from qafila.storage.releasing import Wish
from qafila.storage.storage_acting import floor_transaction
from qafila.storage.storage_receiving import Received

WAREHOUSES = ("WH-MA-CASABLANCA-1", "WH-FR-PARIS-1", "WH-ES-MADRID-1", "WH-AE-DUBAI-1")
_AISLES, _BAYS = 6, 16
_ORDERS = 24
_KEEPS = {"1": date(2029, 6, 30), "2": date(2029, 9, 30)}
"""Until when lots keep: days that do not move, for an act that is sent again must say the same."""

_PEOPLE = ("Amal", "Badr", "Chaimae")


def set_up(owner: str, now: datetime, facilities: Iterable[str] = WAREHOUSES) -> dict[str, int]:
    """Sets the sample up; returns how many orders each warehouse has. Done before, it changes nothing.

    owner: the tenant whose goods they are; now: the instant from which cut-offs and expiries are counted.
    """
    kinds = products()
    with floor_transaction() as connection:
        for kind in kinds:
            store.put_product(connection, owner, kind)
    found = {}
    for number, facility in enumerate(facilities):
        told = layout_of(facility)
        storage_setting_up.set_up(layout.read(told), told)
        dice = random.Random(number)
        _fill(facility, owner, kinds, dice, now)
        found[facility] = _work(facility, owner, kinds, dice, now)
    return found


def products() -> list[Product]:
    """The products of samples/products.csv."""
    with (files("qafila") / "samples" / "products.csv").open(encoding="utf-8") as lines:
        return [
            Product(
                r["sku"],
                r["title"],
                r["hs"],
                r["origin"],
                int(r["grams"]),
                (int(r["length_mm"]), int(r["width_mm"]), int(r["height_mm"])),
                ((r["barcode"], 1),),
                by_lot=r["by_lot"] == "1",
                expires=r["expires"] == "1",
                least_days=30 if r["expires"] == "1" else 0,
                value=Decimal(r["value"]),
            )
            for r in csv.DictReader(lines)
        ]


def layout_of(facility: str) -> dict[str, Any]:
    """A warehouse of two blocks: a cross aisle in front, in the middle and behind."""
    return {
        "facility": facility,
        "cross_aisles_m": [0, 9, 18],
        "depot": "PACK-1",
        "aisles": [
            {
                "id": chr(65 + n),
                "x_m": 4 * n,
                "bays": _BAYS,
                "bay_m": 1.06,
                "first_m": 1,
                "levels": ["1", "2"],
                "reserve": ["2"],
                "sides": ["L", "R"],
                "zone": "",
                "max_cm3": 900_000,
                "max_g": 900_000,
            }
            for n in range(_AISLES)
        ],
        "stations": [
            {"id": "DOCK-1", "kind": "dock", "x_m": 14, "y_m": -2},
            {"id": "DOCK-2", "kind": "dock", "x_m": 18, "y_m": -2},
            {"id": "PACK-1", "kind": "pack", "x_m": 0, "y_m": 0},
            {"id": "STAGE-1", "kind": "stage", "x_m": 6, "y_m": -2},
            {"id": "QUARANTINE", "kind": "quarantine", "x_m": 20, "y_m": -1},
        ],
    }


def _act(facility: str, what: str, at: datetime, by: str = "Amal") -> Act:
    return Act(f"sample:{facility}:{what}", Actor("sample", by, "sample"), at)


def _fill(facility: str, owner: str, kinds: list[Product], dice: random.Random, now: datetime) -> None:
    """Goods received yesterday and put on shelves: a pick face of each, and more of it in reserve."""
    at = now - timedelta(days=1)
    for n, kind in enumerate(kinds):
        for level, pieces in (("1", 24), ("2", 36)):
            place = f"{chr(65 + dice.randrange(_AISLES))}-{1 + (2 * n + int(level)) % _BAYS:02d}-{'LR'[n % 2]}-{level}"
            lot = f"L{n}{level}" if kind.by_lot else ""
            expires = _KEEPS[level] if kind.expires else None
            key = f"{kind.sku}:{level}"
            storage_receiving.receive(
                _act(facility, f"in:{key}", at),
                facility,
                owner,
                "",
                "DOCK-1",
                Received(kind.sku, pieces, lot, "", expires),
            )
            putting_away.put_away(
                _act(facility, f"away:{key}", at),
                facility,
                "DOCK-1",
                place,
                Goods(owner, kind.sku, lot),
                pieces,
            )
    coming = tuple(
        AdviceLine(k.sku, 12, f"N{n}", (now + timedelta(days=400)).date())
        if k.by_lot
        else AdviceLine(k.sku, 12)
        for n, k in enumerate(kinds[:4])
    )
    advice = Advice(
        f"PO-{facility[-8:]}", owner, facility, coming, "Coopérative Tighanimine", now + timedelta(hours=20)
    )
    advices.announce(_act(facility, "advice", at), advice)


def _work(facility: str, owner: str, kinds: list[Product], dice: random.Random, now: datetime) -> int:
    """Orders of the morning: most reserved, some released, picked, packed and handed over; one waits for goods."""
    prefix = f"S-{facility.split('-')[2][:3]}"
    for n in range(_ORDERS):
        lines = tuple((kind.sku, dice.randint(1, 2)) for kind in dice.sample(kinds, dice.randint(1, 3)))
        order = OutboundOrder(
            f"{prefix}-{n:03d}", owner, facility, lines, cut_off=now + timedelta(hours=3 + n % 5)
        )
        outbound.place_order(_act(facility, f"order:{n}", now - timedelta(hours=4)), order)
    rare = OutboundOrder(f"{prefix}-900", owner, facility, ((kinds[4].sku, 90),), partial=False)
    outbound.place_order(_act(facility, "order:rare", now - timedelta(hours=4)), rare)
    wave = releasing.release(
        _act(facility, "release", now - timedelta(hours=3)),
        facility,
        Wish(most=14, compartments=5, litres=200),
    )
    if wave["repeated"]:  # what people have done since is theirs
        return _ORDERS + 1
    for n, tour in enumerate(wave["tours"]):
        by, at = _PEOPLE[n % len(_PEOPLE)], now - timedelta(minutes=150 - 35 * n)
        if n == len(wave["tours"]) - 1:
            break  # the last is left for whoever opens the scanner
        seen = fetching.begin(_act(facility, f"begin:{n}", at, by), facility, tour["tour"])
        half = n == len(wave["tours"]) - 2
        for done, stop in enumerate(seen["stops"]):
            if half and 2 * done >= len(seen["stops"]):
                break
            at += timedelta(seconds=45)
            fetching.fetch(
                _act(facility, f"pick:{stop['pick']}", at, by), tour["tour"], stop["pick"], stop["pieces"]
            )
    with floor_transaction() as connection:
        picked = [r.order_id for r in storage_orders.waiting_at(connection, facility, ["picked"])]
    for order_id in picked[: len(picked) // 2]:
        packing.pack(_act(facility, f"pack:{order_id}", now - timedelta(minutes=20)), owner, order_id)
    handed = [(owner, order_id, 0) for order_id in picked[: len(picked) // 4]]
    if handed:
        handing_over.hand_over(
            _act(facility, "handed", now - timedelta(minutes=5)), facility, handed, new_id("departure")
        )
    return _ORDERS + 1
