"""What is asked of tracking: where a parcel is, and which parcels are silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from qafila.runtime.events.envelope import Event
from qafila.runtime.events.store import histories
from qafila.tracking import store
from qafila.tracking.status import Status, status
from qafila.tracking.whole import Whole, whole


def track(connection: Connection, number: str, now: datetime) -> tuple[Status, list[Event]] | None:
    """Status and history of one parcel; None where no history has this number."""
    history = histories(connection, [number]).get(number)
    return None if history is None else (status(history, now), history)


def track_all(
    connection: Connection, numbers: Sequence[str], now: datetime
) -> tuple[Whole, dict[str, list[Event]]] | None:
    """Where the parcels of a shipment are, given by number, and their histories; None where one has no history."""
    told = histories(connection, numbers)
    if not numbers or any(number not in told for number in numbers):
        return None
    return whole([status(told[number], now) for number in numbers]), told


def overdue(connection: Connection, now: datetime, at_a_time: int = 1000) -> Iterator[Status]:
    """Every parcel that is silent past its plan and its grace, or that missed a connection, by number."""
    after = ""
    while numbers := store.unfinished(connection, now, after, at_a_time):
        for history in store.each_history(connection, numbers):
            found = status(history, now)
            if found.overdue is not None or found.missed is not None:
                yield found
        after = numbers[-1]
