"""/fleet/flights: a flight of the fleet as a flight file of the load planner, made of what is booked on it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from qafila.api.air.flight_schema import FlightIn
from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.problems import responses
from qafila.api.fleet.fleet_board import Reader
from qafila.cargo import waybills
from qafila.context import Context
from qafila.fleet import flight_files, schedule
from qafila.fleet.flight_files import Marks
from qafila.runtime.accounts.accounts_acting import acting

router = APIRouter(prefix="/fleet", tags=["fleet"])
_DONE = responses("unauthorized", "insufficient-scope", "not-found", "invalid-request", "not-possible")


def flight_file(
    connection: Connection, context: Context, service: str, day: int, ahead: bool
) -> dict[str, Any]:
    """The flight file of a departure, with what air waybills say of its parcels; see `flight_files`."""
    on = flight_files.booked(connection, context, service, day)
    said = waybills.of_parcels(connection, on.parcels)
    marks = {number: Marks(w.waybill, w.codes, w.security, w.dangerous) for number, w in said.items()}
    return flight_files.flight_file(on, marks, ahead)


def day_of(told: date) -> int:
    """The service day of a date."""
    return (told - schedule.EPOCH_DAY).days


@router.get(
    "/flights/{service}/{day}",
    operation_id="readFlightToLoad",
    summary="A flight as the load planner takes it",
    responses=_DONE,
)
def flight_to_load(
    service: str,
    day: date,
    actor: Reader,
    context: TheContext,
    ahead: Annotated[bool, Query(description="Papers are not there yet: do not ask about them.")] = False,
) -> FlightIn:
    """What is booked on a flight of the fleet, as a flight file (`POST /air/load-plans` takes it): tail, legs, ULD types, bags
    and single pieces by air waybill, what customs or a recall keeps back, security and dangerous goods."""
    with acting(actor) as connection:
        told = flight_file(connection, context, service[:80], day_of(day), ahead)
    return FlightIn.model_validate(told)
