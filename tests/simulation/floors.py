"""What people of the floors do: couriers at doors, the counter that takes their bag, and two scanners at one bag of parcels.

Who acts twice has the same keys, as a scanner that sends again what it was not answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import text

from qafila.core.fault import Fault
from qafila.core.identifiers import gs1
from qafila.ledger import posting
from qafila.ledger.cash import cash_bags
from qafila.ledger.cash.model import Act, Count
from qafila.ledger.model import By as Teller
from qafila.runtime.database import administrator
from qafila.sorting import units
from qafila.sorting.model import By
from tests.api.conftest import MONDAY
from tests.delivery.stations import MORNING, Station
from tests.simulation.actors import Script, World, own
from tests.simulation.scheduling import Actor

T = TypeVar("T")
_DUE = "25"
_PIECES = {"20": 1, "5": 1}


@dataclass
class Doors:
    """A station whose driver is out, and what was answered at the doors."""

    station: Station
    parcels: list[str]
    done: dict[str, str] = field(
        default_factory=dict
    )  # key of an act -> the state of the parcel that it told


def doors(parcels: int = 3) -> Doors:
    """A station of one van, which has taken out parcels that are paid for at the door; the first is handed over."""
    station = Station(vehicles=1)
    numbers = [station.parcel(_DUE) for _ in range(parcels)]
    for n, round in enumerate(station.plan("plan")["rounds"]):
        station.do("start", f"start-{n}", round=round)
    station.do("deliver", "first", **_handed(numbers[0]))
    return Doors(station, numbers[1:])


def _handed(parcel: str) -> dict[str, str]:
    return {"parcel": parcel, "name": "Amélie", "signature": "M1 1L2 2", "collected": _DUE}


def courier(world: World, at: Doors) -> Script:
    """Finds nobody at the last door, then hands over at every door against cash."""
    acts: list[tuple[str, dict[str, str]]] = [("fail", {"parcel": at.parcels[-1], "reason": "nobody_home"})]
    acts += [("deliver", _handed(parcel)) for parcel in at.parcels]

    async def script(actor: Actor) -> None:
        for n, (kind, told) in enumerate(acts):
            answer = await _done(world, actor, partial(at.station.do, kind, f"door-{n}", **told))
            if answer is not None:
                state, key = str(answer["state"]), f"door-{n}"
                if at.done.setdefault(key, state) != state:
                    world.surprises.append(f"{key} was answered with {at.done[key]} and with {state}")

    return script


def counter(world: World, at: Doors, turns: int) -> Script:
    """The driver counts his bag and signs, the station counts it and signs."""

    async def script(actor: Actor) -> None:
        for n in range(turns):
            found = await _done(world, actor, lambda: _bag(at))
            if found is None:
                continue
            bag, paid = found
            count = Count("EUR", {note: pieces * paid for note, pieces in _PIECES.items()}, {})
            for sign, who in ((cash_bags.declare, "Amal"), (cash_bags.receive, "Salma")):
                act = Act(
                    key=f"{sign.__name__}-{n}",
                    by=Teller("local", who),
                    person=who,
                    at=MORNING + timedelta(hours=8),
                )
                await _done(world, actor, partial(_signed, sign, act, bag, count))

    return script


def _signed(sign: Callable[..., object], act: Act, bag: str, count: Count) -> object:
    return posting.transact(lambda connection: sign(connection, act, bag, count))


def _bag(at: Doors) -> tuple[str, int] | None:
    """A bag of the station that was not handed over, and how often it was paid into."""
    with administrator("the counter looks") as connection:
        row = connection.execute(
            text(
                "SELECT bag, count(*) FILTER (WHERE outcome = 'collected') FROM cash_bags JOIN cash_collections USING (bag) "
                "WHERE station = :s AND state <> 'handed_over' GROUP BY bag ORDER BY min(opened_at) LIMIT 1"
            ),
            {"s": at.station.id},
        ).one_or_none()
    return None if row is None else (row[0], row[1])


BAGS = tuple(gs1.sscc("6111234", n) for n in (1, 2))
"""Two bags that lie open side by side."""


def opened(facility: str) -> None:
    """Opens both bags."""
    for n, bag in enumerate(BAGS):
        units.perform(
            units.UnitAct(f"open-{n}", "open", bag, MONDAY, kind="bag", facility=facility),
            By("local"),
            MONDAY,
        )


def bagger(world: World, parcels: list[str], facility: str, turns: int) -> Script:
    """Puts parcels now into one bag, now into the other."""

    async def script(actor: Actor) -> None:
        for n in range(turns):
            at = MONDAY + timedelta(minutes=n + 1)
            act = units.UnitAct(
                f"load-{n}", "load", BAGS[n % 2], at, child=parcels[n // 2 % len(parcels)], facility=facility
            )
            await _done(world, actor, partial(units.perform, act, By("local"), MORNING + timedelta(days=30)))

    return script


async def _done(world: World, actor: Actor, act: Callable[[], T]) -> T | None:
    """Does an act, again while it breaks; None where it was refused or never answered."""
    answers: list[Any] = []

    def once() -> None:
        try:
            answers.append(act())
        except Fault:
            answers.append(None)

    await own(actor, world, once)
    return answers[-1] if answers else None
