"""The engine against trying everything, and its plans against a walk that knows nothing of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qafila.rounds import planning, rounds_dividing
from qafila.rounds.crew import crew
from qafila.rounds.model import Day, Plan, Rest, Stop, Travel, Vehicle, Why
from qafila.rounds.planning import Effort, plan
from qafila.rounds.rounds_sharing import loads_of, spread
from tests.rounds.days import HOUR, MINUTE, cheapest, day_of_chance, flaws

CHEAPEST = Effort(20, 1, 400, dearer=0.0)


def value(day: Day, made: Plan) -> int:
    return made.cost + sum(s.worth for s in day.stops if s.id in made.left)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("rest", "trips"), [(False, 1), (True, 1), (False, 2)])
def test_small_days_cost_what_the_best_of_all_orders_costs(seed: int, rest: bool, trips: int) -> None:
    day = day_of_chance(seed, 5, 2, rest, trips)
    made = plan(day, CHEAPEST)
    assert not flaws(day, made)
    assert value(day, made) == cheapest(day)


@pytest.mark.parametrize("seed", range(2))
def test_larger_days_keep_all_that_is_asked(seed: int) -> None:
    day = day_of_chance(seed, 30, 5, rest=True, trips=2)
    assert not flaws(day, plan(day, Effort(20, 1, 40, dearer=0.05)))


def test_the_same_day_gives_the_same_plan_twice() -> None:
    day = day_of_chance(9, 20, 3, rest=True)
    assert plan(day, Effort(60, 1, 40)) == plan(day, Effort(60, 1, 40))


def line(stops: int, vehicles: int, **more: object) -> Day:
    """Stops on a line, one minute and 1,000 m apart, vehicles at its beginning."""
    at = np.arange(stops + 1)
    metres = np.abs(at[:, None] - at[None]).astype(np.int64) * 1000
    made = tuple(Stop(f"S{n}", n, (1,), service=5 * MINUTE) for n in range(1, stops + 1))
    fleet = tuple(Vehicle(f"V{n}", 0, 0, (stops,), latest=12 * HOUR, **more) for n in range(vehicles))  # type: ignore[arg-type]
    return Day(made, fleet, (Travel(metres, metres * 60 // 1000),))


def test_work_is_shared_within_the_stated_cost() -> None:
    day = line(24, 2, metre=1, second=1)
    alone = plan(day, Effort(5, 1, 200, dearer=0.0))
    shared = plan(day, Effort(5, 1, 200, dearer=0.5))
    assert not flaws(day, shared)
    assert shared.cost <= alone.cost * 1.5
    assert spread(loads_of(shared, day.vehicles)) < 0.2 * spread(loads_of(alone, day.vehicles))


def test_who_worked_more_in_past_weeks_gets_the_shorter_round() -> None:
    day = line(9, 2, metre=1, second=1, most=50 * MINUTE)
    tired = replace(day, vehicles=(replace(day.vehicles[0], before=2 * HOUR), day.vehicles[1]))
    made = plan(tired, Effort(5, 1, 200, dearer=0.3))
    work = {r.vehicle: r.work for r in made.rounds}
    assert work.get("V0", 0) < work["V1"]


def test_every_stop_that_is_left_has_its_own_reason() -> None:
    day = line(6, 1)
    stops = list(day.stops)
    stops[0] = replace(stops[0], leaves=(99,))
    stops[1] = replace(stops[1], skills=frozenset({"crane"}))
    stops[2] = replace(stops[2], station=5)
    stops[3] = replace(stops[3], latest=10)
    made = plan(replace(day, stops=tuple(stops)), Effort(3, 1, 100))
    assert made.left == {
        "S1": Why.TOO_LARGE,
        "S2": Why.NO_SKILL,
        "S3": Why.OTHER_STATION,
        "S4": Why.OUT_OF_TIME,
    }


def test_what_is_worth_most_is_served_where_there_is_room_for_some() -> None:
    day = line(6, 1)
    vehicle = replace(day.vehicles[0], capacity=(2,))
    stops = tuple(replace(s, worth=10_000 if s.id in ("S2", "S5") else 5_000) for s in day.stops)
    made = plan(replace(day, stops=stops, vehicles=(replace(vehicle, metre=1),)), Effort(3, 1, 100))
    assert set(made.rounds[0].stops) == {"S2", "S5"}
    assert set(made.left.values()) == {Why.NO_ROOM}


def test_a_break_is_taken_before_it_is_too_late_for_it() -> None:
    day = line(40, 1, rest=Rest(HOUR, 20 * MINUTE), metre=1, second=1)
    made = plan(day, Effort(5, 1, 100))
    assert not flaws(day, made)
    assert made.rounds[0].seconds - made.rounds[0].work >= 4 * 20 * MINUTE
    assert not made.left


def test_nothing_to_do_and_nobody_to_do_it() -> None:
    day = line(2, 1)
    assert plan(replace(day, stops=()), Effort(1)) == Plan(())
    assert set(plan(replace(day, vehicles=()), Effort(1)).left.values()) == {Why.OTHER_STATION}


def scattered(stops: int, vehicles: int) -> Day:
    """Stops in a square with the station in its middle."""
    dice = np.random.default_rng(4)
    xy = np.vstack([[500.0, 500.0], dice.uniform(0, 1000, (stops, 2))])
    metres = np.round(np.hypot(*(axis[:, None] - axis[None] for axis in xy.T))).astype(np.int64)
    made = tuple(Stop(f"S{n}", n, (1,)) for n in range(1, stops + 1))
    fleet = tuple(Vehicle(f"V{n}", 0, 0, (10,), latest=1 << 30, metre=1000) for n in range(vehicles))
    return Day(made, fleet, (Travel(metres, metres),), xy)


def test_a_large_day_is_begun_by_areas_and_serves_everybody_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "_ONE_SEARCH", 100)
    monkeypatch.setattr(rounds_dividing, "_AREA", 40)
    monkeypatch.setattr(rounds_dividing, "_SECONDS", 0.3)
    monkeypatch.setattr(planning, "CUT", 100)
    day = scattered(160, 24)
    effort = Effort(6, 2, dearer=0.0, optional=False, cpu=True)
    with crew(1) as at_once:
        first = rounds_dividing.begun(day, effort, 1.0, at_once)
    assert first is not None
    assert sorted(s for route in first for s in route) == list(range(160))
    before, _ = rounds_dividing.valued(day, first)
    with crew(1) as at_once:
        after = rounds_dividing.improved(day, first, 0.0, 1.0, effort, at_once)
    assert sorted(s for route in after for s in route) == list(range(160))
    assert rounds_dividing.valued(day, after)[0] <= before
    few = replace(day, vehicles=day.vehicles[:1])
    with crew(1) as at_once:
        assert rounds_dividing.begun(few, effort, 1.0, at_once) is None


def test_areas_hold_every_stop_once_and_none_too_many() -> None:
    xy = np.random.default_rng(1).uniform(0, 9, (1001, 2))
    xy[:40] = 3.0  # many at one place
    found = rounds_dividing.areas(xy, 50)
    assert sorted(np.concatenate(found).tolist()) == list(range(1001))
    assert max(map(len, found)) <= 50
