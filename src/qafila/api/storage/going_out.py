"""/storage/orders and /storage/waves: what goes out, how it is packed and labelled, and tours."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from qafila.api.chassis.api_asking import Now, TheContext
from qafila.api.chassis.problems import responses
from qafila.api.shipping.paper_routes import Dpi, Form
from qafila.api.storage.storage_schema import OutboundIn, WaveIn
from qafila.api.storage.warehouses import Key, Manager, Owner, Reader, Worker, Writer, act_of, owner_of
from qafila.runtime.accounts import accounts_places
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.database import Role, acting_as
from qafila.shipping import printed
from qafila.storage import (
    closing,
    fetching,
    outbound,
    packing,
    releasing,
    scanning,
    storage_messages,
    storage_orders,
    storage_reserving,
)

router = APIRouter(prefix="/storage", tags=["storage"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "key-reused", "not-possible")
_PATIENCE_SECONDS: float | None = 5.0
"""How long a release waits for the machine code of tours; then it is to be asked again, so that it keeps no place from others."""


@router.post(
    "/orders", operation_id="placeOutbound", summary="Have an order served", status_code=201, responses=_DONE
)
def place_order(told: OutboundIn, actor: Writer, now: Now, key: Key, owner: Owner = None) -> dict[str, Any]:
    """Reserves the goods of an order; what is not there waits for what comes in."""
    order = outbound.OutboundOrder(
        told.id,
        owner_of(actor, owner),
        told.facility,
        tuple((x.sku, x.pieces) for x in told.lines),
        told.part,
        told.cut_off,
        told.parcel,
        None,
        None,
        told.partial,
        told.substitute,
        told.bonded,
        told.note,
    )
    if told.booking:
        with acting_as(Role.MERCHANT, order.owner) as connection:
            order = closing.with_booking(connection, order, told.booking)
    return outbound.place_order(act_of(actor, key, now), order)


@router.get(
    "/orders/{order}",
    operation_id="readOutbound",
    summary="Read an order",
    responses=responses(*_DENIED, "not-found"),
)
def read_order(order: str, actor: Reader, part: int = 0, owner: Owner = None) -> dict[str, Any]:
    """Where an order stands, line by line."""
    with acting(actor) as connection:
        return storage_orders.told(connection, owner_of(actor, owner), order, part, lock=False)


@router.get(
    "/orders/{order}/packing",
    operation_id="readPacking",
    summary="How to pack an order",
    responses=responses(*_DENIED, "not-found"),
)
def read_packing(order: str, actor: Worker, owner: str, part: int = 0) -> dict[str, Any]:
    """Carton, plan with its picture, expected weight."""
    with acting(actor) as connection:
        return packing.advise(connection, owner, order, part)


@router.post(
    "/orders/{order}/cancel", operation_id="cancelOutbound", summary="Cancel an order", responses=_DONE
)
def cancel(
    order: str, actor: Writer, now: Now, key: Key, part: int = 0, owner: Owner = None
) -> dict[str, Any]:
    """Cancels an order that is not handed over; what is picked is to be put back."""
    return outbound.cancel(act_of(actor, key, now), owner_of(actor, owner), order, part)


@router.post(
    "/waves",
    operation_id="releaseWave",
    summary="Release orders",
    status_code=201,
    responses=_DONE | responses("unavailable"),
)
def release(told: WaveIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """Releases orders as tours: batched on exact tour lengths, each with its metres and an S-shape's beside them."""
    accounts_places.checked(actor, told.facility)
    wish = releasing.Wish(told.until, told.most, told.compartments, told.litres, told.zone)
    return releasing.release(act_of(actor, key, now), told.facility, wish, _PATIENCE_SECONDS)


@router.get("/tours/{tour}", operation_id="readTour", summary="Read a tour", responses=responses(*_DENIED))
def read_tour(tour: str, actor: Worker) -> dict[str, Any]:
    """What is still to be fetched, in the order of the walk."""
    with acting(actor) as connection:
        return fetching.ahead(connection, tour)


@router.post(
    "/reservations", operation_id="reserveWaiting", summary="Reserve for waiting orders", responses=_DONE
)
def reserve(actor: Manager, now: Now, key: Key, facility: str) -> dict[str, Any]:
    """Tries again for orders that wait."""
    return storage_reserving.reserve_waiting(act_of(actor, key, now), facility)


@router.get(
    "/orders/{order}/labels",
    operation_id="readOrderLabels",
    summary="Labels of an order's boxes",
    response_class=Response,
    responses={
        200: {
            "content": {"application/pdf": {}, "application/vnd.zebra.zpl": {}},
            "description": "The labels.",
        },
        **responses(*_DENIED, "not-found", "invalid-request"),
    },
)
def read_labels(
    order: str,
    actor: Worker,
    context: TheContext,
    owner: str,
    part: int = 0,
    box: Annotated[int, Query(ge=0, description="of one box; 0: of all")] = 0,
    format: Form = "pdf",
    dpi: Dpi = 203,
) -> Response:
    """As PDF, on A4, or as ZPL for a thermal printer."""
    with acting(actor) as connection:
        parcels = closing.to_print(connection, owner, order, part, box)
    if not parcels:
        raise scanning.Unknown(storage_messages.NO_LABELS(order=order[:80]), field="order", value=order[:80])
    made = printed.labels(parcels, context.of(owner), format, dpi)
    return Response(made.content, media_type=made.media_type)
