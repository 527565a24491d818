"""Region and postcode choose among towns of one name, and contradictions are told."""

from __future__ import annotations

import pytest

from qafila.core.geo import great_circle_km
from qafila.network.gazetteer import Contradiction, Gazetteer
from qafila.network.network_places import Place

GAZETTEER = Gazetteer()

# towns of one name in a dozen countries: country, city, region, postcode → key of the region and least population,
# or most; figures of GeoNames
NAMESAKES = [
    ("US", "Portland", "ME", "04101", "US.ME"), ("US", "Portland", "Maine", "", "US.ME"), ("US", "Portland", "", "4101", "US.ME"),
    ("US", "Portland", "OR", "97201", "US.OR"), ("US", "Portland", "US-TX", "", "US.TX"),
    ("US", "Portland, ME", "", "", "US.ME"), ("US", "Portland ME 04101", "", "", "US.ME"), ("US", "Portland, Maine, USA", "", "", "US.ME"),
    ("US", "Manhattan", "KS", "", "US.KS"), ("US", "Manhattan", "", "66502", "US.KS"), ("US", "Kansas City", "KS", "66101", "US.KS"),
    ("US", "Springfield", "IL", "62701", "US.IL"), ("US", "Springfield", "Massachusetts", "1103", "US.MA"),
    ("DE", "Frankfurt", "Brandenburg", "15230", "DE.11"), ("DE", "Frankfurt", "", "15230", "DE.11"), ("DE", "Frankfurt", "Hessen", "60311", "DE.05"),
    ("DE", "Halle", "", "33790", "DE.07"), ("DE", "Neustadt", "", "01844", "DE.13"), ("DE", "Munster", "", "29633", "DE.06"),
    ("IT", "Reggio", "RC", "89121", "IT.03"), ("IT", "Reggio", "", "42121", "IT.05"), ("IT", "Reggio", "RE", "", "IT.05"),
    ("FR", "Saint-Pierre", "", "67140", "FR.44.67"), ("FR", "Saint-Denis", "", "93200", "FR.11.93"), ("FR", "Lyon", "", "69002.0", "FR.84"),
    ("GB", "Newcastle", "", "NE1 4ST", "GB.ENG.I7"), ("GB", "Newcastle", "", "ST5 1QG", "GB.ENG.M9"), ("GB", "Richmond", "", "DL10 4DW", "GB.ENG.J7"),
    ("CN", "Suzhou", "安徽省", "", "CN.01"), ("CN", "Suzhou", "江苏", "215000", "CN.04"), ("CN", "Fuzhou", "Jiangxi", "", "CN.03"),
    ("IN", "Aurangabad", "Bihar", "824101", "IN.34"), ("IN", "Aurangabad", "Maharashtra", "", "IN.16"),
    ("CA", "London", "ON", "N6A 1B7", "CA.08"), ("CA", "Victoria", "BC", "V8W 1A1", "CA.02"),
    ("AU", "Newcastle", "NSW", "2300", "AU.02"), ("AU", "Perth", "WA", "6000", "AU.08"),
    ("TR", "Ereğli", "Konya", "42310", "TR.71"), ("TR", "Ereğli", "Zonguldak", "", "TR.85"),
    ("PH", "San Fernando", "La Union", "", "PH.01"), ("ES", "Villanueva", "Badajoz", "06700", "ES.57.BA"), ("ES", "Santa Cruz", "TF", "", "ES.53"),
    ("AR", "San Francisco", "Córdoba", "2400", "AR.05"), ("BR", "São José", "SC", "", "BR.26"), ("EG", "القاهرة", "القاهرة", "11511", "EG.11"),
    ("MA", "Casablanca", "Grand Casablanca", "20000", "MA.06"),
    # regions as people write them: abbreviated, of another time, with their code, numbered as the country numbers them
    ("US", "Charleston", "W.Va.", "", "US.WV"), ("US", "Rochester", "Minn.", "", "US.MN"), ("US", "Aurora", "IL - Illinois", "", "US.IL"),
    ("US", "Columbus", "Georgia (GA)", "", "US.GA"), ("CA", "Hamilton", "Ont.", "", "CA.08"), ("DE", "Neustadt", "RLP", "", "DE.08"),
    ("FR", "Saint-Étienne", "Rhône-Alpes", "", "FR.84.42"), ("FR", "Valence", "82 - Tarn-et-Garonne", "", "FR.76.82"), ("FR", "Sainte-Marie", "Alsace", "", "FR.44"),
    ("ES", "Valverde", "El Hierro", "", "ES.53.TF"), ("ES", "Santa Cruz", "38", "", "ES.53"), ("IT", "Castro", "Prov. di Lecce", "", "IT.13.LE"),
    ("PL", "Dąbrowa", "woj. śląskie", "", "PL.83"), ("ZA", "Middelburg", "Mpumalanga", "1050", "ZA.07"), ("ZA", "Middelburg", "", "5900", "ZA.05"),
    ("ZA", "Heidelberg", "Western Cape", "6665", "ZA.11"),
]  # fmt: skip


@pytest.mark.parametrize(("country", "city", "region", "zip_code", "key"), NAMESAKES)
def test_region_and_postcode_choose(country: str, city: str, region: str, zip_code: str, key: str) -> None:
    found = GAZETTEER.find(city, country, region, zip_code)
    assert isinstance(found, Place)
    assert found.region == key or found.region.startswith(f"{key}.")
    assert not found.note


@pytest.mark.parametrize(
    ("country", "city", "region", "zip_code", "says", "by_name", "by_it"),
    [
        ("US", "Portland", "ME", "97201", "postcode", "Maine", "Oregon"),
        ("US", "Portland", "OR", "04101", "postcode", "Oregon", "Maine"),
        ("FR", "Paris", "", "69002", "postcode", "Paris", "Lyon"),
        ("MA", "Rabat", "Casablanca-Settat", "", "region", "Rabat", "Casablanca-Settat"),
        ("IT", "Roma", "", "23041", "postcode", "Rome", "Sondrio"),  # by the first digits alone
        ("ES", "Madrid", "", "35001", "postcode", "Madrid", "Las Palmas"),
        ("MA", "Rabat", "", "20000", "postcode", "Rabat", "Casablanca-Settat"),
        ("MA", "Marrakech", "", "90000", "postcode", "Marrakesh", "Enhal"),  # beside Tangier
    ],
)
def test_contradictions_are_told_with_both_readings(
    country: str, city: str, region: str, zip_code: str, says: str, by_name: str, by_it: str
) -> None:
    found = GAZETTEER.find(city, country, region, zip_code)
    assert isinstance(found, Contradiction)
    assert found.says == says
    assert by_name in found.by_name
    assert by_it in found.by_it


@pytest.mark.parametrize(
    ("country", "city", "region", "lat", "lon"),
    [
        ("GB", "Douglas", "Isle of Man", 54.15, -4.48),
        ("GB", "Ramsey", "Isle of Man", 54.32, -4.38),
        ("GB", "Saint Helier", "Jersey", 49.19, -2.1),
        ("FR", "Saint-Louis", "Réunion", -21.28, 55.41),
        ("FR", "Saint-Pierre", "La Réunion", -21.34, 55.48),
        ("FR", "Sainte-Anne", "Guadeloupe", 16.23, -61.38),
        ("FR", "Saint-Joseph", "Martinique", 14.67, -61.04),
        ("US", "Ponce", "Puerto Rico", 18.01, -66.61),
        ("DK", "Tórshavn", "Faroe Islands", 62.01, -6.77),
    ],
)
def test_a_territory_written_as_a_region(
    country: str, city: str, region: str, lat: float, lon: float
) -> None:
    """Not the Douglas of Scotland, nor the Saint-Louis of Alsace."""
    found = GAZETTEER.find(city, country, region)
    assert isinstance(found, Place)
    assert found.country == country
    assert abs(found.lat - lat) < 0.2
    assert abs(found.lon - lon) < 0.2


def test_the_post_s_rough_point_is_not_another_town_of_the_same_name() -> None:
    found = GAZETTEER.find("Sidi Kacem", "MA", "", "16000")
    assert isinstance(found, Place)
    assert found.population > 50_000


def test_another_country_is_no_region() -> None:
    found = GAZETTEER.find("Paris", "FR", "United States")
    assert isinstance(found, Place)
    assert found.population > 1_000_000


def test_a_region_that_town_and_postcode_outvote_is_noted() -> None:
    found = GAZETTEER.find("Trier", "DE", "Hessen", "54290")
    assert isinstance(found, Place)
    assert (found.name, found.note) == ("Trier", "Hessen")


def test_what_the_tables_lack_decides_nothing() -> None:
    """No postcodes of the Gulf and of Casablanca are known; an unknown region is no contradiction."""
    for country, city, region, zip_code in [
        ("AE", "Dubai", "", "00000"),
        ("MA", "Casablanca", "", "20250"),
        ("GB", "Croydon", "Surrey", "CR0 1AA"),
        ("SN", "Dakar", "Région de Dakar", "10000"),
    ]:
        found = GAZETTEER.find(city, country, region, zip_code)
        assert isinstance(found, Place)
        assert found.population > 100_000


@pytest.mark.parametrize(("country", "city"), [("PT", "Vila do Porto"), ("GB", "Greater Nowhere")])
def test_a_municipality_elsewhere_is_not_the_large_town_in_its_name(country: str, city: str) -> None:
    assert GAZETTEER.find(city, country) is None


def test_a_larger_town_is_proposed_before_a_village() -> None:
    assert GAZETTEER.suggest("Lyonn", "FR")[0] == "Lyon"
    assert GAZETTEER.suggest("Casa", "MA")[0] == "Casablanca"


@pytest.mark.parametrize(
    ("country", "city", "zip_code", "name", "lat", "lon"),
    [
        ("DE", "Essen", "49152", "Bad Essen", 52.32, 8.33),  # not Essen (Oldenburg), 50 km away
        ("DE", "Homburg", "61348", "Bad Homburg vor der Höhe", 50.23, 8.62),
        ("DE", "Essen", "45127", "Essen", 51.46, 7.01),
        ("CH", "Buchs", "5033", "Buchs", 47.39, 8.08),
        ("GB", "Newport", "TF10 7AA", "Newport", 52.77, -2.38),
        ("DE", "Berlin", "12559", "Berlin", 52.52, 13.41),
    ],
)
def test_a_postcode_tells_namesakes_that_are_near(
    country: str, city: str, zip_code: str, name: str, lat: float, lon: float
) -> None:
    found = GAZETTEER.find(city, country, "", zip_code)
    assert isinstance(found, Place)
    assert found.name == name
    assert great_circle_km(found.lat, found.lon, lat, lon) < 3


def test_buchs_of_zurich_is_not_the_one_of_aargau() -> None:
    found = GAZETTEER.find("Buchs", "CH", "", "8107")
    assert isinstance(found, Place)
    assert great_circle_km(found.lat, found.lon, 47.46, 8.44) < 3


def test_towns_of_countries_that_share_customs_are_found_and_codes_of_airports_are_no_part() -> None:
    found = Gazetteer().find("Vaduz", "CH")
    assert isinstance(found, Place)
    assert (found.country, found.region) == ("CH", "LI.11")
    peel = Gazetteer().find("Peel", "GB")
    assert isinstance(peel, Place)
    assert peel.region.startswith("IM.")
    assert Gazetteer().find("Sha Tin, N.T.", "CN") is None  # SHA is Shanghai's airport
