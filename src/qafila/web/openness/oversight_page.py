"""/oversight: the regulator's figures, each beside what its query finds in the published log."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from markupsafe import Markup
from starlette.responses import FileResponse, RedirectResponse, Response

from qafila.core.fault import Fault, NotFound
from qafila.openness.regulation import paper, regulation_asking, regulation_messages, regulation_telling
from qafila.openness.regulation.recomputing import queries
from qafila.runtime.accounts import store
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.jobs.store import Kept
from qafila.web.chassis.page_frame import language_of, link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Auditor = Annotated[Actor, Depends(requires("audit:read"))]


@router.get("/oversight")
def listed(request: Request, actor: Auditor) -> Response:
    """The reports there are, and the form for another."""
    return _listed(request, actor)


def _listed(
    request: Request, actor: Actor, fault: Fault | None = None, since: str = "", until: str = ""
) -> Response:
    with acting(actor) as connection:
        reports = regulation_asking.newest(connection)
    today = context_of(request).now().date()
    return page(
        request,
        "oversight.html",
        422 if fault else 200,
        reports=reports,
        kept=None,
        fault=fault,
        since=since or date(today.year, 1, 1).isoformat(),
        until=until or today.isoformat(),
    )


@router.post("/oversight")
def ask(
    request: Request, actor: Auditor, since: Annotated[str, Form()] = "", until: Annotated[str, Form()] = ""
) -> Response:
    """Asks for a report."""
    try:
        first, last = regulation_asking.span_of(_day(since), _day(until), context_of(request).now().date())
    except Fault as fault:
        return _listed(request, actor, fault, since, until)
    kept = regulation_asking.ask(actor.tenant, first, last)
    return RedirectResponse(link(request, f"/oversight/{kept.id}"), 303)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


@router.get("/oversight/{id}")
def shown(request: Request, actor: Auditor, id: str) -> Response:
    """A report, made or in the making."""
    kept = regulation_asking.find(id)
    told: dict[str, Any] = {
        "sections": [],
        "heading": [],
        "comparisons": None,
        "queries": queries(),
        "differ": 0,
    }
    if kept.result is not None:
        language, names = language_of(request), _names(actor)
        sections = regulation_telling.sections(kept.result["report"], language, names)
        comparisons = regulation_telling.comparisons(kept.result["report"], language)
        told |= {
            "sections": [{**one, "picture": Markup(one["picture"])} for one in sections],
            "heading": regulation_telling.heading(kept.result, language),
            "comparisons": {**comparisons, "picture": Markup(comparisons["picture"])},
            "differ": sum(not one["equal"] for one in sections),
        }
    return page(request, "oversight.html", kept=kept, fault=None, reports=[], since="", until="", **told)


@router.get("/oversight/{id}/report.pdf")
def printed(request: Request, actor: Auditor, id: str) -> Response:
    """The report as PDF, in the language of the page."""
    kept = _done(id)
    made = paper.pdf(kept.result or {}, language_of(request), _names(actor))
    name = f'attachment; filename="{id}.pdf"'
    return Response(made, media_type="application/pdf", headers={"content-disposition": name})


@router.get("/oversight/{id}/copy.sqlite")
def copied(request: Request, actor: Auditor, id: str) -> Response:
    """The regulator's copy of the log."""
    _done(id)
    path = regulation_asking.copy_of(id)
    if not path.is_file():
        raise NotFound(regulation_messages.NO_REPORT(id=id), field="id", value=id)
    return FileResponse(path, media_type="application/vnd.sqlite3", filename=f"{id}.sqlite")


def _done(id: str) -> Kept:
    kept = regulation_asking.find(id)
    if kept.result is None:
        raise NotFound(regulation_messages.NO_REPORT(id=id), field="id", value=id)
    return kept


def _names(actor: Actor) -> dict[str, str]:
    with acting(actor) as connection:
        return {one.id: one.name for one in store.tenants(connection)}
