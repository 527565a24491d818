"""How far it is from door to door: by the network's own model, or by a routing server whose address is set.

The model: the great circle times the detour factor that the network's feed states for vans on rounds, at the speed of the
kind of vehicle. OSRM (`osrm+http://host:5000`) and Valhalla (`valhalla+http://host:8002`) tell the real roads; where the
server does not answer, the model does, and the plan says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import numpy as np
import orjson
from numpy.typing import NDArray

from qafila.core.geo import EARTH_RADIUS_KM
from qafila.core.values import value
from qafila.delivery.model import VehicleKind
from qafila.network.model import Feed
from qafila.network.timetable import Mode
from qafila.rounds.model import Travel

_AT_ONCE = 50
"""Points of one side of a table that is asked for: OSRM as it comes takes 100 in all."""

_PATIENCE = 20.0
_DETOUR = 1.3

_OSRM = {
    "van": "driving",
    "car": "driving",
    "motorcycle": "driving",
    "bicycle": "cycling",
    "walker": "walking",
}
_VALHALLA = {
    "van": "auto",
    "car": "auto",
    "motorcycle": "motorcycle",
    "bicycle": "bicycle",
    "walker": "pedestrian",
}


@value
class Roads:
    """Travel between points for one kind of vehicle, and who said so: `model`, `osrm` or `valhalla`."""

    travel: Travel
    told_by: str


def detour(feed: Feed) -> float:
    """Road distance over great circle, as the network's feed states it for rounds."""
    return next(
        (e.detour_factor for e in feed.emissions if e.mode is Mode.DELIVERY and not e.vehicle), _DETOUR
    )


def by_model(points: NDArray[np.float64], kind: VehicleKind, factor: float) -> Travel:
    """Metres and seconds between points by the model.

    Args:
        points: latitude and longitude in degrees, a row a point.
        kind: whose speed holds.
        factor: road distance over great circle.
    """
    lat, lon = np.radians(points[:, 0]), np.radians(points[:, 1])
    half = (
        np.sin((lat[:, None] - lat[None]) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat[None]) * np.sin((lon[:, None] - lon[None]) / 2) ** 2
    )
    metres = 2000 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, half))) * factor
    return Travel(np.rint(metres).astype(np.int64), np.ceil(metres / (kind.kmh / 3.6)).astype(np.int64))


def between(points: NDArray[np.float64], kind: VehicleKind, feed: Feed, address: str | None) -> Roads:
    """Travel between points: by the server at an address, by the model where there is none or it does not answer."""
    if address:
        name, _, rest = address.partition("+")
        ask = {"osrm": _osrm, "valhalla": _valhalla}.get(name)
        if ask is not None:
            try:
                return Roads(_in_blocks(points, kind.kind, rest.rstrip("/"), ask), name)
            except (URLError, OSError, ValueError, KeyError, TypeError, IndexError):
                pass  # a plan by the model is better than none; `told_by` says it
    return Roads(by_model(points, kind, detour(feed)), "model")


Block = Callable[[str, str, NDArray[np.float64], NDArray[np.float64]], tuple[Any, Any]]


def _in_blocks(points: NDArray[np.float64], kind: str, address: str, ask: Block) -> Travel:
    count = len(points)
    metres, seconds = (np.zeros((count, count), dtype=np.int64) for _ in range(2))
    for row in range(0, count, _AT_ONCE):
        for column in range(0, count, _AT_ONCE):
            far, long = ask(address, kind, points[row : row + _AT_ONCE], points[column : column + _AT_ONCE])
            for into, told in ((metres, far), (seconds, long)):
                block = np.array(told, dtype=np.float64)
                if np.isnan(block).any():
                    raise ValueError("a point is on no road")
                into[row : row + _AT_ONCE, column : column + _AT_ONCE] = np.ceil(block)
    np.fill_diagonal(metres, 0)
    np.fill_diagonal(seconds, 0)
    return Travel(metres, seconds)


def _osrm(address: str, kind: str, begins: NDArray[np.float64], ends: NDArray[np.float64]) -> tuple[Any, Any]:
    points = [*begins, *ends]
    where = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in points)
    sources = ";".join(str(i) for i in range(len(begins)))
    targets = ";".join(str(i) for i in range(len(begins), len(points)))
    said = _json(
        f"{address}/table/v1/{_OSRM[kind]}/{where}?sources={sources}&destinations={targets}&annotations=duration,distance"
    )
    if said["code"] != "Ok":
        raise ValueError(said["code"])
    return said["distances"], said["durations"]


def _valhalla(
    address: str, kind: str, begins: NDArray[np.float64], ends: NDArray[np.float64]
) -> tuple[Any, Any]:
    asked = {
        "sources": [{"lat": float(lat), "lon": float(lon)} for lat, lon in begins],
        "targets": [{"lat": float(lat), "lon": float(lon)} for lat, lon in ends],
        "costing": _VALHALLA[kind],
        "units": "kilometers",
    }
    rows = _json(f"{address}/sources_to_targets", asked)["sources_to_targets"]
    return [[1000 * c["distance"] for c in row] for row in rows], [[c["time"] for c in row] for row in rows]


def _json(address: str, body: object = None) -> Any:
    if not address.startswith(("http://", "https://")):
        raise ValueError(address)
    data = None if body is None else orjson.dumps(body)
    headers = {"content-type": "application/json"} if data else {}
    with urlopen(Request(address, data, headers), timeout=_PATIENCE) as answer:
        return orjson.loads(answer.read())


def plane(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points in km on a plane, good enough to tell what is near."""
    lat0 = float(points[:, 0].mean()) if len(points) else 0.0
    return np.column_stack([points[:, 1] * 111.3 * math.cos(math.radians(lat0)), points[:, 0] * 111.3])
