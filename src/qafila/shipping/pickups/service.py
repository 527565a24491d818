"""What a merchant does with pick-ups, each one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.runtime.database import merchant_transaction
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import NETWORK, Event, TimeKind, identify
from qafila.shipping.bookings import records
from qafila.shipping.bookings.records import Record
from qafila.shipping.papers.labels import address_lines
from qafila.shipping.pickups import pickups_event_types, store
from qafila.shipping.pickups import pickups_messages as m
from qafila.shipping.pickups.model import LONGEST, MOST, Pickup, checked_window, station_of
from qafila.tracking.status import State, status


def book(
    context: Context,
    parcels: Sequence[str],
    opens: datetime,
    closes: datetime,
    address: Sequence[str] = (),
    note: str = "",
) -> Pickup:
    """Asks for a van.

    Args:
        context: whose parcels, and the clock.
        parcels: numbers, bookings or shipments; all are to be fetched by the van of one station.
        opens, closes: the window, aware.
        address: where the van stops, in lines; empty: the sender's of the first parcel.
        note: for the driver.

    Raises:
        Fault: of the fields parcels, opens, closes, address, note. Conflict: a parcel cannot be fetched so.
    """
    now = context.now()
    checked_window(opens, closes, now)
    lines = tuple(line for line in (" ".join(one.split()) for one in address) if line)
    for field, text in (("address", "".join(lines)), ("note", note)):
        if len(text) > LONGEST:
            raise Fault(m.TOO_LONG(most=LONGEST), m.SHORTEN(), field=field, value=text[:40])
    with merchant_transaction(context.tenant) as connection:
        store.alone(connection, context.tenant)
        found = bookings_of(connection, parcels)
        numbers = [number for record in found for number in record.entry.parcels]
        told = history.histories(connection, numbers)
        states = {number: status(events, now) for number, events in told.items()}
        station = station_of(found, states, store.having(connection, numbers), opens)
        made = Pickup(
            new_id("pup"),
            station,
            lines or tuple(address_lines(found[0].order.sender)),
            opens.astimezone(UTC),
            closes.astimezone(UTC),
            tuple(numbers),
            sum(record.order.grams for record in found),
            note.strip(),
            now,
        )
        store.insert(connection, context.tenant, made)
        _tell(connection, context.tenant, made, pickups_event_types.BOOKED.name, now)
    return made


def bookings_of(connection: Connection, ids: Sequence[str]) -> list[Record]:
    """The bookings of numbers, bookings or shipments, each once, in the order asked, with all parcels of each.

    Raises Fault, NotFound.
    """
    if not ids or len(ids) > MOST:
        raise Fault(m.NO_PARCELS(), m.NAME_SOME(most=MOST), field="parcels")
    found: dict[str, Record] = {}
    for id in ids:
        record = records.record(connection, id)
        if record is None:
            raise NotFound(m.UNKNOWN_PARCEL(id=id[:60]), m.CHECK_NUMBER(), field="parcels", value=id[:60])
        found.setdefault(record.entry.shipment_id, record)
    return list(found.values())


def _tell(connection: Connection, merchant: str, one: Pickup, type: str, now: datetime) -> None:
    details = {"pickup": one.id, "opens": one.opens.isoformat(), "closes": one.closes.isoformat()}
    history.append(
        connection,
        merchant,
        [
            Event(
                number,
                identify(number, type, TimeKind.ACTUAL, now, source=one.id),
                type,
                TimeKind.ACTUAL.value,
                now,
                NETWORK,
                one.station,
                details=details,
            )
            for number in one.parcels
        ],
    )


def listed(merchant: str, before: str = "", limit: int = 50) -> list[Pickup]:
    """A merchant's pick-ups, the newest first."""
    with merchant_transaction(merchant) as connection:
        return store.listed(connection, before, limit)


def find(merchant: str, id: str) -> Pickup:
    """One of them. Raises NotFound."""
    with merchant_transaction(merchant) as connection:
        found = store.find(connection, id)
    if found is None:
        raise NotFound(m.UNKNOWN_PICKUP(id=id), m.LIST_PICKUPS(), value=id)
    return found


def cancel(context: Context, id: str) -> Pickup:
    """Cancels a pick-up; its parcels wait for another. Raises NotFound, and Conflict where it was cancelled before."""
    now = context.now()
    with merchant_transaction(context.tenant) as connection:
        found = store.find(connection, id, lock=True)
        if found is None:
            raise NotFound(m.UNKNOWN_PICKUP(id=id), m.LIST_PICKUPS(), value=id)
        if found.cancelled_at is not None:
            raise Conflict(m.OVER(id=id), m.LIST_PICKUPS(), value=id)
        store.cancel(connection, id, now)
        _tell(connection, context.tenant, found, pickups_event_types.CANCELLED.name, now)
    return find(context.tenant, id)


def waiting(context: Context, most: int = 200) -> list[Record]:
    """The newest bookings whose parcels wait for a pick-up: not cancelled, not collected, in none yet."""
    now = context.now()
    with merchant_transaction(context.tenant) as connection:
        standing = [e for e in records.entries(connection, None, most) if e.cancelled_at is None]
        numbers = [number for e in standing for number in e.parcels]
        told = history.histories(connection, numbers)
        taken = store.having(connection, numbers) if numbers else {}
        free = [
            e
            for e in standing
            if all(n not in taken and status(told.get(n, []), now).state is State.BOOKED for n in e.parcels)
        ]
        found = (records.record(connection, e.booking_id) for e in free)
        return [record for record in found if record is not None]
