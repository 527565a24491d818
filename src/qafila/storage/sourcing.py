"""From where an order goes: the warehouse, or the warehouses, that serve it best by the same offers as any parcel.

Every way to divide its lines among warehouses that have them is compared, priced by real offers on the room that is left,
with duty and taxes, and with the duty that the goods carry (`carried_duty`); the order's own rule chooses. The reason says
what the next best is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.core.message import Message, clauses
from qafila.core.money import Money
from qafila.core.values import value
from qafila.network.model import Facility
from qafila.shipping import counter
from qafila.shipping.offers.offer import Offer
from qafila.shipping.offers.offering import NoOffer, best_offers
from qafila.shipping.orders.order import Address, Order
from qafila.shipping.orders.parts import sent_from
from qafila.storage import (
    carried_duty,
    splitting,
    storage_dividing,
    storage_messages,
    storage_reserving,
    store,
)
from qafila.storage.carried_duty import Carried
from qafila.storage.model import Condition, exploded

EXACT = 600
"""Offers that are asked for at most. Where all ways need more, lines that the same warehouses have stay together."""

Stocks = Mapping[str, Mapping[str, int]]
NOTHING: Stocks = {}


@value
class Part:
    """What one warehouse sends of an order, and how."""

    facility: str
    items: tuple[int, ...]  # indexes into the order's items
    order: Order  # what it sends: the order itself, or its own part of it
    offer: Offer
    duty: Carried  # that its goods carry


@value
class Serving:
    """A way to serve an order: its parts, what all of it costs with duty and taxes, when the last of it comes."""

    parts: tuple[Part, ...]
    total: Money
    by: datetime
    co2e_kg: Decimal
    duty: Carried  # paid for goods that leave the territory, given back, or never due: what counts beside the total


@value
class Choice:
    """The way that is taken, why, and the others that were compared, best first."""

    best: Serving
    why: Message
    others: tuple[Serving, ...]


def free(
    connection: Connection,
    owner: str,
    skus: Sequence[str],
    today: date,
    condition: Condition = Condition.GOOD,
) -> dict[str, dict[str, int]]:
    """[warehouse][SKU] free pieces of a condition that an order of today can be promised; of a kit, as many as can be put
    together from its parts."""
    kinds = storage_reserving.with_parts(connection, owner, skus)
    found = store.free(connection, owner, kinds, condition.value, today)
    for sku in skus:
        if sku in kinds and kinds[sku].parts:
            needs = exploded([(sku, 1)], kinds)
            for some in found.values():
                some[sku] = min(some.get(part, 0) // each for part, each in needs)
    return {
        house: mine
        for house, some in found.items()
        if (mine := {sku: some[sku] for sku in skus if some.get(sku, 0) > 0})
    }


def choose(
    context: Context, order: Order, available: Stocks, bonded: Stocks = NOTHING, exact: int = EXACT
) -> Choice:
    """The best way to serve an order from what is available.

    Args:
        available: [warehouse][SKU] free pieces that have paid their duty, or were made where they lie.
        bonded: the same of pieces under bond: they serve only what leaves their territory.
        exact: offers that are asked for at most; up to so many, every way is compared.

    Raises Fault where the warehouses together do not have all of it, or no offer reaches the buyer.
    """
    facilities = {f.id: f for f in context.network.feed.facilities}
    have = _usable(context, order, available, bonded, facilities)
    needed: dict[str, int] = {}
    for item in order.items:
        needed[item.sku] = needed.get(item.sku, 0) + item.quantity
    for sku, pieces in needed.items():
        if sum(some.get(sku, 0) for some in have.values()) < pieces:
            raise Fault(storage_messages.NO_STOCK(pieces=pieces, sku=sku), field="items", value=sku)
    houses = sorted(have, key=lambda f: (-sum(min(have[f].get(s, 0), n) for s, n in needed.items()), f))
    found: list[Serving] = []
    refused: NoOffer | None = None
    for torn in storage_dividing.ways(order, [have[f] for f in houses]):
        sets = storage_dividing.sendable(torn, [have[f] for f in houses], exact)
        servings, why = _served(context, order, torn, houses, sets, bonded)
        found += servings
        refused = refused or why
    if not found:
        if refused is not None:
            raise Fault(storage_messages.NO_WAY(order=order.id, because=refused.reason), field="receiver")
        raise Fault(
            storage_messages.NO_PAIR(order=order.id),
            storage_messages.MOVE_STOCK(),
            field="items",
            value=next(iter(needed)),
        )
    ways = {tuple((p.facility, p.items, p.order.grams) for p in one.parts): one for one in found}
    ranked = sorted(ways.values(), key=lambda s: _rank(s, order))
    return Choice(ranked[0], _why(ranked, facilities), tuple(ranked[1:]))


def _usable(
    context: Context, order: Order, available: Stocks, bonded: Stocks, facilities: Mapping[str, Facility]
) -> dict[str, dict[str, int]]:
    """Pieces that may serve the order, by warehouse: those under bond only where they leave their territory."""
    have = {f: dict(some) for f, some in available.items() if f in facilities}
    for f, some in bonded.items():
        if f in facilities and carried_duty.leaves(context, facilities[f], order):
            mine = have.setdefault(f, {})
            for sku, pieces in some.items():
                mine[sku] = mine.get(sku, 0) + pieces
    return have


def _served(
    context: Context,
    order: Order,
    torn: Order,
    houses: Sequence[str],
    sets: Sequence[Sequence[int]],
    bonded: Stocks,
) -> tuple[list[Serving], NoOffer | None]:
    """The best ways to serve an order whose lines are divided so, priced by real offers; and a refusal, if there was one."""
    facilities = {f.id: f for f in context.network.feed.facilities}
    lines = len(torn.items)
    asked = {
        (h, sent): _part(torn, facilities[house], tuple(n for n in range(lines) if sent >> n & 1))
        for h, house in enumerate(houses)
        for sent in sets[h]
    }
    market, now, room = counter.market(context), context.now(), counter.room(context, order.service_class)
    offers = dict(zip(asked, best_offers(list(asked.values()), market, now, room), strict=True))
    currency, day = order.items[0].unit_value.currency, now.date()
    parts: dict[tuple[int, int], Part] = {}
    prices: list[dict[int, splitting.Cost]] = [{} for _ in houses]
    refused = None
    for (h, sent), offer in offers.items():
        if isinstance(offer, NoOffer):
            refused = refused or offer
            continue
        items = tuple(n for n in range(lines) if sent >> n & 1)
        mine = asked[h, sent]
        duty = carried_duty.carried(context, facilities[houses[h]], mine, bonded.get(houses[h], {}))
        landed = context.rules.rates.convert(offer.landed_total, currency, day)
        parts[h, sent] = Part(houses[h], storage_dividing.original(order, torn, items), mine, offer, duty)
        prices[h][sent] = splitting.Cost(
            landed.amount + duty.lost.amount, offer.promise.by, offer.co2e_wtw_kg
        )
    until = None
    if order.promise_by is not None:
        until = datetime.combine(order.promise_by, time.max, now.tzinfo)
    plans = splitting.best(lines, prices, order.rule, until)
    chosen = [
        sorted((parts[key] for key in plan.parts), key=lambda p: (p.facility, p.items)) for plan in plans
    ]
    return [_serving(context, tuple(some), order) for some in chosen], refused


def _part(order: Order, facility: Facility, items: tuple[int, ...]) -> Order:
    """The order that one warehouse sends: its items, and their part of the weight and the volume."""
    sender = Address(
        facility.country,
        facility.city,
        order.sender.name,
        order.sender.company,
        facility_id=facility.id,
        to_door=False,
        tax_id=order.sender.tax_id,
    )
    part = sent_from(order, items, sender)
    if (due := order.cash_on_delivery) is None or len(items) == len(order.items):
        return part
    money = (
        due.money * (part.value.amount / order.value.amount)
    ).rounded()  # to the coin once all parts are known
    return replace(part, cash_on_delivery=replace(due, money=money) if money.amount else None)


def _serving(context: Context, parts: tuple[Part, ...], order: Order) -> Serving:
    currency = order.items[0].unit_value.currency
    day = context.now().date()
    total = sum(
        (context.rules.rates.convert(p.offer.landed_total, currency, day) for p in parts),
        start=Money(Decimal(0), currency),
    )
    return Serving(
        parts,
        total,
        max(p.offer.promise.by for p in parts),
        sum((p.offer.co2e_wtw_kg for p in parts), start=Decimal(0)),
        sum((p.duty for p in parts), start=carried_duty.none(currency)),
    )


def _rank(serving: Serving, order: Order) -> tuple[object, ...]:
    """By the order's own rule; fewer parcels where it is all the same."""
    money = serving.total.amount + serving.duty.lost.amount
    by, co2e = serving.by, serving.co2e_kg
    first: dict[str, tuple[object, ...]] = {
        "fastest": (by, money),
        "greenest": (co2e, money),
        "promise": (order.promise_by is not None and by.date() > order.promise_by, money, by),
    }
    return (*first.get(order.rule, (money, by)), len(serving.parts), tuple(p.facility for p in serving.parts))


def _why(ranked: Sequence[Serving], facilities: Mapping[str, Facility]) -> Message:
    def named(serving: Serving) -> str:
        return " + ".join(facilities[p.facility].name for p in serving.parts)

    best = ranked[0]
    if len(ranked) == 1:
        why = storage_messages.ONLY_WAY(place=named(best), total=best.total.rounded(), day=best.by.date())
    else:
        second = ranked[1]
        why = storage_messages.BEST_WAY(
            place=named(best),
            total=best.total.rounded(),
            day=best.by.date(),
            other=named(second),
            other_total=second.total.rounded(),
            other_day=second.by.date(),
        )
    told = [why]
    if best.duty.spared.amount:
        told.append(storage_messages.UNDER_BOND(duty=best.duty.spared.rounded()))
    if best.duty.refunded.amount:
        told.append(storage_messages.DRAWN_BACK(duty=best.duty.refunded.rounded()))
    if best.duty.lost.amount:
        told.append(storage_messages.DUTY_LOST(duty=best.duty.lost.rounded()))
    return clauses(told) or why
