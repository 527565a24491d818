"""The histories' SQL: append and read, nothing else. The table refuses any change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.runtime.database.connection import copied
from qafila.runtime.database.together import Speaks
from qafila.runtime.events.envelope import NETWORK, Event, Source, Subject, SubjectKind, iso
from qafila.runtime.privacy.sealing import SEALED, opened

_APPEND = """
    INSERT INTO events (merchant_id, subject_kind, subject_id, event_id, type, time_kind, time, offset_minutes, facility,
        leg, reporter, tenant, source, details)
    SELECT :owner, e.subject_kind, e.subject_id, e.id, e.type, e.time_kind, e.time, e.offset_minutes, e.facility, e.leg,
        e.reporter, e.tenant, e.device, e.details
    FROM json_to_recordset(CAST(:events AS json)) AS e (subject_kind text, subject_id text, id uuid, type text,
        time_kind text, time timestamptz, offset_minutes smallint, facility text, leg smallint, reporter text, tenant text,
        device text, details json)
    ON CONFLICT (subject_kind, subject_id, event_id) DO NOTHING
"""
_APPENDED = text(_APPEND)
_COLUMNS = (
    "subject_id, CAST(event_id AS text), type, time_kind, time, reporter, tenant, source, facility, leg, recorded_at, "
    "details, offset_minutes, subject_kind"
)


def begin(connection: Connection, merchant_id: str, events: Iterable[Event]) -> None:
    """Writes the events with which histories of parcels begin: qafila's own, of parcels that the same transaction made.

    Runs as the operator, whom `copied` wants; that the parcels are the merchant's the table sees to itself.
    Raises ValueError for an event of another subject or source.
    """

    def rows() -> Iterable[Sequence[object]]:
        for subject, id, type, kind, time, source, facility, leg, _, details, offset, of in events:
            if source is not NETWORK or of != "parcel" or offset is not None:
                raise ValueError(f"{type} of {of} {subject} is no beginning of a parcel's history")
            yield (
                merchant_id,
                subject,
                id,
                type,
                kind,
                iso(time),
                source.device,
                facility,
                leg,
                orjson.dumps(details).decode() if details else None,
            )

    copied(
        connection,
        "events",
        "merchant_id, subject_id, event_id, type, time_kind, time, source, facility, leg, details",
        rows(),
    )


def begin_few(connection: Speaks, merchant_id: str, events: Iterable[Event]) -> None:
    """As `begin`, for a few parcels, by a statement that travels with others; as the operator."""
    connection.execute(_APPENDED, {"owner": merchant_id, "events": orjson.dumps(_rows(events)).decode()})


def append(connection: Connection, owner: str | None, events: Iterable[Event]) -> int:
    """Adds events to histories; those already known are passed over.

    Args:
        owner: the tenant whose subjects they are, who may read them; None for what is the hub's own.

    Returns:
        The number of events that were new.

    Raises:
        sqlalchemy.exc.IntegrityError: a parcel among the subjects is none of the owner's.
    """
    rows = _rows(events)
    if not rows:
        return 0
    return connection.execute(_APPENDED, {"owner": owner, "events": orjson.dumps(rows).decode()}).rowcount


def append_new(
    connection: Connection, owner: str | None, events: Iterable[Event]
) -> set[tuple[Subject, str]]:
    """As `append`; returns subject and id of each event that was new."""
    rows = connection.execute(
        text(f"{_APPEND} RETURNING subject_kind, subject_id, event_id"),
        {"owner": owner, "events": orjson.dumps(_rows(events)).decode()},
    )
    return {(Subject(kind, subject), str(id)) for kind, subject, id in rows}


def _rows(events: Iterable[Event]) -> list[dict[str, Any]]:
    return [
        {
            "subject_kind": e.subject_kind,
            "subject_id": e.subject_id,
            "id": e.id,
            "type": e.type,
            "time_kind": e.time_kind,
            "time": e.time,
            "offset_minutes": e.offset,
            "facility": e.facility,
            "leg": e.leg,
            "reporter": e.source.role,
            "tenant": e.source.tenant,
            "device": e.source.device,
            "details": e.details or None,
        }
        for e in events
    ]


def histories(
    connection: Connection, subjects: Iterable[str], kind: SubjectKind = SubjectKind.PARCEL
) -> dict[str, list[Event]]:
    """Every event of some subjects of one kind, by id, each list in order of time; who has no events is left out."""
    rows = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM events WHERE subject_kind = :k AND subject_id = ANY(:s) "
            "ORDER BY subject_id, time, seq"
        ),
        {"k": kind.value, "s": list(subjects)},
    )
    events = [_opened(connection, read(row)) for row in rows.all()]
    return {subject: list(told) for subject, told in groupby(events, itemgetter(0))}


COLUMNS_OF_E = ", ".join(
    f"CAST(e.{c[5:].partition(' ')[0]} AS text)" if c.startswith("CAST(") else f"e.{c}"
    for c in _COLUMNS.split(", ")
)
"""The columns that `read` takes, of a table of events that a query calls `e`."""


def _opened(connection: Connection, event: Event) -> Event:
    """An event with what lies sealed in its details, as far as the role may see it and it was not erased."""
    if SEALED not in event.details:
        return event
    return event._replace(details=opened(connection, event.details))


def history(connection: Connection, subject: Subject) -> list[Event]:
    """Every event of one subject, in order of time."""
    return histories(connection, [subject.id], SubjectKind(subject.kind)).get(subject.id, [])


def settled(connection: Connection) -> int:
    """The position up to which events can be read: nothing at it or before it can come in any more.

    A position is a number that each event gets when it is written. Of one subject, later written events have higher
    ones, in every transaction that waited for the earlier to be committed. Ask for it in a statement of its own, before
    the events.
    """
    position: int = connection.execute(text("SELECT events_settled()")).scalar_one()
    return position


def well_before(connection: Connection, position: int) -> int:
    """A position from which a reader misses nothing whose order was another: an hour before the event at `position`.

    For cursors that were given out when events were read in the order of their transactions.
    """
    found: int | None = connection.execute(
        text(
            "SELECT min(seq) - 1 FROM events WHERE seq > :p - 1000000 AND recorded_at >= "
            "(SELECT recorded_at FROM events WHERE seq <= :p ORDER BY seq DESC LIMIT 1) - interval '1 hour'"
        ),
        {"p": position},
    ).scalar_one()
    return position if found is None else min(found, position)


def after(
    connection: Connection, position: int, limit: int, upto: int, planned: bool = True
) -> list[tuple[int, str | None, Event]]:
    """Events behind a position, in order: each with its own position and its owner.

    Args:
        upto: the last position to read; not beyond `settled`.
        planned: whether planned events are among them.
    """
    kinds = "" if planned else "AND time_kind <> 'planned' "
    rows = connection.execute(
        text(
            f"SELECT seq, merchant_id, {_COLUMNS} FROM events "
            f"WHERE seq > :position AND seq <= :upto {kinds}ORDER BY seq LIMIT :limit"
        ),
        {"position": position, "upto": upto, "limit": limit},
    ).all()
    return [(row[0], row[1], _opened(connection, read(row[2:]))) for row in rows]


def lengths(connection: Connection, subjects: Collection[Subject]) -> dict[Subject, int]:
    """How many events each subject's history has; those that have none are left out. A history only grows."""
    rows = connection.execute(
        text(
            "SELECT e.subject_kind, e.subject_id, count(*) FROM events e "
            "JOIN unnest(CAST(:kinds AS text[]), CAST(:ids AS text[])) AS s (kind, id) "
            "ON e.subject_kind = s.kind AND e.subject_id = s.id GROUP BY 1, 2"
        ),
        {"kinds": [s.kind for s in subjects], "ids": [s.id for s in subjects]},
    )
    return {Subject(kind, id): length for kind, id, length in rows}


def read(row: Sequence[Any]) -> Event:
    """An event of a row of the table."""
    subject, id, type, kind, time, reporter, tenant, device, facility, leg, recorded, details, offset, of = (
        row
    )
    return Event(
        subject,
        id,
        type,
        kind,
        time,
        _source(reporter, tenant, device),
        facility,
        leg,
        recorded,
        {} if details is None else details,
        offset,
        of,
    )


@lru_cache(maxsize=4096)
def _source(role: str, tenant: str | None, device: str) -> Source:
    return Source(role, tenant, device)
