"""Which orders are picked together: batches that fill a cart and walk the least.

Orders are not torn apart: an order is picked in one tour. Batches begin by savings (join the two that save most, until
none fit; Clarke and Wright, after de Koster and others 1999). Then orders change carts by simulated annealing, and last
by single moves as long as any shortens the tours. In warehouses of one block every tour that is tried is exact. With
more blocks most are tried without the cross aisles between, which takes a fraction of the time, and the last moves by
real tours. A few orders are divided exactly (`partitioning`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qafila.storage.picking import touring
from qafila.storage.picking.annealing import anneal
from qafila.storage.picking.grid import Grid, bits
from qafila.storage.picking.grid import grid as layout
from qafila.storage.picking.merging import Work, merge
from qafila.storage.picking.partitioning import divided
from qafila.storage.picking.picking_connecting import no_steps
from qafila.storage.picking.picking_exchanging import exchange

CHUNK = 700
"""Savings are compared within this many orders at once; more are first sorted by where they are picked."""

EFFORT = 12_000
"""Tours that are tried for each order after the savings: more shortens by less and less."""

MOST_EFFORT = 7_000_000
"""And at most so many in all, so that a large wave is batched in seconds."""

WIDE = 18
"""Aisles from which on fewer tours are tried: each takes the longer to be found, the more aisles there are."""

_DEARER = {2: 40, 3: 200, 4: 1_000, 5: 1_000}
_DEAREST = 2_000
"""How much longer a tour of more blocks takes to be found than one of one block; so many fewer are tried last."""


class Cart(NamedTuple):
    """What one tour can carry."""

    load: float  # in the unit of the orders' loads: items, kilograms, litres
    compartments: int = 1 << 30  # separate boxes, each for one order


@dataclass(frozen=True, slots=True)
class Batch:
    """Orders that are picked together, and the length in metres of their shortest tour."""

    orders: tuple[int, ...]
    length: float


class TooLarge(ValueError):
    """An order that no cart carries; `order` is its index."""

    def __init__(self, order: int, load: float, cart: Cart) -> None:
        super().__init__(f"order {order} loads {load:g}, and a cart carries {cart.load:g}")
        self.order = order


def batches(
    grid: Grid,
    orders: Sequence[Sequence[int] | NDArray[np.int64]],
    loads: Sequence[float] | NDArray[np.float64],
    cart: Cart,
    compartments: Sequence[int] | NDArray[np.int64] | None = None,
    effort: int = EFFORT,
    seed: int = 1,
) -> list[Batch]:
    """Batches of the orders; the same arguments give the same batches.

    orders: the stops of each (of `grid.Stops.stop`); loads: what each loads on the cart; compartments: how many
    boxes each takes (one, if not said); effort: tours tried for each order once the savings are done.
    Raises TooLarge where an order does not fit an empty cart.
    """
    count = len(orders)
    if count == 0:
        return []
    load = np.asarray(loads, float)
    boxes = np.ones(count, np.int64) if compartments is None else np.asarray(compartments, np.int64)
    for large in np.flatnonzero((load > cart.load) | (boxes > cart.compartments)):
        raise TooLarge(int(large), float(load[large]), cart)
    masks = np.stack([bits(grid, stops) for stops in orders])
    work = Work(masks, load, boxes, float(cart.load), min(int(cart.compartments), 1 << 30))
    of = np.empty(count, np.int64)
    used = 0
    blocks = len(grid.cross) - 1
    plain, plainly = (grid, work) if blocks == 1 else _without_middle(grid, orders, work)
    for chunk in _chunks(grid, masks, CHUNK):
        part = plainly._replace(masks=plainly.masks[chunk], load=load[chunk], boxes=boxes[chunk])
        found = merge(plain, part)
        of[chunk] = found + used
        used += int(found.max()) + 1
    left = min(effort * count, MOST_EFFORT * WIDE // max(WIDE, len(grid.gaps)))
    if used > 1 and left > 0:
        anneal(plain, plainly, of, left, seed)
        # the exact tables of four and five blocks are too slow to try batches by: these are tried by quick tours
        tried = grid if blocks < 4 else grid._replace(steps=no_steps())
        exchange(tried, work, of, left // _DEARER.get(blocks, _DEAREST) if blocks > 1 else left)
    if count > 1 and effort > 0:
        best = divided(grid, work, of)
        of = of if best is None else best
    members: dict[int, list[int]] = {}
    for index, batch in enumerate(of):
        members.setdefault(int(batch), []).append(index)
    return [
        Batch(tuple(found), touring.length(grid, np.bitwise_or.reduce(masks[found], axis=0)))
        for found in members.values()
    ]


def first_come(
    loads: Sequence[float], cart: Cart, compartments: Sequence[int] | None = None
) -> list[list[int]]:
    """The orders as they came, a new batch as soon as the next does not fit: what batches are measured against."""
    found: list[list[int]] = []
    load, boxes = np.inf, 0
    for order, more in enumerate(loads):
        box = 1 if compartments is None else compartments[order]
        if load + more > cart.load or boxes + box > cart.compartments:
            found.append([])
            load, boxes = 0.0, 0
        found[-1].append(order)
        load += more
        boxes += box
    return found


def _without_middle(
    grid: Grid, orders: Sequence[Sequence[int] | NDArray[np.int64]], work: Work
) -> tuple[Grid, Work]:
    """The same aisles and orders with the first and the last cross aisle alone; the depot on the nearer of these.

    Stops are numbered anew: an aisle that is not cut in blocks takes fewer words, and tours are tried the quicker."""
    x = np.concatenate([[0.0], np.cumsum(grid.gaps)])
    there = np.flatnonzero(grid.column >= 0)
    depot = (float(x[grid.depot_column]), int(2 * grid.depot_cross > len(grid.cross) - 1))
    made = layout(x, grid.cross[[0, -1]], (grid.column[there], grid.depth[there]), depot, grid.extra)
    number = np.zeros(len(grid.column), np.int64)
    number[there] = made.stop
    masks = np.stack([bits(made.grid, number[np.asarray(stops, np.int64)]) for stops in orders])
    return made.grid, work._replace(masks=masks)


def _chunks(grid: Grid, masks: NDArray[np.uint64], most: int) -> list[NDArray[np.int64]]:
    """Orders in groups of so many at most; those picked in the same part of the warehouse come together."""
    count = len(masks)
    if count <= most:
        return [np.arange(count)]
    blocks = len(grid.cross) - 1
    column = np.repeat(np.arange(len(grid.gaps) + 1), blocks)
    touched = np.add.reduceat(  # an empty cell repeats its neighbour's words; it has none of its own to count
        np.concatenate([np.bitwise_count(masks), np.zeros((count, 1), np.uint8)], 1).astype(np.int64),
        grid.words[:-1],
        axis=1,
    )
    touched[:, np.diff(grid.words) == 0] = 0
    farthest = np.where(touched > 0, column, -1).max(1)
    nearest = np.where(touched > 0, column, 1 << 20).min(1)
    return np.array_split(np.lexsort((farthest, nearest)), -(-count // most))
