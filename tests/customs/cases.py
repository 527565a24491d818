"""Short ways to write consignments and to read assessments in the tests of this folder."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from qafila.core.money import Money, exchange_rates
from qafila.customs.assessment import Assessment, Consignment, Goods
from qafila.customs.customs_duty import assess
from qafila.customs.rulebook import rulebook


def money(text: str) -> Money:
    amount, currency = text.split()
    return Money(Decimal(amount), currency)


def goods(hs: str | None, value: str, quantity: int = 1, **more: Any) -> Goods:
    return Goods("goods", Decimal(quantity), money(value), hs, **more)


def consignment(
    destination: str,
    *lines: Goods,
    sender: str = "CN",
    on: str = "2026-11-23",
    freight: str | None = None,
    **more: Any,
) -> Consignment:
    return Consignment(
        tuple(lines),
        sender,
        destination,
        date.fromisoformat(on),
        freight=None if freight is None else money(freight),
        **more,
    )


def due(asked: Consignment) -> Assessment:
    return assess(asked, rulebook(), exchange_rates())


def amounts(assessment: Assessment) -> dict[str, str]:
    """code -> amount, summed over the lines of goods."""
    found: dict[str, Decimal] = {}
    for charge in assessment.charges:
        found[charge.code] = found.get(charge.code, Decimal(0)) + charge.amount.amount
    return {code: str(amount) for code, amount in found.items()}
