"""Chooses among itineraries by the merchant's rule, and says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from qafila.routing.itinerary import Itinerary
from qafila.shipping.offers.offer import Promise

_BY_RULE: dict[str, Callable[[Itinerary], tuple[object, ...]]] = {
    "cheapest": lambda i: (i.cost, i.arrival, i.co2e_mg),
    "fastest": lambda i: (i.arrival, i.cost, i.co2e_mg),
    "greenest": lambda i: (i.co2e_mg, i.cost, i.arrival),
}
LABELS = tuple(_BY_RULE)


class TooLate(LookupError):
    """No itinerary keeps the promised day."""


def best(itineraries: Sequence[Itinerary], rule: str) -> int:
    """Index of the cheapest, fastest or greenest, ties broken by the other two."""
    return min(range(len(itineraries)), key=lambda n: _BY_RULE[rule](itineraries[n]))


def labels(itineraries: Sequence[Itinerary]) -> list[tuple[str, ...]]:
    """For each itinerary, what it is the best in."""
    winners = {rule: best(itineraries, rule) for rule in LABELS}
    return [tuple(rule for rule in LABELS if winners[rule] == n) for n in range(len(itineraries))]


def choose(
    itineraries: Sequence[Itinerary],
    rule: str,
    promise_by: date | None,
    promise_of: Callable[[Itinerary], Promise],
) -> int:
    """Index of the itinerary that the rule takes. Raises TooLate where the promised day cannot be kept.

    Rule `promise` takes the cheapest whose promise falls on the day asked for or before it.
    """
    if rule != "promise" or promise_by is None:
        return best(itineraries, rule if rule in _BY_RULE else "cheapest")
    in_time = [n for n, i in enumerate(itineraries) if promise_of(i).by.date() <= promise_by]
    if not in_time:
        soonest = min(promise_of(i).by for i in itineraries)
        raise TooLate(f"The earliest promise is {soonest:%Y-%m-%d}, after {promise_by:%Y-%m-%d}")
    return min(in_time, key=lambda n: _BY_RULE["cheapest"](itineraries[n]))


def reason(
    itineraries: Sequence[Itinerary],
    chosen: int,
    rule: str,
    money: Callable[[int], str],
    promise_by: date | None,
) -> str:
    """Why this one, and what the best others in the two other respects would have been.

    `money` writes a difference of cost in the buyer's currency.
    """
    taken = itineraries[chosen]
    if len(itineraries) == 1:
        return f"{rule}: the only way there is"
    said = f"cheapest that keeps {promise_by:%Y-%m-%d}" if rule == "promise" and promise_by else rule
    parts = [said]
    for label in LABELS:
        other = itineraries[best(itineraries, label)]
        if label == rule or (other.cost, other.arrival, other.co2e_mg) == (
            taken.cost,
            taken.arrival,
            taken.co2e_mg,
        ):
            continue
        costs = f"{money(abs(other.cost - taken.cost))} {'more' if other.cost >= taken.cost else 'less'}"
        hours = (other.arrival - taken.arrival).total_seconds() / 3600
        when = (
            "at the same time" if hours == 0 else f"{_span(abs(hours))} {'later' if hours > 0 else 'sooner'}"
        )
        grams = (other.co2e_mg - taken.co2e_mg) / 1000
        air = f"{_weight(abs(grams))} CO2e {'more' if grams >= 0 else 'less'}"
        parts.append(f"the {label} would cost {costs}, arrive {when}, with {air}")
    return "; ".join(parts) if len(parts) > 1 else f"{said}, and none is better in any other respect"


def _weight(grams: float) -> str:
    """What a letter weighs in the air is told in grams: 0.00 kg less would be no reason."""
    return f"{grams:.1f} g" if grams < 100 else f"{grams / 1000:.2f} kg"


def _span(hours: float) -> str:
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
