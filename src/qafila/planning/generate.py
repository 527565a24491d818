"""Reference demands: random commodities whose congestion at zero price is what was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qafila.network.model import Feed, Kind
from qafila.network.timetable import Timetable
from qafila.planning.graph import Graph
from qafila.planning.path_columns import Pool, loads
from qafila.planning.planning_problem import NO_DUE, Commodities, pose
from qafila.planning.priced import Priced
from qafila.planning.pricing import LocalPricer
from qafila.planning.rounding import round_off
from qafila.planning.service_classes import service_classes

Floats = NDArray[np.float64]

DAY = 1440
DECAY = 1.5
"""Gravity: the odds of a pair fall with this power of its cost."""

SERVABLE = 0.9
"""Of the capacity, what one-by-one assignment may fill with a demand that is made."""

ROUNDS, ENOUGH = 2, 0.98
"""Times that a demand is trimmed to what can be carried; once where that part of the parcels was carried already."""

_MERCHANTS = ("M1", "M2", "M3", "M4", "M5")

RELEASES = (8 * 60, 12 * 60, 18 * 60)  # minutes of the day at which warehouses hand over
DUE = 20 * 60  # minute of the day by which parcels are promised


@dataclass(frozen=True, slots=True)
class Congestion:
    """How full the legs would be if everybody took the cheapest way."""

    overloaded_legs: float  # share of the legs with flow
    excess: float  # share of the flow on legs (kg) that is over capacity
    legs: int = 0  # with flow


MODERATE = Congestion(0.10, np.nan)
HEAVY = Congestion(np.nan, 0.50)


def congestion(graph: Graph, demand: Commodities) -> Congestion:
    """Measured by one pricing at zero prices."""
    return _measure(graph, _for_free(graph, demand)[1])


def _for_free(graph: Graph, demand: Commodities) -> tuple[Priced, Floats]:
    """Everybody's cheapest way, and [M] what the rows would carry if everybody took it."""
    problem = pose(graph, demand)
    priced = LocalPricer(problem).price(np.zeros(graph.rows))
    who, ptr, rides = priced.paths(np.ones(len(demand), np.bool_))
    return priced, loads(problem, who, ptr, rides, demand.parcels[who].astype(np.float64))


def _measure(graph: Graph, load: Floats) -> Congestion:
    segments = graph.timetable.segments
    weight, volume = load[:segments], load[segments : 2 * segments]
    room, space = graph.row_capacity[:segments], graph.row_capacity[segments : 2 * segments]
    over = (weight > room) | (volume > space)
    return Congestion(
        float(over.sum() / max((weight > 0).sum(), 1)),
        float(np.maximum(weight - room, 0).sum() / max(weight.sum(), 1e-9)),
        int((weight > 0).sum()),
    )


def generate(
    graph: Graph,
    origins: NDArray[np.int32],
    destinations: NDArray[np.int32],
    commodities: int,
    parcels: int,
    wanted: Congestion = MODERATE,
    days: int = 7,
    seed: int = 1,
) -> Commodities:
    """Commodities between nodes that can be reached, released over some days; weights are scaled until
    congestion is as wanted. Places send and take as much as their vehicles carry, give or take a third;
    classes are express, standard and economy."""
    rng = np.random.default_rng(seed)
    raw = _draw(graph, origins, destinations, 4 * commodities + 40, rng, days)
    # how far places are: what a kilogram costs that has time
    plain = replace(
        raw, grams=np.full(len(raw), 1e3), cm3=np.full(len(raw), 5e3), due=np.full(len(raw), NO_DUE, np.int32)
    )
    away = LocalPricer(pose(graph, plain)).price(np.zeros(graph.rows)).value
    # nearer places trade more: kept with odds that fall with the cost of the way
    odds = np.where(np.isfinite(away), rng.random(len(raw)) ** ((away / 1e4) ** DECAY), -1.0)
    keep = np.sort(np.argsort(-odds, kind="stable")[: min(commodities, int((odds >= 0).sum()))])
    share = rng.lognormal(0.0, 0.5, len(keep))
    extra = rng.multinomial(max(parcels - len(keep), 0), share / share.sum())
    raw = replace(raw.take(keep), parcels=(1 + extra).astype(np.int64))
    made, priced = _calibrated(graph, raw, wanted)
    for _ in range(ROUNDS):
        made, served = _servable(graph, made, priced)
        if served == 1.0:
            break
        made, priced = _calibrated(graph, made, wanted)
        if served >= ENOUGH:
            break
    return replace(made, ids=tuple(f"C{i:06d}" for i in range(len(made))))


def _calibrated(graph: Graph, demand: Commodities, wanted: Congestion) -> tuple[Commodities, Priced]:
    """The same parcels, heavier or lighter, until the congestion at zero price is as wanted; and the ways they take."""
    for _ in range(4):
        priced, load = _for_free(graph, demand)
        if _off(_measure(graph, load), wanted) < 0.004:
            break
        factor = _factor(graph, load, wanted)
        demand = replace(demand, grams=np.ceil(demand.grams * factor), cm3=np.ceil(demand.cm3 * factor))
    return demand, priced


def _servable(graph: Graph, demand: Commodities, priced: Priced) -> tuple[Commodities, float]:
    """What one-by-one assignment, from the cheapest ways, can carry on nine tenths of the capacity, in as many parcels
    of as much weight as before; and the part of the parcels that this was.

    Otherwise a place would be asked for more than all its vehicles carry, which no plan cures.
    """
    problem = pose(replace(graph, row_capacity=SERVABLE * graph.row_capacity), demand)
    pool = Pool(problem)
    pool.add(priced)
    whole = round_off(problem, pool, np.zeros(len(pool)), np.zeros(graph.rows), rounds=8)
    served = demand.parcels - whole.unserved
    keep = np.flatnonzero(served > 0)
    part = float(served.sum() / demand.parcels.sum())
    share = served[keep] / part
    parcels = np.floor(share).astype(np.int64)
    parcels[np.argsort(parcels - share, kind="stable")[: demand.parcels.sum() - parcels.sum()]] += 1
    # in the place of commodities that are left out, the largest are shared by two merchants
    twice = np.argsort(-parcels, kind="stable")[: len(demand) - len(keep)]
    half = parcels[twice] // 2
    parcels[twice] -= half
    who = np.concatenate([keep, keep[twice[half > 0]]])
    merchants = [demand.merchant_class[k] for k in keep]
    merchants += [_MERCHANTS[_MERCHANTS.index(merchants[i]) - 1] for i in twice[half > 0]]
    trimmed = replace(
        demand.take(who),
        merchant_class=tuple(merchants),
        parcels=np.concatenate([parcels, half[half > 0]]),
        grams=np.ceil(demand.grams[who] * part),
        cm3=np.ceil(demand.cm3[who] * part),
    )
    return trimmed, part


def _off(found: Congestion, wanted: Congestion) -> float:
    by_legs = np.isfinite(wanted.overloaded_legs)
    return abs(found.overloaded_legs - wanted.overloaded_legs if by_legs else found.excess - wanted.excess)


def _factor(graph: Graph, load: Floats, wanted: Congestion) -> float:
    """By what to multiply weights if ways stayed as they are."""
    low, high = 1e-3, 1e3
    for _ in range(40):
        middle = (low * high) ** 0.5
        found = _measure(graph, load * middle)
        by_legs = np.isfinite(wanted.overloaded_legs)
        more = found.overloaded_legs > wanted.overloaded_legs if by_legs else found.excess > wanted.excess
        low, high = (low, middle) if more else (middle, high)
    return (low * high) ** 0.5


def _draw(
    graph: Graph,
    origins: NDArray[np.int32],
    destinations: NDArray[np.int32],
    count: int,
    rng: np.random.Generator,
    days: int,
) -> Commodities:
    t = graph.timetable
    first, last = np.asarray(t.ride_first_segment), np.asarray(t.ride_segment_count) - 1
    payload = np.asarray(t.segment_capacity_g).astype(np.float64)
    leaves = np.bincount(t.ride_from, payload[first], minlength=t.nodes)
    comes = np.bincount(t.ride_to, payload[first + last], minlength=t.nodes)
    size_from = rng.lognormal(0.0, 0.3, len(origins)) * leaves[origins]
    size_to = rng.lognormal(0.0, 0.3, len(destinations)) * comes[destinations]
    origin = rng.choice(origins, count, p=size_from / size_from.sum())
    destination = rng.choice(destinations, count, p=size_to / size_to.sum())
    same = origin == destination
    destination[same] = destinations[
        (np.searchsorted(np.sort(destinations), destination[same]) + 1) % len(destinations)
    ]
    apart = origin != destination
    origin, destination = origin[apart], destination[apart]
    count = len(origin)
    release = rng.integers(0, days, count) * DAY + rng.choice(RELEASES, count)
    names = tuple(service_classes())
    kind = rng.choice(len(names), count, p=np.array([0.2, 0.6, 0.2]))
    hours = [service_classes()[n].due_hours for n in names]
    due_day = np.array([-1 if h is None else int(h) // 24 for h in hours])[kind]
    due = np.where(due_day < 0, NO_DUE, (release // DAY + due_day) * DAY + DUE)
    grams = np.array([500.0, 1000.0, 2000.0])[kind]
    return Commodities(
        ids=tuple(f"C{i:06d}" for i in range(count)),
        origin=origin.astype(np.int32),
        destination=destination.astype(np.int32),
        release=release.astype(np.int32),
        due=due.astype(np.int32),
        late_price=np.array([service_classes()[n].late_per_parcel_hour for n in names])[kind] * 1e4,
        parcels=np.ones(count, np.int64),
        grams=grams,
        cm3=grams * 5.0,
        goods=np.zeros(count, np.uint16),
        service_class=tuple(names[k] for k in kind),
        merchant_class=tuple(_MERCHANTS[m - 1] for m in rng.integers(1, 6, count)),
    )


def ends(feed: Feed, timetable: Timetable) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Where parcels start and end: warehouses and sorting centres; every facility where there are none."""
    kinds = [feed.facility[i].kind for i in timetable.facility_ids]
    every = np.arange(timetable.facilities, dtype=np.int32)
    origins = every[[k is Kind.WAREHOUSE for k in kinds]]
    destinations = every[[k is Kind.SORTING_CENTRE for k in kinds]]
    leaves = np.bincount(timetable.ride_from, minlength=timetable.nodes)[origins] > 0
    comes = np.bincount(timetable.ride_to, minlength=timetable.nodes)[destinations] > 0
    origins, destinations = origins[leaves], destinations[comes]
    return (origins if len(origins) else every), (destinations if len(destinations) else every)
