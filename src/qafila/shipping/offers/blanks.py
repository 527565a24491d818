"""Offers before they are anybody's: like goods on the same way cost the same and are promised for the same day, whoever
sends them. What was worked out for one order serves the next; its merchant's id, its number and its validity are put in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from threading import Lock

from qafila.routing.itinerary import Itinerary
from qafila.shipping.offers.offer import Offer
from qafila.shipping.offers.offers_terms import terms
from qafila.shipping.orders.order import Address, Order

_KEPT = 20_000
"""Blanks kept at most in a market: each is some 15 kB with the forms in which it was written."""

Way = tuple[object, ...]


class Blanks:
    """The blanks of a market, by what is sent and by way."""

    def __init__(self) -> None:
        self._kept: dict[Order, dict[Way, Offer]] = {}
        self._count = 0
        self._lock = Lock()

    def offers(
        self,
        order: Order,
        ways: Sequence[tuple[Itinerary, tuple[str, ...]]],
        make: Callable[[Itinerary, tuple[str, ...]], Offer],
        now: datetime,
    ) -> list[Offer]:
        """The offers for an order.

        Args:
            order: what is sent.
            ways: itineraries, each with what it is the best in.
            make: works one out, of which id, order and validity do not count.
            now: when they are made.

        Returns:
            One offer a way, as `make` gives it, with the order's own id and the validity of now.
        """
        known = self._of(impersonal(order))
        found = []
        for itinerary, labels in ways:
            way = (itinerary.legs, itinerary.arrival, itinerary.cost, itinerary.co2e_mg, labels)
            blank = known.get(way)
            if blank is None:
                blank = replace(make(itinerary, labels), forms={})
                known[way] = blank
                self._count += 1
            found.append((blank, itinerary))
        return stamped(order, found, now)

    def _of(self, sent: Order) -> dict[Way, Offer]:
        with self._lock:
            if self._count > _KEPT:
                self._kept.clear()
                self._count = 0
            return self._kept.setdefault(sent, {})


def impersonal(order: Order) -> Order:
    """The order without all that changes nothing in price, promise and landed cost: whose it is, and its hour."""
    return replace(
        order,
        id="",
        rows=(),
        note="",
        whole="",
        ready=datetime.combine(order.ready.date(), time(0), UTC),
        sender=_impersonal(order.sender),
        receiver=_impersonal(order.receiver),
        items=tuple(replace(item, sku="", category="", attributes="") for item in order.items),
    )


def _impersonal(one: Address) -> Address:
    tax_id = "given" if one.tax_id else ""  # a trader's goods meet other restrictions
    return replace(one, name="", company="", line1="", line2="", phone="", email="", tax_id=tax_id)


def stamped(order: Order, blanks: Sequence[tuple[Offer, Itinerary]], now: datetime) -> list[Offer]:
    """Offers as they are given to an order at an instant, each with its itinerary as it was found for it."""
    of_order = hashlib.blake2b(
        f"{order.id}\x1f{order.receiver}\x1f{order.grams}\x1f{now.isoformat()}\x1f".encode(), digest_size=10
    )
    until = now + timedelta(hours=float(terms().offer_valid))
    return [
        Offer(
            identity(of_order, itinerary),
            order.id,
            itinerary,
            blank.price,
            blank.promise,
            blank.landed_cost,
            blank.assessment,
            blank.co2e_wtw_kg,
            min(until, itinerary.legs[0].board_by),
            blank.labels,
            blank.why,
            blank.restrictions,
            blank.forms,
        )
        for blank, itinerary in blanks
    ]


def identity(of_order: hashlib.blake2b, itinerary: Itinerary) -> str:
    """An offer's id: of what it offers to whom and when, so that no two offers share one."""
    total = of_order.copy()
    total.update(
        ",".join(f"{leg.service_id}/{leg.service_day}/{leg.calls}" for leg in itinerary.legs).encode()
    )
    return f"ofr_{total.hexdigest()}"
