"""Another tenant's id in each field of each body: the answer is the one that an id gets which nobody has.

So nothing of the other is seen or changed, and not even that it exists is told. Each operation whose body has words in it
stands in CASES or, with its reason, in NO_IDS: a new one fails until it does.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.api.app import create_app
from qafila.context import of_this_home
from qafila.core.identifiers import s10
from qafila.core.identifiers.own import new_id
from qafila.floors import RIGHTS
from qafila.network.timetable import Mode
from qafila.runtime.accounts import accounts_places, service
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked, Request
from tests.doors.test_matrix import REPORTERS, SECRET, Victim, _state, victim  # noqa: F401  (a fixture)
from tests.shipping.bookables import NOW, Run, legs, offer, order, timetable
from tests.web.conftest import app  # noqa: F401  (a fixture)
from tests.web.visitors import tenant

LATER = "2031-03-04T08:00:00Z"
SOON, SOON_OVER = ((datetime.now(UTC) + timedelta(hours=h)).isoformat() for h in (30, 35))
EUR = {"amount": 5, "currency": "EUR"}
PEOPLE = (
    {"country": "MA", "city": "Casablanca"},
    {"country": "FR", "city": "Lyon", "line1": "1 rue", "postcode": "69002"},
)
ORDER = {
    "id": "@ORDER",
    "sender": PEOPLE[0],
    "receiver": PEOPLE[1],
    "items": [
        {"title": "Oil", "quantity": 1, "unit_value": EUR, "hs": "151590", "weight_kg": "1", "sku": "@SKU"}
    ],
}


KINDS = (TenantKind.MERCHANT, TenantKind.BROKER, TenantKind.CARRIER, TenantKind.STATION, TenantKind.AUTHORITY)
"""The hub and its regulator see everybody's."""


BY_NUMBER = ("/events", "/epcis/", "/sorting/", "/cash/collections", "/delivery/", "/returns/scans")
"""Where who carries a parcel reports on it by its number, as it stands on the label. That there is such a parcel is no secret to
him, as it is none to anybody (public tracking says so); he sees and changes nothing of it all the same where it is not his."""


def _capture(**event: Any) -> dict[str, Any]:
    told = {
        "type": "ObjectEvent",
        "eventTime": LATER,
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "bizStep": "arriving",
        **event,
    }
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": LATER,
        "epcisBody": {"eventList": [told]},
    }


def _event(**more: Any) -> dict[str, Any]:
    return {"events": [{"parcel": "@PARCEL", "time": "2020-05-05T08:00:00Z", "type": "arrived", **more}]}


_WAYBILL = {"number": "000-00000000", "origin": "CMN", "destination": "CDG", "carrier": "AT"}
_RIDING = {
    "name": "a",
    "aircraft": {
        "name": "x",
        "positions": [{"name": "1", "arm": 1, "most": 1000, "takes": ["PMC"]}],
        "empty_weight": 1,
        "empty_arm": 1,
        "forward": 0,
        "aft": 2,
        "best": 1,
    },
    "types": [{"name": "PMC", "size": [300, 200, 100], "tare": 100, "most": 1000, "minutes": 1, "cost": 1}],
    "legs": [{"name": "l", "fuel": 1, "cost_per_cm": 1, "segments": ["s"]}],
    "segments": [
        {
            "name": "s",
            "departs": LATER,
            "lots": [
                {
                    "shipment": "@SHIPMENT",
                    "piece": "@PARCEL",
                    "size": [10, 10, 10],
                    "weight": 1,
                    "penalty": 1,
                    "merchant": "@TENANT",
                }
            ],
        }
    ],
}

CASES: list[tuple[str, Any]] = [
    ("POST /offers", ORDER),
    ("POST /bookings", {"offer_id": "@OFFER"}),
    *(
        (f"POST /{papers}", {"ids": [id]})
        for papers in ("labels", "documents")
        for id in ("@PARCEL", "@SHIPMENT", "@BOOKING")
    ),
    ("POST /events", _event()),
    *(
        ("POST /events", _event(type=t))
        for t in ("handed_over", "refused", "delivered", "cancelled", "collected")
    ),
    ("POST /events", _event(type="retracted", details={"event": "@EVENT"})),
    ("POST /events", _event(parcel="@MINE", type="handed_over", id="@EVENT")),
    ("POST /epcis/capture", _capture(epcList=["https://id.gs1.org/00/@PARCEL", "urn:qafila:parcel:@PARCEL"])),
    ("POST /epcis/capture", _capture(epcList=["urn:qafila:parcel:@PARCEL"], eventID="urn:uuid:@EVENT")),
    (
        "POST /epcis/capture",
        _capture(
            epcList=["urn:qafila:parcel:@PARCEL"],
            errorDeclaration={"declarationTime": LATER, "correctiveEventIDs": ["@EVENT"]},
        ),
    ),
    ("POST /customs/decisions", {"title": "Oil", "hs6": "151590", "sku": "@SKU", "by": "@PERSON"}),
    *(
        (
            "POST /declarations",
            {
                "procedure": p,
                "territory": "MA",
                "parcel": "@PARCEL",
                "previous_document": "@DECLARATION",
                "reference": "@DECLARATION",
            },
        )
        for p in ("export", "import", "transit", "bonded")
    ),
    ("POST /declarations/@DECLARATION/release", {"quantities": {"0": "1"}}),
    ("POST /declarations/@DECLARATION/papers", {"restriction": "ma-drones", "number": "x"}),
    ("POST /declarations/@DECLARATION/hits/@HIT", {"verdict": "cleared", "why": "because"}),
    ("PATCH /declarations/@DECLARATION", {"importer.city": "x"}),
    ("POST /plans", {"name": "mine-again", "from": "@PLAN", "commodities": []}),
    (
        "POST /storage/advices",
        {"id": "@ADVICE", "facility": "@PLACE", "lines": [{"sku": "@SKU", "pieces": 1}]},
    ),
    ("POST /storage/advices/@ADVICE/appointment", {"dock": "x", "since": LATER, "minutes": 30}),
    ("POST /storage/orders", {"id": "@ORDER", "facility": "@PLACE", "lines": [{"sku": "@SKU", "pieces": 1}]}),
    (
        "POST /storage/orders",
        {"id": "o", "facility": "@PLACE", "lines": [{"sku": "s", "pieces": 1}], "parcel": "@PARCEL"},
    ),
    (
        "POST /storage/orders",
        {"id": "o", "facility": "@PLACE", "lines": [{"sku": "s", "pieces": 1}], "booking": "@BOOKING"},
    ),
    ("PUT /storage/products/own", {"title": "t", "grams": 5, "parts": [{"sku": "@SKU", "pieces": 1}]}),
    ("PUT /storage/products/own", {"title": "t", "grams": 5, "substitutes": ["@SKU"]}),
    ("PUT /storage/products/@SKU", {"title": "t", "grams": 5}),
    *(
        (
            "POST /storage/acts",
            {
                "facility": "@PLACE",
                "kind": k,
                "owner": "@TENANT",
                "advice": "@ADVICE",
                "tour": "@TOUR",
                "order": "@ORDER",
                "code": "@SKU",
                "carton": "@PARCEL",
                "pieces": 1,
                "place": "A",
            },
        )
        for k in ("receive", "put-away", "pick", "pack", "count", "hand-over", "move")
    ),
    ("POST /storage/lots/@SKU/L1/hold?owner=@TENANT", {"because": "x"}),
    ("POST /storage/sourcing", ORDER),
    ("POST /storage/fulfilments", ORDER),
    (
        "POST /sorting/centres/@PLACE/plans",
        {"shift": "s", "since": LATER, "until": LATER, "of_plan": "@PLAN"},
    ),
    ("POST /sorting/centres/@PLACE/scans", {"scans": [{"code": "@PARCEL"}]}),
    (
        "POST /sorting/units/acts",
        {"acts": [{"key": "k1", "act": "load", "unit": "@UNIT", "child": "@PARCEL"}]},
    ),
    (
        "POST /sorting/units/acts",
        {"acts": [{"key": "k2", "act": "open", "kind": "bag", "unit": "@UNIT", "facility": "@PLACE"}]},
    ),
    (
        "POST /sorting/despatches",
        {
            "origin": "MACMNA",
            "destination": "FRCDGA",
            "category": "A",
            "subclass": "UN",
            "serial": 1,
            "facility": "@PLACE",
            "bags": ["@UNIT"],
        },
    ),
    ("POST /sorting/recalls", {"parcels": ["@PARCEL"], "because": "x"}),
    ("POST /sorting/centres/@PLACE/relabels", {"number": "@PARCEL"}),
    (
        "POST /sorting/centres/@PLACE/measures",
        {"parcel": "@PARCEL", "grams": 1, "size_mm": [1, 1, 1], "machine": "m"},
    ),
    ("POST /cargo/waybills", {**_WAYBILL, "parcels": ["@PARCEL"]}),
    ("POST /cargo/waybills", {**_WAYBILL, "houses": [{"number": "H1", "parcels": ["@PARCEL"]}]}),
    ("POST /cargo/waybills", {**_WAYBILL, "readers": ["@TENANT"]}),
    ("POST /one-record/logistics-objects", {"@type": "Piece", "upid": "@PARCEL"}),
    ("POST /one-record/subscriptions", {"@type": "Subscription", "hasTopic": "@PARCEL"}),
    ("POST /delivery/points/@PLACE/open", {"code": "@PARCEL"}),
    *(
        (
            f"POST /delivery/{who}",
            {
                "kind": k,
                "parcel": "@PARCEL",
                "round": "@ROUND",
                "facility": "@PLACE",
                "day": "2031-03-04",
                "point": "@PLACE",
                "name": "x",
            },
        )
        for who in ("acts", "hauled/acts")
        for k in ("deliver", "fail", "load", "drop", "collect")
    ),
    ("PUT /delivery/stations/@PLACE/vehicles/v1", {"kind": "van", "carrier": "@TENANT", "driver": "@PERSON"}),
    ("POST /delivery/rounds/@ROUND/fall-out", {"lat": 1, "lon": 1}),
    ("POST /air/load-plans", _RIDING),
    (
        "POST /fleet/allotments",
        {"service": "x", "day": "2031-03-04", "holder": "@TENANT", "grams": 1, "cm3": 1, "release_at": LATER},
    ),
    ("POST /fleet/outages", {"kind": "tail", "subject": "@TAIL", "begins": LATER, "ends": LATER}),
    ("POST /webhooks/@WEBHOOK/messages/replay", {"message": "@MESSAGE"}),
    ("POST /pickups", {"parcels": ["@PARCEL"], "opens": SOON, "closes": SOON_OVER}),
    ("POST /pickups", {"parcels": ["@MINE", "@PARCEL"], "opens": SOON, "closes": SOON_OVER}),
    ("POST /manifests", {"parcels": ["@PARCEL"]}),
    ("POST /manifests", {"parcels": ["@PARCEL"], "carrier": "@TENANT"}),
    *(
        ("POST /complaints", {"topic": "price", "subject": s, "words": "x"})
        for s in ("@PARCEL", "@BOOKING", "@OFFER", "@ORDER", "@SHIPMENT", "@DECLARATION", "@TENANT")
    ),
    (
        "POST /cash/collections",
        {"parcel": "@PARCEL", "driver": "@PERSON", "station": "@PLACE", "tendered": EUR},
    ),
    ("POST /cash/bags", {"driver": "@PERSON", "station": "@PLACE", "change": EUR}),
    (
        "POST /cash/deposits",
        {"station": "@PLACE", "money": EUR, "slip": "s", "merchant": "@TENANT", "carrier": "@TENANT"},
    ),
    ("POST /cash/settlements", {"of": "carrier", "owner": "@TENANT", "money": EUR, "why": "x"}),
    ("POST /ledger/remittances", {"merchant": "@TENANT"}),
    (
        "POST /ledger/invoices",
        {"merchant": "@TENANT", "since": "2020-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z"},
    ),
    ("POST /ledger/invoices/INV-1/credit", {"parcels": ["@PARCEL"], "why": "x"}),
    ("POST /ledger/wallets", {"merchant": "@TENANT", "money": EUR}),
    (
        "POST /ledger/advances",
        {
            "merchant": "@TENANT",
            "parcel": "@PARCEL",
            "territory": "FR",
            "money": EUR,
            "declaration": "@DECLARATION",
        },
    ),
    *(
        ("POST /ledger/claims", {"parcel": "@PARCEL", "kind": k, "asked": EUR})
        for k in ("lost", "damaged", "late")
    ),
    ("POST /handovers", {"parcel": "@PARCEL", "facility": "@PLACE", "to": "other.example"}),
    (
        "POST /handovers",
        {"parcel": "@MINE", "parcels": ["@MINE", "@PARCEL"], "facility": "@PLACE", "to": "other.example"},
    ),
    ("POST /handovers/@PARCEL/reference", {"reference": "x"}),
    ("POST /privacy/persons", {"who": "@PARCEL"}),
    ("POST /privacy/persons", {"who": "@PERSON"}),
    ("POST /privacy/erasures", {"who": "@PARCEL"}),
    ("POST /returns", {"parcel": "@PARCEL"}),
    ("POST /returns/scans/hand-in", {"code": "@PARCEL", "facility": "@PLACE"}),
    ("POST /returns/scans/arrive", {"code": "@PARCEL", "facility": "@PLACE"}),
    (
        "POST /returns/scans/inspect",
        {"code": "@PARCEL", "facility": "@PLACE", "lines": [{"line": 0, "found": 1}]},
    ),
    ("POST /returns/@RETURN/ask", {"cause": "faulty", "sku": "@SKU"}),
    ("POST /returns/@RETURN/refund", {"why": "x"}),
    ("POST /returns/@RETURN/paid", {"reference": "x"}),
    ("POST /complaints/@COMPLAINT/steps", {"step": "told", "words": "x"}),
    ("POST /complaints/@COMPLAINT/answers", {"step": "withdrawn", "words": "x"}),
    ("POST /saved/goods", {"goods": [{"sku": "@SKU", "title": "x"}]}),
    ("POST /fleet/allotments/@ALLOTMENT/draws", {"key": "k", "grams": 1, "cm3": 1, "waybill": "x"}),
    ("POST /sorting/units/numbers", {"despatch": "@UNIT"}),
    (
        "POST /sorting/despatches/expected",
        {"facility": "@PLACE", "document": {"bags": ["@UNIT"], "items": ["@PARCEL"]}},
    ),
    ("POST /one-record/logistics-objects", {"@type": "Shipment", "@id": "@SHIPMENT"}),
    ("PATCH /one-record/logistics-objects/@SHIPMENT", {"@type": "Change"}),
    ("POST /air/load-plans/@PLAN/changes", {"revision": 1, "at": {"@PARCEL": "1"}, "why": "x"}),
    ("POST /air/load-plans/@PLAN/close", {"revision": 1}),
    ("POST /air/load-plans/@PLAN/withdraw", {"revision": 1, "why": "x"}),
    ("POST /ledger/claims/@CLAIM/decide", {"amount": 1, "why": "x"}),
    ("POST /ledger/remittances/@REMITTANCE/paid", {"reference": "x"}),
    ("POST /ledger/remittances/@REMITTANCE/returned", {"reference": "x"}),
    ("POST /cash/bags/@BAG/declare", {"currency": "EUR", "pieces": {"1": 1}}),
    ("POST /cash/bags/@BAG/stolen", {"report": "x"}),
    ("POST /cash/collections/@COLLECTION/correct", {"why": "x"}),
]

NO_IDS = {
    *(
        "POST /customs/duty",
        "POST /customs/classify",
        "POST /fleet/rosters/check",
        "POST /handovers/statuses",
    ),  # keep nothing
    # the hub's own, or a place's: their bodies name goods, times, sizes and money
    *(
        "POST /storage/waves",
        "POST /storage/excursions",
        "PUT /storage/warehouses/{facility}/rules",
        "PUT /storage/warehouses/{facility}/layout",
        "PUT /sorting/centres/{facility}",
        "POST /sorting/centres/{facility}/shifts/{shift}",
        "PUT /delivery/points/{facility}/compartments",
        "PUT /delivery/points/{facility}/limits",
        "POST /delivery/stations/{facility}/rounds",
        "PUT /fleet/aircraft/{registration}",
        "POST /fleet/repairs",
        "POST /fleet/changes",
        "POST /oversight/reports",
        "POST /ledger/clients-account",
        "POST /ledger/licences",
        "POST /ledger/entries/{entry}/reverse",
        "POST /ledger/invoices/{number}/payments",
        "POST /cash/bags/{bag}/receive",
        "POST /cash/deposits/{deposit}/banked",
        "POST /cash/suspects",
        "POST /returns/{id}/lines/{line}/dispose",
    ),
    # one's own settings and addresses
    *(
        "POST /storage/shops",
        "POST /webhooks",
        "POST /saved/addresses",
        "POST /sales",
        "PUT /ledger/party",
        "PUT /returns/terms",
        "PUT /carriers/feed",
        "PUT /carriers/line",
    ),
    # files and signed documents: their rows are the operations above
    *(
        "POST /order-files",
        "POST /storage/advices/file",
        "POST /storage/advices/epcis",
        "POST /handovers/received",
        "POST /handovers/statuses/received",
    ),
}
"""Operations whose bodies name nothing that could be another tenant's."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A tenant with all that its kind may do."""

    client: TestClient
    place: str
    mine: str


def _parcel_of(merchant: str) -> str:
    table = timetable(Run(new_id("flt"), Mode.AIR, (("A", 60), ("B", 90))))
    asked = order("own-1")
    booked = booking.book(merchant, Request(asked, offer(asked, legs(table, 0)), "k"), table, NOW)
    assert isinstance(booked, Booked)
    return booked.parcels[0]


@pytest.fixture(scope="module")
def ids(app: FastAPI, victim: Victim) -> tuple[dict[str, str], dict[str, str]]:  # noqa: F811
    """What is the victim's, and what is nobody's, by the name of its placeholder."""
    mine = victim.ids
    with administrator() as connection:
        event = connection.execute(
            text("SELECT CAST(event_id AS text) FROM events WHERE subject_id = :p ORDER BY 1 LIMIT 1"),
            {"p": mine["number"]},
        ).scalar_one()
        _, key = service.issue_key(connection, RIGHTS, victim.tenant, RIGHTS.of_kind(TenantKind.MERCHANT))
    client = TestClient(app, headers={"authorization": f"Bearer {key}"})

    def made(method: str, path: str, body: Any) -> Any:
        answer = client.request(
            method, f"/api/v1{path}", json=body, headers={"idempotency-key": new_id("key")}
        )
        assert answer.is_success, answer.text
        return answer.json()

    made("PUT", f"/storage/products/{SECRET}-SKU", {"title": SECRET, "grams": 5})
    webhook = made("POST", "/webhooks", {"url": "https://souk.example/hook", "description": SECRET})
    complaint = made(
        "POST", "/complaints", {"topic": "price", "subject": mine["booking_id"], "words": SECRET}
    )
    number = mine["number"]
    theirs = {
        "PARCEL": number,
        "BOOKING": mine["booking_id"],
        "SHIPMENT": mine["shipment_id"],
        "OFFER": mine["offer_id"],
        "ORDER": f"{SECRET}-1",
        "DECLARATION": mine["declaration"],
        "HIT": mine["hit"],
        "PERSON": mine["person"],
        "TENANT": victim.tenant,
        "EVENT": event,
        "SKU": f"{SECRET}-SKU",
        "WEBHOOK": webhook["id"],
        "COMPLAINT": complaint["id"],
    }
    nobodys = {
        "PARCEL": s10.number(number[:2], 99_999_999, number[-2:]),
        "BOOKING": new_id("bkg"),
        "SHIPMENT": new_id("shp"),
        "OFFER": new_id("ofr"),
        "ORDER": "Nobody-Marker-1",
        "DECLARATION": new_id("dcl"),
        "HIT": new_id("hit"),
        "PERSON": new_id("per"),
        "TENANT": new_id(victim.tenant.partition("_")[0]),
        "EVENT": "01990000-0000-7000-8000-00000000abcd",
        "SKU": "Nobody-Marker-SKU",
        "WEBHOOK": new_id(webhook["id"].partition("_")[0]),
        "COMPLAINT": new_id(complaint["id"].partition("_")[0]),
    }
    return theirs, nobodys


def _stranger(app: FastAPI, kind: TenantKind) -> Stranger:  # noqa: F811
    operator, calls = next((o, c) for o, c in of_this_home().network.feed.callers.items() if c)
    # one that flies elsewhere: a carrier without services may speak of what rides with nobody known
    of = tenant(kind, operator if kind is TenantKind.CARRIER else f"Stranger {kind}")
    place = min(calls)
    with administrator() as connection:
        _, key = service.issue_key(connection, RIGHTS, of.id, RIGHTS.of_kind(of.kind))
        if kind is TenantKind.STATION:
            accounts_places.give(connection, of.id, place, "hub", datetime.now(UTC), {place})
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    client.headers["authorization"] = f"Bearer {key}"
    mine = _parcel_of(of.id) if kind is TenantKind.MERCHANT else s10.number("LX", 7, "MA")
    return Stranger(client, place, mine)


_OF_THE_MOMENT = re.compile(
    r"\b[a-z]{3}_[0-9A-Za-z]{8,}\b|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?|\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"
)

_SIGNED = re.compile(r'"promise":"[^"]*"')


def _filled(case: Any, ids: dict[str, str]) -> Any:
    told = json.dumps(case)
    for name, id in ids.items():
        told = re.sub(rf"@{name}\b", id, told)
    return json.loads(told)


def _seen(answer: Any, ids: dict[str, str]) -> str:
    """An answer without what differs anyway: the ids that were asked for, new ids, the moment."""
    said = answer.text
    for name, id in sorted(ids.items(), key=lambda one: -len(one[1])):
        said = said.replace(id, f"@{name}")
    return f"{answer.status_code} {_SIGNED.sub('~', _OF_THE_MOMENT.sub('~', said))}"


def _ask(stranger: Stranger, operation: str, body: Any, ids: dict[str, str]) -> Any:
    method, _, path = operation.partition(" ")
    known = {**ids, "MINE": stranger.mine, "PLACE": stranger.place, "PLAN": "nobodys-plan"}
    for unmade in (
        "ADVICE",
        "TOUR",
        "UNIT",
        "ROUND",
        "WEBHOOK",
        "MESSAGE",
        "RETURN",
        "TAIL",
        "ALLOTMENT",
        "CLAIM",
        "REMITTANCE",
        "BAG",
        "COLLECTION",
        "WEBHOOK",
        "COMPLAINT",
        "SKU",
    ):
        known.setdefault(unmade, f"{unmade.lower()}-x")
    asked = _filled([path, body], known)
    return stranger.client.request(
        method, f"/api/v1{asked[0]}", json=asked[1], headers={"idempotency-key": new_id("key")}
    )


def test_every_body_with_ids_is_tried() -> None:
    """A new operation stands in CASES, or says in NO_IDS why it need not."""
    tried = [operation.partition("?")[0] for operation, _ in CASES]
    open_ = {
        f"{method.upper()} {path}"
        for path, methods in create_app().openapi()["paths"].items()
        for method, told in methods.items()
        if "requestBody" in told
        and not any(
            re.fullmatch(f"{method.upper()} " + re.sub(r"\{\w+\}", "[^/]+", path), one) for one in tried
        )
    }
    assert open_ == NO_IDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_foreign_id_is_an_id_that_nobody_has(
    app: FastAPI,  # noqa: F811
    victim: Victim,  # noqa: F811
    ids: tuple[dict[str, str], dict[str, str]],
    kind: TenantKind,
) -> None:
    stranger = _stranger(app, kind)
    before = _state(victim)
    told = []
    for operation, body in CASES:
        theirs, nobodys = (_ask(stranger, operation, body, one) for one in ids)
        assert theirs.status_code < 500, (operation, theirs.text)
        if kind in REPORTERS and operation.partition(" ")[2].startswith(BY_NUMBER):
            continue
        if _seen(theirs, ids[0]) != _seen(nobodys, ids[1]):
            told.append((operation, body, _seen(theirs, ids[0]), _seen(nobodys, ids[1])))
        assert SECRET not in theirs.text.replace(ids[0]["ORDER"], "").replace(ids[0]["SKU"], ""), operation
    assert told == []
    assert _state(victim) == before
