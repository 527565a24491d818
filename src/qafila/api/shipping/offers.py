"""/offers: ways for an order, with price, promise and landed cost."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Header

from qafila.api.chassis.asking import TheContext
from qafila.api.chassis.authentication import OffersReader
from qafila.api.chassis.faults import ErrorItem
from qafila.api.chassis.problems import Problem, responses
from qafila.api.chassis.speaking import said
from qafila.api.shipping.offer_schema import AddressIn, CashIn, ItemIn, OfferOut, OffersOut, OrderIn
from qafila.shipping import counter
from qafila.shipping.offers.offering import NoOffer
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.reading import Row

router = APIRouter(prefix="/offers", tags=["offers"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1, max_length=200, description="The same key with the same request gets the same answer."
    ),
]


@router.post(
    "",
    operation_id="makeOffers",
    summary="Ask for offers",
    responses=responses(
        "unauthorized", "insufficient-scope", "invalid-request", "no-offer", "key-reused", "already-booked"
    ),
)
def make(
    order: OrderIn, actor: OffersReader, context: TheContext, idempotency_key: IdempotencyKey = None
) -> OffersOut:
    """Every way worth having for an order on the room that is left, earliest first. Book one by its id."""
    found = counter.quote(context.of(actor.tenant), as_said(order), idempotency_key)
    if isinstance(found, list):
        errors = [
            ErrorItem(pointer=pointer(p.field, p.row), detail=said(p.reason), remedy=said(p.remedy))
            for p in found
        ]
        raise Problem("invalid-request", errors=errors)
    if isinstance(found, NoOffer):
        item = ErrorItem(
            pointer=pointer(found.field, 0), detail=said(found.reason), remedy=said(found.remedy)
        )
        raise Problem("no-offer", found.reason, found.remedy, errors=[item])
    return OffersOut.of(found.order, list(found.offers), found.promise)


@router.get(
    "/{offer_id}",
    operation_id="readOffer",
    summary="Read an offer",
    responses=responses("unauthorized", "insufficient-scope", "not-found"),
)
def read(offer_id: str, actor: OffersReader) -> OfferOut:
    """An offer that was made to you."""
    return OfferOut.of(counter.offer_of(actor.tenant, offer_id).offer)


def as_said(order: OrderIn) -> RawOrder:
    """The order in the words of an orders file: every door has one set of rules. Item n is row n."""
    cells = {
        "order_id": order.id,
        "ready_at": order.ready_at.isoformat() if order.ready_at else "",
        "promise_by": order.promise_by.isoformat() if order.promise_by else "",
        "rule": order.rule or "",
        "insured": "yes" if order.insured else "",
        "incoterm": "DAP" if order.taxes_paid_by == "receiver" else "DDP",
        "trade": order.trade,
        "service_class": order.service_class,
        "preference": order.preference,
        "note": order.note,
        **_cash(order.cash_on_delivery),
        **_address(order.sender, "sender_"),
        **_address(order.receiver, ""),
    }
    lines = tuple(Row(n, _item(item)) for n, item in enumerate(order.items, start=1))
    return RawOrder(order.id, (0,), cells, lines)


def _cash(cash: CashIn | None) -> dict[str, str]:
    if cash is None:
        return {}
    return {"cash_on_delivery": f"{cash.amount:f}", "cash_on_delivery_currency": cash.currency}


def _address(address: AddressIn, prefix: str) -> dict[str, str]:
    return {f"{prefix}{field}": value for field, value in address.model_dump().items()}


def _item(item: ItemIn) -> dict[str, str]:
    cells = {
        "title": item.title,
        "quantity": str(item.quantity),
        "unit_price": f"{item.unit_value.amount:f}",
        "currency": item.unit_value.currency,
        "hs": item.hs,
        "goods_origin": item.origin,
        "sku": item.sku,
        "category": item.category,
        "attributes": item.attributes,
    }
    for field in ("weight_kg", "length_cm", "width_cm", "height_cm"):
        value = getattr(item, field)
        cells[field] = "" if value is None else f"{value:f}"
    return cells


_PLACES = {
    "unit_price": "unit_value/amount", "unit_value": "unit_value", "currency": "unit_value/currency",
    "goods_origin": "origin",
}  # fmt: skip
_ITEM = frozenset({"title", "quantity", "unit_price", "currency", "weight_kg", "weight_g", "length_cm",
                   "width_cm", "height_cm", "hs", "goods_origin", "sku", "category", "attributes"})  # fmt: skip
_ORDER = {"order_id": "id", "ready_at": "ready_at", "promise_by": "promise_by", "rule": "rule",
          "trade": "trade", "service_class": "service_class", "preference": "preference", "note": "note", "insured": "insured",
          "cash_on_delivery": "cash_on_delivery/amount", "cash_on_delivery_currency": "cash_on_delivery/currency"}  # fmt: skip


def pointer(field: str, row: int) -> str:
    """Where in the request's JSON the field is that an orders file calls `field` in `row`."""
    if field in _ORDER:
        return f"#/{_ORDER[field]}"
    if field in _ITEM:
        return f"#/items/{max(row - 1, 0)}/{_PLACES.get(field, field)}"
    for prefix, party in (("sender_", "sender"), ("origin_", "sender"), ("destination_", "receiver")):
        if field.startswith(prefix):
            return f"#/{party}/{field.removeprefix(prefix)}"
    if re.fullmatch("country|city|facility|name|line1|postcode|phone|email|tax_id", field):
        return f"#/receiver/{field}"
    return "#/"
