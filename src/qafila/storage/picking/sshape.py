"""The S-shape: the habit of most warehouses, and the measure against which shorter tours are held.

Every aisle with something to pick is walked from end to end, up one and down the next; the last of a block, if the
picker would end on its far side, is walked in to its farthest stop and out again. With several blocks the farthest
comes first, reached through the first aisle that has a stop, and the others follow towards the front
(Roodbergen and de Koster 2001).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qafila.storage.picking.grid import Grid


def length(grid: Grid, stops: Sequence[int] | NDArray[np.int64]) -> float:
    """The length in metres of the S-shape past these stops, from the depot and back; the depot lies on the front
    cross aisle, and else ValueError is raised."""
    if grid.depot_cross != 0:
        raise ValueError("the S-shape is defined for a depot on the front cross aisle")
    wanted = np.unique(np.asarray(stops, np.int64))
    if not len(wanted):
        return 0.0
    x = np.concatenate([[0.0], np.cumsum(grid.gaps)])
    column, depth = grid.column[wanted], grid.depth[wanted]
    block = np.clip(np.searchsorted(grid.cross, depth, side="right") - 1, 0, len(grid.cross) - 2)
    walked, at, side = 0.0, float(x[grid.depot_column]), float(grid.cross[0])
    farthest = int(block.max())
    done = np.zeros(len(wanted), bool)
    if farthest > 0:  # up through the first aisle with a stop, which serves its stops in the nearer blocks
        first = int(column.min())
        walked += abs(x[first] - at) + float(grid.cross[farthest]) - side
        at, side = float(x[first]), float(grid.cross[farthest])
        done |= (column == first) & (block < farthest)
    for b in range(farthest, -1, -1):
        lower, upper = float(grid.cross[b]), float(grid.cross[b + 1])
        here = (block == b) & ~done
        columns = [int(c) for c in np.unique(column[here])]
        if not columns:
            walked += abs(side - lower)
            side = lower
            continue
        if abs(x[columns[-1]] - at) < abs(x[columns[0]] - at):
            columns.reverse()
        for number, c in enumerate(columns):
            walked += abs(x[c] - at)
            at = float(x[c])
            if number + 1 == len(columns) and side == lower:
                walked += 2 * (float(depth[here & (column == c)].max()) - lower)
            else:
                walked += upper - lower
                side = upper if side == lower else lower
    return float(walked + abs(at - float(x[grid.depot_column])) + grid.extra)
