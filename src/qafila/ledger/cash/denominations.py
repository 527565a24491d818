"""Which notes and coins of a currency there are to count."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def faces(currency: str) -> tuple[str, ...]:
    """The face values of a currency, the largest first; steps of 1, 2 and 5 where none are on record."""
    with (files("qafila.ledger.cash") / "denominations.csv").open(encoding="utf-8") as lines:
        known = {r["currency"]: tuple(r["faces"].split()) for r in csv.DictReader(lines)}
    return known.get(currency, known["*"])
