"""What a complaint is and what may follow in it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from qafila.core.fault import Conflict, Fault
from qafila.core.values import value
from qafila.openness.complaints import complaints_messages as m
from qafila.openness.openness_rules import rules
from qafila.openness.openness_terms import Terms

TOPICS = (
    "price", "refusal", "ranking", "capacity", "delay", "loss_or_damage", "suspension", "terms", "data", "technical", "other",
)  # fmt: skip
"""What a complaint can be about."""
OUTCOMES = ("upheld", "partly_upheld", "rejected")
"""What can come of it."""
LONGEST = 10_000
"""Letters of what is said."""


class UnfitComplaint(Fault):
    """A complaint or a step of it cannot be taken as it is."""


@value
class Step:
    """Something that happened in a complaint.

    Attributes:
        step: acknowledged, asked (the hub asks for more), told (the merchant adds), answered, withdrawn, taken_further.
        at: when.
        by: who.
        outcome: of an answer; else empty.
        words: what was said: of an answer the reasons.
    """

    step: str
    at: datetime
    by: str
    outcome: str
    words: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint and all that happened in it.

    Attributes:
        owner: the tenant who filed it.
        topic: one of TOPICS.
        subject: the id of what it is about, such as an order, a booking or a suspension; may be empty.
        acknowledge_by: by when it is acknowledged.
        answer_by: by when it is answered with reasons.
    """

    id: str
    owner: str
    topic: str
    subject: str
    words: str
    filed_at: datetime
    filed_by: str
    acknowledge_by: datetime
    answer_by: datetime
    steps: tuple[Step, ...] = ()

    @property
    def state(self) -> str:
        """filed, acknowledged, answered, withdrawn or taken_further."""
        last = [one.step for one in self.steps if one.step not in ("asked", "told")]
        return last[-1] if last else "filed"

    @property
    def answer(self) -> Step | None:
        """The last answer."""
        return next((one for one in reversed(self.steps) if one.step == "answered"), None)

    def late(self, now: datetime) -> bool:
        """Whether it was answered after its day, or is past it without an answer."""
        ends = [one.at for one in self.steps if one.step in ("answered", "withdrawn")]
        return (ends[0] if ends else now) > self.answer_by


_FOLLOWS = {
    "acknowledged": {"filed"},
    "asked": {"filed", "acknowledged"},
    "told": {"filed", "acknowledged"},
    "answered": {"filed", "acknowledged", "taken_further"},
    "withdrawn": {"filed", "acknowledged"},
    "taken_further": {"answered"},
}
OF_THE_HUB = frozenset({"acknowledged", "asked", "answered"})
OF_THE_OWNER = frozenset({"told", "withdrawn", "taken_further"})


def filed(
    id: str, owner: str, topic: str, subject: str, words: str, by: str, now: datetime, terms: Terms
) -> Complaint:
    """A new complaint, with the days that the published terms give the hub.

    Raises:
        UnfitComplaint: the topic is not known, or nothing is said, or too much.
    """
    if topic not in TOPICS:
        raise UnfitComplaint(
            m.NO_TOPIC(topic=topic), m.TOPICS_ARE(topics=", ".join(TOPICS)), field="topic", value=topic
        )
    said = _said(words)
    if len(subject) > 200:
        raise UnfitComplaint(m.TOO_LONG(most=200), field="subject")
    acknowledge = timedelta(days=rules()["complaint.acknowledge_within"].amount)
    answer = timedelta(days=int(terms.value("complaints", "answer_within")))
    return Complaint(id, owner, topic, subject.strip(), said, now, by, now + acknowledge, now + answer)


def follow(complaint: Complaint, step: str, words: str, outcome: str, by: str, now: datetime) -> Step:
    """The next step of a complaint.

    Raises:
        UnfitComplaint: an answer has no outcome or no reasons, or nothing is said where something must be.
        Conflict: the step cannot follow as the complaint stands.
    """
    if step not in _FOLLOWS:
        raise UnfitComplaint(
            m.NO_STEP(step=step), m.STEPS_ARE(steps=", ".join(_FOLLOWS)), field="step", value=step
        )
    if complaint.state not in _FOLLOWS[step]:
        raise Conflict(
            m.NOT_NOW(step=m.STEPS[step](), state=m.STATES[complaint.state]()), field="step", value=step
        )
    if step == "answered" and outcome not in OUTCOMES:
        raise UnfitComplaint(
            m.NO_OUTCOME(), m.OUTCOMES_ARE(outcomes=", ".join(OUTCOMES)), field="outcome", value=outcome
        )
    said = words.strip() if step in ("acknowledged", "withdrawn") else _said(words)
    return Step(step, now, by, outcome if step == "answered" else "", said)


def _said(words: str) -> str:
    said = words.strip()
    if not said:
        raise UnfitComplaint(m.NOTHING_SAID(), m.SAY_WHY(), field="words")
    if len(said) > LONGEST or "\0" in said:
        raise UnfitComplaint(m.TOO_LONG(most=LONGEST), field="words")
    return said
