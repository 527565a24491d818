"""/order-files: files of orders sent by a program, looked at first, then booked by a worker."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.authentication import BookingsReader, BookingsWriter, OffersReader
from qafila.api.chassis.common_schema import MoneyOut
from qafila.api.chassis.problems import Problem, of_fault, responses
from qafila.api.chassis.speaking import said
from qafila.api.shipping import shipping_api_messages as say
from qafila.context import Context
from qafila.core.message_json import from_json
from qafila.network.network_places import country_code
from qafila.runtime.language import LANGUAGES, preferred
from qafila.shipping.files import templates, uploads
from qafila.shipping.files.previewing import Preview, Priced
from qafila.shipping.floor import SHIP_FILE
from qafila.shipping.orders.columns import FileRefused
from qafila.shipping.orders.order import Problem as RowProblem

router = APIRouter(tags=["order files"])
_DENIED = ("unauthorized", "insufficient-scope")
_SHOWN = 500  # rows of problems
_TEXT = Annotated[str, Form(max_length=100)]
_KINDS: dict[str, Any] = {"application/pdf": {}, "text/csv": {}, "application/ld+json": {}}


class RowProblemOut(BaseModel):
    """Why a row would not be, or was not, booked."""

    row: int | None = Field(description="as a spreadsheet numbers it: the headings are row 1")
    order_id: str | None = None
    field: str
    heading: str = Field(description="the column as the file calls it; empty where it has none")
    value: str | None = None
    reason: str
    remedy: str
    rows: int = Field(default=1, description="rows with this reason, in a result")


class PricedOut(BaseModel):
    """What one order of the file would cost, as it would be booked now."""

    order_id: str
    rows: list[int]
    price: MoneyOut
    landed_cost: MoneyOut
    promise_by: datetime
    restrictions: list[str] = Field(description="each with the document that lifts it")
    hs_to_confirm: list[str] = Field(description="goods whose code is not sure enough to be declared")

    @classmethod
    def of(cls, line: Priced) -> PricedOut:
        """From a line of the preview."""
        needs = [f"{said(r.text)} – {said(r.document)}" for r in line.offer.restrictions]
        return cls(
            order_id=line.order.id,
            rows=list(line.order.rows),
            price=MoneyOut.of(line.offer.price),
            landed_cost=MoneyOut.of(line.offer.landed_total),
            promise_by=line.offer.promise.by,
            restrictions=needs,
            hs_to_confirm=list(line.asked),
        )


class PreviewOut(BaseModel):
    """What would become of a file, before anything is booked."""

    format: str = Field(description="plain, shopify or woocommerce")
    encoding: str
    rows: int
    ready: int = Field(description="orders that can be booked")
    booked_before: int
    problems: list[RowProblemOut] = Field(description=f"rows that would not be booked, the first {_SHOWN}")
    problem_rows: int
    estimates: dict[str, int] = Field(description="orders with an estimate, by field")
    warnings: list[str]
    priced: list[PricedOut] = Field(description="the first of the ready orders")
    price: MoneyOut | None = Field(description="of the priced orders together")
    landed_cost: MoneyOut | None

    @classmethod
    def of(cls, seen: Preview) -> PreviewOut:
        """From the preview itself."""
        return cls(
            format=seen.format,
            encoding=seen.encoding,
            rows=seen.rows,
            ready=seen.ready,
            booked_before=seen.booked_before,
            problems=[_problem(p, seen) for p in seen.problems[:_SHOWN]],
            problem_rows=len(seen.problems),
            estimates=dict(seen.estimates),
            warnings=[said(w) for w in seen.warnings],
            priced=[PricedOut.of(line) for line in seen.priced],
            price=MoneyOut.of(seen.price) if seen.price else None,
            landed_cost=MoneyOut.of(seen.landed) if seen.landed else None,
        )


class ResultOut(BaseModel):
    """What became of a file."""

    rows: int
    booked: int
    rejected: int
    reasons: list[RowProblemOut]
    freight: dict[str, Decimal] = Field(description="by currency")
    landed_cost: dict[str, Decimal]
    outputs: list[str] = Field(description="addresses, relative to the API's root")


class OrderFileOut(BaseModel):
    """A file of orders as it stands."""

    id: str
    name: str
    uploaded: datetime
    state: Literal["new", "running", "done", "failed"]
    stage: str | None = None
    done: int | None = Field(default=None, description="orders so far, while it runs")
    of: int | None = None
    reason: str | None = Field(default=None, description="why it failed")
    preview: PreviewOut | None = None
    result: ResultOut | None = None


class OrderFilesOut(BaseModel):
    """The files that are still kept, the latest first."""

    items: list[OrderFileOut]


@router.post(
    "/order-files",
    operation_id="sendOrderFile",
    summary="Send a file of orders",
    status_code=201,
    responses=responses(*_DENIED, "invalid-request", "too-large"),
)
def send(
    actor: OffersReader,
    context: TheContext,
    file: Annotated[
        UploadFile,
        File(description="CSV, or a workbook: XLSX, XLS, XLSB, ODS; exports of Shopify and WooCommerce too"),
    ],
    rule: Annotated[
        Literal["cheapest", "fastest", "greenest"], Form(description="where the file does not say")
    ] = "cheapest",
    sender_city: _TEXT = "",
    sender_country: _TEXT = "",
    promise_by: Annotated[date | None, Form()] = None,
) -> OrderFileOut:
    """It is looked at, and nothing is booked: the answer says what would be."""
    content = file.file.read()
    if not content.strip():
        raise Problem("invalid-request", say.EMPTY_FILE(), say.SEND_A_FILE())
    country = ""
    if sender_city.strip():
        country = country_code(sender_country or "MA") or ""
        if not country:
            raise Problem("invalid-request", say.NO_SUCH_COUNTRY(country=sender_country))
    asked = {
        "rule": "promise" if promise_by else rule,
        "sender_city": sender_city.strip(),
        "sender_country": country,
        "promise_by": promise_by.isoformat() if promise_by else "",
    }
    job = uploads.keep(actor.tenant, context.now(), file.filename or "orders", content, **asked)
    return _shown(job, context.of(actor.tenant))


@router.get(
    "/order-files",
    operation_id="listOrderFiles",
    summary="List the files that are kept",
    responses=responses(*_DENIED),
)
def listed(actor: BookingsReader) -> OrderFilesOut:
    """A file that was only looked at is kept for a day, a booked one longer."""
    return OrderFilesOut(items=[_stated(job, state) for job, state in uploads.listed(actor.tenant, 100)])


@router.get(
    "/order-files/template",
    operation_id="readOrderTemplate",
    summary="The workbook to fill in",
    response_class=Response,
    responses={
        200: {"content": {templates.XLSX: {}}, "description": "Its headings are in the language asked for."},
        **responses(*_DENIED),
    },
)
def template(
    actor: OffersReader, request: Request, language: Literal["en", "fr", "ar", "zh"] | None = None
) -> Response:
    """With lists to choose from and a sheet that explains each column."""
    spoken = LANGUAGES[language] if language else preferred(request.headers.get("accept-language", ""))
    headers = {"content-disposition": 'attachment; filename="orders-template.xlsx"'}
    return Response(templates.workbook(spoken), media_type=templates.XLSX, headers=headers)


@router.get(
    "/order-files/{file_id}",
    operation_id="readOrderFile",
    summary="Read a file: what would be, or what became of it",
    responses=responses(*_DENIED, "not-found", "invalid-request"),
)
def read(file_id: str, actor: BookingsReader, context: TheContext) -> OrderFileOut:
    """The preview before it is booked, progress while it is, the result afterwards."""
    return _shown(_job(actor.tenant, file_id), context.of(actor.tenant))


@router.post(
    "/order-files/{file_id}/book",
    operation_id="bookOrderFile",
    summary="Book the orders of a file",
    status_code=202,
    responses=responses(*_DENIED, "not-found"),
)
def book(file_id: str, actor: BookingsWriter) -> OrderFileOut:
    """A worker books them. Asked again, nothing is booked twice; one that failed is begun again."""
    job = _job(actor.tenant, file_id)
    uploads.start(job, SHIP_FILE)
    return _stated(job, uploads.state(job))


@router.get(
    "/order-files/{file_id}/outputs/{name}",
    operation_id="readOrderFileOutput",
    summary="A file that came out",
    response_class=Response,
    responses={
        200: {"content": _KINDS, "description": "Labels, papers, shipments, rejected rows or events."},
        **responses(*_DENIED, "not-found"),
    },
)
def output(file_id: str, name: Annotated[str, Field(max_length=60)], actor: BookingsReader) -> Response:
    """One of labels.pdf, documents.pdf, shipments.csv, rejected.csv, events.jsonld."""
    path = _job(actor.tenant, file_id).folder / "out" / name
    if name not in uploads.OUTPUTS or not path.is_file():
        raise Problem("not-found", say.NO_OUTPUT(name=name), say.READ_THE_FILE())
    return FileResponse(path, filename=name, headers={"cache-control": "private, no-store"})


def _job(merchant: str, file_id: str) -> uploads.Job:
    job = uploads.find(merchant, file_id)
    if job is None:
        raise Problem("not-found", say.NO_ORDER_FILE(id=file_id), say.MAY_BE_SWEPT())
    return job


def _shown(job: uploads.Job, context: Context) -> OrderFileOut:
    state = uploads.state(job)
    told = _stated(job, state)
    if state["is"] == "new":
        seen = uploads.looked_at(job, context)
        if isinstance(seen, FileRefused):
            raise of_fault(seen)
        told.preview = PreviewOut.of(seen)
    return told


def _stated(job: uploads.Job, state: dict[str, Any]) -> OrderFileOut:
    kept = state.get("reason")
    reason = from_json(kept) if isinstance(kept, dict) else None
    told = OrderFileOut(
        id=job.token,
        name=job.name,
        uploaded=job.uploaded,
        state=state["is"],
        stage=state.get("stage"),
        done=state.get("done"),
        of=state.get("of"),
        reason=said(reason) if reason else None,
    )
    if state["is"] == "done":
        told.result = ResultOut(
            rows=state["rows"],
            booked=state["booked"],
            rejected=state["rejected"],
            freight=state["freight"],
            landed_cost=state.get("landed_cost", {}),
            reasons=[_reason(r) for r in state["reasons"][:_SHOWN]],
            outputs=[
                f"order-files/{job.token}/outputs/{n}"
                for n in uploads.OUTPUTS
                if (job.folder / "out" / n).exists()
            ],
        )
    return told


def _problem(problem: RowProblem, seen: Preview) -> RowProblemOut:
    heading = seen.layout.heading(problem.field) if seen.layout else ""
    return RowProblemOut(
        row=problem.row,
        order_id=problem.order_id or None,
        field=problem.field,
        heading=heading,
        value=problem.value[:200],
        reason=said(problem.reason),
        remedy=said(problem.remedy),
    )


def _reason(told: dict[str, Any]) -> RowProblemOut:
    return RowProblemOut(
        row=None,
        field=told["field"],
        heading=told.get("heading", ""),
        reason=said(from_json(told["reason"])),
        remedy=said(from_json(told["remedy"])),
        rows=told["rows"],
    )
