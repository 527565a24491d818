"""A plan's folder checked from its files: it agrees with a second program and with a search of all ways by recursion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from qafila.planning import plan_check, planning_job
from qafila.planning.found import Effort
from qafila.planning.planning_problem import Problem
from qafila.planning.reopening import NotAPlan
from tests.planning import stranger
from tests.planning.test_residual import least, problem

QUICKLY = planning_job.Request(effort=Effort(gap=1e-4, seconds=1, rounds=3))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Problem, Path]:
    """A plan that leaves parcels over."""
    p, folder = problem(1), tmp_path_factory.mktemp("plan")
    assert planning_job.solve(p, folder, QUICKLY).summary["no_room"]["with_room"] == []
    return p, folder


def test_what_is_written_is_found_true_and_agrees_with_a_stranger(made: tuple[Problem, Path]) -> None:
    found, other = plan_check.check(made[1], bound=True), stranger.check(made[1])
    assert found.sound
    assert found.looked_at > 5
    assert found.cost == pytest.approx(other.cost, rel=1e-12)
    assert found.bound == pytest.approx(other.bound, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_a_way_with_room_is_found_exactly_where_the_recursion_finds_one(
    seed: int, made: tuple[Problem, Path]
) -> None:
    p, folder = made
    some = np.random.default_rng(seed).choice([0.0, 0.02, 1.0], p.graph.rows, p=[0.1, 0.1, 0.8])
    room = p.graph.row_capacity * some
    book = plan_check._Book(folder)
    book.commodities = book.commodities.with_columns(unserved=pl.col("parcels"))
    lost, undecided, looked_at = book.searched(room)
    assert looked_at == np.count_nonzero(book.commodities["unserved"].to_numpy())
    assert book.searched(room, 0.0) == ((), (), 0)  # the time is over before the first
    assert not undecided
    expected = {p.demand.ids[k]: least(p, k, room) for k in range(len(p.demand))}
    worth = dict(zip(p.demand.ids, p.penalty, strict=True))
    assert {one.id for one in lost} == {id for id, cost in expected.items() if cost < worth[id] - 1}
    assert 2 < len(lost) < len(p.demand)
    assert [one.cost for one in lost] == pytest.approx([expected[one.id] / 1e4 for one in lost])


def changed(folder: Path, to: Path, name: str, **columns: pl.Expr) -> plan_check.Checked:
    """The check of the plan with other columns in one table."""
    for file in folder.glob("*.*"):
        (to / file.name).write_bytes(file.read_bytes())
    pl.read_parquet(folder / f"{name}.parquet").with_columns(**columns).write_parquet(to / f"{name}.parquet")
    return plan_check.check(to)


def test_what_is_wrong_is_named(made: tuple[Problem, Path], tmp_path: Path) -> None:
    p, folder = made
    paths = pl.read_parquet(folder / "paths.parquet")
    k, n = paths.row(0, named=True)["commodity"], paths.row(0, named=True)["parcels"]
    assert changed(folder, tmp_path, "paths", parcels=pl.col("parcels") + 1).miscounted
    assert changed(folder, tmp_path, "capacities", capacity=pl.col("capacity") / 4).overloaded
    assert changed(folder, tmp_path, "rides", closed=pl.lit(True)).broken
    assert changed(folder, tmp_path, "rides", board_by=pl.col("board_by") - 5000).broken
    assert changed(folder, tmp_path, "nodes", territory=pl.col("node").cast(pl.Int32)).broken
    assert not changed(folder, tmp_path, "rides", fixed_cost=pl.col("fixed_cost") + 1).sound
    # parcels left over that had a way: it is named
    ways = pl.col("path") != 0
    for name in ("paths", "legs"):
        pl.read_parquet(folder / f"{name}.parquet").filter(ways).with_columns(
            path=pl.col("path") - 1
        ).write_parquet(tmp_path / f"{name}.parquet")
    more = pl.when(pl.col("commodity") == k).then(pl.col("unserved") + n).otherwise(pl.col("unserved"))
    for name in ("rides", "nodes", "capacities"):
        (tmp_path / f"{name}.parquet").write_bytes((folder / f"{name}.parquet").read_bytes())
    pl.read_parquet(folder / "commodities.parquet").with_columns(unserved=more).write_parquet(
        tmp_path / "commodities.parquet"
    )
    found = plan_check.check(tmp_path)
    assert p.demand.ids[k] in [one.id for one in found.with_room]
    assert not found.miscounted
    assert not found.sound
    with pytest.raises(NotAPlan):
        plan_check.check(tmp_path / "nowhere")
