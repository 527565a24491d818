"""A guessed HS code is declared only where it is sure enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qafila.shipping.orders.declared import declared_hs
from qafila.shipping.orders.order import Estimate
from qafila.shipping.orders.orders_limits import limits
from tests.shipping.drafts import orders_of


@pytest.mark.parametrize(
    ("confidence", "declared"), [(0.19, ""), (0.6, ""), (0.84, ""), (0.85, "610910"), (None, "610910")]
)
def test_declared(confidence: float | None, declared: str) -> None:
    assert limits().declared_hs_confidence == limits().declared_hs_confidence.__class__("0.85")
    (order,), _ = orders_of(
        "order_id,country,city,title,quantity,unit_price,currency,hs\n1,FR,Lyon,Shirt,1,5,EUR,610910\n"
    )
    guess = () if confidence is None else (Estimate("items[0].hs", "610910", "proposed", confidence),)
    assert declared_hs(replace(order, estimates=guess), 0) == declared
