"""Pick tours and batches in the warehouses of the literature, beside first-come batches with S-shape tours.

The generators are written after the instances that their authors publish (read from the files, which are not kept
here). Henn and Wäscher (2012): 10 aisles of 2 × 45 places 1 long, aisles 5 apart, 1 from an end place to the cross
aisle, depot at the leftmost aisle 0.5 off the cross aisle; orders of 5 to 25 articles; demand uniform, or 52 / 36 /
12 % of it on 1 / 3 / 6 aisles. Albareda-Sambola and others (2009): four warehouses W1 to W4, depot at the first aisle
or in the middle, demand uniform or by classes as counted in their files; W4 loads articles of 1 to 3 each.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qafila.storage.picking import sshape, touring
from qafila.storage.picking.batching import Cart, batches, first_come
from qafila.storage.picking.grid import Stops, bits, grid
from qafila.storage.picking.slotting import propose

if TYPE_CHECKING:
    from benchmarks.report import Report

LINES = 10_000
AIM = 0.25
SECONDS = 5.0


class House(NamedTuple):
    """A warehouse of a paper: its aisles, its orders, its cart."""

    name: str
    aisles: int
    apart: float
    depths: tuple[float, float, int]  # first, last, how many along an aisle (one side)
    long: float  # the aisle, from cross aisle to cross aisle
    sizes: tuple[int, int]  # articles of an order, uniform
    capacity: float
    share: tuple[tuple[int, float], ...] = ()  # aisles from the first, and their part of the demand
    middle: bool = False
    off: float = 0.0
    heavy: bool = False  # articles load 1 to 3, not 1


_HENN = House("", 10, 5.0, (1.0, 45.0, 45), 46.0, (5, 25), 0, off=0.5)
_CLASSES = ((1, 0.52), (3, 0.36), (6, 0.12))
HENN = [
    _HENN._replace(name=f"Henn {kind} {capacity}", capacity=capacity, share=share)
    for kind, share in (("uniform", ()), ("classes", _CLASSES))
    for capacity in (30, 45, 60, 75)
]
ALBAREDA = [
    House("W1 uniform", 4, 7.166667, (1.388889, 81.944444, 30), 86.916667, (1, 6), 12),
    House(
        "W1 classes",
        4,
        7.166667,
        (1.388889, 81.944444, 30),
        86.916667,
        (1, 6),
        12,
        ((1, 0.83), (1, 0.09), (2, 0.08)),
    ),
    House("W2 uniform", 10, 4.0, (0.416667, 16.25, 20), 18.666667, (2, 9), 24, middle=True),
    House(
        "W2 classes", 10, 4.0, (0.416667, 16.25, 20), 18.666667, (2, 9), 24, ((2, 0.80), (2, 0.10), (6, 0.10))
    ),
    House("W3 uniform", 25, 4.5, (1.1775, 62.4975, 25), 66.125, (5, 24), 150),
    House(
        "W3 classes",
        25,
        4.5,
        (1.1775, 62.4975, 25),
        66.125,
        (5, 24),
        150,
        ((5, 0.79), (5, 0.105), (15, 0.105)),
    ),
    House("W4 uniform", 12, 15.0, (2.5, 77.5, 16), 87.5, (1, 35), 80, middle=True, heavy=True),
    House(
        "W4 classes",
        12,
        15.0,
        (2.5, 77.5, 16),
        87.5,
        (1, 35),
        80,
        ((2, 0.66), (1, 0.15), (9, 0.19)),
        heavy=True,
    ),
]


def made(house: House) -> Stops:
    """Its aisles as arrays; a place for each depth of each aisle."""
    depths = np.linspace(*house.depths)
    aisle = np.repeat(np.arange(house.aisles), len(depths))
    x = np.arange(house.aisles) * house.apart
    depot = float(x.mean()) if house.middle else 0.0
    return grid(x, [0.0, house.long], (aisle, np.tile(depths, house.aisles)), (depot, 0), 2 * house.off)


def orders(
    house: House, lines: int, dice: np.random.Generator
) -> tuple[list[NDArray[np.int64]], list[float]]:
    """Places of each order, and what it loads, until there are so many lines."""
    part = np.full(house.aisles, 1 / house.aisles)
    if house.share:
        part = np.repeat([p / n for n, p in house.share], [n for n, _ in house.share])
    found, loads, count = [], [], 0
    while count < lines:
        size = int(dice.integers(house.sizes[0], house.sizes[1] + 1))
        aisle = dice.choice(house.aisles, size, p=part / part.sum())
        load = float(dice.uniform(1, 3, size).sum()) if house.heavy else float(size)
        if load > house.capacity:
            continue
        found.append(aisle * house.depths[2] + dice.integers(0, house.depths[2], size))
        loads.append(load)
        count += size
    return found, loads


def habit(stops: Stops, wanted: list[NDArray[np.int64]], loads: list[float], cart: Cart) -> float:
    """Metres walked when orders are batched as they come and every tour is an S."""
    return sum(
        sshape.length(stops.grid, stops.stop[np.concatenate([wanted[i] for i in members])])
        for members in first_come(loads, cart)
    )


def run(report: Report) -> None:
    """Distance and seconds of each warehouse; then what slotting saves in one of them."""
    _warm_up()
    rows, shorter = [], []
    for house in [*HENN, *ALBAREDA]:
        stops, dice = made(house), np.random.default_rng(1)
        wanted, loads = orders(house, LINES, dice)
        cart = Cart(house.capacity)
        before = habit(stops, wanted, loads, cart)
        start, cpu = time.perf_counter(), time.process_time()
        found = batches(stops.grid, [stops.stop[order] for order in wanted], loads, cart)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        after = sum(batch.length for batch in found)
        shorter.append(1 - after / before)
        rows.append(
            (
                house.name,
                f"{len(wanted):,}",
                f"{len(found):,}",
                f"{before:,.0f}",
                f"{after:,.0f}",
                f"{100 * shorter[-1]:.1f} %",
                f"{cpu:.1f}",
                f"×{SECONDS / seconds:.1f}",
            )
        )
    report.table(
        f"{LINES:,} lines each: metres of first-come batches with S-shapes, and of ours",
        ("warehouse", "orders", "tours", "first come", "ours", "shorter", "CPU s", f"beside {SECONDS:.0f} s"),
        rows,
    )
    report(
        f"shorter by {100 * np.mean(shorter):.1f} % on average, {100 * min(shorter):.1f} to {100 * max(shorter):.1f} % "
        f"(aim {100 * AIM:.0f} %: ×{np.mean(shorter) / AIM:.2f})"
    )
    _blocks(report)
    _slots(report)


def _warm_up() -> None:
    """Compiled, or read from its cache, before the clock runs."""
    stops = made(HENN[0])
    batches(stops.grid, [stops.stop[[0, 5]], stops.stop[[60]], stops.stop[[1]]], [2.0, 1.0, 1.0], Cart(3))


def _blocks(report: Report) -> None:
    """Tours a second, and batches of all lines, by the number of blocks."""
    rows, batched = [], []
    cart = Cart(45)
    for blocks in (1, 2, 3, 4, 5, 6, 8, 12):
        aisle, depth = np.repeat(np.arange(10), 45), np.tile(np.arange(1.0, 46.0), 10)
        stops = grid(np.arange(10) * 5.0, np.linspace(0, 46, blocks + 1), (aisle, depth))
        wanted, loads = orders(HENN[1], LINES, np.random.default_rng(1))
        at = [stops.stop[order] for order in wanted]
        batches(stops.grid, at[:4], loads[:4], cart)
        before = habit(stops, wanted, loads, cart)
        start, used = time.perf_counter(), time.process_time()
        after = sum(batch.length for batch in batches(stops.grid, at, loads, cart))
        seconds, used = time.perf_counter() - start, time.process_time() - used
        batched.append(
            (
                f"{blocks}",
                f"{before:,.0f}",
                f"{after:,.0f}",
                f"{100 * (1 - after / before):.1f} %",
                f"{used:.1f}",
                f"×{SECONDS / seconds:.1f}",
            )
        )
        dice = np.random.default_rng(2)
        masks = [bits(stops.grid, stops.stop[dice.integers(0, 450, 30)]) for _ in range(200)]
        touring.length(stops.grid, masks[0])
        cpu = time.process_time()
        total = sum(touring.length(stops.grid, mask) for mask in masks)
        cpu = time.process_time() - cpu
        rows.append((f"{blocks}", f"{total / len(masks):.0f}", f"{len(masks) / cpu:,.0f}"))
    report.table(
        "tours past 30 stops, 10 aisles; exact to five blocks, searched beyond",
        ("blocks", "metres", "tours a CPU second"),
        rows,
    )
    report.table(
        f"{LINES:,} lines of Henn uniform 45, the same aisles with more cross aisles",
        ("blocks", "first come", "ours", "shorter", "CPU s", f"beside {SECONDS:.0f} s"),
        batched,
    )


def _slots(report: Report) -> None:
    """Goods put at random, asked for by a power law: metres of the same batches after 60 exchanges."""
    house = HENN[1]
    stops, dice = made(house), np.random.default_rng(3)
    goods = len(stops.stop)
    place = dice.permutation(goods)
    often = 1 / np.arange(1, goods + 1) ** 0.9
    wanted = [dice.choice(goods, int(dice.integers(5, 26)), p=often / often.sum()) for _ in range(200)]
    loads = [float(len(order)) for order in wanted]
    found = batches(stops.grid, [stops.stop[place[order]] for order in wanted], loads, Cart(house.capacity))
    tours = [[int(g) for i in batch.orders for g in wanted[i]] for batch in found]
    start = time.process_time()
    proposal = propose(stops.grid, stops.stop, [int(p) for p in place], tours, 60)
    report(
        f"slotting: {len(proposal.exchanges)} exchanges make {len(tours)} tours "
        f"{100 * (1 - proposal.after / proposal.before):.1f} % shorter ({proposal.before:,.0f} to "
        f"{proposal.after:,.0f} m), found in {time.process_time() - start:.1f} CPU s"
    )
