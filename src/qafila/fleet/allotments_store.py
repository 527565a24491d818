"""The SQL of allotments and of what is drawn from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from qafila.fleet.model import Key


def put(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Adds an allotment; False where its id is known already."""
    return bool(
        connection.execute(
            text(
                "INSERT INTO fleet_allotments (allotment, holder, service_id, service_day, call, grams, cm3, release_at, by, at) "
                "VALUES (:allotment, :holder, :service, :day, :call, :grams, :cm3, :release_at, :by, :at) ON CONFLICT DO NOTHING"
            ),
            dict(row),
        ).rowcount
    )


def one(connection: Connection, allotment: str) -> Any:
    """An allotment, locked; None where there is none."""
    return connection.execute(
        text("SELECT * FROM fleet_allotments WHERE allotment = :a FOR UPDATE"), {"a": allotment}
    ).one_or_none()


def listed(connection: Connection, first: int, last: int, holder: str = "") -> list[Any]:
    """Allotments on service days from first to last, of one holder or of all."""
    return list(
        connection.execute(
            text(
                "SELECT * FROM fleet_allotments WHERE service_day BETWEEN :a AND :b AND (:h = '' OR holder = :h) "
                "ORDER BY service_day, service_id, call, allotment"
            ),
            {"a": first, "b": last, "h": holder},
        )
    )


def draw(
    connection: Connection, allotment: str, key: str, waybill: str, grams: int, cm3: int, at: datetime
) -> bool:
    """Notes what is drawn, once by its key; False where the key is known."""
    return bool(
        connection.execute(
            text(
                "INSERT INTO fleet_draws (allotment, key, waybill, grams, cm3, at) VALUES (:a, :k, :w, :g, :v, :at) "
                "ON CONFLICT DO NOTHING"
            ),
            {"a": allotment, "k": key, "w": waybill, "g": grams, "v": cm3, "at": at},
        ).rowcount
    )


def count(connection: Connection, allotment: str, key: str, grams: int, cm3: int) -> None:
    """Says how much a draw is, and adds it to what is drawn."""
    values = {"a": allotment, "k": key, "g": grams, "v": cm3}
    connection.execute(
        text("UPDATE fleet_draws SET grams = :g, cm3 = :v WHERE allotment = :a AND key = :k"), values
    )
    connection.execute(
        text(
            "UPDATE fleet_allotments SET drawn_g = drawn_g + :g, drawn_cm3 = drawn_cm3 + :v WHERE allotment = :a"
        ),
        values,
    )


def shrink(connection: Connection, allotment: str, at: datetime | None) -> None:
    """Cuts an allotment to what is drawn of it, and marks it as released."""
    connection.execute(
        text(
            "UPDATE fleet_allotments SET grams = drawn_g, cm3 = drawn_cm3, release_at = least(release_at, :at) WHERE allotment = :a"
        ),
        {"a": allotment, "at": at},
    )


def due(connection: Connection, now: datetime) -> list[tuple[str, Key]]:
    """Allotments whose undrawn part goes back by now."""
    rows = connection.execute(
        text(
            "SELECT allotment, service_id, service_day, call FROM fleet_allotments "
            "WHERE release_at <= :now AND (grams > drawn_g OR cm3 > drawn_cm3) ORDER BY service_id, service_day, call FOR UPDATE"
        ),
        {"now": now},
    )
    return [(r.allotment, (r.service_id, r.service_day, r.call)) for r in rows]
