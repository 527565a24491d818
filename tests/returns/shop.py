"""A station and a warehouse with parcels that were delivered, for the tests of returns."""

from __future__ import annotations

import base64
from datetime import timedelta
from decimal import Decimal
from typing import Any

from qafila.core.money import Money
from qafila.returns import refunding, returns_asking, returns_receiving, store
from qafila.returns.model import Policy, Return
from qafila.returns.returns_asking import Asked
from qafila.runtime.database import administrator
from qafila.shipping.orders.order import Item
from qafila.storage import layout, storage_sample, storage_setting_up
from qafila.storage import store as stock
from qafila.storage.model import Product
from tests.delivery.stations import SOURCE, Station

__all__ = ["Shop"]

JPEG = base64.b64encode(b"\xff\xd8\xff" + b"0" * 100).decode()


class Shop(Station):
    """A station where parcels are delivered, that is a warehouse, too."""

    items = (Item("Tea glass", 3, Money(Decimal("12.50"), "EUR"), sku="TEA", hs="701337", origin="MA"),)

    def __init__(self, **policy: Any) -> None:
        super().__init__()
        told = storage_sample.layout_of(self.id)
        storage_setting_up.set_up(layout.read(told), told)
        with administrator() as connection:
            stock.put_product(
                connection,
                self.merchant,
                Product("TEA", "Tea glass", grams=200, size_mm=(80, 80, 120), value=Decimal(5)),
            )
            store.put_policy(connection, self.merchant, Policy(**({"facility": self.id} | policy)), "test")

    def delivered(self, cash: str = "", **receiver: Any) -> str:
        """A parcel that its buyer has."""
        number = self.parcel(cash, **receiver)
        for id in self.plan()["rounds"]:
            self.do("start", round=id)
        self.do("deliver", parcel=number, photo=JPEG, **({"collected": cash} if cash else {}))
        return number

    def opened(self, number: str) -> Return:
        """The return that its buyer opens."""
        return returns_asking.from_delivery(self.context, self.delivery(number).token)

    def asked(self, number: str, cause: str = "withdrawal", **told: Any) -> Return:
        """A return that its buyer asked for."""
        return returns_asking.ask(
            self.context, self.opened(number).token, Asked(cause, told.pop("pieces", {}), **told)
        )

    def back(self, given: Return, grade: str = "as_new", **more: Any) -> dict[str, Any]:
        """It arrives and is inspected: all that was asked is found."""
        self.now += timedelta(minutes=1)
        returns_receiving.arrive(self.context, self.act(), SOURCE, given.number, self.id)
        self.now += timedelta(minutes=1)
        seen = returns_receiving.told_from(
            [{"line": x.line, "found": x.asked, "grade": grade, **more} for x in given.lines]
        )
        return returns_receiving.inspect(
            self.context, self.act(), SOURCE, given.number, self.id, "DOCK-1", seen
        )

    def refunded(self, given: Return, amount: Money | None = None, why: str = "") -> dict[str, Any]:
        """Its refund is decided."""
        return refunding.decide(self.context, self.act(), SOURCE, given.id, amount, why)

    def now_of(self, given: Return) -> Return:
        """A return as it stands."""
        with administrator() as connection:
            found = store.one(connection, given.id)
        assert found is not None
        return found
