"""Lanes that are kept for the next process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from qafila.network.timetable import Timetable
from qafila.routing.index import Lanes, lanes
from tests.routing.networks import small


def test_lanes_kept_beside_a_timetable_are_those_it_has(tmp_path: Path) -> None:
    made = small(3)
    made.save(tmp_path / "kept")
    loaded = Timetable.load(tmp_path / "kept")
    for index in (lanes(loaded), lanes(Timetable.load(tmp_path / "kept"))):
        for name in Lanes.__slots__:
            mine, theirs = getattr(lanes(made), name), getattr(index, name)
            assert type(mine) in (int, np.ndarray), name
            assert np.array_equal(mine, theirs), name
            assert getattr(mine, "dtype", int) == getattr(theirs, "dtype", int), name
        assert isinstance(index.ride.base, np.memmap)


def test_a_timetable_that_was_changed_has_lanes_of_its_own(tmp_path: Path) -> None:
    small(4).save(tmp_path / "kept")
    loaded = Timetable.load(tmp_path / "kept")
    lanes(loaded)
    dearer = replace(loaded, ride_fixed_cost=loaded.ride_fixed_cost + 1)
    assert dearer.folder is None
    before, after = (lanes(t).way["fixed"] for t in (loaded, dearer))
    assert np.array_equal(after, before + 1)
