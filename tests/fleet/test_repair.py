"""The cheapest repair: equal to trying everything, on small boards drawn at random."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from qafila.fleet import schedule
from qafila.fleet.model import Aboard, Closure, Key, Onward, Outage
from qafila.fleet.repairs import repairs_searching
from qafila.fleet.repairs.model import Option, Price, Problem, total
from qafila.fleet.repairs.posing import pose
from qafila.fleet.repairs.repairs_program import Answer
from qafila.fleet.repairs.repairs_searching import solve
from tests.fleet.boards import board, sector, type_of

PRICE = Price(14, 9, 0.12, 900, 350, 6500, 18000, 2500)


def cheapest(problem: Problem) -> float:
    """The least that any choice costs, by trying every one."""
    keys = [f.sector.key for f in problem.sectors]
    every: list[tuple[Option | None, ...]] = [(*problem.options[k], None) for k in keys]
    best = float("inf")
    for choice in itertools.product(*every):
        try:
            best = min(best, sum(total(problem, dict(zip(keys, choice, strict=True))).values()))
        except ValueError:
            continue
    return best


def drawn(seed: int) -> tuple[Any, dict[Key, Aboard]]:
    """Two or three tails of one or two ratings, three or four sectors, something broken."""
    dice = random.Random(seed)
    tails = {"T1": "B77F", "T2": dice.choice(["B77F", "B763F"])}
    if dice.random() < 0.4:
        tails["T3"] = "B763F"
    places = ["CMN", "DXB", "CDG"]
    sectors, at = [], dict.fromkeys(tails, "CMN")
    free = dict.fromkeys(tails, 0)
    for n in range(dice.choice([3, 3, 4])):
        tail = dice.choice(sorted(tails))
        to = dice.choice([p for p in places if p != at[tail]])
        depart = free[tail] + dice.randrange(0, 200, 10)
        arrive = depart + dice.randrange(60, 500, 10)
        sectors.append(sector(n, at[tail], to, depart, arrive, tail, tails[tail]))
        at[tail], free[tail] = to, arrive + 60
    outages, closures = [], []
    if dice.random() < 0.8:
        begins = dice.randrange(0, 300, 10)
        outages.append(Outage(dice.choice(sorted(tails)), begins, begins + dice.randrange(30, 600, 10)))
    if dice.random() < 0.3:
        begins = dice.randrange(0, 300, 10)
        closures.append(Closure(dice.choice(places), begins, begins + dice.randrange(30, 300, 10)))
    types = [type_of("B77F"), type_of("B763F", payload=50_000, volume=400.0)]
    made = board(sectors, tails, types, outages=tuple(outages), closures=tuple(closures))
    aboard = {}
    for a in sectors:
        parcels = dice.randrange(0, 3000)
        later = [b for b in sectors if b.origin == a.to and b.depart >= a.arrive and b is not a]
        onward = [Onward(parcels // 3, 0.0, dice.randrange(0, 120))]
        if later:
            onward.append(Onward(parcels // 3, 0.0, dice.randrange(0, 120), dice.choice(later).key))
        aboard[a.key] = Aboard(parcels, parcels * 20_000, parcels * 100_000, tuple(onward))
    return made, aboard


@pytest.mark.parametrize("seed", range(40))
def test_the_program_finds_what_trying_everything_finds(seed: int) -> None:
    made, aboard = drawn(seed)
    problem = pose(made, 0, 10_000, aboard, PRICE, steps=(120,))
    found = solve(problem)
    assert found is not None
    assert found.total == pytest.approx(cheapest(problem), abs=0.01)
    # what is proposed can be flown: nothing is wrong any more but what was priced
    after = made.with_changes({c.key: c for c in found.changes})
    codes = {m.id for why in schedule.impossible(after).values() for m in why}
    assert not codes & {
        "fleet.two_at_once",
        "fleet.not_there",
        "fleet.no_ground_time",
        "fleet.tail_out",
        "fleet.closed",
    }


def test_nothing_broken_nothing_changed() -> None:
    made = board(
        [sector(0, "CMN", "DXB", 0, 400, "T1"), sector(1, "DXB", "CMN", 500, 900, "T1")],
        {"T1": "B77F", "T2": "B77F"},
    )
    found = solve(pose(made, 0, 10_000, {}, PRICE))
    assert found is not None
    assert (found.changes, found.total) == ((), 0)


def test_a_spare_flies_where_a_tail_is_out() -> None:
    out = Outage("T1", 0, 5000)
    made = board(
        [sector(0, "CMN", "DXB", 0, 400, "T1"), sector(1, "DXB", "CMN", 500, 900, "T1")],
        {"T1": "B77F", "T2": "B77F"},
        outages=(out,),
    )
    full = {f.sector.key: Aboard(2000) for f in made.flown}
    found = solve(pose(made, 0, 10_000, full, PRICE))
    assert found is not None
    assert [(c.tail, c.delay, c.cancelled) for c in found.changes] == [("T2", 0, False)] * 2
    assert found.total == 2 * PRICE.swap


def test_without_a_spare_it_waits_exactly_until_the_tail_is_back() -> None:
    made = board(
        [sector(0, "CMN", "DXB", 0, 400, "T1"), sector(1, "DXB", "CMN", 460, 860, "T1")],
        {"T1": "B77F"},
        outages=(Outage("T1", 0, 95),),
    )
    full = {f.sector.key: Aboard(2000) for f in made.flown}
    found = solve(pose(made, 0, 10_000, full, PRICE))
    assert found is not None
    assert [(c.delay, c.cancelled) for c in found.changes] == [(95, False), (95, False)]


def test_a_second_flight_waits_for_parcels_where_that_is_cheaper() -> None:
    made = board(
        [sector(0, "DXB", "CMN", 0, 300, "T1"), sector(1, "CMN", "CDG", 400, 600, "T2")],
        {"T1": "B77F", "T2": "B77F"},
        outages=(Outage("T1", 0, 120),),
        base="DXB",
    )
    first, second = (f.sector.key for f in made.flown)
    for parcels, waits in ((20_000, True), (10, False)):
        aboard = {first: Aboard(parcels, onward=(Onward(parcels, 0, 30, second),)), second: Aboard(parcels)}
        problem = pose(made, 0, 10_000, aboard, PRICE, steps=(90, 120))
        found = solve(problem)
        assert found is not None
        assert any(c.key == second and c.delay >= 90 for c in found.changes) is waits
        assert found.total == pytest.approx(cheapest(problem), abs=0.01)


def test_what_has_left_is_not_changed() -> None:
    made = board(
        [sector(0, "CMN", "DXB", 0, 400, "T1"), sector(1, "DXB", "CMN", 500, 900, "T1")],
        {"T1": "B77F"},
        outages=(Outage("T1", 450, 800),),
    )
    found = solve(pose(made, 100, 10_000, {}, PRICE))
    assert found is not None
    assert {c.key[0] for c in found.changes} == {"F1"}


def test_parts_of_a_large_board_find_what_the_whole_program_does(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = repairs_searching.solved
    for seed in range(6):
        made, aboard = drawn(seed)
        problem = pose(made, 0, 10_000, aboard, PRICE, steps=(90, 120))
        best = solve(problem)
        asked: list[float] = []

        def nothing_at_first(of: Problem, seconds: float, asked: list[float] = asked) -> Answer:
            asked.append(seconds)
            return Answer(None, 0.0) if len(asked) == 1 else whole(of, seconds)

        monkeypatch.setattr(repairs_searching, "solved", nothing_at_first)
        found = solve(problem, 20.0)
        monkeypatch.setattr(repairs_searching, "solved", whole)
        assert len(asked) > 1 or found.total == 0
        assert found.total == pytest.approx(best.total)
        assert best.gap == pytest.approx(0.0, abs=1e-5)
        assert found.total <= sum(total(problem, repairs_searching.as_planned(problem)).values()) + 1e-6
