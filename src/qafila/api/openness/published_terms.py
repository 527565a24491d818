"""/terms: what holds and what changes when; statements of reasons of suspensions; what a merchant states of its sales."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from qafila.api.chassis.api_asking import Now
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import In, shown
from qafila.api.chassis.problems import responses
from qafila.openness import coming, stating, suspending
from qafila.openness import openness_terms as terms
from qafila.openness.seeing import seeing
from qafila.runtime.accounts.doors import public
from qafila.runtime.accounts.model import Actor

router = APIRouter(tags=["terms"])
Reader = Annotated[Actor, Depends(requires("complaints:read"))]
Filer = Annotated[Actor, Depends(requires("complaints:write"))]
_DENIED = ("unauthorized", "insufficient-scope")


class ChangeOut(BaseModel):
    """A term that a coming version has otherwise."""

    version: str
    announced: date
    in_force: date
    term: str
    before: str | None
    after: str | None
    notice_days: int = Field(description="that its topic asks for")
    given_days: int = Field(description="between announcement and the day from which it holds")


class TermsOut(BaseModel):
    """The terms of today, and the changes that were announced."""

    terms: dict[str, Any]
    coming: list[ChangeOut]


@router.get("/terms", operation_id="readTerms", summary="Read the terms", dependencies=[Depends(public)])
def read(now: Now) -> TermsOut:
    """What holds today, in four languages, and what was announced to hold later."""
    held, changes = coming.now_and_then(now)
    return TermsOut(terms=terms.document(held), coming=[ChangeOut(**one) for one in changes])


class SuspensionOut(BaseModel):
    """A suspension with its statement of reasons."""

    id: str
    tenant: str
    ground: str
    because: str
    announced_at: datetime
    holds_from: datetime
    begun_at: datetime | None
    ended_at: datetime | None


@router.get(
    "/suspensions",
    operation_id="listSuspensions",
    summary="Read statements of reasons",
    responses=responses(*_DENIED),
)
def statements(actor: Reader) -> list[SuspensionOut]:
    """One's own suspensions with their reasons, the newest first; the hub and the regulator see all."""
    with seeing(actor) as connection:
        return [
            SuspensionOut(
                id=one.id,
                tenant=one.tenant,
                ground=one.ground,
                because=one.because,
                announced_at=one.announced_at,
                holds_from=one.holds_from,
                begun_at=one.begun_at,
                ended_at=one.ended_at,
            )
            for one in suspending.statements(connection)
        ]


class SalesIn(In):
    """All that was sold in a year, whichever way."""

    model_config = shown({"year": 2026, "amount": "1250000.00", "currency": "MAD"})

    year: int = Field(ge=2000, le=2100)
    amount: str = Field(max_length=40)
    currency: str = Field(pattern=r"^[A-Z]{3}$")


@router.post(
    "/sales",
    operation_id="stateSales",
    summary="State the sales of a year",
    status_code=204,
    responses=responses(*_DENIED, "invalid-request"),
)
def state(asked: SalesIn, actor: Filer, now: Now) -> None:
    """For the regulator's figure of dependency; it lies behind a commitment of the log, and may be stated anew."""
    with seeing(actor) as connection:
        stating.state_sales(connection, actor.tenant, asked.year, asked.amount, asked.currency, now)
