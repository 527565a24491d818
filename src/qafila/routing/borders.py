"""Where goods may be released: in the territory that they are for, and nowhere on the way."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qafila.network.borders import crossings
from qafila.network.timetable import Timetable


def barred(
    timetable: Timetable, origins: Iterable[int], destinations: Iterable[int]
) -> NDArray[np.bool_] | None:
    """Rides that goods from and to these nodes may not take, bool [R]; None where there are no borders.

    Goods are exported from the territory in which they begin; released in another, they stay there, for there
    duty was paid. On the way through a third they remain under bond: what was released there could not leave
    again. Nor are goods for abroad released at home on the way; what is for home itself may go round abroad.
    """
    if len(timetable.node_territory) == 0:
        return None
    own, bound_for = (
        frozenset(int(timetable.node_territory[n]) for n in nodes) for nodes in (origins, destinations)
    )
    return _barred(timetable, own, abroad=not own & bound_for)


@lru_cache(maxsize=128)
def _barred(timetable: Timetable, own: frozenset[int], abroad: bool) -> NDArray[np.bool_]:
    left, entered = crossings(timetable)
    closed: NDArray[np.bool_] = (left >= 0) & ~np.isin(left, list(own))
    if abroad:
        closed |= (entered >= 0) & np.isin(entered, list(own))
    closed.setflags(write=False)
    return closed
