"""Re-planning: what broke is closed, what was promised stays where it can, and moving a parcel has a price."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qafila.core.fault import Fault
from qafila.core.message_json import to_json
from qafila.network.timetable import COST_UNIT, Timetable
from qafila.planning import plan_folder, planning_job, reopening
from qafila.planning import planning_messages as m
from qafila.planning.path_columns import loads, path_costs
from qafila.planning.plan import Plan
from qafila.planning.planning_problem import Commodities, Problem, pose
from qafila.planning.reasons import left_out

EPOCH_DAY = date(1970, 1, 1)
SHOWN = 20


class BadDisruption(Fault, ValueError):
    """A disruption that cannot be read or names nothing in the plan; the message says how to write it."""


@dataclass(frozen=True, slots=True)
class Peak:
    """Demand not yet released grows by a factor, everywhere or between some facilities."""

    factor: float
    origin: str = ""
    destination: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Parcels for one facility go to another instead: a substitute for a closed one."""

    facility: str
    instead: str


Change = Peak | Redirect


def closures(t: Timetable, disruptions: tuple[str, ...]) -> tuple[NDArray[np.bool_], list[Change]]:
    """[R] rides that disruptions close, and what changes the demand. Raises BadDisruption."""
    closed = np.zeros(t.rides, np.bool_)
    changes: list[Change] = []
    for text in disruptions:
        word, _, rest = text.strip().partition(" ")
        rest = rest.strip()
        if word == "cancel" and rest:
            closed |= _cancelled(t, rest)
        elif word == "close" and rest:
            closed |= _shut(t, *rest.split(None, 1))
        elif word == "peak" and (found := re.fullmatch(r"([\d.]+)x(?:\s+([^/\s]*)(?:/(\S*))?)?", rest)):
            peak = Peak(float(found[1]), found[2] or "", found[3] or "")
            for name in (peak.origin, peak.destination):
                if name and name not in t.facility_ids:
                    raise BadDisruption(m.NO_FACILITY(written=text, id=name), value=text)
            changes.append(peak)
        elif word == "redirect" and len(rest.split()) == 2:
            redirect = Redirect(*rest.split())
            for name in (redirect.facility, redirect.instead):
                if name not in t.facility_ids:
                    raise BadDisruption(m.NO_FACILITY(written=text, id=name), value=text)
            if redirect.facility == redirect.instead:
                raise BadDisruption(m.NAME_ANOTHER(written=text), m.GO_ELSEWHERE(), value=text)
            changes.append(redirect)
        else:
            raise BadDisruption(m.NOT_A_DISRUPTION(written=text), m.WRITE_DISRUPTION(), value=text)
    return closed, changes


def _instead(t: Timetable, destination: NDArray[np.int32], changes: list[Change]) -> NDArray[np.int32]:
    """[K] where parcels are to go now: the same side of the substitute, or the facility itself where it has none."""
    instead = destination.copy()
    for change in changes:
        if isinstance(change, Redirect):
            old, new = t.facility_ids.index(change.facility), t.facility_ids.index(change.instead)
            instead[destination == old] = new
            if t.door_node[old] >= 0:
                instead[destination == t.door_node[old]] = t.door_node[new] if t.door_node[new] >= 0 else new
    return instead


def _cancelled(t: Timetable, rest: str) -> NDArray[np.bool_]:
    service, _, day = rest.partition("@")
    if service not in t.service_ids:
        raise BadDisruption(m.NO_SERVICE(written=f"cancel {rest}", id=service), value=rest)
    gone = np.asarray(t.segment_service) == t.service_ids.index(service)
    if day:
        try:
            number = (date.fromisoformat(day) - EPOCH_DAY).days
        except ValueError:
            raise BadDisruption(
                m.NOT_A_DAY(written=f"cancel {rest}", day=day), m.WRITE_DAY(), value=rest
            ) from None
        gone &= np.asarray(t.segment_day) == number
        if not gone.any():
            raise BadDisruption(
                m.NOT_THAT_DAY(written=f"cancel {rest}", id=service, day=date.fromisoformat(day)), value=rest
            )
    uses = np.concatenate([[0], np.cumsum(gone)])
    first = np.asarray(t.ride_first_segment)
    return uses[first + np.asarray(t.ride_segment_count)] > uses[first]


def _shut(t: Timetable, facility: str, window: str = "") -> NDArray[np.bool_]:
    if facility not in t.facility_ids:
        raise BadDisruption(m.NO_FACILITY(written=f"close {facility}", id=facility), value=facility)
    low, high = 0, np.iinfo(np.int32).max
    if window:
        begin, dots, end = window.partition("..")
        try:
            low = t.minute(_instant(begin)) if begin.strip() else low
            high = t.minute(_instant(end)) if end.strip() else high
        except ValueError:
            dots = ""
        if not dots:
            raise BadDisruption(
                m.NOT_A_WINDOW(written=f"close {facility} {window}"), m.WRITE_WINDOW(), value=window
            )
    place = t.facility_ids.index(facility)
    first = np.asarray(t.ride_first_segment)
    last = first + np.asarray(t.ride_segment_count) - 1
    depart, arrive = np.asarray(t.segment_depart)[first], np.asarray(t.segment_arrive)[last]
    leaves = (np.asarray(t.segment_from)[first] == place) & (depart >= low) & (depart < high)
    comes = (np.asarray(t.segment_to)[last] == place) & (arrive >= low) & (arrive < high)
    return leaves | comes


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text.strip())
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class _Afresh:
    """The demand of a re-plan: what is left to do, each part with the way it was promised."""

    demand: Commodities
    was: list[tuple[int, ...]]  # rides still planned before the disruption
    was_cost: NDArray[np.float64]  # COST_UNITs for one parcel on them; infinite where there were none
    done: int  # parcels that have arrived, or are on their last ride


def afresh(
    kept: reopening.Kept, closed: NDArray[np.bool_], changes: list[Change], at: int, move_price: float
) -> tuple[Problem, _Afresh]:
    """The problem that remains at minute `at`: parcels under way start where their ride sets them down."""
    old = kept.problem
    t, d = old.graph.timetable, old.demand
    depart = np.asarray(t.segment_depart)[np.asarray(t.ride_first_segment)]
    destination = _instead(t, d.destination, changes)
    rows: list[
        tuple[int, int, int, int, tuple[int, ...], int]
    ] = []  # source, origin, release, parcels, rides to go, rides done
    sunk_ptr, sunk_rides, sunk_who, sunk_parcels, done = [0], [], [], [], 0
    for p, k in enumerate(kept.who.tolist()):
        rides = kept.rides[kept.ptr[p] : kept.ptr[p + 1]]
        started = int((depart[rides] < at).sum())
        parcels = int(kept.parcels[p])
        if started:
            sunk_rides += rides[:started].tolist()
            sunk_ptr.append(len(sunk_rides))
            sunk_who.append(k)
            sunk_parcels.append(parcels)
        if started == len(rides):
            done += parcels
            continue
        if started:
            node, ready = int(t.ride_to[rides[started - 1]]), int(t.ride_ready_at[rides[started - 1]])
        else:
            node, ready = int(d.origin[k]), int(d.release[k])
        if node == destination[k]:  # it is where it is to go now
            done += parcels
            continue
        rows.append((k, node, max(ready, at), parcels, tuple(rides[started:].tolist()), started))
    for k in np.flatnonzero(kept.unserved).tolist():
        if d.origin[k] == destination[k]:
            done += int(kept.unserved[k])
            continue
        rows.append((k, int(d.origin[k]), max(int(d.release[k]), at), int(kept.unserved[k]), (), 0))
    for peak in changes:
        if not isinstance(peak, Peak):
            continue
        for k in range(len(d)):
            here = t.facility_ids[t.node_facility[d.origin[k]]]
            there = t.facility_ids[t.node_facility[d.destination[k]]]
            if d.release[k] < at or peak.origin not in ("", here) or peak.destination not in ("", there):
                continue
            if d.origin[k] == destination[k]:
                continue
            more = round((peak.factor - 1) * int(d.parcels[k]))
            if more > 0:
                rows.append((k, int(d.origin[k]), int(d.release[k]), more, (), 0))

    source = np.array([r[0] for r in rows], np.int64)
    stays = destination == d.destination
    homes = [r[4] if stays[r[0]] and not closed[list(r[4])].any() else () for r in rows]
    times: dict[int, int] = {}
    ids = []
    for k in source.tolist():
        times[k] = times.get(k, 0) + 1
        ids.append(d.ids[k] if times[k] == 1 else f"{d.ids[k]}/{times[k]}")
    moving = np.array(
        [move_price * COST_UNIT if r[4] and h else 0.0 for r, h in zip(rows, homes, strict=True)]
    )
    demand = replace(
        d.take(source),
        ids=tuple(ids),
        origin=np.array([r[1] for r in rows], np.int32),
        destination=destination[source],
        release=np.array([r[2] for r in rows], np.int32),
        parcels=np.array([r[3] for r in rows], np.int64),
        move_price=moving,
        homes=tuple(homes),
        most_rides=_rides_left(d, rows),
        source=source.astype(np.int32),
    )
    sunk = loads(
        old,
        np.array(sunk_who, np.int64),
        np.array(sunk_ptr, np.int64),
        np.array(sunk_rides, np.int32),
        np.array(sunk_parcels, np.float64),
    )
    graph = replace(
        old.graph,
        closed=old.graph.closed | closed | (depart < at),
        row_capacity=np.maximum(old.graph.row_capacity - sunk, 0.0),
    )
    problem = pose(graph, demand, replace(old.prices, move_per_parcel=move_price))
    before = np.full(len(rows), np.inf)
    has = np.flatnonzero([len(r[4]) > 0 for r in rows])
    if len(has):
        ptr = np.concatenate([[0], np.cumsum([len(rows[i][4]) for i in has])]).astype(np.int64)
        on = np.array([x for i in has for x in rows[i][4]], np.int32)
        open_again = replace(
            problem, ride_fixed=np.asarray(t.ride_fixed_cost).astype(np.float64) + problem.prices.ride_units
        )
        before[has] = path_costs(open_again, has.astype(np.int64), ptr, on)[0]
    return problem, _Afresh(demand, [r[4] for r in rows], before, done)


def _rides_left(d: Commodities, rows: list[tuple[int, int, int, int, tuple[int, ...], int]]) -> Any:
    """[rows] rides that are left of the limit; one at least, for nobody stays where a ride has set them down."""
    if d.most_rides is None:
        return None
    limits = d.limits[np.array([r[0] for r in rows], np.int64)]
    done = np.array([r[5] for r in rows], np.int32)
    return np.where(limits > 0, np.maximum(limits - done, 1), 0).astype(np.int32)


def replan(
    folder: Path, disruptions: tuple[str, ...], at: datetime | None, out: Path, request: planning_job.Request
) -> dict[str, Any]:
    """Re-plan an earlier plan's folder into `out`. Raises NotAPlan, BadDisruption, and OSError where it cannot be written."""
    kept = reopening.read(folder)
    with plan_folder.writing(out) as place:
        return _replanned(folder, kept, disruptions, at, place, replace(request, kept_in=out))


def _replanned(
    folder: Path,
    kept: reopening.Kept,
    disruptions: tuple[str, ...],
    at: datetime | None,
    out: Path,
    request: planning_job.Request,
) -> dict[str, Any]:
    t = kept.problem.graph.timetable
    minute = 0 if at is None else t.minute(at if at.tzinfo else at.replace(tzinfo=UTC))
    closed, changes = closures(t, disruptions)
    problem, rest = afresh(kept, closed, changes, minute, request.prices.move_per_parcel)
    answer = planning_job.solve(problem, out, request, kept.row_price)
    table = affected(answer.plan, rest)
    table.write_parquet(out / "affected.parquet")
    worst = table.sort(pl.col("cost_change").abs(), descending=True).head(SHOWN)
    summary = answer.summary | {
        "replan": {
            "from": str(folder),
            "disruptions": list(disruptions),
            "at": t.instant(minute).isoformat(),
            "rides_closed": int(closed.sum()),
            "parcels_already_there": rest.done,
            "moved": int(table["moved"].sum()),
            "moved_by_force": int(table.filter(pl.col("forced"))["moved"].sum()),
            "now_unserved": int(table["unserved"].sum()),
            "left": left_by_reason(answer.plan),
            "affected_commodities": table["source"].n_unique(),
            "cost_change": float(table["cost_change"].sum()),
            "most_affected": worst.to_dicts(),
        }
    }
    planning_job.write_summary(out, summary)
    return summary


def left_by_reason(plan: Plan) -> list[dict[str, Any]]:
    """What is not carried, by reason: parcels and commodities of each, most parcels first."""
    found: dict[str, dict[str, Any]] = {}
    for k, why in left_out(plan).items():
        one = found.setdefault(
            str(why), {"what": str(why), "message": to_json(why), "parcels": 0, "commodities": 0}
        )
        one["parcels"] += int(plan.unserved[k])
        one["commodities"] += 1
    return sorted(found.values(), key=lambda one: -int(one["parcels"]))


def affected(plan: Plan, rest: _Afresh) -> pl.DataFrame:
    """Who is affected and by how much: parcels off their way, cost and arrival against what was planned."""
    d, t = plan.problem.demand, plan.problem.graph.timetable
    ready = np.asarray(t.ride_ready_at)
    rows = []
    penalty = plan.problem.penalty
    bounds = np.searchsorted(plan.who, np.arange(len(d) + 1))
    for k in range(len(d)):
        was = rest.was[k]
        moved, cost, delay = 0, 0.0, 0.0
        for p in range(bounds[k], bounds[k + 1]):
            rides = tuple(plan.rides[plan.ptr[p] : plan.ptr[p + 1]].tolist())
            if rides == was:
                continue
            n = int(plan.parcels[p])
            moved += n
            if was:
                moving = 0.0 if d.move_price is None else float(d.move_price[k])
                cost += n * (float(plan.cost[p]) - moving - rest.was_cost[k])
                delay += n * (int(ready[rides[-1]]) - int(ready[was[-1]]))
        lost = int(plan.unserved[k]) if was else 0
        cost += lost * (float(penalty[k]) - rest.was_cost[k]) if was else 0.0
        if was and (moved or lost):
            forced = d.homes is not None and not d.homes[k]
            rows.append(
                (
                    int(d.source[k]) if d.source is not None else k,
                    d.ids[k],
                    int(d.parcels[k]),
                    moved,
                    lost,
                    forced,
                    cost / COST_UNIT,
                    delay / 60 / moved if moved else 0.0,
                )
            )
    return pl.DataFrame(
        rows,
        schema={
            "source": pl.Int32,
            "id": pl.String,
            "parcels": pl.Int64,
            "moved": pl.Int64,
            "unserved": pl.Int64,
            "forced": pl.Boolean,
            "cost_change": pl.Float64,
            "hours_later": pl.Float64,
        },
        orient="row",
    )
