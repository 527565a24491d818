"""What is done to single parcels: called back and labelled anew; and shifts that hand over by count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, NotFound
from qafila.core.identifiers import s10
from qafila.core.message import Message
from qafila.openness import openness_telling as openness
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Event, Reporter, Source, Subject, SubjectKind, uuid_of
from qafila.runtime.events.events_types import EventType, event
from qafila.sorting import sorting_happenings as what
from qafila.sorting import sorting_messages, sorting_telling, store
from qafila.sorting.misreads import plain
from qafila.sorting.model import By, Expected


def parcel_event(
    type: EventType, number: str, at: datetime, by: By, key: str, facility: str, details: Mapping[str, Any]
) -> Event:
    """What was done to a parcel, as its history tells it; `key` makes it once."""
    reporter = Reporter.OPERATOR if by.role == Role.OPERATOR.value else Reporter.STATION
    return event(
        type,
        Subject(SubjectKind.PARCEL.value, number),
        at,
        Source(reporter.value, by.tenant, by.station),
        facility=facility or None,
        id=uuid_of(key),
        details=details,
    )


def recall(numbers: Sequence[str], because: str, ended: bool, by: By, at: datetime) -> int:
    """Calls parcels back, so that every sorter keeps them, or ends that; returns how many were told of it.

    Raises NotFound where a number is none's; then nothing is done.
    """
    type = what.RECALL_ENDED if ended else what.RECALLED
    found = list(map(plain, numbers))
    with acting_as(Role(by.role), by.tenant) as connection:
        owners = [store.owner_of(connection, number) for number in found]
        for number, owner in zip(found, owners, strict=True):
            key = f"recall|{number}|{type.name}|{at.isoformat()}"
            histories.append(
                connection, owner, [parcel_event(type, number, at, by, key, "", {"reason": because})]
            )
            store.put_held(connection, number, owner, "" if ended else "recalled", at)
        if found:
            openness.tell(connection, [sorting_telling.recall(found, owners, because, ended, at)])
    return len(numbers)


def relabel(
    connection: Connection, facility: str, pattern: str, like: Sequence[Expected], by: By, at: datetime
) -> str:
    """Finds the one parcel that a label which cannot be read was of, and notes that it gets a new one under its own number.

    Args:
        pattern: its number, or as much of it as can be read, `?` for the rest.
        like: expected parcels whose number agrees with it.

    Raises:
        NotFound: none is meant.
        Conflict: several could be; nothing is guessed.
    """
    number = plain(pattern)
    if s10.is_valid(number):
        owner = store.owner_of(connection, number)
    else:
        if not like:
            raise NotFound(
                sorting_messages.NO_PARCEL(number=pattern[:40]),
                sorting_messages.CHECK_NUMBER(),
                field="number",
                value=pattern[:40],
            )
        if len(like) > 1:
            raise Conflict(
                sorting_messages.MANY_LIKE(n=len(like), pattern=pattern[:40]),
                sorting_messages.WRITE_MORE(),
                field="number",
                value=pattern[:40],
            )
        number, owner = like[0].parcel, like[0].owner
    key = f"relabel|{facility}|{number}|{at.isoformat()}"
    histories.append(
        connection,
        owner,
        [parcel_event(what.RELABELLED, number, at, by, key, facility, {"read": pattern[:40]})],
    )
    return number


def hand_over(
    facility: str, shift: str, since: datetime, counts: Mapping[str, int], to: str, by: By, at: datetime
) -> dict[str, Any]:
    """Ends a shift by count: what was counted in each chute beside what the books say since a moment; the differences stay.

    Raises Conflict where the shift was handed over before with other counts; with the same it answers the same.
    """
    with acting_as(Role(by.role), by.tenant) as connection:
        store.centre(connection, facility)
        booked: dict[str, int] = {}
        for row in store.chute_counts(connection, facility, since, at):
            booked[row.chute] = booked.get(row.chute, 0) + int(row.parcels)
        told: dict[str, dict[str, Any]] = {
            c: {"counted": counts.get(c), "books": booked.get(c, 0)}
            for c in sorted(counts.keys() | booked.keys())
        }
        done = connection.execute(
            text(
                "INSERT INTO sort_shifts (facility, shift, opened_at, opened_by, closed_at, closed_by, handed_to, counts) "
                "VALUES (:f, :s, :since, :by, :at, :by, :to, CAST(:c AS jsonb)) ON CONFLICT (facility, shift) DO NOTHING"
            ),
            {
                "f": facility,
                "s": shift,
                "since": since,
                "by": by.station or by.tenant,
                "at": at,
                "to": to,
                "c": orjson.dumps(told).decode(),
            },
        ).rowcount
        if not done:
            row = connection.execute(
                text("SELECT counts FROM sort_shifts WHERE facility = :f AND shift = :s"),
                {"f": facility, "s": shift},
            ).one()
            if {c: v["counted"] for c, v in row.counts.items() if v["counted"] is not None} != dict(counts):
                raise Conflict(
                    sorting_messages.SHIFT_CLOSED(shift=shift[:80]), field="shift", value=shift[:80]
                )
            told = row.counts
    differences: list[Message] = [
        sorting_messages.COUNT_SAYS(
            chute=c, counted=v["counted"] if v["counted"] is not None else "–", known=v["books"]
        )
        for c, v in told.items()
        if v["counted"] != v["books"]
    ]
    return {"shift": shift, "counts": told, "differences": differences, "agrees": not differences}
