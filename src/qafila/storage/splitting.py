"""Which warehouse sends which part of an order: the best of all ways to divide it, exactly.

Pure. The lines of an order are bits; for each warehouse it is known what each set of lines costs that it can send. A dynamic
program over warehouses and sets of lines finds the best ways: what trying all of them would find.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

KEPT = 6
"""Ways that are kept beside the best."""


class Cost(NamedTuple):
    """What a part costs: money, when it is there, and its CO₂e. Smaller is better; compared in this order."""

    money: Decimal
    by: datetime
    co2e: Decimal


class Plan(NamedTuple):
    """A way: for each warehouse that sends, its index and the set of lines. Compared by what the rule says."""

    first: Decimal  # money, or CO₂e
    by: datetime
    second: Decimal
    parts: tuple[tuple[int, int], ...]


Prices = Sequence[Mapping[int, Cost]]
"""[warehouse]: the sets of lines that it can send, as bits, and what each costs."""


def best(lines: int, prices: Prices, rule: str = "cheapest", until: datetime | None = None) -> list[Plan]:
    """The best ways to send all lines, best first; empty where there is none.

    Args:
        lines: how many lines the order has.
        rule: `cheapest`, `greenest`, `fastest` (the last part soonest, then the cheapest of those) or `promise` (the cheapest
            that is there until `until`; where none is, the cheapest of all).
    """
    cheap = _plans(lines, prices, rule == "greenest")
    if rule == "promise" and until is not None:
        in_time = _plans(lines, _until(prices, until), False)
        return _merged(in_time, cheap)
    if rule == "fastest" and cheap:
        return _merged(_plans(lines, _until(prices, _soonest(lines, prices)), False), cheap)
    return cheap


def _plans(lines: int, prices: Prices, green: bool) -> list[Plan]:
    whole = (1 << lines) - 1
    states: dict[int, list[Plan]] = {0: [Plan(Decimal(0), datetime.min, Decimal(0), ())]}
    for house, sets in enumerate(prices):
        after = {covered: list(found) for covered, found in states.items()}
        for sent, cost in sets.items():
            first, second = (cost.co2e, cost.money) if green else (cost.money, cost.co2e)
            by = cost.by.replace(tzinfo=None)
            for covered, found in states.items():
                if covered & sent:
                    continue
                after.setdefault(covered | sent, []).extend(
                    Plan(p.first + first, max(p.by, by), p.second + second, (*p.parts, (house, sent)))
                    for p in found
                )
        states = {covered: sorted(found, key=_order)[:KEPT] for covered, found in after.items()}
    return states.get(whole, []) if lines else []


def _order(plan: Plan) -> tuple[object, ...]:
    return (plan.first, plan.by, len(plan.parts), plan.second, plan.parts)


def _until(prices: Prices, until: datetime) -> list[dict[int, Cost]]:
    return [{sent: cost for sent, cost in sets.items() if cost.by <= until} for sets in prices]


def _soonest(lines: int, prices: Prices) -> datetime:
    """The earliest instant by which all parts can be there."""
    instants = sorted({cost.by for sets in prices for cost in sets.values()})
    low, high = 0, len(instants) - 1
    while low < high:
        middle = (low + high) // 2
        if _covered(lines, _until(prices, instants[middle])):
            high = middle
        else:
            low = middle + 1
    return instants[low]


def _covered(lines: int, prices: Prices) -> bool:
    reached = {0}
    for sets in prices:
        reached |= {covered | sent for sent in sets for covered in reached if not covered & sent}
    return (1 << lines) - 1 in reached


def _merged(first: list[Plan], then: list[Plan]) -> list[Plan]:
    seen = {plan.parts for plan in first}
    return [*first, *(plan for plan in then if plan.parts not in seen)][:KEPT]
