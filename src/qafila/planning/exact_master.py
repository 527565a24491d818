"""The master solved to the optimum by HiGHS: for problems small enough for a simplex."""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def solve(
    block: NDArray[np.int64], cost: Floats, start: NDArray[np.int64], row: NDArray[np.int32], part: Floats,
    room: Floats,
) -> tuple[Floats, Floats, float]:  # fmt: skip
    """Shares [columns], prices of the rows (≥ 0) and the cost of: min cost·x, each block sums to 1,
    rows within their room, x ≥ 0."""
    columns, blocks, rows = len(cost), len(block) - 1, len(room)
    owner = np.repeat(np.arange(blocks), np.diff(block))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, blocks + rows
    model.col_cost_ = cost
    model.col_lower_, model.col_upper_ = np.zeros(columns), np.full(columns, np.inf)
    model.row_lower_ = np.concatenate([np.ones(blocks), np.full(rows, -np.inf)])
    model.row_upper_ = np.concatenate([np.ones(blocks), room])
    # a way may load a row twice: HiGHS wants each entry once
    column = np.repeat(np.arange(columns), np.diff(start))
    keys = np.concatenate(
        [np.arange(columns) * (blocks + rows) + owner, column * (blocks + rows) + blocks + row]
    )
    values = np.concatenate([np.ones(columns), part])
    key, where = np.unique(keys, return_inverse=True)
    value = np.bincount(where, values)
    counts = np.bincount(key // (blocks + rows), minlength=columns)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    model.a_matrix_.index_ = (key % (blocks + rows)).astype(np.int32)
    model.a_matrix_.value_ = value
    highs = highspy.Highs()
    highs.silent()
    highs.passModel(model)
    highs.run()
    solution = highs.getSolution()
    x = np.maximum(np.asarray(solution.col_value), 0.0)
    price = np.maximum(-np.asarray(solution.row_dual)[blocks:], 0.0)
    return x, price, float(highs.getInfo().objective_function_value)
