"""Filing complaints and following them up. Each runs in the caller's transaction, and each step goes to the log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from qafila.core.fault import Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.openness import openness_recording, openness_terms
from qafila.openness import store as log
from qafila.openness.complaints import complaints_messages as m
from qafila.openness.complaints import model, store
from qafila.openness.complaints.model import Complaint, Step
from qafila.openness.merchant_events import COMPLAINT_EVENTS, tell
from qafila.openness.model import Decision
from qafila.runtime.events.envelope import Source

KIND = "openness.complaint"


class NotYours(Fault):
    """A step of a complaint that is for the other side."""

    kind = "forbidden"


def file(
    connection: Connection, owner: str, topic: str, words: str, subject: str, by: str, now: datetime
) -> Complaint:
    """Files a complaint.

    Args:
        connection: as the tenant who files it.
        owner: that tenant.
        topic: what it is about.
        words: what it says.
        subject: the id of an order, a booking, a suspension; or empty.
        by: who files it.
        now: when.

    Raises:
        UnfitComplaint: the topic is not known, or nothing is said, or too much.
    """
    in_force = openness_terms.in_force(now, log.published(connection))
    made = model.filed(new_id("cmp"), owner, topic, subject, words, by, now, in_force)
    store.insert(connection, made)
    said = {"complaint": made.id, "step": "filed", "topic": topic, "answer_by": made.answer_by.isoformat()}
    hidden = {"words": made.words, "subject": made.subject, "by": by}
    personal = frozenset({"words", "by"})
    openness_recording.record(connection, [Decision(KIND, made.id, now, said, hidden, owner, personal)])
    return made


def find(connection: Connection, id: str) -> Complaint:
    """A complaint that the connection's role sees. Raises NotFound."""
    found = store.find(connection, id)
    if found is None:
        raise NotFound(m.UNKNOWN(id=id), field="id", value=id)
    return found


def follow(
    connection: Connection,
    id: str,
    step: str,
    words: str,
    outcome: str,
    by: str,
    of_the_hub: bool,
    now: datetime,
    source: Source,
) -> Complaint:
    """Adds a step; the merchant is told of those that the hub takes.

    Args:
        connection: as the operator, or as the tenant who filed it.
        id: the complaint.
        step: acknowledged, asked, answered (by the hub); told, withdrawn, taken_further (by who filed it).
        words: what is said; of an answer the reasons.
        outcome: of an answer.
        by: who takes it.
        of_the_hub: whether the hub does.
        now: when.
        source: who reports the event.

    Raises:
        NotFound: there is no such complaint.
        NotYours: the step is for the other side.
        UnfitComplaint, Conflict: see `model.follow`.
    """
    store.lock(connection, id)
    complaint = find(connection, id)
    mine = model.OF_THE_HUB if of_the_hub else model.OF_THE_OWNER
    if step not in mine and step in model.OF_THE_HUB | model.OF_THE_OWNER:
        raise NotYours(m.NOT_YOURS(), field="step", value=step)
    taken = model.follow(complaint, step, words, outcome, by, now)
    store.add(connection, complaint.owner, id, taken)
    openness_recording.record(connection, [_decision(complaint, taken)])
    if step in COMPLAINT_EVENTS:
        tell(
            connection,
            COMPLAINT_EVENTS[step],
            [complaint.owner],
            now,
            source,
            {"complaint": id, "outcome": taken.outcome},
        )
    return find(connection, id)


def _decision(complaint: Complaint, step: Step) -> Decision:
    said = {
        "complaint": complaint.id,
        "step": step.step,
        "topic": complaint.topic,
        "answer_by": complaint.answer_by.isoformat(),
    }
    if step.outcome:
        said["outcome"] = step.outcome
    hidden = {"words": step.words, "by": step.by}
    return Decision(KIND, complaint.id, step.at, said, hidden, complaint.owner, frozenset({"words", "by"}))
