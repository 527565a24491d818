"""The hourly re-plan against real bookings: each is absorbed once, and nothing is oversold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sqlalchemy import text

from qafila.network.timetable import Timetable
from qafila.planning import planning_job, reopening
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.planning_problem import pose
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked, Request
from qafila.shipping.bookings.numbering import new_id
from qafila.shipping.plans import plans_replanning, reservations
from qafila.shipping.plans.booked_load import load, ridden
from tests.planning import networks, stranger
from tests.shipping.bookables import NOW, legs, offer, order

REQUEST = planning_job.Request(effort=Effort(gap=1e-4, seconds=2, rounds=40))


@pytest.fixture
def merchant() -> str:
    with administrator() as connection:
        return merchants.create(connection, "Souk").id


@pytest.fixture
def home(tmp_path: Path) -> tuple[Path, Timetable, datetime]:
    """A plan of a random week, in place; its services are this test's own."""
    t = networks.timetable(3, services=60, capacity_kg=20.0)
    own = new_id("S")
    object.__setattr__(t, "service_ids", tuple(f"{own}-{s}" for s in t.service_ids))
    problem = pose(build(t, networks.rates(3, t.facilities)), networks.demand(3, t, 14))
    planning_job.solve(problem, tmp_path / "p0", REQUEST)
    before = t.epoch - timedelta(days=1)
    placed = plans_replanning.reserve(tmp_path / "p0", "p0", before)
    assert (placed.short_g, placed.short_cm3) == (0, 0)
    return tmp_path, t, before


def book(merchant: str, t: Timetable, rides: tuple[int, ...], name: str, grams: int = 500) -> Booked:
    asked = order(new_id("A"), grams=grams, service_class=name, ready=NOW)
    made = booking.book(
        merchant, Request(asked, offer(asked, legs(t, *rides)), asked.id), t, t.epoch - timedelta(hours=5)
    )
    assert isinstance(made, Booked), made
    return made


def parcels(folder: Path) -> int:
    return int(pl.read_parquet(folder / "commodities.parquet")["parcels"].sum())


def single(folder: Path) -> tuple[tuple[int, ...], str]:
    """Rides (each over one departure) of a planned path, and its class."""
    kept = reopening.read(folder)
    count = np.asarray(kept.problem.graph.timetable.ride_segment_count)
    for p in np.argsort(-kept.parcels):
        rides = tuple(kept.rides[kept.ptr[p] : kept.ptr[p + 1]].tolist())
        if all(count[list(rides)] == 1):
            return rides, kept.problem.demand.service_class[kept.who[p]]
    raise AssertionError("no such path")


def test_bookings_are_absorbed_once_and_return_when_cancelled(
    merchant: str, home: tuple[Path, Timetable, datetime]
) -> None:
    root, t, before = home
    rides, name = single(root / "p0")
    made = [book(merchant, t, rides, name) for _ in range(2)]
    at = before + timedelta(hours=1)
    summary, absorbed, placed = plans_replanning.hourly(root, "p1", REQUEST, at)
    assert (absorbed.bookings, absorbed.as_planned, absorbed.did_not_come) == (2, 2, 0)
    assert parcels(root / "p1") == parcels(root / "p0") - 2
    assert summary["hourly"]["from"] == "p0"
    assert placed.short_g == 0  # what is booked was taken off before, so all of the plan still has room
    # the capacity of the ride's departure is less by the two bookings
    row = int(
        reopening.read(root / "p1").problem.graph.use_row[
            reopening.read(root / "p1").problem.graph.use_ptr[rides[0]]
        ]
    )
    old, new = (reopening.read(root / n).problem.graph.row_capacity[row] for n in ("p0", "p1"))
    assert old - new == 1000.0
    found = stranger.check(root / "p1")
    assert found.worst_overload <= 1e-9
    assert found.parcels_missing == 0

    _, again, _ = plans_replanning.hourly(root, "p2", REQUEST, at + timedelta(hours=1))
    assert (again.bookings, again.cancelled) == (0, 0)
    assert parcels(root / "p2") == parcels(root / "p1")
    booking.cancel(merchant, made[0].booking_id, t.epoch - timedelta(hours=4))
    _, third, _ = plans_replanning.hourly(root, "p3", REQUEST, at + timedelta(hours=2))
    assert (third.bookings, third.cancelled) == (0, 1)
    assert reopening.read(root / "p3").problem.graph.row_capacity[row] - new == 500.0
    _, fourth, _ = plans_replanning.hourly(root, "p4", REQUEST, at + timedelta(hours=3))
    assert fourth.cancelled == 0


def test_what_did_not_come_is_given_up(merchant: str, home: tuple[Path, Timetable, datetime]) -> None:
    root, t, _ = home
    at = t.epoch + timedelta(minutes=900)
    kept = reopening.read(root / "p0")
    depart = np.asarray(t.segment_depart)[np.asarray(t.ride_first_segment)]
    late = int(kept.parcels[depart[kept.rides[kept.ptr[:-1]]] < 900].sum())
    assert late > 0
    _, absorbed, _ = plans_replanning.hourly(root, "p1", REQUEST, at)
    assert absorbed.did_not_come == late
    assert parcels(root / "p1") == parcels(root / "p0") - late
    with administrator() as connection:
        assert (
            connection.execute(
                text("SELECT count(*) FROM reservations WHERE departs_at <= :at"), {"at": at}
            ).scalar_one()
            == 0
        )


def test_a_plan_leaves_room_for_what_is_booked(merchant: str, home: tuple[Path, Timetable, datetime]) -> None:
    root, t, _ = home
    rides, name = single(root / "p0")
    book(merchant, t, rides, name, grams=1500)
    graph = build(t, networks.rates(3, t.facilities))
    with administrator() as connection:
        used = load(graph, ridden(connection, t))
    on = [int(graph.use_row[u]) for r in rides for u in range(graph.use_ptr[r], graph.use_ptr[r + 1])]
    assert set(np.flatnonzero(used)) == set(on)
    weights = {int(graph.use_row[graph.use_ptr[r]]) for r in rides}
    assert {used[row] for row in weights} == {1500.0}
    beside = plans_replanning.beside_bookings(graph)
    assert np.allclose(
        graph.row_capacity[np.isfinite(graph.row_capacity)]
        - beside.row_capacity[np.isfinite(graph.row_capacity)],
        np.minimum(used, graph.row_capacity)[np.isfinite(graph.row_capacity)],
    )


def test_without_a_plan_there_is_nothing_to_renew(tmp_path: Path) -> None:
    with administrator() as connection:
        reservations.release(connection)
    with pytest.raises(plans_replanning.NoPlanInPlace, match="qafila plan reserve"):
        plans_replanning.hourly(tmp_path, "x", REQUEST, datetime(2026, 11, 23, 5, tzinfo=UTC))
