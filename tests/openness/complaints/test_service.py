"""Complaints from the filing to the answer, in the log and in the merchant's history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.openness import store as log
from qafila.openness.complaints import model, service, store
from qafila.openness.complaints.model import Complaint, UnfitComplaint
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events.envelope import Reporter, Source, SubjectKind
from qafila.runtime.events.store import histories
from tests.openness.logs import AT, fresh_log
from tests.web.visitors import tenant

HUB = Source(Reporter.OPERATOR.value, "local", "")


@pytest.fixture(autouse=True)
def _log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with fresh_log(tmp_path, monkeypatch):
        yield


def filed(owner: str, words: str = "It came late.") -> Complaint:
    with acting_as(Role.MERCHANT, owner) as connection:
        return service.file(connection, owner, "delay", words, "A-1", "Amina", AT)


def by_hub(id: str, step: str, words: str = "", outcome: str = "", days: float = 1) -> Complaint:
    with acting_as(Role.OPERATOR) as connection:
        return service.follow(
            connection, id, step, words, outcome, "Nadia", True, AT + timedelta(days=days), HUB
        )


def by_owner(owner: str, id: str, step: str, words: str = "") -> Complaint:
    with acting_as(Role.MERCHANT, owner) as connection:
        return service.follow(
            connection,
            id,
            step,
            words,
            "",
            "Amina",
            False,
            AT + timedelta(days=2),
            Source(Reporter.MERCHANT.value, owner),
        )


def test_the_days_come_from_the_terms_and_each_step_goes_to_the_log_without_its_words() -> None:
    souk = tenant().id
    one = filed(souk)
    assert (one.acknowledge_by, one.answer_by) == (AT + timedelta(days=2), AT + timedelta(days=15))
    by_hub(one.id, "acknowledged")
    by_owner(souk, one.id, "told", "By nine days.")
    done = by_hub(one.id, "answered", "It missed the ship; freight is paid back.", "upheld", days=3)
    assert (done.state, done.late(AT + timedelta(days=99))) == ("answered", False)
    assert [step.step for step in done.steps] == ["acknowledged", "told", "answered"]
    with acting_as(Role.MERCHANT, souk) as connection:
        entries = log.about(connection, one.id)
        seen = histories(connection, [souk], SubjectKind.MERCHANT)
    assert [json.loads(entry.entry)["said"]["step"] for entry in entries] == [
        "filed",
        "acknowledged",
        "told",
        "answered",
    ]
    assert not any(
        b"late" in entry.entry or b"Amina" in entry.entry or souk.encode() in entry.entry for entry in entries
    )
    assert [event.type for event in seen[souk]] == ["complaint_acknowledged", "complaint_answered"]
    assert seen[souk][1].details == {"complaint": one.id, "outcome": "upheld"}


def test_an_answer_needs_an_outcome_and_reasons() -> None:
    one = filed(tenant().id)
    with pytest.raises(UnfitComplaint):
        by_hub(one.id, "answered", "Because.", "")
    with pytest.raises(UnfitComplaint):
        by_hub(one.id, "answered", "  ", "rejected")
    with pytest.raises(UnfitComplaint):
        filed(tenant().id, " \n ")


def test_steps_follow_one_another_and_each_side_takes_its_own() -> None:
    souk = tenant().id
    one = filed(souk)
    with pytest.raises(Fault, match="other side"):
        by_owner(souk, one.id, "answered", "I am right.")
    with pytest.raises(Fault, match="other side"):
        by_hub(one.id, "withdrawn")
    with pytest.raises(Conflict):
        by_owner(souk, one.id, "taken_further", "At once.")
    by_hub(one.id, "answered", "No.", "rejected")
    with pytest.raises(Conflict):
        by_hub(one.id, "answered", "Still no.", "rejected")
    by_owner(souk, one.id, "taken_further", "Look at the picture.")
    assert by_hub(one.id, "answered", "Indeed.", "upheld", days=4).state == "answered"


def test_nobody_sees_a_complaint_of_others_and_the_regulator_sees_and_writes_nothing() -> None:
    one = filed(tenant().id)
    other = tenant().id
    with pytest.raises(NotFound):
        by_owner(other, one.id, "told", "Me too.")
    with acting_as(Role.REGULATOR) as connection:
        assert service.find(connection, one.id).words == "It came late."
    with pytest.raises(ProgrammingError), acting_as(Role.REGULATOR) as connection:
        service.follow(connection, one.id, "answered", "x", "rejected", "x", True, AT, HUB)


def test_late_ones_are_late_and_the_most_urgent_wait_first() -> None:
    souk = tenant().id
    first = filed(souk)
    with acting_as(Role.MERCHANT, souk) as connection:
        second = service.file(connection, souk, "price", "Too dear.", "", "Amina", AT - timedelta(days=20))
    assert second.late(AT)
    assert not first.late(AT)
    with acting_as(Role.MERCHANT, souk) as connection:
        assert [one.id for one in store.newest(connection, open_only=True)] == [second.id, first.id]
    done = by_hub(second.id, "answered", "Sorry.", "upheld")
    assert done.late(AT)
    with acting_as(Role.MERCHANT, souk) as connection:
        assert [one.id for one in store.newest(connection, open_only=True)] == [first.id]


def test_every_topic_and_step_has_words() -> None:
    from qafila.openness.complaints import complaints_messages

    assert set(complaints_messages.TOPICS) == set(model.TOPICS)
    assert set(complaints_messages.OUTCOMES) == set(model.OUTCOMES)
    assert set(complaints_messages.STEPS) == model.OF_THE_HUB | model.OF_THE_OWNER
