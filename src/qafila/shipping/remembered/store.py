"""The SQL of saved addresses and goods, in a transaction of their merchant's."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.shipping.remembered.model import WRITTEN, SavedAddress, SavedGoods, address_of, folded

_ADDRESS = "SELECT address_id, kind, label, document, usual FROM saved_addresses"
_GOODS = "SELECT goods_id, sku, title, hs, grams, origin FROM saved_goods"


def addresses(connection: Connection, kind: str | None = None) -> list[SavedAddress]:
    """The merchant's addresses of a kind, or all, by label; his usual sender first."""
    rows = connection.execute(
        text(
            f"{_ADDRESS} WHERE CAST(:kind AS text) IS NULL OR kind = :kind ORDER BY kind DESC, usual DESC, label"
        ),
        {"kind": kind},
    )
    return [_address(row) for row in rows]


def address(connection: Connection, id: str) -> SavedAddress | None:
    """One of them."""
    row = connection.execute(text(f"{_ADDRESS} WHERE address_id = :id"), {"id": id}).one_or_none()
    return None if row is None else _address(row)


def _address(row: Any) -> SavedAddress:
    id, kind, label, document, usual = row
    return SavedAddress(id, kind, label, address_of(document), usual)


def put_address(connection: Connection, merchant: str, one: SavedAddress) -> str:
    """Keeps an address; one of the same kind and label is replaced. Returns its id."""
    document = {part: getattr(one.address, part) for part in WRITTEN}
    if one.usual:
        connection.execute(text("UPDATE saved_addresses SET usual = false WHERE usual"))
    return str(
        connection.execute(
            text(
                "INSERT INTO saved_addresses (merchant_id, address_id, kind, label, document, usual) "
                "VALUES (:merchant, :id, :kind, :label, CAST(:document AS json), :usual) "
                "ON CONFLICT (merchant_id, kind, label) DO UPDATE SET document = EXCLUDED.document, "
                "usual = EXCLUDED.usual OR saved_addresses.usual, changed_at = now() RETURNING address_id"
            ),
            {
                "merchant": merchant,
                "id": one.id,
                "kind": one.kind,
                "label": one.label,
                "document": orjson.dumps(document).decode(),
                "usual": one.usual,
            },
        ).scalar_one()
    )


def goods(connection: Connection, after: str = "", limit: int | None = None) -> list[SavedGoods]:
    """The merchant's goods by id, from behind `after`."""
    rows = connection.execute(
        text(f"{_GOODS} WHERE goods_id > :after ORDER BY goods_id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_goods(row) for row in rows]


def goods_of(connection: Connection, skus: Sequence[str], titles: Sequence[str]) -> list[SavedGoods]:
    """The merchant's goods with one of these article numbers or descriptions."""
    rows = connection.execute(
        text(f"{_GOODS} WHERE sku_key = ANY(:skus) OR title_key = ANY(:titles)"),
        {"skus": [folded(s) for s in skus if s], "titles": [folded(t) for t in titles if t]},
    )
    return [_goods(row) for row in rows]


def one_of_goods(connection: Connection, id: str) -> SavedGoods | None:
    """Goods by their id."""
    row = connection.execute(text(f"{_GOODS} WHERE goods_id = :id"), {"id": id}).one_or_none()
    return None if row is None else _goods(row)


def _goods(row: Any) -> SavedGoods:
    id, sku, title, hs, grams, origin = row
    return SavedGoods(id, sku, title, hs, None if grams is None else Decimal(grams), origin)


def put_goods(connection: Connection, merchant: str, some: Sequence[SavedGoods]) -> list[str]:
    """Keeps goods; those of the same article number, or without one of the same description, are replaced by what is
    said now, and keep what is not said. Returns their ids."""
    ids = []
    for one in some:
        where = "sku_key = :sku_key" if one.sku else "sku_key = '' AND title_key = :title_key"
        values = {
            "merchant": merchant,
            "id": one.id,
            "sku": one.sku,
            "title": one.title,
            "hs": one.hs,
            "grams": one.grams,
            "origin": one.origin,
            "sku_key": folded(one.sku),
            "title_key": folded(one.title),
        }
        known = connection.execute(
            text(
                "UPDATE saved_goods SET title = CASE WHEN :title <> '' THEN :title ELSE title END, "
                "title_key = CASE WHEN :title <> '' THEN :title_key ELSE title_key END, "
                "hs = CASE WHEN :hs <> '' THEN :hs ELSE hs END, grams = coalesce(CAST(:grams AS numeric), grams), "
                f"origin = CASE WHEN :origin <> '' THEN :origin ELSE origin END, changed_at = now() WHERE {where} "
                "RETURNING goods_id"
            ),
            values,
        ).scalar_one_or_none()
        if known is None:
            connection.execute(
                text(
                    "INSERT INTO saved_goods (merchant_id, goods_id, sku, title, hs, grams, origin, sku_key, title_key) "
                    "VALUES (:merchant, :id, :sku, :title, :hs, :grams, :origin, :sku_key, :title_key)"
                ),
                values,
            )
        ids.append(known or one.id)
    return ids


def count(connection: Connection, table: str) -> int:
    """How many rows a merchant has in `saved_addresses` or `saved_goods`."""
    return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def remove(connection: Connection, id: str) -> bool:
    """Removes an address or goods by their id; whether there was one."""
    table, column = (
        ("saved_goods", "goods_id") if id.startswith("gds_") else ("saved_addresses", "address_id")
    )
    done = connection.execute(text(f"DELETE FROM {table} WHERE {column} = :id"), {"id": id})
    return done.rowcount > 0
