from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from fastapi.testclient import TestClient

from tests.api.conftest import Clock, Login, booked
from tests.api.test_offers import problem


def test_tracking_needs_no_key_and_tells_nothing_personal(
    api: TestClient, login: Login, moment: Clock, carrier_says: Callable[..., None]
) -> None:
    souk = login()
    made = booked(souk, id="SECRET-7")
    number = made["parcels"][0]
    moment.later(hours=12)
    phishing = {
        "parcel": number,
        "type": "handed_over",
        "time": moment.now.isoformat(),
        "source": "pay at bad.example",
    }
    assert souk.post("events", json={"events": [phishing]}).json()["recorded"] == 1
    carrier_says(number, "departed", moment.now, "WH")
    answer = api.get(f"tracking/{number.lower()}")
    told = answer.json()
    assert (told["state"], told["city"], told["country"]) == ("in_transit", "WH", "MA")
    assert [e["type"] for e in told["events"]] == ["departed", "handed_over", "booked"]
    for secret in (
        "Amélie",
        "Mercière",
        "example.org",
        "SECRET-7",
        "Souk",
        "Karim",
        "bad.example",
        "merchant",
        "mer_",
        made["id"],
        "argan",
    ):
        assert secret not in answer.text
    assert answer.headers["cache-control"].startswith("public")


def test_what_is_delivered_at_a_door_is_not_where_it_was_read_before(
    api: TestClient, login: Login, moment: Clock, carrier_says: Callable[..., None]
) -> None:
    souk = login()
    number = booked(souk, id="DOOR-1")["parcels"][0]
    moment.later(hours=12)
    carrier_says(number, "arrived", moment.now, "CDG")
    carrier_says(number, "delivered", moment.now + timedelta(minutes=1))
    moment.later(hours=1)
    told = api.get(f"tracking/{number}").json()
    assert (told["state"], told["city"], told["country"]) == ("delivered", None, None)
    assert [e["city"] for e in told["events"][:2]] == [None, "CDG"]
    own = souk.get(f"parcels/{number}").json()["status"]
    assert (own["state"], own["facility"], own["city"]) == ("delivered", None, None)


def test_unknown_and_mistyped_numbers_are_told_apart(api: TestClient) -> None:
    problem(api.get("tracking/HA999999995MA"), 404, "not-found")
    body = problem(api.get("tracking/HA999999994MA"), 422, "invalid-request")
    assert "check digit" in body["errors"][0]["detail"]


def test_what_has_not_changed_is_not_sent_again(api: TestClient) -> None:
    first = api.get("network/facilities")
    again = api.get("network/facilities", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert api.get("network/facilities", headers={"If-None-Match": '"x"'}).status_code == 200


def test_the_network_can_be_read(api: TestClient) -> None:
    told = api.get("network").json()
    assert told["facilities"] == {"warehouse": 1, "airport": 3, "delivery_station": 1}
    assert told["services"] == {"road": 4, "air": 2, "delivery": 1, "sea": 1}
    french = api.get("network/facilities", params={"country": "FR", "limit": 2}).json()
    assert [f["id"] for f in french["items"]] == ["CDG", "LYS"]
    rest = api.get("network/facilities", params={"country": "FR", "cursor": french["next"]}).json()
    assert ([f["id"] for f in rest["items"]], rest["next"]) == (["STA"], None)
    assert api.get("network/facilities/LYS").json()["timezone"] == "Europe/Paris"
    services = api.get("network/facilities/CDG/services").json()["items"]
    assert [s["id"] for s in services] == ["BOND", "FLY", "SAIL"]
    assert services[1]["calls"] == [
        {"facility": "CMN", "arrives": None, "departs": "20:00"},
        {"facility": "CDG", "arrives": "23:00", "departs": "24:30"},
        {"facility": "LYS", "arrives": "25:30", "departs": None},
    ]
    problem(api.get("network/facilities/MARS"), 404, "not-found")
    problem(api.get("network/facilities", params={"kind": "igloo"}), 422, "invalid-request")


def test_the_openapi_document_describes_every_address(api: TestClient) -> None:
    told = api.get("openapi.json").json()
    assert told["servers"] == [{"url": "/api/v1"}]
    operations = [
        (path, verb, operation) for path, verbs in told["paths"].items() for verb, operation in verbs.items()
    ]
    assert len({o["operationId"] for _, _, o in operations}) == len(operations) >= 19
    # calculating and classifying need no key either
    open_to_all = (
        "/network",
        "/tracking/",
        "/problems/",
        "/customs/duty",
        "/customs/classify",
        "/log/key",
        "/terms",
        "/privacy/retention",
    )
    for path, verb, operation in operations:
        assert operation["summary"], path
        assert operation["description"], path
        security = operation.get("security", [{}])  # an empty one among them: the key may be left out
        # another network signs its question
        open_door = path.startswith(open_to_all) or path == "/handovers/statuses"
        assert ({} in security) == open_door, path
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert "application/problem+json" in response["content"], (path, verb, status)
    schemas = told["components"]["schemas"]
    for name in ("OrderIn", "BookingIn", "EventIn"):
        assert schemas[name]["examples"]


def test_ways_between_two_places_need_no_key(api: TestClient) -> None:
    told = api.get("network/ways", params={"origin": "WH", "destination": "STA", "kg": "2", "litres": "4"})
    assert told.status_code == 200, told.text
    ways = told.json()["ways"]
    assert {b for w in ways for b in w["best_in"]} == {"earliest", "cheapest", "cleanest"}
    for way in ways:
        assert (way["legs"][0]["from_facility"], way["legs"][-1]["to_facility"]) == ("WH", "STA")
    without = api.get(
        "network/ways", params={"origin": "WH", "destination": "STA", "avoid": ["air", "belly"]}
    )
    assert all(
        leg["mode"] not in ("air", "belly") for w in without.json().get("ways", ()) for leg in w["legs"]
    )
    for wrong, where in (
        ({"origin": "Nowhere, MA"}, "#/origin"),
        ({"origin": "nobody"}, "#/origin"),
        ({"destination": ""}, "#/query/destination"),
    ):
        refused = api.get("network/ways", params={"origin": "WH", "destination": "STA", **wrong})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == where
        assert refused.json()["errors"][0]["remedy"]
    assert (
        api.get(
            "network/ways", params={"origin": "WH", "destination": "STA", "goods": ["ghosts"]}
        ).status_code
        == 422
    )
    assert (
        api.get(
            "network/ways", params={"origin": "WH", "destination": "STA", "ready": "9999-12-31T00:00"}
        ).status_code
        == 422
    )


def test_whoever_has_a_key_may_ask_what_it_opens(api: TestClient, login: Login) -> None:
    assert api.get("account").status_code == 401
    told = login("offers:read").get("account").json()
    assert told["scopes"] == ["offers:read"]
    assert told["kind"] == "merchant"
