"""Positions by the integer program are as cheap as the cheapest of all there are."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.air.air_swapping import allowed, improve
from qafila.air.flight import Flight
from qafila.air.positions import LATERAL_PRICE, Weighed, assign, price, reach_over, stand
from tests.air.aircraft import AIRCRAFT, crate, flight

weights = st.integers(300, 3900).map(float)
ulds = st.lists(
    st.tuples(st.sampled_from(("PMC", "PMC", "PMC", "PGE")), st.integers(0, 1), weights),
    min_size=1,
    max_size=4,
)


def cheapest(plane: Flight, load: list[Weighed]) -> float | None:
    """Fuel, handling and lateral price of the best of all ways to place a load within all limits; None if there is none."""
    by_name = {p.name: p for p in AIRCRAFT.positions}
    over = reach_over(AIRCRAFT)
    best = None
    for places in permutations(by_name, len(load)):
        if any(
            u.type not in by_name[p].takes or u.weight > by_name[p].most
            for u, p in zip(load, places, strict=True)
        ):
            continue
        cost, fine, moved = 0.0, True, set()
        for number, leg in enumerate(plane.legs):
            here = {
                p: u
                for u, p in zip(load, places, strict=True)
                if plane.segments[u.segment].name in leg.segments
            }
            fine &= not any(pair <= here.keys() for pair in AIRCRAFT.overlaps)
            for limit in AIRCRAFT.limits:
                fine &= (
                    sum(u.weight for p, u in here.items() if p in (limit.positions or by_name)) <= limit.most
                )
            empty = AIRCRAFT.empty_weight + leg.fuel
            total = empty + sum(u.weight for u in here.values())
            arm = (
                empty * AIRCRAFT.empty_arm + sum(by_name[p].arm * u.weight for p, u in here.items())
            ) / total
            fine &= AIRCRAFT.forward <= arm <= AIRCRAFT.aft
            cost += abs(arm - AIRCRAFT.best) * leg.cost_per_cm
            cost += LATERAL_PRICE * abs(sum(by_name[p].lateral * u.weight for p, u in here.items()))
            if number + 1 < len(plane.legs):
                stays = {
                    p
                    for p, u in here.items()
                    if plane.segments[u.segment].name in plane.legs[number + 1].segments
                }
                for p in here.keys() - stays:
                    moved |= {(number, b) for b in over[p] & stays}
        cost += 2 * plane.handling * len(moved)
        if fine and (best is None or cost < best):
            best = cost
    return best


@settings(max_examples=40, deadline=None)
@given(ulds)
def test_as_cheap_as_the_cheapest_of_all(load: list[tuple[str, int, float]]) -> None:
    plane = flight((crate(50),), (crate(50),))
    weighed = [Weighed(*one) for one in load]
    best, found = cheapest(plane, weighed), assign(plane, weighed)
    if best is None:
        assert found is None or found.outside > 0
    else:
        assert found is not None
        assert found.outside <= 1e-6
        aside = LATERAL_PRICE * sum(abs(moment) for moment in found.lateral)
        assert found.fuel + found.handling + aside == pytest.approx(best, abs=0.01, rel=2e-3)


def test_a_uld_in_the_way_goes_out_and_in_again() -> None:
    """All five positions are full: what leaves at the first stop stands behind something, wherever it stands."""
    plane = flight((crate(50),), (crate(50),))
    found = assign(plane, [Weighed("PMC", n % 2, 1800.0) for n in range(5)])
    assert found is not None
    assert sorted(found.legs[0]) == ["1P", "AL", "AR", "BL", "BR"]
    assert len(found.legs[1]) == 2
    assert found.handling == 0


def test_more_than_there_is_room_for() -> None:
    plane = flight((crate(50),))
    assert assign(plane, [Weighed("PMC", 0, 1000.0)] * 6) is None
    assert assign(plane, [Weighed("PMC", 0, 4500.0)]) is None


more_ulds = st.lists(
    st.tuples(st.sampled_from(("PMC", "PMC", "PMC", "PGE")), st.integers(0, 2), weights),
    min_size=1,
    max_size=5,
)


@settings(max_examples=80, deadline=None)
@given(more_ulds, st.randoms(use_true_random=False))
def test_exchange_never_makes_it_worse_and_loses_nothing(
    load: list[tuple[str, int, float]], random: Random
) -> None:
    """From any start within the limits, ULDs standing elsewhere on each leg: none is lost, no limit is broken."""
    plane = flight((crate(50),), (crate(50),), (crate(50),))
    weighed = [Weighed(*one) for one in load]
    start = []
    for number in range(len(plane.legs)):
        aboard = [u for u, one in enumerate(weighed) if one.segment >= number]
        ways = [
            leg
            for places in permutations([p.name for p in AIRCRAFT.positions], len(aboard))
            if allowed(plane, weighed, leg := dict(zip(places, aboard, strict=True)))
        ]
        if not ways:
            return
        start.append(random.choice(ways))
    after = improve(plane, weighed, start, 1.0)
    assert price(after) <= price(stand(plane, weighed, start)) + 1e-9
    for before, leg in zip(start, after.legs, strict=True):
        assert sorted(before.values()) == sorted(leg.values())
        assert allowed(plane, weighed, leg)
        assert not any(pair <= leg.keys() for pair in AIRCRAFT.overlaps)
