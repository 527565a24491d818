"""/delivery/hauled: the rounds that a carrier drives for the hub, and what its drivers do.

Every POST carries an Idempotency-Key: the same key does the same once, and answers the same however often it is sent.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.problems import responses
from qafila.api.delivery.delivery_schema import HauledActIn
from qafila.api.delivery.rounds import stop
from qafila.api.storage.warehouses import Key
from qafila.delivery import hauling
from qafila.runtime.accounts.model import Actor

router = APIRouter(prefix="/delivery/hauled", tags=["delivery"])
_DENIED = ("unauthorized", "insufficient-scope")
Hauler = Annotated[Actor, Depends(requires("delivery:haul"))]


@router.get("", operation_id="listHauled", summary="A carrier's rounds", responses=responses(*_DENIED))
def list_hauled(actor: Hauler, context: TheContext) -> list[dict[str, Any]]:
    """One's own, of the last week and ahead."""
    return [
        {
            "round": r.round_id,
            "facility": r.facility,
            "day": r.day,
            "vehicle": r.vehicle,
            "driver": r.driver,
            "state": r.state,
            "stops": r.stops,
            "over": r.over,
        }
        for r in hauling.rounds(actor.tenant, context.now().date())
    ]


@router.get(
    "/{round}",
    operation_id="readHauled",
    summary="A round of a carrier",
    responses=responses(*_DENIED, "not-found"),
)
def read_hauled(round: str, actor: Hauler) -> dict[str, Any]:
    """With its stops in order; another's round is as none."""
    row, stops = hauling.round_of(actor.tenant, round)
    return {
        "round": row.round_id,
        "facility": row.facility,
        "day": row.day,
        "vehicle": row.vehicle,
        "driver": row.driver,
        "state": row.state,
        "stops": [stop(d) for d in stops],
    }


@router.post(
    "/acts",
    operation_id="doOnHauled",
    summary="What a carrier's driver did",
    responses=responses(*_DENIED, "not-found", "invalid-request", "key-reused", "not-possible"),
)
def do(told: HauledActIn, actor: Hauler, context: TheContext, key: Key) -> dict[str, Any]:
    """As at /delivery/acts, on one's own rounds alone."""
    now = context.now()
    at = now if told.at is None else min(told.at, now)
    return hauling.act(context, actor, key, at, told.device, told.model_dump(), told.late)
