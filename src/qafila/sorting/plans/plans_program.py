"""A mixed-integer program, put together row by row and given to HiGHS as one sparse matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
from highspy import _core


@dataclass(frozen=True, slots=True)
class Answer:
    """The values of all columns, empty where none were found in time, and what no solution can be below."""

    values: Sequence[float]
    bound: float


@dataclass(slots=True)
class Program:
    """Columns with cost and bounds; rows as low ≤ Σ value · column ≤ high. Everything is minimised."""

    cost: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    row_low: list[float] = field(default_factory=list)
    row_high: list[float] = field(default_factory=list)
    start: list[int] = field(default_factory=lambda: [0])
    index: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    offset: float = 0.0

    def column(self, cost: float, low: float = 0.0, high: float = 1.0, whole: bool = True) -> int:
        """Adds a column; returns its number."""
        self.cost.append(cost)
        self.low.append(low)
        self.high.append(high)
        self.whole.append(whole)
        return len(self.cost) - 1

    def row(self, terms: Sequence[tuple[int, float]], low: float, high: float) -> None:
        """Adds a row over columns by their numbers, each named once."""
        for index, value in terms:
            self.index.append(index)
            self.value.append(value)
        self.start.append(len(self.index))
        self.row_low.append(low)
        self.row_high.append(high)

    def solve(self, seconds: float, gap: float, first: Sequence[float] | None = None) -> Answer:
        """Solves it within some seconds, on one thread, from a first solution where one is given."""
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.cost), len(self.row_low)
        lp.col_cost_ = np.array(self.cost, float)
        lp.col_lower_, lp.col_upper_ = np.array(self.low, float), np.array(self.high, float)
        lp.row_lower_, lp.row_upper_ = np.array(self.row_low, float), np.array(self.row_high, float)
        lp.offset_ = self.offset
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(self.start, np.int32)
        lp.a_matrix_.index_ = np.array(self.index, np.int32)
        lp.a_matrix_.value_ = np.array(self.value, float)
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger if w else kinds.kContinuous for w in self.whole]
        h = _core._Highs()  # as highspy.Highs, which greets on the console that JSON is printed to
        for name, option in (
            ("output_flag", False),
            ("time_limit", max(seconds, 0.1)),
            ("mip_rel_gap", gap),
            ("threads", 1),
            ("random_seed", 1),
        ):
            h.setOptionValue(name, option)
        h.passModel(lp)
        if first is not None:
            known = highspy.HighsSolution()
            known.col_value = list(first)
            h.setSolution(known)
        h.run()
        info = h.getInfo()
        found = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
        if not any(self.whole):
            return Answer(list(h.getSolution().col_value) if found else (), info.objective_function_value)
        return Answer(list(h.getSolution().col_value) if found else (), info.mip_dual_bound)


INFINITY = highspy.kHighsInf
