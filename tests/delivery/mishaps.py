"""Days on which what can go wrong goes wrong: `python -m tests.delivery.mishaps --first 1 --seeds 20`.

By a seed: nobody is home, somebody refuses, a parcel is damaged or stolen, cash comes short, the locker is full or nobody
fetches, a driver falls out, a bag is stolen. A tale is kept beside it, of what happened to whom; at the end the histories, the
deliveries, the returns and the ledger must say the same as the tale.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

if __name__ == "__main__":
    os.environ.setdefault("QAFILA_HOME", tempfile.mkdtemp(prefix="qafila-mishaps-"))
    os.environ["QAFILA_LIMITS"] = "false"

from sqlalchemy import text

from qafila.core.fault import Conflict
from qafila.delivery import (
    at_door,
    dayplan,
    delivery_doing,
    delivery_following,
    delivery_points,
    delivery_sweeping,
    falling_out,
    handing_out,
    store,
    wishes,
)
from qafila.delivery.model import Delivery, FleetVehicle, State
from qafila.ledger import ledger_following, posting, sandbox
from qafila.ledger import store as books
from qafila.ledger.claims import store as claims
from qafila.ledger.law import licences
from qafila.ledger.law.law_rules import Licence
from qafila.ledger.model import Purpose, merchant
from qafila.returns import refunding, returns_following, returns_receiving
from qafila.returns import returns_sweeping as returns_sweeping
from qafila.returns import store as returns
from qafila.returns.model import State as ReturnState
from qafila.runtime.database import administrator
from qafila.runtime.events import advancing
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import TimeKind
from qafila.tracking import tracking_recording
from qafila.tracking.status import status
from qafila.tracking.tracking_report import Report
from tests.delivery.stations import DAY, EFFORT, SOURCE
from tests.returns.shop import JPEG, Shop

_DAYS = 11


@dataclass(slots=True)
class Life:
    """What truly happened to a parcel."""

    due: Decimal
    told: list[str] = field(
        default_factory=list
    )  # delivery_failed, awaiting_pickup, delivered, lost, returned
    kept: Decimal = Decimal(0)
    end: str = ""  # delivered, returned, lost
    back: bool = False  # it was lost on its way back


class Days:
    """A station's days by a seed."""

    def __init__(self, seed: int, parcels: int) -> None:
        self.dice = random.Random(f"mishaps {seed}")
        self.shop = Shop(delivery_fee=Decimal(0))
        with administrator() as connection:
            licence = Licence("FR", "payment_institution", "ACPR", "R-1", date(2020, 1, 1))
            licences.state(connection, licence, "test")
            for n in (1, 2, 3):
                vehicle = FleetVehicle(self.shop.id, f"V{n}", "van", f"Driver {n}", max_pieces=5, trips=2)
                store.put_vehicle(connection, vehicle.checked())
        self.shop.compartments((120, 120, 120))
        self._follow()
        self.lives: dict[str, Life] = {}
        self.bags: dict[str, Decimal] = {}
        self.happened: Counter[str] = Counter()
        for _ in range(parcels):
            due = Decimal(self.dice.randint(20, 90)) if self.dice.random() < 0.6 else Decimal(0)
            number = self.shop.parcel(cash=f"{due}.00" if due else "")
            self.lives[number] = Life(due)

    def run(self) -> None:
        """Lets day after day pass until every parcel is at an end."""
        for n in range(_DAYS):
            day = DAY + timedelta(days=n)
            self.shop.now = self.shop.now.replace(
                year=day.year, month=day.month, day=day.day, hour=6, minute=0
            )
            delivery_sweeping.sweep(self.shop.context, send=False)
            self._turned_round()
            self._fetched()
            self._wished()
            self._rounds(day)
            self._evening()
        self.shop.now += timedelta(days=1)
        delivery_sweeping.sweep(self.shop.context, send=False)
        self._turned_round()
        self._follow()
        delivery_sweeping.sweep(self.shop.context, send=False)

    def _delivery(self, number: str) -> Delivery | None:
        with administrator() as connection:
            return store.delivery(connection, number)

    def _wished(self) -> None:
        """Some buyers want the locker; it may be full."""
        for number, life in self.lives.items():
            at = self._delivery(number)
            waits = at is not None and at.state in (State.OPEN, State.FAILED, State.PLANNED) and not life.end
            if waits and at is not None and self.dice.random() < 0.3:
                try:
                    wishes.wish(self.shop.context, at.token, "point", point=self.shop.point)
                except Conflict:
                    self.happened["locker full"] += 1
                    continue
                with administrator() as connection:
                    stay = delivery_points.standing(connection, number)
                assert stay is not None
                told: dict[str, Any] = {
                    "kind": "leave",
                    "parcel": number,
                    "left": "locker",
                    "point": self.shop.point,
                    "photo": JPEG,
                }
                self._do(**told)  # the station's own people bring it there
                life.told.append("awaiting_pickup")

    def _fetched(self) -> None:
        """Some fetch what lies in the locker, and pay at the counter."""
        for number, life in self.lives.items():
            at = self._delivery(number)
            if at is None or at.state is not State.AT_POINT or self.dice.random() < 0.6:
                continue
            with administrator() as connection:
                stay = delivery_points.standing(connection, number)
            assert stay is not None
            collected = f"{life.due}.00" if life.due else ""
            act = self.shop.act(by="Counter")
            for _ in range(2):  # the answer was lost once
                handing_out.hand_out(
                    self.shop.context, act, SOURCE, self.shop.point, stay.code, collected=collected
                )
            life.kept, life.end = life.due, "delivered"
            life.told.append("delivered")
            self.happened["fetched"] += 1

    def _rounds(self, day: date) -> None:
        context = self.shop.context
        made = dayplan.plan_rounds(context, self.shop.act(), SOURCE, self.shop.id, day, effort=EFFORT)
        for id in made["rounds"]:
            self._do(kind="start", round=id)
        falls = self.dice.random() < 0.5
        while True:
            with administrator() as connection:
                rows = [r for r in store.rounds(connection, self.shop.id, day) if r.state == "out"]
                out = [
                    (row, stops)
                    for row in rows
                    if (
                        stops := store.deliveries(
                            connection, "d.round_id = :r AND d.state = 'out'", r=row.round_id
                        )
                    )
                ]
            if not out:
                break
            row, stops = self.dice.choice(out)
            self.shop.now += timedelta(minutes=6)
            if falls and len(rows) > 1 and self.dice.random() < 0.3:
                falls = False
                act = self.shop.act()
                for _ in range(2):
                    done = falling_out.fall_out(context, act, SOURCE, row.round_id, (45.76, 4.84))
                assert {s.parcel for s in stops if not self.lives[s.parcel].end} == {
                    p for t in done["taken"].values() for p in t
                } | set(done["left"])
                self.happened["driver fell out"] += 1
                with administrator() as connection:
                    more = [r for r in store.rounds(connection, self.shop.id, day) if r.state == "planned"]
                for other in more:  # a vehicle that stood still helps
                    self._do(kind="start", round=other.round_id)
                continue
            if self.shop.now.hour >= 17:
                break
            there = [s for s in stops if not self.lives[s.parcel].end]
            if there:
                self._door(there[0], row.driver)
            elif all(self.lives[s.parcel].end for _, each in out for s in each):
                break  # what is still on the rounds is gone
        for row in rows:  # what is gone is no attempt that failed
            rest = self.dice.random()  # a round that ends twice ends once
            for _ in range(2 if rest < 0.3 else 1):
                self._do(kind="end", round=row.round_id)

    def _door(self, stop: Delivery, driver: str) -> None:
        life = self.lives[stop.parcel]
        fate = self.dice.choices(
            ("deliver", "short", "nobody_home", "no_cash", "refused", "damaged", "stolen"),
            (50, 8, 16, 5, 8, 5, 5),
        )[0]
        if fate in ("short", "no_cash") and not life.due:
            fate = "deliver"
        self.happened[fate] += 1
        if fate == "stolen" and self.dice.random() < 0.5:  # the driver tells it; else a carrier's scan does
            self._do(by=driver, twice=True, kind="gone", parcel=stop.parcel, reason="stolen", detail="PV 7")
            life.end = "lost"
            life.told.append("lost")
            return
        if fate == "stolen":
            self._lost(stop.parcel, life)
            return
        if fate in ("deliver", "short"):
            kept = life.due - (Decimal(self.dice.randint(1, 9)) if fate == "short" else 0)
            self._do(
                by=driver,
                twice=True,
                kind="deliver",
                parcel=stop.parcel,
                photo=JPEG,
                collected=f"{kept}.00" if life.due else "",
            )
            life.kept, life.end = kept, "delivered"
            life.told.append("delivered")
            return
        said = self._do(by=driver, twice=True, kind="fail", parcel=stop.parcel, reason=fate)
        life.told.append("delivery_failed")
        if said["state"] == "returning":
            life.end = "returned"

    def _lost(self, number: str, life: Life) -> None:
        """A carrier's scan says that a parcel is lost."""
        told = [Report(number, "lost", self.shop.now, SOURCE)]
        with administrator() as connection:
            (receipt,) = tracking_recording.record(connection, told, self.shop.now)
        assert not receipt.flaws, receipt.flaws
        life.end = "lost"
        life.told.append("lost")

    def _follow(self) -> None:
        """What follows histories does; a worker does it at once, here it is once a day."""
        for projection in _FOLLOWING:
            while advancing.advance(projection):
                pass

    def _do(self, by: str = "Amal", twice: bool = False, **told: str) -> dict[str, Any]:
        act = self.shop.act(by=by)
        for _ in range(2 if twice and self.dice.random() < 0.4 else 1):
            said = delivery_doing.do(self.shop.context, act, SOURCE, self.shop.id, at_door.told_from(told))
        return said

    def _turned_round(self) -> None:
        """What nobody took is home, looked at, and its refund decided; or lost on its way there."""
        returns_sweeping.sweep(self.shop.context)
        self._follow()
        with administrator() as connection:
            found = returns.found(
                connection, "r.merchant_id = :m AND r.state = 'on_way'", limit=1000, m=self.shop.merchant
            )
        for given in found:
            life = self.lives[given.parcel]
            if self.dice.random() < 0.2:
                self._lost(given.parcel, life)
                life.back = True
                self.happened["lost on its way back"] += 1
                self._follow()
                assert self.shop.now_of(given).state is ReturnState.GONE
            else:
                life.end = "returned"
                life.told.append("returned")
                self.shop.back(given)
            self.shop.refunded(given)
            for line in self.shop.now_of(given).lines:
                if line.found and line.done_at is None:
                    returns_receiving.dispose(self.shop.act(), SOURCE, given.id, line.line, "fetched")
            if (
                (after := self.shop.now_of(given)).refund is not None
                and after.refund.amount
                and not after.refunded_at
            ):
                refunding.paid_out(self.shop.act(), SOURCE, given.id, "by the merchant")

    def _evening(self) -> None:
        """Every bag is counted by two and banked, or stolen."""
        with administrator() as connection:
            rows = connection.execute(
                text(
                    "SELECT bag FROM cash_bags WHERE station = ANY(:s) AND state NOT IN ('handed_over', 'stolen') ORDER BY bag"
                ),
                {"s": [self.shop.id, self.shop.point]},
            ).scalars()
            bags = list(rows)
        for bag in bags:
            with administrator() as connection:
                station = str(
                    connection.execute(
                        text("SELECT station FROM cash_bags WHERE bag = :b"), {"b": bag}
                    ).scalar_one()
                )
            stolen = self.dice.random() < 0.15
            at = self.shop.now + timedelta(minutes=5)
            day = sandbox.Day(
                station=station,
                territory="FR",
                tenant="local",
                at=at,
                stolen=float(stolen),
                miscounted=0.0,
                suspect=0.0,
                seed=self.dice.randrange(10**6),
            )
            self.happened["bag stolen"] += stolen
            for _ in range(2):
                sandbox.close_bag(bag, day, at, sandbox.Told())

    def wrong(self) -> list[str]:
        """Where histories, deliveries, returns and ledger say something else than the tale."""
        found = []
        with administrator() as connection:
            told = history.histories(connection, list(self.lives))
            for number, life in self.lives.items():
                events = [e for e in told[number] if e.time_kind == TimeKind.ACTUAL]
                seen = [
                    e.type
                    for e in sorted(events, key=lambda e: e.time)
                    if e.type in _TOLD and e.details.get("reason") != "not_reached"
                ]
                if seen != life.told:
                    found.append(f"{number}: its history says {seen}, what happened is {life.told}")
                state = status(told[number], self.shop.now).state.value
                if state != life.end:
                    found.append(f"{number} is {state}, and should be {life.end or 'at an end'}")
                given = [r for r in returns.of_parcel(connection, number) if r.state is not ReturnState.VOID]
                if (life.end == "returned" or life.back) != bool(given) or any(
                    r.state is not ReturnState.CLOSED for r in given
                ):
                    found.append(
                        f"{number}: {life.end}, but its returns are {[r.state.value for r in given]}"
                    )
                delivery = store.delivery(connection, number)
                if delivery is None or (delivery.state is State.GONE) != (life.end == "lost"):
                    found.append(f"{number}: {life.end}, but its delivery is {delivery and delivery.state}")
                if (claims.standing(connection, number, "lost") is not None) != (life.end == "lost"):
                    found.append(f"{number}: {life.end}, and its claim for a loss is not as it should be")
                kept = connection.execute(
                    text(
                        "SELECT coalesce(sum(kept), 0), count(*) FROM cash_collections WHERE parcel = :p AND outcome IN ('collected', 'short')"
                    ),
                    {"p": number},
                ).one()
                if tuple(kept) != (life.kept, int(life.kept > 0)):
                    found.append(
                        f"{number}: {kept[0]} was collected {kept[1]} times, and should be {life.kept}"
                    )
            delivered = [x for x in self.lives.values() if x.end == "delivered"]
            owed = -books.balance(connection, merchant(self.shop.merchant, Purpose.OWED, "EUR"))
            if owed != sum(x.due for x in delivered):
                found.append(f"the merchant is owed {owed} of {sum(x.due for x in delivered)}")
            places = connection.execute(
                text(
                    "SELECT b.state, coalesce(sum(c.kept), 0) AS kept FROM cash_bags b LEFT JOIN cash_collections c ON c.bag = b.bag "
                    "AND c.outcome IN ('collected', 'short') WHERE b.station = ANY(:s) GROUP BY 1"
                ),
                {"s": [self.shop.id, self.shop.point]},
            ).all()
            banked = connection.execute(
                text("SELECT coalesce(sum(credited), 0) FROM cash_deposits WHERE station = ANY(:s)"),
                {"s": [self.shop.id, self.shop.point]},
            ).scalar_one()
            stolen = sum((r.kept for r in places if r.state == "stolen"), Decimal(0))
            if {r.state for r in places} - {"handed_over", "stolen"} or banked + stolen != sum(
                x.kept for x in delivered
            ):
                found.append(
                    f"{banked} banked and {stolen} stolen of {sum(x.kept for x in delivered)}: {list(places)}"
                )
            found += [str(flaw) for flaw in posting.audit(connection)]
            held = connection.execute(
                text(
                    "SELECT count(*) FROM compartment_stays WHERE facility = :f AND state IN ('reserved', 'held', 'expired')"
                ),
                {"f": self.shop.point},
            ).scalar_one()
            if held:
                found.append(f"{held} compartments are taken, and nothing is in them")
        return found


_FOLLOWING = (delivery_following.GONE, returns_following.GONE, ledger_following.FOUND)
_TOLD = ("delivery_failed", "awaiting_pickup", "delivered", "lost", "returned")


def main() -> int:
    """Runs seeds; returns how many failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.delivery.mishaps", description=__doc__)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seeds", type=int, default=10, help="how many")
    parser.add_argument("--parcels", type=int, default=24, help="parcels in each")
    asked = parser.parse_args()
    failed = 0
    for seed in range(asked.first, asked.first + asked.seeds):
        days = Days(seed, asked.parcels)
        days.run()
        found = days.wrong()
        failed += bool(found)
        ends = Counter(x.end for x in days.lives.values())
        print(
            f"seed {seed}: {dict(ends)}, {dict(days.happened)}",
            *found or ["all is true"],
            sep="\n  ",
            flush=True,
        )
    return failed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
