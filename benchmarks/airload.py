"""`python -m benchmarks.airload FOLDER…`: every flight of a folder loaded by the product's own engine, scored by score.py.

A folder holds flight files of the Air Cargo Load Planning instances; their masterdata is in `masterdata` beside it or
in it. What is printed last is `cost C, published P, ratio R, faults F, floating N, late L`, for all and for each
scenario. It exits 1 unless every ratio is at most 0.90 and there are no faults, nothing floating and nothing late.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.aclpp import Masterdata, read, written
from benchmarks.report import Report
from qafila.air.build_up import UNLIMITED
from qafila.air.flight import Flight, LoadPlan
from qafila.air.planner import plan, warm_up
from qafila.packing.checking import Standing, Wrong, flaws

SHARED = Path(__file__).parents[2] / "shared" / "data" / "air"
ASKED = 0.90
SECONDS = 60.0
SAMPLE = ("LH8044-28NOV15-FRA-ORD.base.yaml", "LH8160-28NOV15-FRA-JFK.high.yaml")


@dataclass(slots=True)
class Sum:
    """What the flights of a scenario cost together, ours and the published plans, and what is wrong with ours."""

    cost: float = 0.0
    published: float = 0.0
    faults: int = 0
    floating: int = 0
    late: int = 0

    def add(self, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
        """One more flight, as score.py judged both plans."""
        self.cost += ours["TOTAL"]
        self.published += theirs["TOTAL"]
        self.faults += len(ours["faults"])
        self.floating += len(ours["floating"])
        self.late += ours["late"]

    @property
    def good(self) -> bool:
        """Whether it keeps what is asked."""
        ratio = self.cost / self.published if self.published else 0.0
        return ratio <= ASKED and not (self.faults or self.floating or self.late)

    def __str__(self) -> str:
        ratio = self.cost / self.published if self.published else 0.0
        return (
            f"cost {self.cost:.0f}, published {self.published:.0f}, ratio {ratio:.4f}, faults {self.faults},"
            f" floating {self.floating}, late {self.late}"
        )


def judge(path: Path) -> ModuleType:
    """score.py as a module; it is not part of the project."""
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"no score.py at {path}: give its place with --score")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def masterdata_of(folder: Path) -> Path:
    """Where the masterdata of a folder of flights is."""
    for place in (folder / "masterdata", folder.parent / "masterdata", SHARED / "aclpp" / "masterdata"):
        if place.is_dir():
            return place
    raise SystemExit(f"no masterdata in or beside {folder}")


def scenario(path: Path) -> str:
    """`base`, `high`, `fast` …: what stands between the flight's name and .yaml, or the folder's name."""
    parts = path.name.split(".")
    return parts[-2] if len(parts) > 2 else path.parent.name


def overloaded(flight: Flight, made: LoadPlan) -> int:
    """Boxes that carry more than they bear, which score.py does not check."""
    contours = {t.name: t.contour for t in flight.types}
    lots = {segment.name: segment.lots for segment in flight.segments}
    return sum(
        flaw.wrong is Wrong.OVERLOADED
        for uld in made.ulds
        for flaw in flaws(
            contours[uld.type],
            [Standing(lots[uld.segment][p.lot].kind, p.start, p.size) for p in uld.pieces],
        )
    )


def measure(
    files: Sequence[Path],
    score: ModuleType,
    seconds: float,
    seed: int,
    report: Report,
    steps: int = UNLIMITED,
) -> dict[str, Sum]:
    """Solve and score every file.

    Returns:
        The sums by scenario.
    """
    sums: dict[str, Sum] = defaultdict(Sum)
    began = time.monotonic()
    warm_up()
    report(f"kernels ready after {time.monotonic() - began:.1f} s")
    for path in files:
        folder = masterdata_of(path.parent)
        flight = read(path, Masterdata(folder))
        began, worked = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
        made = plan(flight, seconds, seed, steps)
        took = time.monotonic() - began
        cpu = resource.getrusage(resource.RUSAGE_SELF).ru_utime - worked
        raw = score.read(path)
        # by way of JSON, as any other plan would come
        ours = score.score(folder, raw, json.loads(json.dumps(written(flight, made))))
        theirs = score.score(folder, raw, score.given(raw))
        sums[scenario(path)].add(ours, theirs)
        aside = max((abs(m) for m in made.lateral), default=0.0) / 1e5
        report(
            f"{path.name}: cost {ours['TOTAL']:.0f}, published {theirs['TOTAL']:.0f},"
            f" ratio {ours['TOTAL'] / theirs['TOTAL']:.3f}, {took:.1f} s ({cpu:.1f} s of processor);"
            f" {ours['ulds']} ULDs for {theirs['ulds']}, {ours['offloaded']} behind for {theirs['offloaded']},"
            f" fuel {ours['FUEL']:.0f}, handling {ours['OPS']}, overloaded {overloaded(flight, made)},"
            f" {aside:.1f} t·m to one side"
            + "".join(f"\n  {fault}" for fault in (*ours["faults"], *ours["floating"]))
        )
    return dict(sums)


def run(report: Report) -> None:
    """One normal and one overbooked flight at 20 seconds each; `make bench` runs this."""
    files = [SHARED / "aclpp" / "flights" / name for name in SAMPLE]
    if not all(file.exists() for file in files):
        report("the flights are not there: ../shared/data/air is missing")
        return
    for name, found in measure(files, judge(SHARED / "score.py"), 20.0, 0, report).items():
        report(f"{name}: {found}")


def main(arguments: Sequence[str]) -> int:
    """Measure the folders; 1 unless what is asked is kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.airload", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, help="folders of flight files, or files")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for each flight (60)")
    parser.add_argument("--seed", type=int, default=0, help="of the search (0)")
    parser.add_argument(
        "--steps", type=int, default=UNLIMITED, help="of each search: the same seed then finds the same"
    )
    parser.add_argument("--score", type=Path, default=SHARED / "score.py", help="where score.py is")
    asked = parser.parse_args(arguments)
    files = [file for f in asked.folders for file in ([f] if f.is_file() else sorted(f.rglob("*.yaml")))]
    files = [file for file in files if file.parent.name != "masterdata"]
    if not files:
        print("no flight files there", file=sys.stderr)
        return 2
    report = Report()
    sums = measure(files, judge(asked.score), asked.seconds, asked.seed, report, asked.steps)
    whole = Sum()
    for name, found in sorted(sums.items()):
        report(f"{name}: {found}")
        whole.cost += found.cost
        whole.published += found.published
        whole.faults += found.faults
        whole.floating += found.floating
        whole.late += found.late
    report(str(whole))
    return 0 if all(found.good for found in sums.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
