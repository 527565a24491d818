"""Files of orders by a program: looked at, booked, fetched."""

from __future__ import annotations

from io import BytesIO

import httpx
import openpyxl

from qafila.context import Context
from qafila.runtime.jobs.worker import work_off
from qafila.shipping.bookings.numbering import new_id
from qafila.shipping.floor import SHIP_FILE
from tests.api.conftest import Login

HEAD = "order_id,sender_facility,destination_facility,destination_country,destination_city,receiver_name,address,title,quantity,unit_price,currency,hs,weight_kg"


def row(id: str, **more: str) -> str:
    cells = {
        "order_id": id,
        "sender_facility": "WH",
        "destination_facility": "STA",
        "destination_country": "FR",
        "destination_city": "Lyon",
        "receiver_name": "Amélie Roux",
        "address": "3 rue Mercière",
        "title": "argan oil 100 ml",
        "quantity": "2",
        "unit_price": "12.50",
        "currency": "EUR",
        "hs": "151590",
        "weight_kg": "0.5",
        **more,
    }
    return ",".join(cells[name] for name in HEAD.split(","))


def sent(client: httpx.Client, content: bytes, name: str = "orders.csv", **asked: str) -> httpx.Response:
    return client.post("order-files", files={"file": (name, content)}, data=asked)


def test_a_file_is_looked_at_booked_and_fetched(login: Login, surroundings: Context) -> None:
    souk: httpx.Client = login()
    first, second = new_id("A"), new_id("A")
    text = f"{HEAD}\n{row(first)}\n{row(second, title='#REF!')}\n{row(new_id('A'), destination_facility='NOWHERE')}\n"
    seen = sent(souk, text.encode(), rule="fastest")
    assert seen.status_code == 201, seen.text
    told = seen.json()
    assert (told["state"], told["preview"]["rows"], told["preview"]["ready"]) == ("new", 3, 1)
    assert [(p["row"], p["heading"]) for p in told["preview"]["problems"]] == [
        (3, "title"),
        (4, "destination_facility"),
    ]
    assert told["preview"]["priced"][0]["order_id"] == first
    assert float(told["preview"]["landed_cost"]["amount"]) > float(told["preview"]["price"]["amount"]) > 0
    assert not souk.get("shipments").json()["items"]

    assert souk.post(f"order-files/{told['id']}/book").status_code == 202
    assert souk.get(f"order-files/{told['id']}").json()["state"] == "running"
    work_off([SHIP_FILE], surroundings.of)
    done = souk.get(f"order-files/{told['id']}").json()
    assert (done["state"], done["result"]["booked"], done["result"]["rejected"]) == ("done", 1, 2)
    labels = souk.get(f"order-files/{told['id']}/outputs/labels.pdf")
    assert labels.content.startswith(b"%PDF")
    assert all(souk.get(address).status_code == 200 for address in done["result"]["outputs"])
    assert souk.get(f"order-files/{told['id']}/outputs/job.json").status_code == 404
    assert [f["id"] for f in souk.get("order-files").json()["items"]] == [told["id"]]


def test_a_file_is_nobody_elses(login: Login) -> None:
    souk: httpx.Client = login()
    id = sent(souk, f"{HEAD}\n{row(new_id('A'))}\n".encode()).json()["id"]
    other: httpx.Client = login()
    for answer in (
        other.get(f"order-files/{id}"),
        other.post(f"order-files/{id}/book"),
        other.get(f"order-files/{id}/outputs/labels.pdf"),
    ):
        assert answer.status_code == 404
    assert not other.get("order-files").json()["items"]


def test_what_is_no_file_of_orders_is_refused_with_a_remedy(login: Login) -> None:
    souk: httpx.Client = login()
    for content in (b"", b"hello, world\n1,2\n", b"%PDF-1.7 x", b"PK\x03\x04 broken"):
        answer = sent(souk, content)
        assert answer.status_code in (400, 422), answer.text
        assert answer.json()["remedy"]
    assert sent(
        souk, f"{HEAD}\n{row('1')}\n".encode(), sender_city="Fès", sender_country="Atlantis"
    ).status_code in (400, 422)


def test_the_template_speaks_the_language_asked_for(login: Login) -> None:
    souk: httpx.Client = login()
    for asked, heading in (({"language": "zh"}, "订单号"), ({}, "Order number")):
        made = souk.get("order-files/template", params=asked)
        assert openpyxl.load_workbook(BytesIO(made.content)).worksheets[0]["A1"].value == heading
    french = souk.get("order-files/template", headers={"accept-language": "fr"})
    assert openpyxl.load_workbook(BytesIO(french.content)).worksheets[0]["A1"].value == "Numéro de commande"
