"""The rows of orders and of their lines: read, told, and the state in which they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from qafila.storage import scanning, storage_messages


def row(connection: Connection, owner: str, order: str, part: int = 0, lock: bool = True) -> Any:
    """The order's row, locked unless it is only read. Raises Unknown where there is none."""
    found = connection.execute(
        text(
            f"SELECT * FROM outbound WHERE merchant_id = :o AND order_id = :id AND part = :p {'FOR UPDATE' if lock else ''}"
        ),
        {"o": owner, "id": order, "p": part},
    ).one_or_none()
    if found is None:
        raise scanning.Unknown(storage_messages.NO_ORDER(order=order[:80]), field="order", value=order[:80])
    return found


def lines_of(connection: Connection, owner: str, order: str, part: int) -> Sequence[Any]:
    """The lines of an order."""
    return connection.execute(
        text(
            "SELECT * FROM outbound_lines WHERE merchant_id = :o AND order_id = :id AND part = :p ORDER BY line"
        ),
        {"o": owner, "id": order, "p": part},
    ).all()


def told(connection: Connection, owner: str, order: str, part: int = 0, lock: bool = True) -> dict[str, Any]:
    """An order as its doors tell it: state, lines, what is picked and short, where it is reserved."""
    found = row(connection, owner, order, part, lock)
    picks = connection.execute(
        text(
            "SELECT line, place, sku, lot, serial, pieces, picked, state, tour FROM picks WHERE merchant_id = :o "
            "AND order_id = :id AND part = :p AND state <> 'dropped' ORDER BY pick"
        ),
        {"o": owner, "id": order, "p": part},
    ).all()
    return {
        "order": order,
        "part": part,
        "owner": owner,
        "facility": found.facility,
        "state": found.state,
        "cut_off": found.cut_off,
        "parcel": found.parcel,
        "tour": found.tour,
        "carton": found.carton,
        "grams": found.grams,
        "lines": [
            {
                "line": r.line,
                "sku": r.sku,
                "pieces": r.pieces,
                "picked": r.picked,
                "short": r.short,
                "instead_of": r.instead_of,
                "from": [dict(k._mapping) for k in picks if k.line == r.line],
            }
            for r in lines_of(connection, owner, order, part)
        ],
    }


def set_state(connection: Connection, owner: str, order: str, part: int, state: str) -> None:
    """Notes the state of an order."""
    connection.execute(
        text(
            "UPDATE outbound SET state = :s, changed_at = now() WHERE (merchant_id, order_id, part) = (:o, :id, :p)"
        ),
        {"s": state, "o": owner, "id": order, "p": part},
    )


def waiting_at(connection: Connection, facility: str, states: Sequence[str]) -> Sequence[Any]:
    """Orders of a warehouse in some states, the earliest cut-off first."""
    return connection.execute(
        text(
            "SELECT * FROM outbound WHERE facility = :f AND state = ANY(:s) ORDER BY cut_off NULLS LAST, placed_at, order_id"
        ),
        {"f": facility, "s": list(states)},
    ).all()
