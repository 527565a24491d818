"""The carton for an order: the smallest that holds all of it, with a plan of what lies where, and its picture."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from html import escape
from importlib.resources import files

from packingsolver3d import BinType, Instance, ItemType, Objective, Rotation, box

from qafila.core.values import value

_SECONDS = 1.0
"""For one carton; most orders are packed in a few milliseconds."""

_UNKNOWN_MM = 100
"""The side of a piece whose size nobody gave; the plan says that it is a guess."""

_WALL_MM = 5


@value
class Carton:
    """A box to pack in. Outer sides in mm; weights in grams."""

    name: str
    sides: tuple[int, int, int]
    empty_g: int
    most_g: int

    @property
    def inside(self) -> tuple[int, int, int]:
        """Sides within the walls."""
        a, b, c = (side - 2 * _WALL_MM for side in self.sides)
        return a, b, c


@value
class Packed:
    """One piece in the carton: its SKU, its corner nearest the origin and its sides, in mm."""

    sku: str
    at: tuple[int, int, int]
    sides: tuple[int, int, int]


@value
class Plan:
    """What lies where. `guessed` names the SKUs whose size is a guess; `fill` is the used share of the room."""

    carton: Carton
    pieces: tuple[Packed, ...]
    guessed: tuple[str, ...]
    fill: float


@cache
def cartons() -> tuple[Carton, ...]:
    """The range of cartons, the smallest first (cartons.csv)."""
    with (files("qafila.storage") / "cartons.csv").open(encoding="utf-8") as lines:
        rows = [
            Carton(
                r["carton"],
                (int(r["length_mm"]), int(r["width_mm"]), int(r["height_mm"])),
                int(r["empty_g"]),
                int(r["most_g"]),
            )
            for r in csv.DictReader(lines)
        ]
    return tuple(sorted(rows, key=lambda c: c.sides[0] * c.sides[1] * c.sides[2]))


def choose(
    items: Sequence[tuple[str, tuple[int, int, int], int, int]], range_: Sequence[Carton] | None = None
) -> Plan | None:
    """The smallest carton that holds all pieces, and how; None where none does.

    items: SKU, sides in mm (zeros: not known), grams of one piece, and how many.
    """
    guessed = tuple(sku for sku, sides, _, _ in items if 0 in sides)
    known = [
        (sku, sides if 0 not in sides else (_UNKNOWN_MM,) * 3, grams, pieces)
        for sku, sides, grams, pieces in items
    ]
    volume = sum(a * b * c * n for _, (a, b, c), _, n in known)
    weight = sum(grams * n for _, _, grams, n in known)
    for carton in range_ if range_ is not None else cartons():
        x, y, z = carton.inside
        if volume > x * y * z or weight + carton.empty_g > carton.most_g:
            continue
        if any(
            sum(a > b for a, b in zip(sorted(s), sorted(carton.inside), strict=True)) for _, s, _, _ in known
        ):
            continue
        pieces = _pack(carton, known)
        if pieces is not None:
            return Plan(carton, pieces, guessed, volume / (x * y * z))
    return None


def several(items: Sequence[tuple[str, tuple[int, int, int], int, int]]) -> list[Plan] | None:
    """Cartons for pieces that no single one holds: the largest is filled as full as it gets, again and again, and the
    last is the smallest that holds the rest. None where a piece fits in no carton of ours.

    items: SKU, sides in mm (zeros: not known), grams of one piece, and how many.
    """
    left = {sku: pieces for sku, _, _, pieces in items}
    kinds = {sku: (sides if 0 not in sides else (_UNKNOWN_MM,) * 3, grams) for sku, sides, grams, _ in items}
    largest = cartons()[-1]
    found: list[Plan] = []
    while any(left.values()):
        rest = [(sku, *kinds[sku], n) for sku, n in left.items() if n]
        plan = choose(rest)
        if plan is None:
            pieces = _filled(largest, rest)
            if not pieces:
                return None
            x, y, z = largest.inside
            used = sum(p.sides[0] * p.sides[1] * p.sides[2] for p in pieces)
            plan = Plan(largest, pieces, (), used / (x * y * z))
        guessed = {sku for sku, sides, _, _ in items if 0 in sides}
        plan = replace(plan, guessed=tuple(sorted(guessed & {p.sku for p in plan.pieces})))
        for piece in plan.pieces:
            left[piece.sku] -= 1
        found.append(plan)
    return found


def _pack(
    carton: Carton, items: Sequence[tuple[str, tuple[int, int, int], int, int]]
) -> tuple[Packed, ...] | None:
    placed = _filled(carton, items)
    return placed if len(placed) == sum(n for _, _, _, n in items) else None


def _filled(
    carton: Carton, items: Sequence[tuple[str, tuple[int, int, int], int, int]]
) -> tuple[Packed, ...]:
    """As many of the pieces, by volume, as the carton holds and bears, and where they lie; from the bottom up."""
    x, y, z = carton.inside
    instance = Instance(
        bin_types=(BinType(x=x, y=y, z=z, copies=1, maximum_weight=float(carton.most_g - carton.empty_g)),),
        item_types=tuple(
            ItemType(
                x=a,
                y=b,
                z=c,
                copies=n,
                profit=float(a * b * c),
                weight=float(grams),
                rotations=tuple(Rotation),
            )
            for _, (a, b, c), grams, n in items
        ),
        objective=Objective.KNAPSACK,
    )
    found = box.solve(instance, time_limit=_SECONDS)
    placed = tuple(
        Packed(items[p.item_type_id][0], (p.x, p.y, p.z), (p.lx, p.ly, p.lz))
        for bin in found.bins
        for p in bin.placements
    )
    return tuple(sorted(placed, key=lambda p: (p.at[2], p.at[1], p.at[0])))


_COLOURS = ("#2b3fd6", "#e09f1f", "#2f7d4f", "#b4412e", "#14213d", "#7a6ff0", "#8a8473", "#3b8ea5")


def picture(plan: Plan, width: int = 320) -> str:
    """The plan as an SVG drawing, seen from the front above; each SKU has a colour and a number, said below."""
    x, y, z = plan.carton.inside
    skus = list(dict.fromkeys(p.sku for p in plan.pieces))
    scale = width / (x + y)

    def at(px: float, py: float, pz: float) -> tuple[float, float]:
        return (px + y - py) * scale * 0.866, ((px + py) * 0.5 + z - pz) * scale

    def face(points: Sequence[tuple[float, float, float]], colour: str, shade: float) -> str:
        told = " ".join(f"{a:.1f},{b:.1f}" for a, b in (at(*p) for p in points))
        return f'<polygon points="{told}" fill="{colour}" fill-opacity="{shade}" stroke="#14213d" stroke-width=".7"/>'

    drawn = []
    for p in sorted(plan.pieces, key=lambda p: (p.at[2], p.at[0] + p.at[1])):
        colour = _COLOURS[skus.index(p.sku) % len(_COLOURS)]
        (a, b, c), (la, lb, lc) = p.at, p.sides
        top = [(a, b, c + lc), (a + la, b, c + lc), (a + la, b + lb, c + lc), (a, b + lb, c + lc)]
        right = [(a + la, b, c), (a + la, b + lb, c), (a + la, b + lb, c + lc), (a + la, b, c + lc)]
        left = [(a, b + lb, c), (a + la, b + lb, c), (a + la, b + lb, c + lc), (a, b + lb, c + lc)]
        drawn += [face(left, colour, 0.9), face(right, colour, 0.75), face(top, colour, 0.55)]
        cx, cy = at(a + la / 2, b + lb / 2, c + lc)
        drawn.append(
            f'<text x="{cx:.1f}" y="{cy + 4:.1f}" text-anchor="middle" font-size="11" fill="#14213d">'
            f"{skus.index(p.sku) + 1}</text>"
        )
    rim = [at(0, 0, z), at(x, 0, z), at(x, y, z), at(0, y, z)]
    edges = " ".join(f"{a:.1f},{b:.1f}" for a, b in rim)
    height = ((x + y) * 0.5 + z) * scale + 18 * len(skus) + 8
    legend = "".join(
        f'<text x="0" y="{height - 18 * (len(skus) - i) + 10:.0f}" font-size="12" fill="currentColor">{i + 1} {escape(sku)}</text>'
        for i, sku in enumerate(skus)
    )
    title = escape(f"{plan.carton.name}: {', '.join(skus)}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{title}">'
        f"{''.join(drawn)}"
        f'<polygon points="{edges}" fill="none" stroke="#8a8473" stroke-dasharray="4 3"/>{legend}</svg>'
    )
