"""Flights of the reference network: the dedicated fleet's rotations, and bought belly space."""

from __future__ import annotations

from qafila.core.geo import great_circle_km
from qafila.network.model import Facility, Service, Vehicle
from qafila.network.reference.draft import Draft, Stop, spread
from qafila.network.reference.reference_tables import DAYS, rows, weekdays
from qafila.network.timetable import Goods, Mode

BELLY_FORBIDS = (
    Goods.LITHIUM
    | Goods.LIQUID_FLAMMABLE
    | Goods.AEROSOL
    | Goods.MAGNETIC
    | Goods.OVERSIZE
    | Goods.OTHER_DANGEROUS
)
_EXTRA_KM = 95  # air distance above the great circle, as the emission rows say
_TAXI_MINUTES = 30


def block_minutes(km: float, speed_kmh: float) -> int:
    """Block time of a flight, up to the next five minutes."""
    return -int(-(km / speed_kmh * 60 + _TAXI_MINUTES) // 5) * 5


def add_charter(draft: Draft, airports: dict[str, Facility], vehicles: dict[str, Vehicle]) -> None:
    """The rotations of fleet.csv: each aircraft repeats its round trip some times a week, in UTC.

    Pallets and containers weigh too: what is left for parcels is the payload less their tare.
    """
    tare = {row["vehicle"]: int(row["tare_kg"]) for row in rows("uld_tare")}
    for row in rows("fleet"):
        vehicle = vehicles[row["vehicle"]]
        route = row["route"].split()
        day, clock = row["start"].split()
        start = DAYS.index(day) * 1440 + int(clock[:2]) * 60 + int(clock[3:])
        for cycle in range(int(row["cycles"])):
            begins = start + round(cycle * float(row["hours_apart"]) * 60)
            weekday, minute = divmod(begins, 1440)
            stops: list[Stop] = []
            longest = 0.0
            for i, code in enumerate(route):
                here = airports[code]
                if i == 0:
                    stops.append((here.id, None, minute, 180, None))
                    continue
                before = airports[route[i - 1]]
                flown = great_circle_km(before.lat, before.lon, here.lat, here.lon)
                longest = max(longest, flown)
                arrive = minute + block_minutes(flown, vehicle.speed_kmh)
                minute = -(-(arrive + vehicle.turnaround_minutes) // 15) * 15
                stops.append(
                    (here.id, arrive, None if i == len(route) - 1 else minute, 150, flown + _EXTRA_KM)
                )
            days = "".join("1" if d == weekday % 7 else "0" for d in range(7))
            rate = "CHARTER-LONG" if longest > 3800 else "CHARTER-SHORT"
            flight = Service(
                f"F-{row['registration']}-{cycle + 1}",
                Mode.AIR,
                "qafila air",
                vehicle.id,
                draft.calendar(days),
                rate,
                clock="utc",
                registration=row["registration"],
                flag="MA",  # CN- is the mark of Morocco
            )
            draft.add(flight, stops, vehicle.payload_kg - tare[vehicle.id], vehicle.volume_m3 * 0.9)


_HUBS = (
    "CMN",
    "CDG",
    "FRA",
    "AMS",
    "MAD",
    "LHR",
    "IST",
    "DXB",
    "PVG",
    "CAN",
    "PEK",
    "HKG",
    "JFK",
    "NBO",
    "JNB",
    "LOS",
    "RUH",
    "CAI",
)


def add_belly(draft: Draft, airports: dict[str, Facility], vehicles: dict[str, Vehicle]) -> None:
    """Passenger flights: between intercontinental hubs, and from every airport to its nearest hubs.

    A flight a day each way, but where belly.csv says what carriers really fly between two hubs, or that none does.
    """
    flown = {tuple(sorted((row["a"], row["b"]))): row for row in rows("belly")}
    km = {
        (a, b): great_circle_km(airports[a].lat, airports[a].lon, airports[b].lat, airports[b].lon)
        for a in airports
        for b in airports
        if a < b
    }
    pairs: set[tuple[str, str]] = set()
    for (a, b), far in km.items():
        both = (a in _HUBS) + (b in _HUBS)
        if (both == 2 and 700 < far < 12_500) or (
            both == 1 and far > 250 and airports[a].country == airports[b].country
        ):
            pairs.add((a, b))
    for code in airports:
        if code in _HUBS:
            continue
        near = sorted(_HUBS, key=lambda h: km[min(code, h), max(code, h)])
        pairs |= {
            (min(code, h), max(code, h))
            for h in near
            if 250 < km[min(code, h), max(code, h)] < 9_000 and h in near[:3]
        }
    for a, b in sorted(pairs):
        far = km[a, b]
        vehicle = "WIDE" if far > 3_000 else "NARROW"
        kg, m3 = (12_000, 70) if vehicle == "WIDE" else (2_000, 14)
        days = "1111111"
        if (told := flown.get((a, b))) is not None:
            if not told["days"]:
                continue
            vehicle, kg, m3 = told["vehicle"], int(told["kg"]), int(told["m3"])
            days = weekdays(told["days"])
        minutes = block_minutes(far, vehicles[vehicle].speed_kmh)
        for origin, target in ((a, b), (b, a)):
            depart = spread(f"{origin}{target}", 288) * 5
            belly = Service(
                f"B-{origin}-{target}",
                Mode.BELLY,
                "passenger airlines",
                vehicle,
                draft.calendar(days),
                "BELLY-LONG" if far > 3_000 else "BELLY-SHORT",
                clock="utc",
                forbids=BELLY_FORBIDS,
            )
            there = (airports[target].id, depart + minutes, None, 0, far + _EXTRA_KM)
            draft.add(belly, [(airports[origin].id, None, depart, 240, None), there], kg, m3)
