"""Where a receiver's door is: the pin that he set, else a point of his town that his address always gives again."""

from __future__ import annotations

import math
from hashlib import blake2b

from qafila.core.geo import great_circle_km
from qafila.core.values import value
from qafila.delivery.model import Delivery
from qafila.network.gazetteer import Gazetteer
from qafila.network.model import Facility


@value
class Door:
    """A point on the map. `sure`: somebody set it; else it is a guess within the town."""

    lat: float
    lon: float
    sure: bool
    city: tuple[float, float]


def door(delivery: Delivery, station: Facility) -> Door:
    """The door of a delivery.

    Most addresses are on no map that is free to use. Without a pin a door is put into its town, at a distance and in a
    direction that follow from the address: the same address is the same point, and a round of the town gets a length that
    is true on the average.
    """
    receiver = delivery.receiver
    town = Gazetteer().locate(receiver["city"], receiver["country"], receiver["region"], receiver["postcode"])
    centre = (station.lat, station.lon) if town is None else (town.lat, town.lon)
    if delivery.pin is not None:
        return Door(*delivery.pin, True, centre)
    text = "|".join(receiver[name].casefold() for name in ("line1", "line2", "postcode", "city"))
    first, second = (
        blake2b(text.encode(), digest_size=8).digest()[:4],
        blake2b(text.encode(), digest_size=8).digest()[4:],
    )
    radius = town_radius_km(town.population if town else 0) * math.sqrt(int.from_bytes(first, "big") / 2**32)
    turn = 2 * math.pi * int.from_bytes(second, "big") / 2**32
    lat = centre[0] + radius / 111.2 * math.sin(turn)
    lon = centre[1] + radius / (111.2 * max(0.1, math.cos(math.radians(centre[0])))) * math.cos(turn)
    return Door(lat, lon, False, centre)


def town_radius_km(people: int) -> float:
    """The radius of a town with so many people, at 6,000 of them on a square kilometre; 600 m at least, 15 km at most."""
    return min(15.0, max(0.6, math.sqrt(people / 6000 / math.pi)))


def off(pin: tuple[float, float], centre: tuple[float, float]) -> float:
    """How far a pin is from its town, in km."""
    return great_circle_km(*pin, *centre)
