"""What is worked out for an order before it is booked; runs in this process or in several beside it."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from qafila.clearance import decisions
from qafila.context import Context, Rules
from qafila.core.message import Share
from qafila.core.values import value
from qafila.customs.classification import Memory
from qafila.customs.classification.classifier import Suggestion, classifier
from qafila.eta import foretelling
from qafila.network.installed import Network
from qafila.routing.index import lanes
from qafila.routing.room_left import Room
from qafila.runtime.database import administrator, merchant_transaction
from qafila.shipping.bookings import capacity
from qafila.shipping.offers.offer import Offer
from qafila.shipping.offers.offering import Market, NoOffer, best_offers
from qafila.shipping.offers.offers_deciding import Basis, basis
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.completing import Classify, Proposal, complete
from qafila.shipping.orders.declared import sure_enough
from qafila.shipping.orders.order import Order, Problem
from qafila.shipping.orders.order_draft import Draft
from qafila.shipping.papers.documents import papers
from qafila.shipping.papers.labels import BookedShipment, labels_of


@value
class Prepared:
    """An order, complete, with the offer that its rule takes."""

    order: Order
    offer: Offer
    basis: Basis


Left = dict[int, tuple[int, int]]
"""Grams and cm³ left on the segments of which something is booked."""


def market(context: Context, on: date) -> Market:
    """The market of a context in the weeks from that of `on`; made once in a process for each network and rules."""
    return _market(context.network, context.rules, on - timedelta(days=on.weekday()), context.arrivals)


@lru_cache(maxsize=4)
def _market(network: Network, rules: Rules, monday: date, arrivals: str) -> Market:
    made = Market.of(
        network.timetable(monday),
        network.feed.facility,
        rules.rulebook,
        rules.rates,
        foretelling.installed(arrivals),
    )
    gc.collect()
    gc.freeze()  # what was loaded stays: looking through a million objects again and again halves the speed
    gc.set_threshold(50_000, 20, 20)  # orders and offers make no circles: what was let go of is gone already
    return made


def warm(context: Context, on: date) -> None:
    """Loads all that `prepare` needs in this process."""
    lanes(market(context, on).timetable)
    classifier()


def left_for(context: Context, asked: Sequence[Draft] | Sequence[Order], on: date) -> Left:
    """The room for some orders; where they are of several service classes, what is free to each of them."""
    classes = {one.service_class for one in asked}
    with administrator(
        "the room that is left is common to all merchants, and none may read the table"
    ) as connection:
        return capacity.left(
            connection, market(context, on).timetable, classes.pop() if len(classes) == 1 else ""
        )


def prepare(
    context: Context, drafts: Sequence[Draft], left: Left, on: date
) -> list[Prepared | list[Problem]]:
    """Completes each draft and finds its best offer, or says what is wrong; in the order given."""
    market(context, on)
    propose = proposer(context.tenant)
    made = [complete(draft, propose, context.rules.rates) for draft in drafts]
    orders = [order for order in made if isinstance(order, Order)]
    offers = iter(offer_again(context, orders, left, on))
    room = Room(market(context, on).timetable, left)
    return [one if isinstance(one, list) else _paired(context, one, next(offers), room) for one in made]


def offer_again(context: Context, orders: Sequence[Order], left: Left, on: date) -> list[Offer | NoOffer]:
    """The best offer of each order on what is left now."""
    place = market(context, on)
    return best_offers(orders, place, context.now(), Room(place.timetable, left))


def _paired(context: Context, order: Order, offer: Offer | NoOffer, room: Room) -> Prepared | list[Problem]:
    if isinstance(offer, NoOffer):
        return no_offer(order, offer)
    return Prepared(order, offer, basis(context, context.now(), order, room, best=True))


def no_offer(order: Order, why: NoOffer) -> list[Problem]:
    """The problem of an order that nothing can be offered for."""
    value = why.value or {
        "destination_city": f"{order.sender.city} → {order.receiver.city}",
        "promise_by": order.promise_by.isoformat() if order.promise_by else "",
        "goods": ", ".join(item.description for item in order.items)[:200],
        "ready_at": order.ready.isoformat(),
    }.get(why.field, "")
    return [Problem(order.rows[0], why.field, value, why.reason, why.remedy, order.id)]


def proposer(merchant_id: str) -> Classify:
    """Proposes HS codes as the classifier sees them, and as the merchant confirmed them for the same and like goods."""
    with merchant_transaction(merchant_id) as connection:
        memory = decisions.memory(connection, merchant_id)
    return proposing(memory)


def proposing(memory: Memory | None) -> Classify:
    """Proposes HS codes as the classifier sees them, and by what it remembers of a merchant, if anything."""
    if memory is None:
        return lambda item: _proposed(item.title, item.attributes, item.category)
    return lambda item: _told(
        classifier().suggest(item.title, item.attributes, item.category, item.sku or None, memory, most=1)
    )


@lru_cache(maxsize=20_000)
def _proposed(title: str, attributes: str, category: str) -> Proposal:
    return _told(classifier().suggest(title, attributes, category, most=1))


def _told(suggestion: Suggestion) -> Proposal:
    """The first candidate with its confidence; empty, with its question, where the classifier abstains."""
    best = suggestion.best
    if best is None or suggestion.abstained:
        asked = suggestion.question
        return Proposal("", m.TOO_VAGUE_ASK(question=asked) if asked else m.TOO_VAGUE())
    if suggestion.remembered:
        return Proposal(best.hs6)
    sure = round(best.confidence, 2)
    if not sure_enough(sure):
        return Proposal(best.hs6, m.HS_TOO_UNSURE(sure=Share(Decimal(str(sure)))), sure)
    return Proposal(best.hs6, m.PROPOSED(share=Share(Decimal(str(sure)))), sure)


def records(
    context: Context, shipments: Sequence[BookedShipment]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What labels and papers of some shipments say: half the size of the shipments themselves, for another process."""
    facilities = context.network.feed.facility
    labels = [one for shipment in shipments for one in labels_of(shipment, facilities)]
    return labels, [one for shipment in shipments for one in papers(shipment, facilities, context.rules)]
