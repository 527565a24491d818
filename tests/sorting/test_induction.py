"""Induction over the real database: news are heard, events are there once, a killed process loses nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from qafila.core.fault import NotFound
from qafila.core.message import Place
from qafila.runtime.database import administrator
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Event, Reporter, Source, Subject
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.sorting import sorting_setting_up, store
from qafila.sorting.induction import Induction, Line, induction
from qafila.sorting.journal import Journal
from qafila.sorting.model import By, Reading
from qafila.sorting.sorting_recording import Recorder, write
from tests.shipping.bookables import NOW
from tests.sorting.centres import booked, centre, heard, merchant, soon

HERE: Any = SimpleNamespace(
    network=SimpleNamespace(id="t", feed=SimpleNamespace(facility={})), clock=lambda: NOW
)


def bare(id: str) -> Place:
    return Place(id, id)


BY = By("local", station="line 1")


@pytest.fixture
def at_work() -> Induction:
    return induction()


def told(number: str) -> list[Event]:
    with administrator() as connection:
        return [
            e for e in histories.history(connection, Subject("parcel", number)) if e.time_kind == "actual"
        ]


def say(number: str, type: str, owner: str, minutes: int = 0) -> None:
    with administrator() as connection:
        made = event(
            EVENT_TYPES[type],
            Subject("parcel", number),
            NOW + timedelta(minutes=minutes),
            Source(Reporter.OPERATOR.value, "local", "desk"),
        )
        histories.append(connection, owner, [made])
    heard()


def planned(facility: str) -> None:
    shift = sorting_setting_up.Shift("night", NOW, NOW + timedelta(days=3))
    sorting_setting_up.make_plan(facility, shift, BY, NOW, seconds=1)


def test_a_parcel_that_was_booked_before_and_one_after_the_centre_was_set_up(at_work: Induction) -> None:
    of, here = merchant(), centre()
    first = booked(of, here.facility)[0]
    heard()
    planned(here.facility)
    line = Line(here.facility, bare, lambda: NOW)
    assert line.decide(Reading(first, NOW)).why == "plan"
    second = booked(of, here.facility)[0]
    assert line.decide(Reading(second, NOW)).why == "plan"  # though the projection has not heard of it
    heard()
    line.refresh()
    assert line._desk.expects(second) is not None


def test_what_is_set_up_later_knows_what_was_booked_before() -> None:
    of, here = merchant(), centre()
    number = booked(of, here.facility)[0]
    with administrator() as connection:
        connection.execute(text("DELETE FROM sort_expected WHERE parcel = :p"), {"p": number})
    assert sorting_setting_up.set_up(here, NOW) == 1
    with administrator() as connection:
        assert [e.next for e in store.expected(connection, here.facility, NOW)] == ["LYS"]
        assert store.flows(connection, here.facility, NOW, NOW + timedelta(days=3)) == {"LYS": 1}


def test_a_scan_is_in_the_history_once_and_within_a_second(at_work: Induction) -> None:
    of, here = merchant(), centre()
    number = booked(of, here.facility)[0]
    heard()
    planned(here.facility)
    line = at_work.line(here.facility, HERE)
    done = at_work.scan(line, [(Reading(number, NOW), "k1", "")] * 2, BY)
    assert at_work.recorder.wait(done[-1].number, 1.0)
    at_work.recorder.wait(at_work.scan(line, [(Reading(number, NOW), "k1", "")], BY)[0].number)
    events = [e for e in told(number) if e.type == "sorted"]
    assert [(e.facility, e.details["chute"], e.source.device) for e in events] == [
        (here.facility, "C0", "line 1")
    ]
    with administrator() as connection:
        counted = store.chute_counts(connection, here.facility, NOW - timedelta(1), NOW + timedelta(1))
    assert [(c.chute, c.parcels) for c in counted] == [("C0", 1)]


def test_customs_and_recalls_are_heard_and_end(at_work: Induction) -> None:
    of, here = merchant(), centre()
    number = booked(of, here.facility)[0]
    heard()
    planned(here.facility)
    line = Line(here.facility, bare, lambda: NOW)
    for type, minute, why in (
        ("customs_held", 1, "held"),
        ("customs_released", 2, "plan"),
        ("recalled", 3, "recalled"),
        ("customs_held", 2, "recalled"),
        ("recall_ended", 4, "plan"),
    ):
        say(number, type, of, minute)
        line.refresh()
        assert line.decide(Reading(number, NOW)).why == why, (type, minute)


def test_a_held_parcel_stays_held_in_its_history(at_work: Induction) -> None:
    of, here = merchant(), centre()
    number = booked(of, here.facility)[0]
    heard()
    say(number, "customs_held", of)
    line = at_work.line(here.facility, HERE)
    at_work.recorder.wait(at_work.scan(line, [(Reading(number, soon()), "", "")], BY)[0].number)
    assert [e.type for e in told(number)] == ["booked", "customs_held", "noted"]


def test_a_parcel_of_another_way_is_astray_and_its_history_says_where(at_work: Induction) -> None:
    of, here, there = merchant(), centre(), centre()
    number = booked(of, there.facility)[0]
    line = at_work.line(here.facility, HERE)
    done = at_work.scan(line, [(Reading(number, NOW), "", "")], BY)[0]
    assert (done.verdict.chute, done.verdict.why) == ("X7", "astray")
    at_work.recorder.wait(done.number)
    assert [(e.type, e.facility) for e in told(number) if e.type != "booked"] == [("seen", here.facility)]


def test_a_facility_that_does_not_sort_is_refused(at_work: Induction) -> None:
    with pytest.raises(NotFound):
        at_work.line("NOWHERE", HERE)


def test_what_a_killed_process_had_decided_is_written_by_the_next(tmp_path: Path) -> None:
    of, here = merchant(), centre()
    number = booked(of, here.facility)[0]
    row = {
        "facility": here.facility,
        "key": "before-the-kill",
        "owner": of,
        "code": number,
        "parcel": number,
        "chute": "C1",
        "why": "plan",
        "reason": {"id": "sorting.why.damaged"},
        "next": "LYS",
        "leg": 0,
        "plan": "",
        "station": "s",
        "at": NOW,
        "role": "qafila_operator",
        "tenant": "local",
        "corrected": "",
    }
    dead = tmp_path / "1-dead.jsonl"
    dead.write_bytes(orjson.dumps(row) + b"\n" + b'{"facility": "cut o')
    Recorder(tmp_path).close()
    assert not dead.exists()
    assert [e.type for e in told(number)] == ["booked", "sorted"]
    assert write([row]) == 0  # and once only


def test_a_journal_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    living = Journal(tmp_path)
    living.add([{"key": 1}])
    other = Journal(tmp_path)
    assert list(other.left_behind()) == []
    living.done(1)
    living.close()
    other.close()
    assert list(tmp_path.iterdir()) == []


def test_a_scan_that_the_database_refuses_does_not_hold_up_the_others(tmp_path: Path) -> None:
    of, here = merchant(), centre()
    number = booked(of, here.facility)[0]
    row = {
        "facility": here.facility,
        "key": "good",
        "owner": of,
        "code": number,
        "parcel": number,
        "chute": "C1",
        "why": "plan",
        "reason": {"id": "sorting.why.damaged"},
        "next": "LYS",
        "leg": 0,
        "plan": "",
        "station": "s",
        "at": NOW,
        "role": "qafila_operator",
        "tenant": "local",
        "corrected": "",
    }
    recorder = Recorder(tmp_path)
    number_ = recorder.add([{**row, "key": "bad", "owner": "nobody"}, row])
    assert recorder.wait(number_, 5)
    recorder.close()
    assert [e.type for e in told(number)] == ["booked", "sorted"]


def test_decisions_on_expected_parcels_do_not_ask_the_database(at_work: Induction) -> None:
    of, here = merchant(), centre()
    number = booked(of, here.facility)[0]
    heard()
    line = Line(here.facility, bare, lambda: NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qafila.sorting.induction.acting_as", lambda *_: pytest.fail("it asked the database"))
        assert line.decide(Reading(number, NOW)).parcel == number
