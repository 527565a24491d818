"""Who should stand where, from the picks of the last weeks: exchanges of goods between shelves, measured on the same tours."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from qafila.storage import layout as layouts
from qafila.storage import scanning, storage_messages, store
from qafila.storage.model import PlaceKind
from qafila.storage.picking.slotting import propose


@dataclass(frozen=True, slots=True)
class Advice:
    """Exchanges in the order in which to make them, and the metres of all tours before and after."""

    exchanges: tuple[dict[str, Any], ...]
    tours: int
    before: float
    after: float


def advise(connection: Connection, facility: str, now: datetime, most: int = 20, days: int = 30) -> Advice:
    """Which goods should change places. What lies alone at a pick face takes part, with its tours of the last days.

    Raises Unknown where the facility has no layout.
    """
    known = store.warehouse(connection, facility)
    if known is None:
        raise scanning.Unknown(
            storage_messages.NO_WAREHOUSE(facility=facility),
            storage_messages.SET_UP(),
            field="facility",
            value=facility,
        )
    house = layouts.read(known.layout)
    stops, index = house.stops()
    held = connection.execute(
        text(
            "SELECT s.place, min(s.merchant_id || '|' || s.sku) AS goods FROM stock s JOIN places p USING (facility, place) "
            "WHERE s.facility = :f AND s.pieces > 0 AND p.kind = 'pick' GROUP BY s.place "
            "HAVING count(DISTINCT s.merchant_id || '|' || s.sku) = 1"
        ),
        {"f": facility},
    )
    place_of: dict[str, str] = {}
    for row in held:
        place_of.setdefault(row.goods, row.place)
    goods = sorted(g for g, p in place_of.items() if p in index)
    number = {g: n for n, g in enumerate(goods)}
    picks = connection.execute(
        text(
            "SELECT split_part(target, ':', 2) AS tour, merchant_id || '|' || sku AS goods FROM stock_movements "
            "WHERE facility = :f AND reason = 'pick' AND at > :s GROUP BY 1, 2"
        ),
        {"f": facility, "s": now - timedelta(days=days)},
    )
    tours: dict[str, list[int]] = defaultdict(list)
    for row in picks:
        if row.goods in number:
            tours[row.tour].append(number[row.goods])
    shelves = [s for s in house.shelves if s.kind == PlaceKind.PICK]
    of_shelf = {s.code: n for n, s in enumerate(shelves)}
    zones = {s.code: s.zone for s in shelves}
    found = propose(
        stops.grid,
        stops.stop[[index[s.code] for s in shelves]],
        [of_shelf[place_of[g]] for g in goods],
        list(tours.values()),
        most,
        fits=lambda g, to: zones[shelves[to].code] == zones[place_of[goods[g]]],
    )
    return Advice(
        tuple(
            {
                "sku": goods[e.goods].partition("|")[2],
                "from": shelves[e.place].code,
                "to": shelves[e.to].code,
                "changes_with": goods[e.other].partition("|")[2] if e.other >= 0 else "",
                "saves_m": round(e.saved, 1),
            }
            for e in found.exchanges
        ),
        len(tours),
        found.before,
        found.after,
    )
