"""Goods are scanned at a dock: what they are, where they go, and which orders wait for them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault
from qafila.core.values import value
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import advices, putting_away, scanning, storage_messages, store
from qafila.storage.model import Condition, Goods, Lot, Movement, PlaceKind, Reason
from qafila.storage.storage_acting import perform
from qafila.storage.storage_moving import move


@value
class Received:
    """Goods that were scanned at a dock."""

    sku: str
    pieces: int
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None
    damaged: bool = False
    grams: int = 0


def receive(act: Act, facility: str, owner: str, advice: str, dock: str, got: Received) -> dict[str, Any]:
    """Takes goods in at a dock, with an advice or (advice "") without one; the answer proposes where they go.

    Raises Fault where the product is kept by what was not given, Conflict where the advice is closed.
    """

    def do(connection: Connection) -> Answer:
        scanning.place(connection, facility, dock)
        kind = scanning.product(connection, owner, got.sku)
        goods = Goods(
            owner, got.sku, got.lot, got.serial, Condition.DAMAGED if got.damaged else Condition.GOOD
        )
        scanning.checked(kind, goods, got.pieces, got.grams)
        line = _line_for(connection, owner, advice, facility, got) if advice else None
        if line is not None and line.condition != Condition.GOOD and not got.damaged:
            goods = Goods(owner, got.sku, got.lot, got.serial, line.condition)
        if goods.lot:
            expires = got.expires_on or (line.expires_on if line is not None else None)
            known = {lot.lot: lot for lot in store.lots(connection, owner, got.sku)}.get(goods.lot)
            if kind.expires and expires is None and (known is None or known.expires_on is None):
                raise Fault(
                    storage_messages.SAY_EXPIRY(sku=got.sku, lot=goods.lot),
                    storage_messages.SCAN_LABEL(),
                    field="expires_on",
                )
            store.see_lot(connection, Lot(owner, got.sku, goods.lot, expires, advice=advice))
        move(
            connection,
            act,
            [
                Movement(
                    facility, goods, got.pieces, Reason.RECEIPT, None, dock, grams=got.grams, subject=advice
                )
            ],
        )
        wanted = _waiting_for(connection, facility, owner, got.sku)
        proposed = (
            ""
            if goods.condition != Condition.GOOD
            else putting_away.propose(connection, facility, kind, owner, got.pieces)
        )
        if goods.condition == Condition.DAMAGED:
            proposed = _first_of(connection, facility, PlaceKind.QUARANTINE) or proposed
        return {
            "sku": got.sku,
            "title": kind.title,
            "pieces": got.pieces,
            "put_at": proposed,
            "cross_dock": wanted,
            "unexpected": bool(advice) and line is None,
        }

    asked = {name: getattr(got, name) for name in Received.__slots__} | {"advice": advice, "dock": dock}  # type: ignore[attr-defined]  # `value` adds slots
    return perform(act, "receive", facility, asked, do)


def _line_for(connection: Connection, owner: str, advice: str, facility: str, got: Received) -> Any:
    """The line that goods belong to, filled up by them; None where they were not announced."""
    found = advices.row(connection, owner, advice)
    if found.state not in ("announced", "arrived") or found.facility != facility:
        raise Conflict(storage_messages.ADVICE_CLOSED(advice=advice), field="advice", value=advice)
    connection.execute(
        text("UPDATE advices SET state = 'arrived' WHERE merchant_id = :o AND advice_id = :a"),
        {"o": owner, "a": advice},
    )
    line = connection.execute(
        text(
            "SELECT * FROM advice_lines WHERE merchant_id = :o AND advice_id = :a AND sku = :s "
            "AND (lot = '' OR lot = :l) ORDER BY lot <> :l, received + damaged >= pieces, line LIMIT 1"
        ),
        {"o": owner, "a": advice, "s": got.sku, "l": got.lot},
    ).one_or_none()
    if line is None:
        n = connection.execute(
            text(
                "INSERT INTO advice_lines (merchant_id, advice_id, line, sku, lot, expires_on, pieces) SELECT :o, :a, "
                "coalesce(max(line), -1) + 1, :s, :l, :e, 0 FROM advice_lines WHERE merchant_id = :o AND advice_id = :a "
                "RETURNING line"
            ),
            {"o": owner, "a": advice, "s": got.sku, "l": got.lot, "e": got.expires_on},
        ).scalar_one()
    else:
        n = line.line
    column = "damaged" if got.damaged else "received"
    connection.execute(
        text(
            f"UPDATE advice_lines SET {column} = {column} + :p WHERE merchant_id = :o AND advice_id = :a AND line = :n"
        ),
        {"p": got.pieces, "o": owner, "a": advice, "n": n},
    )
    return line


def _first_of(connection: Connection, facility: str, kind: PlaceKind) -> str:
    return (
        connection.execute(
            text("SELECT place FROM places WHERE facility = :f AND kind = :k ORDER BY place LIMIT 1"),
            {"f": facility, "k": kind.value},
        ).scalar_one_or_none()
        or ""
    )


def _waiting_for(connection: Connection, facility: str, owner: str, sku: str) -> list[dict[str, Any]]:
    """Orders that wait for such goods: they go to them at once, and not on a shelf (cross-docking)."""
    rows = connection.execute(
        text(
            "SELECT l.order_id, l.pieces - l.picked - l.short - coalesce((SELECT sum(k.pieces - k.picked) FROM picks k WHERE "
            "(k.merchant_id, k.order_id, k.part, k.line) = (l.merchant_id, l.order_id, l.part, l.line) AND "
            "k.state = 'reserved'), 0) AS missing FROM outbound_lines l JOIN outbound o USING (merchant_id, order_id, part) "
            "WHERE o.facility = :f AND l.merchant_id = :o AND l.sku = :s AND o.state = 'waiting' "
            "ORDER BY o.cut_off NULLS LAST, o.placed_at LIMIT 20"
        ),
        {"f": facility, "o": owner, "s": sku},
    )
    return [{"order": r.order_id, "pieces": int(r.missing)} for r in rows if r.missing > 0]
