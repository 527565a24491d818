"""Where goods may be released: in the territory that they are for, and nowhere on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qafila.network.borders import crossings
from qafila.network.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Law:
    """What a journey is to the borders: the territories in which its goods begin, and whether they go abroad."""

    own: frozenset[int]
    abroad: bool


def law(timetable: Timetable, origins: Iterable[int], destinations: Iterable[int]) -> Law | None:
    """The law for goods from and to these nodes; None where there are no borders."""
    if len(timetable.node_territory) == 0:
        return None
    own, bound_for = (
        frozenset(int(timetable.node_territory[n]) for n in nodes) for nodes in (origins, destinations)
    )
    return Law(own, not own & bound_for)


@lru_cache(maxsize=128)
def unlawful(timetable: Timetable, law: Law) -> NDArray[np.bool_]:
    """Rides that goods may not take, bool [R]: the same for all rides between the same two nodes.

    Goods are exported from the territory in which they begin; released in another, they stay there, for there
    duty was paid. On the way through a third they remain under bond: what was released there could not leave
    again. Nor are goods for abroad released at home on the way; what is for home itself may go round abroad.
    """
    left, entered = crossings(timetable)
    closed: NDArray[np.bool_] = (left >= 0) & ~np.isin(left, list(law.own))
    if law.abroad:
        closed |= (entered >= 0) & np.isin(entered, list(law.own))
    closed.setflags(write=False)
    return closed
