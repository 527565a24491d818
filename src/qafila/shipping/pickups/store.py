"""The SQL of pick-ups, in a transaction of their merchant's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from qafila.shipping.pickups.model import Pickup

_PICKUP = "SELECT pickup_id, station, address, opens, closes, parcels, grams, note, booked_at, cancelled_at FROM pickups"


def insert(connection: Connection, merchant: str, one: Pickup) -> None:
    """A new pick-up."""
    connection.execute(
        text(
            "INSERT INTO pickups (merchant_id, pickup_id, station, address, opens, closes, parcels, grams, note, booked_at) "
            "VALUES (:merchant, :id, :station, :address, :opens, :closes, :parcels, :grams, :note, :booked_at)"
        ),
        {
            "merchant": merchant,
            "id": one.id,
            "station": one.station,
            "address": list(one.address),
            "opens": one.opens,
            "closes": one.closes,
            "parcels": list(one.parcels),
            "grams": one.grams,
            "note": one.note,
            "booked_at": one.booked_at,
        },
    )


def listed(connection: Connection, before: str = "", limit: int = 50) -> list[Pickup]:
    """The newest first, from behind `before`."""
    rows = connection.execute(
        text(f"{_PICKUP} WHERE :before = '' OR pickup_id < :before ORDER BY pickup_id DESC LIMIT :limit"),
        {"before": before, "limit": limit},
    )
    return [_pickup(row) for row in rows]


def find(connection: Connection, id: str, lock: bool = False) -> Pickup | None:
    """One of them."""
    row = connection.execute(
        text(f"{_PICKUP} WHERE pickup_id = :id{' FOR UPDATE' if lock else ''}"), {"id": id}
    ).one_or_none()
    return None if row is None else _pickup(row)


def having(connection: Connection, parcels: Sequence[str]) -> dict[str, str]:
    """The standing pick-ups that have some of these parcels, by number."""
    rows = connection.execute(
        text(
            "SELECT p, pickup_id FROM pickups, unnest(parcels) AS p "
            "WHERE cancelled_at IS NULL AND parcels && CAST(:parcels AS text[]) AND p = ANY(:parcels)"
        ),
        {"parcels": list(parcels)},
    )
    found: dict[str, str] = {row[0]: row[1] for row in rows}
    return found


def alone(connection: Connection, merchant: str) -> None:
    """Until this transaction ends no other of the merchant's books a pick-up: no parcel comes into two."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('pickups ' || :m, 0))"), {"m": merchant}
    )


def cancel(connection: Connection, id: str, at: datetime) -> None:
    """Ends a pick-up."""
    connection.execute(
        text("UPDATE pickups SET cancelled_at = :at WHERE pickup_id = :id"), {"at": at, "id": id}
    )


def _pickup(row: Any) -> Pickup:
    id, station, address, opens, closes, parcels, grams, note, booked_at, cancelled_at = row
    return Pickup(
        id,
        station,
        tuple(address),
        opens.astimezone(UTC),
        closes.astimezone(UTC),
        tuple(parcels),
        grams,
        note,
        booked_at.astimezone(UTC),
        None if cancelled_at is None else cancelled_at.astimezone(UTC),
    )
