"""Runs a day: the sample's parcels from their senders through every floor to their ends, by a clock that runs fast.

Twice from nothing on the same network and the same first day it is the same: chance follows from numbers, acts from the plan.
"""

from __future__ import annotations

import csv
import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import text

from qafila.clearance.declaration import Procedure
from qafila.context import Context
from qafila.day import storing
from qafila.day.clearing import Broker
from qafila.day.clock import Clock, beginning
from qafila.day.day_moving import Movers, Ride, Way, ways
from qafila.day.ending import Ends
from qafila.ledger import store as books
from qafila.returns import store as returns
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import TimeKind
from qafila.shipping.files.pipeline import Options, ship_file
from qafila.tracking.status import status

PREFIX = "D-"
_SORTED = 3
"""So many places where most parcels pass sort by machine."""
_ENDED = frozenset({"delivered", "returned", "held_by_customs", "cancelled", "lost"})
_CASH = 4
"""Every so manieth order of the file within a country is paid in cash at the door."""


@dataclass(slots=True)
class Told:
    """What a day came to.

    Attributes:
        begins, ends: its first and last instant.
        states: parcels by the state that they ended in.
        counts: what happened on the way, by name.
        digest: of every parcel's history and of the sums of the ledger, without ids that are drawn.
        open: parcels that did not come to an end, with their state.
    """

    begins: datetime
    ends: datetime
    states: Counter[str]
    counts: Counter[str]
    digest: str
    open: dict[str, str] = field(default_factory=dict)


def orders_file(target: Path, every: int = 1) -> int:
    """Writes the sample's orders as those of the day, every so manieth of them; returns how many. Some of those that stay in
    their country are paid in cash."""
    with (files("qafila") / "samples" / "orders.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    chosen = sorted({r["order_id"] for r in rows})[::every]
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as out:
        written = csv.DictWriter(out, [*rows[0], "cash_on_delivery"], lineterminator="\n")
        written.writeheader()
        for r in rows:
            if r["order_id"] in chosen:
                written.writerow({**r, "order_id": PREFIX + r["order_id"], "cash_on_delivery": ""})
    return len(chosen)


def run(
    here: Context,
    owner: str,
    folder: Path,
    *,
    every: int = 1,
    stored: int = 10,
    today: date | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Told:
    """Runs the day, or finds it run.

    Args:
        here: the network and the rules.
        owner: the tenant whose parcels they are, and whose people act.
        folder: where the file of orders and its results go.
        every: every so manieth order of the sample; 1: all.
        stored: orders that the day's warehouse sends.
        today: the date from which it is counted back; the context's own where it is None.
        say: hears what is done.
    """
    begins = beginning(today or here.now().date())
    clock = Clock(begins)
    known = ways(owner, PREFIX)
    if known:
        return summed(here, owner, known, begins)
    orders_file(folder / "orders.csv", every)
    say("orders")
    ship_file(clock.on(here).of(owner).at(clock.now()), folder / "orders.csv", folder, Options())
    stored_orders = set(storing.send(here, clock, owner, stored))
    known = ways(owner, PREFIX)
    movers, ends = Movers(here, clock, owner), Ends(here, clock, owner)
    broker = Broker(here, clock, owner)
    broker.open([w.parcel for w in known])
    _run(here, clock, known, stored_orders, broker, movers, ends, say)
    told = summed(here, owner, known, begins)
    told.counts.update(ends.told)
    told.counts["held"] = len(broker.held)
    return told


def _run(
    here: Context,
    clock: Clock,
    known: list[Way],
    stored: set[str],
    broker: Broker,
    movers: Movers,
    ends: Ends,
    say: Callable[[str], None],
) -> None:
    number = itertools.count()
    queue: list[tuple[datetime, int, str, Any]] = []

    def put(at: datetime, kind: str, what: Any) -> None:
        heapq.heappush(queue, (at, next(number), kind, what))

    facilities = here.network.feed.facility
    by_ride: dict[Ride, list[Way]] = defaultdict(list)
    passing: dict[str, Counter[str]] = defaultdict(Counter)
    for way in known:
        first = way.rides[0].departs if way.rides else way.out
        at = way.collected or max(clock.now(), (first or clock.now()) - timedelta(hours=8))
        put(at, "take", way)
        for ride, after in itertools.zip_longest(way.rides, way.rides[1:]):
            by_ride[ride].append(way)
            passing[ride.end][after.end if after else ride.end] += 1
    for ride in by_ride:
        put(ride.departs - timedelta(minutes=45), "load", ride)
        put(ride.arrives, "unload", ride)
    centres = sorted(passing, key=lambda f: (-sum(passing[f].values()), f))[:_SORTED]
    for facility in centres:
        movers.set_up_centre(facility, dict(passing[facility]))
    bags: dict[Ride, str] = {}
    open_days: dict[tuple[str, date], set[str]] = defaultdict(set)
    delivered: set[str] = set()
    for way in known:
        if way.station and way.out is not None:
            open_days[way.station, way.out.date()].add(way.parcel)
    for (station, _), _parcels in sorted(open_days.items()):
        first = min(w.out for w in known if w.station == station and w.out and w.out.date() == _)
        put(first - timedelta(minutes=90), "rounds", (station, 0))
    where: dict[str, str] = {}
    mine = frozenset(w.parcel for w in known)
    waiting: dict[str, set[str]] = defaultdict(set)
    for way in known:
        if way.station:
            waiting[way.station].add(way.parcel)
    last_day = 4
    say("moving")
    while queue:
        at, _, kind, what = heapq.heappop(queue)
        clock.set(at)
        if kind == "take":
            if what.order not in stored:
                movers.take_in(what, at)
            else:
                first = what.rides[0].start if what.rides else what.ends_at
                movers.report([what.parcel], "arrived", at + timedelta(minutes=20), first)
            broker.clear(what.parcel, clock.now(), Procedure.EXPORT)
            where[what.parcel] = what.rides[0].start if what.rides else what.station
        elif kind == "load":
            here_now = [
                w.parcel
                for w in by_ride[what]
                if w.parcel not in broker.held and where.get(w.parcel) == what.start
            ]
            if here_now:
                bags[what] = movers.load(what, here_now)
                for parcel in here_now:
                    where[parcel] = f">{what.service}"
        elif kind == "unload":
            aboard = [w for w in by_ride[what] if where.get(w.parcel) == f">{what.service}"]
            if what in bags:
                movers.unload(what, bags[what], [w.parcel for w in aboard])
            for way in aboard:
                where[way.parcel] = what.end
            if aboard and what.end in centres:
                movers.sort(what.end, [w.parcel for w in aboard], what.arrives + timedelta(minutes=40))
            start, end = facilities.get(what.start), facilities.get(what.end)
            for way in aboard:
                if start is not None and end is not None and start.territory != end.territory:
                    broker.clear(way.parcel, what.arrives + timedelta(hours=1), Procedure.IMPORT)
                if what is way.rides[-1] and not way.station and way.parcel not in broker.held:
                    put(what.arrives + timedelta(hours=3), "wait", way)
        elif kind == "wait":
            movers.report([what.parcel], "awaiting_pickup", at, what.ends_at)
            put(at + timedelta(hours=20), "fetched", what)
        elif kind == "fetched":
            movers.report([what.parcel], "delivered", at, what.ends_at)
        elif kind == "rounds":
            station, tried = what
            left = {p for p in waiting[station] if where.get(p) == station and p not in broker.held}
            if tried and not left:
                continue
            for round in ends.plan(station, at, mine):
                put(round.leaves, "leave", round)
                for door in round.doors:
                    put(door[0], "door", (round, *door))
                put(round.back, "back", round)
            if tried < last_day:
                put(at + timedelta(days=1), "rounds", (station, tried + 1))
        elif kind == "leave":
            ends.leave(what)
        elif kind == "door":
            if ends.stand_at(*what):
                delivery = what[2]
                waiting[delivery.facility].discard(delivery.parcel)
                delivered.add(delivery.parcel)
                put(at + timedelta(days=3), "home", None)
        elif kind == "back":
            ends.come_back(what)
        elif kind == "home":
            ends.take_back()
    say("money and returns")
    clock.set(clock.now() + timedelta(hours=6))
    ends.bank()
    clock.set(clock.now() + timedelta(days=2))
    ends.regret(sorted(_delivered(delivered)))
    clock.set(clock.now() + timedelta(days=4))
    ends.take_back()


def _delivered(parcels: set[str]) -> list[str]:
    with acting_as(Role.OPERATOR) as connection:
        return list(
            connection.execute(
                text(
                    "SELECT parcel FROM deliveries WHERE state = 'delivered' AND parcel = ANY(:p) ORDER BY 1"
                ),
                {"p": sorted(parcels)},
            ).scalars()
        )


def summed(here: Context, owner: str, known: list[Way], begins: datetime) -> Told:
    """What a day came to, read from histories and ledger."""
    now = here.now()
    with acting_as(Role.OPERATOR) as connection:
        told = history.histories(connection, [w.parcel for w in known])
        back = returns.found(connection, "r.merchant_id = :m", limit=10_000, m=owner)
        sums = books.balances(connection)
    lives, states, left, ends = [], Counter[str](), {}, begins
    for way in known:
        events = [e for e in told.get(way.parcel, []) if e.time_kind == TimeKind.ACTUAL]
        state = status(told.get(way.parcel, []), now).state.value
        states[state] += 1
        if state not in _ENDED:
            left[way.parcel] = state
        ends = max([ends, *(e.time for e in events)])
        lives.append(
            [
                way.order,
                way.parcel,
                state,
                sorted([e.time.isoformat(), e.type, e.facility or ""] for e in events),
            ]
        )
    mine = {w.parcel for w in known}
    gone = sorted(
        [r.number, r.cause.value, r.state.value, str(r.refund), r.refund_how]
        for r in back
        if r.parcel in mine
    )
    by_purpose: dict[str, str] = {}
    for b in sums:
        name = f"{b.account.kind}:{b.account.purpose}:{b.account.currency}"
        by_purpose[name] = str(b.amount + type(b.amount)(by_purpose.get(name, "0")))
    digest = blake2b(orjson.dumps([lives, gone, sorted(by_purpose.items())]), digest_size=16).hexdigest()
    counts = Counter({"returns": len(gone)})
    return Told(begins, ends, states, counts, digest, left)
