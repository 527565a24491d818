"""Air waybills and ONE Record over HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx

from qafila.cargo.vocabulary import flaws
from qafila.core.identifiers import awb
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.webhooks import webhooks_signing
from qafila.runtime.webhooks.sending import send_some
from tests.api.conftest import Clock, Login, booked
from tests.runtime.webhooks.receiver import receiving
from tests.sorting.centres import name

SCOPES = ("cargo:read", "cargo:issue", "cargo:write", "sorting:work")


def number() -> str:
    return awb.number("147", int(name("")) + 1_000_000)


def issued(hub: httpx.Client, souk: httpx.Client, **more: Any) -> dict[str, Any]:
    parcels = [booked(souk)["parcels"][0] for _ in range(3)]
    form = {
        "number": number(),
        "origin": "CMN",
        "destination": "CDG",
        "carrier": "AT",
        "parcels": parcels[:1],
        "shipper": "Souk",
        "houses": [{"number": "H-1", "parcels": parcels[1:], "goods": "tea"}],
        "special_handling": ["ECC"],
        **more,
    }
    answer = hub.post("cargo/waybills", json=form)
    assert answer.status_code == 201, answer.text
    return answer.json()


def path(hub: httpx.Client, uri: str) -> str:
    return uri.removeprefix("http://test/api/v1/")


def test_a_master_with_a_house_is_issued_and_published(login: Login) -> None:
    hub = login(*SCOPES, kind=TenantKind.HUB)
    made = issued(hub, login())
    assert (made["pieces"], made["type"], made["kg"], made["chargeable_kg"]) == (3, "MASTER", "3", "3.0")
    assert hub.get(f"cargo/waybills/{made['number']}/houses").json()["houses"][0]["pieces"] == 2
    one = hub.get(f"one-record/logistics-objects/waybill-{made['number']}")
    assert one.headers["content-type"].startswith("application/ld+json")
    assert (one.headers["revision"], one.headers["latest-revision"], one.headers["type"][-7:]) == (
        "1",
        "1",
        "Waybill",
    )
    document = hub.get(
        f"one-record/logistics-objects/waybill-{made['number']}", params={"embedded": True}
    ).json()
    assert flaws(document) == []
    assert len(document["cargo:shipment"]["cargo:pieces"]) == 3
    turtle = hub.get(
        f"one-record/logistics-objects/waybill-{made['number']}", headers={"accept": "text/turtle"}
    )
    assert "cargo#waybillNumber" in turtle.text
    assert hub.get("one-record/", headers={"accept": "image/png"}).status_code == 406
    assert flaws(hub.get("one-record/").json()) == []
    events = hub.get(f"one-record/logistics-objects/piece-{made['parcels'][0]}/logistics-events").json()
    assert events["api:hasItem"][0]["cargo:eventCode"]["@id"].endswith("StatusCode#BKD")
    assert all(flaws({"@context": events["@context"], **item}) == [] for item in events["api:hasItem"])


def test_what_cannot_be_issued_is_refused(login: Login) -> None:
    hub, souk = login(*SCOPES, kind=TenantKind.HUB), login()
    made = issued(hub, souk)
    form = {
        "number": made["number"],
        "origin": "CMN",
        "destination": "CDG",
        "carrier": "AT",
        "parcels": [booked(souk)["parcels"][0]],
    }
    assert hub.post("cargo/waybills", json=form).status_code == 409
    wrong = made["number"][:-1] + str((int(made["number"][-1]) + 1) % 10)
    assert "check digit" in hub.post("cargo/waybills", json=form | {"number": wrong}).text
    assert (
        hub.post("cargo/waybills", json=form | {"number": number(), "parcels": made["parcels"]}).status_code
        == 409
    )
    assert hub.post("cargo/waybills", json=form | {"number": number(), "parcels": []}).status_code == 422


def change(
    uri: str, revision: int, said: str, op: str = "ADD", p: str = "goodsDescription"
) -> dict[str, Any]:
    return {
        "@context": {
            "cargo": "https://onerecord.iata.org/ns/cargo#",
            "api": "https://onerecord.iata.org/ns/api#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@type": "api:Change",
        "api:hasLogisticsObject": {"@id": uri},
        "api:hasDescription": "words",
        "api:hasRevision": {"@type": "xsd:positiveInteger", "@value": str(revision)},
        "api:hasOperation": [
            {
                "@type": "api:Operation",
                "api:op": {"@id": f"api:{op}"},
                "api:s": uri,
                "api:p": f"https://onerecord.iata.org/ns/cargo#{p}",
                "api:o": [
                    {
                        "@type": "api:OperationObject",
                        "api:hasDatatype": "http://www.w3.org/2001/XMLSchema#string",
                        "api:hasValue": said,
                    }
                ],
            }
        ],
    }


def test_a_carrier_asks_the_holder_decides_and_subscribers_hear(login: Login, moment: Clock) -> None:
    hub, carrier = (
        login(*SCOPES, kind=TenantKind.HUB),
        login("cargo:read", "cargo:write", kind=TenantKind.CARRIER),
    )
    piece = {
        "@context": {"cargo": "https://onerecord.iata.org/ns/cargo#"},
        "@type": "cargo:Piece",
        "cargo:coload": False,
    }
    made = carrier.post("one-record/logistics-objects", json=piece)
    assert made.status_code == 201, made.text
    uri = made.headers["location"]
    sub = {
        "@context": {
            "api": "https://onerecord.iata.org/ns/api#",
            "cargo": "https://onerecord.iata.org/ns/cargo#",
        },
        "@type": "api:Subscription",
        "api:hasSubscriber": {"@id": "https://hub.example/me"},
        "api:hasTopicType": {"@id": "api:LOGISTICS_OBJECT_TYPE"},
        "api:hasTopic": {
            "@type": "http://www.w3.org/2001/XMLSchema#anyURI",
            "@value": "https://onerecord.iata.org/ns/cargo#Piece",
        },
        "api:includeSubscriptionEventType": [{"@id": "api:LOGISTICS_OBJECT_UPDATED"}],
        "api:notifyRequestStatusChange": False,
    }
    assert hub.post("one-record/subscriptions", json=sub).status_code == 201
    assert hub.patch(path(hub, uri), json=change(uri, 7, "tea")).status_code == 409
    asked = hub.patch(path(hub, uri), json=change(uri, 1, "tea"))
    assert asked.status_code == 201, asked.text
    request = path(hub, asked.headers["location"])
    assert hub.get(request).json()["api:hasRequestStatus"] == {"@id": "api:REQUEST_PENDING"}
    before = moment.now
    moment.later(minutes=1)
    assert carrier.patch(request, params={"status": "REQUEST_ACCEPTED"}).status_code == 204
    now = carrier.get(path(hub, uri))
    assert (now.headers["revision"], now.json()["cargo:goodsDescription"]) == ("2", "tea")
    old = carrier.get(path(hub, uri), params={"at": before.isoformat()})
    assert (old.headers["revision"], old.headers["latest-revision"]) == ("1", "2")
    heard = hub.get("one-record/notifications").json()["api:hasItem"]
    mine = [n for n in heard if n["api:hasLogisticsObject"]["@id"] == uri]
    assert [n["api:hasEventType"]["@id"] for n in mine] == ["api:LOGISTICS_OBJECT_UPDATED"]
    assert (
        flaws({"@context": sub["@context"] | {"xsd": "http://www.w3.org/2001/XMLSchema#"}, **mine[0]}) == []
    )
    gone = carrier.patch(path(hub, uri), json=change(uri, 2, "coffee", "DELETE"))
    assert carrier.get(path(hub, gone.headers["location"])).json()["api:hasRequestStatus"] == {
        "@id": "api:REQUEST_FAILED"
    }
    trail = carrier.get(f"{path(hub, uri)}/audit-trail").json()
    assert [r["api:hasRequestStatus"]["@id"] for r in trail["api:hasActionRequest"]] == [
        "api:REQUEST_ACCEPTED",
        "api:REQUEST_FAILED",
    ]
    assert flaws(trail) == []
    other = login("cargo:read", "cargo:write", kind=TenantKind.CARRIER)
    assert other.get(path(hub, uri)).status_code == 404
    assert other.patch(request, params={"status": "REQUEST_ACCEPTED"}).status_code == 404


def test_what_the_ontology_does_not_allow_is_refused(login: Login) -> None:
    carrier = login("cargo:read", "cargo:write", kind=TenantKind.CARRIER)
    broken = {
        "@context": {"cargo": "https://onerecord.iata.org/ns/cargo#"},
        "@type": "cargo:Piece",
        "cargo:colour": "red",
    }
    answer = carrier.post("one-record/logistics-objects", json=broken)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/cargo:colour")
    assert answer.headers["content-type"] == "application/problem+json"
    linked = {"accept": "application/ld+json"}
    told = carrier.post("one-record/logistics-objects", json=broken, headers=linked)
    assert (told.status_code, told.headers["content-type"]) == (422, "application/ld+json")
    gone = carrier.get("one-record/logistics-objects/none", headers=linked)
    for one in (told, gone):
        document = {k: v for k, v in one.json().items() if k[0] == "@" or k.startswith("api:")}
        assert document["@type"] == "api:Error"
        assert flaws(document) == []


def test_who_asked_hears_how_his_request_stands_where_he_wants_to(login: Login, moment: Clock) -> None:
    hub, carrier = (
        login(*SCOPES, kind=TenantKind.HUB),
        login("cargo:read", "cargo:write", kind=TenantKind.CARRIER),
    )
    made = carrier.post(
        "one-record/logistics-objects",
        json={
            "@context": {"cargo": "https://onerecord.iata.org/ns/cargo#"},
            "@type": "cargo:Piece",
            "cargo:coload": False,
        },
    )
    uri = made.headers["location"]
    heard = []
    for wanted, status in ((True, "REJECTED"), (False, "REJECTED"), (True, "ACCEPTED")):
        told = change(uri, 1, "tea") | {"api:notifyRequestStatusChange": wanted}
        asked = hub.patch(path(hub, uri), json=told)
        assert asked.status_code == 201, asked.text
        moment.later(minutes=1)
        request = asked.headers["location"]
        assert carrier.patch(path(hub, request), params={"status": f"REQUEST_{status}"}).status_code == 204
        if wanted:
            heard.append((f"api:CHANGE_REQUEST_{status}", request, uri))
    items = hub.get("one-record/notifications").json()["api:hasItem"]
    assert [
        (n["api:hasEventType"]["@id"], n["api:isTriggeredBy"]["@id"], n["api:hasLogisticsObject"]["@id"])
        for n in items
    ] == heard
    assert all(
        flaws(
            {
                "@context": {
                    "api": "https://onerecord.iata.org/ns/api#",
                    "cargo": "https://onerecord.iata.org/ns/cargo#",
                },
                **n,
            }
        )
        == []
        for n in items
    )
    assert (
        carrier.get("one-record/notifications").json()["api:hasItem"] == []
    )  # it is told to who asked alone


def test_a_manifest_tells_what_is_aboard(login: Login) -> None:
    hub = login(*SCOPES, kind=TenantKind.HUB)
    made = issued(hub, login())
    flight, uld = name("AT201-"), f"PMC{10000 + int(name('')) % 90000}AT"
    acts = [
        {"act": "open", "unit": flight, "kind": "vehicle"},
        {"act": "open", "unit": uld, "kind": "uld", "position": "A1"},
        {"act": "load", "unit": uld, "child": made["parcels"][0]},
        {"act": "load", "unit": flight, "child": uld},
    ]
    hub.post("sorting/units/acts", json={"acts": [{**a, "key": name("m")} for a in acts]})
    told = hub.post(f"cargo/manifests/{flight}").json()
    if "ulds" not in told:  # a slash in an address
        raise AssertionError(told)
    assert told["ulds"][0]["uld"] == uld
    assert (told["ulds"][0]["waybills"][0]["pieces"], told["ulds"][0]["waybills"][0]["of"]) == (1, 3)
    assert flaws(hub.get(f"one-record/logistics-objects/uld-{uld}", params={"embedded": True}).json()) == []


def test_notifications_are_posted_in_order_signed_and_once(login: Login, moment: Clock) -> None:
    hub = login(*SCOPES, "webhooks:read", "webhooks:write", kind=TenantKind.HUB)
    carrier = login("cargo:read", "cargo:write", kind=TenantKind.CARRIER)
    made = carrier.post(
        "one-record/logistics-objects",
        json={
            "@context": {"cargo": "https://onerecord.iata.org/ns/cargo#"},
            "@type": "cargo:Piece",
            "cargo:coload": False,
        },
    )
    uri = made.headers["location"]
    names = {"api": "https://onerecord.iata.org/ns/api#", "cargo": "https://onerecord.iata.org/ns/cargo#"}
    sub = {
        "@context": names,
        "@type": "api:Subscription",
        "api:hasSubscriber": {"@id": "https://hub.example/me"},
        "api:hasTopicType": {"@id": "api:LOGISTICS_OBJECT_IDENTIFIER"},
        "api:hasTopic": {"@type": "http://www.w3.org/2001/XMLSchema#anyURI", "@value": uri},
        "api:includeSubscriptionEventType": [{"@id": "api:LOGISTICS_OBJECT_UPDATED"}],
        "api:notifyRequestStatusChange": False,
    }
    hub.post("one-record/subscriptions", json=sub).raise_for_status()
    with receiving() as receiver:
        mixed = hub.post("webhooks", json={"url": receiver.url, "event_types": ["one-record", "delivered"]})
        assert mixed.status_code == 422, mixed.text
        hook = hub.post("webhooks", json={"url": receiver.url, "event_types": ["one-record"]})
        secret = hook.raise_for_status().json()["secret"]
        for revision, how in ((1, "ADD"), (2, "DELETE")):
            moment.later(minutes=1)
            told = change(uri, revision, "tea", how)
            carrier.patch(path(hub, uri), json=told).raise_for_status()
        for _ in range(40):  # others' messages may be due, too
            send_some(10)
            if len(receiver.got) >= 2:
                break
        got = [json.loads(one.body) for one in receiver.got]
        assert [n["api:hasLogisticsObject"]["@id"] for n in got] == [uri, uri]
        assert len({one.id for one in receiver.got}) == 2
        assert receiver.got[0].headers["content-type"].startswith("application/ld+json")
        assert flaws({**got[0], "@context": {**got[0]["@context"], **names}}) == []
        for one in receiver.got:
            signed = webhooks_signing.headers(
                (base64.b64decode(secret.removeprefix("whsec_")),),
                one.id,
                int(one.headers["webhook-timestamp"]),
                one.body,
            )
            assert one.headers["webhook-signature"] == signed["webhook-signature"]
        send_some(10)
        assert len(receiver.got) == 2
    listed = hub.get(f"webhooks/{hook.json()['id']}/messages").json()
    items = listed["items"] if isinstance(listed, dict) else listed
    assert [m["state"] for m in items if m["type"] == "one-record"] == ["sent", "sent"]
