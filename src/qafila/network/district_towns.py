"""Towns that are districts of a larger one, which tables of towns lack or know as a village elsewhere.

In Türkiye an address names a district and its province ("Kadıköy/İstanbul"), and the districts of the large cities (Beşiktaş,
Keçiören) are no towns of GeoNames. The post's table has them with the places in them.
"""

from __future__ import annotations

from functools import cache
from statistics import median

from qafila.core.values import value
from qafila.network.city_texts import PIECES
from qafila.network.network_places import Place, plain
from qafila.network.postcodes import places_of, postcode
from qafila.network.regions import inside, region_names, regions_meant

COUNTRIES = {"TR": "Europe/Istanbul"}
"""Those whose addresses name districts, with their time zone."""
_LARGE = 20_000  # people: a town so large is known by its own name


@value
class District:
    """A district of a province, as the post has it."""

    name: str
    province: str
    lat: float
    lon: float


def district_town(found: object, city: str, country: str, region: str, zip_code: str) -> Place | None:
    """The district that an address means; None where it means none, or the town that was found is the better answer.

    Args:
        found: what the towns' names gave: a Place, a contradiction or None.
        city: as it was written.
        country: its ISO code.
        region: as it was written.
        zip_code: as it was written.
    """
    if country not in COUNTRIES:
        return None
    pieces = [piece.strip() for piece in PIECES.split(city) if piece.strip()]
    regions = regions_meant(country, region) if region.strip() else ()
    for piece in pieces[1:]:
        regions = regions or regions_meant(country, piece)
    for piece in pieces:
        meant = [
            d for d in _districts(country).get(_folded(piece), ()) if _may_be(d, country, regions, zip_code)
        ]
        if len(meant) != 1:
            continue
        there = meant[0]
        keys = _keys(there, country)
        if isinstance(found, Place) and (
            found.population >= _LARGE
            or inside(found.region, keys)
            or (pieces.index(piece) and found.how == "name")
        ):
            return None
        how = "name" if piece == city.strip() else "name in the text"
        name = region_names(country).get(keys[0], there.name) if keys else there.name
        return Place(
            name, country, there.lat, there.lon, COUNTRIES[country], 0, how, 0, keys[0] if keys else ""
        )
    return None


def _may_be(district: District, country: str, regions: tuple[str, ...], zip_code: str) -> bool:
    """Whether region and postcode allow a district."""
    own = regions_meant(country, district.province)
    if regions and not any(inside(one, own) or inside(key, regions) for one in regions for key in own):
        return False
    if deeper := [one for one in regions if one.count(".") > 1]:
        keys = _keys(district, country)
        if keys and not any(inside(key, tuple(deeper)) for key in keys):
            return False
    places = postcode(country, zip_code).places if zip_code.strip() else ()
    return not places or any(plain(place.region) == plain(district.province) for place in places)


def _keys(district: District, country: str) -> tuple[str, ...]:
    """The region's keys of a district."""
    own = regions_meant(country, district.province)
    return tuple(key for key in regions_meant(country, district.name) if inside(key, own) and key not in own)


def _folded(name: str) -> str:
    return plain(name.replace("ı", "i").replace("İ", "i"))


@cache
def _districts(country: str) -> dict[str, tuple[District, ...]]:
    """A country's districts by plain name, each at the middle of its places."""
    places: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for place in places_of(country):
        if place.district:
            places.setdefault((place.region, place.district), []).append((place.lat, place.lon))
    found: dict[str, tuple[District, ...]] = {}
    for (province, name), points in places.items():
        lat, lon = median(p[0] for p in points), median(p[1] for p in points)
        found[_folded(name)] = (*found.get(_folded(name), ()), District(name, province, lat, lon))
    for new, old in _RENAMED.get(country, {}).items():
        found.setdefault(_folded(new), found.get(_folded(old), ()))
    return found


_RENAMED = {"TR": {"Eyüpsultan": "Eyüp", "Kahramankazan": "Kazan"}}
"""Names that districts have taken since the table was made."""
