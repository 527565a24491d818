"""What a feed says that its facilities handle, as the rates of a graph."""

from __future__ import annotations

import numpy as np

from qafila.network.model import Feed
from qafila.network.timetable import Timetable
from qafila.planning.graph import QUARTER, Rates

_QUARTERS = 60 // QUARTER


def rates(feed: Feed, timetable: Timetable) -> Rates:
    """Rates for each quarter of an hour; a rate of 0 in the feed is no limit.

    What comes within half of a facility's handling time may queue at its sorter: it is sorted before it is said to be
    ready, whatever came before it.
    """
    facilities = [feed.facility[i] for i in timetable.facility_ids]

    def limit(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        hourly = np.array(values, np.float64)
        return np.where(hourly > 0, hourly / _QUARTERS, np.inf)

    return Rates(
        sort=limit([f.sort_rate_per_hour for f in facilities]),
        dock=limit([f.dock_rate_per_hour for f in facilities]),
        customs=limit([f.customs_rate_per_hour for f in facilities]),
        queue=np.array([max(f.handling_minutes // 2 // QUARTER, 1) for f in facilities], np.int64),
    )
