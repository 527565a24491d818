"""A plan's folder checked from its files alone, by docs/plan.md: nothing of the planner's own search is used here.

Whole parcels, ways in time and across borders, loads, costs, and the claim that whoever is left over has no way with room
that is worth its cost: each of them is searched one, backward in time, and what is found is named. With `bound` the lower
bound is recomputed from the prices that are written.
"""

from __future__ import annotations

import heapq
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from qafila.planning.backward_ways import Parcel, Roads, Uses, cheapest_backward, cost_of
from qafila.planning.planning_messages import NOT_A_PLAN_BECAUSE
from qafila.planning.reopening import NotAPlan
from qafila.planning.shapes import Floats, Truths

MODES = ("air", "belly", "road", "sea", "rail", "delivery", "collection")
UNIT = 1e-4
"""Of the currency: what costs in the tables are counted in."""

BRANCHES = 200
"""Searches for one commodity at most, where its ways load a capacity twice that has room for one."""

CLOSE = 1e-6
"""Relative: loads and costs that differ by less are the same."""


@dataclass(frozen=True, slots=True)
class Left:
    """A way with room for a parcel that the plan leaves over."""

    id: str
    unserved: int
    cost: float  # of one parcel, in the currency
    penalty: float
    rides: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found; sound where nothing of it is wrong."""

    commodities: int
    served: int
    unserved: int
    cost: float  # recomputed, in the currency
    stated_cost: float
    miscounted: tuple[str, ...] = ()  # ids of commodities whose parcels do not add up
    broken: tuple[int, ...] = ()  # paths that nobody can go
    overloaded: tuple[int, ...] = ()  # rows
    looked_at: int = 0  # commodities of which parcels are left over
    with_room: tuple[Left, ...] = ()
    undecided: tuple[str, ...] = ()  # ids: not searched to the end
    bound: float | None = None  # recomputed
    stated_bound: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether everything that the folder says was found true."""
        faults = (self.miscounted, self.broken, self.overloaded, self.with_room, self.undecided)
        same = abs(self.cost - self.stated_cost) <= CLOSE * max(abs(self.cost), 1.0)
        proven = self.bound is None or self.bound >= self.stated_bound - CLOSE * max(abs(self.bound), 1.0)
        return same and proven and not any(faults)


def check(folder: Path, bound: bool = False) -> Checked:
    """Check a plan's folder.

    Args:
        folder: what `qafila plan` wrote.
        bound: whether the bound is recomputed as well: one search for each commodity.

    Raises NotAPlan where files are missing or cannot be read.
    """
    book = _Book(folder)
    d, paths = book.commodities, book.paths
    served = np.bincount(paths["commodity"], paths["parcels"], minlength=len(d))
    unserved = d["unserved"].to_numpy()
    wrong = (served + unserved != d["parcels"].to_numpy()) | (unserved < 0)
    cost, broken = book.walked()
    total = float(np.dot(cost, paths["parcels"])) + float(np.dot(d["penalty"], unserved))
    room = book.capacity - book.load()
    lost, undecided, looked_at = book.searched(room)
    return Checked(
        commodities=len(d),
        served=int(served.sum()),
        unserved=int(unserved.sum()),
        cost=total * UNIT,
        stated_cost=float(book.head["cost"]),
        miscounted=tuple(d["id"].filter(pl.Series(wrong))),
        broken=tuple(np.flatnonzero(broken | (paths["parcels"].to_numpy() <= 0)).tolist()),
        overloaded=tuple(np.flatnonzero(room < -CLOSE * np.maximum(book.capacity, 1e-9)).tolist()),
        looked_at=looked_at,
        with_room=lost,
        undecided=undecided,
        bound=book.bound() * UNIT if bound else None,
        stated_bound=float(book.head["bound"]),
    )


def left_over(folder: Path, seconds: float) -> Checked:
    """Look only at who is left over: whether it has a way with room, by what the folder says is loaded.

    Args:
        folder: a plan's.
        seconds: after which no more are begun, the most parcels first; `looked_at` says how many were.

    Raises NotAPlan.
    """
    until = time.monotonic() + seconds
    book = _Book(folder)
    unserved = book.commodities["unserved"].to_numpy()
    if unserved.any():
        lost, undecided, looked_at = book.searched(book.capacity - book.load(), until)
    else:
        lost, undecided, looked_at = (), (), 0
    served, cost = int(book.paths["parcels"].sum()), float(book.head["cost"])
    return Checked(
        len(unserved),
        served,
        int(unserved.sum()),
        cost,
        cost,
        looked_at=looked_at,
        with_room=lost,
        undecided=undecided,
    )


@dataclass(eq=False)
class _Book:
    """The tables of a folder, and what follows from them."""

    folder: Path
    head: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        try:
            self.head = json.loads((self.folder / "plan.json").read_text(encoding="utf-8"))
            table = {
                name: pl.read_parquet(self.folder / f"{name}.parquet")
                for name in ("commodities", "paths", "legs", "rides", "ride_rows", "capacities", "nodes")
            }
            self._read(table)
        except (OSError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise NotAPlan(NOT_A_PLAN_BECAUSE(folder=str(self.folder), why=why)) from None

    def _read(self, table: dict[str, pl.DataFrame]) -> None:
        self.commodities, self.paths = table["commodities"].sort("commodity"), table["paths"].sort("path")
        self.legs = table["legs"].sort("path", "leg")
        rides = table["rides"].sort("ride")
        order = np.argsort(rides["board_by"].to_numpy(), kind="stable")
        self.number = np.empty(len(order), np.int64)  # of a ride, its place in the order
        self.number[order] = np.arange(len(order))
        self.order = order
        self.rides = rides[order]
        rows = table["capacities"].sort("row")
        self.capacity, self.price = rows["capacity"].to_numpy(), rows["price"].to_numpy()
        self.measure = (
            rows["per"].replace_strict({"parcel": 0, "gram": 1, "cm3": 2}).to_numpy().astype(np.int64)
        )
        uses = table["ride_rows"].with_columns(
            at=pl.Series(self.number[table["ride_rows"]["ride"].to_numpy()])
        )
        uses = uses.sort("at", maintain_order=True)
        count = np.bincount(uses["at"].to_numpy(), minlength=len(order))
        self.use_ptr = np.append(0, np.cumsum(count)).astype(np.int64)
        self.use_row, self.use_factor = (
            uses["row"].to_numpy().astype(np.int64),
            uses["factor"].to_numpy().copy(),
        )
        self.territory = table["nodes"].sort("node")["territory"].to_numpy()
        self.begin, self.end, self.board, self.ready = (
            self.rides[name].to_numpy().astype(np.int64)
            for name in ("from_node", "to_node", "board_by", "ready_at")
        )
        self.mode = (
            self.rides["mode"].replace_strict({m: i for i, m in enumerate(MODES)}).to_numpy().astype(np.int64)
        )
        d = self.commodities
        self.each = np.stack([np.ones(len(d)), d["grams"].to_numpy(), d["cm3"].to_numpy()], axis=1).astype(
            float
        )
        self.chargeable = d.select(f"chargeable_kg_{m}" for m in MODES).to_numpy().astype(float)
        self.due = d["due"].cast(pl.Float64).fill_null(np.inf).to_numpy()
        self.origin, self.destination = d["origin_node"].to_numpy(), d["destination_node"].to_numpy()
        self.home = d["home"].to_list() if "home" in d.columns else [None] * len(d)
        self.moving = d["move_price"].to_numpy() if "move_price" in d.columns else np.zeros(len(d))
        self.most = d["most_rides"].to_numpy() if "most_rides" in d.columns else np.zeros(len(d), np.int64)

    def load(self) -> Floats:
        """[M] what the paths put on the rows."""
        parcels = self.paths["parcels"].to_numpy()[self.legs["path"].to_numpy()]
        who = self.paths["commodity"].to_numpy()[self.legs["path"].to_numpy()]
        at = self.number[self.legs["ride"].to_numpy()]
        count = np.diff(self.use_ptr)[at]
        use = np.repeat(self.use_ptr[at] - np.cumsum(count) + count, count) + np.arange(count.sum())
        row, leg = self.use_row[use], np.repeat(np.arange(len(at)), count)
        units = self.use_factor[use] * self.each[who[leg], self.measure[row]]
        return np.bincount(row, units * parcels[leg], minlength=len(self.capacity)).astype(np.float64)

    def walked(self) -> tuple[Floats, Truths]:
        """[P] what a parcel pays on each path, and whether nobody can go it."""
        path, at = self.legs["path"].to_numpy(), self.number[self.legs["ride"].to_numpy()]
        who = self.paths["commodity"].to_numpy()
        k = who[path]
        first, last = (
            np.append(True, path[1:] != path[:-1])[: len(path)],
            np.append(path[1:] != path[:-1], True),
        )
        last = last[: len(path)]
        here = np.where(first, self.origin[k], np.append(-1, self.end[at][:-1])[: len(path)])
        since = np.where(
            first, self.commodities["release"].to_numpy()[k], np.append(0, self.ready[at][:-1])[: len(path)]
        )
        goods = self.commodities["goods"].to_numpy().astype(np.int64)[k]
        wrong = (self.begin[at] != here) | (self.board[at] < since) | self.rides["closed"].to_numpy()[at]
        wrong |= (self.rides["forbids"].to_numpy().astype(np.int64)[at] & goods) != 0
        wrong |= last & (self.end[at] != self.destination[k])
        length = np.bincount(path, minlength=len(who))
        stays = np.array(
            [home == way for home, way in zip((self.home[w] for w in who), self._ways(), strict=True)],
            np.bool_,
        )
        unlawful = ~self._lawful(at, self.territory[self.origin[k]], self.territory[self.destination[k]])
        unlawful |= (self.most[k] > 0) & (length[path] > self.most[k])
        wrong |= unlawful & ~stays[path]
        columns = (self.rides[name].to_numpy() for name in ("fixed_cost", "kg_cost", "co2e_cost_per_gram"))
        fixed, kg, gram = (column[at] for column in columns)
        pays = fixed + np.floor(kg * self.chargeable[k, self.mode[at]] + 1e-6) + gram * self.each[k, 1]
        late = np.where(
            np.isfinite(self.due[k]), np.maximum(self.ready[at] - np.minimum(self.due[k], 1e12), 0.0), 0.0
        )
        pays += last * late * self.commodities["late_price"].to_numpy()[k] / 60
        paid: Floats = np.bincount(path, pays, minlength=len(who)).astype(np.float64)
        cost: Floats = paid + np.where(stays, 0.0, self.moving[who])
        broken: Truths = (np.bincount(path, wrong, minlength=len(who)) > 0) | (length == 0)
        return cost, broken

    def _ways(self) -> Iterator[list[int]]:
        ways = self.legs.group_by("path", maintain_order=True).agg("ride")
        found = self.paths.select("path").join(ways, on="path", how="left", maintain_order="left")["ride"]
        return (way or [] for way in found.to_list())

    def _lawful(self, at: Any, own: Any, bound_for: Any) -> Truths:
        """Whether goods of a territory, bound for another, may go on rides."""
        leaves, enters = self.territory[self.begin[at]], self.territory[self.end[at]]
        out, into = (leaves == -1) | (leaves == own), (enters == -1) | (enters == bound_for)
        allowed: Truths = (leaves == enters) | (out & into)
        return allowed

    def _roads(self, price: Floats | None = None) -> Roads:
        """The rides, at a price for each unit of the rows."""
        n = len(self.board)
        later, onward = np.full(n, n, np.int64), np.full(n, n, np.int64)
        for node in np.unique(np.append(self.begin, self.end)):
            mine, comes = np.flatnonzero(self.begin == node), np.flatnonzero(self.end == node)
            later[mine] = np.append(mine[1:], n)[: len(mine)]
            at = np.searchsorted(self.board[mine], self.ready[comes])
            onward[comes] = np.append(mine, n)[at]
        more = np.zeros((3, n))
        if price is not None:
            ride = np.repeat(np.arange(n), np.diff(self.use_ptr))
            np.add.at(more, (self.measure[self.use_row], ride), price[self.use_row] * self.use_factor)
        fixed, kg, gram = (
            self.rides[name].to_numpy().astype(float)
            for name in ("fixed_cost", "kg_cost", "co2e_cost_per_gram")
        )
        end = self.end.astype(np.int32)
        return Roads(end, later, onward, self.ready, self.mode, fixed + more[0], kg, gram + more[1], more[2])

    def _usable(self, k: int) -> Truths:
        """[R] the rides that a commodity may board."""
        goods = int(self.commodities["goods"][k])
        free = ~self.rides["closed"].to_numpy() & ((self.rides["forbids"].to_numpy() & goods) == 0)
        law = self._lawful(slice(None), self.territory[self.origin[k]], self.territory[self.destination[k]])
        found: Truths = free & law & (self.begin != self.destination[k])
        return found

    def _parcel(self, k: int) -> Parcel:
        can = np.flatnonzero(
            (self.begin == self.origin[k]) & (self.board >= int(self.commodities["release"][k]))
        )
        return Parcel(
            int(can[0]) if len(can) else len(self.board),
            int(self.destination[k]),
            self.each[k],
            self.chargeable[k],
            float(self.due[k]),
            float(self.commodities["late_price"][k]) / 60,
            int(self.most[k]),
        )

    def searched(
        self, room: Floats, until: float = math.inf
    ) -> tuple[tuple[Left, ...], tuple[str, ...], int]:
        """Ways with room for parcels that are left over, who was not searched to the end, and how many were looked at before
        the clock said `until`."""
        uses = Uses(self.use_ptr, self.use_row, self.use_factor, self.measure, room)
        roads, lost, undecided = self._roads(), [], []
        penalty, unserved = self.commodities["penalty"].to_numpy(), self.commodities["unserved"].to_numpy()
        looked_at = 0
        for k in np.argsort(-unserved, kind="stable")[: np.count_nonzero(unserved > 0)].tolist():
            if time.monotonic() > until:
                break
            looked_at += 1
            worth = penalty[k] * (1 - CLOSE) - 1
            found = self._with_room(k, roads, uses, worth)
            if found is None:
                undecided.append(str(self.commodities["id"][k]))
            elif found[1]:
                cost, way = found
                rides = tuple(int(self.order[r]) for r in way)
                lost.append(
                    Left(
                        str(self.commodities["id"][k]),
                        int(unserved[k]),
                        cost * UNIT,
                        penalty[k] * UNIT,
                        rides,
                    )
                )
        return tuple(lost), tuple(undecided), looked_at

    def _with_room(self, k: int, roads: Roads, uses: Uses, worth: float) -> tuple[float, list[int]] | None:
        """The cheapest way that costs less than `worth` and has room for a parcel: its cost and rides, none where there is
        no such way; None where that was not found out."""
        home = [int(self.number[r]) for r in self.home[k] or ()]
        parcel, usable = self._parcel(k), self._usable(k)
        if home and not self.rides["closed"].to_numpy()[home].any() and self._full(home, k, uses) is None:
            cost = cost_of(np.array(home), roads, parcel)
            if cost < worth:
                return cost, home
        least = worth - float(self.moving[k])
        open_: list[tuple[float, tuple[int, ...], list[int]]] = []
        tried = 0

        def look(barred: tuple[int, ...]) -> None:
            allowed = usable.copy()
            allowed[list(barred)] = False
            cost, way = cheapest_backward(parcel, least, allowed, roads, uses, True)
            if len(way):
                heapq.heappush(open_, (cost, barred, way.tolist()))

        look(())
        while open_:
            cost, barred, way = heapq.heappop(open_)
            row = self._full(way, k, uses)
            if row is None:
                return cost + float(self.moving[k]), way
            for r in way:  # whoever fits leaves out one of the rides that load it
                if row in uses.row[uses.ptr[r] : uses.ptr[r + 1]]:
                    tried += 1
                    if tried > BRANCHES:
                        return None
                    look((*barred, r))
        return 0.0, []

    def _full(self, way: list[int], k: int, uses: Uses) -> int | None:
        """A row that has no room for a parcel on all of a way."""
        needed: dict[int, float] = {}
        for r in way:
            for u in range(uses.ptr[r], uses.ptr[r + 1]):
                row = int(uses.row[u])
                needed[row] = needed.get(row, 0.0) + uses.factor[u] * self.each[k, uses.measure[row]]
        return next((row for row, units in needed.items() if uses.room[row] < units * (1 - 1e-9)), None)

    def bound(self) -> float:
        """What no plan costs less than, by the prices that are written; COST_UNITs."""
        roads, nothing = self._roads(self.price), np.zeros(len(self.capacity))
        uses = Uses(self.use_ptr, self.use_row, self.use_factor, self.measure, nothing)
        penalty, total = self.commodities["penalty"].to_numpy(), 0.0
        for k in range(len(self.commodities)):
            parcel = self._parcel(k)
            least, way = cheapest_backward(
                parcel, penalty[k] - self.moving[k], self._usable(k), roads, uses, False
            )
            each = least + float(self.moving[k]) if len(way) else float(penalty[k])
            if self.home[k]:
                each = min(each, cost_of(self.number[np.array(self.home[k])], roads, parcel))
            total += each * int(self.commodities["parcels"][k])
        return total - float(np.dot(self.price, self.capacity))
