from __future__ import annotations

from datetime import date

from qafila.clearance.declaration import Procedure
from qafila.clearance.mapping import missing
from qafila.network.timetable import Mode
from qafila.shipping.declaring import declarations
from tests.shipping.parcels import FACILITIES, RULES, domestic, leg, parcel

ON = date(2026, 11, 23)


def test_a_parcel_from_china_to_morocco_is_declared_at_both_borders() -> None:
    booked = parcel()
    export, import_ = declarations(booked.number, booked.order, booked.offer, ON, FACILITIES, RULES)
    assert (export.procedure, export.territory, export.office, export.dataset) == (
        Procedure.EXPORT,
        "CN",
        "CN-SC-SZX",
        "cn23",
    )
    assert (import_.procedure, import_.territory, import_.office, import_.dataset) == (
        Procedure.IMPORT,
        "MA",
        "MA-HUB-CMN",
        "dum",
    )
    assert import_.mode == "air"
    assert str(import_.lines[0].value) == "36.00 EUR"  # 3 × 12.00
    assert import_.lines[0].gross_kg == import_.gross_kg  # one line: all of the 350 g
    # what the order does not say, the desk must ask for
    assert {m.field for m in missing(import_)} == {"importer.number", "declarant.number"}


def test_within_a_territory_nothing_is_declared() -> None:
    booked = domestic()
    assert list(declarations(booked.number, booked.order, booked.offer, ON, FACILITIES, RULES)) == []


def test_the_office_is_where_the_last_border_is_crossed() -> None:
    booked = parcel(
        legs=(leg("CN-SC-SZX", "MA-SC-CAS", Mode.SEA, 4), leg("MA-SC-CAS", "MA-DS-RAK", Mode.ROAD, 30))
    )
    _, import_ = declarations(booked.number, booked.order, booked.offer, ON, FACILITIES, RULES)
    assert (import_.office, import_.mode) == ("MA-SC-CAS", "sea")


def test_a_facility_that_the_network_no_longer_has_stops_nothing() -> None:
    booked = parcel()
    export, import_ = declarations(booked.number, booked.order, booked.offer, ON, {}, RULES)
    assert (export.territory, import_.territory) == ("CN", "MA")
