"""Quantiles by LightGBM, calibrated by conformal predictive systems (crepes).

Three gradient-boosted quantiles (10, 50, 90 %) are learned on the first weeks. On the weeks after them the errors of the
median, each by the width of its own 10–90 % range, make a distribution for every group of rides (mode and territory of arrival,
where there are enough), which holds for rides that are like those: what it foretells is right as often as it says. The last weeks
are kept away from both, to tell how often it really is.
"""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np
from crepes import ConformalPredictiveSystem

from qafila.core.message import Message
from qafila.eta.table import CATEGORIES, FEATURES, NARROWEST, Floats, Ints, Rows

QUANTILES = (0.1, 0.5, 0.9)
_ENOUGH = 100
"""Calibrating rows that make a group of its own."""
_TRAIN, _CALIBRATE = 0.55, 0.25


class TooLittle(ValueError):
    """The history is too short to learn from, to calibrate and to test on different weeks."""


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What foretells delays.

    Attributes:
        boosters: a model for each of QUANTILES.
        system: the calibrated distributions.
        groups: the group of distributions for each kind × 1,000 + territory that was calibrated; a territory that was not
            seen shares that of its kind with the most rows.
        weeks: first week of training, of calibrating, of testing, and the week after the last.
        source: what history it learned from.
    """

    boosters: tuple[lightgbm.Booster, ...]
    system: ConformalPredictiveSystem
    groups: dict[int, int]
    weeks: tuple[int, int, int, int]
    source: Message

    def errors(self, group: int) -> Floats:
        """The errors of a group's calibrating weeks, each by the width of its own range, sorted."""
        names, sorted_errors = self.system.binned_alphas
        return np.asarray(sorted_errors[int(np.searchsorted(names, group))], dtype=np.float64)

    def _foretold(self, rows: Rows) -> tuple[Floats, Floats, Ints]:
        features = rows.features
        low, middle, high = (np.asarray(b.predict(features)) for b in self.boosters)
        return middle, np.maximum(NARROWEST, high - low), _groups(rows, self.groups)

    def interval(self, rows: Rows, share: float) -> Floats:
        """The range of delays, in minutes, that holds with a probability: two columns, a row for each ride."""
        middle, width, groups = self._foretold(rows)
        return np.asarray(
            self.system.predict_int(middle, sigmas=width, bins=groups, confidence=share), dtype=np.float64
        )

    def by(self, rows: Rows, delay: Floats) -> Floats:
        """The probability that each ride is no later than some minutes."""
        middle, width, groups = self._foretold(rows)
        found = self.system.predict_p(middle, delay, sigmas=width, bins=groups, smoothing=False)
        return np.clip(np.asarray(found, dtype=np.float64).reshape(-1), 0.0, 1.0)


def parts(rows: Rows) -> tuple[Rows, Rows, Rows, tuple[int, int, int, int]]:
    """Rows to train on, to calibrate on and to test on: earlier weeks, later weeks, the last weeks. Raises TooLittle."""
    weeks, counts = np.unique(rows.week, return_counts=True)
    if len(weeks) < 4:
        raise TooLittle(f"{len(weeks)} weeks of history; 4 are needed at least")
    passed = np.cumsum(counts) / counts.sum()
    first = int(weeks[min(len(weeks) - 3, int(np.searchsorted(passed, _TRAIN)))]) + 1
    second = int(weeks[min(len(weeks) - 2, int(np.searchsorted(passed, _TRAIN + _CALIBRATE)))]) + 1
    second = max(second, first + 1)
    train, calibrate = rows.week < first, (rows.week >= first) & (rows.week < second)
    test = rows.week >= second
    for some in (train, calibrate, test):
        if some.sum() < 50:
            raise TooLittle(f"{len(rows.delay)} rows of history are too few to be parted by weeks")
    return (
        rows.where(train),
        rows.where(calibrate),
        rows.where(test),
        (int(weeks[0]), first, second, int(weeks[-1]) + 1),
    )


def learn(rows: Rows, source: Message, seed: int = 0) -> Learned:
    """Learns from history.

    Args:
        rows: rides and whole ways.
        source: what history it is; a simulated one says so.
        seed: of what the learner leaves to chance.

    Raises:
        TooLittle: there are too few rows or weeks.
    """
    train, calibrate, _, weeks = parts(rows)
    settings = {"objective": "quantile", "learning_rate": 0.08, "num_leaves": 31, "min_data_in_leaf": 60, "verbosity": -1,
                "seed": seed, "deterministic": True, "force_row_wise": True, "num_threads": 1}  # fmt: skip
    data = lightgbm.Dataset(
        train.features,
        train.delay,
        feature_name=list(FEATURES),
        categorical_feature=list(CATEGORIES),
        free_raw_data=False,
    )
    boosters = tuple(lightgbm.train(settings | {"alpha": q}, data, num_boost_round=120) for q in QUANTILES)
    keys, counts = np.unique(_keys(calibrate), return_counts=True)
    groups = _own_groups(keys, counts)
    low, middle, high = (np.asarray(b.predict(calibrate.features)) for b in boosters)
    system = ConformalPredictiveSystem()
    system.fit(
        calibrate.delay - middle, np.maximum(NARROWEST, high - low), _groups(calibrate, groups), seed=seed
    )
    return Learned(boosters, system, groups, weeks, source)


def _keys(rows: Rows) -> Ints:
    return rows.kind * 1000 + rows.ends


def _own_groups(keys: Ints, counts: Ints) -> dict[int, int]:
    """The group of each key: its own where it has enough rows, else that which those of its kind share. By kind × 1,000 +
    999 stands where territories go that were not seen."""
    groups: dict[int, int] = {}
    largest: dict[int, tuple[int, int]] = {}
    for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
        kind = key // 1000
        groups[key] = key if count >= _ENOUGH else kind * 1000 + 999
        largest[kind] = max(largest.get(kind, (0, 0)), (count, groups[key]))
    for kind, (_, group) in largest.items():
        shared = kind * 1000 + 999
        groups[shared] = shared if shared in groups.values() else group
    groups[-1] = max(largest.values())[1]
    return groups


def _groups(rows: Rows, groups: dict[int, int]) -> Ints:
    def of(key: int) -> int:
        return groups.get(key, groups.get(key // 1000 * 1000 + 999, groups[-1]))

    keys, where = np.unique(_keys(rows), return_inverse=True)
    return np.array([of(int(k)) for k in keys], dtype=np.int64)[where]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often a range held, in a group: of `rides`, `held`."""

    kind: int
    territory: int  # -1: all
    rides: int
    held: int

    @property
    def share(self) -> float:
        """The part that held."""
        return self.held / self.rides

    def kept(self, asked: float) -> bool:
        """Whether it is what was said: within 3 points for 2,000 rides and more, else within what chance explains (99 %)."""
        if self.rides >= _MANY:
            return abs(self.share - asked) <= 0.03
        return bool(
            abs(self.share - asked) <= 2.576 * np.sqrt(asked * (1 - asked) / self.rides) + 0.5 / self.rides
        )


_MANY = 2000


def coverage(learned: Learned, rows: Rows, share: float = 0.8) -> list[Coverage]:
    """How often the range of a probability held: for all rows, and for each kind and territory of arrival."""
    span = learned.interval(rows, share)
    held = (span[:, 0] <= rows.delay) & (rows.delay <= span[:, 1])
    found = [Coverage(-1, -1, len(held), int(held.sum()))]
    for key in np.unique(_keys(rows)):
        mine = _keys(rows) == key
        found.append(Coverage(int(key) // 1000, int(key) % 1000, int(mine.sum()), int(held[mine].sum())))
    return found
