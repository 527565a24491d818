"""/sorting/centres: setting up, sort plans, scans at the induction, shifts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from qafila.api.chassis.api_asking import Now, TheContext
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.problems import responses
from qafila.api.chassis.speaking import said
from qafila.api.sorting.sorting_schema import CentreIn, PlanIn, ScansIn
from qafila.runtime.accounts.accounts_acting import ROLES, acting
from qafila.runtime.accounts.model import Actor
from qafila.shipping.plans import kept_plans
from qafila.sorting import model, sorting_setting_up, store
from qafila.sorting.induction import Decided, induction
from qafila.sorting.model import By
from qafila.tracking import custody

router = APIRouter(prefix="/sorting", tags=["sorting"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "not-possible")

Reader = Annotated[Actor, Depends(requires("sorting:read"))]
Worker = Annotated[Actor, Depends(requires("sorting:work"))]
Manager = Annotated[Actor, Depends(requires("sorting:manage"))]


def by_of(actor: Actor, station: str = "") -> By:
    """Who acts, for the floor."""
    return By(actor.tenant, ROLES[actor.kind].value, station or actor.name)


@router.get(
    "/centres", operation_id="listSortingCentres", summary="Sorting centres", responses=responses(*_DENIED)
)
def list_centres(actor: Reader) -> list[str]:
    """Every facility that sorts."""
    with acting(actor) as connection:
        return store.centres(connection)


@router.put(
    "/centres/{facility}", operation_id="putSortingCentre", summary="Set up a centre", responses=_DONE
)
def put_centre(facility: str, told: CentreIn, actor: Manager, context: TheContext) -> dict[str, Any]:
    """Sets a centre up, or changes it; says how many parcels that are booked already pass it."""
    centre = model.centre_from(told.model_dump() | {"facility": facility[:80]})
    return {"facility": centre.facility, "expected": sorting_setting_up.set_up(centre, context.now())}


@router.post(
    "/centres/{facility}/plans",
    operation_id="makeSortPlan",
    summary="Make a sort plan",
    status_code=201,
    responses=_DONE,
)
def make_plan(facility: str, told: PlanIn, actor: Manager, context: TheContext) -> dict[str, Any]:
    """Which next stop has which chutes, by walking, balance and change, with its gap and what it is worth beside the
    order of the alphabet. It is in place at once unless it is asked otherwise."""
    shift = sorting_setting_up.Shift(told.shift, told.since, told.until)
    flows = told.flows
    if told.of_plan:
        flows = sorting_setting_up.flows_of_plan(kept_plans.folder(told.of_plan), facility, shift)
    made = sorting_setting_up.make_plan(
        facility, shift, by_of(actor), context.now(), flows, told.seconds, told.in_place
    )
    return made.told()


@router.get(
    "/centres/{facility}/plans",
    operation_id="listSortPlans",
    summary="Sort plans",
    responses=responses(*_DENIED),
)
def list_plans(facility: str, actor: Reader) -> list[dict[str, Any]]:
    """The newest plans of a centre."""
    with acting(actor) as connection:
        return [dict(row._mapping) for row in store.plan_rows(connection, facility[:80])]


@router.post(
    "/centres/{facility}/scans",
    operation_id="scanAtInduction",
    summary="Chutes of what was read",
    responses=_DONE,
)
def scan(facility: str, told: ScansIn, actor: Worker, context: TheContext) -> list[dict[str, Any]]:
    """The chute of each thing and why. The events are written down before this answers, and committed within a second;
    with `durable`, this waits for that."""
    custody.at_place(actor, facility, context.network.feed)
    here = induction()
    line = here.line(facility, context)
    done = here.scan(line, readings(told, context.now()), by_of(actor, told.station))
    if told.durable:
        here.recorder.wait(done[-1].number)
    return answers(done)


def readings(told: ScansIn, now: datetime) -> list[tuple[model.Reading, str, str]]:
    """What was read, each with its key and the chute it comes from in a second pass; none is later than now."""
    return [
        (
            model.Reading(s.code, min(s.at, now) if s.at else now, s.damaged, s.grams, s.size_mm, s.put),
            s.key,
            s.again_from,
        )
        for s in told.scans
    ]


def answers(done: Sequence[Decided]) -> list[dict[str, Any]]:
    """What a station is told of its scans."""
    return [_answer(one) for one in done]


def _answer(one: Decided) -> dict[str, Any]:
    v = one.verdict
    return {
        "chute": v.chute,
        "why": v.why,
        "reason": said(v.reason),
        "parcel": v.parcel or None,
        "key": one.key,
        "next": v.expected.next if v.expected else None,
        "corrected": v.corrected or None,
    }


@router.get(
    "/centres/{facility}/chutes",
    operation_id="readChutes",
    summary="How full the chutes are",
    responses=responses(*_DENIED),
)
def chutes(
    facility: str, actor: Reader, now: Now, hours: Annotated[float, Query(gt=0, le=72)] = 8.0
) -> dict[str, Any]:
    """Parcels by chute in the last hours, and the departures that close soon with what is not sorted for them yet."""
    with acting(actor) as connection:
        counted = store.chute_counts(connection, facility[:80], now - timedelta(hours=hours), now)
        late = store.late_ones(connection, facility[:80], now, now + timedelta(hours=hours))
    return {
        "chutes": [dict(row._mapping) for row in counted],
        "departures": [dict(row._mapping) for row in late],
    }
