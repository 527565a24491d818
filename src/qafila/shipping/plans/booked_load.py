"""What is booked, as the load that a planner must leave room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from qafila.network.timetable import Timetable
from qafila.planning.graph import PER_CM3, PER_GRAM, Graph
from qafila.shipping.bookings.capacity import departures_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ridden:
    """Parcels booked on one ride: where it goes, how many, how heavy, how large in all."""

    service_id: str
    service_day: int
    calls: tuple[int, ...]
    parcels: int
    grams: int
    cm3: int


_RIDDEN = """
    SELECT l.service_id, l.service_day, l.calls, sum(coalesce(l.parcels, b.parcels))::integer,
        sum(coalesce(l.grams, b.grams))::bigint, sum(coalesce(l.cm3, b.cm3))::bigint
    FROM booking_legs l JOIN bookings b USING (merchant_id, booking_id)
    WHERE l.service_day BETWEEN :first AND :last AND {which}
    GROUP BY 1, 2, 3
"""
STANDING = "b.cancelled_at IS NULL"
UNSEEN = f"{STANDING} AND b.seen_by IS NULL"
"""Bookings that the plan in place does not know of."""
RETURNED = "b.cancelled_at IS NOT NULL AND b.seen_by IS NOT NULL"
"""Bookings that the plan in place knows of, and that were cancelled since."""


def ridden(connection: Connection, timetable: Timetable, which: str = STANDING) -> list[Ridden]:
    """What is booked on the days of a timetable, by ride. Runs as the operator."""
    days = timetable.segment_day
    rows = connection.execute(
        text(_RIDDEN.format(which=which)),
        {"first": int(days.min(initial=0)), "last": int(days.max(initial=0))},
    )
    return [Ridden(r[0], r[1], tuple(r[2]), r[3], r[4], r[5]) for r in rows]


def load(graph: Graph, booked: Sequence[Ridden]) -> Floats:
    """[M] what bookings use of each scarce capacity; those that ride on what is not in the timetable, none."""
    t = graph.timetable
    used = np.zeros(graph.rows)
    if not booked:
        return used
    first = departures_of(t).segments([(b.service_id, b.service_day, b.calls[0]) for b in booked])
    count = np.array([len(b.calls) for b in booked], np.int64)
    key = np.asarray(t.ride_first_segment).astype(np.int64) * 1024 + np.asarray(t.ride_segment_count)
    order = np.argsort(key, kind="stable")
    wanted = np.where(first >= 0, first * 1024 + count, -1)
    at = np.minimum(np.searchsorted(key, wanted, sorter=order), max(len(order) - 1, 0))
    known = (first >= 0) & (key[order[at]] == wanted)
    for b, ride in zip(np.flatnonzero(known).tolist(), order[at[known]].tolist(), strict=True):
        one = booked[b]
        for u in range(int(graph.use_ptr[ride]), int(graph.use_ptr[ride + 1])):
            row = int(graph.use_row[u])
            measure = int(graph.row_measure[row])
            amount = one.grams if measure == PER_GRAM else one.cm3 if measure == PER_CM3 else one.parcels
            used[row] += float(graph.use_factor[u]) * amount
    return used


def beside(graph: Graph, used: Floats) -> Graph:
    """The graph with the capacity that is left beside a load."""
    return replace(graph, row_capacity=np.maximum(graph.row_capacity - used, 0.0))


@dataclass(frozen=True, slots=True)
class Came:
    """A booking that the plan in place does not know of, and how many parcels of it go one way."""

    merchant_id: str
    booking_id: str
    service_class: str
    origin: str  # facility where its way begins
    destination: str  # facility where it ends
    board_by: datetime
    parcels: int


def came(connection: Connection, which: str = UNSEEN) -> list[Came]:
    """Bookings of a kind, earliest departure first; one whose parcels go different ways comes once for each way. Runs as
    the operator."""
    rows = connection.execute(
        text(
            "SELECT b.merchant_id, b.booking_id, b.service_class,"
            " (array_agg(l.from_facility ORDER BY l.leg))[1], (array_agg(l.to_facility ORDER BY l.leg DESC))[1],"
            " min(l.board_by), max(coalesce(l.parcels, b.parcels))"
            " FROM bookings b JOIN booking_legs l USING (merchant_id, booking_id) "
            f"WHERE {which} GROUP BY 1, 2, 3, l.parcel ORDER BY 6, 2"
        )
    )
    return [Came(*row) for row in rows]
