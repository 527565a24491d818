"""A warehouse and a sorting centre to learn in: with orders released and a place to be counted; with parcels on the belt."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from qafila.context import Context
from qafila.core.identifiers import gs1
from qafila.practice import practice_messages as m
from qafila.practice.practice_orders import NoWay, booked
from qafila.runtime.accounts import service
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.runtime.events.advancing import advance
from qafila.runtime.events.envelope import Source
from qafila.sorting import sorting_setting_up, units
from qafila.sorting.expecting import EXPECTED
from qafila.sorting.model import By, Centre, Chute
from qafila.sorting.units import UnitAct
from qafila.storage import storage_counting, storage_sample
from qafila.storage.model import Goods
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report

WAREHOUSE = "WH-MA-CASABLANCA-1"
_TOWNS = (("Rabat", "MA"), ("Rabat", "MA"), ("Rabat", "MA"), ("Agadir", "MA"), ("Lyon", "FR"))
"""Where the parcels on the belt go to; the last one of the first town is held by customs."""

_CHUTES = tuple(Chute(f"C{n:02}", zone="ABC"[(n - 1) // 2], metres=8.0 + 4 * n) for n in range(1, 7))
_ASIDE = (("unknown", "C90"), ("damaged", "C91"), ("held", "C92"))
_WHY = "a place of practice is furnished by the house, before anybody acts in it"


def warehouse(here: Context) -> dict[str, Any]:
    """Furnishes it; what the checks compare with: tours and picks that were over before, the count and its figure."""
    storage_sample.set_up(here.tenant, here.now(), [WAREHOUSE])
    with administrator(_WHY) as connection:
        done = connection.execute(text("SELECT tour FROM tours WHERE state = 'done'")).scalars().all()
        short = connection.execute(text("SELECT pick FROM picks WHERE state = 'short'")).scalars().all()
        held = connection.execute(
            text(
                "SELECT place, sku, lot, serial, condition, pieces FROM stock WHERE facility = :f AND pieces > 0 "
                "AND place IN (SELECT place FROM places WHERE facility = :f AND kind IN ('pick', 'reserve')) ORDER BY reserved, place, sku LIMIT 1"
            ),
            {"f": WAREHOUSE},
        ).one()
        goods = Goods(here.tenant, held.sku, held.lot, held.serial, held.condition)
        count = storage_counting.ask(connection, WAREHOUSE, held.place, goods, "asked", {})
    return {"tours_done": list(done), "short": list(short), "count": count, "pieces": held.pieces}


def centre(here: Context) -> dict[str, Any]:
    """Furnishes a sorting centre with a plan, parcels that came in, and a bag that hangs open; what the checks compare with.

    Raises NoWay where no centre of this network leads parcels from Fès to several stops.
    """
    with administrator(_WHY) as connection:
        merchant = service.create(connection, "Atelier", TenantKind.MERCHANT, "practice").id
    parcels = [booked(here.of(merchant), f"BELT-{n}", *town) for n, town in enumerate(_TOWNS, 1)]
    facility, onward, came = _shared(dict(parcels))
    stops = [onward[booking] for booking, _ in parcels]
    by = By(here.tenant, station="practice")
    sorting_setting_up.set_up(Centre(facility, _CHUTES, _ASIDE), here.now())
    shift = sorting_setting_up.Shift("day", here.now(), here.now() + timedelta(days=30))
    plan = sorting_setting_up.make_plan(facility, shift, by, here.now(), Counter(stops), seconds=1.0).plan
    numbers = [number for _, number in parcels]
    held = numbers[stops.index(stops[0], 1)]
    _come_in(numbers, held, facility, came)
    bag = gs1.sscc("9521234", 4242)
    chute = plan.chutes[stops[0]][0]
    opening = UnitAct(
        "practice-bag",
        "open",
        bag,
        here.now(),
        facility=facility,
        kind="bag",
        destination=stops[0],
        chute=chute,
    )
    units.perform(opening, by, here.now())
    inside = [n for n, stop in zip(numbers, stops, strict=True) if chute in plan.chutes[stop] and n != held]
    return {
        "centre": facility,
        "parcels": numbers,
        "held": held,
        "bag": bag,
        "inside": inside,
        "left_alone": numbers,
        "advance": (came + timedelta(minutes=15)).isoformat(),
    }


def _shared(parcels: Mapping[str, str]) -> tuple[str, dict[str, str], datetime]:
    """The centre that leads all bookings on to most different stops, the stop of each, and when the last one comes to it."""
    with administrator(_WHY) as connection:
        legs = connection.execute(
            text(
                "SELECT b.booking_id, b.to_facility AS place, n.to_facility AS stop FROM booking_legs b "
                "JOIN booking_legs n ON n.booking_id = b.booking_id AND n.leg = b.leg + 1 WHERE b.booking_id = ANY(:b)"
            ),
            {"b": list(parcels)},
        ).all()
        onward: dict[str, dict[str, str]] = defaultdict(dict)
        for leg in legs:
            onward[leg.place][leg.booking_id] = leg.stop
        shared = {place: stops for place, stops in onward.items() if len(stops) == len(parcels)}
        if not shared:
            raise NoWay(m.NO_CENTRE(), m.OTHER_LESSON())
        place = max(sorted(shared), key=lambda one: len(set(shared[one].values())))
        came: datetime | None = connection.execute(
            text(
                "SELECT max(time) FROM events WHERE subject_kind = 'parcel' AND subject_id = ANY(:n) "
                "AND time_kind = 'planned' AND type = 'arrived' AND facility = :f"
            ),
            {"n": list(parcels.values()), "f": place},
        ).scalar_one()
    if came is None:
        raise NoWay(m.NO_CENTRE(), m.OTHER_LESSON())
    return place, shared[place], came


def _come_in(numbers: list[str], held: str, facility: str, at: datetime) -> None:
    """The parcels arrive, and customs holds one of them."""
    carrier, customs = Source("carrier", "practice", ""), Source("authority", "practice", "")
    told = [
        *(Report(n, "arrived", at, carrier, facility=facility) for n in numbers),
        Report(held, "customs_held", at + timedelta(minutes=5), customs, facility=facility),
    ]
    with administrator(_WHY) as connection:
        assert all(r.new for r in record(connection, told, at + timedelta(minutes=6)))
    while advance(EXPECTED):
        pass
