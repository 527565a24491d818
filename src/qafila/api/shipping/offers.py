"""/offers: ways for an order, with price, promise and landed cost."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Response

from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.api_faults import ErrorItem
from qafila.api.chassis.at_once import Asked, AtOnce, at_once
from qafila.api.chassis.authentication import OffersReader
from qafila.api.chassis.problems import Problem, responses
from qafila.api.chassis.speaking import said
from qafila.api.shipping.offer_schema import OfferOut, OffersOut, OrderIn
from qafila.api.shipping.offers_written import answer
from qafila.api.shipping.order_command import command_of, pointer
from qafila.shipping import counter
from qafila.shipping.offers.offering import NoOffer

router = APIRouter(prefix="/offers", tags=["offers"], route_class=AtOnce)

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1, max_length=200, description="The same key with the same request gets the same answer."
    ),
]


def _plainly(asked: Asked) -> Response:
    return make(asked.body, asked.actor, asked.context, asked.key)


@router.post(
    "",
    operation_id="makeOffers",
    summary="Ask for offers",
    response_model=OffersOut,
    responses=responses(
        "unauthorized", "insufficient-scope", "invalid-request", "no-offer", "key-reused", "already-booked"
    ),
)
@at_once(OrderIn, _plainly)
def make(
    order: OrderIn, actor: OffersReader, context: TheContext, idempotency_key: IdempotencyKey = None
) -> Response:
    """Every way worth having for an order on the room that is left, earliest first. Book one by its id."""
    found = counter.quote(context.of(actor.tenant), partial(command_of, order), idempotency_key)
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
    return Response(answer(found.order, found.offers, found.promise), media_type="application/json")


@router.get(
    "/{offer_id}",
    operation_id="readOffer",
    summary="Read an offer",
    responses=responses("unauthorized", "insufficient-scope", "not-found"),
)
def read(offer_id: str, actor: OffersReader) -> OfferOut:
    """An offer that was made to you."""
    return OfferOut.of(counter.offer_of(actor.tenant, offer_id).offer)
