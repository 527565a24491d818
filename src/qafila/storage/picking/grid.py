"""The aisles as arrays: where one can walk, and the places at which one stops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qafila.storage.picking.picking_connecting import MOST_CROSS_AISLES, Steps, no_steps, steps

MOST = 61
"""Cross aisles of one warehouse at most: sixty blocks."""

WORD = 64
"""Stops of one aisle between two cross aisles are kept as bits of words this long."""


class Grid(NamedTuple):
    """Parallel aisles, joined by cross aisles at their ends and between. Lengths in metres, from front and left.

    Stops at one depth of one aisle are one stop, whatever their side or level: the picker reaches both.
    """

    gaps: NDArray[np.float64]  # [column − 1]: distance to the next column
    cross: NDArray[np.float64]  # [cross aisle]: its distance from the front
    words: NDArray[np.int64]  # [column · blocks + block]: where its words begin, and one more at the end
    depth: NDArray[np.float64]  # [word · 64 + bit]: the stop's distance from the front
    column: NDArray[np.int32]  # [word · 64 + bit]: the stop's column, -1 where no stop is
    depot_column: int
    depot_cross: int
    extra: float  # from the depot to the cross aisle and back, once a tour
    steps: Steps  # empty with more than `MOST_CROSS_AISLES`: then tours are searched for, and not counted out


class Stops(NamedTuple):
    """The grid, and for each place given the stop that serves it."""

    grid: Grid
    stop: NDArray[np.int64]  # [place] → word · 64 + bit


def grid(
    aisles: Sequence[float] | NDArray[Any],
    cross: Sequence[float] | NDArray[Any],
    places: tuple[NDArray[Any], NDArray[Any]],
    depot: tuple[float, int] = (0.0, 0),
    extra: float = 0.0,
) -> Stops:
    """The arrays for a warehouse.

    aisles: distance of each from the left, growing; cross: distance of each cross aisle from the front, growing,
    two or more; places: aisle (an index) and distance from the front of each; depot: its distance from the left,
    and the cross aisle on which it lies; extra: what it lies off that cross aisle, there and back.
    Raises ValueError where these do not fit together.
    """
    aisle, depth = np.asarray(places[0], np.int64), np.asarray(places[1], float)
    if not 2 <= len(cross) <= MOST:
        raise ValueError(f"{len(cross)} cross aisles: tours are found for 2 to {MOST}")
    if not len(aisles) or np.any(np.diff(aisles) <= 0) or np.any(np.diff(cross) <= 0):
        raise ValueError(
            "aisles and cross aisles must grow in distance, and there must be one aisle at least"
        )
    if not 0 <= depot[1] < len(cross):
        raise ValueError(f"the depot lies on cross aisle {depot[1]}, and there are {len(cross)}")
    if len(aisle) and (aisle.min() < 0 or aisle.max() >= len(aisles)):
        raise ValueError(f"a place lies in aisle {aisle.max()}, and there are {len(aisles)}")
    if len(depth) and (depth.min() < cross[0] or depth.max() > cross[-1]):
        raise ValueError("a place lies before the first or behind the last cross aisle")
    columns = np.union1d(np.asarray(aisles, float), [depot[0]])
    of_aisle = np.searchsorted(columns, np.asarray(aisles, float))
    blocks = len(cross) - 1
    block = np.clip(np.searchsorted(np.asarray(cross, float), depth, side="right") - 1, 0, blocks - 1)
    cell = of_aisle[aisle] * blocks + block
    words, depths, owners = [0], [], []
    stop = np.zeros(len(aisle), np.int64)
    order = np.lexsort((depth, cell))
    bounds = np.searchsorted(cell[order], np.arange(len(columns) * blocks + 1))
    for c in range(len(columns) * blocks):
        here = order[bounds[c] : bounds[c + 1]]
        unique, of_place = np.unique(depth[here], return_inverse=True)
        stop[here] = words[-1] * WORD + of_place
        needed = -(-len(unique) // WORD)
        depths.append(np.concatenate([unique, np.full(needed * WORD - len(unique), np.nan)]))
        owners.append(np.where(np.isnan(depths[-1]), -1, c // blocks))
        words.append(words[-1] + needed)
    made = Grid(
        np.diff(columns),
        np.asarray(cross, float),
        np.array(words),
        np.concatenate(depths),
        np.concatenate(owners).astype(np.int32),
        int(np.searchsorted(columns, depot[0])),
        depot[1],
        float(extra),
        steps(len(cross)) if len(cross) <= MOST_CROSS_AISLES else no_steps(),
    )
    return Stops(made, stop)


def bits(made: Grid, stops: Sequence[int] | NDArray[np.int64]) -> NDArray[np.uint64]:
    """The stops as bits, one array of words: what the kernels take."""
    mask = np.zeros(made.words[-1], np.uint64)
    at = np.asarray(stops, np.int64)
    np.bitwise_or.at(mask, at // WORD, np.left_shift(np.uint64(1), (at % WORD).astype(np.uint64)))
    return mask
