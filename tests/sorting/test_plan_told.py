"""A sort plan that is put in place, told to the log and reckoned again from what was told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from qafila.context import Context
from qafila.sorting import plan_told
from qafila.sorting.model import Chute, SortPlan
from qafila.sorting.plans.plans_problem import Prices, pose
from qafila.sorting.plans.solving import solve
from tests.api.conftest import MONDAY, NETWORK, RULES

HERE = Context(NETWORK, RULES).at(MONDAY)
CHUTES = [Chute(f"C{n}", "ab"[n % 2], 3.0 * n) for n in range(6)]
FLOWS = {"LYS": 50, "MAD": 900, "TNG": 10, "RBA": 300}
MORE = {f"D{n}": 10 * n + 5 for n in range(9)}


def _told(flows: dict[str, int], before: SortPlan | None = None) -> dict[str, Any]:
    problem = pose(flows, CHUTES, before.chutes if before else None, tuple(before.groups) if before else ())
    made = solve(problem, 2)
    plan = SortPlan("srt_1", "CAS", "night", made.layout.chutes, made.layout.groups, made.second)
    said = plan_told.decision(plan, made, flows, CHUTES, before, Prices(), datetime(2026, 11, 30, tzinfo=UTC))
    return {name: orjson.loads(orjson.dumps(value)) for name, value in said.hidden.items()}


@pytest.mark.parametrize("flows", [FLOWS, MORE], ids=["one pass", "two passes"])
@pytest.mark.parametrize("before", [None, SortPlan("p", "CAS", "day", {"LYS": ("C5",)}, {"C1": ("D1",)}, {})])
def test_a_plan_costs_again_what_was_told(flows: dict[str, int], before: SortPlan | None) -> None:
    values = _told(flows, before)
    assert plan_told.again(HERE, values, False) == values["answer"]


def test_a_plan_that_favours_a_stop_or_leaves_one_out_is_found() -> None:
    values = _told(FLOWS)
    layout = values["inputs"]["layout"]
    worse = values | {
        "inputs": values["inputs"] | {"layout": layout | {"MAD": layout["TNG"], "TNG": layout["MAD"]}}
    }
    assert plan_told.again(HERE, worse, False)["seconds"] > values["answer"]["seconds"]
    without = values | {
        "inputs": values["inputs"] | {"layout": {to: c for to, c in layout.items() if to != "LYS"}}
    }
    assert plan_told.again(HERE, without, False)["served"] == 3
