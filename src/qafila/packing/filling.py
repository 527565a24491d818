"""One ULD filled: box after box into the emptiest corner, by a rule whose weights are drawn anew for each attempt."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qafila.packing.carrying import MOST_BOXES, Pile, new_pile, rests, stand, tops
from qafila.packing.pieces import Boxes, Room
from qafila.packing.spaces import MOST_SPACES, take_out

SUPPORT = 0.5  # the share of a base that must be carried
KNOBS = 8
"""Weights of the rule: z, x, y and size in the choice of a space; fit, contact, noise and power of value in that of a box."""

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


class Wanted(NamedTuple):
    """What may go into a ULD: pieces left of each kind, what one is worth, and the kg that may be loaded in all."""

    left: Ints
    value: Floats
    limit: float


@njit(cache=True, nogil=True)
def _span(room: Room, z1: int, z2: int, low: int, high: int, width: int) -> tuple[int, int]:
    """The lowest and highest y at which a box between z1 and z2 keeps to the cut corners; low > high if there is none."""
    high -= width
    for p in range(room.planes.shape[0]):
        a, b, c = room.planes[p, 0], room.planes[p, 1], room.planes[p, 2]
        rest = c - max(b * z1, b * z2) + 1e-6
        if a > 1e-9:
            high = min(high, math.floor(rest / a) - width)
        elif a < -1e-9:
            low = max(low, math.ceil(rest / a))
        elif rest < 0:
            return 1, 0
    return low, high


@njit(cache=True, nogil=True)
def _place(
    boxes: Boxes,
    room: Room,
    pile: Pile,
    count: int,
    space: Ints,
    v: int,
    blk: Ints,
    box: Ints,
    under: Ints,
    floor: int,
    added: Floats,
) -> bool:
    """Find a corner of a space for a block of `blk` (x, y, z) copies of a variant; `box` becomes its first box."""
    dx, dy, dz = boxes.size[v, 0] * blk[0], boxes.size[v, 1] * blk[1], boxes.size[v, 2] * blk[2]
    z = space[2]
    low, high = _span(room, z, z + dz, space[1], space[4], dy)
    if low > high:
        return False
    weight = boxes.weight[boxes.kind[v]]
    near_x = space[0] <= room.size[0] - space[3]
    near_y = space[1] <= room.size[1] - space[4]
    for corner in range(4):
        x = space[0] if near_x != ((corner & 1) == 1) else space[3] - dx
        y = low if near_y != ((corner & 2) == 2) else high
        box[0], box[1], box[2] = x, y, z
        box[3], box[4], box[5] = x + boxes.size[v, 0], y + boxes.size[v, 1], z + boxes.size[v, 2]
        if rests(pile, count, box, weight, SUPPORT, under, floor, added):
            return True
    if z == 0:
        return False
    for t in range(floor):
        n = under[t]
        for side in range(4):
            x = pile.box[n, 0] if (side & 1) == 0 else pile.box[n, 3] - dx
            y = pile.box[n, 1] if (side & 2) == 0 else pile.box[n, 4] - dy
            x = min(max(x, space[0]), space[3] - dx)
            y = min(max(y, low), high)
            if (x == space[0] or x == space[3] - dx) and y in (low, high):
                continue  # a corner, and tried
            box[0], box[1] = x, y
            box[3], box[4] = x + boxes.size[v, 0], y + boxes.size[v, 1]
            if rests(pile, count, box, weight, SUPPORT, under, floor, added):
                return True
    return False


@njit(cache=True, nogil=True)
def reaches(boxes: Boxes, room: Room, left: Ints) -> Ints:
    """For each axis and each cm up to the longest side: how far the sides of boxes left, in any number, reach into it."""
    longest = max(room.size[0], room.size[1], room.size[2])
    reach = np.empty((3, longest + 1), np.int32)
    for axis in range(3):
        side_there = np.zeros(longest + 1, np.bool_)
        for k in range(left.shape[0]):
            if left[k] > 0:
                for v in range(boxes.first[k], boxes.first[k + 1]):
                    if boxes.size[v, axis] <= longest:
                        side_there[boxes.size[v, axis]] = True
        can = np.zeros(longest + 1, np.bool_)
        can[0] = True
        for side in range(1, longest + 1):
            if side_there[side] and not can[side]:  # a side that others add up to reaches nothing new
                for n in range(longest + 1 - side):
                    if can[n]:
                        can[n + side] = True
        best = 0
        for n in range(longest + 1):
            if can[n]:
                best = n
            reach[axis, n] = best
    return reach


@njit(cache=True, nogil=True)
def fill(
    boxes: Boxes, room: Room, wanted: Wanted, knobs: Floats, reach: Ints, pile: Pile
) -> tuple[int, float]:
    """Fill one ULD once, by the rule that the knobs weigh.

    Args:
        boxes: the kinds.
        room: the contour.
        wanted: what may go in.
        knobs: KNOBS weights.
        reach: (3, longest side + 1); see `reaches`.
        pile: an empty pile; it holds the boxes afterwards.

    Returns:
        How many boxes stand in it, and what they are worth in all.
    """
    left = wanted.left.copy()
    spaces = np.empty((MOST_SPACES, 7), np.int32)
    spaces[0, :3] = 0
    spaces[0, 3:6] = room.size
    spaces[0, 6] = 0
    open_spaces, count, worth, limit = 1, 0, 0.0, wanted.limit
    codes, foes = np.int64(0), np.int64(0)
    added = np.zeros(MOST_BOXES)
    under = np.empty(MOST_BOXES, np.int32)
    least = np.full(3, 100_000, np.int32)
    for k in range(left.shape[0]):
        if left[k] > 0:
            for v in range(boxes.first[k], boxes.first[k + 1]):
                for axis in range(3):
                    least[axis] = min(least[axis], boxes.size[v, axis])
    liking = np.empty(left.shape[0])
    for k in range(left.shape[0]):
        liking[k] = 0.0
        if wanted.value[k] > 0:
            liking[k] = knobs[7] * math.log(wanted.value[k]) + knobs[6] * np.random.random()
    order = np.argsort(-liking)
    box, spot, blk, best_box, best_blk = (
        np.empty(6, np.int32),
        np.empty(6, np.int32),
        np.empty(3, np.int32),
        np.empty(6, np.int32),
        np.empty(3, np.int32),
    )
    while count < MOST_BOXES - 1:
        chosen, key = -1, 1e18
        for s in range(open_spaces):
            if spaces[s, 6] == 1:
                continue
            volume = (
                float(spaces[s, 3] - spaces[s, 0])
                * (spaces[s, 4] - spaces[s, 1])
                * (spaces[s, 5] - spaces[s, 2])
            )
            this = (
                knobs[0] * spaces[s, 2]
                + knobs[1] * min(spaces[s, 0], room.size[0] - spaces[s, 3])
                + knobs[2] * min(spaces[s, 1], room.size[1] - spaces[s, 4])
                - knobs[3] * volume ** (1.0 / 3.0)
            )
            if this < key:
                chosen, key = s, this
        if chosen < 0:
            break
        space = spaces[chosen]
        sx, sy, sz = space[3] - space[0], space[4] - space[1], space[5] - space[2]
        floor, carried, spare = 0, 0.0, 0.0
        if space[2] > 0:
            floor, carried, spare = tops(pile, count, space, under)
            if floor == 0:
                spaces[chosen, 6] = 1
                continue
        best_v, best_score = -1, -1e18
        for k in order:
            if left[k] == 0 or wanted.value[k] <= 0 or boxes.weight[k] > limit:
                continue
            if liking[k] + knobs[7] * math.log(left[k]) <= best_score:
                continue  # what comes on top of this is never more than 0
            if space[2] > 0 and boxes.weight[k] > spare:
                continue
            if (codes | boxes.codes[k]) & (foes | boxes.foes[k]):
                continue
            for v in range(boxes.first[k], boxes.first[k + 1]):
                dx, dy, dz = boxes.size[v, 0], boxes.size[v, 1], boxes.size[v, 2]
                if dx > sx or dy > sy or dz > sz:
                    continue
                if space[2] > 0 and carried < SUPPORT * dx * dy:
                    continue
                bear = int(boxes.bears[v] / boxes.weight[k]) + 1
                n = min(left[k], int(limit / boxes.weight[k]))
                nx, ny, nz = min(n, sx // dx), min(n, sy // dy), min(n, sz // dz, bear)
                for shape in range(6):
                    if shape == 0:
                        bx, by, bz = 1, 1, 1
                    elif shape == 1:
                        bx, by, bz = 1, 1, nz
                    elif shape == 2:
                        bx, by, bz = nx, 1, min(nz, n // nx)
                    elif shape == 3:
                        bx, by, bz = 1, ny, min(nz, n // ny)
                    elif shape == 4:
                        bx = nx
                        by = min(ny, n // nx)
                        bz = min(nz, n // (bx * by))
                    else:
                        bz = nz
                        bx = min(nx, n // nz)
                        by = min(ny, n // (bz * bx))
                    total = bx * by * bz
                    if shape > 0 and total == 1:
                        continue
                    ex, ey, ez = dx * bx, dy * by, dz * bz
                    # what no box left could use beside it, along each axis
                    used = (
                        (ex + reach[0, sx - ex])
                        / sx
                        * (ey + reach[1, sy - ey])
                        / sy
                        * (ez + reach[2, sz - ez])
                        / sz
                    )
                    flush = float(ex) * ey
                    flush += float(ey) * ez * (2.0 if sx - ex < 4 else 1.0)
                    flush += float(ex) * ez * (2.0 if sy - ey < 4 else 1.0)
                    if sz - ez < 4:
                        flush += float(ex) * ey
                    touch = flush / (2.0 * (float(ex) * ey + float(ey) * ez + float(ex) * ez))
                    score = (
                        liking[k]
                        + knobs[7] * math.log(total)
                        + knobs[4] * math.log(used)
                        + knobs[5] * math.log(touch)
                    )
                    if score <= best_score:
                        continue
                    blk[0], blk[1], blk[2] = bx, by, bz
                    if _place(boxes, room, pile, count, space, v, blk, box, under, floor, added):
                        best_score, best_v = score, v
                        best_box[:] = box
                        best_blk[:] = blk
                    elif shape == 0:
                        break  # where one finds no footing, several hardly do
        if best_v < 0:
            spaces[chosen, 6] = 1
            continue
        v = best_v
        k = boxes.kind[v]
        for c in range(best_blk[2]):
            for a in range(best_blk[0]):
                for b in range(best_blk[1]):
                    if left[k] == 0 or boxes.weight[k] > limit or count >= MOST_BOXES - 1:
                        continue
                    spot[0] = best_box[0] + a * boxes.size[v, 0]
                    spot[1] = best_box[1] + b * boxes.size[v, 1]
                    spot[2] = best_box[2] + c * boxes.size[v, 2]
                    for axis in range(3):
                        spot[axis + 3] = spot[axis] + boxes.size[v, axis]
                    floor, _, _ = tops(pile, count, spot, under)
                    if not rests(pile, count, spot, boxes.weight[k], SUPPORT, under, floor, added):
                        continue
                    count = stand(pile, count, spot, v, boxes.bears[v], added)
                    open_spaces = take_out(spaces, open_spaces, spot, least)
                    left[k] -= 1
                    limit -= boxes.weight[k]
                    worth += wanted.value[k]
                    codes |= boxes.codes[k]
                    foes |= boxes.foes[k]
                    for s in range(open_spaces):  # what had no footing may have found one
                        if spaces[s, 6] == 1 and spaces[s, 2] == spot[5]:
                            spaces[s, 6] = 0
    return count, worth


@njit(cache=True, nogil=True)
def draw(knobs: Floats) -> None:
    """Draw a rule at random, around what fills well."""
    knobs[0] = 1.0
    knobs[1] = np.random.random() * 1.5
    knobs[2] = np.random.random() * 1.5
    knobs[3] = np.random.random() * 0.6 if np.random.random() < 0.5 else 0.0
    if np.random.random() < 0.4:
        knobs[0] = np.random.random() * 0.5
    knobs[4] = np.random.random() * 3.0
    knobs[5] = np.random.random() * 4.0
    knobs[6] = np.random.random() * 1.0
    knobs[7] = 0.4 + np.random.random() * 0.8


@njit(cache=True, nogil=True)
def best_of(
    boxes: Boxes, room: Room, wanted: Wanted, attempts: int, seed: int, knobs_used: Floats
) -> tuple[Ints, float]:
    """The best of several fillings under rules drawn at random.

    Returns:
        (boxes, 7): variant and x1, y1, z1, x2, y2, z2 of each box, carriers first; and what they are worth.
    """
    np.random.seed(seed)
    knobs = np.empty(KNOBS)
    best_worth = -1.0
    best = np.empty((0, 7), np.int32)
    pile = new_pile()
    reach = reaches(boxes, room, wanted.left)
    for _ in range(attempts):
        draw(knobs)
        count, worth = fill(boxes, room, wanted, knobs, reach, pile)
        if worth > best_worth:
            best_worth = worth
            best = np.empty((count, 7), np.int32)
            best[:, 0] = pile.variant[:count]
            best[:, 1:] = pile.box[:count]
            knobs_used[:] = knobs
    return best, best_worth
