"""Prohibited goods are refused with their law; restricted ones are offered with the document that they need."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from qafila.customs.rulebook import rulebook
from qafila.network.timetable import Goods, Mode
from qafila.shipping.offers.restricting import prohibited, restricted
from qafila.shipping.orders.order import Address, Estimate, Order
from tests.shipping.parcels import FACILITIES, leg, parcel

ON = date(2026, 11, 23)


def order(hs: str | None, country: str = "MA", **changes: object) -> Order:
    made = parcel().order
    item = replace(made.items[0], hs=hs)
    return replace(made, items=(item,), receiver=Address(country=country, city="X"), estimates=(), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hs", "country", "law"),
    [
        ("392321", "MA", "law 77-15"),  # plastic bags
        ("8806221000", "EG", "law 216 of 2017"),  # drones
        ("960810", "NG", "import prohibition list"),  # ball point pens
        ("360410", "FR", "UPU Convention art. 19"),  # fireworks: everywhere
    ],
)
def test_prohibited_goods_are_not_taken_and_the_law_is_named(hs: str, country: str, law: str) -> None:
    (problem,) = prohibited(order(hs, country), FACILITIES, rulebook())
    assert (problem.row, problem.field, problem.value, problem.order_id) == (1, "hs", hs, "AE-0001")
    assert law in str(problem.reason)
    assert "give the right one" in str(problem.remedy)


def test_the_same_goods_go_where_they_are_allowed() -> None:
    assert prohibited(order("880622", "MA"), FACILITIES, rulebook()) == []
    assert prohibited(order("960810", "FR"), FACILITIES, rulebook()) == []
    inland = replace(order("392321"), sender=Address(country="MA", city="Fès"))
    assert prohibited(inland, FACILITIES, rulebook()) == []  # no border, no import


def test_a_guessed_code_says_so() -> None:
    guessed = replace(
        order("960810", "NG"), estimates=(Estimate("items[0].hs", "960810", "as the classifier says", 0.6),)
    )
    (problem,) = prohibited(guessed, FACILITIES, rulebook())
    assert "proposed from the description, 60% sure: if they are something else, give their HS code" in str(
        problem.remedy
    )


def test_a_word_of_a_prohibition_outweighs_a_code_that_is_hardly_sure_and_no_other() -> None:
    said = order("442019")
    item = replace(said.items[0], description="cuban heroin in a cedar box")
    for sure, refused in ((0.39, True), (0.4, False), (None, False)):
        made = replace(said, items=(item,), estimates=(Estimate("items[0].hs", "442019", "x", sure),))
        assert bool(prohibited(made, FACILITIES, rulebook())) is refused, sure


def test_goods_without_any_code_are_not_told_of_one() -> None:
    said = order(None)
    item = replace(said.items[0], description="heroin")
    vague = (Estimate("items[0].hs", "", "too vague for an HS code"),)
    (problem,) = prohibited(replace(said, items=(item,), estimates=vague), FACILITIES, rulebook())
    assert str(problem.remedy).endswith("If they are something else, give their HS code.")
    assert "None" not in str(problem.remedy)


def test_restricted_goods_are_offered_with_the_document_that_lifts_it() -> None:
    way = parcel().offer.itinerary
    (found,) = restricted(order("880622"), way, ON, FACILITIES, rulebook())[:1]
    told = {r.id: r for r in restricted(order("880622"), way, ON, FACILITIES, rulebook())}
    assert set(told) == {"ma-drones", "cn-export-drones"}
    assert str(told["ma-drones"].document).startswith("authorisation of the Ministry of Industry")
    assert str(told["ma-drones"].legal_basis) == "joint order of 2015 on unmanned aircraft"
    assert found.item == 0


def test_what_is_asked_of_trade_is_not_asked_of_a_person() -> None:
    way = parcel().offer.itinerary
    assert restricted(order("330300"), way, ON, FACILITIES, rulebook()) == ()
    (found,) = restricted(order("330300", trade="b2b"), way, ON, FACILITIES, rulebook())
    assert found.id == "ma-cosmetics"


def test_a_restriction_of_a_mode_is_of_the_ways_that_use_it() -> None:
    batteries = order("630260", goods=Goods.LITHIUM)
    way = parcel().offer.itinerary
    assert restricted(batteries, way, ON, FACILITIES, rulebook()) == ()  # a freighter takes them
    belly = replace(way, legs=(leg("CN-SC-SZX", "MA-HUB-CMN", Mode.BELLY, 4),))
    assert [r.id for r in restricted(batteries, belly, ON, FACILITIES, rulebook())] == ["air-lithium"]
