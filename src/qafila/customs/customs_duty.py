"""The duty engine: what is due on a consignment, by line, with its reasons. Values in, values out."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from qafila.core.money import ExchangeRates, Money
from qafila.customs.assessment import Assessment, Consignment
from qafila.customs.customs_explaining import charges_of, facts_of, warnings_of
from qafila.customs.evaluation import NO_PLAN, Totals, evaluate, totals
from qafila.customs.rulebook import Rulebook
from qafila.customs.what_if import alternatives


def assess_many(
    consignments: Iterable[Consignment], rulebook: Rulebook, rates: ExchangeRates
) -> list[Totals]:
    """The totals of many consignments, to the cent those of `assess`, without its lines and reasons."""
    return [totals(evaluate(c, rulebook, rates)) for c in consignments]


def assess(
    consignment: Consignment, rulebook: Rulebook, rates: ExchangeRates, what_if: bool = True
) -> Assessment:
    """Every charge on a consignment with its rule and reason, and what would have changed it.

    Raises UnknownTerritory for a destination without rules and UnknownRate for a currency without a rate.
    """
    result = evaluate(consignment, rulebook, rates)
    charged = any(plan is not NO_PLAN for plan in result.plans)
    return Assessment(
        currency=result.currency,
        customs_value=Money(sum((v[0] for v in result.vectors), start=Decimal(0)), result.currency),
        charges=tuple(charges_of(consignment, result)),
        what_if=alternatives(consignment, result, rulebook, rates) if what_if and charged else (),
        warnings=tuple(warnings_of(consignment, result)),
        facts=facts_of(consignment, result, rulebook, rates),
    )
