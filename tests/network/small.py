"""A network small enough to work out by hand: Casablanca, Paris and Lyon, one flight, one truck, one ship."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from qafila.network.model import (
    Calendar,
    CalendarDate,
    Call,
    Capacity,
    Clearance,
    Emission,
    Facility,
    Feed,
    Hours,
    Kind,
    LocalTime,
    ModeTerms,
    Rate,
    Service,
    Territory,
    Transfer,
    Vehicle,
)
from qafila.network.timetable import Goods, Mode

START = date(2026, 3, 23)  # a Monday; Paris changes its clock on Sunday the 29th, Easter Monday is 6 April


def at(clock: str, day: int = 0) -> LocalTime:
    """A LocalTime."""
    return LocalTime(int(clock[:2]) * 60 + int(clock[3:]) + day * 1440)


def small_feed() -> Feed:
    """The feed; everything about it is read in the tests' comments."""
    year = (date(2026, 1, 1), date(2026, 12, 31))

    def place(
        name: str, kind: Kind, country: str, zone: str, lat: float, lon: float, **more: object
    ) -> Facility:
        territory = "MA" if country == "MA" else "EU"
        return Facility(name, name, kind, lat, lon, country, name, zone, territory, **more)  # type: ignore[arg-type]

    rabat, paris = "Africa/Casablanca", "Europe/Paris"
    fee = Decimal("0.08")
    return Feed(
        name="small",
        version="1",
        currency="EUR",
        weight_step_g=100,
        source="by hand",
        territories=(Territory("MA", "Morocco", ("MA",), "MAD"), Territory("EU", "EU", ("FR", "MC"), "EUR")),
        hours=(
            Hours("HOUSE", "1111100", at("08:00"), at("18:00"), "MA"),
            Hours("DESK", "1111100", at("08:00"), at("12:00"), "FR"),
            Hours("DESK", "1111100", at("13:00"), at("18:00"), "FR"),
        ),
        calendars=(
            Calendar("DAILY", "1111111", *year),
            Calendar("MONFRI", "1000100", *year),
            Calendar("WORK", "1111110", *year, "FR"),
            Calendar("THU", "0001000", *year),
        ),
        calendar_dates=(
            CalendarDate("DAILY", date(2026, 3, 25), False),
            CalendarDate("THU", date(2026, 3, 27), True),
        ),
        facilities=(
            place("WH", Kind.WAREHOUSE, "MA", rabat, 33.60, -7.50, hours="HOUSE"),
            place(
                "CMN",
                Kind.AIRPORT,
                "MA",
                rabat,
                33.37,
                -7.59,
                gateway=True,
                handling_minutes=90,
                handling_fee=fee,
            ),
            place(
                "CDG",
                Kind.AIRPORT,
                "FR",
                paris,
                49.01,
                2.55,
                gateway=True,
                handling_minutes=60,
                handling_fee=fee,
            ),
            place("LYS", Kind.AIRPORT, "FR", paris, 45.73, 5.09, gateway=True, handling_minutes=60),
            place("STA", Kind.DELIVERY_STATION, "FR", paris, 45.75, 4.85, handling_minutes=30),
        ),
        vehicles=(
            Vehicle("B738F", Mode.AIR, "737 freighter", 23900, 141, 3750, 760, 60),
            Vehicle("TRUCK", Mode.ROAD, "truck", 16000, 70, 0, 90),
            Vehicle("SHIP", Mode.SEA, "ship", 900000, 3000, 0, 40),
            Vehicle("VAN", Mode.DELIVERY, "van", 1000, 10, 0, 25),
        ),
        emissions=(
            Emission(Mode.AIR, "", 600, 1, 95, date(2023, 1, 1), None, "test", "indicative"),
            Emission(Mode.ROAD, "", 100, 1.25, 0, date(2023, 1, 1), None, "test", "indicative"),
            Emission(Mode.ROAD, "TRUCK", 80, 1.25, 0, date(2023, 1, 1), None, "test", "indicative"),
            Emission(Mode.SEA, "", 10, 1.15, 0, date(2023, 1, 1), None, "test", "indicative"),
            Emission(Mode.DELIVERY, "", 900, 1.3, 0, date(2023, 1, 1), None, "test", "indicative"),
        ),
        rates=(
            Rate("AIR", "EUR", Decimal("0.10"), Decimal("0.5"), Decimal("0.2"), *year, "test"),
            Rate("ROAD", "EUR", Decimal("0.02"), Decimal("0.01"), Decimal("0.1"), *year, "test"),
            Rate("DOOR", "MAD", Decimal("20"), Decimal("0"), Decimal("0"), *year, "test"),
        ),
        modes=(
            ModeTerms(Mode.AIR, 167),
            ModeTerms(Mode.ROAD, 333),
            ModeTerms(Mode.SEA, 1000),
            ModeTerms(Mode.DELIVERY, 200),
        ),
        services=(
            Service("PICK", Mode.ROAD, "x", "TRUCK", "DAILY", "ROAD"),
            Service("EARLY", Mode.ROAD, "x", "TRUCK", "DAILY", "ROAD"),
            Service(
                "FLY",
                Mode.AIR,
                "x",
                "B738F",
                "MONFRI",
                "AIR",
                "utc",
                "CN-AAA",
                Goods.LITHIUM | Goods.OVERSIZE,
            ),
            Service("HOME", Mode.AIR, "x", "B738F", "MONFRI", "AIR", "utc", "CN-AAA"),
            Service("BOND", Mode.ROAD, "x", "TRUCK", "DAILY", "ROAD", under_bond=True),
            Service("LAST", Mode.ROAD, "x", "TRUCK", "WORK", "ROAD"),
            Service("TOUR", Mode.DELIVERY, "x", "VAN", "WORK", "DOOR"),
            Service("SAIL", Mode.SEA, "x", "SHIP", "THU", "ROAD"),
        ),
        calls=(
            Call("PICK", 1, "WH", None, at("17:00"), 30),
            Call("PICK", 2, "CMN", at("18:30"), None, 0, 40.0),
            Call("EARLY", 1, "WH", None, at("07:00"), 30),
            Call("EARLY", 2, "CMN", at("08:30"), None, 0, 40.0),
            Call("FLY", 1, "CMN", None, at("20:00"), 120),
            Call("FLY", 2, "CDG", at("23:00"), at("00:30", 1), 60, 2000.0),
            Call("FLY", 3, "LYS", at("01:30", 1), None, 0, 500.0),
            Call("HOME", 1, "LYS", None, at("04:00", 1), 60),
            Call("HOME", 2, "CMN", at("07:00", 1), None),
            Call("BOND", 1, "CDG", None, at("22:00"), 30),
            Call("BOND", 2, "LYS", at("03:00", 1), None, 0, 420.0),
            Call("LAST", 1, "LYS", None, at("05:00"), 15),
            Call("LAST", 2, "STA", at("06:00"), None, 0, 30.0),
            Call("TOUR", 1, "STA", None, at("09:00"), 30),
            Call("TOUR", 2, "STA", at("17:00"), None, 0, 10.0),
            Call("SAIL", 1, "CMN", None, at("10:00"), 600),
            Call("SAIL", 2, "CDG", at("06:00", 4), at("18:00", 4), 600, 2800.0),
            Call("SAIL", 3, "LYS", at("12:00", 6), None, 0, 900.0),
        ),
        capacities=(
            Capacity("PICK", None, 1000, 8.5),
            Capacity("EARLY", None, 1000, 8),
            Capacity("FLY", None, 20000, 120),
            Capacity("FLY", 2, 5000, 30),
            Capacity("HOME", None, 20000, 120),
            Capacity("BOND", None, 9000, 60),
            Capacity("LAST", None, 900, 10),
            Capacity("TOUR", None, 500, 5),
            Capacity("SAIL", None, 100000, 400),
        ),
        clearances=(
            Clearance("EU", None, 240, "DESK", 30, Decimal("0.50"), "test", "indicative"),
            Clearance("EU", Mode.SEA, 600, "DESK", 120, Decimal("0.50"), "test", "indicative"),
            Clearance("MA", None, 60, "", 20, Decimal("0.25"), "test", "indicative"),
        ),
        transfers=(Transfer("LYS", Mode.AIR, handling_minutes=45),),
    )
