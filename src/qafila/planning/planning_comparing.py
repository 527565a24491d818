"""Plans side by side: what each costs, by kind, and what it does to parcels and legs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from qafila.planning import planning_messages as m
from qafila.planning.reopening import NotAPlan


@dataclass(frozen=True, slots=True)
class Scenario:
    """The figures of one plan. Money in its currency."""

    name: str
    currency: str
    prices: dict[str, float]
    cost: float
    cost_by_kind: dict[str, float]
    gap: float
    parcels: int
    unserved: int
    late_parcels: int
    co2e_kg: float
    rides_a_parcel: float
    departures: int  # that carry anything
    fullest: float  # share of its weight on the fullest departure
    half_empty: int  # departures that carry something and less than half of their weight


def read(folder: Path) -> Scenario:
    """The figures of a plan's folder. Raises NotAPlan."""
    try:
        head: dict[str, Any] = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        paths = pl.read_parquet(folder / "paths.parquet")
        rows = pl.read_parquet(folder / "capacities.parquet").filter(
            (pl.col("kind") == "segment_weight") & (pl.col("load") > 0)
        )
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise NotAPlan(m.NOT_A_PLAN_BECAUSE(folder=str(folder), why=str(error).splitlines()[0])) from None
    share = (rows["load"] / rows["capacity"].clip(lower_bound=1.0)).to_numpy()
    design = head.get("design", {})
    departures = {name: design[name] for name in ("vehicles", "lines", "fill") if design.get(name)}
    boarded = float(pl.read_parquet(folder / "legs.parquet")["parcels"].sum())
    return Scenario(
        name=folder.name,
        currency=head["currency"],
        prices=head["prices"],
        cost=head["cost"] + sum(departures.values()),
        cost_by_kind=head["cost_by_kind"] | departures,
        gap=head["gap"],
        parcels=head["parcels"],
        unserved=head["unserved"],
        late_parcels=int(paths.filter(pl.col("late_minutes") > 0)["parcels"].sum()),
        co2e_kg=head["co2e_kg"],
        rides_a_parcel=head.get("rides_a_parcel", boarded / max(head["served"], 1)),
        departures=len(share),
        fullest=float(share.max(initial=0.0)),
        half_empty=int((share < 0.5).sum()),
    )


def compare(folders: list[Path]) -> list[Scenario]:
    """The figures of several plans, in the order given.

    Raises:
        NotAPlan: a folder is none, or the plans are in different currencies or for different demands.
    """
    found = [read(folder) for folder in folders]
    if len({one.currency for one in found}) > 1:
        raise NotAPlan(m.CURRENCIES_DIFFER(plans=", ".join(f"{one.name} {one.currency}" for one in found)))
    if len({one.parcels for one in found}) > 1:
        raise NotAPlan(m.DEMANDS_DIFFER(plans=", ".join(f"{one.name} {one.parcels}" for one in found)))
    return found
