"""How many parcels a pick-up point takes a day, and how many returns a station: asked before a place is promised.

A place without a limit takes whatever fits. Whoever promises room of a place waits for whoever is about to.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, text

from qafila.core.fault import Fault
from qafila.delivery import delivery_messages as m
from qafila.delivery import delivery_places
from qafila.network.model import Facility


class Kind(StrEnum):
    """What a place has room for."""

    POINT = "point"  # parcels that buyers fetch
    RETURNS = "returns"  # what comes back


_TAKEN = {
    Kind.POINT: "SELECT count(*) FROM compartment_stays WHERE facility = :f AND for_day = :d AND state <> 'cancelled'",
    Kind.RETURNS: "SELECT count(*) FROM returns WHERE facility = :f AND for_day = :d AND state IN ('asked', 'on_way', 'arrived', 'inspected', 'closed', 'gone')",
}
AHEAD = 14
"""Days that are looked at for room."""


def put(
    connection: Connection, facility: str, kind: Kind, per_day: int | None, by: str, at: datetime
) -> None:
    """Sets how much a place takes a day; None: no limit any more. Raises Fault where it is none."""
    if per_day is None:
        connection.execute(
            text("DELETE FROM place_limits WHERE facility = :f AND kind = :k"),
            {"f": facility, "k": kind.value},
        )
        return
    if not 0 <= per_day <= 100_000:
        raise Fault(
            m.BAD_ROW(value=str(per_day), field="per_day"), m.MEND_ROW(), field="per_day", value=str(per_day)
        )
    connection.execute(
        text(
            "INSERT INTO place_limits (facility, kind, per_day, by, at) VALUES (:f, :k, :n, :by, :at) ON CONFLICT (facility, kind) "
            "DO UPDATE SET per_day = EXCLUDED.per_day, by = EXCLUDED.by, at = EXCLUDED.at"
        ),
        {"f": facility, "k": kind.value, "n": per_day, "by": by, "at": at},
    )


def limit(connection: Connection, facility: str, kind: Kind) -> int | None:
    """How much a place takes a day; None: as much as fits."""
    found: int | None = connection.execute(
        text("SELECT per_day FROM place_limits WHERE facility = :f AND kind = :k"),
        {"f": facility, "k": kind.value},
    ).scalar_one_or_none()
    return found


def left(connection: Connection, facility: str, kind: Kind, day: date) -> int | None:
    """How much more a place takes on a day; None: it has no limit."""
    most = limit(connection, facility, kind)
    if most is None:
        return None
    taken = connection.execute(text(_TAKEN[kind]), {"f": facility, "d": day}).scalar_one()
    return max(0, most - int(taken))


def full(connection: Connection, facility: str, kind: Kind, day: date) -> bool:
    """Whether a place takes no more on a day."""
    return left(connection, facility, kind, day) == 0


def hold(connection: Connection, facility: str, kind: Kind) -> None:
    """Whoever asks a place for room waits until this transaction ends."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:k, 0))"), {"k": f"limit|{kind.value}|{facility}"}
    )


def first_day(connection: Connection, facility: str, kind: Kind, day: date) -> date | None:
    """The first day from one on on which a place has room; None: none within two weeks."""
    ahead = (day + timedelta(days=n) for n in range(AHEAD))
    return next((d for d in ahead if not full(connection, facility, kind, d)), None)


def of_kind(connection: Connection, kind: Kind) -> list[str]:
    """The places that have a limit of a kind."""
    rows = connection.execute(
        text("SELECT facility FROM place_limits WHERE kind = :k ORDER BY facility"), {"k": kind.value}
    )
    return list(rows.scalars())


def fill_days(connection: Connection, places: Iterable[Facility]) -> None:
    """Gives stays and returns of before there were limits their day, by the clock of their place; once for each."""
    here = [(f.id, f.timezone) for f in places]
    if not connection.execute(
        text(
            "SELECT EXISTS (SELECT FROM compartment_stays WHERE for_day IS NULL) OR "
            "EXISTS (SELECT FROM returns WHERE for_day IS NULL AND asked_at IS NOT NULL)"
        )
    ).scalar():
        return
    told = {"f": [id for id, _ in here], "z": [zone for _, zone in here]}
    known = "unnest(CAST(:f AS text[]), CAST(:z AS text[])) AS p (facility, zone)"
    connection.execute(
        text(
            "UPDATE compartment_stays s SET for_day = (coalesce(s.put_at, s.reserved_until - interval '48 hours') AT TIME ZONE p.zone)::date "
            f"FROM {known} WHERE s.for_day IS NULL AND s.facility = p.facility"
        ),
        told,
    )
    connection.execute(
        text(
            "UPDATE returns r SET for_day = (r.asked_at AT TIME ZONE p.zone)::date "
            f"FROM {known} WHERE r.for_day IS NULL AND r.asked_at IS NOT NULL AND r.facility = p.facility"
        ),
        told,
    )


def nearest(of: Iterable[Facility], at: tuple[float, float]) -> list[tuple[Facility, float]]:
    """Places by their distance in km from a point of the earth."""
    found = [(f, delivery_places.off((f.lat, f.lon), at)) for f in of]
    return sorted(found, key=lambda each: (each[1], each[0].id))
