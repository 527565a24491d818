"""What storage and handling cost an owner, by the published rates (storage-rates.csv), from the movements alone."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files

from sqlalchemy import Connection, text

from qafila.core.money import Money
from qafila.core.values import value
from qafila.storage import store

_UNKNOWN_CM3 = 1000
"""A piece whose size nobody gave is billed as a litre; the bill says so."""


@value
class Rate:
    """A published rate."""

    kind: str
    unit: str
    price: Money
    valid_from: date
    source: str
    confidence: str


@value
class BillLine:
    """So much of something at a rate."""

    rate: Rate
    quantity: Decimal
    amount: Money


@cache
def rates() -> dict[str, Rate]:
    """The rates by kind."""
    with (files("qafila.storage") / "storage-rates.csv").open(encoding="utf-8") as lines:
        return {
            r["kind"]: Rate(
                r["kind"],
                r["unit"],
                Money(Decimal(r["amount"]), r["currency"]),
                date.fromisoformat(r["valid_from"]),
                r["source"],
                r["confidence"],
            )
            for r in csv.DictReader(lines)
        }


def bill(
    connection: Connection, owner: str, since: datetime, until: datetime, facility: str = ""
) -> tuple[list[BillLine], tuple[str, ...]]:
    """The bill of an owner for a period, and the SKUs whose size is not known and was taken as a litre.

    Storage is volume by time: what lay there when the period began, and every movement in it, to the second.
    """
    where = {"o": owner, "s": since, "u": until, "f": facility}
    handled = connection.execute(
        text(
            "SELECT reason, count(*) AS lines, sum(pieces) AS pieces, count(DISTINCT subject) AS orders FROM stock_movements "
            "WHERE merchant_id = :o AND at >= :s AND at < :u AND (:f = '' OR facility = :f) GROUP BY reason"
        ),
        where,
    )
    done = {r.reason: r for r in handled}
    kinds = store.products(connection, owner)
    # only what comes into a warehouse and goes out of it changes what is stored
    stored = connection.execute(
        text(
            "SELECT sku, sum((CASE WHEN source IS NULL THEN pieces ELSE -pieces END) * extract(epoch FROM :u - "
            "greatest(at, :s)) / 86400) AS piece_days FROM stock_movements WHERE merchant_id = :o AND at < :u AND (:f = '' OR "
            "facility = :f) AND (source IS NULL OR target IS NULL) GROUP BY sku"
        ),
        where,
    )
    unknown: list[str] = []
    cm3_days = Decimal(0)
    for row in stored:
        cm3 = kinds[row.sku].cm3 or _UNKNOWN_CM3
        if not kinds[row.sku].cm3:
            unknown.append(row.sku)
        cm3_days += Decimal(str(row.piece_days)) * cm3
    quantities = {
        "receive": Decimal(done["receipt"].pieces) if "receipt" in done else Decimal(0),
        "put_away": Decimal(done["put_away"].pieces) if "put_away" in done else Decimal(0),
        "pick": Decimal(done["pick"].lines) if "pick" in done else Decimal(0),
        "pick_piece": Decimal(done["pick"].pieces) if "pick" in done else Decimal(0),
        "pack": Decimal(done["pack"].orders) if "pack" in done else Decimal(0),
        "store": (cm3_days / 1_000_000).quantize(Decimal("0.0001")),
    }
    lines = [
        BillLine(rates()[kind], quantity, (rates()[kind].price * quantity).rounded())
        for kind, quantity in quantities.items()
        if quantity
    ]
    return lines, tuple(sorted(unknown))
