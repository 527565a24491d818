"""Every fault of a request names its field, says why in plain words, and what to write instead."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.api.conftest import Clock, Login, booked, order
from tests.api.test_offers import problem

_JARGON = re.compile(r"Input|String|should|validation|\^|Unicode escape|PostgreSQL|Traceback", re.IGNORECASE)
_ZERO = {"detail": "It holds a zero character (U+0000).", "remedy": "Take that character out."}


def changed(path: str, value: Any) -> dict[str, Any]:
    """An order with one value changed, by its pointer."""
    made = order()
    here: Any = made
    *parts, last = [int(p) if p.isdigit() else p for p in path.removeprefix("#/").split("/")]
    for part in parts:
        here = here[part]
    here[last] = value
    return made


@pytest.mark.parametrize(
    ("pointer", "value", "remedy"),
    [
        ("#/ready_at", "soon", "Write a time as 2026-11-30T14:00:00+01:00. Or: Write a day as 2026-11-30."),
        ("#/promise_by", "2026-02-30", "Write a day as 2026-11-30."),
        ("#/id", "", "Fill it in: 1 or more characters."),
        ("#/items/0/quantity", "x", "Write a whole number."),
        ("#/items/0/quantity", 1.5, "Write a whole number."),
        ("#/items/0/quantity", 0, "Write 1 or more."),
        ("#/items/0/weight_kg", 0, "Write a number above 0."),
        ("#/items/0/weight_kg", "1.2345678", "Write at most 6 decimals."),
        ("#/items/0/weight_kg", "heavy", "Write a number, such as 12.50."),
        ("#/items/0/unit_value", 5, "Write it in braces: { … }."),
        ("#/items/0/unit_value/currency", "eur", "Write three capital letters, such as EUR."),
        ("#/items", "x", "Put it in brackets: [ … ]."),
        ("#/items", [], "Give at least 1."),
        ("#/rule", "best", "Write 'cheapest', 'fastest', 'greenest' or 'promise'."),
        ("#/insured", "perhaps", "Write true or false."),
        ("#/colour", "red", "Check its spelling, or leave it out."),
        ("#/receiver", None, "Write it in braces: { … }."),
        ("#/receiver/name", "x" * 200, "Write at most 120 characters."),
        ("#/items/0/title", 5, "Write it in quotation marks."),
        ("#/note", "a\0b", _ZERO["remedy"]),
        ("#/receiver/name", "\0", _ZERO["remedy"]),
        ("#/items/0/sku", "\0", _ZERO["remedy"]),
        ("#/ready_at", "9999-12-31", "Ship it nearer the day: departures can be booked 42 days ahead."),
        ("#/ready_at", "9999-12-31T23:59:59-14:00", "Write it as 2026-11-30 or 2026-11-30T14:00."),
    ],
)
def test_a_fault_of_an_order_is_said_in_plain_words(
    login: Login, pointer: str, value: Any, remedy: str
) -> None:
    body = problem(login().post("offers", json=changed(pointer, value)), 422, "invalid-request")
    (error,) = body["errors"]
    assert (error["pointer"], error["remedy"]) == (pointer, remedy)
    assert not _JARGON.search(error["detail"])


def test_what_is_missing_is_named_where_it_belongs(login: Login) -> None:
    asked = order()
    del asked["sender"], asked["items"][0]["title"]
    errors = problem(login().post("offers", json=asked), 422, "invalid-request")["errors"]
    assert [e["pointer"] for e in errors] == ["#/sender", "#/items/0/title"]
    assert {e["detail"] for e in errors} == {"It is missing."}


@pytest.mark.parametrize("sent", [b"[]", b"null", b'"x"', b"", b"{"])
def test_a_body_of_another_kind_is_told(login: Login, sent: bytes) -> None:
    answer = login().post("bookings", content=sent, headers={"content-type": "application/json"})
    (error,) = problem(answer, 422, "invalid-request")["errors"]
    assert error["pointer"] == "#/"
    assert error["remedy"]


def test_the_end_of_the_calendar_is_a_problem_and_no_failure(login: Login, moment: Clock) -> None:
    souk = login()
    due = {
        "from": "CN",
        "to": "MA",
        "date": "9999-12-31",
        "goods": [{"hs": "610910", "value": {"amount": "9", "currency": "EUR"}}],
    }
    (error,) = problem(souk.post("customs/duty", json=due), 422, "invalid-request")["errors"]
    assert error["pointer"] == "#/date"
    assert error["remedy"]
    number = booked(souk)["parcels"][0]
    seen = {"parcel": number, "type": "handed_over", "time": "9999-12-31T23:59:59-14:00"}
    (result,) = souk.post("events", json={"events": [seen]}).json()["results"]
    assert result["result"] == "refused"
    assert result["errors"][0]["pointer"] == "#/events/0/time"


def test_zero_characters_are_told_wherever_they_stand(login: Login, moment: Clock) -> None:
    souk = login()
    event = {
        "parcel": "HA000000014MA",
        "type": "handed_over",
        "time": moment.now.isoformat(),
        "details": {"a": "\0"},
    }
    for answer, pointer in (
        (souk.post("bookings", json={"offer_id": "\0"}), "#/offer_id"),
        (souk.post("events", json={"events": [event]}), "#/events/0/details"),
        (souk.get("bookings", params={"order_id": "\0"}), "#/query/order_id"),
        (souk.get("bookings/%00"), "#/path/booking_id"),
        (souk.post("customs/decisions", json={"title": "a\0", "hs6": "610910", "by": "x"}), "#/title"),
    ):
        assert problem(answer, 422, "invalid-request")["errors"] == [{"pointer": pointer, **_ZERO}], pointer


def test_a_declaration_with_a_zero_character_is_told_without_the_databases_words(login: Login) -> None:
    sent = {"procedure": "bonded", "territory": "MA", "parcel": "CQ473124829MA", "warehouse": "a\0b"}
    body = problem(login().post("declarations", json=sent), 422, "invalid-request")
    assert not _JARGON.search(json.dumps(body))
    assert "zero character" in body["remedy"]
