"""Which pieces of an order go into which parcel, where the merchant does not say: as few parcels as the limits allow.

A piece that is itself beyond a limit goes alone. The rest is filled in by weight, heaviest kind first; where that takes
more parcels than the weight alone asks for and there are few pieces, every way to divide them is tried.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

Sides = tuple[int, int, int]
"""Sides in mm, longest first."""

FEW = 10
"""Pieces up to which every way to divide them is tried."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Pieces that are alike: the weight and the sides of one (mm), and how many there are."""

    grams: Decimal
    sides: Sides
    pieces: int


@dataclass(frozen=True, slots=True)
class Most:
    """What a parcel may be at most that travels like any other."""

    grams: Decimal
    longest_mm: int


def laid_together(pieces: Sequence[tuple[Sides, int]]) -> Sides:
    """The sides of a box around pieces, given with how many there are: one as it is, several laid together without
    loss, none shorter than the longest of them."""
    if sum(count for _, count in pieces) == 1:
        a, b, c = sorted(pieces[0][0], reverse=True)
        return a, b, c
    volume = sum(s[0] * s[1] * s[2] * count for s, count in pieces)
    length = max(max(s) for s, _ in pieces)
    width = max(sorted(s)[1] for s, _ in pieces)
    height = -(-volume // (length * width))
    if height > length:  # the stack would be a tower: a cube of the same volume, none shorter than a piece
        edge = math.ceil(volume ** (1 / 3))
        width = max(width, min(length, edge))
        height = -(-volume // (length * width))
        if height > length:
            length = max(length, edge)
            height = -(-volume // (length * width))
    a, b, c = sorted((length, width, height), reverse=True)
    return a, b, c


def fits(kinds: Sequence[Kind], contents: Mapping[int, int], most: Most) -> bool:
    """Whether pieces, counted by kind, go into one parcel within the limits."""
    if sum((kinds[k].grams * n for k, n in contents.items()), start=Decimal(0)) > most.grams:
        return False
    return laid_together([(kinds[k].sides, n) for k, n in contents.items()])[0] <= most.longest_mm


def divide(kinds: Sequence[Kind], most: Most) -> list[dict[int, int]]:
    """The pieces of each parcel, counted by kind, in the order of the kinds.

    Args:
        kinds: what is to be sent, at least one piece of each.
        most: the limits; a piece beyond them has a parcel of its own.

    Returns:
        As many parcels as are needed, the fewest where there are at most FEW pieces within the limits.
    """
    alone = [k for k, kind in enumerate(kinds) if not fits(kinds, {k: 1}, most)]
    rest = {k: kind.pieces for k, kind in enumerate(kinds) if k not in alone}
    found = _filled(kinds, rest, most) if rest else []
    weight = sum((kinds[k].grams * n for k, n in rest.items()), start=Decimal(0))
    least = max(1, math.ceil(weight / most.grams))
    if least < len(found) and sum(rest.values()) <= FEW:
        found = _fewest(kinds, rest, most, least, found)
    found += [{k: 1} for k in alone for _ in range(kinds[k].pieces)]
    return sorted((dict(sorted(one.items())) for one in found), key=lambda one: tuple(one.items()))


def _filled(kinds: Sequence[Kind], wanted: Mapping[int, int], most: Most) -> list[dict[int, int]]:
    """First fit, heaviest kind first: each parcel takes as many of a kind as still go in."""
    parcels: list[dict[int, int]] = []
    for k in sorted(wanted, key=lambda k: (-kinds[k].grams, -max(kinds[k].sides), k)):
        left = wanted[k]
        for parcel in parcels:
            if left and (taken := _room(kinds, parcel, k, left, most)):
                parcel[k] = taken
                left -= taken
        if left:
            each = _room(kinds, {}, k, left, most)
            while left:
                parcels.append({k: min(each, left)})
                left -= min(each, left)
    return parcels


def _room(kinds: Sequence[Kind], parcel: Mapping[int, int], k: int, left: int, most: Most) -> int:
    """How many more pieces of a kind a parcel takes, of those that are left."""
    low, high = 0, left
    while low < high:
        middle = (low + high + 1) // 2
        if fits(kinds, {**parcel, k: middle}, most):
            low = middle
        else:
            high = middle - 1
    return low


def _fewest(
    kinds: Sequence[Kind], wanted: Mapping[int, int], most: Most, least: int, known: list[dict[int, int]]
) -> list[dict[int, int]]:
    """The fewest parcels, by trying: each piece, heaviest first, in every parcel in which it may lie."""
    pieces = [k for k in sorted(wanted, key=lambda k: -kinds[k].grams) for _ in range(wanted[k])]

    def tried(at: int, parcels: list[dict[int, int]], count: int) -> list[dict[int, int]] | None:
        if at == len(pieces):
            return [dict(one) for one in parcels] if all(fits(kinds, one, most) for one in parcels) else None
        seen: list[dict[int, int]] = []
        for parcel in parcels:
            if parcel in seen:
                continue
            seen.append(dict(parcel))
            weight = sum((kinds[k].grams * n for k, n in parcel.items()), start=kinds[pieces[at]].grams)
            if weight > most.grams:
                continue
            parcel[pieces[at]] = parcel.get(pieces[at], 0) + 1
            if (done := tried(at + 1, parcels, count)) is not None:
                return done
            parcel[pieces[at]] -= 1
            if not parcel[pieces[at]]:
                del parcel[pieces[at]]
        if len(parcels) < count:
            parcels.append({pieces[at]: 1})
            if (done := tried(at + 1, parcels, count)) is not None:
                return done
            parcels.pop()
        return None

    for count in range(least, len(known)):
        if (found := tried(0, [], count)) is not None:
            return found
    return known
