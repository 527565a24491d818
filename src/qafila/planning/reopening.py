"""A plan's folder read back: the problem as it was posed, and the ways that were chosen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qafila.core.fault import Fault
from qafila.network.timetable import Mode, Timetable
from qafila.planning import planning_messages as m
from qafila.planning.graph import MEASURE, Graph, Scarce, linked
from qafila.planning.plan_folder import settle
from qafila.planning.planning_files import FORMAT
from qafila.planning.planning_problem import NO_DUE, Commodities, Prices, Problem, pose


class NotAPlan(Fault, ValueError):
    """A folder that holds no plan, or one of another format; the message says what is missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What an earlier plan decided."""

    problem: Problem
    row_price: NDArray[np.float64]
    who: NDArray[np.int64]  # [P]
    ptr: NDArray[np.int64]  # [P+1]
    rides: NDArray[np.int32]
    parcels: NDArray[np.int64]  # [P]
    unserved: NDArray[np.int64]  # [K]


def read(folder: Path, held: bool = True) -> Kept:
    """Read a plan's folder; without `held` the ways as they were before parcels waited for fuller bags. Raises
    NotAPlan."""
    settle(folder)
    try:
        head = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        if head.get("format") != FORMAT:
            raise NotAPlan(m.OTHER_FORMAT(folder=str(folder), found=str(head.get("format")), own=str(FORMAT)))
        names = (
            "commodities", "paths", "legs", "capacities", "rides", "ride_rows", "segments", "nodes", "facilities"
        )  # fmt: skip
        tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in names}
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise (
            error
            if isinstance(error, NotAPlan)
            else NotAPlan(m.NOT_A_PLAN_BECAUSE(folder=str(folder), why=str(error).splitlines()[0]))
        ) from None
    prices = Prices(**head["prices"])
    graph = _graph(_timetable(head, tables, prices), tables)
    demand = _demand(tables["commodities"])
    paths = tables["paths"].sort("path")
    legs = tables["legs"].sort("path", "leg").group_by("path", maintain_order=True).agg("ride")
    ways = legs["ride"] if held else paths["before"].zip_with(paths["before"].is_not_null(), legs["ride"])
    counts = ways.list.len().to_numpy()
    return Kept(
        problem=pose(graph, demand, prices),
        row_price=tables["capacities"]["price"].to_numpy().copy(),
        who=paths["commodity"].to_numpy().astype(np.int64),
        ptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        rides=ways.explode().to_numpy().astype(np.int32),
        parcels=paths["parcels"].to_numpy().astype(np.int64),
        unserved=tables["commodities"]["unserved"].to_numpy().astype(np.int64),
    )


def _timetable(head: dict[str, object], tables: dict[str, pl.DataFrame], prices: Prices) -> Timetable:
    rides, segments, nodes = tables["rides"], tables["segments"], tables["nodes"]
    facilities = tables["facilities"]["id"].to_list()
    services = list(dict.fromkeys(segments["service"].to_list()))
    number = {s: i for i, s in enumerate(services)}
    mode = {m.name.lower(): int(m) for m in Mode}
    volumetric = head["volumetric_kg_per_m3"]
    assert isinstance(volumetric, dict)

    def ints(table: pl.DataFrame, name: str) -> NDArray[np.int32]:
        return table[name].to_numpy().astype(np.int32)

    def side(which: str) -> NDArray[np.int32]:
        found = np.full(len(facilities), -1, np.int32)
        some = nodes.filter(pl.col("side") == which)
        found[some["facility"].to_numpy()] = some["node"].to_numpy()
        return found

    return Timetable(
        epoch=datetime.fromisoformat(str(head["epoch"])),
        minutes=int(str(head["minutes"])),
        currency=str(head["currency"]),
        facility_ids=tuple(facilities),
        service_ids=tuple(services),
        node_facility=ints(nodes, "facility"),
        bonded_node=side("bonded"),
        door_node=side("door"),
        segment_service=np.array([number[s] for s in segments["service"]], np.int32),
        segment_call=ints(segments, "call"),
        segment_day=ints(segments, "day"),
        segment_from=ints(segments, "from_facility"),
        segment_to=ints(segments, "to_facility"),
        segment_depart=ints(segments, "depart"),
        segment_arrive=ints(segments, "arrive"),
        segment_capacity_g=segments["capacity_g"].to_numpy().astype(np.int64),
        segment_capacity_cm3=segments["capacity_cm3"].to_numpy().astype(np.int64),
        ride_from=ints(rides, "from_node"),
        ride_to=ints(rides, "to_node"),
        ride_board_by=ints(rides, "board_by"),
        ride_ready_at=ints(rides, "ready_at"),
        ride_first_segment=ints(rides, "first_segment"),
        ride_segment_count=ints(rides, "segment_count"),
        ride_mode=np.array([mode[m] for m in rides["mode"]], np.uint8),
        ride_fixed_cost=ints(rides, "fixed_cost") - np.int32(prices.ride_units),
        ride_kg_cost=ints(rides, "kg_cost"),
        ride_co2e=ints(rides, "co2e_mg_per_kg"),
        ride_forbids=rides["forbids"].to_numpy().astype(np.uint16),
        volumetric_kg_per_m3=np.array([volumetric[m.name.lower()] for m in Mode], np.int32),
        weight_step_g=int(str(head["weight_step_g"])),
        node_territory=ints(nodes, "territory"),
    )


def _graph(timetable: Timetable, tables: dict[str, pl.DataFrame]) -> Graph:
    capacities, uses = tables["capacities"].sort("row"), tables["ride_rows"].sort("ride", maintain_order=True)
    kinds = {s.name.lower(): int(s) for s in Scarce}
    scarce = np.array([kinds[k] for k in capacities["kind"]], np.uint8)
    measure = np.array([MEASURE[s] for s in Scarce], np.uint8)
    use_ptr = np.zeros(timetable.rides + 1, np.int64)
    np.cumsum(np.bincount(uses["ride"].to_numpy(), minlength=timetable.rides), out=use_ptr[1:])
    segment, facility = capacities["segment"].to_numpy(), capacities["facility"].to_numpy()
    return linked(
        timetable,
        closed=tables["rides"]["closed"].to_numpy().copy(),
        use_ptr=use_ptr,
        use_row=uses["row"].to_numpy().astype(np.int32),
        use_factor=uses["factor"].to_numpy().copy(),
        row_scarce=scarce,
        row_measure=measure[scarce],
        row_capacity=capacities["capacity"].to_numpy().copy(),
        row_place=np.where(segment >= 0, segment, facility).astype(np.int32),
        row_quarter=capacities["quarter"].to_numpy().astype(np.int32),
    )


def _demand(table: pl.DataFrame) -> Commodities:
    return Commodities(
        ids=tuple(table["id"].to_list()),
        origin=table["origin_node"].to_numpy().astype(np.int32),
        destination=table["destination_node"].to_numpy().astype(np.int32),
        release=table["release"].to_numpy().astype(np.int32),
        due=table["due"].fill_null(NO_DUE).to_numpy().astype(np.int32),
        late_price=table["late_price"].to_numpy().copy(),
        parcels=table["parcels"].to_numpy().astype(np.int64),
        grams=table["grams"].to_numpy().copy(),
        cm3=table["cm3"].to_numpy().copy(),
        goods=table["goods"].to_numpy().astype(np.uint16),
        service_class=tuple(table["service_class"].to_list()),
        merchant_class=tuple(table["merchant_class"].to_list()),
        # a plan made before there were limits has none
        most_rides=table["most_rides"].to_numpy().astype(np.int32) if "most_rides" in table.columns else None,
    )
