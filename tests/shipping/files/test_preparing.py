"""Codes that a merchant confirmed go into orders as said; the others are estimates."""

from __future__ import annotations

from decimal import Decimal

from qafila.clearance import decisions
from qafila.customs.classification import Decision
from qafila.database import administrator
from qafila.money import Money
from qafila.shipping import merchants
from qafila.shipping.files.preparing import proposer
from qafila.shipping.orders.draft import DraftItem


def goods(title: str, sku: str = "") -> DraftItem:
    return DraftItem(1, title, 1, Money(Decimal(9), "EUR"), None, None, sku=sku)


def test_a_confirmed_code_is_no_estimate_and_teaches_on_like_goods() -> None:
    with administrator() as connection:
        merchant = merchants.create(connection, "Owls").id
        other = merchants.create(connection, "Others").id
    before, why = proposer(merchant)(goods("Cedar owl figurine, hand carved", "OWL-1"))
    assert why  # proposed or too vague: an estimate either way
    confirmed = "442019" if before != "442019" else "442011"
    decision = Decision("OWL-1", "Cedar owl figurine, hand carved", hs6=confirmed, by="Amal")
    with administrator() as connection:
        decisions.record(connection, merchant, decision)
    propose = proposer(merchant)
    assert propose(goods("Cedar owl figurine, hand carved", "OWL-1")) == (confirmed, "")
    code, why = propose(goods("Cedar owl figurine, hand carved, large", "OWL-2"))
    assert code == confirmed
    assert why.startswith("proposed from the description")
    assert proposer(other)(goods("Cedar owl figurine, hand carved", "OWL-1"))[1]  # nobody else's decision
