"""What a merchant saved, and how orders are filled from it."""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path

import pytest

from qafila.context import Context, of_this_home
from qafila.core.fault import Fault, NotFound
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from qafila.shipping.counter import understand
from qafila.shipping.files.pipeline import Options, ship_file
from qafila.shipping.orders.declared import declared_hs
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.normalising import command_of
from qafila.shipping.orders.order import Address, Order
from qafila.shipping.orders.reading import Row
from qafila.shipping.remembered import service
from qafila.shipping.remembered.model import Known, SavedGoods, columns_of

FEZ = Address(country="Maroc", city="Fès", company="Cuirs de Fès", line1="12 Derb Chouara", tax_id="")


@pytest.fixture
def here() -> Context:
    with administrator() as connection:
        return of_this_home(merchants.create(connection, "A test").id)


def ask(here: Context, **cells: str) -> Order:
    said = {
        "city": "Lyon",
        "country": "FR",
        "title": "Kaftan brodé",
        "quantity": "1",
        "unit_price": "90",
        "currency": "EUR",
        **cells,
    }
    order = understand(here, partial(command_of, RawOrder("Q1", (1,), said, (Row(1, said),))))
    assert isinstance(order, Order), order
    return order


def test_goods_fill_what_an_order_leaves_out_and_say_so(here: Context) -> None:
    service.keep_goods(
        here.tenant,
        [{"sku": "KF-1", "title": "Kaftan brodé", "hs": "6204.49", "weight_kg": "0,8", "origin": "Maroc"}],
    )
    order = ask(here, sender_city="Tanger", sender_country="MA", sku="kf-1", title="Robe de fête", origin="")
    item = order.items[0]
    assert (item.hs, str(item.unit_kg), item.origin) == ("620449", "0.8", "MA")
    rules = {e.field: str(e.rule) for e in order.estimates}
    assert rules["items[0].hs"] == "your saved goods with the article number kf-1"
    assert declared_hs(order, 0) == "620449"  # its merchant vouched for it: it may be declared


def test_what_is_said_counts_and_a_title_serves_where_there_is_no_sku(here: Context) -> None:
    service.keep_goods(here.tenant, [{"title": "KAFTAN  brode", "hs": "620449", "weight_kg": "0.8"}])
    order = ask(here, sender_city="Fès", sender_country="MA", hs="620443", weight_kg="1.1")
    assert (order.items[0].hs, str(order.items[0].unit_kg)) == ("620443", "1.1")
    assert ask(here, sender_city="Fès", sender_country="MA").items[0].hs == "620449"


def test_two_articles_of_one_description_fill_nothing_by_it() -> None:
    goods = [SavedGoods("1", "A", "Vase", "691110"), SavedGoods("2", "B", "Vase", "701399")]
    known = Known(goods)
    assert known.of("", "Vase") is None
    assert known.of("B", "Vase")[0].hs == "701399"


def test_kept_again_it_is_changed_not_doubled(here: Context) -> None:
    (first,) = service.keep_goods(here.tenant, [{"sku": "V", "title": "Vase", "hs": "691110"}])
    (again,) = service.keep_goods(here.tenant, [{"sku": "v", "weight_kg": "1.5"}])
    assert (again.id, again.title, again.hs, str(again.grams)) == (first.id, "Vase", "691110", "1500.0")
    assert len(service.goods(here.tenant)) == 1


@pytest.mark.parametrize(
    ("goods", "field"),
    [
        ({"hs": "691110"}, "title"),
        ({"title": "Vase", "hs": "999999"}, "hs"),
        ({"title": "Vase", "hs": "12"}, "hs"),
        ({"title": "Vase", "weight_kg": "NaN"}, "weight_kg"),
        ({"title": "Vase", "weight_kg": "-1"}, "weight_kg"),
        ({"title": "Vase", "weight_kg": "1e9"}, "weight_kg"),
        ({"title": "Vase", "origin": "Atlantis"}, "origin"),
    ],
)
def test_goods_that_cannot_be(here: Context, goods: dict[str, str], field: str) -> None:
    with pytest.raises(Fault) as refused:
        service.keep_goods(here.tenant, [goods])
    assert refused.value.field == field
    with pytest.raises(Fault) as refused:
        service.keep_goods(here.tenant, [{"title": "Good"}, goods])
    assert refused.value.field == f"1.{field}"
    assert service.goods(here.tenant) == []  # all or none


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"country": "Nowhere"}, "country"),
        ({"city": " "}, "city"),
        ({"tax_id": "hello"}, "tax_id"),
        ({"line1": "x" * 201}, "line1"),
    ],
)
def test_an_address_that_cannot_be(here: Context, change: dict[str, str], field: str) -> None:
    parts = {"country": "MA", "city": "Fès", **change}
    with pytest.raises(Fault) as refused:
        service.keep_address(here.tenant, "sender", "Fez", Address(**parts))
    assert refused.value.field == field


def test_the_usual_sender_sends_where_an_order_and_a_file_name_nobody(here: Context, tmp_path: Path) -> None:
    service.keep_address(here.tenant, "sender", "Rabat", Address(country="MA", city="Rabat"))
    service.keep_address(here.tenant, "sender", "Workshop", FEZ, usual=True)
    order = ask(here)
    assert (order.sender.city, order.sender.company, order.sender.line1) == (
        "Fès",
        "Cuirs de Fès",
        "12 Derb Chouara",
    )
    assert any("Workshop" in str(e.rule) for e in order.estimates)
    (tmp_path / "o.csv").write_text(
        "order_id,to_city,to_country,address,title,quantity,unit_price,currency\nF1,Lyon,FR,1 rue X,Vase,1,90,EUR\n"
    )
    summary = ship_file(here, tmp_path / "o.csv", tmp_path / "out", Options(documents=False))
    assert summary.booked == 1
    assert not any("does not say where" in str(w) for w in summary.warnings)
    with (tmp_path / "out" / "shipments.csv").open() as lines:
        (line,) = csv.DictReader(lines)
    assert line["from"] == "Fès, MA"
    assert "your sender profile “Workshop”" in line["estimates"]


def test_a_sender_of_whom_only_the_town_is_said_is_the_profile_of_that_town(here: Context) -> None:
    service.keep_address(here.tenant, "sender", "Workshop", FEZ)
    assert ask(here, sender_city="Fes", sender_country="MA").sender.company == "Cuirs de Fès"
    assert ask(here, sender_city="Rabat", sender_country="MA").sender.company == ""
    said = ask(here, sender_city="Fes", sender_country="MA", sender_name="Amina")
    assert (said.sender.name, said.sender.company) == ("Amina", "")


def test_what_was_said_is_remembered_and_nothing_that_was_guessed(here: Context) -> None:
    order = ask(
        here,
        sender_city="Fès",
        sender_country="MA",
        sender_name="Amina",
        name="Léa",
        line1="1 rue X",
        hs="620449",
    )
    service.remember(here.tenant, order)
    service.remember(here.tenant, order)
    assert [(a.kind, a.label) for a in service.addresses(here.tenant)] == [
        ("sender", "Amina"),
        ("receiver", "Léa"),
    ]
    (kept,) = service.goods(here.tenant)
    assert (kept.title, kept.hs, kept.grams, kept.origin) == ("Kaftan brodé", "620449", None, "")


def test_each_merchant_has_his_own(here: Context) -> None:
    (kept,) = service.keep_goods(here.tenant, [{"title": "Vase", "hs": "691110"}])
    with administrator() as connection:
        other = merchants.create(connection, "Another").id
    assert service.goods(other) == []
    for act in (service.one_of_goods, service.remove):
        with pytest.raises(NotFound):
            act(other, kept.id)
    service.remove(here.tenant, kept.id)
    with pytest.raises(NotFound):
        service.remove(here.tenant, kept.id)


def test_a_file_of_goods_is_read_by_whatever_name_its_columns_have() -> None:
    ours = ["sku", "title", "hs", "weight_kg", "origin"]
    assert columns_of(ours) == {name: name for name in ours}
    french = ["Référence article", "Désignation", "Code SH", "Poids (kg)", "Pays de fabrication", "couleur"]
    assert list(columns_of(french).values()) == ours
    assert columns_of(["description"]) == {"description": "title"}
