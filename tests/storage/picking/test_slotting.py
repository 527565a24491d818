"""Slotting: what it says is saved is what the tours are shorter by."""

from __future__ import annotations

import numpy as np
import pytest

from qafila.storage.picking.grid import bits
from qafila.storage.picking.slotting import propose
from qafila.storage.picking.touring import length
from tests.storage.picking.test_batching import AISLES, DEPTHS, HOUSE


def _metres(place_of: list[int], tours: list[list[int]]) -> float:
    return sum(
        length(HOUSE.grid, bits(HOUSE.grid, HOUSE.stop[[place_of[g] for g in tour]])) for tour in tours
    )


def test_what_it_proposes_shortens_the_tours_by_what_it_says() -> None:
    dice = np.random.default_rng(3)
    goods = 90
    place_of = [int(p) for p in dice.permutation(AISLES * DEPTHS)[:goods]]
    often = 1 / np.arange(1, goods + 1)
    tours = [[int(g) for g in dice.choice(goods, 4, p=often / often.sum())] for _ in range(60)]
    heavy = {0, 1}
    found = propose(
        HOUSE.grid, HOUSE.stop, place_of, tours, 25, fits=lambda g, p: g not in heavy or p == place_of[g]
    )
    assert found.before == pytest.approx(_metres(place_of, tours))
    where = list(place_of)
    for step in found.exchanges:
        assert where[step.goods] == step.place
        held = [g for g, p in enumerate(where) if p == step.to]
        assert held == ([step.other] if step.other >= 0 else [])
        for other in held:
            where[other] = step.place
        where[step.goods] = step.to
    assert found.after == pytest.approx(_metres(where, tours))
    assert found.before - found.after == pytest.approx(sum(step.saved for step in found.exchanges))
    assert found.after < 0.9 * found.before
    assert len(found.exchanges) <= 25
    assert all(where[g] == place_of[g] for g in heavy)


def test_what_lies_best_stays() -> None:
    nearest = int(np.argmin([length(HOUSE.grid, bits(HOUSE.grid, [int(s)])) for s in HOUSE.stop]))
    found = propose(HOUSE.grid, HOUSE.stop, [nearest], [[0], [0]], 5)
    assert found.exchanges == ()
    assert found.before == found.after
