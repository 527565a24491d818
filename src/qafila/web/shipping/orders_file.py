"""/ship/file: a file of orders, looked at row by row before anything is booked, then booked with progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, RedirectResponse, Response

from qafila.network.network_places import country_code
from qafila.runtime.accounts.accounts_acting import sending
from qafila.runtime.accounts.model import Actor
from qafila.runtime.events import store as history
from qafila.samples import sample
from qafila.shipping.bookings import records
from qafila.shipping.files import templates
from qafila.shipping.files import uploads as jobs
from qafila.shipping.floor import SHIP_FILE
from qafila.shipping.orders.columns import FileRefused
from qafila.tracking.promised import destination_zone
from qafila.web.chassis.page_frame import link, page, translate
from qafila.web.chassis.visitor import ScopeNeeded, requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
LARGEST = 64 * 2**20  # bytes
SHOWN = 200  # rows of problems
LINES = 50  # shipments; the rest are in the list of all
RULES = ("cheapest", "fastest", "greenest")
READ = "bookings:read"  # what came of a file, beside what would come of it
Asker = Annotated[Actor, Depends(requires("offers:read"))]
Reader = Annotated[Actor, Depends(requires(READ))]
Writer = Annotated[Actor, Depends(requires("bookings:write"))]


@router.get("/ship/file")
def ask(request: Request, actor: Asker) -> Response:
    """The form for a file, and the files of before."""
    return _form(request, {}, "", past=jobs.listed(actor.tenant) if actor.may(READ) else [])


@router.post("/ship/file")
async def upload(request: Request, actor: Asker) -> Response:
    """Keeps the file and shows what would become of it."""
    _ = translate(request)
    too_large = _("The file is larger than 64 MB. Split it, or use the command: qafila ship.")
    if int(request.headers.get("content-length") or 0) > LARGEST + 2**16:
        return _form(request, {}, too_large, 413)
    form = await request.form()
    asked = {
        n: str(form.get(n) or "").strip() for n in ("rule", "sender_city", "sender_country", "promise_by")
    }
    file = form.get("file")
    content = b"" if file is None or isinstance(file, str) else await file.read()
    if not content:
        return _form(
            request, asked, _("Choose a file with orders in it: this one is empty, or none was chosen."), 422
        )
    if len(content) > LARGEST:
        return _form(request, asked, too_large, 413)
    fault = _fault(asked, _)
    if fault:
        return _form(request, asked, fault, 422)
    name = getattr(file, "filename", "") or "orders.csv"
    job = await run_in_threadpool(
        lambda: jobs.keep(actor.tenant, context_of(request).now(), name, content, **asked)
    )
    return RedirectResponse(link(request, f"/ship/file/{job.token}"), 303)


def _fault(asked: dict[str, str], _: Callable[[str], str]) -> str:
    """What is wrong with the settings beside the file; normalises them."""
    asked["rule"] = asked["rule"] if asked["rule"] in (*RULES, "promise") else "cheapest"
    if asked["promise_by"]:
        try:
            date.fromisoformat(asked["promise_by"])
        except ValueError:
            return _("The day is not a date.")
        asked["rule"] = "promise"
    if asked["sender_city"]:
        code = country_code(asked["sender_country"] or "MA")
        if code is None:
            return _("The country of the sender is not known.")
        asked["sender_country"] = code
    return ""


@router.get("/ship/file/template.csv")
def template(actor: Asker) -> Response:
    """A file to fill in: every heading that is read, and an order as an example. It opens in any spreadsheet."""
    lines = sample("orders.csv").read_text("utf-8").splitlines()[:2]
    headers = {"content-disposition": 'attachment; filename="orders-template.csv"'}
    return Response(
        ("\ufeff" + "\r\n".join(lines) + "\r\n").encode(),
        media_type="text/csv; charset=utf-8",
        headers=headers,
    )


@router.get("/ship/file/template.xlsx")
def workbook(request: Request, actor: Asker) -> Response:
    """The same as a workbook in the reader's language, with lists to choose from and a sheet that explains it."""
    headers = {"content-disposition": 'attachment; filename="orders-template.xlsx"'}
    return Response(templates.workbook(request.state.language), media_type=templates.XLSX, headers=headers)


@router.get("/ship/file/{token}")
def look(request: Request, actor: Asker, token: str) -> Response:
    """The preview, the progress or the result, whichever it is time for."""
    job = _job(actor, token)
    state = jobs.state(job)
    if state["is"] == "new":
        seen = jobs.looked_at(job, context_of(request, job.merchant))
        if isinstance(seen, FileRefused):
            return page(request, "file_refused.html", 422, job=job, refused=seen)
        return page(request, "file_preview.html", job=job, seen=seen, shown=SHOWN)
    if not actor.may(READ):
        raise ScopeNeeded(READ)
    waiting = state["is"] == "running"
    made = [n for n in jobs.OUTPUTS if not waiting and (job.folder / "out" / n).exists()]
    if not state.get("rejected"):
        made = [n for n in made if n != "rejected.csv"]
    with sending(actor) as connection:
        numbers = [line["parcel"] for line in state.get("lines", ())[:LINES]]
        booked = [e for n in numbers if (e := records.entry(connection, n)) is not None]
        histories = history.histories(connection, numbers)
    facilities = context_of(request).network.feed.facility
    zones = {number: destination_zone(events, facilities) for number, events in histories.items()}
    return page(
        request,
        "file_result.html",
        job=job,
        state=state,
        outputs=made,
        shown=SHOWN,
        booked=booked,
        zones=zones,
        lines={line["parcel"]: line for line in state.get("lines", ())},
    )


@router.post("/ship/file/{token}/book")
def book(request: Request, actor: Writer, token: str) -> Response:
    """Starts the booking."""
    job = _job(actor, token)
    jobs.start(job, SHIP_FILE)
    return RedirectResponse(link(request, f"/ship/file/{job.token}"), 303)


@router.get("/ship/file/{token}/{name}")
def output(actor: Reader, token: str, name: str) -> Response:
    """One of the files that came out."""
    job = _job(actor, token)
    path = job.folder / "out" / name
    if name not in jobs.OUTPUTS or not path.is_file():
        raise HTTPException(404)
    return FileResponse(path, filename=name, headers={"cache-control": "private, no-store"})


def _job(actor: Actor, token: str) -> jobs.Job:
    job = jobs.find(actor.tenant, token)
    if job is None:
        raise HTTPException(404)
    return job


def _form(
    request: Request,
    asked: dict[str, str],
    fault: str,
    status: int = 200,
    past: Sequence[tuple[jobs.Job, dict[str, Any]]] = (),
) -> Response:
    return page(request, "file.html", status, asked=asked, fault=fault, rules=RULES, past=past)
