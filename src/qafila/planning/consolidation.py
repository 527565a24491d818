"""Bags and ULDs: parcels of all merchants with the same way and time share them.

A *bag* is filled for each segment and final destination. A last bag that would leave nearly empty may be
held for the next departure of the same service between the same places, if its parcels then still make what
follows, the lateness costs less than the bag, and the next departure has room. docs/plan.md has the rule
and the bound.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from qafila.network.timetable import COST_UNIT, Mode
from qafila.planning.plan import Plan

BAG_KG, BAG_M3 = 25.0, 0.20
"""What a postal bag holds (UPU letter-post receptacles weigh at most 30 kg; 25 kg are planned)."""

HOLD_BELOW = 0.5
"""Bags fuller than this are not held."""

BAG_PRICE = 2.0
"""What filling, closing and opening a bag costs, in the currency (an assumption of the project)."""

ULD_KG, ULD_M3 = 1500.0, 4.3
"""What an LD3 (AKE) container holds: 1,588 kg gross less tare, 4.3 m³ (IATA ULD Regulations)."""


@dataclass(frozen=True, slots=True, eq=False)
class Consolidation:
    """Bags by segment and destination, ULDs by flight, and how few there could be."""

    bags: pl.DataFrame  # segment, destination, parcels, merchants, kg, m3, bags, bags_apart
    holds: pl.DataFrame  # segment, to_segment, destination, parcels, kg, lateness: what pays to be held
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

    def write(self, folder: Path) -> None:
        """bags.parquet, ulds.parquet and consolidation.json."""
        self.bags.write_parquet(folder / "bags.parquet")
        self.ulds.write_parquet(folder / "ulds.parquet")
        self.holds.write_parquet(folder / "holds.parquet")
        (folder / "consolidation.json").write_text(
            json.dumps(
                {
                    "bags": self.count,
                    "bags_saved_by_holding": len(self.holds),
                    "saved_by_holding": round(
                        BAG_PRICE * len(self.holds) - float(self.holds["lateness"].sum() or 0.0), 2
                    ),
                    "bags_if_merchants_were_kept_apart": self.apart,
                    "bound": self.bound,
                    "gap": (self.count - self.bound) / max(self.count, 1),
                    "ulds": int(self.ulds["ulds"].sum()),
                },
                indent=1,
            ),
            encoding="utf-8",
        )


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
            "merchant": pl.Series(list(d.merchant_class), dtype=pl.String).gather(who),
            "parcels": parcels,
            "kg": parcels * d.grams[who] / 1e3,
            "m3": parcels * d.cm3[who] / 1e6,
            "mode": np.repeat(np.asarray(t.ride_mode)[plan.rides], count),
            "heaviest": d.grams[who] / 1e3,
            "bulkiest": d.cm3[who] / 1e6,
        }
    )
    by_merchant = flows.group_by("segment", "destination", "merchant").agg(
        pl.col("kg", "m3", "parcels").sum()
    )
    apart = by_merchant.with_columns(bags_apart=_needed(BAG_KG, BAG_M3))
    bags = (
        flows.group_by("segment", "destination")
        .agg(
            pl.col("parcels", "kg", "m3").sum(),
            pl.col("merchant").n_unique().alias("merchants"),
        )
        .with_columns(bags=_needed(BAG_KG, BAG_M3))
        .join(
            apart.group_by("segment", "destination").agg(pl.col("bags_apart").sum()),
            on=["segment", "destination"],
        )
        .sort("segment", "destination")
    )
    air = flows.filter(pl.col("mode").is_in([int(Mode.AIR), int(Mode.BELLY)]))
    ulds = (
        air.group_by("segment")
        .agg(pl.col("kg", "m3").sum())
        .with_columns(ulds=_needed(ULD_KG, ULD_M3))
        .sort("segment")
    )
    whole = np.maximum(bags["kg"].to_numpy() / BAG_KG, bags["m3"].to_numpy() / BAG_M3)
    return Consolidation(bags, _holds(plan, bags), ulds, int(np.ceil(whole - 1e-9).sum()))


def _holds(plan: Plan, bags: pl.DataFrame) -> pl.DataFrame:
    """Direct last rides whose bags would leave under a half full, and pay to be held for the next departure.

    Only parcels whose way ends with the segment are held, so that nothing that follows is missed.
    """
    p = plan.problem
    d, g, t = p.demand, p.graph, p.graph.timetable
    count = np.asarray(t.ride_segment_count)
    first = np.asarray(t.ride_first_segment)
    room = g.row_capacity - plan.load
    by_run: dict[tuple[int, int, int], list[int]] = {}  # (service, call, from node) -> rides by departure
    for r in np.flatnonzero(count == 1).tolist():
        s = int(first[r])
        key = (
            int(t.segment_service[s]),
            int(t.segment_call[s]),
            int(t.ride_from[r]) * t.nodes + int(t.ride_to[r]),
        )
        by_run.setdefault(key, []).append(r)
    following = {a: b for rides in by_run.values() for a, b in pairwise(rides)}

    last = plan.rides[plan.ptr[1:] - 1]
    groups: dict[tuple[int, int], list[int]] = {}
    for path, ride in enumerate(last.tolist()):
        if count[ride] == 1 and ride in following:
            groups.setdefault((ride, int(d.destination[plan.who[path]])), []).append(path)
    full = {
        (int(s), int(n)): (float(kg), float(m3))
        for s, n, kg, m3 in bags.select("segment", "destination", "kg", "m3").iter_rows()
    }
    found = []
    for (ride, destination), paths in sorted(groups.items()):
        target = following[ride]
        here, there = (int(first[ride]), destination), (int(first[target]), destination)
        who, parcels = plan.who[paths], plan.parcels[paths].astype(np.float64)
        kg, m3 = float((parcels * d.grams[who]).sum()) / 1e3, float((parcels * d.cm3[who]).sum()) / 1e6
        whole = full[here]
        if abs(whole[0] - kg) > 1e-6 or max(kg / BAG_KG, m3 / BAG_M3) > HOLD_BELOW or g.closed[target]:
            continue  # a part of the bag goes on from there, or it is full enough
        if there not in full:
            continue  # nothing leaves then: holding would only move the bag
        before = np.ceil(max(full[there][0] / BAG_KG, full[there][1] / BAG_M3))
        after = np.ceil(max((full[there][0] + kg) / BAG_KG, (full[there][1] + m3) / BAG_M3))
        due = d.due[who].astype(np.int64)
        later = np.maximum(int(t.ride_ready_at[target]) - due, 0) - np.maximum(
            int(t.ride_ready_at[ride]) - due, 0
        )
        lateness = float((later / 60 * d.late_price[who] * parcels).sum()) / COST_UNIT
        uses = range(g.use_ptr[target], g.use_ptr[target + 1])
        load = np.array(
            [g.use_factor[u] * (parcels.sum(), kg * 1e3, m3 * 1e6)[g.row_measure[g.use_row[u]]] for u in uses]
        )
        rows = g.use_row[g.use_ptr[target] : g.use_ptr[target + 1]]
        if after > before or lateness >= BAG_PRICE or (room[rows] < load).any():
            continue
        np.subtract.at(room, rows, load)
        full[there] = (full[there][0] + kg, full[there][1] + m3)
        found.append((here[0], there[0], destination, int(parcels.sum()), kg, lateness))
    return pl.DataFrame(
        found,
        schema={
            "segment": pl.Int64, "to_segment": pl.Int64, "destination": pl.Int64, "parcels": pl.Int64,
            "kg": pl.Float64, "lateness": pl.Float64,
        },
        orient="row",
    )  # fmt: skip


def _needed(kg: float, m3: float) -> pl.Expr:
    """Containers for a weight and a volume, whichever asks for more."""
    return (
        pl.max_horizontal((pl.col("kg") / kg).ceil(), (pl.col("m3") / m3).ceil())
        .cast(pl.Int64)
        .clip(lower_bound=1)
    )
