"""What a declaration owes: its goods as the duty engine takes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from qafila.clearance import clearance_messages as m
from qafila.clearance.declaration import Declaration, Procedure
from qafila.core.fault import Fault
from qafila.core.money import ExchangeRates, Money
from qafila.customs.assessment import Assessment, Consignment, Goods
from qafila.customs.customs_duty import assess
from qafila.customs.rulebook import Rulebook


def consignment_of(declaration: Declaration, on: date) -> Consignment:
    """The declared goods as a consignment on a day. Raises Fault where a line has no value."""
    goods = []
    for index, line in enumerate(declaration.lines):
        if line.value is None:
            raise Fault(m.NOTHING_ASSESSED(field=f"lines[{index}].value"), field=f"lines[{index}].value")
        goods.append(
            Goods(
                description=line.description,
                quantity=line.quantity or Decimal(1),
                value=line.value,
                hs=line.hs or None,
                origin=line.origin or None,
                net_kg=line.net_kg,
                preference=line.preference or None,
            )
        )
    private = declaration.category == "gift"
    return Consignment(
        goods=tuple(goods),
        sender=declaration.country_of_dispatch,
        destination=declaration.tax_area or declaration.country_of_destination,
        on=on,
        freight=declaration.freight,
        insurance=declaration.insurance,
        trade="c2c" if private else "b2b" if declaration.importer.number else "b2c",
        channel="post" if declaration.mode == "post" else "express",
        mode="air" if declaration.mode == "post" else declaration.mode or "air",
        scheme=declaration.scheme or None,
    )


def due(
    declaration: Declaration, on: date, rulebook: Rulebook, rates: ExchangeRates
) -> tuple[Assessment, Money]:
    """The assessment by the law of a day, and what is due now: nothing while duty is suspended or for export."""
    assessment = assess(consignment_of(declaration, on), rulebook, rates)
    suspended = declaration.procedure in (Procedure.BONDED, Procedure.TRANSIT, Procedure.EXPORT)
    return assessment, Money(Decimal(0), assessment.currency) if suspended else assessment.total
