"""The planner's pages over the application as it is served, on a plan of a small network."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import orjson
import polars as pl
import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.context import of_this_home
from qafila.core.message_json import to_json
from qafila.planning import planning_job as job
from qafila.planning.found import Effort
from qafila.planning.graph import build
from qafila.planning.planning_messages import SEARCH_ENDED
from qafila.planning.planning_problem import pose
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.runtime.jobs import queue, store, worker
from qafila.shipping import merchants
from qafila.shipping.floor import PLAN
from qafila.shipping.plans import kept_plans as plans
from qafila.shipping.plans import reservations
from qafila.shipping.plans.asked_plans import Asked, PlanRefused
from tests.planning import networks

HERE = {"sec-fetch-site": "same-origin"}
DEMAND = b"origin,destination,parcels,kg\nWH-MA-CASABLANCA-1,SC-FR-LYON,3,6\nNOWHERE,SC-FR-LYON,1,1\n"


@pytest.fixture(scope="module")
def kept() -> Iterator[str]:
    """A plan of the home, tight enough to have prices."""
    name = "tight"
    folder = plans.root() / name
    t = networks.timetable(3, services=60, capacity_kg=8.0)
    problem = pose(build(t, networks.rates(3, t.facilities)), networks.demand(3, t, 20))
    job.solve(problem, folder, job.Request(effort=Effort(gap=1e-4, seconds=30, rounds=8)))
    yield name
    shutil.rmtree(folder)


@pytest.mark.parametrize("code", ["en", "fr", "ar", "zh"])
def test_a_plan_is_shown_with_its_proof_and_its_tight_places(
    client: TestClient, kept: str, code: str
) -> None:
    page = client.get(f"/{code}/plan/{kept}")
    assert page.status_code == 200
    summary = plans.find(kept).summary  # type: ignore[union-attr]
    assert summary is not None
    assert page.text.count('name="widen"') == min(len(summary["tightest"]), 10) > 0
    assert "data-plan-hours" in page.text
    assert "%(" not in page.text
    if code != "en":
        assert "next best would cost" not in page.text
        assert "cheapest way" not in page.text
    watched = client.get(f"/{code}/plan/{kept}?making=1", headers={"hx-request": "true"})
    assert watched.headers["hx-redirect"] == f"/{code}/plan/{kept}"
    listed = client.get(f"/{code}/plan")
    assert kept in listed.text


def test_the_map_is_told_every_departure_that_carries(client: TestClient, kept: str) -> None:
    told = client.get(f"/en/plan/{kept}/map.json").json()
    rows = pl.read_parquet(plans.folder(kept) / "capacities.parquet")
    carried = rows.filter((pl.col("kind") == "segment_weight") & (pl.col("load") > 0))
    runs = [run for lane in told["lanes"] for run in lane[3]]
    assert len(runs) == len(carried)
    assert sum(kg for _, _, kg, _ in runs) == pytest.approx(carried["load"].sum() / 1000, abs=len(runs))
    assert all(kg <= room + 1 for _, _, kg, room in runs)


def test_commodities_are_found_and_say_their_ways(client: TestClient, kept: str) -> None:
    table = pl.read_parquet(plans.folder(kept) / "commodities.parquet")
    id = table["id"][0]
    assert id in client.get(f"/en/plan/{kept}", params={"q": id}).text
    assert "No commodity matches." in client.get(f"/en/plan/{kept}", params={"q": "zzz"}).text
    opened = client.get(f"/en/plan/{kept}", params={"c": id})
    assert 'class="legs plan-way"' in opened.text or table["unserved"][0] == table["parcels"][0]
    assert "no such commodity" in client.get(f"/en/plan/{kept}", params={"c": "zzz"}).text


def test_a_place_is_widened_and_the_plan_costs_less_or_the_same(client: TestClient, kept: str) -> None:
    before = plans.find(kept).summary  # type: ignore[union-attr]
    assert before is not None
    top = before["tightest"][0]
    answer = client.post(f"/en/plan/{kept}/again", data={"widen": str(top["row"])}, headers=HERE)
    assert answer.status_code == 303
    name = answer.headers["location"].rsplit("/", 1)[-1]
    made = made_by_worker(name)
    assert made is not None
    assert made.state == "done", made.reason
    assert made.summary is not None
    # never dearer; and as its cost is at least before's bound less the price of a tenth, it saves no more
    # than that price and what the earlier plan was off the best
    slack = before["cost"] - before["bound"]
    assert -1e-6 <= made.summary["widened"]["saves"] <= top["price_for_10_percent_more"] + slack + 1e-6
    assert "a tenth more room" in client.get(f"/en/plan/{name}").text
    assert plans.remove(name)


def test_a_disruption_is_planned_anew(client: TestClient, kept: str) -> None:
    answer = client.post(f"/en/plan/{kept}/again", data={"kind": "close", "what": "F1"}, headers=HERE)
    name = answer.headers["location"].rsplit("/", 1)[-1]
    made = made_by_worker(name)
    assert made is not None
    assert made.state == "done", made.reason
    assert "close F1" in client.get(f"/en/plan/{name}").text
    plans.remove(name)
    wrong = client.post(f"/en/plan/{kept}/again", data={"kind": "close", "what": "NOBODY"}, headers=HERE)
    name = wrong.headers["location"].rsplit("/", 1)[-1]
    assert made_by_worker(name).state == "failed"  # type: ignore[union-attr]
    assert "the plan has no facility NOBODY" in client.get(f"/en/plan/{name}").text
    plans.remove(name)
    empty = client.post(f"/en/plan/{kept}/again", data={"kind": "cancel", "what": ""}, headers=HERE)
    assert empty.status_code == 422


def test_a_facility_closes_and_another_takes_its_parcels(client: TestClient, kept: str) -> None:
    ends = pl.read_parquet(plans.folder(kept) / "commodities.parquet")["destination"]
    gone, other = ends[0], next(e for e in ends if e != ends[0])
    form = {"kind": "redirect", "what": f"{gone} {other} 2026-01-05..2026-02-05"}
    answer = client.post(f"/en/plan/{kept}/again", data=form, headers=HERE)
    name = answer.headers["location"].rsplit("/", 1)[-1]
    made = made_by_worker(name)
    assert made is not None
    assert made.state == "done", made.reason
    after = pl.read_parquet(plans.folder(name) / "commodities.parquet")
    assert gone not in after["destination"].to_list()
    assert other in after["destination"].to_list()
    plans.remove(name)
    alone = client.post(f"/en/plan/{kept}/again", data={"kind": "redirect", "what": gone}, headers=HERE)
    assert alone.status_code == 422


@pytest.mark.parametrize("code", ["en", "fr", "ar", "zh"])
def test_plans_stand_side_by_side(client: TestClient, kept: str, code: str) -> None:
    twin = plans.root() / "twin"
    shutil.copytree(plans.folder(kept), twin)
    head = orjson.loads((twin / "plan.json").read_bytes())
    head |= {"cost": head["cost"] + 1000, "design": {"vehicles": 900.0, "lines": 0.0, "fill": 0.0}}
    (twin / "plan.json").write_bytes(orjson.dumps(head))
    try:
        page = client.get(f"/{code}/plan-comparison", params={"plan": [kept, "twin"]})
        assert page.status_code == 200
        assert kept in page.text
        assert "twin" in page.text
        assert page.text.count("<strong>") >= 1  # the cheaper one is marked
        alone = client.get(f"/{code}/plan-comparison", params={"plan": kept})
        assert alone.status_code == 422
        assert 'role="alert"' in alone.text
    finally:
        shutil.rmtree(twin)


def test_the_form_takes_limits_prices_and_lines(client: TestClient) -> None:
    form = {"name": "asked", "max_transfers": "2", "ride_price": "0.5", "co2e_price": "120",
            "few_changes": "5", "balance_price": "3"}  # fmt: skip
    files = {"demand": ("d.csv", DEMAND), "lines": ("l.csv", b"service,vehicle_cost\nS,5\n")}
    answer = client.post("/en/plan", data=form, files=files, headers=HERE)
    assert answer.status_code == 303, answer.text
    asked = plans.find("asked").asked  # type: ignore[union-attr]
    assert asked is not None
    assert (asked.max_transfers, asked.ride_price, asked.co2e_price) == (2, 0.5, 120.0)
    assert (asked.lines, asked.few_changes, asked.balance_price) == (True, 0.05, 3.0)
    made = made_by_worker("asked")
    assert made is not None
    assert made.state == "failed"  # there is no service S in this network
    assert made.reason is not None
    assert "S" in str(made.reason)
    plans.remove("asked")
    for field, value in (("max_transfers", "16"), ("ride_price", "x"), ("few_changes", "-1")):
        refused = client.post("/en/plan", data={**form, field: value}, files=files, headers=HERE)
        assert refused.status_code == 422, field
        assert f'value="{value}"' in refused.text
    assert plans.find("asked") is None


def test_it_is_put_in_place(client: TestClient, kept: str) -> None:
    assert client.post(f"/en/plan/{kept}/reserve", headers=HERE).status_code == 303
    with administrator() as connection:
        found = reservations.in_place(connection)
        reservations.release(connection)
    assert found is not None
    assert found.plan == kept


def test_what_is_wrong_with_the_form_is_said(client: TestClient) -> None:
    nothing = client.post("/en/plan", data={"name": "a"}, files={"demand": ("d.csv", b"")}, headers=HERE)
    assert nothing.status_code == 422
    assert "Choose a demand file" in nothing.text
    bad = client.post("/en/plan", data={"name": "No Good"}, files={"demand": ("d.csv", b"x")}, headers=HERE)
    assert bad.status_code == 422
    assert "small letters" in bad.text
    assert 'value="No Good"' in bad.text
    assert client.get("/en/plan/nobody").status_code == 404
    assert client.get("/en/plan/%2e%2e").status_code == 404


def test_plans_are_not_every_merchants(stranger: TestClient) -> None:
    assert stranger.get("/en/plan").status_code == 303
    with administrator() as connection:
        merchant = merchants.create(connection, "Souk").id
        _, plain = merchants.issue_key(connection, merchant, merchants.OF_A_MERCHANT)
        hub = merchants.create(connection, "Hub", TenantKind.HUB).id
        _, planner = merchants.issue_key(connection, hub, ["plans:read"])
    stranger.post("/sign-in", data={"key": plain}, headers=HERE)
    assert stranger.get("/en/plan").status_code == 403
    with administrator() as connection:  # a key of before there were kinds of tenants keeps what it was given
        connection.execute(
            text("UPDATE api_keys SET scopes = '{plans:read}' WHERE tenant_id = :t"), {"t": merchant}
        )
    stranger.post("/sign-in", data={"key": plain}, headers=HERE)
    assert stranger.get("/en/plan").status_code == 200
    stranger.post("/sign-in", data={"key": planner}, headers=HERE)
    assert stranger.get("/en/plan").status_code == 200
    assert stranger.post("/en/plan/x/stop", headers=HERE).status_code == 403


def made_by_worker(name: str) -> plans.Kept | None:
    """The plan once a worker has made it."""
    worker.work_off([PLAN], of_this_home)
    return plans.wait(name)


def test_a_search_is_stopped_and_keeps_its_plan(kept: str) -> None:
    asked = Asked("stopped", datetime.now(UTC), origin=kept, disruptions=("peak 3x",), gap=0.0, seconds=600)
    plans.start(PLAN, asked)
    with pytest.raises(PlanRefused, match="being made already"):
        plans.start(PLAN, asked)
    waiting = plans.find("stopped")
    assert waiting is not None
    assert waiting.state == "waiting"
    assert not plans.remove("stopped")
    with ThreadPoolExecutor(1) as beside:  # a worker as another process would be
        working = beside.submit(worker.work_off, [PLAN], of_this_home)
        while (seen := plans.find("stopped")) is None or seen.progress is None:
            time.sleep(0.05)
        assert seen.state == "running"
        assert seen.progress["bound"] <= seen.progress["cost"]
        assert plans.stop("stopped")
        stopping = plans.find("stopped")
        assert stopping is None or stopping.stopping or stopping.state == "done"
        working.result(300)
    made = plans.find("stopped")
    assert made is not None
    assert made.state == "done", made.reason
    assert Path(plans.folder("stopped") / "paths.parquet").exists()
    assert not plans.stop("stopped")
    plans.remove("stopped")


def test_what_a_worker_had_begun_that_is_gone_another_makes(kept: str) -> None:
    asked = Asked("begun", datetime.now(UTC), origin=kept, disruptions=("close F1",), seconds=3)
    plans.start(PLAN, asked)
    job = queue.find(key="plan:begun")
    assert job is not None
    with administrator() as connection:
        store.begin(connection, job.id)  # and died
    (plans.folder("begun") / "paths.parquet").write_bytes(b"half")
    assert plans.find("begun").state == "running"  # type: ignore[union-attr]
    made = made_by_worker("begun")
    assert made is not None
    assert made.state == "done", made.reason
    assert pl.read_parquet(plans.folder("begun") / "paths.parquet").height
    assert plans.remove("begun")
    plans.start(PLAN, asked)  # the name is free again, and it is a new plan
    assert plans.find("begun").state == "waiting"  # type: ignore[union-attr]
    plans.stop("begun")
    made_by_worker("begun")
    plans.remove("begun")


@pytest.mark.parametrize("code", ["en", "fr", "ar", "zh"])
def test_what_happened_to_a_plan_is_told_in_the_readers_words(
    client: TestClient, kept: str, code: str
) -> None:
    file = plans.folder(kept) / "plan.json"
    before = file.read_bytes()
    assert "ValueError: x" not in client.get(f"/{code}/plan/{kept}").text
    told = SEARCH_ENDED(error="ValueError: x")
    remarks = [{"id": told.id, "text": str(told), "message": to_json(told)}]
    try:
        file.write_bytes(orjson.dumps(orjson.loads(before) | {"remarks": remarks}))
        shown = client.get(f"/{code}/plan/{kept}").text
        assert "ValueError: x" in shown
        assert ("with the best plan so far" in shown) == (code == "en")
        del remarks[0]["message"]  # of a plan of an earlier version
        file.write_bytes(orjson.dumps(orjson.loads(before) | {"remarks": remarks}))
        assert "with the best plan so far" in client.get(f"/{code}/plan/{kept}").text
    finally:
        file.write_bytes(before)
