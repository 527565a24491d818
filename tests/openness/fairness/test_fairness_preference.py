"""Bias is found where it is, chance is not called bias, and few observations say nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from qafila.openness.fairness.fairness_preference import compare, holm, matched


def test_holm_is_that_of_the_textbook() -> None:
    # Holm 1979: 0.01, 0.04, 0.03 → 3 × 0.01; 2 × 0.03; then no less than the one before
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.9]) == [1.0, 1.0]


def test_a_class_that_pays_less_is_found_and_by_how_much() -> None:
    chance = np.random.default_rng(1)
    group = ["hub"] * 200 + ["merchant"] * 800
    price = chance.normal(20, 2, 1000) - np.array([1.5] * 200 + [0.0] * 800)
    accepted = (chance.random(1000) < 0.95).astype(float)
    found = {(one.measure, one.group): one for one in compare({"price": price, "accepted": accepted}, group)}
    hub = found["price", "hub"]
    assert hub.biased
    assert hub.low < -1.5 < hub.high
    assert not found["accepted", "hub"].biased


def test_refusals_are_compared_as_shares_by_fishers_test() -> None:
    accepted = np.array([1.0] * 48 + [0.0] * 2 + [1.0] * 70 + [0.0] * 30)
    group = ["hub"] * 50 + ["merchant"] * 100
    one = compare({"accepted": accepted}, group)[0]
    assert one.p == pytest.approx(stats.fisher_exact([[48, 2], [70, 30]]).pvalue)
    assert one.difference == pytest.approx(0.26)
    # Newcombe's method 10, by hand: Wilson's intervals are 0.8654 to 0.9890 and 0.6042 to 0.7811
    assert (one.low, one.high) == pytest.approx((0.1354, 0.3601), abs=1e-4)


def test_where_nothing_is_biased_less_than_the_level_is_called_so() -> None:
    chance = np.random.default_rng(7)
    wrong = 0
    for _ in range(300):
        group = chance.choice(["hub", "small", "large"], 150).tolist()
        measures = {name: chance.normal(0, 1, 150) for name in ("price", "days", "waited")}
        wrong += any(one.biased for one in compare(measures, group))
    assert wrong <= 300 * 0.05 + 3 * np.sqrt(300 * 0.05 * 0.95)


def test_few_observations_say_nothing() -> None:
    found = compare({"price": np.array([1.0] * 10 + [9.0] * 100)}, ["hub"] * 10 + ["merchant"] * 100)
    assert not any(one.enough or one.biased for one in found)


def test_only_like_is_compared_with_like() -> None:
    values = np.array([10.0, 12.0, 100.0, 104.0, 7.0])
    told = matched(values, ["a", "a", "b", "b", "alone"])
    assert told[:4].tolist() == [-1, 1, -2, 2]
    assert np.isnan(told[4])
