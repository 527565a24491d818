"""The calculator and the broker's desk, over the application as it is served."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pypdfium2
import pytest
from starlette.testclient import TestClient

from qafila.clearance import desk, store
from qafila.clearance.authority import Sandbox
from qafila.clearance.declaration import Party, Procedure
from qafila.core.money import exchange_rates
from qafila.runtime.accounts.sessions import first_link
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from tests.applications import portal_of_home
from tests.clearance.test_desk import opened, plain
from tests.web.visitors import member, signed_in, tenant

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HERE = {"sec-fetch-site": "same-origin"}
QUESTION = (
    "/en/duty?from=CN&to=MA&hs=640411&value=1000&currency=MAD&quantity=1&freight=0&insurance=0&trade=b2b"
)


@pytest.fixture(scope="module")
def pages() -> TestClient:
    made = TestClient(portal_of_home(), base_url="http://127.0.0.1", client=("127.0.0.1", 50000))
    made.get(f"/enter/{first_link(datetime.now(UTC), anyway=True)}")
    return made


def test_the_calculator_shows_every_line_with_its_source(pages: TestClient) -> None:
    answer = pages.get(QUESTION)
    assert answer.status_code == 200
    # 30 % of 1000, 0.25 % of 1000, 20 % of 1302.50: 300 + 2.50 + 260.50
    for part in ("563.00", "56.3 %", "DI", "TPI", "TVA", "Code général des impôts"):
        assert part in answer.text, part


def test_plain_words_are_classified_and_flagged(pages: TestClient) -> None:
    text = pages.get("/en/duty?from=CN&to=FR&title=cotton+T-shirt&value=20&currency=EUR").text
    assert "6109.10" in text
    assert "Confirm it before you declare" in text


@pytest.mark.parametrize("code", ["en", "fr", "ar", "zh"])
def test_a_wrong_value_is_kept_and_named(pages: TestClient, code: str) -> None:
    answer = pages.get(f"/{code}/duty?from=CN&to=MA&hs=640411&value=-5&currency=MAD")
    assert answer.status_code == 422
    assert 'value="-5"' in answer.text
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize(
    ("code", "reason", "remedy"),
    [
        ("fr", "HS 2022 n&#39;a pas de sous-position 851770", "proches : 851771 ou 851779"),
        ("zh", "HS 2022 中没有子目 851770", "相近的有 851771或851779"),
    ],
)
def test_a_code_that_there_is_not_is_answered_with_those_near(
    pages: TestClient, code: str, reason: str, remedy: str
) -> None:
    answer = pages.get(f"/{code}/duty?from=CN&to=MA&hs=851770&value=5&currency=MAD")
    assert answer.status_code == 422
    assert reason in answer.text
    assert remedy in answer.text


def test_the_desk_says_what_is_missing_mends_it_and_sends_it_on(pages: TestClient) -> None:
    with administrator() as connection:
        merchant = merchants.local(connection).id
        id = opened(connection, merchant)
        desk.amend(connection, id, {"importer.city": ""}, "t", NOW)
    listed = pages.get("/en/desk").text
    assert "Give the receiver" in listed
    shown = pages.get(f"/en/desk/{id}").text
    assert 'name="importer.city"' in shown
    assert re.search(r'<button class="first" disabled', shown)
    mended = pages.post(f"/en/desk/{id}/amend", data={"importer.city": "Fès"}, headers=HERE)
    assert "Nothing is missing." in mended.text
    sent = pages.post(f"/en/desk/{id}/advance", headers=HERE)
    assert "Released" in sent.text
    again = pages.post(f"/en/desk/{id}/advance", headers=HERE)
    assert again.status_code == 422
    assert "goes no further" in again.text


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "en",
            "lines[0].hs: HS 2022 has no subheading 851770. Codes near it are 851771 or 851779.",
        ),
        ("fr", "HS 2022 n&#39;a pas de sous-position 851770"),
        ("zh", "HS 2022 中没有子目 851770"),
    ],
)
def test_the_desk_takes_no_code_that_there_is_not(pages: TestClient, code: str, told: str) -> None:
    with administrator() as connection:
        id = opened(connection, merchants.local(connection).id)
    answer = pages.post(f"/{code}/desk/{id}/amend", data={"lines[0].hs": "851770"}, headers=HERE)
    assert answer.status_code == 422
    assert told in answer.text
    by_hand = pages.post(f"/{code}/desk/{id}/classify", data={"line": "0", "hs6": "851770"}, headers=HERE)
    assert by_hand.status_code == 422
    assert told.removeprefix("lines[0].hs: ") in by_hand.text


def test_somebody_elses_declaration_is_not_there(pages: TestClient, stranger: TestClient) -> None:
    with administrator() as connection:
        id = opened(connection, merchants.create(connection, "Other").id)
    broker = signed_in(stranger, member(tenant().id, "broker"))
    assert broker.get(f"/en/desk/{id}").status_code == 404
    assert broker.post(f"/en/desk/{id}/advance", headers=HERE).status_code == 404
    assert pages.get(f"/en/desk/{id}").status_code == 200  # the hub's people see everybody's


@pytest.mark.parametrize("kind", [TenantKind.MERCHANT, TenantKind.HUB])
def test_a_broker_brings_a_declaration_on_its_way(stranger: TestClient, kind: TenantKind) -> None:
    """The whole desk under the role of the database that asks: the merchant's own, or the hub's for everybody."""
    souk = tenant()
    of = souk if kind is TenantKind.MERCHANT else tenant(kind, "Hub")
    broker = signed_in(stranger, member(of.id, "broker", name="Driss"))
    with administrator() as connection:
        id = opened(connection, souk.id)
        desk.amend(connection, id, {"importer.city": ""}, "t", NOW)
    assert "Give the receiver" in broker.get("/en/desk").text
    for path, form in (
        ("amend", {"importer.city": "Fès"}),
        ("classify", {"line": "0", "hs6": "691200"}),
        ("paper", {"restriction": "ma-drones", "number": "L 1"}),
        ("advance", {}),
    ):
        answer = broker.post(f"/en/desk/{id}/{path}", data=form, headers=HERE)
        assert answer.status_code == 303, (path, answer.text)
    shown = broker.get(f"/en/desk/{id}").text
    assert "Released" in shown
    assert "Driss (per_" in shown  # who did it stands in the record
    assert broker.post("/en/desk/open", headers=HERE).status_code == 303


def test_a_form_of_another_site_is_refused(pages: TestClient) -> None:
    assert pages.post("/en/desk/open", headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_one_click_confirms_a_code_and_the_next_declaration_knows_it(pages: TestClient) -> None:
    with administrator() as connection:
        merchant = merchants.local(connection).id
        line = replace(plain().lines[0], description="cotton T-shirt", hs="", sku="TS-77")
        id = opened(connection, merchant, lines=(line,))
    shown = pages.get(f"/en/desk/{id}").text
    assert "Not confirmed yet" in shown
    code = re.search(r'<button name="hs6" value="(\d{6})"', shown)
    assert code is not None
    answer = pages.post(f"/en/desk/{id}/classify", data={"line": "0", "hs6": code[1]}, headers=HERE)
    assert "Confirmed" in answer.text
    assert "Not confirmed yet" not in answer.text
    with administrator() as connection:
        assert store.get(connection, id).declaration.lines[0].hs == code[1]
        other = opened(connection, merchant, lines=(replace(line, description="tee", hs=code[1] + "0010"),))
    again = pages.get(f"/en/desk/{other}").text
    assert "Confirmed" in again  # the same article, under a national code of the subheading
    assert "Not confirmed yet" not in again
    wrong = pages.post(f"/en/desk/{id}/classify", data={"line": "0", "hs6": "999999"}, headers=HERE)
    assert wrong.status_code == 422


@pytest.mark.parametrize("code", ["en", "ar"])
def test_goods_leave_the_bonded_warehouse_on_the_page(pages: TestClient, code: str) -> None:
    with administrator() as connection:
        merchant = merchants.local(connection).id
        line = replace(plain().lines[0], quantity=Decimal(10), preference="", proofs=())
        id = opened(
            connection, merchant, procedure=Procedure.BONDED, lines=(line,), scheme="", scheme_number=""
        )
        desk.advance(connection, id, Sandbox(exchange_rates()), "t", NOW)
    shown = pages.get(f"/{code}/desk/{id}").text
    assert 'name="line-0"' in shown
    refused = pages.post(f"/{code}/desk/{id}/release", data={"line-0": "11"}, headers=HERE)
    assert refused.status_code == 422
    assert 'value="11"' in refused.text
    released = pages.post(f"/{code}/desk/{id}/release", data={"line-0": "4"}, headers=HERE)
    assert released.status_code == 200
    assert id not in str(released.url)
    with administrator() as connection:
        made = store.get(connection, str(released.url).rpartition("/")[2]).declaration
        assert (made.procedure, made.lines[0].quantity) == (Procedure.IMPORT, 4)


def test_every_declaration_of_the_desk_is_reached_found_and_sent_at_once(pages: TestClient) -> None:
    with administrator() as connection:
        merchant = merchants.local(connection).id
        line = replace(plain().lines[0], description="zellige test tile 100%_off")
        ids = [opened(connection, merchant, lines=(line,)) for _ in range(63)]
    first = pages.get("/en/desk", params={"q": "zellige 100%_off"})
    assert "63 declarations" in first.text
    assert first.text.count("zellige test tile") == 60
    assert "Page 1 of 2" in first.text
    second = pages.get("/en/desk", params={"q": "zellige 100%_off", "page": "2"})
    assert second.text.count("zellige test tile") == 3
    beyond = pages.get(
        "/en/desk", params={"q": "zellige 100%_off", "page": "9999"}
    )  # the last page, not an empty one
    assert "Page 2 of 2" in beyond.text
    assert beyond.text.count("zellige test tile") == 3
    assert pages.get("/en/desk", params={"q": "zellige 100x_off"}).text.count("zellige test tile") == 0
    xml = pages.get(f"/en/desk/{ids[0]}.xml")
    assert xml.headers["content-type"].startswith("application/xml")
    assert "zellige test tile" in xml.text
    sent = pages.post("/en/desk/send", data={"q": "zellige 100%_off"}, headers=HERE, follow_redirects=True)
    assert "63 declarations sent to customs." in sent.text
    with administrator() as connection:
        assert {store.get(connection, id).state.value for id in ids} <= {"released", "orange", "red"}


def test_a_brokers_particulars_are_kept_once_and_put_where_they_lack(stranger: TestClient) -> None:
    souk = tenant()
    broker = signed_in(stranger, member(souk.id, "broker", name="Driss"))
    with administrator() as connection:
        ids = [opened(connection, souk.id, declarant=Party()) for _ in range(2)]
    bad = {"name": "Transit Atlas", "tax_id": "hello", "city": "Casablanca", "country": "MA"}
    assert broker.post("/en/desk/declarant", data=bad, headers=HERE).status_code == 422
    own = bad | {"tax_id": "001561191000066", "line1": "1 rue du Port", "postcode": "20000"}
    assert broker.post("/en/desk/declarant", data=own, headers=HERE).status_code == 303
    assert "001561191000066" in broker.get("/en/desk").text
    broker.post("/en/desk/send", data={}, headers=HERE)
    with administrator() as connection:
        for id in ids:
            filed = store.get(connection, id)
            assert filed.declaration.declarant.number == "001561191000066"
            assert filed.state.value in {"released", "orange", "red"}


def test_a_declaration_prints_as_pdf(pages: TestClient) -> None:
    with administrator() as connection:
        id = opened(connection, merchants.local(connection).id)
    for language in ("en", "ar"):
        pdf = pypdfium2.PdfDocument(pages.get(f"/{language}/desk/{id}.pdf").content)
        text = "".join(page.get_textpage().get_text_range() for page in pdf)
        assert "cotton tea towel" in text
        assert "630260" in text
