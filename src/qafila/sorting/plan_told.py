"""What the log records of a sort plan that is put in place: its flows, chutes and prices, what it costs, and what it gives
whom. It is reckoned again from that: what each destination's parcels cost, and that no order by name would be cheaper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from qafila.context import Context
from qafila.openness.kinds import Values
from qafila.openness.model import Decision
from qafila.sorting.model import Chute, SortPlan
from qafila.sorting.plans.plans_problem import Layout, Prices, alphabetical, cost, pose
from qafila.sorting.plans.solving import Made

KIND = "sorting.plan"


def decision(
    plan: SortPlan,
    made: Made,
    flows: Mapping[str, int],
    chutes: Sequence[Chute],
    before: SortPlan | None,
    prices: Prices,
    now: datetime,
) -> Decision:
    """What is told of a plan that is put in place.

    Args:
        plan: the plan.
        made: its costs.
        flows: next stop -> parcels.
        chutes: those for destinations.
        before: the plan that stood before it.
        prices: what work costs.
        now: when.
    """
    inputs = {
        "flows": dict(flows),
        "chutes": [[c.id, c.zone, c.metres, c.room] for c in chutes],
        "before": {to: list(ids) for to, ids in before.chutes.items()} if before else None,
        "groups_before": list(before.groups) if before else [],
        "prices": asdict(prices),
        "layout": {to: list(ids) for to, ids in plan.chutes.items()},
        "groups": {chute: list(stops) for chute, stops in plan.groups.items()},
    }
    answer = {
        "seconds": round(made.cost.total, 3),
        "by_name": round(made.by_name.total, 3),
        "best_known": True,
        "moved": made.cost.moved,
        "twice": made.cost.twice,
        "served": len(flows),
    }
    said = {"facility": plan.facility, "destinations": len(flows), "chutes": len(chutes)}
    return Decision(KIND, plan.id, now, said, {"inputs": inputs, "answer": answer})


def again(here: Context, values: Values, without_identity: bool) -> Any:
    """What the recorded layout costs on the recorded flows, whether order by name would be cheaper, and how many destinations
    it serves; there is no identity in what it looks at."""
    said = values["inputs"]
    chutes = [Chute(id, zone, metres, room) for id, zone, metres, room in said["chutes"]]
    problem = pose(
        said["flows"], chutes, said["before"], tuple(said["groups_before"]), Prices(**said["prices"])
    )
    layout = Layout(
        {to: tuple(ids) for to, ids in said["layout"].items()},
        {chute: tuple(stops) for chute, stops in said["groups"].items()},
    )
    of_plan, by_name = cost(problem, layout), cost(problem, alphabetical(problem))
    served = set(layout.chutes) | {to for stops in layout.groups.values() for to in stops}
    return {
        "seconds": round(of_plan.total, 3),
        "by_name": round(by_name.total, 3),
        "best_known": of_plan.total <= by_name.total + 1e-6,
        "moved": of_plan.moved,
        "twice": of_plan.twice,
        "served": len(served & set(said["flows"])),
    }
