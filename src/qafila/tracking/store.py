"""The event history's SQL: append, read, nothing else. The tables refuse any change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import orjson
from sqlalchemy import Connection, text

from qafila.tracking.event import Event

_APPEND = text(
    """
    INSERT INTO events (merchant_id, parcel, event_id, type, time_kind, time, facility, leg, source, details)
    SELECT :merchant, e.parcel, e.id, e.type, e.time_kind, e.time, e.facility, e.leg, e.source, e.details
    FROM json_to_recordset(CAST(:events AS json)) AS e (parcel text, id uuid, type text, time_kind text,
        time timestamptz, facility text, leg smallint, source text, details jsonb)
    ON CONFLICT (parcel, event_id) DO NOTHING
    """
)
_COLUMNS = "parcel, event_id, type, time_kind, time, source, facility, leg, recorded_at, details"


def append(connection: Connection, merchant_id: str, events: Iterable[Event]) -> int:
    """Adds events to the history of one merchant's parcels; those already known are passed over.

    Returns the number that were new. The parcels must exist and belong to the merchant.
    """
    rows = [
        {
            "parcel": e.parcel, "id": e.id, "type": e.type, "time_kind": e.time_kind, "time": e.time,
            "facility": e.facility, "leg": e.leg, "source": e.source, "details": e.details or None,
        }
        for e in events
    ]  # fmt: skip
    if not rows:
        return 0
    return connection.execute(
        _APPEND, {"merchant": merchant_id, "events": orjson.dumps(rows).decode()}
    ).rowcount


def histories(connection: Connection, parcels: Iterable[str]) -> dict[str, list[Event]]:
    """Every event of some parcels, by parcel, each list by time; a parcel without events is left out."""
    rows = connection.execute(
        text(f"SELECT {_COLUMNS} FROM events WHERE parcel = ANY(:p) ORDER BY parcel, time, seq"),
        {"p": list(parcels)},
    )
    found: dict[str, list[Event]] = {}
    for row in rows:
        found.setdefault(row.parcel, []).append(_event(*row))
    return found


def each_history(
    connection: Connection, parcels: Sequence[str], at_a_time: int = 1000
) -> Iterator[list[Event]]:
    """The history of one parcel after the other, in the order asked, however many there are."""
    for start in range(0, len(parcels), at_a_time):
        some = parcels[start : start + at_a_time]
        found = histories(connection, some)
        yield from (found[number] for number in some if number in found)


def _event(
    parcel: str,
    id: object,
    type: str,
    kind: str,
    time: datetime,
    source: str,
    facility: str | None,
    leg: int | None,
    recorded_at: datetime,
    details: dict[str, object] | None,
) -> Event:
    return Event(
        parcel, str(id), type, kind, time.astimezone(UTC), source, facility, leg,
        recorded_at.astimezone(UTC), details or {},
    )  # fmt: skip
