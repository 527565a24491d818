"""Orders and offers as JSON documents, and the SQL that keeps them until one is booked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection, text

from qafila.shipping.offers.offer import Offer
from qafila.shipping.orders.order import Order

_ORDER: TypeAdapter[Order] = TypeAdapter(Order)
_OFFER: TypeAdapter[Offer] = TypeAdapter(Offer)


def document(value: Order | Offer) -> bytes:
    """An order or an offer as JSON: every field, decimals as text, instants in ISO 8601."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def order_from(stored: Mapping[str, Any]) -> Order:
    """The order that a document describes."""
    return _ORDER.validate_python(stored)


def offer_from(stored: Mapping[str, Any]) -> Offer:
    """The offer that a document describes."""
    return _OFFER.validate_python(stored)


def fragment(document: bytes) -> orjson.Fragment:
    """A document, to be put as it is into a row for `insert`."""
    return orjson.Fragment(document)


def insert(
    connection: Connection, table: str, columns: str, rows: Sequence[Mapping[str, Any]], known: str = ""
) -> int:
    """Adds rows, given as "name type, …" and as mappings, in one statement; gives how many were added. `known`
    says what to do with rows that are there already.
    """
    if not rows:
        return 0
    names = ", ".join(c.split()[0] for c in columns.split(", "))
    return connection.execute(
        text(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r ({columns}) {known}"
        ),
        {"rows": orjson.dumps(list(rows), option=orjson.OPT_SERIALIZE_NUMPY).decode()},
    ).rowcount


def digest(order_document: bytes) -> str:
    """What tells one content of an order from another, as a bytea in JSON."""
    return f"\\x{hashlib.sha256(order_document).hexdigest()}"


def offer_rows(merchant_id: str, pairs: Iterable[tuple[Offer, bytes]]) -> list[dict[str, Any]]:
    """Rows of the table offers, from offers and the documents of their orders."""
    return [
        {
            "merchant_id": merchant_id, "offer_id": offer.id, "order_id": offer.order_id,
            "valid_until": offer.valid_until, "document": fragment(document(offer)),
            "order_digest": digest(order_document),
        }
        for offer, order_document in pairs
    ]  # fmt: skip


def insert_offers(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keeps offers; those that are kept already stay as they are."""
    insert(
        connection, "offers",
        "merchant_id text, offer_id text, order_id text, valid_until timestamptz, document jsonb, "
        "order_digest bytea",
        rows,
        known="ON CONFLICT DO NOTHING",
    )  # fmt: skip


def put_offers(connection: Connection, merchant_id: str, order: Order, offers: Sequence[Offer]) -> bool:
    """Keeps an order and the offers made for it; False, and nothing is kept, where the order is booked."""
    told = document(order)
    row = {"merchant_id": merchant_id, "order_id": order.id, "document": fragment(told)}
    insert(
        connection, "orders", "merchant_id text, order_id text, document jsonb", [row],
        known="ON CONFLICT DO NOTHING",
    )  # fmt: skip
    connection.execute(text("SELECT FROM orders WHERE order_id = :id FOR UPDATE"), {"id": order.id})
    booked = connection.execute(
        text("SELECT FROM bookings WHERE order_id = :id AND cancelled_at IS NULL"), {"id": order.id}
    )
    if booked.first() is not None:
        return False
    connection.execute(
        text("UPDATE orders SET document = CAST(:d AS jsonb) WHERE order_id = :id"),
        {"d": told.decode(), "id": order.id},
    )
    insert_offers(connection, offer_rows(merchant_id, ((o, told) for o in offers)))
    return True


@dataclass(frozen=True, slots=True)
class Kept:
    """An offer, its order as it now stands, and whether that is still the order it was made for."""

    offer: Offer
    order: Order
    current: bool


def kept(connection: Connection, offer_id: str) -> Kept | None:
    """An offer of the merchant."""
    row = connection.execute(
        text(
            "SELECT f.document, o.document, f.order_digest FROM offers f "
            "JOIN orders o USING (merchant_id, order_id) WHERE f.offer_id = :id"
        ),
        {"id": offer_id},
    ).one_or_none()
    if row is None:
        return None
    order = order_from(row[1])
    return Kept(offer_from(row[0]), order, hashlib.sha256(document(order)).digest() == bytes(row[2]))


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an idempotency key was used for, and the ids of what it was answered with."""

    fingerprint: bytes
    answer: list[str]


def remembered(connection: Connection, merchant_id: str, operation: str, key: str) -> Remembered | None:
    """What a key of the merchant was used for."""
    row = connection.execute(
        text(
            "SELECT fingerprint, answer FROM idempotency_keys "
            "WHERE merchant_id = :m AND operation = :o AND key = :k"
        ),
        {"m": merchant_id, "o": operation, "k": key},
    ).one_or_none()
    return None if row is None else Remembered(bytes(row.fingerprint), row.answer)


def remember(
    connection: Connection, merchant_id: str, operation: str, key: str, fingerprint: bytes, answer: list[str]
) -> bool:
    """Notes what a key is used for; False where it was used before. Waits for others who use it now."""
    return bool(
        connection.execute(
            text(
                "INSERT INTO idempotency_keys (merchant_id, operation, key, fingerprint, answer) "
                "VALUES (:m, :o, :k, :f, CAST(:a AS jsonb)) ON CONFLICT DO NOTHING"
            ),
            {
                "m": merchant_id,
                "o": operation,
                "k": key,
                "f": fingerprint,
                "a": orjson.dumps(answer).decode(),
            },
        ).rowcount
    )
