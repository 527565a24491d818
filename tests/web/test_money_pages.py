"""The pages of money: a merchant's, a station's, the operator's; a count by two people, a claim filed and decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.ledger import parties, posting
from qafila.ledger.cash import collecting
from qafila.ledger.cash.model import Driver
from qafila.ledger.invoices import issuing
from qafila.ledger.law import licences
from qafila.ledger.law.law_rules import Licence
from qafila.ledger.parties import Party
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from tests.ledger.tills import RATES, act, door, mad, parcel
from tests.web.visitors import HERE, member, signed_in, tenant

Enter = Callable[[str, str], TestClient]


@pytest.fixture
def enter(app: FastAPI) -> Enter:
    """Signs a new person of a tenant in, in a role."""

    def entered(of: str, role: str) -> TestClient:
        client = TestClient(app, base_url="https://portal.test", follow_redirects=False)
        client.headers.update(HERE)
        return signed_in(client, member(of, role, name=f"{role.title()} X"))

    return entered


def test_two_people_count_a_bag_on_the_page(enter: Enter) -> None:
    carrier = tenant(TenantKind.CARRIER, "Vans").id
    souk = tenant(TenantKind.MERCHANT, "Souk").id
    who = Driver("d-9", "Driss", carrier)
    made = posting.transact(
        lambda c: collecting.collect(c, act(of=carrier), door(parcel(souk, mad(470)), who), RATES)
    )
    driver, clerk = enter(carrier, "driver"), enter(carrier, "dispatcher")
    shown = driver.get("/en/money/cash")
    assert shown.status_code == 200, shown.text
    assert "Driss" in shown.text
    address = f"/money/cash/{made.bag}"
    assert "470" not in driver.get(address).text  # what should be there is not told before it is counted
    counted = {"n-200": "2", "n-50": "1", "s-20": "1", "key": "a"}
    bad = driver.post(address, data=counted | {"n-10": "many"})
    assert bad.status_code == 422
    assert 'value="2"' in bad.text
    assert driver.post(address, data=counted).status_code == 303
    assert driver.post(address, data=counted | {"key": "c"}).status_code == 422  # the same person signs twice
    differs = clerk.post(address, data={"n-200": "2", "key": "d"})
    assert "The two counts differ" in differs.text
    assert driver.post(address, data=counted | {"key": "e"}).status_code == 303
    done = clerk.post(address, data=counted | {"key": "f"})
    assert "Handed over" in done.text
    assert "450.00" in done.text
    assert "0.00" in clerk.get("/money/cash").text
    assert enter(souk, "clerk").get("/money/cash").status_code == 403
    assert enter(tenant(TenantKind.CARRIER).id, "driver").get(address).status_code == 404


def test_a_merchant_says_who_he_is_reads_his_papers_and_claims(enter: Enter, client: TestClient) -> None:
    souk = tenant(TenantKind.MERCHANT, "Souk").id
    number = parcel(souk, None)
    page = enter(souk, "administrator")
    assert "to which account money goes" in page.get("/en/money").text
    told = {
        "name": "Souk SARL",
        "country": "ma",
        "ice": "12",
        "iban": "007780000112345678901248",
        "city": "Rabat",
    }
    wrong = page.post("/money/party", data=told)
    assert wrong.status_code == 422
    assert "15 digits" in wrong.text
    assert 'value="Rabat"' in wrong.text  # what was typed is kept
    assert page.post("/money/party", data=told | {"ice": "001561191000066"}).status_code == 303
    shown = page.get("/en/money")
    assert "Souk SARL" in shown.text
    with administrator() as connection:
        parties.put(connection, parties.HUB, Party("Hub", "MA", vat="MA40303265"), "test")
        licences.state(
            connection, Licence("MA", "payment_institution", "BAM", "EP-7", date(2026, 1, 1)), "test"
        )
        connection.execute(text("UPDATE ledger_licences SET valid_to = NULL"))
    (invoice,) = posting.transact(
        lambda c: issuing.issue(
            c, act(), souk, datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
        )
    )
    assert invoice.number in page.get("/en/money").text
    assert page.get(f"/ar/money/invoices/{invoice.number}.pdf").content.startswith(b"%PDF")
    assert page.get(f"/money/invoices/{invoice.number}.xml").content.startswith(b"<?xml")
    assert page.get(f"/money/invoices/{invoice.number}.doc").status_code == 404
    assert enter(tenant().id, "administrator").get(f"/money/invoices/{invoice.number}.pdf").status_code == 404
    claim = {
        "parcel": number,
        "kind": "lost",
        "amount": "12,50",
        "currency": "EUR",
        "said": "never came",
        "key": "k",
    }
    assert "There is no parcel" in page.post("/en/money/claims", data=claim | {"parcel": "RX1"}).text
    assert page.post("/money/claims", data=claim).status_code == 303
    for code, words in (
        ("en", "being looked into"),
        ("fr", "à l’examen"),
        ("ar", "قيد الدراسة"),
        ("zh", "审核中"),
    ):
        assert words in page.get(f"/{code}/money").text
    # the operator decides on his page
    desk = client.get("/en/money")
    assert desk.status_code == 200
    assert "never came" in desk.text
    assert "adds up to zero" in desk.text
    with administrator() as connection:
        id = connection.execute(
            text("SELECT claim FROM claims WHERE parcel = :p"), {"p": number}
        ).scalar_one()
    assert (
        client.post(f"/money/claims/{id}", data={"amount": "12.50"}, headers=HERE).status_code == 422
    )  # no reason
    assert (
        client.post(f"/money/claims/{id}", data={"amount": "x", "why": "y"}, headers=HERE).status_code == 422
    )
    assert (
        client.post(
            f"/money/claims/{id}", data={"amount": "12.50", "why": "our van burnt"}, headers=HERE
        ).status_code
        == 303
    )
    assert "our van burnt" in page.get("/money").text
    assert client.post("/money/run", headers=HERE).status_code == 303
    with administrator() as connection:
        run = connection.execute(
            text("SELECT remittance FROM remittances WHERE tenant_id = :t"), {"t": souk}
        ).scalar_one()
    assert client.post(f"/money/remittances/{run}/paid", headers=HERE).status_code == 409  # not sent yet
    assert client.post(f"/money/remittances/{run}/eat", headers=HERE).status_code == 404
    assert page.get(f"/zh/money/remittances/{run}.pdf").content.startswith(b"%PDF")
    assert "12.5" in page.get(f"/money/remittances/{run}.csv").text
    assert page.post(f"/money/remittances/{run}/send").status_code == 403


def test_an_empty_page_says_so_and_others_are_kept_out(enter: Enter, stranger: TestClient) -> None:
    assert "Nothing is owed" in enter(tenant().id, "clerk").get("/en/money").text
    assert (
        enter(tenant(TenantKind.CARRIER).id, "dispatcher")
        .get("/money")
        .headers["location"]
        .endswith("/money/cash")
    )
    assert stranger.get("/money").status_code == 303
