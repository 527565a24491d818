"""Parts of a country whose duties and taxes are not the country's: two answers, customs territory and VAT area.

They are told by any of what an address says: postcode, region, the town's name, a code of their own, or where the
town lies on the map (facts/outlying-areas.csv).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qafila.core.geo import great_circle_km
from qafila.core.message import Country, Message, Value, fact
from qafila.network.gazetteer import Gazetteer
from qafila.network.network_places import Place, country_code, plain
from qafila.network.postcodes import postcode
from qafila.network.regions import inside, regions_meant
from qafila.shipping.orders import orders_messages
from qafila.shipping.orders.order import Address


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a country for which the country's rules would be wrong."""

    country: str  # ISO 3166 alpha-2, of which it is a part, or is written as one
    code: str  # its own alpha-2; empty where it has none
    name: str
    postcodes: tuple[
        str, ...
    ]  # what its postcodes begin with; with # for a digit, a whole one of another post's form
    regions: tuple[str, ...]  # keys of GeoNames
    words: frozenset[str]  # plain names of towns and regions that are in no other part
    territory: str  # the customs territory of its country: EU, GB, US …
    customs: str  # in, out, own (a territory of its own), line, windsor, military
    vat: str  # out of its country's VAT area, own (in it, with rates of its own), windsor, military
    near: (
        tuple[float, float, float] | None
    )  # degrees north and east, and kilometres about them in which it lies
    taxed_as: str  # code under which its rates are loaded; empty where they are not known

    @property
    def named(self) -> Country | Message:
        """Its name, in the reader's language where it is known."""
        return Country(self.code) if self.code else fact("facts.area", self.name)

    def say(self) -> Message:
        """What it is for customs and for VAT, and that its country's taxes would be wrong."""
        if self.customs == "military":
            return orders_messages.AREA_MILITARY(area=self.named)
        template = orders_messages.AREAS[(self.customs, self.vat)]
        values: dict[str, Value] = {
            "area": self.named,
            "territory": orders_messages.THE_EU() if self.territory == "EU" else Country(self.territory),
            "country": Country(self.country),
        }
        return template(**{name: values[name] for name in template.names})


def outlying(address: Address, place: Place | None = None) -> tuple[Area, str] | None:
    """The area in which an address lies, written as a part of its country or as a country of its own.

    Args:
        address: as it was written.
        place: the town that was found for it; None where none was.

    Returns:
        The area and the field that told it (country, postcode, region, city); None for the mainland.
    """
    by_code, by_country = _areas()
    if address.country in by_code:
        return by_code[address.country], "country"
    areas = by_country.get(address.country)
    if not areas:
        return None
    said = _said(address, place)
    for area in areas:
        if field := _told_by(area, said):
            return area, field
    if said.placed or said.regions or not address.city.strip():
        return None  # what is said beside the town is of the mainland
    return _by_town(address.city, areas, place)


@dataclass(frozen=True, slots=True)
class _Said:
    """What an address says of its part of the country."""

    postcode: str  # empty where it has not the country's form
    other: str  # as it was written where it has not that form
    form: str  # of the latter, each digit as #
    placed: bool  # whether the table of postcodes knows where the postcode is
    place: Place | None
    region: str  # plain
    region_codes: frozenset[str]  # of countries, as which the region may be read
    regions: tuple[str, ...]
    words: frozenset[str]  # plain: the city, its parts
    city_regions: tuple[
        str, ...
    ]  # as which the town's text may be read where no town was found for all of it
    city_codes: frozenset[str]  # of countries, as which a part of the city may be read


def _said(address: Address, place: Place | None) -> _Said:
    code = postcode(address.country, address.postcode) if address.postcode.strip() else None
    written = "" if code is None else code.text.replace(" ", "")
    region = address.region.strip()
    pieces = [address.city, *address.city.replace("(", ",").split(",")]
    capitals = [w for w in address.city.split() if w.isupper()]
    return _Said(
        written if code is not None and code.fits is not False else "",
        other := written if code is not None and code.fits is False else "",
        re.sub(r"\d", "#", other),
        code is not None and bool(code.places),
        place,
        plain(region),
        frozenset({region.upper(), country_code(region) or ""}) if region else frozenset(),
        regions_meant(address.country, region) if region else (),
        frozenset(plain(piece) for piece in (*pieces, *capitals)),
        regions_meant(address.country, address.city)
        if place is None or place.how == "part of the text"
        else (),
        frozenset(
            country_code(piece) or ""
            for piece in pieces
            if len(piece.strip()) > _A_CODE or not piece.isascii()
        ),
    )


_A_CODE = 3  # letters


def _told_by(area: Area, said: _Said) -> str:
    """The field that tells this area; empty where none does."""
    if any(_begins(said, beginning) for beginning in area.postcodes):
        return "postcode"
    if said.place is not None:
        if area.code and said.place.country == area.code:
            return "city"
        if said.place.region and inside(said.place.region, area.regions):
            return "city"
        if area.near and great_circle_km(said.place.lat, said.place.lon, *area.near[:2]) <= area.near[2]:
            return "city"
    if said.region:
        if said.region in area.words or (area.code and area.code in said.region_codes):
            return "region"
        if any(inside(region, area.regions) for region in said.regions):
            return "region"
        if not said.regions and said.region.isdigit() and said.region in area.postcodes:
            return "region"  # 974, the number of a department
    if said.placed and area.postcodes:
        return ""  # the postcode says another part of the country
    if said.regions and said.place and said.place.how == "name" and inside(said.place.region, said.regions):
        return ""  # the region has a town of this name: San Marino near Bologna
    if any(inside(region, area.regions) for region in said.city_regions):
        return "city"
    if said.words & area.words or (area.code and area.code in said.city_codes):
        return "city"
    return ""


def _begins(said: _Said, beginning: str) -> bool:
    """Whether a postcode begins so, letters followed by a digit (BT1, not BTX); or has a form that the country's have not
    (99010, as Türkiye's post writes it, in Cyprus)."""
    if "#" in beginning:
        return said.other.startswith(beginning.rstrip("#")) and said.form == re.sub(r"\d", "#", beginning)
    text = said.postcode
    rest = text.removeprefix(beginning)
    return rest != text and (not beginning[-1].isalpha() or rest[:1].isdigit() or not rest)


def _by_town(city: str, areas: tuple[Area, ...], place: Place | None) -> tuple[Area, str] | None:
    """The area with the largest town of this name: one that the country itself does not have (Fort-de-France), or that
    is much smaller there (St Helier in Jersey, not in London)."""
    gazetteer = Gazetteer()
    largest = 0
    if place is not None and place.how != "part of the text":  # Charlotte Amalie is not Charlotte
        much = _MUCH_LARGER_THAN_A_TOWN if place.population >= _TOWN else _MUCH_LARGER
        largest = much * max(place.population, 1)
    best = None
    for area in areas:
        found = gazetteer.locate(city, area.code) if area.code else None
        if found is not None and found.how in ("name", "alternate name") and found.population >= largest:
            best, largest = area, found.population + 1
    return (best, "city") if best is not None else None


def larger_namesake(address: Address, place: Place) -> Area | None:
    """The area that has a town of this name with more people, where nothing beside the name says which is meant: Saint-Louis
    is in Alsace and in Réunion.

    Args:
        address: as it was written, told to be on the mainland.
        place: the mainland's town.
    """
    code = postcode(address.country, address.postcode) if address.postcode.strip() else None
    if (
        (code is not None and code.fits is not False)
        or address.region.strip()
        or place.how == "part of the text"
    ):
        return None
    gazetteer = Gazetteer()
    for area in _areas()[1].get(address.country, ()):
        other = gazetteer.locate(address.city, area.code) if area.code else None
        if other is not None and other.how == "name" and other.population > max(place.population, _HAMLET):
            return area
    return None


_HAMLET = 1_000  # people
_MUCH_LARGER = 2  # times as many people
_TOWN = 15_000  # people: a town that many mean, such as Saint-Louis in Alsace
_MUCH_LARGER_THAN_A_TOWN = 10


@cache
def every_area() -> tuple[Area, ...]:
    """Every area of the table."""
    with (files("qafila") / "facts" / "outlying-areas.csv").open(encoding="utf-8") as lines:
        return tuple(
            Area(
                row["country"],
                row["code"],
                row["area"],
                tuple(row["postcodes"].split()),
                tuple(row["regions"].split()),
                frozenset(plain(word) for word in row["words"].split("|") if word),
                row["territory"],
                row["customs"],
                row["vat"],
                _circle(row["near"]),
                row["taxed_as"],
            )
            for row in csv.DictReader(lines)
        )


def _circle(written: str) -> tuple[float, float, float] | None:
    if not written:
        return None
    lat, lon, km = map(float, written.split())
    return lat, lon, km


@cache
def _areas() -> tuple[dict[str, Area], dict[str, tuple[Area, ...]]]:
    """The areas by a code of their own, and by the country of which they are a part."""
    areas = every_area()
    by_country: dict[str, tuple[Area, ...]] = {}
    for area in areas:
        by_country[area.country] = (*by_country.get(area.country, ()), area)
    return {area.code: area for area in areas if area.code}, by_country
