"""Small pictures: bars that begin at zero, and intervals around zero. They are drawn the same for pages and for paper."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

INK, ACCENT, SOFT = "currentColor", "#2b3fd6", "#857b66"
_ROW, _LEFT, _WIDTH, _RIGHT = 20, 190, 300, 90


def bars(rows: Sequence[tuple[str, float, str]], most: float | None = None) -> str:
    """Horizontal bars, each as long as its value; the axis begins at zero.

    Args:
        rows: label, value and the value as it is written.
        most: the value of a bar of full length; the greatest if not given.
    """
    full = max([most or 0.0, *(value for _, value, _ in rows)]) or 1.0
    lines = []
    for n, (label, value, said) in enumerate(rows):
        y, long = n * _ROW, max(0.0, value) / full * _WIDTH
        lines.append(_label(label, y))
        lines.append(f'<rect x="{_LEFT}" y="{y + 4}" width="{long:.1f}" height="12" fill="{ACCENT}"/>')
        lines.append(f'<text x="{_LEFT + long + 6:.1f}" y="{y + 15}" fill="{INK}">{escape(said)}</text>')
    return _svg(len(rows) * _ROW, [_axis(_LEFT, len(rows)), *lines])


def intervals(rows: Sequence[tuple[str, float, float, float]]) -> str:
    """A line from low to high with a dot at the difference, each on a scale of its own around a common zero.

    Args:
        rows: label, difference, low, high.
    """
    middle = _LEFT + _WIDTH / 2
    lines = []
    for n, (label, difference, low, high) in enumerate(rows):
        reach = max(abs(low), abs(high), abs(difference)) or 1.0
        y = n * _ROW
        xs = [middle + v / reach * _WIDTH / 2.2 for v in (low, difference, high)]
        lines.append(_label(label, y))
        lines.append(
            f'<line x1="{xs[0]:.1f}" x2="{xs[2]:.1f}" y1="{y + 10}" y2="{y + 10}" stroke="{ACCENT}" stroke-width="3"/>'
            f'<circle cx="{xs[1]:.1f}" cy="{y + 10}" r="4.5" fill="{ACCENT}"/>'
        )
    return _svg(len(rows) * _ROW, [_axis(middle, len(rows)), *lines])


def _label(text: str, y: int) -> str:
    short = text if len(text) <= 28 else f"{text[:27]}…"
    return f'<text x="{_LEFT - 8}" y="{y + 15}" text-anchor="end" fill="{INK}">{escape(short)}</text>'


def _axis(x: float, rows: int) -> str:
    return f'<line x1="{x}" x2="{x}" y1="0" y2="{rows * _ROW}" stroke="{SOFT}" stroke-width="1"/>'


def _svg(height: int, lines: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + _RIGHT} {height}" aria-hidden="true" '
        f'font-family="Noto Sans, Noto Sans Arabic, Noto Sans SC, sans-serif" font-size="12">{"".join(lines)}</svg>'
    )
