"""Policies on networks small enough to try everything."""

from __future__ import annotations

from itertools import islice, product

import numpy as np
import pytest
from scipy.sparse import csr_array

from qafila.openness.fairness.fairness_comparing import compare, picture
from qafila.openness.fairness.policies import POLICIES, Policy, allocate
from qafila.openness.fairness.shortage import Shortage


def shortage(
    merchant: list[int],
    parcels: list[int],
    ways: list[tuple[int, float, list[float]]],
    room: list[float],
    **more: object,
) -> Shortage:
    """Ways are (request, cost, use of each resource)."""
    k = len(merchant)
    given = {
        "arrival": np.arange(k),
        "bid": np.full(k, 50.0),
        "penalty": np.full(k, 100.0),
        "small": np.zeros(max(merchant) + 1, np.bool_),
        **more,
    }
    return Shortage(
        merchants=tuple(f"m{m}" for m in range(max(merchant) + 1)),
        merchant=np.array(merchant),
        parcels=np.array(parcels, float),
        who=np.array([w[0] for w in ways]),
        cost=np.array([w[1] for w in ways]),
        days=np.ones(len(ways)),
        uses=csr_array(np.array([w[2] for w in ways]).T),
        room=np.array(room, float),
        **given,  # type: ignore[arg-type]
    )


def random_shortage(seed: int) -> Shortage:
    chance = np.random.default_rng(seed)
    merchants, resources = int(chance.integers(2, 4)), int(chance.integers(1, 4))
    requests = merchants + int(chance.integers(0, 2))
    merchant = [*range(merchants), *chance.integers(0, merchants, requests - merchants).tolist()]
    ways = [
        (k, float(chance.integers(1, 20)), (chance.random(resources) < 0.6).astype(float).tolist())
        for k in range(requests)
        for _ in range(1 + int(chance.random() < 0.4))
    ]
    ways = [(k, cost, use if any(use) else [1.0] + [0.0] * (resources - 1)) for k, cost, use in ways]
    return shortage(
        merchant,
        chance.integers(1, 5, requests).tolist(),
        ways,
        chance.integers(1, 6, resources).tolist(),
        small=chance.random(merchants) < 0.5,
        bid=chance.integers(5, 60, requests).astype(float),
        arrival=chance.permutation(requests),
    )


def fits(short: Shortage, x: np.ndarray) -> bool:
    within = (short.uses @ x <= short.room + 1e-6).all()
    return bool(within and (short.served(x) <= short.parcels + 1e-6).all() and (x >= -1e-9).all())


@pytest.mark.parametrize("seed", range(40))
def test_every_policy_keeps_to_the_room_and_to_what_was_asked_for(seed: int) -> None:
    short = random_shortage(seed)
    for name in POLICIES:
        assert fits(short, allocate(short, Policy(name, 0.3)).x), name


@pytest.mark.parametrize("seed", range(25))
def test_max_min_is_the_lexicographic_best_of_all_that_can_be_tried(seed: int) -> None:
    short = random_shortage(seed)
    best = np.sort(short.shares(allocate(short, Policy("max_min")).x))
    steps = 2  # halves of parcels
    tried = product(*(np.arange(0, short.parcels[k] + 0.01, 1 / steps) for k in short.who))
    for x in islice(tried, 60_000):
        point = np.array(x)
        if fits(short, point):
            other = np.sort(short.shares(point))
            apart = np.flatnonzero(np.abs(other - best) > 1e-4)
            assert not len(apart) or other[apart[0]] < best[apart[0]], (other, best)


def test_max_min_raises_those_who_can_have_more_without_taking_from_those_who_have_least() -> None:
    # m0 and m1 share a flight of 4; m2 has a truck to itself
    short = shortage([0, 1, 2], [4, 4, 5], [(0, 1, [1, 0]), (1, 1, [1, 0]), (2, 1, [0, 1])], [4.0, 3.0])
    assert short.shares(allocate(short, Policy("max_min")).x) == pytest.approx([0.5, 0.5, 0.6], abs=1e-5)


def test_first_come_serves_by_arrival_and_whole_parcels() -> None:
    short = shortage([0, 1], [3, 3], [(0, 1, [1]), (1, 1, [1])], [4.5], arrival=np.array([1, 0]))
    assert short.served(allocate(short, Policy("first_come")).x).tolist() == [1, 3]


def test_proportional_divides_what_is_scarce_by_what_is_asked_for() -> None:
    short = shortage([0, 1], [9, 3], [(0, 1, [1]), (1, 5, [1])], [4.0])
    assert short.served(allocate(short, Policy("proportional")).x) == pytest.approx([3, 1], abs=1e-5)


def test_a_guaranteed_share_is_used_first_by_small_firms_and_left_to_all_where_they_do_not() -> None:
    asked = {"merchant": [0, 1], "ways": [(0, 1.0, [1.0]), (1, 9.0, [1.0])], "room": [10.0]}
    crowded = shortage(parcels=[20, 4], small=np.array([False, True]), **asked)  # type: ignore[arg-type]
    assert crowded.served(allocate(crowded, Policy("guaranteed_share", 0.3)).x) == pytest.approx(
        [7, 3], abs=1e-5
    )
    idle = shortage(parcels=[20, 1], small=np.array([False, True]), **asked)  # type: ignore[arg-type]
    assert idle.served(allocate(idle, Policy("guaranteed_share", 0.3)).x) == pytest.approx([9, 1], abs=1e-5)


def test_an_auction_sells_no_more_than_its_part_to_the_highest_bids() -> None:
    short = shortage(
        [0, 1, 2],
        [5, 5, 10],
        [(0, 0, [1]), (1, 0, [1]), (2, 0, [1])],
        [10.0],
        bid=np.array([30.0, 20.0, 10.0]),
        arrival=np.array([2, 1, 0]),
    )
    given = allocate(short, Policy("auction", 0.3))
    assert short.served(given.x).tolist() == [3, 0, 7]  # the rest by arrival
    assert given.paid == pytest.approx(90.0)  # at the bid at which demand meets three places
    none = allocate(short, Policy("auction", 0.0))
    assert (short.served(none.x).tolist(), none.paid) == ([0, 0, 10], 0.0)


def test_policies_are_priced_side_by_side() -> None:
    short = random_shortage(3)
    outcomes = compare(short, [Policy(name, 0.3) for name in POLICIES])
    fair = next(one for one in outcomes if one.policy.name == "max_min")
    for one in outcomes:
        assert one.served + one.unserved == pytest.approx(short.parcels.sum(), abs=1e-4)
        assert fair.least_share >= one.least_share - 1e-5
    drawn = picture(short, outcomes, {"max_min": "Largest <least> share"})
    assert drawn.count("<rect") == len(outcomes) * len(short.merchants)
    assert "Largest &lt;least&gt; share" in drawn


def test_a_policy_that_there_is_not_and_a_share_beyond_all_are_refused() -> None:
    with pytest.raises(KeyError):
        allocate(random_shortage(0), Policy("best_friends"))
    with pytest.raises(ValueError, match="from 0 to 1"):
        allocate(random_shortage(0), Policy("auction", 1.5))
