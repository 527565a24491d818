"""Sorting over HTTP: set up, plan, scan, and what others may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

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
