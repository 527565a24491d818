"""Where an address is in the network: the facility that collects or delivers there, and its time zone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz

from qafila.core.message import Choice, Country, Message
from qafila.network.gazetteer import Contradiction, Gazetteer
from qafila.network.installed import Network
from qafila.network.model import Facility, Feed
from qafila.network.network_places import NotServed, Place, Stations, plain
from qafila.network.postcodes import postcode
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.order import Address

_WELL_KNOWN = 50_000  # people: towns of this size are known by their other names too
_SPELT_ALIKE = 60  # of 100


@dataclass(frozen=True, slots=True)
class Located:
    """An address with its facility, the town's name as the gazetteer has it, and the place's time zone."""

    address: Address
    town: str  # where the facility itself was named, its id
    timezone: str
    km: float  # from the facility to the town, great circle; 0 where the facility itself was named
    guess: Message | None = (
        None  # the rule by which the town was told, where the text does not simply name it
    )
    place: Place | None = None  # the town; None where the facility itself was named


@dataclass(frozen=True, slots=True)
class Unlocated:
    """Why an address is nowhere in the network, and what would mend it. `field` is city, postcode, region or facility."""

    field: str
    value: str
    reason: Message
    remedy: Message
    place: Place | None = None  # the town, where it was found and is not served
    contradicts: bool = False  # parts of the address name different places


@lru_cache(maxsize=4)
def whereabouts(network: Network) -> Whereabouts:
    """Those of a network, made once for it in a process."""
    return Whereabouts(network.feed)


class Whereabouts:
    """Finds facilities for addresses of one network; what was found once is remembered."""

    def __init__(self, feed: Feed) -> None:
        self._facilities = feed.facility
        self._gazetteer = Gazetteer()
        self._stations = Stations(feed)
        self._places: dict[tuple[str, str, str, str], Place | Contradiction | None] = {}
        self._served: dict[tuple[Place, bool], tuple[str, float] | NotServed] = {}

    def find(self, address: Address, collect: bool) -> Located | Unlocated:
        """The facility whose vans collect (or deliver) at an address, or the one that it names."""
        if address.facility_id:
            return self._named(address)
        key = (address.city.casefold(), address.country, address.region.casefold(), address.postcode)
        if key not in self._places:
            self._places[key] = self._gazetteer.find(
                address.city, address.country, address.region, address.postcode
            )
        place = self._places[key]
        if place is None:
            return self._unknown(address)
        if isinstance(place, Contradiction):
            return _contradiction(place)
        served = self._serve(place, collect)
        if isinstance(served, NotServed):
            return Unlocated("city", address.city, served.reason, served.remedy, place)
        facility, km = served
        found = replace(address, facility_id=facility)
        return Located(found, place.name, place.timezone, km, _guess(address.city, place), place)

    def _serve(self, place: Place, collect: bool) -> tuple[str, float] | NotServed:
        key = (place, collect)
        if key not in self._served:
            served = self._stations.collection(place) if collect else self._stations.delivery(place)
            self._served[key] = served if isinstance(served, NotServed) else (served.facility, served.km)
        return self._served[key]

    def _named(self, address: Address) -> Located | Unlocated:
        facility: Facility | None = self._facilities.get(address.facility_id or "")
        if facility is None:
            return Unlocated(
                "facility", address.facility_id or "", m.UNKNOWN_FACILITY(), m.TAKE_FACILITY_ID()
            )
        found = replace(
            address,
            country=address.country or facility.country,
            city=address.city or facility.city,
            to_door=False,
        )
        return Located(found, facility.id, facility.timezone, 0.0)

    def _unknown(self, address: Address) -> Unlocated:
        near = self._gazetteer.suggest(address.city, address.country)
        reason = m.UNKNOWN_TOWN(country=Country(address.country))
        code = postcode(address.country, address.postcode) if address.postcode.strip() else None
        if code is not None and code.places:
            known = self._gazetteer.near(address.country, code.places[0].lat, code.places[0].lon)
            place = known.name if known else code.places[0].name
            return Unlocated("city", address.city, reason, m.PERHAPS_TOWN(given=code.text, place=place))
        remedy = m.PERHAPS(names=Choice(near[:3])) if near else m.CHECK_SPELLING()
        return Unlocated("city", address.city, reason, remedy)


def _contradiction(found: Contradiction) -> Unlocated:
    template = m.POSTCODE_SAYS if found.says == "postcode" else m.REGION_SAYS
    values = {"given": found.given, "place": found.by_name}
    if found.says == "postcode":
        values["elsewhere"] = found.by_it
    remedy = m.WHICH_IS_MEANT(place=found.by_name, elsewhere=found.by_it)
    return Unlocated(found.says, found.given, template(**values), remedy, contradicts=True)


def _guess(written: str, place: Place) -> Message | None:
    """The rule, where it is one town of several that might be meant; None where there is no doubt."""
    if place.note:
        return m.REGION_NOT_USED(given=place.note)
    if place.how == "part of the text":
        return m.TOWN_IN(text=written)
    if place.how == "name" and place.rivals:
        return m.LARGEST_OF(towns=place.rivals + 1)
    small = place.population < _WELL_KNOWN
    if place.how == "alternate name" and small and not _alike(written, place.name):
        return m.OTHER_NAME(text=written)
    return None


def _alike(written: str, name: str) -> bool:
    """Whether one is a spelling of the other; of different scripts it cannot be told, and is taken to be."""
    one, other = plain(written), plain(name)
    return one.isascii() != other.isascii() or fuzz.partial_ratio(one, other) >= _SPELT_ALIKE
