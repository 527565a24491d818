"""Landed cost: goods, freight, insurance, duty, VAT and the rest, line by line with their sources."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from qafila.core.money import ExchangeRates, Money, UnknownRate
from qafila.customs.assessment import Assessment, Charge, Consignment, Goods
from qafila.customs.duty import assess
from qafila.customs.rulebook import Rulebook, UnknownTerritory
from qafila.network.timetable import Mode
from qafila.routing.itinerary import Itinerary
from qafila.shipping.offers.offer import CostLine
from qafila.shipping.offers.terms import terms
from qafila.shipping.orders.order import Order

_MODE = {Mode.AIR: "air", Mode.BELLY: "air", Mode.SEA: "sea", Mode.RAIL: "rail", Mode.ROAD: "road"}
_LINE = {"duty": "duty", "vat": "vat"}  # every other kind of charge is an "other" line


def landed(
    order: Order,
    itinerary: Itinerary,
    price: Money,
    on: date,
    rulebook: Rulebook,
    rates: ExchangeRates,
    what_if: bool = True,
) -> tuple[tuple[CostLine, ...], Assessment]:
    """The lines of landed cost in the price's currency, and the assessment behind duty and taxes.

    Where no rules are loaded for the destination, a line of zero says so: nothing is guessed.
    """
    currency = price.currency
    goods = rates.convert(order.value, currency, on).rounded()
    lines = [
        CostLine("goods", "Goods", goods, "declared by the sender"),
        CostLine(
            "freight", "Freight to the door", price, "qafila's public rate card", why=_carriage(itinerary)
        ),
    ]
    premium = terms().premium(goods, price, on, rates) if order.insured else None
    if premium is not None:
        lines.append(CostLine("insurance", "Insurance", premium, "qafila's terms (facts/offer-terms.csv)"))
    else:
        lines.append(
            CostLine(
                "insurance", "Insurance", Money(Decimal(0), currency), "not asked for", why="not insured"
            )
        )
    consignment = _consignment(order, itinerary, price, premium, on)
    try:
        assessment = assess(consignment, rulebook, rates, what_if=what_if)
    except (UnknownTerritory, UnknownRate) as unknown:
        nothing = Assessment(currency, goods, (), warnings=(str(unknown),))
        gap = CostLine(
            "duty", "Duty and taxes: not known", Money(Decimal(0), currency), str(unknown), confidence="unknown",
            why="Nothing is guessed: the receiver may have to pay import charges.",
        )  # fmt: skip
        return (*lines, gap), nothing
    lines += [_line(charge, currency, on, rates) for charge in assessment.charges if not charge.suspended]
    for kind, name in (("duty", "Import duty"), ("vat", "VAT")):
        if not any(line.kind == kind for line in lines):
            why = "; ".join(assessment.warnings) or "none is due on this consignment"
            nothing_due = Money(Decimal(0), currency)
            lines.append(
                CostLine(kind, name, nothing_due, f"customs rules of {order.receiver.taxed_as}", why=why)
            )
    return tuple(lines), assessment


def main_mode(itinerary: Itinerary) -> str:
    """The mode for customs: of the longest ride that is no van's tour."""
    rides = [leg for leg in itinerary.legs if leg.mode in _MODE]
    if not rides:
        return "road"
    return _MODE[max(rides, key=lambda leg: leg.arrive - leg.depart).mode]


def _consignment(
    order: Order, itinerary: Itinerary, price: Money, premium: Money | None, on: date
) -> Consignment:
    guessed = {e.field for e in order.estimates}
    return Consignment(
        goods=tuple(
            Goods(
                description=item.description,
                quantity=Decimal(item.quantity),
                value=item.unit_value * item.quantity,
                hs=item.hs,
                origin=item.origin,
                net_kg=item.unit_kg * item.quantity if item.unit_kg is not None else None,
                preference=order.preference,
                hs_estimated=f"items[{number}].hs" in guessed,
            )
            for number, item in enumerate(order.items)
        ),
        sender=order.sender.country,
        destination=order.receiver.taxed_as,
        on=on,
        freight=price,
        insurance=premium,
        trade=order.trade,
        mode=main_mode(itinerary),
    )


def _line(charge: Charge, currency: str, on: date, rates: ExchangeRates) -> CostLine:
    rule = charge.rule
    return CostLine(
        kind=_LINE.get(charge.kind, "other"),
        name=f"{charge.name} ({charge.rate})" if charge.rate else charge.name,
        amount=rates.convert(charge.amount, currency, on).rounded(),
        source=rule.source if not rule.legal_basis else f"{rule.legal_basis}; {rule.source}",
        valid_from=rule.valid_from.isoformat(),
        valid_to=rule.valid_to.isoformat() if rule.valid_to else "",
        confidence=rule.confidence,
        why=charge.why,
    )


def _carriage(itinerary: Itinerary) -> str:
    modes = [leg.mode.name.casefold() for leg in itinerary.legs]
    return " → ".join(mode for n, mode in enumerate(modes) if n == 0 or modes[n - 1] != mode)
