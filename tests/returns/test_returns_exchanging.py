"""An exchange: what came back is inspected, another goes out to the same door, picked like any order, and no money moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.network.installed import Network
from qafila.network.model import Calendar, Call, Capacity, Rate, Service
from qafila.network.timetable import Mode
from qafila.returns import returns_exchanging
from qafila.returns.model import Return, State
from qafila.runtime.database import administrator
from qafila.shipping.bookings import records
from qafila.storage import store as stock
from qafila.storage.model import Product
from tests.delivery.stations import SOURCE
from tests.network.small import at
from tests.returns.shop import Shop


class Served(Shop):
    """A warehouse from whose door a van leaves for those of its town."""

    def __init__(self) -> None:
        super().__init__()
        feed, year = self.context.network.feed, (date(2027, 1, 1), date(2027, 12, 31))
        tour = f"TOUR-{self.id}"
        self.context = replace(
            self.context,
            network=Network.of(
                replace(
                    feed,
                    calendars=(*feed.calendars, Calendar("Y27", "1111111", *year)),
                    rates=(
                        *(replace(r, valid_to=year[1]) for r in feed.rates),
                        Rate("DOOR27", "EUR", Decimal(2), Decimal(0), Decimal(0), *year, "test"),
                    ),
                    services=(*feed.services, Service(tour, Mode.DELIVERY, "x", "VAN", "Y27", "DOOR27")),
                    calls=(
                        *feed.calls,
                        Call(tour, 1, self.id, None, at("09:00"), 30),
                        Call(tour, 2, self.id, at("17:00"), None, 0, 10.0),
                    ),
                    capacities=(*feed.capacities, Capacity(tour, None, 500, 5)),
                )
            ),
        )
        with administrator() as connection:
            stock.put_product(
                connection,
                self.merchant,
                Product("BLUE", "Blue tea glass", grams=210, size_mm=(80, 80, 120), value=Decimal(6)),
            )

    def inspected(self, wish: str = "exchange", sku: str = "") -> Return:
        """A return that was asked for, came back and was looked at."""
        number = self.delivered(facility_id=self.id, to_door=True)
        given = self.asked(number, wish=wish, sku=sku)
        self.back(given)
        return self.now_of(given)


@pytest.fixture(scope="module")
def shop() -> Served:
    return Served()


def balance(shop: Shop) -> int:
    with administrator() as connection:
        return int(
            connection.execute(
                text(
                    "SELECT count(*) FROM ledger_lines l JOIN ledger_accounts a USING (account) WHERE a.tenant_id = :m"
                ),
                {"m": shop.merchant},
            ).scalar_one()
        )


def test_another_goes_out_once_to_the_same_door_and_no_money_moves(shop: Served) -> None:
    given = shop.inspected()
    before = balance(shop)
    done = returns_exchanging.exchange(shop.context, shop.act("swap"), SOURCE, given.id)
    again = returns_exchanging.exchange(shop.context, shop.act("swap2"), SOURCE, given.id)
    assert (again["order"], again["repeated"]) == (done["order"], True)
    assert len(done["parcels"]) == 1
    now = shop.now_of(given)
    assert (now.state, now.exchange_order, now.refund_how) == (State.CLOSED, done["order"], "nothing_paid")
    assert balance(shop) == before
    with administrator() as connection:
        record = records.record(connection, done["parcels"][0])
        picked = connection.execute(
            text("SELECT count(*) FROM outbound WHERE merchant_id = :m AND order_id = :o"),
            {"m": shop.merchant, "o": done["order"]},
        ).scalar_one()
    assert record is not None
    assert [(i.sku, i.quantity) for i in record.order.items] == [("TEA", 3)]
    assert record.order.receiver.line1.endswith("rue Mercière")
    assert record.order.cash_on_delivery is None
    assert picked == 1
    assert record.order.receiver.name == "Amélie Roux"


def test_what_no_warehouse_has_is_not_promised(shop: Served) -> None:
    given = shop.inspected(sku="BLUE")
    with pytest.raises(Fault, match="BLUE"):
        returns_exchanging.exchange(shop.context, shop.act(), SOURCE, given.id)
    assert shop.now_of(given).state is State.INSPECTED
    paid = shop.refunded(shop.now_of(given))
    assert paid
    with pytest.raises(Conflict):
        returns_exchanging.exchange(shop.context, shop.act(), SOURCE, given.id)


def test_who_wants_his_money_gets_no_other_goods(shop: Served) -> None:
    given = shop.inspected(wish="refund")
    with pytest.raises(Conflict):
        returns_exchanging.exchange(shop.context, shop.act(), SOURCE, given.id)
    with pytest.raises(NotFound):
        returns_exchanging.exchange(shop.context, shop.act(), SOURCE, "ret_none")
