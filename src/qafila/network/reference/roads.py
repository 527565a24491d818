"""Which places trucks connect, how far apart they are by road, and how long a truck takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree

from qafila.geo import EARTH_RADIUS_KM
from qafila.network.model import Facility
from qafila.network.reference.tables import rows
from qafila.network.seas import crosses_sea

DETOUR = 1.25  # road km for each great-circle km, as the emission rows of road say
_NEIGHBOURS = 3
_FAR_KM = 1400  # no direct truck run is longer


def distances(places: list[Facility]) -> NDArray[np.float64]:
    """Great-circle km between all pairs."""
    lat = np.radians([p.lat for p in places])[:, None]
    lon = np.radians([p.lon for p in places])[:, None]
    h = np.sin((lat - lat.T) / 2) ** 2 + np.cos(lat) * np.cos(lat.T) * np.sin((lon - lon.T) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1, np.sqrt(h)))


class Roads:
    """Roads between some places: the near ones of each country, and the nearest across each open border."""

    def __init__(self, places: list[Facility]) -> None:
        self.places = places
        self.index = {p.id: i for i, p in enumerate(places)}
        self._km = distances(places)
        self.edges: dict[tuple[int, int], tuple[float, int]] = {}  # (a, b), a < b: km, extra minutes
        by_country: dict[str, list[int]] = {}
        for i, place in enumerate(places):
            by_country.setdefault(place.country, []).append(i)
        for inside in by_country.values():
            self._country(np.array(inside))
        for link in rows("land_links"):
            self._border(
                by_country[link["a"]],
                by_country[link["b"]],
                float(link["extra_km"]),
                int(link["extra_minutes"]),
            )
        self._solve()

    def _add(self, i: int, j: int, extra_km: float = 0.0, minutes: int = 0) -> None:
        self.edges[min(i, j), max(i, j)] = (self._km[i, j] * DETOUR + extra_km, minutes)

    def _country(self, inside: NDArray[np.int64]) -> None:
        """The spanning tree over land, and each place's nearest neighbours."""
        if len(inside) < 2:
            return
        near: set[tuple[int, int]] = set()
        km = self._km[np.ix_(inside, inside)]
        at = np.array([[self.places[i].lat, self.places[i].lon] for i in inside])
        np.fill_diagonal(km, np.inf)
        order = np.argsort(km, axis=1, kind="stable")[:, : min(2 * _NEIGHBOURS + 6, len(inside) - 1)]
        weight = np.zeros_like(km)
        for a, others in enumerate(order):
            found = 0
            over_water = crosses_sea(np.repeat(at[a : a + 1], len(others), axis=0), at[others])
            for b, wet in zip(others, over_water, strict=True):
                i, j = int(inside[a]), int(inside[b])
                if not wet:
                    weight[a, b] = weight[b, a] = km[a, b] + 0.001
                    if found < _NEIGHBOURS and km[a, b] * DETOUR < _FAR_KM:
                        near.add((i, j))
                        found += 1
        tree = minimum_spanning_tree(csr_array(weight)).tocoo()
        near |= {(int(inside[a]), int(inside[b])) for a, b in zip(*tree.coords, strict=True)}
        for i, j in sorted(near):
            self._add(i, j)

    def _border(self, one: list[int], other: list[int], extra_km: float, minutes: int) -> None:
        """The two closest pairs across a border; land_links.csv says that there is a way."""
        pairs = sorted((self._km[i, j], i, j) for i in one for j in other)
        for _, i, j in pairs[:2]:
            self._add(i, j, extra_km, minutes)

    def _solve(self) -> None:
        count = len(self.places)
        a = np.array([e[0] for e in self.edges], dtype=np.int64)
        b = np.array([e[1] for e in self.edges], dtype=np.int64)
        km = np.array([v[0] + 0.001 for v in self.edges.values()])
        graph = csr_array((km, (a, b)), shape=(count, count))
        self.km: NDArray[np.float64] = dijkstra(graph, directed=False)
        """[places, places] km by road, inf where there is no way."""


def truck_minutes(km: float, speed_kmh: float) -> int:
    """Driving time with the rests of one driver (EU Reg. 561/2006): 45 min after 4.5 h, 11 h after 9 h."""
    driving = km / speed_kmh * 60
    nights = max(0, int((driving - 1) // 540))
    breaks = max(0, int((driving - 1) // 270)) - nights
    return max(15, round(driving + 45 * breaks + 660 * nights))
