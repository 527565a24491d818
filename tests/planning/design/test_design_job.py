"""Designs from files: lines cancelled, added and reinforced, told departure by departure; a stranger agrees on the plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from qafila.network import installed
from qafila.network.model import Feed
from qafila.planning import matrix, planning_job
from qafila.planning.design.design_job import Wanted, design
from qafila.planning.design.lines_file import LinesError, read, with_copies
from qafila.planning.found import Effort
from qafila.planning.planning_comparing import compare
from tests.planning import stranger

TOWNS = [matrix.City("Ayla", 37.0, 35.3), matrix.City("Bora", 38.4, 27.1), matrix.City("Ceren", 39.9, 32.8)]
KM = np.array([[0.0, 300, 500], [300, 0, 400], [500, 400, 0]])
DAY = date(2026, 1, 5)
REQUEST = planning_job.Request(effort=Effort(gap=0.0, seconds=30))


@pytest.fixture
def feed() -> Feed:
    made = matrix.feed(TOWNS, KM, "TR", "Europe/Istanbul", 2, 1, 100)
    return replace(made, capacities=tuple(replace(c, kg=100.0, m3=1.0) for c in made.capacities))


def run(feed: Feed, folder: Path, lines: str, parcels: int = 30, **wanted: float) -> dict:
    demand, file = folder / "demand.csv", folder / "lines.csv"
    demand.write_text(
        "origin,destination,release,parcels,kg,service_class\n"
        f"SC-AYLA,SC-BORA,2026-01-05T00:00:00Z,{parcels},{parcels * 5},express\n"
    )
    file.write_text(lines)

    def where(given: installed.Network) -> planning_job.Network:
        return planning_job.network(given, DAY, DAY, 3)

    return design(demand, folder / "plan", feed, where, Wanted(file, **wanted), REQUEST)


def direct(feed: Feed) -> list[str]:
    """Services from Ayla straight to Bora, by departure."""
    calls = feed.service_calls
    return [s.id for s in feed.services if [c.facility for c in calls[s.id]] == ["SC-AYLA", "SC-BORA"]]


def test_a_line_that_costs_more_than_it_brings_is_cancelled_and_one_is_reinforced(
    feed: Feed, tmp_path: Path
) -> None:
    first, second = direct(feed)[:2]
    told = run(feed, tmp_path, f"service,vehicle_cost,most\n{first},20,3\n{second},500,1\n", parcels=60)
    table = pl.read_csv(tmp_path / "plan" / "lines.csv")
    assert told["served"] == 60
    assert table.filter((pl.col("service") == second) & (pl.col("vehicles") > 0)).is_empty()
    assert set(table.filter(pl.col("service") == second)["change"]) == {"cancelled"}
    used = table.filter((pl.col("service") == first) & (pl.col("vehicles") > 0))
    assert (used["kg"] <= used["room_kg"]).all()
    assert used["cost"].to_list() == [20.0 * n for n in used["vehicles"]]
    made = told["design"]
    assert made["proven"]
    assert made["gap"] < 1e-6
    assert made["cost"] == pytest.approx(made["ways"] + made["vehicles"] + made["lines"] + made["fill"])
    assert made["vehicles"] == pytest.approx(table["cost"].sum())
    found = stranger.check(tmp_path / "plan")
    assert found.worst_overload <= 1e-9
    assert not found.broken_paths
    assert not found.parcels_missing
    assert found.cost == pytest.approx(made["ways"])
    assert compare([tmp_path / "plan"])[0].cost == pytest.approx(made["cost"])
    changed = set(made["changed_lines"])
    few = run(
        feed, tmp_path, f"service,vehicle_cost,most\n{first},20,3\n{second},500,1\n", parcels=60, few=500.0
    )
    assert few["design"]["changed_lines"] == []
    assert changed
    assert few["design"]["cost"] > made["cost"]


def test_a_departure_is_added_at_another_time(feed: Feed, tmp_path: Path) -> None:
    last = direct(feed)[-1]
    told = run(feed, tmp_path, f"service,shift,vehicle_cost\n{last},-60,1\n", parcels=60)
    assert told["design"]["changed_lines"] in ([], [f"{last}-60"])
    every = "".join(f"{s},,900,1\n{s},-45,3,1\n" for s in direct(feed))
    told = run(feed, tmp_path, "service,shift,vehicle_cost,most\n" + every, parcels=60)
    added = [name for name in told["design"]["changed_lines"] if name.endswith("-45")]
    assert added
    table = pl.read_csv(tmp_path / "plan" / "lines.csv")
    assert "added" in set(table.filter(pl.col("service").is_in(added))["change"])


def test_what_is_offered_at_another_time_leaves_then(feed: Feed, tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    name = direct(feed)[1]
    file.write_text(f"service,shift\n{name},90\n")
    copied = with_copies(feed, read(file))
    old, new = copied.service_calls[name], copied.service_calls[f"{name}+90"]
    assert [c.depart for c in new[:-1]] == [c.depart + 90 for c in old[:-1] if c.depart is not None]
    assert [c.arrive for c in new[1:]] == [c.arrive + 90 for c in old[1:] if c.arrive is not None]


@pytest.mark.parametrize(
    "text",
    [
        "name\nX\n",
        "service,colour\nX,red\n",
        "service,vehicle_cost\nX,-1\n",
        "service,vehicle_cost\nX,much\n",
        "service,most\nX,1.5\n",
        "service,planned,most\nX,3,2\n",
        "service,cancel\nX,perhaps\n",
        "service,steps\nX,500\n",
        "service,steps\nX,500=1|400=2\n",
        "service\nX\nX\n",
        "service,most\n,2\n",
        "service\nNOWHERE\n",
        "service,shift\nNOWHERE,60\n",
        "service,shift\nX,99999\n",
    ],
)
def test_a_file_of_lines_that_cannot_be_used_says_where(text: str, feed: Feed, tmp_path: Path) -> None:
    with pytest.raises(LinesError) as refused:
        run(feed, tmp_path, text)
    assert "lines.csv" in str(refused.value) or "NOWHERE" in str(refused.value)
    with pytest.raises(LinesError):
        run(feed, tmp_path, f"service,shift\n{direct(feed)[0]},-10000\n")
