"""One chain over HTTP: the planner's plan, a sort plan from it, induction, bag, despatch, air waybill, the flight's load plan,
ULD and flight, and what the other end finds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from qafila.core.identifiers import awb
from qafila.network.compile import compile_timetable
from qafila.planning import planning_job
from qafila.runtime.accounts.tenants import TenantKind
from qafila.shipping.plans import kept_plans
from tests.api.conftest import FEED, Clock, Login, booked
from tests.api.test_plans import made
from tests.network.small import START
from tests.sorting.centres import heard, name, told

SCOPES = (
    "plans:read", "plans:write", "sorting:read", "sorting:work", "sorting:manage", "cargo:read", "cargo:issue", "fleet:read",
    "air:plan",
)  # fmt: skip
SECURITY = {"status": "SPX", "received_from": "RA", "methods": ["XRY"], "declaration": "CSD-1"}


@pytest.fixture
def hub(login: Login, monkeypatch: pytest.MonkeyPatch) -> Any:
    where = planning_job.Network(FEED, compile_timetable(FEED, START, 14))
    monkeypatch.setattr(planning_job, "network", lambda *_: where)
    yield login(*SCOPES, kind=TenantKind.HUB)
    for kept in kept_plans.every():
        kept_plans.remove(kept.name)


def good(answer: httpx.Response) -> Any:
    assert answer.status_code in (200, 201, 202), answer.text
    return answer.json()


def acts(hub: httpx.Client, *wanted: dict[str, Any]) -> list[dict[str, Any]]:
    done: list[dict[str, Any]] = good(
        hub.post("sorting/units/acts", json={"acts": [{"key": name("chain-"), **a} for a in wanted]})
    )
    assert all(d["state"] == "done" for d in done), done
    return done


def test_from_the_plan_to_the_flight(hub: TestClient, login: Login, moment: Clock) -> None:
    souk = login()
    form = told("CMN")
    good(hub.put("sorting/centres/CMN", json={k: v for k, v in form.items() if k != "facility"}))
    shift = {
        "shift": "night",
        "since": START.isoformat() + "T00:00:00Z",
        "until": (START + timedelta(days=7)).isoformat() + "T00:00:00Z",
    }
    plan = made(hub)
    planned = good(hub.post("sorting/centres/CMN/plans", json={**shift, "of_plan": plan}))
    ways = hub.get(f"plans/{plan}/commodities/C1").json()["ways"]
    leaving: dict[str, int] = {}
    for way in ways:
        for leg in way["legs"]:
            if leg["origin"] == "CMN":
                leaving[leg["destination"]] = leaving.get(leg["destination"], 0) + way["parcels"]
    assert sum(leaving.values()) == planned["parcels"] == 12
    assert set(planned["chutes"]) == set(leaving)
    # … and one from what is booked, which is in place for the scans
    parcels = [booked(souk)["parcels"][0] for _ in range(3)]
    heard()
    planned = good(hub.post("sorting/centres/CMN/plans", json=shift))
    history = souk.get(f"parcels/{parcels[0]}/events").json()
    ride = next(
        e
        for e in history
        if e["type"] == "departed" and e["facility"] == "CMN" and e["time_kind"] == "planned"
    )
    to = next(e["facility"] for e in history if e["type"] == "arrived" and e["leg"] == ride["leg"])
    assert planned["parcels"] >= 3
    chute = planned["chutes"][to][0]
    s8 = "MACMNAFRLYSAACN60007"
    bag = good(hub.post("sorting/units/numbers", json={"despatch": s8, "grams": 3_000}))["number"]
    acts(hub, {"act": "open", "unit": bag, "kind": "bag", "facility": "CMN", "chute": chute})
    moment.later(minutes=1)
    scans = good(
        hub.post("sorting/centres/CMN/scans", json={"durable": True, "scans": [{"code": p} for p in parcels]})
    )
    assert [s["chute"] for s in scans] == [chute] * 3
    moment.later(minutes=1)
    acts(hub, {"act": "seal", "unit": bag, "seal": "S-77"})
    despatch = {
        "origin": "MACMNA",
        "destination": "FRLYSA",
        "category": "A",
        "subclass": "CN",
        "serial": 7,
        "facility": "CMN",
        "bags": [bag],
    }
    assert good(hub.post("sorting/despatches", json=despatch))["total"]["items"] == 3
    # the flight that they are booked on
    leaves = next(
        f
        for f in good(hub.get("fleet/board", params={"begins": moment.now.isoformat(), "days": 5}))["sectors"]
        if f["from"] == "CMN" and f["departure"] == ride["time"]
    )
    service, date = leaves["service"], leaves["day"]
    day = (datetime.fromisoformat(date).date() - datetime(1970, 1, 1).date()).days
    before = good(hub.get(f"fleet/flights/{service}/{date}"))
    stopped = good(hub.post("air/load-plans", params={"seconds": 1}, json=before))["stopped"]
    assert {s["code"] for s in stopped} == {"air.no_declaration"}  # nothing flies without its security
    waybill = awb.number("147", int(name("")) + 2_000_000)
    good(
        hub.post(
            "cargo/waybills",
            json={
                "number": waybill,
                "origin": "CMN",
                "destination": "LYS",
                "carrier": "AT",
                "security": SECURITY,
                "goods": "MAIL",
                "special_handling": ["MAL"],
                "houses": [{"number": "H-1", "parcels": parcels[1:], "goods": "oil"}],
                "parcels": parcels[:1],
            },
        )
    )
    flight = good(hub.get(f"fleet/flights/{service}/{date}"))
    lots = [lot for s in flight["segments"] for lot in s["lots"]]
    mine = next(lot for lot in lots if lot["shipment"] == waybill)
    assert (mine["piece"], mine["count"], mine["weight"]) == ("bags of 3 parcels", 1, 3.0)
    assert sum(lot["count"] * lot["weight"] for lot in lots) == pytest.approx(
        sum(lot["count"] * lot["weight"] for s in before["segments"] for lot in s["lots"]), abs=0.01
    )  # of like bags each says the mean, in whole grams
    load = good(hub.post("air/load-plans", params={"seconds": 1}, json=flight))
    carrying = next(u for u in load["ulds"] if any(p["shipment"] == waybill for p in u["pieces"]))
    place = next(p for p, u in load["legs"][0]["positions"].items() if u == carrying["id"])
    assert not [b for b in load["behind"] if b["shipment"] == waybill]
    # loaded as planned: one scan moves all
    uld, vehicle = f"PAG{10_000 + int(name('')) % 90_000}AT", name(f"{service}-")
    acts(
        hub,
        {"act": "open", "unit": uld, "kind": "uld", "position": place, "facility": "CMN"},
        {
            "act": "open",
            "unit": vehicle,
            "kind": "vehicle",
            "service": service,
            "day": day,
            "facility": "CMN",
        },
        {"act": "load", "unit": uld, "child": bag},
        {"act": "load", "unit": vehicle, "child": uld},
    )
    where = good(hub.get(f"sorting/whereabouts/{parcels[0]}"))
    assert [(u["kind"], u["unit"]) for u in where] == [
        ("bag", bag),
        ("uld", uld),
        ("vehicle", vehicle),
    ]
    assert where[1]["position"] == place
    manifest = good(hub.post(f"cargo/manifests/{vehicle}"))
    assert [(w["waybill"], w["pieces"]) for w in manifest["ulds"][0]["waybills"]] == [(waybill, 3)]
    moment.later(hours=2)
    acts(hub, {"act": "depart", "unit": vehicle, "facility": "CMN"})
    moment.later(hours=3)
    acts(
        hub,
        {"act": "arrive", "unit": vehicle, "facility": to},
        {"act": "unload", "unit": uld, "child": bag, "facility": to},
    )
    moment.later(minutes=10)
    opened = acts(
        hub,
        *({"act": "unload", "unit": bag, "child": p, "facility": to} for p in parcels[:2]),
        {"act": "empty", "unit": bag, "facility": to, "seal": "S-77"},
    )[-1]
    assert (opened["found"], opened["missing"]) == (sorted(parcels[:2]), parcels[2:])
    seen = good(hub.get(f"sorting/despatches/{s8}/reconciliation", params={"facility": to}))
    assert (seen["agrees"], seen["receptacles"][0]["missing"]) == (False, parcels[2:])
    for parcel in parcels:
        types = [e["type"] for e in souk.get(f"parcels/{parcel}/events").json() if e["time_kind"] == "actual"]
        assert types[-1] == ("missing_from_unit" if parcel == parcels[2] else "taken_out")
        assert types.count("departed") == types.count("arrived") == 1
