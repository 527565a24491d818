"""The pages of sorting: the centre's picture, the induction, bags; in four languages, without JavaScript."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from qafila.runtime.accounts.tenants import TenantKind
from tests.sorting.centres import booked, centre, merchant, name
from tests.sorting.test_units import sscc
from tests.web.visitors import HERE, member, signed_in, tenant


@pytest.fixture
def hub(client: TestClient) -> TestClient:
    return signed_in(client, member(tenant(TenantKind.HUB, "Hub").id))


def test_a_scan_says_its_chute_and_why(hub: TestClient) -> None:
    here = centre()
    number = booked(merchant(), here.facility)[0]
    address = f"/sorting/{here.facility}/scan"
    assert "autofocus" in hub.get(address).text
    told = hub.post(address, data={"code": number, "station": "line 1"}, headers=HERE).text
    assert ">X8<" in told
    assert "No sort plan is in place here." in told
    assert "Aucun plan de tri" in hub.post(f"/fr{address}", data={"code": number}, headers=HERE).text
    assert (
        "هو متضرر" in hub.post(f"/ar{address}", data={"code": number, "damaged": "true"}, headers=HERE).text
    )
    assert "无法读取其单号" in hub.post(f"/zh{address}", data={"code": "??"}, headers=HERE).text
    assert "<bdi>X8</bdi>" not in hub.post(address, data={"code": " "}, headers=HERE).text


@pytest.mark.parametrize("language", ["", "/fr", "/ar", "/zh"])
def test_the_picture_shows_each_chute(hub: TestClient, language: str) -> None:
    here = centre()
    told = hub.get(f"{language}/sorting/{here.facility}")
    assert told.status_code == 200
    assert all(f">{c.id}<" in told.text for c in here.chutes)
    assert hub.get("/sorting/NOWHERE").status_code == 404


def test_a_bag_is_opened_filled_and_refused_by_hand(hub: TestClient) -> None:
    here = centre()
    number = booked(merchant(), here.facility)[0]
    address, bag = f"/sorting/{here.facility}/bags", sscc()
    refused = hub.post(address, data={"act": "load", "unit": bag, "child": number}, headers=HERE)
    assert refused.status_code == 404 or "There is no bag" in refused.text
    assert bag in refused.text
    hub.post(address, data={"act": "open", "unit": bag, "kind": "bag", "key": name("p")}, headers=HERE)
    told = hub.post(
        address, data={"act": "load", "unit": bag, "child": number, "key": name("p")}, headers=HERE
    ).text
    assert f">{number}<" in told
    assert "Sac" in hub.get(f"/fr{address}", params={"unit": bag}).text
