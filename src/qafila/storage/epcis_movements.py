"""Movements as EPCIS 2.0 events (JSON-LD), valid under GS1's JSON Schema.

A serial number is an instance of its own; other goods are a class with a quantity. Goods with a GTIN are named by its
Digital Link, others by a URN of ours. What is put into a box for an order is an aggregation; a change of condition
and a correction say their reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import orjson
from sqlalchemy import Connection, text

from qafila.storage import store
from qafila.storage.model import Condition, Product, Reason, normal_code
from qafila.storage.storage_happenings import HAPPENINGS

CONTEXT: list[Any] = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"qafila": "urn:x-qafila:epcis:"},
]
_DISPOSITIONS = {
    Condition.DAMAGED: "damaged",
    Condition.BLOCKED: "non_sellable_other",
    Condition.BONDED: "conformant",
}


def rows(connection: Connection, facility: str = "", after: int = 0, limit: int = 1000) -> list[Any]:
    """Movements in the order in which they were recorded, after a number."""
    return list(
        connection.execute(
            text(
                "SELECT * FROM stock_movements WHERE (:f = '' OR facility = :f) AND seq > :a ORDER BY seq LIMIT :n"
            ),
            {"f": facility, "a": after, "n": limit},
        )
    )


def events(connection: Connection, movements: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """One EPCIS event for each movement."""
    told = list(movements)
    products = {
        owner: store.products(connection, owner, {r.sku for r in told if r.merchant_id == owner})
        for owner in {r.merchant_id for r in told}
    }
    for row in told:
        yield _event(row, products[row.merchant_id].get(row.sku))


def document(connection: Connection, movements: Iterable[Any], created: datetime) -> Iterator[bytes]:
    """An EPCIS document of movements, in pieces."""
    head = orjson.dumps(
        {"@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": created}
    )
    yield head[:-1] + b',"epcisBody":{"eventList":['
    comma = b""
    for event in events(connection, movements):
        yield comma + orjson.dumps(event)
        comma = b",\n"
    yield b"]}}\n"


def _event(row: Any, product: Product | None) -> dict[str, Any]:
    reason = Reason(row.reason)
    codes = HAPPENINGS[reason].codes[0]
    disposition = codes.disposition
    if row.becomes in _DISPOSITIONS and reason not in (Reason.SHIP, Reason.PACK, Reason.PICK):
        disposition = _DISPOSITIONS[Condition(row.becomes)]
    elif reason is Reason.CONDITION:
        disposition = "sellable_not_accessible"
    made: dict[str, Any] = {
        "eventID": f"urn:x-qafila:movement:{row.seq}",
        "type": "ObjectEvent",
        "action": "ADD"
        if row.source is None
        else "DELETE"
        if row.target is None and reason is not Reason.SHIP
        else "OBSERVE",
        "bizStep": codes.biz_step,
        "disposition": disposition,
        "eventTime": row.at.astimezone(UTC),
        "eventTimeZoneOffset": "+00:00",
        "recordTime": row.recorded_at,
        "readPoint": {"id": _place(row.facility, row.source or row.target)},
        "bizLocation": {"id": _place(row.facility, row.target or row.source)},
        "qafila:type": HAPPENINGS[reason].name,
        "qafila:by": row.by,
    }
    kind = _class(row, product)
    if row.serial:
        serial = quote(row.serial, safe="")
        urn = f"{kind}:{serial}" if row.lot else f"{kind}:-:{serial}"  # what comes third is always the lot
        made["epcList"] = [f"{kind}/21/{serial}" if "/01/" in kind else urn]
    elif row.grams:
        made["quantityList"] = [{"epcClass": kind, "quantity": row.grams / 1000, "uom": "KGM"}]
        made["qafila:pieces"] = row.pieces
    else:
        made["quantityList"] = [{"epcClass": kind, "quantity": row.pieces}]
    if row.subject:
        given = "desadv" if reason is Reason.RECEIPT else "po"
        made["bizTransactionList"] = [
            {
                "type": given,
                "bizTransaction": f"urn:x-qafila:order:{quote(row.merchant_id, safe='')}:{quote(row.subject, safe='')}",
            }
        ]
    if row.why:
        made["qafila:why"] = row.why
    return made


def _class(row: Any, product: Product | None) -> str:
    """The class of goods, by lot where they have one."""
    for code, pieces in product.barcodes if product is not None else ():
        plain = normal_code(code)
        if pieces == 1 and len(plain) == 14 and plain.isdigit():
            lot = f"/10/{quote(row.lot, safe='')}" if row.lot else ""
            return f"https://id.gs1.org/01/{plain}{lot}"
    parts = [row.merchant_id, row.sku, *([row.lot] if row.lot else [])]
    return "urn:x-qafila:goods:" + ":".join(quote(part, safe="") for part in parts)


def _place(facility: str, place: str) -> str:
    return f"urn:x-qafila:facility:{quote(facility, safe='')}:{quote(place, safe='')}"
