"""Where to keep how much of each product: a mixed-integer program (HiGHS), its gap stated, beside all in one place.

Pure: matrices in, a proposal out. Money in one currency, time in days, demand in pieces of a period.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Question(NamedTuple):
    """What is expected, and what each choice costs.

    demand: [product, destination] pieces of the period; supply: [product, warehouse] cost of bringing a piece there;
    hold: [product, warehouse] cost of keeping a piece for the period's cover; carry: [product, warehouse, destination]
    cost of a piece from there to the buyer (infinite where there is no way); days: [product, warehouse, destination];
    day_worth: what a day earlier is worth for a piece; opening: cost of a warehouse that is used at all; shelf: cost of keeping
    a product in one more warehouse; most: [warehouse] pieces that it can keep (infinite: any).
    """

    demand: Floats
    supply: Floats
    hold: Floats
    carry: Floats
    days: Floats
    day_worth: float
    opening: float
    shelf: float
    most: Floats


@dataclass(frozen=True, slots=True)
class Proposal:
    """Pieces by product, warehouse and destination; what it costs, and how far at most from the best.

    `gap` is a share: the best possible costs at least (1 − gap) times this. `days` is the mean time to the buyer.
    """

    flows: Floats
    money: float
    days: float
    cost: float
    gap: float
    seconds: float

    def stock(self) -> Floats:
        """[product, warehouse] pieces of the period."""
        return np.asarray(self.flows.sum(2))


class NowhereServed(ValueError):
    """No warehouse reaches some destination with some product; names their indexes."""

    def __init__(self, product: int, destination: int) -> None:
        super().__init__(f"product {product} reaches destination {destination} from nowhere")
        self.product, self.destination = product, destination


def place(asked: Question, seconds: float = 30.0, gap: float = 1e-4) -> Proposal:
    """The best placement that is found in some seconds. Raises NowhereServed."""
    products, warehouses, places = asked.carry.shape
    unit = asked.supply[:, :, None] + asked.hold[:, :, None] + asked.carry
    unit = unit + asked.day_worth * asked.days
    reached = np.isfinite(unit)
    for p, d in zip(*np.nonzero((asked.demand > 0) & ~reached.any(1)), strict=True):
        raise NowhereServed(int(p), int(d))
    wanted = [
        (p, w, d)
        for p in range(products)
        for d in range(places)
        if asked.demand[p, d] > 0
        for w in range(warehouses)
        if reached[p, w, d]
    ]
    model = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy has no types
    model.silent()
    model.setOptionValue("time_limit", seconds)
    model.setOptionValue("mip_rel_gap", gap)
    model.setOptionValue("threads", 1)
    share = [model.addVariable(0, 1, asked.demand[p, d] * unit[p, w, d]) for p, w, d in wanted]
    kept = {(p, w): model.addBinary(asked.shelf) for p, w in sorted({(p, w) for p, w, _ in wanted})}
    used = {w: model.addBinary(asked.opening) for w in sorted({w for _, w in kept})}
    by_buyer: dict[tuple[int, int], list[int]] = {}
    by_house: dict[int, list[int]] = {}
    for n, (p, w, d) in enumerate(wanted):
        by_buyer.setdefault((p, d), []).append(n)
        by_house.setdefault(w, []).append(n)
        model.addConstr(share[n] <= kept[p, w])
    for numbers in by_buyer.values():
        model.addConstr(sum((share[n] for n in numbers[1:]), start=1.0 * share[numbers[0]]) == 1)
    for (_, w), binary in kept.items():
        model.addConstr(binary <= used[w])
    for w, numbers in by_house.items():
        if np.isfinite(asked.most[w]):
            terms = [float(asked.demand[wanted[n][0], wanted[n][2]]) * share[n] for n in numbers]
            model.addConstr(sum(terms[1:], start=terms[0]) <= float(asked.most[w]))
    model.run()
    info = model.getInfo()
    values = model.getSolution().col_value
    if info.primal_solution_status != 2:  # nothing that holds was found in this time: one place, if it holds
        return alone(asked)[0]
    flows = np.zeros_like(asked.carry)
    for n, (p, w, d) in enumerate(wanted):
        flows[p, w, d] = asked.demand[p, d] * max(0.0, values[n])
    return _told(asked, flows, float(max(info.mip_gap, 0.0)), float(model.getRunTime()))


def _told(asked: Question, flows: Floats, gap: float, seconds: float) -> Proposal:
    # what nothing reaches is infinite, and nothing flows there
    carry, days, supply = (np.where(np.isfinite(a), a, 0.0) for a in (asked.carry, asked.days, asked.supply))
    stocked = flows.sum(2) > 1e-9
    money = float(
        (flows * (supply[:, :, None] + asked.hold[:, :, None] + carry)).sum()
        + asked.shelf * stocked.sum()
        + asked.opening * stocked.any(0).sum()
    )
    late = float((flows * days).sum())
    return Proposal(
        flows, money, late / max(float(flows.sum()), 1e-9), money + asked.day_worth * late, gap, seconds
    )


def alone(asked: Question) -> tuple[Proposal, int]:
    """The best placement of everything in one warehouse, and which. Raises NowhereServed where none serves all."""
    best: tuple[Proposal, int] | None = None
    for w in range(asked.carry.shape[1]):
        needed = asked.demand > 0
        wanted = needed.any(1)
        if (
            not np.isfinite(asked.carry[:, w, :][needed]).all()
            or not np.isfinite(asked.supply[wanted, w]).all()
        ):
            continue
        if asked.demand.sum() > asked.most[w]:
            continue
        flows = np.zeros_like(asked.carry)
        flows[:, w, :] = asked.demand
        found = _told(asked, flows, 0.0, 0.0)
        if best is None or found.cost < best[0].cost:
            best = (found, w)
    if best is None:
        raise NowhereServed(-1, -1)
    return best
