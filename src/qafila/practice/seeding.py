"""What each lesson begins with: the learner's organisation in his own place, and what there is to work on. Fixed, not drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

from sqlalchemy import text

from qafila.context import Context
from qafila.practice import place as places
from qafila.practice import practice_running, traffic
from qafila.practice.lessons import Lesson
from qafila.practice.place import Place, State, Under
from qafila.practice.practice_orders import booked
from qafila.runtime.accounts import service, store
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.runtime.events.envelope import Source
from qafila.shipping.floor import PLAN
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report

_WHY = "a place of practice is furnished by the house, before anybody acts in it"
DEMAND = (
    ("Casablanca, MA", "Rabat, MA", 40),
    ("Casablanca, MA", "Lyon, FR", 25),
    ("Casablanca, MA", "Paris, FR", 30),
)
"""What the planner's plan is made for: from where, to where, how many parcels."""


def begin(place: Place, lesson: Lesson, hub: Context, person: tuple[str, str]) -> State:
    """Makes the place anew and furnishes it for a lesson.

    Args:
        place: the learner's.
        lesson: which.
        hub: the surroundings of the real hub: its network, rules and time.
        person: the learner's id and name.

    Raises:
        NoPractice: the database server lets no place be made.
    """
    state = places.begin(place, hub.now())
    with place.entered():
        with administrator(_WHY) as connection:
            service.local(connection)
            tenant = service.create(
                connection,
                "Practice" if lesson.kind is not TenantKind.REGULATOR else "Authority",
                lesson.kind,
                "practice",
            )
            store.insert_person(connection, person[0], person[1], None, None)
            store.put_membership(connection, tenant.id, person[0], [lesson.role])
        here = place.context(hub, tenant.id)
        seed = _SEEDS[lesson.id](here)
    under = Under(
        lesson.id, tenant.id, lesson.kind.value, lesson.role, {"begun": state.now.timestamp(), **seed}
    )
    state = replace(place.state() or state, under=under)
    place.keep(state)
    if "advance" in seed:  # what the lesson is about has happened when the learner comes
        state = _reached(place, datetime.fromisoformat(seed["advance"]))
        begun = {**seed, "begun": state.now.timestamp()}
        state = replace(state, under=replace(under, seed=begun))
        place.keep(state)
    return state


def _reached(place: Place, instant: datetime) -> State:
    """Lets time pass up to an instant; nobody else books meanwhile."""
    state = place.state()
    assert state is not None
    while state.now < instant:
        state = practice_running.let_run(place, (instant - state.now) / timedelta(hours=1))
    return state


def _clerk(here: Context) -> dict[str, Any]:
    return {"double": [booked(here, f"RABAT-{n}", "Rabat")[0] for n in (1, 2)], "left_alone": []}


def _dispatcher(here: Context) -> dict[str, Any]:
    fine = booked(here, "FINE-1", "Rabat")
    late = booked(here, "LATE-1", "Lyon", "FR")
    with administrator(_WHY) as connection:
        legs = connection.execute(
            text(
                "SELECT from_facility, to_facility, board_by FROM booking_legs WHERE booking_id = :b ORDER BY leg"
            ),
            {"b": late[0]},
        ).all()
        first, second = legs[0], legs[1]
        at: datetime = second.board_by + timedelta(hours=2)
        told = [
            Report(
                late[1],
                "collected",
                first.board_by,
                Source("carrier", "practice", ""),
                facility=first.from_facility,
            ),
            Report(late[1], "arrived", at, Source("carrier", "practice", ""), facility=first.to_facility),
        ]
        assert all(r.new for r in record(connection, told, at + timedelta(minutes=1)))
    return {
        "late": list(late),
        "fine": list(fine),
        "left_alone": [late[1]],
        "traffic": traffic.seed(),
        "advance": (at + timedelta(minutes=5)).isoformat(),
    }


def _driver(here: Context) -> dict[str, Any]:
    with administrator(_WHY) as connection:
        merchant = service.create(connection, "Atelier", TenantKind.MERCHANT, "practice").id
    parcels = [booked(here.of(merchant), f"DOOR-{n}", "Rabat")[1] for n in (1, 2)]
    return {"parcels": parcels, "left_alone": parcels}


def _picker(here: Context) -> dict[str, Any]:
    from qafila.practice.furnishing import warehouse  # storage is above shipping and heavy

    return warehouse(here)


def _sorter(here: Context) -> dict[str, Any]:
    from qafila.practice.furnishing import centre  # as above

    return centre(here)


TRADER = "001561191000066"
"""A number as a Moroccan exporter has one (an ICE whose check digits hold): what a broker would have on paper."""


def _broker(here: Context) -> dict[str, Any]:
    booking, parcel = booked(here, "LYON-1", "Lyon", "FR")
    return {"parcel": parcel, "booking": booking, "left_alone": [parcel], "trader": TRADER}


@dataclass(frozen=True, slots=True)
class _Alone:
    """A job that nobody watches and nobody stops."""

    context: Context
    arguments: Mapping[str, Any]
    id: str = "practice"
    tenant: str | None = None

    def tell(self, stage: str, done: int, of: int) -> None:
        """Nobody listens."""

    def stopped(self) -> bool:
        """Never."""
        return False


def _planner(here: Context) -> dict[str, Any]:
    from qafila.shipping.plans import asked_plans, kept_plans, plan_maker

    name = "practice"
    first = here.now().date() + timedelta(days=1)
    demand = "origin,destination,parcels,kg,release\n" + "".join(
        f'"{origin}","{destination}",{n},{n},{first}T08:00\n' for origin, destination, n in DEMAND
    )
    kept_plans.remove(name)
    kept_plans.start(
        PLAN, asked_plans.Asked(name, here.now(), ".csv", seconds=20.0, gap=0.01), demand.encode()
    )
    # no worker looks into a place: a thread that stays in it makes the plan
    alone = _Alone(here, {"name": name})
    Thread(
        target=copy_context().run, args=(plan_maker.make, alone), name="practice-plan", daemon=True
    ).start()
    return {"plan": name, "traffic": traffic.seed()}


def _regulator(here: Context) -> dict[str, Any]:
    for n, city in enumerate(("Rabat", "Agadir", "Rabat"), 1):
        with administrator(_WHY) as connection:
            merchant = service.create(connection, f"Merchant {n}", TenantKind.MERCHANT, "practice").id
        booked(here.of(merchant), f"SEEN-{n}", city)
    return {}


_SEEDS: dict[str, Callable[[Context], dict[str, Any]]] = {
    "clerk": _clerk, "dispatcher": _dispatcher, "driver": _driver, "picker": _picker, "sorter": _sorter, "broker": _broker, "planner": _planner,
    "regulator": _regulator,
}  # fmt: skip
