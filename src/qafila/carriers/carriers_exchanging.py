"""Parcels go to carriers' systems, labels and events come back: one turn for each line, as a job each minute.

It may be killed at any instant: a parcel is given again under its own number, and events are read again from the last
position that was kept with what was recorded of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, text

from qafila.carriers import store
from qafila.carriers.adapter import Adapter, Consignment, Line, NotReached, NotTaken, Told
from qafila.carriers.adapters import reach
from qafila.context import Context
from qafila.core.identifiers import s10
from qafila.network.network_joining import operated
from qafila.openness.privacy import reads
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import Role, acting_as, administrator, connect, merchant_transaction
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Event, Reporter, Source
from qafila.shipping.bookings import records
from qafila.tracking import store as tracking
from qafila.tracking.event import ParcelEvent
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report

_WHY = "lines have secrets, and parcels of every merchant go to carriers"
_LOOKED = 2_000  # events in one turn
_GIVEN = 200  # parcels to one carrier in one turn
_AWAITED = timedelta(days=14)  # that a label may be late
_LOCK = 0x7161_6361_7272  # "qacarr": one process exchanges at a time
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did, over all lines."""

    lines: int = 0
    given: int = 0
    recorded: int = 0
    refused: int = 0


def exchange(context: Context, at: Callable[[str, Line], Adapter] = reach) -> Turn:
    """One turn with every line; a system that cannot be reached is left for the next turn, and holds up no other."""
    done = Turn()
    with connect() as holder, holder.begin():
        if not holder.execute(text("SELECT pg_try_advisory_xact_lock(:k)"), {"k": _LOCK}).scalar():
            return done
        with administrator(_WHY) as db:
            lines = store.lines(db)
        _note_bookings(context, lines)
        for line in lines:
            trouble, given, heard = "", 0, (0, 0)
            try:
                adapter = at(line.adapter, Line(line.address, line.secret, line.inside))
                given = _give(context, line, adapter)
                heard = _hear(context, line, adapter)
            except NotReached as failure:
                trouble = str(failure) or "it does not answer"
            except Exception as failure:  # an adapter of somebody else may raise anything
                log.exception("the adapter %s of %s failed", line.adapter, line.tenant_id)
                trouble = f"its adapter failed: {type(failure).__name__}"
            with administrator(_WHY) as db:
                store.was_read(db, line.tenant_id, context.now(), trouble)
            done = Turn(done.lines + 1, done.given + given, done.recorded + heard[0], done.refused + heard[1])
    return done


def _note_bookings(context: Context, lines: Sequence[Row[Any]]) -> None:
    """Finds among new bookings those that ride with a carrier that has a line, and those that were cancelled."""
    if not lines:
        return
    operators = operated(context.network.feed)
    carrier_of = {name: line.tenant_id for line in lines for name in (line.tenant_id, line.name)}
    since = min(line.since for line in lines)
    with acting_as(Role.OPERATOR) as db:
        found = history.after(db, since, _LOOKED, history.settled(db), planned=False)
    booked = {e.subject_id: owner for _, owner, e in found if _is(e, ParcelEvent.BOOKED) and owner}
    over = [e.subject_id for _, _, e in found if _is(e, ParcelEvent.CANCELLED)]
    with acting_as(Role.PARTNER) as db:
        rides = tracking.rides(db, sorted(booked))
    starts = {line.tenant_id: line.since for line in lines}
    seen = {e.subject_id: seq for seq, _, e in found if _is(e, ParcelEvent.BOOKED)}
    rows = sorted(
        {
            (booked[parcel], carrier, parcel)
            for parcel, services in rides.items()
            for service in services
            if (carrier := carrier_of.get(operators.get(service, ""))) and seen[parcel] > starts[carrier]
        }
    )
    with administrator(_WHY) as db:
        store.await_turn(db, rows, context.now())
        store.cancelled(db, over, context.now())
        if found:
            for line in lines:
                store.advance(db, line.tenant_id, max(line.since, found[-1][0]))


def _is(event: Event, type: ParcelEvent) -> bool:
    return event.subject_kind == "parcel" and event.type == type.value


def _give(context: Context, line: Row[Any], adapter: Adapter) -> int:
    carrier = line.tenant_id
    with administrator(_WHY) as db:
        waiting = store.waiting(db, carrier, "waits", _GIVEN)
        withdrawn = store.waiting(db, carrier, "withdrawing", _GIVEN)
        unlabelled = store.unlabelled(db, carrier, context.now() - _AWAITED, _GIVEN)
    for merchant, parcel, _ in waiting:
        told = _consignment(context, line, merchant, parcel)
        if told is None:
            _settle(carrier, parcel, "withdrawn", why="it rides with this carrier no more")
            continue
        try:
            taken = adapter.consign(told)
        except NotTaken as no:
            _settle(carrier, parcel, "refused", why=str(no)[:500])
            continue
        _settle(carrier, parcel, "given", taken.reference, label=taken.label)
        looker = Actor(tenant=carrier, kind=TenantKind.CARRIER, id="adapter", name=line.name)
        reads.note(looker, f"adapter {line.adapter}", parcel, context.now())
    for _, parcel, reference in withdrawn:
        adapter.withdraw(parcel, reference)
        _settle(carrier, parcel, "withdrawn")
    for _, parcel, reference in unlabelled:
        if (label := adapter.label(parcel, reference)) is not None:
            _settle(carrier, parcel, "given", label=label)
    return len(waiting)


def _settle(carrier: str, parcel: str, state: str, reference: str = "", **more: Any) -> None:
    with administrator(_WHY) as db:
        store.settle(db, carrier, parcel, state, reference, **more)


def _consignment(context: Context, line: Row[Any], merchant: str, parcel: str) -> Consignment | None:
    """What the carrier needs of a parcel; None where it rides with it no more."""
    with merchant_transaction(merchant) as db:
        found, box = records.record(db, parcel), records.parcel(db, parcel)
    if found is None or box is None or found.entry.cancelled_at is not None:
        return None
    operators, legs = operated(context.network.feed), found.offer_for(parcel).itinerary.legs
    own = [leg for leg in legs if operators.get(leg.service_id) in (line.tenant_id, line.name)]
    if not own:
        return None
    to: Mapping[str, str] = {}
    if own[-1] is legs[-1]:  # it brings the parcel to the door, and to nobody else is told where that is
        receiver = found.order.receiver
        to = {name: str(getattr(receiver, name)) for name in _ADDRESS if getattr(receiver, name)}
    first = own[0]
    day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=first.service_day)).date().isoformat()
    return Consignment(
        parcel, first.service_id, day, first.from_facility, own[-1].to_facility, first.board_by, box.grams, to
    )


_ADDRESS = ("name", "company", "line1", "line2", "postcode", "city", "region", "country", "phone")


def _hear(context: Context, line: Row[Any], adapter: Adapter) -> tuple[int, int]:
    """Records what the carrier tells, with the position in one transaction each: how many, and how many were refused."""
    recorded = refused = 0
    after = line.after
    while True:
        told, position = adapter.events(after)
        if not told and position == after:
            return recorded, refused
        new, wrong, why = _record(context, line, told)
        recorded, refused = recorded + new, refused + wrong
        with administrator(_WHY) as db:
            store.heard(db, line.tenant_id, position, wrong, why)
        if position == after or not told:
            return recorded, refused
        after = position


def _record(context: Context, line: Row[Any], told: Sequence[Told]) -> tuple[int, int, str]:
    carrier = line.tenant_id
    theirs = sorted({one.parcel for one in told if not s10.is_valid(one.parcel)})
    with administrator(_WHY) as db:
        ours = store.by_reference(db, carrier, theirs)
    source = Source(Reporter.CARRIER.value, carrier, f"adapter {line.adapter}")
    reports = [
        Report(
            ours.get(one.parcel, one.parcel),
            one.type,
            one.time,
            source,
            facility=one.facility,
            id=one.id,
            details=one.details,
        )
        for one in told
    ]
    feed = context.network.feed
    with acting_as(Role.PARTNER, carrier) as db:
        receipts = record(db, reports, context.now(), feed.facility, operated(feed))
    flaws = [
        (report, receipt.flaws[0]) for report, receipt in zip(reports, receipts, strict=True) if receipt.flaws
    ]
    why = f"{flaws[-1][0].subject[:40]}: {flaws[-1][1].reason}" if flaws else ""
    return sum(receipt.new for receipt in receipts), len(flaws), why
