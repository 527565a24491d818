"""/storage/sourcing and /storage/fulfilments: from where an order goes, and sending it from there."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter

from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.api_faults import ErrorItem
from qafila.api.chassis.problems import Problem, responses
from qafila.api.chassis.speaking import said
from qafila.api.shipping.offer_schema import OrderIn
from qafila.api.shipping.order_command import command_of, pointer
from qafila.api.storage.warehouses import Key, Owner, Writer, act_of, owner_of
from qafila.context import Context
from qafila.runtime.accounts.accounts_acting import acting
from qafila.shipping import counter
from qafila.shipping.orders.order import Order
from qafila.storage import fulfilling, sourcing
from qafila.storage.model import Condition

router = APIRouter(prefix="/storage", tags=["storage"])
_DENIED = ("unauthorized", "insufficient-scope")


@router.post(
    "/sourcing",
    operation_id="chooseSource",
    summary="From where an order goes",
    responses=responses(*_DENIED, "invalid-request", "not-found"),
)
def choose_source(told: OrderIn, actor: Writer, context: TheContext, owner: Owner = None) -> dict[str, Any]:
    """The warehouse, or those together, that serve an order best by the same offers as any parcel, and the next best. Goods
    under bond serve what leaves their territory; the duty that others carry counts. Nothing is reserved by asking."""
    of = owner_of(actor, owner)
    order = _understood(context.of(of), told)
    with acting(actor) as connection:
        skus = [item.sku for item in order.items]
        available = sourcing.free(connection, of, skus, context.now().date())
        bonded = sourcing.free(connection, of, skus, context.now().date(), Condition.BONDED)
    found = sourcing.choose(context.of(of), order, available, bonded)
    return {
        "best": _serving(found.best),
        "why": said(found.why),
        "others": [_serving(s) for s in found.others],
    }


@router.post(
    "/fulfilments",
    operation_id="fulfilOrder",
    summary="Send an order from where its goods lie",
    status_code=201,
    responses=responses(*_DENIED, "invalid-request", "not-found", "not-possible"),
)
def fulfil_order(
    told: OrderIn, actor: Writer, context: TheContext, key: Key, owner: Owner = None
) -> dict[str, Any]:
    """Books one shipment for each warehouse that sends a part of the order, all of them or none, each with its own
    papers; the warehouses reserve and pick their parts. Asked again, it is the same."""
    of = owner_of(actor, owner)
    here = context.of(of)
    made = fulfilling.fulfil(here, _understood(here, told), act_of(actor, key, context.now()))
    return {
        "order": told.id,
        "shipments": [
            {
                "facility": one.facility,
                "part": one.part,
                "order_id": one.entry.order_id,
                "shipment_id": one.entry.shipment_id,
                "booking_id": one.entry.booking_id,
                "parcels": list(one.entry.parcels),
            }
            for one in made
        ],
    }


def _understood(context: Context, told: OrderIn) -> Order:
    order = counter.understand(context, partial(command_of, told))
    if isinstance(order, list):
        raise Problem(
            "invalid-request",
            errors=[
                ErrorItem(pointer=pointer(p.field, p.row), detail=said(p.reason), remedy=said(p.remedy))
                for p in order
            ],
        )
    return order


def _serving(serving: sourcing.Serving) -> dict[str, Any]:
    return {
        "total": {"amount": str(serving.total.rounded().amount), "currency": serving.total.currency},
        "by": serving.by,
        "co2e_wtw_kg": serving.co2e_kg,
        "duty": {
            "lost": str(serving.duty.lost.rounded().amount),
            "given_back": str(serving.duty.refunded.rounded().amount),
            "never_due": str(serving.duty.spared.rounded().amount),
            "unknown": [str(m) for m in serving.duty.unknown],
        },
        "parts": [
            {
                "facility": p.facility,
                "items": p.items,
                "pieces": [{"sku": i.sku, "pieces": i.quantity} for i in p.order.items],
                "price": str(p.offer.price.amount),
                "promise_by": p.offer.promise.by,
            }
            for p in serving.parts
        ],
    }
