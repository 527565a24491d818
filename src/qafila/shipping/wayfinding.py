"""Ways between two places on the room that is left, without an order: what the map, an agent or a planner asks first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.core.message import Choice
from qafila.network.gazetteer import Gazetteer
from qafila.network.model import Feed
from qafila.network.network_places import Served, Stations
from qafila.network.ride_terms import NoTerms
from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.itinerary import Answer, Query
from qafila.routing.way_search import search
from qafila.runtime.database import administrator
from qafila.shipping import wayfinding_messages as m
from qafila.shipping.bookings.capacity import room
from qafila.shipping.orders.orders_messages import PERHAPS


class NoSuchPlace(Fault):
    """What was named is neither a facility nor a town that is known."""


class NotServed(Fault):
    """The place is known, and no facility collects or delivers there."""

    kind = "no-offer"


class NoTimetable(Fault):
    """The network has no timetable for the day."""

    kind = "no-offer"


_NOTHING = Goods(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """From where to where, and what.

    Attributes:
        origin: a facility's id, or an address as "City, CC".
        destination: the same.
        ready: when the goods are ready; without a zone in the origin's time; None for now.
        latest: by when they must be there; without a zone in the destination's time.
        grams: weight of the parcel.
        cm3: its volume.
        goods: what is in it that some services do not take.
        avoid: modes not to be used.
    """

    origin: str
    destination: str
    ready: datetime | None = None
    latest: datetime | None = None
    grams: int = 1000
    cm3: int = 3000
    goods: Goods = _NOTHING
    avoid: frozenset[Mode] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer, with what it was looked for in."""

    answer: Answer
    query: Query
    timetable: Timetable
    origin: str  # id of the facility
    destination: str


def find(context: Context, asked: Asked) -> Found:
    """The ways none of which another beats in arrival, price and CO2e, or the refusal that says what binds.

    Raises NoSuchPlace, NotServed and NoTimetable.
    """
    feed = context.network.feed
    start = facility(asked.origin, feed, True, "origin")
    end = facility(asked.destination, feed, False, "destination")
    zones = {id: feed.facility[id].timezone for id in (start, end)}
    since = _utc(asked.ready, zones[start]) or context.now()
    until = _utc(asked.latest, zones[end])
    try:
        timetable = context.network.timetable(since.date())
    except (NoTerms, OverflowError) as error:
        told = m.NO_TIMETABLE(day=since.date(), why=str(error))
        raise NoTimetable(told, m.READY_LATER(), field="ready", value=since.isoformat()) from None
    nodes = {id: n for n, id in enumerate(timetable.facility_ids)}

    def node(text: str, facility: str) -> int:
        """An address is a door; a facility's own id is the facility."""
        door = int(timetable.door_node[nodes[facility]])
        return door if text not in nodes and door >= 0 else nodes[facility]

    query = Query(
        origins=(node(asked.origin, start),),
        destinations=(node(asked.destination, end),),
        ready=timetable.minute(since),
        grams=asked.grams,
        cm3=asked.cm3,
        goods=asked.goods,
        latest=None if until is None else timetable.minute(until),
        avoid_modes=asked.avoid,
    )
    with administrator("the room that is left is common to all merchants") as connection:
        space = room(connection, timetable)
    return Found(search(timetable, query, space), query, timetable, start, end)


def facility(text: str, feed: Feed, collects: bool, field: str = "") -> str:
    """The facility that is named, or that serves the address. Raises NoSuchPlace and NotServed."""
    if text in feed.facility:
        return text
    city, comma, country = (part.strip() for part in text.rpartition(","))
    if not comma:
        raise NoSuchPlace(m.NO_FACILITY(text=text), m.WRITE_ADDRESS(), field=field, value=text)
    gazetteer, stations = Gazetteer(), Stations(feed)
    place = gazetteer.locate(city, country)
    if place is None:
        near = gazetteer.suggest(city, country)
        remedy = PERHAPS(names=Choice(tuple(near))) if near else m.CHECK_PLACE()
        raise NoSuchPlace(m.NO_PLACE(city=city, country=country), remedy, field=field, value=text)
    served = stations.collection(place) if collects else stations.delivery(place)
    if not isinstance(served, Served):
        raise NotServed(served.reason, served.remedy, field=field, value=text)
    return served.facility


def _utc(instant: datetime | None, zone: str) -> datetime | None:
    if instant is None:
        return None
    given = instant if instant.tzinfo is not None else instant.replace(tzinfo=ZoneInfo(zone))
    try:
        return given.astimezone(UTC)
    except OverflowError:
        raise NoTimetable(m.NO_TIMETABLE(day=given.date(), why="–"), m.READY_LATER(), field="ready") from None
