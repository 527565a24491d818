"""Orders of the day that a warehouse sends: goods on its shelves, orders placed, picked, packed and handed over."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from qafila.context import Context
from qafila.day.clock import Clock
from qafila.network.model import Kind
from qafila.runtime.answered.acts import Act, Actor
from qafila.shipping import counter
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.normalising import command_of
from qafila.shipping.orders.reading import Row
from qafila.storage import (
    closing,
    fetching,
    fulfilling,
    handing_over,
    layout,
    packing,
    putting_away,
    releasing,
    storage_receiving,
    storage_sample,
    storage_setting_up,
    store,
)
from qafila.storage import storage_orders as orders_at
from qafila.storage.model import Goods
from qafila.storage.releasing import Wish
from qafila.storage.storage_acting import floor_transaction
from qafila.storage.storage_receiving import Received

_BUYERS = (
    ("Salma Idrissi", "12 rue Ibn Batouta", "", "Rabat", "MA", "+212600000001"),
    ("Nadia Berrada", "8 avenue Moulay Youssef", "", "Casablanca", "MA", "+212600000002"),
    ("Camille Perrin", "27 rue Oberkampf", "75011", "Paris", "FR", "+33600000003"),
    ("Youssef Amrani", "3 rue de Fès", "", "Marrakech", "MA", "+212600000004"),
    ("Inés Vidal", "Calle Mayor 14", "28013", "Madrid", "ES", "+34600000005"),
)


def warehouse(context: Context) -> str:
    """The day's own warehouse: the first of Morocco that the sample does not use; empty where there is none."""
    found = sorted(
        f.id
        for f in context.network.feed.facilities
        if f.kind is Kind.WAREHOUSE and f.country == "MA" and f.id not in storage_sample.WAREHOUSES
    )
    return found[0] if found else ""


def send(context: Context, clock: Clock, owner: str, orders: int) -> list[str]:
    """Sends some orders from the day's warehouse; returns the ids of those that were handed over.

    Cash is collected for the orders of Morocco.
    """
    facility = warehouse(context)
    if not facility or not orders:
        return []

    def act(what: str) -> Act:
        return Act(f"day:{facility}:{what}", Actor(owner, "Amal", "day"), clock.now())

    kinds = storage_sample.products()
    with floor_transaction() as connection:
        for kind in kinds:
            store.put_product(connection, owner, kind)
    told = storage_sample.layout_of(facility)
    storage_setting_up.set_up(layout.read(told), told)
    for n, kind in enumerate(kinds):
        clock.set(clock.now() + timedelta(minutes=2))
        lot = f"D{n}" if kind.by_lot else ""
        keeps = date(2031, 6, 30) if kind.expires else None
        storage_receiving.receive(
            act(f"in:{kind.sku}"), facility, owner, "", "DOCK-1", Received(kind.sku, 40, lot, "", keeps)
        )
        place = f"{chr(65 + n % 6)}-{1 + n:02d}-L-1"
        putting_away.put_away(
            act(f"away:{kind.sku}"), facility, "DOCK-1", place, Goods(owner, kind.sku, lot), 40
        )
    placed = []
    for n in range(orders):
        clock.set(clock.now() + timedelta(minutes=3))
        name, line, postcode, city, country, phone = _BUYERS[n % len(_BUYERS)]
        kind = kinds[(0, 1, 2, 7, 3)[n % 5]]
        longest, middle, least = sorted((max(60, mm + 40) for mm in kind.size_mm), reverse=True)
        cells = {
            "order_id": f"D-W-{n:02d}",
            "sender_name": "Souk",
            "sender_city": "Casablanca",
            "sender_country": "MA",
            "name": name,
            "line1": line,
            "postcode": postcode,
            "city": city,
            "country": country,
            "phone": phone,
            "email": f"buyer{n}@example.org",
            "title": kind.title,
            "hs": kind.hs,
            "sku": kind.sku,
            "quantity": "2",
            "unit_price": str(kind.value),
            "currency": "EUR",
            "goods_origin": kind.origin,
            "weight_kg": str(Decimal(kind.grams) / 1000),
            "length_cm": str(longest / 10),
            "width_cm": str(middle / 10),
            "height_cm": str(least / 10),
            "cash_on_delivery": str(kind.value * 2) if country == "MA" else "",
        }
        said = partial(command_of, RawOrder(cells["order_id"], (1,), cells, (Row(1, cells),)))
        order = counter.understand(clock.on(context).of(owner), said)
        if isinstance(order, list):
            raise RuntimeError(f"the day's order {cells['order_id']} is refused: {order[0].reason}")
        fulfilling.fulfil(clock.on(context).of(owner), order, act(f"order:{n}"))
        placed.append(order.id)
    clock.set(clock.now() + timedelta(minutes=20))
    wave = releasing.release(act("release"), facility, Wish(most=50, compartments=8, litres=400))
    for n, tour in enumerate(wave["tours"]):
        seen = fetching.begin(act(f"begin:{n}"), facility, tour["tour"])
        for stop in seen["stops"]:
            clock.set(clock.now() + timedelta(seconds=50))
            fetching.fetch(
                act(f"pick:{n}:{stop['place']}:{stop['order']}"), tour["tour"], stop["pick"], stop["pieces"]
            )
    with floor_transaction() as connection:
        picked = sorted(r.order_id for r in orders_at.waiting_at(connection, facility, ["picked"]))
    for order_id in picked:
        clock.set(clock.now() + timedelta(minutes=2))
        packing.pack(act(f"pack:{order_id}"), owner, order_id)
    clock.set(clock.now() + timedelta(minutes=10))
    handing_over.hand_over(
        act("handed"), facility, [(owner, o, 0) for o in picked], "first departure", closing.handed_over
    )
    return picked
