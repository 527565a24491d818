"""The room on each departure: what bookings took of it, what a plan reserved, what the fleet holds back, what is left.

A departure is known by (service, service day, call): it outlives any one compiled Timetable. Room that the
plan in place reserved for a service class is drawn by bookings of that class first; others do not see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from qafila.core.fault import NotFound
from qafila.network.timetable import Timetable
from qafila.routing.itinerary import Leg
from qafila.routing.room_left import Room
from qafila.runtime.database.together import Speaks
from qafila.shipping.bookings import bookings_messages as m
from qafila.shipping.orders.order import STANDARD

Departure = tuple[str, int, int]
"""Service id, service day (days since 1970-01-01), index of the call from which it departs."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one parcel asks of every departure of its way."""

    departures: tuple[Departure, ...]
    grams: int
    cm3: int
    service_class: str = ""  # whose reservation it may draw from; "" from none


def departures(legs: Iterable[Leg]) -> tuple[Departure, ...]:
    """The departures that some legs ride on."""
    return tuple((leg.service_id, leg.service_day, call) for leg in legs for call in leg.calls)


class UnknownDeparture(NotFound):
    """A departure is not in the Timetable."""


class Departures:
    """Finds the segment of a Timetable that a departure is. Its days are counted from 1970-01-01."""

    def __init__(self, timetable: Timetable) -> None:
        self._timetable = timetable
        self._service = {id: i for i, id in enumerate(timetable.service_ids)}
        days = timetable.segment_day
        self._day0 = int(days.min(initial=0)) if timetable.segments else 0
        self.first_day, self.last_day = int(days.min(initial=0)), int(days.max(initial=0))
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
            service, _, _ = wanted[int(np.argmax(found < 0))]
            raise UnknownDeparture(m.NO_DEPARTURE(service=str(service)), m.ASK_NEW_OFFER())
        grams = self._timetable.segment_capacity_g[found].tolist()
        cm3 = self._timetable.segment_capacity_cm3[found].tolist()
        return dict(zip(wanted, zip(grams, cm3, strict=True), strict=True))


@lru_cache(maxsize=4)
def departures_of(timetable: Timetable) -> Departures:
    """The finder of a Timetable, made once for each."""
    return Departures(timetable)


KEY = "service_id text, service_day integer, call smallint"
"""The key of a departure, as the columns of a recordset."""
OPEN = text(
    f"""
    INSERT INTO capacity (service_id, service_day, call, total_g, total_cm3)
    SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS k ({KEY}, total_g bigint, total_cm3 bigint)
    ORDER BY service_id, service_day, call
    ON CONFLICT DO NOTHING
    """
)
# every booking locks its departures in the same order, so that no two wait for each other
_LOCK = text(
    f"""
    SELECT c.service_id, c.service_day, c.call, c.taken_g, c.taken_cm3, c.reserved_g, c.reserved_cm3, c.held_g, c.held_cm3
    FROM capacity c JOIN json_to_recordset(CAST(:rows AS json)) AS k ({KEY}) USING (service_id, service_day, call)
    ORDER BY c.service_id, c.service_day, c.call
    FOR NO KEY UPDATE OF c
    """
)
# only where something is reserved; whoever changes reservations holds the lock on the departure
_OWN = text(
    f"""
    SELECT r.service_id, r.service_day, r.call, r.service_class, r.reserved_g - r.drawn_g, r.reserved_cm3 - r.drawn_cm3
    FROM reservations r JOIN json_to_recordset(CAST(:rows AS json)) AS k ({KEY}) USING (service_id, service_day, call)
    WHERE r.service_class = ANY(:classes)
    """
)
_DRAW = text(
    f"""
    UPDATE reservations r SET drawn_g = drawn_g + k.grams, drawn_cm3 = drawn_cm3 + k.cm3
    FROM json_to_recordset(CAST(:rows AS json)) AS k ({KEY}, service_class text, grams bigint, cm3 bigint)
    WHERE (r.service_id, r.service_day, r.call, r.service_class) = (k.service_id, k.service_day, k.call, k.service_class)
    """
)
# the total follows the timetable; where an aircraft became smaller than what it sold, no room is left
_TAKE = text(
    f"""
    UPDATE capacity c
    SET taken_g = taken_g + k.grams, taken_cm3 = taken_cm3 + k.cm3,
        reserved_g = reserved_g - k.drawn_g, reserved_cm3 = reserved_cm3 - k.drawn_cm3,
        total_g = greatest(k.total_g, taken_g + k.grams + reserved_g - k.drawn_g),
        total_cm3 = greatest(k.total_cm3, taken_cm3 + k.cm3 + reserved_cm3 - k.drawn_cm3)
    FROM json_to_recordset(CAST(:rows AS json))
        AS k ({KEY}, grams bigint, cm3 bigint, drawn_g bigint, drawn_cm3 bigint, total_g bigint, total_cm3 bigint)
    WHERE (c.service_id, c.service_day, c.call) = (k.service_id, k.service_day, k.call)
    """
)


def take(
    connection: Connection, demands: Sequence[Demand], totals: Mapping[Departure, tuple[int, int]]
) -> list[Departure | None]:
    """Takes room for each demand, first come first served: all of its departures or none of them; see `claim`."""
    claimed = claim(connection, demands, totals)
    claimed.write(connection)
    return claimed.answers


@dataclass(frozen=True, slots=True)
class Claim:
    """Room that demands are served from, on departures that are locked.

    Attributes:
        answers: for each demand None, or the first departure that is full.
        counter: what was taken.
        totals: payload and volume of the departures.
    """

    answers: list[Departure | None]
    counter: _Counter
    totals: Mapping[Departure, tuple[int, int]]

    def write(self, connection: Speaks) -> None:
        """Writes down what was taken."""
        counter, totals = self.counter, self.totals
        if not counter.taken:
            return
        drawn = counter.drawn_in_all()
        rows = [
            {
                "service_id": s,
                "service_day": d,
                "call": c,
                "grams": grams,
                "cm3": cm3,
                "drawn_g": drawn.get((s, d, c), (0, 0))[0],
                "drawn_cm3": drawn.get((s, d, c), (0, 0))[1],
                "total_g": totals[s, d, c][0],
                "total_cm3": totals[s, d, c][1],
            }
            for (s, d, c), (grams, cm3) in counter.taken.items()
        ]
        connection.execute(_TAKE, {"rows": _json(rows)})
        if drawn:
            rows = [
                {
                    "service_id": s,
                    "service_day": d,
                    "call": c,
                    "service_class": name,
                    "grams": grams,
                    "cm3": cm3,
                }
                for ((s, d, c), name), (grams, cm3) in counter.drawn.items()
            ]
            connection.execute(_DRAW, {"rows": _json(rows)})


def lock(connection: Speaks, demands: Sequence[Demand], totals: Mapping[Departure, tuple[int, int]]) -> Any:
    """Asks for the departures of demands, and locks those that were opened; `claim` goes on with the rows."""
    return connection.execute(_LOCK, {"rows": _json(_opening(demands, totals))})


def _opening(
    demands: Sequence[Demand], totals: Mapping[Departure, tuple[int, int]]
) -> list[dict[str, object]]:
    return [
        {
            "service_id": s,
            "service_day": d,
            "call": c,
            "total_g": totals[s, d, c][0],
            "total_cm3": totals[s, d, c][1],
        }
        for s, d, c in sorted({d for demand in demands for d in demand.departures})
    ]


def claim(
    connection: Connection,
    demands: Sequence[Demand],
    totals: Mapping[Departure, tuple[int, int]],
    locked: Sequence[Any] | None = None,
) -> Claim:
    """Locks the departures of demands and serves them, first come first served: all departures of a demand or none of them.

    Runs as the operator; the departures stay locked until the transaction ends, and what is claimed is taken when it was
    written.

    Args:
        connection: see above.
        demands: what is asked for.
        totals: payload and volume of every departure asked for.
        locked: what `lock` found in this transaction, where it was asked together with other statements.
    """
    rows = _opening(demands, totals)
    if not rows:
        return Claim([None] * len(demands), _Counter(), totals)
    if locked is None:
        locked = lock(connection, demands, totals).fetchall()
    if len(locked) < len(rows):  # somebody is the first on a departure
        connection.execute(OPEN, {"rows": _json(rows)})
        locked = lock(connection, demands, totals).fetchall()
    counter = _Counter()
    kept = []
    for s, d, c, grams, cm3, reserved_g, reserved_cm3, held_g, held_cm3 in locked:
        total_g, total_cm3 = totals[s, d, c]
        counter.common[s, d, c] = [
            total_g - grams - reserved_g - held_g,
            total_cm3 - cm3 - reserved_cm3 - held_cm3,
        ]
        if reserved_g or reserved_cm3:
            kept.append({"service_id": s, "service_day": d, "call": c})
    classes = sorted({demand.service_class for demand in demands if demand.service_class})
    if kept and classes:
        for s, d, c, name, grams, cm3 in connection.execute(_OWN, {"rows": _json(kept), "classes": classes}):
            counter.own[(s, d, c), name] = [grams, cm3]
    return Claim([counter.serve(demand) for demand in demands], counter, totals)


class _Counter:
    """The room of some locked departures while demands are served from it: grams and cm³ each."""

    def __init__(self) -> None:
        self.common: dict[Departure, list[int]] = {}  # left to everybody; below 0 where the total shrank
        self.own: dict[tuple[Departure, str], list[int]] = {}  # left of a class's reservation
        self.taken: dict[Departure, list[int]] = {}
        self.drawn: dict[tuple[Departure, str], list[int]] = {}

    def serve(self, demand: Demand) -> Departure | None:
        """Moves room to taken, from the class's own first; or names the departure that is full."""
        asked = (demand.grams, demand.cm3)
        for departure in demand.departures:
            own = self.own.get((departure, demand.service_class), _NONE)
            if any(a > o + c for a, o, c in zip(asked, own, self.common[departure], strict=True)):
                return departure
        for departure in demand.departures:
            key = departure, demand.service_class
            held, common = self.own.get(key), self.common[departure]
            taken = self.taken.setdefault(departure, [0, 0])
            for i, amount in enumerate(asked):
                taken[i] += amount
                draw = 0 if held is None else min(held[i], amount)
                if held is not None and draw:
                    held[i] -= draw
                    self.drawn.setdefault(key, [0, 0])[i] += draw
                common[i] -= amount - draw
        return None

    def drawn_in_all(self) -> dict[Departure, tuple[int, int]]:
        """What all classes together drew of each departure."""
        found: dict[Departure, tuple[int, int]] = {}
        for (departure, _), (grams, cm3) in self.drawn.items():
            before = found.get(departure, (0, 0))
            found[departure] = before[0] + grams, before[1] + cm3
        return found


_NONE = (0, 0)

# what a class drew returns to its reservation, as far as it drew; the rest is everybody's again
_GIVE_BACK = text(
    f"""
    WITH k AS (SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS k ({KEY}, grams bigint, cm3 bigint)),
    own AS (
        SELECT r.service_id, r.service_day, r.call, least(r.drawn_g, k.grams) AS grams, least(r.drawn_cm3, k.cm3) AS cm3
        FROM reservations r JOIN k USING (service_id, service_day, call) WHERE r.service_class = :class
    ),
    refilled AS (
        UPDATE reservations r SET drawn_g = drawn_g - own.grams, drawn_cm3 = drawn_cm3 - own.cm3 FROM own
        WHERE (r.service_id, r.service_day, r.call, r.service_class)
            = (own.service_id, own.service_day, own.call, :class)
    )
    UPDATE capacity c
    SET taken_g = taken_g - k.grams, taken_cm3 = taken_cm3 - k.cm3,
        reserved_g = reserved_g + coalesce(own.grams, 0), reserved_cm3 = reserved_cm3 + coalesce(own.cm3, 0)
    FROM k LEFT JOIN own USING (service_id, service_day, call)
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
    connection.execute(_GIVE_BACK, {"rows": _json(rows), "class": demand.service_class})


# one row at least: it tells the snapshot, and one statement sees one state of the database throughout
_LEFT = text(
    """
    SELECT seen.snapshot, c.service_id, c.service_day, c.call,
        c.taken_g + c.reserved_g + c.held_g - coalesce(r.reserved_g - r.drawn_g, 0),
        c.taken_cm3 + c.reserved_cm3 + c.held_cm3 - coalesce(r.reserved_cm3 - r.drawn_cm3, 0)
    FROM (SELECT pg_current_snapshot()::text AS snapshot) seen
    LEFT JOIN capacity c ON c.service_day BETWEEN :first AND :last
        AND (c.taken_g > 0 OR c.taken_cm3 > 0 OR c.reserved_g > 0 OR c.reserved_cm3 > 0 OR c.held_g > 0 OR c.held_cm3 > 0)
    LEFT JOIN reservations r ON r.service_class = :class
        AND (r.service_id, r.service_day, r.call) = (c.service_id, c.service_day, c.call)
    """
)


def left(
    connection: Speaks, timetable: Timetable, service_class: str = STANDARD
) -> dict[int, tuple[int, int]]:
    """Grams and cm³ left to a service class on those segments of a Timetable of which something was taken or
    is reserved for others; the rest is empty. Runs as the operator.
    """
    return left_with_snapshot(connection, timetable, service_class)[0]


def left_with_snapshot(
    connection: Speaks, timetable: Timetable, service_class: str = STANDARD
) -> tuple[dict[int, tuple[int, int]], str]:
    """As `left`, with the snapshot of the look: which transactions it saw (openness.store.saw)."""
    finder = departures_of(timetable)
    asked = {"first": finder.first_day, "last": finder.last_day, "class": service_class}
    rows = connection.execute(_LEFT, asked).fetchall()
    snapshot = str(rows[0][0])
    if rows[0][1] is None:
        return {}, snapshot
    segments = finder.segments([row[1:4] for row in rows])
    total_g = timetable.segment_capacity_g[segments].tolist()
    total_cm3 = timetable.segment_capacity_cm3[segments].tolist()
    return {
        segment: (max(g - row[4], 0), max(v - row[5], 0))
        for segment, g, v, row in zip(segments.tolist(), total_g, total_cm3, rows, strict=True)
        if segment >= 0
    }, snapshot


def held(connection: Connection) -> frozenset[str]:
    """The departures of which a plan or the fleet holds something, as `service/day/call`. As the operator or a regulator."""
    rows = connection.execute(
        text(
            "SELECT service_id || '/' || service_day || '/' || call FROM reservations "
            "UNION SELECT service_id || '/' || service_day || '/' || call FROM capacity WHERE held_g > 0 OR held_cm3 > 0"
        )
    )
    return frozenset(rows.scalars())


def room(connection: Speaks, timetable: Timetable, service_class: str = STANDARD) -> Room:
    """What the router needs to close the rides that are full for a service class. Runs as the operator."""
    return Room(timetable, left(connection, timetable, service_class))


def seen(connection: Speaks, timetable: Timetable, service_class: str = STANDARD) -> tuple[Room, str]:
    """As `room`, with the snapshot of the look."""
    found, snapshot = left_with_snapshot(connection, timetable, service_class)
    return Room(timetable, found), snapshot


def _json(rows: list[dict[str, object]]) -> str:
    return orjson.dumps(rows).decode()
