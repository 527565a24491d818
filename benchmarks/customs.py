"""Duty assessments a second on one core: the batch, and the full answer with lines, reasons and what-ifs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from qafila.core.money import Money, exchange_rates
from qafila.customs.assessment import Consignment, Goods
from qafila.customs.customs_duty import assess, assess_many
from qafila.customs.rulebook import rulebook

BATCH = 50_000
SINGLES = 1_000
AIM = 50_000.0  # evaluations a second on one core

_CODES = ("610910", "620342", "640399", "711719", "851713", "851830", "910211", "950300", "330499", "420222")
_TO = ("MA", "FR", "DE", "ES", "IT", "GB", "AE", "SA", "TR", "SN", "CI", "NG", "KE", "ZA", "EG", "US", "CN")


def consignments(count: int, seed: int = 5) -> list[Consignment]:
    """Consignments of one to three lines to every territory, over a month of days."""
    dice = random.Random(seed)
    first = date(2026, 11, 1)

    def goods() -> Goods:
        value = Decimal(dice.randrange(300, 90_000)) / 100
        return Goods(
            "goods", Decimal(dice.randint(1, 5)), Money(value, "USD"), dice.choice(_CODES), net_kg=Decimal(1)
        )

    return [
        Consignment(
            goods=tuple(goods() for _ in range(dice.choice((1, 1, 1, 1, 2, 3)))),
            sender=dice.choice(("CN", "MA")),
            destination=dice.choice(_TO),
            on=first + timedelta(days=dice.randrange(30)),
            freight=Money(Decimal(dice.randrange(200, 4_000)) / 100, "USD"),
        )
        for _ in range(count)
    ]


def run(report: Callable[[str], None]) -> None:
    """Evaluations a second by processor time of one core (nothing here runs in parallel), cold and warm."""
    book, rates = rulebook(), exchange_rates()
    asked = consignments(BATCH)
    book.plans.clear()
    cold = _seconds(lambda: assess_many(asked, book, rates))
    plans = len(book.plans)
    warm = min(_seconds(lambda: assess_many(asked, book, rates)) for _ in range(3))
    single = _seconds(lambda: [assess(c, book, rates) for c in asked[:SINGLES]])
    lines = sum(len(c.goods) for c in asked)
    report(
        f"customs: {BATCH:,} consignments ({lines:,} lines of goods) in {warm:.2f} s of one core: "
        f"{BATCH / warm:,.0f} evaluations a second (aim {AIM:,.0f}); {BATCH / cold:,.0f} with {plans:,} plans to resolve"
    )
    report(
        f"customs: full answer with lines, reasons and what-ifs: {SINGLES / single:,.0f} a second, "
        f"{single / SINGLES * 1000:.2f} ms each"
    )


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
