"""What is asked of the router and what it answers: plain values."""

from __future__ import annotations

from datetime import datetime

from qafila.core.message import Message
from qafila.core.values import value
from qafila.network.timetable import Goods, Mode


@value
class Query:
    """One parcel from any of some nodes to any of some nodes of a Timetable, ready at a minute."""

    origins: tuple[int, ...]
    destinations: tuple[int, ...]
    ready: int
    grams: int
    cm3: int
    goods: Goods = Goods.NONE
    latest: int | None = None  # arrive no later than this minute
    avoid_modes: frozenset[Mode] = frozenset()


@value
class Leg:
    """One parcel's ride on one service between two calls."""

    ride: int
    service_id: str
    service_day: int  # days since 1970-01-01
    mode: Mode
    from_facility: str
    to_facility: str
    from_node: int
    to_node: int
    board_by: datetime  # cut-off
    depart: datetime
    arrive: datetime
    ready_at: datetime  # handled, and cleared where the leg enters a territory
    cost: int  # COST_UNITs
    co2e_mg: int
    segments: tuple[int, ...]
    calls: tuple[
        int, ...
    ]  # call index of each segment: with service_id and service_day the key of its capacity


@value
class Itinerary:
    """The legs from origin to destination, and the three criteria."""

    legs: tuple[Leg, ...]
    ready: datetime
    arrival: datetime
    cost: int  # COST_UNITs of the timetable's currency
    co2e_mg: int


@value
class Refusal:
    """Why there is no route: the constraint that binds, and what would lift it."""

    constraint: str  # place, horizon, latest, capacity, mode, goods, several, unreachable
    reason: Message
    remedy: Message


@value
class Answer:
    """The Pareto set over (arrival, cost, CO2e), by arrival; empty only with a refusal."""

    itineraries: tuple[Itinerary, ...]
    refusal: Refusal | None = None
