"""Histories of parcels brought to what all acts on units together say, however late or often each of them came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from qafila.runtime.database import Role
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Event, Reporter, Source, Subject, SubjectKind, uuid_of
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.sorting import sorting_happenings as what
from qafila.sorting import units_store as store
from qafila.sorting.model import By
from qafila.sorting.nesting import Told


def source_of(by: By) -> Source:
    """As whose word an act is told."""
    reporter = Reporter.OPERATOR if by.role == Role.OPERATOR.value else Reporter.STATION
    return Source(reporter.value, by.tenant, by.station)


_STEPS = {"departed": "departed", "arrived": "arrived", "missing": what.MISSING.name}


def retell(connection: Connection, things: Iterable[str], by: By) -> int:
    """Brings the histories of parcels to what all acts together say; returns how many words were new or taken back."""
    owners = store.owners(connection, list(things))
    if not owners:
        return 0
    log = store.log_of(connection, owners)
    before: dict[str, list[Any]] = defaultdict(list)
    for row in store.told(connection, list(owners)):
        before[row.parcel].append(row)
    fresh: dict[str, list[Event]] = defaultdict(list)
    notes: list[dict[str, Any]] = []
    source = source_of(by)
    for parcel, owner in sorted(owners.items()):
        wanted = {(t.key, t.step): t for t in log.told(parcel)}
        standing = {(r.act, r.step): r for r in before[parcel] if not r.taken_back}
        for name in wanted.keys() - standing.keys():
            times = len([r for r in before[parcel] if (r.act, r.step) == name])
            made = _event_of(parcel, wanted[name], times, source)
            fresh[owner].append(made)
            notes.append(
                {
                    "parcel": parcel,
                    "merchant_id": owner,
                    "event_id": made.id,
                    "act": name[0],
                    "step": name[1],
                    "reporter": source.role,
                    "tenant": source.tenant or "",
                    "device": source.device,
                    "told_at": made.time,
                }
            )
        for name in standing.keys() - wanted.keys():
            row = standing[name]
            fresh[owner].append(_taken_back(parcel, row))
            store.take_back(connection, parcel, str(row.event_id))
    for owner in sorted(fresh):
        histories.append(connection, owner, fresh[owner])
    store.put_told(connection, notes)
    return sum(map(len, fresh.values()))


def _event_of(parcel: str, told: Told, times: int, source: Source) -> Event:
    details = {"unit": told.chain[-1], "in": list(told.chain)}
    return event(
        EVENT_TYPES[_STEPS[told.step]],
        Subject(SubjectKind.PARCEL.value, parcel),
        told.at,
        source,
        facility=told.facility or None,
        id=uuid_of(f"unit|{told.key}|{told.step}|{parcel}|{times}"),
        details=details,
    )


def _taken_back(parcel: str, row: Any) -> Event:
    """By the word of who said it, so that it holds whoever brought the late act."""
    return event(
        EVENT_TYPES["retracted"],
        Subject(SubjectKind.PARCEL.value, parcel),
        row.told_at,
        Source(row.reporter, row.tenant, row.device),
        id=uuid_of(f"back|{row.event_id}"),
        details={"event": str(row.event_id), "reason": "incorrect_data"},
    )
