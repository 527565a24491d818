"""What is packed and what it is packed into: arrays for the kernels, made from plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TURNS: dict[int, tuple[int, int, int]] = {
    1: (0, 1, 2), 2: (0, 2, 1), 4: (1, 0, 2), 8: (2, 1, 0), 16: (2, 0, 1), 32: (1, 2, 0),
}  # fmt: skip
"""Which own side lies along length, width and height, by the bit that allows it."""
LIGHTEST = 0.001  # kg: what is given as weightless is counted as a gram, so that nothing is divided by 0
UPRIGHT = 5
ANY_TURN = 63


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of box: own sides in cm, kg, what each cm² of its top bears in kg when a side stands upright.

    `turns` is a sum of the keys of TURNS. `codes` are its special handling codes. `bears` follows the own sides.
    """

    size: tuple[int, int, int]
    weight: float
    bears: tuple[float, float, float]
    turns: int = UPRIGHT
    codes: frozenset[str] = frozenset()

    @property
    def volume(self) -> int:
        """cm³."""
        return self.size[0] * self.size[1] * self.size[2]


@dataclass(frozen=True, slots=True)
class Cut:
    """A corner that is cut off along the whole length: the line through two points of (width, height), in cm."""

    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Contour:
    """The room inside a ULD: length, width and height in cm, with its cut corners."""

    size: tuple[int, int, int]
    cuts: tuple[Cut, ...] = ()

    @property
    def volume(self) -> float:
        """cm³, less the cut corners."""
        return cross_section(self) * self.size[0]


class Boxes(NamedTuple):
    """Kinds as the kernels read them; a variant is a kind in one of its orientations.

    Of each kind: weight (kg), codes and foes (bits of its codes, and of those it may not lie with), first (its
    variants are first[k] to first[k + 1]). Of each variant: kind, size (length, width, height in cm), bears (kg in
    all on its top).
    """

    weight: NDArray[np.float64]
    codes: NDArray[np.int64]
    foes: NDArray[np.int64]
    first: NDArray[np.int32]
    kind: NDArray[np.int32]
    size: NDArray[np.int32]
    bears: NDArray[np.float64]


class Room(NamedTuple):
    """A contour as the kernels read it: size, and planes (a, b, c) with a · width + b · height ≤ c inside."""

    size: NDArray[np.int32]
    planes: NDArray[np.float64]


def boxes(kinds: Sequence[Kind], apart: frozenset[frozenset[str]] = frozenset()) -> Boxes:
    """The arrays of kinds.

    Args:
        kinds: in the order by which all else refers to them.
        apart: pairs of codes that may not lie in one ULD.

    Raises:
        ValueError: more than 62 codes are named by `apart`.
    """
    named = sorted({code for pair in apart for code in pair})
    if len(named) > 62:
        raise ValueError(f"{len(named)} codes to be kept apart; at most 62 fit into a word")
    bit = {code: 1 << n for n, code in enumerate(named)}
    hated: dict[str, int] = dict.fromkeys(named, 0)
    for one, two in combinations_with_replacement(named, 2):
        if frozenset((one, two)) in apart:
            hated[one] |= bit[two]
            hated[two] |= bit[one]
    codes, foes, first = [], [], [0]
    of, sizes, bears = [], [], []
    for number, kind in enumerate(kinds):
        codes.append(sum(bit[c] for c in kind.codes if c in bit))
        foe = 0
        for code in kind.codes:
            foe |= hated.get(code, 0)
        foes.append(foe)
        seen: dict[tuple[int, int, int], float] = {}
        for allowed, axes in TURNS.items():
            if kind.turns & allowed:
                size = (kind.size[axes[0]], kind.size[axes[1]], kind.size[axes[2]])
                strength = kind.bears[axes[2]] * size[0] * size[1]
                seen[size] = max(seen.get(size, 0.0), strength)
        for size, strength in seen.items():
            of.append(number)
            sizes.append(size)
            bears.append(strength)
        first.append(len(of))
    return Boxes(
        np.maximum(np.array([k.weight for k in kinds], np.float64), LIGHTEST),
        np.array(codes, np.int64),
        np.array(foes, np.int64),
        np.array(first, np.int32),
        np.array(of, np.int32),
        np.array(sizes, np.int32).reshape(-1, 3),
        np.array(bears, np.float64),
    )


def room(contour: Contour) -> Room:
    """The arrays of a contour."""
    planes = []
    middle = (contour.size[1] / 2, contour.size[2] / 2)
    for cut in contour.cuts:
        a, b = cut.end[1] - cut.start[1], cut.start[0] - cut.end[0]
        c = a * cut.start[0] + b * cut.start[1]
        sign = -1.0 if a * middle[0] + b * middle[1] > c else 1.0
        length = float(np.hypot(a, b))
        planes.append((sign * a / length, sign * b / length, sign * c / length))
    return Room(np.array(contour.size, np.int32), np.array(planes, np.float64).reshape(-1, 3))


def cross_section(contour: Contour) -> float:
    """The area of width × height inside the cut corners, in cm²."""
    corners = [
        (0.0, 0.0),
        (float(contour.size[1]), 0.0),
        (float(contour.size[1]), float(contour.size[2])),
        (0.0, float(contour.size[2])),
    ]
    for a, b, c in room(contour).planes.tolist():
        kept = []
        for (y1, z1), (y2, z2) in zip(corners, corners[1:] + corners[:1], strict=True):
            d1, d2 = a * y1 + b * z1 - c, a * y2 + b * z2 - c
            if d1 <= 0:
                kept.append((y1, z1))
            if d1 * d2 < 0:
                t = d1 / (d1 - d2)
                kept.append((y1 + t * (y2 - y1), z1 + t * (z2 - z1)))
        corners = kept
    ends = corners[1:] + corners[:1]
    return abs(sum(y1 * z2 - y2 * z1 for (y1, z1), (y2, z2) in zip(corners, ends, strict=True))) / 2
