"""What a scanned code stands for: a place, a product, or a GS1 label with product, lot, expiry, serial and weight."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import biip
from biip.gs1_messages import GS1Message
from sqlalchemy import Connection

from qafila.core.fault import Fault, NotFound
from qafila.storage import storage_messages, store
from qafila.storage.model import Goods, Product, Scan, normal_code


class Unknown(NotFound):
    """Nothing is known by a code, a SKU or a place's name."""


def read(code: str) -> Scan:
    """A code taken apart, without asking what is in the store: GS1 element strings (with or without brackets) and
    Digital Links are understood; anything else is a bare code."""
    plain = code.strip()[:400]
    elements: list[Any] = []
    try:
        if plain.startswith("("):
            elements = list(GS1Message.parse_hri(plain).element_strings)
        elif len(plain) > 14 or plain.startswith("]"):
            found = biip.parse(plain)
            if found.gs1_message is not None:
                elements = list(found.gs1_message.element_strings)
            elif found.gs1_digital_link_uri is not None:
                elements = list(found.gs1_digital_link_uri.element_strings)
    except (biip.ParseError, ValueError):
        elements = []
    told = {e.ai.ai: e for e in elements}
    gtin = told.get("01") or told.get("02")
    if gtin is None:
        return Scan(normal_code(plain))
    scan = Scan(normal_code(gtin.value))
    if "10" in told:
        scan = replace(scan, lot=told["10"].value)
    if "21" in told:
        scan = replace(scan, serial=told["21"].value)
    expiry: date | None = next((told[ai].date for ai in ("17", "15") if ai in told), None)
    if expiry is not None:
        scan = replace(scan, expires_on=expiry)
    count = told.get("37") or told.get("30")
    if count is not None:
        scan = replace(scan, pieces=int(count.value))
    weight = next((e for ai, e in told.items() if ai.startswith("310")), None)
    if weight is not None and weight.decimal is not None:
        scan = replace(scan, grams=int(weight.decimal * 1000))
    return scan


def resolve(connection: Connection, facility: str, code: str, owner: str = "") -> Scan:
    """What a code stands for in a warehouse: a place of it, or a product (of `owner`, where it is said).

    Raises Unknown where it is neither, and Fault where goods of several owners carry it.
    """
    scan = read(code)
    if store.place(connection, facility, scan.code) is not None:
        return replace(scan, place=scan.code)
    found = store.owners_of_code(connection, scan.code)
    if owner:
        found = [one for one in found if one[0] == owner]
    if not found:
        raise Unknown(
            storage_messages.NO_CODE(code=code[:80]),
            storage_messages.SCAN_LABEL(),
            field="code",
            value=code[:80],
        )
    if len({o for o, _, _ in found}) > 1:
        raise Fault(
            storage_messages.MANY_CODES(code=code[:80]),
            storage_messages.SAY_OWNER(),
            field="owner",
            value=code[:80],
        )
    _, sku, pieces = found[0]
    return replace(scan, product=sku, pieces=pieces * scan.pieces)


def owner_of(connection: Connection, code: str) -> str:
    """The one owner of the goods with a code. Raises as `resolve` does."""
    found = {owner for owner, _, _ in store.owners_of_code(connection, read(code).code)}
    if not found:
        raise Unknown(
            storage_messages.NO_CODE(code=code[:80]),
            storage_messages.SCAN_LABEL(),
            field="code",
            value=code[:80],
        )
    if len(found) > 1:
        raise Fault(
            storage_messages.MANY_CODES(code=code[:80]),
            storage_messages.SAY_OWNER(),
            field="owner",
            value=code[:80],
        )
    return found.pop()


def product(connection: Connection, owner: str, sku: str) -> Product:
    """The product; raises Unknown."""
    found = store.products(connection, owner, [sku]).get(sku)
    if found is None:
        raise Unknown(
            storage_messages.NO_PRODUCT(sku=sku[:80]),
            storage_messages.ADD_PRODUCT(),
            field="sku",
            value=sku[:80],
        )
    return found


def checked(kind: Product, goods: Goods, pieces: int, grams: int, expires_on: date | None = None) -> None:
    """Refuses goods that lack what their product is kept by. Raises Fault."""
    if pieces < 1 or pieces > 10_000_000:
        raise Fault(
            storage_messages.PIECES_WRONG(pieces=pieces),
            storage_messages.WRITE_PIECES(),
            field="pieces",
            value=str(pieces),
        )
    if (kind.by_lot or kind.expires) and not goods.lot:
        raise Fault(storage_messages.SAY_LOT(sku=kind.sku), storage_messages.SCAN_LABEL(), field="lot")
    if kind.by_serial and not goods.serial:
        raise Fault(storage_messages.SAY_SERIAL(sku=kind.sku), storage_messages.SCAN_LABEL(), field="serial")
    if goods.serial and pieces != 1:
        raise Fault(
            storage_messages.PIECES_WRONG(pieces=pieces),
            storage_messages.SERIAL_ONE(),
            field="pieces",
            value=str(pieces),
        )
    if kind.catch_weight and grams <= 0:
        raise Fault(storage_messages.SAY_GRAMS(sku=kind.sku), storage_messages.SCAN_LABEL(), field="grams")


def place(connection: Connection, facility: str, code: str) -> Any:
    """The row of a place; raises Unknown."""
    found = store.place(connection, facility, code.strip())
    if found is None:
        raise Unknown(
            storage_messages.NO_PLACE(place=code[:80], facility=facility),
            storage_messages.SCAN_PLACE(),
            field="place",
            value=code[:80],
        )
    return found
