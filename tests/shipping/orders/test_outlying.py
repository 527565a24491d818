"""Areas whose taxes are not their country's, by whatever tells them; and what only looks like one."""

from __future__ import annotations

import pytest

from qafila.core.message import Message, plain
from qafila.network.gazetteer import Gazetteer
from qafila.shipping.orders.order import Address
from qafila.shipping.orders.outlying import larger_namesake, outlying

# country, city, region, postcode → area, customs, VAT (UCC art. 4, VAT directive art. 6, national law: see the table)
AREAS = [
    ("ES", "Las Palmas de Gran Canaria", "", "E-35001", "Canary Islands", "in", "out"), ("ES", "Las Palmas de Gran Canaria", "", "", "Canary Islands", "in", "out"),
    ("ES", "Santa Cruz de Tenerife", "TF", "", "Canary Islands", "in", "out"), ("ES", "Arrecife", "", "", "Canary Islands", "in", "out"),
    ("ES", "Ceuta", "", "", "Ceuta", "out", "out"), ("ES", "Melilla", "ML", "52001", "Melilla", "out", "out"),
    ("IT", "Livigno", "", "I-23041", "Livigno", "out", "out"), ("IT", "Campione d'Italia", "", "", "Campione d'Italia", "in", "out"), ("IT", "Serravalle", "", "47899", "San Marino", "own", "out"),
    ("DE", "Helgoland", "", "D-27498", "Heligoland", "out", "out"), ("DE", "Büsingen", "", "8238", "Büsingen", "out", "out"), ("CH", "Büsingen", "", "8238", "Büsingen", "out", "out"),
    ("AT", "Riezlern", "", "6991", "Mittelberg (Kleinwalsertal)", "in", "own"), ("FI", "Mariehamn", "", "22100", "Åland Islands", "in", "out"), ("FI", "Mariehamn", "", "", "Åland Islands", "in", "out"),
    ("FR", "Saint-Denis", "Réunion", "", "Réunion", "in", "out"), ("FR", "Saint-Denis", "", "97400", "Réunion", "in", "out"), ("FR", "Fort-de-France", "", "", "Martinique", "in", "out"),
    ("FR", "Nouméa", "", "", "New Caledonia", "out", "out"), ("GR", "Agion Oros", "", "", "Mount Athos", "in", "out"), ("GR", "Karyes", "", "63086", "Mount Athos", "in", "out"),
    ("PT", "Funchal", "", "", "Madeira", "in", "own"), ("PT", "Ponta Delgada", "Açores", "9500-150", "Azores", "in", "own"),
    ("GB", "Belfast", "", "BT1 5GS", "Northern Ireland", "windsor", "windsor"), ("GB", "Derry", "", "", "Northern Ireland", "windsor", "windsor"), ("GB", "St Helier", "", "JE2 3AB", "Jersey", "own", "out"),
    ("GB", "BFPO 20", "", "BF1 2AT", "British Forces Post Office", "military", "military"), ("US", "APO", "AE", "09012", "US military post (Europe, Middle East, Africa)", "military", "military"),
    ("US", "FPO", "AP", "", "US military post (Pacific)", "military", "military"), ("US", "San Juan", "PR", "00901", "Puerto Rico", "in", "own"), ("US", "San Juan", "", "901", "Puerto Rico", "in", "own"),
    ("US", "Hagåtña", "GU", "96910", "Guam", "out", "own"), ("CN", "Hong Kong", "", "", "Hong Kong", "own", "out"), ("CN", "九龙", "香港", "", "Hong Kong", "own", "out"),
    ("CN", "Taipei", "Taiwan", "", "Taiwan", "own", "out"), ("DK", "Nuuk", "", "3900", "Greenland", "out", "out"), ("DK", "Tórshavn", "", "", "Faroe Islands", "out", "out"),
    ("NO", "Longyearbyen", "", "9170", "Svalbard and Jan Mayen", "out", "out"), ("TR", "Girne", "Mersin 10", "99300", "Northern Cyprus", "line", "out"), ("RE", "Saint-Denis", "", "", "Réunion", "in", "out"),
    ("IT", "Trepalle", "SO", "", "Livigno", "out", "out"), ("IT", "Campione d'Italia", "CO", "22060", "Campione d'Italia", "in", "out"), ("FR", "Saint-Paul", "974", "", "Réunion", "in", "out"),
    ("FR", "Marigot", "Saint-Martin", "97150", "Saint Martin", "in", "out"), ("FR", "Gustavia", "", "97133", "Saint Barthélemy", "out", "out"), ("FR", "Basse-Terre", "", "97100", "Guadeloupe", "in", "out"),
    ("US", "Charlotte Amalie", "", "", "U.S. Virgin Islands", "out", "own"), ("US", "Bayamón", "", "956", "Puerto Rico", "in", "own"), ("US", "Saipan", "", "", "Northern Mariana Islands", "out", "own"),
    ("PT", "Vila do Porto", "", "", "Azores", "in", "own"), ("CY", "Famagusta", "", "", "Northern Cyprus", "line", "out"), ("ES", "Telde", "35", "", "Canary Islands", "in", "out"),
    ("FR", "Le Lamentin", "", "", "Martinique", "in", "out"), ("FR", "Saint-Paul", "", "", "Réunion", "in", "out"), ("FR", "Mata-Utu", "", "", "Wallis and Futuna", "out", "out"),
    ("ES", "Los Cristianos", "", "", "Canary Islands", "in", "out"), ("FI", "Lemland", "", "", "Åland Islands", "in", "out"), ("DK", "Runavík", "", "", "Faroe Islands", "out", "out"),
    ("NL", "Philipsburg", "", "", "Sint Maarten", "out", "out"), ("NL", "Willemstad", "", "", "Curaçao", "out", "out"), ("TR", "Gazimağusa", "", "", "Northern Cyprus", "line", "out"),
    ("GB", "St Helier", "", "", "Jersey", "own", "out"), ("GB", "Hamilton", "Bermuda", "HM 11", "Bermuda", "own", "out"), ("GB", "Stanley", "Falkland Islands", "FIQQ 1ZZ", "Falkland Islands", "own", "out"),
    ("NO", "Ny-Ålesund", "", "", "Svalbard and Jan Mayen", "out", "out"), ("US", "Christiansted", "", "", "U.S. Virgin Islands", "out", "own"), ("US", "Dededo", "", "", "Guam", "out", "own"),
    ("US", "San Juan", "", "", "Puerto Rico", "in", "own"), ("CN", "Taipa", "", "", "Macao", "own", "out"), ("CN", "臺中", "", "", "Taiwan", "own", "out"), ("MA", "سبتة", "", "", "Ceuta", "out", "out"),
    ("IT", "Vaticano", "Roma", "", "Vatican City", "out", "out"), ("NZ", "Rarotonga", "", "", "Cook Islands", "own", "out"),
    ("UA", "Sevastopol", "", "", "Crimea", "line", "out"), ("UA", "Yalta", "Crimea", "", "Crimea", "line", "out"), ("RU", "Симферополь", "", "295000", "Crimea", "line", "out"),
    ("UA", "Луганськ", "", "", "Non-government-controlled parts of Donetsk and Luhansk", "line", "out"), ("GE", "Gagra", "", "", "Abkhazia", "line", "out"), ("GE", "Tskhinvali", "", "", "South Ossetia", "line", "out"),
    ("MD", "Bender", "", "", "Transnistria", "line", "out"), ("MD", "Rîbniţa", "", "", "Transnistria", "line", "out"), ("RS", "Prizren", "", "", "Kosovo", "own", "own"), ("IL", "Nablus", "", "", "Palestinian Territories", "in", "own"),
    ("MY", "Labuan", "", "", "Labuan", "out", "out"), ("MY", "Kuah", "Kedah", "07000", "Langkawi", "out", "out"), ("TZ", "Chake Chake", "", "", "Zanzibar", "in", "own"), ("TZ", "Zanzibar", "", "", "Zanzibar", "in", "own"),
    ("JO", "العقبة", "", "", "Aqaba Special Economic Zone", "out", "own"), ("CN", "三亚", "海南", "572000", "Hainan", "in", "own"), ("ID", "Batam", "", "29432", "Batam, Bintan and Karimun", "out", "out"), ("BR", "Manaus", "AM", "", "Manaus Free Zone", "in", "own"),
    ("AR", "Ushuaia", "", "V9410", "Tierra del Fuego", "out", "own"), ("CO", "San Andrés", "", "", "San Andrés and Providencia", "out", "own"), ("VE", "Porlamar", "", "", "Margarita", "out", "own"), ("VE", "San Pedro de Coche", "", "", "Margarita", "out", "own"), ("IR", "Kish", "", "", "Kish", "out", "out"),
    ("CY", "Nicosia", "", "99010", "Northern Cyprus", "line", "out"), ("CY", "Lefkoşa", "", "", "Northern Cyprus", "line", "out"), ("US", "Koror", "PW", "96940", "Palau", "own", "own"),
    ("ES", "Valverde", "El Hierro", "", "Canary Islands", "in", "out"), ("DE", "Hirschegg", "", "87568", "Mittelberg (Kleinwalsertal)", "in", "own"), ("DE", "Jungholz", "", "87491", "Jungholz", "in", "own"),
]  # fmt: skip
MAINLAND = [
    ("ES", "Benidorm", "", "3500"), ("ES", "Ávila", "", "5100"), ("ES", "Palma", "Islas Baleares", "07001"), ("FI", "Espoo", "", "2200"),
    ("US", "San Juan", "TX", "78589"), ("US", "Honolulu", "HI", "96815"), ("DE", "Dresden", "", "1067"), ("FR", "Bourg-en-Bresse", "", "1000"),
    ("IT", "Campione del Garda", "BS", "25010"), ("IT", "Roma", "", "185"), ("FR", "Ajaccio", "Corse", "20000"), ("GB", "Douglas", "", "IM1 1AA"), ("GB", "London", "", "EC1A 1BB"),
    ("ES", "La Palma", "Murcia", "30593"), ("DE", "Konstanz", "", "78462"), ("PT", "Lisboa", "", "1000"), ("CN", "深圳", "广东", "518000"), ("TR", "Mersin", "Mersin", "33010"),
    ("MA", "Tanger", "", "90000"), ("CH", "Zürich", "", "8001"),
    ("DE", "Oy-Mittelberg", "", "87466"), ("IT", "Bormio", "SO", "23032"), ("FR", "Saint-Paul", "06", "06570"), ("US", "Charlotte", "NC", "28202"), ("PT", "Porto", "", "4000"),
    ("IT", "San Marino", "Bologna", ""), ("GB", "Hamilton", "South Lanarkshire", ""), ("US", "San Juan", "Texas", ""), ("FR", "Saint-Louis", "Haut-Rhin", ""), ("FR", "Saint-Louis", "", ""), ("CN", "Taoyuan", "", ""), ("NL", "Willemstad", "", "4797"),
    ("FR", "Saint-Denis", "", ""), ("GB", "St Helier", "", "SM4 6JU"), ("FR", "Saint-Paul", "", "06570"),
    ("UA", "Kramatorsk", "Донецька область", ""), ("UA", "Київ", "", ""), ("RU", "Белгород", "", "308000"), ("MY", "Kota Kinabalu", "", "88000"), ("TZ", "Dar es Salaam", "", ""), ("GE", "Gori", "", ""), ("IL", "Haifa", "", ""),
    ("CN", "湛江", "广东", "524000"), ("AR", "Río Grande", "Jujuy", ""), ("BR", "Belém", "", "66000-000"), ("ID", "Medan", "", "20111"), ("CY", "Nicosia", "", "1010"), ("RS", "Novi Sad", "", "21000"), ("CH", "Vaduz", "", "9490"), ("GB", "Onchan", "", "IM3 1AA"),
    ("ES", "Zaragoza", "", "50001"), ("ES", "Vitoria", "", "1001"), ("US", "Newark", "", "7102"), ("CY", "Paralimni", "", "5280"),
    ("VE", "Coche", "", "1090"), ("VE", "Coche", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("country", "city", "region", "zip_code", "name", "customs", "vat"), AREAS)
def test_told(country: str, city: str, region: str, zip_code: str, name: str, customs: str, vat: str) -> None:
    found = _told(country, city, region, zip_code)
    assert found is not None
    area, _ = found
    assert (area.name, area.customs, area.vat) == (name, customs, vat)
    said = area.say()
    assert isinstance(said, Message)
    assert plain(area.named) in str(said)


@pytest.mark.parametrize(("country", "city", "region", "zip_code"), MAINLAND)
def test_not_told(country: str, city: str, region: str, zip_code: str) -> None:
    assert _told(country, city, region, zip_code) is None


def _told(country: str, city: str, region: str, zip_code: str):  # type: ignore[no-untyped-def]
    place = Gazetteer().locate(city, country, region, zip_code)
    return outlying(Address(country, city, region=region, postcode=zip_code), place)


def test_a_larger_namesake_in_an_area_is_said_where_nothing_tells_them_apart() -> None:
    said = {
        (city, zip_code): larger_namesake(Address("FR", city, postcode=zip_code), place)
        for city, zip_code in [
            ("Saint-Denis", ""),
            ("Saint-Louis", ""),
            ("Saint-Denis", "93200"),
            ("Lyon", ""),
        ]
        if (place := Gazetteer().locate(city, "FR", "", zip_code)) is not None
    }
    assert {key: area and area.code for key, area in said.items()} == {
        ("Saint-Denis", ""): "RE",
        ("Saint-Louis", ""): "RE",
        ("Saint-Denis", "93200"): None,
        ("Lyon", ""): None,
    }
