"""Codes that a merchant confirmed go into orders as said; the others are estimates."""

from __future__ import annotations

from decimal import Decimal

from qafila.clearance import decisions
from qafila.core.money import Money
from qafila.customs.classification import Decision
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from qafila.shipping.files.preparing import proposer
from qafila.shipping.orders.completing import Proposal
from qafila.shipping.orders.order_draft import DraftItem


def goods(title: str, sku: str = "") -> DraftItem:
    return DraftItem(1, title, 1, Money(Decimal(9), "EUR"), None, None, sku=sku)


def test_a_confirmed_code_is_no_estimate_and_teaches_on_like_goods() -> None:
    with administrator() as connection:
        merchant = merchants.create(connection, "Owls").id
        other = merchants.create(connection, "Others").id
    before = proposer(merchant)(goods("Cedar owl figurine, hand carved", "OWL-1"))
    assert before.rule  # proposed or too vague: an estimate either way
    assert (before.confidence is None) is (before.hs == "")
    confirmed = "442019" if before.hs != "442019" else "442011"
    decision = Decision("OWL-1", "Cedar owl figurine, hand carved", hs6=confirmed, by="Amal")
    with administrator() as connection:
        decisions.record(connection, merchant, decision)
    propose = proposer(merchant)
    assert propose(goods("Cedar owl figurine, hand carved", "OWL-1")) == Proposal(confirmed)
    like = propose(goods("Cedar owl figurine, hand carved, large", "OWL-2"))
    assert like.hs == confirmed
    assert like.confidence is not None
    assert 0 < like.confidence <= 1
    assert (
        str(like.rule)
        == f"proposed from the description, {like.confidence:.0%} sure; confirm it before declaring"
    )
    assert proposer(other)(goods("Cedar owl figurine, hand carved", "OWL-1")).rule  # nobody else's decision
