"""Towns in texts without gaps, as Chinese and Japanese addresses are written."""

from __future__ import annotations

import pytest

from qafila.network.city_texts import leading_town, run_together
from qafila.network.gazetteer import Contradiction, Gazetteer


@pytest.mark.parametrize(
    ("city", "country", "name"),
    [
        ("香港九龙", "HK", "Kowloon"),
        ("新界沙田", "HK", "Sha Tin"),
        ("中国香港新界荃湾", "HK", "Tsuen Wan"),
        ("香港岛铜锣湾", "HK", "Causeway Bay"),
        ("香港中环", "HK", "Hong Kong"),
        ("中国澳门", "MO", "Macau"),
        ("澳门氹仔", "MO", "Taipa"),
        ("澳门特别行政区", "MO", "Macau"),
        ("東京都新宿区", "JP", "Shinjuku"),
        ("福岡県福岡市博多区", "JP", "Fukuoka"),
        ("浙江义乌", "CN", "Yiwu"),
        ("江苏苏州工业园区", "CN", "Suzhou"),
    ],
)
def test_a_town_in_a_text_without_gaps(city: str, country: str, name: str) -> None:
    found = Gazetteer().find(city, country)
    assert found is not None
    assert not isinstance(found, Contradiction)
    assert found.name == name


def test_what_cannot_be_taken_apart() -> None:
    towns = {"九龙", "苏州"}
    assert run_together("九龙", "HK", towns) is None  # a name itself
    assert run_together("Kowloon 九龙", "HK", towns) is None
    assert run_together("某某某某", "HK", towns) is None
    assert leading_town("某某某某", "CN", towns) is None


@pytest.mark.parametrize(
    ("city", "region", "country", "inside"),
    [
        ("الجيزة", "الجيزة", "EG", "EG.08"),
        ("HÀ NỘI", "Hoàn Kiếm", "VN", "VN.01"),
        ("الفروانية", "الفروانية", "KW", "KW.07"),
        ("زحلة", "البقاع", "LB", "LB.08"),
        ("الزرقاء", "الزرقاء", "JO", "JO.17"),
        ("وجدة", "الشرق", "MA", "MA.02"),
        ("Mong Kok", "Kowloon", "HK", "HK.KYT"),
        ("荃灣", "新界", "HK", "HK.NTW"),
    ],
)
def test_a_region_in_the_countrys_own_letters(city: str, region: str, country: str, inside: str) -> None:
    found = Gazetteer().find(city, country, region)
    assert found is not None
    assert not isinstance(found, Contradiction)
    assert found.region.startswith(inside)
