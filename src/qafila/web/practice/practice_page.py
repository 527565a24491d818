"""/practice: lessons for every role, in a hub of one's own; what was done is checked, and ends in a certificate."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from qafila.core.fault import Fault, NotFound
from qafila.openness import store
from qafila.openness.openness_receipts import NotYet, receipts_of
from qafila.practice import certificates, lessons, practice_checks, practice_running, seeding
from qafila.practice import place as places
from qafila.practice import practice_messages as m
from qafila.practice.certificates import Paper
from qafila.practice.practice_checks import ANSWERED, Found
from qafila.runtime.accounts.roles import ROLES
from qafila.runtime.accounts.sessions import Session
from qafila.runtime.database import merchant_transaction
from qafila.web.chassis.formats import Formats
from qafila.web.chassis.page_frame import language_of, link, page, translate
from qafila.web.chassis.session import inside
from qafila.web.chassis.visitor import signed_in
from qafila.web.chassis.web_asking import context_of
from qafila.web.practice.within_practice import place_of

router = APIRouter(include_in_schema=False)
Here = Annotated[Session, Depends(signed_in)]
Next = Annotated[str, Form()]
_ZONE = "Africa/Casablanca"


@router.get("/practice")
def shown(request: Request, here: Here) -> Response:
    """The lessons, and how far one is."""
    return _shown(request, here)


def _shown(request: Request, here: Session, fault: Fault | None = None) -> Response:
    state = places.of(here.actor.id).state() if here.actor.person else None
    return page(
        request,
        "practice.html",
        422 if fault else 200,
        lessons=lessons.every().values(),
        state=state,
        fault=fault,
        roles=ROLES,
        person=here.actor.person,
    )


@router.post("/practice/{lesson}/begin")
def begin(request: Request, here: Here, lesson: str) -> Response:
    """Furnishes the place anew for a lesson, and enters it."""
    if not here.actor.person:
        return RedirectResponse(link(request, "/practice"), 303)
    try:
        chosen = lessons.find(lesson)
        seeding.begin(places.of(here.actor.id), chosen, context_of(request), (here.actor.id, here.actor.name))
    except Fault as fault:
        return _shown(request, here, fault)
    return RedirectResponse(link(request, f"/practice/in{chosen.steps[0].page}"), 303)


@router.post("/practice/time")
def time(
    request: Request,
    here: Here,
    hours: Annotated[float, Form(ge=0, le=72)] = 1.0,
    next: Next = "/practice/in/today",
) -> Response:
    """Lets the place's clock run."""
    place = places.of(here.actor.id)
    if place.state() is not None:
        practice_running.let_run(place, hours, context_of(request))
    return RedirectResponse(link(request, inside(next)), 303)


@router.post("/practice/pace")
def pace(
    request: Request, here: Here, run: Annotated[bool, Form()] = False, next: Next = "/practice/in/today"
) -> Response:
    """Lets the place's day run fast, or stand."""
    place = places.of(here.actor.id)
    if run:
        practice_running.start(place)
    else:
        practice_running.stop(place, context_of(request))
    return RedirectResponse(link(request, inside(next)), 303)


@router.get("/practice/clock")
def clock(request: Request, here: Here) -> Response:
    """What time it is in the place, as it is shown; the pages of a running day ask for it."""
    state = (
        practice_running.catch_up(places.of(here.actor.id), context_of(request))
        if here.actor.person
        else None
    )
    if state is None:
        raise HTTPException(404)
    told = {
        "now": Formats(language_of(request)).short(state.now, _ZONE),
        "runs": state.running is not None,
    }
    return JSONResponse(told, headers={"cache-control": "private, no-store"})


@router.post("/practice/answer")
def answer(
    request: Request,
    here: Here,
    step: Annotated[str, Form()] = "",
    number: Annotated[str, Form()] = "",
    next: Next = "/practice/in/today",
) -> Response:
    """Takes down a figure that a step asks for; its check compares it with the records."""
    place = places.of(here.actor.id)
    state = place.state()
    digits = "".join(str(int(c)) for c in number[:20] if c.isdecimal())
    if state is not None and state.under is not None and step in ANSWERED:
        under = replace(
            state.under, answers={**state.under.answers, step: str(int(digits)) if digits else ""}
        )
        place.keep(replace(state, under=under))
    return RedirectResponse(link(request, inside(next)), 303)


@router.post("/practice/certificate")
def earn(request: Request, here: Here) -> Response:
    """Records what is done in the hub's log."""
    try:
        lesson, _ = certificates.earn(
            places.of(here.actor.id), context_of(request), here.actor.tenant, here.actor.name
        )
    except Fault as fault:
        return _shown(request, here, fault)
    return RedirectResponse(link(request, f"/practice#{lesson}"), 303)


@router.get("/practice/certificate/{id}.pdf")
def paper(request: Request, here: Here, id: str) -> Response:
    """The paper."""
    lesson, at = _own(here, id)
    language = language_of(request)
    _ = translate(request)
    made = certificates.pdf(
        Paper(
            language=language.code,
            rtl=language.direction == "rtl",
            title=_("Certificate of practice"),
            name=here.actor.name,
            said=_("has done every step of this lesson in a practice hub, where each step was checked:"),
            lesson=lessons.find(lesson).title[language.code],
            day=Formats(language).day(at.date()),
            id=id,
            how=_(
                "Proof: the public log of this hub has an entry with this number. Its receipt comes with this paper; anybody checks it with: qafila log verify RECEIPT --key KEY"
            ),
        )
    )
    return _sent(made, "application/pdf", f'inline; filename="{id}.pdf"')


@router.get("/practice/certificate/{id}.receipt")
def receipt(request: Request, here: Here, id: str) -> Response:
    """The receipt of the log, which `qafila log verify` reads."""
    _own(here, id)
    _ = translate(request)
    try:
        with merchant_transaction(here.actor.tenant) as connection:
            given = receipts_of(connection, id)[0]
    except NotYet:
        title, told = (
            _("Not in the log yet"),
            _("The entry gets its place within a minute. Please ask again then."),
        )
        return page(request, "problem.html", 409, title=title, text=told)
    return _sent(given.receipt, "text/plain; charset=utf-8", f'attachment; filename="{id}.receipt"')


def _sent(content: bytes, media_type: str, disposition: str) -> Response:
    headers = {"content-disposition": disposition, "cache-control": "private, no-store"}
    return Response(content, media_type=media_type, headers=headers)


def _own(here: Session, id: str) -> tuple[str, datetime]:
    """The lesson of a certificate of one's own, and when it was earned. Raises NotFound."""
    state = places.of(here.actor.id).state() if here.actor.person else None
    lesson = next((name for name, own in (state.passed if state else {}).items() if own == id), None)
    with merchant_transaction(here.actor.tenant) as connection:
        entries = store.about(connection, id) if lesson else []
    if lesson is None or not entries:
        raise NotFound(m.NO_LESSON(lesson=id[:40]), m.SEE_LESSONS(), field="id", value=id[:40])
    return lesson, entries[0].decided_at


def guide(request: Request) -> dict[str, Any] | None:
    """What stands above every page of a place: the lesson, its steps, what each comes to; None in the real hub."""
    place = place_of(request)
    if place is None:
        return None
    code = language_of(request).code
    found = practice_checks.judged(place, request.app.state.context())
    state = place.state()
    if found is None or state is None:
        return None
    lesson, results = found
    steps = [
        {
            "check": s.check,
            "task": s.task[code],
            "hint": s.hint[code],
            "wrong": s.wrong[code],
            "page": s.page,
            "found": r.value,
            "answered": s.check in ANSWERED,
            "note": _note(state, s.check),
        }
        for s, r in zip(lesson.steps, results, strict=True)
    ]
    return {
        "lesson": lesson.id,
        "title": lesson.title[code],
        "story": lesson.story[code],
        "steps": steps,
        "now": state.now,
        "zone": _ZONE,
        "runs": state.running is not None,
        "pace": practice_running.PACE,
        "done": all(r is Found.DONE for r in results),
        "real": getattr(request.state, "prefix", "").removesuffix("/practice/in"),
    }


def _note(state: places.State, check: str) -> list[str]:
    """What a step shows of what the place was furnished with: numbers that a worker would have on paper."""
    seed = state.under.seed if state.under else {}
    parcels: list[str] = seed.get("parcels", [])
    shown = {"out": parcels, "delivered": parcels[:1], "failed": parcels[1:], "sorted_all": parcels}
    if check in shown:
        return shown[check]
    single = {"bagged": "bag", "counted": "pieces", "mended": "trader"}.get(check, "")
    return [str(seed[single])] if single in seed else []
