"""Moves within a warehouse: by hand, to replenish pick faces, back from carts, and into another condition; lots held and
traced."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.fault import Fault
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import scanning, storage_messages, store
from qafila.storage.model import Condition, Goods, Movement, Reason
from qafila.storage.storage_acting import perform
from qafila.storage.storage_moving import move


def shift(
    act: Act, facility: str, source: str, target: str, goods: Goods, pieces: int, reason: Reason = Reason.MOVE
) -> dict[str, Any]:
    """Moves goods from a place to a place. Raises NotEnough where so many free pieces do not lie there."""

    def do(connection: Connection) -> Answer:
        if pieces < 1:
            raise Fault(
                storage_messages.PIECES_WRONG(pieces=pieces),
                storage_messages.WRITE_PIECES(),
                field="pieces",
                value=str(pieces),
            )
        if source == target:
            raise Fault(
                storage_messages.SAME_PLACE(place=target),
                storage_messages.OTHER_PLACE(),
                field="to",
                value=target,
            )
        scanning.place(connection, facility, source)
        scanning.place(connection, facility, target)
        held = next((s for s in store.at_place(connection, facility, source) if s.goods == goods), None)
        grams = 0 if held is None else round(held.grams * min(pieces, held.pieces) / max(held.pieces, 1))
        move(connection, act, [Movement(facility, goods, pieces, reason, source, target, grams=grams)])
        return {"sku": goods.sku, "pieces": pieces, "from": source, "place": target}

    asked = {"from": source, "to": target, "sku": goods.sku, "lot": goods.lot, "serial": goods.serial,
             "owner": goods.owner, "condition": goods.condition, "pieces": pieces, "reason": reason}  # fmt: skip
    return perform(act, "move", facility, asked, do)


def recondition(
    act: Act, facility: str, place: str, goods: Goods, pieces: int, becomes: Condition, why: str
) -> dict[str, Any]:
    """Changes the condition of goods where they lie (damaged, blocked, released from bond), with a reason."""

    def do(connection: Connection) -> Answer:
        if not why.strip():
            raise Fault(storage_messages.WHY_MISSING(), storage_messages.SAY_WHY(), field="why")
        movement = Movement(facility, goods, pieces, Reason.CONDITION, place, place, becomes=becomes.value)
        move(connection, act, [movement], why.strip())
        return {"sku": goods.sku, "pieces": pieces, "place": place, "condition": becomes.value}

    asked = {"place": place, "sku": goods.sku, "lot": goods.lot, "serial": goods.serial, "owner": goods.owner,
             "condition": goods.condition, "pieces": pieces, "becomes": becomes.value, "why": why}  # fmt: skip
    return perform(act, "condition", facility, asked, do)


def replenishments(connection: Connection, facility: str, below: int = 5) -> list[dict[str, Any]]:
    """Pick faces that run low of what still lies in reserve: what to bring from where, the lot that expires first
    first. A face is low below so many pieces, or below what is promised from it."""
    rows = connection.execute(
        text(
            """
            WITH faces AS (
                SELECT s.merchant_id, s.sku, min(s.place) AS face, sum(s.pieces - s.reserved) AS free
                FROM stock s JOIN places p USING (facility, place)
                WHERE s.facility = :f AND p.kind = 'pick' AND s.condition = 'good'
                GROUP BY s.merchant_id, s.sku HAVING sum(s.pieces - s.reserved) < :b
            )
            SELECT DISTINCT ON (f.merchant_id, f.sku) f.*, s.place AS source, s.lot, s.serial, s.pieces - s.reserved AS there
            FROM faces f JOIN stock s ON s.facility = :f AND s.merchant_id = f.merchant_id AND s.sku = f.sku
                AND s.condition = 'good' AND s.pieces > s.reserved
            JOIN places p ON p.facility = s.facility AND p.place = s.place AND p.kind = 'reserve'
            LEFT JOIN lots l ON l.merchant_id = s.merchant_id AND l.sku = s.sku AND l.lot = s.lot
            WHERE coalesce(l.held, '') = ''
            ORDER BY f.merchant_id, f.sku, l.expires_on NULLS LAST, p.rank, s.place
            """
        ),
        {"f": facility, "b": below},
    )
    return [
        {
            "owner": r.merchant_id,
            "sku": r.sku,
            "from": r.source,
            "to": r.face,
            "lot": r.lot,
            "serial": r.serial,
            "pieces": min(int(r.there), 10 * below),
        }
        for r in rows
    ]


def hold(act: Act, owner: str, sku: str, lot: str, because: str) -> dict[str, Any]:
    """Holds a lot everywhere (a recall, an excursion of its temperature); with no reason it is let go.

    Nothing of it is promised any more; the answer tells where it lies, which orders have it reserved, and who got it.
    """

    def do(connection: Connection) -> Answer:
        if not store.hold_lot(connection, owner, sku, lot, because):
            raise scanning.Unknown(storage_messages.NO_PRODUCT(sku=f"{sku} / {lot}"), field="lot", value=lot)
        return {"held": because, **trace(connection, owner, sku, lot)}

    return perform(act, "hold", "", {"owner": owner, "sku": sku, "lot": lot, "because": because}, do)


def excursion(
    act: Act, facility: str, zone: str, coldest: int, warmest: int, since: datetime, until: datetime
) -> dict[str, Any]:
    """Holds every lot that was too cold or too warm: a zone had from `coldest` to `warmest` °C between two instants.

    Held is what lay there then, wherever it lies now, of products that bear less. The answer names the lots.
    """

    def do(connection: Connection) -> Answer:
        lay = connection.execute(
            text(
                "SELECT DISTINCT merchant_id, sku, lot FROM (SELECT s.merchant_id, s.sku, s.lot FROM stock s JOIN places p "
                "USING (facility, place) WHERE s.facility = :f AND p.zone = :z AND s.pieces > 0 AND s.since <= :u UNION "
                "SELECT m.merchant_id, m.sku, m.lot FROM stock_movements m JOIN places p ON p.facility = m.facility AND "
                "p.place = m.source WHERE m.facility = :f AND p.zone = :z AND m.at >= :s UNION SELECT m.merchant_id, m.sku, "
                "m.lot FROM stock_movements m JOIN places p ON p.facility = m.facility AND p.place = m.target WHERE "
                "m.facility = :f AND p.zone = :z AND m.at BETWEEN :s AND :u) lay WHERE lot <> '' ORDER BY 1, 2, 3"
            ),
            {"f": facility, "z": zone, "s": since, "u": until},
        ).all()
        held = []
        for row in lay:
            bears = scanning.product(connection, row.merchant_id, row.sku).temperature
            if bears is not None and (coldest < bears[0] or warmest > bears[1]):
                store.hold_lot(connection, row.merchant_id, row.sku, row.lot, f"{coldest} to {warmest} °C")
                held.append({"owner": row.merchant_id, "sku": row.sku, "lot": row.lot})
        return {"held": held}

    asked = {"zone": zone, "coldest": coldest, "warmest": warmest, "since": since, "until": until}
    return perform(act, "excursion", facility, asked, do)


def trace(connection: Connection, owner: str, sku: str, lot: str) -> dict[str, Any]:
    """A lot both ways: with what it came in, where it lies now, who has it reserved, and to whom it went."""
    where = {"o": owner, "s": sku, "l": lot}
    came = connection.execute(
        text(
            "SELECT facility, subject AS advice, sum(pieces) AS pieces, min(at) AS at FROM stock_movements WHERE "
            "merchant_id = :o AND sku = :s AND lot = :l AND source IS NULL GROUP BY facility, subject ORDER BY min(at)"
        ),
        where,
    )
    lies = connection.execute(
        text(
            "SELECT facility, place, condition, pieces, reserved FROM stock WHERE merchant_id = :o AND sku = :s "
            "AND lot = :l AND pieces > 0 ORDER BY facility, place"
        ),
        where,
    )
    promised = connection.execute(
        text(
            "SELECT DISTINCT order_id FROM picks WHERE merchant_id = :o AND sku = :s AND lot = :l AND state = 'reserved' "
            "ORDER BY order_id"
        ),
        where,
    )
    went = connection.execute(
        text(
            "SELECT m.subject AS order_id, o.parcel, sum(m.pieces) AS pieces, max(m.at) AS at FROM stock_movements m "
            "LEFT JOIN outbound o ON o.merchant_id = m.merchant_id AND o.order_id = m.subject AND o.state = 'handed_over' "
            "AND o.facility = m.facility WHERE m.merchant_id = :o AND m.sku = :s AND m.lot = :l AND m.reason = 'ship' "
            "GROUP BY m.subject, o.parcel ORDER BY max(m.at)"
        ),
        where,
    )
    return {
        "sku": sku,
        "lot": lot,
        "came": [dict(r._mapping) for r in came],
        "lies": [dict(r._mapping) for r in lies],
        "promised": list(promised.scalars()),
        "went": [dict(r._mapping) for r in went],
    }


def audit(connection: Connection) -> list[dict[str, Any]]:
    """Where stock is not the sum of its movements, or what is reserved not the sum of open picks: nothing, always."""
    rows = connection.execute(
        text(
            """
            WITH moved AS (
                SELECT facility, target AS place, merchant_id, sku, lot, serial, becomes AS condition, pieces AS n, grams AS g
                FROM stock_movements WHERE target IS NOT NULL
                UNION ALL
                SELECT facility, source, merchant_id, sku, lot, serial, condition, -pieces, -grams
                FROM stock_movements WHERE source IS NOT NULL
            ), total AS (
                SELECT facility, place, merchant_id, sku, lot, serial, condition, sum(n) AS n, sum(g) AS g FROM moved
                GROUP BY 1, 2, 3, 4, 5, 6, 7
            ), promised AS (
                SELECT facility, place, merchant_id, sku, lot, serial, condition, sum(pieces - picked) AS r FROM picks
                WHERE state = 'reserved' GROUP BY 1, 2, 3, 4, 5, 6, 7
            )
            SELECT facility, place, merchant_id, sku, lot, serial, condition, coalesce(t.n, 0) AS moved,
                coalesce(s.pieces, 0) AS pieces, coalesce(p.r, 0) AS promised, coalesce(s.reserved, 0) AS reserved
            FROM stock s FULL JOIN total t USING (facility, place, merchant_id, sku, lot, serial, condition)
            FULL JOIN promised p USING (facility, place, merchant_id, sku, lot, serial, condition)
            WHERE coalesce(t.n, 0) <> coalesce(s.pieces, 0) OR coalesce(p.r, 0) <> coalesce(s.reserved, 0)
                OR coalesce(t.g, 0) <> coalesce(s.grams, 0)
            """
        )
    )
    return [dict(r._mapping) for r in rows]
