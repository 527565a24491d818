"""A stack of boxes checked from the outside, without the kernels: what is wrong with it, box by box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from qafila.packing.pieces import TURNS, Contour, Kind, room


class Wrong(StrEnum):
    """What may be wrong with a box in a ULD."""

    TURNED = "turned"  # it may not stand that way
    OUTSIDE = "outside"  # it reaches out of the contour or into a cut corner
    OVERLAP = "overlap"
    FLOATING = "floating"  # too little of its base is carried
    OVERLOADED = "overloaded"  # it carries more than it bears


@dataclass(frozen=True, slots=True)
class Standing:
    """A box as it stands: its kind, the corner nearest to the origin and its size, in cm."""

    kind: Kind
    start: tuple[int, int, int]
    size: tuple[int, int, int]

    @property
    def end(self) -> tuple[int, int, int]:
        """The far corner."""
        return (self.start[0] + self.size[0], self.start[1] + self.size[1], self.start[2] + self.size[2])


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong: with which box (its number), and by how much: cm, share carried, or kg too many."""

    box: int
    wrong: Wrong
    much: float


def flaws(contour: Contour, stack: Sequence[Standing], support: float = 0.5) -> list[Flaw]:
    """All that is wrong with a stack.

    Args:
        contour: the room it stands in.
        stack: its boxes in any order.
        support: the share of a base that must be carried by the floor or by other boxes.
    """
    found: list[Flaw] = []
    planes = room(contour).planes.tolist()
    for n, one in enumerate(stack):
        if bears(one) is None:
            found.append(Flaw(n, Wrong.TURNED, 0.0))
        out = max(max(-s for s in one.start), max(e - c for e, c in zip(one.end, contour.size, strict=True)))
        for a, b, c in planes:
            far = max(a * one.start[1], a * one.end[1]) + max(b * one.start[2], b * one.end[2])
            out = max(out, far - c)
        if out > 1e-3:
            found.append(Flaw(n, Wrong.OUTSIDE, out))
        for other in stack[:n]:
            deep = min(min(one.end[i], other.end[i]) - max(one.start[i], other.start[i]) for i in range(3))
            if deep > 0:
                found.append(Flaw(n, Wrong.OVERLAP, deep))
    carriers = [_carriers(stack, n) for n in range(len(stack))]
    for n, one in enumerate(stack):
        base = one.size[0] * one.size[1]
        if one.start[2] > 0 and sum(carriers[n].values()) < support * base:
            found.append(Flaw(n, Wrong.FLOATING, sum(carriers[n].values()) / base))
    for n, kg in enumerate(borne(stack)):
        most = bears(stack[n])
        if most is not None and kg > most + 1e-6:
            found.append(Flaw(n, Wrong.OVERLOADED, kg - most))
    return found


def bears(one: Standing) -> float | None:
    """The kg that may stand on a box in all as it is turned; None if it may not be turned that way."""
    strengths = [
        one.kind.bears[axes[2]]
        for allowed, axes in TURNS.items()
        if one.kind.turns & allowed and tuple(one.kind.size[a] for a in axes) == one.size
    ]
    return max(strengths) * one.size[0] * one.size[1] if strengths else None


def borne(stack: Sequence[Standing]) -> list[float]:
    """The kg on top of each box: what stands on it, and what stands on that, shared out by common base."""
    kg = [0.0] * len(stack)
    for n in sorted(range(len(stack)), key=lambda n: -stack[n].start[2]):
        carriers = _carriers(stack, n)
        area = sum(carriers.values())
        for under, common in carriers.items():
            kg[under] += (stack[n].kind.weight + kg[n]) * common / area
    return kg


def _carriers(stack: Sequence[Standing], n: int) -> dict[int, int]:
    """The boxes on which one stands, with the cm² of their common base."""
    one = stack[n]
    found = {}
    for m, other in enumerate(stack):
        if m != n and other.end[2] == one.start[2]:
            wide = min(one.end[0], other.end[0]) - max(one.start[0], other.start[0])
            deep = min(one.end[1], other.end[1]) - max(one.start[1], other.start[1])
            if wide > 0 and deep > 0:
                found[m] = wide * deep
    return found
