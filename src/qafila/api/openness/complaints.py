"""/complaints: filed by who is concerned, answered by the hub with reasons by a stated day, read by the regulator."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from qafila.api.chassis.api_asking import Now
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import In, shown
from qafila.api.chassis.paging import Cursor, Limit, Page, decode, encode
from qafila.api.chassis.problems import responses
from qafila.openness.complaints import service, store
from qafila.openness.complaints.model import LONGEST, Complaint
from qafila.openness.seeing import seeing
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind

router = APIRouter(prefix="/complaints", tags=["complaints"])
Reader = Annotated[Actor, Depends(requires("complaints:read"))]
Filer = Annotated[Actor, Depends(requires("complaints:write"))]
Answerer = Annotated[Actor, Depends(requires("complaints:answer"))]
_DENIED = ("unauthorized", "insufficient-scope")


class ComplaintIn(In):
    """A complaint. It costs nothing."""

    model_config = shown(
        {
            "topic": "refusal",
            "subject": "A-1001",
            "words": "The order was refused for its goods, which are books.",
        }
    )

    topic: str = Field(
        max_length=40,
        description="price, refusal, ranking, capacity, delay, loss_or_damage, suspension, terms, data, technical or other",
    )
    subject: str = Field(default="", max_length=200, description="id of an order, a booking, a suspension")
    words: str = Field(max_length=LONGEST)


class StepIn(In):
    """What follows in a complaint."""

    model_config = shown({"step": "withdrawn", "words": ""})

    step: Literal["acknowledged", "asked", "answered", "told", "withdrawn", "taken_further"]
    outcome: str = Field(
        default="", max_length=40, description="of an answer: upheld, partly_upheld or rejected"
    )
    words: str = Field(default="", max_length=LONGEST, description="of an answer: its reasons")


class StepOut(BaseModel):
    """Something that happened in a complaint."""

    step: str
    at: datetime
    by: str
    outcome: str
    words: str


class ComplaintOut(BaseModel):
    """A complaint as it stands."""

    id: str
    tenant: str
    topic: str
    subject: str
    words: str
    state: str = Field(description="filed, acknowledged, answered, withdrawn or taken_further")
    filed_at: datetime
    acknowledge_by: datetime
    answer_by: datetime
    late: bool
    steps: list[StepOut]


def _out(one: Complaint, now: datetime) -> ComplaintOut:
    return ComplaintOut(
        id=one.id,
        tenant=one.owner,
        topic=one.topic,
        subject=one.subject,
        words=one.words,
        state=one.state,
        filed_at=one.filed_at,
        acknowledge_by=one.acknowledge_by,
        answer_by=one.answer_by,
        late=one.late(now),
        steps=[StepOut(step=s.step, at=s.at, by=s.by, outcome=s.outcome, words=s.words) for s in one.steps],
    )


@router.get(
    "",
    operation_id="listComplaints",
    summary="List complaints",
    responses=responses(*_DENIED, "invalid-request"),
)
def every(actor: Reader, now: Now, limit: Limit = 50, cursor: Cursor = None) -> Page[ComplaintOut]:
    """The newest first: one's own; the hub and the regulator see all."""
    with seeing(actor) as connection:
        found = store.newest(connection, decode(cursor), limit + 1)
    more = len(found) > limit
    return Page(
        items=[_out(one, now) for one in found[:limit]], next=encode(found[limit - 1].id) if more else None
    )


@router.post(
    "",
    operation_id="createComplaint",
    summary="File a complaint",
    status_code=201,
    responses=responses(*_DENIED, "invalid-request"),
)
def create(asked: ComplaintIn, actor: Filer, now: Now) -> ComplaintOut:
    """Files it; the answer says by when the hub acknowledges and answers it."""
    with seeing(actor) as connection:
        made = service.file(
            connection, actor.tenant, asked.topic, asked.words, asked.subject, actor.signature, now
        )
    return _out(made, now)


@router.get(
    "/{id}",
    operation_id="readComplaint",
    summary="Read a complaint",
    responses=responses(*_DENIED, "not-found"),
)
def read(id: str, actor: Reader, now: Now) -> ComplaintOut:
    """A complaint with all that happened in it."""
    with seeing(actor) as connection:
        return _out(service.find(connection, id), now)


def _follow(id: str, asked: StepIn, actor: Actor, now: datetime) -> ComplaintOut:
    of_the_hub = actor.kind is TenantKind.HUB
    with seeing(actor) as connection:
        done = service.follow(
            connection,
            id,
            asked.step,
            asked.words,
            asked.outcome,
            actor.signature,
            of_the_hub,
            now,
            actor.source(),
        )
    return _out(done, now)


@router.post(
    "/{id}/steps",
    operation_id="addComplaintStep",
    summary="Add to one's complaint",
    status_code=201,
    responses=responses(*_DENIED, "not-found", "invalid-request", "not-possible"),
)
def add(id: str, asked: StepIn, actor: Filer, now: Now) -> ComplaintOut:
    """Says more (`told`), takes it back (`withdrawn`), or takes an answer further, which the regulator sees."""
    return _follow(id, asked, actor, now)


@router.post(
    "/{id}/answers",
    operation_id="answerComplaint",
    summary="Acknowledge, ask or answer",
    status_code=201,
    responses=responses(*_DENIED, "not-found", "invalid-request", "not-possible"),
)
def answer(id: str, asked: StepIn, actor: Answerer, now: Now) -> ComplaintOut:
    """The hub's step; an answer says what comes of it, and why. The merchant is told by an event."""
    return _follow(id, asked, actor, now)
