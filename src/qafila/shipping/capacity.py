"""The room on each departure: what bookings took of it, and what is left.

A departure is known by (service, service day, call): it outlives any one compiled Timetable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from qafila.network.timetable import Timetable
from qafila.routing.capacity import Room
from qafila.routing.itinerary import Leg

Departure = tuple[str, int, int]
"""Service id, service day (days since 1970-01-01), index of the call from which it departs."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one parcel asks of every departure of its way."""

    departures: tuple[Departure, ...]
    grams: int
    cm3: int


def departures(legs: Iterable[Leg]) -> tuple[Departure, ...]:
    """The departures that some legs ride on."""
    return tuple((leg.service_id, leg.service_day, call) for leg in legs for call in leg.calls)


class UnknownDeparture(LookupError):
    """A departure is not in the Timetable."""


class Departures:
    """Finds the segment of a Timetable that a departure is."""

    def __init__(self, timetable: Timetable) -> None:
        self._timetable = timetable
        self._service = {id: i for i, id in enumerate(timetable.service_ids)}
        self._day0 = int(timetable.segment_day.min(initial=0)) if timetable.segments else 0
        keys = self._keys(timetable.segment_service, timetable.segment_day, timetable.segment_call)
        self._order = np.argsort(keys, kind="stable")
        self._sorted = keys[self._order]

    def _keys(
        self, service: NDArray[np.int32], day: NDArray[np.int32], call: NDArray[np.int32]
    ) -> NDArray[np.int64]:
        """One number for each departure: calls below 2^10, days below 2^20 from the first."""
        return (service.astype(np.int64) << 30) | ((day.astype(np.int64) - self._day0) << 10) | call

    def segments(self, wanted: Sequence[Departure]) -> NDArray[np.int64]:
        """Index of the segment of each departure; -1 where the Timetable has none."""
        if not wanted or not len(self._sorted):
            return np.full(len(wanted), -1, dtype=np.int64)
        service = np.array([self._service.get(s, -1) for s, _, _ in wanted], dtype=np.int32)
        day = np.array([d for _, d, _ in wanted], dtype=np.int32)
        call = np.array([c for _, _, c in wanted], dtype=np.int32)
        keys = self._keys(service, day, call)
        at = np.minimum(np.searchsorted(self._sorted, keys), len(self._sorted) - 1)
        known = (self._sorted[at] == keys) & (service >= 0) & (day >= self._day0)
        return np.where(known, self._order[at], -1)

    def totals(self, wanted: Sequence[Departure]) -> dict[Departure, tuple[int, int]]:
        """Payload (g) and volume (cm³) of each departure; raises UnknownDeparture."""
        found = self.segments(wanted)
        if (found < 0).any():
            service, day, call = wanted[int(np.argmax(found < 0))]
            raise UnknownDeparture(
                f"service {service} has no departure on day {day} at call {call} in this timetable; "
                "ask for a new offer"
            )
        grams = self._timetable.segment_capacity_g[found].tolist()
        cm3 = self._timetable.segment_capacity_cm3[found].tolist()
        return dict(zip(wanted, zip(grams, cm3, strict=True), strict=True))


@lru_cache(maxsize=4)
def departures_of(timetable: Timetable) -> Departures:
    """The finder of a Timetable, made once for each."""
    return Departures(timetable)


_KEY = "service_id text, service_day integer, call smallint"
_OPEN = text(
    f"""
    INSERT INTO capacity (service_id, service_day, call, total_g, total_cm3)
    SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS k ({_KEY}, total_g bigint, total_cm3 bigint)
    ORDER BY service_id, service_day, call
    ON CONFLICT DO NOTHING
    """
)
# every booking locks its departures in the same order, so that no two wait for each other
_LOCK = text(
    f"""
    SELECT c.service_id, c.service_day, c.call, c.taken_g, c.taken_cm3
    FROM capacity c JOIN json_to_recordset(CAST(:rows AS json)) AS k ({_KEY}) USING (service_id, service_day, call)
    ORDER BY c.service_id, c.service_day, c.call
    FOR NO KEY UPDATE OF c
    """
)
# the total follows the timetable; where an aircraft became smaller than what it sold, no room is left
_TAKE = text(
    f"""
    UPDATE capacity c
    SET taken_g = taken_g + k.grams, taken_cm3 = taken_cm3 + k.cm3,
        total_g = greatest(k.total_g, taken_g + k.grams), total_cm3 = greatest(k.total_cm3, taken_cm3 + k.cm3)
    FROM json_to_recordset(CAST(:rows AS json))
        AS k ({_KEY}, grams bigint, cm3 bigint, total_g bigint, total_cm3 bigint)
    WHERE (c.service_id, c.service_day, c.call) = (k.service_id, k.service_day, k.call)
    """
)


def take(
    connection: Connection, demands: Sequence[Demand], totals: Mapping[Departure, tuple[int, int]]
) -> list[Departure | None]:
    """Takes room for each demand, first come first served: all of its departures or none of them.

    `totals` are payload and volume of every departure asked for. Returns for each demand None, or the
    first departure that is full. Runs as the operator; the departures stay locked until the transaction
    ends.
    """
    wanted = sorted({d for demand in demands for d in demand.departures})
    if not wanted:
        return [None] * len(demands)
    rows = [
        {"service_id": s, "service_day": d, "call": c, "total_g": totals[s, d, c][0],
         "total_cm3": totals[s, d, c][1]}
        for s, d, c in wanted
    ]  # fmt: skip
    connection.execute(_OPEN, {"rows": _json(rows)})
    locked = connection.execute(_LOCK, {"rows": _json(rows)})
    left = {
        (s, d, c): [totals[s, d, c][0] - grams, totals[s, d, c][1] - cm3] for s, d, c, grams, cm3 in locked
    }
    taken: dict[Departure, list[int]] = {}
    answers = [_fit(demand, left, taken) for demand in demands]
    if taken:
        rows = [
            {"service_id": s, "service_day": d, "call": c, "grams": grams, "cm3": cm3,
             "total_g": totals[s, d, c][0], "total_cm3": totals[s, d, c][1]}
            for (s, d, c), (grams, cm3) in taken.items()
        ]  # fmt: skip
        connection.execute(_TAKE, {"rows": _json(rows)})
    return answers


def _fit(
    demand: Demand, left: dict[Departure, list[int]], taken: dict[Departure, list[int]]
) -> Departure | None:
    """Moves room from left to taken, or names the departure that is full."""
    for departure in demand.departures:
        grams, cm3 = left[departure]
        if demand.grams > grams or demand.cm3 > cm3:
            return departure
    for departure in demand.departures:
        for room, sign in ((left[departure], -1), (taken.setdefault(departure, [0, 0]), 1)):
            room[0] += sign * demand.grams
            room[1] += sign * demand.cm3
    return None


_GIVE_BACK = text(
    f"""
    UPDATE capacity c SET taken_g = taken_g - k.grams, taken_cm3 = taken_cm3 - k.cm3
    FROM json_to_recordset(CAST(:rows AS json)) AS k ({_KEY}, grams bigint, cm3 bigint)
    WHERE (c.service_id, c.service_day, c.call) = (k.service_id, k.service_day, k.call)
    """
)


def give_back(connection: Connection, demand: Demand) -> None:
    """Returns the room that a demand had taken. Runs as the operator."""
    rows = [
        {"service_id": s, "service_day": d, "call": c, "grams": demand.grams, "cm3": demand.cm3}
        for s, d, c in sorted(demand.departures)
    ]
    connection.execute(_LOCK, {"rows": _json(rows)})
    connection.execute(_GIVE_BACK, {"rows": _json(rows)})


def left(connection: Connection, timetable: Timetable) -> dict[int, tuple[int, int]]:
    """Grams and cm³ left on those segments of a Timetable of which something was taken; others are empty."""
    days = timetable.segment_day
    rows = connection.execute(
        text(
            "SELECT service_id, service_day, call, taken_g, taken_cm3 FROM capacity "
            "WHERE service_day BETWEEN :first AND :last AND (taken_g > 0 OR taken_cm3 > 0)"
        ),
        {"first": int(days.min(initial=0)), "last": int(days.max(initial=0))},
    ).all()
    segments = departures_of(timetable).segments([(s, d, c) for s, d, c, _, _ in rows])
    total_g = timetable.segment_capacity_g[segments].tolist()
    total_cm3 = timetable.segment_capacity_cm3[segments].tolist()
    return {
        segment: (max(g - row.taken_g, 0), max(v - row.taken_cm3, 0))
        for segment, g, v, row in zip(segments.tolist(), total_g, total_cm3, rows, strict=True)
        if segment >= 0
    }


def room(connection: Connection, timetable: Timetable) -> Room:
    """What the router needs to close the rides that are full at this moment. Runs as the operator."""
    return Room(timetable, left(connection, timetable))


def _json(rows: list[dict[str, object]]) -> str:
    return orjson.dumps(rows).decode()
