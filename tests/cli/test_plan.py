"""`qafila plan` as people and programs use it: a matrix to a plan, refused rows, a re-plan, signals."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qafila.cli.main import app
from tests.planning import stranger

RUN = CliRunner()
TOWNS = {"Ayla": (37.0, 35.3), "Bora": (38.4, 27.1), "Ceren": (39.9, 32.8), "Doga": (41.0, 29.0)}


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """Four towns on a feed, with the demand that their flows make."""
    with (tmp_path / "cities.csv").open("w", newline="") as out:
        csv.writer(out).writerows([("City", "Latitude", "Longitude"), *((n, *at) for n, at in TOWNS.items())])
    for name, scale in (("km", 300), ("flow", 10)):
        with (tmp_path / f"{name}.csv").open("w", newline="") as out:
            rows = [[a, *(0 if a == b else scale for b in TOWNS)] for a in TOWNS]
            csv.writer(out).writerows([("city", *TOWNS), *rows])
    made = RUN.invoke(
        app,
        [
            "plan",
            "feed-from-matrix",
            str(tmp_path / "net"),
            "--cities",
            str(tmp_path / "cities.csv"),
            "--distances",
            str(tmp_path / "km.csv"),
            "--flow",
            str(tmp_path / "flow.csv"),
            "--parcels",
            "240",
        ],
    )
    assert made.exit_code == 0, made.output
    return tmp_path / "net"


def test_a_matrix_is_planned_and_replanned(network: Path, tmp_path: Path) -> None:
    arguments = ["--network", str(network), "--seconds", "3", "--json"]
    done = RUN.invoke(
        app, ["plan", "--demand", str(network / "demand.csv"), "--out", str(tmp_path / "a"), *arguments]
    )
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    # 12 pairs of 20 parcels, each 2 kg over 300 km: nothing is scarce, everything direct:
    # 0.15 + 2 × (0.02 + 0.12 × 0.3) + handling 0.10 and some CO2e
    assert (summary["parcels"], summary["served"], summary["unserved"]) == (240, 240, 0)
    assert summary["gap"] < 1e-6
    assert 240 * (0.25 + 2 * 0.056) < summary["cost"] < 240 * 0.45
    findings = stranger.check(tmp_path / "a")
    assert findings.cost == pytest.approx(summary["cost"], rel=1e-9)
    assert findings.bound == pytest.approx(summary["bound"], rel=1e-9)

    closed = RUN.invoke(
        app,
        [
            "plan",
            "--from",
            str(tmp_path / "a"),
            "--disrupt",
            "close SC-AYLA 2026-01-05..2026-01-07",
            "--at",
            "2026-01-05T16:00",
            "--out",
            str(tmp_path / "b"),
            "--json",
        ],
    )
    assert closed.exit_code == 0, closed.output
    change = json.loads(closed.stdout)["replan"]
    # 60 parcels leave Ayla and 60 are bound for it: all wait for it to open, nobody else is moved
    assert change["moved"] == change["moved_by_force"] == 120
    assert stranger.check(tmp_path / "b").worst_overload <= 1e-9


def test_a_demand_is_made_and_says_how_congested_it_is(network: Path, tmp_path: Path) -> None:
    made = RUN.invoke(
        app,
        [
            "plan",
            "generate-demand",
            str(tmp_path / "week.csv"),
            "--commodities",
            "60",
            "--parcels",
            "900",
            "--network",
            str(network),
            "--from-date",
            "2026-01-05",
            "--json",
        ],
    )
    assert made.exit_code == 0, made.output
    said = json.loads(made.stdout)
    with (tmp_path / "week.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert (
        (said["commodities"], said["parcels"])
        == (len(rows), sum(int(r["parcels"]) for r in rows))
        == (60, 900)
    )
    assert said["kg"] == pytest.approx(sum(float(r["kg"]) for r in rows))
    assert 0 < said["overloaded_legs"] < 0.3
    assert said["legs_with_flow"] > 20
    done = RUN.invoke(
        app,
        [
            "plan",
            "--demand",
            str(tmp_path / "week.csv"),
            "--network",
            str(network),
            "--out",
            str(tmp_path / "a"),
            "--seconds",
            "3",
            "--json",
        ],
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["parcels"] == 900


def test_refused_rows_are_named_and_the_rest_is_planned(network: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    good = "x,SC-AYLA,SC-BORA,2026-01-05T18:00:00Z,standard,10,20"
    bad.write_text(
        "id,origin,destination,release,service_class,parcels,kg\n"
        f"{good}\n"
        "n,NOWHERE,SC-BORA,2026-01-05T18:00:00Z,standard,10,20\n"
        "o,SC-AYLA,SC-AYLA,2026-01-05T18:00:00Z,standard,10,20\n"
        "p,SC-AYLA,SC-BORA,yesterday,standard,10,20\n"
        "q,SC-AYLA,SC-BORA,2026-01-05T18:00:00Z,standard,-1,20\n"
        "r,SC-AYLA,SC-BORA,2026-01-05T18:00:00Z,standard,1.5,20\n"
        "s,SC-AYLA,SC-BORA,2026-01-05T18:00:00Z,overnight,1,20\n"
        f"{good}\n"
        "t,SC-AYLA,SC-BORA,2026-01-05T18:00:00Z,standard,1,\n"
    )
    done = RUN.invoke(
        app,
        ["plan", "--demand", str(bad), "--out", str(tmp_path / "out"), "--network", str(network), "--json"],
    )
    assert done.exit_code == 1
    summary = json.loads(done.stdout)
    assert (summary["commodities"], summary["served"], summary["rejected"]) == (1, 10, 8)
    with (tmp_path / "out" / "rejected.csv").open() as lines:
        rejected = list(csv.DictReader(lines))
    assert [(r["row"], r["field"]) for r in rejected] == [
        ("3", "origin"),
        ("4", "destination"),
        ("5", "release"),
        ("6", "parcels"),
        ("7", "parcels"),
        ("8", "service_class"),
        ("9", "id"),
        ("10", "kg"),
    ]
    assert all(r["reason"] and r["remedy"] for r in rejected)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "--demand"),
        (["--demand", "nothing.csv", "--out", "x"], 3, "no such file"),
        (["--from", "nothing", "--out", "x"], 3, "not a plan"),
    ],
)
def test_wrong_usage(network: Path, arguments: list[str], code: int, says: str) -> None:
    where = ["--network", str(network)] if "--demand" in arguments else []
    done = RUN.invoke(app, ["plan", *arguments, *where])
    assert done.exit_code == code
    assert says in done.stderr
