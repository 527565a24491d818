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

from qafila.network.borders import crossings
from qafila.network.cabotage import CabotageLaw
from qafila.network.compile import compile_timetable
from qafila.network.gazetteer import Gazetteer
from qafila.network.model import Feed, Kind
from qafila.network.network_places import NotServed, Served, Stations
from qafila.network.reference import build
from qafila.network.seas import crosses_sea
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
    """No run by road crosses a sea, but by the tunnel, the bridge and the car ferries that are named."""
    named = {
        frozenset(p)
        for p in (("ES", "MA"), ("FR", "GB"), ("FI", "EE"), ("SE", "FI"), ("DK", "SE"), ("CN", "HK"))
    }
    runs = [
        [feed.facility[c.facility] for c in feed.service_calls[s.id]]
        for s in feed.services
        if s.mode is Mode.ROAD
    ]
    runs = [(a, b) for a, b in runs if frozenset((a.country, b.country)) not in named]
    wet = crosses_sea(
        np.array([(a.lat, a.lon) for a, _ in runs]), np.array([(b.lat, b.lon) for _, b in runs])
    )
    assert [(a.id, b.id) for (a, b), w in zip(runs, wet, strict=True) if w] == []


def test_sea_lines_part_islands_and_leave_the_land_alone() -> None:
    places = {
        "Nice": (43.7, 7.27), "Ajaccio": (41.92, 8.74), "Cagliari": (39.22, 9.12), "Palermo": (38.12, 13.36),
        "Naples": (40.85, 14.27), "Valencia": (39.47, -0.38), "Palma": (39.57, 2.65), "Dalian": (38.91, 121.6),
        "Yantai": (37.46, 121.44), "Haikou": (20.04, 110.35), "Zhanjiang": (21.2, 110.4), "Athens": (37.98, 23.73),
        "Heraklion": (35.33, 25.13), "Bari": (41.12, 16.87), "Split": (43.51, 16.44), "Honolulu": (21.3, -157.86),
        "Los Angeles": (34.05, -118.24), "Milan": (45.46, 9.19), "Rome": (41.9, 12.5), "Beijing": (39.9, 116.4),
        "Shanghai": (31.23, 121.47), "Casablanca": (33.57, -7.59), "Agadir": (30.42, -9.6), "Lagos": (6.45, 3.4),
        "Abuja": (9.06, 7.5), "Jeddah": (21.5, 39.2), "Riyadh": (24.7, 46.7), "Paris": (48.85, 2.35),
    }  # fmt: skip

    def over_sea(a: str, b: str) -> bool:
        return bool(crosses_sea(np.array([places[a]]), np.array([places[b]]))[0])

    for a, b in (
        ("Nice", "Ajaccio"),
        ("Ajaccio", "Cagliari"),
        ("Cagliari", "Palermo"),
        ("Valencia", "Palma"),
        ("Dalian", "Yantai"),
        ("Haikou", "Zhanjiang"),
        ("Athens", "Heraklion"),
        ("Bari", "Split"),
        ("Honolulu", "Los Angeles"),
        ("Casablanca", "Palma"),
    ):
        assert over_sea(a, b), (a, b)
        assert over_sea(b, a), (b, a)
    for a, b in (
        ("Naples", "Bari"),
        ("Milan", "Rome"),
        ("Beijing", "Shanghai"),
        ("Casablanca", "Agadir"),
        ("Lagos", "Abuja"),
        ("Jeddah", "Riyadh"),
        ("Paris", "Nice"),
        ("Nice", "Milan"),
    ):
        assert not over_sea(a, b), (a, b)


def test_distances_by_sea_are_those_of_ships(feed: Feed) -> None:
    """Published port-to-port distances (nautical miles): within a tenth, margin of sailing included."""
    km: dict[tuple[str, str, str], float] = {}
    for service in feed.services:
        if service.mode is Mode.SEA:
            way = next((w for w in ("CAPE", "SUEZ") if f"-{w}-" in service.id), "")
            so_far = 0.0
            first = feed.service_calls[service.id][0].facility
            for call in feed.service_calls[service.id][1:]:
                so_far += call.km or 0.0
                km.setdefault((first, call.facility, way), so_far)
    # Tanger Med to Casablanca is about 190 nm = 350 km; Barcelona to Palma 132 nm = 245 km
    assert km["PORT-MAPTM", "PORT-MACAS", ""] == pytest.approx(350 * 1.15, rel=0.15)
    assert km["PORT-ESBCN", "PORT-ESPMI", ""] == pytest.approx(245 * 1.15, rel=0.6)
    # Shanghai to Tanger Med by Suez is about 9,300 nm = 17,200 km; the rotation calls on the way
    assert 17_200 < km["PORT-CNSHA", "PORT-MAPTM", "SUEZ"] < 17_200 * 1.35
    # around the Cape about 13,000 nm = 24,100 km
    assert km["PORT-CNSHA", "PORT-MAPTM", "CAPE"] == pytest.approx(24_100 * 1.15, rel=0.1)
    # Tanger Med to New York is about 3,200 nm = 5,900 km
    assert km["PORT-USNYC", "PORT-MAPTM", ""] == pytest.approx(5_900 * 1.15, rel=0.1)


def test_ships_take_the_way_of_their_day(feed: Feed) -> None:
    """sea_ways.csv: around the Cape in 2026, by Suez from 2027 on; each rotation sails by one way on any day."""
    days = {c.id: (c.valid_from, c.valid_to) for c in feed.calendars}
    ways = defaultdict(list)
    for service in feed.services:
        for way in ("CAPE", "SUEZ"):
            if service.mode is Mode.SEA and f"-{way}-" in service.id:
                ways[service.id.split(f"-{way}-")[0]].append((way, *days[service.calendar]))
    assert len(ways) == 8
    for periods in ways.values():
        assert [(way, first.year) for way, first, _ in sorted(periods, key=lambda p: p[1])] == [
            ("CAPE", 2026),
            ("SUEZ", 2027),
        ]
    for service in feed.services:
        if service.mode is Mode.SEA and "-CAPE-" in service.id:
            calls = {c.facility for c in feed.service_calls[service.id]}
            assert not calls & {"PORT-EGPSD", "PORT-SAJED"}


def test_bellies_fly_where_carriers_do(feed: Feed) -> None:
    flights = {s.id: s for s in feed.services if s.mode is Mode.BELLY}
    days = {c.id: c.days for c in feed.calendars}
    room = {c.service: c.kg for c in feed.capacities}
    for way in ("B-CMN-PEK", "B-PEK-CMN"):
        assert days[flights[way].calendar].count("1") == 3
        assert room[way] == 30_000
    assert not {"B-CMN-PVG", "B-CMN-CAN", "B-HKG-CMN", "B-NBO-PEK"} & set(flights)


def test_pallets_weigh_too(feed: Feed) -> None:
    payload = {v.id: v.payload_kg for v in feed.vehicles}
    for capacity in feed.capacities:
        service = feed.service[capacity.service]
        if service.mode is Mode.AIR:
            assert 0.9 * payload[service.vehicle] < capacity.kg < payload[service.vehicle]


def test_co2e_ranks_as_its_source_does(feed: Feed) -> None:
    """GLEC v3: bellies emit less than freighters on the same haul, RoPax ferries more than trucks by road."""
    factor = {(e.mode, e.vehicle): e.g_per_tkm for e in feed.emissions}
    assert factor[Mode.BELLY, "WIDE"] < factor[Mode.AIR, "B77F"]
    assert factor[Mode.BELLY, ""] < factor[Mode.AIR, "B738F"]
    assert factor[Mode.SEA, ""] < factor[Mode.SEA, "FEEDER"] < factor[Mode.SEA, "FERRY"]
    assert factor[Mode.ROAD, "TRUCK40"] < factor[Mode.SEA, "FERRY"] < factor[Mode.ROAD, "TRUCK18"]


def test_the_last_mile_has_the_price_of_its_country(feed: Feed) -> None:
    tours = {s.id: s.rate for s in feed.services if s.mode is Mode.DELIVERY}
    assert tours["D-DS-MA-CASABLANCA-1"] == "DOOR-DELIVERY-MA"
    assert tours["D-DS-FR-LYON-1"] == "DOOR-DELIVERY-FR"
    price = {r.id: r.per_parcel for r in feed.rates}
    assert price["DOOR-DELIVERY-CN"] < price["DOOR-DELIVERY-MA"] < price["DOOR-DELIVERY-FR"]


@numba.njit  # type: ignore[misc]
def _earliest(
    origin: np.ndarray,
    target: np.ndarray,
    board: np.ndarray,
    ready: np.ndarray,
    closed: np.ndarray,
    label: np.ndarray,
) -> None:  # type: ignore[type-arg]
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
    _, entered = crossings(table)
    for house in warehouses:
        for territory, doors in stations.items():
            ends = table.node_territory[[index[house.id], *doors]]
            closed = (entered >= 0) & ~np.isin(entered, ends)
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


def test_no_aircraft_takes_other_dangerous_goods(table: Timetable) -> None:
    closed = (table.ride_forbids & int(Goods.OTHER_DANGEROUS)) != 0
    assert (closed == np.isin(table.ride_mode, [Mode.AIR, Mode.BELLY])).all()


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
    assert 8_000_000 < table.ride_co2e[ride] < 13_000_000  # 12,000 km at 880 g a tkm: 8 to 13 kg CO2e a kg


def test_towns_of_all_countries_are_served(feed: Feed) -> None:
    gazetteer, stations = Gazetteer(), Stations(feed)
    for city, country in (
        ("Casablanca", "MA"),
        ("Agadir", "MA"),
        ("Fès", "MA"),
        ("Tanger", "MA"),
        ("Marrakech", "MA"),
        ("Yiwu", "CN"),
        ("Ningbo", "CN"),
        ("New York", "US"),
        ("Los Angeles", "US"),
    ):
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


def test_cabotage_is_barred(feed: Feed) -> None:
    own = CabotageLaw(feed)
    barred: dict[Mode, int] = {}
    for service in feed.services:
        calls = feed.service_calls[service.id]
        for i in range(len(calls)):
            for j in range(i + 1, len(calls)):
                a, b = (feed.facility[calls[n].facility] for n in (i, j))
                if own.bars(own.concerning(service, calls, i, j), date(2026, 11, 30), calls, i, j):
                    barred[service.mode] = barred.get(service.mode, 0) + 1
                    assert a.territory == b.territory
                    assert service.flag != a.country
                elif a.country == b.country and service.mode is Mode.AIR:
                    assert service.flag == a.country
                elif a.country == b.country == "CN" and service.mode is Mode.SEA:
                    pytest.fail(f"{service.id} carries between {a.id} and {b.id}")
    assert set(barred) == {Mode.AIR, Mode.SEA}, barred
    assert barred[Mode.SEA] > 20
    assert barred[Mode.AIR] > 10
