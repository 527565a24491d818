"""Worked examples that pages state, each with its source, beside those of the shared data."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from qafila.core.money import exchange_rates
from qafila.customs.customs_duty import assess
from qafila.customs.customs_exchange import consignment_from
from qafila.customs.rulebook import rulebook

POST = {"mode": "air", "channel": "post", "trade": "b2c"}
FREIGHT = {"mode": "sea", "channel": "freight", "trade": "b2b"}
GIFT = {"mode": "air", "channel": "post", "trade": "c2c"}


def goods(*of: tuple[str, str], pieces: int = 1) -> list[dict[str, Any]]:
    return [{"description": "goods", "hs": hs, "value": value, "quantity": pieces} for hs, value in of]


# source, from, to, currency, day, goods, how, what is expected by code
CASES: list[tuple[str, str, str, str, str, list[dict[str, Any]], dict[str, Any], dict[str, str]]] = [
    ("app.reallaw.ai, practical guide 2056: leather shoes, AED 10,000", "IT", "AE", "AED", "2026-05-01", goods(("640351", "10000")), FREIGHT,
     {"CD": "500.00", "VAT": "525.00", "total": "1025.00"}),
    ("zoho.com/ae: up to AED 1,000 CIF × 5 %", "IT", "AE", "AED", "2026-05-01", goods(("640351", "1000")), POST, {"total": "50.00"}),
    ("dhl.com/no-en: a pen, a book, a hat", "CN", "DE", "EUR", "2026-07-15", goods(("960810", "5"), ("490199", "10"), ("650500", "20")), POST,
     {"A00": "9.00"}),
    ("dhl.com/no-en: four pens and a book", "CN", "DE", "EUR", "2026-07-15", goods(("960810", "5"), pieces=4) + goods(("490199", "10")), POST,
     {"A00": "6.00"}),
    ("rbk.ie: three pens are one item", "GB", "IE", "EUR", "2026-07-15", goods(("960810", "5"), pieces=3), POST, {"A00": "3.00"}),
    ("haute-edition.com: $160 in November 2010, about €115", "US", "DE", "EUR", "2010-11-01", goods(("610910", "86.25")), {**POST, "freight": "28.75"},
     {"A00": "0.00", "B00": "21.85", "total": "21.85"}),
    ("so-fo.de: a lens of 900 with 100 of freight, 6.7 % and 19 %", "US", "DE", "EUR", "2026-05-01", goods(("900211", "900")),
     {"mode": "air", "channel": "freight", "trade": "b2b", "freight": "100"}, {"A00": "67.00", "B00": "202.73"}),
    ("revenue.ie: ten shirts, €600 at 2.5 %", "US", "IE", "EUR", "2026-05-01", goods(("620520", "600")), GIFT, {"A00": "15.00"}),
    ("importexportlicense.co.za: R100, 20 %, VAT then 14 %", "CN", "ZA", "ZAR", "2017-05-01", goods(("940360", "100")), FREIGHT,
     {"CD": "20.00", "VAT": "18.20"}),
    ("dhlguide.co.za: (value + 10 % + duty) × 15 %", "CN", "ZA", "ZAR", "2026-05-01", goods(("940360", "1000")), FREIGHT, {"CD": "200.00", "VAT": "195.00"}),
    ("clearonlogistics.co.ke: CIF KES 1,573,800, IDF 2.5 %, RDL 2 %", "CN", "KE", "KES", "2026-05-01", goods(("851830", "1290000")),
     {**FREIGHT, "freight": "258000", "insurance": "25800"}, {"IDF": "39345.00", "RDL": "31476.00"}),
    ("douanes.sn: RS 1 %; ECOWAS tariff, third category", "CN", "SN", "XOF", "2026-05-01", goods(("940360", "1000000")), FREIGHT,
     {"DD": "200000", "RS": "10000"}),
    ("shiphop.us: above SAR 1,000 5 %, then 15 % on the sum", "CN", "SA", "SAR", "2026-05-01", goods(("640351", "2000")), FREIGHT,
     {"CD": "100.00", "VAT": "315.00"}),
    ("customsbrokerexamprep.com: least fee of 2021", "CN", "US", "USD", "2021-05-01", goods(("950300", "2600")), FREIGHT, {"MPF": "27.23"}),
    ("customsbrokerexamprep.com: highest fee of 2021", "CN", "US", "USD", "2021-05-01", goods(("950300", "260000")), FREIGHT, {"MPF": "528.33"}),
    ("blog.shippabo.com: highest fee $485", "CN", "US", "USD", "2017-11-01", goods(("950300", "260000")), FREIGHT, {"MPF": "485.00"}),
    ("xeneta.com: 0.125 % by sea alone", "CN", "US", "USD", "2026-05-01", goods(("950300", "10000")), FREIGHT, {"HMF": "12.50"}),
    ("gov.uk, goods sent from abroad: a gift of £44 owes VAT on all of it", "US", "GB", "GBP", "2026-05-01", goods(("950300", "44")), GIFT,
     {"A00": "0.00", "B00": "8.80"}),
    ("gov.uk, goods sent from abroad: a gift of £39 is free", "US", "GB", "GBP", "2026-05-01", goods(("950300", "39")), GIFT, {"total": "0.00"}),
    ("gov.uk, goods sent from abroad: gifts up to £630 at 2.5 %", "US", "GB", "GBP", "2026-05-01", goods(("610910", "300")), GIFT, {"A00": "7.50"}),
    ("gov.uk, goods sent from abroad: above £630 the tariff's rate", "US", "GB", "GBP", "2026-05-01", goods(("610910", "700")), GIFT, {"A00": "84.00"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "sender", "to", "currency", "day", "lines", "how", "expected"),
    CASES,
    ids=[c[0].split(":")[0] for c in CASES],
)
def test_to_the_cent(
    source: str,
    sender: str,
    to: str,
    currency: str,
    day: str,
    lines: list[dict[str, Any]],
    how: dict[str, Any],
    expected: dict[str, str],
) -> None:
    asked = {
        "from": sender,
        "to": to,
        "currency": currency,
        "date": day,
        "goods": lines,
        "freight": "0",
        "insurance": "0",
        **how,
    }
    answer = assess(consignment_from(asked), rulebook(), exchange_rates())
    sums = {"total": answer.total.amount}
    for charge in answer.charges:
        sums[charge.code] = sums.get(charge.code, Decimal(0)) + charge.amount.amount
    assert {code: sums.get(code) for code in expected} == {
        code: Decimal(amount) for code, amount in expected.items()
    }, source
