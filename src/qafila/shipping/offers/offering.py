"""Offers for orders: ways through the network with price, promise, landed cost and CO2e."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from qafila.core.message import Message
from qafila.core.money import ExchangeRates, Money
from qafila.customs.rulebook import Rulebook
from qafila.eta.foretelling import Foretold
from qafila.network.model import Facility
from qafila.network.naming import named
from qafila.network.timetable import COST_UNIT, Timetable
from qafila.routing.itinerary import Answer, Itinerary, Query
from qafila.routing.room_left import Room
from qafila.routing.routing_points import EXTREMES
from qafila.routing.way_search import search_many
from qafila.shipping.offers import offers_messages as m
from qafila.shipping.offers.blanks import Blanks, stamped
from qafila.shipping.offers.choosing import TooLate, choose, labels, reason
from qafila.shipping.offers.landing import landed
from qafila.shipping.offers.offer import Offer, Promise
from qafila.shipping.offers.promising import promise, way_of
from qafila.shipping.offers.restricting import prohibited, restricted
from qafila.shipping.orders.order import Address, Order
from qafila.shipping.orders.orders_cash import more_than_owed

_KEPT = 5_000
"""Answers kept at most in a market: some hundred megabytes, for each is about 70 kB."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer of the router, and the departures that had no room for the parcel when it was given."""

    answer: Answer
    full: frozenset[int]

    def holds(self, full: frozenset[int], limit: int | None) -> bool:
        """Whether the router would answer the same now that these departures are full.

        What is best in a respect stays so while more and more of the others fill up. That speaks for the whole
        set and for its three extremes, not for the compromises that other limits choose between.
        """
        if full == self.full:
            return True
        if limit not in (None, EXTREMES) or not self.answer.itineraries or not self.full <= full:
            return False
        used = {s for itinerary in self.answer.itineraries for leg in itinerary.legs for s in leg.segments}
        return not used & full


@dataclass(frozen=True, slots=True)
class NoOffer:
    """Why an order has no offer, and what would lift it."""

    order_id: str
    field: str
    reason: Message
    remedy: Message
    value: str = ""


@dataclass(frozen=True, slots=True)
class Market:
    """What every offer is made from. Nothing in it changes but `answers` and `blanks`, kept to be given again."""

    timetable: Timetable
    facilities: dict[str, Facility]
    rulebook: Rulebook
    rates: ExchangeRates
    nodes: dict[str, int]  # facility id → its free side
    foretold: Foretold | None = None  # None: delays go by rule
    answers: dict[tuple[Query, int | None], Kept] = field(default_factory=dict, compare=False, repr=False)
    blanks: Blanks = field(default_factory=Blanks, compare=False, repr=False)

    @classmethod
    def of(
        cls,
        timetable: Timetable,
        facilities: dict[str, Facility],
        rulebook: Rulebook,
        rates: ExchangeRates,
        foretold: Foretold | None = None,
    ) -> Market:
        """A market over one timetable."""
        return cls(
            timetable,
            facilities,
            rulebook,
            rates,
            {f: n for n, f in enumerate(timetable.facility_ids)},
            foretold,
        )


def offers_for(
    orders: Sequence[Order],
    market: Market,
    now: datetime,
    closed: NDArray[np.bool_] | Room | None = None,
    limit: int | None = 12,
) -> list[list[Offer] | NoOffer]:
    """Every offer of each order, earliest first; at most `limit`, the best in each respect among them."""
    answers = _answers(market, [query(order, market) for order in orders], closed, limit)
    return [_all_offers(order, answer, market, now) for order, answer in zip(orders, answers, strict=True)]


def best_offers(
    orders: Sequence[Order],
    market: Market,
    now: datetime,
    closed: NDArray[np.bool_] | Room | None = None,
) -> list[Offer | NoOffer]:
    """For each order the one offer that its rule takes, with the reason. What is not taken is not priced.

    Only the rule `promise` needs the compromises between the earliest, the cheapest and the cleanest way.
    """
    asked = [query(order, market) for order in orders]
    by_day = [n for n, order in enumerate(orders) if order.rule == "promise"]
    answers = _answers(market, asked, closed, EXTREMES)
    for n, whole in zip(by_day, _answers(market, [asked[n] for n in by_day], closed, None), strict=True):
        answers[n] = whole
    return [_best_offer(order, answer, market, now) for order, answer in zip(orders, answers, strict=True)]


def _answers(
    market: Market, queries: Sequence[Query], closed: NDArray[np.bool_] | Room | None, limit: int | None
) -> list[Answer]:
    """The router's answers. They are kept, for a file's orders ask the same again; see Kept."""
    if closed is not None and not isinstance(closed, Room):
        return search_many(market.timetable, queries, closed, limit)
    full = {q: _full(closed, q) for q in set(queries)}
    found: dict[Query, Answer] = {}
    for q, now_full in full.items():
        kept = market.answers.get((q, limit))
        if kept is not None and kept.holds(now_full, limit):
            found[q] = kept.answer
    fresh = [q for q in dict.fromkeys(queries) if q not in found]
    if len(market.answers) > _KEPT:
        market.answers.clear()
    for q, answer in zip(fresh, search_many(market.timetable, fresh, closed, limit), strict=True):
        found[q] = answer
        market.answers[q, limit] = Kept(answer, full[q])
    return [found[q] for q in queries]


def _full(room: Room | None, asked: Query) -> frozenset[int]:
    return frozenset() if room is None else frozenset(room.full(asked.grams, asked.cm3).tolist())


def query(order: Order, market: Market) -> Query:
    """What the router is asked for an order."""
    return Query(
        origins=(_node(order.sender, market),),
        destinations=(_node(order.receiver, market),),
        ready=market.timetable.minute(order.ready),
        grams=order.grams,
        cm3=order.cm3,
        goods=order.goods,
    )


def _node(address: Address, market: Market) -> int:
    """The facility's doors, where its vans serve any; else the facility itself."""
    node = market.nodes[address.facility_id or ""]
    door = int(market.timetable.door_node[node])
    return door if address.to_door and door >= 0 else node


def _all_offers(order: Order, answer: Answer, market: Market, now: datetime) -> list[Offer] | NoOffer:
    if barred := _barred(order, market):
        return barred
    if not answer.itineraries:
        return no_way(order, answer, market)
    _see(answer.itineraries, market)
    ways = list(zip(answer.itineraries, labels(answer.itineraries), strict=True))
    offers = market.blanks.offers(
        order, ways, lambda itinerary, best_in: _offer(order, itinerary, best_in, None, market), now
    )
    dearest = max((offer.price for offer in offers), key=lambda price: price.amount)
    return _cash_refused(order, dearest) or offers


def _best_offer(order: Order, answer: Answer, market: Market, now: datetime) -> Offer | NoOffer:
    ways = answer.itineraries
    if barred := _barred(order, market):
        return barred
    if not ways:
        return no_way(order, answer, market)
    if order.rule == "promise":
        _see(ways, market)
    try:
        chosen = choose(ways, order.rule, order.promise_by, lambda i: _promise(order, i, market))
    except TooLate as late:
        return NoOffer(order.id, "promise_by", late.message, late.remedy or m.GIVE_LATER_DAY())
    currency = order.items[0].unit_value.currency
    why = reason(
        ways, chosen, order.rule, lambda cost: _money(cost, order, market, currency), order.promise_by
    )
    blank = _offer(order, ways[chosen], labels(ways)[chosen], why, market, what_if=False)
    (offer,) = stamped(order, [(blank, ways[chosen])], now)
    return _cash_refused(order, offer.price) or offer


def _cash_refused(order: Order, freight: Money) -> NoOffer | None:
    """Why an order has no offer with which more would be collected than is owed for goods and freight."""
    if (told := more_than_owed(order, freight)) is None or order.cash_on_delivery is None:
        return None
    return NoOffer(order.id, "cash_on_delivery", *told, str(order.cash_on_delivery.money))


def _barred(order: Order, market: Market) -> NoOffer | None:
    """Why an order whose goods are prohibited has no offer, whatever the way."""
    for problem in prohibited(order, market.facilities, market.rulebook):
        return NoOffer(order.id, problem.field, problem.reason, problem.remedy, problem.value)
    return None


def no_way(order: Order, answer: Answer, market: Market) -> NoOffer:
    """Why an order has no offer for which the router found no itinerary."""
    refusal = answer.refusal
    if refusal is None:
        return NoOffer(order.id, "destination_city", m.NO_WAY(), m.ASK_OPERATOR())
    field = {"goods": "goods", "latest": "promise_by", "horizon": "ready_at"}.get(
        refusal.constraint, "destination_city"
    )
    reason, remedy = (named(told, market.facilities) for told in (refusal.reason, refusal.remedy))
    return NoOffer(order.id, field, reason, remedy)


def _promise(order: Order, itinerary: Itinerary, market: Market) -> Promise:
    station = market.facilities[itinerary.legs[-1].to_facility]
    way = None if market.foretold is None else way_of(itinerary.legs, market.facilities)
    return promise(itinerary.legs, itinerary.arrival, station.timezone, market.foretold, way)


def _see(itineraries: Sequence[Itinerary], market: Market) -> None:
    """Foretells several ways at once."""
    if market.foretold is not None:
        market.foretold.see([way_of(one.legs, market.facilities) for one in itineraries])


def _money(cost: int, order: Order, market: Market, currency: str) -> Money:
    """COST_UNITs as money, rounded up to the coin: what the rate card asks is never undercut."""
    amount = Money(Decimal(cost) / COST_UNIT, market.timetable.currency)
    return market.rates.convert(amount, currency, order.ready.date()).rounded(rounding=ROUND_CEILING)


def _offer(
    order: Order,
    itinerary: Itinerary,
    best_in: tuple[str, ...],
    why: Message | None,
    market: Market,
    what_if: bool = True,
) -> Offer:
    """An offer that is nobody's yet: see `stamped`."""
    currency = order.items[0].unit_value.currency
    price = _money(itinerary.cost, order, market, currency)
    gateway = market.facilities[itinerary.legs[-1].to_facility]
    on = itinerary.arrival.astimezone(ZoneInfo(gateway.timezone)).date()
    lines, assessment = landed(order, itinerary, price, on, market.rulebook, market.rates, what_if)
    return Offer(
        id="",
        order_id="",
        itinerary=itinerary,
        price=price,
        promise=_promise(order, itinerary, market),
        landed_cost=lines,
        assessment=assessment,
        co2e_wtw_kg=Decimal(itinerary.co2e_mg) / 1_000_000,
        valid_until=itinerary.legs[0].board_by,
        labels=best_in,
        why=why,
        restrictions=restricted(order, itinerary, on, market.facilities, market.rulebook),
    )
