"""A warehouse to learn in: the sample's, with orders released and one place that is to be counted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from qafila.context import Context
from qafila.runtime.database import administrator
from qafila.storage import counting, sample
from qafila.storage.model import Goods

WAREHOUSE = "WH-MA-CASABLANCA-1"


def warehouse(here: Context) -> dict[str, Any]:
    """Furnishes it; what the checks compare with: tours and picks that were over before, the count and its figure."""
    sample.set_up(here.tenant, here.now(), [WAREHOUSE])
    with administrator(
        "a place of practice is furnished by the house, before anybody acts in it"
    ) as connection:
        done = connection.execute(text("SELECT tour FROM tours WHERE state = 'done'")).scalars().all()
        short = connection.execute(text("SELECT pick FROM picks WHERE state = 'short'")).scalars().all()
        held = connection.execute(
            text(
                "SELECT place, sku, lot, serial, condition, pieces FROM stock WHERE facility = :f AND pieces > 0 "
                "AND place IN (SELECT place FROM places WHERE facility = :f AND kind IN ('pick', 'reserve')) ORDER BY reserved, place, sku LIMIT 1"
            ),
            {"f": WAREHOUSE},
        ).one()
        goods = Goods(here.tenant, held.sku, held.lot, held.serial, held.condition)
        count = counting.ask(connection, WAREHOUSE, held.place, goods, "asked", {})
    return {"tours_done": list(done), "short": list(short), "count": count, "pieces": held.pieces}
