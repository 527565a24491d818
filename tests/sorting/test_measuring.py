"""What carriage costs more by a machine's measure: only by terms that were published, with proof, and once."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.core.money import Money
from qafila.ledger import charging
from qafila.openness import openness_terms, store
from qafila.runtime.database import Role, acting_as, administrator
from qafila.sorting import measuring
from qafila.sorting.measuring import Measured
from qafila.sorting.model import By
from qafila.web.chassis import assets
from tests.applications import portal_of_home
from tests.shipping.bookables import NOW
from tests.sorting.centres import booked, centre, heard, merchant, name
from tests.web.visitors import member, signed_in

BY = By("local", station="DWS-1")
PROOF = {"machine": "DWS-1", "certificate": "C-9", "picture_sha256": "ab" * 32}


def euro(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def test_the_share_is_free_and_what_is_beyond_it_costs_by_weight() -> None:
    assert measuring.supplement(euro("10.00"), 1_000, 1_500, Decimal(10)) == euro("5.00")
    assert measuring.supplement(euro("10.00"), 1_000, 1_100, Decimal(10)) is None
    assert measuring.supplement(euro("10.00"), 1_000, 1_101, Decimal(10)) == euro("1.01")
    assert measuring.supplement(euro("10.00"), 1_000, 400, Decimal(10)) is None
    assert measuring.supplement(euro("0.00"), 1_000, 4_000, Decimal(0)) is None


@given(st.integers(1, 50_000), st.integers(1, 500_000), st.integers(0, 50))
def test_who_is_within_the_share_pays_nothing_and_nobody_is_paid(
    booked: int, measured: int, share: int
) -> None:
    more = measuring.supplement(euro("20.00"), booked, measured, Decimal(share))
    if measured * 100 <= booked * (100 + share):
        assert more is None
    else:
        assert more is None or more.amount > 0


Publish = Callable[[str, date], None]


@pytest.fixture
def publish() -> Iterator[Publish]:
    made: list[str] = []

    def published(value: str, in_force: date) -> None:
        before = openness_terms.shipped()[-1]
        words = dict.fromkeys(
            openness_terms.LANGUAGES, "Beyond this share carriage is charged by the weight measured."
        )
        added = openness_terms.Term("rates", "measured_weight", value, "percent", 30, words, "test")
        version = name("measured-")
        made.append(version)
        after = replace(
            before,
            version=version,
            announced=in_force - timedelta(days=40),
            in_force=in_force,
            terms=(*before.terms, added),
        )
        with administrator() as connection:
            store.keep_terms(connection, after)

    yield published
    with administrator() as connection:  # terms are kept for good; other tests know nothing of these
        connection.execute(text("ALTER TABLE published_terms DISABLE TRIGGER ALL"))
        connection.execute(text("DELETE FROM published_terms WHERE version = ANY(:v)"), {"v": made})
        connection.execute(text("ALTER TABLE published_terms ENABLE TRIGGER ALL"))


def owed(of: str) -> list[charging.Pending]:
    with acting_as(Role.OPERATOR) as connection:
        return charging.waiting(connection, of, "EUR", NOW + timedelta(days=9))


def measured(number: str, facility: str, grams: int, **proof: str) -> dict[str, object]:
    told = Measured(
        facility, number, grams, (100, 100, 100), NOW + timedelta(hours=1), name("m"), {**PROOF, **proof}
    )
    return measuring.measure(told, BY)


def parcel() -> tuple[str, str, str]:
    of, here = merchant(), centre()
    number = booked(of, here.facility)[0]
    heard()
    return of, here.facility, number


def grams_of(number: str) -> int:
    with administrator() as connection:
        return int(
            connection.execute(
                text("SELECT grams FROM parcels WHERE number = :n"), {"n": number}
            ).scalar_one()
        )


def test_terms_that_say_nothing_of_it_change_no_price() -> None:
    of, facility, number = parcel()
    assert "charged" not in measured(number, facility, 30_000)
    assert owed(of) == []


def test_a_heavier_parcel_is_charged_once_and_the_merchant_sees_why(publish: Publish) -> None:
    publish("10", NOW.date())
    of, facility, number = parcel()
    grams = grams_of(number)
    assert "charged" not in measured(number, facility, grams * 3, picture_sha256="")  # no picture, no price
    told = measured(number, facility, grams * 3)
    (charge,) = owed(of)
    with administrator() as connection:
        price = connection.execute(
            text("SELECT price FROM bookings WHERE merchant_id = :m"), {"m": of}
        ).scalar_one()
    assert charge.money == Money(price * 2, "EUR").rounded()
    assert (charge.kind, charge.subject) == ("measured_freight", f"{number}/measured")
    assert told["charged"] == {
        "amount": str(charge.money.amount),
        "currency": "EUR",
        "terms": told["charged"]["terms"],
    }  # type: ignore[index]
    assert "charged" not in measured(number, facility, grams * 5)
    assert len(owed(of)) == 1
    with acting_as(Role.MERCHANT, of) as connection:
        seen = measuring.measures(connection, number)
    assert [("charged" in r.document) for r in seen].count(True) == 1
    assert all(r.document["proof"]["certificate"] == "C-9" for r in seen)
    with acting_as(Role.MERCHANT, merchant()) as connection:
        assert measuring.measures(connection, number) == []


def test_the_same_measure_twice_is_one(publish: Publish) -> None:
    publish("10", NOW.date())
    of, facility, number = parcel()
    told = Measured(facility, number, grams_of(number) * 2, (100, 100, 100), NOW, name("m"), PROOF)
    assert measuring.measure(told, BY) == measuring.measure(told, BY)
    assert len(owed(of)) == 1


def test_who_booked_before_the_terms_held_is_not_charged_by_them(publish: Publish) -> None:
    of, facility, number = parcel()
    publish("10", (NOW + timedelta(days=1)).date())
    told = Measured(facility, number, 30_000, (1, 1, 1), NOW + timedelta(days=2), name("m"), PROOF)
    assert "charged" not in measuring.measure(told, BY)
    assert owed(of) == []


@pytest.mark.parametrize("code", ["en", "fr", "ar", "zh"])
def test_the_merchants_page_shows_measure_proof_and_charge_and_leads_to_a_complaint(
    publish: Publish, code: str
) -> None:
    if not (assets.BUILT / "manifest.json").exists():
        pytest.skip("the front end is not built: python src/qafila/web/frontend/build.py")
    publish("10", NOW.date())
    of, facility, number = parcel()
    measured(number, facility, grams_of(number) * 3)
    (charge,) = owed(of)
    with administrator() as connection:
        shipment = connection.execute(
            text("SELECT shipment_id FROM parcels WHERE number = :n"), {"n": number}
        ).scalar_one()
    with TestClient(portal_of_home(), base_url="http://localhost") as visitor:
        page = signed_in(visitor, member(of, "administrator")).get(f"/{code}/shipments/{shipment}")
        assert page.status_code == 200, page.text
        assert f"{charge.money.amount} EUR" in page.text
        assert "C-9" in page.text
        (found,) = re.findall(r'href="([^"]*/complaints\?[^"]*)"', page.text)
        form = visitor.get(html.unescape(found)).text
        assert '<option value="price" selected>' in form
        assert f"{number}/measured" in form
