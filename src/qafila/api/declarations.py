"""/declarations: a merchant's declarations, what is missing, and their way through customs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, Field

from qafila.api.authentication import CustomsReader, CustomsWriter
from qafila.api.clock import Now
from qafila.api.problems import Problem, responses
from qafila.clearance import desk, mapping, store
from qafila.clearance.authority import Sandbox
from qafila.clearance.declaration import Declaration
from qafila.clearance.lifecycle import State, StepRefused
from qafila.clearance.store import Filed
from qafila.database import administrator, merchant_transaction

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


class DeclarationOut(BaseModel):
    """A declaration, where it stands, what is missing, and its history."""

    state: str
    declaration: Declaration
    todos: list[TodoOut]
    steps: list[Step]


@router.get("", operation_id="listDeclarations", summary="List declarations", responses=responses(*_DENIED))
def list_declarations(
    merchant: CustomsReader,
    state: Annotated[
        list[State] | None, Query(description="Only these states; without it, what waits.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[dict[str, Any]]:
    """Those that waited longest first."""
    wanted = state or [*desk.WAITING, State.DRAFT]
    with merchant_transaction(merchant) as connection:
        return [
            {"id": f.declaration.id, "parcel": f.declaration.parcel, "procedure": f.declaration.procedure,
             "territory": f.declaration.territory, "state": f.state, "changed_at": f.changed_at}
            for f in store.in_states(connection, wanted, limit)
        ]  # fmt: skip


@router.get(
    "/{id}", operation_id="readDeclaration", summary="Read a declaration", responses=responses(*_DENIED)
)
def read_declaration(id: str, merchant: CustomsReader) -> DeclarationOut:
    """The declaration with what is missing, field by field, and every step so far."""
    return _out(merchant, id)


@router.patch("/{id}", operation_id="amendDeclaration", summary="Amend a declaration",
              responses=responses(*_DENIED, "invalid-request", "not-possible"))  # fmt: skip
def amend(
    id: str,
    changes: Annotated[dict[str, Any], Body(examples=[{"importer.city": "Fès", "lines[0].hs": "640411"}])],
    merchant: CustomsWriter,
    now: Now,
) -> DeclarationOut:
    """Changes fields by their path; what they were is kept in the history."""
    _mine(merchant, id)
    try:
        with administrator() as connection:
            desk.amend(connection, id, changes, f"merchant {merchant}", now)
    except StepRefused as refused:
        raise Problem("not-possible", str(refused)) from None
    except ValueError as error:
        raise Problem("invalid-request", str(error)) from None
    return _out(merchant, id)


@router.post("/{id}/advance", operation_id="advanceDeclaration", summary="Bring a declaration on its way",
             responses=responses(*_DENIED, "not-possible"))  # fmt: skip
def advance(id: str, merchant: CustomsWriter, now: Now) -> DeclarationOut:
    """As far as it goes by itself: to its release, or to where somebody must act."""
    _mine(merchant, id)
    try:
        with administrator() as connection:
            desk.advance(connection, id, Sandbox(), f"merchant {merchant}", now)
    except StepRefused as refused:
        raise Problem("not-possible", str(refused)) from None
    return _out(merchant, id)


class PaperIn(BaseModel):
    """A licence or certificate that lifts a restriction."""

    restriction: str = Field(examples=["ma-drones"])
    number: str = Field(min_length=1, max_length=200)
    issued_on: date | None = None


@router.post(
    "/{id}/papers", operation_id="attachPaper", summary="Attach a paper", responses=responses(*_DENIED)
)
def attach(id: str, paper: PaperIn, merchant: CustomsWriter) -> DeclarationOut:
    """Puts a paper to a declaration; the restriction that asks for it is lifted."""
    _mine(merchant, id)
    with administrator() as connection:
        desk.attach(
            connection,
            id,
            store.Paper(paper.restriction, paper.number, paper.issued_on),
            f"merchant {merchant}",
        )
    return _out(merchant, id)


@router.get("/{id}/datasets/{dataset}", operation_id="writeDataset", summary="A declaration as a dataset",
            responses=responses(*_DENIED, "invalid-request"))  # fmt: skip
def write(id: str, dataset: str, merchant: CustomsReader) -> dict[str, Any]:
    """CN22, CN23, H7, DUM or ITMATT data by the documented mapping; no field is dropped."""
    try:
        return mapping.write(_mine(merchant, id).declaration, dataset)
    except (KeyError, mapping.UnmappedField) as error:
        raise Problem("invalid-request", str(error.args[0])) from None


def _mine(merchant: str, id: str) -> Filed:
    try:
        with merchant_transaction(merchant) as connection:
            return store.get(connection, id)
    except store.UnknownDeclaration as error:
        raise Problem("not-found", str(error)) from None


def _out(merchant: str, id: str) -> DeclarationOut:
    filed = _mine(merchant, id)
    with administrator() as connection:
        todos = desk.todos(connection, filed)
        steps = store.steps(connection, id)
    return DeclarationOut(
        state=filed.state.value,
        declaration=filed.declaration,
        todos=[TodoOut(kind=t.kind, subject=t.subject, reason=t.reason, remedy=t.remedy) for t in todos],
        steps=[
            Step(
                state=n.step.state.value,
                at=n.step.at,
                by=n.step.by,
                reason=n.step.reason,
                asks=list(n.asks),
                changes=n.changes,
            )
            for n in steps
        ],
    )
