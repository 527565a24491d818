"""A plan's folder after failures: the plan of before, or the whole new one; the best plan so far is kept."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from qafila.planning import plan_folder, planning_files, planning_job, pricing, reopening
from qafila.planning.found import Effort, Progress
from qafila.planning.planning_problem import Problem
from tests.planning import stranger
from tests.planning.test_residual import problem


class Killed(BaseException):
    """As if the process were gone: nothing catches it."""


def request(folder: Path, report: Any = lambda _: None, rounds: int = 4) -> planning_job.Request:
    return planning_job.Request(
        effort=Effort(gap=1e-6, seconds=2, rounds=rounds), hold=False, report=report, kept_in=folder
    )


def make(p: Problem, folder: Path, asked: planning_job.Request) -> dict[str, Any]:
    with plan_folder.writing(folder) as place:
        return planning_job.solve(p, place, asked).summary


def held(folder: Path) -> dict[str, bytes]:
    return {f.name: f.read_bytes() for f in folder.iterdir() if f.is_file() and not f.name.startswith(".")}


def test_a_search_that_is_killed_goes_on_from_its_best_plan(tmp_path: Path) -> None:
    p = problem(1)
    seen: list[Progress] = []

    def kill(state: Progress) -> None:
        seen.append(state)
        raise Killed

    with pytest.raises(Killed):
        make(p, tmp_path, request(tmp_path, kill))
    assert [f.name for f in tmp_path.iterdir()] == [plan_folder.SO_FAR]
    with pytest.raises(reopening.NotAPlan):
        reopening.read(tmp_path)
    # the plan so far is one: what it says fits and adds up
    kept = plan_folder.Keeper(tmp_path, p).read()
    assert kept is not None
    assert (np.bincount(kept.who, kept.parcels, len(p.demand)) + kept.unserved == p.demand.parcels).all()
    assert plan_folder.Keeper(tmp_path, problem(2)).read() is None  # of another problem
    summary = make(p, tmp_path, request(tmp_path, rounds=0))
    assert summary["cost"] <= seen[0].cost / 1e4 * (1 + 1e-9) or summary["rounds"] > 0
    assert summary["remarks"][0]["id"] == "planning.carried_on"
    assert not (tmp_path / plan_folder.SO_FAR).exists()
    found = stranger.check(tmp_path)
    assert found.cost == pytest.approx(summary["cost"])
    assert found.worst_overload <= 1e-9


def test_memory_that_runs_short_ends_the_search_with_its_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, price = [0], pricing.LocalPricer.price

    def short(self: Any, *some: Any, **more: Any) -> Any:
        calls[0] += 1
        if calls[0] == 3:
            raise MemoryError("no room for an array")
        return price(self, *some, **more)

    monkeypatch.setattr(pricing.LocalPricer, "price", short)
    summary = make(problem(1), tmp_path, request(tmp_path))
    assert [r["id"] for r in summary["remarks"]] == ["planning.search_ended"]
    assert "MemoryError" in summary["remarks"][0]["text"]
    assert summary["served"] > 0
    found = stranger.check(tmp_path)
    assert found.cost == pytest.approx(summary["cost"])
    assert found.bound == pytest.approx(summary["bound"])


@pytest.mark.parametrize("which", range(3))
def test_a_disk_that_is_full_leaves_the_plan_of_before(
    which: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(problem(2), tmp_path, request(tmp_path, rounds=1))
    before = held(tmp_path)
    full = OSError(errno.ENOSPC, "No space left on device")
    write, left = pl.DataFrame.write_parquet, [(0, 4, 9)[which]]

    def writes(table: pl.DataFrame, file: Any, **more: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            Path(file).write_bytes(b"PAR1")  # half of it
            raise full
        write(table, file, **more)

    monkeypatch.setattr(pl.DataFrame, "write_parquet", writes)
    with pytest.raises(OSError, match="No space"):
        make(problem(1), tmp_path, request(tmp_path, rounds=1))
    assert held(tmp_path) == before
    monkeypatch.undo()
    summary = make(problem(1), tmp_path, request(tmp_path, rounds=1))
    assert summary["remarks"][0]["id"] == "planning.carried_on"
    assert held(tmp_path).keys() == before.keys()


def test_who_is_killed_while_files_are_moved_leaves_the_rest_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(problem(2), tmp_path, request(tmp_path, rounds=1))
    move, left = Path.replace, [5]

    def moves(file: Path, to: Path) -> Path:
        if file.parent.name == plan_folder.COMPLETE:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
        return move(file, to)

    monkeypatch.setattr(Path, "replace", moves)
    with pytest.raises(Killed):
        make(problem(1), tmp_path, request(tmp_path, rounds=1))
    monkeypatch.undo()
    assert not (tmp_path / plan_folder.HEAD).exists()  # nobody takes the mixture for a plan
    kept = reopening.read(tmp_path)
    assert kept.problem.demand.ids == problem(1).demand.ids
    assert (kept.problem.demand.parcels == problem(1).demand.parcels).all()
    stranger.check(tmp_path)
    assert not (tmp_path / plan_folder.COMPLETE).exists()


def test_an_error_after_the_search_keeps_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(planning_files, "tables", short)
    with pytest.raises(MemoryError):
        make(problem(1), tmp_path, request(tmp_path, rounds=1))
    monkeypatch.undo()
    assert not held(tmp_path)
    assert plan_folder.Keeper(tmp_path, problem(1)).read() is not None


def test_what_cannot_be_read_is_not_gone_on_from(tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04 half", b"no archive"):
        (tmp_path / plan_folder.SO_FAR).write_bytes(content)
        assert plan_folder.Keeper(tmp_path, problem(1)).read() is None
