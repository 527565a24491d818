from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi.testclient import TestClient
from sqlalchemy import text

from qafila.core.identifiers import s10
from qafila.runtime.database import administrator
from tests.api.conftest import Clock, Login, booked, order
from tests.api.test_offers import problem


def test_a_booking_can_be_read_from_every_side(login: Login) -> None:
    souk = login()
    made = booked(souk, id="A-1")
    assert (made["state"], made["order_id"]) == ("booked", "A-1")
    assert all(s10.is_valid(n) for n in made["parcels"])
    assert souk.get(f"bookings/{made['id']}").json() == made
    shipment = souk.get(f"shipments/{made['shipment_id']}").json()
    assert shipment["recipient"]["name"] == "Amélie Roux"
    assert shipment["booked_offer"]["id"] == made["offer_id"]
    assert shipment["contents"][0]["status"]["state"] == "booked"
    parcel = souk.get(f"parcels/{made['parcels'][0]}").json()
    assert (parcel["weight_kg"], parcel["shipment_id"]) == ("1", made["shipment_id"])


def test_booking_again_is_the_same_booking(login: Login) -> None:
    souk = login()
    offer = souk.post("offers", json=order()).json()["offers"][0]["id"]
    first = souk.post("bookings", json={"offer_id": offer})
    again = souk.post("bookings", json={"offer_id": offer})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["location"] == f"bookings/{first.json()['id']}"


def test_many_at_once_with_one_key_make_one_booking(login: Login) -> None:
    souk = login()
    offer = souk.post("offers", json=order()).json()["offers"][0]["id"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: souk.post("bookings", json={"offer_id": offer}, headers={"Idempotency-Key": "k"}),
                range(8),
            )
        )
    assert sorted(a.status_code for a in answers) == [200] * 7 + [201]
    assert len({a.json()["id"] for a in answers}) == 1


def test_a_key_for_another_offer_is_a_conflict(login: Login) -> None:
    souk = login()
    key = {"Idempotency-Key": "k"}
    offers = [souk.post("offers", json=order()).json()["offers"][0]["id"] for _ in range(2)]
    souk.post("bookings", json={"offer_id": offers[0]}, headers=key)
    problem(souk.post("bookings", json={"offer_id": offers[1]}, headers=key), 409, "key-reused")


def test_an_order_is_not_booked_by_two_offers(login: Login) -> None:
    souk = login()
    offers = souk.post("offers", json=order()).json()["offers"]
    assert len(offers) > 1
    souk.post("bookings", json={"offer_id": offers[0]["id"]})
    problem(souk.post("bookings", json={"offer_id": offers[1]["id"]}), 409, "already-booked")


def test_an_offer_expires(login: Login, moment: Clock) -> None:
    souk = login()
    offer = souk.post("offers", json=order()).json()["offers"][0]["id"]
    moment.later(days=20)
    body = problem(souk.post("bookings", json={"offer_id": offer}), 410, "offer-expired")
    assert "new offer" in body["remedy"]


def test_cancelling_is_done_once_and_not_after_collection(
    login: Login, moment: Clock, carrier_says: Callable[..., None]
) -> None:
    souk = login()
    made = booked(souk)
    gone = souk.delete(f"bookings/{made['id']}")
    assert (gone.status_code, gone.json()["state"]) == (200, "cancelled")
    assert souk.delete(f"bookings/{made['id']}").json() == gone.json()
    assert souk.get(f"parcels/{made['parcels'][0]}").json()["status"]["state"] == "cancelled"
    other = booked(souk)
    moment.later(minutes=5)
    carrier_says(other["parcels"][0], "collected", moment.now)
    problem(souk.delete(f"bookings/{other['id']}"), 409, "not-cancellable")


def test_a_missed_connection_is_booked_on_once(
    login: Login, moment: Clock, carrier_says: Callable[..., None]
) -> None:
    souk = login()
    made = booked(souk)
    same = souk.post(f"bookings/{made['id']}/rebook")
    assert (same.status_code, same.json()["rebooked"], same.json()["legs"]) == (200, False, [])
    shipment = souk.get(f"shipments/{made['shipment_id']}").json()
    promise = shipment["promise"]
    assert (promise["by"], promise["standing"], promise["days_late"]) == (made["promise_by"], "holds", 0)
    first, *rest = shipment["booked_offer"]["legs"]
    moment.now = datetime.fromisoformat(rest[0]["board_by"]) + timedelta(days=1)
    carrier_says(made["parcels"][0], "arrived", moment.now, first["to_facility"])
    assert souk.get(f"parcels/{made['parcels'][0]}").json()["status"]["missed_connection"]
    told = souk.post(f"bookings/{made['id']}/rebook").json()
    assert told["rebooked"]
    paris = ZoneInfo("Europe/Paris")
    days = [
        datetime.fromisoformat(told["promise"][end]).astimezone(paris).date() for end in ("by", "arrival")
    ]
    assert told["promise"]["arrival"] == told["arrival"]
    assert told["promise"]["days_late"] == (days[1] - days[0]).days >= 1
    assert told["promise"]["standing"] == "late"
    assert souk.get(f"shipments/{made['shipment_id']}").json()["promise"] == told["promise"]
    assert datetime.fromisoformat(told["legs"][0]["board_by"]) >= moment.now
    seen = souk.get(f"parcels/{made['parcels'][0]}").json()["status"]
    assert seen["missed_connection"] is None
    assert seen["eta"] == told["arrival"]
    ways = souk.get(f"shipments/{made['shipment_id']}").json()["booked_offer"]["legs"]
    assert ways == [first, *told["legs"]]
    again = souk.post(f"bookings/{made['id']}/rebook").json()
    assert (again["rebooked"], again["booking"]) == (False, told["booking"])
    problem(login().post(f"bookings/{made['id']}/rebook"), 404, "not-found")


def test_what_was_cancelled_is_booked_again_only_when_it_is_meant(login: Login, moment: Clock) -> None:
    souk = login()
    asked = order()
    offer = souk.post("offers", json=asked).json()["offers"][0]["id"]
    first = souk.post("bookings", json={"offer_id": offer}).json()
    souk.delete(f"bookings/{first['id']}")
    refused = problem(souk.post("bookings", json={"offer_id": offer}), 409, "booking-cancelled")
    assert first["id"] in refused["detail"]
    assert "new offer" in refused["remedy"]
    anew = souk.post("bookings", json={"offer_id": offer}, headers={"Idempotency-Key": "again"})
    assert (anew.status_code, anew.json()["state"]) == (201, "booked")
    assert anew.json()["id"] != first["id"]
    souk.delete(f"bookings/{anew.json()['id']}")
    moment.later(seconds=1)
    fresh = souk.post("offers", json=asked).json()["offers"][0]["id"]
    assert souk.post("bookings", json={"offer_id": fresh}).status_code == 201


def test_lists_are_paged_newest_first(login: Login) -> None:
    souk = login()
    made = [booked(souk)["id"] for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    pages = 0
    while pages == 0 or cursor is not None:
        page = souk.get("bookings", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [b["id"] for b in page["items"]]
        cursor, pages = page["next"], pages + 1
    assert sorted(seen) == sorted(made)
    assert pages == 3
    assert [s["booking_id"] for s in souk.get("shipments").json()["items"]] == seen
    assert {n for p in souk.get("parcels").json()["items"] for n in [p["number"]]}
    problem(souk.get("bookings", params={"cursor": "!"}), 422, "invalid-request")
    problem(souk.get("bookings", params={"limit": 0}), 422, "invalid-request")


def test_one_merchant_never_sees_anothers(login: Login) -> None:
    souk, rival = login(), login()
    made = booked(souk)
    number = made["parcels"][0]
    for address in (
        f"offers/{made['offer_id']}",
        f"bookings/{made['id']}",
        f"shipments/{made['shipment_id']}",
        f"parcels/{number}",
        f"parcels/{number}/events",
        f"parcels/{number}/epcis",
    ):
        assert souk.get(address).status_code == 200, address
        problem(rival.get(address), 404, "not-found")
    problem(rival.delete(f"bookings/{made['id']}"), 404, "not-found")
    problem(rival.post("bookings", json={"offer_id": made["offer_id"]}), 404, "not-found")
    for address in ("bookings", "shipments", "parcels", "events"):
        assert rival.get(address).json()["items"] == []


def test_keys_open_what_their_scopes_say(api: TestClient, login: Login) -> None:
    body = problem(api.get("bookings"), 401, "unauthorized")
    assert body["instance"] == "/api/v1/bookings"
    assert api.get("bookings").headers["www-authenticate"].startswith("Bearer")
    problem(api.get("bookings", headers={"Authorization": "Bearer key_x.y"}), 401, "unauthorized")
    reader = login("bookings:read")
    assert reader.get("bookings").status_code == 200
    for answer in (
        reader.post("offers", json=order()),
        reader.post("bookings", json={"offer_id": "x"}),
        reader.post("events", json={"events": []}),
        reader.get("events"),
    ):
        assert problem(answer, 403, "insufficient-scope")["scope"]


def test_unknown_addresses_and_methods_are_problems_too(api: TestClient) -> None:
    problem(api.get("nothing"), 404, "not-found")
    problem(api.put("network"), 405, "method-not-allowed")
    kind = api.get("problems/full").json()
    assert (kind["status"], kind["code"]) == (409, "full")
    problem(api.get("problems/none"), 404, "not-found")


def test_a_body_that_is_too_large_is_refused(login: Login) -> None:
    sent = login().post(
        "offers", content=b" " * (21 * 1024 * 1024), headers={"content-type": "application/json"}
    )
    problem(sent, 413, "too-large")


def test_buyers_at_once_for_a_full_truck_end_on_the_next(login: Login) -> None:
    """40 buyers hold the same offer; the last truck of that day has room for ten of their kilograms."""
    souk = login()
    offers = [souk.post("offers", json=order(f"B-{n}")).json()["offers"][0] for n in range(40)]
    truck = offers[0]["legs"][-1]
    key = {"s": truck["service"], "d": (date.fromisoformat(truck["day"]) - date(1970, 1, 1)).days}
    with administrator() as connection:
        connection.execute(
            text(
                "INSERT INTO capacity VALUES (:s, :d, 0, 900000, 10000000, 890000, 0) "
                "ON CONFLICT (service_id, service_day, call) DO UPDATE SET taken_g = 890000"
            ),
            key,
        )
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(
                lambda o: souk.post("bookings", json={"offer_id": o["id"], "or_next_best": True}), offers
            )
        )
    try:
        assert [a.status_code for a in answers] == [201] * 40
        assert len({n for a in answers for n in a.json()["parcels"]}) == 40
        ends = Counter(
            souk.get(f"shipments/{a.json()['shipment_id']}").json()["booked_offer"]["legs"][-1]["day"]
            for a in answers
        )
        assert ends[truck["day"]] == 10
        assert sum(ends.values()) == 40
        assert sorted(ends)[0] == truck["day"]
    finally:
        with administrator() as connection:
            connection.execute(
                text("UPDATE capacity SET taken_g = 0 WHERE service_id = :s"), {"s": truck["service"]}
            )
