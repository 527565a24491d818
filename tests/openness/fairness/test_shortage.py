"""The planner's problem as a shortage."""

import numpy as np
import pytest

from qafila.openness.fairness.fairness_comparing import compare
from qafila.openness.fairness.policies import POLICIES, Policy, allocate
from qafila.openness.fairness.shortage import shortage
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.path_columns import loads
from qafila.planning.planning_problem import pose
from qafila.planning.search import search
from tests.planning import networks


@pytest.mark.parametrize("seed", range(4))
def test_policies_run_on_the_planners_problem_and_keep_to_its_rows(seed: int) -> None:
    t = networks.timetable(seed, facilities=5, services=18, capacity_kg=8.0)
    demand = networks.demand(seed, t, 9, parcels=12)
    demand = demand.take(np.arange(len(demand)))
    object.__setattr__(demand, "merchant_class", tuple(f"m{k % 3}" for k in range(len(demand))))
    problem = pose(build(t, networks.rates(seed, t.facilities)), demand)
    pool = search(problem, Effort(gap=0.0, seconds=10)).pool
    short = shortage(problem, pool, small=frozenset({"m2"}))
    assert short.merchants == ("m0", "m1", "m2")
    for name in POLICIES:
        x = allocate(short, Policy(name, 0.25)).x
        load = loads(problem, pool.who, pool.ptr, pool.rides, x)
        assert (load <= problem.graph.row_capacity * (1 + 1e-6) + 1e-6).all(), name
    outcomes = {one.policy.name: one for one in compare(short, [Policy(name) for name in POLICIES])}
    assert outcomes["max_min"].least_share >= max(one.least_share for one in outcomes.values()) - 1e-5
