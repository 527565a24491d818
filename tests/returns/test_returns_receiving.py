"""From the buyer's wish to the shelf: asked for, handed in, read at the warehouse, inspected, put back, or turned round by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.delivery import notices
from qafila.returns import returns_asking, returns_goods, returns_receiving, returns_sweeping, store
from qafila.returns.model import Cause, State
from qafila.returns.returns_asking import Asked
from qafila.runtime.database import administrator
from qafila.storage import store as stock
from tests.delivery.stations import SOURCE
from tests.returns.shop import Shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


def pieces_on_shelves(shop: Shop, sku: str) -> int:
    with administrator() as connection:
        return int(
            connection.execute(
                text("SELECT coalesce(sum(pieces), 0) FROM stock WHERE merchant_id = :m AND sku = :s"),
                {"m": shop.merchant, "s": sku},
            ).scalar_one()
        )


def test_what_a_buyer_sends_back_goes_back_to_stock(shop: Shop) -> None:
    number = shop.delivered()
    given = shop.asked(number)
    assert given.state is State.ASKED
    assert given.number == f"{number}-R1"
    before = pieces_on_shelves(shop, "TEA")
    returns_receiving.hand_in(shop.context, shop.act(), SOURCE, given.number, shop.id)
    assert shop.status(number).state.value == "returning"
    done = shop.back(given)
    assert {line["disposal"] for line in done["lines"]} == {"stock"}
    assert shop.status(number).state.value == "returned"
    assert pieces_on_shelves(shop, "TEA") - before == given.pieces
    with administrator() as connection:
        assert stock.at_place(connection, shop.id, "DOCK-1") == []
    assert shop.now_of(given).state is State.INSPECTED


def test_an_inspection_that_was_cut_off_puts_nothing_back_twice(shop: Shop) -> None:
    given = shop.asked(shop.delivered())
    returns_receiving.arrive(shop.context, shop.act(), SOURCE, given.number, shop.id)
    before = pieces_on_shelves(shop, "TEA")
    seen = returns_receiving.told_from([{"line": 0, "found": given.lines[0].asked, "grade": "as_new"}])
    returns_receiving._to_stock(
        shop.act(), given, shop.id, "DOCK-1", returns_receiving.replace(seen[0], disposal="stock")
    )  # it was killed here
    done = returns_receiving.inspect(
        shop.context, shop.act("one"), SOURCE, given.number, shop.id, "DOCK-1", seen
    )
    again = returns_receiving.inspect(
        shop.context, shop.act("one"), SOURCE, given.number, shop.id, "DOCK-1", seen
    )
    assert again["repeated"]
    assert done["lines"] == again["lines"]
    with pytest.raises(Conflict):
        returns_receiving.inspect(shop.context, shop.act(), SOURCE, given.number, shop.id, "DOCK-1", seen)
    assert pieces_on_shelves(shop, "TEA") - before == given.lines[0].asked


def test_no_buyer_asks_for_more_than_he_got_or_after_his_time(shop: Shop) -> None:
    number = shop.delivered()
    given = shop.opened(number)
    for wrong in ({0: 99}, {0: -1}, {7: 1}, {0: 0}):
        with pytest.raises(Fault):
            returns_asking.ask(shop.context, given.token, Asked("withdrawal", wrong))
    with pytest.raises(Fault, match="because of"):
        returns_asking.ask(shop.context, given.token, Asked("refused", {}))
    came = shop.now
    try:
        shop.now = came + timedelta(days=15)
        with pytest.raises(Conflict, match="ended on"):
            returns_asking.ask(shop.context, given.token, Asked("withdrawal", {}))
        assert returns_asking.ask(shop.context, given.token, Asked("faulty", {})).freight_by == "merchant"
    finally:
        shop.now = came
    with pytest.raises(Conflict, match="asked for"):
        returns_asking.ask(shop.context, given.token, Asked("withdrawal", {}))
    with pytest.raises(NotFound):
        returns_asking.ask(shop.context, given.token[:-1] + "_", Asked("withdrawal", {}))


def test_the_last_day_is_the_same_wherever_it_is_told_and_counted_at_the_buyers_place(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = returns_goods.sent

    def far_west(*given: Any) -> returns_goods.Sent:
        return replace(
            honest(*given), zone="Pacific/Honolulu"
        )  # where a day ends ten hours after that of UTC

    monkeypatch.setattr(returns_goods, "sent", far_west)
    given = shop.opened(shop.delivered())
    seen = returns_asking.view(shop.context, given.token)
    assert seen.withdrawal.until is not None
    last = seen.withdrawal.until.astimezone(ZoneInfo("Pacific/Honolulu")).date()
    assert any(one.values.get("day") == last for one in seen.said)
    asked = returns_asking.ask(shop.context, given.token, Asked("withdrawal", {}))
    with administrator() as connection:
        (body,) = {
            str(x["body"])
            for x in notices.of_parcel(connection, given.parcel)
            if (x["kind"], x["channel"]) == ("return_until", "email")
        }
    assert f"{last.day} " in body
    assert asked.number
    late = shop.opened(shop.delivered())
    came = shop.now
    try:
        shop.now = came + timedelta(days=20)
        with pytest.raises(Conflict) as over:
            returns_asking.ask(shop.context, late.token, Asked("withdrawal", {}))
        assert over.value.message.values["day"] == last
    finally:
        shop.now = came


def test_before_it_came_nothing_is_sent_back_but_its_label_can_be_printed(shop: Shop) -> None:
    number = shop.parcel()
    shop.plan()
    with pytest.raises(Conflict, match="not delivered"):
        shop.opened(number)
    with administrator() as connection:
        given = returns_asking.offer(connection, shop.context, number)
        assert returns_asking.offer(connection, shop.context, number).id == given.id
    assert given.state is State.OFFERED
    with pytest.raises(Conflict, match="not delivered"):
        returns_asking.ask(shop.context, given.token, Asked("withdrawal", {}))


def test_what_is_refused_and_what_nobody_takes_turns_round_by_rule() -> None:
    shop = Shop()
    number = shop.out()
    shop.do("fail", parcel=number, reason="refused")
    done = returns_sweeping.sweep(shop.context)
    assert f"{number}-R1" in done["turned"]
    assert returns_sweeping.sweep(shop.context)["turned"] == []
    with administrator() as connection:
        (given,) = store.of_parcel(connection, number)
    assert given.cause is Cause.REFUSED
    assert given.state is State.ON_WAY
    assert given.freight_by == "merchant"
    shop.back(given, grade="used")
    assert {line.deducted for line in shop.now_of(given).lines} == {0}  # nobody had it in his hands
    assert shop.status(number).state.value == "returned"
    gone = Shop(undelivered="destroy")
    left = gone.out()
    for _ in range(3):
        gone.now += timedelta(minutes=1)
        gone.do("fail", parcel=left, reason="nobody_home")
    returns_sweeping.sweep(gone.context)
    with administrator() as connection:
        (given,) = store.of_parcel(connection, left)
    assert given.cause is Cause.UNDELIVERABLE
    assert {line.disposal for line in given.lines} == {"destroy"}


def test_labels_are_made_before_they_are_asked_for() -> None:
    shop = Shop(beforehand=True)
    number = shop.parcel()
    assert f"{number}-R1" in returns_sweeping.sweep(shop.context)["labels"]
    assert returns_sweeping.sweep(shop.context)["labels"] == []


def test_codes_that_are_no_labels_are_told(shop: Shop) -> None:
    for code in ("", "x", "QR1|", "RR000000000XX-R9", "é" * 300):
        with pytest.raises((Fault, NotFound)):
            returns_receiving.arrive(shop.context, shop.act(), SOURCE, code, shop.id)
