"""The sample: fleets at the stations that the sample's parcels go to, a point with lockers, and the rounds of their first day.

Every act has a fixed key, so that a second run finds all of it done.
"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from qafila.context import Context
from qafila.core.geo import great_circle_km
from qafila.delivery import dayplan, delivery_points, store
from qafila.delivery.model import FleetVehicle
from qafila.network.model import Kind
from qafila.rounds.planning import Effort
from qafila.runtime.answered.acts import Act, Actor
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events.envelope import Reporter, Source

_STATIONS = 4
_AHEAD = timedelta(days=21)
_FLEET = (("VAN-1", "van", "Amal"), ("VAN-2", "van", "Badr"), ("MOTO-1", "motorcycle", "Chaimae"))
_LOCKER = ((90, 380, 600), (90, 380, 600), (180, 380, 600), (180, 380, 600), (380, 380, 600), (600, 380, 600))
_EFFORT = Effort(seconds=20, workers=1, steps=60, dearer=0.03)


def set_up(context: Context, owner: str) -> dict[str, int]:
    """Sets the sample up; returns how many stops the rounds of each station have. Done before, it changes nothing.

    context: the network and the clock; owner: the tenant that acts.
    """
    facilities = context.network.feed.facility
    now = context.now()
    with acting_as(Role.OPERATOR) as connection:
        rows = connection.execute(
            text(
                "SELECT facility, count(DISTINCT subject_id) AS n, min(time) AS first FROM events WHERE subject_kind = 'parcel' AND type = "
                "'out_for_delivery' AND time_kind = 'planned' AND time > :a AND time < :b AND facility IS NOT NULL GROUP BY 1 "
                "ORDER BY n DESC, facility LIMIT :most"
            ),
            {"a": now, "b": now + _AHEAD, "most": _STATIONS},
        ).all()
        known = set(store.stations(connection))
        for row in rows:
            if row.facility in known or row.facility not in facilities:
                continue
            for id, kind, driver in _FLEET:
                store.put_vehicle(connection, FleetVehicle(row.facility, id, kind, driver).checked())
            point = _point_near(context, row.facility)
            if point:
                delivery_points.put_compartments(
                    connection,
                    [delivery_points.Compartment(point, f"C{n}", size) for n, size in enumerate(_LOCKER, 1)],
                )
    found = {}
    for row in rows:
        if row.facility not in facilities:
            continue
        day: date = row.first.astimezone(ZoneInfo(facilities[row.facility].timezone)).date()
        act = Act(f"sample:rounds:{row.facility}:{day}", Actor(owner, "Amal", "sample"), now)
        source = Source(Reporter.OPERATOR.value, owner, "sample")
        found[row.facility] = dayplan.plan_rounds(context, act, source, row.facility, day, True, _EFFORT)[
            "stops"
        ]
    return found


def _point_near(context: Context, facility: str) -> str:
    """The pick-up point of the network that is nearest to a station in its country; empty where there is none."""
    here = context.network.feed.facility[facility]
    near = [
        (great_circle_km(here.lat, here.lon, f.lat, f.lon), f.id)
        for f in context.network.feed.facilities
        if f.kind is Kind.PICKUP_POINT and f.country == here.country
    ]
    return min(near)[1] if near else ""
