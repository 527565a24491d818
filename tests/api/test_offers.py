from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import httpx
import pypdfium2
import pytest
from sqlalchemy import text

from qafila.api.shipping import order_command
from qafila.api.shipping.offer_schema import OrderIn
from qafila.core.money import Money
from qafila.runtime.database import administrator, merchant_transaction
from qafila.shipping import merchants
from qafila.shipping.bookings import records
from qafila.shipping.orders import normalising as words
from qafila.shipping.orders.accepting import accept
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.order_draft import Draft
from qafila.shipping.orders.orders_figures import Notation
from qafila.shipping.orders.orders_stations import whereabouts
from qafila.shipping.orders.reading import Row
from qafila.shipping.orders.understanding import Ways
from tests.api.conftest import MONDAY, NETWORK, RULES, Clock, Login, booked, order


def problem(answer: httpx.Response, status: int, code: str) -> dict:  # type: ignore[type-arg]
    """The problem details of an answer, checked for their form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"/api/v1/problems/{code}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


def test_offers_have_a_way_a_price_a_promise_and_a_landed_cost_by_line(login: Login) -> None:
    asked = order()
    answer = login().post("offers", json=asked)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["order_id"] == asked["id"]
    assert told["weight_kg"] == "1"
    first = told["offers"][0]
    assert [leg["service"] for leg in first["legs"]][:1] in (["EARLY"], ["PICK"])
    assert first["legs"][-1]["to_facility"] == "STA"
    lines = first["landed_cost"]
    assert {"goods", "freight"} <= {line["kind"] for line in lines}
    assert all(line["source"] for line in lines)
    total = sum(Decimal(line["amount"]["amount"]) for line in lines)
    assert first["landed_total"] == {"amount": f"{total:f}", "currency": "EUR"}
    goods = next(line for line in lines if line["kind"] == "goods")
    assert goods["amount"] == {"amount": "25.00", "currency": "EUR"}
    assert 0 < first["promise"]["probability"] <= 1
    assert login().get(f"offers/{first['id']}").status_code == 404  # another merchant's


def test_an_offer_can_be_read_again(login: Login) -> None:
    souk = login()
    first = souk.post("offers", json=order()).json()["offers"][0]
    assert souk.get(f"offers/{first['id']}").json() == first


def test_what_was_not_said_is_estimated_and_marked(login: Login) -> None:
    asked = order()
    for field in ("weight_kg", "length_cm", "width_cm", "height_cm"):
        del asked["items"][0][field]
    told = login().post("offers", json=asked).json()
    assert "items[0].weight_kg" in {e["field"] for e in told["estimates"]}
    assert all(e["rule"] for e in told["estimates"])


def test_a_wrong_field_is_named_by_its_pointer_with_a_remedy(login: Login) -> None:
    asked = order()
    asked["receiver"] = {"country": "FR", "city": "Atlantis"}
    asked["items"].append({**asked["items"][0], "hs": "12"})
    body = problem(login().post("offers", json=asked), 422, "invalid-request")
    assert {e["pointer"] for e in body["errors"]} == {"#/receiver/city", "#/items/1/hs"}
    assert all(e["remedy"] for e in body["errors"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"items": []}, "#/items"),
        ({"colour": "red"}, "#/colour"),
        ({"rule": "luckiest"}, "#/rule"),
        ({"id": " "}, "#/id"),
        ({"promise_by": "2020-01-01"}, "#/promise_by"),
        ({"ready_at": "2020-01-01"}, "#/ready_at"),
    ],
)
def test_wrong_forms_are_refused_field_by_field(login: Login, change: dict, pointer: str) -> None:  # type: ignore[type-arg]
    body = problem(login().post("offers", json=order(**change)), 422, "invalid-request")
    assert pointer in {e["pointer"] for e in body["errors"]}


@pytest.mark.parametrize("written", ["ZZ", "XX", "Atlantis", "EU"])
def test_an_unknown_country_is_refused_and_nothing_silly_is_advised(login: Login, written: str) -> None:
    asked = order()
    asked["items"][0]["origin"] = written
    asked["receiver"] |= {"country": written, "facility": "", "city": "Lyon"}
    body = problem(login().post("offers", json=asked), 422, "invalid-request")
    assert {e["pointer"] for e in body["errors"]} == {"#/items/0/origin", "#/receiver/country"}
    for error in body["errors"]:
        assert error["detail"] == "This country is not known."
        assert error["remedy"] == "Write its two letters (MA) or its name."


def test_a_body_that_is_not_json_is_said_to_be_none(login: Login) -> None:
    sent = login().post("offers", content=b"{oops", headers={"content-type": "application/json"})
    body = problem(sent, 422, "invalid-request")
    assert "not JSON" in body["errors"][0]["detail"]


def test_no_way_is_told_with_reason_and_remedy(login: Login) -> None:
    asked = order()
    # aerosols and batteries do not fly with FLY, and the ship's truck carries 900 kg: two tonnes go nowhere
    asked["items"][0] |= {
        "title": "argan oil in a drum",
        "weight_kg": "29",
        "quantity": 1,
        "length_cm": "250",
    }
    answer = login().post("offers", json=asked)
    assert answer.status_code in (200, 422)
    asked["receiver"] = {"facility": "CMN"}
    asked["sender"] = {"facility": "STA"}  # nothing leads back from the station
    body = problem(login().post("offers", json=asked), 422, "no-offer")
    assert body["remedy"]
    assert body["errors"][0]["pointer"].startswith("#/")


def test_the_same_key_gets_the_same_offers(login: Login, moment: Clock) -> None:
    souk, asked = login(), order()
    first = souk.post("offers", json=asked, headers={"Idempotency-Key": "k"})
    moment.later(minutes=3)
    again = souk.post("offers", json=asked, headers={"Idempotency-Key": "k"})
    assert first.json() == again.json()
    other = souk.post("offers", json=order(), headers={"Idempotency-Key": "k"})
    problem(other, 409, "key-reused")
    assert login().post("offers", json=asked, headers={"Idempotency-Key": "k"}).status_code == 200


def test_the_same_key_at_once_gets_the_same_offers(login: Login) -> None:
    souk, asked = login(), order()
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda _: souk.post("offers", json=asked, headers={"Idempotency-Key": "k"}), range(6))
        )
    assert {a.status_code for a in answers} == {200}
    assert len({a.json()["offers"][0]["id"] for a in answers}) == 1


def test_a_booked_order_gets_no_more_offers(login: Login) -> None:
    souk = login()
    made = booked(souk, id="once")
    problem(souk.post("offers", json=order("once")), 409, "already-booked")
    souk.delete(f"bookings/{made['id']}")
    assert souk.post("offers", json=order("once")).status_code == 200


def test_an_offer_for_an_order_that_changed_is_not_booked(login: Login) -> None:
    souk = login()
    old = souk.post("offers", json=order("A")).json()["offers"][0]
    heavier = order("A")
    heavier["items"][0]["weight_kg"] = "5"
    souk.post("offers", json=heavier)
    body = problem(souk.post("bookings", json={"offer_id": old["id"]}), 410, "offer-expired")
    assert "changed" in body["detail"]


def test_a_full_departure_is_told_and_new_offers_avoid_it(login: Login) -> None:
    """The last truck to Lyon's station carries 900 kg a day: when it is full, offers go a day later."""
    souk = login()
    first = souk.post("offers", json=order()).json()["offers"][0]
    last = first["legs"][-1]
    with administrator() as connection:
        connection.execute(
            text(
                "INSERT INTO capacity VALUES (:s, :d, 0, 900000, 10000000, 900000, 0) "
                "ON CONFLICT (service_id, service_day, call) DO UPDATE SET taken_g = 900000"
            ),
            {"s": last["service"], "d": _day(last["day"])},
        )
    try:
        body = problem(souk.post("bookings", json={"offer_id": first["id"]}), 409, "full")
        assert body["service"] == last["service"]
        told = souk.post("offers", json=order()).json()
        assert all(o["legs"][-1]["day"] > last["day"] for o in told["offers"])
    finally:
        with administrator() as connection:
            connection.execute(
                text("UPDATE capacity SET taken_g = 0 WHERE service_id = :s"), {"s": last["service"]}
            )


def _day(text: str) -> int:
    from datetime import date

    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def test_cash_on_delivery_goes_from_the_order_to_the_shipment_and_the_floors(login: Login) -> None:
    souk = login()
    cash = {"amount": "25.00", "currency": "EUR"}
    made = booked(souk, cash_on_delivery=cash)
    assert souk.get(f"shipments/{made['shipment_id']}").json()["cash_on_delivery"] == cash
    plain = booked(souk)
    assert souk.get(f"shipments/{plain['shipment_id']}").json()["cash_on_delivery"] is None
    numbers = [*made["parcels"], *plain["parcels"], "HA000000000MA"]
    with administrator() as connection:
        due = records.cash_on_delivery(connection, numbers)
    assert list(due) == made["parcels"]
    told = due[made["parcels"][0]]
    assert (told.amount, told.shipment_id) == (Money(Decimal("25.00"), "EUR"), made["shipment_id"])
    assert told.parcels == tuple(made["parcels"])
    with administrator() as connection:
        stranger = merchants.create(connection, "Souk").id
    with merchant_transaction(stranger) as connection:
        assert not records.cash_on_delivery(connection, numbers)
    assert souk.delete(f"bookings/{made['id']}").status_code == 200
    with administrator() as connection:
        assert not records.cash_on_delivery(connection, numbers)


@pytest.mark.parametrize(
    ("cash", "pointer"),
    [
        ({"amount": "25.00", "currency": "MAD"}, "#/cash_on_delivery/currency"),
        ({"amount": "0", "currency": "EUR"}, "#/cash_on_delivery/amount"),
        ({"amount": "-1", "currency": "EUR"}, "#/cash_on_delivery/amount"),
        ({"amount": "0.001", "currency": "EUR"}, "#/cash_on_delivery/amount"),
        ({"amount": "25"}, "#/cash_on_delivery/currency"),
    ],
)
def test_cash_that_cannot_be_collected_is_refused_at_its_field(
    login: Login, cash: dict[str, str], pointer: str
) -> None:
    body = problem(login().post("offers", json=order(cash_on_delivery=cash)), 422, "invalid-request")
    assert [e["pointer"] for e in body["errors"]] == [pointer]


def test_more_cash_than_goods_and_freight_cost_has_no_offer(login: Login) -> None:
    cash = {"amount": "2500.00", "currency": "EUR"}
    body = problem(login().post("offers", json=order(cash_on_delivery=cash)), 422, "no-offer")
    assert body["errors"][0]["pointer"] == "#/cash_on_delivery/amount"
    assert "2500.00 EUR" in body["detail"]


def parcels(*held: list[tuple[int, int | None]], **more: object) -> dict[str, object]:
    """What an order says of its parcels: item and pieces in each."""
    made = [{"items": [{"item": i} | ({"quantity": q} if q else {}) for i, q in one], **more} for one in held]
    return {"parcels": made}


def test_an_order_says_what_goes_into_which_parcel(login: Login) -> None:
    souk = login()
    asked = order(
        **parcels([(0, 1)], [(0, 1)], weight_kg="2.5", length_cm="30", width_cm="20", height_cm="10")
    )
    told = souk.post("offers", json=asked).json()
    assert told["weight_kg"] == "5"
    assert [p["items"] for p in told["parcels"]] == [[{"item": 0, "quantity": 1}]] * 2
    made = souk.post("bookings", json={"offer_id": told["offers"][0]["id"]}).json()
    assert len(set(made["parcels"])) == 2
    shipment = souk.get(f"shipments/{made['shipment_id']}").json()
    assert [(c["position"], c["of"], c["weight_kg"]) for c in shipment["contents"]] == [
        (1, 2, "2.5"),
        (2, 2, "2.5"),
    ]
    assert [c["items"][0]["quantity"] for c in shipment["contents"]] == [1, 1]
    assert shipment["status"]["parcels"] == {"booked": 2}
    assert shipment["parcels"] == made["parcels"]
    first = souk.get(f"parcels/{made['parcels'][0]}").json()
    assert (first["position"], first["of"]) == (1, 2)
    public = souk.get(f"tracking/{made['parcels'][1]}").json()
    assert [p["number"] for p in public["shipment"]["parcels"]] == made["parcels"]
    epcis = souk.get(f"shipments/{made['shipment_id']}/epcis").json()
    text_of = str(epcis)
    assert all(number in text_of for number in made["parcels"])
    label = souk.get(f"shipments/{made['shipment_id']}/label")
    assert len(pypdfium2.PdfDocument(label.content)) == 2
    alone = souk.post("labels", json={"ids": [made["parcels"][1]]})
    assert len(pypdfium2.PdfDocument(alone.content)) == 1
    assert souk.delete(f"bookings/{made['id']}").json()["state"] == "cancelled"
    assert souk.get(f"shipments/{made['shipment_id']}").json()["status"]["parcels"] == {"cancelled": 2}


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        (parcels([(0, 1)]), "#/parcels"),  # one piece is in none
        (parcels([(0, 2)], [(0, 1)]), "#/parcels"),  # three of two
        (parcels([(7, 1)], [(0, 2)]), "#/parcels/0/items/0/item"),
        (parcels([(0, 1), (0, 1)]), "#/parcels/0/items/1/item"),
        (parcels([(0, 1)], [(0, 1)], weight_kg="900"), "#/parcels/0/weight_kg"),
        (parcels([(0, 1)], [(0, 1)], length_cm="900"), "#/parcels/0/length_cm"),
        (parcels([(0, 0)], [(0, -1)]), "#/parcels/1/items/0/quantity"),
        (parcels([]), "#/parcels/0/items"),
    ],
)
def test_parcels_that_do_not_come_out_even_are_refused_at_their_place(
    login: Login, said: dict[str, object], pointer: str
) -> None:
    body = problem(login().post("offers", json=order(**said)), 422, "invalid-request")
    assert pointer in [e["pointer"] for e in body["errors"]]
    assert all(e["remedy"] for e in body["errors"])


def test_a_row_a_form_and_a_request_become_the_same_command() -> None:
    asked = order(id="A-1", ready_at=f"{MONDAY:%Y-%m-%d}T09:00:00+01:00", rule="fastest", note="gift")
    request = OrderIn.model_validate(asked)
    item = asked["items"][0]
    cells = {
        "order_id": "A-1",
        "ready_at": f"{MONDAY:%Y-%m-%d} 09:00 +01:00",
        "rule": "express",
        "note": "gift",
        **{f"sender_{name}": value for name, value in asked["sender"].items()},
        **asked["receiver"],
        "title": item["title"],
        "quantity": str(item["quantity"]),
        "unit_price": item["unit_value"]["amount"],
        "currency": item["unit_value"]["currency"],
        "hs": item.get("hs", ""),
        "goods_origin": item.get("origin", ""),
        **{name: item.get(name, "") for name in ("weight_kg", "length_cm", "width_cm", "height_cm", "sku")},
    }
    ways = Ways(MONDAY, whereabouts(NETWORK), Notation("."), RULES)
    by_words = words.command_of(RawOrder("A-1", (0,), cells, (Row(1, cells),)), ways)
    by_request = order_command.command_of(request, ways)
    assert not by_words.found.problems
    assert not by_request.found.problems
    one, other = accept(by_words, ways), accept(by_request, ways)
    assert isinstance(one, Draft)
    assert isinstance(other, Draft)
    one.content = other.content = ""
    one.trade = other.trade
    assert one == other
