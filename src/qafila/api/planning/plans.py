"""/plans: the network's plans. Asked for by a demand or a disruption, followed, read with prices and reasons."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from qafila.api.chassis import api_messages as say
from qafila.api.chassis.api_asking import Now, TheContext
from qafila.api.chassis.api_faults import ErrorItem
from qafila.api.chassis.authentication import PlansReader, PlansWriter
from qafila.api.chassis.problems import Problem, responses
from qafila.api.chassis.speaking import said
from qafila.api.planning.plan_schema import CSV_EXAMPLE, EXAMPLES, SCHEMA, PlanIn, PlanOut, as_csv
from qafila.core.message import Term
from qafila.planning.viewing import PlanView
from qafila.shipping.floor import PLAN
from qafila.shipping.plans import kept_plans as plans
from qafila.shipping.plans import plans_replanning
from qafila.shipping.plans.asked_plans import DEAREST, LONGEST, MOST_TRANSFERS, Asked, PlanRefused
from qafila.shipping.plans.kept_plans import Kept

router = APIRouter(prefix="/plans", tags=["plans"])
_DENIED = ("unauthorized", "insufficient-scope")
_WITH_CSV = "with a body of CSV"


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
    "",
    operation_id="createPlan",
    summary="Plan a demand, or plan anew",
    status_code=202,
    responses=responses(*_DENIED, "invalid-request", "media-type", "not-possible"),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": SCHEMA, "examples": EXAMPLES},
                "text/csv": {"schema": {"type": "string"}, "example": CSV_EXAMPLE},
            },
        }
    },
)
async def create_plan(
    request: Request,
    response: Response,
    _: PlansWriter,
    context: TheContext,
    name: Annotated[
        str | None, Query(description="of the plan, where the body is CSV", examples=["week-48"])
    ] = None,
    seconds: Annotated[float, Query(gt=0, le=LONGEST, description=_WITH_CSV)] = 90,
    max_transfers: Annotated[int | None, Query(ge=0, le=MOST_TRANSFERS, description=_WITH_CSV)] = None,
    ride_price: Annotated[float, Query(ge=0, le=DEAREST, description=_WITH_CSV)] = 0,
) -> PlanOut:
    """Begins a plan in the background; read it at the `Location` until its state is `done`.

    The body is JSON, or a demand file as `text/csv` with the plan's name in the query.
    """
    demand: bytes | None
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    body = await request.body()
    if kind == "text/csv":
        demand = body
        asked = PlanIn.model_construct(
            name=name or "", seconds=seconds, max_transfers=max_transfers, ride_price=ride_price
        )
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
        demand = as_csv(asked.commodities)
    else:
        raise Problem(
            "media-type", say.NOT_THIS_MEDIA(kind=kind) if kind else say.NO_MEDIA(), say.SEND_JSON_OR_CSV()
        )
    wanted = Asked(
        asked.name,
        context.now(),
        demand=".csv",
        start=asked.start.isoformat() if asked.start else "",
        origin=asked.from_ or "",
        disruptions=tuple(asked.disruptions),
        at=asked.at.isoformat() if asked.at else "",
        widen=asked.widen,
        seconds=asked.seconds,
        gap=asked.gap,
        max_transfers=asked.max_transfers,
        ride_price=asked.ride_price,
        co2e_price=asked.co2e_price,
        few_changes=asked.few_changes,
        balance_price=asked.balance_price,
    )
    try:
        kept = await run_in_threadpool(plans.start, PLAN, wanted, demand, as_csv(asked.lines))
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


@router.get(
    "/{name}", operation_id="readPlan", summary="Read a plan", responses=responses(*_DENIED, "not-found")
)
def read_plan(name: str, _: PlansReader) -> PlanOut:
    """Where it stands; when it is done: cost, lower bound, gap, what is unserved, the tightest places."""
    return _out(_find(name))


@router.post(
    "/{name}/stop",
    operation_id="stopPlan",
    summary="Stop and keep the best plan so far",
    responses=responses(*_DENIED, "not-found", "not-possible"),
)
def stop_plan(name: str, _: PlansWriter) -> PlanOut:
    """The search ends at its next step."""
    _find(name)
    if not plans.stop(name):
        raise Problem("not-possible", say.PLAN_NOT_MADE(plan=name))
    return _out(_find(name))


@router.delete(
    "/{name}",
    operation_id="deletePlan",
    summary="Forget a plan",
    status_code=204,
    responses=responses(*_DENIED, "not-found", "not-possible"),
)
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


@router.get(
    "/{name}/prices",
    operation_id="readPrices",
    summary="Prices of congestion",
    responses=responses(*_DENIED, "not-found", "not-possible"),
)
def read_prices(
    name: str, _: PlansReader, limit: Annotated[int, Query(ge=1, le=10_000)] = 100
) -> list[PriceOut]:
    """Every capacity with a price, those first where a tenth more would save most."""
    return [
        PriceOut(
            row=r["row"],
            kind=r["kind"],
            places=list(r["places"]),
            service=r["service"],
            at=r["at"],
            load=r["units_load"],
            capacity=r["units_capacity"],
            saves=r["saves"],
            saves_tenth=r["saves_tenth"],
        )
        for r in finished_view(name).tightest(limit)
    ]


class DepartureOut(BaseModel):
    """What a departure of a line is to be."""

    service: str = Field(examples=["CMN-CDG-1"])
    date: date
    planned: int | None = Field(description="vehicles as it is; null with step rates")
    vehicles: int
    change: str = Field(examples=["cancelled"], description="cancelled, added, fewer, more, or empty")
    kg: float
    room_kg: float
    cost: float


@router.get(
    "/{name}/departures",
    operation_id="readDepartures",
    summary="Departures that a plan decided",
    responses=responses(*_DENIED, "not-found", "not-possible"),
)
def read_departures(name: str, _: PlansReader) -> list[DepartureOut]:
    """Those of the lines that were given with the demand; none where the timetable stood as it was."""
    return [DepartureOut(**row) for row in finished_view(name).departures()]


class CommodityOut(BaseModel):
    """A commodity of a plan and why it goes where it goes."""

    id: str
    origin: str
    destination: str
    service_class: str
    merchant_class: str
    parcels: int
    unserved: int
    reason: str = Field(
        examples=["the cheapest way there is; next best would cost 16.28 a parcel, congestion included"]
    )


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
    next_best_cost: float | None = Field(
        description="of one parcel on the next best way, congestion included"
    )
    ways: list[WayOut]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """A commodity with its reason as the request asks for it."""
    return {k: row[k] for k in CommodityOut.model_fields} | {"reason": said(PlanView.reason(row))}


@router.get(
    "/{name}/commodities",
    operation_id="listCommodities",
    summary="Commodities of a plan",
    responses=responses(*_DENIED, "not-found", "not-possible"),
)
def list_commodities(
    name: str,
    _: PlansReader,
    q: Annotated[str, Query(description="words of id, ends or classes", max_length=200)] = "",
    unserved: Annotated[bool, Query(description="only those with parcels left behind")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[CommodityOut]:
    """Those with most unserved parcels first."""
    found = finished_view(name).search(q, unserved).slice(offset, limit)
    return [CommodityOut(**_told(row)) for row in found.iter_rows(named=True)]


@router.get(
    "/{name}/commodities/{id:path}",
    operation_id="readReasons",
    summary="Why a commodity goes where it goes",
    responses=responses(*_DENIED, "not-found", "not-possible"),
)
def read_reasons(name: str, id: str, _: PlansReader) -> ReasonsOut:
    """Its ways leg by leg, the reason, and what the next best would cost."""
    view = finished_view(name)
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


@router.post(
    "/{name}/reservations",
    operation_id="putInPlace",
    summary="Put a plan's reservations in place",
    responses=responses(*_DENIED, "not-found", "not-possible"),
)
def put_in_place(name: str, _: PlansWriter, now: Now) -> PlacedOut:
    """At once and instead of the former plan's: bookings of a planned class draw from them first."""
    finished_view(name)
    return PlacedOut(**asdict(plans_replanning.reserve(plans.folder(name), name, now)))


def _find(name: str) -> Kept:
    kept = plans.find(name)
    if kept is None:
        raise Problem("not-found", say.NO_PLAN(plan=name))
    return kept


def finished_view(name: str) -> PlanView:
    """A plan that is done. Raises Problem."""
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
