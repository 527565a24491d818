"""Chooses among itineraries by the merchant's rule, and says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from qafila.core.fault import Fault
from qafila.core.message import Message, clauses
from qafila.core.money import Money
from qafila.routing.itinerary import Itinerary
from qafila.shipping.offers import offers_messages as m
from qafila.shipping.offers.offer import Promise

_BY_RULE: dict[str, Callable[[Itinerary], tuple[object, ...]]] = {
    "cheapest": lambda i: (i.cost, i.arrival, i.co2e_mg),
    "fastest": lambda i: (i.arrival, i.cost, i.co2e_mg),
    "greenest": lambda i: (i.co2e_mg, i.cost, i.arrival),
}
LABELS = tuple(_BY_RULE)


class TooLate(Fault):
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
        raise TooLate(m.TOO_LATE(day=soonest.date(), asked=promise_by), m.GIVE_LATER_DAY())
    return min(in_time, key=lambda n: _BY_RULE["cheapest"](itineraries[n]))


def reason(
    itineraries: Sequence[Itinerary],
    chosen: int,
    rule: str,
    money: Callable[[int], Money],
    promise_by: date | None,
) -> Message:
    """Why this one, and what the best others in the two other respects would have been.

    `money` is a difference of cost in the buyer's currency.
    """
    taken = itineraries[chosen]
    kept = rule == "promise" and promise_by is not None
    said = m.KEEPS_DAY(day=promise_by) if kept and promise_by else _RULES.get(rule, m.CHEAPEST)()
    if len(itineraries) == 1:
        return m.ONLY_WAY(rule=said)
    parts = [said]
    for label in LABELS:
        other = itineraries[best(itineraries, label)]
        if label == rule or (other.cost, other.arrival, other.co2e_mg) == (
            taken.cost,
            taken.arrival,
            taken.co2e_mg,
        ):
            continue
        cost = (m.MORE if other.cost >= taken.cost else m.LESS)(amount=money(abs(other.cost - taken.cost)))
        hours = (other.arrival - taken.arrival).total_seconds() / 3600
        when = m.SAME_TIME() if hours == 0 else (m.LATER if hours > 0 else m.SOONER)(span=_span(abs(hours)))
        grams = (other.co2e_mg - taken.co2e_mg) / 1000
        co2e = (m.MORE if grams >= 0 else m.LESS)(amount=_weight(abs(grams)))
        parts.append(_WOULD[label](cost=cost, when=when, co2e=co2e))
    return clauses(parts) or said if len(parts) > 1 else m.NONE_BETTER(rule=said)


_RULES = {"cheapest": m.CHEAPEST, "fastest": m.FASTEST, "greenest": m.GREENEST, "promise": m.CHEAPEST}
_WOULD = {"cheapest": m.CHEAPEST_WOULD, "fastest": m.FASTEST_WOULD, "greenest": m.GREENEST_WOULD}


def _weight(grams: float) -> Message:
    """What a letter weighs in the air is told in grams: 0.00 kg less would be no reason."""
    if grams < 100:
        return m.CO2E_G(g=Decimal(f"{grams:.1f}"))
    return m.CO2E_KG(kg=Decimal(f"{grams / 1000:.2f}"))


def _span(hours: float) -> Message:
    return m.HOURS(hours=round(hours)) if hours < 48 else m.DAYS(days=round(hours / 24))
