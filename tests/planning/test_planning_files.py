"""A stranger recomputes feasibility, cost and bound from a plan's folder, also after a disruption."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from qafila.planning import planning_comparing, planning_job, reopening
from qafila.planning.disruption import BadDisruption, replan
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.plan import Plan
from qafila.planning.planning_problem import Prices, pose
from qafila.planning.viewing import PlanView
from qafila.runtime.language import LANGUAGES, render
from tests.planning import networks, stranger

EFFORT = planning_job.Request(effort=Effort(gap=1e-4, seconds=2, rounds=40))


def planned(seed: int, folder: Path, commodities: int = 14) -> Plan:
    t = networks.timetable(seed, services=60, capacity_kg=20.0)
    problem = pose(build(t, networks.rates(seed, t.facilities)), networks.demand(seed, t, commodities))
    return planning_job.solve(problem, folder, EFFORT).plan


def agree(found: stranger.Findings) -> None:
    assert found.parcels_missing == 0
    assert found.broken_paths == 0
    assert found.worst_overload <= 1e-9
    assert found.cost == pytest.approx(found.stated_cost, rel=1e-9)
    assert found.bound == pytest.approx(found.stated_bound, rel=1e-9)
    assert found.bound <= found.cost * (1 + 1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_a_stranger_agrees(seed: int, tmp_path: Path) -> None:
    plan = planned(seed, tmp_path)
    agree(stranger.check(tmp_path))
    reasons = pl.read_parquet(tmp_path / "commodities.parquet")["reason"].to_list()
    assert all(reasons)
    unserved = pl.read_parquet(tmp_path / "unserved.parquet")
    assert unserved["parcels"].sum() == plan.unserved.sum()
    assert all(unserved["reason"].to_list())
    view = PlanView(tmp_path)
    for row in view.search("").head(20).iter_rows(named=True):
        assert str(view.reason(row)) == row["reason"]
        told = render(view.reason(row), LANGUAGES["fr"])
        assert told != row["reason"]
        # a plan of an earlier version has the text alone
        assert str(view.reason({"reason": row["reason"]})) == row["reason"]


def test_a_stranger_sees_what_is_wrong(tmp_path: Path) -> None:
    planned(0, tmp_path)
    sound = stranger.check(tmp_path)

    def tampered(name: str, **columns: pl.Expr) -> stranger.Findings:
        file = tmp_path / f"{name}.parquet"
        table = pl.read_parquet(file)
        table.with_columns(**columns).write_parquet(file)
        found = stranger.check(tmp_path)
        table.write_parquet(file)
        return found

    assert tampered("paths", parcels=pl.col("parcels") + 1).parcels_missing == len(
        pl.read_parquet(tmp_path / "paths.parquet")
    )
    assert tampered("capacities", capacity=pl.col("capacity") / 4).worst_overload > 0.1
    assert tampered("capacities", price=pl.col("price") * 1.1).bound != pytest.approx(sound.bound, rel=1e-6)
    assert tampered("rides", fixed_cost=pl.col("fixed_cost") + 1).cost > sound.cost
    for name, columns in (
        ("rides", {"board_by": pl.col("board_by") - 5000}),
        ("rides", {"closed": pl.lit(True)}),
        ("rides", {"from_node": pl.col("to_node")}),
        ("commodities", {"goods": pl.lit(1, pl.UInt16)}),
        ("nodes", {"territory": pl.col("territory") + 7}),
    ):
        assert tampered(name, **columns).broken_paths > 0, columns
    assert stranger.check(tmp_path) == sound


@pytest.mark.parametrize("seed", range(4))
def test_a_disrupted_plan_stays_right(seed: int, tmp_path: Path) -> None:
    plan = planned(seed, tmp_path / "a")
    t = plan.problem.graph.timetable
    ride = int(plan.rides[len(plan.rides) // 2])
    service = t.service_ids[t.segment_service[t.ride_first_segment[ride]]]
    at = t.epoch + timedelta(minutes=int(t.ride_board_by[ride]) - 60)
    summary = replan(tmp_path / "a", (f"cancel {service}",), at, tmp_path / "b", EFFORT)
    agree(stranger.check(tmp_path / "b"))
    change = summary["replan"]
    assert change["rides_closed"] > 0
    table = pl.read_parquet(tmp_path / "b" / "affected.parquet")
    assert (table["moved"] + table["unserved"] <= table["parcels"]).all()
    assert change["moved_by_force"] + int(table.filter(pl.col("forced"))["unserved"].sum()) > 0
    kept = pl.read_parquet(tmp_path / "b" / "rides.parquet").filter(pl.col("ride") == ride)
    assert kept["closed"].all()


def test_nothing_broken_moves_nobody(tmp_path: Path) -> None:
    planned(3, tmp_path / "a")
    dear = planning_job.Request(prices=Prices(move_per_parcel=1000.0), effort=EFFORT.effort)
    summary = replan(tmp_path / "a", (), None, tmp_path / "b", dear)
    assert summary["replan"]["moved"] == 0
    assert summary["replan"]["cost_change"] == 0


def test_a_peak_adds_parcels(tmp_path: Path) -> None:
    plan = planned(2, tmp_path / "a")
    summary = replan(tmp_path / "a", ("peak 3x",), None, tmp_path / "b", EFFORT)
    assert summary["parcels"] == 3 * int(plan.problem.demand.parcels.sum())
    agree(stranger.check(tmp_path / "b"))


def test_closing_a_facility_for_a_while(tmp_path: Path) -> None:
    planned(1, tmp_path / "a")
    window = "2026-01-05T06:00..2026-01-05T18:00"
    replan(tmp_path / "a", (f"close F1 {window}",), None, tmp_path / "b", EFFORT)
    agree(stranger.check(tmp_path / "b"))
    rides = pl.read_parquet(tmp_path / "b" / "rides.parquet").filter(pl.col("closed"))
    segments = pl.read_parquet(tmp_path / "b" / "segments.parquet")
    assert len(rides)
    for r in rides.iter_rows(named=True):
        first = segments.row(r["first_segment"], named=True)
        last = segments.row(r["first_segment"] + r["segment_count"] - 1, named=True)
        leaves = first["from_facility"] == 1 and 360 <= first["depart"] < 1080
        assert leaves or (last["to_facility"] == 1 and 360 <= last["arrive"] < 1080)


def test_the_problem_is_read_back_as_it_was(tmp_path: Path) -> None:
    plan = planned(0, tmp_path)
    kept = reopening.read(tmp_path)
    assert (kept.problem.graph.onward == plan.problem.graph.onward).all()
    assert (kept.problem.chargeable_kg == plan.problem.chargeable_kg).all()
    assert (kept.row_price == plan.row_price).all()
    assert (kept.rides == plan.rides).all()


@pytest.mark.parametrize("text", ["cancel", "cancel NOBODY", "close F1 tomorrow", "peak x", "flood"])
def test_what_cannot_be_read_says_how_to_write_it(text: str, tmp_path: Path) -> None:
    planned(0, tmp_path / "a")
    with pytest.raises(BadDisruption, match=r"Write|no service"):
        replan(tmp_path / "a", (text,), None, tmp_path / "b", EFFORT)


def test_parcels_for_a_closed_place_go_to_its_substitute(tmp_path: Path) -> None:
    plan = planned(1, tmp_path / "a")
    d = plan.problem.demand
    place = int(np.bincount(d.destination).argmax())
    other = (place + 1) % plan.problem.graph.timetable.facilities
    changes = (f"close F{place}", f"redirect F{place} F{other}")
    summary = replan(tmp_path / "a", changes, None, tmp_path / "b", EFFORT)
    agree(stranger.check(tmp_path / "b"))
    after = pl.read_parquet(tmp_path / "b" / "commodities.parquet")
    assert place not in after["destination_node"].to_list()
    # who begins where it is to go now is there already
    there = int(d.parcels[(d.destination == place) & (d.origin == other)].sum())
    assert summary["parcels"] == int(d.parcels.sum()) - there
    closed = replan(tmp_path / "a", changes[:1], None, tmp_path / "c", EFFORT)
    assert summary["unserved"] < closed["unserved"]
    with pytest.raises(BadDisruption, match="Name another facility"):
        replan(tmp_path / "a", (f"redirect F{place} F{place}",), None, tmp_path / "d", EFFORT)


def test_a_price_of_rides_is_paid_read_back_and_means_fewer(tmp_path: Path) -> None:
    t = networks.timetable(3, services=60, capacity_kg=20.0)
    graph, demand = build(t, networks.rates(3, t.facilities)), networks.demand(3, t, 14)
    boarded = []
    for name, price in (("free", 0.0), ("dear", 40.0)):
        folder = tmp_path / name
        plan = planning_job.solve(
            pose(graph, demand, Prices(ride_per_parcel=price, unserved_per_parcel=1e4)), folder, EFFORT
        ).plan
        agree(stranger.check(folder))
        kept = reopening.read(folder)
        assert np.array_equal(kept.problem.ride_fixed, plan.problem.ride_fixed)
        told = planning_comparing.read(folder)
        rides = float(np.dot(np.diff(plan.ptr), plan.parcels))
        assert told.cost_by_kind["transfers"] == pytest.approx(rides * price)
        assert sum(told.cost_by_kind.values()) == pytest.approx(told.cost)
        boarded.append(told.rides_a_parcel)
    assert boarded[1] <= boarded[0]
    found = planning_comparing.compare([tmp_path / "free", tmp_path / "dear"])
    assert [one.name for one in found] == ["free", "dear"]
    assert found[0].parcels == found[1].parcels
    with pytest.raises(reopening.NotAPlan):
        planning_comparing.compare([tmp_path])
