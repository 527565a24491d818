"""The promise table: how soon from each place to each, for every hour of a week. Built in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Timetable
from qafila.routing.batch import earliest_many
from qafila.routing.index import NEVER

HOURS = 168
_NO_WAY = np.uint16(65535)


@dataclass(frozen=True, slots=True, eq=False)
class PromiseTable:
    """Minutes from the full hour to the earliest arrival, between places (node numbers) of a timetable."""

    monday: datetime  # start of the week, UTC
    places: tuple[str, ...]  # facility ids
    minutes: NDArray[np.uint16]  # [HOURS, from, to]; 65535: no way within 45 days

    def arrival(self, origin: str, destination: str, ready: datetime) -> datetime | None:
        """The promised arrival of goods ready at an instant, or None where there is no way.

        Goods that are not ready on the hour are promised as of the next one. Outside the week of the
        table the same hour of that week answers: holidays of another week are then not in it.
        Raises KeyError, naming it, for a facility that is not in the table.
        """
        rows = {place: n for n, place in enumerate(self.places)}
        hours = -int(-(ready - self.monday).total_seconds() // 3600)
        minutes = self.minutes[hours % HOURS, rows[origin], rows[destination]]
        if minutes == _NO_WAY:
            return None
        return self.monday + timedelta(hours=hours, minutes=int(minutes))

    def save(self, path: Path) -> None:
        """One .npz file, read back by `load`."""
        with path.open("wb") as file:
            np.savez(file, minutes=self.minutes, places=np.array(self.places), monday=self.monday.isoformat())

    @classmethod
    def load(cls, path: Path) -> PromiseTable:
        """A table that `save` wrote."""
        with np.load(path) as stored:
            monday = datetime.fromisoformat(str(stored["monday"]))
            return cls(monday, tuple(stored["places"].tolist()), stored["minutes"])


def promise_table(
    timetable: Timetable, nodes: NDArray[np.int32], first: int = 0, goods: Goods = Goods.NONE
) -> PromiseTable:
    """The table between these nodes for the HOURS hours from minute `first` on.

    One scan answers up to 128 origins of one hour.
    """
    nodes = np.asarray(nodes, np.int32)
    minutes = np.full((HOURS, len(nodes), len(nodes)), _NO_WAY, np.uint16)
    for hour in range(HOURS):
        ready = first + 60 * hour
        found = earliest_many(timetable, nodes, ready, goods, destinations=nodes)
        wait = np.where(found == NEVER, int(_NO_WAY), found - ready)
        minutes[hour] = np.minimum(wait, int(_NO_WAY))
    minutes.setflags(write=False)
    places = tuple(timetable.facility_ids[timetable.node_facility[n]] for n in nodes)
    return PromiseTable(timetable.instant(first), places, minutes)
