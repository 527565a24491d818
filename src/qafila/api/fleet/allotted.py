"""/fleet/allotments: room of flights that holders have beside the parcels."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter

from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.problems import responses
from qafila.api.fleet.fleet_board import Manager, Reader, by_of
from qafila.api.fleet.fleet_schema import AllotmentIn, DrawIn
from qafila.fleet import allotments, allotments_store
from qafila.fleet.schedule import EPOCH_DAY
from qafila.runtime.accounts.accounts_acting import acting

router = APIRouter(prefix="/fleet", tags=["fleet"])
_DONE = responses("unauthorized", "insufficient-scope", "not-found", "invalid-request", "not-possible")


@router.get("/allotments", operation_id="listAllotments", summary="Allotments", responses=_DONE)
def listed(actor: Reader, since: date, until: date, holder: str = "") -> list[dict[str, Any]]:
    """Allotments on service days of a time, of one holder or of all."""
    first, last = ((d - EPOCH_DAY).days for d in (since, until))
    with acting(actor) as connection:
        return [allotments.told(row) for row in allotments_store.listed(connection, first, last, holder[:80])]


@router.post(
    "/allotments", operation_id="giveAllotment", summary="Allot room", status_code=201, responses=_DONE
)
def give(given: AllotmentIn, actor: Manager, context: TheContext) -> dict[str, Any]:
    """Allots room of a departure, as far as the capacity ledger has it: bookings of parcels see only the rest."""
    key = given.service, (given.day - EPOCH_DAY).days, given.call
    return allotments.give(
        context, key, given.holder, given.grams, given.cm3, given.release_at, by_of(actor), given.id
    )


@router.post(
    "/allotments/{allotment}/draws", operation_id="drawAllotment", summary="Draw on it", responses=_DONE
)
def draw(allotment: str, given: DrawIn, actor: Manager, context: TheContext) -> dict[str, Any]:
    """Notes goods of the holder that ride on it, once by their key."""
    return allotments.draw(context, allotment[:80], given.key, given.grams, given.cm3, given.waybill)


@router.post(
    "/allotments/{allotment}/release",
    operation_id="releaseAllotment",
    summary="Give it back",
    responses=_DONE,
)
def release(allotment: str, actor: Manager, context: TheContext) -> dict[str, Any]:
    """Gives back what is not drawn."""
    return allotments.release(context, allotment[:80])
