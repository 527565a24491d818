"""The plan of a warehouse as an SVG drawing: aisles, bays, stations, how busy each bay is, and a tour through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

from qafila.storage.layout import Layout

_STATION = {"dock": "▼", "pack": "■", "stage": "▲", "quarantine": "✕"}


def plan(
    house: Layout, heat: Mapping[str, int] | None = None, way: Sequence[tuple[float, float]] = ()
) -> str:
    """The plan, front at the bottom.

    heat: visits of a place, by its code; a bay is drawn the darker the more its places are visited, and says the
    number. way: points (metres from the left and from the front) of a tour.
    """
    xs = [x for _, x in house.aisles] + [s.x for s in house.stations]
    ys = [*house.cross, *(s.y for s in house.stations)]
    left, top, bottom = min(xs) - 3, max(ys) + 2, min(ys) - 2
    width, height = max(xs) + 3 - left, top - bottom

    def at(x: float, y: float) -> tuple[float, float]:
        return x - left, top - y

    visits: dict[tuple[int, float, str], int] = {}
    for shelf in house.shelves:
        key = (shelf.aisle, shelf.depth, shelf.side)
        visits[key] = visits.get(key, 0) + (heat or {}).get(shelf.code, 0)
    most = max(visits.values(), default=0) or 1
    sides = sorted({shelf.side for shelf in house.shelves})
    depths = sorted({shelf.depth for shelf in house.shelves})
    bay = min((b - a for a, b in pairwise(depths)), default=1.0)
    drawn = []
    for (aisle, depth, side), times in sorted(visits.items()):
        x = house.aisles[aisle][1] + (-1.4 if side == sides[0] else 0.6)
        px, py = at(x, depth + bay / 2)
        share = times / most
        drawn.append(
            f'<rect x="{px:.2f}" y="{py:.2f}" width=".8" height="{bay * 0.94:.2f}" class="bay" '
            f'fill="#2b3fd6" fill-opacity="{0.06 + 0.86 * share:.2f}"><title>'
            f"{escape(house.aisles[aisle][0])} {escape(side)} {depth:g} m: {times}</title></rect>"
        )
    for name, x in house.aisles:
        px, py = at(x, house.cross[-1] + 0.5)
        drawn.append(
            f'<text x="{px:.2f}" y="{py:.2f}" font-size="1.1" text-anchor="middle">{escape(name)}</text>'
        )
    for y in house.cross:
        (ax, ay), (bx, by) = at(house.aisles[0][1], y), at(house.aisles[-1][1], y)
        drawn.append(f'<line x1="{ax:.2f}" y1="{ay:.2f}" x2="{bx:.2f}" y2="{by:.2f}" class="cross"/>')
    for station in house.stations:
        px, py = at(station.x, station.y)
        drawn.append(
            f'<text x="{px:.2f}" y="{py:.2f}" font-size="1.2" text-anchor="middle">{_STATION.get(station.kind, "•")}'
            f"<title>{escape(station.code)}</title></text>"
            f'<text x="{px:.2f}" y="{py + 1:.2f}" font-size=".62" text-anchor="middle">{escape(station.code)}</text>'
        )
    if way:
        told = " ".join(f"{a:.2f},{b:.2f}" for a, b in (at(x, y) for x, y in way))
        drawn.append(f'<polyline points="{told}" class="way"/>')
    label = escape(house.facility)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}" role="img" aria-label="{label}" '
        'class="plan" fill="currentColor" stroke-linejoin="round">'
        f"{''.join(drawn)}</svg>"
    )
