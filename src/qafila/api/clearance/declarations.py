"""/declarations: a merchant's declarations, what is missing, and their way through customs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, Field

from qafila.api.chassis.api_asking import Now, TheContext
from qafila.api.chassis.api_faults import ErrorItem
from qafila.api.chassis.authentication import CustomsReader, CustomsWriter, Decider
from qafila.api.chassis.common_schema import In, MoneyOut
from qafila.api.chassis.problems import Problem, responses
from qafila.api.chassis.speaking import said
from qafila.clearance import bonded, desk, mapping, screening, store
from qafila.clearance import clearance_messages as m
from qafila.clearance.authority import Sandbox
from qafila.clearance.clearance_duties import due
from qafila.clearance.declaration import Declaration
from qafila.clearance.lifecycle import State
from qafila.clearance.store import Filed
from qafila.clearance.written import DeclarationError, declaration_from, schema
from qafila.context import Context
from qafila.core.fault import Fault, NotFound
from qafila.core.unknown_rate import UnknownRate
from qafila.customs.customs_exchange import assessment_as
from qafila.customs.rulebook import UnknownTerritory
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor

router = APIRouter(prefix="/declarations", tags=["customs"])
_DENIED = ("unauthorized", "insufficient-scope", "not-found")


class Step(BaseModel):
    """One step of a declaration's life."""

    state: str
    at: Any
    by: str
    reason: str
    asks: list[str]
    changes: dict[str, Any]


class TodoOut(BaseModel):
    """One thing between a declaration and its release."""

    kind: str
    subject: str
    reason: str
    remedy: str


class HitOut(BaseModel):
    """A party that may be on a list, and who decided what, and why."""

    id: str
    role: str
    party: str
    list: str
    listed_id: str
    listed: str
    score: float
    reason: str
    verdict: str | None
    decided_by: str | None
    decided_at: datetime | None
    why: str | None


class DeclarationOut(BaseModel):
    """A declaration, where it stands, what is missing, its parties on lists, and its history."""

    state: str
    declaration: Declaration
    todos: list[TodoOut]
    hits: list[HitOut]
    steps: list[Step]


class DutyOut(BaseModel):
    """What a declaration owes by today's law: nothing while duty is suspended."""

    due: MoneyOut
    assessment: dict[str, Any] = Field(description="every line with its rule, as /customs/duty answers")


class ReleaseIn(In):
    """What leaves the bonded warehouse."""

    quantities: dict[int, Decimal] = Field(
        min_length=1, description="pieces by index of the entry's line", examples=[{"0": "4"}]
    )


class ReleaseOut(BaseModel):
    """The import declaration that a release from bond opened, and what it owes."""

    declaration: DeclarationOut
    duty: DutyOut


_EXAMPLE = {
    "procedure": "bonded",
    "territory": "MA",
    "parcel": "CQ473124829MA",
    "warehouse": "MA-BW-7",
    "importer": {
        "name": "Atlas Import SARL",
        "street": "3 rue de Fès",
        "city": "Tanger",
        "country": "MA",
        "number": "001525487000088",
    },
    "lines": [
        {
            "description": "wrist watch",
            "hs": "910211",
            "origin": "CN",
            "quantity": "10",
            "net_kg": "1",
            "value": {"amount": "200.00", "currency": "EUR"},
        }
    ],
}


@router.get("", operation_id="listDeclarations", summary="List declarations", responses=responses(*_DENIED))
def list_declarations(
    actor: CustomsReader,
    state: Annotated[
        list[State] | None, Query(description="Only these states; without it, what waits.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[dict[str, Any]]:
    """Those that waited longest first."""
    wanted = state or [*desk.WAITING, State.DRAFT]
    with acting(actor) as connection:
        return [
            {
                "id": f.declaration.id,
                "parcel": f.declaration.parcel,
                "procedure": f.declaration.procedure,
                "territory": f.declaration.territory,
                "state": f.state,
                "changed_at": f.changed_at,
            }
            for f in store.in_states(connection, wanted, limit)
        ]


@router.post(
    "",
    operation_id="openDeclaration",
    summary="Open a declaration by hand",
    status_code=201,
    responses=responses("unauthorized", "insufficient-scope", "invalid-request", "not-possible"),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema(), "example": _EXAMPLE}},
        }
    },
)
def open_declaration(declaration: Annotated[Any, Body()], actor: CustomsWriter, now: Now) -> DeclarationOut:
    """A draft for export, import, transit or bonded storage. What is missing is named in `todos`, nothing is lodged yet."""
    try:
        made = declaration_from(declaration)
        with acting(actor) as connection:
            desk.open_one(connection, actor.tenant, made, now, actor.signature)
    except DeclarationError as error:
        raise _refused(error) from None
    return _out(actor, made.id)


def _refused(error: DeclarationError) -> Problem:
    errors = [
        ErrorItem(pointer=_pointer(p.field), detail=said(p.reason), remedy=said(p.remedy))
        for p in error.problems
    ]
    return Problem("invalid-request", error.message, errors=errors)


def _pointer(field: str) -> str:
    return "#/" + field.replace("[", "/").replace("]", "").replace(".", "/")


@router.get(
    "/{id}", operation_id="readDeclaration", summary="Read a declaration", responses=responses(*_DENIED)
)
def read_declaration(id: str, actor: CustomsReader) -> DeclarationOut:
    """The declaration with what is missing, field by field, and every step so far."""
    return _out(actor, id)


@router.patch(
    "/{id}",
    operation_id="amendDeclaration",
    summary="Amend a declaration",
    responses=responses(*_DENIED, "invalid-request", "not-possible"),
)
def amend(
    id: str,
    changes: Annotated[dict[str, Any], Body(examples=[{"importer.city": "Fès", "lines[0].hs": "640411"}])],
    actor: CustomsWriter,
    now: Now,
) -> DeclarationOut:
    """Changes fields by their path; what they were is kept in the history."""
    _seen(actor, id)
    try:
        with acting(actor) as connection:
            desk.amend(connection, id, changes, actor.signature, now)
    except DeclarationError as error:
        raise _refused(error) from None
    return _out(actor, id)


@router.post(
    "/{id}/advance",
    operation_id="advanceDeclaration",
    summary="Bring a declaration on its way",
    responses=responses(*_DENIED, "not-possible"),
)
def advance(id: str, actor: CustomsWriter, context: TheContext) -> DeclarationOut:
    """As far as it goes by itself: to its release, or to where somebody must act."""
    _seen(actor, id)
    with acting(actor) as connection:
        desk.advance(connection, id, Sandbox(context.rules.rates), actor.signature, context.now())
    return _out(actor, id)


@router.get(
    "/{id}/duty",
    operation_id="readDuty",
    summary="What a declaration owes today",
    responses=responses(*_DENIED, "no-rules", "not-possible"),
)
def duty(id: str, actor: CustomsReader, context: TheContext) -> DutyOut:
    """Line by line with rule and source, by the law of this day."""
    return _duty(context, _seen(actor, id).declaration)


@router.post(
    "/{id}/release",
    operation_id="releaseFromBond",
    summary="Release goods from bond",
    status_code=201,
    responses=responses(*_DENIED, "invalid-request", "no-rules", "not-possible"),
)
def release(id: str, wanted: ReleaseIn, actor: CustomsWriter, context: TheContext) -> ReleaseOut:
    """Opens the import declaration of what leaves; the duty that was suspended is due by the law of this day."""
    _seen(actor, id)
    with acting(actor) as connection:
        opened = bonded.release(connection, id, wanted.quantities, actor.signature, context.now())
    return ReleaseOut(declaration=_out(actor, opened.id), duty=_duty(context, opened))


def _duty(context: Context, declaration: Declaration) -> DutyOut:
    try:
        assessment, owed = due(declaration, context.now().date(), context.rules.rulebook, context.rules.rates)
    except (UnknownTerritory, UnknownRate) as unknown:
        raise Problem("no-rules", unknown.message, unknown.remedy) from None
    except Fault as fault:
        raise Problem("not-possible", fault.message, fault.remedy) from None
    return DutyOut(due=MoneyOut.of(owed), assessment=assessment_as(assessment, said))


class PaperIn(In):
    """A licence or certificate that lifts a restriction."""

    restriction: str = Field(examples=["ma-drones"])
    number: str = Field(min_length=1, max_length=200)
    issued_on: date | None = None


@router.post(
    "/{id}/papers", operation_id="attachPaper", summary="Attach a paper", responses=responses(*_DENIED)
)
def attach(id: str, paper: PaperIn, actor: CustomsWriter) -> DeclarationOut:
    """Puts a paper to a declaration; the restriction that asks for it is lifted."""
    _seen(actor, id)
    with acting(actor) as connection:
        desk.attach(
            connection,
            id,
            store.Paper(paper.restriction, paper.number, paper.issued_on),
            actor.signature,
        )
    return _out(actor, id)


class VerdictIn(In):
    """Whether a party is the one on a list, and why; who decides is the holder of the key."""

    verdict: Literal["cleared", "confirmed"]
    why: str = Field(min_length=1, max_length=2000, examples=["born in 1990; the listed one in 1951"])


@router.post(
    "/{id}/hits/{hit}",
    operation_id="decideHit",
    summary="Decide whether a party is the one on a list",
    responses=responses(*_DENIED, "invalid-request", "not-possible"),
)
def decide_hit(id: str, hit: str, decided: VerdictIn, actor: Decider, now: Now) -> DeclarationOut:
    """Clears or confirms a hit, once. Only a hub's keys may: nobody clears his own."""
    _seen(actor, id)
    with acting(actor) as connection:
        if hit not in {h.id for h in screening.hits(connection, id)}:
            raise NotFound(m.NOT_OF_THIS(), m.SEE_HITS(), value=hit)
        screening.decide(connection, hit, decided.verdict, actor.signature, decided.why, now)
    return _out(actor, id)


@router.get(
    "/{id}/datasets/{dataset}",
    operation_id="writeDataset",
    summary="A declaration as a dataset",
    responses=responses(*_DENIED, "invalid-request"),
)
def write(id: str, dataset: str, actor: CustomsReader) -> dict[str, Any]:
    """CN22, CN23, H7, DUM or ITMATT data by the documented mapping; no field is dropped."""
    try:
        return mapping.write(_seen(actor, id).declaration, dataset)
    except mapping.NoForm as unknown:
        raise Problem("invalid-request", unknown.message, unknown.remedy) from None


def _seen(actor: Actor, id: str) -> Filed:
    with acting(actor) as connection:
        return store.get(connection, id)


def _out(actor: Actor, id: str) -> DeclarationOut:
    filed = _seen(actor, id)
    with acting(actor) as connection:
        todos = desk.todos(connection, filed)
        steps = store.steps(connection, id)
        hits = screening.hits(connection, id)
    return DeclarationOut(
        state=filed.state.value,
        declaration=filed.declaration,
        todos=[
            TodoOut(kind=t.kind, subject=t.subject, reason=said(t.reason), remedy=said(t.remedy))
            for t in todos
        ],
        hits=[
            HitOut(
                id=h.id,
                role=h.role,
                party=h.party_name,
                list=h.list_id,
                listed_id=h.listed_id,
                listed=h.listed_name,
                score=round(h.score, 3),
                reason=said(h.reason),
                verdict=h.verdict,
                decided_by=h.decided_by,
                decided_at=h.decided_at,
                why=h.why,
            )
            for h in hits
        ],
        steps=[
            Step(
                state=n.step.state.value,
                at=n.step.at,
                by=n.step.by,
                reason=said(n.step.reason) if n.step.reason else "",
                asks=list(n.asks),
                changes=n.changes,
            )
            for n in steps
        ],
    )
