"""/delivery/points: compartments of lockers and counters, and what is handed out there."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.problems import responses
from qafila.api.delivery.delivery_schema import CompartmentsIn, LimitIn, OpenIn
from qafila.api.storage.warehouses import Key, act_of
from qafila.delivery import dayplan, delivery_limits, delivery_points, handing_out
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor

router = APIRouter(prefix="/delivery/points", tags=["delivery"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "key-reused", "not-possible")

Reader = Annotated[Actor, Depends(requires("delivery:read"))]
Planner = Annotated[Actor, Depends(requires("delivery:plan"))]
Attendant = Annotated[Actor, Depends(requires("delivery:point"))]


@router.put(
    "/{facility}/compartments", operation_id="putCompartments", summary="Set a point up", responses=_DONE
)
def put(facility: str, told: CompartmentsIn, actor: Planner, context: TheContext) -> dict[str, int]:
    """Adds compartments, or changes them."""
    dayplan.station(context, facility)
    with acting(actor) as connection:
        made = [delivery_points.Compartment(facility, c.id, c.size_mm, c.adapter) for c in told.compartments]
        return {"compartments": delivery_points.put_compartments(connection, made)}


@router.get(
    "/{facility}/compartments",
    operation_id="listCompartments",
    summary="What is in a point",
    responses=responses(*_DENIED),
)
def show(facility: str, actor: Reader) -> list[dict[str, Any]]:
    """Each compartment with its parcel, and until when it stays."""
    with acting(actor) as connection:
        return delivery_points.overview(connection, facility[:80])


@router.put(
    "/{facility}/limits",
    operation_id="putPlaceLimit",
    summary="How much a place takes a day",
    responses=_DONE,
)
def put_limit(facility: str, told: LimitIn, actor: Planner, context: TheContext) -> dict[str, Any]:
    """Of parcels that buyers fetch (`point`) or of what comes back (`returns`); without `per_day` there is no limit any more."""
    dayplan.station(context, facility)
    with acting(actor) as connection:
        delivery_limits.put(
            connection, facility, delivery_limits.Kind(told.kind), told.per_day, actor.name, context.now()
        )
    return {"facility": facility, "kind": told.kind, "per_day": told.per_day}


@router.get(
    "/{facility}/limits",
    operation_id="readPlaceLimits",
    summary="What a place still takes",
    responses=responses(*_DENIED),
)
def read_limits(facility: str, day: date, actor: Reader) -> list[dict[str, Any]]:
    """For each kind the limit of a day and what is left of it; null: no limit."""
    with acting(actor) as connection:
        return [
            {
                "kind": kind.value,
                "per_day": delivery_limits.limit(connection, facility[:80], kind),
                "left": delivery_limits.left(connection, facility[:80], kind, day),
            }
            for kind in delivery_limits.Kind
        ]


@router.post(
    "/{facility}/open",
    operation_id="openCompartment",
    summary="Hand a parcel out by its code",
    responses=_DONE,
)
def open(facility: str, told: OpenIn, actor: Attendant, context: TheContext, key: Key) -> dict[str, Any]:
    """Opens the compartment of a code; the parcel is delivered."""
    act = act_of(actor, key, context.now())
    return handing_out.hand_out(
        context, act, actor.source(), facility[:80], told.code, told.name, told.collected
    )
