"""Pick-ups on the pages: parcels chosen, a van asked for, manifests and several papers at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pypdfium2
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.web.test_ship import PEOPLE, QUESTION, hidden, ways
from tests.web.visitors import HERE, member, signed_in, tenant


def test_from_a_booking_to_a_signed_manifest(app: FastAPI) -> None:
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50002), follow_redirects=False)
    signed_in(client, member(tenant().id))
    assert "None waits" in client.get("/pickups").text
    offers = client.get("/ship", params=QUESTION)
    chosen = client.get("/ship/offer", params={**QUESTION, "way": ways(offers.text)[0]})
    booked = client.post("/ship/offer", data={**hidden(chosen.text), **PEOPLE}, headers=HERE)
    shipment = booked.headers["location"].rpartition("/")[2].partition("?")[0]
    page = client.get("/pickups").text
    number = page.partition('name="parcel" value="')[2].partition('"')[0]
    soon = datetime.now(UTC) + timedelta(days=1)
    form = {"parcel": number, "day": f"{soon:%Y-%m-%d}", "from": "", "to": "", "address": "", "note": ""}
    assert "Write the day and the two times" in client.post("/pickups", data=form, headers=HERE).text
    form |= {"day": f"{datetime.now(ZoneInfo('Africa/Casablanca')):%Y-%m-%d}", "from": "00:00", "to": "23:59"}
    made = client.post("/pickups", data=form, headers=HERE)
    assert made.status_code == 303, made.text
    address = made.headers["location"]
    assert number in client.get(address).text
    assert len(pypdfium2.PdfDocument(client.get(f"{address}/manifest.pdf").content)) == 1
    assert number in client.get(f"{address}/manifest.csv").text
    both = client.get("/print", params={"what": "documents", "shipment": [shipment, shipment]})
    assert both.content.startswith(b"%PDF")
    assert client.get("/print", params={"what": "labels", "shipment": [shipment]}).content.startswith(b"%PDF")
    assert client.get("/print", params={"what": "labels", "shipment": ["shp_nothing"]}).status_code == 404
    assert client.post(f"{address}/cancel", headers=HERE).status_code == 303
    assert "Cancelled" in client.get(address).text
    assert number in client.get("/pickups").text
