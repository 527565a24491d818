"""/plans: the network's plans. Asked for by a demand or a disruption, followed, read with prices and reasons."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from qafila.api.chassis import messages as say
from qafila.api.chassis.asking import Now, TheContext
from qafila.api.chassis.authentication import PlansReader, PlansWriter
from qafila.api.chassis.common_schema import Day, Instant
from qafila.api.chassis.faults import ErrorItem
from qafila.api.chassis.problems import Problem, responses
from qafila.api.chassis.speaking import said
from qafila.core.message import Term
from qafila.planning.viewing import PlanView
from qafila.shipping.floor import PLAN
from qafila.shipping.plans import kept_plans as plans
from qafila.shipping.plans import replanning
from qafila.shipping.plans.kept_plans import Asked, Kept, PlanRefused

router = APIRouter(prefix="/plans", tags=["plans"])
_DENIED = ("unauthorized", "insufficient-scope")
_COLUMNS = (
    "id", "origin", "destination", "parcels", "kg", "m3", "release", "due", "service_class",
    "merchant_class", "goods", "late_price",
)  # fmt: skip
_COMMODITY = {
    "id": "C1", "origin": "WH-MA-CASABLANCA-1", "destination": "SC-FR-LYON", "parcels": 40, "kg": 62.5, "m3": 0.4,
    "release": "2026-11-24T16:00:00Z", "service_class": "express",
}  # fmt: skip
_EXAMPLES = {
    "demand": {
        "summary": "Plan a demand",
        "value": {"name": "week-48", "seconds": 60, "commodities": [_COMMODITY]},
    },
    "disruption": {
        "summary": "Plan anew after a cancellation",
        "value": {"name": "week-48-b", "from": "week-48", "disruptions": ["cancel CMN-CDG-1@2026-11-25"],
                  "at": "2026-11-25T06:00:00Z"},
    },
}  # fmt: skip
_CSV_EXAMPLE = (
    "id,origin,destination,release,service_class,parcels,kg\n"
    "C1,WH-MA-CASABLANCA-1,SC-FR-LYON,2026-11-24T16:00:00Z,express,40,62.5\n"
)


class CommodityIn(BaseModel):
    """Parcels with the same ends, release and class; as a row of a demand file (docs/plan.md)."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = Field(default=None, max_length=200)
    origin: str = Field(description="facility id, `ID/door`, or a city", examples=["WH-MA-CASABLANCA-1"])
    destination: str = Field(examples=["SC-FR-LYON"])
    parcels: int = Field(gt=0, examples=[40])
    kg: float = Field(gt=0, description="of all parcels together", examples=[62.5])
    m3: float | None = Field(default=None, ge=0)
    release: Instant | None = None
    due: Instant | None = None
    service_class: str = Field(default="standard", examples=["express"])
    merchant_class: str = ""
    goods: str = Field(default="", description="kinds of goods, joined by |")
    late_price: float | None = Field(default=None, ge=0, description="for each parcel and hour after due")


class PlanIn(BaseModel):
    """A demand to plan, or an earlier plan to change."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$", examples=["week-48"])
    commodities: list[CommodityIn] | None = Field(default=None, max_length=100_000)
    start: Day | None = Field(default=None, description="first day; by default that of the first release")
    from_: str | None = Field(default=None, alias="from", description="name of the earlier plan")
    disruptions: list[str] = Field(
        default=[], description="`cancel SERVICE[@date]`, `close FACILITY [from..to]`, `peak 3x`"
    )
    at: Instant | None = Field(default=None, description="instant of the disruption")
    widen: int | None = Field(
        default=None, ge=0, description="row of the earlier plan to give a tenth more room"
    )
    seconds: float = Field(default=90, gt=0, le=plans.LONGEST)
    gap: float = Field(default=0.001, ge=0, le=1)


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without definitions of its own: the body is read by hand, so FastAPI lists none for it."""
    parts = schema.pop("$defs", {})

    def fill(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return fill(parts[node["$ref"].rsplit("/", 1)[-1]])
            return {key: fill(value) for key, value in node.items()}
        return [fill(value) for value in node] if isinstance(node, list) else node

    filled: dict[str, Any] = fill(schema)
    return filled


_SCHEMA = _inlined(PlanIn.model_json_schema())


class PlanOut(BaseModel):
    """A plan and where it stands; `summary` is its plan.json (docs/plan.md)."""

    name: str = Field(examples=["week-48"])
    state: str = Field(examples=["done"], description="waiting, running, done, failed or interrupted")
    reason: str = Field(default="", description="why it failed")
    progress: dict[str, float] | None = Field(
        default=None, description="round, seconds, bound, cost of the best plan so far, gap"
    )
    summary: dict[str, Any] | None = None


@router.get("", operation_id="listPlans", summary="List plans", responses=responses(*_DENIED))
def list_plans(_: PlansReader) -> list[PlanOut]:
    """The newest first, without their tight places."""
    shown = []
    for kept in plans.every():
        told = _out(kept)
        if told.summary is not None:
            keys = ("currency", "commodities", "parcels", "served", "unserved", "cost", "bound", "gap")
            told.summary = {key: told.summary[key] for key in keys}
        shown.append(told)
    return shown


@router.post(
    "", operation_id="createPlan", summary="Plan a demand, or plan anew", status_code=202,
    responses=responses(*_DENIED, "invalid-request", "media-type", "not-possible"),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _SCHEMA, "examples": _EXAMPLES},
                "text/csv": {"schema": {"type": "string"}, "example": _CSV_EXAMPLE},
            },
        }
    },
)  # fmt: skip
async def create_plan(
    request: Request,
    response: Response,
    _: PlansWriter,
    context: TheContext,
    name: Annotated[
        str | None, Query(description="of the plan, where the body is CSV", examples=["week-48"])
    ] = None,
    seconds: Annotated[float, Query(gt=0, le=plans.LONGEST, description="with a body of CSV")] = 90,
) -> PlanOut:
    """Begins a plan in the background; read it at the `Location` until its state is `done`.

    The body is JSON, or a demand file as `text/csv` with the plan's name in the query.
    """
    demand: bytes | None
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    body = await request.body()
    if kind == "text/csv":
        asked, demand = PlanIn.model_construct(name=name or "", seconds=seconds, gap=0.001), body
        if name is None:
            item = ErrorItem(
                pointer="#/query/name", detail=said(say.MISSING()), remedy=said(say.NAME_THE_PLAN())
            )
            raise Problem("invalid-request", errors=[item])
    elif kind == "application/json":
        try:
            asked = PlanIn.model_validate_json(body)
        except ValidationError as error:
            raise RequestValidationError(
                [{**e, "loc": ("body", *e["loc"])} for e in error.errors(include_url=False)],
                body=_read(body),
            ) from None
        demand = _csv(asked.commodities) if asked.commodities else None
    else:
        raise Problem(
            "media-type", say.NOT_THIS_MEDIA(kind=kind) if kind else say.NO_MEDIA(), say.SEND_JSON_OR_CSV()
        )
    wanted = Asked(
        asked.name, context.now(), demand=".csv", start=asked.start.isoformat() if asked.start else "",
        origin=asked.from_ or "", disruptions=tuple(asked.disruptions), at=asked.at.isoformat() if asked.at else "",
        widen=asked.widen, seconds=asked.seconds, gap=asked.gap,
    )  # fmt: skip
    try:
        kept = await run_in_threadpool(plans.start, PLAN, wanted, demand)
    except PlanRefused as refused:
        raise Problem("not-possible", refused.message, refused.remedy) from None
    response.headers["location"] = f"{request.scope.get('root_path', '')}/plans/{kept.name}"
    return _out(kept)


def _read(body: bytes) -> object:
    """A body of JSON, as it is looked into to say where a fault stands; None where it is no JSON."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _csv(commodities: list[CommodityIn]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    for one in commodities:
        writer.writerow({k: v for k, v in one.model_dump(mode="json").items() if v is not None})
    return text.getvalue().encode()


@router.get("/{name}", operation_id="readPlan", summary="Read a plan", responses=responses(*_DENIED, "not-found"))  # fmt: skip
def read_plan(name: str, _: PlansReader) -> PlanOut:
    """Where it stands; when it is done: cost, lower bound, gap, what is unserved, the tightest places."""
    return _out(_find(name))


@router.post("/{name}/stop", operation_id="stopPlan", summary="Stop and keep the best plan so far",
             responses=responses(*_DENIED, "not-found", "not-possible"))  # fmt: skip
def stop_plan(name: str, _: PlansWriter) -> PlanOut:
    """The search ends at its next step."""
    _find(name)
    if not plans.stop(name):
        raise Problem("not-possible", say.PLAN_NOT_MADE(plan=name))
    return _out(_find(name))


@router.delete("/{name}", operation_id="deletePlan", summary="Forget a plan", status_code=204,
               responses=responses(*_DENIED, "not-found", "not-possible"))  # fmt: skip
def delete_plan(name: str, _: PlansWriter) -> None:
    """Its folder goes; reservations that it put in place stay until another plan's take their place."""
    _find(name)
    if not plans.remove(name):
        raise Problem("not-possible", say.PLAN_BEING_MADE(plan=name), say.STOP_FIRST())


class PriceOut(BaseModel):
    """What more of one scarce capacity would save."""

    row: int
    kind: str = Field(
        examples=["segment_weight"], description="segment_weight, segment_volume, sort, dock, customs"
    )
    places: list[str] = Field(examples=[["AIR-CMN", "AIR-CDG"]])
    service: str | None
    at: datetime = Field(description="departure, or the beginning of the quarter of an hour")
    load: float = Field(description="in kg, m³, parcels or vehicle-loads")
    capacity: float
    saves: float = Field(description="what one more kg, m³ or parcel saves at the margin")
    saves_tenth: float = Field(description="what a tenth more capacity saves at most")


@router.get("/{name}/prices", operation_id="readPrices", summary="Prices of congestion",
            responses=responses(*_DENIED, "not-found", "not-possible"))  # fmt: skip
def read_prices(
    name: str, _: PlansReader, limit: Annotated[int, Query(ge=1, le=10_000)] = 100
) -> list[PriceOut]:
    """Every capacity with a price, those first where a tenth more would save most."""
    return [
        PriceOut(
            row=r["row"], kind=r["kind"], places=list(r["places"]), service=r["service"], at=r["at"],
            load=r["units_load"], capacity=r["units_capacity"], saves=r["saves"], saves_tenth=r["saves_tenth"],
        )
        for r in _view(name).tightest(limit)
    ]  # fmt: skip


class CommodityOut(BaseModel):
    """A commodity of a plan and why it goes where it goes."""

    id: str
    origin: str
    destination: str
    service_class: str
    merchant_class: str
    parcels: int
    unserved: int
    reason: str = Field(examples=["the cheapest way there is; next best would cost 16.28 a parcel, congestion included"])  # fmt: skip


class LegOut(BaseModel):
    """One ride of a way."""

    mode: str = Field(examples=["air"])
    service: str
    origin: str
    destination: str
    depart: datetime
    arrive: datetime


class WayOut(BaseModel):
    """A way that parcels of a commodity take; cost and CO2e are of one parcel."""

    parcels: int
    cost: float
    late_minutes: int
    co2e_kg: float
    legs: list[LegOut]


class ReasonsOut(CommodityOut):
    """A commodity with its ways and what else there was."""

    alone_cost: float | None = Field(description="of one parcel, if nobody else were there")
    next_best_cost: float | None = Field(description="of one parcel on the next best way, congestion included")  # fmt: skip
    ways: list[WayOut]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """A commodity with its reason as the request asks for it."""
    return {k: row[k] for k in CommodityOut.model_fields} | {"reason": said(PlanView.reason(row))}


@router.get("/{name}/commodities", operation_id="listCommodities", summary="Commodities of a plan",
            responses=responses(*_DENIED, "not-found", "not-possible"))  # fmt: skip
def list_commodities(
    name: str,
    _: PlansReader,
    q: Annotated[str, Query(description="words of id, ends or classes", max_length=200)] = "",
    unserved: Annotated[bool, Query(description="only those with parcels left behind")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[CommodityOut]:
    """Those with most unserved parcels first."""
    found = _view(name).search(q, unserved).slice(offset, limit)
    return [CommodityOut(**_told(row)) for row in found.iter_rows(named=True)]


@router.get("/{name}/commodities/{id:path}", operation_id="readReasons", summary="Why a commodity goes where it goes",
            responses=responses(*_DENIED, "not-found", "not-possible"))  # fmt: skip
def read_reasons(name: str, id: str, _: PlansReader) -> ReasonsOut:
    """Its ways leg by leg, the reason, and what the next best would cost."""
    view = _view(name)
    found = view.commodity(id)
    if found is None:
        raise Problem("not-found", say.NO_COMMODITY(plan=name, id=id))
    cost: dict[str, Any] = {
        k: None if found[k] is None else found[k] / 1e4 for k in ("alone_cost", "next_best_cost")
    }
    return ReasonsOut(
        **_told(found),
        **cost,
        ways=[WayOut(**asdict(way)) for way in view.ways(found["commodity"])],
    )


class PlacedOut(BaseModel):
    """What became of the reservations that a plan asked for."""

    departures: int
    grams: int
    cm3: int
    short_g: int = Field(description="asked for, and no longer free")
    short_cm3: int


@router.post("/{name}/reservations", operation_id="putInPlace", summary="Put a plan's reservations in place",
             responses=responses(*_DENIED, "not-found", "not-possible"))  # fmt: skip
def put_in_place(name: str, _: PlansWriter, now: Now) -> PlacedOut:
    """At once and instead of the former plan's: bookings of a planned class draw from them first."""
    _view(name)
    return PlacedOut(**asdict(replanning.reserve(plans.folder(name), name, now)))


def _find(name: str) -> Kept:
    kept = plans.find(name)
    if kept is None:
        raise Problem("not-found", say.NO_PLAN(plan=name))
    return kept


def _view(name: str) -> PlanView:
    kept = _find(name)
    if kept.state != "done":
        raise Problem(
            "not-possible",
            say.PLAN_STANDS(plan=name, state=Term("plan_state", kept.state)),
            say.WAIT_UNTIL_DONE(),
        )
    return PlanView(plans.folder(name))


def _out(kept: Kept) -> PlanOut:
    return PlanOut(
        name=kept.name,
        state=kept.state,
        reason="" if kept.reason is None else said(kept.reason),
        progress=kept.progress,
        summary=kept.summary,
    )
