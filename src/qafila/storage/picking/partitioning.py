"""The best batches of a few orders: every cart that can be filled is weighed, and the best division found exactly.

Which carts together take each order once and walk least is a set partitioning problem, given to HiGHS (Valle and others
2017 solve so up to some twenty orders). What the search found before bounds it from above: carts whose reduced cost is more
than what there is to gain cannot be part of anything better, and are left out before whole numbers are asked for.
"""

from __future__ import annotations

import highspy
import numpy as np
from highspy import _core
from numba import njit
from numpy.typing import NDArray

from qafila.storage.picking.grid import Grid
from qafila.storage.picking.merging import Work
from qafila.storage.picking.touring import shortest

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_ORDERS = 20

MOST_CARTS = (30_000, 8_000, 2_500, 400, 250)
"""Carts that are weighed at most, by the number of blocks: a tour past more cross aisles takes longer to be found."""

_LITTLE = 1e-6


def divided(grid: Grid, work: Work, of: Longs) -> Longs | None:
    """[order] → batch, such that no other division walks less; None where there are too many carts to weigh them all.

    grid: the warehouse, of five blocks at most; work: the orders; of: a division that is known, which is returned where
    nothing is shorter.
    """
    blocks = len(grid.cross) - 1
    if len(of) > MOST_ORDERS or blocks > len(MOST_CARTS):
        return None
    carts = _carts(work, MOST_CARTS[blocks - 1])
    if not len(carts):
        return None
    metres = _metres(grid, work, carts)
    known = {cart: i for i, cart in enumerate(carts.tolist())}
    held = [known[_bits(np.flatnonzero(of == batch))] for batch in np.unique(of)]
    chosen = _best(carts, metres, len(of), float(metres[held].sum()))
    if chosen is None:
        return of
    found = np.empty_like(of)
    for number, cart in enumerate(chosen):
        found[[i for i in range(len(of)) if int(carts[cart]) >> i & 1]] = number
    return found


def _bits(orders: Longs) -> int:
    return sum(1 << int(i) for i in orders)


@njit(cache=True)
def _carts(work: Work, most: int) -> Longs:
    """Every set of orders that a cart carries, as bits; empty where there are more than `most`."""
    count = len(work.load)
    found = np.empty(most, np.int64)
    load, boxes = np.empty(most), np.empty(most, np.int64)
    used = 0
    for i in range(count):
        before = used
        for held in range(-1, before):  # alone, and beside each set of those before it
            more = work.load[i] + (load[held] if held >= 0 else 0.0)
            boxed = work.boxes[i] + (boxes[held] if held >= 0 else 0)
            if more > work.most_load + 1e-9 or boxed > work.most_boxes:
                continue
            if used == most:
                return found[:0]
            found[used] = (found[held] if held >= 0 else 0) | (1 << i)
            load[used], boxes[used] = more, boxed
            used += 1
    return found[:used]


@njit(cache=True)
def _metres(grid: Grid, work: Work, carts: Longs) -> Floats:
    """The length of the shortest tour of each."""
    metres = np.empty(len(carts))
    mask = np.empty(work.masks.shape[1], np.uint64)
    for n in range(len(carts)):
        mask[:] = 0
        for i in range(len(work.load)):
            if carts[n] >> i & 1:
                for w in range(len(mask)):
                    mask[w] |= work.masks[i, w]
        metres[n] = shortest(grid, mask)
    return metres


def _best(carts: Longs, metres: Floats, orders: int, known: float) -> list[int] | None:
    """Which carts take each order once and walk least; None where that is not less than what is known."""
    inside = (carts[None, :] >> np.arange(orders)[:, None] & 1).astype(bool)
    model = _model(inside, metres)
    model.run()
    info, duals = model.getInfo(), np.asarray(model.getSolution().row_dual)
    gain = known - info.objective_function_value
    if gain <= _LITTLE:
        return None
    reduced = metres - duals @ inside
    left = np.flatnonzero(reduced <= gain + _LITTLE)
    model = _model(inside[:, left], metres[left], whole=True)
    model.run()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    chosen = left[np.asarray(model.getSolution().col_value) > 0.5]
    return chosen.tolist() if metres[chosen].sum() < known - _LITTLE else None


def _model(inside: NDArray[np.bool_], metres: Floats, whole: bool = False) -> _core._Highs:
    """Carts as columns, orders as rows that are taken once."""
    rows, columns = inside.shape
    column, row = np.nonzero(inside.T)
    model = _core._Highs()  # as highspy.Highs, which greets on the console that JSON is printed to
    model.setOptionValue("output_flag", False)
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("threads", 1)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns, rows
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = metres, np.zeros(columns), np.ones(columns)
    lp.row_lower_ = lp.row_upper_ = np.ones(rows)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.searchsorted(column, np.arange(columns + 1)).astype(np.int32)
    lp.a_matrix_.index_ = row.astype(np.int32)
    lp.a_matrix_.value_ = np.ones(len(row))
    if whole:
        lp.integrality_ = [highspy.HighsVarType.kInteger] * columns
    model.passModel(lp)
    return model
