"""Which rides have no room for a parcel, from the capacity that is left on each departure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import Timetable


@lru_cache(maxsize=4)
def _rides_by_segment(timetable: Timetable) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """CSR: the rides that use segment s are rides[start[s] : start[s + 1]]."""
    t = timetable
    count = t.ride_segment_count.astype(np.int64)
    ride = np.repeat(np.arange(t.rides, dtype=np.int32), count)
    step = np.arange(len(ride)) - np.repeat(np.cumsum(count) - count, count)
    segment = np.repeat(t.ride_first_segment.astype(np.int64), count) + step
    start = np.concatenate([[0], np.cumsum(np.bincount(segment, minlength=t.segments))])
    return start, ride[np.argsort(segment, kind="stable")]


class Room:
    """What is left on the departures of a timetable. Cheap where few departures are booked.

    `left` gives grams and cm³ for segments that have bookings; every other one is empty. It is copied:
    a Room is the state of one moment.
    """

    def __init__(self, timetable: Timetable, left: Mapping[int, tuple[int, int]] | None = None) -> None:
        left = left or {}
        self.timetable = timetable
        self._segments = np.fromiter(left.keys(), np.int64, len(left))
        self._left = np.array(list(left.values()), np.int64).reshape(-1, 2)
        bad = (self._segments < 0) | (self._segments >= timetable.segments)
        if bad.any():
            raise ValueError(f"segment {self._segments[bad][0]} is not in the timetable")
        self._masks: dict[tuple[int, ...], NDArray[np.bool_] | None] = {}

    @classmethod
    def from_arrays(
        cls, timetable: Timetable, left_g: NDArray[np.int64], left_cm3: NDArray[np.int64]
    ) -> Room:
        """From what is left on every segment: int64 [S] twice."""
        booked = np.flatnonzero(
            (left_g < timetable.segment_capacity_g) | (left_cm3 < timetable.segment_capacity_cm3)
        )
        return cls(timetable, {int(s): (int(left_g[s]), int(left_cm3[s])) for s in booked})

    def full(self, grams: int, cm3: int) -> NDArray[np.int64]:
        """Segments on which the parcel finds no room."""
        t = self.timetable
        full: NDArray[np.int64] = self._segments[(self._left[:, 0] < grams) | (self._left[:, 1] < cm3)]
        least_g, least_cm3 = _smallest(t)
        if grams > least_g or cm3 > least_cm3:  # too much even for some empty departures
            small = np.flatnonzero((t.segment_capacity_g < grams) | (t.segment_capacity_cm3 < cm3))
            full = np.union1d(full, small)
        return full

    def closed(self, grams: int, cm3: int) -> NDArray[np.bool_] | None:
        """Rides, bool [R], on one of whose segments the parcel finds no room; None where it fits on all."""
        t = self.timetable
        full = self.full(grams, cm3)
        if len(full) == 0:
            return None
        key = tuple(full.tolist())
        if key not in self._masks:
            start, rides = _rides_by_segment(t)
            mask = np.zeros(t.rides, np.bool_)
            for s in full:
                mask[rides[start[s] : start[s + 1]]] = True
            mask.setflags(write=False)
            self._masks[key] = mask
        return self._masks[key]


@lru_cache(maxsize=4)
def _smallest(timetable: Timetable) -> tuple[int, int]:
    """Grams and cm³ of the smallest departure."""
    if timetable.segments == 0:
        return 0, 0
    return int(timetable.segment_capacity_g.min()), int(timetable.segment_capacity_cm3.min())


def closed_rides(
    timetable: Timetable, grams: int, cm3: int, left: Mapping[int, tuple[int, int]] | None = None
) -> NDArray[np.bool_] | None:
    """Rides without room for one parcel, bool [R], or None; `left` as in Room."""
    return Room(timetable, left).closed(grams, cm3)
