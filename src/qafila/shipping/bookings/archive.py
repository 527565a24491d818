"""The SQL that keeps orders and offers until one is booked, and what idempotency keys were used for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, TextClause, text

from qafila.runtime.database import Role
from qafila.runtime.database.database_standing import read_for
from qafila.runtime.database.together import Asked, Speaks
from qafila.shipping.bookings.written_json import (
    digest,
    offer_document,
    offer_from,
    offer_to_book,
    order_from,
)
from qafila.shipping.offers.offer import Offer
from qafila.shipping.orders.order import Order


def insert(
    connection: Speaks,
    table: str,
    columns: str,
    rows: Sequence[Mapping[str, Any]],
    documents: Sequence[bytes] | None = None,
    known: str = "",
) -> int:
    """Adds rows, given as "name type, …" and as mappings, in one statement; gives how many were added. `known`
    says what to do with rows that are there already.

    `documents` are the column `document` of each row. They travel beside the rows, a line each, for a JSON document
    has no line breaks: within the rows the server would read them twice.
    """
    if not rows:
        return 0
    names = ", ".join(c.split()[0] for c in columns.split(", "))
    sent = {"rows": orjson.dumps(list(rows), option=orjson.OPT_SERIALIZE_NUMPY).decode()}
    source, select = f"json_to_recordset(CAST(:rows AS json)) AS ({columns})", names
    if documents is not None:
        source += ", string_to_table(:documents, chr(10))"
        sent["documents"] = b"\n".join(documents).decode()
        names, select = f"{names}, document", f"{names}, CAST(document AS json)"
    said = f"INSERT INTO {table} ({names}) SELECT {select} FROM ROWS FROM ({source}) AS r ({names}) {known}"
    return int(connection.execute(_statement(said), sent).rowcount)


def insert_together(
    connection: Speaks, tables: Sequence[tuple[str, str, Sequence[Mapping[str, Any]]]]
) -> None:
    """Adds rows to several tables in one statement, each given by its name, "name type, …" and mappings as in `insert`.
    What they refer to in one another is looked at when all are there.
    """
    if not all(rows for _, _, rows in tables):
        return
    parts, sent = [], {}
    for n, (table, columns, rows) in enumerate(tables):
        names = ", ".join(c.split()[0] for c in columns.split(", "))
        parts.append(
            f"t{n} AS (INSERT INTO {table} ({names}) "
            f"SELECT {names} FROM json_to_recordset(CAST(:rows{n} AS json)) AS r ({columns}))"
        )
        sent[f"rows{n}"] = orjson.dumps(list(rows), option=orjson.OPT_SERIALIZE_NUMPY).decode()
    connection.execute(_statement(f"WITH {', '.join(parts)} SELECT"), sent)


@lru_cache(maxsize=64)
def _statement(said: str) -> TextClause:
    """A statement read once: looking through it for its parameters takes as long as sending it."""
    return text(said)


def insert_offers(connection: Speaks, merchant_id: str, pairs: Sequence[tuple[Offer, bytes]]) -> None:
    """Keeps offers, given with the documents of their orders; those that are kept already stay as they are."""
    insert(
        connection,
        "offers",
        "merchant_id text, offer_id text, order_id text, valid_until timestamptz, order_digest bytea",
        [
            {
                "merchant_id": merchant_id,
                "offer_id": offer.id,
                "order_id": offer.order_id,
                "valid_until": offer.valid_until,
                "order_digest": digest(its_order),
            }
            for offer, its_order in pairs
        ],
        [offer_document(offer) for offer, _ in pairs],
        known="ON CONFLICT DO NOTHING",
    )


def insert_orders(connection: Connection, merchant_id: str, documents: Mapping[str, bytes]) -> int:
    """Keeps the documents of orders, by id, where there is no such order yet; gives how many were new."""
    ids = sorted(documents)
    return insert(
        connection,
        "orders",
        "merchant_id text, order_id text",
        [{"merchant_id": merchant_id, "order_id": id} for id in ids],
        [documents[id] for id in ids],
        known="ON CONFLICT DO NOTHING",
    )


_LOCK_ORDER = text("SELECT FROM orders WHERE order_id = :id FOR UPDATE")
_STANDING = text("SELECT FROM bookings WHERE order_id = :id AND cancelled_at IS NULL")
_SAY_ANEW = text("UPDATE orders SET document = CAST(:d AS json) WHERE order_id = :id")


_PUT_NEW = text(
    """
    WITH new AS (
        INSERT INTO orders (merchant_id, order_id, document) VALUES (:m, :order, CAST(:told AS json))
        ON CONFLICT DO NOTHING RETURNING order_id
    ), made AS (
        INSERT INTO offers (merchant_id, offer_id, order_id, valid_until, order_digest, document)
        SELECT :m, r.id, :order, CAST(r.until AS timestamptz), :digest, CAST(r.document AS json)
        FROM ROWS FROM (unnest(CAST(:ids AS text[])), unnest(CAST(:until AS text[])), string_to_table(:documents, chr(10)))
            AS r (id, until, document)
        WHERE EXISTS (SELECT FROM new)
        ON CONFLICT DO NOTHING
    )
    SELECT order_id FROM new
    """
)


def put_new(asked: Asked, merchant_id: str, order: Order, told: bytes, offers: Sequence[Offer]) -> Any:
    """Asks to keep an order, given with its document, and the offers made for it: a row where the order is new; where it was
    here before there is none, nothing is kept, and `put_again` goes on."""
    named = {
        "m": merchant_id,
        "order": order.id,
        "told": told.decode(),
        "digest": hashlib.sha256(told).digest(),
        "ids": [one.id for one in offers],
        "until": [one.valid_until.isoformat() for one in offers],
        "documents": b"\n".join(map(offer_document, offers)).decode(),
    }
    return asked.execute(_PUT_NEW, named)


def put_again(
    connection: Connection, merchant_id: str, order: Order, told: bytes, offers: Sequence[Offer]
) -> bool:
    """Keeps an order that was here before, perhaps in other words, and the offers made for it; False, and nothing is kept, where
    it is booked."""
    connection.execute(_LOCK_ORDER, {"id": order.id})
    if connection.execute(_STANDING, {"id": order.id}).first() is not None:
        return False
    connection.execute(_SAY_ANEW, {"d": told.decode(), "id": order.id})
    insert_offers(connection, merchant_id, [(offer, told) for offer in offers])
    return True


@dataclass(frozen=True, slots=True)
class Kept:
    """An offer, its order as it now stands, and whether that is still the order it was made for."""

    offer: Offer
    order: Order
    current: bool


_KEPT = text(
    "SELECT f.document, CAST(o.document AS text), f.order_digest FROM offers f "
    "JOIN orders o USING (merchant_id, order_id) WHERE f.offer_id = :id"
)


def kept(connection: Connection, offer_id: str) -> Kept | None:
    """An offer of the merchant."""
    row = connection.execute(_KEPT, {"id": offer_id}).one_or_none()
    return None if row is None else _kept(row)


def kept_of(merchant_id: str, offer_id: str, to_book: bool = False) -> Kept | None:
    """An offer of a merchant, as he sees it now; `to_book` says whether only what a booking asks is read of it."""
    rows = read_for(Role.MERCHANT, merchant_id, _KEPT, {"id": offer_id})
    return _kept(rows[0], offer_to_book if to_book else offer_from) if rows else None


def _kept(row: Sequence[Any], read: Callable[[Mapping[str, Any]], Offer] = offer_from) -> Kept:
    told = row[1].encode()  # as it was written, by this version or an earlier one
    same = hashlib.sha256(told).digest() == bytes(row[2])
    return Kept(read(row[0]), order_from(orjson.loads(told)), same)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an idempotency key was used for, and the ids of what it was answered with."""

    fingerprint: bytes
    answer: list[str]


_USED = text(
    "SELECT fingerprint, answer FROM idempotency_keys WHERE merchant_id = :m AND operation = :o AND key = :k"
)
_USE = text(
    "INSERT INTO idempotency_keys (merchant_id, operation, key, fingerprint, answer) "
    "VALUES (:m, :o, :k, :f, CAST(:a AS jsonb)) ON CONFLICT DO NOTHING"
)


def remembered(connection: Connection, merchant_id: str, operation: str, key: str) -> Remembered | None:
    """What a key of the merchant was used for."""
    row = connection.execute(_USED, {"m": merchant_id, "o": operation, "k": key}).one_or_none()
    return None if row is None else Remembered(bytes(row.fingerprint), row.answer)


def remember(
    asked: Asked, merchant_id: str, operation: str, key: str, fingerprint: bytes, answer: list[str]
) -> Any:
    """Asks to note what a key is used for: one row is added, none where it was used before. Waits for others who use it now."""
    return asked.execute(
        _USE,
        {"m": merchant_id, "o": operation, "k": key, "f": fingerprint, "a": orjson.dumps(answer).decode()},
    )
