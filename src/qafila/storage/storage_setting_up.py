"""Setting up a warehouse: its layout becomes places; a new layout may not lose a place where goods lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from qafila.core.fault import Conflict
from qafila.storage import storage_messages, store
from qafila.storage.layout import Layout, check
from qafila.storage.model import PlaceKind
from qafila.storage.storage_acting import floor_transaction

_SHELVES = (
    PlaceKind.PICK,
    PlaceKind.RESERVE,
    PlaceKind.DOCK,
    PlaceKind.STAGE,
    PlaceKind.PACK,
    PlaceKind.QUARANTINE,
)


def set_up(house: Layout, told: Mapping[str, Any]) -> int:
    """Gives a facility the layout; returns its number of places. The same again changes nothing.

    Raises Conflict where the layout lacks a place at which goods lie, Fault for slips in it.
    """
    check(told)
    rows = house.rows()
    with floor_transaction() as connection:
        store.put_warehouse(connection, house.facility, dict(told))
        gone = {
            r.place for r in store.places(connection, house.facility) if r.kind in {k.value for k in _SHELVES}
        } - {r["place"] for r in rows}
        for place in sorted(gone):
            if store.at_place(connection, house.facility, place):
                raise Conflict(
                    storage_messages.PLACES_IN_USE(place=place),
                    storage_messages.MOVE_FIRST(),
                    field="aisles",
                    value=place,
                )
        store.add_places(connection, house.facility, rows)
        connection.execute(
            text("UPDATE places SET closed = true WHERE facility = :f AND place = ANY(:p)"),
            {"f": house.facility, "p": sorted(gone)},
        )
    return len(rows)
