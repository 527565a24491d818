"""The requests in docs/api.md work, in the order in which they stand there."""

from __future__ import annotations

import json
import re
from pathlib import Path

from fastapi.testclient import TestClient

from qafila.api.chassis.problems import KINDS
from qafila.shipping.merchants import SCOPES
from qafila.tracking.event import ParcelEvent
from qafila.tracking.upu_codes import codes
from tests.api.conftest import Clock, Login
from tests.guards import undocumented

DOCS = Path(__file__).parents[2] / "docs"
_REQUEST = re.compile(r"```http\n(\w+) /api/v1/(\S+)\n((?:[\w-]+: [^\n]*\n)*)\n?(.*?)```", re.S)


def test_the_requests_in_the_documentation_work(api: TestClient, login: Login, moment: Clock) -> None:
    key = login().headers["Authorization"].removeprefix("Bearer ")
    said = (DOCS / "api.md").read_text(encoding="utf-8")
    # the small network of the tests has no vans: the same order from and to its facilities
    said = said.replace('"country": "MA", "city": "Casablanca"', '"facility": "WH"')
    said = said.replace('"country": "FR", "city": "Lyon"', '"facility": "STA"')
    known = {"key": key, "now": moment.now.isoformat()}
    requests = _REQUEST.findall(said)
    assert len(requests) >= 8
    for verb, path, headers, body in requests:
        for name, value in known.items():
            path, headers, body = (part.replace(f"{{{name}}}", value) for part in (path, headers, body))
        sent = dict(line.split(": ", 1) for line in headers.splitlines())
        answer = api.request(verb, path, headers=sent, json=json.loads(body) if body.strip() else None)
        assert answer.status_code < 300, (verb, path, answer.text)
        told = answer.json()
        if path == "offers":
            known["offer_id"] = told["offers"][0]["id"]
        elif path == "bookings":
            known |= {
                "booking_id": told["id"],
                "shipment_id": told["shipment_id"],
                "parcel": told["parcels"][0],
            }
        elif path in ("events", "epcis/capture"):
            assert told["recorded"] == 1, told


def test_every_scope_is_documented() -> None:
    said = (DOCS / "api.md").read_text(encoding="utf-8")
    assert undocumented(SCOPES, said) == []


def test_every_event_is_documented_with_its_codes() -> None:
    said = (DOCS / "tracking.md").read_text(encoding="utf-8")
    for type in ParcelEvent:
        (row,) = re.findall(rf"\n\| `{type}` \|(.*)\n", said)
        if type != ParcelEvent.RETRACTED:
            assert codes(type).biz_step in row
            told = {
                codes(type, stage).upu for stage in ("", "outward", "transit", "inward", "inland", "delivery")
            }
            assert set(re.findall(r"\bE[A-Z]{2}\b", row)) == told - {""}


def test_every_kind_of_problem_tells_what_it_means(api: TestClient) -> None:
    for code, kind in KINDS.items():
        told = api.get(f"problems/{code}").json()
        assert (told["status"], told["meaning"]) == (kind.status, str(kind.meaning))
