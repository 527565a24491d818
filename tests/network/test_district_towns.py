"""Districts of Turkish cities, which tables of towns lack or know as villages elsewhere."""

from __future__ import annotations

import pytest

from qafila.core.geo import great_circle_km
from qafila.network.gazetteer import Gazetteer


@pytest.mark.parametrize(
    ("city", "region", "postcode", "lat", "lon"),
    [
        # points of the district halls, from maps
        ("Kadıköy", "İstanbul", "34710", 40.99, 29.03),  # not the village near Silivri
        ("KADIKOY", "", "", 40.99, 29.03),  # nor that of Yalova
        ("Kartal", "", "", 40.89, 29.19),  # nor that of Gaziantep
        ("Beşiktaş", "İstanbul", "34330", 41.04, 29.01),
        ("Tuzla / İstanbul", "", "", 40.82, 29.30),
        ("Keçiören", "Ankara", "", 39.97, 32.86),
        ("Eyüpsultan", "İstanbul", "", 41.05, 28.93),
        ("Kartal", "Gaziantep", "", 37.11, 36.98),  # the village, where its province is said
        ("Ereğli", "Zonguldak", "67300", 41.28, 31.42),
        ("Merkez", "Kars", "", 40.60, 43.09),
    ],
)
def test_a_district(city: str, region: str, postcode: str, lat: float, lon: float) -> None:
    found = Gazetteer().locate(city, "TR", region, postcode)
    assert found is not None
    assert great_circle_km(found.lat, found.lon, lat, lon) < 12
    assert found.country == "TR"
