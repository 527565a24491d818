"""Orders go to the floor by themselves: as a wave when a departure's cut-off comes near, or waveless as they come."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from qafila.core.fault import Fault
from qafila.runtime.accounts.tenants import LOCAL
from qafila.runtime.answered.acts import Act, Actor
from qafila.shipping.bookings import records
from qafila.storage import outbound, releasing, storage_rules, store
from qafila.storage.releasing import Wish
from qafila.storage.storage_acting import floor_transaction

log = logging.getLogger(__name__)
NAME = "timetable"
"""Who acts, as histories name it."""


def release_due(now: datetime) -> dict[str, int]:
    """Releases what is due in every warehouse; returns how many orders of each went to the floor.

    Any number of workers may do it, at any time, and be killed in the middle: a wave is one transaction, under a key of
    its warehouse and the minute, and an order is released once.
    """
    with floor_transaction() as connection:
        follow(connection)
        wishes = {f: _due(connection, f, now) for f in store.warehouses(connection)}
    done: dict[str, int] = {}
    for facility, wish in wishes.items():
        if wish is None:
            continue
        act = Act(f"cut-off:{facility}:{now:%Y-%m-%dT%H:%M}", Actor(LOCAL, NAME), now)
        try:
            released = releasing.release(act, facility, wish)
        except Fault as fault:  # one warehouse does not keep the others waiting
            log.warning("%s: nothing was released: %s", facility, fault)
            continue
        if released["orders"] and not released["repeated"]:
            done[facility] = released["orders"]
    return done


def follow(connection: Connection) -> int:
    """Orders whose parcel was booked on another first departure take that one and its cut-off; returns how many did.

    As the hub's people. What has left the house, or would leave from somewhere else, stays as it is.
    """
    moved = connection.execute(
        text(
            "SELECT o.merchant_id, o.order_id, o.part, o.facility, o.parcel FROM outbound o "
            "JOIN parcels p ON p.merchant_id = o.merchant_id AND p.number = o.parcel "
            "JOIN bookings b ON b.merchant_id = p.merchant_id AND b.shipment_id = p.shipment_id AND b.cancelled_at IS NULL "
            "JOIN booking_legs l ON l.merchant_id = b.merchant_id AND l.booking_id = b.booking_id AND l.leg = 0 "
            "AND l.parcel = CASE WHEN p.offer_id IS NULL THEN '' ELSE p.number END "
            "WHERE o.state = ANY(:open) AND o.service IS NOT NULL "
            "AND (l.service_id, l.service_day) IS DISTINCT FROM (o.service, o.service_day) FOR UPDATE OF o SKIP LOCKED"
        ),
        {"open": list(outbound.OPEN)},
    ).all()
    done = 0
    for row in moved:
        found = records.record(connection, row.parcel)
        first = found.offer_for(row.parcel).itinerary.legs[0] if found is not None else None
        if found is None or first is None:
            continue
        if row.facility not in (first.from_facility, found.order.sender.facility_id):
            continue
        done += connection.execute(
            text(
                "UPDATE outbound SET cut_off = :c, service = :s, service_day = :d, changed_at = now() "
                "WHERE (merchant_id, order_id, part) = (:o, :id, :p)"
            ),
            {
                "c": first.board_by,
                "s": first.service_id,
                "d": first.service_day,
                "o": row.merchant_id,
                "id": row.order_id,
                "p": row.part,
            },
        ).rowcount
    return done


def _due(connection: Connection, facility: str, now: datetime) -> Wish | None:
    """What is to be released now; None for nothing."""
    own = storage_rules.of(connection, facility)
    if own.release == storage_rules.BY_HAND:
        return None
    until = now + timedelta(minutes=own.lead_minutes)
    row = connection.execute(
        text(
            "SELECT count(*) FILTER (WHERE cut_off <= :u AND (state = 'reserved' OR partial AND EXISTS (SELECT FROM picks k "
            "WHERE (k.merchant_id, k.order_id, k.part) = (o.merchant_id, o.order_id, o.part) AND k.state = 'reserved' AND "
            "k.tour IS NULL))) AS near, count(*) FILTER (WHERE state = 'reserved') AS ready, "
            "min(placed_at) FILTER (WHERE state = 'reserved' AND cut_off IS NULL) AS oldest "
            "FROM outbound o WHERE facility = :f AND state IN ('reserved', 'waiting')"
        ),
        {"f": facility, "u": until},
    ).one()
    if own.release == storage_rules.WAVELESS and row.ready >= own.compartments:
        return Wish(None, compartments=own.compartments, litres=own.litres)
    waited = row.oldest is not None and row.oldest <= now - timedelta(minutes=own.lead_minutes)
    if row.near or (own.release == storage_rules.WAVELESS and waited):
        return Wish(until, compartments=own.compartments, litres=own.litres)
    return None
