"""What the log records of offers and refusals, and how they are made again from it.

What an offer was made from is recorded whole: the order, the clock, the network's id, the rides without room. What was
answered is recorded as a merchant sees it, in the order in which he sees it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import orjson

from qafila.context import Context
from qafila.core.message_json import to_json
from qafila.core.values import value
from qafila.network.timetable import Timetable
from qafila.openness.model import Decision
from qafila.routing.room_left import Room
from qafila.shipping.offers.offer import Offer
from qafila.shipping.offers.offering import NoOffer
from qafila.shipping.orders.order import Address, Order

OFFERS, REFUSAL = "shipping.offers", "shipping.refusal"


@value
class Basis:
    """What an answer was made from, beside the order.

    Attributes:
        asked: when it was asked for.
        network: the network's id.
        full: departures on which the parcel found no room, as `service/day/call`.
        snapshot: which transactions the look at the room saw; empty where it is not known.
        best: whether only the one offer was made that the order's rule takes.
        arrivals: the id of what foretold how late it may be; empty: the rules did.
    """

    asked: datetime
    network: str
    full: tuple[str, ...]
    snapshot: str = ""
    best: bool = False
    arrivals: str = ""


def basis(
    context: Context, asked: datetime, order: Order, room: Room, snapshot: str = "", best: bool = False
) -> Basis:
    """The basis of an answer that is made now for an order on a room."""
    full = departures(room.timetable, room.full(order.grams, order.cm3))
    return Basis(asked, context.network.id, full, snapshot, best, context.arrivals)


def departures(t: Timetable, segments: Any) -> tuple[str, ...]:
    """Segments (int64 [n]) as departures that outlive a compiled timetable."""
    chosen = np.asarray(segments, np.int64)
    return tuple(
        f"{t.service_ids[service]}/{day}/{call}"
        for service, day, call in zip(
            t.segment_service[chosen].tolist(),
            t.segment_day[chosen].tolist(),
            t.segment_call[chosen].tolist(),
            strict=True,
        )
    )


def inputs(made_from: Basis) -> dict[str, Any]:
    """A basis as JSON."""
    return {
        "asked": made_from.asked.isoformat(),
        "network": made_from.network,
        "full": sorted(made_from.full),
        "snapshot": made_from.snapshot,
        "best": made_from.best,
        "rules": rules_digest(),
        "arrivals": made_from.arrivals,
    }


@cache
def rules_digest() -> str:
    """A hash of the tables that prices and refusals follow: customs rules, limits, rates, terms."""
    total = hashlib.sha256()
    for package, suffixes in (("qafila.facts", (".csv",)), ("qafila.customs", (".toml", ".csv"))):
        pending = [files(package)]
        while pending:
            for one in sorted(pending.pop().iterdir(), key=lambda path: path.name):
                if one.is_dir():
                    pending.append(one)
                elif one.name.endswith(suffixes):
                    total.update(one.name.encode() + b"\0" + one.read_bytes())
    return total.hexdigest()[:16]


def answer(offers: Sequence[Offer]) -> list[dict[str, Any]]:
    """Offers as they are compared: in their order, without what is drawn from the order's own names."""
    return [
        {
            "rides": [
                f"{leg.service_id}/{leg.service_day}/{','.join(map(str, leg.calls))}"
                for leg in offer.itinerary.legs
            ],
            "arrival": offer.itinerary.arrival.isoformat(),
            "price": str(offer.price.amount),
            "currency": offer.price.currency,
            "promise": offer.promise.by.isoformat(),
            "probability": str(offer.promise.probability),
            "valid_until": offer.valid_until.isoformat(),
            "labels": list(offer.labels),
            "restrictions": [one.id for one in offer.restrictions],
        }
        for offer in offers
    ]


def refused(why: NoOffer) -> dict[str, Any]:
    """A refusal as it is compared."""
    return {"field": why.field, "reason": to_json(why.reason)}


def decision(
    merchant_id: str,
    order: Order,
    document: bytes,
    made_from: Basis,
    found: Sequence[Offer] | NoOffer,
    now: datetime,
) -> Decision:
    """The decision to offer these ways for an order, or none.

    Args:
        merchant_id: who asked.
        order: what for.
        document: the order as JSON.
        made_from: what the answer was made from.
        found: the answer.
        now: when it was given.
    """
    none = isinstance(found, NoOffer)
    said = {
        "from": order.sender.country,
        "to": order.receiver.country,
        "rule": order.rule,
        "offers": 0 if isinstance(found, NoOffer) else len(found),
    }
    answered: Any = refused(found) if isinstance(found, NoOffer) else answer(found)
    waited = max(0, int((now - made_from.asked).total_seconds() * 1000))
    hidden = {
        "order": document,
        "inputs": orjson.dumps({**inputs(made_from), "waited_ms": waited}),
        "answer": orjson.dumps(answered),
        "ids": orjson.dumps([] if isinstance(found, NoOffer) else [one.id for one in found]),
        "like": orjson.dumps(like(order)),
    }
    kind = REFUSAL if none else OFFERS
    return Decision(kind, order.id, now, said, hidden, merchant_id, frozenset({"order"}))


def like(order: Order) -> dict[str, Any]:
    """What makes two orders alike, without anything about a person: it stays when the order is erased."""
    return {
        "from": order.sender.facility_id, "to": order.receiver.facility_id, "grams": order.grams, "cm3": order.cm3,
        "rule": order.rule, "class": order.service_class,
    }  # fmt: skip


def nameless(order: Order) -> Order:
    """The order without anything by which somebody could be told; what the published policy names is left."""
    return replace(
        order,
        id="order",
        rows=(1,),
        note="",
        estimates=(),
        sender=_nameless(order.sender),
        receiver=_nameless(order.receiver),
        items=tuple(replace(item, sku="") for item in order.items),
    )


def _nameless(one: Address) -> Address:
    return replace(one, name="", company="", line1="", line2="", phone="", email="", tax_id="")
