"""What is done at the last station and afterwards: rounds, doors, cash, returns."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.day.clock import Clock, chance
from qafila.delivery import at_door, dayplan, delivery_doing, store
from qafila.delivery.model import Delivery, FleetVehicle
from qafila.ledger import sandbox
from qafila.returns import refunding, returns_asking, returns_receiving, returns_sweeping
from qafila.returns import store as returns
from qafila.returns.model import TURNED, State
from qafila.returns.returns_asking import Asked
from qafila.rounds.planning import Effort
from qafila.runtime.answered.acts import Act, Actor
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events.envelope import Reporter, Source
from qafila.storage import storage_sample

_EFFORT = Effort(seconds=20, workers=1, steps=30, dearer=0.03)
_PHOTO = base64.b64encode(b"\xff\xd8\xff" + b"day" * 40).decode()
_FLEET = (("DAY-1", "van", "Amal"), ("DAY-2", "van", "Badr"))


@dataclass(frozen=True, slots=True)
class Round:
    """A round of the day: when it leaves, when it stands at which door, and when it is back."""

    facility: str
    id: str
    driver: str
    key: str
    leaves: datetime
    doors: tuple[tuple[datetime, Delivery], ...]
    back: datetime


@dataclass(slots=True)
class Ends:
    """The people of the last mile and of returns, at the clock's time."""

    context: Context
    clock: Clock
    owner: str
    refusing: float = 0.07
    nobody: float = 0.12
    regretting: float = 0.1
    told: Counter[str] = field(default_factory=Counter)

    @property
    def _here(self) -> Context:
        return self.clock.on(self.context)

    def _source(self, by: str = "Nadia") -> Source:
        return Source(Reporter.OPERATOR.value, self.owner, by)

    def _act(self, key: str, by: str = "Nadia") -> Act:
        return Act(f"day:{key}", Actor(self.owner, by, "day"), self.clock.now())

    def plan(self, facility: str, at: datetime, mine: frozenset[str]) -> list[Round]:
        """Plans a station's day.

        Args:
            mine: the parcels of the day; whatever else lies there stays where it is.

        Returns:
            Its rounds with stops of the day, each with when it leaves, when it is at which door, and when it is back.
        """
        place = dayplan.station(self.context, facility)
        self.clock.set(at)
        day = self.clock.now().astimezone(ZoneInfo(place.timezone)).date()
        with acting_as(Role.OPERATOR) as connection:
            for id, kind, driver in _FLEET:
                store.put_vehicle(connection, FleetVehicle(facility, id, kind, driver, trips=2).checked())
        made = dayplan.plan_rounds(
            self._here, self._act(f"plan:{facility}:{day}"), self._source(), facility, day, False, _EFFORT
        )
        found = (self._round(facility, id, mine) for id in made["rounds"])
        return [round for round in found if round is not None]

    def _round(self, facility: str, id: str, mine: frozenset[str]) -> Round | None:
        with acting_as(Role.OPERATOR) as connection:
            row = store.round_row(connection, id)
            stops = [d for d in store.deliveries(connection, "d.round_id = :r", r=id) if d.parcel in mine]
        assert row is not None
        if not stops:
            return None
        told = {
            p["parcel"]: datetime.fromisoformat(p["begins"]) for p in row.plan["points"] if p.get("parcel")
        }
        now = self.clock.now()
        leaves = max(now, min(told.values(), default=now) - timedelta(minutes=20))
        doors, at = [], leaves
        for stop in sorted(stops, key=lambda d: (told.get(d.parcel, now), d.parcel)):
            at = max(told.get(stop.parcel, at), at + timedelta(minutes=4))
            doors.append((at, stop))
        return Round(
            facility,
            id,
            row.driver,
            f"{stops[0].parcel}:{row.day}",
            leaves,
            tuple(doors),
            at + timedelta(minutes=30),
        )

    def leave(self, round: Round) -> None:
        """The driver leaves with what is on his round."""
        self.clock.set(round.leaves)
        self._door(round.facility, f"start:{round.key}", round.driver, kind="start", round=round.id)

    def come_back(self, round: Round) -> None:
        """The driver is back at the station."""
        self.clock.set(round.back)
        self._door(round.facility, f"end:{round.key}", round.driver, kind="end", round=round.id)

    def stand_at(self, round: Round, at: datetime, stop: Delivery) -> bool:
        """What happens at a door; returns whether the delivery is over."""
        self.clock.set(at)
        facility, driver = round.facility, round.driver
        drawn = chance("door", stop.parcel)
        key = f"door:{stop.parcel}:{stop.attempts}"
        if drawn < self.refusing:
            self._door(facility, key, driver, kind="fail", parcel=stop.parcel, reason="refused")
            self.told["refused"] += 1
            return True
        if drawn < self.refusing + self.nobody and not stop.attempts:
            self._door(facility, key, driver, kind="fail", parcel=stop.parcel, reason="nobody_home")
            self.told["tried again"] += 1
            return False
        told = {"kind": "deliver", "parcel": stop.parcel, "photo": _PHOTO}
        if stop.collect is not None and stop.collect.amount:
            told["collected"] = str(stop.collect.amount)
        self._door(facility, key, driver, **told)
        return True

    def _door(self, facility: str, key: str, driver: str, **told: str) -> None:
        delivery_doing.do(
            self._here, self._act(key, driver), self._source(driver), facility, at_door.told_from(told)
        )

    def bank(self) -> None:
        """Every driver's bag of the day is counted by two and brought to the bank."""
        with acting_as(Role.OPERATOR) as connection:
            rows = connection.execute(
                text(
                    "SELECT DISTINCT c.bag, b.station, b.territory FROM cash_collections c JOIN cash_bags b ON b.bag = c.bag "
                    "WHERE b.tenant_id = :t AND b.state <> 'handed_over' AND c.collection LIKE :k ORDER BY c.bag"
                ),
                {"t": self.owner, "k": f"door:{self.owner}:day:%"},
            ).all()
        for row in rows:
            self.clock.set(self.clock.now() + timedelta(minutes=10))
            day = sandbox.Day(
                station=row.station,
                territory=row.territory,
                tenant=self.owner,
                at=self.clock.now(),
                stolen=0.0,
                miscounted=0.0,
                suspect=0.0,
            )
            told = sandbox.Told()
            sandbox.close_bag(row.bag, day, self.clock.now(), told)
            self.told["bags banked"] += 1

    def regret(self, delivered: Sequence[str]) -> list[str]:
        """Some buyers change their minds, and hand what they got to a driver; returns the numbers of their returns."""
        made = []
        for parcel in sorted(delivered):
            if chance("regret", parcel) >= self.regretting:
                continue
            with acting_as(Role.OPERATOR) as connection:
                delivery = store.delivery(connection, parcel)
            if delivery is None:
                continue
            self.clock.set(self.clock.now() + timedelta(minutes=3))
            given = returns_asking.from_delivery(self._here, delivery.token)
            try:
                given = returns_asking.ask(self._here, given.token, Asked("withdrawal", {}))
            except Fault:  # no law gives the right there: something is wrong with it, then
                given = returns_asking.ask(self._here, given.token, Asked("faulty", {}))
            self.clock.set(self.clock.now() + timedelta(minutes=3))
            returns_receiving.hand_in(
                self._here, self._act(f"hand:{given.number}"), self._source(), given.number, delivery.facility
            )
            made.append(given.number)
        return made

    def take_back(self) -> int:
        """What turned round or was sent back arrives where it goes to, is inspected, and its refund is decided."""
        returns_sweeping.sweep(self._here)
        with acting_as(Role.OPERATOR) as connection:
            found = returns.found(
                connection, "r.merchant_id = :m AND r.state = 'on_way'", limit=1000, m=self.owner
            )
        for given in sorted(found, key=lambda r: r.number):
            self.clock.set(self.clock.now() + timedelta(minutes=2))
            returns_receiving.arrive(
                self._here, self._act(f"back:{given.number}"), self._source(), given.number, given.facility
            )
            self.clock.set(self.clock.now() + timedelta(minutes=2))
            grade = "as_new" if given.cause in TURNED else "opened"
            lots = {
                k.sku: f"D{n}" for n, k in enumerate(storage_sample.products()) if k.by_lot
            }  # as the day's warehouse got them
            seen = returns_receiving.told_from(
                [
                    {"line": x.line, "found": x.asked, "grade": grade, "lot": lots.get(x.sku, "")}
                    for x in given.lines
                ]
            )
            returns_receiving.inspect(
                self._here,
                self._act(f"seen:{given.number}"),
                self._source(),
                given.number,
                given.facility,
                "DOCK-1",
                seen,
            )
            done = refunding.decide(self._here, self._act(f"refund:{given.number}"), self._source(), given.id)
            for line in done["lines"]:
                if line["found"] and not line["done_at"]:
                    key = f"gone:{given.number}:{line['line']}"
                    returns_receiving.dispose(
                        self._act(key), self._source(), given.id, line["line"], "fetched by the merchant"
                    )
            if done["how"] == "by_merchant":
                refunding.paid_out(
                    self._act(f"paid:{given.number}"), self._source(), given.id, "by the merchant"
                )
            self.told["returns closed"] += receiving_closed(given.id)
        return len(found)


def receiving_closed(id: str) -> int:
    """1 where a return is closed, else 0."""
    with acting_as(Role.OPERATOR) as connection:
        found = returns.one(connection, id)
    return int(found is not None and found.state is State.CLOSED)
