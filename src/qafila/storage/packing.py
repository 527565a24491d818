"""The packing station: the cartons for a picked order, each weighed and checked, its goods moved into the box."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault
from qafila.core.values import value
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import (
    boxes,
    cartons,
    closing,
    scanning,
    storage_messages,
    storage_orders,
    storage_reserving,
    store,
)
from qafila.storage.boxes import Box
from qafila.storage.model import Movement, PlaceKind, Product, Reason, Stock, exploded
from qafila.storage.storage_acting import perform
from qafila.storage.storage_moving import move

TOLERANCE_G = 50
TOLERANCE_SHARE = 0.05
"""A parcel may weigh so many grams, or this share, more or less than its contents say."""

Pieces = tuple[tuple[str, int], ...]
"""SKUs and how many pieces of each."""


@value
class Next:
    """A carton that is still to be packed. `plan` is None where none of ours holds it: the packer takes one of his own."""

    contents: Pieces
    plan: cartons.Plan | None
    expected_g: int | None


def find(connection: Connection, facility: str, code: str) -> tuple[str, str, int]:
    """Owner, order and part of what waits to be packed, by the order's number or a parcel's. Raises Unknown."""
    row = connection.execute(
        text(
            "SELECT merchant_id, order_id, part FROM outbound o WHERE facility = :f AND (order_id = :c OR parcel = :c OR "
            "EXISTS (SELECT FROM outbound_boxes b WHERE b.parcel = :c AND (b.merchant_id, b.order_id, b.part) = "
            "(o.merchant_id, o.order_id, o.part))) "
            "ORDER BY state <> 'picked', state <> 'packed', placed_at LIMIT 1"
        ),
        {"f": facility, "c": code},
    ).one_or_none()
    if row is None:
        raise scanning.Unknown(storage_messages.NO_ORDER(order=code[:80]), field="order", value=code[:80])
    return row.merchant_id, row.order_id, row.part


def advise(connection: Connection, owner: str, order: str, part: int = 0) -> dict[str, Any]:
    """What the packer sees: the pieces of the next carton, the plan and its picture, the weight to expect, and what the
    other cartons will hold. `carton` is empty where none of ours is large enough: the packer takes one of his own.

    A shipment that was booked as several parcels is packed as it was booked. Raises Unknown where there is no such order.
    """
    found = storage_orders.row(connection, owner, order, part, lock=False)
    held = _held(connection, found)
    kinds = store.products(connection, owner, {s.goods.sku for s in held})
    packed = boxes.of(connection, owner, order, part)
    coming = _coming(connection, found, held, kinds, len(packed))
    first = coming[0] if coming else Next((), None, None)
    plan = first.plan
    return {
        "order": order,
        "part": part,
        "owner": owner,
        "state": found.state,
        "parcel": found.parcel,
        "items": [_item(sku, n, kinds[sku]) for sku, n in first.contents],
        "carton": plan.carton.name if plan else "",
        "fill": round(plan.fill, 3) if plan else 0.0,
        "guessed": list(plan.guessed) if plan else [],
        "picture": cartons.picture(plan) if plan else "",
        "plan": [{"sku": p.sku, "at": p.at, "sides": p.sides} for p in plan.pieces] if plan else [],
        "expected_g": first.expected_g,
        "box": len(packed) + 1,
        "of": len(packed) + len(coming),
        "cartons": [
            {
                "carton": one.plan.carton.name if one.plan else "",
                "contents": one.contents,
                "expected_g": one.expected_g,
                "items": [_item(sku, n, kinds[sku]) for sku, n in one.contents],
                "picture": cartons.picture(one.plan) if one.plan else "",
            }
            for one in coming
        ],
        "packed": [
            {"box": b.number, "carton": b.carton, "grams": b.grams, "parcel": b.parcel} for b in packed
        ],
    }


def ahead(connection: Connection, facility: str, most: int = 30) -> list[dict[str, Any]]:
    """What a packer sees of the orders that wait to be packed, the earliest cut-off first: for a device that may lose its
    connection. An order of which that cannot be told is left out: its packer is told why when he asks for it."""
    found: list[dict[str, Any]] = []
    for r in storage_orders.waiting_at(connection, facility, ["picked"]):
        if len(found) == most:
            break
        with suppress(Fault, KeyError):  # nothing that the database refused: its transaction goes on
            found.append(advise(connection, r.merchant_id, r.order_id, r.part))
    return found


def _item(sku: str, pieces: int, kind: Product) -> dict[str, Any]:
    return {"sku": sku, "title": kind.title, "pieces": pieces, "codes": [code for code, _ in kind.barcodes]}


def _held(connection: Connection, order: Any) -> list[Stock]:
    """What lies in the order's compartments."""
    return [
        held
        for place in boxes.compartments(connection, order)
        for held in store.at_place(connection, order.facility, place)
    ]


def _coming(
    connection: Connection, order: Any, held: Sequence[Stock], kinds: dict[str, Product], done: int
) -> list[Next]:
    """The cartons that are still to be packed: as the shipment's parcels were booked, else as few as hold all."""
    left: dict[str, int] = {}
    for one in held:
        left[one.goods.sku] = left.get(one.goods.sku, 0) + one.pieces
    if not left:
        return []
    groups = _as_booked(connection, order, left, done)
    if groups is None:
        items = [(sku, kinds[sku].size_mm, kinds[sku].grams, n) for sku, n in left.items()]
        one_plan = cartons.choose(items)
        plans = [one_plan] if one_plan is not None else cartons.several(items)
        if plans is None:
            contents = tuple(left.items())
            return [Next(contents, None, None)]
        return [Next(told := _told(p), p, _expected(held, kinds, told, p)) for p in plans]
    found = []
    for contents in groups:
        plan = cartons.choose([(sku, kinds[sku].size_mm, kinds[sku].grams, n) for sku, n in contents])
        found.append(Next(contents, plan, _expected(held, kinds, contents, plan)))
    return found


def _told(plan: cartons.Plan) -> Pieces:
    pieces: dict[str, int] = {}
    for piece in plan.pieces:
        pieces[piece.sku] = pieces.get(piece.sku, 0) + 1
    return tuple(pieces.items())


def _as_booked(connection: Connection, order: Any, left: dict[str, int], done: int) -> list[Pieces] | None:
    """What of what is left goes in each parcel that was booked and is not packed; None where it was booked as one."""
    booked = closing.booked_contents(connection, order.parcel) if order.parcel else []
    if len(booked) < 2:
        return None
    kinds = storage_reserving.with_parts(
        connection, order.merchant_id, [sku for box in booked for sku, _ in box]
    )
    rest, groups = dict(left), list[Pieces]()
    for box in booked[done:]:
        taken = [(sku, min(n, rest.get(sku, 0))) for sku, n in exploded(list(box), kinds) if rest.get(sku, 0)]
        for sku, n in taken:
            rest[sku] -= n
        if taken:
            groups.append(tuple(taken))
    over = {sku: n for sku, n in rest.items() if n}
    if over:  # substitutes, and what was booked otherwise, go in the last
        last = dict(groups.pop()) if groups else {}
        groups.append(tuple((sku, last.get(sku, 0) + over.get(sku, 0)) for sku in last | over))
    return groups


def _expected(
    held: Sequence[Stock], kinds: dict[str, Product], contents: Pieces, plan: cartons.Plan | None
) -> int | None:
    """What a carton with these pieces weighs; None where that is not known."""
    if plan is None:
        return None
    total = 0
    for sku, pieces in contents:
        weighed = [s for s in held if s.goods.sku == sku and s.grams]
        if weighed:
            grams, count = sum(s.grams for s in weighed), sum(s.pieces for s in weighed)
            total += round(grams * pieces / count)
        elif kinds[sku].grams:
            total += kinds[sku].grams * pieces
        else:
            return None
    return total + plan.carton.empty_g


def pack(
    act: Act,
    owner: str,
    order: str,
    part: int = 0,
    carton: str = "",
    grams: int = 0,
    why: str = "",
    contents: Pieces = (),
) -> dict[str, Any]:
    """Packs a picked order, or one carton of it; the order is packed when nothing of it is left in the cart.

    Args:
        act: who, when, and the scan's key.
        owner: whose order it is.
        order: its id.
        part: which part of an order that several warehouses serve.
        carton: what it is packed in; the proposed one where it is empty.
        grams: what the scale says; 0 where there is none.
        why: why it goes out though its weight is not what its contents say.
        contents: what goes in this carton. Nothing said: what is proposed for the next carton, or, where a carton is named,
            everything that is left.

    Raises:
        Conflict: the order is not picked, or was cancelled: what is in the cart is to be put back.
        Fault: the weight is off by more than the tolerance and no reason is given.
    """

    def do(connection: Connection) -> Answer:
        found = storage_orders.row(connection, owner, order, part)
        if found.state != "picked":
            raise Conflict(
                storage_messages.STATE(order=order, state=storage_messages.STATES[found.state]()),
                field="order",
                value=order,
            )
        held = _held(connection, found)
        kinds = store.products(connection, owner, {s.goods.sku for s in held})
        packed = boxes.of(connection, owner, order, part)
        wanted = _wanted(connection, found, held, kinds, len(packed), carton, contents)
        name = carton or (wanted.plan.carton.name if wanted.plan else "")
        if not name:
            raise Fault(
                storage_messages.NO_CARTON(order=order),
                storage_messages.TWO_PARCELS(),
                field="carton",
                value="",
            )
        expected = wanted.expected_g
        off = grams and expected is not None and abs(grams - expected)
        if expected is not None and off > max(TOLERANCE_G, TOLERANCE_SHARE * expected) and not why.strip():
            raise Fault(
                storage_messages.WEIGHT_OFF(grams=grams, expected=expected),
                storage_messages.CHECK_CONTENTS(),
                field="grams",
                value=str(grams),
            )
        number = len(packed) + 1
        parcel = _parcel(connection, found, number)
        place = store.side_place(
            connection, found.facility, boxes.place(owner, order, part, number), PlaceKind.PARCEL
        )
        moves, left = _into(found.facility, held, wanted.contents, place, order)
        move(connection, act, moves, why.strip())
        box = Box(number, name, grams or expected, parcel)
        boxes.add(connection, owner, order, part, box, act.at)
        every = [*packed, box]
        connection.execute(
            text(
                "UPDATE outbound SET state = :s, carton = :c, grams = :g, changed_at = now() "
                "WHERE (merchant_id, order_id, part) = (:o, :id, :p)"
            ),
            {
                "s": "picked" if left else "packed",
                "c": " + ".join(b.carton for b in every)[:200],
                "g": sum(b.grams or 0 for b in every) or None,
                "o": owner,
                "id": order,
                "p": part,
            },
        )
        return {
            "order": order,
            "state": "picked" if left else "packed",
            "carton": name,
            "parcel": parcel,
            "grams": grams or expected,
            "box": number,
            "left": left,
        }

    asked: dict[str, Any] = {
        "owner": owner,
        "order": order,
        "part": part,
        "carton": carton,
        "grams": grams,
        "why": why,
    }
    if contents:
        asked["contents"] = sorted(contents)
    return perform(act, "pack", "", asked, do)


def _wanted(
    connection: Connection,
    order: Any,
    held: Sequence[Stock],
    kinds: dict[str, Product],
    done: int,
    carton: str,
    contents: Pieces,
) -> Next:
    """What goes in the carton that is packed now, and what it should weigh."""
    coming = _coming(connection, order, held, kinds, done)
    first = coming[0] if coming else Next((), None, None)
    if not contents and (not carton or len(coming) == 1):
        chosen = first
    elif not contents or dict(contents) == dict(first.contents):
        every: dict[str, int] = {}
        for s in held:
            every[s.goods.sku] = every.get(s.goods.sku, 0) + s.pieces
        chosen = first if contents else Next(tuple(every.items()), None, None)
    else:
        plan = cartons.choose([(s, kinds[s].size_mm, kinds[s].grams, n) for s, n in contents if s in kinds])
        chosen = Next(contents, plan, _expected(held, kinds, contents, plan) if plan else None)
    if carton and (chosen.plan is None or chosen.plan.carton.name != carton):
        own = next((c for c in cartons.cartons() if c.name == carton), None)
        plan = (
            None if own is None else cartons.Plan(own, (), (), 0.0)
        )  # another of ours: its own weight counts
        return Next(chosen.contents, plan, _expected(held, kinds, chosen.contents, plan))
    return chosen


def _into(
    facility: str, held: Sequence[Stock], contents: Pieces, place: str, order: str
) -> tuple[list[Movement], int]:
    """The movements of these pieces into a box, and how many pieces stay in the cart. Raises Fault for what is not there."""
    moves = []
    left = sum(s.pieces for s in held)
    for sku, pieces in contents:
        wanted = pieces
        for s in (s for s in held if s.goods.sku == sku):
            taken = min(wanted, s.pieces)
            if taken <= 0:
                continue
            grams = round(s.grams * taken / s.pieces)
            moves.append(
                Movement(facility, s.goods, taken, Reason.PACK, s.place, place, grams=grams, subject=order)
            )
            wanted -= taken
            left -= taken
        if wanted or pieces < 1:
            raise Fault(
                storage_messages.NOT_ENOUGH(pieces=pieces, sku=sku, place=held[0].place if held else order),
                storage_messages.CHECK_CONTENTS(),
                field="contents",
                value=sku,
            )
    return moves, left


def _parcel(connection: Connection, order: Any, number: int) -> str | None:
    """The number of the parcel that a box is; None where so many were not booked."""
    if order.parcel is None:
        return None
    booked = closing.booked_parcel(connection, order.parcel)
    if booked is None:
        return str(order.parcel) if number == 1 else None
    return booked.numbers[number - 1] if number <= len(booked.numbers) else None
