"""`python -m benchmarks.rounds FOLDER [NAME …]`: published vehicle-routing instances by the product's own engine.

A folder holds instances in the VRPLIB format with the best known solutions beside them (`X-n1001-k43.vrp`, `.sol`), in
folders by kind: CVRP (X of Uchoa and others, 2017; XXL of Arnold and others, 2019), VRPTW (Gehring and Homberger),
MDVRPTW (Vidal and others, 2013). Distances of CVRP are rounded, those of the others cut to a tenth (DIMACS). What each
line says is computed from the routes by this file, with windows, loads and depots checked again.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import vrplib
from numpy.typing import NDArray

from benchmarks.report import Report
from qafila.rounds.model import Day, Doing, Plan, Stop, Travel, Vehicle
from qafila.rounds.planning import Effort, plan

SHARED = Path(os.environ.get("ROUNDS_INSTANCES", Path(__file__).parents[2] / "shared" / "data" / "rounds"))
SOURCE = "github.com/PyVRP/Instances"
SAMPLE = ("X-n502-k39", "X-n1001-k43", "R1_10_1", "RC2_10_5", "C2_10_8", "PR24A")
LARGE, LARGE_SECONDS = "Ghent1", 900


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance, and what is best known of it in the unit of its distances."""

    name: str
    day: Day
    best: float
    scale: int


def read(path: Path) -> Instance:
    """Reads an instance and its best known solution. Raises OSError where one is missing, ValueError where no cost is stated."""
    raw = vrplib.read_instance(path)
    exact = "VRPTW" in path.parts[-2]
    scale = 10 if exact else 1
    points = np.asarray(raw["node_coord"], dtype=float)
    length = np.hypot(*(axis[:, None] - axis[None, :] for axis in points.T))
    metres = (10 * length).astype(np.int64) if exact else np.round(length).astype(np.int64)
    del length
    depots = sorted(int(d) for d in np.atleast_1d(raw["depot"]))
    windows = np.asarray(raw["time_window"]) * scale if "time_window" in raw else None
    service = np.asarray(raw["service_time"]) * scale if "service_time" in raw else np.zeros(len(points))
    stops = tuple(
        Stop(
            str(place),
            place,
            (int(raw["demand"][place]),),
            earliest=int(windows[place][0]) if windows is not None else 0,
            latest=int(windows[place][1]) if windows is not None else 1 << 40,
            service=int(service if np.ndim(service) == 0 else service[place]),
        )
        for place in range(len(points))
        if place not in depots
    )
    vehicles = _fleet(raw, depots, windows, len(stops), scale)
    zero = np.zeros_like(metres) if windows is None else metres
    solution = path.with_suffix(".sol")
    stated = re.search(r"cost:?\s+([\d.]+)", solution.read_text(), re.I)
    if stated is None:
        raise ValueError(f"{solution} states no cost")
    best = float(stated[1])
    return Instance(path.stem, Day(stops, vehicles, (Travel(metres, zero),), points), best, scale)


def _fleet(
    raw: dict[str, Any], depots: list[int], windows: NDArray[np.int64] | None, stops: int, scale: int
) -> tuple[Vehicle, ...]:
    homes = [int(d) - 1 for d in np.atleast_1d(raw["vehicles_depot"])] if "vehicles_depot" in raw else None
    count = int(raw.get("vehicles", stops)) if homes is None else len(homes)
    if homes is None:
        homes = [depots[0]] * count
    limits = np.broadcast_to(np.asarray(raw.get("vehicles_max_duration", 1 << 40)), (count,))
    capacity = np.broadcast_to(np.asarray(raw["capacity"]), (count,))
    return tuple(
        Vehicle(
            str(n),
            home,
            home,
            (int(capacity[n]),),
            earliest=int(windows[home][0]) if windows is not None else 0,
            latest=int(windows[home][1]) if windows is not None else 1 << 40,
            most=min(1 << 40, int(limits[n]) * scale),
        )
        for n, home in enumerate(homes)
    )


def checked(day: Day, made: Plan) -> int:
    """The distance of a plan, its loads, windows and visits counted again from nothing but the order of its stops.

    Raises ValueError where something is not kept.
    """
    stops = {s.id: s for s in day.stops}
    seen: list[str] = []
    total = 0
    for one in made.rounds:
        vehicle = next(v for v in day.vehicles if v.id == one.vehicle)
        here, time_now, load = vehicle.begins, one.points[0].begins, 0
        for point in one.points[1:]:
            there = stops[point.stop].place if point.doing is Doing.STOP else vehicle.ends
            total += int(day.travel[0].metres[here, there])
            time_now += int(day.travel[0].seconds[here, there])
            if point.doing is Doing.STOP:
                stop = stops[point.stop]
                time_now = max(time_now, stop.earliest)
                if time_now > stop.latest:
                    raise ValueError(f"{stop.id} is late")
                time_now += stop.service
                load += stop.leaves[0]
                seen.append(stop.id)
            here = there
        if time_now > vehicle.latest or load > vehicle.capacity[0]:
            raise ValueError(f"{vehicle.id}: too late or too full")
        if one.points[-1].ends - one.points[0].begins > vehicle.most:
            raise ValueError(f"{vehicle.id}: too long")
    if sorted(seen) != sorted(stops):
        raise ValueError(f"{len(stops) - len(set(seen))} stops are missing")
    return total


def measure(instance: Instance, seconds: float, workers: int, report: Report, cpu: bool = False) -> float:
    """Plans an instance and reports the gap to the best known, in per cent."""
    began = time.monotonic()
    made = plan(instance.day, Effort(seconds, workers, dearer=0.0, optional=False, cpu=cpu))
    distance = checked(instance.day, made) / instance.scale
    gap = 100 * (distance / instance.best - 1)
    report(
        f"{instance.name}: {len(instance.day.stops)} stops, {len(made.rounds)} rounds, {distance:.1f}, best known "
        f"{instance.best:.1f}, gap {gap:.2f} %, {seconds:.0f} {'CPU s' if cpu else 's'} in {workers} processes, {time.monotonic() - began:.0f} s by the clock"
    )
    return gap


def run(report: Report) -> None:
    """Six instances of all kinds in a minute each, and one of 10,485 stops in fifteen, where the folder of instances is."""
    named = dict.fromkeys(SAMPLE, 60.0) | {LARGE: float(LARGE_SECONDS)}
    report(f"{', '.join(named)} of {SOURCE}, in two processes")
    if not SHARED.exists():
        report("they are not here: ROUNDS_INSTANCES=FOLDER says where they are")
        return
    for name, seconds in named.items():
        for path in SHARED.rglob(f"{name}.vrp"):
            measure(read(path), seconds, 2, report)


def main(given: Sequence[str]) -> int:
    """Measures the instances of a folder, or those that are named; 1 where a gap is over what is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", default=SAMPLE)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cpu", action="store_true", help="the seconds are CPU seconds of each process")
    parser.add_argument("--most", type=float, default=2.0, help="the largest gap that is good, in per cent")
    asked = parser.parse_args(given)
    report, worst = Report(), 0.0
    for name in asked.names:
        for path in sorted(asked.folder.rglob(f"{name}.vrp")):
            worst = max(worst, measure(read(path), asked.seconds, asked.workers, report, asked.cpu))
    report(f"largest gap {worst:.2f} %")
    return 0 if worst <= asked.most else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
