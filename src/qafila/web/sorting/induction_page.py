"""/sorting/FACILITY/scan: the induction. One field for the code, then the chute in letters that are read from afar.

It works without JavaScript as a form, and with it also without connection: what was scanned then is sent later, once.
"""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from qafila.core.fault import Fault
from qafila.core.message import Message
from qafila.runtime.accounts.accounts_acting import ROLES
from qafila.runtime.accounts.model import Actor
from qafila.runtime.language import render
from qafila.sorting import sorting_messages
from qafila.sorting.induction import induction
from qafila.sorting.model import By, Reading
from qafila.tracking import custody
from qafila.web.chassis.page_frame import language_of, page, translate
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of
from qafila.web.sorting.sorting_words import scanner_words

router = APIRouter(include_in_schema=False)
Worker = Annotated[Actor, Depends(requires("sorting:work"))]


def by_of(actor: Actor, station: str) -> By:
    """Who scans, under the name of the station that is typed, else that of the account."""
    return By(actor.tenant, ROLES[actor.kind].value, station.strip()[:80] or actor.name)


@router.get("/sorting/{facility}/scan")
def scanner(request: Request, facility: str, actor: Worker, station: str = "") -> Response:
    """The page; it opens without connection, too, once it was opened with."""
    induction().line(facility[:80], context_of(request))
    return _page(request, facility, station[:80])


@router.post("/sorting/{facility}/scan")
def scanned(
    request: Request,
    facility: str,
    actor: Worker,
    code: Annotated[str, Form(max_length=200)] = "",
    station: Annotated[str, Form(max_length=80)] = "",
    key: Annotated[str, Form(max_length=80)] = "",
    damaged: Annotated[bool, Form()] = False,
) -> Response:
    """Tells the chute of what was scanned, and records it; sent twice it is one scan."""
    context, here = context_of(request), induction()
    line = here.line(facility[:80], context)
    told = None
    if code.strip():
        reading = Reading(code.strip(), context.now(), damaged)
        told = here.scan(line, [(reading, key and f"page|{key}", "")], by_of(actor, station))[0].verdict
    return _page(request, facility, station, told, code.strip())


def _page(request: Request, facility: str, station: str, told: object = None, code: str = "") -> Response:
    words = scanner_words(translate(request))
    return page(
        request, "induction.html", facility=facility, station=station, told=told, code=code, words=words
    )


@router.get("/sorting/{facility}/kept.json")
def kept(request: Request, facility: str, actor: Worker) -> Response:
    """What the page keeps, to name chutes without connection."""
    context = context_of(request)
    found = induction().line(facility[:80], context).shelf(context.now())
    return JSONResponse(found, headers={"cache-control": "no-store"})


class ScanOfPage(BaseModel):
    """A scan as the page's program sends it: with its own key and time."""

    model_config = ConfigDict(extra="ignore")

    key: str = Field(min_length=1, max_length=80)
    code: str = Field(min_length=1, max_length=200)
    at: AwareDatetime
    by: str = Field("", max_length=80)
    damaged: bool = False
    put: str = Field(
        "", max_length=80, description="The chute that it was put into, decided without connection."
    )


@router.post("/sorting/{facility}/induct")
def inducted(request: Request, facility: str, actor: Worker, told: ScanOfPage) -> Response:
    """The chute of a scan of the page's program. One that was decided without connection is recorded where it was put;
    where another chute would have been right, `state` is `difference`."""
    context, here = context_of(request), induction()
    language = language_of(request)
    try:
        custody.at_place(actor, facility, context.network.feed)
        line = here.line(facility[:80], context)
        reading = Reading(
            told.code.strip(), min(told.at.astimezone(UTC), context.now()), told.damaged, put=told.put
        )
        # what was put aside without an answer is a scan of its own: the first may have been taken down with another chute
        key = f"page|{told.key}{'|put' if told.put else ''}"
        verdict = here.scan(line, [(reading, key, "")], by_of(actor, told.by))[0].verdict
    except Fault as fault:
        remedy = render(fault.remedy, language) if fault.remedy else ""
        refused = {"state": "refused", "said": render(fault.message, language), "remedy": remedy}
        return JSONResponse(refused)
    answer: dict[str, Any] = {
        "chute": verdict.chute,
        "why": verdict.why,
        "reason": render(verdict.reason, language),
        "parcel": verdict.parcel,
        "corrected": verdict.corrected,
    }
    if told.put and not line.as_good(told.put, verdict):
        said: Message = sorting_messages.PUT_WRONG(
            number=verdict.parcel or told.code[:40], put=told.put, chute=verdict.chute
        )
        return JSONResponse({"state": "difference", "said": render(said, language), "answer": answer})
    return JSONResponse({"state": "done", "answer": answer})
