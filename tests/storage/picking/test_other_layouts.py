"""Layout files of other shapes: blocks of unlike lengths, aisles that end early, shelves on one side, stations in corners and
in the middle. What is walked is recomputed from the file alone, by an exact solver."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qafila.storage import layout
from qafila.storage.picking import picking_walking, touring
from qafila.storage.picking.batching import Cart, batches
from qafila.storage.picking.grid import bits
from tests.storage.picking.test_roaming import best_round


def _told(blocks: int, dice: np.random.Generator) -> dict[str, Any]:
    cross = [0.0, *np.cumsum(dice.integers(5, 15, blocks)).tolist()]
    aisles, x = [], 0.0
    for i in range(int(dice.integers(3, 8))):
        first = float(dice.integers(0, 3)) + 0.5
        room = cross[-1] - first
        aisles.append(
            {
                "id": chr(65 + i),
                "x_m": x,
                "bays": max(1, int(room * dice.uniform(0.3, 1.0))),
                "bay_m": 1,
                "first_m": first,
                "levels": ["1"],
                "sides": [["L"], ["R"], ["L", "R"]][int(dice.integers(3))],
            }
        )
        x += float(dice.integers(2, 6))
    where = [
        {"x_m": 0, "y_m": -2},
        {"x_m": x, "y_m": cross[-1] + 1.5},
        {"x_m": x / 2 + 0.3, "y_m": cross[len(cross) // 2]},
        {"x_m": aisles[1]["x_m"], "y_m": cross[len(cross) // 2] + 0.5},
    ][int(dice.integers(4))]
    return {"facility": "WH-X", "cross_aisles_m": cross, "depot": "PACK-1", "aisles": aisles,
            "stations": [{"id": "PACK-1", "kind": "pack", **where}]}  # fmt: skip


def _metres(told: dict[str, Any], codes: list[str]) -> np.ndarray:
    """[point, point] metres from the file alone; point 0 stands on the cross aisle that the station is reached from."""
    station = told["stations"][0]
    cross = told["cross_aisles_m"]
    aisle = {a["id"]: a for a in told["aisles"]}
    points = [(float(station["x_m"]), min(cross, key=lambda y: abs(y - station["y_m"])))]
    for code in codes:
        of, bay = aisle[code.split("-")[0]], int(code.split("-")[1])
        points.append((of["x_m"], of["first_m"] + (bay - 1) * of["bay_m"]))
    found = np.zeros((len(points), len(points)))
    for i, (x, y) in enumerate(points):
        for j, (u, v) in enumerate(points):
            around = min(abs(y - z) + abs(z - v) for z in cross)
            found[i, j] = abs(y - v) if x == u else abs(x - u) + around
    return found


@pytest.mark.parametrize("blocks", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_tours_of_a_layout_file_are_what_an_exact_solver_finds(blocks: int, seed: int) -> None:
    dice = np.random.default_rng(100 * seed + blocks)
    told = _told(blocks, dice)
    house = layout.read(told)
    stops, index = house.stops()
    codes = sorted({str(c) for c in dice.choice(sorted(index), 22)})
    wanted = [int(stops.stop[index[code]]) for code in codes]
    off = 2 * min(abs(y - told["stations"][0]["y_m"]) for y in told["cross_aisles_m"])
    at: dict[tuple[int, float], str] = {}
    for code in codes:  # two sides of a bay are one stop
        at.setdefault((ord(code[0]), int(code.split("-")[1])), code)
    best = best_round(_metres(told, list(at.values()))) + off
    found = picking_walking.tour(stops.grid, wanted)
    assert set(found.stops) == set(wanted)
    assert touring.length(stops.grid, bits(stops.grid, wanted)) == pytest.approx(found.length)
    if blocks <= 5:
        assert found.length == pytest.approx(best)
    else:
        assert best - 1e-6 <= found.length <= 1.02 * best


def test_a_station_in_the_middle_is_not_walked_to_from_the_front() -> None:
    told = {"facility": "WH-X", "cross_aisles_m": [0, 10, 20], "depot": "PACK-1",
            "aisles": [{"id": "A", "x_m": 0, "bays": 20, "bay_m": 1, "first_m": 0.5},
                       {"id": "B", "x_m": 4, "bays": 20, "bay_m": 1, "first_m": 0.5}],
            "stations": [{"id": "PACK-1", "kind": "pack", "x_m": 0, "y_m": 10}]}  # fmt: skip
    house = layout.read(told)
    stops, index = house.stops()
    (only,) = batches(stops.grid, [stops.stop[[index["A-12-L-1"], index["B-09-R-1"]]]], [1.0], Cart(9))
    assert only.length == 2 * 1.5 + 2 * 4 + 2 * 1.5
    ranks = {row["place"]: row["rank"] for row in house.rows()}
    assert ranks["A-11-L-1"] == ranks["A-10-L-1"] < ranks["A-01-L-1"]
