"""Whole load plans: cheapest where that is known, and always within every limit."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from qafila.air.flight import Flight, LoadPlan
from qafila.air.planner import plan
from qafila.packing.checking import Standing, flaws
from tests.air.aircraft import AIRCRAFT, TYPES, crate, flight


def sound(plane: Flight, made: LoadPlan) -> None:
    """Nothing is wrong with any ULD, and none is too heavy."""
    lots = {segment.name: segment.lots for segment in plane.segments}
    types = {t.name: t for t in plane.types}
    loaded: dict[tuple[str, int], int] = {}
    for uld in made.ulds:
        stack = [Standing(lots[uld.segment][p.lot].kind, p.start, p.size) for p in uld.pieces]
        assert flaws(types[uld.type].contour, stack) == []
        weight = types[uld.type].tare + sum(one.kind.weight for one in stack)
        assert uld.weight == pytest.approx(weight)
        assert weight <= types[uld.type].most
        for piece in uld.pieces:
            loaded[uld.segment, piece.lot] = loaded.get((uld.segment, piece.lot), 0) + 1
    for segment in plane.segments:
        for n, lot in enumerate(segment.lots):
            key = segment.name, n
            assert loaded.get(key, 0) + made.behind.get(key, 0) == lot.count
    assert all(AIRCRAFT.forward <= arm <= AIRCRAFT.aft for arm in made.arms)


def test_twelve_crates_need_one_pallet() -> None:
    """A pallet of 3 × 2 × 2 m takes twelve cubes of 1 m; thirteen need two."""
    for count, ulds in ((12, 1), (13, 2), (24, 2)):
        plane = flight((crate(100, count=count),))
        made = plan(plane, 1.5, steps=60)
        assert len(made.ulds) == ulds
        assert made.costs.ulds == 200 * ulds
        assert not made.behind
        sound(plane, made)


def test_what_costs_less_to_leave_stays() -> None:
    """One cheap crate over does not pay for a second pallet at 200."""
    plane = flight((crate(100, count=12), crate(100, penalty=60.0, name="2")))
    made = plan(plane, 1.5, steps=60)
    assert made.behind == {("X-0", 1): 1}
    assert made.costs.behind == 60
    sound(plane, made)


def test_what_comes_too_late_for_a_build_up_stays() -> None:
    plane = flight((crate(100, ready=96_400, name="1"), crate(100, ready=96_401, name="2")))
    made = plan(plane, 1.5, steps=20)
    assert made.behind == {("X-0", 1): 1}


def test_two_segments_never_share_a_uld() -> None:
    plane = flight((crate(100, count=3),), (crate(100, count=3),))
    made = plan(plane, 1.5, steps=40)
    assert sorted(uld.segment for uld in made.ulds) == ["X-0", "X-1"]
    assert [len(stands) for stands in made.stands] == [2, 1]
    sound(plane, made)


def test_an_overbooked_aircraft_takes_what_is_worth_most() -> None:
    """Five pallets at 12 crates each: of 80 crates the 20 cheapest stay."""
    plane = flight((crate(100, 20, penalty=100, count=40), crate(100, 20, penalty=200, count=40, name="2")))
    made = plan(plane, 3, steps=200)
    assert made.behind == {("X-0", 0): 20}
    sound(plane, made)


def test_the_same_seed_gives_the_same_plan() -> None:
    plane = flight((crate(70, count=30), crate(90, count=11, name="2")))
    assert plan(plane, 60, seed=3, steps=15) == plan(plane, 60, seed=3, steps=15)


@pytest.mark.parametrize("name", ["LH8264-24NOV15-FRA-EZE.base", "LH8222-28NOV15-FRA-GDL.high"])
def test_real_flights_have_no_faults(shared_data: Path, name: str) -> None:
    """Four stops, and an overbooked one with three: score.py finds nothing wrong after a few seconds of search."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from benchmarks.aclpp import Masterdata, read, written
    from benchmarks.airload import judge, overloaded

    air = shared_data / "air"
    path = air / "aclpp" / "flights" / f"{name}.yaml"
    plane = read(path, Masterdata(air / "aclpp" / "masterdata"))
    made = plan(plane, 8, steps=150)
    score = judge(air / "score.py")
    judged = score.score(
        air / "aclpp" / "masterdata", score.read(path), json.loads(json.dumps(written(plane, made)))
    )
    assert (judged["faults"], judged["floating"], judged["late"]) == ([], [], 0)
    assert judged["TOTAL"] == pytest.approx(made.costs.total, abs=0.1)
    assert overloaded(plane, made) == 0
    assert {uld.type for uld in made.ulds} <= {t.name for t in plane.types} - {t.name for t in TYPES}


def test_a_flight_without_bookings_flies_empty() -> None:
    made = plan(flight(()), 1.5, steps=5)
    assert (made.ulds, made.stands, made.behind) == ((), ({},), {})
    assert made.costs.total == 0


def test_what_weighs_nothing_is_no_trouble() -> None:
    plane = flight((crate(100, weight=0, count=12),))
    made = plan(plane, 1.5, steps=20)
    assert not made.behind
    assert len(made.ulds) == 1
