"""The schedule as a picture: bars in rows of tails, or of stations with what stands there. Classes, no colours: the page
has the colours, by day and by night."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from qafila.fleet.model import Board, Flown, Key

HOUR = 16
"""Picture units for an hour."""
ROW = 30
LEFT = 86
_HEAD = 34


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that takes a time in a row: begin and end in minutes, a word, a class, and where a click leads."""

    begins: int
    ends: int
    word: str
    kind: str
    title: str
    link: str = ""


def by_tail(board: Board, begins: int, ends: int, wrong: Collection[Key], link: str) -> str:
    """Each tail's sectors; what is out of service is hatched, what does not fly is crossed out, what cannot be is marked.

    Args:
        board: the schedule.
        begins, ends: minutes that are shown.
        wrong: sectors that cannot be flown as they stand.
        link: the page's address, to which a sector's is added.
    """
    rows: list[tuple[str, list[Bar]]] = []
    for tail in sorted(board.tails):
        bars = [Bar(o.begins, o.ends, "", "out", o.because or tail) for o in board.outages if o.tail == tail]
        bars += [_bar(board, f, wrong, link) for f in board.flown if f.tail == tail]
        rows.append((tail, bars))
    return _drawn(board, rows, begins, ends)


def by_station(board: Board, begins: int, ends: int, wrong: Collection[Key], link: str) -> str:
    """What stands at each station and when: a bar from arrival to departure of each tail, in a line of its own where
    several stand side by side."""
    stays: dict[str, list[Bar]] = {}
    for tail, chain in board.chains().items():
        first = chain[0].sector.origin if chain else board.tails[tail].base
        at, since = first, begins - 600
        for one in chain:
            bar = _ground(board, at, tail, since, one.depart, one, wrong, link)
            stays.setdefault(at, []).append(bar)
            at, since = one.sector.to, one.arrive
        stays.setdefault(at, []).append(Bar(since, ends + 600, tail, "ground", f"{tail} · {at}"))
    for shut in board.closures:
        stays.setdefault(shut.facility, []).append(Bar(shut.begins, shut.ends, "", "out", shut.facility))
    rows: list[tuple[str, list[Bar]]] = []
    for station in sorted(stays):
        for n, line in enumerate(_lines(stays[station])):
            rows.append((station if n == 0 else "", line))
    return _drawn(board, rows, begins, ends)


def _bar(board: Board, one: Flown, wrong: Collection[Key], link: str) -> Bar:
    s = one.sector
    kind = (
        "off"
        if one.cancelled
        else "wrong"
        if s.key in wrong
        else "late"
        if one.delay
        else "swap"
        if one.tail != s.tail
        else "flies"
    )
    times = " – ".join(_clock(board, m) for m in (one.depart, one.arrive))
    title = f"{s.service} {s.origin} {s.to} {times}" + (f" +{one.delay}" if one.delay else "")
    return Bar(one.depart, one.arrive, short(s.to), kind, title, f"{link}{s.service}/{s.day}/{s.call}")


def _ground(
    board: Board, at: str, tail: str, since: int, until: int, one: Flown, wrong: Collection[Key], link: str
) -> Bar:
    kind = "wrong" if one.sector.key in wrong or until < since else "ground"
    title = f"{tail} · {at} – {_clock(board, until)} → {one.sector.to}"
    s = one.sector
    return Bar(min(since, until - 10), until, tail, kind, title, f"{link}{s.service}/{s.day}/{s.call}")


def _lines(bars: Sequence[Bar]) -> list[list[Bar]]:
    """Bars in as few lines as will do, none over another."""
    lines: list[list[Bar]] = []
    for bar in sorted(bars, key=lambda b: (b.begins, b.ends)):
        free = next((line for line in lines if line[-1].ends <= bar.begins), None)
        if free is None:
            lines.append([bar])
        else:
            free.append(bar)
    return lines


def short(facility: str) -> str:
    """What a bar has room for: the last part of a facility's id."""
    return facility.rsplit("-", 1)[-1][:5]


def _clock(board: Board, minute: int) -> str:
    return (board.epoch + timedelta(minutes=minute)).strftime("%d.%m. %H:%M")


def _drawn(board: Board, rows: Sequence[tuple[str, list[Bar]]], begins: int, ends: int) -> str:
    scale = HOUR / 60
    wide, deep = LEFT + (ends - begins) * scale, _HEAD + ROW * len(rows) + 4

    def x(minute: float) -> float:
        return LEFT + (min(max(minute, begins), ends) - begins) * scale

    parts = []
    step = 360
    for minute in range(-(-begins // step) * step, ends + 1, step):
        day = minute % 1440 == 0
        at = x(minute)
        parts.append(
            f'<line class="{"day" if day else "hour"}" x1="{at:.1f}" x2="{at:.1f}" y1="{14 if day else 26}" y2="{deep - 2}"/>'
        )
        moment = board.epoch + timedelta(minutes=minute)
        if day:
            parts.append(f'<text class="day" x="{at + 3:.1f}" y="12">{moment:%Y-%m-%d}</text>')
        parts.append(f'<text class="hour" x="{at + 3:.1f}" y="26">{moment:%H}</text>')
    for n, (_, bars) in enumerate(rows):
        top = _HEAD + n * ROW
        parts.append(f'<line class="row" x1="0" x2="{wide:.0f}" y1="{top + ROW}" y2="{top + ROW}"/>')
        for bar in sorted(bars, key=lambda b: b.kind != "out"):
            if bar.ends <= begins or bar.begins >= ends:
                continue
            left, right = x(bar.begins), x(bar.ends)
            drawn = f'<rect class="{bar.kind}" x="{left:.1f}" y="{top + 4}" width="{max(3.0, right - left):.1f}" height="{ROW - 8}" rx="2"><title>{escape(bar.title)}</title></rect>'
            if bar.word and right - left > 6.2 * len(bar.word):
                drawn += (
                    f'<text class="in" x="{(left + right) / 2:.1f}" y="{top + 19}">{escape(bar.word)}</text>'
                )
            if bar.kind == "off":
                drawn += f'<line class="off" x1="{left:.1f}" x2="{right:.1f}" y1="{top + ROW / 2}" y2="{top + ROW / 2}"/>'
            if bar.kind == "wrong":
                drawn += f'<text class="in" x="{left + 6:.1f}" y="{top + 19}">!</text>'
            parts.append(f'<a href="{escape(bar.link)}#flight">{drawn}</a>' if bar.link else drawn)
    names = "".join(
        f'<text class="name" x="0" y="{_HEAD + n * ROW + 19}">{escape(name)}</text>'
        for n, (name, _) in enumerate(rows)
        if name
    )
    return (
        f'<svg class="gantt" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {deep:.0f}" width="{wide:.0f}" height="{deep:.0f}">'
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" x2="0" y1="0" y2="6"/></pattern></defs>'
        + "".join(parts)
        + names
        + "</svg>"
    )
