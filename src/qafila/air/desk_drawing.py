"""The aircraft of one leg as a picture in which ULDs are moved: seats and ULDs carry their names, the page's program the rest."""

from __future__ import annotations

from html import escape

from qafila.air.air_drawing import DECKS, SCALE
from qafila.air.flight import Flight, LoadPlan

_TOP = 26.0


def desk(flight: Flight, made: LoadPlan, leg: int) -> str:
    """Seats in rows by deck and side, nose to the left, each ULD as a group of its own at its seat; below, the envelope with the
    centre of gravity. Positions that overlap lie over each other, the longer behind."""
    craft = flight.aircraft
    lengths = {t.name: t.contour.size[0] for t in flight.types}
    rows = list(
        dict.fromkeys(
            (p.deck, (p.lateral > 0) - (p.lateral < 0))
            for p in sorted(craft.positions, key=lambda p: (p.deck, p.lateral))
        )
    )
    low = min(p.arm for p in craft.positions) - 250
    high = max(p.arm for p in craft.positions) + 250
    wide, base = (high - low) * SCALE, _TOP + DECKS * len(rows) + 14
    parts = [f'<rect class="hull" x="1" y="4" width="{wide - 2:.1f}" height="{base - 14:.1f}" rx="26"/>']
    boxes: dict[str, tuple[float, float, float]] = {}
    longest = sorted(craft.positions, key=lambda p: -max((lengths.get(t, 0) for t in p.takes), default=0))
    for p in longest:
        size = max((lengths.get(t, 0) for t in p.takes), default=200)
        x, y = (
            (p.arm - low - size / 2) * SCALE,
            _TOP - 8 + DECKS * rows.index((p.deck, (p.lateral > 0) - (p.lateral < 0))),
        )
        boxes[p.name] = x, y, size * SCALE
        parts.append(
            f'<g class="seat" data-seat="{escape(p.name)}" data-x="{x:.1f}" data-y="{y:.1f}" data-w="{size * SCALE:.1f}">'
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{size * SCALE - 1:.1f}" height="{DECKS - 4}" rx="2"/>'
            f'<text x="{x + size * SCALE / 2:.1f}" y="{y + 9:.1f}">{escape(p.name)}</text></g>'
        )
    for name, u in sorted(made.stands[leg].items(), key=lambda at: boxes[at[0]][0]):
        uld, (x, y, _) = made.ulds[u], boxes[name]
        w = lengths[uld.type] * SCALE
        parts.append(
            f'<g class="uld" data-uld="{u}" data-at="{escape(name)}" tabindex="0" role="button" aria-label="U{u + 1} {escape(name)} {uld.weight:.0f} kg" transform="translate({x:.1f} {y:.1f})">'
            f'<rect width="{w - 1:.1f}" height="{DECKS - 4}" rx="2"/><text class="id" x="{w / 2:.1f}" y="19">U{u + 1}</text>'
            f'<text x="{w / 2:.1f}" y="27">{uld.weight:.0f}</text></g>'
        )
    fore, aft, here = ((arm - low) * SCALE for arm in (craft.forward, craft.aft, made.arms[leg]))
    best = (craft.best - low) * SCALE
    parts.append(
        f'<rect class="envelope" x="{fore:.1f}" y="{base}" width="{max(1.0, aft - fore):.1f}" height="7"/>'
        f'<line class="best" x1="{best:.1f}" x2="{best:.1f}" y1="{base - 2}" y2="{base + 9}"/>'
        f'<path class="arm" data-low="{low}" data-scale="{SCALE}" data-base="{base}" transform="translate({here:.1f} {base})" d="M0 0 l-5 -9 h10 z"/>'
        f'<text class="arm" x="{here:.1f}" y="{base + 18}">{made.arms[leg]:.0f} cm</text>'
        f'<text class="end" x="{fore:.1f}" y="{base + 18}" text-anchor="end">{craft.forward:.0f}</text>'
        f'<text class="end" x="{aft:.1f}" y="{base + 18}" text-anchor="start">{craft.aft:.0f}</text>'
    )
    return (
        f'<svg class="desk" data-leg="{leg}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {base + 24:.0f}" width="{max(wide, 640):.0f}">'
        + "".join(parts)
        + "</svg>"
    )
