"""Bags and ULDs: parcels of all merchants with the same way and time share them.

A *bag* is filled for each segment and final destination; holding.py lets nearly empty ones wait. docs/plan.md
has the rule and the bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import polars as pl
from numba import njit

from qafila.network.timetable import Mode
from qafila.planning.plan import Plan

BAG_KG, BAG_M3 = 25.0, 0.20
"""What a postal bag holds (UPU letter-post receptacles weigh at most 30 kg; 25 kg are planned)."""

BAG_PRICE = 2.0
"""What filling, closing and opening a bag costs, in the currency (an assumption of the project)."""

GRAIN = 1e-9
"""Of a bag: what sums of floats may be out by."""

ULD_KG, ULD_M3 = 1500.0, 4.3
"""What an LD3 (AKE) container holds: 1,588 kg gross less tare, 4.3 m³ (IATA ULD Regulations)."""


@dataclass(frozen=True, slots=True, eq=False)
class Consolidation:
    """Bags by segment and destination, ULDs by flight, and how few there could be."""

    bags: pl.DataFrame  # segment, destination, parcels, merchants, kg, m3, bags, bags_apart
    ulds: pl.DataFrame  # segment, kg, m3, ulds
    bound: int  # no filling of these flows needs fewer bags than this

    @property
    def count(self) -> int:
        """Bags of all segments."""
        return int(self.bags["bags"].sum())

    @property
    def apart(self) -> int:
        """Bags that would be needed if no two merchant classes shared one."""
        return int(self.bags["bags_apart"].sum())

    def summary(self) -> dict[str, float]:
        """For plan.json."""
        return {
            "bags": self.count,
            "bound": self.bound,
            "gap": (self.count - self.bound) / max(self.count, 1),
            "ulds": int(self.ulds["ulds"].sum()),
        }


def consolidate(plan: Plan) -> Consolidation:
    """Fill bags and ULDs from a plan's whole parcels."""
    d, t = plan.problem.demand, plan.problem.graph.timetable
    path = np.repeat(np.arange(len(plan.who)), np.diff(plan.ptr))
    count = np.asarray(t.ride_segment_count)[plan.rides].astype(np.int64)
    first = np.asarray(t.ride_first_segment)[plan.rides].astype(np.int64)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    segment = np.repeat(first, count) + offset
    on = np.repeat(path, count)
    who = plan.who[on]
    parcels = plan.parcels[on]
    flows = pl.DataFrame(
        {
            "segment": segment,
            "destination": d.destination[who],
            "merchant": np.unique(np.array(d.merchant_class), return_inverse=True)[1][who],
            "parcels": parcels,
            "kg": parcels * d.grams[who] / 1e3,
            "m3": parcels * d.cm3[who] / 1e6,
            "mode": np.repeat(np.asarray(t.ride_mode)[plan.rides], count),
        }
    )
    bags = (
        flows.group_by("segment", "destination", "merchant")
        .agg(pl.col("parcels", "kg", "m3").sum())
        .with_columns(bags_apart=_needed(BAG_KG, BAG_M3))
        .group_by("segment", "destination")
        .agg(pl.col("parcels", "kg", "m3").sum(), pl.len().alias("merchants"), pl.col("bags_apart").sum())
        .with_columns(bags=_needed(BAG_KG, BAG_M3))
        .sort("segment", "destination")
        .select("segment", "destination", "parcels", "kg", "m3", "merchants", "bags", "bags_apart")
    )
    air = flows.filter(pl.col("mode").is_in([int(Mode.AIR), int(Mode.BELLY)]))
    ulds = (
        air.group_by("segment")
        .agg(pl.col("kg", "m3").sum())
        .with_columns(ulds=_needed(ULD_KG, ULD_M3))
        .sort("segment")
    )
    whole = np.maximum(bags["kg"].to_numpy() / BAG_KG, bags["m3"].to_numpy() / BAG_M3)
    return Consolidation(bags, ulds, int(np.ceil(whole - 1e-9).sum()))


@njit(cache=True)
def bags_for(kg: float, m3: float) -> int:
    """Bags for a weight and a volume, whichever asks for more."""
    return ceil(max(kg / BAG_KG, m3 / BAG_M3) - GRAIN)


def _needed(kg: float, m3: float) -> pl.Expr:
    """Containers for a weight and a volume, whichever asks for more."""
    return (
        (pl.max_horizontal(pl.col("kg") / kg, pl.col("m3") / m3) - GRAIN)
        .ceil()
        .cast(pl.Int64)
        .clip(lower_bound=1)
    )
