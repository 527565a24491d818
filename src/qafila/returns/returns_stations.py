"""To which station a return goes: the seller's own while it has room that day, else the next that takes returns.

A right to send back never ends because a place is full: where none has room, the return stays with the seller's own station, and
the buyer is told from which day on.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.message import Message
from qafila.core.values import value
from qafila.delivery import delivery_limits
from qafila.delivery.delivery_limits import Kind
from qafila.network.naming import place_at, place_of
from qafila.returns import returns_messages as m


@value
class Station:
    """Where a return goes, from which day on, and why it is not what the seller said."""

    facility: str
    day: date
    why: tuple[Message, ...] = ()


def choose(connection: Connection, context: Context, home: str, now: datetime) -> Station:
    """The station for a return that is asked for now; its room is held until the transaction ends.

    Args:
        connection: of the house.
        context: the network.
        home: the station that the seller's terms name.
        now: when it is asked for.
    """
    known = context.network.feed.facility
    own = known.get(home)
    day = own.day_at(now) if own else now.date()
    for facility in sorted(
        {home, *delivery_limits.of_kind(connection, Kind.RETURNS)}
    ):  # all, in one order: nobody waits in a circle
        delivery_limits.hold(connection, facility, Kind.RETURNS)
    if not delivery_limits.full(connection, home, Kind.RETURNS, day):
        return Station(home, day)
    most = delivery_limits.limit(connection, home, Kind.RETURNS) or 0
    why = m.STATION_FULL(place=place_at(home, known), day=day, most=most)
    if own is not None:
        others = [
            known[f]
            for f in delivery_limits.of_kind(connection, Kind.RETURNS)
            if f != home and f in known and known[f].territory == own.territory
        ]
        for other, km in delivery_limits.nearest(others, (own.lat, own.lon)):
            if not delivery_limits.full(connection, other.id, Kind.RETURNS, day):
                return Station(other.id, day, (why, m.NEXT_STATION(place=place_of(other), km=f"{km:.1f}")))
    later = delivery_limits.first_day(connection, home, Kind.RETURNS, day) or day + timedelta(
        days=delivery_limits.AHEAD
    )
    return Station(home, later, (why, m.SEND_FROM(day=later)))
