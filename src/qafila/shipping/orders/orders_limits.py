"""The limits of what is taken as one parcel (facts/parcel-limits.csv)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Limits:
    """What a parcel, an item and a booking may be at most."""

    parcel_weight: Decimal  # kg
    parcel_longest_side: Decimal  # cm
    shipment_parcels: Decimal  # parcels of one shipment
    oversize_weight: Decimal  # kg: heavier goes by its own ways
    oversize_longest_side: Decimal  # cm
    greatest_density: Decimal  # g/cm³
    least_density: Decimal  # g/cm³
    quantity: Decimal  # pieces of one item
    declared_value: Decimal  # EUR for a parcel
    ready_ahead: Decimal  # days from now
    declared_hs_confidence: Decimal  # 0 to 1: a proposed HS code that is less sure is not declared


@cache
def limits() -> Limits:
    """The limits in force."""
    with (files("qafila") / "facts" / "parcel-limits.csv").open(encoding="utf-8") as lines:
        return Limits(**{row["limit"]: Decimal(row["value"]) for row in csv.DictReader(lines)})
