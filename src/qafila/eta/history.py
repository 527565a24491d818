"""The network's own history as rows: each ride that was planned and seen at both ends, and each way that came to its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, text

from qafila.eta.table import WHOLE, Rows
from qafila.network.model import Facility
from qafila.network.timetable import Mode
from qafila.runtime.events.envelope import Event, TimeKind
from qafila.tracking.event import ParcelEvent
from qafila.tracking.planned import match, waypoints
from qafila.tracking.store import each_history

_WEEK = 7 * 24 * 3600


def own_rows(
    connection: Connection, facilities: Mapping[str, Facility], territories: Mapping[str, int]
) -> Rows:
    """The rows of all parcels that were delivered.

    Args:
        connection: as the operator.
        facilities: the network's, by id.
        territories: the number of each.
    """
    numbers = list(
        connection.execute(
            text(
                "SELECT DISTINCT subject_id FROM events WHERE subject_kind = 'parcel' AND type = 'delivered' AND time_kind = 'actual' ORDER BY 1"
            )
        ).scalars()
    )
    found: list[tuple[float, ...]] = []
    for history in each_history(connection, numbers):
        found += rows_of(history, facilities, territories)
    columns = np.array(found, dtype=np.float64).reshape(len(found), 10).T
    whole = (0, 1, 2, 3, 4, 6, 8)
    return Rows._make(c.astype(np.int64) if n in whole else c for n, c in enumerate(columns))


def rows_of(
    history: Iterable[Event], facilities: Mapping[str, Facility], territories: Mapping[str, int]
) -> list[tuple[float, ...]]:
    """The rows of one parcel: its rides whose both ends were seen, and its whole way."""
    events = list(history)
    # where a parcel waits to be fetched, its way ends when it arrives
    plan = [p for p in waypoints(events) if p.type != ParcelEvent.AWAITING_PICKUP]
    actual = sorted((e for e in events if e.time_kind == TimeKind.ACTUAL), key=lambda e: e.time)
    done = match(plan, actual)
    if not plan or len(plan) - 1 not in done:
        return []

    def territory(id: str | None) -> int:
        place = facilities.get(id or "")
        return territories.get(place.territory, 998) if place else 998

    found: list[tuple[float, ...]] = []
    ends = [i for i, p in enumerate(plan) if not p.starts_leg]
    slack, before = 0.0, None
    for end in ends:
        start = next(
            (i for i in range(end, -1, -1) if plan[i].starts_leg and plan[i].leg == plan[end].leg), None
        )
        if start is None:
            continue
        begun, over = plan[start], plan[end]
        room = max(0.0, (begun.time - before).total_seconds() / 60) if before is not None else 0.0
        slack, before = slack + room, over.time
        mode = next((m.value for m in Mode if m.name.lower() == over.mode), None)
        if start in done and end in done and mode is not None:
            late = (done[end].time - over.time).total_seconds() / 60 - (
                done[start].time - begun.time
            ).total_seconds() / 60
            found.append(
                _row(
                    mode,
                    territory(begun.facility),
                    territory(over.facility),
                    begun.time,
                    over.time,
                    len(ends),
                    room,
                    late,
                )
            )
    first, last = plan[0], plan[-1]
    late = (done[len(plan) - 1].time - last.time).total_seconds() / 60
    known = [p.facility for p in plan if p.facility]
    found.append(
        _row(
            WHOLE,
            territory(known[0] if known else None),
            territory(known[-1] if known else None),
            first.time,
            last.time,
            len(ends),
            slack,
            late,
        )
    )
    return found


def _row(
    kind: int, begins: int, ends: int, start: datetime, end: datetime, rides: int, slack: float, delay: float
) -> tuple[float, ...]:
    minutes = (end - start).total_seconds() / 60
    return (
        kind,
        begins,
        ends,
        start.weekday(),
        start.hour,
        minutes,
        rides,
        slack,
        int(start.timestamp() // _WEEK),
        delay,
    )
