"""Holding: bags wait where it pays and there is room, plan and bags together never cost more, strangers agree."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from qafila.network.timetable import COST_UNIT
from qafila.planning import planning_job, reopening
from qafila.planning.consolidation import BAG_PRICE, consolidate
from qafila.planning.disruption import replan
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.holding import hold
from qafila.planning.plan import Plan, conclude
from qafila.planning.planning_problem import NO_DUE, Prices, Problem, pose
from qafila.planning.search import search
from tests.planning import networks, stranger

EFFORT = Effort(gap=1e-4, seconds=60, rounds=20)


def planned(problem: Problem) -> Plan:
    return conclude(search(problem, EFFORT))


def worth(plan: Plan) -> float:
    """What plan and bags cost together."""
    return plan.total / COST_UNIT + BAG_PRICE * consolidate(plan).count


def test_a_nearly_empty_bag_waits_for_the_next_departure() -> None:
    # 5 kg on day 1, 10 kg on day 2, nothing due: holding saves one bag of two, and costs nothing
    plan, holds = hold(planned(networks.line((5, 10), (0, 1000))))
    assert holds.select("parcels", "bags", "cost", "lateness").rows() == [(5, 1, 0.0, 0.0)]
    assert plan.rides.tolist() == [1, 1]
    assert plan.before.tolist() == [0, 1]
    assert consolidate(plan).count == 1


def test_a_promise_outweighs_the_bag() -> None:
    # due at minute 300: a day's wait makes 5 parcels 22.5 hours late, at 0.10 an hour 11.25 > 2.00 ...
    _, holds = hold(planned(networks.line((5, 10), (0, 1000), due=300, late=1000.0)))
    assert not len(holds)
    # ... and at 0.01 an hour 1.125, which the bag outweighs
    plan, holds = hold(planned(networks.line((5, 10), (0, 1000), due=300, late=100.0)))
    assert holds["lateness"].to_list() == holds["cost"].to_list() == pytest.approx([1.125])
    assert plan.total / COST_UNIT == pytest.approx(
        planned(networks.line((5, 10), (0, 1000), due=300, late=100.0)).total / COST_UNIT + 1.125
    )


def test_no_room_no_holding() -> None:
    # 20 kg on day 2: 5 + 20 = 25 fits one bag; 21 kg would need a second
    assert len(hold(planned(networks.line((5, 20), (0, 1000))))[1]) == 1
    assert len(hold(planned(networks.line((5, 21), (0, 1000))))[1]) == 0
    # and a vehicle of 24 kg has no room for 25
    assert len(hold(planned(networks.line((5, 20), (0, 1000), capacity_kg=24.0)))[1]) == 0


def test_the_fuller_of_the_next_bags_is_chosen() -> None:
    # 5 kg on day 1; 22 kg on day 2 have no room in their bag, 15 kg on day 3 have
    plan, holds = hold(planned(networks.line((5, 22, 15), (0, 1000, 2500), days=3)))
    assert holds.select("segment", "to_segment", "parcels").rows() == [(0, 2, 5)]
    assert consolidate(plan).count == 2


def test_only_the_bag_that_is_nearly_empty_waits() -> None:
    # 28 kg on day 1 are a full bag and 3 kg: these wait, 25 kg go
    plan, holds = hold(planned(networks.line((28, 10), (0, 1000))))
    assert holds["parcels"].to_list() == [3]
    assert sorted(zip(plan.who.tolist(), plan.rides.tolist(), plan.parcels.tolist(), strict=True)) == [
        (0, 0, 25),
        (0, 1, 3),
        (1, 1, 10),
    ]


@pytest.mark.parametrize("late", [0.0, 60.0, 150.0, 400.0])
@pytest.mark.parametrize("parcels", [(3, 4, 5), (11, 14, 2), (26, 23, 7), (9, 24, 9), (27, 1, 49)])
def test_on_a_line_it_is_the_best_of_all(parcels: tuple[int, ...], late: float) -> None:
    """Every way to spread each day's parcels over the days that follow, by trying all."""
    problem = networks.line(parcels, (0, 1000, 2500), due=300 if late else NO_DUE, late=late, days=3)
    plan, _ = hold(planned(problem))

    def spread(n: int, days: int) -> list[tuple[int, ...]]:
        """Over so many days: all on one, or a whole bag's overflow later."""
        cuts = sorted({0, n, n % 25, n - n % 25})
        return [x for x in product(cuts, repeat=days) if sum(x) == n]

    ready, best = np.array([210, 1650, 3090]), np.inf
    late_hours = np.maximum(ready - 300, 0) / 60
    for a, b in product(spread(parcels[0], 3), spread(parcels[1], 2)):
        loads = np.array([a[0], a[1] + b[0], a[2] + b[1] + parcels[2]])
        best = min(
            best, BAG_PRICE * np.ceil(loads / 25).sum() + (loads * late_hours).sum() * late / COST_UNIT
        )
    moving = float(problem.ride_fixed[0] + np.floor(problem.ride_kg[0]) + problem.ride_gram[0] * 1000)
    assert worth(plan) - sum(parcels) * moving / COST_UNIT == pytest.approx(best)


@pytest.mark.parametrize("seed", range(8))
def test_strangers_agree_and_nothing_grows(seed: int, tmp_path: Path) -> None:
    t = networks.timetable(seed, services=60, capacity_kg=20.0)
    problem = pose(build(t, networks.rates(seed, t.facilities)), networks.demand(seed, t, 25, parcels=5))
    request = planning_job.Request(effort=EFFORT)
    before = planned(problem)
    summary = planning_job.solve(problem, tmp_path / "a", request).summary
    found = stranger.check(tmp_path / "a")
    assert (found.parcels_missing, found.broken_paths) == (0, 0)
    assert found.worst_overload <= 1e-9
    assert found.cost == pytest.approx(summary["cost"], rel=1e-9)
    assert found.bound == pytest.approx(summary["bound"], rel=1e-9)
    bags = summary["consolidation"]
    holds = pl.read_parquet(tmp_path / "a" / "holds.parquet")
    assert bags["bags_before_holding"] - bags["bags"] == holds["bags"].sum()
    assert bags["holding_cost"] == pytest.approx(holds["cost"].sum(), abs=1e-6)
    assert bags["saved_by_holding"] == pytest.approx(
        BAG_PRICE * holds["bags"].sum() - holds["cost"].sum(), abs=1e-6
    )
    assert bags["saved_by_holding"] >= 0
    assert summary["cost"] - bags["holding_cost"] == pytest.approx(before.total / COST_UNIT)
    # the plan before holding is in the files too
    kept = reopening.read(tmp_path / "a", held=False)
    ways = sorted(
        zip(kept.who.tolist(), np.split(kept.rides, kept.ptr[1:-1]), kept.parcels.tolist(), strict=True),
        key=str,
    )
    was: dict[tuple[int, tuple[int, ...]], int] = {}
    for k, rides, n in ways:
        was[k, tuple(rides.tolist())] = was.get((k, tuple(rides.tolist())), 0) + n
    assert was == {
        (int(k), tuple(before.rides[before.ptr[p] : before.ptr[p + 1]].tolist())): int(before.parcels[p])
        for p, k in enumerate(before.who)
    }
    # and a re-plan of it, where nothing broke and moving is dear, leaves everything held
    dear = planning_job.Request(prices=Prices(move_per_parcel=1000.0), effort=EFFORT)
    again = replan(tmp_path / "a", (), None, tmp_path / "b", dear)
    assert again["replan"]["moved"] == 0
    assert stranger.check(tmp_path / "b").cost == pytest.approx(again["cost"], rel=1e-9)


def test_left_out_if_asked(tmp_path: Path) -> None:
    problem = networks.line((5, 10), (0, 1000))
    summary = planning_job.solve(problem, tmp_path, planning_job.Request(effort=EFFORT, hold=False)).summary[
        "consolidation"
    ]
    assert (summary["bags"], summary["bags_before_holding"], summary["parcels_held"]) == (2, 2, 0)
    assert not len(pl.read_parquet(tmp_path / "holds.parquet"))
