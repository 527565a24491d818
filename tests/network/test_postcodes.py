"""Postcodes as spreadsheets and people write them. Places are those of GeoNames' table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qafila.network.postcodes import postcode


@pytest.mark.parametrize(
    ("country", "written", "text", "lost", "place"),
    [
        ("US", "04101", "04101", False, "Portland"),
        ("US", "4101", "04101", True, "Portland"),
        ("US", "4101.0", "04101", True, "Portland"),
        ("US", "501", "00501", True, "Holtsville"),
        ("US", "04101-1234", "04101-1234", False, "Portland"),
        ("ES", "E-35001", "35001", False, "Las Palmas De Gran Canaria"),
        ("ES", "3500", "03500", True, "Benidorm"),
        ("ES", "٢٨٠١٣", "28013", False, "Madrid"),
        ("FI", "2200", "02200", True, "Espoo"),
        ("FI", "22100", "22100", False, "Mariehamn"),
        ("DE", "1067", "01067", True, "Dresden"),
        ("DE", "D-27498", "27498", False, "Helgoland"),
        ("FR", "1000", "01000", True, "Bourg-en-Bresse"),
        ("IT", "185", "00185", True, "Roma"),
        ("MX", "1000", "01000", True, "San Ángel"),
        ("NO", "150", "0150", True, "Oslo"),
        ("AU", "800", "0800", True, "Darwin"),
        ("SG", "18956", "018956", True, "Bayfront Avenue"),
        ("GB", "BT1 5GS", "BT1 5GS", False, "Belfast"),
        ("GB", "EC1A1BB", "EC1A1BB", False, "London"),
        ("CA", "H2X 1Y4", "H2X 1Y4", False, "Plateau Mont-Royal Southeast"),
        ("NL", "1011 AB", "1011 AB", False, "Amsterdam"),
        ("SE", "11122", "11122", False, "Stockholm"),
        ("PT", "1000", "1000", False, "Lisboa"),
        ("JP", "1500001", "1500001", False, "Jingumae"),
        ("LV", "1001", "LV-1001", False, "Riga"),
        ("LT", "LT-01100", "01100", False, "Vilnius"),
        ("AT", "A-1010", "1010", False, "Wien, Innere Stadt"),
    ],
)
def test_meant(country: str, written: str, text: str, lost: bool, place: str) -> None:
    found = postcode(country, written)
    assert (found.text, found.lost_zeros, found.fits) == (text, lost, True)
    assert found.places[0].name == place


@pytest.mark.parametrize(
    ("country", "written"), [("FR", "hello"), ("FR", "123456"), ("US", "ABCDE"), ("ES", "#N/A")]
)
def test_no_form_of_the_country(country: str, written: str) -> None:
    found = postcode(country, written)
    assert found.fits is False
    assert not found.places


def test_a_country_that_the_table_lacks() -> None:
    cairo = postcode("EG", "11511")
    assert (cairo.fits, cairo.places, cairo.province) == (True, (), "Cairo Governorate")
    assert postcode("AE", "00000").fits is None


@given(st.sampled_from(["US", "FR", "GB", "MA", "AE", "ZZ", "PT", "BR"]), st.text(max_size=12))
def test_any_text_is_answered(country: str, written: str) -> None:
    found = postcode(country, written)
    assert not found.places or found.fits is not False
