"""One parcel: asked for, offered, booked, looked at, tracked, cancelled."""

from __future__ import annotations

import html
import re

import pytest
from starlette.testclient import TestClient

QUESTION = {
    "sender_city": "Casablanca", "sender_country": "MA", "city": "Lyon", "country": "FR",
    "title": "leather handbag", "quantity": "1", "unit_price": "900", "currency": "MAD", "weight_kg": "0.8",
}  # fmt: skip
PEOPLE = {
    "sender_name": "Atelier Zellige",
    "sender_line1": "12 rue Tahar Sebti",
    "name": "Camille Besson",
    "line1": "3 quai Fulchiron",
    "postcode": "69005",
    "phone": "+33 4 72 00 00 00",
}


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def ways(page: str) -> list[str]:
    """The offers that can be chosen."""
    return re.findall(r"way=([0-9a-f]{16})", page)


@pytest.fixture
def booking(client: TestClient) -> dict[str, str]:
    """The filled form of a booking, not sent yet."""
    offers = client.get("/ship", params=QUESTION)
    assert offers.status_code == 200
    chosen = client.get("/ship/offer", params={**QUESTION, "way": ways(offers.text)[0]})
    assert chosen.status_code == 200
    return {**hidden(chosen.text), **PEOPLE}


def test_offers_show_price_promise_and_landed_cost(client: TestClient) -> None:
    page = client.get("/ship", params=QUESTION)
    assert len(set(ways(page.text))) >= 2
    for said in ("Promised by", "Landed cost", "Freight to the door", "Cheapest", "Fastest"):
        assert said in page.text
    assert len(re.findall(r"[\d,.]+\u00a0MAD", page.text)) > 4


def test_what_is_wrong_stands_at_its_field_and_keeps_what_was_typed(client: TestClient) -> None:
    page = client.get("/ship", params={**QUESTION, "city": "Lyonnn Qx", "quantity": "-3"})
    assert page.status_code == 422
    assert 'value="Lyonnn Qx" required aria-invalid="true" aria-describedby="city-error"' in page.text
    assert 'value="-3" required aria-invalid="true" aria-describedby="quantity-error"' in page.text
    french = client.get("/fr/ship", params={**QUESTION, "quantity": "-3"}, headers={})
    assert "Écrivez un nombre entier de 1 à 10\u202f000." in french.text


def test_a_booking_from_the_form_to_the_door(client: TestClient, booking: dict[str, str]) -> None:
    answer = client.post("/ship/offer", data=booking)
    assert answer.status_code == 303
    where = answer.headers["location"].split("?")[0]
    page = client.get(answer.headers["location"])
    assert page.status_code == 200
    number = re.search(r"<h1><bdi class=\"code\">([A-Z]{2}\d{9}MA)</bdi></h1>", page.text)
    assert number
    for said in ("Camille Besson", "Atelier Zellige", "Planned, expected, happened", "Landed cost by line"):
        assert said in page.text

    again = client.post("/ship/offer", data=booking)  # a double click, or Back and Book
    assert again.status_code == 303
    assert again.headers["location"].split("?")[0] == where

    listed = client.get("/shipments", params={"q": number[1]})
    assert listed.text.count("<tr>") == 2
    for name in ("label.pdf", "documents.pdf"):
        pdf = client.get(f"{where}/{name}")
        assert pdf.headers["content-type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF")

    public = client.get(f"/t/{number[1]}")
    assert public.status_code == 200
    for private in ("Camille", "Besson", "Zellige", "Fulchiron", "69005", "900"):
        assert private not in public.text
    assert "Booked" in public.text

    assert client.post(f"{where}/cancel").status_code == 303
    assert "Cancelled" in client.get(where).text
    assert "Cancelled" in client.get(f"/t/{number[1]}").text

    asked = client.post("/ship/offer", data=booking)  # Back and Book once more: is it meant?
    assert asked.status_code == 422
    assert "This was booked and cancelled." in asked.text
    anew = client.post("/ship/offer", data={**booking, **hidden(asked.text)})
    assert anew.status_code == 303
    assert anew.headers["location"].split("?")[0] != where


def test_a_label_needs_names_and_streets(client: TestClient, booking: dict[str, str]) -> None:
    page = client.post("/ship/offer", data={**booking, "name": "", "line1": ""})
    assert page.status_code == 422
    assert 'aria-describedby="name-error"' in page.text
    assert 'value="Atelier Zellige"' in page.text


def test_a_price_that_was_not_shown_is_not_booked(client: TestClient, booking: dict[str, str]) -> None:
    page = client.post("/ship/offer", data={**booking, "price": "0.01 MAD"})
    assert page.status_code == 409
    assert "has changed since" in page.text


def test_a_way_that_is_gone_leads_back_to_the_offers(client: TestClient, booking: dict[str, str]) -> None:
    answer = client.post("/ship/offer", data={**booking, "way": "0" * 16})
    assert answer.status_code == 303
    assert "gone=1" in answer.headers["location"]
    assert "is gone" in client.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("HA999999996MA", "Where is my parcel"),
        ("HA000000019MA", "mistyped"),
        ("xyz", "mistyped"),
        ("<b>", "mistyped"),
    ],
)
def test_an_unknown_number_is_answered_with_help(client: TestClient, number: str, said: str) -> None:
    page = client.get("/t", params={"number": number}, follow_redirects=True)
    assert page.status_code == 404
    assert said in page.text
    assert "<b>" not in page.text.split("<body>")[1]


def test_a_number_is_found_however_it_is_written(client: TestClient) -> None:
    answer = client.get("/t", params={"number": " ha 000 000 014 ma "})
    assert answer.headers["location"] == "/t/HA000000014MA"


def test_cash_on_delivery_is_asked_for_and_shown(client: TestClient) -> None:
    asked = {**QUESTION, "cash_on_delivery": "950"}
    offers = client.get("/ship", params=asked)
    assert 'value="950"' in offers.text
    chosen = client.get("/ship/offer", params={**asked, "way": ways(offers.text)[0]})
    answer = client.post("/ship/offer", data={**hidden(chosen.text), **PEOPLE})
    assert answer.status_code == 303
    page = client.get(answer.headers["location"])
    assert re.search(r"Cash on delivery</dt><dd[^>]*>[^<]*950\.00", page.text)
    refused = client.get("/ship", params={**QUESTION, "cash_on_delivery": "95000"})
    assert refused.status_code == 422
    assert 'id="cash_on_delivery-error"' in refused.text


def test_a_shipment_of_several_parcels_is_shown_as_a_whole_and_each(client: TestClient) -> None:
    asked = {**QUESTION, "quantity": "4", "weight_kg": "10"}  # 40 kg: two parcels of at most 32
    offers = client.get("/ship", params=asked)
    chosen = client.get("/ship/offer", params={**asked, "way": ways(offers.text)[0]})
    answer = client.post("/ship/offer", data={**hidden(chosen.text), **PEOPLE})
    assert answer.status_code == 303
    where = answer.headers["location"].split("?")[0]
    page = client.get(where)
    assert "2 parcels" in page.text
    assert ">1/2</bdi>" in page.text
    assert ">2/2</bdi>" in page.text
    numbers = sorted(set(re.findall(r"\?parcel=([A-Z]{2}\d{9}[A-Z]{2})", page.text)))
    assert len(numbers) == 2
    second = client.get(where, params={"parcel": numbers[1]})
    assert f"/t/{numbers[1]}/live" in second.text
    tracked = client.get(f"/t/{numbers[1]}")
    assert "Parcel 2 of 2" in tracked.text
    assert f"/t/{numbers[0]}" in tracked.text
    assert client.get(f"/ar/t/{numbers[0]}").status_code == 200
    assert client.post(f"{where}/cancel").status_code == 303
    assert client.get(f"/en{where}").text.count("Cancelled") >= 2


_TWO_PARCELS = {
    "parcel_1_pieces": "2", "parcel_1_weight_kg": "2.4", "parcel_1_length_cm": "40", "parcel_1_width_cm": "30",
    "parcel_1_height_cm": "20", "parcel_3_pieces": "1", "parcel_3_weight_kg": "0.9",
}  # fmt: skip


def test_the_form_says_what_goes_into_which_parcel(client: TestClient) -> None:
    question = {**QUESTION, "quantity": "3", **_TWO_PARCELS}
    offers = client.get("/ship", params=question)
    chosen = client.get("/ship/offer", params={**question, "way": ways(offers.text)[0]})
    done = client.post("/ship/offer", data={**hidden(chosen.text), **PEOPLE}, follow_redirects=False)
    assert done.status_code == 303, done.text
    shipment = client.get(done.headers["location"]).text
    assert re.findall(r"\b(2\.4|0\.9)\s*kg", html.unescape(shipment))[:2] == ["2.4", "0.9"]
    assert len(set(re.findall(r"\?parcel=(HA\d{9}MA)", shipment))) == 2


@pytest.mark.parametrize(
    ("said", "place", "why"),
    [
        ({"parcel_1_pieces": "2"}, "parcel_1_pieces", "The parcels hold 2 pieces of"),
        (
            {"parcel_1_pieces": "2", "parcel_2_weight_kg": "1"},
            "parcel_2_pieces",
            "Write how many pieces lie in this parcel",
        ),
        ({"parcel_1_pieces": "1.5", "parcel_2_pieces": "1.5"}, "parcel_1_pieces", "whole"),
        ({"parcel_1_pieces": "3", "parcel_1_weight_kg": "a lot"}, "parcel_1_weight_kg", "packed parcel"),
        ({"parcel_1_pieces": "3", "parcel_1_length_cm": "-4"}, "parcel_1_length_cm", ""),
    ],
)
def test_what_is_wrong_with_a_parcel_stands_at_its_field(
    client: TestClient, said: dict[str, str], place: str, why: str
) -> None:
    page = client.get("/ship", params={**QUESTION, "quantity": "3", **said})
    assert page.status_code == 422
    error = re.search(rf'id="{place}-error">(.*?)</span>', page.text)
    assert error is not None, re.findall(r'id="[\w-]+-error">.*?</span>', page.text)
    assert why in error[1], error[1]
