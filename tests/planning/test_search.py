"""The plan equals the arc-flow linear program; bounds are bounds; no capacity is exceeded."""

from __future__ import annotations

import numpy as np
import pytest

from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.planning_problem import pose
from qafila.planning.search import search
from tests.planning import arc_flow, networks


@pytest.mark.parametrize("seed", range(25))
def test_equals_the_arc_flow_linear_program(seed: int) -> None:
    t = networks.timetable(seed, capacity_kg=(10.0, 25.0, 60.0)[seed % 3])
    demand = networks.demand(seed, t)
    problem = pose(build(t, networks.rates(seed, t.facilities)), demand)
    optimum = arc_flow.solve(problem)
    found = search(problem, Effort(gap=0.0, seconds=2))
    assert found.bound == pytest.approx(optimum, rel=2e-5)
    assert found.share_cost == pytest.approx(optimum, rel=2e-5)
    assert found.whole.cost >= optimum * (1 - 1e-9)
    assert (found.whole.room >= -1e-3).all()
    served = np.bincount(found.pool.who, found.whole.parcels, minlength=len(demand))
    assert (served + found.whole.unserved == demand.parcels).all()
