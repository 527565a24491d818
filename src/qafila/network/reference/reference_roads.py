"""Which places trucks connect, how far apart they are by road, and how long a truck takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree

from qafila.core.geo import EARTH_RADIUS_KM
from qafila.network.model import Facility, Kind
from qafila.network.reference.reference_tables import rows
from qafila.network.seas import crosses_sea

DETOUR = 1.25  # road km for each great-circle km, as the emission rows of road say
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
        at = np.array([[self.places[i].lat, self.places[i].lon] for i in inside])
        a, b = np.triu_indices(len(inside), 1)
        dry = ~crosses_sea(at[a], at[b])
        a, b = a[dry], b[dry]
        km = np.full((len(inside), len(inside)), np.inf)
        km[a, b] = km[b, a] = self._km[inside[a], inside[b]] + 0.001  # 0 would mean no way
        centre = np.array([self.places[i].kind is Kind.SORTING_CENTRE for i in inside])
        near = _gabriel(km, np.flatnonzero(centre))
        for among, count in ((centre, 2), (~centre, 1)):  # the two nearest centres, and the nearest gateway
            order = np.argsort(np.where(among[None, :], km, np.inf), axis=1, kind="stable")[:, :count]
            near |= {
                (one, int(o))
                for one, others in enumerate(order)
                for o in others
                if not (centre[one] and among[one])
            }
        near = {(min(e), max(e)) for e in near if km[e] * DETOUR < _FAR_KM}
        tree = minimum_spanning_tree(csr_array(np.where(np.isinf(km), 0, km))).tocoo()
        near |= {(int(one), int(other)) for one, other in zip(*tree.coords, strict=True)}
        for one, other in sorted(near):
            self._add(int(inside[one]), int(inside[other]))

    def _border(self, one: list[int], other: list[int], extra_km: float, minutes: int) -> None:
        """The two closest pairs across a border, over land where there is land; land_links.csv says that
        there is a way."""
        pairs = np.array(sorted((self._km[i, j], i, j) for i in one for j in other)[:40])
        at = np.array([[p.lat, p.lon] for p in self.places])
        i, j = pairs[:, 1].astype(int), pairs[:, 2].astype(int)
        dry = np.flatnonzero(~crosses_sea(at[i], at[j]))
        for n in (dry if len(dry) else np.arange(len(pairs)))[:2]:
            self._add(int(i[n]), int(j[n]), extra_km, minutes)

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


def _gabriel(km: NDArray[np.float64], nodes: NDArray[np.int64]) -> set[tuple[int, int]]:
    """Pairs of nodes with nobody else inside the circle on the line between them: much as roads run."""
    square = km[np.ix_(nodes, nodes)] ** 2
    np.fill_diagonal(square, 0.0)
    result = set()
    for a in range(len(nodes)):
        for b in range(a + 1, len(nodes)):
            if np.isinf(square[a, b]):
                continue
            through = square[a] + square[b]
            through[[a, b]] = np.inf
            if not (through < square[a, b]).any():
                result.add((int(nodes[a]), int(nodes[b])))
    return result
