"""/storage: the supervisor's page of a warehouse, and the scanner's page with its acts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.core.identifiers.own import new_id
from qafila.core.message import Message
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.answered import acts
from qafila.runtime.language.rendering import render
from qafila.shipping import printed
from qafila.shipping.papers.binding import joined
from qafila.shipping.papers.documents import documents_pdf
from qafila.shipping.papers.labels import BookedShipment, labels_pdf
from qafila.storage import (
    advice_file,
    advices,
    boxes,
    closing,
    layout,
    model,
    packing,
    plan_drawing,
    releasing,
    shelving,
    storage_counting,
    storage_doing,
    storage_rules,
    storage_watching,
    store,
)
from qafila.web.chassis.assets import BUILT, manifest
from qafila.web.chassis.page_frame import first_place, language_of, link, translate
from qafila.web.chassis.security import WITH_WASM
from qafila.web.chassis.visitor import public
from qafila.web.chassis.web_asking import context_of
from qafila.web.storage.storage_words import because, jobs, states, words
from qafila.web.storage.within_storage import (
    Manager,
    Reader,
    Worker,
    Writer,
    at_its_place,
    shown,
    signed,
    warehouse,
)

router = APIRouter(include_in_schema=False)


@router.get("/storage")
def warehouses(request: Request, actor: Reader) -> Response:
    """The first warehouse; a page that says how to set one up where there is none."""
    with acting(actor) as connection:
        found = store.warehouses(connection)
    _ = translate(request)
    return first_place(
        request,
        "/storage",
        found,
        _("No warehouse is set up yet"),
        _("Give a facility its layout: qafila storage layout FILE. `qafila demo` sets up four."),
    )


@router.get("/scanner-worker.js", dependencies=[Depends(public)])
def worker() -> Response:
    """The service worker of the scanner's page, at an address from which it may see that page."""
    return FileResponse(
        BUILT / manifest()["scanner-worker.js"],
        media_type="text/javascript",
        headers={"cache-control": "no-cache", "service-worker-allowed": "/"},
    )


@router.get("/storage/{facility}")
def supervisor(request: Request, facility: str, actor: Reader) -> Response:
    """A warehouse today: orders, tours, who waits for what, what is doubted, and the plan with its heat."""
    now = context_of(request).now()
    with acting(actor) as connection:
        known = warehouse(connection, facility)
        today = storage_watching.overview(connection, facility, now)
        drawing = plan_drawing.plan(
            layout.read(known.layout), storage_watching.heat(connection, facility, now)
        )
        counts = storage_counting.open_counts(connection, facility)
        put_back = boxes.left_over(connection, facility)
        bring = shelving.replenishments(connection, facility)
    told = request.query_params.get("released", "").split("-")
    released = tuple(int(n) for n in told) if len(told) == 2 and all(n.isdecimal() for n in told) else None
    announced = request.query_params.get("announced", "")
    _ = translate(request)
    return shown(
        request,
        actor,
        facility,
        "warehouse.html",
        title=_("Warehouse"),
        put_back=put_back,
        bring=bring,
        rules=storage_rules.read(known.rules),
        today=today,
        drawing=Markup(drawing),
        counts=counts,
        released=released,
        announced=int(announced) if announced.isdecimal() else None,
        may_write=actor.may("storage:write"),
        states=states(_),
        because=because(_),
    )


_PATIENCE_SECONDS: float | None = 20
"""How long a page waits for what is made once after an installation."""


@router.post("/storage/{facility}/release")
async def release(request: Request, facility: str, actor: Manager) -> Response:
    """Releases what is reserved, as tours."""
    await run_in_threadpool(at_its_place, actor, facility)
    told = await request.form()
    key = str(told.get("key", ""))[:200] or new_id("release")
    own = storage_rules.read({k: v for k, v in told.items() if k in ("compartments", "litres")})
    wish = releasing.Wish(compartments=own.compartments, litres=own.litres)
    act = acts.Act(key, signed(actor), context_of(request).now())
    done = await run_in_threadpool(releasing.release, act, facility, wish, _PATIENCE_SECONDS)
    return RedirectResponse(
        link(request, f"/storage/{facility}?released={done['orders']}-{len(done['tours'])}"), 303
    )


@router.post("/storage/{facility}/advice")
def announce(
    request: Request,
    facility: str,
    actor: Writer,
    file: Annotated[UploadFile, File()],
    id: Annotated[str, Form()] = "",
    supplier: Annotated[str, Form()] = "",
) -> Response:
    """Announces a delivery of one's own goods by a file; what is wrong with it is said on the page."""
    lines = tuple(advice_file.read(file.file.read()))
    advice = advices.Advice(
        id.strip()[:80] or new_id("adv"), actor.tenant, facility, lines, supplier.strip()[:200]
    )
    act = acts.Act(new_id("advice"), signed(actor), context_of(request).now())
    done = advices.announce(act, advice)
    return RedirectResponse(link(request, f"/storage/{facility}?announced={done['lines']}"), 303)


@router.get("/storage/{facility}/scan")
def scanner(request: Request, facility: str, actor: Worker) -> Response:
    """The scanner's page. It opens without connection, too, once it was opened with."""
    with acting(actor) as connection:
        warehouse(connection, facility)
        docks = [p.place for p in store.places(connection, facility) if p.kind == model.PlaceKind.DOCK]
        advices = storage_watching.overview(connection, facility, context_of(request).now())["advices"]
    _ = translate(request)
    answer = shown(
        request, actor, facility, "scan.html", docks=docks, advices=advices, words=words(_), jobs=jobs(_)
    )
    answer.headers["content-security-policy"] = WITH_WASM  # the camera's reader
    answer.headers["permissions-policy"] = "geolocation=(), camera=(self), microphone=()"
    return answer


@router.post("/storage/{facility}/act")
async def act(request: Request, facility: str, actor: Worker) -> Response:
    """An act of the scanner's page: {key, at, by, late, kind, …}. Answers `done`, `difference` or `refused`."""
    try:
        await run_in_threadpool(at_its_place, actor, facility)
    except Fault as fault:
        return _refused(request, fault)
    try:
        told = await request.json()
    except ValueError:
        raise HTTPException(422) from None
    if not isinstance(told, dict) or not isinstance(told.get("key"), str) or not told["key"]:
        raise HTTPException(422)
    try:
        at = datetime.fromisoformat(str(told.get("at")))
        wish = storage_doing.told_from(told)
    except ValueError:
        raise HTTPException(422) from None
    except Fault as fault:
        return _refused(request, fault)
    now = context_of(request).now()
    when = (
        min(at, now) if at.tzinfo is not None else now
    )  # a scanner whose clock runs ahead has not been there yet
    try:
        answer = await run_in_threadpool(
            storage_doing.do,
            acts.Act(told["key"][:200], signed(actor, str(told.get("by") or "")[:80]), when),
            facility,
            wish,
            bool(told.get("late")),
        )
    except Fault as fault:
        return _refused(request, fault)
    state = "difference" if answer.get("state") == "difference" else "done"
    because_ = answer.get("because")
    said = render(because_, language_of(request)) if isinstance(because_, Message) else ""
    return _json({"state": state, "answer": answer, "said": said})


@router.get("/storage/{facility}/packing")
def how_to_pack(request: Request, facility: str, actor: Worker, order: str = "") -> Response:
    """The carton, the plan and the contents of a picked order, by its number or its parcel's."""
    try:
        with acting(actor) as connection:
            owner, id, part = packing.find(connection, facility, order.strip())
            return _json({"state": "done", "answer": packing.advise(connection, owner, id, part)})
    except Fault as fault:
        return _refused(request, fault)


@router.get("/storage/{facility}/to-pack")
def to_pack(request: Request, facility: str, actor: Worker) -> Response:
    """The orders that wait to be packed, each as its packer sees it: kept on the device, so that one can begin without
    connection."""
    try:
        with acting(actor) as connection:
            warehouse(connection, facility)
            told = packing.ahead(connection, facility)
    except Fault as fault:
        return _refused(request, fault)
    rule = {"grams": packing.TOLERANCE_G, "share": packing.TOLERANCE_SHARE}
    return _json({"state": "done", "orders": told, "tolerance": rule})


@router.get("/storage/{facility}/papers.pdf")
def papers(
    request: Request, facility: str, actor: Worker, order: str = "", box: int = 0, what: str = ""
) -> Response:
    """Label and papers of a packed order, or of one of its boxes, as one file to print; `what` leaves the labels out
    (papers). 404 where its parcel was not booked here."""
    context = context_of(request)
    parcels = _parcels(actor, facility, order, box)
    known = context.network.feed.facility
    parts = [] if what == "papers" else [labels_pdf(parcels, known)]
    standing = [parcel for parcel in parcels if not parcel.void]
    made = joined([*parts, documents_pdf(standing, known, context.rules)] if standing else parts)
    return _printed(made, "application/pdf", f"{parcels[0].number}.pdf", "inline")


@router.get("/storage/{facility}/label.zpl")
def label(
    request: Request, facility: str, actor: Worker, order: str = "", box: int = 0, dpi: int = 203
) -> Response:
    """The label of a packed order, or of one of its boxes, for a thermal printer."""
    parcels = _parcels(actor, facility, order, box)
    try:
        made = printed.labels(parcels, context_of(request), "zpl", dpi)
    except ValueError:
        raise HTTPException(422) from None
    return _printed(made.content, made.media_type, f"{parcels[0].number}.zpl", "attachment")


def _parcels(actor: Actor, facility: str, order: str, box: int) -> list[BookedShipment]:
    try:
        with acting(actor) as connection:
            found = closing.to_print(connection, *packing.find(connection, facility, order.strip()), box)
    except Fault:
        found = []
    if not found:
        raise HTTPException(404)
    return found


def _printed(made: bytes, media: str, name: str, how: str) -> Response:
    headers = {"content-disposition": f'{how}; filename="{name}"', "cache-control": "private, no-store"}
    return Response(made, media_type=media, headers=headers)


def _refused(request: Request, fault: Fault) -> Response:
    language = language_of(request)
    remedy = render(fault.remedy, language) if fault.remedy else ""
    said = render(fault.message, language)
    return _json({"state": "refused", "said": said, "remedy": remedy, "field": fault.field or ""})


def _json(told: dict[str, Any]) -> Response:
    return Response(orjson.dumps(told, default=str), media_type="application/json")
