"""Where goods may be released: in their own territory and in the one they are for, nowhere between."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import Timetable


def barred_exports(timetable: Timetable, origins: Iterable[int]) -> NDArray[np.bool_] | None:
    """Rides that goods from these nodes may not take, bool [R]; None where there are no borders.

    A ride that leaves a territory from its free side is an export. Goods are exported from the territory in
    which they begin; released in another, they stay there, for there duty was paid. On the way through a third
    they remain under bond. That says in rides what the law says of ways: a way that was released in a third
    territory could not leave it again.
    """
    if len(timetable.node_territory) == 0:
        return None
    own = frozenset(int(timetable.node_territory[n]) for n in origins)
    return _barred(timetable, own)


@lru_cache(maxsize=128)
def _barred(timetable: Timetable, own: frozenset[int]) -> NDArray[np.bool_]:
    start = timetable.node_territory[timetable.ride_from]
    end = timetable.node_territory[timetable.ride_to]
    # a bonded end lies behind a border unless it is reached from the bonded side of the same territory
    leaves = (start >= 0) & (start != end)
    barred: NDArray[np.bool_] = leaves & ~np.isin(start, list(own))
    barred.setflags(write=False)
    return barred
