"""Waves: orders released to the floor together, batched on carts, each tour the shortest past its stops."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from qafila.core.identifiers.own import new_id
from qafila.core.values import value
from qafila.openness import openness_telling as openness
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import boxes, scanning, storage_telling, store
from qafila.storage import layout as layouts
from qafila.storage.model import PlaceKind
from qafila.storage.picking import sshape
from qafila.storage.picking.batching import Cart, batches
from qafila.storage.picking.grid import Stops
from qafila.storage.picking.picking_walking import tour as walk
from qafila.storage.readiness import ready
from qafila.storage.storage_acting import perform
from qafila.storage.storage_messages import NO_WAREHOUSE, SET_UP


@value
class Wish:
    """What to release: orders whose departure's cut-off comes before `until` (none: all), at most so many; carts of
    so many compartments and litres. Without a cut-off an order waits for nothing and goes with the rest."""

    until: datetime | None = None
    most: int = 2000
    compartments: int = 12
    litres: int = 240
    zone: str = ""  # only orders that lie wholly in this zone


def release(act: Act, facility: str, wish: Wish, patience: float | None = None) -> dict[str, Any]:
    """Releases orders as a wave of tours; the answer names them with their metres, and what an S-shape would walk.

    Orders of which something is missing are released only if they may go in part and their cut-off is inside the
    wave; the others wait on. What was released before is answered at once; else the machine code of tours is waited for, at
    most `patience` seconds. Raises Unknown where the warehouse has no layout, Preparing when the patience is over.
    """

    def do(connection: Connection) -> Answer:
        known = store.warehouse(connection, facility)
        if known is None:
            raise scanning.Unknown(
                NO_WAREHOUSE(facility=facility), SET_UP(), field="facility", value=facility
            )
        house = layouts.read(known.layout)
        connection.execute(
            # one wave at a time; what others do in the warehouse goes on meanwhile (FOR UPDATE would hold all that names it)
            text("SELECT 1 FROM warehouses WHERE facility = :f FOR NO KEY UPDATE"),
            {"f": facility},
        )
        picks = connection.execute(
            text(
                """
                SELECT k.*, o.state AS standing, o.cut_off, o.placed_at FROM picks k JOIN outbound o USING (merchant_id, order_id, part)
                WHERE k.facility = :f AND k.state = 'reserved' AND k.tour IS NULL
                    AND (o.state = 'reserved' OR (o.state = 'waiting' AND o.partial AND o.cut_off <= :u))
                    AND (CAST(:u AS timestamptz) IS NULL OR o.cut_off IS NULL OR o.cut_off <= :u)
                ORDER BY o.cut_off NULLS LAST, o.placed_at, k.pick  -- whoever came first: nobody by his name
                FOR UPDATE OF o  -- who cancels one of them meanwhile comes before, or after
                """
            ),
            {"f": facility, "u": wish.until},
        ).all()
        orders: dict[tuple[str, str, int], list[Any]] = defaultdict(list)
        for pick in picks:
            orders[pick.merchant_id, pick.order_id, pick.part].append(pick)
        if wish.zone:
            zones = {r.place: r.zone for r in store.places(connection, facility)}
            orders = {k: v for k, v in orders.items() if all(zones.get(p.place) == wish.zone for p in v)}
        chosen = dict(list(orders.items())[: wish.most])
        for key, some in chosen.items():
            if some[0].standing == "waiting":  # its departure leaves: what is not there is left out
                _leave_out(connection, key)
        wave = new_id("wave")
        if orders:
            waiting = {key: _waiting(some) for key, some in orders.items()}
            released = [waiting[key].number for key in chosen]
            told = storage_telling.decision(
                wave, facility, list(waiting.values()), released, wish.most, act.at
            )
            openness.tell(connection, [told])
        return {
            "wave": wave,
            "facility": facility,
            "orders": len(chosen),
            "tours": _tours(connection, facility, house, wave, chosen, wish),
        }

    asked = {name: getattr(wish, name) for name in Wish.__slots__}  # type: ignore[attr-defined]  # `value` adds slots
    return perform(act, "release", facility, asked, do, first=lambda: ready(patience))


def _waiting(picks: list[Any]) -> storage_telling.Waiting:
    first = min(picks, key=lambda pick: pick.pick)
    pieces = sum(pick.pieces for pick in picks)
    return storage_telling.Waiting(first.merchant_id, first.pick, first.cut_off, first.placed_at, pieces)


def _leave_out(connection: Connection, key: tuple[str, str, int]) -> None:
    """Notes as short what an order that may go in part has not reserved."""
    connection.execute(
        text(
            "UPDATE outbound_lines l SET short = l.pieces - l.picked - coalesce((SELECT sum(k.pieces - k.picked) FROM picks k "
            "WHERE (k.merchant_id, k.order_id, k.part, k.line) = (l.merchant_id, l.order_id, l.part, l.line) AND "
            "k.state = 'reserved'), 0) WHERE (merchant_id, order_id, part) = (:o, :id, :p)"
        ),
        {"o": key[0], "id": key[1], "p": key[2]},
    )


def _tours(
    connection: Connection,
    facility: str,
    house: layouts.Layout,
    wave: str,
    orders: dict[tuple[str, str, int], list[Any]],
    wish: Wish,
) -> list[dict[str, Any]]:
    """Batches the orders and writes their tours; one that no cart carries goes alone."""
    if not orders:
        return []
    stops, index = house.stops()
    keys = list(orders)
    cm3 = _volumes(connection, keys, orders)
    places = [[int(stops.stop[index[p.place]]) for p in orders[k] if p.place in index] for k in keys]
    litres = [max(1, cm3[k]) / 1000 for k in keys]
    cart = Cart(float(wish.litres), wish.compartments)
    alone = [i for i in range(len(keys)) if litres[i] > cart.load]
    together = [i for i in range(len(keys)) if litres[i] <= cart.load]
    groups = [[i] for i in alone]
    if together:
        groups += [
            [together[j] for j in batch.orders]
            for batch in batches(
                stops.grid, [places[i] for i in together], [litres[i] for i in together], cart
            )
        ]
    return [
        _write(connection, facility, stops, index, wave, [keys[i] for i in group], orders) for group in groups
    ]


def _volumes(
    connection: Connection, keys: list[tuple[str, str, int]], orders: dict[tuple[str, str, int], list[Any]]
) -> dict[tuple[str, str, int], int]:
    kinds = {
        owner: store.products(connection, owner, {p.sku for k in keys if k[0] == owner for p in orders[k]})
        for owner in {k[0] for k in keys}
    }
    return {k: sum(kinds[k[0]][p.sku].cm3 * p.pieces for p in orders[k]) for k in keys}


def _write(
    connection: Connection,
    facility: str,
    stops: Stops,
    index: dict[str, int],
    wave: str,
    keys: list[tuple[str, str, int]],
    orders: dict[tuple[str, str, int], list[Any]],
) -> dict[str, Any]:
    """One tour: its stops in the order of the shortest walk, a compartment for each order."""
    picks = [p for k in keys for p in orders[k]]
    wanted = np.array([stops.stop[index[p.place]] for p in picks if p.place in index], np.int64)
    found = walk(stops.grid, wanted)
    order_of_stop = {stop: n for n, stop in enumerate(found.stops)}
    habit = sshape.length(stops.grid, wanted) if stops.grid.depot_cross == 0 else found.length
    id = new_id("tour")
    connection.execute(
        text(
            "INSERT INTO tours (tour, facility, wave, state, metres, habit) VALUES (:t, :f, :w, 'open', :m, :h)"
        ),
        {"t": id, "f": facility, "w": wave, "m": found.length, "h": habit},
    )
    for n, key in enumerate(keys):
        store.side_place(connection, facility, boxes.compartment(id, n), PlaceKind.CART)
        connection.execute(
            text(
                "UPDATE outbound SET state = 'released', tour = :t, compartment = :n, changed_at = now() "
                "WHERE (merchant_id, order_id, part) = (:o, :id, :p)"
            ),
            {"t": id, "n": n, "o": key[0], "id": key[1], "p": key[2]},
        )
    ranked = sorted(
        picks,
        key=lambda p: (
            order_of_stop[int(stops.stop[index[p.place]])] if p.place in index else -1,
            p.place,
            p.sku,
        ),
    )
    number = {key: n for n, key in enumerate(keys)}
    for n, pick in enumerate(ranked):
        connection.execute(
            text("UPDATE picks SET tour = :t, stop = :n, compartment = :c WHERE pick = :p"),
            {"t": id, "n": n, "c": number[pick.merchant_id, pick.order_id, pick.part], "p": pick.pick},
        )
    return {
        "tour": id,
        "orders": len(keys),
        "picks": len(picks),
        "metres": round(found.length, 1),
        "habit_metres": round(habit, 1),
    }
