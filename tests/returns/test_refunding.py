"""What buyers get back: by the law and the inspection; booked, balanced, and never with the money of others."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from qafila.core.fault import Conflict, Fault
from qafila.core.money import Money
from qafila.delivery import notices
from qafila.ledger import charging, parties, wallet
from qafila.ledger import store as books
from qafila.ledger.cash.model import Act as CashAct
from qafila.ledger.law import licences
from qafila.ledger.law.law_rules import Licence
from qafila.ledger.model import By, NotThere, Purpose, merchant
from qafila.ledger.parties import Party
from qafila.returns import refunding, returns_receiving, returns_sweeping, store
from qafila.returns.model import State
from qafila.runtime.database import administrator
from tests.delivery.stations import SOURCE
from tests.returns.shop import Shop


def balance(account: object) -> Decimal:
    with administrator() as connection:
        return books.balance(connection, account)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shop() -> Shop:
    with administrator() as connection:
        licences.state(
            connection, Licence("FR", "payment_institution", "ACPR", "R-1", date(2020, 1, 1)), "test"
        )
    return Shop(delivery_fee=Decimal("4.90"))


def test_cash_that_is_still_here_pays_the_buyer(shop: Shop) -> None:
    number = shop.delivered(cash="60.00")
    given = shop.asked(number)
    shop.back(given)
    owed, refunding_ = (
        merchant(shop.merchant, Purpose.OWED, "EUR"),
        merchant(shop.merchant, Purpose.REFUNDING, "EUR"),
    )
    before = balance(owed)
    told = shop.refunded(given)
    assert told["how"] == "through_us"
    amount = Decimal(told["refund"]["amount"])
    goods = sum(x.value.amount * x.bought for x in given.lines)
    assert given.freight is not None
    assert amount == min(goods + Decimal("4.90") - given.freight.amount, Decimal("60.00"))
    assert balance(owed) - before == amount
    assert balance(refunding_) == -amount
    with pytest.raises(
        NotThere
    ):  # the bag is not at the bank yet: nobody is paid with money that is not there
        refunding.paid_out(shop.act(), SOURCE, given.id, "SEPA-1")
    with administrator() as connection:
        act = CashAct(key=shop.act().key, by=By("local", "x"), at=shop.now)
        wallet.fill_up(connection, act, Money(amount, "EUR"), "the bag is on its way")
    refunding.paid_out(shop.act("pay"), SOURCE, given.id, "SEPA-1")
    assert refunding.paid_out(shop.act("pay"), SOURCE, given.id, "SEPA-1")["repeated"]
    assert balance(refunding_) == 0
    assert shop.now_of(given).state is State.CLOSED
    with administrator() as connection:
        (charge,) = charging.waiting(connection, shop.merchant, "EUR", shop.now.replace(year=2030))
    assert charge.money == given.freight


def test_what_the_merchant_was_paid_he_pays_back_himself(shop: Shop) -> None:
    given = shop.asked(shop.delivered(), cause="faulty")
    shop.back(given, grade="faulty")
    before = balance(merchant(shop.merchant, Purpose.OWED, "EUR"))
    told = shop.refunded(given)
    assert told["how"] == "by_merchant"
    assert told["freight"]["by"] == "merchant"
    assert Decimal(told["refund"]["amount"]) == sum(x.value.amount * x.bought for x in given.lines) + Decimal(
        "4.90"
    )
    assert balance(merchant(shop.merchant, Purpose.OWED, "EUR")) == before
    refunding.paid_out(shop.act(), SOURCE, given.id, "own bank")
    assert shop.now_of(given).state is State.INSPECTED  # the goods still wait for the merchant
    for line in given.lines:
        returns_receiving.dispose(shop.act(), SOURCE, given.id, line.line, "fetched by his driver")
    assert shop.now_of(given).state is State.CLOSED


def test_use_takes_off_what_the_grade_says_and_no_more(shop: Shop) -> None:
    given = shop.asked(shop.delivered())
    with pytest.raises(Fault, match="at most"):
        shop.back(given, grade="used", deducted="1000")
    seen = returns_receiving.told_from(
        [{"line": x.line, "found": x.asked, "grade": "used"} for x in given.lines]
    )
    returns_receiving.inspect(shop.context, shop.act(), SOURCE, given.number, shop.id, "DOCK-1", seen)
    told = shop.refunded(given)
    goods = sum(x.value.amount * x.bought for x in given.lines)
    assert given.freight is not None
    assert Decimal(told["refund"]["amount"]) == max(
        Decimal(0),
        (goods * Decimal("0.7") + Decimal("4.90") - given.freight.amount).quantize(Decimal("0.01")),
    )


def test_another_amount_needs_a_reason_and_has_an_end(shop: Shop) -> None:
    given = shop.asked(shop.delivered())
    with pytest.raises(Conflict):
        shop.refunded(given)
    shop.back(given)
    with pytest.raises(Fault, match="Say why"):
        shop.refunded(given, Money(Decimal("1.00"), "EUR"))
    for wrong in (
        Money(Decimal("99999"), "EUR"),
        Money(Decimal("-1"), "EUR"),
        Money(Decimal("1.001"), "EUR"),
        Money(Decimal(1), "MAD"),
    ):
        with pytest.raises(Fault):
            shop.refunded(given, wrong, "because")
    assert (
        shop.refunded(given, Money(Decimal("1.00"), "EUR"), "agreed by phone")["refund"]["amount"] == "1.00"
    )
    with pytest.raises(Conflict):
        shop.refunded(given)


def test_cash_that_was_refused_is_paid_back_to_nobody() -> None:
    shop = Shop()
    number = shop.out(cash="30.00")
    shop.do("fail", parcel=number, reason="refused")
    returns_sweeping.sweep(shop.context)
    with administrator() as connection:
        (given,) = store.of_parcel(connection, number)
    shop.back(given)
    assert shop.refunded(given)["how"] == "nothing_paid"
    assert shop.now_of(given).state is State.CLOSED


def test_buyer_and_merchant_are_told_of_a_return_and_of_what_came_of_it() -> None:
    shop = Shop()
    with administrator() as connection:
        parties.put(connection, shop.merchant, Party("Souk", "MA", email="books@souk.example"), "test")
    given = shop.asked(shop.delivered(), cause="faulty")
    shop.back(given, grade="faulty")
    shop.refunded(given)
    with administrator() as connection:
        told = {(str(x["kind"]), str(x["channel"])): x for x in notices.of_parcel(connection, given.parcel)}
    asked = told["return_until", "email"]
    assert given.number in str(asked["body"])
    assert f"/fr/r/{given.token}" in str(asked["body"])
    assert ("return_until", "sms") in told
    paid = shop.now_of(given).refund
    assert paid is not None
    assert "rembours" in str(told["return_refunded", "email"]["body"])
    merchants = [told[f"merchant_{kind}", "email"] for kind in ("return_asked", "return_refunded")]
    assert {x["address"] for x in merchants} == {"books@souk.example"}
    assert all(f"/returns/{given.id}" in str(x["body"]) for x in merchants)
    assert all(
        str(paid.amount).split(".")[0] in str(told[k]["body"]) for k in told if k[0].endswith("refunded")
    )
