"""A day without room for all: requests, the ways that they could take, and what those take of what is scarce."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qafila.network.timetable import COST_UNIT
from qafila.planning.path_columns import Pool
from qafila.planning.planning_problem import Problem

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Shortage:
    """K requests of M merchants, C ways, R scarce resources.

    Attributes:
        merchants: names, [M].
        merchant: whose request it is, int64 [K].
        parcels: how many, float64 [K]; none is asked for that has no way.
        arrival: place in the order in which requests came, int64 [K].
        bid: what an auction would be paid for one parcel, in the currency, float64 [K].
        penalty: what a parcel costs that stays behind, in the currency, float64 [K].
        small: whether a merchant is a small firm, bool [M].
        who: whose way it is, int64 [C].
        cost: of one parcel on it, in the currency, float64 [C].
        days: from release to arrival, float64 [C].
        uses: what one parcel on a way takes of each resource, sparse [R, C].
        room: of each resource, float64 [R].
    """

    merchants: tuple[str, ...]
    merchant: Longs
    parcels: Floats
    arrival: Longs
    bid: Floats
    penalty: Floats
    small: NDArray[np.bool_]
    who: Longs
    cost: Floats
    days: Floats
    uses: csr_array
    room: Floats

    def asked(self) -> Floats:
        """[M] parcels that each merchant asks for."""
        return np.bincount(self.merchant, self.parcels, len(self.merchants)).astype(np.float64)

    def served(self, x: Floats) -> Floats:
        """[K] parcels of each request that go, where x [C] go on each way."""
        return np.bincount(self.who, x, len(self.merchant)).astype(np.float64)

    def shares(self, x: Floats) -> Floats:
        """[M] part of what each merchant asks for that goes; 1 for who asks for nothing."""
        asked = self.asked()
        got = np.bincount(self.merchant, self.served(x), len(self.merchants))
        return np.where(asked > 0, got / np.where(asked > 0, asked, 1.0), 1.0)


def shortage(
    problem: Problem,
    pool: Pool,
    *,
    small: frozenset[str] = frozenset(),
    arrival: Longs | None = None,
    bid: Floats | None = None,
) -> Shortage:
    """The planner's problem on the ways that a search has found; a merchant is what the demand calls merchant class.

    Args:
        problem: graph, demand and prices.
        pool: ways, such as `search(problem).pool`.
        small: the merchants that are small firms.
        arrival: order in which the commodities came, int64 [K]; as they are listed if not given.
        bid: what each would pay for a parcel, in the currency, float64 [K]; the penalty for leaving it if not given.
    """
    d, graph = problem.demand, problem.graph
    t = graph.timetable
    names, merchant = np.unique(np.array(d.merchant_class, dtype=object).astype(str), return_inverse=True)
    length = np.diff(pool.ptr)
    column = np.repeat(np.arange(len(pool.who)), length)
    per_ride = np.diff(graph.use_ptr)[pool.rides]
    first = np.repeat(graph.use_ptr[:-1][pool.rides] - np.cumsum(per_ride) + per_ride, per_ride)
    use = first + np.arange(int(per_ride.sum()))
    of = np.repeat(column, per_ride)
    row = graph.use_row[use]
    kind = pool.who[of]
    measure = graph.row_measure[row]
    amount = graph.use_factor[use] * np.choose(measure, [np.ones(len(kind)), d.grams[kind], d.cm3[kind]])
    uses = csr_array((amount, (row, of)), shape=(graph.rows, len(pool.who)))
    last = pool.rides[np.maximum(pool.ptr[1:] - 1, 0)]
    days = (np.asarray(t.ride_ready_at)[last] - d.release[pool.who]) / 1440.0
    has_way = np.bincount(pool.who, minlength=len(d)) > 0
    penalty = problem.penalty / COST_UNIT
    made = Shortage(
        merchants=tuple(names.tolist()),
        merchant=merchant.astype(np.int64),
        parcels=np.where(has_way, d.parcels, 0).astype(np.float64),
        arrival=np.arange(len(d), dtype=np.int64) if arrival is None else arrival,
        bid=penalty if bid is None else bid,
        penalty=penalty,
        small=np.array([name in small for name in names.tolist()], np.bool_),
        who=pool.who,
        cost=pool.cost / COST_UNIT,
        days=days,
        uses=uses,
        room=graph.row_capacity.astype(np.float64),
    )
    return only_scarce(made)


def only_scarce(made: Shortage) -> Shortage:
    """The same without resources that would hold whatever was chosen."""
    most = np.asarray(made.uses @ made.parcels[made.who])
    scarce = np.flatnonzero(most > made.room * (1 + 1e-12))
    return replace(made, uses=csr_array(made.uses[scarce]), room=made.room[scarce])
