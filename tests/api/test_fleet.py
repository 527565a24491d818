"""The fleet over HTTP: board, outages, repairs, changes with what they do to parcels and to the ledger, allotments."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from qafila.context import Context
from qafila.fleet.floor import RELEASE
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from tests.api.conftest import MONDAY, Clock, Login, booked, order

FRIDAY = MONDAY + timedelta(days=11)  # beside the Monday that bookings of other tests fill
DAY = FRIDAY.date().isoformat()


@pytest.fixture
def hub(login: Login) -> httpx.Client:
    return login("fleet:read", "fleet:manage", kind=TenantKind.HUB)


@pytest.fixture(autouse=True)
def nothing_changed() -> Any:
    """Every test begins with the plan."""
    with administrator() as connection:
        from sqlalchemy import text

        connection.execute(text("DELETE FROM fleet_changes"))
        connection.execute(text("UPDATE fleet_outages SET lifted = now()"))
        connection.execute(text("UPDATE capacity SET held_g = 0, held_cm3 = 0"))
        connection.execute(text("DELETE FROM fleet_draws"))
        connection.execute(text("DELETE FROM fleet_allotments"))


def board(hub: httpx.Client, begins: Any = FRIDAY, days: float = 2) -> dict[str, Any]:
    answer = hub.get("fleet/board", params={"begins": begins.isoformat(), "days": days})
    assert answer.status_code == 200, answer.text
    return answer.json()


def change(hub: httpx.Client, *changes: dict[str, Any], **more: Any) -> httpx.Response:
    return hub.post(
        "fleet/changes", json={"changes": [{"service": "FLY", "day": DAY, **c} for c in changes], **more}
    )


def test_the_board_has_every_sector_of_the_tail(hub: httpx.Client) -> None:
    told = board(hub)
    assert [(s["service"], s["call"], s["from"], s["to"]) for s in told["sectors"]] == [
        ("FLY", 0, "CMN", "CDG"),
        ("FLY", 1, "CDG", "LYS"),
        ("HOME", 0, "LYS", "CMN"),
    ]
    assert {s["tail"] for s in told["sectors"]} == {"CN-AAA"}
    assert told["sectors"][0]["departure"] == f"{DAY}T20:00:00Z"
    assert [s["wrong"] for s in told["sectors"]] == [[], [], []]
    duties = next(t for t in told["tails"] if t["registration"] == "CN-AAA")["duties"]
    assert sum(len(d["sectors"]) for d in duties) == 3
    assert all(d["minutes"] <= d["most"] for d in duties)


def test_a_tail_that_is_out_is_told_and_repaired_by_a_spare(hub: httpx.Client) -> None:
    assert hub.put("fleet/aircraft/CN-SPR", json={"type": "B738F", "base": "CMN"}).status_code == 200
    out = {
        "kind": "tail",
        "subject": "CN-AAA",
        "begins": FRIDAY.isoformat(),
        "ends": (FRIDAY + timedelta(days=3)).isoformat(),
        "because": "engine",
    }
    made = hub.post("fleet/outages", json=out)
    assert made.status_code == 201, made.text
    assert all("engine" in s["wrong"][0] for s in board(hub)["sectors"])
    asked = {"begins": FRIDAY.isoformat(), "ends": (FRIDAY + timedelta(days=2)).isoformat()}
    repair = hub.post("fleet/repairs", json=asked).json()
    assert {(c["service"], c["call"], c["tail"]) for c in repair["changes"]} == {
        ("FLY", 0, "CN-SPR"),
        ("FLY", 1, "CN-SPR"),
        ("HOME", 0, "CN-SPR"),
    }
    assert repair["gap"] == 0
    done = hub.post("fleet/changes", json={"changes": repair["changes"], "stamp": repair["stamp"]})
    assert done.status_code == 200, done.text
    assert [(s["tail"], s["wrong"]) for s in board(hub)["sectors"]] == [("CN-SPR", [])] * 3
    again = hub.post("fleet/changes", json={"changes": repair["changes"], "stamp": repair["stamp"]})
    assert again.status_code == 409
    assert hub.delete(f"fleet/outages/{made.json()['outage']}").status_code == 204
    assert hub.delete(f"fleet/outages/{made.json()['outage']}").status_code == 404


def test_a_delay_reaches_the_parcel(hub: httpx.Client, login: Login) -> None:
    souk = login()
    made = booked(souk)
    parcel = made["parcels"][0]
    legs = souk.get(f"shipments/{made['shipment_id']}").json()
    before = souk.get(f"parcels/{parcel}").json()
    flight = next(leg for leg in _legs(legs) if leg["service"] == "FLY")
    day = flight["depart"][:10]
    seen = hub.post(
        "fleet/changes",
        json={
            "changes": [{"service": "FLY", "day": day, "call": c, "delay": 45} for c in (0, 1)],
            "preview": True,
        },
    ).json()
    assert seen["not_flying"] == 0
    assert seen["missed_connections"] + seen["later"] >= 1
    assert souk.get(f"parcels/{parcel}").json() == before  # a preview changes nothing
    done = hub.post(
        "fleet/changes",
        json={
            "changes": [
                {"service": "FLY", "day": day, "call": c, "delay": 45, "because": "fog"} for c in (0, 1)
            ]
        },
    )
    assert done.json() == seen
    history = souk.get(f"parcels/{parcel}/events").json()
    told = [e for e in history if e["time_kind"] == "estimated" and e["type"] == "departed"]
    assert len(told) == 1
    assert told[0]["time"].startswith(f"{day}T20:45")
    back = hub.post(
        "fleet/changes", json={"changes": [{"service": "FLY", "day": day, "call": c} for c in (0, 1)]}
    )
    assert back.status_code == 200


def _legs(told: dict[str, Any]) -> list[dict[str, Any]]:
    return told["booked_offer"]["legs"]


def test_a_cancelled_flight_sells_nothing_and_its_parcels_are_booked_on(
    hub: httpx.Client, login: Login
) -> None:
    souk = login()
    made = booked(souk)
    parcel = made["parcels"][0]
    day = next(
        leg for leg in _legs(souk.get(f"shipments/{made['shipment_id']}").json()) if leg["service"] == "FLY"
    )["depart"][:10]
    assert (
        hub.post(
            "fleet/changes",
            json={"changes": [{"service": "FLY", "day": day, "call": c, "cancelled": True} for c in (0, 1)]},
        ).status_code
        == 200
    )
    status = souk.get(f"parcels/{parcel}").json()
    assert status["status"]["missed_connection"]["service"] == "FLY"
    offers = souk.post("offers", json=order()).json()["offers"]
    assert all(leg["depart"][:10] != day for o in offers for leg in o["legs"] if leg["service"] == "FLY")
    on = souk.post(f"bookings/{made['id']}/rebook")
    assert on.status_code == 200, on.text
    assert souk.get(f"parcels/{parcel}").json()["status"]["missed_connection"] is None
    assert (
        hub.post(
            "fleet/changes", json={"changes": [{"service": "FLY", "day": day, "call": c} for c in (0, 1)]}
        ).status_code
        == 200
    )


def test_what_cannot_be_is_refused(hub: httpx.Client, login: Login, moment: Clock) -> None:
    assert change(hub, {"tail": "XX-NONE"}).status_code == 404
    assert change(hub, {"call": 7, "cancelled": True}).status_code == 404
    assert change(hub, {"delay": 3000}).status_code == 422
    assert hub.get("fleet/board", params={"days": 20}).status_code == 422
    assert hub.put("fleet/aircraft/CN-SPR", json={"type": "DC3", "base": "CMN"}).status_code == 422
    assert (
        hub.post(
            "fleet/outages",
            json={
                "kind": "tail",
                "subject": "CN-AAA",
                "begins": FRIDAY.isoformat(),
                "ends": FRIDAY.isoformat(),
            },
        ).status_code
        == 422
    )
    moment.now = FRIDAY + timedelta(days=1)
    assert change(hub, {"delay": 30}).status_code == 409  # it has left
    moment.now = MONDAY
    assert login().get("fleet/board").status_code == 403


def test_allotments_meet_the_ledger(hub: httpx.Client, login: Login, surroundings: Context) -> None:
    with administrator() as connection:
        from qafila.runtime.accounts import service as accounts

        post = accounts.create(connection, "Post", TenantKind.CARRIER).id
    asked = {
        "id": "mail-1",
        "service": "FLY",
        "day": DAY,
        "call": 0,
        "holder": post,
        "grams": 19_999_900,
        "cm3": 119_000_000,
        "release_at": f"{DAY}T12:00:00Z",
    }
    first = hub.post("fleet/allotments", json=asked)
    assert first.status_code == 201, first.text
    assert hub.post("fleet/allotments", json=asked).json() == first.json()
    assert hub.post("fleet/allotments", json=asked | {"id": "mail-2"}).status_code == 409
    offers = login().post("offers", json=order(), headers={}).json()["offers"]
    assert offers  # other days are as they were
    drawn = hub.post(
        "fleet/allotments/mail-1/draws",
        json={"key": "u1", "grams": 4_000_000, "cm3": 20_000_000, "waybill": "147-12345675"},
    ).json()
    assert (
        hub.post(
            "fleet/allotments/mail-1/draws", json={"key": "u1", "grams": 4_000_000, "cm3": 20_000_000}
        ).json()
        == drawn
    )
    assert drawn["drawn_g"] == 4_000_000
    assert (
        hub.post(
            "fleet/allotments/mail-1/draws", json={"key": "u2", "grams": 16_000_000, "cm3": 1}
        ).status_code
        == 409
    )
    assert hub.post("fleet/allotments/mail-1/release").json()["grams"] == 4_000_000
    assert (
        hub.post(
            "fleet/allotments", json=asked | {"id": "mail-3", "grams": 15_000_000, "cm3": 90_000_000}
        ).status_code
        == 201
    )
    held = hub.get("fleet/allotments", params={"since": DAY, "until": DAY, "holder": post}).json()
    assert [a["grams"] for a in held] == [4_000_000, 15_000_000]
    early, late = (
        surroundings.at(datetime.fromisoformat(f"{DAY}T{at}+00:00")) for at in ("11:59:59", "12:00:00")
    )
    assert RELEASE.run(SimpleNamespace(context=early)) == {"allotments": 0}  # type: ignore[arg-type]
    assert RELEASE.run(SimpleNamespace(context=late)) == {"allotments": 1}  # type: ignore[arg-type]
    assert RELEASE.run(SimpleNamespace(context=late)) == {"allotments": 0}  # type: ignore[arg-type]
    again = hub.post(
        "fleet/allotments",
        json=asked
        | {"id": "mail-4", "release_at": f"{DAY}T23:00:00Z", "grams": 15_000_000, "cm3": 90_000_000},
    )
    assert again.status_code == 201, again.text


def test_a_tail_is_a_flight_for_the_load_planner(hub: httpx.Client) -> None:
    from qafila.api.air.flight_schema import AircraftIn

    told = hub.get("fleet/aircraft/CN-AAA").json()
    craft = AircraftIn.model_validate(told)
    assert len(craft.positions) == 12
    assert craft.limits[0].most == 23_900
    assert hub.get("fleet/aircraft/CN-ZZZ").status_code == 404


def test_rules_and_rosters(hub: httpx.Client) -> None:
    rules = hub.get("fleet/rules").json()
    assert all(r["source"] and r["valid_from"] for table in rules.values() for r in table)
    duty = {
        "reports": "2026-03-23T08:00:00Z",
        "ends": "2026-03-23T22:00:00Z",
        "block": 600,
        "sectors": 2,
        "origin": "CMN",
        "to": "CMN",
    }
    answer = hub.post("fleet/rosters/check", json={"base": "CMN", "duties": [duty]}).json()
    assert [a["code"] for a in answer] == ["fleet.duty_too_long"]
    types = {t["type"]: t for t in hub.get("fleet/types").json()}
    assert types["B738F"]["confidence"] == "indicative"
