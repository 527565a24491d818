"""A filled ULD, checked from the outside: nothing overlaps, floats, sticks out or is overloaded."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.packing.checking import Standing, flaws
from qafila.packing.filling import KNOBS, Wanted, best_of
from qafila.packing.pieces import ANY_TURN, UPRIGHT, Contour, Cut, Kind, boxes, room

MAIN_DECK = Contour((317, 243, 244), (Cut((175, 244), (238, 164)),))
LOWER_DECK = Contour((243, 405, 153), (Cut((44, 0), (0, 50)), Cut((405, 50), (361, 0))))
AKE = Contour((144, 195, 153), (Cut((195, 50), (150, 0)),))

kinds = st.builds(
    Kind,
    st.tuples(st.integers(10, 200), st.integers(10, 150), st.integers(10, 120)),
    st.integers(1, 400).map(float),
    st.tuples(*[st.floats(0, 0.2)] * 3),
    st.sampled_from((UPRIGHT, ANY_TURN, 1)),
    st.frozensets(st.sampled_from(("RFL", "ROX", "AVI")), max_size=2),
)
APART = frozenset({frozenset({"RFL", "ROX"}), frozenset({"ROX", "AVI"})})


def filled(
    contour: Contour, lots: list[tuple[Kind, int]], limit: float, attempts: int = 3, seed: int = 0
) -> list[Standing]:
    """The best of a few fillings, worth their volume, as boxes."""
    arrays = boxes([kind for kind, _ in lots], APART)
    wanted = Wanted(
        np.array([n for _, n in lots], np.int32), np.array([k.volume / 1e6 for k, _ in lots]), limit
    )
    stack, worth = best_of(arrays, room(contour), wanted, attempts, seed, np.empty(KNOBS))
    standing = [
        Standing(lots[int(arrays.kind[v])][0], (x1, y1, z1), (x2 - x1, y2 - y1, z2 - z1))
        for v, x1, y1, z1, x2, y2, z2 in stack.tolist()
    ]
    assert abs(worth - sum(one.kind.volume for one in standing) / 1e6) < 1e-9
    return standing


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from((MAIN_DECK, LOWER_DECK, AKE)),
    st.lists(st.tuples(kinds, st.integers(1, 12)), min_size=1, max_size=8),
    st.integers(100, 7000).map(float),
    st.integers(0, 1000),
)
def test_whatever_is_filled_can_be_built(
    contour: Contour, lots: list[tuple[Kind, int]], limit: float, seed: int
) -> None:
    standing = filled(contour, lots, limit, seed=seed)
    assert flaws(contour, standing) == []
    assert sum(one.kind.weight for one in standing) <= limit
    codes = frozenset().union(*(one.kind.codes for one in standing))
    assert not any(pair <= codes for pair in APART)
    for kind in {kind for kind, _ in lots}:
        there = sum(one.kind == kind for one in standing)
        assert there <= sum(n for k, n in lots if k == kind)


def test_eight_cubes_fill_their_box() -> None:
    """The golden case: 2 × 2 × 2 cubes of 50 cm in a box of 1 m leave nothing empty."""
    cube = Kind((50, 50, 50), 10.0, (1.0, 1.0, 1.0), ANY_TURN)
    assert len(filled(Contour((100, 100, 100)), [(cube, 9)], 1e6)) == 8


def test_weak_boxes_carry_nothing() -> None:
    weak = Kind((50, 50, 50), 10.0, (0.0, 0.0, 0.0), ANY_TURN)
    assert len(filled(Contour((100, 100, 100)), [(weak, 9)], 1e6)) == 4


def test_a_cut_corner_stays_empty() -> None:
    """In the container with the cut bottom corner a slab as long as the floor without it fits, a longer one does not."""
    fits = Kind((144, 150, 10), 10.0, (0.0, 0.0, 0.0), 1)
    wide = Kind((144, 160, 10), 10.0, (0.0, 0.0, 0.0), 1)
    assert len(filled(AKE, [(fits, 1)], 1e6)) == 1
    assert len(filled(AKE, [(wide, 1)], 1e6)) == 0


def test_codes_that_may_not_meet_do_not() -> None:
    fuel = Kind((50, 50, 50), 10.0, (1.0, 1.0, 1.0), ANY_TURN, frozenset({"RFL"}))
    oxygen = Kind((50, 50, 50), 10.0, (1.0, 1.0, 1.0), ANY_TURN, frozenset({"ROX"}))
    there = filled(Contour((100, 100, 100)), [(fuel, 4), (oxygen, 4)], 1e6)
    assert len(there) == 4
    assert len({one.kind for one in there}) == 1


def test_the_same_seed_fills_alike() -> None:
    lots = [(Kind((60 + n, 40, 30 + 2 * n), 20.0, (0.1, 0.1, 0.1)), 5) for n in range(8)]
    assert filled(MAIN_DECK, lots, 5000, seed=7) == filled(MAIN_DECK, lots, 5000, seed=7)
