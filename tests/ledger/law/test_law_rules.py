"""Which law holds: by day, by territory, by union; and that each row says where it is written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from qafila.core.fault import Fault, NotFound
from qafila.core.money import Money, exchange_rates
from qafila.ledger.law import law_rules, licences
from qafila.ledger.law.law_rules import Licence
from qafila.runtime.database import administrator

DAY = date(2026, 6, 1)


def test_every_row_names_its_source_and_how_sure_it_is() -> None:
    for row in (*law_rules.rules(), *law_rules.taxes()):
        assert row.source, row
        assert row.legal_basis, row
        assert row.confidence in ("official", "secondary", "indicative"), row
        assert row.valid_to is None or row.valid_to >= row.valid_from
    for term in law_rules.terms():
        assert term.source
        assert term.value >= 0


@pytest.mark.parametrize(
    ("territory", "on", "most"),
    [
        ("MA", DAY, "19999.99 MAD"),  # 20,000 is fined
        ("FR", DAY, "1000.00 EUR"),
        ("ES", DAY, "999.99 EUR"),
        ("NL", date(2025, 12, 31), None),
        ("NL", DAY, "2999.99 EUR"),
        ("DE", DAY, None),
        ("DE", date(2027, 7, 9), None),
        ("DE", date(2027, 7, 10), "10000.00 EUR"),
        ("FR", date(2028, 1, 1), "1000.00 EUR"),  # the lower of its own and the union's
        ("CN", DAY, None),
    ],
)
def test_cash_limits(territory: str, on: date, most: str | None) -> None:
    found = law_rules.cash_limit(territory, on)
    assert (None if found is None else str(found[0])) == most


@pytest.mark.parametrize(
    ("licence", "territory", "on", "through_us"),
    [
        (None, "MA", DAY, False),
        (Licence("MA", "payment_institution", "Bank Al-Maghrib", "1", date(2026, 1, 1)), "MA", DAY, True),
        (Licence("MA", "payment_institution", "Bank Al-Maghrib", "1", date(2026, 7, 1)), "MA", DAY, False),
        (
            Licence("MA", "payment_institution", "Bank Al-Maghrib", "1", date(2026, 1, 1), date(2026, 5, 31)),
            "MA",
            DAY,
            False,
        ),
        (Licence("MA", "electronic_money_institution", "?", "1", date(2026, 1, 1)), "MA", DAY, False),
        (Licence("EU", "electronic_money_institution", "ACPR", "1", date(2026, 1, 1)), "FR", DAY, True),
        (Licence("EU", "payment_institution", "ACPR", "1", date(2026, 1, 1)), "MA", DAY, False),
        (Licence("FR", "payment_institution", "ACPR", "1", date(2026, 1, 1)), "ES", DAY, False),
        (Licence("US", "payment_institution", "?", "1", date(2026, 1, 1)), "US", DAY, False),
        (Licence("BR", "bank", "?", "1", date(2026, 1, 1)), "BR", DAY, True),
    ],
)
def test_others_money_is_held_only_by_a_licence_of_the_place_and_the_day(
    licence: Licence | None, territory: str, on: date, through_us: bool
) -> None:
    found = law_rules.regime(territory, on, [licence] if licence else [])
    assert found.through_us is through_us
    assert (licence.number if licence and through_us else "No licence") in str(found.why())


@pytest.mark.parametrize(
    ("service", "territory", "on", "rate", "category"),
    [
        ("freight", "MA", date(2024, 3, 1), "13", "S"),
        ("freight", "MA", date(2025, 3, 1), "12", "S"),
        ("freight", "MA", DAY, "10", "S"),
        ("freight_abroad", "MA", DAY, "0", "Z"),
        ("service", "MA", DAY, "20", "S"),
        ("freight", "FR", DAY, "20", "S"),
        ("freight_abroad", "FR", DAY, "0", "Z"),
        ("freight", "BR", DAY, "0", "O"),
    ],
)
def test_taxes_on_services(service: str, territory: str, on: date, rate: str, category: str) -> None:
    found = law_rules.tax(service, territory, on)
    assert (found.rate, found.category) == (Decimal(rate), category)


def test_a_term_is_said_in_a_currency_or_converted() -> None:
    rates = exchange_rates()
    assert law_rules.sum_of("bag_limit", "MAD", DAY, rates) == Money(Decimal(8000), "MAD")
    dollars = law_rules.sum_of("bag_limit", "USD", DAY, rates)
    assert dollars == rates.convert(Money(Decimal(750), "EUR"), "USD", DAY).rounded()
    with pytest.raises(KeyError):
        law_rules.term("no_such_term", DAY)
    with pytest.raises(KeyError):
        law_rules.term("invoice_due_days", date(2020, 1, 1))


def test_licences_are_stated_and_ended() -> None:
    made = Licence("GB", "payment_institution", "FCA", "FRN 900001", date(2026, 1, 1))
    with administrator() as connection:
        for _ in range(2):
            licences.state(connection, made, "test")
        assert [x for x in licences.stated(connection) if x.territory == "GB"] == [made]
        assert licences.regime_of(connection, "GB", DAY).through_us
        licences.end(connection, "GB", made.number, date(2026, 5, 1))
        assert not licences.regime_of(connection, "GB", DAY).through_us
        with pytest.raises(NotFound):
            licences.end(connection, "GB", "other", DAY)
        for wrong in (Licence("GB", "bakery", "FCA", "1", DAY), Licence("GB", "bank", "FCA", " ", DAY)):
            with pytest.raises(Fault):
                licences.state(connection, wrong, "test")
