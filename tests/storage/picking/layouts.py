"""Small warehouses at random, and the shortest tour by trying every order of stops (Held and Karp)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from qafila.storage.picking.grid import Grid, grid


@dataclass(frozen=True)
class Small:
    grid: Grid
    stops: list[int]


@st.composite
def small(draw: st.DrawFn, blocks: tuple[int, int] = (1, 2), stops: int = 7) -> Small:
    """A warehouse of a few aisles and some stops in it; the depot anywhere on any cross aisle."""
    cross_aisles = draw(st.integers(blocks[0], blocks[1])) + 1
    aisles = sorted(draw(st.sets(st.integers(0, 30), min_size=1, max_size=5)))
    cross = sorted(draw(st.sets(st.integers(2, 40), min_size=cross_aisles, max_size=cross_aisles)))
    places = draw(
        st.lists(
            st.tuples(st.integers(0, len(aisles) - 1), st.integers(cross[0], cross[-1])),
            min_size=1,
            max_size=stops,
        )
    )
    depot = (float(draw(st.sampled_from([*aisles, 11, 31]))), draw(st.integers(0, cross_aisles - 1)))
    made = grid(
        [float(x) for x in aisles],
        [float(y) for y in cross],
        (np.array([a for a, _ in places]), np.array([float(y) for _, y in places])),
        depot,
    )
    return Small(made.grid, sorted({int(s) for s in made.stop}))


def distances(made: Grid, points: list[tuple[int, float]]) -> np.ndarray:
    """Walking distance between points, each a column and a depth."""
    x = np.concatenate([[0.0], np.cumsum(made.gaps)])
    found = np.zeros((len(points), len(points)))
    for (i, (c, y)), (j, (d, z)) in itertools.product(enumerate(points), repeat=2):
        around = min(abs(y - k) + abs(k - z) for k in made.cross)
        found[i, j] = abs(y - z) if c == d else abs(x[c] - x[d]) + around
    return found


def points(made: Grid, stops: list[int]) -> list[tuple[int, float]]:
    """The depot, then the stops."""
    depot = (made.depot_column, float(made.cross[made.depot_cross]))
    return [depot, *((int(made.column[s]), float(made.depth[s])) for s in stops)]


def shortest(made: Grid, stops: list[int]) -> float:
    """The length of the shortest tour, by dynamic programming over sets of stops."""
    between = distances(made, points(made, stops))
    count = len(stops)
    best = {(1 << i, i): between[0, i + 1] for i in range(count)}
    for chosen in range(1, 1 << count):
        for last in range(count):
            if (chosen, last) not in best:
                continue
            for more in range(count):
                if not chosen >> more & 1:
                    key = (chosen | 1 << more, more)
                    value = best[chosen, last] + between[last + 1, more + 1]
                    best[key] = min(best.get(key, np.inf), value)
    return min(best[(1 << count) - 1, last] + between[last + 1, 0] for last in range(count))
