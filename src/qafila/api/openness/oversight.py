"""/oversight: the regulator's figures, the query of each, and its copy of the log to run them in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse, Response

from qafila.api.chassis import api_messages as say
from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.problems import Problem, responses
from qafila.openness.regulation import paper, regulation_asking
from qafila.openness.regulation.recomputing import queries
from qafila.runtime.accounts import store
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.jobs.store import Kept
from qafila.runtime.language import LANGUAGES

router = APIRouter(prefix="/oversight", tags=["oversight"])
Auditor = Annotated[Actor, Depends(requires("audit:read"))]
_DENIED = ("unauthorized", "insufficient-scope")


class SpanIn(BaseModel):
    """Days, in UTC, the last one included."""

    model_config = ConfigDict(extra="forbid")

    since: date | None = Field(default=None, description="the first of January if not given")
    until: date | None = Field(default=None, description="today if not given")


class OversightReport(BaseModel):
    """A report and where it stands. `result` has each figure twice: as counted, and as its query finds it in the published log."""

    id: str
    state: str = Field(description="waiting, running, done or failed")
    asked_at: datetime
    reason: str = Field(default="", description="why it failed")
    result: dict[str, Any] | None = None


def _out(kept: Kept) -> OversightReport:
    return OversightReport(
        id=kept.id,
        state=kept.state,
        asked_at=kept.asked_at,
        reason=str((kept.fault or {}).get("reason", "")),
        result=dict(kept.result) if kept.result else None,
    )


@router.post(
    "/reports",
    operation_id="createOversightReport",
    summary="Count and recompute all figures",
    status_code=202,
    responses=responses(*_DENIED, "invalid-request"),
)
def create(asked: SpanIn, actor: Auditor, context: TheContext) -> OversightReport:
    """Begins a report; ask for it by its id until it is done."""
    since, until = regulation_asking.span_of(asked.since, asked.until, context.now().date())
    return _out(regulation_asking.ask(actor.tenant, since, until))


@router.get(
    "/reports/{id}",
    operation_id="readOversightReport",
    summary="Read a report",
    responses=responses(*_DENIED, "not-found"),
)
def read(id: str, actor: Auditor) -> OversightReport:
    """The report, with its figures once it is done."""
    return _out(regulation_asking.find(id))


def _done(id: str) -> Kept:
    kept = regulation_asking.find(id)
    if kept.result is None:
        raise Problem("not-possible", say.REPORT_NOT_MADE())
    return kept


@router.get(
    "/reports/{id}/paper",
    operation_id="readOversightPaper",
    summary="Get a report as PDF",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}, **responses(*_DENIED, "not-found", "not-possible")},
)
def read_paper(id: str, actor: Auditor, language: str = "en") -> Response:
    """The report as PDF, in `en`, `fr`, `ar` or `zh`."""
    kept = _done(id)
    with acting(actor) as connection:
        names = {one.id: one.name for one in store.tenants(connection)}
    made = paper.pdf(kept.result or {}, LANGUAGES.get(language, LANGUAGES["en"]), names)
    return Response(made, media_type="application/pdf")


@router.get(
    "/reports/{id}/copy",
    operation_id="readOversightCopy",
    summary="Get the regulator's copy",
    response_class=Response,
    responses={
        200: {"content": {"application/vnd.sqlite3": {}}},
        **responses(*_DENIED, "not-found", "not-possible"),
    },
)
def read_copy(id: str, actor: Auditor) -> Response:
    """The published log and the openings given for it as one SQLite file, in which the documented queries run."""
    _done(id)
    path = regulation_asking.copy_of(id)
    if not path.is_file():
        raise Problem("not-possible", say.COPY_GONE())
    return FileResponse(path, media_type="application/vnd.sqlite3", filename=f"{id}.sqlite")


@router.get(
    "/queries",
    operation_id="listOversightQueries",
    summary="The documented queries",
    responses=responses(*_DENIED),
)
def list_queries(_: Auditor) -> dict[str, str]:
    """The query of each figure, by its name: SQL as SQLite reads it."""
    return queries()
