"""Sort plans: small cases equal brute force, whatever is asked keeps its rules, and the figures add up."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.core.fault import Fault
from qafila.sorting.model import Chute
from qafila.sorting.plans.plans_problem import Layout, Problem, alphabetical, at_least, cost, pose
from qafila.sorting.plans.plans_swapping import improved
from qafila.sorting.plans.solving import solve

NAMES = ["AGA", "CAS", "FEZ", "MRK", "RAB", "TNG", "OUJ"]


def best_by_trying(problem: Problem) -> float:
    """The least cost over every layout."""
    names, single = list(problem.flows), [c.id for c in problem.single]
    if not problem.groups:
        slots = [to for to in names for _ in range(problem.wanted[to])]
        found = []
        for way in permutations(single, len(slots)):
            told: dict[str, tuple[str, ...]] = {}
            for to, id in zip(slots, way, strict=True):
                told[to] = (*told.get(to, ()), id)
            found.append(cost(problem, Layout(told)).total)
        return min(found)
    places = [*single, *(c.id for c in problem.groups)]
    grouped, room = {c.id for c in problem.groups}, len(problem.chutes)
    found = []
    for way in product(places, repeat=len(names)):
        if any(way.count(id) > (room if id in grouped else 1) for id in places):
            continue
        direct = {to: (id,) for to, id in zip(names, way, strict=True) if id not in grouped}
        groups = {g: tuple(to for to, id in zip(names, way, strict=True) if id == g) for g in grouped}
        found.append(cost(problem, Layout(direct, groups)).total)
    return min(found)


@st.composite
def problems(draw: st.DrawFn, destinations: int, chutes: int) -> Problem:
    n, m = draw(st.integers(1, destinations)), draw(st.integers(2, chutes))
    if n > m * m:
        n = m
    flows = {NAMES[i]: draw(st.integers(0, 900)) for i in range(n)}
    made = [
        Chute(
            f"C{i}",
            draw(st.sampled_from("AB")),
            draw(st.sampled_from([4.0, 8.0, 8.0, 31.0])),
            draw(st.sampled_from([0, 300])),
        )
        for i in range(m)
    ]
    before = {to: (draw(st.sampled_from([c.id for c in made])),) for to in flows if draw(st.booleans())}
    return pose(flows, made, before if draw(st.booleans()) else None)


@settings(max_examples=40)
@given(problems(5, 6))
def test_with_chutes_enough_no_layout_is_cheaper(problem: Problem) -> None:
    made, best = solve(problem, 20, 0), best_by_trying(problem)
    assert made.cost.total == pytest.approx(best, abs=1e-5)
    assert at_least(problem) <= best + 1e-6
    assert made.gap == pytest.approx(0, abs=1e-6)


@settings(max_examples=30)
@given(problems(7, 3))
def test_with_too_few_chutes_no_layout_is_cheaper(problem: Problem) -> None:
    made, best = solve(problem, 20, 0), best_by_trying(problem)
    assert made.cost.total == pytest.approx(best, abs=1e-5)
    assert at_least(problem) <= best + 1e-6
    for id, stops in made.layout.groups.items():
        assert sorted(made.second[id]) == sorted(stops)
        assert len(set(made.second[id].values())) == len(stops)  # one chute each in the second pass


@settings(max_examples=8)
@given(st.integers(30, 90), st.integers(8, 60), st.integers(0, 2**32))
def test_any_plan_serves_every_destination_once(n: int, m: int, seed: int) -> None:
    flows = {f"D{i:03}": (seed * (i + 3)) % 997 for i in range(n)}
    chutes = [Chute(f"C{i:03}", f"Z{i % 4}", float(i % 20)) for i in range(m)]
    if n > m * m:
        with pytest.raises(Fault):
            pose(flows, chutes)
        return
    made = solve(pose(flows, chutes), 0.3)
    direct = list(made.layout.chutes)
    assert sorted([*direct, *(to for stops in made.layout.groups.values() for to in stops)]) == sorted(flows)
    used = [id for ids in made.layout.chutes.values() for id in ids] + list(made.layout.groups)
    assert len(used) == len(set(used)) <= m
    assert made.cost.total <= made.by_name.total + 1e-9
    assert made.bound <= made.cost.total + 1e-6


def test_alphabetical_order_is_what_it_says() -> None:
    flows = {"B": 5, "A": 100}
    chutes = [Chute("1", "L", 50), Chute("2", "R", 1)]
    told = alphabetical(pose(flows, chutes))
    assert told.chutes == {"A": ("1",), "B": ("2",)}
    assert solve(pose(flows, chutes)).layout.chutes == {"A": ("2",), "B": ("1",)}


def test_a_small_gain_moves_nobody_and_a_large_one_does() -> None:
    chutes = [Chute("1", "L", 10), Chute("2", "L", 11)]
    before = {"A": ("2",), "B": ("1",)}
    assert solve(pose({"A": 210, "B": 200}, chutes, before)).layout.chutes == before
    moved = solve(pose({"A": 900_000, "B": 200}, chutes, before))
    assert moved.layout.chutes == {"A": ("1",), "B": ("2",)}
    assert moved.cost.moved == 2


def test_a_large_destination_gets_chutes_side_by_side() -> None:
    chutes = [Chute(str(i), "L", i, room=100) for i in range(5)]
    made = solve(pose({"A": 260, "B": 50}, chutes))
    assert len(made.layout.chutes["A"]) == 3
    assert len(made.layout.chutes["B"]) == 1


def test_a_flow_below_nothing_is_refused() -> None:
    with pytest.raises(Fault, match="-1"):
        pose({"A": -1}, [Chute("1"), Chute("2")])


@settings(max_examples=40)
@given(problems(5, 6))
def test_exchanges_never_cost_more_and_keep_the_rules(problem: Problem) -> None:
    before = alphabetical(problem)
    after = improved(problem, before, 1.0)
    assert cost(problem, after).total <= cost(problem, before).total + 1e-6
    assert {to: len(ids) for to, ids in after.chutes.items()} == {
        to: len(ids) for to, ids in before.chutes.items()
    }
    used = [id for ids in after.chutes.values() for id in ids]
    assert len(used) == len(set(used))
