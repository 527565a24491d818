"""Setting up a centre and making its sort plans: each a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from qafila.core.fault import Fault
from qafila.core.identifiers.own import new_id
from qafila.openness import openness_telling as openness
from qafila.runtime.calculating import calculate
from qafila.runtime.database import Role, acting_as, administrator
from qafila.runtime.events.advancing import begin
from qafila.runtime.events.store import settled
from qafila.sorting import plan_told, sorting_messages, store
from qafila.sorting.expecting import EXPECTED
from qafila.sorting.model import By, Centre, SortPlan
from qafila.sorting.plans.plans_problem import Cost, Prices, pose
from qafila.sorting.plans.solving import Made, solve

_KEPT = timedelta(days=3)


def set_up(centre: Centre, now: datetime) -> int:
    """Sets a centre up, or changes it; returns how many parcels that are booked already pass it.

    What is booked from now on is added by the projection of events, which sees the centre before this reads the past.
    """
    with acting_as(Role.OPERATOR) as connection:
        store.put_centre(connection, centre)
    with administrator(because="the cursor of a projection is the house's own") as connection:
        begin(connection, EXPECTED, settled(connection))
    with acting_as(Role.OPERATOR) as connection:
        return store.backfill(connection, centre.facility, now - _KEPT)


@dataclass(frozen=True, slots=True)
class Shift:
    """A time in which a centre sorts: departures that close in it are what it sorts for."""

    name: str
    since: datetime
    until: datetime


def flows_of_plan(folder: Path, facility: str, shift: Shift) -> dict[str, int]:
    """Parcels that a planner's plan sends on from a facility within a shift, by next stop; the facility's own name
    stands for its own tours to doors.

    Raises Fault where the folder holds no plan.
    """
    try:
        epoch = datetime.fromisoformat(orjson.loads((folder / "plan.json").read_bytes())["epoch"])
        legs, rides, nodes, facilities = (
            pl.read_parquet(folder / f"{name}.parquet") for name in ("legs", "rides", "nodes", "facilities")
        )
    except (OSError, KeyError, ValueError) as error:
        raise Fault(
            sorting_messages.NO_FOLDER(folder=folder.name), field="plan", value=folder.name
        ) from error
    names = dict(zip(facilities["facility"].to_list(), facilities["id"].to_list(), strict=True))
    at = dict(zip(nodes["node"].to_list(), nodes["facility"].to_list(), strict=True))
    begin, end = ((instant - epoch).total_seconds() / 60 for instant in (shift.since, shift.until))
    found: dict[str, int] = {}
    rows = legs.join(rides.select("ride", "from_node", "to_node", "board_by", "mode"), on="ride").filter(
        (pl.col("board_by") >= begin) & (pl.col("board_by") < end)
    )
    for from_node, to_node, mode, parcels in rows.select(
        "from_node", "to_node", "mode", "parcels"
    ).iter_rows():
        if names.get(at.get(from_node, -1)) == facility and mode != "collection":
            to = facility if mode == "delivery" else names[at[to_node]]
            found[to] = found.get(to, 0) + int(parcels)
    return found


@dataclass(frozen=True, slots=True)
class PlanMade:
    """A sort plan with what it is worth."""

    plan: SortPlan
    made: Made
    flows: Mapping[str, int]
    in_place: bool

    def told(self) -> dict[str, Any]:
        """What JSON holds of it: layout, costs in seconds of work, bound and gap, and alphabetical order beside it."""
        cost, by_name = self.made.cost, self.made.by_name
        return {
            "plan": self.plan.id,
            "facility": self.plan.facility,
            "shift": self.plan.shift,
            "in_place": self.in_place,
            "chutes": self.plan.chutes,
            "groups": self.plan.groups,
            "second": self.plan.second,
            "parcels": sum(self.flows.values()),
            "destinations": len(self.flows),
            **_figures(self.made),
            "worth": {
                "seconds": by_name.total - cost.total,
                "of_one": _share(by_name, cost),
                "metres": self._metres(by_name) - self._metres(cost),
                "busiest": by_name.busiest - cost.busiest,
            },
        }

    @staticmethod
    def _metres(cost: Cost) -> float:
        return cost.walking * Prices().metres_a_second


def _share(by_name: Cost, cost: Cost) -> float:
    return (by_name.total - cost.total) / by_name.total if by_name.total else 0.0


def _figures(made: Made) -> dict[str, Any]:
    return {
        "cost": asdict(made.cost) | {"total": made.cost.total},
        "bound": made.bound,
        "gap": made.gap,
        "by_name": asdict(made.by_name) | {"total": made.by_name.total},
        "seconds": round(made.seconds, 3),
    }


def make_plan(
    facility: str,
    shift: Shift,
    by: By,
    now: datetime,
    flows: Mapping[str, int] | None = None,
    seconds: float = 20.0,
    in_place: bool = True,
    prices: Prices | None = None,
) -> PlanMade:
    """Makes a centre's sort plan for a shift and, if wanted, puts it in place.

    Args:
        flows: next stop -> parcels; None: those that are booked through the centre in the shift.
        seconds: how long to search at most.
        prices: what work costs; None: ordinary prices with the centre's bags.

    Raises Fault: nothing is expected, the shift is none, or two passes do not do.
    """
    if shift.since >= shift.until:
        raise Fault(sorting_messages.WINDOW_WRONG(), field="until", value=shift.until.isoformat())
    with acting_as(Role.OPERATOR) as connection:
        centre = store.centre(connection, facility)
        before = store.plan_in_place(connection, facility)
        if flows is None:
            flows = store.flows(connection, facility, shift.since, shift.until)
    if not flows:
        nothing = sorting_messages.NO_FLOW(facility=facility, since=shift.since, until=shift.until)
        raise Fault(nothing, sorting_messages.WIDER(), field="since")
    aside = {chute for _, chute in centre.special}
    chutes = [c for c in centre.chutes if c.id not in aside]
    prices = prices or replace(Prices(), bag=centre.bag)
    problem = pose(
        flows,
        chutes,
        before.chutes if before else None,
        tuple(before.groups) if before else (),
        prices,
    )
    made = calculate(solve, problem, seconds)
    plan = SortPlan(new_id("srt"), facility, shift.name, made.layout.chutes, made.layout.groups, made.second)
    answer = PlanMade(plan, made, flows, in_place)
    with acting_as(Role(by.role), by.tenant) as connection:
        kept = {"flows": dict(flows), **_figures(made)}
        store.put_plan(
            connection,
            plan,
            shift.since,
            shift.until,
            by.station or by.tenant,
            kept,
            now if in_place else None,
        )
        if in_place:
            openness.tell(connection, [plan_told.decision(plan, made, flows, chutes, before, prices, now)])
    return answer
