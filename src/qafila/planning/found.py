"""How long to search for a plan, what is told meanwhile, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qafila.core.message import Message
from qafila.planning.master import Shares
from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Problem
from qafila.planning.priced import Priced
from qafila.planning.rounding import Whole
from qafila.planning.shapes import Ints, Longs

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effort:
    """When to stop: at a gap, after some seconds, or after some rounds."""

    gap: float = 0.001
    seconds: float = 60.0
    rounds: int = 100_000
    steps: int = 240  # of the master in one round at most


@dataclass(frozen=True, slots=True, eq=False)
class SoFar:
    """The best plan that a search had found when it ended early."""

    who: Longs  # [P]
    ptr: Longs  # [P+1]
    rides: Ints
    parcels: Longs  # [P]
    unserved: Longs  # [K]
    row_price: Floats  # [M]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the search stands; costs in COST_UNITs."""

    round: int
    seconds: float
    bound: float
    cost: float  # of the best integral plan
    master: float  # of the shares within capacity, what is over it set aside
    columns: int

    @property
    def gap(self) -> float:
        """Of the integral plan, relative to its cost."""
        return max(self.cost - self.bound, 0.0) / max(abs(self.cost), 1e-9)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best plan, the best prices, and what the search knows about them."""

    problem: Problem
    pool: Pool
    whole: Whole
    row_price: Floats  # [M] at which `bound` is proven
    bound: float  # COST_UNITs
    priced: Priced  # at row_price, in 64-bit floats
    shares: Shares
    share_cost: float  # of the fractional plan, what is over capacity left unserved
    rounds: int
    seconds: float
    history: tuple[Progress, ...]
    remarks: tuple[Message, ...] = ()  # what went otherwise than it should
    whole_bound: float = float("-inf")  # COST_UNITs: no plan of whole parcels costs less

    @property
    def gap(self) -> float:
        """Of the integral plan, relative to its cost."""
        return (self.whole.cost - self.bound) / max(abs(self.whole.cost), 1e-9)

    @property
    def share_gap(self) -> float:
        """Of the fractional plan, relative to its cost."""
        return (self.share_cost - self.bound) / max(abs(self.share_cost), 1e-9)
