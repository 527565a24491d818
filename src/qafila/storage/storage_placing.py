"""`qafila storage place`: an expected demand on the network, and where its goods should lie."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qafila.context import Context
from qafila.core import figures
from qafila.core.fault import Fault
from qafila.core.money import Money
from qafila.core.values import value
from qafila.network.model import Facility, Kind
from qafila.shipping import counter
from qafila.shipping.offers.offering import NoOffer, best_offers
from qafila.shipping.orders.order import Address, Item, Order
from qafila.storage import storage_messages
from qafila.storage.placement import NowhereServed, Proposal, Question, alone, place

CARTON_G = 15_000
"""Goods come to a warehouse in cartons of this weight: what a piece's share of one costs."""


@value
class Wanted:
    """Pieces of a product that buyers at a place are expected to ask for in a month."""

    sku: str
    to: str  # facility id of the delivery station
    pieces: int
    grams: int
    value: Decimal
    source: str  # facility id of where the goods come from


@value
class Terms:
    """What keeping goods costs, in the network's currency; a hub's own rates may say otherwise."""

    piece_month: float = 0.03
    value_month: float = 0.01  # share of the goods' value: capital and loss
    shelf: float = 8.0  # a product in one more warehouse
    opening: float = 120.0  # a warehouse that is used at all
    day_worth: float = 0.15  # what a day earlier is worth for a piece
    cover: float = 1.5  # months of demand kept


@value
class Answer:
    """A proposal with its names, and the best single place beside it."""

    skus: tuple[str, ...]
    warehouses: tuple[str, ...]
    destinations: tuple[str, ...]
    proposed: Proposal
    single: Proposal | None
    single_at: str
    currency: str


def read(lines: Iterable[str]) -> list[Wanted]:
    """Demand from CSV with the columns sku, to, pieces, grams, value, source. Raises Fault, naming line and column."""
    found = []
    for n, row in enumerate(csv.DictReader(lines), start=2):
        try:
            wanted = Wanted(
                row["sku"].strip(),
                row["to"].strip(),
                int(row["pieces"]),
                int(row["grams"]),
                figures.number(row["value"]),
                row["source"].strip(),
            )
            if wanted.pieces < 1 or wanted.grams < 1 or not wanted.sku:
                raise ValueError
        except (KeyError, ValueError, AttributeError, TypeError, figures.NotAFigure):
            raise Fault(
                storage_messages.BAD_DEMAND(line=n, row=", ".join(str(v) for v in row.values())[:120]),
                storage_messages.DEMAND_COLUMNS(),
                field=f"line {n}",
            ) from None
        found.append(wanted)
    if not found:
        raise Fault(
            storage_messages.BAD_DEMAND(line=1, row=""), storage_messages.DEMAND_COLUMNS(), field="line 1"
        )
    return found


def propose(
    context: Context,
    demand: Sequence[Wanted],
    candidates: Sequence[str] = (),
    most: int = 10,
    terms: Terms | None = None,
    seconds: float = 30.0,
) -> Answer:
    """Where the goods of an expected demand should lie.

    candidates: warehouses to choose from; none named: those nearest to the sources and to where most is asked for, at
    most so many. Prices and days are those of the cheapest offers on the network's timetable now.
    Raises Fault for places that the network does not have, or that no candidate reaches.
    """
    rates = terms or Terms()
    facilities = {f.id: f for f in context.network.feed.facilities}
    for n, wanted in enumerate(demand):
        for id in (wanted.to, wanted.source):
            if id not in facilities:
                raise Fault(storage_messages.NO_FACILITY(facility=id), field=f"line {n + 2}", value=id)
    houses = list(candidates) or _near(facilities, demand, most)
    for id in houses:
        if id not in facilities or facilities[id].kind is not Kind.WAREHOUSE:
            raise Fault(storage_messages.NO_FACILITY(facility=id), field="warehouses", value=id)
    skus, places = sorted({w.sku for w in demand}), sorted({w.to for w in demand})
    of: dict[str, Wanted] = {}
    for n, w in enumerate(demand):
        first = of.setdefault(w.sku, w)
        if (first.grams, first.value, first.source) != (w.grams, w.value, w.source):
            raise Fault(
                storage_messages.TWO_KINDS_OF_ONE(line=n + 2, sku=w.sku),
                storage_messages.ONE_KIND_OF_EACH(),
                field=f"line {n + 2}",
                value=w.sku,
            )
    asked = np.zeros((len(skus), len(places)))
    for w in demand:
        asked[skus.index(w.sku), places.index(w.to)] += w.pieces
    weights = sorted({w.grams for w in of.values()})
    out = {g: _matrix(context, facilities, houses, places, g) for g in weights}
    sources = sorted({w.source for w in of.values()})
    into, _ = _matrix(context, facilities, sources, houses, CARTON_G)
    carry = np.stack([out[of[s].grams][0] for s in skus])
    days = np.stack([out[of[s].grams][1] for s in skus])
    supply = np.stack([into[sources.index(of[s].source)] * of[s].grams / CARTON_G for s in skus])
    for n, s in enumerate(skus):  # what lies where it is made comes from nowhere
        for m, house in enumerate(houses):
            if house == of[s].source:
                supply[n, m] = 0.0
    hold = np.array(
        [
            [rates.cover * (rates.piece_month + rates.value_month * float(of[s].value))] * len(houses)
            for s in skus
        ]
    )
    question = Question(
        asked,
        supply,
        hold,
        carry,
        days,
        rates.day_worth,
        rates.opening,
        rates.shelf,
        np.full(len(houses), np.inf),
    )
    try:
        found = place(question, seconds)
    except NowhereServed as nowhere:
        raise Fault(
            storage_messages.NOWHERE_SERVED(sku=skus[nowhere.product], facility=places[nowhere.destination]),
            field="demand",
        ) from None
    try:
        single, at = alone(question)
        at_name = houses[at]
    except NowhereServed:
        single, at_name = None, ""
    return Answer(
        tuple(skus),
        tuple(houses),
        tuple(places),
        found,
        single,
        at_name,
        context.network.timetable(context.now().date()).currency,
    )


def _near(facilities: Mapping[str, Facility], demand: Sequence[Wanted], most: int) -> list[str]:
    """The warehouses nearest to the sources, then to the destinations, those with most demand first."""
    total: dict[str, int] = {}
    for w in demand:
        total[w.to] = total.get(w.to, 0) + w.pieces
    anchors = [*dict.fromkeys(w.source for w in demand), *sorted(total, key=lambda to: (-total[to], to))]
    houses = [f for f in facilities.values() if f.kind is Kind.WAREHOUSE]
    found: list[str] = []
    for id in anchors:
        here = facilities[id]
        if here.kind is Kind.WAREHOUSE and id not in found:
            found.append(id)
        nearest = min(
            houses,
            key=lambda f: (
                (f.lat - here.lat) ** 2 + ((f.lon - here.lon) * np.cos(np.radians(here.lat))) ** 2,
                f.id,
            ),
        )
        if nearest.id not in found:
            found.append(nearest.id)
        if len(found) >= most:
            break
    return found[:most]


def _matrix(
    context: Context, facilities: Mapping[str, Facility], froms: Sequence[str], tos: Sequence[str], grams: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[from, to] price of the cheapest offer for a parcel of this weight, and the days until it is promised."""
    market = counter.market(context)
    now = context.now()
    pairs = [(i, j) for i, a in enumerate(froms) for j, b in enumerate(tos) if a != b]
    cost = np.full((len(froms), len(tos)), np.inf)
    days = np.full((len(froms), len(tos)), np.inf)
    for i, a in enumerate(froms):
        for j, b in enumerate(tos):
            if a == b:
                cost[i, j], days[i, j] = 0.0, 0.0
    orders = [_parcel(facilities[froms[i]], facilities[tos[j]], grams, now) for i, j in pairs]
    for (i, j), offer in zip(pairs, best_offers(orders, market, now), strict=True):
        if not isinstance(offer, NoOffer):
            cost[i, j] = float(offer.price.amount)
            days[i, j] = (offer.promise.by - now).total_seconds() / 86_400
    return cost, days


def _parcel(a: Facility, b: Facility, grams: int, now: Any) -> Order:
    """A parcel of ordinary goods between two facilities; its sides grow with its weight."""
    side = max(80, round((grams * 4.0) ** (1 / 3) * 10))
    return Order(
        "place",
        (),
        Address(a.country, a.city, facility_id=a.id, to_door=False),
        Address(b.country, b.city, facility_id=b.id, to_door=False),
        (Item("goods", 1, Money(Decimal(20), "EUR"), Decimal(grams) / 1000, hs="392690", origin=a.country),),
        grams,
        side,
        side,
        side,
        now,
    )
