"""A plan's folder: Parquet and JSON enough for a stranger to recompute feasibility, cost and bound.

docs/plan.md defines every column. Nothing here is needed to understand the files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl

from qafila.core.message import Message
from qafila.core.message_json import to_json
from qafila.network.timetable import COST_UNIT, Mode, Timetable
from qafila.planning.demand import places
from qafila.planning.graph import Scarce
from qafila.planning.plan import Plan
from qafila.planning.planning_problem import NO_DUE
from qafila.planning.reasons import left_out, reasons, row_name

FORMAT = 2


def summary(plan: Plan) -> dict[str, Any]:
    """What plan.json holds: totals, bound, gaps, the tightest places."""
    p = plan.problem
    d, t, g = p.demand, p.graph.timetable, p.graph
    parcels = plan.parcels.astype(np.float64)
    late = _late(plan)
    co2 = _co2_kg(plan)
    co2_cost = float((co2 * parcels).sum()) / 1000 * p.prices.co2e_per_tonne
    move = _moved(plan) * p.prices.move_per_parcel if d.homes is not None else 0.0
    total, served = plan.total / COST_UNIT, float(np.dot(plan.cost, parcels)) / COST_UNIT
    boarded = float(np.dot(np.diff(plan.ptr), parcels))
    transfers = boarded * p.prices.ride_units / COST_UNIT
    lateness = float((late * d.late_price[plan.who] / 60 * parcels).sum()) / COST_UNIT
    return {
        "format": FORMAT,
        "currency": t.currency,
        "epoch": t.epoch.isoformat(),
        "minutes": t.minutes,
        "weight_step_g": t.weight_step_g,
        "volumetric_kg_per_m3": {
            m.name.lower(): int(v) for m, v in zip(Mode, t.volumetric_kg_per_m3, strict=False)
        },
        "prices": {
            "co2e_per_tonne": p.prices.co2e_per_tonne,
            "unserved_per_parcel": p.prices.unserved_per_parcel,
            "unserved_per_kg": p.prices.unserved_per_kg,
            "move_per_parcel": p.prices.move_per_parcel,
            "ride_per_parcel": p.prices.ride_per_parcel,
        },
        "commodities": len(d),
        "parcels": int(d.parcels.sum()),
        "served": int(plan.parcels.sum()),
        "unserved": int(plan.unserved.sum()),
        "cost": total,
        "cost_by_kind": {
            "transport_and_handling": served - lateness - co2_cost - move - transfers,
            "lateness": lateness,
            "co2e": co2_cost,
            "moving": move,
            "transfers": transfers,
            "unserved": total - served,
        },
        "rides_a_parcel": boarded / max(float(parcels.sum()), 1.0),
        "co2e_kg": float((co2 * parcels).sum()),
        "bound": plan.bound / COST_UNIT,
        "whole_bound": max(plan.bound, plan.whole_bound) / COST_UNIT,
        "gap": plan.gap,
        "fractional_cost": plan.share_cost / COST_UNIT,
        "fractional_gap": plan.share_gap,
        "rounds": plan.rounds,
        "seconds": round(plan.seconds, 2),
        "remarks": remarks(plan),
        "tightest": [
            {
                "row": int(row),
                **_told(row_name(p, int(row))),
                "kind": Scarce(int(g.row_scarce[row])).name.lower(),
                "capacity": float(g.row_capacity[row]),
                "load": float(plan.load[row]),
                "price": float(plan.row_price[row]) / COST_UNIT,
                "price_for_10_percent_more": float(plan.row_price[row] * g.row_capacity[row])
                / COST_UNIT
                / 10,
            }
            for row in plan.tightest()
        ],
    }


def remarks(plan: Plan) -> list[dict[str, Any]]:
    """What went otherwise than it should, as plan.json has it."""
    return [{"id": remark.id, "text": str(remark), "message": to_json(remark)} for remark in plan.remarks]


def _told(message: Message) -> dict[str, Any]:
    """A message for programs and people: in English, and as its document."""
    return {"what": str(message), "message": to_json(message)}


def written(message: Message) -> str:
    """The document of a message, in a cell."""
    return orjson.dumps(to_json(message)).decode()


def write(plan: Plan, folder: Path) -> None:
    """Write every table. A folder that holds a plan is overwritten."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables(plan).items():
        table.write_parquet(folder / f"{name}.parquet", compression="zstd")


def tables(plan: Plan) -> dict[str, pl.DataFrame]:
    """Every table by the name of its file."""
    p = plan.problem
    d, g, t = p.demand, p.graph, p.graph.timetable
    names = pl.Series(places(t), dtype=pl.String)
    told, left = reasons(plan), list(left_out(plan).values())
    commodities = pl.DataFrame(
        {
            "commodity": np.arange(len(d)),
            "id": list(d.ids),
            "origin": names.gather(d.origin),
            "destination": names.gather(d.destination),
            "origin_node": d.origin,
            "destination_node": d.destination,
            "release": d.release,
            "due": pl.Series(d.due).replace(NO_DUE, None),
            "late_price": d.late_price,
            "parcels": d.parcels,
            "grams": d.grams,
            "cm3": d.cm3,
            **{f"chargeable_kg_{m.name.lower()}": p.chargeable_kg[:, m] for m in Mode},
            "goods": d.goods,
            "service_class": list(d.service_class),
            "merchant_class": list(d.merchant_class),
            "most_rides": d.limits,
            "penalty": p.penalty,
            "unserved": plan.unserved,
            "alone_cost": _none(plan.alone_cost),
            "next_best_cost": _none(plan.next_cost),
            "binding_row": plan.alone_binds,
            "reason": list(map(str, told)),
            "message": list(map(written, told)),
        }
    )
    if d.homes is not None and d.move_price is not None and d.source is not None:
        commodities = commodities.with_columns(
            pl.Series("move_price", d.move_price),
            pl.Series("home", [list(h) for h in d.homes], dtype=pl.List(pl.Int32)),
            pl.Series("source", d.source),
        )
    path = np.repeat(np.arange(len(plan.who)), np.diff(plan.ptr))
    lost = np.flatnonzero(plan.unserved)
    return {
        "commodities": commodities,
        "paths": pl.DataFrame(
            {
                "path": np.arange(len(plan.who)),
                "commodity": plan.who,
                "parcels": plan.parcels,
                "cost": plan.cost,
                "late_minutes": _late(plan),
                "co2e_kg": _co2_kg(plan),
                "before": _before(plan, path),
            }
        ),
        "legs": pl.DataFrame(
            {
                "path": path,
                "leg": np.arange(len(path)) - plan.ptr[path],
                "ride": plan.rides,
                "parcels": plan.parcels[path],
            }
        ),
        "unserved": pl.DataFrame(
            {
                "commodity": lost,
                "id": [d.ids[k] for k in lost],
                "parcels": plan.unserved[lost],
                "row": plan.alone_binds[lost],
                "reason": list(map(str, left)),
                "message": list(map(written, left)),
            },
            schema_overrides={"id": pl.String, "reason": pl.String, "message": pl.String},
        ),
        "capacities": pl.DataFrame(
            {
                "row": np.arange(g.rows, dtype=np.int32),
                "kind": pl.Series([s.name.lower() for s in Scarce]).gather(g.row_scarce.astype(np.int64)),
                "per": pl.Series(["parcel", "gram", "cm3"]).gather(g.row_measure.astype(np.int64)),
                "segment": np.where(g.row_scarce <= Scarce.SEGMENT_VOLUME, g.row_place, -1),
                "facility": np.where(g.row_scarce > Scarce.SEGMENT_VOLUME, g.row_place, -1),
                "quarter": g.row_quarter,
                "capacity": g.row_capacity,
                "load": plan.load,
                "price": plan.row_price,
            }
        ),
        "rides": _rides(plan, t),
        "ride_rows": pl.DataFrame(
            {
                "ride": np.repeat(np.arange(t.rides, dtype=np.int32), np.diff(g.use_ptr)),
                "row": g.use_row,
                "factor": g.use_factor,
            }
        ),
        "segments": pl.DataFrame(
            {
                "segment": np.arange(t.segments, dtype=np.int32),
                "service": pl.Series(t.service_ids).gather(np.asarray(t.segment_service).astype(np.int64)),
                "call": np.asarray(t.segment_call),
                "day": np.asarray(t.segment_day),
                "from_facility": np.asarray(t.segment_from),
                "to_facility": np.asarray(t.segment_to),
                "depart": np.asarray(t.segment_depart),
                "arrive": np.asarray(t.segment_arrive),
                "capacity_g": np.asarray(t.segment_capacity_g),
                "capacity_cm3": np.asarray(t.segment_capacity_cm3),
            }
        ),
        "nodes": pl.DataFrame(
            {
                "node": np.arange(t.nodes, dtype=np.int32),
                "facility": np.asarray(t.node_facility),
                "name": names,
                "side": [_side(t, n) for n in range(t.nodes)],
                "territory": p.territory,
            }
        ),
        "facilities": pl.DataFrame(
            {"facility": np.arange(t.facilities, dtype=np.int32), "id": list(t.facility_ids)}
        ),
    }


def _side(t: Timetable, node: int) -> str:
    if node < t.facilities:
        return "free"
    return "door" if t.door_node[t.node_facility[node]] == node else "bonded"


def _rides(plan: Plan, t: Timetable) -> pl.DataFrame:
    p = plan.problem
    return pl.DataFrame(
        {
            "ride": np.arange(t.rides, dtype=np.int32),
            "from_node": np.asarray(t.ride_from),
            "to_node": np.asarray(t.ride_to),
            "board_by": np.asarray(t.ride_board_by),
            "ready_at": np.asarray(t.ride_ready_at),
            "first_segment": np.asarray(t.ride_first_segment),
            "segment_count": np.asarray(t.ride_segment_count),
            "mode": pl.Series([m.name.lower() for m in Mode]).gather(
                np.asarray(t.ride_mode).astype(np.int64)
            ),
            "fixed_cost": np.asarray(t.ride_fixed_cost) + p.prices.ride_units,
            "kg_cost": np.asarray(t.ride_kg_cost),
            "co2e_mg_per_kg": np.asarray(t.ride_co2e),
            "co2e_cost_per_gram": p.ride_gram,
            "forbids": np.asarray(t.ride_forbids),
            "closed": p.graph.closed,
        }
    )


def _late(plan: Plan) -> np.ndarray[Any, np.dtype[np.int64]]:
    """[P] minutes after due."""
    d, t = plan.problem.demand, plan.problem.graph.timetable
    last = plan.rides[plan.ptr[1:] - 1]
    late: np.ndarray[Any, np.dtype[np.int64]] = np.maximum(
        np.asarray(t.ride_ready_at)[last].astype(np.int64) - d.due[plan.who], 0
    )
    return late


def _co2_kg(plan: Plan) -> np.ndarray[Any, np.dtype[np.float64]]:
    """[P] kg CO2e of one parcel."""
    d, t = plan.problem.demand, plan.problem.graph.timetable
    path = np.repeat(np.arange(len(plan.who)), np.diff(plan.ptr))
    mg = np.bincount(path, np.asarray(t.ride_co2e)[plan.rides].astype(np.float64), minlength=len(plan.who))
    kg: np.ndarray[Any, np.dtype[np.float64]] = mg * d.grams[plan.who] / 1e3 / 1e6
    return kg


def _moved(plan: Plan) -> int:
    """Parcels that left their home way."""
    homes = plan.problem.demand.homes or ()
    stays = [
        tuple(plan.rides[plan.ptr[i] : plan.ptr[i + 1]].tolist()) == homes[int(k)]
        for i, k in enumerate(plan.who)
    ]
    price = plan.problem.demand.move_price
    pays = np.zeros(len(stays), np.bool_) if price is None else price[plan.who] > 0
    return int(plan.parcels[~np.array(stays, np.bool_) & pays].sum())


def _before(plan: Plan, path: np.ndarray[Any, np.dtype[np.int64]]) -> pl.Series:
    """[P] rides as a list, null for a path that is not held; `path` is of each ride."""
    ways = pl.DataFrame({"path": path, "ride": plan.before, "held": plan.before != plan.rides})
    held = ways.filter(pl.col("held").any().over("path")).group_by("path", maintain_order=True).agg("ride")
    return pl.DataFrame({"path": np.arange(len(plan.who))}).join(
        held, on="path", how="left", maintain_order="left"
    )["ride"]


def _none(values: np.ndarray[Any, np.dtype[np.float64]]) -> pl.Series:
    return pl.Series(np.where(np.isfinite(values), values, np.nan)).fill_nan(None)
