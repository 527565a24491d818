"""The routing code in three levels, and the SSCC of a parcel."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qafila.core.identifiers import gs1, s10
from qafila.core.identifiers.errors import InvalidNumber
from qafila.network.model import Facility, Kind
from qafila.network.timetable import Goods
from qafila.shipping.papers.routing_marks import elements, short_codes, sscc_of, three_levels


def place(id: str, kind: Kind = Kind.DELIVERY_STATION, country: str = "FR", **more: str) -> Facility:
    return Facility(id, id, kind, 0, 0, country, id, "UTC", country, **more)


def test_no_two_of_a_country_and_kind_have_the_same_code() -> None:
    towns = ["LYON", "LYONS", "LYON-2", "LYRE", "LYO", "LY", "LYON-3", "LYON-33"]
    known = {f.id: f for f in (place(f"DS-FR-{t}") for t in towns)}
    known |= {f.id: f for f in (place(f"SC-FR-{t}", Kind.SORTING_CENTRE) for t in towns)}
    known["AIR"] = place("AIR-LYS", Kind.AIRPORT, iata="LYS")
    codes = short_codes(known)
    for kind in ("DS-", "SC-"):
        mine = [codes[id] for id in known if id.startswith(kind)]
        assert len(set(mine)) == len(mine)
        assert all(2 <= len(c) <= 6 for c in mine)
    assert codes["AIR-LYS"] == "LYS"
    assert short_codes(known) is codes


def test_levels_name_hub_station_and_round() -> None:
    known = {
        f.id: f
        for f in (
            place("AIR-CDG", Kind.AIRPORT, iata="CDG"),
            place("SC-FR-LYON", Kind.SORTING_CENTRE),
            place("DS-FR-GRENOBLE"),
            place("PP-FR-GRENOBLE", Kind.PICKUP_POINT),
        )
    }
    way = ["AIR-CDG", "SC-FR-LYON", "DS-FR-GRENOBLE"]
    assert three_levels(way, known, "38000") == ("FR-LYO", "GRE", "38000")
    assert three_levels([*way, "PP-FR-GRENOBLE"], known, "") == ("FR-LYO", "GRE", "GRN")
    assert three_levels(["DS-FR-GRENOBLE"], known, "38 000") == ("FR-GRE", "GRE", "38000")
    assert three_levels(["elsewhere"], known, "1") == ("", "elsewhere", "")


@given(st.integers(0, 99_999_999), st.sampled_from("CH"), st.sampled_from("ABQZ"))
def test_an_sscc_is_sound_and_tells_its_parcel(serial: int, first: str, second: str) -> None:
    number = s10.number(first + second, serial, "MA")
    made = sscc_of(number, "9521234")
    assert gs1.parse("SSCC", made) == made
    assert made[9:17] == number[2:10]
    letters = int(made[0]) * 10 + int(made[8])
    assert "CH"[letters // 26] + chr(65 + letters % 26) == first + second


def test_other_numbers_have_none() -> None:
    with pytest.raises(InvalidNumber):
        sscc_of(s10.number("RA", 1, "FR"), "9521234")
    assert elements(s10.number("RA", 1, "FR"), ("A", "B", ""), "MA", "", "AIR", Goods.NONE) == {}


def test_letters_never_meet() -> None:
    made = [
        sscc_of(s10.number(a + b, 7, "MA"), "9521234")
        for a, b in itertools.product("CH", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    ]
    assert len(set(made)) == 52
