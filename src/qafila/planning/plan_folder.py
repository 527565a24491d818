"""How a plan's folder is written: whole or not at all, and with the best plan so far beside it while it is searched.

What is written goes into a folder of its own within the plan's. When all of it is there that folder is renamed, which is one
act of the file system, and its files are moved to their places; whoever is killed while moving leaves the rest to the next
who opens the plan. A former plan stays as it was until then.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from qafila.planning.found import SoFar
from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Problem
from qafila.planning.rounding import Whole
from qafila.planning.shapes import Floats

HEAD = "plan.json"
"""Comes last and goes first: without it there is no plan."""

COMPLETE = ".complete"
SO_FAR = ".so-far.npz"

BETWEEN = 10.0
"""Seconds between two times that the best plan so far is written."""

_LOG = logging.getLogger(__name__)


@contextmanager
def writing(folder: Path) -> Iterator[Path]:
    """A folder to write a plan into: what is in it becomes the plan at the end, and nothing of it after an error.

    Raises OSError at once where the folder cannot be written into.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settle(folder)
    place = folder / f".writing-{os.getpid()}"
    for left in folder.glob(".writing-*"):
        if left == place or not Path(f"/proc/{left.name.rpartition('-')[2]}").exists():
            shutil.rmtree(left, ignore_errors=True)  # of one who was killed
    place.mkdir()
    try:
        yield place
        place.rename(folder / COMPLETE)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    settle(folder)
    (folder / SO_FAR).unlink(missing_ok=True)


def settle(folder: Path) -> None:
    """Move the files of a plan that was written whole to their places."""
    if not (done := folder / COMPLETE).is_dir():
        return
    if (done / HEAD).exists():
        (folder / HEAD).unlink(missing_ok=True)
    for file in sorted(done.iterdir(), key=lambda file: file.name == HEAD):
        file.replace(folder / file.name)
    done.rmdir()


def replace_text(file: Path, text: str) -> None:
    """Write a file anew, whole or not at all."""
    beside = file.with_name(f".{file.name}-{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


@dataclass(eq=False)
class Keeper:
    """Writes the best plan so far into a plan's folder, and reads that of a search for the same problem that was killed."""

    folder: Path
    problem: Problem
    _of: str = field(init=False)
    _cost: float = field(default=float("inf"), init=False)
    _wrote: float = field(default=float("-inf"), init=False)

    def __post_init__(self) -> None:
        self._of = fingerprint(self.problem)

    def read(self) -> SoFar | None:
        """What was kept for this very problem; None where there is nothing, or nothing that can be read."""
        try:
            with np.load(self.folder / SO_FAR, allow_pickle=False) as kept:
                if str(kept["of"]) != self._of:
                    return None
                return SoFar(*(kept[name] for name in SoFar.__slots__))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def keep(self, pool: Pool, whole: Whole, row_price: Floats, at_once: bool = False) -> None:
        """Write it, if it is better than what was written and that is some seconds ago, or `at_once`."""
        late = at_once or time.monotonic() - self._wrote >= BETWEEN
        if not late or whole.cost >= self._cost or not np.isfinite(whole.cost):
            return
        used = np.flatnonzero(whole.parcels)
        length = np.diff(pool.ptr)[used]
        rides = np.concatenate(
            [np.zeros(0, np.int32), *(pool.rides[pool.ptr[c] : pool.ptr[c + 1]] for c in used)]
        )
        beside = self.folder / f"{SO_FAR}-{os.getpid()}"
        try:
            with beside.open("wb") as file:
                np.savez(
                    file,
                    of=np.array(self._of),
                    who=pool.who[used],
                    ptr=np.append(0, np.cumsum(length)).astype(np.int64),
                    rides=rides.astype(np.int32),
                    parcels=whole.parcels[used],
                    unserved=whole.unserved,
                    row_price=row_price,
                )
            beside.replace(self.folder / SO_FAR)
        except OSError:  # the search goes on without; what cannot be written in the end is said then
            _LOG.warning("the best plan so far could not be kept in %s", self.folder, exc_info=True)
            beside.unlink(missing_ok=True)
            self._wrote = time.monotonic()
            return
        self._cost, self._wrote = whole.cost, time.monotonic()


def fingerprint(problem: Problem) -> str:
    """The same for two problems only where they are the same: demand, rides, room and prices."""
    g, d, t = problem.graph, problem.demand, problem.graph.timetable
    found = hashlib.sha256(repr((problem.prices, t.epoch, t.minutes, d.ids, d.homes)).encode())
    for values in (
        d.origin,
        d.destination,
        d.release,
        d.due,
        d.late_price,
        d.parcels,
        d.grams,
        d.cm3,
        d.goods,
        d.limits,
        problem.penalty,
        problem.territory,
        g.closed,
        g.row_capacity,
        g.use_ptr,
        g.use_row,
        g.use_factor,
        t.ride_from,
        t.ride_to,
        t.ride_board_by,
        t.ride_ready_at,
        t.ride_forbids,
        problem.ride_fixed,
        problem.ride_kg,
        problem.ride_gram,
        problem.chargeable_kg,
    ):
        found.update(np.ascontiguousarray(values).tobytes())
    return found.hexdigest()
