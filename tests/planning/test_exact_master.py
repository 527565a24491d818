"""The simplex's master: large commodities are solved, and where it has no answer the plan is made without it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from qafila.planning import exact_master, search
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.plan import conclude
from qafila.planning.planning_problem import Problem, pose
from qafila.planning.pricing import LocalPricer
from tests.planning import arc_flow, networks


def problem(seed: int, most: int = 1) -> Problem:
    t = networks.timetable(seed, capacity_kg=25.0)
    d = networks.demand(seed, t)
    many = np.where(np.arange(len(d)) < 3, most, 1)
    return pose(build(t, networks.rates(seed, t.facilities)), replace(d, parcels=d.parcels * many))


def test_costs_of_ten_digits_are_solved() -> None:
    # two commodities of 2e10 and 1e10 and one of 100 share a row that holds one and a half of them
    block, start = np.array([0, 2, 4, 6]), np.array([0, 1, 1, 2, 2, 3, 3])
    cost = np.array([1.0e10, 2.0e10, 0.5e10, 1.0e10, 50.0, 100.0])
    row, part = np.zeros(3, np.int32), np.array([1.0, 1.0, 1e-9])
    x, price, paid = exact_master.solve(block, cost, start, row, part, np.array([1.5]))
    # the second, which saves less, has half of its parcels on the row, less what the third takes
    assert x == pytest.approx([1.0, 0.0, 0.5 - 1e-9, 0.5 + 1e-9, 1.0, 0.0], abs=1e-7)
    assert price == pytest.approx([0.5e10])
    assert paid == pytest.approx(1.0e10 + 0.75e10 + 0.5e10 * 1e-9 + 50.0, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_commodities_of_many_thousand_parcels_are_planned(seed: int) -> None:
    p = problem(seed, 4000)
    found = search.search(p, Effort(gap=0.0, seconds=2))
    assert found.bound == pytest.approx(arc_flow.solve(p), rel=1e-6)
    assert not found.remarks


def test_without_an_answer_the_steps_share_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoAnswer:
        success, message = False, "HiGHS Status 0: Not Set"

    monkeypatch.setattr(exact_master, "linprog", lambda *_, **__: NoAnswer())
    p = problem(1)
    found = search.search(p, Effort(gap=1e-3, seconds=2))
    assert [remark.id for remark in found.remarks] == ["planning.solver_failed"]
    assert "Not Set" in str(found.remarks[0])
    assert found.bound == pytest.approx(arc_flow.solve(p), rel=5e-3)
    assert conclude(found).remarks == found.remarks


def test_an_error_ends_the_search_with_the_best_plan_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    p = problem(1)
    whole = search.search(p, Effort(gap=0.0, seconds=20, rounds=1))

    def breaks(*_: Any) -> None:
        raise MemoryError("no room for the master")

    monkeypatch.setattr(search, "share_out", breaks)
    found = search.search(p, Effort(gap=0.0, seconds=20, rounds=20))
    assert [remark.id for remark in found.remarks] == ["planning.search_ended"]
    assert "no room for the master" in str(found.remarks[0])
    assert whole.whole.cost <= found.whole.cost < float(np.dot(p.penalty, p.demand.parcels))
    # prices of nothing prove something still
    nothing = LocalPricer(p).price(np.zeros(p.graph.rows), exact=True)
    assert found.bound == pytest.approx(float(np.dot(np.minimum(nothing.value, p.penalty), p.demand.parcels)))
