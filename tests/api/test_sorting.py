"""Sorting over HTTP: set up, plan, scan, and what others may not."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema

from qafila.core.core_edifact import read
from qafila.sorting import sorting_edifact
from tests.api.conftest import Clock, Login, booked
from tests.sorting.centres import heard, name, told


def centre(hub: httpx.Client, facility: str = "CMN") -> dict[str, Any]:
    form = told(facility)
    del form["facility"]
    answer = hub.put(f"sorting/centres/{facility}", json=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def window(moment: Clock, days: int = 7) -> dict[str, str]:
    return {
        "shift": "night",
        "since": moment.now.isoformat(),
        "until": (moment.now + timedelta(days=days)).isoformat(),
    }


def test_from_booking_to_chute(login: Login, moment: Clock) -> None:
    hub, souk = login("sorting:read", "sorting:work", "sorting:manage", "events:read"), login()
    centre(hub)
    parcel = booked(souk)["parcels"][0]
    heard()
    plan = hub.post("sorting/centres/CMN/plans", json=window(moment)).json()
    assert plan["destinations"] >= 1
    assert plan["gap"] == 0
    sent = {"station": "line 1", "durable": True, "scans": [{"code": parcel}, {"code": "nonsense"}]}
    right, wrong = hub.post("sorting/centres/CMN/scans", json=sent).json()
    assert right["why"] == "plan"
    assert right["chute"] in plan["chutes"][right["next"]]
    assert (wrong["chute"], wrong["why"], wrong["parcel"]) == ("X1", "unknown", None)
    here = hub.get("sorting/centres/CMN/chutes").json()
    assert {c["chute"]: c["parcels"] for c in here["chutes"]}[right["chute"]] == 1
    history = souk.get(f"parcels/{parcel}/events").json()
    assert [e["facility"] for e in history if e["type"] == "sorted"] == ["CMN"]


def test_reasons_are_told_in_the_language_that_is_asked_for(login: Login) -> None:
    hub = login("sorting:work", "sorting:manage")
    facility = name("CTR")
    centre(hub, facility)
    sent = {"scans": [{"code": "nonsense", "damaged": False}]}
    told_ = hub.post(
        f"sorting/centres/{facility}/scans", json=sent, headers={"Accept-Language": "fr"}
    ).json()[0]
    assert told_["reason"] == "Son numéro ne peut être lu : nonsense."


def test_what_cannot_be_is_refused(login: Login, moment: Clock) -> None:
    hub = login("sorting:read", "sorting:work", "sorting:manage")
    facility = name("CTR")
    assert hub.post(f"sorting/centres/{facility}/scans", json={"scans": [{"code": "x"}]}).status_code == 404
    assert (
        hub.put(f"sorting/centres/{facility}", json={"chutes": [{"id": "A"}], "special": {}}).status_code
        == 422
    )
    centre(hub, facility)
    nothing = hub.post(f"sorting/centres/{facility}/plans", json=window(moment))
    assert nothing.status_code == 422
    assert "Nothing is expected" in nothing.text
    few = hub.post(
        f"sorting/centres/{facility}/plans", json=window(moment) | {"flows": {f"D{i}": 1 for i in range(50)}}
    )
    assert few.status_code == 422
    backwards = window(moment, -1) | {"flows": {"A": 1}}
    assert hub.post(f"sorting/centres/{facility}/plans", json=backwards).status_code == 422


def test_merchants_do_not_sort(login: Login) -> None:
    assert login().get("sorting/centres").status_code == 403


def test_a_bag_from_its_number_to_what_was_missing(login: Login, moment: Clock) -> None:
    hub, souk = login("sorting:read", "sorting:work"), login()
    first, second = booked(souk)["parcels"][0], booked(souk)["parcels"][0]
    moment.later(minutes=1)
    s8 = "MACMNAFRCDGAACN60001"
    bag = hub.post("sorting/units/numbers", json={"despatch": s8, "grams": 2_340}).json()["number"]
    assert bag == f"{s8}001000024"
    sent = [
        {
            "key": name("a"),
            "act": "open",
            "unit": bag,
            "kind": "bag",
            "facility": "CMN",
            "destination": "CDG",
        },
        {"key": name("a"), "act": "load", "unit": bag, "child": first},
        {"key": name("a"), "act": "load", "unit": bag, "child": second},
        {"key": name("a"), "act": "load", "unit": bag, "child": "RA123456785FR"},
        {"key": name("a"), "act": "seal", "unit": bag, "seal": "S1"},
    ]
    done = hub.post("sorting/units/acts", json={"station": "dock", "acts": sent}).json()
    assert [d["state"] for d in done] == ["done", "done", "done", "refused", "done"]
    form = {
        "origin": "MACMNA",
        "destination": "FRCDGA",
        "category": "A",
        "subclass": "CN",
        "serial": 1,
        "facility": "CMN",
        "bags": [bag],
    }
    told_ = hub.post("sorting/despatches", json=form)
    assert (told_.status_code, told_.json()["total"]) == (201, {"receptacles": 1, "items": 2, "kg": 2.4})
    assert hub.post("sorting/despatches", json=form).status_code == 409
    moment.later(hours=5)
    acts = [
        {"act": "depart", "unit": bag, "facility": "CMN"},
        {"act": "arrive", "unit": bag, "facility": "CDG", "seal": "S1"},
        {"act": "unload", "unit": bag, "child": first, "facility": "CDG"},
        {"act": "empty", "unit": bag, "facility": "CDG"},
    ]
    moment.later(hours=1)
    done = hub.post("sorting/units/acts", json={"acts": [{**a, "key": name("b")} for a in acts]}).json()
    assert (done[-1]["found"], done[-1]["missing"]) == ([first], [second])
    moment.later(minutes=1)  # told again without a time of its own: it is the act of then
    again = {"act": "empty", "unit": bag, "facility": "CDG", "key": done[-1]["key"]}
    repeated = hub.post("sorting/units/acts", json={"acts": [again]}).json()[0]
    assert repeated == {**done[-1], "repeated": True}
    seen = hub.get(f"sorting/despatches/{s8}/reconciliation", params={"facility": "CDG"}).json()
    assert (seen["agrees"], seen["missing"], seen["receptacles"][0]["missing"]) == (False, [], [second])
    assert (
        len(hub.get(f"sorting/despatches/{s8}/resdes", params={"facility": "CDG"}).json()["receptacles"]) == 1
    )
    sent_ = hub.get(f"sorting/despatches/{s8}/ifcsum", params={"to": "LA POSTE"})
    assert (sent_.status_code, sent_.headers["content-type"]) == (200, "application/EDIFACT")
    read_ = sorting_edifact.read_despatch(read(sent_.text).messages[0])
    assert [r["items"] for r in read_["receptacles"]] == [[first, second]]
    other = sent_.text.replace(s8, f"{s8[:-4]}0002")
    taken = hub.post("sorting/despatches/expected", json={"facility": "CDG", "edifact": other})
    assert (taken.status_code, taken.json()) == (201, {"despatch": f"{s8[:-4]}0002"}), taken.text
    broken = hub.post(
        "sorting/despatches/expected",
        json={"facility": "CDG", "edifact": other.replace("CNT+8:2", "CNT+8:3", 1)},
    )
    assert (broken.status_code, "EDIFACT" in broken.text) == (422, True)
    bare = {"despatch": f"{s8[:-4]}0003", "receptacles": []}
    assert (
        hub.post("sorting/despatches/expected", json={"facility": "CDG", "document": bare}).status_code == 201
    )
    lacking = hub.get(f"sorting/despatches/{s8[:-4]}0003/ifcsum")
    assert (lacking.status_code, "closed_at" in lacking.text) == (422, True), lacking.text
    assert hub.get(f"sorting/units/{bag}/iftsta").status_code == 200
    types = [e["type"] for e in souk.get(f"parcels/{second}/events").json() if e["time_kind"] == "actual"]
    assert types[-4:] == ["packed_in", "departed", "arrived", "missing_from_unit"]


def test_aggregations_are_valid_epcis(login: Login, moment: Clock, shared_data: Path) -> None:
    hub, souk = login("sorting:read", "sorting:work"), login()
    parcel = booked(souk)["parcels"][0]
    bag = hub.post("sorting/units/numbers", json={"prefix": "6111234"}).json()["number"]
    steps = [
        ("open", {"kind": "bag", "facility": "CMN"}),
        ("load", {"child": parcel}),
        ("close", {}),
        ("depart", {"facility": "CMN"}),
        ("empty", {"facility": "CDG"}),
    ]
    hub.post(
        "sorting/units/acts",
        json={"acts": [{"key": name("e"), "act": a, "unit": bag, **more} for a, more in steps]},
    )
    document = hub.get("sorting/epcis").json()
    schema = json.loads((shared_data / "epcis" / "EPCIS-JSON-Schema.json").read_text())
    assert [e.message for e in jsonschema.Draft7Validator(schema).iter_errors(document)] == []
    mine = [e for e in document["epcisBody"]["eventList"] if bag in str(e.get("parentID"))]
    assert [(e["action"], e["childEPCs"]) for e in mine] == [
        ("ADD", [f"urn:x-qafila:s10:{parcel}"]),
        ("DELETE", []),
    ]


def test_recall_relabel_measure_and_hand_over(login: Login, moment: Clock) -> None:
    hub, souk = login("sorting:read", "sorting:work", "sorting:manage"), login()
    facility = name("CTR")
    centre(hub, facility)
    parcel = booked(souk)["parcels"][0]
    assert hub.post("sorting/recalls", json={"parcels": [parcel], "because": "unsafe"}).json() == {
        "parcels": 1
    }
    assert hub.post("sorting/recalls", json={"parcels": ["HA999999999MA"], "because": "x"}).status_code == 404
    assert (
        hub.post(f"sorting/centres/{facility}/relabels", json={"number": parcel}).json()["parcel"] == parcel
    )
    assert hub.post(f"sorting/centres/{facility}/relabels", json={"number": "HA00?????MA"}).status_code == 404
    assert hub.get(f"sorting/labels/{parcel}").content.startswith(b"%PDF")
    told_ = {
        "parcel": parcel,
        "grams": 1_500,
        "size_mm": [300, 200, 100],
        "machine": "DWS-1",
        "certificate": "C-9",
    }
    found = hub.post(
        f"sorting/centres/{facility}/measures", json=told_, headers={"Idempotency-Key": name("m")}
    ).json()
    assert found["differs"] is True
    assert found["measured"] == {"grams": 1_500, "size_mm": [100, 200, 300], "charged_g": 1_500}
    assert found["proof"] == {"machine": "DWS-1", "certificate": "C-9"}
    moment.later(minutes=5)
    hub.post(
        f"sorting/centres/{facility}/scans", json={"durable": True, "scans": [{"code": "x"}, {"code": "y"}]}
    )
    form = {"since": (moment.now - timedelta(hours=8)).isoformat(), "counts": {"X1": 1}, "to": "Amal"}
    done = hub.post(f"sorting/centres/{facility}/shifts/night", json=form).json()
    assert (done["agrees"], done["counts"]) == (False, {"X1": {"counted": 1, "books": 2}})
    assert done["differences"] == ["Chute X1: 1 counted, 2 by the books."]
    assert hub.post(f"sorting/centres/{facility}/shifts/night", json=form).status_code == 200
    assert (
        hub.post(f"sorting/centres/{facility}/shifts/night", json=form | {"counts": {"X1": 2}}).status_code
        == 409
    )
