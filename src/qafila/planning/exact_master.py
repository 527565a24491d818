"""The master solved to the optimum by HiGHS: for problems small enough for a simplex."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

Floats = NDArray[np.float64]

OPTIMUM, USEFUL = 1e-7, 1e-3
"""By how much of the cost shares and prices may differ for an answer to be the optimum, and to be of use at all."""


SMALLEST = 1e-10
"""A block that costs less than this part of the dearest counts as this."""


class NotSolved(ArithmeticError):
    """No answer of the solver was the optimum; the message is what it said last."""


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

    One large commodity makes costs 1e10, with which HiGHS ends without an answer: they are handed over with the largest
    as 1, and blocks in units of which cost and size are as small as each other, so that small ones are not lost beside
    it. An answer counts if its shares are within the rooms and its prices prove their cost; other ways of solving are
    tried until one does. Raises NotSolved.
    """
    columns, blocks, rows = len(cost), len(block) - 1, len(room)
    owner = np.repeat(np.arange(blocks), np.diff(block))
    column = np.repeat(np.arange(columns), np.diff(start))
    scale = float(np.abs(cost).max(initial=0.0)) or 1.0
    unit = np.sqrt(np.maximum(np.maximum.reduceat(np.abs(cost), block[:-1]) / scale, SMALLEST))
    solver: Any = linprog  # its stubs do not know sparse matrices
    above = csr_array((part, (row, column)), shape=(rows, columns))
    whole = csr_array((np.ones(columns), (owner, np.arange(columns))), shape=(blocks, columns))
    scaled = csr_array((part / unit[owner[column]], (row, column)), shape=(rows, columns))
    said, best, off = "", None, USEFUL
    for method, presolve in (("highs", True), ("highs-ds", False), ("highs-ipm", True)):
        try:
            answer = solver(
                cost / scale / unit[owner],
                A_ub=scaled,
                b_ub=room,
                A_eq=whole,
                b_eq=unit,
                method=method,
                options={"presolve": presolve},
            )
        except (ValueError, ArithmeticError) as error:
            said = str(error)
            continue
        said = str(answer.message)
        if not answer.success:
            continue
        x = np.maximum(np.asarray(answer.x), 0.0) / unit[owner]
        price = np.maximum(-np.asarray(answer.ineqlin.marginals), 0.0) * scale
        paid = float(np.dot(cost, x))
        proven = np.minimum.reduceat(cost + above.T @ price, block[:-1]).sum() - float(np.dot(price, room))
        fits = (above @ x <= room + 1e-6 * (1.0 + np.abs(room))).all()
        apart = abs(paid - proven) / max(abs(paid), abs(proven), 1e-9)
        if fits and apart < off:
            best, off = (x, price, paid), apart
        if off <= OPTIMUM:
            break
        said = "its answer is not the optimum"
    if best is None:
        raise NotSolved(said)
    return best
