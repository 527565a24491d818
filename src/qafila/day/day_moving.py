"""What is done to parcels between their sender and their last station: handed in, loaded, sorted, cleared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from qafila.context import Context
from qafila.core.identifiers import gs1
from qafila.day.clock import Clock
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Event, Reporter, Source, TimeKind
from qafila.sorting import sorting_setting_up, units
from qafila.sorting.induction import induction
from qafila.sorting.model import By, Centre, Chute, Reading
from qafila.sorting.units import UnitAct
from qafila.tracking import tracking_recording
from qafila.tracking.tracking_report import Report

_BAGGED = frozenset({"air", "belly", "sea", "rail"})
_PREFIX = "9501101"  # GS1's own for examples
_CHUTES = tuple(Chute(f"C{n:02d}", metres=2.0 * n) for n in range(1, 13))


@dataclass(frozen=True, slots=True)
class Ride:
    """A leg that some parcels share: a service on a day between two places."""

    service: str
    day: int
    mode: str
    start: str
    end: str
    departs: datetime
    arrives: datetime


@dataclass(frozen=True, slots=True)
class Way:
    """A parcel with its planned rides, and how it ends: at a door of a station, or at a facility."""

    parcel: str
    order: str
    rides: tuple[Ride, ...]
    collected: datetime | None  # by a van at the sender's; None: handed in
    station: str  # of the last mile; empty where it is picked up
    out: datetime | None
    ends_at: str


def ways(owner: str, prefix: str) -> list[Way]:
    """The ways of an owner's parcels whose orders begin with a prefix, as their bookings plan them."""
    with acting_as(Role.OPERATOR) as connection:
        rows = connection.execute(
            text(
                "SELECT p.number, s.order_id FROM parcels p JOIN shipments s USING (merchant_id, shipment_id) JOIN bookings b "
                "USING (merchant_id, booking_id) WHERE p.merchant_id = :m AND s.order_id LIKE :p AND b.cancelled_at IS NULL "
                "ORDER BY s.order_id, p.position"
            ),
            {"m": owner, "p": f"{prefix}%"},
        ).all()
        told = history.histories(connection, [r[0] for r in rows])
    return [_way(number, order, told.get(number, [])) for number, order in rows]


def _way(parcel: str, order: str, events: Sequence[Event]) -> Way:
    plan = [e for e in events if e.time_kind == TimeKind.PLANNED]
    newest = max((int(e.details.get("revision", 0)) for e in plan), default=0)
    legs: dict[int, dict[str, Event]] = {}
    for e in plan:
        if int(e.details.get("revision", 0)) == newest and e.leg is not None:
            legs.setdefault(e.leg, {})[e.type] = e
    rides, collected, station, out, ends = [], None, "", None, ""
    for _, leg in sorted(legs.items()):
        if "departed" in leg and "arrived" in leg:
            a, b = leg["departed"], leg["arrived"]
            rides.append(
                Ride(
                    str(a.details.get("service", "")),
                    int(a.details.get("day", 0)),
                    str(a.details.get("mode", "")),
                    a.facility or "",
                    b.facility or "",
                    a.time,
                    b.time,
                )
            )
            ends = b.facility or ends
        elif "collected" in leg:
            collected = leg["collected"].time
            ends = leg["arrived"].facility or ends
        if "out_for_delivery" in leg:
            station, out = leg["out_for_delivery"].facility or "", leg["out_for_delivery"].time
    return Way(parcel, order, tuple(rides), collected, station, out, ends)


@dataclass(slots=True)
class Movers:
    """The people between sender and station, at the clock's time."""

    context: Context
    clock: Clock
    owner: str
    bags: int = 0

    @property
    def by(self) -> By:
        """Who scans."""
        return By(self.owner, Role.OPERATOR.value, "Karim")

    def take_in(self, way: Way, at: datetime) -> None:
        """The parcel is collected, or handed in."""
        first = way.rides[0].start if way.rides else way.station or way.ends_at
        self.report([way.parcel], "collected", at, "" if way.collected else first)
        self.report([way.parcel], "arrived", at + timedelta(minutes=30), first)

    def report(self, parcels: Iterable[str], type: str, at: datetime, facility: str = "") -> None:
        """Reports an event as any scanner does."""
        now = self.clock.set(at)
        source = Source(Reporter.OPERATOR.value, self.owner, "Karim")
        with acting_as(Role.OPERATOR) as connection:
            told = [Report(p, type, at, source, facility=facility or None) for p in sorted(parcels)]
            for receipt in tracking_recording.record(connection, told, now):
                if receipt.flaws:
                    raise RuntimeError(f"{type} at {facility}: {receipt.flaws[0]}")

    def load(self, ride: Ride, parcels: Sequence[str]) -> str:
        """Puts parcels on a departure, in a bag where it flies, sails or goes by rail; it leaves."""
        unit = f"{ride.service} {ride.start} {ride.departs:%Y-%m-%d %H:%M}"[:80]
        before = ride.departs - timedelta(minutes=40)
        self._act(
            "open",
            unit,
            before,
            ride.start,
            kind="vehicle",
            destination=ride.end,
            service=ride.service,
            day=ride.day,
        )
        loaded = sorted(parcels)
        if ride.mode in _BAGGED:
            self.bags += 1
            bag = gs1.sscc(_PREFIX, self.bags)
            self._act("open", bag, before, ride.start, kind="bag", destination=ride.end)
            for n, parcel in enumerate(loaded):
                self._act("load", bag, before + timedelta(minutes=5, seconds=n), ride.start, child=parcel)
            self._act("close", bag, before + timedelta(minutes=15), ride.start)
            self._act("seal", bag, before + timedelta(minutes=16), ride.start, seal=f"S{self.bags:06d}")
            loaded = [bag]
        for n, one in enumerate(loaded):
            self._act("load", unit, before + timedelta(minutes=20, seconds=n), ride.start, child=one)
        self._act("close", unit, ride.departs - timedelta(minutes=5), ride.start)
        self._act("depart", unit, ride.departs, ride.start)
        return loaded[0] if ride.mode in _BAGGED else ""

    def unload(self, ride: Ride, bag: str, parcels: Sequence[str]) -> None:
        """A departure arrives; what lay in it, and in the bag on it, is read as it is taken out."""
        unit = f"{ride.service} {ride.start} {ride.departs:%Y-%m-%d %H:%M}"[:80]
        self._act("arrive", unit, ride.arrives, ride.end)
        self._take_out(
            unit, [bag] if bag else sorted(parcels), ride.arrives + timedelta(minutes=10), ride.end
        )
        if bag:
            self._take_out(bag, sorted(parcels), ride.arrives + timedelta(minutes=20), ride.end)

    def _take_out(self, unit: str, what: Sequence[str], at: datetime, facility: str) -> None:
        for n, one in enumerate(what):
            self._act("unload", unit, at + timedelta(seconds=n), facility, child=one)
        self._act("empty", unit, at + timedelta(seconds=len(what)), facility)

    def _act(self, act: str, unit: str, at: datetime, facility: str, **more: object) -> None:
        key = f"day|{act}|{unit}|{more.get('child', '')}|{facility}"[:200]
        self.clock.set(at)
        units.perform(UnitAct(key, act, unit, at, facility=facility, **more), self.by, self.clock.now())  # type: ignore[arg-type]  # the fields are the act's own

    def set_up_centre(self, facility: str, flows: dict[str, int]) -> None:
        """Gives a facility a sorter with a plan for what goes through it in these weeks."""
        special = (("unknown", "C11"), ("held", "C12"))
        with acting_as(Role.OPERATOR) as connection:
            from qafila.sorting import store as sorters

            known = facility in sorters.centres(connection)
        if not known:
            sorting_setting_up.set_up(Centre(facility, _CHUTES, special), self.clock.now())
            shift = sorting_setting_up.Shift("day", self.clock.now(), self.clock.now() + timedelta(days=30))
            sorting_setting_up.make_plan(facility, shift, self.by, self.clock.now(), flows, 1.0)

    def sort(self, facility: str, parcels: Sequence[str], at: datetime) -> None:
        """The induction reads parcels that came in."""
        self.clock.set(at)
        here = induction()
        line = here.line(facility, self.clock.on(self.context))
        readings = [
            (Reading(p, at + timedelta(seconds=n)), f"day|{facility}|{p}", "")
            for n, p in enumerate(sorted(parcels))
        ]
        self.clock.set(readings[-1][0].at)
        done = here.scan(line, readings, self.by)
        here.recorder.wait(done[-1].number)
