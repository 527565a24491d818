"""What it says holds as often as it says, on weeks that it has not seen."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from qafila.eta.eta_drawing import picture
from qafila.eta.learning import Coverage, Learned, TooLittle, coverage, learn, parts
from qafila.eta.simulating import simulated
from qafila.eta.table import WHOLE, Rows
from tests.eta.conftest import LATE, SOURCE


def test_the_weeks_that_it_is_tested_on_come_after_all_others(history: Rows) -> None:
    train, calibrate, test, _ = parts(history)
    assert train.week.max() < calibrate.week.min()
    assert calibrate.week.max() < test.week.min()


def test_its_80_per_cent_range_holds_80_times_in_a_hundred_on_later_weeks(
    history: Rows, learned: Learned
) -> None:
    _, _, later, _ = parts(history)
    found = coverage(learned, later)
    assert abs(found[0].share - 0.8) <= 0.02
    large = [c for c in found[1:] if c.rides >= 400]
    assert large
    assert all(abs(c.share - 0.8) <= 0.06 for c in large)


def test_probabilities_are_as_true_as_they_say(history: Rows, learned: Learned) -> None:
    _, _, later, _ = parts(history)
    whole = later.where(later.kind == WHOLE)
    said = learned.by(whole, np.full(len(whole.delay), 120.0))
    held = whole.delay <= 120
    assert abs(said.mean() - held.mean()) < 0.04  # three standard errors of some 1,200 parcels
    assert held[said > np.median(said)].mean() > held[said <= np.median(said)].mean()


def test_a_place_that_was_never_seen_is_foretold_too(history: Rows, learned: Learned) -> None:
    strange = history.where(history.kind == WHOLE).where(np.arange(int((history.kind == WHOLE).sum())) < 20)
    strange = strange._replace(ends=np.full(20, 77), kind=np.where(np.arange(20) < 10, WHOLE, 55))
    assert np.isfinite(learned.interval(strange, 0.8)).all()
    assert np.isfinite(learned.by(strange, np.zeros(20))).all()


def test_too_little_history_is_said() -> None:
    with pytest.raises(TooLittle):
        learn(simulated(LATE, 500, 2, 3), SOURCE)


def test_a_group_is_judged_by_its_size() -> None:
    assert Coverage(1, 1, 4000, 3300).kept(0.8)
    assert not Coverage(1, 1, 4000, 3400).kept(0.8)
    assert Coverage(1, 1, 50, 45).kept(0.8)
    assert not Coverage(1, 1, 50, 50).kept(0.8)


def test_the_picture_is_a_picture() -> None:
    drawn = picture([(0.5, 0.5), (0.9, 0.88)], [Coverage(1, 2, 50, 40)], lambda c: "a < b & c", "simulated")
    assert ElementTree.fromstring(drawn).tag.endswith("svg")
