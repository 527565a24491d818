from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from qafila.api.tracking.epcis_capture import EpcisDocument
from qafila.runtime.accounts.tenants import TenantKind
from tests.api.conftest import Clock, Login, booked
from tests.api.test_offers import problem
from tests.tracking.gs1 import validator


def test_events_are_recorded_once_and_refused_one_by_one(
    login: Login, moment: Clock, carrier_says: Callable[..., None]
) -> None:
    souk = login()
    number = booked(souk)["parcels"][0]
    moment.later(hours=12)
    good = {"parcel": number, "type": "handed_over", "time": moment.now.isoformat(), "facility": "WH"}
    sent = [good, {**good, "facility": "MARS"}, {**good, "parcel": "RA123456785FR"}]
    told = souk.post("events", json={"events": sent}).json()
    assert [r["result"] for r in told["results"]] == ["recorded", "refused", "refused"]
    assert (told["recorded"], told["refused"]) == (1, 2)
    assert told["results"][1]["errors"][0]["pointer"] == "#/events/1/facility"
    again = souk.post("events", json={"events": [good]}).json()
    assert (again["results"][0]["result"], again["results"][0]["id"]) == ("known", told["results"][0]["id"])
    carrier_says(number, "departed", moment.now, "WH")
    seen = souk.get(f"parcels/{number}").json()["status"]
    assert (seen["state"], seen["facility"], seen["country"]) == ("in_transit", "WH", "MA")


@pytest.mark.parametrize(
    "type",
    [
        "booked",
        "collected",
        "departed",
        "EMD",
        "sorted",
        "customs_released",
        "out_for_delivery",
        "delivery_failed",
        "awaiting_pickup",
        "delivered",
        "returning",
        "returned",
        "cancelled",
        "lost",
        "seen",
    ],
)
def test_a_merchant_reports_only_his_own_kinds_of_acts(login: Login, moment: Clock, type: str) -> None:
    souk = login()
    number = booked(souk)["parcels"][0]
    moment.later(hours=12)
    sent = {"parcel": number, "type": type, "time": moment.now.isoformat(), "facility": "WH"}
    (told,) = souk.post("events", json={"events": [sent]}).json()["results"]
    assert [e["pointer"] for e in told["errors"]] == ["#/events/0/type"]
    assert souk.get(f"parcels/{number}").json()["status"]["state"] == "booked"


def test_a_merchant_retracts_only_what_he_said(
    login: Login, moment: Clock, carrier_says: Callable[..., None]
) -> None:
    """Neither the network's own `booked` nor what the carrier said; else he could cancel what is on its way."""
    souk = login()
    made = booked(souk)
    number = made["parcels"][0]
    moment.later(hours=12)
    own = {"parcel": number, "type": "handed_over", "time": moment.now.isoformat()}
    souk.post("events", json={"events": [own]})
    carrier_says(number, "collected", moment.now)
    ids = {
        e["type"]: e["id"] for e in souk.get(f"parcels/{number}/events").json() if e["time_kind"] == "actual"
    }

    def retracted(id: str) -> dict[str, Any]:
        sent = {**own, "type": "retracted", "details": {"event": id}}
        (told,) = souk.post("events", json={"events": [sent]}).json()["results"]
        return dict(told)

    for type in ("booked", "collected"):
        assert [e["pointer"] for e in retracted(ids[type])["errors"]] == ["#/events/0/details"]
    assert retracted(ids["handed_over"])["result"] == "recorded"
    assert souk.get(f"parcels/{number}").json()["status"]["state"] == "collected"
    problem(souk.delete(f"bookings/{made['id']}"), 409, "not-cancellable")


def test_nothing_happens_to_a_parcel_before_it_is_booked(login: Login, moment: Clock) -> None:
    souk = login()
    number = booked(souk)["parcels"][0]
    early = {"parcel": number, "type": "handed_over", "time": (moment.now - timedelta(days=300)).isoformat()}
    (told,) = souk.post("events", json={"events": [early]}).json()["results"]
    assert [e["pointer"] for e in told["errors"]] == ["#/events/0/time"]


def test_an_event_keeps_the_clock_that_it_was_told_on(login: Login, moment: Clock) -> None:
    souk = login()
    number = booked(souk)["parcels"][0]
    moment.later(hours=12)
    there = moment.now.astimezone(timezone(timedelta(hours=5, minutes=45))).isoformat()
    souk.post("events", json={"events": [{"parcel": number, "type": "handed_over", "time": there}]})
    (told,) = [e for e in souk.get(f"parcels/{number}/events").json() if e["type"] == "handed_over"]
    assert told["time"] == there


def test_another_merchant_records_nothing_on_a_parcel(login: Login, moment: Clock) -> None:
    number = booked(login())["parcels"][0]
    sent = {"parcel": number, "type": "delivered", "time": moment.now.isoformat()}
    told = login().post("events", json={"events": [sent]}).json()
    assert told["results"][0]["errors"][0]["pointer"] == "#/events/0/parcel"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"time": "2026-03-23T06:00:00"}, "#/events/0/time"),
        ({"speed": 3}, "#/events/0/speed"),
        ({"leg": -1}, "#/events/0/leg"),
    ],
)
def test_wrong_forms_name_the_field(login: Login, change: dict[str, Any], pointer: str) -> None:
    sent = {"parcel": "HA000000014MA", "type": "arrived", "time": "2026-03-23T06:00:00Z", **change}
    body = problem(login().post("events", json={"events": [sent]}), 422, "invalid-request")
    assert [e["pointer"] for e in body["errors"]] == [pointer]


def test_a_history_has_its_upu_codes(login: Login) -> None:
    souk = login()
    made = booked(souk)
    history = souk.get(f"parcels/{made['parcels'][0]}/events").json()
    assert history[0]["type"] == "booked"
    told = {(e["type"], e["facility"]): e["upu"] for e in history}
    # WH and CMN in Morocco; in France the goods enter where the first leg ends there, and end at STA
    assert told["departed", "CMN"] == "EMC"
    assert told["arrived", "CMN"] == "EMB"
    assert told["awaiting_pickup", "STA"] == "EDH"
    assert {e["time_kind"] for e in history[1:]} == {"planned"}


def test_who_follows_gets_everything_once(login: Login, moment: Clock) -> None:
    souk = login()
    first = souk.get("events").json()
    assert first["items"] == []
    number = booked(souk)["parcels"][0]
    seen: list[str] = []
    cursor = first["next"]
    while True:
        page = souk.get("events", params={"limit": 3, "cursor": cursor}).json()
        cursor = page["next"]
        if not page["items"]:
            break
        seen += [e["id"] for e in page["items"]]
    assert sorted(seen) == sorted(e["id"] for e in souk.get(f"parcels/{number}/events").json())
    moment.later(minutes=1)
    souk.post(
        "events", json={"events": [{"parcel": number, "type": "handed_over", "time": moment.now.isoformat()}]}
    )
    assert [e["type"] for e in souk.get("events", params={"cursor": cursor}).json()["items"]] == [
        "handed_over"
    ]
    problem(souk.get("events", params={"cursor": "bm8"}), 422, "invalid-request")


def test_an_epcis_document_comes_and_goes(login: Login, moment: Clock, shared_data: Path) -> None:
    """What is captured is exported again, valid under GS1's schema, with the sender's own eventID."""
    souk = login()
    number = booked(souk)["parcels"][0]
    moment.later(hours=12)
    document = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": moment.now.isoformat(),
        "epcisBody": {
            "eventList": [
                {
                    "eventID": "ni:///sha-256;00e1e6eba3a7cc6125be4793a631f0af50f8322e0ab5f2c0bab994a11cec1d79?ver=CBV2.0",
                    "type": "ObjectEvent",
                    "action": "OBSERVE",
                    "bizStep": "departing",
                    "disposition": "in_transit",
                    "epcList": [f"urn:x-qafila:s10:{number}"],
                    "eventTime": moment.now.isoformat(),
                    "eventTimeZoneOffset": "+01:00",
                    "readPoint": {"id": "urn:x-qafila:facility:WH"},
                }
            ]
        },
    }
    assert souk.post("epcis/capture", json=document).json()["recorded"] == 1
    assert (
        souk.get(f"parcels/{number}").json()["status"]["state"] == "booked"
    )  # it is not for a merchant to say
    document["epcisBody"]["eventList"][0]["eventID"] += "&by=carrier"  # type: ignore[index]
    carrier = login("events:write", kind=TenantKind.CARRIER)
    told = carrier.post("epcis/capture", json=document).json()
    assert [r["result"] for r in told["results"]] == ["recorded"]
    assert carrier.post("epcis/capture", json=document).json()["known"] == 1
    assert souk.get(f"parcels/{number}").json()["status"]["state"] == "in_transit"
    answer = souk.get(f"parcels/{number}/epcis")
    assert answer.headers["content-type"] == "application/ld+json"
    assert [e.message for e in validator(shared_data).iter_errors(answer.json())] == []
    listed = answer.json()["epcisBody"]["eventList"]
    sent = document["epcisBody"]["eventList"][0]  # type: ignore[index]
    assert sent["eventID"] in [e["eventID"] for e in listed]
    # and the sender takes it back
    sent["errorDeclaration"] = {"declarationTime": moment.now.isoformat(), "reason": "did_not_occur"}
    assert carrier.post("epcis/capture", json=document).json()["recorded"] == 1
    assert souk.get(f"parcels/{number}").json()["status"]["state"] == "booked"


def _events_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    body = document["epcisBody"]
    found: list[dict[str, Any]] = (body.get("queryResults", {}).get("resultsBody") or body)["eventList"]
    return found


def _sameness(event: dict[str, Any]) -> dict[str, Any]:
    """An event without how its instants happen to be written."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, list):
            return [plain(v) for v in value]
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value):
            return datetime.fromisoformat(value).timestamp()
        return value

    return dict(plain(event))


def test_all_documents_of_gs1_go_in_and_come_out_equal(
    login: Login, moment: Clock, shared_data: Path
) -> None:
    examples = sorted((shared_data / "epcis" / "examples").glob("*.jsonld"))
    assert len(examples) > 40
    moment.now = datetime(2027, 1, 1, tzinfo=UTC)
    check = validator(shared_data)
    for path in examples:
        tenant = login()
        document = json.loads(path.read_text())
        told = tenant.post("epcis/capture", json=document)
        assert told.status_code == 200, (path.name, told.text)
        assert told.json()["refused"] == 0, (path.name, told.text)
        back = tenant.get("epcis/events", params={"limit": 500}).json()
        assert [e.message for e in check.iter_errors(back)] == [], path.name
        sent = [_sameness(e) for e in _events_of(document)]
        unique = [e for n, e in enumerate(sent) if e not in sent[:n]]
        assert [_sameness(e) for e in _events_of(back)] == unique, path.name
        given = document["@context"] if isinstance(document["@context"], list) else [document["@context"]]
        for extra in (c for c in given if isinstance(c, dict)):
            assert extra in back["@context"], path.name
        again = tenant.post("epcis/capture", json=document).json()
        assert again["recorded"] == 0, path.name


def test_a_document_named_by_a_blank_node_is_taken(login: Login, moment: Clock) -> None:
    """GS1's examples of the simple context are all called `_:document1`: JSON-LD's name for what has none elsewhere."""
    tenant = login()
    event = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "epcList": ["urn:epc:id:sgtin:0614141.107346.2018"],
        "eventTime": moment.now.isoformat(),
        "eventTimeZoneOffset": "+01:00",
    }
    document = {
        "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        "id": "_:document1",
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": moment.now.isoformat(),
        "epcisBody": {"eventList": [event]},
    }
    assert tenant.post("epcis/capture", json=document).json()["recorded"] == 1
    assert tenant.post("epcis/capture", json={**document, "id": "document1"}).status_code == 422


def test_what_a_sender_said_of_a_parcel_comes_back_as_he_said_it(login: Login, moment: Clock) -> None:
    souk = login()
    number = booked(souk)["parcels"][0]
    moment.later(hours=12)
    carrier = login("events:write", kind=TenantKind.CARRIER)
    link = f"https://id.example.org/x/{number}?lang=fr&11=261130"
    event = {
        "eventID": "urn:uuid:5f4ad4ac-6b6c-4f0b-9d9a-2b8a56b9a001",
        "type": "AggregationEvent",
        "action": "ADD",
        "parentID": f"urn:x-qafila:s10:{number}",
        "childEPCs": ["urn:epc:id:sgtin:0614141.107346.2018"],
        "bizStep": "https://ref.gs1.org/cbv/BizStep-shipping",
        "disposition": "cbv:Disp-in_transit",
        "eventTime": moment.now.isoformat(),
        "eventTimeZoneOffset": "+05:45",
        "readPoint": {"id": "https://id.gs1.org/414/4012345000009/254/7?x=1"},
        "ex:seal": {"number": 7},
    }
    scan = {
        "eventID": "ni:///sha-256;aa?ver=CBV2.0",
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "epcList": [link],
        "bizStep": "inspecting",
        "eventTime": moment.now.isoformat(),
        "eventTimeZoneOffset": "-03:30",
        "readPoint": {"id": "urn:x-qafila:facility:WH"},
    }
    wrong = {
        **scan,
        "errorDeclaration": {
            "declarationTime": moment.now.isoformat(),
            "reason": "incorrect_data",
            "correctiveEventIDs": ["urn:uuid:5f4ad4ac-6b6c-4f0b-9d9a-2b8a56b9a002"],
        },
    }
    document = {
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            {"ex": "https://ex.example/"},
        ],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": moment.now.isoformat(),
        "epcisBody": {"eventList": [event, scan]},
    }
    assert (
        carrier.post("epcis/capture", json=document).json()["recorded"] == 3
    )  # the child, too, has a history now
    assert souk.get(f"parcels/{number}").json()["status"]["state"] == "at_facility"
    document["epcisBody"] = {"eventList": [wrong]}
    assert carrier.post("epcis/capture", json=document).json()["recorded"] == 1
    assert souk.get(f"parcels/{number}").json()["status"]["state"] == "in_transit"
    (told,) = [
        e
        for e in souk.get(f"parcels/{number}/events").json()
        if e["type"] == "departed" and e["time_kind"] == "actual"
    ]
    assert told["time"].endswith("+05:45")
    back = souk.get(f"parcels/{number}/epcis").json()
    assert {"ex": "https://ex.example/"} in back["@context"]
    listed = [
        e for e in back["epcisBody"]["eventList"] if e["eventID"] in (event["eventID"], scan["eventID"])
    ]
    assert sorted(listed, key=str) == sorted([event, scan, wrong], key=str)


def test_an_event_of_several_merchants_tells_each_of_his_own_parcels(login: Login, moment: Clock) -> None:
    souk, rival = login(), login()
    numbers = [booked(m)["parcels"][0] for m in (souk, rival)]
    moment.later(hours=12)
    carrier = login("events:write", kind=TenantKind.CARRIER)
    event = {
        "type": "AggregationEvent",
        "action": "ADD",
        "parentID": "urn:epc:id:sscc:0614141.1234567890",
        "childEPCs": [f"urn:x-qafila:s10:{n}" for n in numbers],
        "bizStep": "loading",
        "eventTime": moment.now.isoformat(),
        "eventTimeZoneOffset": "+01:00",
    }
    document = {
        "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": moment.now.isoformat(),
        "epcisBody": {"eventList": [event]},
    }
    assert carrier.post("epcis/capture", json=document).json()["recorded"] == 3
    for merchant, own, others in ((souk, *numbers), (rival, *numbers[::-1])):
        back = merchant.get(f"parcels/{own}/epcis").text
        assert own in back
        assert "0614141.1234567890" in back
        assert others not in back


def _spoil(event: dict[str, Any], how: str) -> None:
    match how:
        case "no time":
            del event["eventTime"]
        case "no offset":
            del event["eventTimeZoneOffset"]
        case "bad offset":
            event["eventTimeZoneOffset"] = "+15:00"
        case "bad step":
            event["bizStep"] = "flying"
        case "step in full":
            event["bizStep"] = "urn:epcglobal:cbv:bizstep:shipping"
        case "bad disposition":
            event["disposition"] = "somewhere"
        case "bad action":
            event["action"] = "LOOK"
        case "bare extension":
            event["colour"] = "red"
        case "bad place":
            event["readPoint"] = {"name": "dock"}
        case "bad transaction":
            event["bizTransactionList"] = [{"type": "po"}]
        case "nothing":
            event.pop("epcList", None)
            event.pop("quantityList", None)
        case "number as certificate":
            event["certificationInfo"] = 5
        case "number as time":
            event["eventTime"] = 1579050000
        case "time without its T":
            event["eventTime"] = "2020-01-15 00:00:00+01:00"
        case "bad reason":
            event["errorDeclaration"] = {"declarationTime": "2020-01-15T00:00:00+01:00", "reason": "typo"}
        case "null step":
            event["bizStep"] = None
        case "sensor without a report":
            event["sensorElementList"] = [{"sensorMetadata": {"deviceID": "urn:epc:id:giai:4000001.111"}}]
        case "report without its kind":
            event["sensorElementList"] = [{"sensorReport": [{"value": 26.0, "uom": "CEL"}]}]
        case "text as measured value":
            event["sensorElementList"] = [
                {"sensorReport": [{"type": "Temperature", "value": "26", "uom": "CEL"}]}
            ]
        case "unknown kind of measurement":
            event["sensorElementList"] = [{"sensorReport": [{"type": "Warmth", "value": 26.0}]}]
        case "truth as quantity":
            event["quantityList"] = [
                {"epcClass": "urn:epc:class:lgtin:4012345.012345.998877", "quantity": True}
            ]


@pytest.mark.parametrize(
    "how",
    [
        "no time",
        "no offset",
        "bad offset",
        "bad step",
        "step in full",
        "bad disposition",
        "bad action",
        "bare extension",
        "bad place",
        "bad transaction",
        "nothing",
        "bad reason",
        "number as certificate",
        "number as time",
        "time without its T",
        "null step",
        "sensor without a report",
        "report without its kind",
        "text as measured value",
        "unknown kind of measurement",
        "truth as quantity",
    ],
)
def test_what_gs1s_schema_refuses_we_refuse(shared_data: Path, how: str) -> None:
    path = shared_data / "epcis" / "examples" / "Example_9.6.1-ObjectEvent.jsonld"
    document = json.loads(path.read_text())
    _spoil(document["epcisBody"]["eventList"][0], how)
    assert list(validator(shared_data).iter_errors(document)), "the schema itself should refuse this"
    with pytest.raises(ValidationError):
        EpcisDocument.model_validate(document)


def test_a_wrong_epcis_event_is_named_by_its_pointer(login: Login, shared_data: Path) -> None:
    path = shared_data / "epcis" / "examples" / "Example_9.6.1-ObjectEvent.jsonld"
    document = json.loads(path.read_text())
    document["epcisBody"]["eventList"][1]["bizStep"] = "flying"
    body = problem(login().post("epcis/capture", json=document), 422, "invalid-request")
    assert body["errors"][0]["pointer"] == "#/epcisBody/eventList/1/bizStep"
