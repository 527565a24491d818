"""Load plans over the API."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.runtime.database import administrator
from tests.air.flight_files import asked
from tests.api.conftest import Login


def test_a_flight_is_planned_and_its_papers_are_given(login: Login) -> None:
    client = login("air:plan")
    answer = client.post("air/load-plans?seconds=1", json=asked())
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [len(uld["pieces"]) for uld in told["ulds"]] == [12]
    assert list(told["legs"][0]["positions"].values()) == ["U1"]
    assert told["stopped"][0]["code"] == "air.do_not_load"
    for paper in ("load-sheet", "notoc"):
        pdf = client.post(f"air/load-plans?seconds=1&paper={paper}", json=asked())
        assert pdf.headers["content-type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF")


def test_what_is_no_flight_is_told_where(login: Login) -> None:
    wrong = asked()
    wrong["legs"][0]["fuel"] = -1
    answer = login("air:plan").post("air/load-plans", json=wrong)
    assert answer.status_code == 422
    assert "/legs/0/fuel" in answer.text


def test_a_merchant_plans_no_aircraft(login: Login) -> None:
    assert login("offers:read").post("air/load-plans", json=asked()).status_code == 403


def kept(login: Login) -> tuple[TestClient, dict[str, Any]]:
    """A planner, and a plan that is kept."""
    client = login("air:plan")
    answer = client.post("air/load-plans?seconds=1&keep=true&why=first%20look", json=asked())
    assert answer.status_code == 200, answer.text
    return client, answer.json()


def test_a_kept_plan_is_changed_closed_and_says_who_and_why(login: Login) -> None:
    client, made = kept(login)
    plan = made["plan"]
    assert (made["state"], made["revision"]) == ("built", 1)
    read = client.get(f"air/load-plans/{plan}").json()
    assert read["ulds"] == made["ulds"]
    assert read["legs"][0]["positions"] == made["legs"][0]["positions"]
    assert plan in [k["plan"] for k in client.get("air/load-plans").json()]
    (here,) = made["legs"][0]["positions"]
    moved = {"revision": 1, "at": {"U1": here}, "why": "as the loader wants it"}
    changed = client.post(f"air/load-plans/{plan}/changes", json=moved)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["state"], changed.json()["revision"]) == ("changed", 2)
    late = client.post(f"air/load-plans/{plan}/changes", json=moved)  # another looked at revision 1
    assert (late.status_code, "revision 2" in late.text) == (409, True)
    wrong = client.post(
        f"air/load-plans/{plan}/changes", json={"revision": 2, "at": {"U1": "nowhere"}, "why": "x"}
    )
    assert wrong.status_code == 422
    closed = client.post(f"air/load-plans/{plan}/close", json={"revision": 2, "why": "doors closed"})
    assert closed.json()["state"] == "closed"
    assert client.post(f"air/load-plans/{plan}/close", json={"revision": 2}).json() == closed.json()
    assert client.post(f"air/load-plans/{plan}/changes", json=moved | {"revision": 3}).status_code == 409
    acts = client.get(f"air/load-plans/{plan}").json()["acts"]
    assert [(a["act"], a["why"]) for a in acts] == [
        ("built", "first look"),
        ("changed", "as the loader wants it"),
        ("closed", "doors closed"),
    ]
    assert acts[1]["moved"] == {"U1": here}
    with administrator() as connection:
        told = connection.execute(
            text(
                "SELECT type FROM events WHERE subject_kind = 'vehicle' AND details->>'plan' = :p ORDER BY seq"
            ),
            {"p": plan},
        ).scalars()
        assert list(told) == ["load_plan_built", "load_plan_changed", "load_plan_closed"]
    assert client.get(f"air/load-plans/{plan}?paper=load-sheet").content.startswith(b"%PDF")


def test_a_paper_of_a_plan_that_is_to_be_kept_says_where_it_is_kept(login: Login) -> None:
    client = login("air:plan")
    paper = client.post("air/load-plans?seconds=1&keep=true&paper=load-sheet", json=asked())
    assert paper.content.startswith(b"%PDF")
    (kept,) = client.get("air/load-plans").json()
    assert paper.headers["content-location"] == f"/api/v1/air/load-plans/{kept['plan']}?paper=load-sheet"
    again = paper.headers["content-location"].removeprefix("/api/v1/")
    assert client.get(again).content.startswith(b"%PDF")


def test_a_kept_plan_is_its_tenants_own(login: Login) -> None:
    _, made = kept(login)
    assert login("air:plan").get(f"air/load-plans/{made['plan']}").status_code == 404


def test_a_flight_and_a_parcel_are_on_one_plan_until_it_is_withdrawn(login: Login) -> None:
    client = login("air:plan")

    def keep(name: str, parcel: str, origin: str = "CMN") -> Any:
        file = asked(name=name)
        file["segments"][0]["origin"] = origin
        file["segments"][0]["lots"][1]["parcels"] = [parcel]
        return client.post("air/load-plans?seconds=1&keep=true", json=file)

    first = keep("QF1", "P1").json()
    second = keep("QF1", "P2")
    assert (second.status_code, first["plan"] in second.text) == (409, True)
    other = keep("QF2", "P1")
    assert (other.status_code, first["plan"] in other.text, "P1" in other.text) == (409, True, True)
    assert len(client.get("air/load-plans").json()) == 1  # of what was refused nothing is left
    assert keep("QF3", "P1", origin="DSS").status_code == 200  # it changes aircraft there
    path = f"air/load-plans/{first['plan']}"
    assert client.post(f"{path}/close", json={"revision": 1}).status_code == 200
    assert client.post(f"{path}/withdraw", json={"revision": 1, "why": "x"}).status_code == 409
    assert client.post(f"{path}/withdraw", json={"revision": 2, "why": ""}).status_code == 422
    gone = client.post(f"{path}/withdraw", json={"revision": 2, "why": "it does not fly"})
    assert gone.json()["state"] == "withdrawn"
    assert client.post(f"{path}/withdraw", json={"revision": 2, "why": "again"}).json() == gone.json()
    late = client.post(f"{path}/changes", json={"revision": 3, "at": {"U1": "BL"}, "why": "x"})
    assert (late.status_code, "withdrawn" in late.text) == (409, True)
    assert keep("QF1", "P1").status_code == 200
