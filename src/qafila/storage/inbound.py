"""What comes in: advices, docks, receiving by scan, put-away where the rule says and as people do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault
from qafila.core.values import value
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import messages, scanning, store
from qafila.storage.acting import perform
from qafila.storage.model import Condition, Goods, Lot, Movement, PlaceKind, Product, Reason, Stock
from qafila.storage.moving import move

_LEARNED = 3
"""So often people must have chosen another place for it to be proposed first."""


@value
class AdviceLine:
    """Goods that are said to come."""

    sku: str
    pieces: int
    lot: str = ""
    expires_on: date | None = None
    condition: str = Condition.GOOD.value


@value
class Advice:
    """A delivery that is announced."""

    id: str
    owner: str
    facility: str
    lines: tuple[AdviceLine, ...]
    supplier: str = ""
    expected_at: datetime | None = None


def announce(act: Act, advice: Advice) -> dict[str, Any]:
    """Announces a delivery. Announced again with other lines, they are replaced, as long as nothing was received.

    Raises Fault for products that the owner does not have, Conflict where goods have come already.
    """

    def do(connection: Connection) -> Answer:
        if store.warehouse(connection, advice.facility) is None:
            raise scanning.Unknown(
                messages.NO_WAREHOUSE(facility=advice.facility), messages.SET_UP(), field="facility",
                value=advice.facility,
            )  # fmt: skip
        for n, line in enumerate(advice.lines):
            scanning.product(connection, advice.owner, line.sku)
            if line.pieces < 1:
                raise Fault(
                    messages.PIECES_WRONG(pieces=line.pieces), messages.WRITE_PIECES(),
                    field=f"lines[{n}].pieces", value=str(line.pieces),
                )  # fmt: skip
        state = connection.execute(
            text(
                "INSERT INTO advices (merchant_id, advice_id, facility, supplier, expected_at) VALUES (:o, :a, :f, :s, :e) "
                "ON CONFLICT (merchant_id, advice_id) DO UPDATE SET supplier = EXCLUDED.supplier, "
                "expected_at = EXCLUDED.expected_at RETURNING state, facility"
            ),
            {"o": advice.owner, "a": advice.id, "f": advice.facility, "s": advice.supplier, "e": advice.expected_at},
        ).one()  # fmt: skip
        if state.state != "announced" or state.facility != advice.facility:
            raise Conflict(messages.ADVICE_CLOSED(advice=advice.id), field="advice", value=advice.id)
        connection.execute(
            text("DELETE FROM advice_lines WHERE merchant_id = :o AND advice_id = :a"),
            {"o": advice.owner, "a": advice.id},
        )
        for n, line in enumerate(advice.lines):
            connection.execute(
                text(
                    "INSERT INTO advice_lines (merchant_id, advice_id, line, sku, lot, expires_on, condition, pieces) "
                    "VALUES (:o, :a, :n, :sku, :lot, :e, :c, :p)"
                ),
                {"o": advice.owner, "a": advice.id, "n": n, "sku": line.sku, "lot": line.lot, "e": line.expires_on,
                 "c": line.condition, "p": line.pieces},
            )  # fmt: skip
        return {"advice": advice.id, "lines": len(advice.lines)}

    asked = {
        "advice": advice.id,
        "owner": advice.owner,
        "lines": [(x.sku, x.pieces, x.lot) for x in advice.lines],
    }
    return perform(act, "announce", advice.facility, asked, do)


def appoint(act: Act, owner: str, advice: str, dock: str, since: datetime, minutes: int) -> dict[str, Any]:
    """Gives a delivery a dock for some minutes. Raises Conflict where another has the dock then."""

    def do(connection: Connection) -> Answer:
        facility = _advice(connection, owner, advice).facility
        found = scanning.place(connection, facility, dock)
        if found.kind != PlaceKind.DOCK:
            raise Fault(
                messages.NO_PLACE(place=dock, facility=facility),
                messages.SCAN_PLACE(),
                field="dock",
                value=dock,
            )
        connection.execute(
            text("SELECT 1 FROM places WHERE facility = :f AND place = :d FOR UPDATE"),
            {"f": facility, "d": dock},
        )
        until = since + timedelta(minutes=minutes)
        taken = connection.execute(
            text(
                "SELECT expected_at, dock_until FROM advices WHERE facility = :f AND dock = :d AND state IN "
                "('announced', 'arrived') AND (merchant_id, advice_id) <> (:o, :a) AND expected_at < :u AND dock_until > :s "
                "ORDER BY expected_at LIMIT 1"
            ),
            {"f": facility, "d": dock, "o": owner, "a": advice, "s": since, "u": until},
        ).one_or_none()
        if taken is not None:
            raise Conflict(
                messages.DOCK_TAKEN(dock=dock, since=taken.expected_at, until=taken.dock_until),
                messages.OTHER_TIME(), field="since", value=since.isoformat(),
            )  # fmt: skip
        connection.execute(
            text(
                "UPDATE advices SET dock = :d, expected_at = :s, dock_until = :u WHERE merchant_id = :o AND advice_id = :a"
            ),
            {"d": dock, "s": since, "u": until, "o": owner, "a": advice},
        )
        return {"advice": advice, "dock": dock, "since": since, "until": until}

    return perform(
        act, "appoint", "", {"advice": advice, "dock": dock, "since": since, "minutes": minutes}, do
    )


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
                    messages.SAY_EXPIRY(sku=got.sku, lot=goods.lot), messages.SCAN_LABEL(), field="expires_on"
                )
            store.see_lot(connection, Lot(owner, got.sku, goods.lot, expires, advice=advice))
        move(
            connection, act,
            [Movement(facility, goods, got.pieces, Reason.RECEIPT, None, dock, grams=got.grams, subject=advice)],
        )  # fmt: skip
        wanted = _waiting_for(connection, facility, owner, got.sku)
        proposed = (
            ""
            if goods.condition != Condition.GOOD
            else propose(connection, facility, kind, owner, got.pieces)
        )
        if goods.condition == Condition.DAMAGED:
            proposed = _first_of(connection, facility, PlaceKind.QUARANTINE) or proposed
        return {
            "sku": got.sku, "title": kind.title, "pieces": got.pieces, "put_at": proposed, "cross_dock": wanted,
            "unexpected": bool(advice) and line is None,
        }  # fmt: skip

    asked = {name: getattr(got, name) for name in Received.__slots__} | {"advice": advice, "dock": dock}  # type: ignore[attr-defined]
    return perform(act, "receive", facility, asked, do)


def _advice(connection: Connection, owner: str, advice: str) -> Any:
    found = connection.execute(
        text("SELECT * FROM advices WHERE merchant_id = :o AND advice_id = :a FOR UPDATE"),
        {"o": owner, "a": advice},
    ).one_or_none()
    if found is None:
        raise scanning.Unknown(messages.NO_ADVICE(advice=advice), field="advice", value=advice)
    return found


def _line_for(connection: Connection, owner: str, advice: str, facility: str, got: Received) -> Any:
    """The line that goods belong to, filled up by them; None where they were not announced."""
    found = _advice(connection, owner, advice)
    if found.state not in ("announced", "arrived") or found.facility != facility:
        raise Conflict(messages.ADVICE_CLOSED(advice=advice), field="advice", value=advice)
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


def close(act: Act, owner: str, advice: str) -> dict[str, Any]:
    """Ends receiving; the answer, kept with the advice, tells every difference to what was announced."""

    def do(connection: Connection) -> Answer:
        found = _advice(connection, owner, advice)
        if found.state not in ("announced", "arrived"):
            raise Conflict(messages.ADVICE_CLOSED(advice=advice), field="advice", value=advice)
        differences = [
            {"sku": r.sku, "lot": r.lot, "announced": r.pieces, "received": r.received, "damaged": r.damaged}
            for r in lines(connection, owner, advice)
            if r.received != r.pieces or r.damaged
        ]
        connection.execute(
            text(
                "UPDATE advices SET state = 'received', differences = to_jsonb(CAST(:d AS json)) "
                "WHERE merchant_id = :o AND advice_id = :a"
            ),
            {"d": _json(differences), "o": owner, "a": advice},
        )
        return {"advice": advice, "differences": differences}

    return perform(act, "close-advice", "", {"owner": owner, "advice": advice}, do)


def _json(told: object) -> str:
    import orjson

    return orjson.dumps(told, default=str).decode()


def lines(connection: Connection, owner: str, advice: str) -> Sequence[Any]:
    """The lines of an advice with what came of them."""
    return connection.execute(
        text("SELECT * FROM advice_lines WHERE merchant_id = :o AND advice_id = :a ORDER BY line"),
        {"o": owner, "a": advice},
    ).all()


def put_away(
    act: Act, facility: str, source: str, target: str, goods: Goods, pieces: int, proposed: str = ""
) -> dict[str, Any]:
    """Puts goods from a dock (or anywhere) on a shelf. Another place than the proposed one is learned from.

    Raises Fault where the goods may not lie there or the place is full, NotEnough where they are not at the source.
    """

    def do(connection: Connection) -> Answer:
        kind = scanning.product(connection, goods.owner, goods.sku)
        if source == target:
            raise Fault(
                messages.SAME_PLACE(place=target), messages.OTHER_PLACE(), field="place", value=target
            )
        scanning.place(connection, facility, source)
        found = scanning.place(connection, facility, target)
        _allowed(connection, facility, found, kind, pieces)
        held = next((s for s in store.at_place(connection, facility, source) if s.goods == goods), None)
        grams = _share(held, pieces)
        move(
            connection, act,
            [Movement(facility, goods, pieces, Reason.PUT_AWAY, source, target, grams=grams)],
        )  # fmt: skip
        if proposed and proposed != target:
            connection.execute(
                text(
                    "INSERT INTO put_away_choices (facility, merchant_id, sku, place) VALUES (:f, :o, :s, :p) "
                    "ON CONFLICT (facility, merchant_id, sku, place) DO UPDATE SET times = put_away_choices.times + 1, "
                    "last_at = now()"
                ),
                {"f": facility, "o": goods.owner, "s": goods.sku, "p": target},
            )
        return {"sku": goods.sku, "title": kind.title, "pieces": pieces, "place": target}

    asked = {"from": source, "to": target, "sku": goods.sku, "lot": goods.lot, "serial": goods.serial,
             "owner": goods.owner, "condition": goods.condition, "pieces": pieces}  # fmt: skip
    return perform(act, "put-away", facility, asked, do)


def _share(held: Stock | None, pieces: int) -> int:
    """The weight of some of the pieces of weighed goods."""
    return (
        0 if held is None or not held.pieces else round(held.grams * min(pieces, held.pieces) / held.pieces)
    )


def _allowed(connection: Connection, facility: str, found: Any, kind: Product, pieces: int) -> None:
    """Refuses a place that is closed, full, or not for such goods. Raises Fault."""
    because = None
    if found.closed:
        because = messages.BECAUSE_CLOSED()
    elif kind.hazard and found.zone != "hazard":
        because = messages.BECAUSE_HAZARD()
    elif kind.temperature is not None and found.zone not in ("cold", "frozen"):
        because = messages.BECAUSE_COLD(lowest=kind.temperature[0], highest=kind.temperature[1])
    if because is not None and found.kind in (PlaceKind.PICK, PlaceKind.RESERVE):
        raise Fault(
            messages.PLACE_FORBIDDEN(sku=kind.sku, place=found.place, because=because), messages.OTHER_PLACE(),
            field="place", value=found.place,
        )  # fmt: skip
    if found.max_cm3 is None and found.max_g is None:
        return
    cm3, grams = _load(connection, facility, found.place)
    if (found.max_cm3 is not None and cm3 + kind.cm3 * pieces > found.max_cm3) or (
        found.max_g is not None and grams + kind.grams * pieces > found.max_g
    ):
        raise Fault(
            messages.PLACE_FULL(place=found.place), messages.OTHER_PLACE(), field="place", value=found.place
        )


def _load(connection: Connection, facility: str, place: str) -> tuple[int, int]:
    """Volume in cm³ and weight in grams of what lies at a place."""
    cm3 = grams = 0
    for held in store.at_place(connection, facility, place):
        kind = store.products(connection, held.goods.owner, [held.goods.sku])[held.goods.sku]
        cm3 += kind.cm3 * held.pieces
        grams += held.grams or kind.grams * held.pieces
    return cm3, grams


def propose(connection: Connection, facility: str, kind: Product, owner: str, pieces: int) -> str:
    """Where goods go: where people keep putting them; else beside more of the same; else the nearest empty shelf of
    their zone, pick faces for what is asked for often and reserve for what is not. Empty where nothing is free."""
    learned = connection.execute(
        text(
            "SELECT place FROM put_away_choices WHERE facility = :f AND merchant_id = :o AND sku = :s AND times >= :n "
            "ORDER BY times DESC, last_at DESC"
        ),
        {"f": facility, "o": owner, "s": kind.sku, "n": _LEARNED},
    ).scalars()
    same = connection.execute(
        text(
            "SELECT s.place FROM stock s JOIN places p USING (facility, place) WHERE s.facility = :f AND s.merchant_id = :o "
            "AND s.sku = :s AND s.pieces > 0 AND p.kind IN ('pick', 'reserve') ORDER BY p.rank, s.place"
        ),
        {"f": facility, "o": owner, "s": kind.sku},
    ).scalars()
    asked = connection.execute(
        text(
            "SELECT count(*) FROM outbound_lines l JOIN outbound o USING (merchant_id, order_id, part) WHERE o.facility = :f "
            "AND l.merchant_id = :o AND l.sku = :s AND o.placed_at > now() - interval '30 days'"
        ),
        {"f": facility, "o": owner, "s": kind.sku},
    ).scalar_one()
    zone = "hazard" if kind.hazard else "cold" if kind.temperature is not None else ""
    first = "pick" if asked >= 2 else "reserve"
    empty = connection.execute(
        text(
            "SELECT p.place FROM places p WHERE p.facility = :f AND p.kind IN ('pick', 'reserve') AND NOT p.closed "
            "AND (:z = '' OR p.zone = :z OR (:z = 'cold' AND p.zone = 'frozen')) AND (:z <> '' OR p.zone NOT IN ('hazard', "
            "'cold', 'frozen')) AND NOT EXISTS (SELECT FROM stock s WHERE s.facility = p.facility AND s.place = p.place "
            "AND s.pieces > 0) ORDER BY p.kind <> :first, p.rank, p.place LIMIT 20"
        ),
        {"f": facility, "z": zone, "first": first},
    ).scalars()
    for code in (*learned, *same, *empty):
        try:
            _allowed(connection, facility, scanning.place(connection, facility, code), kind, pieces)
        except Fault:
            continue
        return str(code)
    return ""


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
