"""Places closed, one or all at once: who is no longer carried is named with the place that is to blame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from qafila.planning import plan_check, planning_job
from qafila.planning.disruption import replan
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.planning_problem import Problem, pose
from tests.planning import networks, stranger
from tests.planning.test_residual import problem

QUICKLY = planning_job.Request(effort=Effort(gap=1e-4, seconds=1, rounds=3))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Problem, Path]:
    p, folder = problem(3, capacity_kg=1e4), tmp_path_factory.mktemp("plan")
    planning_job.solve(p, folder, QUICKLY)
    return p, folder


@pytest.mark.parametrize("closed", [(0,), (1, 4), (0, 1, 2, 3, 4), tuple(range(6))])
def test_who_is_left_is_told_which_place_is_closed(
    closed: tuple[int, ...], made: tuple[Problem, Path], tmp_path: Path
) -> None:
    p, folder = made
    t, d = p.graph.timetable, p.demand
    names = [t.facility_ids[f] for f in closed]
    summary = replan(folder, tuple(f"close {name}" for name in names), None, tmp_path, QUICKLY)
    found = stranger.check(tmp_path)
    assert (found.parcels_missing, found.broken_paths) == (0, 0)
    assert found.cost == pytest.approx(found.stated_cost)
    assert plan_check.check(tmp_path, bound=True).sound
    before = dict(pl.read_parquet(folder / "commodities.parquet")["id", "unserved"].iter_rows())
    left = pl.read_parquet(tmp_path / "unserved.parquet")
    told = dict(left["id", "reason"].iter_rows())
    first = {id.partition("/")[0]: why for id, why in told.items()}
    seen = 0
    for k, id in enumerate(d.ids):
        ends = [t.facility_ids[t.node_facility[n]] for n in (d.destination[k], d.origin[k])]
        if before[id] or not set(ends) & set(names):
            continue
        assert first[id].endswith("closed or cancelled")
        # where nearly all are closed nothing leads to the others either
        assert any(name in first[id] for name in (set(ends) & set(names) if len(closed) < 4 else ends))
        seen += 1
    assert seen > 3
    assert sum(one["parcels"] for one in summary["replan"]["left"]) == left["parcels"].sum()
    if len(closed) == t.facilities:
        assert summary["served"] == 0
        assert int(np.sum(d.parcels)) == summary["unserved"]


def test_a_way_through_a_closed_place_names_it(tmp_path: Path) -> None:
    t = networks.timetable(5, services=22, capacity_kg=1e4)
    p = pose(build(t, networks.rates(5, t.facilities)), networks.demand(5, t, 40))
    planning_job.solve(p, tmp_path / "plan", QUICKLY)
    named = 0
    for name in t.facility_ids:
        replan(tmp_path / "plan", (f"close {name}",), None, tmp_path / "again", QUICKLY)
        reasons = pl.read_parquet(tmp_path / "again" / "unserved.parquet")["reason"].to_list()
        named += sum(why.startswith(f"its way led through {name},") for why in reasons)
    assert named > 3
