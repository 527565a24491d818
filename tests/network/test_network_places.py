"""Towns as people write them, and the stations that serve them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qafila.network.gazetteer import Gazetteer
from qafila.network.network_places import (
    NotServed,
    Place,
    Served,
    Stations,
    country_code,
    country_suggestions,
    plain,
)
from tests.network.small import small_feed

GAZETTEER = Gazetteer()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("MA", "MA"),
        ("mar", "MA"),
        ("Maroc", "MA"),
        ("المغرب", "MA"),
        ("摩洛哥", "MA"),
        ("Marruecos", "MA"),
        ("MT", "MT"),
        ("ST", "ST"),
        ("UK", "GB"),
        ("England", "GB"),
        ("U.S.A.", "US"),
        ("united states", "US"),
        ("Côte d’Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Türkiye", "TR"),
        ("TURKEY", "TR"),
        ("中国", "CN"),
        ("Hong Kong", "HK"),
        ("EL", "GR"),
        ("Deutschland", "DE"),
        ("Holland", "NL"),
        ("السعودية", "SA"),
        ("المملكة العربية السعودية", "SA"),
        ("Narnia", None),
        ("", None),
    ],
)
def test_countries(text: str, code: str | None) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Morroco", ("MA",)),
        ("Fance", ("FR",)),
        ("Swizerland", ("CH",)),
        ("Untied Kingdom", ("GB",)),
        ("Sapin", ("ES",)),
        ("المغريب", ("MA",)),
        ("摩洛", ("MA",)),
        # codes and names that are near to nothing
        *(
            (text, ())
            for text in ("ZZ", "XX", "FRX", "Atlantis", "Narnia", "Utopia", "Mars", "Oz", "asdf", "")
        ),
    ],
)
def test_a_misspelt_country_is_guessed_only_where_one_is_near(text: str, codes: tuple[str, ...]) -> None:
    assert country_suggestions(text) == codes


@pytest.mark.parametrize(
    ("city", "country", "name", "how"),
    [
        ("Casablanca", "MA", "Casablanca", "name"),
        ("CASABLANCA ", "Morocco", "Casablanca", "name"),
        ("الدار البيضاء", "المغرب", "Casablanca", "alternate name"),
        ("深圳", "CN", "Shenzhen", "alternate name"),
        ("义乌市", "中国", "Yiwu", "name in the text"),
        ("Shenzhen, Guangdong", "China", "Shenzhen", "name in the text"),
        ("Fes", "MA", "Fes", "name"),
        ("Fès", "MA", "Fes", "name"),
        ("Tanger", "MA", "Tangier", "alternate name"),
        ("St. Etienne", "FR", "Saint-Étienne", "name"),
        ("saint etienne", "FR", "Saint-Étienne", "name"),
        ("Lodz", "PL", "Łódź", "name"),
        ("Koeln", "DE", "Köln", "alternate name"),
        ("Cologne", "DE", "Köln", "alternate name"),
        ("İSTANBUL", "TR", "Istanbul", "name"),
        ("القاهرة", "EG", "Cairo", "alternate name"),
        ("PARIS CEDEX 12", "FR", "Paris", "name in the text"),
        ("Abidjan Cocody", "CI", "Abidjan", "part of the text"),
        ("Laayoune", "MA", "Laayoune", "name"),
        ("Valletta", "MT", "Valletta", "name"),
        ("New York", "US", "New York City", "alternate name"),
        ("广东省深圳市南山区", "CN", "Shenzhen", "name in the text"),
        ("上海市浦东新区", "CN", "Shanghai", "name in the text"),
        ("Meknès-Tafilalet", "MA", "Meknes", "part of the text"),
    ],
)
def test_towns(city: str, country: str, name: str, how: str) -> None:
    place = GAZETTEER.locate(city, country)
    assert place is not None
    assert (place.name, place.how) == (name, how)


def test_namesakes_are_counted_and_a_cut_name_finds_its_town() -> None:
    def rivals(city: str, country: str) -> int:
        found = GAZETTEER.locate(city, country)
        assert found is not None
        return found.rivals

    assert rivals("Springfield", "US") >= 2  # Missouri, Massachusetts, Illinois
    assert [rivals(*town) for town in (("Paris", "FR"), ("London", "GB"), ("Casablanca", "MA"))] == [0, 0, 0]
    assert GAZETTEER.locate("Casa", "MA") is None
    assert GAZETTEER.suggest("Casa", "MA")[0] == "Casablanca"


def test_unknown_towns_are_none_with_suggestions() -> None:
    assert GAZETTEER.locate("Casablanka", "MA") is None
    assert GAZETTEER.suggest("Casablanka", "MA")[0] == "Casablanca"
    assert GAZETTEER.locate("Nowhereville", "FR") is None
    assert GAZETTEER.locate("Paris", "Narnia") is None
    assert GAZETTEER.suggest("Paris", "Narnia") == ()
    assert GAZETTEER.locate("", "FR") is None
    assert GAZETTEER.locate("12", "FR") is None


@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    GAZETTEER.locate(text, "MA")
    GAZETTEER.suggest(text, "MA")
    assert (
        plain(plain(text)) == plain(text) or not text.isascii() or "st" in text.lower() or "t" in text.lower()
    )


def place(name: str, country: str, lat: float, lon: float) -> Place:
    return Place(name, country, lat, lon, "UTC", 1)


def test_stations() -> None:
    stations = Stations(small_feed())
    # Lyon's station is at 45.75, 4.85
    served = stations.delivery(place("Villeurbanne", "FR", 45.77, 4.88))
    assert isinstance(served, Served)
    assert served.facility == "STA"
    assert served.km == pytest.approx(3.2, abs=0.2)  # 0.02° × 111.2 = 2.2 north, 0.03° × 77.6 = 2.3 east
    # Paris is 392 km away
    far = stations.delivery(place("Paris", "FR", 48.85, 2.35))
    assert isinstance(far, NotServed)
    assert "STA" in str(far.reason)
    assert "farther than" in str(far.reason)
    # a small country of the same territory, next door and far away
    assert isinstance(stations.delivery(place("Border", "MC", 45.8, 4.9)), Served)
    assert isinstance(stations.delivery(place("Monaco", "MC", 43.7, 7.4)), NotServed)
    none = stations.delivery(place("Tokyo", "JP", 35.7, 139.7))
    assert isinstance(none, NotServed)
    assert str(none.reason) == "No facility in Japan delivers."
    assert isinstance(stations.collection(place("Lyon", "FR", 45.77, 4.88)), NotServed)
    assert isinstance(stations.warehouse(place("Casablanca", "MA", 33.6, -7.6)), Served)


def test_no_van_crosses_the_sea() -> None:
    """Ajaccio is 230 km from Nice, and no van goes there."""
    from dataclasses import replace

    feed = small_feed()
    nice = replace(
        feed,
        facilities=tuple(replace(f, lat=43.7, lon=7.27) if f.id == "STA" else f for f in feed.facilities),
    )
    over = Stations(nice).delivery(place("Ajaccio", "FR", 41.92, 8.74))
    assert isinstance(over, NotServed)
    assert "over water" in str(over.reason)
    assert isinstance(Stations(nice).delivery(place("Toulon", "FR", 43.12, 5.93)), Served)
