"""Plans over the API, on the network of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from qafila.context import Context
from qafila.network.compile import compile_timetable
from qafila.planning import planning_job
from qafila.runtime.database import administrator
from qafila.runtime.jobs import worker
from qafila.shipping import merchants
from qafila.shipping.bookings.numbering import new_id
from qafila.shipping.floor import PLAN
from qafila.shipping.plans import kept_plans as plans
from qafila.shipping.plans import reservations
from tests.api.conftest import FEED, NETWORK, RULES, Login, booked, order
from tests.network.small import START

COMMODITY = {
    "id": "C1",
    "origin": "WH",
    "destination": "STA",
    "parcels": 12,
    "kg": 18.0,
    "service_class": "express",
}


@pytest.fixture
def planner(login: Login, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    where = planning_job.Network(FEED, compile_timetable(FEED, START, 14))
    monkeypatch.setattr(planning_job, "network", lambda *_: where)
    yield login("plans:read", "plans:write")
    for kept in plans.every():
        plans.remove(kept.name)


def made_by_worker(name: str) -> None:
    worker.work_off([PLAN], lambda tenant: Context(NETWORK, RULES, tenant))
    plans.wait(name)


def made(client: TestClient, **more: Any) -> str:
    name = new_id("p").replace("_", "-")
    body = {"name": name, "seconds": 3, "commodities": [COMMODITY], **more}
    answer = client.post("plans", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"].endswith(f"/plans/{name}")
    made_by_worker(name)
    return name


def test_a_demand_is_planned_with_proof_prices_and_reasons(planner: TestClient) -> None:
    name = made(planner)
    told = planner.get(f"plans/{name}").json()
    assert told["state"] == "done", told
    assert told["summary"]["served"] == 12
    assert told["summary"]["bound"] <= told["summary"]["cost"]
    why = planner.get(f"plans/{name}/commodities/C1").json()
    assert sum(way["parcels"] for way in why["ways"]) == 12
    assert why["ways"][0]["legs"][0]["origin"] == "WH"
    assert why["reason"]
    # what the ways cost is what the plan costs
    assert sum(w["parcels"] * w["cost"] for w in why["ways"]) == pytest.approx(told["summary"]["cost"])
    assert planner.get(f"plans/{name}/prices").json() == []  # twelve parcels fill nothing
    assert [c["id"] for c in planner.get(f"plans/{name}/commodities", params={"q": "express"}).json()] == [
        "C1"
    ]
    assert name in [p["name"] for p in planner.get("plans").json()]


def test_csv_is_taken_and_bad_rows_are_told(planner: TestClient) -> None:
    name = new_id("p").replace("_", "-")
    text = "origin,destination,parcels,kg\nWH,STA,2,3\nNOWHERE,STA,1,1\n"
    answer = planner.post("plans", params={"name": name}, content=text, headers={"content-type": "text/csv"})
    assert answer.status_code == 202, answer.text
    made_by_worker(name)
    told = planner.get(f"plans/{name}").json()
    assert told["summary"]["parcels"] == 2
    assert told["summary"]["rejected"] == 1
    assert Path(plans.folder(name) / "rejected.csv").read_text().count("NOWHERE") == 1


def test_limits_prices_and_departures_are_asked_for_and_told(planner: TestClient) -> None:
    free = made(planner)
    legs = planner.get(f"plans/{free}/commodities/C1").json()["ways"][0]["legs"]
    assert len(legs) > 1  # so that a limit of no transfer bars it
    service = legs[0]["service"]
    limited = made(planner, max_transfers=0, ride_price=2.5)
    told = planner.get(f"plans/{limited}").json()["summary"]
    ways = planner.get(f"plans/{limited}/commodities/C1").json()["ways"]
    assert all(len(way["legs"]) == 1 for way in ways)
    assert told["prices"]["ride_per_parcel"] == 2.5
    assert told["cost_by_kind"]["transfers"] == pytest.approx(2.5 * told["served"])
    assert planner.get(f"plans/{free}/departures").json() == []
    own = made(planner, commodities=[{**COMMODITY, "max_transfers": 0}])
    assert planner.get(f"plans/{own}").json()["summary"]["served"] == told["served"]

    # running costs more than leaving the parcels would: no departure of the line runs
    line = {"service": service, "vehicle_cost": 1e6}
    decided = made(planner, lines=[line], few_changes=0.0, max_transfers=5)
    summary = planner.get(f"plans/{decided}").json()["summary"]
    assert summary["design"]["changed_lines"] == [service]
    departures = planner.get(f"plans/{decided}/departures").json()
    assert departures
    assert all(d["change"] == "cancelled" and d["vehicles"] == 0 for d in departures)
    kept = made(planner, lines=[{**line, "cancel": "no"}])
    kept_departures = planner.get(f"plans/{kept}/departures").json()
    assert all(d["change"] == "" and d["vehicles"] == 1 for d in kept_departures)

    sides = planner.get("plan-comparisons", params={"plan": [free, limited, kept]})
    assert sides.status_code == 200, sides.text
    assert [one["name"] for one in sides.json()] == [free, limited, kept]
    assert sides.json()[2]["cost_by_kind"]["vehicles"] == pytest.approx(1e6 * len(kept_departures))
    assert planner.get("plan-comparisons", params={"plan": [free, "nobodys"]}).status_code == 404
    assert planner.get("plan-comparisons", params={"plan": free}).status_code == 422


def test_what_cannot_be_asked_together_is_said(planner: TestClient) -> None:
    alone = planner.post("plans", json={"name": "a", "few_changes": 0.1, "commodities": [COMMODITY]})
    assert alone.status_code in (409, 422), alone.text
    assert "file of lines" in alone.text
    first = made(planner)
    again = planner.post("plans", json={"name": "b", "from": first, "max_transfers": 2})
    assert "keeps its limits" in again.text
    steps = {"service": "X", "steps": "5=1|5=2"}
    wrong = planner.post("plans", json={"name": "c", "commodities": [COMMODITY], "lines": [steps]})
    assert wrong.status_code in (409, 422)
    assert "steps" in wrong.text
    assert planner.get("plans/c").status_code == 404  # nothing is left of what was refused


def test_a_disruption_changes_an_earlier_plan(planner: TestClient) -> None:
    first = made(planner)
    service = planner.get(f"plans/{first}/commodities/C1").json()["ways"][0]["legs"][0]["service"]
    second = made(planner, **{"from": first, "disruptions": [f"cancel {service}"], "commodities": None})
    told = planner.get(f"plans/{second}").json()
    assert told["state"] == "done", told
    assert told["summary"]["replan"]["from"] == first
    assert told["summary"]["replan"]["rides_closed"] > 0


def test_a_plan_is_put_in_place(planner: TestClient) -> None:
    name = made(planner)
    placed = planner.post(f"plans/{name}/reservations")
    assert placed.status_code == 200, placed.text
    with administrator() as connection:
        found = reservations.in_place(connection)
        reservations.release(connection)
    assert found is not None
    assert found.plan == name
    # 12 parcels of 1.5 kg on each departure of their way
    assert placed.json()["grams"] == 18_000 * placed.json()["departures"]


def test_what_is_wrong_is_pointed_at(planner: TestClient, login: Login) -> None:
    wrong = planner.post("plans", json={"name": "No", "commodities": [{**COMMODITY, "kg": -1}]})
    assert wrong.status_code == 422
    assert {e["pointer"] for e in wrong.json()["errors"]} == {"#/name", "#/commodities/0/kg"}
    end = {
        "name": "end",
        "start": "9999-12-31",
        "commodities": [{**COMMODITY, "due": "9999-12-31T23:59:59-14:00"}],
    }
    errors = planner.post("plans", json=end).json()["errors"]
    assert {e["pointer"]: e["detail"] for e in errors} == {
        "#/start": "Nothing happens on that day.",
        "#/commodities/0/due": "Nothing happens on that day.",
    }
    assert all("leave the field out" in e["remedy"] for e in errors)
    assert planner.post("plans", content=b"x", headers={"content-type": "text/plain"}).status_code == 415
    assert (
        planner.post("plans", content=b"{", headers={"content-type": "application/json"}).status_code == 422
    )
    assert planner.post("plans", content=b"x", headers={"content-type": "text/csv"}).status_code == 422
    assert planner.get("plans/nobody").status_code == 404
    assert planner.get("plans/nobody/prices").status_code == 404
    name = made(planner)
    again = planner.post("plans", json={"name": name, "commodities": [COMMODITY]})
    assert (again.status_code, again.json()["type"].rsplit("/", 1)[-1]) == (409, "not-possible")
    assert planner.post(f"plans/{name}/stop").status_code == 409
    assert planner.get(f"plans/{name}/commodities/C9").status_code == 404
    assert planner.delete(f"plans/{name}").status_code == 204
    failed = made(planner, commodities=[{**COMMODITY, "origin": "NOWHERE"}])
    told = planner.get(f"plans/{failed}").json()
    assert told["state"] == "failed"
    assert "No row can be planned" in told["reason"]
    assert planner.get(f"plans/{failed}/prices").status_code == 409


def test_scopes_are_asked_for(login: Login) -> None:
    assert login(*merchants.OF_A_MERCHANT).get("plans").status_code == 403
    assert login("plans:read").post("plans", json={"name": "a"}).status_code == 403


def test_an_order_of_a_class_books_from_its_reservation(planner: TestClient, login: Login) -> None:
    """The plan holds room for express on its way; an express order draws it, another order does not."""
    name = made(planner)
    assert planner.post(f"plans/{name}/reservations").status_code == 200
    client = login()

    def drawn() -> int:
        with administrator() as connection:
            return int(
                connection.exec_driver_sql("SELECT coalesce(sum(drawn_g), 0) FROM reservations").scalar_one()
            )

    ways = {
        leg["service"]
        for way in planner.get(f"plans/{name}/commodities/C1").json()["ways"]
        for leg in way["legs"]
    }
    booked(client)
    assert drawn() == 0
    made_of = client.post("offers", json=order(service_class="express")).json()["offers"]
    offers = [o for o in made_of if {leg["service"] for leg in o["legs"]} & ways]
    if offers:  # the plan's ways are also offers of this morning
        assert client.post("bookings", json={"offer_id": offers[0]["id"]}).status_code == 201
        assert drawn() > 0
    wrong = client.post("offers", json=order(service_class="teleport"))
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "#/service_class"
    with administrator() as connection:
        reservations.release(connection)
