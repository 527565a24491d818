"""Pictures of a load plan as SVG: the aircraft from the side, and each ULD with its pieces as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from qafila.air.flight import BuiltUld, Flight, LoadPlan, Lot, Stowed, UldType

FILLS = (
    "#8fb8de", "#f4b183", "#a9d18e", "#ffd966", "#c5a5cf", "#9fd5d1", "#e6a1a1", "#c9c27b", "#b0b7c6", "#d7b899",
)  # fmt: skip
INK = "#14213d"
SCALE = 0.16  # picture units for a cm of the aircraft's length
DECKS = 34.0  # height of a ULD in the side view


def side_view(flight: Flight, made: LoadPlan, leg: int) -> str:
    """The aircraft on a leg from its left side, nose to the left: every ULD at its arm with its number and kg.

    The centre of gravity stands as a triangle over the envelope, which is a bar.
    """
    craft = flight.aircraft
    stands = made.stands[leg]
    lengths = {t.name: t.contour.size[0] for t in flight.types}
    decks = list(dict.fromkeys(p.deck for p in craft.positions))
    low = min(p.arm for p in craft.positions) - 400
    high = max(p.arm for p in craft.positions) + 400
    rows = _rows(flight, decks)
    wide, deep = (high - low) * SCALE, 40 + DECKS * len(rows) + 60
    parts = [
        f'<rect x="2" y="20" width="{wide - 4:.1f}" height="{DECKS * len(rows) + 20:.1f}" rx="40" fill="#f4f6fa" stroke="{INK}"/>'
    ]
    drawn: set[str] = set()
    # of empty positions that overlap the longer ones are shown
    longest_first = sorted(craft.positions, key=lambda p: -max(lengths.get(t, 0) for t in p.takes or {""}))
    for position in longest_first:
        row = rows.index(_row(position.deck, position.lateral))
        y = 30 + DECKS * row
        taken = stands.get(position.name)
        size = (
            max((lengths[t] for t in position.takes), default=0)
            if taken is None
            else lengths[made.ulds[taken].type]
        )
        x, w = (position.arm - low - size / 2) * SCALE, size * SCALE
        if taken is None:
            if not _covered(flight, position.name, {*stands, *drawn}):
                drawn.add(position.name)
                parts.append(
                    f'<rect x="{x:.1f}" y="{y + 1:.1f}" width="{w:.1f}" height="{DECKS - 3}" fill="none" stroke="#aab" stroke-dasharray="2 2"/>'
                    f'<text x="{x + w / 2:.1f}" y="{y + DECKS / 2 + 2:.1f}" font-size="6" text-anchor="middle" fill="#778">{escape(position.name)}</text>'
                )
            continue
        uld = made.ulds[taken]
        fill = FILLS[[s.name for s in flight.segments].index(uld.segment) % len(FILLS)]
        parts.append(
            f'<rect x="{x:.1f}" y="{y + 1:.1f}" width="{w:.1f}" height="{DECKS - 3}" fill="{fill}" stroke="{INK}"/>'
            f'<text x="{x + w / 2:.1f}" y="{y + 11:.1f}" font-size="6" text-anchor="middle" fill="{INK}">{escape(position.name)}</text>'
            f'<text x="{x + w / 2:.1f}" y="{y + 20:.1f}" font-size="7" font-weight="bold" text-anchor="middle" fill="{INK}">U{taken + 1}</text>'
            f'<text x="{x + w / 2:.1f}" y="{y + 28:.1f}" font-size="6" text-anchor="middle" fill="{INK}">{uld.weight:.0f}</text>'
        )
    base = 40 + DECKS * len(rows) + 16
    fore, aft = (craft.forward - low) * SCALE, (craft.aft - low) * SCALE
    here = (made.arms[leg] - low) * SCALE
    parts.append(
        f'<rect x="{fore:.1f}" y="{base}" width="{max(1.0, aft - fore):.1f}" height="6" fill="#a9d18e" stroke="{INK}"/>'
        f'<path d="M{here:.1f} {base} l-5 -9 h10 z" fill="#b3261e"/>'
        f'<text x="{here:.1f}" y="{base + 16}" font-size="8" text-anchor="middle" fill="{INK}">{made.arms[leg]:.0f} cm ({craft.forward:.0f}–{craft.aft:.0f})</text>'
    )
    return _svg(wide, deep, parts)


def uld_picture(kind: UldType, uld: BuiltUld, lots: Sequence[Lot]) -> str:
    """A ULD and its pieces seen from a corner above, coloured by shipment; pieces further back are drawn first."""
    size = kind.contour.size
    scale = 150 / max(size)
    turn = 0.5

    def at(x: float, y: float, z: float) -> tuple[float, float]:
        return (x + y * turn) * scale, (size[2] - z + (size[1] - y) * turn * 0.8) * scale

    shipments = list(dict.fromkeys(lots[p.lot].shipment for p in uld.pieces))
    parts = [
        _polygon([at(0, 0, 0), at(size[0], 0, 0), at(size[0], size[1], 0), at(0, size[1], 0)], "#eef1f6")
    ]
    for piece in _back_to_front(uld.pieces):
        x1, y1, z1 = piece.start
        x2, y2, z2 = (a + b for a, b in zip(piece.start, piece.size, strict=True))
        fill = FILLS[shipments.index(lots[piece.lot].shipment) % len(FILLS)]
        parts += [
            _polygon([at(x1, y1, z2), at(x2, y1, z2), at(x2, y2, z2), at(x1, y2, z2)], _shade(fill, 1.08)),
            _polygon([at(x2, y1, z1), at(x2, y2, z1), at(x2, y2, z2), at(x2, y1, z2)], _shade(fill, 0.8)),
            _polygon([at(x1, y1, z1), at(x2, y1, z1), at(x2, y1, z2), at(x1, y1, z2)], fill),
        ]
    wide, deep = at(size[0], size[1], 0)[0] + 4, at(0, 0, 0)[1] + 4
    return _svg(wide, deep, parts)


def _rows(flight: Flight, decks: Sequence[str]) -> list[tuple[str, int]]:
    found = []
    for deck in decks:
        for side in (-1, 0, 1):
            if any(_row(p.deck, p.lateral) == (deck, side) for p in flight.aircraft.positions):
                found.append((deck, side))
    return found


def _row(deck: str, lateral: float) -> tuple[str, int]:
    return deck, (lateral > 0) - (lateral < 0)


def _covered(flight: Flight, name: str, shown: set[str]) -> bool:
    """Whether a position that overlaps this one is shown, taken or empty."""
    return any(name in pair and (pair - {name}) & shown for pair in flight.aircraft.overlaps)


def _back_to_front(pieces: Sequence[Stowed]) -> list[Stowed]:
    """Pieces so that none is drawn after one that hides it: those behind, below or to the left come first."""
    order: list[Stowed] = []
    waiting = sorted(pieces, key=lambda p: (-(p.start[1] + p.size[1]), p.start[2], p.start[0]))
    while waiting:
        free = next((p for p in waiting if not any(_hides(p, q) for q in waiting if q is not p)), waiting[0])
        waiting.remove(free)
        order.append(free)
    return order


def _hides(one: Stowed, other: Stowed) -> bool:
    """Whether `one` is to be drawn after `other`: it lies before it, above it or to the right of it."""
    end = [a + b for a, b in zip(other.start, other.size, strict=True)]
    before = one.start[1] + one.size[1] <= other.start[1]
    behind = end[1] <= one.start[1]
    if before or behind:
        return before
    above, below = one.start[2] >= end[2], one.start[2] + one.size[2] <= other.start[2]
    if above or below:
        return above
    return one.start[0] >= end[0]


def _shade(colour: str, light: float) -> str:
    """A colour made lighter or darker."""
    parts = [min(255, int(int(colour[n : n + 2], 16) * light)) for n in (1, 3, 5)]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _polygon(points: Sequence[tuple[float, float]], fill: str) -> str:
    shape = " ".join(f"{x + 2:.1f},{y + 2:.1f}" for x, y in points)
    return f'<polygon points="{shape}" fill="{fill}" stroke="{INK}" stroke-width="0.5"/>'


def _svg(wide: float, deep: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {deep:.0f}" width="{wide:.0f}" height="{deep:.0f}" font-family="Noto Sans">'
        + f'<rect width="{wide:.0f}" height="{deep:.0f}" fill="#fff"/>'
        + "".join(parts)
        + "</svg>"
    )
