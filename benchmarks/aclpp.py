"""The files of the Air Cargo Load Planning instances: read into a flight, and a plan written as score.py reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from qafila.air.flight import (
    Aircraft,
    Flight,
    Leg,
    Limit,
    LoadPlan,
    Lot,
    Position,
    Segment,
    UldType,
)
from qafila.packing.pieces import Contour, Cut, Kind

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Tree = dict[str, Any]
INHERITED = {
    "lng_arm", "lat_arm", "left_lat_arm", "right_lat_arm", "max_weight", "blocking_positions",
    "compatible_uld_types", "deck",
}  # fmt: skip
NOT_CHILDREN = INHERITED | {"is_virtual", "distance_from_door", "label"}


def _yaml(path: Path) -> Tree:
    tree: Tree = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    return tree


class Masterdata:
    """Aircraft, ULD types and separations of a folder."""

    def __init__(self, folder: Path) -> None:
        self.aircraft: Tree = {}
        self.types: Tree = {}
        self.apart: set[frozenset[str]] = set()
        for path in sorted(folder.glob("*.yaml")):
            tree = _yaml(path)
            self.aircraft |= tree.get("aircraft_types", {})
            self.types |= tree.get("uld_types", {})
            for pair in tree.get("separation_constraints", ()):
                self.apart.add(frozenset((str(pair["code_a"]), str(pair["code_b"]))))

    def craft(self, name: str) -> Aircraft:
        """An aircraft type by its name."""
        tree = self.aircraft[name]
        places = [
            place
            for compartment in tree["compartments"].values()
            for place in _positions(compartment["virtual_positions"], {"deck": compartment.get("deck", "")})
        ]
        known = frozenset(self.types)
        return Aircraft(
            name,
            tuple(
                Position(
                    label,
                    float(at["lng_arm"]),
                    float(at.get("max_weight", 1e9)),
                    frozenset(at["compatible_uld_types"]) & known,
                    tuple(str(b) for b in at.get("blocking_positions", ())),
                    _lateral(label, at),
                    str(at["deck"]),
                )
                for label, at in places
            ),
            frozenset(frozenset((str(a), str(b))) for a, b in tree["overlapping_positions"]),
            tuple(
                Limit(key, float(limit["limit"]), frozenset(str(p) for p in limit["positions"]))
                for key, limit in tree["weight_constraints"].items()
            ),
            float(tree["oew"]),
            float(tree["oew_lng_arm"]),
            float(tree["min_lng_arm"]),
            float(tree["max_lng_arm"]),
            float(tree["opt_lng_arm"]),
        )

    def uld_types(self) -> tuple[UldType, ...]:
        """All ULD types."""
        return tuple(
            UldType(
                name,
                Contour(
                    (t["inner_lng_size"], t["inner_lat_size"], t["inner_height"]),
                    tuple(
                        Cut((c["lat1"], c["height1"]), (c["lat2"], c["height2"]))
                        for c in t.get("uld_cuts", ())
                    ),
                ),
                float(t["tare_weight"]),
                float(t["max_weight"]),
                int(t["build_up_time"]),
                float(t["build_up_cost"]),
            )
            for name, t in self.types.items()
        )


def _lateral(label: str, at: Tree) -> float:
    if label.endswith("L") and "left_lat_arm" in at:
        return float(at["left_lat_arm"])
    if label.endswith("R") and "right_lat_arm" in at:
        return float(at["right_lat_arm"])
    return float(at.get("lat_arm", 0.0))


def _positions(tree: Tree, inherited: Tree) -> Iterator[tuple[str, Tree]]:
    own = {k: v for k, v in tree.items() if k in INHERITED}
    for label, child in tree.items():
        if label in NOT_CHILDREN or not isinstance(child, dict):
            continue
        at = {**inherited, **own, **{k: v for k, v in child.items() if k in INHERITED}}
        inner = [k for k, v in child.items() if k not in NOT_CHILDREN and isinstance(v, dict)]
        if inner:
            yield from _positions(child, at)
        else:
            yield str(label), at


def read(path: Path, masterdata: Masterdata) -> Flight:
    """The flight of a file, without the solution that stands in it."""
    tree = _yaml(path)
    name, flight = next(iter(tree["flights"].items()))
    legs = sorted(flight["legs"].items(), key=lambda leg: leg[1].get("sequence", 0))
    return Flight(
        str(name),
        masterdata.craft(flight["aircraft_type"]),
        masterdata.uld_types(),
        tuple(
            Leg(
                key,
                float(leg["est_fuel_weight"]),
                float(leg["extra_fuel_cost_factor"]),
                frozenset(leg["segments"]),
            )
            for key, leg in legs
        ),
        tuple(
            Segment(
                key,
                int(segment["std_timestamp"]),
                tuple(
                    _lot(str(shipment), str(piece), data)
                    for shipment, booked in segment["shipments"].items()
                    for piece, data in booked["pieces"].items()
                ),
            )
            for key, segment in tree["segments"].items()
        ),
        frozenset(masterdata.apart),
    )


def _lot(shipment: str, piece: str, data: Tree) -> Lot:
    upright = float(data["stack_height"])
    kind = Kind(
        (int(data["lng"]), int(data["lat"]), int(data["height"])),
        float(data["weight"]),
        (float(data.get("stack_lng", upright)), float(data.get("stack_lat", upright)), upright),
        int(data["allowed_rotations"]),
        frozenset(str(data.get("specials") or "").split()),
    )
    return Lot(shipment, piece, kind, int(data["amount"]), int(data["avail"]), float(data["offload_penalty"]))


def written(flight: Flight, plan: LoadPlan) -> Tree:
    """A plan in the form that score.py reads."""
    lots = {segment.name: segment.lots for segment in flight.segments}
    ulds = {
        f"U{n}": {
            "type": uld.type,
            "segment": uld.segment,
            "items": [
                {
                    "shipment": lots[uld.segment][piece.lot].shipment,
                    "piece": lots[uld.segment][piece.lot].piece,
                    "start": list(piece.start),
                    "size": list(piece.size),
                }
                for piece in uld.pieces
            ],
        }
        for n, uld in enumerate(plan.ulds)
    }
    legs = {
        leg.name: {position: f"U{n}" for position, n in stands.items()}
        for leg, stands in zip(flight.legs, plan.stands, strict=True)
    }
    return {"ulds": ulds, "legs": legs}
