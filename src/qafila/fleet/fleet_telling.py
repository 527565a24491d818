"""What a change of the schedule is told to: the flight's own history, and that of every parcel that is booked on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from qafila.fleet import fleet_happenings, store
from qafila.fleet.model import Board, Change, Key
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Event, Source, Subject, SubjectKind, TimeKind, uuid_of
from qafila.runtime.events.events_types import EVENT_TYPES, event


def flight_id(key: Key) -> str:
    """The id of a sector in histories: service, day and sector."""
    return f"{key[0]}@{key[1]}/{key[2]}"


def tell(
    connection: Connection,
    board: Board,
    legs: Sequence[store.LegOn],
    changes: Sequence[Change],
    numbers: Mapping[Key, int],
    source: Source,
    now: datetime,
) -> int:
    """Tells flights and parcels; returns how many parcels heard of it."""
    planned = {f.sector.key: f.sector for f in board.flown}
    by_key = {c.key: c for c in changes}
    flights = []
    for change in changes:
        kind = _kind(change)
        sector = planned[change.key]
        details = {
            "tail": change.tail or sector.tail,
            "planned_tail": sector.tail,
            "delay": change.delay,
            "because": change.because,
        }
        flights.append(
            event(
                kind,
                Subject(SubjectKind.VEHICLE.value, flight_id(change.key)),
                now,
                source,
                facility=sector.origin,
                id=uuid_of(f"fleet|{flight_id(change.key)}|{numbers[change.key]}"),
                details={n: v for n, v in details.items() if v},
            )
        )
    histories.append(connection, None, flights)
    touched = [leg for leg in legs if any((leg.service_id, leg.service_day, c) in by_key for c in leg.calls)]
    parcels = store.parcels_of(connection, touched)
    fresh: dict[str, list[Event]] = defaultdict(list)
    heard = set()
    for leg in touched:
        for number in parcels.get((leg.merchant_id, leg.booking_id, leg.parcel), ()):
            for made in _estimates(leg, number, by_key, numbers, source):
                fresh[leg.merchant_id].append(made)
                heard.add(number)
    for merchant in sorted(fresh):
        histories.append(connection, merchant, fresh[merchant])
    return len(heard)


def _kind(change: Change) -> Any:
    if change.cancelled:
        return fleet_happenings.FLIGHT_CANCELLED
    if change.delay:
        return fleet_happenings.FLIGHT_DELAYED
    return fleet_happenings.FLIGHT_SWAPPED if change.tail else fleet_happenings.FLIGHT_RESTORED


def _estimates(
    leg: store.LegOn, number: str, by_key: Mapping[Key, Change], numbers: Mapping[Key, int], source: Source
) -> list[Event]:
    """When the parcel is to leave and to come in by this leg; that it does not leave where one of its sectors is cancelled."""
    keys = [(leg.service_id, leg.service_day, call) for call in leg.calls]
    known = [k for k in keys if k in by_key]
    off = next((k for k in known if by_key[k].cancelled), None)
    version = "|".join(f"{k[2]}.{numbers[k]}" for k in known)
    subject = Subject(SubjectKind.PARCEL.value, number)
    made = []
    first, last = keys[0], keys[-1]
    if first in by_key or off is not None:
        late = by_key[first].delay if first in by_key else 0
        details: dict[str, Any] = {"service": leg.service_id, "planned": leg.depart.isoformat()}
        if off is not None:
            details |= {"cancelled": True, "because": by_key[off].because}
        made.append(
            event(
                EVENT_TYPES["departed"],
                subject,
                leg.depart + timedelta(minutes=late),
                source,
                facility=leg.from_facility,
                leg=leg.leg,
                kind=TimeKind.ESTIMATED,
                id=uuid_of(f"fleet|{number}|{flight_id(first)}|{version}|off"),
                details=details,
            )
        )
    if last in by_key and off is None:
        made.append(
            event(
                EVENT_TYPES["arrived"],
                subject,
                leg.arrive + timedelta(minutes=by_key[last].delay),
                source,
                facility=leg.to_facility,
                leg=leg.leg,
                kind=TimeKind.ESTIMATED,
                id=uuid_of(f"fleet|{number}|{flight_id(last)}|{version}|on"),
                details={"service": leg.service_id, "planned": leg.arrive.isoformat()},
            )
        )
    return made
