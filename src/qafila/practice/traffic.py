"""The traffic of a day of practice: other merchants send parcels while it runs, the same ones in every such day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.practice import practice_orders
from qafila.runtime.accounts import service
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator

MERCHANTS = ("Coopérative Argane", "Atelier Zellige", "Maison Safran")

_TO = (
    ("Rabat", "MA"), ("Agadir", "MA"), ("Lyon", "FR"), ("Marrakech", "MA"), ("Paris", "FR"), ("Tanger", "MA"), ("Madrid", "ES"),
)  # fmt: skip
_HOURS = range(8, 18)  # UTC: when merchants of Morocco book
_MOST = 24
"""Bookings at most of one leap of time, the last ones: a leap is answered while the learner waits."""


def seed() -> dict[str, Any]:
    """Makes the merchants of the traffic, in the place that one is in; their ids are what a lesson keeps of it."""
    with administrator("the merchants of a place of practice are made by the house") as connection:
        return {
            "merchants": [
                service.create(connection, name, TenantKind.MERCHANT, "practice").id for name in MERCHANTS
            ]
        }


def hours_between(since: datetime, until: datetime) -> Iterator[datetime]:
    """Each full hour after one instant, up to another, in which merchants book."""
    at = since.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while at <= until:
        if at.hour in _HOURS:
            yield at
        at += timedelta(hours=1)


def book(here: Context, told: Mapping[str, Any], since: datetime, until: datetime) -> list[str]:
    """Books a parcel in each hour of a span; returns the parcels' numbers. Where the network carries nothing there, nobody books."""
    merchants, numbers = told["merchants"], []
    for at in list(hours_between(since, until))[-_MOST:]:
        turn = int(at.timestamp()) // 3600  # by the clock, so that a day in two leaps is the day in one
        city, country = _TO[turn % len(_TO)]
        try:
            _, parcel = practice_orders.booked(
                here.of(merchants[turn % len(merchants)]).at(at), f"DAY-{at:%d-%H}", city, country
            )
        except (practice_orders.NoWay, Fault):
            continue
        numbers.append(parcel)
    return numbers
