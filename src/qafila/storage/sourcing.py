"""From where an order goes: the warehouse, or the warehouses, that serve it best by the same offers as any parcel.

Every warehouse that has all of it is a way, and so is every pair that has it together; each way is priced by real offers
on the room that is left, with duty and taxes, and the order's own rule chooses. The reason says what the next best is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import permutations

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.core.message import Message
from qafila.core.money import Money
from qafila.core.values import value
from qafila.network.model import Facility
from qafila.shipping import counter
from qafila.shipping.offers.offer import Offer
from qafila.shipping.offers.offering import NoOffer, best_offers
from qafila.shipping.orders.order import Address, Order
from qafila.shipping.orders.parts import sent_from
from qafila.storage import messages
from qafila.storage.model import Condition

_MOST = 12
"""Warehouses that are compared at most: those that have most of the order."""


@value
class Part:
    """What one warehouse sends of an order, and how."""

    facility: str
    items: tuple[int, ...]  # indexes into the order's items
    order: Order  # what it sends: the order itself, or its own part of it
    offer: Offer


@value
class Serving:
    """A way to serve an order: its parts, what all of it costs with duty and taxes, when the last of it comes."""

    parts: tuple[Part, ...]
    total: Money
    by: datetime
    co2e_kg: Decimal


@value
class Choice:
    """The way that is taken, why, and the others that were compared, best first."""

    best: Serving
    why: Message
    others: tuple[Serving, ...]


def free(
    connection: Connection, owner: str, skus: Sequence[str], bonded: bool = False
) -> dict[str, dict[str, int]]:
    """[warehouse][SKU] free pieces that may leave; goods under bond count where the order leaves their territory."""
    conditions = [Condition.GOOD.value, *([Condition.BONDED.value] if bonded else [])]
    rows = connection.execute(
        text(
            "SELECT s.facility, s.sku, sum(s.pieces - s.reserved) AS free FROM stock s JOIN places p USING (facility, place) "
            "LEFT JOIN lots l ON (l.merchant_id, l.sku, l.lot) = (s.merchant_id, s.sku, s.lot) WHERE s.merchant_id = :o "
            "AND s.sku = ANY(:s) AND s.condition = ANY(:c) AND p.kind IN ('pick', 'reserve') AND coalesce(l.held, '') = '' "
            "GROUP BY 1, 2 HAVING sum(s.pieces - s.reserved) > 0"
        ),
        {"o": owner, "s": list(skus), "c": conditions},
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.facility, {})[row.sku] = int(row.free)
    return found


def choose(context: Context, order: Order, available: Mapping[str, Mapping[str, int]]) -> Choice:
    """The best way to serve an order from what is available.

    Raises Fault where no warehouse, and no two together, have all of it, or no offer reaches the buyer.
    """
    facilities = {f.id: f for f in context.network.feed.facilities}
    needed: dict[str, int] = {}
    for item in order.items:
        needed[item.sku] = needed.get(item.sku, 0) + item.quantity
    for sku, pieces in needed.items():
        if sum(have.get(sku, 0) for have in available.values()) < pieces:
            raise Fault(messages.NO_STOCK(pieces=pieces, sku=sku), field="items", value=sku)
    having = sorted(
        (f for f in available if f in facilities),
        key=lambda f: (-sum(min(available[f].get(s, 0), n) for s, n in needed.items()), f),
    )[:_MOST]
    plans = _plans(order, available, having)
    if not plans:
        sku = max(needed, key=lambda s: needed[s])
        raise Fault(messages.NO_PAIR(order=order.id), messages.MOVE_STOCK(), field="items", value=sku)
    asked: dict[tuple[str, tuple[int, ...]], Order] = {}
    for plan in plans:
        for facility, items in plan:
            asked.setdefault((facility, items), _part(order, facilities[facility], items))
    market, now, room = counter.market(context), context.now(), counter.room(context, order.service_class)
    offers = dict(zip(asked, best_offers(list(asked.values()), market, now, room), strict=True))
    found = []
    for plan in plans:
        parts = []
        for key in plan:
            offer = offers[key]
            if isinstance(offer, NoOffer):
                break
            parts.append(Part(key[0], key[1], asked[key], offer))
        if len(parts) == len(plan):
            found.append(_serving(context, tuple(parts), order))
    if not found:
        refusal = next(o for o in offers.values() if isinstance(o, NoOffer))
        raise Fault(messages.NO_WAY(order=order.id, because=refusal.reason), field="receiver")
    ranked = sorted(found, key=lambda s: _rank(s, order))
    return Choice(ranked[0], _why(ranked, facilities), tuple(ranked[1:]))


def _plans(
    order: Order, available: Mapping[str, Mapping[str, int]], having: Sequence[str]
) -> list[tuple[tuple[str, tuple[int, ...]], ...]]:
    """Ways to serve: from one warehouse, or the most from a first and the rest from a second. An item is not torn."""
    every = tuple(range(len(order.items)))

    def served(facility: str, wanted: Sequence[int]) -> tuple[int, ...]:
        left, found = dict(available[facility]), []
        for n in wanted:
            item = order.items[n]
            if left.get(item.sku, 0) >= item.quantity:
                left[item.sku] -= item.quantity
                found.append(n)
        return tuple(found)

    plans: dict[tuple[tuple[str, tuple[int, ...]], ...], None] = {}
    for facility in having:
        if served(facility, every) == every:
            plans[((facility, every),)] = None
    for first, second in permutations(having, 2):
        mine = served(first, every)
        rest = tuple(n for n in every if n not in mine)
        if mine and rest and served(second, rest) == rest:
            plans[tuple(sorted(((first, mine), (second, rest))))] = None
    return list(plans)


def _part(order: Order, facility: Facility, items: tuple[int, ...]) -> Order:
    """The order that one warehouse sends: its items, and their part of the weight and the volume."""
    sender = Address(
        facility.country, facility.city, order.sender.name, order.sender.company, facility_id=facility.id, to_door=False,
        tax_id=order.sender.tax_id,
    )  # fmt: skip
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
    )


def _rank(serving: Serving, order: Order) -> tuple[object, ...]:
    """By the order's own rule; fewer parcels where it is all the same."""
    money, by, co2e = serving.total.amount, serving.by, serving.co2e_kg
    first: dict[str, tuple[object, ...]] = {
        "fastest": (by, money), "greenest": (co2e, money),
        "promise": (order.promise_by is not None and by.date() > order.promise_by, money, by),
    }  # fmt: skip
    return (*first.get(order.rule, (money, by)), len(serving.parts), tuple(p.facility for p in serving.parts))


def _why(ranked: Sequence[Serving], facilities: Mapping[str, Facility]) -> Message:
    def named(serving: Serving) -> str:
        return " + ".join(facilities[p.facility].name for p in serving.parts)

    best = ranked[0]
    if len(ranked) == 1:
        return messages.ONLY_WAY(place=named(best), total=best.total.rounded(), day=best.by.date())
    second = ranked[1]
    return messages.BEST_WAY(
        place=named(best), total=best.total.rounded(), day=best.by.date(), other=named(second),
        other_total=second.total.rounded(), other_day=second.by.date(),
    )  # fmt: skip
