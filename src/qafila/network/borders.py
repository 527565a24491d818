"""Through which territories goods pass: uncleared, or released into free circulation."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from qafila.network.model import Feed
from qafila.network.timetable import Timetable


def released_elsewhere(timetable: Timetable, feed: Feed, territories: Collection[str]) -> NDArray[np.bool_]:
    """For each ride: does it end on the free side, or at doors, outside these territories?

    A parcel from one territory to another is released in the second only; on its way through a third it
    stays under bond, and pays no duty there. Close these rides to a search to keep it so.
    """
    known = {t.id: i for i, t in enumerate(feed.territories)}
    of_facility = np.array(
        [known[feed.facility[f].territory] for f in timetable.facility_ids], dtype=np.int32
    )
    allowed = np.zeros(len(known), dtype=bool)
    allowed[[known[t] for t in territories if t in known]] = True
    closed_node = ~allowed[of_facility[timetable.node_facility]]
    closed_node[timetable.bonded_node[timetable.bonded_node >= 0]] = False
    return closed_node[timetable.ride_to]
