"""What is to be planned: commodities on a graph, and the prices of what a plan is charged for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import COST_UNIT, Mode
from qafila.planning.graph import Graph
from qafila.planning.shapes import Fares, Kinds

NO_DUE = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Prices:
    """Stated prices, in the timetable's currency."""

    co2e_per_tonne: float = 90.0
    unserved_per_parcel: float = 30.0
    unserved_per_kg: float = 15.0
    move_per_parcel: float = 0.5  # re-planning: for each parcel taken off the way it was promised
    ride_per_parcel: float = (
        0.0  # for each ride that a parcel boards: what a transfer is felt to cost beyond its fees
    )

    @property
    def ride_units(self) -> int:
        """COST_UNITs that each boarding costs a parcel."""
        return round(self.ride_per_parcel * COST_UNIT)


@dataclass(frozen=True, slots=True, eq=False)
class Commodities:
    """Parcels with the same origin, destination, release and class, by column. K commodities.

    In a re-plan a commodity may have a *home*: the rides it was planned on. It pays `move_price` for
    each parcel that leaves them.
    """

    ids: tuple[str, ...]
    origin: NDArray[np.int32]  # [K] node
    destination: NDArray[np.int32]  # [K] node
    release: NDArray[np.int32]  # [K] minute
    due: NDArray[np.int32]  # [K] minute, NO_DUE where there is none
    late_price: NDArray[np.float64]  # [K] COST_UNITs for each parcel and hour after due
    parcels: NDArray[np.int64]  # [K]
    grams: NDArray[np.float64]  # [K] actual weight of one parcel
    cm3: NDArray[np.float64]  # [K] volume of one parcel
    goods: NDArray[np.uint16]  # [K] Goods
    service_class: tuple[str, ...]
    merchant_class: tuple[str, ...]
    move_price: NDArray[np.float64] | None = None  # [K] COST_UNITs for each parcel
    homes: tuple[tuple[int, ...], ...] | None = None  # rides; empty where the parcels had no way yet
    source: NDArray[np.int32] | None = None  # [K] the commodity of the earlier plan
    most_rides: NDArray[np.int32] | None = (
        None  # [K] rides of a way at most, 0: as many as it takes; None: all 0
    )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def limits(self) -> NDArray[np.int32]:
        """[K] rides of a way at most; 0 where nothing limits them."""
        return np.zeros(len(self), np.int32) if self.most_rides is None else self.most_rides

    def take(self, who: NDArray[np.int64]) -> Commodities:
        """Some of the commodities, in the order given."""
        return Commodities(
            ids=tuple(self.ids[k] for k in who),
            origin=self.origin[who],
            destination=self.destination[who],
            release=self.release[who],
            due=self.due[who],
            late_price=self.late_price[who],
            parcels=self.parcels[who],
            grams=self.grams[who],
            cm3=self.cm3[who],
            goods=self.goods[who],
            service_class=tuple(self.service_class[k] for k in who),
            merchant_class=tuple(self.merchant_class[k] for k in who),
            move_price=None if self.move_price is None else self.move_price[who],
            homes=None if self.homes is None else tuple(self.homes[k] for k in who),
            source=None if self.source is None else self.source[who],
            most_rides=None if self.most_rides is None else self.most_rides[who],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A graph, its demand and the stated prices, with what follows from them."""

    graph: Graph
    demand: Commodities
    prices: Prices
    chargeable_kg: NDArray[np.float64]  # [K, len(Mode)] of one parcel
    first: NDArray[np.int32]  # [K] the first ride that can be boarded, R where there is none
    ride_fixed: NDArray[np.float64]  # [R] COST_UNITs for each parcel; infinite where closed
    ride_kg: NDArray[np.float64]  # [R] COST_UNITs for each chargeable kg
    ride_gram: NDArray[np.float64]  # [R] COST_UNITs of CO2e for each gram of actual weight

    @property
    def kinds(self) -> Kinds:
        """One parcel of each commodity, for the kernels."""
        d = self.demand
        return Kinds(d.grams, d.cm3, self.chargeable_kg, d.due, d.late_price, d.goods)

    @property
    def fares(self) -> Fares:
        """What rides cost, for the kernels."""
        t = self.graph.timetable
        return Fares(
            self.ride_fixed,
            self.ride_kg,
            self.ride_gram,
            np.asarray(t.ride_mode),
            np.asarray(t.ride_ready_at),
            np.asarray(t.ride_forbids),
        )

    @property
    def territory(self) -> NDArray[np.int32]:
        """[N] in which the goods at a node are free; -1 where they are under bond. 0 everywhere without borders."""
        t = self.graph.timetable
        return t.node_territory if len(t.node_territory) else np.zeros(t.nodes, np.int32)

    @property
    def penalty(self) -> NDArray[np.float64]:
        """[K] COST_UNITs for each parcel that stays unserved; one that had a way also pays for leaving it."""
        by_weight = self.prices.unserved_per_kg * self.demand.grams / 1e3
        moving = 0.0 if self.demand.move_price is None else self.demand.move_price
        return (self.prices.unserved_per_parcel + by_weight) * COST_UNIT + moving


def pose(graph: Graph, demand: Commodities, prices: Prices | None = None) -> Problem:
    """Bring together what a plan is made of."""
    prices = prices or Prices()
    t = graph.timetable
    factor = np.asarray(t.volumetric_kg_per_m3).astype(np.int64)[: len(Mode)]
    grams, cm3 = np.ceil(demand.grams).astype(np.int64), np.ceil(demand.cm3).astype(np.int64)
    heavier = np.maximum(-(-cm3[:, None] * factor[None, :] // 1000), grams[:, None])
    chargeable = -(-heavier // t.weight_step_g) * t.weight_step_g
    per_gram = prices.co2e_per_tonne * COST_UNIT / 1e9 / 1e3  # mg CO2e per kg -> COST_UNITs per gram
    return Problem(
        graph=graph,
        demand=demand,
        prices=prices,
        chargeable_kg=chargeable / 1000.0,
        first=graph.first_rides(demand.origin, demand.release),
        ride_fixed=np.where(
            graph.closed, np.inf, np.asarray(t.ride_fixed_cost).astype(np.float64) + prices.ride_units
        ),
        ride_kg=np.asarray(t.ride_kg_cost).astype(np.float64),
        ride_gram=np.asarray(t.ride_co2e).astype(np.float64) * per_gram,
    )
