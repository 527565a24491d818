"""Wall clocks and opening hours as arrays: local minutes to UTC minutes, and work that pauses when closed.

Many zones (or sets of hours) are searched at once: each has a band of keys `index * _BAND + minute`, so
one binary search answers a whole column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays as public_holidays
import numpy as np
from numpy.typing import NDArray

from qafila.network.model import Hours

Ints = NDArray[np.int64]
_BAND = 1 << 26
_NEVER = 1 << 24  # minutes: past any horizon (31 years)


@cache
def holiday_dates(country: str, first_year: int, last_year: int) -> frozenset[date]:
    """Public holidays of a country (ISO 3166 alpha-2); KeyError where the calendar is not known."""
    try:
        return frozenset(public_holidays.country_holidays(country, years=range(first_year, last_year + 1)))
    except NotImplementedError as error:
        raise KeyError(country) from error


def running_days(days: str, holidays: str, first: date, count: int) -> NDArray[np.bool_]:
    """For `count` days from `first`: is it one of the weekdays `days` (Monday first), and no holiday?"""
    week = np.frombuffer(days.encode(), dtype=np.uint8) == ord("1")
    runs = week[(np.arange(count) + first.weekday()) % 7]
    if holidays:
        for day in holiday_dates(holidays, first.year, (first + timedelta(days=count)).year):
            if 0 <= (day - first).days < count:
                runs[(day - first).days] = False
    return runs


class Clocks:
    """The wall clocks of some time zones over a span of days around an epoch (00:00 UTC of a day)."""

    def __init__(self, zones: Sequence[str], epoch: datetime, first_day: int, last_day: int) -> None:
        """Days are counted from the epoch; instants outside the span keep the nearest known offset."""
        self.index = {zone: i for i, zone in enumerate(zones)}
        by_wall: list[int] = []
        by_instant: list[int] = []
        offsets: list[int] = []
        for i, zone in enumerate(zones):
            first, changes = _changes(ZoneInfo(zone), epoch, first_day, last_day)
            by_wall.append(i * _BAND)
            by_instant.append(i * _BAND)
            offsets.append(first)
            for minute, before, after in changes:
                # a wall time in the gap, or the first of two equal ones, still has the offset before
                by_wall.append(i * _BAND + _NEVER + minute + max(before, after))
                by_instant.append(i * _BAND + _NEVER + minute)
                offsets.append(after)
        self._by_wall = np.array(by_wall, dtype=np.int64)
        self._by_instant = np.array(by_instant, dtype=np.int64)
        self._offsets = np.array(offsets, dtype=np.int64)

    def to_utc(self, zone: Ints, wall: Ints) -> Ints:
        """UTC minutes of wall-clock minutes. A time that a clock change skips is taken as if the clock had
        not yet changed; of a time that comes twice, the first."""
        at = np.searchsorted(self._by_wall, zone * _BAND + _NEVER + wall, side="right") - 1
        return wall - self._offsets[at]

    def offset(self, zone: Ints, instant: Ints) -> Ints:
        """Minutes by which the zone is ahead of UTC at UTC minutes."""
        at = np.searchsorted(self._by_instant, zone * _BAND + _NEVER + instant, side="right") - 1
        return self._offsets[at]


def _changes(
    zone: ZoneInfo, epoch: datetime, first_day: int, last_day: int
) -> tuple[int, list[tuple[int, int, int]]]:
    """The first offset, and each change as (UTC minute, offset before, offset after)."""

    def offset(minute: int) -> int:
        moment = (epoch + timedelta(minutes=minute)).astimezone(zone)
        return round(moment.utcoffset().total_seconds() / 60)  # type: ignore[union-attr]  # an aware time has one

    changes = []
    first = before = offset(first_day * 1440)
    for day in range(first_day + 1, last_day + 1):
        after = offset(day * 1440)
        if after != before:
            low, high = (day - 1) * 1440, day * 1440
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if offset(middle) != before else (middle, high)
            changes.append((high, before, after))
            before = after
    return first, changes


class OpenTimes:
    """When places are open, for pairs of opening hours and a time zone; pair -1 is always open."""

    def __init__(
        self,
        hours: Iterable[Hours],
        pairs: Sequence[tuple[str, str]],
        clocks: Clocks,
        epoch: datetime,
        first_day: int,
        last_day: int,
    ) -> None:
        spans: dict[str, list[Hours]] = {}
        for span in hours:
            spans.setdefault(span.id, []).append(span)
        self.index = {pair: i for i, pair in enumerate(pairs)}
        opens, closes, done, band = [], [], [], []
        for i, (hours_id, zone) in enumerate(pairs):
            o, c = _open_spans(spans[hours_id], clocks, zone, epoch, first_day, last_day)
            o = np.concatenate([[-_NEVER], o, [_NEVER]])
            c = np.concatenate([[-_NEVER], c, [2 * _NEVER]])
            opens.append(o)
            closes.append(c)
            done.append(np.cumsum(c - o))
            band.append(np.full(len(o), i * _BAND, dtype=np.int64))
        empty = [np.zeros(0, dtype=np.int64)]
        self._open, self._close = np.concatenate(opens or empty), np.concatenate(closes or empty)
        self._done = np.concatenate(done or empty)  # open minutes up to the end of each span
        bands = np.concatenate(band or empty)
        self._open_keys = bands + _NEVER + self._open
        self._done_keys = bands + self._done

    def latest(self, pair: Ints, instant: Ints) -> Ints:
        """The last open minute that is not after each instant."""
        result = instant.copy()
        some = pair >= 0
        at = self._span(pair[some], instant[some])
        result[some] = np.minimum(instant[some], self._close[at])
        return result

    def work(self, pair: Ints, start: Ints, minutes: Ints) -> Ints:
        """When work of some minutes is done that may begin at `start` and goes on in open times only."""
        result = start + minutes
        some = pair >= 0
        if not some.any():
            return result
        p, s, m = pair[some], start[some], minutes[some]
        at = self._span(p, s)
        inside = np.minimum(s, self._close[at])
        begin = np.where(s <= self._close[at], s, self._open[np.minimum(at + 1, len(self._open) - 1)])
        target = self._done[at] - (self._close[at] - inside) + m
        end = np.searchsorted(self._done_keys, p * _BAND + target, side="left")
        result[some] = np.maximum(begin, self._close[end] - (self._done[end] - target))
        return result

    def _span(self, pair: Ints, instant: Ints) -> Ints:
        return np.searchsorted(self._open_keys, pair * _BAND + _NEVER + instant, side="right") - 1


def _open_spans(
    spans: list[Hours], clocks: Clocks, zone: str, epoch: datetime, first_day: int, last_day: int
) -> tuple[Ints, Ints]:
    count = last_day - first_day
    first = (epoch + timedelta(days=first_day)).date()
    opens, closes = [], []
    for span in spans:
        days = (np.flatnonzero(running_days(span.days, span.holidays, first, count)) + first_day) * 1440
        which = np.full(len(days), clocks.index[zone], dtype=np.int64)
        opens.append(clocks.to_utc(which, days + span.opens))
        closes.append(clocks.to_utc(which, days + span.closes))
    o, c = np.concatenate(opens), np.concatenate(closes)
    order = np.argsort(o, kind="stable")
    o, c = o[order], np.maximum.accumulate(c[order])
    # overlapping spans become one, so that no minute is counted twice
    starts = np.concatenate([[True], o[1:] > c[:-1]])[: len(o)]
    last = np.concatenate([starts[1:], [True]])[: len(o)]
    return o[starts], c[last]


def utc_epoch(day: date) -> datetime:
    """00:00 UTC of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
