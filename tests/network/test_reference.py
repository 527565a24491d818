"""The reference network: its sizes, that a real fleet could fly it, and that it reaches everybody."""

from __future__ import annotations

import csv
import itertools
from collections import defaultdict
from datetime import date
from pathlib import Path

import numba
import numpy as np
import pytest

from qafila.geo import great_circle_km
from qafila.network.borders import released_elsewhere
from qafila.network.compile import compile_timetable
from qafila.network.model import Feed, Kind
from qafila.network.places import Gazetteer, NotServed, Served, Stations
from qafila.network.reference import build
from qafila.network.statistics import statistics
from qafila.network.timetable import Goods, Mode, Timetable
from qafila.network.validate import problems

EU = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]


@pytest.fixture(scope="module")
def feed() -> Feed:
    return build()


@pytest.fixture(scope="module")
def table(feed: Feed) -> Timetable:
    return compile_timetable(feed, date(2026, 11, 23), 63)


def test_sizes(feed: Feed, table: Timetable) -> None:
    figures = statistics(feed)
    assert figures.warehouses == 1100
    assert figures.sorting_centres == 380
    assert 160 <= figures.flights_per_week <= 180
    assert figures.departures_per_week >= 100_000
    for some in (
        figures.airports,
        figures.ports,
        figures.customs_offices,
        figures.delivery_stations,
        figures.pickup_points,
    ):
        assert some > 20
    # the timetable holds what the figures promise: the second week, no holiday of many countries in it
    second = (table.segment_depart >= 7 * 1440) & (table.segment_depart < 14 * 1440)
    assert second.sum() == pytest.approx(figures.departures_per_week, rel=0.03)


def test_it_is_valid_and_its_rotations_can_be_flown(feed: Feed) -> None:
    assert problems(feed) == []
    assert {s.mode for s in feed.services if s.registration} == {Mode.AIR}
    assert all(s.registration for s in feed.services if s.mode is Mode.AIR)


def test_rotations_close_over_the_week(feed: Feed) -> None:
    """Counted apart from the validator: each aircraft is back where its week begins."""
    flights = defaultdict(list)
    for service in feed.services:
        if service.registration:
            calls = feed.service_calls[service.id]
            day = feed_calendar_day(feed, service.calendar)
            flights[service.registration].append((day * 1440 + (calls[0].depart or 0), calls))
    assert len(flights) >= 10
    for found in flights.values():
        found.sort(key=lambda f: f[0])
        week = [*found, (found[0][0] + 7 * 1440, found[0][1])]
        for (start, calls), (later, after) in itertools.pairwise(week):
            landed = start - (calls[0].depart or 0) + (calls[-1].arrive or 0)
            assert landed + 60 <= later
            assert calls[-1].facility == after[0].facility


def feed_calendar_day(feed: Feed, calendar: str) -> int:
    days = next(c.days for c in feed.calendars if c.id == calendar)
    assert days.count("1") == 1
    return days.index("1")


def test_two_builds_are_equal(feed: Feed) -> None:
    assert build() == feed


def test_trucks_keep_to_the_land(feed: Feed) -> None:
    """No truck joins two islands or continents, but by the fixed links and car ferries that are named."""
    over_sea = {frozenset(p) for p in (("ES", "MA"), ("FR", "GB"), ("FI", "EE"), ("GB", "IE"), ("DK", "SE"))}
    iceland_like = {
        ("IT", "Cagliari"),
        ("IT", "Palermo"),
        ("ES", "Palma"),
        ("GR", "Irákleion"),
        ("CN", "Haikou"),
        ("MT", None),
    }
    for service in feed.services:
        if service.mode is not Mode.ROAD:
            continue
        a, b = (feed.facility[c.facility] for c in feed.service_calls[service.id])
        if a.country != b.country and frozenset((a.country, b.country)) not in over_sea:
            assert (a.country, None) not in iceland_like
        island = {("CN", "Haikou"), ("ES", "Palma"), ("FR", "Ajaccio"), ("GR", "Irákleion")}
        if (a.country, a.city) in island or (b.country, b.city) in island:
            assert great_circle_km(a.lat, a.lon, b.lat, b.lon) < 300, service.id


def test_distances_by_sea_are_those_of_ships(feed: Feed) -> None:
    """Published port-to-port distances (nautical miles, via Suez): within a tenth, margin of sailing included."""
    km: dict[tuple[str, str], float] = {}
    for service in feed.services:
        if service.mode is Mode.SEA:
            so_far = 0.0
            first = feed.service_calls[service.id][0].facility
            for call in feed.service_calls[service.id][1:]:
                so_far += call.km or 0.0
                km.setdefault((first, call.facility), so_far)
    # Tanger Med to Casablanca is about 190 nm = 350 km; Barcelona to Palma 132 nm = 245 km
    assert km["PORT-MAPTM", "PORT-MACAS"] == pytest.approx(350 * 1.15, rel=0.15)
    assert km["PORT-ESBCN", "PORT-ESPMI"] == pytest.approx(245 * 1.15, rel=0.6)
    # Shanghai to Tanger Med by Suez is about 9,300 nm = 17,200 km; the rotation calls on the way
    assert 17_200 < km["PORT-CNSHA", "PORT-MAPTM"] < 17_200 * 1.35


@numba.njit  # type: ignore[misc]
def _earliest(
    origin: np.ndarray, target: np.ndarray, board: np.ndarray, ready: np.ndarray, closed: np.ndarray, label: np.ndarray
) -> None:  # type: ignore[type-arg]  # fmt: skip
    for ride in range(len(origin)):
        if not closed[ride] and label[origin[ride]] <= board[ride]:
            label[target[ride]] = min(label[target[ride]], ready[ride])


def test_every_station_is_reached_from_everywhere_under_bond(feed: Feed, table: Timetable) -> None:
    """A sample of warehouses against all delivery stations, released in the destination's territory only."""
    index = {f: i for i, f in enumerate(table.facility_ids)}
    stations = defaultdict(list)
    for f in feed.facilities:
        if f.kind is Kind.DELIVERY_STATION:
            stations[f.territory].append(table.door_node[index[f.id]])
    warehouses = [f for f in feed.facilities if f.kind is Kind.WAREHOUSE][::97]
    assert {"CN", "MA", "EU"} <= {w.territory for w in warehouses}
    for house in warehouses:
        for territory, doors in stations.items():
            closed = released_elsewhere(table, feed, {house.territory, territory})
            label = np.full(table.nodes, 1 << 30, dtype=np.int32)
            label[index[house.id]] = 0
            _earliest(table.ride_from, table.ride_to, table.ride_board_by, table.ride_ready_at, closed, label)
            days = label[doors] / 1440
            assert days.max() < 25, (house.id, territory)
            assert np.median(days) < 11, (house.id, territory)


def test_lithium_goes_by_freighter_truck_and_ship(feed: Feed, table: Timetable) -> None:
    index = {f: i for i, f in enumerate(table.facility_ids)}
    closed = (table.ride_forbids & int(Goods.LITHIUM)) != 0
    assert set(np.unique(table.ride_mode[closed])) == {Mode.BELLY}
    label = np.full(table.nodes, 1 << 30, dtype=np.int32)
    label[index["DS-CN-SHENZHEN"]] = 0
    _earliest(table.ride_from, table.ride_to, table.ride_board_by, table.ride_ready_at, closed, label)
    for station in ("DS-MA-CASABLANCA", "DS-FR-LYON", "DS-SN-DAKAR", "DS-NG-LAGOS", "DS-AE-DUBAI"):
        assert label[table.door_node[index[station]]] < 12 * 1440, station


def test_a_parcel_to_morocco_costs_and_takes_what_people_expect(feed: Feed, table: Timetable) -> None:
    """Own freighter Shenzhen - Dubai - Casablanca: days and euros, not hours and cents."""
    ride = np.flatnonzero(
        (table.ride_mode == Mode.AIR)
        & (table.node_facility[table.ride_from] == table.facility_ids.index("AIR-SZX"))
        & (table.ride_to == table.facility_ids.index("AIR-CMN"))
    )[0]
    kilogram = (table.ride_fixed_cost[ride] + table.ride_kg_cost[ride]) / 10_000
    assert 2 < kilogram < 6
    hours = (table.ride_ready_at[ride] - table.ride_board_by[ride]) / 60
    assert 20 < hours < 96
    assert 4_000_000 < table.ride_co2e[ride] < 10_000_000  # 4 to 10 kg CO2e a kg


def test_towns_of_all_countries_are_served(feed: Feed) -> None:
    gazetteer, stations = Gazetteer(), Stations(feed)
    for city, country in (("Casablanca", "MA"), ("Agadir", "MA"), ("Fès", "MA"), ("Tanger", "MA"), ("Marrakech", "MA"),
                          ("Yiwu", "CN"), ("Ningbo", "CN"), ("New York", "US"), ("Los Angeles", "US")):  # fmt: skip
        place = gazetteer.locate(city, country)
        assert place is not None
        assert isinstance(stations.delivery(place), Served)
    served = {f.country for f in feed.facilities if f.kind is Kind.DELIVERY_STATION}
    assert (
        set(EU) | {"GB", "US", "MA", "CN", "AE", "SA", "TR", "EG", "SN", "CI", "NG", "KE", "ZA", "CH", "NO"}
        <= served
    )


def test_the_sample_orders_are_served(feed: Feed, shared_data: Path) -> None:
    gazetteer, stations = Gazetteer(), Stations(feed)
    with (shared_data / "orders" / "aliexpress-dev.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for country, city, side in {
        *((r["origin_country"], r["origin_city"], "collection") for r in rows),
        *((r["destination_country"], r["destination_city"], "delivery") for r in rows),
    }:
        place = gazetteer.locate(city, country)
        assert place is not None, city
        found = getattr(stations, side)(place)
        assert not isinstance(found, NotServed), found
        assert found.km < 30, city
