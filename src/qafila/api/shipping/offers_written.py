"""Offers as the bytes of their answer. What an offer shares with the same offer to others is put into words once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from qafila.api.chassis.speaking import spoken
from qafila.api.shipping.offer_schema import OfferOut, OffersOut
from qafila.shipping.offers.offer import Offer
from qafila.shipping.orders.order import Order


def answer(order: Order, offers: Sequence[Offer], promise: bytes) -> bytes:
    """What `OffersOut` says of an order and its offers, as JSON."""
    told = OffersOut.of(order, [], promise).model_dump(mode="json")
    return orjson.dumps({**told, "offers": [_offer(offer) for offer in offers]}, option=orjson.OPT_UTC_Z)


def _offer(offer: Offer) -> Any:
    if offer.forms is None:
        return OfferOut.of(offer).model_dump(mode="json")
    form = f"answer in {spoken().code}"
    written = offer.forms.get(form)
    if written is None:
        made = OfferOut.of(offer).model_dump(mode="json")
        written = {name: orjson.Fragment(orjson.dumps(part)) for name, part in made.items()}
        offer.forms[form] = written
    return {**written, "id": offer.id, "order_id": offer.order_id, "valid_until": offer.valid_until}
