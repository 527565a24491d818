"""/fleet: the schedule by tail, types, crews' duty, what is out of use, repairs, changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from qafila.api.chassis.api_asking import Now, TheContext
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.problems import responses
from qafila.api.chassis.speaking import said
from qafila.api.fleet import schedule_told as told
from qafila.api.fleet.fleet_schema import ChangesIn, OutageIn, Registration, RepairIn, RosterIn, TailIn
from qafila.core.fault import Fault, NotFound
from qafila.fleet import fleet_duty, fleet_types, schedule, service
from qafila.fleet import fleet_messages as say
from qafila.fleet.model import Change, Tail
from qafila.fleet.service import By
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor

router = APIRouter(prefix="/fleet", tags=["fleet"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "not-possible")

Reader = Annotated[Actor, Depends(requires("fleet:read"))]
Manager = Annotated[Actor, Depends(requires("fleet:manage"))]


def by_of(actor: Actor) -> By:
    """Who acts, for the floor."""
    return By(actor.tenant, actor.name)


@router.get("/board", operation_id="readFleetBoard", summary="The fleet's schedule", responses=_DONE)
def read_board(
    actor: Reader,
    context: TheContext,
    now: Now,
    begins: AwareDatetime | None = None,
    days: Annotated[float, Query(gt=0, le=14)] = 3.0,
) -> dict[str, Any]:
    """Sectors of every tail in a time, as they are to fly, with what is booked on them and what cannot be flown."""
    since = begins or now
    with acting(actor) as connection:
        return told.board(service.window(connection, context, since, since + timedelta(days=days)))


@router.get(
    "/types", operation_id="listAircraftTypes", summary="Types of aircraft", responses=responses(*_DENIED)
)
def list_types(actor: Reader, context: TheContext) -> list[dict[str, Any]]:
    """Types with weights, limits and positions, and how sure these are."""
    return [
        told.type_told(t)
        for t in fleet_types.aircraft_types({v.id: v for v in context.network.feed.vehicles}).values()
    ]


@router.get(
    "/aircraft/{registration}",
    operation_id="readAircraft",
    summary="A tail for the load planner",
    responses=_DONE,
)
def aircraft(registration: Registration, actor: Reader, context: TheContext, now: Now) -> dict[str, Any]:
    """A tail as `aircraft` of a flight file (`POST /air/load-plans`): its positions, limits and envelope."""
    with acting(actor) as connection:
        board = service.window(connection, context, now, now + timedelta(days=1)).board
    tail = board.tails.get(registration)
    if tail is None:
        raise NotFound(say.NO_TAIL(tail=registration), field="registration", value=registration)
    return told.loading(board.types[tail.type], registration)


@router.put("/aircraft/{registration}", operation_id="putAircraft", summary="Add a tail", responses=_DONE)
def put_aircraft(
    registration: Registration, given: TailIn, actor: Manager, context: TheContext
) -> dict[str, str]:
    """Adds a tail to the fleet, such as a spare, or changes one."""
    since, until = (d.isoformat() if d else "" for d in (given.since, given.until))
    service.add_tail(context, Tail(registration, given.type, given.base, since, until), by_of(actor))
    return {"registration": registration}


@router.get("/rules", operation_id="readFleetRules", summary="Duty rules", responses=responses(*_DENIED))
def read_rules(actor: Reader) -> dict[str, Any]:
    """The rules of crews' duty and the prices of a repair, with sources and dates."""
    return told.rules()


@router.post("/rosters/check", operation_id="checkRoster", summary="Check a roster", responses=_DONE)
def check_roster(roster: RosterIn, actor: Reader, context: TheContext) -> list[dict[str, Any]]:
    """What a roster of one person breaks of the duty rules; empty where it keeps them."""
    if any(d.ends <= d.reports for d in roster.duties):
        raise Fault(say.WINDOW_WRONG(days=1), field="duties")
    zones = {id: f.timezone for id, f in context.network.feed.facility.items()}
    worked = [fleet_duty.Worked(**d.model_dump()) for d in sorted(roster.duties, key=lambda d: d.reports)]
    return [
        {"duty": n, "code": m.id, "detail": said(m)}
        for n, m in fleet_duty.breaches(worked, roster.base, zones)
    ]


@router.post("/outages", operation_id="addOutage", summary="Out of use", status_code=201, responses=_DONE)
def out_of_use(given: OutageIn, actor: Manager, context: TheContext) -> dict[str, str]:
    """Takes a tail out of service, or closes a facility, for a time. What cannot be flown then is told by the board; a
    repair says what to do."""
    id = service.out_of_use(
        context, given.kind, given.subject, given.begins, given.ends, given.because, by_of(actor)
    )
    return {"outage": id}


@router.delete(
    "/outages/{outage}", operation_id="liftOutage", summary="In use again", status_code=204, responses=_DONE
)
def lift(outage: str, actor: Manager, context: TheContext) -> None:
    """Ends an outage before its time."""
    service.in_use_again(context, outage[:80], by_of(actor))


@router.post("/repairs", operation_id="proposeRepair", summary="The cheapest repair", responses=_DONE)
def propose(given: RepairIn, actor: Manager, context: TheContext) -> dict[str, Any]:
    """Works out what to swap, delay and cancel so that what can be flown costs least, with its effect on parcels. Nothing is
    changed: `changes` and `stamp` are what `POST /fleet/changes` takes."""
    return told.repair(service.propose(context, given.begins, given.ends, given.seconds, given.across))


@router.post("/changes", operation_id="changeFlights", summary="Swap, delay, cancel", responses=_DONE)
def change(given: ChangesIn, actor: Manager, context: TheContext) -> dict[str, Any]:
    """Puts changes in place, all or none, and says what they do to parcels; with `preview` it only says that."""
    changes = [
        Change(
            (c.service, (c.day - schedule.EPOCH_DAY).days, c.call), c.tail, c.delay, c.cancelled, c.because
        )
        for c in given.changes
    ]
    if given.preview:
        begins, ends = service.around(changes)
        with acting(actor) as connection:
            seen = service.window(connection, context, begins, ends)
        return told.effect(service.affected(seen.board, seen.aboard, {c.key: c for c in changes}))
    return told.effect(service.put_in_place(context, changes, by_of(actor), given.stamp))
