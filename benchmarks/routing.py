"""Earliest arrival against peers on the same connections, multi-criteria search, and the promise table."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ferrobus
import networkx
import numpy as np
import rustworkx
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order
from scipy.sparse.csgraph import dijkstra as _dijkstra

from benchmarks.ferrobus_feed import SECONDS, positions, write_gtfs, write_streets
from benchmarks.report import Report
from qafila.network import installed
from qafila.network.timetable import Goods, Timetable
from qafila.routing.batch import earliest_many
from qafila.routing.earliest import earliest
from qafila.routing.index import horizon, lanes
from qafila.routing.itinerary import Query
from qafila.routing.parcel import CO2E, COST, parcel
from qafila.routing.promise import promise_table
from qafila.routing.way_search import search, search_many
from qafila.routing.workspace import Labels, workspace
from tests.routing.expanded import TimeExpanded
from tests.routing.networks import large

READY = 1440  # a day into the week: everything has departures before and after
_LEAVE = READY * SECONDS - 2  # for ferrobus, which walks a second or so to the stop
_TRANSFERS = 20  # more than any earliest way has here
ORIGINS = 1280  # ten scans of 128
Answer = Callable[[int], object]


def dijkstra(graph: Any, indices: int) -> Any:
    """Minutes to every vertex (scipy; its type stubs know no single index)."""
    return _dijkstra(graph, indices=indices)  # type: ignore[call-overload]  # SciPy's stubs know no list of indices


def run(report: Report) -> None:
    """All of it, with answers compared while they are timed."""
    week = large(days=7)
    _one_to_all(report, week)
    _criteria(report, week, "one week, random network")
    reference = installed_reference()
    _criteria(report, reference, "63 days, reference network")
    _promise(report, reference)
    _queries(report, reference)


def installed_reference() -> Timetable:
    """The reference network of this home, 63 days from a fixed Monday."""
    installed.install_reference()
    return installed.timetable(date(2026, 11, 23))


def _median_ms(answer: Answer, origins: np.ndarray) -> float:
    """Milliseconds of processor time, whatever else the machine does meanwhile."""
    taken = []
    for origin in origins:
        start = time.process_time()
        answer(int(origin))
        taken.append(time.process_time() - start)
    return float(np.median(taken)) * 1e3


def _one_to_all(report: Report, t: Timetable) -> None:
    graph = TimeExpanded(t)
    origins = np.random.default_rng(0).permutation(t.facilities)[:ORIGINS].astype(np.int32)
    weighted = csr_matrix((graph.weight, (graph.tail, graph.head)), shape=graph.graph.shape)
    edges = list(zip(graph.tail.tolist(), graph.head.tolist(), graph.weight.tolist(), strict=True))
    rust = rustworkx.PyDiGraph()
    rust.add_nodes_from(range(len(graph.node)))
    rust.add_edges_from(edges)
    python: Any = networkx.DiGraph()
    python.add_weighted_edges_from(edges)

    def source(origin: int) -> int:
        return graph.source(origin, READY)

    reached = breadth_first_order(graph.graph, source(int(origins[0])), return_predecessors=False)
    cost = dijkstra(weighted, indices=source(int(origins[0])))
    assert set(reached.tolist()) == set(np.flatnonzero(np.isfinite(cost)).tolist())
    found = earliest_many(t, origins, READY)  # and compiles
    for n, origin in enumerate(origins[:24].tolist()):
        expected = graph.earliest(origin, READY)
        assert (found[n] == expected).all()
        assert (earliest(t, [origin], READY)[0] == expected).all()

    batches, walls = [], []
    for _ in range(5):
        start, wall = time.process_time(), time.perf_counter()
        earliest_many(t, origins, READY)
        batches.append((time.process_time() - start) / len(origins) * 1e3)
        walls.append((time.perf_counter() - wall) / len(origins) * 1e3)
    peers: list[tuple[str, float]] = [
        (
            f"networkx {version('networkx')}, Dijkstra",
            _median_ms(lambda o: networkx.single_source_dijkstra_path_length(python, source(o)), origins[:3]),
        ),
        (
            f"rustworkx {version('rustworkx')}, Dijkstra",
            _median_ms(
                lambda o: rustworkx.digraph_dijkstra_shortest_path_lengths(rust, source(o), float),
                origins[:5],
            ),
        ),
        (
            f"rustworkx {version('rustworkx')}, descendants",
            _median_ms(lambda o: rustworkx.descendants(rust, source(o)), origins[:9]),
        ),
        (
            f"scipy {version('scipy')}, Dijkstra",
            _median_ms(lambda o: dijkstra(weighted, indices=source(o)), origins[:15]),
        ),
        (
            f"scipy {version('scipy')}, breadth-first",
            _median_ms(
                lambda o: breadth_first_order(graph.graph, source(o), return_predecessors=False), origins[:40]
            ),
        ),
        *_ferrobus(t, origins),
        ("qafila, one origin", _median_ms(lambda o: earliest(t, [o], READY), origins[:200])),
        ("qafila, 128 origins a scan", float(np.median(batches))),
        ("the same on all cores, by the clock", float(np.median(walls))),
    ]
    best = min(ms for name, ms in peers if name.startswith("scipy"))
    report.table(
        f"Earliest arrival to all {t.nodes:,} nodes, {t.rides:,} rides in a week; scipy's best is 1",
        ("one core, processor time", "ms an origin", "origins/s", "times scipy"),
        [(name, f"{ms:.4f}", f"{1000 / ms:,.0f}", f"{best / ms:.2f}") for name, ms in peers],
    )
    index = lanes(t)
    touched = len(index.to_node) * (8 + 8) + t.nodes * 8  # lanes: end and quickest ride, label; labels made
    report(
        f"one origin looks at {len(index.to_node):,} lanes once: {touched / _bandwidth() * 1e3:.3f} ms at this "
        "machine's memory bandwidth; the rest is the search for the next ride of the lanes that may help"
    )


def _ferrobus(t: Timetable, origins: np.ndarray) -> list[tuple[str, float]]:
    """RAPTOR in Rust on the same rides: one to all, and a matrix of 200 points; answers compared."""
    with tempfile.TemporaryDirectory() as folder:
        write_gtfs(t, Path(folder) / "gtfs")
        write_streets(t.nodes, Path(folder) / "streets.osm.pbf")
        model = ferrobus.create_transit_model(
            f"{folder}/streets.osm.pbf", [f"{folder}/gtfs"], None, max_transfer_time=60
        )
    points = [ferrobus.create_transit_point(lat, lon, model, 60, 1) for lat, lon in positions(t.nodes)]

    def one(origin: int) -> list[Any]:
        found: list[Any] = ferrobus.find_routes_one_to_many(model, points[origin], points, _LEAVE, _TRANSFERS)
        return found

    for origin in origins[:4].tolist():
        minutes = [np.nan if r is None else r["travel_time_seconds"] / SECONDS for r in one(origin)]
        expected = earliest(t, [origin], READY)[0] - READY
        assert (np.abs(np.array(minutes) - expected) < 1).mean() > 0.99
    some = [points[o] for o in origins[:200].tolist()]
    start = time.process_time()
    ferrobus.travel_time_matrix(model, some, _LEAVE, _TRANSFERS)
    matrix = (time.process_time() - start) / len(some) * 1e3
    name = f"ferrobus {version('ferrobus')}"
    return [(f"{name}, one to all", _median_ms(one, origins[:20])), (f"{name}, matrix of 200", matrix)]


def _bandwidth() -> float:
    """Bytes a second that one core reads from memory."""
    block = np.ones(2**25, np.int64)
    start = time.perf_counter()
    for _ in range(3):
        block.sum()
    return 3 * block.nbytes / (time.perf_counter() - start)


def _criteria(report: Report, t: Timetable, name: str) -> None:
    """One origin to all nodes: the whole Pareto set of each."""
    weight = tuple(t.chargeable_g(1200, 3000).tolist())
    kind = parcel(t, weight, Goods.NONE, frozenset())
    space = workspace(t, lanes(t))
    cost = kind.lanes.cost(kind.grams)
    origins = np.random.default_rng(2).permutation(t.facilities)[:25]

    def two(origin: int) -> Labels:
        return space.frontier(np.array([origin], np.int32), READY, horizon(t), cost, kind.barred)

    def three(origin: int) -> Labels:
        return space.explore(np.array([origin], np.int32), READY, horizon(t), kind, (COST, CO2E))

    rows = []
    for label, answer in (("arrival × cost", two), ("arrival × cost × CO2e", three)):
        answer(int(origins[0]))
        ms = _median_ms(answer, origins)
        labels = answer(int(origins[0]))
        points = sum(len(labels.at(np.array([n], np.int32))) for n in range(t.nodes))
        rows.append((label, f"{ms:.2f}", f"{points:,}", f"{points / ms:,.0f}"))
    report.table(
        f"Pareto sets from one origin to all nodes, {t.rides:,} rides ({name})",
        ("criteria", "ms", "points found", "points/ms"),
        rows,
    )


def _promise(report: Report, t: Timetable) -> None:
    centres = [n for n, id in enumerate(t.facility_ids) if id.startswith("SC-")]
    start = time.perf_counter()
    table = promise_table(t, np.array(centres, np.int32))
    seconds = time.perf_counter() - start
    pairs = table.minutes.size
    report(
        f"promise table: {len(centres)} sorting centres, 168 hours, {pairs:,} promises in {seconds:.1f} s "
        f"({pairs / seconds / 1e6:.1f} million a second)"
    )


def _queries(report: Report, t: Timetable) -> None:
    """A merchant's orders: five origins, parcels mostly under 2 kg, destinations all over the network."""
    rng = np.random.default_rng(7)
    collect, deliver = np.unique(t.ride_from[t.ride_mode == 6]), np.unique(t.ride_to[t.ride_mode == 5])
    country = {n: t.facility_ids[t.node_facility[n]].split("-")[1] for n in collect.tolist()}
    home = [n for n in collect.tolist() if country[n] in ("MA", "CN")]
    origins = rng.choice(home, 5, replace=False)
    queries = []
    for _ in range(2000):
        grams = int(np.clip(rng.lognormal(6.2, 0.8), 50, 30_000))
        queries.append(
            Query(
                (int(rng.choice(origins)),),
                (int(rng.choice(deliver)),),
                READY + 540,
                grams,
                int(grams * rng.uniform(1.5, 6)),
                Goods(int(rng.random() < 0.25)),
            )
        )
    search_many(t, queries[:20], limit=6)
    whole = _median_ms(lambda n: search(t, queries[n]), np.arange(60))
    few = _median_ms(lambda n: search(t, queries[n], limit=6), np.arange(60))
    start = time.perf_counter()
    search_many(t, queries, limit=6)
    seconds = time.perf_counter() - start
    report(
        f"door to door on the reference network: whole Pareto set {whole:.1f} ms, six of it {few:.1f} ms; "
        f"{len(queries):,} orders from five origins, six ways each: {len(queries) / seconds:,.0f} orders a second"
    )
