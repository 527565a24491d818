"""Where an address is in the network: the facility that collects or delivers there, and its time zone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qafila.network.model import Facility, Feed
from qafila.network.places import Gazetteer, NotServed, Place, Stations
from qafila.shipping.orders.order import Address


@dataclass(frozen=True, slots=True)
class Located:
    """An address with its facility, the town's name as the gazetteer has it, and the place's time zone."""

    address: Address
    timezone: str
    km: float  # from the facility to the town, great circle; 0 where the facility itself was named


@dataclass(frozen=True, slots=True)
class Unlocated:
    """Why an address is nowhere in the network, and what would mend it. `field` is city or facility."""

    field: str
    value: str
    reason: str
    remedy: str


class Whereabouts:
    """Finds facilities for addresses of one network; what was found once is remembered."""

    def __init__(self, feed: Feed) -> None:
        self._facilities = feed.facility
        self._gazetteer = Gazetteer()
        self._stations = Stations(feed)
        self._places: dict[tuple[str, str, str], Place | None] = {}
        self._served: dict[tuple[Place, bool], tuple[str, float] | NotServed] = {}

    def find(self, address: Address, collect: bool) -> Located | Unlocated:
        """The facility whose vans collect (or deliver) at an address, or the one that it names."""
        if address.facility_id:
            return self._named(address)
        key = (address.city.casefold(), address.country, address.region.casefold())
        if key not in self._places:
            self._places[key] = self._gazetteer.locate(address.city, address.country, address.region)
        place = self._places[key]
        if place is None:
            return self._unknown(address)
        served = self._serve(place, collect)
        if isinstance(served, NotServed):
            return Unlocated("city", address.city, _sentence(served.reason), _sentence(served.remedy))
        facility, km = served
        found = replace(address, facility_id=facility)
        return Located(found, place.timezone, km)

    def _serve(self, place: Place, collect: bool) -> tuple[str, float] | NotServed:
        key = (place, collect)
        if key not in self._served:
            served = self._stations.collection(place) if collect else self._stations.delivery(place)
            self._served[key] = served if isinstance(served, NotServed) else (served.facility, served.km)
        return self._served[key]

    def _named(self, address: Address) -> Located | Unlocated:
        facility: Facility | None = self._facilities.get(address.facility_id or "")
        if facility is None:
            remedy = "Take an id from `qafila network export`, or leave it out and give city and country."
            return Unlocated(
                "facility", address.facility_id or "", "The network has no such facility.", remedy
            )
        found = replace(
            address,
            country=address.country or facility.country,
            city=address.city or facility.city,
            to_door=False,
        )
        return Located(found, facility.timezone, 0.0)

    def _unknown(self, address: Address) -> Unlocated:
        near = self._gazetteer.suggest(address.city, address.country)
        reason = f"No town of this name is known in {address.country}."
        if near:
            return Unlocated("city", address.city, reason, f"Perhaps {' or '.join(near[:3])}?")
        return Unlocated("city", address.city, reason, "Check the spelling, or give the nearest larger town.")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
