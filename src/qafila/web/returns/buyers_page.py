"""/r: the buyer sends something back, by a secret link and without an account.

In the European Union sellers must offer a withdrawal function in two steps (directive 2011/83/EU, article 11a): the page says what
is sent back, a button withdraws, a second one confirms, and what was asked is shown with its time, to be kept.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.openness.privacy import reads
from qafila.returns import returns_asking, returns_papers
from qafila.returns import returns_messages as m
from qafila.returns.model import State
from qafila.returns.returns_asking import Asked
from qafila.runtime.database import Role, acting_as
from qafila.shipping.papers.barcodes import qr_svg
from qafila.web.chassis.page_frame import language_of, link, page
from qafila.web.chassis.visitor import public
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])


@router.post("/d/{token}/return")
def begin(request: Request, token: str) -> Response:
    """From the page of a parcel that came to the page of its return."""
    try:
        given = returns_asking.from_delivery(context_of(request), token)
    except NotFound:
        raise HTTPException(404) from None
    return RedirectResponse(link(request, f"/r/{given.token}"), 303)


@router.get("/r/{token}")
def show(request: Request, token: str) -> Response:
    """What can be sent back and by which law, or how it stands."""
    return _shown(request, token)


def _shown(
    request: Request,
    token: str,
    fault: Fault | None = None,
    status: int = 200,
    typed: Asked | None = None,
    confirm: bool = False,
) -> Response:
    try:
        seen = returns_asking.view(context_of(request), token)
    except (NotFound, Conflict):
        raise HTTPException(404) from None
    given = seen.given
    reads.note_link(token, f"{request.method} {reads.door(request)}", given.parcel, context_of(request).now())
    open_ = given.state in (State.ASKED, State.ON_WAY)
    picture = Markup(qr_svg(f"QR1|{given.number}|{given.facility}")) if open_ else ""
    answer = page(
        request,
        "return_buyer.html",
        status,
        seen=seen,
        r=given,
        token=token,
        fault=fault,
        typed=typed,
        confirm=confirm,
        picture=picture,
        facilities=context_of(request).network.feed.facility,
        causes=m.CAUSES,
        wishes=m.WISHES,
        states=m.STATES,
        not_here=m.REFUSE_IT(),
    )
    answer.headers["referrer-policy"] = "no-referrer"
    answer.headers["cache-control"] = "private, no-store"
    return answer


@router.post("/r/{token}")
async def ask(request: Request, token: str) -> Response:
    """The first step shows what would be sent back and what that costs; the second does it."""
    form = await request.form()

    def text(name: str) -> str:
        found = form.get(name, "")
        return found.strip()[:1000] if isinstance(found, str) else ""

    pieces = {
        int(name[2:]): int(text(name) or "0")
        for name in form
        if name.startswith("n-")
        and name[2:].isdecimal()
        and len(name) < 8
        and (text(name) or "0").isdecimal()
        and len(text(name)) < 7
    }
    told = Asked(
        text("cause"),
        pieces,
        text("wish") or "refund",
        text("sku")[:80],
        text("said"),
        language_of(request).code,
    )
    if not text("confirmed"):
        return await run_in_threadpool(_shown, request, token, None, 200, told, True)
    try:
        await run_in_threadpool(returns_asking.ask, context_of(request), token, told)
    except NotFound:
        raise HTTPException(404) from None
    except Fault as fault:
        status = 409 if fault.kind == "conflict" else 422
        return await run_in_threadpool(_shown, request, token, fault, status, told)
    return RedirectResponse(link(request, f"/r/{token}"), 303)


@router.get("/r/{token}/label.pdf")
def label(request: Request, token: str) -> Response:
    """The return label."""
    context = context_of(request)
    try:
        with acting_as(Role.OPERATOR) as connection:  # the link is the right: it opens one return
            pdf = returns_papers.label_pdf(connection, context, returns_asking.found(connection, token))
    except NotFound:
        raise HTTPException(404) from None
    return Response(
        pdf,
        media_type="application/pdf",
        headers={"cache-control": "private, no-store", "referrer-policy": "no-referrer"},
    )
