"""Counts: by value and by doubt. A difference above a limit is counted again by somebody else
(`rules.Rules`); then stock is corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.core.fault import Fault
from qafila.core.identifiers.own import new_id
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import scanning, storage_messages, storage_orders, storage_reserving, storage_rules, store
from qafila.storage.model import Goods, Movement, Reason
from qafila.storage.storage_acting import perform
from qafila.storage.storage_moving import move

_KEY = "(facility, place, merchant_id, sku, lot, serial, condition) = (:f, :p, :o, :sku, :lot, :serial, :c)"


def _values(facility: str, place: str, goods: Goods) -> dict[str, object]:
    return {"f": facility, "p": place, "o": goods.owner, "sku": goods.sku, "lot": goods.lot, "serial": goods.serial,
            "c": goods.condition}  # fmt: skip


def ask(
    connection: Connection, facility: str, place: str, goods: Goods, because: str, details: Mapping[str, Any]
) -> str:
    """Asks for a count of goods at a place (`because`: short, conflict, cycle, asked); returns its id. An open count
    of the same stands, and keeps what was said the next time beside it (`more`). In the caller's transaction."""
    id = connection.execute(
        text(
            "INSERT INTO counts (count_id, facility, place, merchant_id, sku, lot, serial, condition, because, details) "
            "VALUES (:id, :f, :p, :o, :sku, :lot, :serial, :c, :b, CAST(:d AS jsonb)) ON CONFLICT (facility, place, "
            "merchant_id, sku, lot, serial, condition) WHERE state <> 'done' DO UPDATE SET because = CASE WHEN "
            "counts.because = 'cycle' THEN EXCLUDED.because ELSE counts.because END, details = CASE WHEN EXCLUDED.because IN "
            "('conflict', 'short') THEN coalesce(counts.details, '{}') || jsonb_build_object('more', "
            "coalesce(counts.details->'more', '[]') || jsonb_build_array(EXCLUDED.details)) ELSE counts.details END "
            "RETURNING count_id"
        ),
        {
            **_values(facility, place, goods),
            "id": new_id("count"),
            "b": because,
            "d": orjson.dumps(dict(details), default=str).decode(),
        },
    ).scalar_one()
    return str(id)


def count(act: Act, facility: str, place: str, goods: Goods, counted: int) -> dict[str, Any]:
    """Takes a count. The answer's `state`: `done` (it agrees, or stock was corrected) or `again` (another person is to
    count it).

    Raises Fault where the same person counts the second time, or the place does not exist.
    """

    def do(connection: Connection) -> Answer:
        if not 0 <= counted <= 10_000_000:
            raise Fault(
                storage_messages.PIECES_WRONG(pieces=counted),
                storage_messages.WRITE_PIECES(),
                field="pieces",
                value=str(counted),
            )
        scanning.place(connection, facility, place)
        kind = scanning.product(connection, goods.owner, goods.sku)
        id = ask(connection, facility, place, goods, "asked", {})
        row = connection.execute(
            text("SELECT * FROM counts WHERE count_id = :id FOR UPDATE"), {"id": id}
        ).one()
        held = next(
            (s for s in store.at_place(connection, facility, place, lock=True) if s.goods == goods), None
        )
        expected = held.pieces if held is not None else 0
        difference = counted - expected
        if row.state == "again":
            if row.by == act.by.name:
                raise Fault(
                    storage_messages.SAME_PERSON(name=act.by.name),
                    storage_messages.ANOTHER_COUNTS(),
                    field="by",
                    value=act.by.name,
                )
            agreed = counted in (row.counted, expected)
        else:
            own = storage_rules.of(connection, facility)
            agreed = (
                abs(difference) <= own.count_limit_pieces
                and abs(difference) * kind.value <= own.count_limit_value
            )
        if agreed:
            if difference:
                _correct(connection, act, facility, place, goods, expected, counted, f"count {id}")
            _done(connection, act, id, row, counted, expected)
            connection.execute(
                text(f"UPDATE stock SET counted_at = :at WHERE {_KEY}"),
                {**_values(facility, place, goods), "at": act.at},
            )
            return {"count": id, "state": "done", "difference": difference}
        connection.execute(
            text(
                "UPDATE counts SET state = 'again', expected = :e, counted = :n, by = :by, because = CASE WHEN because = "
                "'cycle' THEN 'conflict' ELSE because END WHERE count_id = :id"
            ),
            {"id": id, "e": expected, "n": counted, "by": act.by.name},
        )
        return {"count": id, "state": "again", "difference": difference}

    asked = {"place": place, "sku": goods.sku, "lot": goods.lot, "serial": goods.serial, "owner": goods.owner,
             "condition": goods.condition, "counted": counted}  # fmt: skip
    return perform(act, "count", facility, asked, do)


def _done(connection: Connection, act: Act, id: str, row: Any, counted: int, expected: int) -> None:
    if row.state == "again":
        connection.execute(
            text(
                "UPDATE counts SET state = 'done', second = :n, second_by = :by, done_at = :at WHERE count_id = :id"
            ),
            {"id": id, "n": counted, "by": act.by.name, "at": act.at},
        )
    else:
        connection.execute(
            text(
                "UPDATE counts SET state = 'done', expected = :e, counted = :n, by = :by, done_at = :at WHERE count_id = :id"
            ),
            {"id": id, "e": expected, "n": counted, "by": act.by.name, "at": act.at},
        )


def correct(act: Act, facility: str, place: str, goods: Goods, pieces: int, why: str) -> dict[str, Any]:
    """Sets what lies at a place to so many pieces, with a reason. Raises Fault where none is given."""

    def do(connection: Connection) -> Answer:
        if not why.strip():
            raise Fault(storage_messages.WHY_MISSING(), storage_messages.SAY_WHY(), field="why")
        scanning.place(connection, facility, place)
        scanning.product(connection, goods.owner, goods.sku)
        held = next(
            (s for s in store.at_place(connection, facility, place, lock=True) if s.goods == goods), None
        )
        expected = held.pieces if held is not None else 0
        _correct(connection, act, facility, place, goods, expected, pieces, why.strip())
        return {"place": place, "sku": goods.sku, "before": expected, "after": pieces}

    asked = {"place": place, "sku": goods.sku, "lot": goods.lot, "serial": goods.serial, "owner": goods.owner,
             "condition": goods.condition, "pieces": pieces, "why": why}  # fmt: skip
    return perform(act, "correct", facility, asked, do)


def _correct(
    connection: Connection,
    act: Act,
    facility: str,
    place: str,
    goods: Goods,
    before: int,
    after: int,
    why: str,
) -> None:
    """Adds or takes away the difference; promises that cannot be kept any more are looked for elsewhere."""
    if after == before:
        return
    if after > before:
        movement = Movement(facility, goods, after - before, Reason.CORRECTION, None, place)
        move(connection, act, [movement], why)
        return
    losing = _unpromise(connection, facility, place, goods, after)
    movement = Movement(facility, goods, before - after, Reason.CORRECTION, place, None)
    move(connection, act, [movement], why)
    for owner, order, part in losing:
        complete = storage_reserving.reserve(connection, owner, order, part, act.at)
        found = storage_orders.row(connection, owner, order, part)
        if found.state in ("released", "picking"):  # what was found elsewhere joins the tour
            connection.execute(
                text(
                    "UPDATE picks SET tour = :t, compartment = :c, stop = (SELECT coalesce(max(stop), 0) + 1 FROM picks WHERE "
                    "tour = :t) WHERE merchant_id = :o AND order_id = :id AND part = :p AND state = 'reserved' AND tour IS NULL"
                ),
                {"t": found.tour, "c": found.compartment, "o": owner, "id": order, "p": part},
            )
        elif not complete and found.state == "reserved":
            storage_orders.set_state(connection, owner, order, part, "waiting")


def _unpromise(
    connection: Connection, facility: str, place: str, goods: Goods, most: int
) -> list[tuple[str, str, int]]:
    """Takes promises off goods until no more than `most` pieces are promised, the latest cut-off first; returns the
    orders that lost some."""
    held = next((s for s in store.at_place(connection, facility, place) if s.goods == goods), None)
    over = (held.reserved if held is not None else 0) - most
    lost: list[tuple[str, str, int]] = []
    if over <= 0 or held is None:
        return lost
    picks = connection.execute(
        text(
            "SELECT k.*, o.cut_off FROM picks k JOIN outbound o USING (merchant_id, order_id, part) WHERE k.state = 'reserved' "
            "AND (k.facility, k.place, k.merchant_id, k.sku, k.lot, k.serial, k.condition) = (:f, :p, :o, :sku, :lot, :serial, "
            ":c) ORDER BY k.tour IS NOT NULL, o.cut_off DESC NULLS FIRST, k.pick DESC FOR UPDATE OF k"
        ),
        _values(facility, place, goods),
    ).all()
    for pick in picks:
        if over <= 0:
            break
        free = min(over, pick.pieces - pick.picked)
        store.reserve(connection, held, -free)
        connection.execute(
            text(
                "UPDATE picks SET pieces = greatest(pieces - :n, 1), state = CASE WHEN pieces - :n > picked THEN 'reserved' "
                "WHEN picked > 0 THEN 'done' ELSE 'dropped' END WHERE pick = :p"
            ),
            {"n": free, "p": pick.pick},
        )
        over -= free
        lost.append((pick.merchant_id, pick.order_id, pick.part))
    return lost


def late(act: Act, facility: str, place: str, goods: Goods, told: Mapping[str, Any]) -> dict[str, Any]:
    """Keeps a scan that came too late to be done (the goods, or the task, were gone): the place is to be counted, with
    what the scan said. Never dropped; sent again, it is the same count."""

    def do(connection: Connection) -> Answer:
        id = ask(connection, facility, place, goods, "conflict", {**told, "by": act.by.name, "at": act.at})
        return {"count": id, "state": "difference"}

    late_act = replace(act, key=f"{act.key}:late")
    # why it could not be done may be another reason when it is sent again; it is the same scan
    asked = {name: said for name, said in told.items() if name != "because"}
    return perform(late_act, "late", facility, {"place": place, "sku": goods.sku, "told": asked}, do)


def cycle(act: Act, facility: str, most: int = 20) -> dict[str, Any]:
    """Asks for the counts that are worth most: value at the place, weighed by the time since it was last counted."""

    def do(connection: Connection) -> Answer:
        rows = connection.execute(
            text(
                "SELECT s.*, coalesce((p.document->>'value')::numeric, 0) * s.pieces * (1 + extract(epoch FROM :now - "
                "coalesce(s.counted_at, s.since)) / 86400) AS weight FROM stock s JOIN products p USING (merchant_id, sku) "
                "JOIN places pl USING (facility, place) WHERE s.facility = :f AND s.pieces > 0 AND pl.kind IN ('pick', "
                "'reserve') AND NOT EXISTS (SELECT FROM counts c WHERE c.state <> 'done' AND (c.facility, c.place, "
                "c.merchant_id, c.sku, c.lot, c.serial, c.condition) = (s.facility, s.place, s.merchant_id, s.sku, s.lot, "
                "s.serial, s.condition)) ORDER BY weight DESC, s.place LIMIT :n"
            ),
            {"f": facility, "n": most, "now": act.at},
        ).all()
        made = [
            ask(
                connection,
                facility,
                r.place,
                Goods(r.merchant_id, r.sku, r.lot, r.serial, r.condition),
                "cycle",
                {"weight": float(r.weight)},
            )
            for r in rows
        ]
        return {"counts": made}

    return perform(act, "cycle", facility, {"most": most}, do)


def open_counts(connection: Connection, facility: str) -> Sequence[Any]:
    """Counts to do, doubts first."""
    return connection.execute(
        text(
            "SELECT * FROM counts WHERE facility = :f AND state <> 'done' ORDER BY because = 'cycle', made_at, count_id"
        ),
        {"f": facility},
    ).all()
