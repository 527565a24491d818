"""How large a network is: figures for a week without holidays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from qafila.network.model import Feed, Kind
from qafila.network.timetable import Mode


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of a feed. Departures: a service leaving one call on one day."""

    name: str
    version: str
    facilities: int
    warehouses: int
    sorting_centres: int
    airports: int
    ports: int
    rail_terminals: int
    customs_offices: int
    delivery_stations: int
    pickup_points: int
    gateways: int
    countries: int
    territories: int
    services: int
    aircraft: int  # of the dedicated fleet
    flights_per_week: int  # of the dedicated fleet
    belly_flights_per_week: int
    truck_runs_per_week: int
    sailings_per_week: int  # departures from a port
    trains_per_week: int  # departures from a terminal
    tours_per_week: int  # delivery and collection
    departures_per_week: int
    tonnes_flown_per_week: int  # capacity of the dedicated fleet's flights


def departures_by_mode(feed: Feed) -> Counter[Mode]:
    """Departures of a week without holidays, as the calendars have it."""
    days = {c.id: c.days.count("1") for c in feed.calendars}
    departures: Counter[Mode] = Counter()
    for service in feed.services:
        departures[service.mode] += days[service.calendar] * (len(feed.service_calls[service.id]) - 1)
    return departures


def statistics(feed: Feed) -> Statistics:
    """Count a valid feed."""
    kinds = Counter(f.kind for f in feed.facilities)
    days = {c.id: c.days.count("1") for c in feed.calendars}
    capacity = {c.service: c.kg for c in feed.capacities if c.sequence is None}
    departures = departures_by_mode(feed)
    flown = sum(
        days[s.calendar] * (len(feed.service_calls[s.id]) - 1) * capacity.get(s.id, 0.0) / 1000
        for s in feed.services
        if s.mode is Mode.AIR
    )
    return Statistics(
        name=feed.name,
        version=feed.version,
        facilities=len(feed.facilities),
        warehouses=kinds[Kind.WAREHOUSE],
        sorting_centres=kinds[Kind.SORTING_CENTRE],
        airports=kinds[Kind.AIRPORT],
        ports=kinds[Kind.PORT],
        rail_terminals=kinds[Kind.RAIL_TERMINAL],
        customs_offices=kinds[Kind.CUSTOMS_OFFICE],
        delivery_stations=kinds[Kind.DELIVERY_STATION],
        pickup_points=kinds[Kind.PICKUP_POINT],
        gateways=sum(f.gateway for f in feed.facilities),
        countries=len({f.country for f in feed.facilities}),
        territories=len({f.territory for f in feed.facilities}),
        services=len(feed.services),
        aircraft=len({s.registration for s in feed.services if s.registration}),
        flights_per_week=departures[Mode.AIR],
        belly_flights_per_week=departures[Mode.BELLY],
        truck_runs_per_week=departures[Mode.ROAD],
        sailings_per_week=departures[Mode.SEA],
        trains_per_week=departures[Mode.RAIL],
        tours_per_week=departures[Mode.DELIVERY] + departures[Mode.COLLECTION],
        departures_per_week=departures.total(),
        tonnes_flown_per_week=round(flown),
    )
