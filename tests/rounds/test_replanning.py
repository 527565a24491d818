"""Days that go otherwise: whoever can keep his promise keeps it."""

from __future__ import annotations

from dataclasses import replace

from qafila.rounds.model import Day, Doing, Plan
from qafila.rounds.planning import Effort, plan
from qafila.rounds.replanning import FETCH, Change, Standing, replan
from tests.rounds.days import HOUR, MINUTE, day_of_chance

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
