"""The tables of goods: products, lots, places, movements and their sum. SQL, and only its SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.runtime.answered.acts import Act
from qafila.storage.model import Goods, Lot, Movement, Product, Stock, normal_code

_MOVE = text(
    """
    INSERT INTO stock_movements (facility, merchant_id, sku, lot, serial, condition, becomes, source, target, pieces,
        unreserved, grams, reason, subject, tenant, act, by, device, why, at)
    VALUES (:facility, :owner, :sku, :lot, :serial, :condition, :becomes, :source, :target, :pieces, :unreserved,
        :grams, :reason, :subject, :tenant, :act, :by, :device, :why, :at)
    RETURNING seq
    """
)

_STOCK = (
    "SELECT s.facility, s.place, s.merchant_id, s.sku, s.lot, s.serial, s.condition, s.pieces, s.reserved, s.grams "
    "FROM stock s "
)


def move(
    connection: Connection, act: Act, movements: Iterable[Movement], why: str = ""
) -> list[tuple[int, Movement]]:
    """Adds movements, and returns them with their numbers; the database keeps their sum and refuses what would take more
    than there is.

    Rows of stock are taken in one order, so that two who move the same goods seldom wait for each other in a ring.
    """
    written = []
    for m in sorted(movements, key=lambda m: (m.source or "", m.target or "", m.goods.sku, m.goods.lot)):
        g = m.goods
        seq = connection.execute(
            _MOVE,
            {
                "facility": m.facility,
                "owner": g.owner,
                "sku": g.sku,
                "lot": g.lot,
                "serial": g.serial,
                "condition": g.condition,
                "becomes": m.becomes or g.condition,
                "source": m.source,
                "target": m.target,
                "pieces": m.pieces,
                "unreserved": m.unreserved,
                "grams": m.grams,
                "reason": m.reason,
                "subject": m.subject,
                "tenant": act.by.tenant,
                "act": act.key,
                "by": act.by.name,
                "device": act.by.device,
                "why": why,
                "at": act.at,
            },
        ).scalar_one()
        written.append((int(seq), m))
    return written


def stock(connection: Connection, where: str, **values: object) -> list[Stock]:
    """Stock under a condition of ours (SQL over `s`, and `l` for lots), by place."""
    rows = connection.execute(
        text(
            f"{_STOCK} LEFT JOIN lots l USING (merchant_id, sku, lot) "
            f"WHERE s.pieces > 0 AND {where} ORDER BY s.facility, s.place, s.sku, s.lot, s.serial"
        ),
        values,
    )
    return [_stock(row) for row in rows]


def _stock(row: Any) -> Stock:
    return Stock(
        row.facility,
        row.place,
        Goods(row.merchant_id, row.sku, row.lot, row.serial, row.condition),
        row.pieces,
        row.reserved,
        row.grams,
    )


def at_place(connection: Connection, facility: str, place: str, lock: bool = False) -> list[Stock]:
    """What lies at a place."""
    rows = connection.execute(
        text(
            f"{_STOCK} WHERE s.facility = :f AND s.place = :p AND s.pieces > 0 "
            f"ORDER BY s.merchant_id, s.sku, s.lot, s.serial, s.condition {'FOR UPDATE' if lock else ''}"
        ),
        {"f": facility, "p": place},
    )
    return [_stock(row) for row in rows]


_MAY_LEAVE = """
    s.pieces > s.reserved AND p.kind IN ('pick', 'reserve', 'dock') AND coalesce(l.held, '') = ''
    AND NOT EXISTS (SELECT FROM counts c WHERE c.state <> 'done' AND c.because <> 'cycle'
        AND (c.facility, c.place, c.merchant_id, c.sku, c.lot, c.serial, c.condition)
        = (s.facility, s.place, s.merchant_id, s.sku, s.lot, s.serial, s.condition))
"""
"""Of stock `s` at a place `p` of a lot `l`: that its free pieces may be promised, but for the day on which the lot expires."""


def free(
    connection: Connection, owner: str, skus: Iterable[str], condition: str, today: date
) -> dict[str, dict[str, int]]:
    """[warehouse][SKU] pieces of a condition that an order which comes today can be promised: what `to_promise` would give."""
    rows = connection.execute(
        text(
            "SELECT s.facility, s.sku, sum(s.pieces - s.reserved) AS free FROM stock s JOIN places p USING (facility, place) "
            "JOIN products k ON (k.merchant_id, k.sku) = (s.merchant_id, s.sku) "
            "LEFT JOIN lots l ON (l.merchant_id, l.sku, l.lot) = (s.merchant_id, s.sku, s.lot) WHERE s.merchant_id = :o "
            f"AND s.sku = ANY(:s) AND s.condition = :c AND {_MAY_LEAVE} AND (l.expires_on IS NULL OR "
            "l.expires_on >= :today + coalesce((k.document->>'least_days')::integer, 0)) GROUP BY 1, 2"
        ),
        {"o": owner, "s": list(skus), "c": condition, "today": today},
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.facility, {})[row.sku] = int(row.free)
    return found


def to_promise(
    connection: Connection, facility: str, owner: str, sku: str, conditions: Sequence[str], last: date
) -> list[Stock]:
    """Free goods that may leave, locked: first what expires first, then what lies under bond, then what came first, then what
    lies nearest.

    Goods that still stand at the dock count too: they go out without ever lying on a shelf (cross-docking). Lots that
    are held, lots that expire before `last`, and what is doubted until it is counted do not.
    """
    rows = connection.execute(
        text(
            f"""
            {_STOCK} JOIN places p ON p.facility = s.facility AND p.place = s.place
            LEFT JOIN lots l ON l.merchant_id = s.merchant_id AND l.sku = s.sku AND l.lot = s.lot
            WHERE s.facility = :f AND s.merchant_id = :o AND s.sku = :sku AND s.condition = ANY(:c) AND {_MAY_LEAVE}
                AND (l.expires_on IS NULL OR l.expires_on >= :last)
            ORDER BY l.expires_on NULLS LAST, s.condition <> 'bonded', l.first_seen NULLS LAST, p.kind, p.rank, s.place, s.lot, s.serial
            FOR UPDATE OF s
            """
        ),
        {"f": facility, "o": owner, "sku": sku, "c": list(conditions), "last": last},
    )
    return [_stock(row) for row in rows]


def queue_for(connection: Connection, facility: str, owner: str, skus: Iterable[str]) -> None:
    """Waits until nobody else promises these goods, always in the same order, so that none wait in a ring."""
    for sku in sorted(skus):
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 15))"),
            {"what": f"{facility}|{owner}|{sku}"},
        )


def reserve(connection: Connection, held: Stock, pieces: int) -> None:
    """Reserves free pieces, or gives reserved ones back where `pieces` is below zero."""
    g = held.goods
    connection.execute(
        text(
            "UPDATE stock SET reserved = reserved + :pieces WHERE facility = :f AND place = :place AND merchant_id = :o "
            "AND sku = :sku AND lot = :lot AND serial = :serial AND condition = :c"
        ),
        {
            "f": held.facility,
            "place": held.place,
            "o": g.owner,
            "sku": g.sku,
            "lot": g.lot,
            "serial": g.serial,
            "c": g.condition,
            "pieces": pieces,
        },
    )


# products


def put_product(connection: Connection, owner: str, product: Product) -> None:
    """Adds a product or changes it, and its codes."""
    connection.execute(
        text(
            "INSERT INTO products (merchant_id, sku, document) VALUES (:o, :sku, CAST(:d AS jsonb)) "
            "ON CONFLICT (merchant_id, sku) DO UPDATE SET document = EXCLUDED.document, changed_at = now()"
        ),
        {"o": owner, "sku": product.sku, "d": _document(product)},
    )
    connection.execute(
        text("DELETE FROM product_codes WHERE merchant_id = :o AND sku = :sku"),
        {"o": owner, "sku": product.sku},
    )
    codes = {normal_code(code): pieces for code, pieces in product.barcodes}
    codes.setdefault(product.sku, 1)
    for code, pieces in codes.items():
        connection.execute(
            text(
                "INSERT INTO product_codes (merchant_id, code, sku, pieces) VALUES (:o, :c, :sku, :n) "
                "ON CONFLICT (merchant_id, code) DO UPDATE SET sku = EXCLUDED.sku, pieces = EXCLUDED.pieces"
            ),
            {"o": owner, "c": code, "sku": product.sku, "n": pieces},
        )


def _document(product: Product) -> str:
    return orjson.dumps(
        {name: getattr(product, name) for name in Product.__slots__ if name != "sku"},  # type: ignore[attr-defined]  # `value` adds slots
        default=str,
    ).decode()


def products(connection: Connection, owner: str, skus: Iterable[str] | None = None) -> dict[str, Product]:
    """Products of an owner by SKU; all where none are named."""
    rows = connection.execute(
        text(
            "SELECT sku, document FROM products WHERE merchant_id = :o "
            "AND (CAST(:s AS text[]) IS NULL OR sku = ANY(:s)) ORDER BY sku"
        ),
        {"o": owner, "s": None if skus is None else list(skus)},
    )
    return {row.sku: _product(row.sku, row.document) for row in rows}


def _product(sku: str, told: dict[str, Any]) -> Product:
    values = dict(told)
    values["size_mm"] = tuple(values.get("size_mm") or (0, 0, 0))
    values["barcodes"] = tuple((c, n) for c, n in values.get("barcodes") or ())
    values["parts"] = tuple((c, n) for c, n in values.get("parts") or ())
    values["substitutes"] = tuple(values.get("substitutes") or ())
    values["temperature"] = tuple(values["temperature"]) if values.get("temperature") else None
    values["value"] = Decimal(str(values.get("value", 0)))
    return Product(sku=sku, **values)


def owners_of_code(connection: Connection, code: str) -> list[tuple[str, str, int]]:
    """Owner, SKU and pieces of every product with a code."""
    rows = connection.execute(
        text("SELECT merchant_id, sku, pieces FROM product_codes WHERE code = :c ORDER BY merchant_id"),
        {"c": code},
    )
    return [(row.merchant_id, row.sku, row.pieces) for row in rows]


# lots


def see_lot(connection: Connection, lot: Lot) -> None:
    """Notes a lot where it is new; what is known of it stays, what was not known is added."""
    connection.execute(
        text(
            """
            INSERT INTO lots (merchant_id, sku, lot, expires_on, supplier, advice, customs_entry, customs_status,
                customs_deadline)
            VALUES (:o, :sku, :lot, :e, :s, :a, :ce, :cs, :cd)
            ON CONFLICT (merchant_id, sku, lot) DO UPDATE SET
                expires_on = coalesce(lots.expires_on, EXCLUDED.expires_on),
                supplier = coalesce(nullif(lots.supplier, ''), EXCLUDED.supplier),
                customs_entry = coalesce(nullif(lots.customs_entry, ''), EXCLUDED.customs_entry),
                customs_status = coalesce(nullif(lots.customs_status, ''), EXCLUDED.customs_status),
                customs_deadline = coalesce(lots.customs_deadline, EXCLUDED.customs_deadline)
            """
        ),
        {
            "o": lot.owner,
            "sku": lot.sku,
            "lot": lot.lot,
            "e": lot.expires_on,
            "s": lot.supplier,
            "a": lot.advice,
            "ce": lot.customs_entry,
            "cs": lot.customs_status,
            "cd": lot.customs_deadline,
        },
    )


def lots(connection: Connection, owner: str, sku: str = "") -> list[Lot]:
    """Lots of an owner, of one product where it is named."""
    rows = connection.execute(
        text("SELECT * FROM lots WHERE merchant_id = :o AND (:s = '' OR sku = :s) ORDER BY sku, lot"),
        {"o": owner, "s": sku},
    )
    return [
        Lot(
            r.merchant_id,
            r.sku,
            r.lot,
            r.expires_on,
            r.supplier,
            r.advice,
            r.held,
            r.customs_entry,
            r.customs_status,
            r.customs_deadline,
        )
        for r in rows
    ]


def hold_lot(connection: Connection, owner: str, sku: str, lot: str, because: str) -> bool:
    """Holds a lot (or lets it go, where `because` is empty); False where there is none."""
    return bool(
        connection.execute(
            text("UPDATE lots SET held = :b WHERE merchant_id = :o AND sku = :s AND lot = :l"),
            {"o": owner, "s": sku, "l": lot, "b": because},
        ).rowcount
    )


# places


def places(connection: Connection, facility: str) -> list[Any]:
    """Every place of a warehouse as rows: place, kind, zone, max_cm3, max_g, rank, closed."""
    return list(
        connection.execute(
            text("SELECT * FROM places WHERE facility = :f ORDER BY rank, place"), {"f": facility}
        )
    )


def add_places(connection: Connection, facility: str, rows: Iterable[dict[str, Any]]) -> None:
    """Adds places, or changes them; each row names place, kind, zone, max_cm3, max_g and rank."""
    made = [{"f": facility, **row} for row in rows]
    if made:
        connection.execute(
            text(
                "INSERT INTO places (facility, place, kind, zone, max_cm3, max_g, rank) "
                "VALUES (:f, :place, :kind, :zone, :max_cm3, :max_g, :rank) ON CONFLICT (facility, place) DO UPDATE SET "
                "kind = EXCLUDED.kind, zone = EXCLUDED.zone, max_cm3 = EXCLUDED.max_cm3, max_g = EXCLUDED.max_g, "
                "rank = EXCLUDED.rank, closed = false"
            ),
            made,
        )


def place(connection: Connection, facility: str, code: str) -> Any:
    """The row of a place, or None."""
    return connection.execute(
        text("SELECT * FROM places WHERE facility = :f AND place = :p"), {"f": facility, "p": code}
    ).one_or_none()


def side_place(connection: Connection, facility: str, code: str, kind: str) -> str:
    """A place that is no shelf (a cart's compartment, a box), made when first used; returns its code."""
    connection.execute(
        text(
            "INSERT INTO places (facility, place, kind, zone, rank) VALUES (:f, :p, :k, '', 1000000) ON CONFLICT DO NOTHING"
        ),
        {"f": facility, "p": code, "k": kind},
    )
    return code


def warehouse(connection: Connection, facility: str) -> Any:
    """The row of a warehouse (layout, rules), or None."""
    return connection.execute(
        text("SELECT facility, layout, rules FROM warehouses WHERE facility = :f"), {"f": facility}
    ).one_or_none()


def put_warehouse(connection: Connection, facility: str, layout: dict[str, Any]) -> None:
    """Sets up a warehouse, or gives it another layout."""
    connection.execute(
        text(
            "INSERT INTO warehouses (facility, layout) VALUES (:f, CAST(:l AS jsonb)) "
            "ON CONFLICT (facility) DO UPDATE SET layout = EXCLUDED.layout"
        ),
        {"f": facility, "l": orjson.dumps(layout).decode()},
    )


def warehouses(connection: Connection) -> list[str]:
    """Facilities that store goods."""
    return list(connection.execute(text("SELECT facility FROM warehouses ORDER BY facility")).scalars())
