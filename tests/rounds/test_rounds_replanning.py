"""Days that go otherwise: whoever can keep his promise keeps it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qafila.rounds.model import Day, Doing, Plan, Rest, Stop, Travel, Vehicle
from qafila.rounds.planning import Effort, plan
from qafila.rounds.rounds_replanning import FETCH, Change, Standing, replan
from tests.rounds.days import HOUR, MINUTE, day_of_chance, flaws

SEEDS = range(3)


def told_day(seed: int) -> tuple[Day, Plan]:
    """A day with room to spare, planned, with windows of two hours told to everybody who is served."""
    day = day_of_chance(seed, 24, 4)
    stops = tuple(replace(s, earliest=0, latest=8 * HOUR, ready=0, leaves=(1,), takes=()) for s in day.stops)
    day = replace(
        day, stops=stops, vehicles=tuple(replace(v, capacity=(30,), latest=10 * HOUR) for v in day.vehicles)
    )
    made = plan(day, Effort(20, 1, 40, dearer=0.2))
    begins = {p.stop: p.begins for r in made.rounds for p in r.points if p.doing is Doing.STOP}
    told = tuple(
        replace(s, told=(begins[s.id] - HOUR, begins[s.id] + HOUR)) if s.id in begins else s
        for s in day.stops
    )
    return replace(day, stops=told), made


def half_way(day: Day, made: Plan, out: str = "") -> dict[str, Standing]:
    """Where everybody stands after the second of his stops."""
    stops = {s.id: s for s in day.stops}
    found = {}
    for one in made.rounds:
        done = one.stops[:2]
        last = [p for p in one.points if p.stop in done][-1]
        found[one.vehicle] = Standing(
            stops[done[-1]].place, last.ends, frozenset(done), out=one.vehicle == out
        )
    return found


def begins_of(change: Change) -> dict[str, int]:
    return {p.stop: p.begins for r in change.plan.rounds for p in r.points if p.doing is Doing.STOP}


def test_a_stop_that_fails_moves_nobody_else() -> None:
    for seed in SEEDS:
        day, made = told_day(seed)
        standing = half_way(day, made)
        gone = made.rounds[0].stops[2]
        change = replan(day, made, 2 * HOUR, standing, {gone})
        assert gone not in begins_of(change)
        assert not change.hands
        late = [
            s.id
            for s in day.stops
            if s.told and s.id in begins_of(change) and not s.told[0] <= begins_of(change)[s.id] <= s.told[1]
        ]
        assert sorted(late) == sorted(set(change.moved) & set(begins_of(change)))


def test_goods_of_a_driver_who_falls_out_are_fetched_first_and_brought_then() -> None:
    helped = 0
    for seed in SEEDS:
        day, made = told_day(seed)
        out = made.rounds[0].vehicle
        standing = half_way(day, made, out)
        now = max(s.free for s in standing.values())
        change = replan(day, made, now, standing)
        rest = set(made.rounds[0].stops) - standing[out].done
        assert out not in {r.vehicle for r in change.plan.rounds}
        served = set(begins_of(change))
        assert rest <= served | set(change.plan.left)
        for one in change.plan.rounds:
            taken = [s for s in one.stops if s in rest]
            if taken:
                helped += 1
                assert one.stops.index(FETCH + out) < min(one.stops.index(s) for s in taken)
            else:
                assert FETCH + out not in one.stops
        assert set(change.hands) == rest & served
        kept = {s.id: s for s in day.stops}
        for stop, begin in begins_of(change).items():
            if stop not in change.moved and stop in kept and kept[stop].told:
                assert kept[stop].told[0] <= begin <= kept[stop].told[1]
    assert helped


def test_what_is_loaded_stays_in_its_vehicle_and_in_its_order() -> None:
    day, made = told_day(1)
    standing = half_way(day, made)
    change = replan(day, made, 2 * HOUR, standing)
    for before in made.rounds:
        after = next((r for r in change.plan.rounds if r.vehicle == before.vehicle), None)
        assert (after.stops if after else ()) == before.stops[2:]


def test_a_new_stop_whose_goods_lie_at_the_station_needs_somebody_who_loads() -> None:
    day, made = told_day(2)
    standing = half_way(day, made)
    day = replace(day, vehicles=tuple(v for v in day.vehicles if v.id in standing))
    new = replace(day.stops[0], id="NEW", told=None, latest=10 * HOUR)
    once = replan(replace(day, stops=(*day.stops, new)), made, 2 * HOUR, standing)
    assert "NEW" in once.plan.left  # nobody may load twice
    twice = tuple(
        replace(v, trips=2, latest=20 * HOUR, most=20 * HOUR, reload=10 * MINUTE) for v in day.vehicles
    )
    change = replan(
        replace(day, stops=(*day.stops, replace(new, latest=20 * HOUR)), vehicles=twice),
        made,
        2 * HOUR,
        standing,
    )
    one = change.plan.round_of("NEW")
    assert one is not None
    doings = [p.doing for p in one.points]
    assert doings.index(Doing.LOAD) < next(i for i, p in enumerate(one.points) if p.stop == "NEW")


def test_who_is_late_anyway_is_named_and_still_comes() -> None:
    day, made = told_day(3)
    standing = {v: replace(s, free=s.free + 3 * HOUR) for v, s in half_way(day, made).items()}
    change = replan(day, made, 5 * HOUR, standing)
    begins = begins_of(change)
    late = {s.id for s in day.stops if s.told and s.id in begins and begins[s.id] > s.told[1]}
    assert late
    assert late <= set(change.moved)


def busy_day(seed: int) -> tuple[Day, Plan]:
    """A day with breaks, loads, pick-ups, skills and two trips, planned, with the windows told."""
    day = day_of_chance(seed, 18, 4, rest=True, trips=2)
    made = plan(day, Effort(20, 1, 30, dearer=0.1))
    begins = {p.stop: p.begins for r in made.rounds for p in r.points if p.doing is Doing.STOP}
    told = tuple(
        replace(s, told=(begins[s.id] - HOUR, begins[s.id] + HOUR)) if s.id in begins else s
        for s in day.stops
    )
    return replace(day, stops=told), made


def as_it_is(day: Day, made: Plan, now: int, change: Change, standing: dict[str, Standing]) -> Day:
    """The day from an instant on, made for the checker with nothing of what the engine reckons."""
    rounds = {r.vehicle: r for r in made.rounds}
    vehicles = []
    for vehicle in day.vehicles:
        where = standing.get(vehicle.id)
        if where is None:
            vehicles.append(replace(vehicle, earliest=max(vehicle.earliest, now)))
        elif not where.out:
            rests = [
                p.ends for p in rounds[vehicle.id].points if p.doing is Doing.REST and p.ends <= where.free
            ]
            left = max([rounds[vehicle.id].points[0].begins, *rests])
            free = max(now, where.free)
            vehicles.append(
                replace(
                    vehicle, at=where.place, earliest=free, awake=free - left, fixed=0, trips=vehicle.trips
                )
            )
    used = {s for r in change.plan.rounds for s in r.stops if s.startswith(FETCH)}
    done = {s for w in standing.values() for s in w.done}
    stops = []
    for stop in day.stops:
        if stop.id in done:
            continue
        window = stop.told or (stop.earliest, stop.latest)
        wide = stop.id in change.moved
        early = max(stop.earliest, window[0]) if not wide else stop.earliest
        stops.append(
            replace(stop, earliest=early, latest=10**9 if wide else min(stop.latest, window[1]), ready=0)
        )
    stops += [
        Stop(name, standing[name.removeprefix(FETCH)].place, service=300, earliest=now)
        for name in sorted(used)
    ]
    return replace(day, stops=tuple(stops), vehicles=tuple(vehicles))


@pytest.mark.parametrize("seed", range(6))
def test_what_is_planned_anew_can_be_done_rests_and_all(seed: int) -> None:
    """An independent walk over the plan: rides, windows, loads, rests since the last one, hours, skills."""
    day, made = busy_day(seed)
    out = made.rounds[seed % len(made.rounds)].vehicle
    standing = half_way(day, made, out)
    now = max(s.free for s in standing.values())
    change = replan(day, made, now, standing)
    assert flaws(as_it_is(day, made, now, change, standing), change.plan) == []
    aboard = _aboard(made, standing)
    for one in change.plan.rounds:
        for at, point in enumerate(one.points):
            if point.stop not in change.hands:
                continue
            before = {p.stop or p.doing.value for p in one.points[:at]}
            if point.stop in aboard.get(out, ()):
                assert FETCH + out in before
            elif any(s.leaves[0] for s in day.stops if s.id == point.stop) and one.vehicle in standing:
                assert Doing.LOAD.value in before  # its goods lie at the station, and the vehicle does not


def _aboard(made: Plan, standing: dict[str, Standing]) -> dict[str, set[str]]:
    """What lies in each vehicle: the trip of the last stop that it did."""
    found = {}
    for one in made.rounds:
        trips: list[set[str]] = [set()]
        for point in one.points:
            if point.doing is Doing.LOAD:
                trips.append(set())
            trips[-1] |= {point.stop} - {""}
        found[one.vehicle] = next(t for t in reversed(trips) if t & standing[one.vehicle].done)
    return found


def test_a_driver_who_has_not_rested_rests_in_time_after_a_new_plan() -> None:
    """He has driven for two and a half of the three hours after which he must rest: the new plan does not begin to count anew."""
    travel = Travel(
        np.full((5, 5), 700) - 700 * np.eye(5, dtype=np.int64), 30 * MINUTE * (1 - np.eye(5, dtype=np.int64))
    )
    stops = tuple(Stop(f"S{n}", n, service=10 * MINUTE, latest=9 * HOUR) for n in range(1, 5))
    day = Day(stops, (Vehicle("V0", 0, 0, latest=9 * HOUR, rest=Rest(3 * HOUR, 30 * MINUTE)),), (travel,))
    made = plan(day, Effort(5, 1, 20))
    (only,) = made.rounds
    done = only.stops[:3]
    left_at = only.points[0].begins
    free = next(p.ends for p in only.points if p.stop == done[-1])
    assert not [p for p in only.points if p.doing is Doing.REST and p.ends <= free]
    change = replan(day, made, free, {"V0": Standing(int(done[-1][1:]), free, frozenset(done))})
    (after,) = change.plan.rounds
    rest = next(p for p in after.points if p.doing is Doing.REST)
    assert rest.begins - left_at <= 3 * HOUR


def test_goods_that_are_still_at_the_station_are_loaded_before_they_are_brought() -> None:
    """The first trip is over, the second is not loaded: the vehicle goes back first, and others do not fetch them from it."""
    travel = Travel(*(np.full((4, 4), n) - n * np.eye(4, dtype=np.int64) for n in (700, 10 * MINUTE)))
    stops = tuple(Stop(f"S{n}", n, (1,), latest=20 * HOUR, service=60) for n in range(1, 4))
    fleet = (Vehicle("V0", 0, 0, (2,), latest=20 * HOUR, trips=2, reload=300),)
    day = Day(stops, fleet, (travel,))
    made = plan(day, Effort(5, 1, 20))
    points = made.rounds[0].points
    turn = next(n for n, p in enumerate(points) if p.doing is Doing.LOAD)
    done = frozenset(p.stop for p in points[:turn] if p.stop)
    last = points[turn - 1]
    change = replan(day, made, last.ends, {"V0": Standing(int(last.stop[1:]), last.ends, done)})
    after = change.plan.rounds[0].points
    assert [p.doing for p in after] == [Doing.LEAVE, Doing.LOAD, *[Doing.STOP] * (3 - len(done)), Doing.BACK]
    loaded = replan(day, made, points[turn].ends, {"V0": Standing(0, points[turn].ends, done)})
    assert Doing.LOAD not in {p.doing for p in loaded.plan.rounds[0].points}
