"""Which rides take goods over a border: out of free circulation in a territory, and into it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import Timetable


def crossings(timetable: Timetable) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """The territory that each ride leaves and the one that it enters, int16 [R] each; -1 for none.

    A ride leaves a territory that begins where goods are free in it and ends elsewhere, be it on a bonded side:
    a bonded end lies behind a border unless it is reached from the bonded side of the same territory. It enters
    the one in which it ends, released, having begun elsewhere. Without territories no ride does either.
    """
    if len(timetable.node_territory) == 0:
        none = np.full(timetable.rides, -1, np.int16)
        return none, none
    start = timetable.node_territory[timetable.ride_from].astype(np.int16)
    end = timetable.node_territory[timetable.ride_to].astype(np.int16)
    crosses = start != end
    return np.where(crosses, start, np.int16(-1)), np.where(crosses, end, np.int16(-1))
