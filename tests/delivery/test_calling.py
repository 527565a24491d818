"""Before the door: a call with its outcome, and what follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from qafila.core.fault import Conflict, Fault
from qafila.delivery import notices
from qafila.delivery.model import State
from qafila.runtime.database import administrator
from qafila.runtime.events import store as history
from tests.delivery.stations import DAY, Station
from tests.delivery.test_delivery_points import in_locker

LATER = DAY + timedelta(days=2)


def calls(station: Station, number: str) -> list[dict[str, Any]]:
    """What the history says of calls."""
    with administrator() as connection:
        return [
            dict(e.details)
            for e in history.histories(connection, [number])[number]
            if e.type == "buyer_called"
        ]


def sent(station: Station, number: str) -> list[dict[str, Any]]:
    """Messages to the buyer and the merchant."""
    with administrator() as connection:
        return [n for n in notices.of_parcel(connection, number) if n["kind"] == "confirm"]


def test_who_confirms_is_known_to_be_there_and_stays_on_the_round() -> None:
    station = Station()
    number = station.out()
    done = station.do("call", f"call:{number}", parcel=number, answer="confirmed")
    again = station.do("call", f"call:{number}", parcel=number, answer="confirmed")
    delivery = station.delivery(number)
    assert (done["state"], again["repeated"], delivery.state) == ("out", True, State.OUT)
    assert delivery.confirmed_at == station.now
    assert (delivery.called, len(calls(station, number))) == ("confirmed", 1)
    assert sent(station, number) == []


@pytest.mark.parametrize("out", [False, True])
def test_another_day_leaves_the_round_and_is_no_attempt(out: bool) -> None:
    station = Station()
    if out:
        number = station.out()
    else:
        number = station.parcel()
        station.plan()
    station.do("call", parcel=number, answer="other_day", day=LATER.isoformat())
    delivery = station.delivery(number)
    assert (delivery.day, delivery.attempts, delivery.round_id) == (LATER, 0, "")
    assert delivery.state is (State.FAILED if out else State.OPEN)
    assert calls(station, number)[0] | {"round": ""} == {
        "answer": "other_day",
        "day": LATER.isoformat(),
        "round": "",
    }
    assert station.status(number).state.value == ("delivery_failed" if out else "at_facility")


@pytest.mark.parametrize("answer", ["no_answer", "wrong_number"])
def test_who_cannot_be_reached_gets_a_link_to_answer(answer: str) -> None:
    station = Station()
    number = station.parcel()
    station.plan()
    station.do("call", parcel=number, answer=answer)
    (message, *_) = sent(station, number)
    delivery = station.delivery(number)
    assert f"/d/{delivery.token}" in str(message["body"])
    assert (delivery.state, delivery.called, delivery.confirmed_at) == (State.PLANNED, answer, None)


def test_what_cannot_be_is_refused_with_what_can() -> None:
    station = Station()
    number = station.out()
    for told in (
        {"answer": "maybe"},
        {"answer": ""},
        {"answer": "other_day"},
        {"answer": "other_day", "day": "soon"},
        {"answer": "other_day", "day": DAY.isoformat()},
    ):
        with pytest.raises(Fault):
            station.do("call", parcel=number, **told)
    assert calls(station, number) == []
    station.compartments((400, 300, 200))
    waiting = in_locker(station)
    with pytest.raises(Conflict, match="pick-up point"):
        station.do("call", parcel=waiting, answer="confirmed")
