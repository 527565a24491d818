"""Waters that no road vehicle crosses: rough lines along the seas (data/seas.csv).

A way between two points that cuts such a line goes over water. Bridges, tunnels and car ferries are named
where they are used; fine coastlines are not the purpose.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@cache
def _lines() -> tuple[Floats, Floats]:
    """Starts and ends [n, 2] (latitude, longitude) of the pieces of every line."""
    starts, ends = [], []
    with (files("qafila.network") / "data" / "seas.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            points = [tuple(map(float, point.split("/"))) for point in row["line"].split()]
            for a, b in pairwise(points):
                starts.append(a)
                ends.append(b)
    return np.array(starts), np.array(ends)


def crosses_sea(start: Floats, end: Floats) -> NDArray[np.bool_]:
    """For ways [m, 2] from `start` to `end` (latitude, longitude in degrees): does each cut a sea line?

    Straight in latitude and longitude; not for ways over the 180th meridian.
    """
    c, d = _lines()
    a, b = start[:, None, :], end[:, None, :]
    apart = _side(a, b, c) * _side(a, b, d) < 0
    across = _side(c, d, a) * _side(c, d, b) < 0
    return np.any(apart & across, axis=1)


def _side(a: Floats, b: Floats, c: Floats) -> Floats:
    return (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (
        c[..., 0] - a[..., 0]
    )
