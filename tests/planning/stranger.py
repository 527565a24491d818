"""A stranger's checker: from a plan's files alone, by docs/plan.md, with polars and numpy and none of our code.

It recomputes loads, cost and the Lagrangian bound, and returns what it found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

MODES = ("air", "belly", "road", "sea", "rail", "delivery", "collection")


@dataclass
class Findings:
    cost: float  # currency
    bound: float
    stated_cost: float
    stated_bound: float
    worst_overload: float  # relative to capacity
    parcels_missing: int
    broken_paths: int


def check(folder: Path) -> Findings:
    head = json.loads((folder / "plan.json").read_text())
    t = {
        n: pl.read_parquet(folder / f"{n}.parquet")
        for n in ("commodities", "paths", "legs", "rides", "ride_rows", "capacities", "nodes")
    }
    territory = t["nodes"].sort("node")["territory"].to_numpy()
    com, paths, rides, rows = t["commodities"], t["paths"], t["rides"], t["capacities"]
    legs = t["legs"].sort("path", "leg")

    # every parcel is served or unserved
    served = paths.group_by("commodity").agg(pl.col("parcels").sum().alias("served"))
    both = com.join(served, on="commodity", how="left").with_columns(pl.col("served").fill_null(0))
    missing = int((both["parcels"] - both["served"] - both["unserved"]).abs().sum())

    # each path starts at the origin after release, changes in time, ends at the destination
    on = (
        legs.drop("parcels")
        .join(paths.select("path", "commodity", "parcels"), on="path")
        .join(rides, on="ride")
        .join(com.drop("parcels"), on="commodity")
        .sort("path", "leg")
    )
    broken = 0
    for _, path in on.group_by("path", maintain_order=True):
        home = path["home"][0].to_list() if "home" in path.columns else []
        at, ready = path["origin_node"][0], path["release"][0]
        for i, leg in enumerate(path.iter_rows(named=True)):
            accepted = path["ride"].to_list() == home and i == 0  # handed over before the re-plan began
            late = leg["board_by"] < ready and not accepted
            unlawful = (
                _bars(territory, leg, leg["from_node"], leg["to_node"]) and path["ride"].to_list() != home
            )
            if leg["from_node"] != at or late or leg["closed"] or leg["forbids"] & leg["goods"] or unlawful:
                broken += 1
            at, ready = leg["to_node"], leg["ready_at"]
        broken += at != path["destination_node"][0]

    # capacity
    unit = (
        pl.when(pl.col("per") == "parcel")
        .then(1.0)
        .when(pl.col("per") == "gram")
        .then("grams")
        .otherwise("cm3")
    )
    used = (
        on.select("ride", "parcels", "grams", "cm3")
        .join(t["ride_rows"], on="ride")
        .join(rows.select("row", "per"), on="row")
        .with_columns(load=pl.col("parcels") * pl.col("factor") * unit)
        .group_by("row")
        .agg(pl.col("load").sum())
        .join(rows.select("row", "capacity"), on="row")
    )
    over = float(((used["load"] - used["capacity"]) / used["capacity"].clip(lower_bound=1e-9)).max() or 0.0)

    # cost
    chargeable = pl.coalesce(
        *(pl.when(pl.col("mode") == m).then(pl.col(f"chargeable_kg_{m}")) for m in MODES)
    )
    each = on.with_columns(
        leg_cost=pl.col("fixed_cost")
        + (pl.col("kg_cost") * chargeable + 1e-6).floor()
        + pl.col("co2e_cost_per_gram") * pl.col("grams")
    )
    per_path = each.group_by("path", maintain_order=True).agg(
        pl.col("leg_cost").sum(), pl.col("ready_at").last(), pl.col("due").first(),
        pl.col("late_price").first(), pl.col("parcels").first(), pl.col("ride"),
        *(pl.col(c).first() for c in ("move_price", "home") if c in on.columns),
    )  # fmt: skip
    late = ((pl.col("ready_at") - pl.col("due")).clip(lower_bound=0) / 60).fill_null(0.0)
    cost = float(
        per_path.select(((pl.col("leg_cost") + late * pl.col("late_price")) * pl.col("parcels")).sum()).item()
    )
    if "move_price" in on.columns:
        cost += float(
            per_path.filter(pl.col("ride") != pl.col("home"))
            .select((pl.col("move_price") * pl.col("parcels")).sum())
            .item()
        )
    cost += float((com["penalty"] * com["unserved"]).sum())

    return Findings(
        cost / 1e4,
        _bound(com, rides, t["ride_rows"], rows, territory) / 1e4,
        head["cost"],
        head["bound"],
        over,
        missing,
        broken,
    )


def _bars(territory: np.ndarray, commodity: dict, start: np.ndarray | int, end: np.ndarray | int) -> Any:
    """Rides that export goods from another territory than their origin's, or release them in another than that of
    their destination."""
    own, bound_for = territory[commodity["origin_node"]], territory[commodity["destination_node"]]
    leaves, enters = territory[start], territory[end]
    return (leaves != enters) & ~(np.isin(leaves, (-1, own)) & np.isin(enters, (-1, bound_for)))


def _bound(
    com: pl.DataFrame, rides: pl.DataFrame, uses: pl.DataFrame, rows: pl.DataFrame, territory: np.ndarray
) -> float:
    """Σ parcels × cheapest way at prices − Σ price × capacity, by Bellman's recursion over rides backward."""
    price = rows["price"].to_numpy()
    assert (price >= 0).all()
    per = rows["per"].to_numpy()
    weight = {p: np.zeros(len(rides)) for p in ("parcel", "gram", "cm3")}
    ride, row, factor = (uses[c].to_numpy() for c in ("ride", "row", "factor"))
    for p, total in weight.items():
        of = per[row] == p
        np.add.at(total, ride[of], factor[of] * price[row[of]])
    fixed = rides["fixed_cost"].to_numpy() + weight["parcel"]
    gram = rides["co2e_cost_per_gram"].to_numpy() + weight["gram"]
    kg, closed, forbids = (rides[c].to_numpy() for c in ("kg_cost", "closed", "forbids"))
    begin, end, board, ready = (rides[c].to_numpy() for c in ("from_node", "to_node", "board_by", "ready_at"))
    mode = np.array([MODES.index(m) for m in rides["mode"]])
    order = np.argsort(-board, kind="stable")
    total = -float(np.dot(price, rows["capacity"].to_numpy()))
    for c in com.iter_rows(named=True):
        chargeable = np.array([c[f"chargeable_kg_{m}"] for m in MODES])[mode]
        cost = fixed + np.floor(kg * chargeable + 1e-6) + gram * c["grams"] + weight["cm3"] * c["cm3"]
        events: dict[int, list[tuple[int, float]]] = {}  # node -> (board by, value), board by falling

        def value(node: int, minute: int, events: dict[int, list[tuple[int, float]]] = events) -> float:
            return min((v for b, v in events.get(node, ()) if b >= minute), default=np.inf)

        barred = _bars(territory, c, begin, end)
        for r in order:
            if barred[r] or closed[r] or forbids[r] & c["goods"] or begin[r] == c["destination_node"]:
                continue
            if end[r] == c["destination_node"]:
                late = 0.0 if c["due"] is None else max(ready[r] - c["due"], 0) / 60 * c["late_price"]
                on = late
            else:
                on = value(int(end[r]), int(ready[r]))
            events.setdefault(int(begin[r]), []).append((int(board[r]), cost[r] + on))
        best = value(int(c["origin_node"]), int(c["release"]))
        home = c.get("home") or []
        if "move_price" in c:
            best += c["move_price"]
        if home:
            late = 0.0 if c["due"] is None else max(ready[home[-1]] - c["due"], 0) / 60 * c["late_price"]
            best = min(best, float(cost[home].sum()) + late)
        total += c["parcels"] * min(best, c["penalty"])
    return total
