"""Certificates: a lesson that is done is told to the real hub's log; the paper names the entry, and anybody can check it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qafila.context import Context
from qafila.core.fault import Conflict
from qafila.core.identifiers.own import new_id
from qafila.openness import openness_recording
from qafila.openness.model import Decision
from qafila.practice import practice_checks
from qafila.practice import practice_messages as m
from qafila.practice.place import Place
from qafila.practice.practice_checks import Found
from qafila.runtime.database import merchant_transaction
from qafila.runtime.runtime_pages import typeset


class NotDone(Conflict):
    """A step of the lesson is open or wrong."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on a certificate, in its reader's language."""

    language: str
    rtl: bool
    title: str
    name: str
    said: str
    lesson: str
    day: str
    id: str
    how: str


KIND = "practice.certificate"


def earn(place: Place, hub: Context, tenant: str, name: str) -> tuple[str, str]:
    """Records that the lesson under way is done, once; the lesson's id and the certificate's.

    The log shows the lesson and the day; the learner's name is hidden behind a commitment, which his receipt opens.

    Args:
        place: the learner's.
        hub: the real hub's surroundings.
        tenant: the learner's real organisation, which holds what opens the commitment.
        name: his name.

    Raises:
        NotDone: a step is open or wrong.
    """
    found = practice_checks.judged(place, hub)
    if found is None or any(one is not Found.DONE for one in found[1]):
        raise NotDone(m.NOT_DONE(), m.DO_STEPS())
    lesson, _ = found
    state = place.state()
    assert state is not None
    if lesson.id in state.passed:
        return lesson.id, state.passed[lesson.id]
    id, now = new_id("crt"), hub.now()
    decision = Decision(
        kind=KIND,
        subject=id,
        at=now,
        said={"certificate": id, "lesson": lesson.id, "role": lesson.role, "steps": len(lesson.steps)},
        hidden={"name": name},
        owner=tenant,
        personal=frozenset({"name"}),
    )
    with merchant_transaction(tenant) as connection:
        openness_recording.record(connection, [decision])
    place.keep(replace(state, passed={**state.passed, lesson.id: id}))
    return lesson.id, id


def pdf(paper: Paper) -> bytes:
    """The certificate as PDF. Raises FontsMissing."""
    data = {name: getattr(paper, name) for name in Paper.__slots__}
    return typeset("qafila.practice", "certificate.typ", data)
