"""Whatever is sent, the answer is a problem that names it, never a failure of the server."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import Clock, Login, booked, order

_ODD: list[Any] = [
    None,
    "",
    " ",
    0,
    -1,
    1e308,
    10**30,
    True,
    [],
    {},
    "\u0000",
    "\ud800",
    "a" * 5000,
    "NaN",
    "1e9",
    "0001-01-01",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "2026-02-30",
    "'; DROP TABLE orders; --",
    "😀" * 50,
    "../../etc/passwd",
    "HA000000014MA",
    {"amount": "NaN", "currency": "EUR"},
    {"amount": "1e30", "currency": "ZZZ"},
    {"amount": "0.0000001", "currency": "EUR"},
    ["x"] * 50,
]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a document."""
    found = [path] if path else []
    if isinstance(value, dict):
        for name, inner in value.items():
            found += _places(inner, (*path, name))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            found += _places(inner, (*path, n))
    return found


def _with(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    here = changed
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    return changed


def _document(number: str, now: str) -> dict[str, Any]:
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": now,
        "epcisBody": {
            "eventList": [
                {
                    "type": "ObjectEvent",
                    "action": "OBSERVE",
                    "bizStep": "departing",
                    "epcList": [f"urn:x-qafila:s10:{number}"],
                    "eventTime": now,
                    "eventTimeZoneOffset": "+01:00",
                    "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
                    "readPoint": {"id": "urn:x-qafila:facility:WH"},
                    "qafila:leg": 1,
                    "qafila:timeKind": "actual",
                    "errorDeclaration": {"declarationTime": now, "reason": "did_not_occur"},
                }
            ]
        },
    }


@pytest.mark.parametrize("address", ["offers", "bookings", "events", "epcis/capture"])
def test_no_body_breaks_the_server(login: Login, moment: Clock, address: str) -> None:
    souk = login()
    number = booked(souk)["parcels"][0]
    now = moment.now.isoformat()
    good = {
        "offers": order(
            promise_by="2026-04-30", ready_at="2026-03-24", rule="promise", note="n", trade="b2c"
        ),
        "bookings": {"offer_id": "ofr_x"},
        "events": {
            "events": [
                {
                    "parcel": number,
                    "type": "handed_over",
                    "time": now,
                    "facility": "WH",
                    "leg": 1,
                    "id": "374d95fc-9457-4a51-bd6a-0bba133845a8",
                    "source": "s",
                    "details": {"x": 1},
                    "time_kind": "planned",
                }
            ]
        },
        "epcis/capture": _document(number, now),
    }[address]
    dice = random.Random(address)
    tries = [(path, odd) for path in _places(good) for odd in _ODD]
    for path, odd in dice.sample(tries, min(60, len(tries))):
        body = json.dumps(_with(good, path, odd), ensure_ascii=True).encode()
        answer = souk.post(address, content=body, headers={"content-type": "application/json"})
        assert answer.status_code < 500, (path, odd, answer.text[:300])
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
    # and what was recorded, whatever it was, can still be read
    for read in (
        f"parcels/{number}",
        f"parcels/{number}/events",
        f"parcels/{number}/epcis",
        "events",
        f"tracking/{number}",
    ):
        assert souk.get(read).status_code == 200, read


@pytest.mark.parametrize("sent", [b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe\x00", b'{"id": 1}' * 3])
def test_no_bytes_break_the_server(login: Login, sent: bytes) -> None:
    answer = login().post("offers", content=sent, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"]


@pytest.mark.parametrize("id", ["%00", "..%2f..", "%F0%9F%98%80", "a" * 3000, "' OR 1=1"])
def test_no_address_breaks_the_server(api: TestClient, login: Login, id: str) -> None:
    souk = login()
    for kind in ("offers", "bookings", "shipments", "parcels", "tracking", "network/facilities", "problems"):
        assert souk.get(f"{kind}/{id}").status_code in (404, 422)
    assert souk.get("bookings", params={"cursor": id}).status_code in (200, 422)
    assert api.get("bookings", headers={"Authorization": "Bearer " + "x" * 5000}).status_code == 401
