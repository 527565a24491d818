"""What tracking alone asks of parcels and their histories; those are written and read by `runtime/events/store.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from qafila.runtime.events.envelope import Event
from qafila.runtime.events.events_types import EVENT_TYPES
from qafila.runtime.events.store import COLUMNS_OF_E, histories, read


def owners(connection: Connection, parcels: Sequence[str]) -> dict[str, str]:
    """The merchant of each parcel that there is (on a merchant's connection: that is his)."""
    rows = connection.execute(
        text("SELECT number, merchant_id FROM parcels WHERE number = ANY(:p)"), {"p": list(parcels)}
    )
    return {number: merchant for number, merchant in rows}  # noqa: C416  (rows are no pairs to mypy)


def together(connection: Connection, numbers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """All parcels of the shipment of each parcel, by its number, in the order of the order's boxes. Under the role of
    the connection: also whoever has a number and nothing else may ask.
    """
    rows = connection.execute(
        text(
            "SELECT p.number, o.number FROM parcels p JOIN parcels o USING (merchant_id, shipment_id) "
            "WHERE p.number = ANY(:n) ORDER BY p.number, o.position"
        ),
        {"n": list(numbers)},
    )
    found: dict[str, tuple[str, ...]] = {}
    for number, other in rows:
        found[number] = (*found.get(number, ()), other)
    return found


_WHOLE = text(
    f"""
    SELECT {COLUMNS_OF_E}, o.number FROM parcels p JOIN parcels o USING (merchant_id, shipment_id)
    LEFT JOIN events e ON e.subject_kind = 'parcel' AND e.subject_id = o.number
    WHERE p.number = :n ORDER BY o.position, o.number, e.time, e.seq
    """
)


def whole_history(connection: Connection, number: str) -> dict[str, list[Event]]:
    """The histories of all parcels of the shipment of one, in the order of the order's boxes; empty where there is none.

    One question, for whoever has a number and nothing else: what lies sealed in details stays so.
    """
    found: dict[str, list[Event]] = {}
    for *row, parcel in connection.execute(_WHOLE, {"n": number}).all():
        told = found.setdefault(parcel, [])
        if row[0] is not None:
            told.append(read(row))
    return found


def orders_of(connection: Connection, parcels: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The merchant and the order of each parcel: under whose person's key details lie. Whoever may report on it may ask."""
    rows = connection.execute(
        text(
            "SELECT p.number, p.merchant_id, order_of_parcel(p.number) FROM parcels p WHERE p.number = ANY(:p) "
            "AND order_of_parcel(p.number) IS NOT NULL"
        ),
        {"p": list(parcels)},
    )
    return {number: (merchant, order) for number, merchant, order in rows}


def rides(connection: Connection, parcels: Sequence[str]) -> dict[str, set[str]]:
    """The services on which each parcel rides. As a partner, who sees nothing else of a booking."""
    found: dict[str, set[str]] = {}
    for number, service in connection.execute(
        text("SELECT number, service_id FROM services_of_parcels(:p)"), {"p": list(parcels)}
    ):
        found.setdefault(number, set()).add(service)
    return found


def places(connection: Connection, parcels: Sequence[str]) -> dict[str, set[str]]:
    """The facilities at which each parcel is booked to call, or was seen. As a partner."""
    found: dict[str, set[str]] = {}
    for number, facility in connection.execute(
        text("SELECT number, facility FROM places_of_parcels(:p)"), {"p": list(parcels)}
    ):
        found.setdefault(number, set()).add(facility)
    return found


def carriers(connection: Connection) -> dict[str, str]:
    """The names of all carriers, by their ids."""
    rows = connection.execute(text("SELECT tenant_id, name FROM tenants WHERE kind = 'carrier'"))
    return {id: name for id, name in rows}  # noqa: C416  # a row is no pair for the type checker


def booked_at(connection: Connection, parcels: Sequence[str]) -> dict[str, datetime]:
    """When the history of each parcel begins that has one."""
    rows = connection.execute(
        text(
            "SELECT subject_id, min(time) FROM events WHERE subject_kind = 'parcel' AND subject_id = ANY(:p) "
            "AND type = 'booked' GROUP BY subject_id"
        ),
        {"p": list(parcels)},
    )
    return {number: time for number, time in rows}  # noqa: C416  # a row is no pair for the type checker


def unfinished(connection: Connection, before: datetime, after: str = "", limit: int = 1000) -> list[str]:
    """Numbers of parcels, in order from the one behind `after`, that should have done something before an
    instant, or of which something is estimated, and that are not known to have come to an end.

    The event types say what ends a way. Where something was retracted or told of a later time, whoever derives the
    status decides.
    """
    ends = [t.name for t in EVENT_TYPES.values() if t.effect is not None and t.effect.over]
    moves = [t.name for t in EVENT_TYPES.values() if t.effect is not None and not t.effect.over]
    rows = connection.execute(
        text(
            """
            SELECT p.number FROM parcels p
            WHERE p.number > :after
              AND EXISTS (SELECT FROM events e WHERE e.subject_kind = 'parcel' AND e.subject_id = p.number
                          AND (e.time_kind = 'planned' AND e.time < :before OR e.time_kind = 'estimated'))
              AND NOT EXISTS (SELECT FROM events e WHERE e.subject_kind = 'parcel' AND e.subject_id = p.number
                              AND e.time_kind = 'actual' AND e.type = ANY(:ends)
                              AND NOT EXISTS (SELECT FROM events r WHERE r.subject_kind = 'parcel'
                                  AND r.subject_id = p.number AND r.time_kind = 'actual'
                                  AND (r.type = 'retracted' OR r.type = ANY(:moves) AND r.time >= e.time)))
            ORDER BY p.number LIMIT :limit
            """
        ),
        {"after": after, "before": before, "limit": limit, "ends": ends, "moves": moves},
    )
    return list(rows.scalars())


def each_history(
    connection: Connection, parcels: Sequence[str], at_a_time: int = 1000
) -> Iterator[list[Event]]:
    """The history of one parcel after the other, in the order asked, however many there are."""
    for start in range(0, len(parcels), at_a_time):
        some = parcels[start : start + at_a_time]
        found = histories(connection, some)
        yield from (found[number] for number in some if number in found)
