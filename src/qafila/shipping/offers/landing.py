"""Landed cost: goods, freight, insurance, duty, VAT and the rest, line by line with their sources."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from qafila.core.message import AS_IT_IS, Country, Message, Term, clauses
from qafila.core.money import ExchangeRates, Money
from qafila.core.unknown_rate import UnknownRate
from qafila.customs.assessment import Assessment, Charge, Consignment, Goods
from qafila.customs.customs_duty import assess
from qafila.customs.rulebook import Rulebook, UnknownTerritory
from qafila.network.timetable import Mode
from qafila.routing.itinerary import Itinerary
from qafila.shipping.offers import offers_messages as m
from qafila.shipping.offers.offer import CostLine
from qafila.shipping.offers.offers_terms import terms
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
        CostLine("goods", m.GOODS(), goods, m.DECLARED()),
        CostLine("freight", m.FREIGHT(), price, m.RATE_CARD(), why=_carriage(itinerary)),
    ]
    premium = terms().premium(goods, price, on, rates) if order.insured else None
    if premium is not None:
        lines.append(CostLine("insurance", m.INSURANCE(), premium, m.OWN_TERMS()))
    else:
        nothing_paid = Money(Decimal(0), currency)
        lines.append(CostLine("insurance", m.INSURANCE(), nothing_paid, m.NOT_ASKED(), why=m.NOT_INSURED()))
    consignment = _consignment(order, itinerary, price, premium, on)
    try:
        assessment = assess(consignment, rulebook, rates, what_if=what_if)
    except (UnknownTerritory, UnknownRate) as unknown:
        nothing = Assessment(currency, goods, (), warnings=(unknown.told,))
        gap = CostLine(
            "duty",
            m.DUTY_UNKNOWN(),
            Money(Decimal(0), currency),
            unknown.told,
            confidence="unknown",
            why=m.NOTHING_GUESSED(),
        )
        return (*lines, gap), nothing
    lines += [_line(charge, currency, on, rates) for charge in assessment.charges if not charge.suspended]
    for kind, name in (("duty", m.IMPORT_DUTY()), ("vat", m.VAT())):
        if not any(line.kind == kind for line in lines):
            why = clauses(assessment.warnings) or m.NONE_DUE()
            nothing_due = Money(Decimal(0), currency)
            source = m.RULES_OF(country=Country(order.receiver.taxed_as.partition("-")[0]))
            lines.append(CostLine(kind, name, nothing_due, source, why=why))
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
        name=m.CHARGE(name=charge.name, rate=charge.rate),
        amount=rates.convert(charge.amount, currency, on).rounded(),
        source=clauses([rule.legal_basis, rule.source]) or rule.source,
        valid_from=rule.valid_from.isoformat(),
        valid_to=rule.valid_to.isoformat() if rule.valid_to else "",
        confidence=rule.confidence,
        why=charge.why,
    )


def _carriage(itinerary: Itinerary) -> Message | None:
    """The modes of a way, one after the other."""
    modes = [leg.mode.name.casefold() for leg in itinerary.legs]
    told: Message | None = None
    for n, mode in enumerate(modes):
        if n == 0:
            told = AS_IT_IS(text=Term("mode", mode))
        elif told is not None and modes[n - 1] != mode:
            told = m.THEN(way=told, mode=Term("mode", mode))
    return told
