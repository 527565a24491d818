"""What a spreadsheet spoilt is refused from whichever door it comes; a region that the country has not is told."""

from __future__ import annotations

from functools import partial

import pytest

from qafila.context import of_this_home
from qafila.shipping.counter import understand
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.order import Order, Problem
from qafila.shipping.orders.reading import Row
from qafila.web.shipping.quote_form import command_of


def ask(**cells: str) -> Order | list[Problem]:
    said = {
        "sender_city": "Casablanca",
        "sender_country": "MA",
        "city": "Paris",
        "country": "FR",
        "title": "leather handbag",
        "quantity": "1",
        "unit_price": "40",
        "currency": "EUR",
        **cells,
    }
    return understand(of_this_home("local"), partial(command_of, RawOrder("Q", (1,), said, (Row(1, said),))))


@pytest.mark.parametrize("word", ["#REF!", "#N/A", "########", "#NOM ?", "Err:502"])
@pytest.mark.parametrize("field", ["name", "line1", "city", "postcode", "title", "sender_company"])
def test_the_error_word_of_a_spreadsheet_is_refused(word: str, field: str) -> None:
    problems = ask(**{field: word})
    assert isinstance(problems, list)
    assert any("spreadsheet" in str(p.reason) for p in problems)


def test_a_postcode_loses_the_point_that_a_spreadsheet_gave_it() -> None:
    order = ask(postcode="75002.0")
    assert isinstance(order, Order)
    assert order.receiver.postcode == "75002"
    assert isinstance(ask(postcode="2.12661E+11"), list)


@pytest.mark.parametrize(
    ("region", "told"), [("TX", True), ("Île-de-France", False), ("IDF", False), ("Paris", False)]
)
def test_a_region_that_the_country_has_not_is_told(region: str, told: bool) -> None:
    order = ask(region=region)
    assert isinstance(order, Order)
    assert any(e.field == "receiver.region" for e in order.estimates) == told


def test_a_region_that_nobody_knows_does_not_let_the_largest_of_several_towns_be_taken() -> None:
    problems = ask(city="Springfield", region="Plains Division", country="US", title="cotton t-shirt")
    assert isinstance(problems, list)
    assert [p.field for p in problems] == ["destination_region"]
    with_code = ask(city="Springfield", region="Plains Division", postcode="65806", country="US")
    assert isinstance(with_code, Order)
    assert isinstance(ask(region="n/a"), Order)
