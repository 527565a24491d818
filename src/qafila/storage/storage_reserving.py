"""Goods are promised to orders: what expires first goes first, substitutes where they are allowed, and given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import storage_orders, store
from qafila.storage.model import Condition, Product
from qafila.storage.storage_acting import perform


def reserve(connection: Connection, owner: str, order: str, part: int, now: datetime) -> bool:
    """Reserves what an order still lacks; says whether all of it is reserved now. In the caller's transaction.

    First expired first out, and within a lot what lies nearest; a product that expires leaves only while it keeps
    for its `least_days`. Where the order allows it, substitutes fill up what is missing.
    """
    found = storage_orders.row(connection, owner, order, part)
    conditions = [Condition.GOOD.value, *([Condition.BONDED.value] if found.bonded else [])]
    complete = True
    lines = storage_orders.lines_of(connection, owner, order, part)
    kinds = store.products(connection, owner, {r.sku for r in lines})
    wanted = set(kinds)
    if found.substitute:
        kinds |= store.products(connection, owner, {other for k in kinds.values() for other in k.substitutes})
        wanted = set(kinds)
    store.queue_for(connection, found.facility, owner, wanted)
    for line in lines:
        open_ = connection.execute(
            text(
                "SELECT coalesce(sum(pieces - picked), 0) FROM picks WHERE merchant_id = :o AND order_id = :id AND part = :p "
                "AND line = :n AND state = 'reserved'"
            ),
            {"o": owner, "id": order, "p": part, "n": line.line},
        ).scalar_one()
        missing = line.pieces - line.picked - line.short - open_
        if missing <= 0:
            continue
        missing -= _take(connection, found, line.line, line.sku, missing, conditions, now)
        if missing and found.substitute:
            for other in kinds[line.sku].substitutes:
                if missing and other in kinds:
                    missing -= _instead(connection, found, line, other, missing, conditions, now)
        complete = complete and missing == 0
    if found.state in ("waiting", "reserved"):
        storage_orders.set_state(connection, owner, order, part, "reserved" if complete else "waiting")
    return complete


def _take(
    connection: Connection, order: Any, line: int, sku: str, wanted: int, conditions: list[str], now: datetime
) -> int:
    """Reserves up to so many pieces for a line; returns how many."""
    kind = store.products(connection, order.merchant_id, [sku])[sku]
    last = (now + timedelta(days=kind.least_days)).date()
    taken = 0
    for held in store.to_promise(connection, order.facility, order.merchant_id, sku, conditions, last):
        pieces = min(held.free, wanted - taken)
        if pieces <= 0:
            break
        store.reserve(connection, held, pieces)
        g = held.goods
        connection.execute(
            text(
                "INSERT INTO picks (facility, merchant_id, order_id, part, line, place, sku, lot, serial, condition, pieces) "
                "VALUES (:f, :o, :id, :part, :n, :place, :sku, :lot, :serial, :c, :p)"
            ),
            {
                "f": order.facility,
                "o": order.merchant_id,
                "id": order.order_id,
                "part": order.part,
                "n": line,
                "place": held.place,
                "sku": sku,
                "lot": g.lot,
                "serial": g.serial,
                "c": g.condition,
                "p": pieces,
            },
        )
        taken += pieces
    return taken


def _instead(
    connection: Connection, order: Any, line: Any, sku: str, wanted: int, conditions: list[str], now: datetime
) -> int:
    """Serves part of a line by another product: a line of its own that says what it stands for."""
    n = connection.execute(
        text(
            "SELECT max(line) + 1 FROM outbound_lines WHERE merchant_id = :o AND order_id = :id AND part = :p"
        ),
        {"o": order.merchant_id, "id": order.order_id, "p": order.part},
    ).scalar_one()
    connection.execute(
        text(
            "INSERT INTO outbound_lines (merchant_id, order_id, part, line, sku, pieces, instead_of) "
            "VALUES (:o, :id, :part, :n, :sku, :p, :i)"
        ),
        {
            "o": order.merchant_id,
            "id": order.order_id,
            "part": order.part,
            "n": n,
            "sku": sku,
            "p": wanted,
            "i": line.sku,
        },
    )
    taken = _take(connection, order, n, sku, wanted, conditions, now)
    where = {"o": order.merchant_id, "id": order.order_id, "part": order.part}
    if not taken:
        connection.execute(
            text(
                "DELETE FROM outbound_lines WHERE (merchant_id, order_id, part, line) = (:o, :id, :part, :n)"
            ),
            {**where, "n": n},
        )
        return 0
    connection.execute(
        text(
            "UPDATE outbound_lines SET pieces = :t WHERE (merchant_id, order_id, part, line) = (:o, :id, :part, :n)"
        ),
        {**where, "n": n, "t": taken},
    )
    connection.execute(
        text(
            "UPDATE outbound_lines SET short = short + :t WHERE (merchant_id, order_id, part, line) = (:o, :id, :part, :n)"
        ),
        {**where, "n": line.line, "t": taken},
    )
    return taken


def reserve_waiting(act: Act, facility: str) -> dict[str, Any]:
    """Tries again for every order that waits, the earliest cut-off first; returns which are complete now."""

    def do(connection: Connection) -> Answer:
        waiting = connection.execute(
            text(
                "SELECT merchant_id, order_id, part FROM outbound WHERE facility = :f AND state = 'waiting' "
                "ORDER BY cut_off NULLS LAST, placed_at"
            ),
            {"f": facility},
        ).all()
        done = [r.order_id for r in waiting if reserve(connection, r.merchant_id, r.order_id, r.part, act.at)]
        return {"complete": done, "waiting": len(waiting) - len(done)}

    return perform(act, "reserve", facility, {}, do)


def drop_picks(connection: Connection, owner: str, order: str, part: int) -> None:
    """Gives back what an order has reserved and not picked. In the caller's transaction."""
    open_ = connection.execute(
        text(
            "UPDATE picks SET state = CASE WHEN picked > 0 THEN 'done' ELSE 'dropped' END WHERE merchant_id = :o "
            "AND order_id = :id AND part = :p AND state = 'reserved' "
            "RETURNING facility, place, sku, lot, serial, condition, pieces - picked AS free"
        ),
        {"o": owner, "id": order, "p": part},
    ).all()
    for r in sorted(open_, key=lambda r: (r.place, r.sku, r.lot)):
        connection.execute(
            text(
                "UPDATE stock SET reserved = reserved - :n WHERE (facility, place, merchant_id, sku, lot, serial, condition) "
                "= (:f, :place, :o, :sku, :lot, :serial, :c)"
            ),
            {
                "n": r.free,
                "f": r.facility,
                "place": r.place,
                "o": owner,
                "sku": r.sku,
                "lot": r.lot,
                "serial": r.serial,
                "c": r.condition,
            },
        )


def with_parts(connection: Connection, owner: str, skus: Sequence[str]) -> dict[str, Product]:
    """Products by SKU, with the parts of kits and their parts."""
    found: dict[str, Product] = {}
    wanted, asked = set(skus), set[str]()
    while wanted:
        found |= store.products(connection, owner, wanted)
        asked |= wanted
        wanted = {part for product in found.values() for part, _ in product.parts} - asked
    return found
