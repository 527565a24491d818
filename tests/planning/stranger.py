"""A stranger's checker: from a plan's files alone, by docs/plan.md, with polars, numba and none of our code.

It recomputes loads, cost and the Lagrangian bound, and returns what it found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numba import njit

TOGETHER = 16
"""Kinds of parcels that one recursion is made for, side by side."""

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
    ways = on.group_by("path", maintain_order=True).agg(pl.col("ride").alias("way"))
    on = on.join(ways, on="path", maintain_order="left").with_columns(
        at=pl.col("to_node").shift(1).over("path").fill_null(pl.col("origin_node")),
        ready=pl.col("ready_at").shift(1).over("path").fill_null(pl.col("release")),
        last=pl.col("leg") == pl.col("leg").max().over("path"),
        kept=(pl.col("way") == pl.col("home")).fill_null(False) if "home" in com.columns else pl.lit(False),
    )
    begins, leaves, enters, ends = (
        territory[on[c].to_numpy()] for c in ("origin_node", "from_node", "to_node", "destination_node")
    )
    broken = (
        on.select(
            (pl.col("from_node") != pl.col("at")).sum()
            # in a re-plan its first leg was handed over before
            + ((pl.col("board_by") < pl.col("ready")) & ~(pl.col("kept") & (pl.col("leg") == 0))).sum()
            + pl.col("closed").sum()
            + ((pl.col("forbids") & pl.col("goods")) > 0).sum()
            + (pl.Series(_bars(begins, ends, leaves, enters)) & ~pl.col("kept")).sum()
            + (pl.col("last") & (pl.col("to_node") != pl.col("destination_node"))).sum()
            + (
                pl.col("last")
                & (pl.col("most_rides") > 0)
                & (pl.col("leg") >= pl.col("most_rides"))
                & ~pl.col("kept")
            ).sum()
        ).item()
        + len(paths)
        - len(ways)
    )

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
    each = on.with_columns(
        leg_cost=pl.col("fixed_cost")
        + (pl.col("kg_cost") * _chargeable() + 1e-6).floor()
        + pl.col("co2e_cost_per_gram") * pl.col("grams")
    )
    per_path = each.group_by("path", maintain_order=True).agg(
        pl.col("leg_cost").sum(),
        pl.col("ready_at").last(),
        pl.col("due").first(),
        pl.col("late_price").first(),
        pl.col("parcels").first(),
        pl.col("ride"),
        *(pl.col(c).first() for c in ("move_price", "home") if c in on.columns),
    )
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


def _bars(own: np.ndarray, bound_for: np.ndarray, leaves: np.ndarray, enters: np.ndarray) -> np.ndarray:
    """Rides that export goods from another territory than their origin's, or release them in another than that of
    their destination; -1 is under bond."""
    lawful = ((leaves == -1) | (leaves == own)) & ((enters == -1) | (enters == bound_for))
    return (leaves != enters) & ~lawful


def _bound(
    com: pl.DataFrame, rides: pl.DataFrame, uses: pl.DataFrame, rows: pl.DataFrame, territory: np.ndarray
) -> float:
    """Σ parcels × cheapest way at prices − Σ price × capacity, by Bellman's recursion over rides backward.

    The recursion knows the end of a way, not its origin: it is made once for all commodities that differ in origin,
    release and number alone. Of the origin its territory matters, out of which alone goods may be exported: they are
    free there and in that of the destination, so this bars leaving the latter where it is another.
    """
    price = rows["price"].to_numpy()
    assert (price >= 0).all()
    per = rows["per"].to_numpy()
    weight = {p: np.zeros(len(rides)) for p in ("parcel", "gram", "cm3")}
    ride, row, factor = (uses[c].to_numpy() for c in ("ride", "row", "factor"))
    for p, total in weight.items():
        of = per[row] == p
        np.add.at(total, ride[of], factor[of] * price[row[of]])
    rides = rides.with_columns(
        fixed=pl.col("fixed_cost") + weight["parcel"],
        gram=pl.col("co2e_cost_per_gram") + weight["gram"],
        cm3=weight["cm3"],
        which=pl.col("mode").replace_strict(list(MODES), range(len(MODES)), return_dtype=pl.Int64),
    )
    com = com.with_columns(
        due=pl.col("due").fill_null(2**40),
        abroad=pl.Series(
            territory[com["origin_node"].to_numpy()] != territory[com["destination_node"].to_numpy()]
        ),
    )
    away = np.full(len(com), np.inf)
    end_of = ["destination_node", "abroad", "goods", "most_rides"]
    parcel = ["grams", "cm3", "due", "late_price", *(f"chargeable_kg_{m}" for m in MODES)]
    timed = rides.with_row_index("at").sort("from_node", "board_by")
    begins, boards = (timed[c].to_numpy() for c in ("from_node", "board_by"))
    minutes = int(max(rides["ready_at"].max(), com["release"].max())) + 1
    key = (
        begins.astype(np.int64) * minutes + boards
    )  # one number for node and minute: the first ride not before it

    def first(node: np.ndarray, minute: np.ndarray) -> np.ndarray:
        found = np.searchsorted(key, node.astype(np.int64) * minutes + minute)
        there = (found < len(key)) & (begins[np.minimum(found, len(key) - 1)] == node)
        return np.where(there, found, len(key))

    onward = first(timed["to_node"].to_numpy(), timed["ready_at"].to_numpy())
    later = np.append(np.where(begins[1:] == begins[:-1], np.arange(1, len(key)), len(key)), len(key))
    order = np.argsort(-boards, kind="stable")
    # of rides that board in the same minute from the same node, the later one in `key` comes first
    order = order[np.lexsort((-order, -boards[order]))]
    leaves, enters = (territory[timed[c].to_numpy()] for c in ("from_node", "to_node"))
    start = first(com["origin_node"].to_numpy(), com["release"].to_numpy())
    columns = [
        timed[c].to_numpy()
        for c in ("from_node", "to_node", "ready_at", "fixed", "kg_cost", "gram", "cm3", "which")
    ]
    closed, forbids = timed["closed"].to_numpy(), timed["forbids"].to_numpy()
    for (destination, abroad, goods, most), who in com.with_row_index("k").group_by(end_of):
        end = territory[destination]
        barred = (leaves != enters) & (((enters != -1) & (enters != end)) | (abroad & (leaves == end)))
        usable = ~barred & ~closed & ((forbids & goods) == 0)
        kinds, kind = np.unique(who.select(parcel).to_numpy().astype(np.float64), axis=0, return_inverse=True)
        k = who["k"].to_numpy()
        for low in range(0, len(kinds), TOGETHER):
            some = np.flatnonzero((kind >= low) & (kind < low + TOGETHER))
            best = None
            for _ in range(max(most, 1)):  # with one ride more each time, where they are limited
                best = _cheapest(
                    order,
                    onward,
                    later,
                    usable,
                    *columns,
                    int(destination),
                    kinds[low : low + TOGETHER],
                    most > 0,
                    np.full((len(order) + 1, len(kinds[low : low + TOGETHER])), np.inf)
                    if best is None
                    else best,
                )
            away[k[some]] = best[start[k[some]], kind[some] - low]
    if "move_price" in com.columns:
        away += com["move_price"].to_numpy()
    if "home" in com.columns:
        home = (
            com.with_row_index("k")
            .filter(pl.col("home").list.len() > 0)
            .select(
                "k",
                "grams",
                "due",
                "late_price",
                *(f"chargeable_kg_{m}" for m in MODES),
                volume="cm3",
                ride="home",
            )
            .explode("ride")
            .join(rides, on="ride", maintain_order="left")
            .group_by("k", maintain_order=True)
            .agg(
                (
                    pl.col("fixed")
                    + pl.col("gram") * pl.col("grams")
                    + pl.col("cm3") * pl.col("volume")
                    + (pl.col("kg_cost") * _chargeable() + 1e-6).floor()
                ).sum()
                + (
                    (pl.col("ready_at").last() - pl.col("due").first()).clip(lower_bound=0)
                    / 60
                    * pl.col("late_price").first()
                )
            )
        )
        k = home["k"].to_numpy()
        away[k] = np.minimum(away[k], home["fixed"].to_numpy())
    each = np.minimum(away, com["penalty"].to_numpy())
    return float(np.dot(com["parcels"].to_numpy(), each) - np.dot(price, rows["capacity"].to_numpy()))


def _chargeable() -> pl.Expr:
    """Chargeable kg of a parcel by the mode of the ride it is joined to."""
    return pl.coalesce(*(pl.when(pl.col("mode") == m).then(pl.col(f"chargeable_kg_{m}")) for m in MODES))


@njit
def _cheapest(
    order,
    onward,
    later,
    usable,
    begin,
    end,
    ready,
    fixed,
    kg,
    gram,
    cm3,
    mode,
    destination,
    kinds,
    limited,
    after,
):
    """[rides + 1, kinds] what the cheapest way costs that boards a ride or a later one from the same node; where rides are
    limited, with those that `after` has at most after the first."""
    best = np.empty((len(order) + 1, len(kinds)))
    best[-1] = np.inf
    for r in order:
        board = usable[r] and begin[r] != destination
        for i in range(len(kinds)):
            best[r, i] = best[later[r], i]
            if not board:
                continue
            grams, volume, due, late_price = kinds[i, 0], kinds[i, 1], kinds[i, 2], kinds[i, 3]
            way = (
                fixed[r] + np.floor(kg[r] * kinds[i, 4 + mode[r]] + 1e-6) + gram[r] * grams + cm3[r] * volume
            )
            way += (
                max(ready[r] - due, 0.0) / 60 * late_price
                if end[r] == destination
                else (after if limited else best)[onward[r], i]
            )
            best[r, i] = min(best[r, i], way)
    return best
