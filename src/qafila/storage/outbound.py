"""What goes out: orders, the goods they reserve, what happens when there is too little, and how they are cancelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault
from qafila.core.values import value
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import messages, scanning, store
from qafila.storage.acting import perform
from qafila.storage.model import Condition, Movement, PlaceKind, Product, Reason, exploded
from qafila.storage.moving import move

Teller = Callable[[Connection, Act, str, list[str], str], int]
"""Tells parcels' histories that they were handed over at a facility, to whom; returns how many."""

_OPEN = ("waiting", "reserved", "released", "picking", "picked", "packed")


@value
class OutboundOrder:
    """An order, or the part of it that one warehouse serves."""

    id: str
    owner: str
    facility: str
    lines: tuple[tuple[str, int], ...]  # SKU and pieces; kits are taken apart
    part: int = 0
    cut_off: datetime | None = None  # of the departure that it is booked on
    parcel: str | None = None
    service: str | None = None
    service_day: int | None = None
    partial: bool = True
    substitute: bool = False
    bonded: bool = False
    note: str = ""


def place_order(act: Act, order: OutboundOrder) -> dict[str, Any]:
    """Takes an order and reserves its goods; what is not there waits for what comes in.

    Raises Fault for products that the owner does not have, Conflict where the order is here with other lines.
    """

    def do(connection: Connection) -> Answer:
        if store.warehouse(connection, order.facility) is None:
            raise scanning.Unknown(
                messages.NO_WAREHOUSE(facility=order.facility), messages.SET_UP(), field="facility",
                value=order.facility,
            )  # fmt: skip
        for n, (sku, pieces) in enumerate(order.lines):
            scanning.product(connection, order.owner, sku)
            if not 1 <= pieces <= 100_000:
                raise Fault(
                    messages.PIECES_WRONG(pieces=pieces), messages.WRITE_PIECES(), field=f"lines[{n}].pieces",
                    value=str(pieces),
                )  # fmt: skip
        kinds = _with_parts(connection, order.owner, [sku for sku, _ in order.lines])
        lines = exploded(list(order.lines), kinds)
        for sku, _ in lines:
            if sku not in kinds:  # a part of a kit that nobody has told of
                raise scanning.Unknown(
                    messages.NO_PRODUCT(sku=sku), messages.ADD_PRODUCT(), field="sku", value=sku
                )
        made = connection.execute(
            text(
                "INSERT INTO outbound (merchant_id, order_id, part, facility, state, cut_off, parcel, service, service_day, "
                "partial, substitute, bonded, note) VALUES (:o, :id, :part, :f, 'waiting', :c, :p, :s, :d, :pa, :su, :b, :n) "
                "ON CONFLICT (merchant_id, order_id, part) DO NOTHING"
            ),
            {"o": order.owner, "id": order.id, "part": order.part, "f": order.facility, "c": order.cut_off,
             "p": order.parcel, "s": order.service, "d": order.service_day, "pa": order.partial,
             "su": order.substitute, "b": order.bonded, "n": order.note},
        ).rowcount  # fmt: skip
        if not made:
            known = [(r.sku, r.pieces) for r in _lines(connection, order.owner, order.id, order.part)]
            if sorted(known) != sorted(lines):
                raise Conflict(messages.ORDER_EXISTS(order=order.id), field="order", value=order.id)
            return told(connection, order.owner, order.id, order.part)
        for n, (sku, pieces) in enumerate(lines):
            connection.execute(
                text(
                    "INSERT INTO outbound_lines (merchant_id, order_id, part, line, sku, pieces) "
                    "VALUES (:o, :id, :part, :n, :sku, :p)"
                ),
                {"o": order.owner, "id": order.id, "part": order.part, "n": n, "sku": sku, "p": pieces},
            )
        reserve(connection, order.owner, order.id, order.part, act.at)
        return told(connection, order.owner, order.id, order.part)

    asked = {"order": order.id, "owner": order.owner, "part": order.part, "lines": list(order.lines)}
    return perform(act, "order", order.facility, asked, do)


def _with_parts(connection: Connection, owner: str, skus: Sequence[str]) -> dict[str, Product]:
    """Products by SKU, with the parts of kits and their parts."""
    found: dict[str, Product] = {}
    wanted, asked = set(skus), set[str]()
    while wanted:
        found |= store.products(connection, owner, wanted)
        asked |= wanted
        wanted = {part for product in found.values() for part, _ in product.parts} - asked
    return found


def _lines(connection: Connection, owner: str, order: str, part: int) -> Sequence[Any]:
    return connection.execute(
        text(
            "SELECT * FROM outbound_lines WHERE merchant_id = :o AND order_id = :id AND part = :p ORDER BY line"
        ),
        {"o": owner, "id": order, "p": part},
    ).all()


def row(connection: Connection, owner: str, order: str, part: int = 0, lock: bool = True) -> Any:
    """The order's row, locked unless it is only read. Raises Unknown where there is none."""
    found = connection.execute(
        text(
            f"SELECT * FROM outbound WHERE merchant_id = :o AND order_id = :id AND part = :p {'FOR UPDATE' if lock else ''}"
        ),
        {"o": owner, "id": order, "p": part},
    ).one_or_none()
    if found is None:
        raise scanning.Unknown(messages.NO_ORDER(order=order[:80]), field="order", value=order[:80])
    return found


def told(connection: Connection, owner: str, order: str, part: int = 0, lock: bool = True) -> dict[str, Any]:
    """An order as its doors tell it: state, lines, what is picked and short, where it is reserved."""
    found = row(connection, owner, order, part, lock)
    picks = connection.execute(
        text(
            "SELECT line, place, sku, lot, serial, pieces, picked, state, tour FROM picks WHERE merchant_id = :o "
            "AND order_id = :id AND part = :p AND state <> 'dropped' ORDER BY pick"
        ),
        {"o": owner, "id": order, "p": part},
    ).all()
    return {
        "order": order, "part": part, "owner": owner, "facility": found.facility, "state": found.state,
        "cut_off": found.cut_off, "parcel": found.parcel, "tour": found.tour, "carton": found.carton,
        "grams": found.grams,
        "lines": [
            {"line": r.line, "sku": r.sku, "pieces": r.pieces, "picked": r.picked, "short": r.short,
             "instead_of": r.instead_of,
             "from": [dict(k._mapping) for k in picks if k.line == r.line]}
            for r in _lines(connection, owner, order, part)
        ],
    }  # fmt: skip


def reserve(connection: Connection, owner: str, order: str, part: int, now: datetime) -> bool:
    """Reserves what an order still lacks; says whether all of it is reserved now. In the caller's transaction.

    First expired first out, and within a lot what lies nearest; a product that expires leaves only while it keeps
    for its `least_days`. Where the order allows it, substitutes fill up what is missing.
    """
    found = row(connection, owner, order, part)
    conditions = [Condition.GOOD.value, *([Condition.BONDED.value] if found.bonded else [])]
    complete = True
    lines = _lines(connection, owner, order, part)
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
        _state(connection, found, "reserved" if complete else "waiting")
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
            {"f": order.facility, "o": order.merchant_id, "id": order.order_id, "part": order.part, "n": line,
             "place": held.place, "sku": sku, "lot": g.lot, "serial": g.serial, "c": g.condition, "p": pieces},
        )  # fmt: skip
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
        {"o": order.merchant_id, "id": order.order_id, "part": order.part, "n": n, "sku": sku, "p": wanted,
         "i": line.sku},
    )  # fmt: skip
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


def _state(connection: Connection, order: Any, state: str) -> None:
    connection.execute(
        text(
            "UPDATE outbound SET state = :s, changed_at = now() WHERE (merchant_id, order_id, part) = (:o, :id, :p)"
        ),
        {"s": state, "o": order.merchant_id, "id": order.order_id, "p": order.part},
    )


def set_state(connection: Connection, owner: str, order: str, part: int, state: str) -> None:
    """Notes the state of an order."""
    connection.execute(
        text(
            "UPDATE outbound SET state = :s, changed_at = now() WHERE (merchant_id, order_id, part) = (:o, :id, :p)"
        ),
        {"s": state, "o": owner, "id": order, "p": part},
    )


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
            {"n": r.free, "f": r.facility, "place": r.place, "o": owner, "sku": r.sku, "lot": r.lot,
             "serial": r.serial, "c": r.condition},
        )  # fmt: skip


def cancel(act: Act, owner: str, order: str, part: int = 0) -> dict[str, Any]:
    """Cancels an order, also in the middle of its pick: nothing more is fetched, what is in the cart or the box is to
    be put back (it lies there as free goods, and the put-back list names it). Cancelled again, nothing changes.

    Raises Conflict where it was handed over: then it is a return.
    """

    def do(connection: Connection) -> Answer:
        found = row(connection, owner, order, part)
        if found.state == "cancelled":
            return {"order": order, "state": "cancelled", "put_back": []}
        if found.state not in _OPEN:
            raise Conflict(
                messages.STATE(order=order, state=messages.STATES[found.state]()), field="order", value=order
            )
        drop_picks(connection, owner, order, part)
        held = to_put_back(connection, found)
        _state(connection, found, "cancelled")
        return {"order": order, "state": "cancelled", "put_back": held}

    return perform(act, "cancel", "", {"owner": owner, "order": order, "part": part}, do)


def to_put_back(connection: Connection, order: Any) -> list[dict[str, Any]]:
    """What of an order lies in a cart or in a box."""
    return [
        {
            "place": s.place,
            "sku": s.goods.sku,
            "lot": s.goods.lot,
            "serial": s.goods.serial,
            "pieces": s.pieces,
        }
        for place in (box_of(order.merchant_id, order.order_id, order.part), *compartments(connection, order))
        for s in store.at_place(connection, order.facility, place)
    ]


def compartments(connection: Connection, order: Any) -> list[str]:
    """The places in carts where an order's picked goods lie."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT tour, compartment FROM picks WHERE merchant_id = :o AND order_id = :id AND part = :p "
            "AND picked > 0 ORDER BY tour, compartment"
        ),
        {"o": order.merchant_id, "id": order.order_id, "p": order.part},
    )
    return [compartment(r.tour, r.compartment) for r in rows]


def compartment(tour: str, number: int) -> str:
    """The place that a compartment of a tour's cart is."""
    return f"CART:{tour}:{number}"


def box_of(owner: str, order: str, part: int) -> str:
    """The place that an order's box is."""
    return f"BOX:{owner}:{order}:{part}"


def hand_over(
    act: Act, facility: str, orders: list[tuple[str, str, int]], to: str, tell: Teller | None = None
) -> dict[str, Any]:
    """Gives packed orders to who carries them on (a departure, a driver). All or none; again, nothing changes.

    `tell` writes it into the histories of the parcels (`closing.handed_over`), in the same transaction.

    Raises Conflict where one is not packed.
    """

    def do(connection: Connection) -> Answer:
        handed = []
        for owner, order, part in sorted(orders):
            found = row(connection, owner, order, part)
            if found.facility != facility or found.state not in ("packed", "handed_over"):
                raise Conflict(
                    messages.STATE(order=order, state=messages.STATES[found.state]()),
                    field="order",
                    value=order,
                )
            if found.state == "handed_over":
                continue
            box = box_of(owner, order, part)
            move(
                connection, act,
                [
                    Movement(facility, s.goods, s.pieces, Reason.SHIP, box, None, grams=s.grams, subject=order)
                    for s in store.at_place(connection, facility, box)
                ],
            )  # fmt: skip
            _state(connection, found, "handed_over")
            handed.append({"order": order, "owner": owner, "parcel": found.parcel})
        closed = (
            tell(connection, act, facility, [str(h["parcel"]) for h in handed if h["parcel"]], to)
            if tell
            else 0
        )
        return {"handed_over": handed, "to": to, "histories": closed}

    return perform(act, "hand-over", facility, {"orders": sorted(orders), "to": to}, do)


def waiting_at(connection: Connection, facility: str, states: Sequence[str]) -> Sequence[Any]:
    """Orders of a warehouse in some states, the earliest cut-off first."""
    return connection.execute(
        text(
            "SELECT * FROM outbound WHERE facility = :f AND state = ANY(:s) ORDER BY cut_off NULLS LAST, placed_at, order_id"
        ),
        {"f": facility, "s": list(states)},
    ).all()


BOX = PlaceKind.PARCEL
