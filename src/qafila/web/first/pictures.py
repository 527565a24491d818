"""Small pictures of figures, as inline SVG: bars from zero and one bar in parts. Each says in words what it shows.

No library: two shapes, drawn on the server, that print, scale, follow the colours of the page and need no script.
"""

from __future__ import annotations

from markupsafe import Markup

from qafila.runtime.first_screen import Days
from qafila.web.chassis.formats import Formats

_WIDE, _HIGH, _FOOT, _HEAD = 280, 96, 18, 16


def bars(shown: Days, f: Formats, label: str) -> Markup:
    """A bar a day from zero, with its figure above and its weekday below; in a language from right to left, mirrored.

    Args:
        shown: the figures.
        f: the reader's formats.
        label: what they are, for who cannot see it.
    """
    values = shown.values
    most = max((n for _, n in values), default=0) or 1
    step = _WIDE / max(1, len(values))
    high = _HIGH - _FOOT - _HEAD
    parts = []
    for n, (day, count) in enumerate(values):
        at = len(values) - 1 - n if f.language.direction == "rtl" else n
        tall = round(high * count / most, 1)
        middle = round(at * step + step / 2, 1)
        parts.append(
            Markup('<rect x="{}" y="{}" width="{}" height="{}"/>').format(
                round(at * step + step * 0.2, 1), round(_HEAD + high - tall, 1), round(step * 0.6, 1), tall
            )
        )
        parts.append(
            Markup('<text x="{}" y="{}">{}</text>').format(
                middle, round(_HEAD + high - tall - 4, 1), f.number(count)
            )
        )
        parts.append(
            Markup('<text class="day" x="{}" y="{}">{}</text>').format(middle, _HIGH - 4, f.weekday(day))
        )
    said = "; ".join(f"{f.day(day)}: {f.number(n)}" for day, n in values)
    return Markup(
        '<svg class="bars" viewBox="0 0 {w} {h}" role="img" aria-label="{label}: {said}">'
        '<line x1="0" y1="{y}" x2="{w}" y2="{y}"/>{parts}</svg>'
    ).format(w=_WIDE, h=_HIGH, y=_HEAD + high, label=label, said=said, parts=Markup("").join(parts))


def whole(parts: list[tuple[str, int, str]], f: Formats) -> Markup:
    """One bar in parts; each part is a state with its own hatch, and is said in words beside it by the page.

    Args:
        parts: word, count and state of each.
    """
    total = sum(n for _, n, _ in parts) or 1
    made, at = [], 0.0
    for _, count, state in parts:
        wide = _WIDE * count / total
        x = _WIDE - at - wide if f.language.direction == "rtl" else at
        if count:
            made.append(
                Markup('<rect class="{}" x="{}" y="0" width="{}" height="12"/>').format(
                    state, round(x, 1), round(max(wide - 1, 1), 1)
                )
            )
        at += wide
    said = ", ".join(f"{word} {f.number(n)}" for word, n, _ in parts)
    return Markup('<svg class="whole" viewBox="0 0 {} 12" role="img" aria-label="{}">{}</svg>').format(
        _WIDE, said, Markup("").join(made)
    )
