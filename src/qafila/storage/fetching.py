"""Pickers' acts: a tour is begun, each pick is scanned, what is missing comes to a defined end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import (
    boxes,
    scanning,
    storage_counting,
    storage_messages,
    storage_orders,
    storage_reserving,
    store,
)
from qafila.storage.model import Goods, Movement, Reason
from qafila.storage.storage_acting import perform
from qafila.storage.storage_moving import move

_AHEAD = "SELECT * FROM picks k WHERE k.tour = :t AND k.state = 'reserved' ORDER BY k.stop, k.pick"


def begin(act: Act, facility: str, tour: str = "") -> dict[str, Any]:
    """Gives a picker a tour: the one he walks already, the one that he names, or the oldest that is open.

    The answer's `tour` is "" where there is none. Raises Conflict where another walks it.
    """

    def do(connection: Connection) -> Answer:
        found = connection.execute(
            text(
                "SELECT * FROM tours WHERE facility = :f AND state <> 'done' AND (:t = '' OR tour = :t) "
                "AND (picker = :me OR state = 'open' OR :t <> '') ORDER BY picker = :me DESC, released_at, tour "
                "LIMIT 1 FOR UPDATE SKIP LOCKED"
                if not tour
                else "SELECT * FROM tours WHERE facility = :f AND tour = :t AND :me = :me FOR UPDATE"
            ),
            {"f": facility, "t": tour, "me": act.by.name},
        ).one_or_none()
        if found is None:
            if tour:
                raise scanning.Unknown(storage_messages.NO_TOUR(tour=tour), field="tour", value=tour)
            return {"tour": "", "next": None, "left": 0}
        if found.picker not in ("", act.by.name):
            raise Conflict(
                storage_messages.NOT_YOURS(picker=found.picker, tour=found.tour),
                field="tour",
                value=found.tour,
            )
        connection.execute(
            text(
                "UPDATE tours SET state = CASE WHEN state = 'done' THEN 'done' ELSE 'walking' END, picker = :me, "
                "begun_at = coalesce(begun_at, :at) WHERE tour = :t"
            ),
            {"t": found.tour, "me": act.by.name, "at": act.at},
        )
        connection.execute(
            text(
                "UPDATE outbound SET state = 'picking', changed_at = now() WHERE tour = :t AND state = 'released'"
            ),
            {"t": found.tour},
        )
        return ahead(connection, found.tour)

    return perform(act, "begin", facility, {"tour": tour}, do)


def ahead(connection: Connection, tour: str) -> dict[str, Any]:
    """What is still to be fetched on a tour, in the order of the walk."""
    rows = connection.execute(text(_AHEAD), {"t": tour}).all()
    kinds = {
        owner: store.products(connection, owner, {r.sku for r in rows if r.merchant_id == owner})
        for owner in {r.merchant_id for r in rows}
    }
    stops = [
        {
            "pick": r.pick,
            "place": r.place,
            "sku": r.sku,
            "title": kinds[r.merchant_id][r.sku].title,
            "lot": r.lot,
            "serial": r.serial,
            "pieces": r.pieces - r.picked,
            "order": r.order_id,
            "owner": r.merchant_id,
            "compartment": r.compartment,
            "weigh": kinds[r.merchant_id][r.sku].catch_weight,
            "codes": [code for code, _ in kinds[r.merchant_id][r.sku].barcodes],
        }
        for r in rows
    ]
    return {"tour": tour, "next": stops[0] if stops else None, "left": len(stops), "stops": stops}


def fetch(
    act: Act, tour: str, pick: int, pieces: int, place: str = "", code: str = "", grams: int = 0
) -> dict[str, Any]:
    """Takes pieces of a pick into its compartment.

    Args:
        act: who, when, and the scan's key.
        tour: the tour walked.
        pick: which of its picks.
        pieces: how many pieces are taken now.
        place: what was scanned at the shelf; "" where nothing was.
        code: what was scanned on the goods; "" where nothing was.
        grams: what they weigh, of goods weighed piece by piece.

    Raises:
        Fault: the scan is of another place, other goods or another lot, or there are more than wanted.
        Conflict: the pick is over (done, short or its order cancelled), which `late` turns into a count.
    """

    def do(connection: Connection) -> Answer:
        found = _pick(connection, tour, pick)
        _checked(connection, found, pieces, place, code, grams)
        goods = Goods(found.merchant_id, found.sku, found.lot, found.serial, found.condition)
        move(
            connection,
            act,
            [
                Movement(
                    found.facility,
                    goods,
                    pieces,
                    Reason.PICK,
                    found.place,
                    boxes.compartment(tour, found.compartment),
                    unreserved=pieces,
                    grams=grams,
                    subject=found.order_id,
                )
            ],
        )
        connection.execute(
            text(
                "UPDATE picks SET picked = picked + :n, state = CASE WHEN picked + :n = pieces THEN 'done' ELSE state END "
                "WHERE pick = :p"
            ),
            {"n": pieces, "p": pick},
        )
        connection.execute(
            text(
                "UPDATE outbound_lines SET picked = picked + :n WHERE (merchant_id, order_id, part, line) = (:o, :id, :part, :l)"
            ),
            {"n": pieces, "o": found.merchant_id, "id": found.order_id, "part": found.part, "l": found.line},
        )
        _finish(connection, tour, act)
        return ahead(connection, tour)

    asked = {"tour": tour, "pick": pick, "pieces": pieces}
    return perform(act, "pick", "", asked, do)


def _pick(connection: Connection, tour: str, pick: int) -> Any:
    connection.execute(  # the order before its picks, as a cancellation locks them
        text(
            "SELECT 1 FROM outbound WHERE (merchant_id, order_id, part) = (SELECT merchant_id, order_id, part FROM picks "
            "WHERE pick = :p) FOR UPDATE"
        ),
        {"p": pick},
    )
    found = connection.execute(
        text("SELECT * FROM picks WHERE pick = :p AND tour = :t FOR UPDATE"), {"p": pick, "t": tour}
    ).one_or_none()
    if found is None:
        raise scanning.Unknown(storage_messages.NO_PICK(tour=tour), field="pick", value=str(pick))
    if found.state != "reserved":
        raise Conflict(
            storage_messages.STATE(order=found.order_id, state=storage_messages.STATES[found.state]()),
            storage_messages.LOOK_AGAIN(),
            field="pick",
            value=str(pick),
        )
    return found


def _checked(connection: Connection, found: Any, pieces: int, place: str, code: str, grams: int) -> None:
    """Refuses a scan that is not what the pick asks for."""
    if place and place.strip() != found.place:
        raise Fault(
            storage_messages.WRONG_PLACE(scanned=place[:80], place=found.place),
            storage_messages.LOOK_AGAIN(),
            field="place",
            value=place[:80],
        )
    if code:
        scan = scanning.resolve(connection, found.facility, code, found.merchant_id)
        if scan.product != found.sku:
            raise Fault(
                storage_messages.WRONG_GOODS(scanned=scan.product or scan.place, sku=found.sku),
                storage_messages.LOOK_AGAIN(),
                field="code",
                value=code[:80],
            )
        if scan.lot and found.lot and scan.lot != found.lot:
            raise Fault(
                storage_messages.WRONG_LOT(scanned=scan.lot, lot=found.lot),
                storage_messages.LOOK_AGAIN(),
                field="code",
                value=code[:80],
            )
    left = found.pieces - found.picked
    if not 1 <= pieces <= left:
        raise Fault(
            storage_messages.TOO_MANY(pieces=pieces, left=left),
            storage_messages.LOOK_AGAIN(),
            field="pieces",
            value=str(pieces),
        )
    kind = scanning.product(connection, found.merchant_id, found.sku)
    if kind.catch_weight and grams <= 0:
        raise Fault(storage_messages.SAY_GRAMS(sku=found.sku), storage_messages.SCAN_LABEL(), field="grams")


def short(act: Act, tour: str, pick: int, found_pieces: int = 0) -> dict[str, Any]:
    """Says that a place does not hold what it should. What is there is taken first (`fetch`); for the rest:

    the place is to be counted; the goods are looked for elsewhere and join this tour if they are found; else the
    order allows leaving them out, or it waits on in the state `waiting` until goods come.

    Raises Conflict where the pick is over.
    """

    def do(connection: Connection) -> Answer:
        found = _pick(connection, tour, pick)
        missing = found.pieces - found.picked
        order = storage_orders.row(connection, found.merchant_id, found.order_id, found.part)
        connection.execute(text("UPDATE picks SET state = 'short' WHERE pick = :p"), {"p": pick})
        goods = Goods(found.merchant_id, found.sku, found.lot, found.serial, found.condition)
        held = next(
            (
                s
                for s in store.at_place(connection, found.facility, found.place, lock=True)
                if s.goods == goods
            ),
            None,
        )
        if held is not None:
            store.reserve(connection, held, -missing)
        storage_counting.ask(
            connection,
            found.facility,
            found.place,
            goods,
            "short",
            {"order": found.order_id, "expected": missing, "found": found_pieces, "by": act.by.name},
        )
        storage_reserving.reserve(connection, found.merchant_id, found.order_id, found.part, act.at)
        joined = connection.execute(
            text(
                "UPDATE picks SET tour = :t, compartment = :c, stop = (SELECT coalesce(max(stop), 0) + 1 FROM picks WHERE tour = :t) WHERE "
                "merchant_id = :o AND order_id = :id AND part = :p AND state = 'reserved' AND tour IS NULL RETURNING pieces"
            ),
            {
                "t": tour,
                "c": found.compartment,
                "o": found.merchant_id,
                "id": found.order_id,
                "p": found.part,
            },
        ).scalars()
        left = missing - sum(joined)
        if left > 0 and order.partial:
            connection.execute(
                text(
                    "UPDATE outbound_lines SET short = short + least(:n, pieces - picked - short) "
                    "WHERE (merchant_id, order_id, part, line) = (:o, :id, :part, :l)"
                ),
                {
                    "n": left,
                    "o": found.merchant_id,
                    "id": found.order_id,
                    "part": found.part,
                    "l": found.line,
                },
            )
        _finish(connection, tour, act)
        return {
            **ahead(connection, tour),
            "elsewhere": missing - left,
            "left_out": left if order.partial else 0,
            "waits": left if not order.partial else 0,
        }

    return perform(act, "short", "", {"tour": tour, "pick": pick, "found": found_pieces}, do)


def _finish(connection: Connection, tour: str, act: Act) -> None:
    """Closes what has nothing more to fetch: orders, then the tour."""
    connection.execute(
        text(
            """
            UPDATE outbound o SET state = CASE
                WHEN EXISTS (SELECT FROM outbound_lines l WHERE (l.merchant_id, l.order_id, l.part) =
                    (o.merchant_id, o.order_id, o.part) AND l.picked + l.short < l.pieces) THEN 'waiting'
                WHEN NOT EXISTS (SELECT FROM outbound_lines l WHERE (l.merchant_id, l.order_id, l.part) =
                    (o.merchant_id, o.order_id, o.part) AND l.picked > 0) THEN 'cancelled'
                ELSE 'picked' END, changed_at = now()
            WHERE o.tour = :t AND o.state IN ('released', 'picking') AND NOT EXISTS (SELECT FROM picks k
                WHERE (k.merchant_id, k.order_id, k.part) = (o.merchant_id, o.order_id, o.part) AND k.state = 'reserved')
            """
        ),
        {"t": tour},
    )
    connection.execute(
        text(
            "UPDATE tours SET state = 'done', ended_at = :at WHERE tour = :t AND state <> 'done' "
            "AND NOT EXISTS (SELECT FROM picks WHERE tour = :t AND state = 'reserved')"
        ),
        {"t": tour, "at": act.at},
    )


def open_tours(connection: Connection, facility: str) -> Sequence[Any]:
    """Tours that are not done: state, picker, metres, picks left."""
    return connection.execute(
        text(
            "SELECT t.*, (SELECT count(*) FROM picks k WHERE k.tour = t.tour AND k.state = 'reserved') AS ahead, "
            "(SELECT count(*) FROM picks k WHERE k.tour = t.tour AND k.state = 'done') AS behind "
            "FROM tours t WHERE t.facility = :f AND t.state <> 'done' ORDER BY t.released_at, t.tour"
        ),
        {"f": facility},
    ).all()
