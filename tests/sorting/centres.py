"""A sorting centre with booked parcels, for the tests of sorting."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import qafila.floors  # noqa: F401  (event types of every floor)
from qafila.core.identifiers.own import new_id
from qafila.network.timetable import Mode
from qafila.runtime.accounts import service as accounts
from qafila.runtime.database import administrator
from qafila.runtime.events.advancing import advance
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked, Request
from qafila.sorting import expecting, sorting_setting_up
from qafila.sorting.model import Centre, centre_from
from tests.shipping.bookables import NOW, Run, legs, offer, order, timetable

_numbers = itertools.count()


def name(prefix: str) -> str:
    """A name that no other test uses."""
    return f"{prefix}{next(_numbers)}"


def merchant() -> str:
    """A new merchant."""
    with administrator() as connection:
        return accounts.create(connection, name("Merchant ")).id


def told(facility: str, chutes: int = 6, **more: Any) -> dict[str, Any]:
    """A centre of some chutes in two zones, and a chute for each special reason but oversize."""
    return {
        "facility": facility,
        "chutes": [{"id": f"C{i}", "zone": "AB"[i % 2], "metres": 5 + i} for i in range(chutes)],
        "special": {
            "unknown": "X1",
            "damaged": "X2",
            "overweight": "X3",
            "held": "X4",
            "missed": "X5",
            "recalled": "X6",
            "astray": "X7",
            "no_chute": "X8",
        },
        **more,
    }


def centre(**more: Any) -> Centre:
    """A new centre, set up."""
    made = centre_from(told(name("HUB-"), **more))
    sorting_setting_up.set_up(made, NOW)
    return made


def booked(of: str, facility: str, to: str = "LYS", count: int = 1, minutes: int = 600) -> list[str]:
    """Booked parcels that leave a facility for another; returns their numbers."""
    table = timetable(Run(new_id("flt"), Mode.AIR, ((facility, minutes), (to, minutes + 60))))
    numbers = []
    for _ in range(count):
        asked = order(name("ORD-"))
        made = booking.book(of, Request(asked, offer(asked, legs(table, 0)), name("key-")), table, NOW)
        assert isinstance(made, Booked)
        numbers.append(made.parcel)
    return numbers


def heard() -> None:
    """Lets the projection follow all events."""
    while advance(expecting.EXPECTED):
        pass


def soon(hours: float = 1) -> datetime:
    """An instant some hours from now."""
    return NOW + timedelta(hours=hours)
