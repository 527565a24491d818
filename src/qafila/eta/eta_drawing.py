"""Calibration as a picture: how often a range held against how often it said that it would, and each group's 80 % range."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qafila.eta.learning import Coverage

_INK, _LINE, _ACCENT, _STOP = "#14213d", "#d9d4c7", "#2b3fd6", "#b4412e"


def picture(
    curve: Sequence[tuple[float, float]],
    groups: Sequence[Coverage],
    name: Callable[[Coverage], str],
    title: str,
) -> str:
    """An SVG.

    Args:
        curve: what was said and what held, both from 0 to 1.
        groups: coverage of the 80 % range by group.
        name: says a group.
        title: stands above; it names the history.
    """
    height = max(360, 90 + 22 * len(groups))
    said = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 {height}" font-family="Noto Sans, sans-serif" font-size="12" fill="{_INK}">',
        f'<rect width="900" height="{height}" fill="#fbfaf7"/><text x="20" y="24" font-size="15">{_safe(title)}</text>',
        f'<path d="M40 340V60M40 340H320" stroke="{_INK}" fill="none"/><path d="M40 340L320 60" stroke="{_LINE}" fill="none"/>',
        '<text x="180" y="356" text-anchor="middle">said</text><text x="14" y="200" transform="rotate(-90 14 200)" text-anchor="middle">held</text>',
    ]
    points = [(40 + 280 * x, 340 - 280 * y) for x, y in curve]
    said.append(
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" stroke="{_ACCENT}" stroke-width="2" fill="none"/>'
    )
    said += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_ACCENT}"/>' for x, y in points]
    left, scale = 560, 300 / 0.4  # from 60 % to 100 %
    said.append(
        f'<path d="M{left + 0.2 * scale:.0f} 60V{height - 20}" stroke="{_LINE}"/><text x="{left + 0.2 * scale:.0f}" y="52" text-anchor="middle">80 %</text>'
    )
    for row, one in enumerate(groups):
        y = 74 + 22 * row
        x = left + scale * min(0.4, max(0.0, one.share - 0.6))
        said.append(
            f'<text x="{left - 12}" y="{y + 4}" text-anchor="end">{_safe(name(one))}</text>'
            f'<circle cx="{x:.1f}" cy="{y}" r="4" fill="{_ACCENT if one.kept(0.8) else _STOP}"/><text x="{left + 312}" y="{y + 4}">{100 * one.share:.1f}</text>'
        )
    return "\n".join([*said, "</svg>"])


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
