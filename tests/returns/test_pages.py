"""The pages of returns: the buyer by his link alone, the merchant his own, the warehouse what lies before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pypdfium2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from qafila.returns import store
from qafila.returns.model import State
from qafila.runtime.accounts.sessions import first_link
from qafila.runtime.database import administrator
from qafila.web.chassis import assets
from tests.returns.shop import Shop
from tests.web.visitors import HERE


@pytest.fixture(scope="module")
def shop() -> Shop:
    if not (assets.BUILT / "manifest.json").exists():
        pytest.skip("the front end is not built: python src/qafila/web/frontend/build.py")
    return Shop()


@pytest.fixture(scope="module")
def app(shop: Shop) -> FastAPI:
    from qafila.web.portal import create_app

    return create_app(lambda: shop.context)


@pytest.fixture
def stranger(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(
        app, base_url="http://portal.test", client=("203.0.113.9", 50000), follow_redirects=False
    ) as made:
        yield made


@pytest.fixture
def hub(app: FastAPI) -> TestClient:
    made = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000), follow_redirects=False)
    assert made.get(f"/enter/{first_link(datetime.now(UTC), anyway=True)}").status_code == 303
    return made


def text_of(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def test_a_buyer_sends_back_in_two_steps_and_prints_his_label(shop: Shop, stranger: TestClient) -> None:
    number = shop.delivered()
    outward = shop.delivery(number).token
    assert "/return" in stranger.get(f"/d/{outward}").text
    begun = stranger.post(f"/d/{outward}/return", headers=HERE)
    assert begun.status_code == 303
    where = begun.headers["location"]
    for language in ("en", "fr", "ar", "zh"):
        page = stranger.get(f"/{language}{where}")
        assert page.status_code == 200
        assert "2011/83" in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
    told = {"cause": "withdrawal", "n-0": "2", "wish": "refund", "said": "too small"}
    first = stranger.post(where, data=told, headers=HERE)
    assert first.status_code == 200
    assert 'name="confirmed"' in first.text
    with administrator() as connection:
        (given,) = store.of_parcel(connection, number)
    assert given.state is State.OFFERED
    assert stranger.post(where, data={**told, "n-0": "9", "confirmed": "1"}, headers=HERE).status_code == 422
    assert stranger.post(where, data={**told, "confirmed": "1"}, headers=HERE).status_code == 303
    now = shop.now_of(given)
    assert (now.state, now.pieces, now.said) == (State.ASKED, 2, "too small")
    label = stranger.get(f"{where}/label.pdf")
    assert given.number.replace("-", "") in re.sub(r"[\s-]", "", text_of(label.content))
    for guess in (given.number, "x" * 32, given.token[:-1] + "?", number):
        assert stranger.get(f"/r/{guess}").status_code == 404
        assert stranger.post(f"/r/{guess}", data={**told, "confirmed": "1"}, headers=HERE).status_code == 404
        assert stranger.get(f"/r/{guess}/label.pdf").status_code == 404
    assert stranger.get(f"/t/{number}").status_code == 200
    assert given.token not in stranger.get(f"/t/{number}").text


def test_the_warehouse_inspects_and_the_refund_is_decided_by_page(shop: Shop, hub: TestClient) -> None:
    given = shop.asked(shop.delivered())
    shop.now = shop.now.replace()
    arrived = hub.post(
        "/returns/scan",
        data={"code": given.number, "facility": shop.id, "what": "arrive", "key": given.id},
        headers=HERE,
    )
    assert arrived.status_code == 303
    page = hub.get(f"/returns/{given.number}")
    assert "found-0" in page.text
    wrong = hub.post(
        f"/returns/{given.id}/inspect", data={"found-0": "77", "grade-0": "as_new", "key": "w"}, headers=HERE
    )
    assert wrong.status_code == 422
    done = hub.post(
        f"/returns/{given.id}/inspect",
        data={"found-0": "3", "grade-0": "as_new", "facility": shop.id, "key": f"i{given.id}"},
        headers=HERE,
    )
    assert done.status_code == 303, done.text
    assert "Decide the refund" in hub.get(f"/returns/{given.id}").text
    assert (
        hub.post(f"/returns/{given.id}/refund", data={"key": f"r{given.id}"}, headers=HERE).status_code == 303
    )
    assert (
        hub.post(
            f"/returns/{given.id}/paid", data={"key": f"p{given.id}", "reference": "X"}, headers=HERE
        ).status_code
        == 303
    )
    assert shop.now_of(given).state is State.CLOSED
    assert given.number in hub.get("/returns").text
    assert given.number in hub.get("/returns?state=closed").text
    assert hub.get("/returns/nothing").status_code == 404


def test_papers_for_customs_name_the_law_and_the_goods(shop: Shop, hub: TestClient) -> None:
    shop2 = shop.asked(shop.delivered(), cause="faulty")
    with administrator() as connection:
        store.change(connection, shop2.id, facility="HUB")
    answer = hub.get(f"/returns/{shop2.id}/customs.pdf")
    if answer.status_code == 409:
        assert "customs border" in answer.text
        return
    text = text_of(answer.content)
    assert "Tea glass" in text
    assert "7013" in text
