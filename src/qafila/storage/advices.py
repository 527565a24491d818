"""Deliveries that are announced: what comes, at which dock and when, and how it differed from what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, text
from stdnum import ean

from qafila.core.fault import Conflict, Fault
from qafila.core.values import value
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import scanning, storage_messages, store
from qafila.storage.model import Condition, PlaceKind, Product, normal_code
from qafila.storage.storage_acting import perform


@value
class AdviceLine:
    """Goods that are said to come."""

    sku: str
    pieces: int
    lot: str = ""
    expires_on: date | None = None
    condition: str = Condition.GOOD.value
    code: str = ""  # that is said to stand on them, beside their SKU


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
                storage_messages.NO_WAREHOUSE(facility=advice.facility),
                storage_messages.SET_UP(),
                field="facility",
                value=advice.facility,
            )
        lines = _named(connection, advice)
        for n, line in enumerate(lines):
            if line.pieces < 1:
                raise Fault(
                    storage_messages.PIECES_WRONG(pieces=line.pieces),
                    storage_messages.WRITE_PIECES(),
                    field=f"lines[{n}].pieces",
                    value=str(line.pieces),
                )
        state = connection.execute(
            text(
                "INSERT INTO advices (merchant_id, advice_id, facility, supplier, expected_at) VALUES (:o, :a, :f, :s, :e) "
                "ON CONFLICT (merchant_id, advice_id) DO UPDATE SET supplier = EXCLUDED.supplier, "
                "expected_at = EXCLUDED.expected_at RETURNING state, facility"
            ),
            {
                "o": advice.owner,
                "a": advice.id,
                "f": advice.facility,
                "s": advice.supplier,
                "e": advice.expected_at,
            },
        ).one()
        if state.state != "announced" or state.facility != advice.facility:
            raise Conflict(storage_messages.ADVICE_CLOSED(advice=advice.id), field="advice", value=advice.id)
        connection.execute(
            text("DELETE FROM advice_lines WHERE merchant_id = :o AND advice_id = :a"),
            {"o": advice.owner, "a": advice.id},
        )
        for n, line in enumerate(lines):
            connection.execute(
                text(
                    "INSERT INTO advice_lines (merchant_id, advice_id, line, sku, lot, expires_on, condition, pieces) "
                    "VALUES (:o, :a, :n, :sku, :lot, :e, :c, :p)"
                ),
                {
                    "o": advice.owner,
                    "a": advice.id,
                    "n": n,
                    "sku": line.sku,
                    "lot": line.lot,
                    "e": line.expires_on,
                    "c": line.condition,
                    "p": line.pieces,
                },
            )
        return {"advice": advice.id, "lines": len(advice.lines)}

    asked = {
        "advice": advice.id,
        "owner": advice.owner,
        "lines": [(x.sku, x.pieces, x.lot) for x in advice.lines],
    }
    return perform(act, "announce", advice.facility, asked, do)


def _named(connection: Connection, advice: Advice) -> list[AdviceLine]:
    """The lines by the owner's SKUs; goods may be named by a code that stands on them, also on a case of several. Raises
    Unknown for products that the owner does not have."""
    known = store.products(connection, advice.owner, {line.sku for line in advice.lines})
    found = []
    for line in advice.lines:
        if line.sku not in known:
            code = scanning.read(line.sku).code
            named = [
                (s, n) for owner, s, n in store.owners_of_code(connection, code) if owner == advice.owner
            ]
            if not named:
                scanning.product(connection, advice.owner, line.sku)
            sku, pieces = named[0]
            line = replace(line, sku=sku, pieces=line.pieces * pieces)
        elif line.code:
            _agree(connection, advice.owner, known[line.sku], line.code)
        found.append(line)
    return found


def _agree(connection: Connection, owner: str, product: Product, written: str) -> None:
    """Raises Fault where a code beside a product's SKU is of other goods, of several pieces, or none of its codes."""
    code = scanning.read(written).code
    of = [(sku, pieces) for who, sku, pieces in store.owners_of_code(connection, code) if who == owner]
    if (product.sku, 1) in of:
        return
    if of:
        sku, pieces = next((one for one in of if one[0] == product.sku), of[0])
        if sku != product.sku:
            reason = storage_messages.CODE_OF_OTHER_GOODS(code=written, sku=product.sku, other=sku)
        else:
            reason = storage_messages.CODE_OF_SEVERAL(code=written, sku=sku, pieces=pieces)
    elif ean.is_valid(code) and any(ean.is_valid(normal_code(known)) for known, _ in product.barcodes):
        reason = storage_messages.CODE_NOT_ITS_OWN(code=written, sku=product.sku)
    else:
        return
    raise Fault(reason, storage_messages.CODE_OR_SKU(), field="lines", value=written[:80])


def appoint(act: Act, owner: str, advice: str, dock: str, since: datetime, minutes: int) -> dict[str, Any]:
    """Gives a delivery a dock for some minutes. Raises Conflict where another has the dock then."""

    def do(connection: Connection) -> Answer:
        facility = row(connection, owner, advice).facility
        found = scanning.place(connection, facility, dock)
        if found.kind != PlaceKind.DOCK:
            raise Fault(
                storage_messages.NO_PLACE(place=dock, facility=facility),
                storage_messages.SCAN_PLACE(),
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
                storage_messages.DOCK_TAKEN(dock=dock, since=taken.expected_at, until=taken.dock_until),
                storage_messages.OTHER_TIME(),
                field="since",
                value=since.isoformat(),
            )
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


def owner_of(connection: Connection, facility: str, advice: str) -> str:
    """Who announced a delivery to a warehouse. Raises Unknown where nobody did, Fault where several use the number."""
    found = connection.execute(
        text("SELECT merchant_id FROM advices WHERE facility = :f AND advice_id = :a"),
        {"f": facility, "a": advice},
    ).scalars()
    owners = list(found)
    if not owners:
        raise scanning.Unknown(storage_messages.NO_ADVICE(advice=advice), field="advice", value=advice)
    if len(owners) > 1:
        raise Fault(
            storage_messages.MANY_CODES(code=advice),
            storage_messages.SAY_OWNER(),
            field="owner",
            value=advice,
        )
    return str(owners[0])


def row(connection: Connection, owner: str, advice: str) -> Any:
    """The row of an advice, locked. Raises Unknown where there is none."""
    found = connection.execute(
        text("SELECT * FROM advices WHERE merchant_id = :o AND advice_id = :a FOR UPDATE"),
        {"o": owner, "a": advice},
    ).one_or_none()
    if found is None:
        raise scanning.Unknown(storage_messages.NO_ADVICE(advice=advice), field="advice", value=advice)
    return found


def close(act: Act, owner: str, advice: str) -> dict[str, Any]:
    """Ends receiving; the answer, kept with the advice, tells every difference to what was announced."""

    def do(connection: Connection) -> Answer:
        found = row(connection, owner, advice)
        if found.state not in ("announced", "arrived"):
            raise Conflict(storage_messages.ADVICE_CLOSED(advice=advice), field="advice", value=advice)
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
            {"d": orjson.dumps(differences, default=str).decode(), "o": owner, "a": advice},
        )
        return {"advice": advice, "differences": differences}

    return perform(act, "close-advice", "", {"owner": owner, "advice": advice}, do)


def lines(connection: Connection, owner: str, advice: str) -> Sequence[Any]:
    """The lines of an advice with what came of them."""
    return connection.execute(
        text("SELECT * FROM advice_lines WHERE merchant_id = :o AND advice_id = :a ORDER BY line"),
        {"o": owner, "a": advice},
    ).all()
