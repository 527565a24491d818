"""Load plans over the API."""

from __future__ import annotations

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
