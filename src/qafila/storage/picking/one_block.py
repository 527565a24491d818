"""The shortest tour of a warehouse of one block (two cross aisles), written out for speed: batching tries millions.

The states and steps are those of `connecting` for two cross aisles (Ratliff and Rosenthal 1983), kept in variables in
place of tables; `touring` keeps the general program, which tells the way as well, and tests hold the two against each
other.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.storage.picking.grid import Grid

_MULTIPLIER = np.uint64(0x03F79D71B4CB0A89)
_SHIFT = np.uint64(58)
_ONE = np.uint64(1)

_BIT = np.zeros(64, np.int64)
_BIT[[((0x03F79D71B4CB0A89 << bit) % (1 << 64)) >> 58 for bit in range(64)]] = np.arange(64)
"""Which single bit a word holds, by the first six bits of its product with a de Bruijn sequence."""


@njit(nogil=True, cache=True, inline="always")
def lowest(word: np.uint64) -> int:
    """The number of the lowest bit that is set in a word; the word holds one at least."""
    one = word & (~word + _ONE)
    return int(_BIT[(one * _MULTIPLIER) >> _SHIFT])


@njit(nogil=True, cache=True)
def one_block(grid: Grid, mask: NDArray[np.uint64]) -> float:
    """The length in metres of the shortest tour past every stop of the mask, from the depot and back; 0 for no stop.
    The grid has two cross aisles."""
    front, back = grid.cross[0], grid.cross[1]
    long = back - front
    columns = len(grid.gaps) + 1
    inf = np.inf
    # metres so far, by what of the front and the back is touched: nothing yet; both, an odd number of times; the
    # front alone; the back alone; both, hanging together; both, still apart; or the tour is closed
    none, odd, fore, aft, joined, apart, closed = 0.0, inf, inf, inf, inf, inf, inf
    anything = False
    for column in range(columns):
        if column == grid.depot_column:
            if grid.depot_cross == 0:
                fore, aft, apart = min(fore, none), inf, min(apart, aft)
            else:
                fore, aft, apart = inf, min(aft, none), min(apart, fore)
            none = closed = inf
        first = last = front
        widest = 0.0
        found = False
        for word in range(grid.words[column], grid.words[column + 1]):
            left = mask[word]
            while left:
                at = grid.depth[word * 64 + lowest(left)]
                left &= left - _ONE
                if not found:
                    first = at
                    found = True
                elif at - last > widest:
                    widest = at - last
                last = at
        untied = min(none, fore, aft, apart)
        once = min(untied, joined) + long
        if found:
            anything = True
            lower, upper, split = 2.0 * (last - front), 2.0 * (back - first), 2.0 * (long - widest)
            short = min(lower, upper, split)
            apart = min(apart + short, none + split, fore + min(upper, split), aft + min(lower, split))
            joined = min(odd + long, untied + 2.0 * long, joined + short)
            odd = min(once, odd + short)
            fore, aft = min(fore, none) + lower, min(aft, none) + upper
            none = closed = inf
        else:
            joined = min(odd + long, untied + 2.0 * long, joined)
            odd = min(once, odd)
        if column + 1 < columns:
            gap = 2.0 * grid.gaps[column]
            closed = min(closed, fore, aft, joined)
            odd, apart = odd + gap, apart + 2.0 * gap
            fore, aft, joined = min(fore, joined) + gap, min(aft, joined) + gap, joined + 2.0 * gap
    return min(closed, fore, aft, joined) + grid.extra if anything else 0.0
