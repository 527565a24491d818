"""/delivery: fleets, rounds of a day, what drivers do, and what proves it.

Every POST carries an Idempotency-Key: the same key does the same once, and answers the same however often it is sent.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.problems import Problem, responses
from qafila.api.delivery.delivery_schema import DoorActIn, FallOutIn, RoundsIn, VehicleIn
from qafila.api.storage.warehouses import Key, act_of
from qafila.delivery import dayplan, delivery_doing, delivery_messages, falling_out, hauling, notices, store
from qafila.delivery.model import Delivery, FleetVehicle, photo_kind
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor

router = APIRouter(prefix="/delivery", tags=["delivery"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "key-reused", "not-possible")

Reader = Annotated[Actor, Depends(requires("delivery:read"))]
Planner = Annotated[Actor, Depends(requires("delivery:plan"))]
Driver = Annotated[Actor, Depends(requires("delivery:drive"))]


@router.put(
    "/stations/{facility}/vehicles/{vehicle}",
    operation_id="putVehicle",
    summary="Add or change a vehicle",
    responses=_DONE,
)
def put_vehicle(
    facility: str, vehicle: str, told: VehicleIn, actor: Planner, context: TheContext
) -> dict[str, Any]:
    """Adds a vehicle to a station's fleet, or changes it."""
    dayplan.station(context, facility)
    made = FleetVehicle(
        facility, vehicle[:80], **told.model_dump() | {"skills": frozenset(told.skills)}
    ).checked()
    hauling.checked(made.carrier)
    with acting(actor) as connection:
        store.put_vehicle(connection, made, own="carrier" in told.model_fields_set)
    return {"vehicle": made.id, "max_g": made.max_g, "max_cm3": made.max_cm3, "max_pieces": made.max_pieces}


@router.get(
    "/stations/{facility}/vehicles",
    operation_id="listVehicles",
    summary="A station's fleet",
    responses=responses(*_DENIED),
)
def list_vehicles(facility: str, actor: Reader) -> list[dict[str, Any]]:
    """Its vehicles, with their drivers and working days."""
    with acting(actor) as connection:
        found = store.vehicles(connection, facility[:80])
    return [
        {
            "id": v.id,
            "kind": v.kind,
            "driver": v.driver,
            "max_g": v.max_g,
            "max_cm3": v.max_cm3,
            "max_pieces": v.max_pieces,
            "from_minute": v.from_minute,
            "until_minute": v.until_minute,
            "skills": sorted(v.skills),
            "trips": v.trips,
            "active": v.active,
            "carrier": v.carrier,
        }
        for v in found
    ]


@router.get(
    "/stations/{facility}/due",
    operation_id="listDue",
    summary="What is due",
    responses=responses(*_DENIED, "not-found"),
)
def list_due(facility: str, day: date, actor: Reader, context: TheContext) -> list[dict[str, Any]]:
    """Parcels that are to be brought from a station on a day, and whether they are there."""
    with acting(actor) as connection:
        found = dayplan.due(connection, context, dayplan.station(context, facility), day)
    return [{"parcel": d.parcel, "here": d.here, "expected": d.expected} for d in found]


@router.post(
    "/stations/{facility}/rounds", operation_id="planRounds", summary="Plan a day's rounds", responses=_DONE
)
def plan_rounds(
    facility: str, told: RoundsIn, actor: Planner, context: TheContext, key: Key
) -> dict[str, Any]:
    """Plans the rounds of a day; those that have not begun are planned anew. Buyers are told their windows."""
    return dayplan.plan_rounds(
        context, act_of(actor, key, context.now()), actor.source(), facility, told.day, told.coming
    )


@router.get(
    "/stations/{facility}/rounds",
    operation_id="listRounds",
    summary="Rounds of a day",
    responses=responses(*_DENIED),
)
def list_rounds(facility: str, day: date, actor: Reader) -> list[dict[str, Any]]:
    """Each with its vehicle, driver, state, and how far it is."""
    with acting(actor) as connection:
        found = store.rounds(connection, facility[:80], day)
    return [
        {
            "round": r.round_id,
            "vehicle": r.vehicle,
            "driver": r.driver,
            "state": r.state,
            "stops": r.stops,
            "over": r.over,
            "metres": r.plan.get("metres"),
            "seconds": r.plan.get("seconds"),
            "work_seconds": r.work_s,
            "roads": r.plan.get("roads"),
        }
        for r in found
    ]


@router.get(
    "/rounds/{round}", operation_id="readRound", summary="A round", responses=responses(*_DENIED, "not-found")
)
def read_round(round: str, actor: Reader) -> dict[str, Any]:
    """A round with its stops in order."""
    with acting(actor) as connection:
        row = store.round_row(connection, round[:80])
        stops = store.deliveries(connection, "d.round_id = :r", r=round[:80])
    if row is None:
        raise dayplan.no_round(round)
    return {
        "round": row.round_id,
        "facility": row.facility,
        "day": row.day,
        "vehicle": row.vehicle,
        "driver": row.driver,
        "state": row.state,
        "revision": row.revision,
        "points": row.plan.get("points", []),
        "stops": [stop(d) for d in stops],
    }


def stop(delivery: Delivery) -> dict[str, Any]:
    """A stop as a driver's device needs it."""
    return {
        "parcel": delivery.parcel,
        "state": delivery.state.value,
        "receiver": delivery.receiver,
        "grams": delivery.grams,
        "window": delivery.told,
        "pin": delivery.pin,
        "landmark": delivery.landmark,
        "attempts": delivery.attempts,
        "wish": delivery.wish,
        "wish_detail": delivery.wish_detail,
        "point": delivery.point,
        "confirmed": delivery.confirmed_at,
        "called": delivery.called,
        "called_at": delivery.called_at,
        "gone": delivery.gone,
        "collect": None
        if delivery.collect is None
        else {"amount": str(delivery.collect.amount), "currency": delivery.collect.currency},
    }


@router.post("/acts", operation_id="doAtTheDoor", summary="What a driver did", responses=_DONE)
def do(told: DoorActIn, actor: Driver, context: TheContext, key: Key) -> dict[str, Any]:
    """start, call, deliver, leave, fail, gone or end: each once by its key."""
    act = act_of(actor, key, _when(told.at, context.now()), told.by, told.device)
    return delivery_doing.do(context, act, actor.source(told.device), told.facility, told.told(), told.late)


def _when(at: datetime | None, now: datetime) -> datetime:
    return now if at is None else min(at, now)  # a device whose clock runs ahead has not been there yet


@router.post(
    "/rounds/{round}/fall-out", operation_id="fallOut", summary="A vehicle falls out", responses=_DONE
)
def fall_out(round: str, told: FallOutIn, actor: Planner, context: TheContext, key: Key) -> dict[str, Any]:
    """Its parcels go to the others of the day, who fetch them where it stands; as few windows as possible are moved."""
    act = act_of(actor, key, context.now())
    return falling_out.fall_out(context, act, actor.source(), round[:80], (told.lat, told.lon))


@router.get(
    "/parcels/{parcel}/proofs",
    operation_id="readProofs",
    summary="What proves a delivery",
    responses=responses(*_DENIED),
)
def read_proofs(parcel: str, actor: Reader) -> list[dict[str, Any]]:
    """Every attempt with its outcome; pictures are at /photo."""
    with acting(actor) as connection:
        found = store.proofs(connection, parcel[:40].upper())
    return [
        {
            "attempt": p.attempt,
            "outcome": p.outcome,
            "reason": p.reason,
            "left_at": p.left_at,
            "name": p.name,
            "signature": p.signature,
            "photo": p.photo is not None,
            "by_code": p.by_code,
            "collected": None if p.collected is None else str(p.collected),
            "currency": p.currency,
            "lat": p.lat,
            "lon": p.lon,
            "by": p.by,
            "at": p.at,
        }
        for p in found
    ]


@router.get(
    "/parcels/{parcel}/proofs/{attempt}/photo",
    operation_id="readProofPhoto",
    summary="The picture of an attempt",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}, "image/png": {}}}, **responses(*_DENIED, "not-found")},
)
def read_photo(parcel: str, attempt: int, actor: Reader) -> Response:
    """As the driver took it."""
    with acting(actor) as connection:
        found = next((p for p in store.proofs(connection, parcel[:40].upper()) if p.attempt == attempt), None)
    if found is None or found.photo is None:
        raise Problem("not-found", delivery_messages.NO_PICTURE())
    return Response(
        bytes(found.photo),
        media_type=photo_kind(bytes(found.photo)),
        headers={"cache-control": "private, no-store"},
    )


@router.get(
    "/parcels/{parcel}/notices",
    operation_id="listNotices",
    summary="What the buyer was told",
    responses=responses(*_DENIED),
)
def list_notices(parcel: str, actor: Reader) -> list[dict[str, Any]]:
    """Messages that were sent, or that the sandbox kept."""
    with acting(actor) as connection:
        return notices.of_parcel(connection, parcel[:40].upper())
