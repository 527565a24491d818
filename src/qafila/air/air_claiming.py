"""What a kept load plan claims: its flight, and the parcels that its ULDs carry. No two plans that stand claim the same.

PostgreSQL decides, by unique keys: of two servers that keep at the same moment the one that commits first has it.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from qafila.air import air_messages as say
from qafila.air.flight import Flight, LoadPlan
from qafila.core.fault import Conflict


def departure(flight: Flight) -> datetime:
    """When the first of its segments departs."""
    return datetime.fromtimestamp(min(s.departs for s in flight.segments), UTC)


def carried(flight: Flight, plan: LoadPlan) -> list[tuple[str, str]]:
    """The parcels that a plan's ULDs carry, each with where it is taken on, sorted.

    Of pieces alike that are a parcel each, those named first fly. Which parcels lie in which bag no file says: where
    some bags of a lot stay behind, none of its parcels is claimed.
    """
    loaded = Counter((u.segment, p.lot) for u in plan.ulds for p in u.pieces)
    found = set()
    for segment in flight.segments:
        for n, lot in enumerate(segment.lots):
            flies = loaded[segment.name, n]
            if len(lot.parcels) == lot.count:
                mine = lot.parcels[:flies]
            else:
                mine = lot.parcels if 0 < flies == lot.count else ()
            found |= {(parcel, segment.origin or segment.name) for parcel in mine}
    return sorted(found)


def claim(connection: Connection, tenant: str, plan: str, parcels: list[tuple[str, str]]) -> None:
    """Claims parcels for a plan. Raises Conflict where another plan that stands carries one from the same airport."""
    if not parcels:
        return
    asked = {
        "t": tenant,
        "i": plan,
        "p": [parcel for parcel, _ in parcels],
        "o": [origin for _, origin in parcels],
    }
    connection.execute(  # in one order everywhere, so that two who claim the same do not wait for each other in a ring
        text(
            "INSERT INTO load_plan_parcels (tenant, parcel, origin, plan) "
            "SELECT :t, parcel, origin, :i FROM unnest(CAST(:p AS text[]), CAST(:o AS text[])) AS c (parcel, origin) "
            "ORDER BY parcel, origin ON CONFLICT DO NOTHING"
        ),
        asked,
    )
    other = connection.execute(
        text(
            "SELECT h.parcel, h.plan, l.flight FROM unnest(CAST(:p AS text[]), CAST(:o AS text[])) AS c (parcel, origin) "
            "JOIN load_plan_parcels h ON h.tenant = :t AND h.parcel = c.parcel AND h.origin = c.origin "
            "JOIN load_plans l ON l.plan = h.plan WHERE h.plan <> :i ORDER BY h.parcel LIMIT 1"
        ),
        asked,
    ).one_or_none()
    if other is not None:
        raise Conflict(
            say.PARCEL_PLANNED(parcel=other.parcel[:60], plan=other.plan, flight=other.flight[:60]),
            say.WITHOUT_PARCEL(),
            field="parcels",
            value=other.parcel[:60],
        )


def release(connection: Connection, plan: str) -> None:
    """Lets go what a plan claimed."""
    connection.execute(text("DELETE FROM load_plan_parcels WHERE plan = :i"), {"i": plan})
