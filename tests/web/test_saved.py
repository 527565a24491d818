"""What is kept for a merchant: the page, and the form for one parcel filled from it."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from qafila.shipping.remembered import service
from tests.web.test_ship import PEOPLE, QUESTION, hidden, ways
from tests.web.visitors import HERE, member, signed_in, tenant


@pytest.fixture
def souk(app: object) -> tuple[TestClient, str]:
    """The page of a new merchant, and his id."""
    made = tenant()
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50001), follow_redirects=False)  # type: ignore[arg-type]
    return signed_in(client, member(made.id)), made.id


def test_kept_shown_and_removed(souk: tuple[TestClient, str]) -> None:
    client, merchant = souk
    sender = {
        "label": "Workshop",
        "company": "Cuirs de Fès",
        "city": "Fès",
        "country": "MA",
        "line1": "12 Derb",
        "usual": "yes",
    }
    assert client.post("/saved/sender", data=sender, headers=HERE).status_code == 303
    assert (
        client.post(
            "/saved/goods", data={"sku": "K1", "title": "Kaftan", "hs": "620449"}, headers=HERE
        ).status_code
        == 303
    )
    page = client.get("/saved").text
    assert "Cuirs de Fès" in page
    assert "usual sender" in page
    assert "620449" in page
    (goods,) = service.goods(merchant)
    assert client.post("/saved/remove", data={"id": goods.id}, headers=HERE).status_code == 303
    assert service.goods(merchant) == []


def test_what_cannot_be_kept_is_shown_with_what_was_typed(souk: tuple[TestClient, str]) -> None:
    client, _ = souk
    page = client.post("/saved/goods", data={"title": "Kaftan", "hs": "12"}, headers=HERE)
    assert page.status_code == 422
    assert "is not an HS code" in page.text
    assert 'value="Kaftan"' in page.text


def test_the_form_is_filled_from_it_and_a_booking_is_remembered(souk: tuple[TestClient, str]) -> None:
    client, merchant = souk
    offers = client.get("/ship", params=QUESTION)
    chosen = client.get("/ship/offer", params={**QUESTION, "way": ways(offers.text)[0]})
    form = {**hidden(chosen.text), **PEOPLE, "remember": "yes"}
    assert client.post("/ship/offer", data=form, headers=HERE).status_code == 303
    sender, receiver = service.addresses(merchant)
    (goods,) = service.goods(merchant)
    assert (sender.label, receiver.label, goods.title) == (
        "Atelier Zellige",
        "Camille Besson",
        "leather handbag",
    )
    ids = {"sender_profile": sender.id, "receiver_profile": receiver.id, "goods_saved": goods.id}
    page = client.get("/ship", params={**ids, "fill": "1"}).text
    fields = dict(re.findall(r'name="(\w+)" type="\w+"(?: dir="ltr")? value="([^"]*)"', page))
    assert (fields["sender_city"], fields["city"], fields["title"], fields["weight_kg"]) == (
        "Casablanca",
        "Lyon",
        "leather handbag",
        "0.8",
    )
    again = client.get(
        "/ship/offer", params={**QUESTION, **ids, "way": ways(client.get("/ship", params=QUESTION).text)[0]}
    )
    assert "3 quai Fulchiron" in again.text
    assert "12 rue Tahar Sebti" in again.text


def test_another_merchants_choice_fills_nothing(souk: tuple[TestClient, str]) -> None:
    client, _ = souk
    (other,) = service.keep_goods(tenant().id, [{"title": "Secret thing", "hs": "620449"}])
    assert "Secret thing" not in client.get("/ship", params={"goods_saved": other.id, "fill": "1"}).text
