"""The layout of a warehouse: a file of aisles, bays, levels, sides and stations, and the places it makes.

    {"facility": "MA-CAS-W1", "cross_aisles_m": [0, 23, 46], "depot": "PACK-1",
     "aisles": [{"id": "A", "x_m": 0, "bays": 44, "bay_m": 1, "first_m": 1, "levels": ["1", "2"],
                 "sides": ["L", "R"], "reserve": ["2"], "zone": "", "max_cm3": 500000, "max_g": 250000}],
     "stations": [{"id": "DOCK-1", "kind": "dock", "x_m": 10, "y_m": 0}]}

A place is called AISLE-BAY-SIDE-LEVEL, as in A-07-L-1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from qafila.core.fault import Fault
from qafila.storage import storage_messages
from qafila.storage.model import PlaceKind
from qafila.storage.picking.grid import MOST as MOST_CROSS_AISLES
from qafila.storage.picking.grid import Stops, bits, grid
from qafila.storage.picking.touring import length

_STATIONS = {k.value for k in (PlaceKind.DOCK, PlaceKind.STAGE, PlaceKind.PACK, PlaceKind.QUARANTINE)}
_MOST = 60_000
"""Places of one warehouse."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A place in an aisle; `depth` in metres from the front, `aisle` an index."""

    code: str
    kind: str
    aisle: int
    depth: float
    side: str
    level: str
    zone: str
    max_cm3: int | None
    max_g: int | None


@dataclass(frozen=True, slots=True)
class Station:
    """Where something is done: a dock, a packing station, a stage, the quarantine."""

    code: str
    kind: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Layout:
    """A warehouse as one walks through it. Lengths in metres, from the left and from the front."""

    facility: str
    aisles: tuple[tuple[str, float], ...]  # id and distance from the left
    cross: tuple[float, ...]
    shelves: tuple[Shelf, ...]
    stations: tuple[Station, ...]
    depot: Station

    def stops(self) -> tuple[Stops, dict[str, int]]:
        """The aisles as the pick tours know them, and for each shelf its index among the places given. The depot is reached
        from the cross aisle that lies nearest to it, also one in the middle."""
        cross = min(range(len(self.cross)), key=lambda i: abs(self.depot.y - self.cross[i]))
        made = grid(
            [x for _, x in self.aisles],
            self.cross,
            (np.array([s.aisle for s in self.shelves]), np.array([s.depth for s in self.shelves])),
            (self.depot.x, cross),
            2 * abs(self.depot.y - self.cross[cross]),
        )
        return made, {shelf.code: i for i, shelf in enumerate(self.shelves)}

    def rows(self) -> list[dict[str, Any]]:
        """Its places as the store keeps them; `rank` grows with the way from the depot."""
        made, index = self.stops()
        metres: dict[int, float] = {}
        for stop in set(made.stop.tolist()):
            metres[stop] = length(made.grid, bits(made.grid, [stop]))
        found = [
            {
                "place": s.code,
                "kind": s.kind,
                "zone": s.zone,
                "max_cm3": s.max_cm3,
                "max_g": s.max_g,
                "rank": round(metres[int(made.stop[index[s.code]])] * 10),
            }
            for s in self.shelves
        ]
        return found + [
            {"place": s.code, "kind": s.kind, "zone": "", "max_cm3": None, "max_g": None, "rank": 0}
            for s in self.stations
        ]


def read(told: Mapping[str, Any]) -> Layout:
    """The layout that a file tells. Raises Fault, naming the field and its value."""
    facility = _text(told, "facility", "facility")
    cross = tuple(_number(v, f"cross_aisles_m[{i}]") for i, v in enumerate(_list(told, "cross_aisles_m")))
    if not 2 <= len(cross) <= MOST_CROSS_AISLES or any(a >= b for a, b in pairwise(cross)):
        raise _fault("cross_aisles_m", told.get("cross_aisles_m"))
    aisles: list[tuple[str, float]] = []
    shelves: list[Shelf] = []
    for i, aisle in enumerate(_list(told, "aisles")):
        where = f"aisles[{i}]"
        if not isinstance(aisle, Mapping):
            raise _fault(where, aisle)
        id, x = _text(aisle, "id", f"{where}.id"), _number(aisle.get("x_m"), f"{where}.x_m")
        if aisles and x <= aisles[-1][1]:
            raise _fault(f"{where}.x_m", x)
        aisles.append((id, x))
        shelves += _shelves(aisle, id, i, cross, where)
        if len(shelves) > _MOST:
            raise _fault("aisles", f"{len(shelves)} > {_MOST}")
    if not shelves or len({s.code for s in shelves}) < len(shelves):
        raise _fault("aisles", [a for a, _ in aisles])
    stations = tuple(_station(s, f"stations[{i}]") for i, s in enumerate(_list(told, "stations")))
    if len({s.code for s in stations}) < len(stations):
        raise _fault("stations", [s.code for s in stations])
    depot = next((s for s in stations if s.code == told.get("depot")), None)
    if depot is None:
        raise _fault("depot", told.get("depot"))
    return Layout(facility, tuple(aisles), cross, tuple(shelves), stations, depot)


def _shelves(
    told: Mapping[str, Any], id: str, index: int, cross: tuple[float, ...], where: str
) -> list[Shelf]:
    bays = told.get("bays")
    if not isinstance(bays, int) or not 1 <= bays <= 999:
        raise _fault(f"{where}.bays", bays)
    bay, first = (
        _number(told.get("bay_m", 1), f"{where}.bay_m"),
        _number(told.get("first_m", 0.5), f"{where}.first_m"),
    )
    if bay <= 0 or first < cross[0] or first + (bays - 1) * bay > cross[-1]:
        raise _fault(f"{where}.bays", f"{bays} × {bay} m")
    levels, sides = _each(told, "levels", ["1"], where), _each(told, "sides", ["L", "R"], where)
    reserve = set(_each(told, "reserve", [], where))
    for name, names in (("levels", levels), ("sides", sides)):
        if len(set(names)) < len(names):  # two places of one name
            raise _fault(f"{where}.{name}", told.get(name))
    limits = []
    for name in ("max_cm3", "max_g"):
        most = told.get(name)
        if most is not None and (not isinstance(most, int) or most <= 0):
            raise _fault(f"{where}.{name}", most)
        limits.append(most)
    return [
        Shelf(
            f"{id}-{n + 1:02d}-{side}-{level}",
            PlaceKind.RESERVE.value if level in reserve else PlaceKind.PICK.value,
            index,
            first + n * bay,
            side,
            level,
            str(told.get("zone", "")),
            limits[0],
            limits[1],
        )
        for n in range(bays)
        for side in sides
        for level in levels
    ]


def _station(told: object, where: str) -> Station:
    if not isinstance(told, Mapping):
        raise _fault(where, told)
    kind = _text(told, "kind", f"{where}.kind")
    if kind not in _STATIONS:
        raise _fault(f"{where}.kind", kind)
    return Station(
        _text(told, "id", f"{where}.id"),
        kind,
        _number(told.get("x_m"), f"{where}.x_m"),
        _number(told.get("y_m"), f"{where}.y_m"),
    )


def check(told: Mapping[str, Any]) -> None:
    """Looks for slips in a layout that can be read: fields that nobody reads, levels that are no list of short names, a reserve on
    a level that is not there. Layouts of before, that are kept, may have them. Raises Fault."""
    _known(told, _FIELDS, "")
    for i, aisle in enumerate(_list(told, "aisles")):
        where = f"aisles[{i}]"
        _known(aisle, _OF_AISLES, f"{where}.")
        levels, sides = _names(aisle, "levels", ["1"], where), _names(aisle, "sides", ["L", "R"], where)
        if not levels or not sides:
            raise _fault(
                f"{where}.{'sides' if levels else 'levels'}", aisle.get("sides" if levels else "levels")
            )
        if not set(_names(aisle, "reserve", [], where)) <= set(levels):
            raise _fault(f"{where}.reserve", aisle.get("reserve"))
        if not isinstance(aisle.get("zone", ""), str):
            raise _fault(f"{where}.zone", aisle.get("zone"))
    for i, station in enumerate(_list(told, "stations")):
        _known(station, _OF_STATIONS, f"stations[{i}].")


_FIELDS = ("facility", "cross_aisles_m", "depot", "aisles", "stations")
_OF_AISLES = (
    "id",
    "x_m",
    "bays",
    "bay_m",
    "first_m",
    "levels",
    "sides",
    "reserve",
    "zone",
    "max_cm3",
    "max_g",
)
_OF_STATIONS = ("id", "kind", "x_m", "y_m")


def _known(told: Mapping[str, Any], fields: Sequence[str], where: str) -> None:
    """Raises Fault for a field that nobody reads: a slip (`max_kg`) would else be passed over. What begins with _ is a remark."""
    for name in told:
        if name not in fields and not name.startswith("_"):
            raise Fault(
                storage_messages.LAYOUT_UNKNOWN(field=f"{where}{name}"[:80], known=", ".join(fields)),
                storage_messages.LAYOUT_REMEDY(),
                field=f"{where}{name}"[:80],
                value=str(told[name])[:80],
            )


def _each(told: Mapping[str, Any], name: str, otherwise: list[str], where: str) -> list[str]:
    """What is told one by one, as text; a text such as LR is told letter by letter. Raises Fault."""
    found = told.get(name, otherwise)
    if not isinstance(found, Iterable):
        raise _fault(f"{where}.{name}", found)
    return [str(one) for one in found]


def _names(told: Mapping[str, Any], name: str, otherwise: list[str], where: str) -> list[str]:
    """A list of short names such as levels, all different. Raises Fault."""
    found = told.get(name, otherwise)
    if not isinstance(found, list) or not all(
        isinstance(one, str | int) and not isinstance(one, bool) for one in found
    ):
        raise _fault(f"{where}.{name}", found)
    names = [str(one) for one in found]
    if len(set(names)) < len(names) or not all(0 < len(one.strip()) == len(one) <= 10 for one in names):
        raise _fault(f"{where}.{name}", found)
    return names


def _list(told: Mapping[str, Any], field: str) -> list[Any]:
    found = told.get(field)
    if not isinstance(found, list):
        raise _fault(field, found)
    return found


def _text(told: Mapping[str, Any], name: str, where: str) -> str:
    found = told.get(name)
    if not isinstance(found, str) or not found.strip() or len(found) > 40:
        raise _fault(where, found)
    return found.strip()


def _number(found: object, where: str) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not -10_000 < found < 10_000:
        raise _fault(where, found)
    return float(found)


def _fault(field: str, found: object) -> Fault:
    return Fault(
        storage_messages.BAD_LAYOUT(field=field, value=str(found)[:80]),
        storage_messages.LAYOUT_REMEDY(),
        field=field,
        value=str(found)[:80],
    )
