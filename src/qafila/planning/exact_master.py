"""The master solved to the optimum by HiGHS: for problems small enough for a simplex."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

Floats = NDArray[np.float64]


def solve(
    block: NDArray[np.int64],
    cost: Floats,
    start: NDArray[np.int64],
    row: NDArray[np.int32],
    part: Floats,
    room: Floats,
) -> tuple[Floats, Floats, float]:
    """Shares [columns], prices of the rows (≥ 0) and the cost of: min cost·x, each block sums to 1,
    rows within their room, x ≥ 0.

    By SciPy's HiGHS: highspy's constructor writes a banner to standard output, where only answers belong.
    """
    columns, blocks, rows = len(cost), len(block) - 1, len(room)
    owner = np.repeat(np.arange(blocks), np.diff(block))
    column = np.repeat(np.arange(columns), np.diff(start))
    solver: Any = linprog  # its stubs do not know sparse matrices
    answer = solver(
        cost,
        A_ub=csr_array((part, (row, column)), shape=(rows, columns)),
        b_ub=room,
        A_eq=csr_array((np.ones(columns), (owner, np.arange(columns))), shape=(blocks, columns)),
        b_eq=np.ones(blocks),
        method="highs",
    )
    if not answer.success:
        raise ArithmeticError(f"the master could not be solved: {answer.message}")
    price = np.maximum(-np.asarray(answer.ineqlin.marginals), 0.0)
    return np.maximum(np.asarray(answer.x), 0.0), price, float(answer.fun)
