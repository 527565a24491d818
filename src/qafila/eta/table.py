"""What is learned from: a row for each ride that was planned and happened, and one for each whole way."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WHOLE = 99
"""The kind of a row that is a whole way; other rows have their mode."""

NARROWEST = 1.0
"""Minutes: no range that errors are measured by is narrower."""

FEATURES = ("kind", "begins", "ends", "weekday", "hour", "minutes", "rides", "slack")
CATEGORIES = ("kind", "begins", "ends")


class Rows(NamedTuple):
    """Columns of equal length.

    kind: the mode's number, or WHOLE. begins, ends: numbers of territories. weekday, hour: of the planned departure, UTC.
    minutes: planned from leaving to arriving. rides: of the whole way. slack: minutes that the plan has between arriving and
    leaving again, added up. week: weeks since 1970. delay: minutes later than planned; below 0 where it was early.
    """

    kind: Ints
    begins: Ints
    ends: Ints
    weekday: Ints
    hour: Ints
    minutes: Floats
    rides: Ints
    slack: Floats
    week: Ints
    delay: Floats

    @property
    def features(self) -> Floats:
        """The columns that a delay is foretold from, in the order of FEATURES."""
        return np.column_stack([getattr(self, name) for name in FEATURES]).astype(np.float64)

    def where(self, chosen: NDArray[np.bool_]) -> Rows:
        """Some of the rows."""
        return Rows._make(column[chosen] for column in self)


def joined(parts: list[Rows]) -> Rows:
    """Several tables as one."""
    return Rows._make(np.concatenate(columns) for columns in zip(*parts, strict=True))
