"""A hand-made Timetable, and orders and offers on it: for tests of booking, tracking and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from qafila.core.message import as_it_is
from qafila.core.money import Money
from qafila.customs.assessment import Assessment
from qafila.network.timetable import Mode, Timetable
from qafila.routing.itinerary import Itinerary, Leg
from qafila.shipping.bookings.numbering import new_id
from qafila.shipping.offers.offer import CostLine, Offer, Promise
from qafila.shipping.orders.order import Address, Box, Item, Order

EPOCH = datetime(2027, 3, 1, tzinfo=UTC)
DAY = (EPOCH.date() - date(1970, 1, 1)).days
NOW = EPOCH - timedelta(days=1)


@dataclass(frozen=True)
class Run:
    """A service that runs once: its calls (facility, minute of arrival and of departure) and its room."""

    id: str
    mode: Mode
    calls: tuple[tuple[str, int], ...]
    grams: int = 1_000_000
    cm3: int = 10_000_000


def timetable(*runs: Run) -> Timetable:
    """The runs, compiled; each ride goes from one call to the next and boards until it departs."""
    facilities = tuple(sorted({f for run in runs for f, _ in run.calls}))
    index = {f: i for i, f in enumerate(facilities)}
    segments = [
        (s, c, index[a], index[b], depart, arrive, run.grams, run.cm3, int(run.mode))
        for s, run in enumerate(runs)
        for c, ((a, depart), (b, arrive)) in enumerate(zip(run.calls, run.calls[1:], strict=False))
    ]
    segments.sort(key=lambda s: (s[4], s[5]))
    column = [np.array(c) for c in zip(*segments, strict=True)]
    service, call, start, end, depart, arrive, _, _, mode = (c.astype(np.int32) for c in column)
    n = len(segments)
    return Timetable(
        epoch=EPOCH,
        minutes=60 * 24 * 14,
        currency="EUR",
        facility_ids=facilities,
        service_ids=tuple(run.id for run in runs),
        node_facility=np.arange(len(facilities), dtype=np.int32),
        bonded_node=np.full(len(facilities), -1, np.int32),
        door_node=np.full(len(facilities), -1, np.int32),
        segment_service=service,
        segment_call=call,
        segment_day=np.full(n, DAY, np.int32),
        segment_from=start,
        segment_to=end,
        segment_depart=depart,
        segment_arrive=arrive,
        segment_capacity_g=column[6].astype(np.int64),
        segment_capacity_cm3=column[7].astype(np.int64),
        ride_from=start,
        ride_to=end,
        ride_board_by=depart,
        ride_ready_at=arrive,
        ride_first_segment=np.arange(n, dtype=np.int32),
        ride_segment_count=np.ones(n, np.int32),
        ride_mode=mode.astype(np.uint8),
        ride_fixed_cost=np.full(n, 10_000, np.int32),
        ride_kg_cost=np.zeros(n, np.int32),
        ride_co2e=np.full(n, 1000, np.int32),
        ride_forbids=np.zeros(n, np.uint16),
        volumetric_kg_per_m3=np.full(len(Mode), 167, np.int32),
        weight_step_g=100,
    )


def legs(table: Timetable, *rides: int, handling: int = 30) -> tuple[Leg, ...]:
    """The legs of some rides (by index); goods are ready `handling` minutes after arrival."""
    made = []
    for r in rides:
        s = int(table.ride_first_segment[r])
        made.append(
            Leg(
                ride=r,
                service_id=table.service_ids[table.segment_service[s]],
                service_day=int(table.segment_day[s]),
                mode=Mode(int(table.ride_mode[r])),
                from_facility=table.facility_ids[table.segment_from[s]],
                to_facility=table.facility_ids[table.segment_to[s]],
                from_node=int(table.ride_from[r]),
                to_node=int(table.ride_to[r]),
                board_by=table.instant(int(table.ride_board_by[r])),
                depart=table.instant(int(table.segment_depart[s])),
                arrive=table.instant(int(table.segment_arrive[s])),
                ready_at=table.instant(int(table.segment_arrive[s]) + handling),
                cost=10_000,
                co2e_mg=1000,
                segments=(s,),
                calls=(int(table.segment_call[s]),),
            )
        )
    return tuple(made)


def order(id: str = "A-1", grams: int = 1000, side_mm: int = 100, **more: object) -> Order:
    """One parcel from Casablanca to Lyon."""
    values: dict[str, Any] = {
        "id": id,
        "rows": (1,),
        "sender": Address("MA", "Casablanca", name="Souk", to_door=False),
        "receiver": Address("FR", "Lyon", name="Amélie Roux", line1="3 rue Mercière", email="a@example.org"),
        "items": (Item("argan oil", 2, Money(Decimal("12.50"), "EUR"), hs="151590"),),
        "grams": grams,
        "length_mm": side_mm,
        "width_mm": side_mm,
        "height_mm": side_mm,
        "ready": NOW,
        **more,
    }
    return Order(**values)


def boxes(*grams: int, side_mm: int = 100) -> dict[str, Any]:
    """What an order of several parcels says more: a piece of argan oil in each."""
    parcels = tuple(Box(((0, 1),), g, side_mm, side_mm, side_mm) for g in grams)
    items = (Item("argan oil", len(grams), Money(Decimal("12.50"), "EUR"), hs="151590"),)
    return {"parcels": parcels, "items": items, "grams": sum(grams)}


def offer(of: Order, way: tuple[Leg, ...], id: str | None = None) -> Offer:
    """An offer for an order by some legs: freight of one euro a leg."""
    price = Money(Decimal(len(way)), "EUR")
    return Offer(
        id=id or new_id("off"),
        order_id=of.id,
        itinerary=Itinerary(way, way[0].board_by, way[-1].arrive, 10_000 * len(way), 1000 * len(way)),
        price=price,
        promise=Promise(way[-1].ready_at, 0.9, as_it_is("the timetable's own")),
        landed_cost=(CostLine("freight", as_it_is("freight"), price, as_it_is("rate card")),),
        assessment=Assessment("EUR", of.value, ()),
        co2e_wtw_kg=Decimal("0.002"),
        valid_until=NOW + timedelta(days=30),
        labels=("cheapest",),
    )
