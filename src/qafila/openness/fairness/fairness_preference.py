"""Whether one class of merchants is treated better than the others: differences with intervals, corrected for how many are asked.

Chance alone makes one of twenty comparisons look like bias at 5 %. Holm's correction holds for all of them together,
however they depend on each other. Where there are too few observations, nothing is said, and that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FEWEST = 30
"""Observations in each group below which a comparison says nothing."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure, one class against all others.

    Attributes:
        measure: such as `accepted` or `price`.
        group: the class of merchants.
        count: observations of the class and of the others.
        difference: of the means, class less others, in the measure's unit.
        low: of the interval at the level that was asked for, before correction.
        high: likewise.
        p: of the difference being chance, before correction; 1 where there are too few.
        corrected: the same corrected for all comparisons (Holm).
        enough: whether both groups have enough observations.
        biased: whether the corrected p is below the level.
    """

    measure: str
    group: str
    count: tuple[int, int]
    difference: float
    low: float
    high: float
    p: float
    corrected: float
    enough: bool
    biased: bool


def compare(
    measures: dict[str, NDArray[np.float64]], group: Sequence[str], level: float = 0.05
) -> list[Comparison]:
    """Each class against all others, by each measure.

    Args:
        measures: by name, float64 [N]; NaN where an observation has none. Measures of only 0 and 1 are compared as
            shares (Newcombe's interval, Fisher's exact test), others as means (Welch).
        group: the class of each observation, [N].
        level: the chance of calling anything biased where nothing is, over all comparisons.
    """
    return compare_all([(measures, group)], level)


Sample = tuple[dict[str, NDArray[np.float64]], Sequence[str]]
"""Measures of some observations and the class of each, as `compare` takes them."""


def compare_all(samples: Sequence[Sample], level: float = 0.05) -> list[Comparison]:
    """As `compare`, of several kinds of observations; the correction holds for all comparisons together."""
    found = [one for measures, group in samples for one in _compared(measures, group, level)]
    asked = [n for n, one in enumerate(found) if one.enough]
    for n, p in zip(asked, holm([found[n].p for n in asked]), strict=True):
        found[n] = replace(found[n], corrected=p, biased=p < level)
    return found


def _compared(
    measures: dict[str, NDArray[np.float64]], group: Sequence[str], level: float
) -> list[Comparison]:
    classes, of = sorted(set(group)), np.array(group, dtype=object)
    found: list[Comparison] = []
    for name, values in measures.items():
        for one in classes:
            known = ~np.isnan(values)
            a, b = values[known & (of == one)], values[known & (of != one)]
            enough = min(len(a), len(b)) >= FEWEST
            shares = set(np.unique(values[known]).tolist()) <= {0.0, 1.0}
            told = (_shares if shares else _means)(a, b, level) if enough else (np.nan, np.nan, np.nan, 1.0)
            found.append(
                Comparison(name, one, (len(a), len(b)), *told, corrected=1.0, enough=enough, biased=False)
            )
    return found


def holm(p: Sequence[float]) -> list[float]:
    """The p-values corrected by Holm's step-down method, in the order given."""
    order = sorted(range(len(p)), key=lambda n: p[n])
    corrected, highest = [0.0] * len(p), 0.0
    for rank, n in enumerate(order):
        highest = max(highest, min(1.0, (len(p) - rank) * p[n]))
        corrected[n] = highest
    return corrected


def _shares(
    a: NDArray[np.float64], b: NDArray[np.float64], level: float
) -> tuple[float, float, float, float]:
    """Difference of shares, Newcombe's interval (from Wilson's), Fisher's exact p."""
    x, n, y, m = float(a.sum()), len(a), float(b.sum()), len(b)
    (l1, u1), (l2, u2) = _wilson(x, n, level), _wilson(y, m, level)
    d = x / n - y / m
    low = d - float(np.hypot(x / n - l1, u2 - y / m))
    high = d + float(np.hypot(u1 - x / n, y / m - l2))
    test: Any = stats.fisher_exact(np.array([[x, n - x], [y, m - y]]))
    return d, low, high, float(test.pvalue)


def _wilson(x: float, n: int, level: float) -> tuple[float, float]:
    z = float(stats.norm.ppf(1 - level / 2))
    middle = (x + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * float(np.sqrt(x * (n - x) / n + z * z / 4))
    return middle - half, middle + half


def _means(a: NDArray[np.float64], b: NDArray[np.float64], level: float) -> tuple[float, float, float, float]:
    """Difference of means, Welch's interval and p; a p of 1 where nothing varies and nothing differs."""
    d = float(a.mean() - b.mean())
    if a.std() == 0 and b.std() == 0:
        return d, d, d, 1.0 if d == 0 else 0.0
    test: Any = stats.ttest_ind(a, b, equal_var=False)
    interval = test.confidence_interval(1 - level)
    return d, float(interval.low), float(interval.high), float(test.pvalue)


def matched(values: NDArray[np.float64], cell: Sequence[object]) -> NDArray[np.float64]:
    """Values less the mean of their cell, so that only like is compared with like; NaN where a cell has one alone.

    Args:
        values: float64 [N].
        cell: what makes two observations alike, such as the same rides and weight, [N].
    """
    _, index = np.unique(np.array([str(one) for one in cell], dtype=object).astype(str), return_inverse=True)
    count = np.bincount(index)
    mean = np.bincount(index, values) / count
    return np.where(count[index] > 1, values - mean[index], np.nan)
