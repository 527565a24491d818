"""The event history's SQL: append, read, nothing else. The tables refuse any change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.runtime.database.connection import copied
from qafila.tracking.event import Event, iso

_APPEND = """
    INSERT INTO events (merchant_id, parcel, event_id, type, time_kind, time, facility, leg, source, details)
    SELECT :merchant, e.parcel, e.id, e.type, e.time_kind, e.time, e.facility, e.leg, e.source, e.details
    FROM json_to_recordset(CAST(:events AS json)) AS e (parcel text, id uuid, type text, time_kind text,
        time timestamptz, facility text, leg smallint, source text, details json)
    ON CONFLICT (parcel, event_id) DO NOTHING
"""
_COLUMNS = (
    "parcel, CAST(event_id AS text), type, time_kind, time, source, facility, leg, recorded_at, details"
)
"""Those of an Event, in their order."""


def begin(connection: Connection, merchant_id: str, events: Iterable[Event]) -> None:
    """Writes the events with which histories begin: those of parcels that the same transaction made.

    Runs as the operator, whom `copied` wants; that the parcels are the merchant's the table sees to itself.
    """
    rows = (
        (merchant_id, parcel, id, type, kind, iso(time), source, facility, leg,
         orjson.dumps(details).decode() if details else None)
        for parcel, id, type, kind, time, source, facility, leg, _, details in events
    )  # fmt: skip
    copied(
        connection, "events",
        "merchant_id, parcel, event_id, type, time_kind, time, source, facility, leg, details", rows,
    )  # fmt: skip


def append(connection: Connection, merchant_id: str, events: Iterable[Event]) -> int:
    """Adds events to the history of one merchant's parcels; those already known are passed over.

    Returns the number that were new. The parcels must exist and belong to the merchant.
    """
    rows = _rows(events)
    if not rows:
        return 0
    return connection.execute(
        text(_APPEND), {"merchant": merchant_id, "events": orjson.dumps(rows).decode()}
    ).rowcount


def append_new(connection: Connection, merchant_id: str, events: Iterable[Event]) -> set[tuple[str, str]]:
    """As `append`; returns parcel and id of each event that was new."""
    rows = connection.execute(
        text(f"{_APPEND} RETURNING parcel, event_id"),
        {"merchant": merchant_id, "events": orjson.dumps(_rows(events)).decode()},
    )
    return {(parcel, str(id)) for parcel, id in rows}


def _rows(events: Iterable[Event]) -> list[dict[str, Any]]:
    return [
        {
            "parcel": e.parcel, "id": e.id, "type": e.type, "time_kind": e.time_kind, "time": e.time,
            "facility": e.facility, "leg": e.leg, "source": e.source, "details": e.details or None,
        }
        for e in events
    ]  # fmt: skip


def histories(connection: Connection, parcels: Iterable[str]) -> dict[str, list[Event]]:
    """Every event of some parcels, by parcel, each list by time; a parcel without events is left out."""
    rows = connection.execute(
        text(f"SELECT {_COLUMNS} FROM events WHERE parcel = ANY(:p) ORDER BY parcel, time, seq"),
        {"p": list(parcels)},
    )
    return {parcel: list(told) for parcel, told in groupby(map(_event, rows.all()), itemgetter(0))}


def owners(connection: Connection, parcels: Sequence[str]) -> dict[str, str]:
    """The merchant of each parcel that there is (on a merchant's connection: that is his)."""
    rows = connection.execute(
        text("SELECT number, merchant_id FROM parcels WHERE number = ANY(:p)"), {"p": list(parcels)}
    )
    return {number: merchant for number, merchant in rows}  # noqa: C416  (rows are no pairs to mypy)


def unfinished(connection: Connection, before: datetime, after: str = "", limit: int = 1000) -> list[str]:
    """Numbers of parcels, in order from the one behind `after`, that should have done something before an
    instant, or of which something is estimated, and that are not known to have come to an end.
    """
    rows = connection.execute(
        text(
            """
            SELECT p.number FROM parcels p
            WHERE p.number > :after
              AND EXISTS (SELECT FROM events e WHERE e.parcel = p.number
                          AND (e.time_kind = 'planned' AND e.time < :before OR e.time_kind = 'estimated'))
              AND NOT EXISTS (SELECT FROM events e WHERE e.parcel = p.number AND e.time_kind = 'actual'
                              AND e.type IN ('delivered', 'returned', 'cancelled', 'lost')
                              AND NOT EXISTS (SELECT FROM events r WHERE r.parcel = p.number
                                  AND (r.type = 'retracted' OR r.type = 'returning')))
            ORDER BY p.number LIMIT :limit
            """
        ),
        {"after": after, "before": before, "limit": limit},
    )
    return list(rows.scalars())


def page(
    connection: Connection, after: tuple[int, int], limit: int
) -> tuple[list[tuple[tuple[int, int], Event]], bool]:
    """Events in the order in which they were committed, from behind a cursor; and whether there are more.

    A cursor is (transaction, sequence). Events of transactions that may still be running, or that began
    after one that is, are left for a later page: whoever follows the cursor misses none.
    """
    rows = connection.execute(
        text(
            f"SELECT tx::text::bigint, seq, {_COLUMNS} FROM events "
            "WHERE (tx, seq) > (CAST(CAST(:tx AS text) AS xid8), :seq) "
            "AND tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY tx, seq LIMIT :limit"
        ),
        {"tx": after[0], "seq": after[1], "limit": limit + 1},
    ).all()
    return [((row[0], row[1]), _event(row[2:])) for row in rows[:limit]], len(rows) > limit


def each_history(
    connection: Connection, parcels: Sequence[str], at_a_time: int = 1000
) -> Iterator[list[Event]]:
    """The history of one parcel after the other, in the order asked, however many there are."""
    for start in range(0, len(parcels), at_a_time):
        some = parcels[start : start + at_a_time]
        found = histories(connection, some)
        yield from (found[number] for number in some if number in found)


def _event(row: Sequence[Any]) -> Event:
    return Event(*row) if row[9] is not None else Event(*row[:9])
