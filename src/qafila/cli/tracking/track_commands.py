"""`qafila track`: where a parcel is, recording what happened to it, and which parcels are silent."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from qafila.cli.chassis.answering import context
from qafila.cli.chassis.command_acting import operator
from qafila.cli.tracking import track_view as view

if TYPE_CHECKING:
    from qafila.runtime.events.envelope import Event
    from qafila.tracking.promised import Promised
    from qafila.tracking.status import Status


class _NumberOrCommand(TyperGroup):
    """Lets a parcel's number stand where a command's name would: `qafila track HA000000014MA`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["show", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_NumberOrCommand,
    no_args_is_help=True,
    help="Where a parcel is: qafila track NUMBER, or a command below.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]


@app.command()
def show(number: Annotated[str, typer.Argument(help="The parcel's number.")], as_json: Json = False) -> None:
    """Show where a parcel is, when it arrives, and its history."""
    from qafila.core.identifiers import s10
    from qafila.core.identifiers.errors import InvalidNumber
    from qafila.network.installed import feed
    from qafila.shipping.bookings import records
    from qafila.tracking.promised import destination_zone, promised
    from qafila.tracking.questions_open import track
    from qafila.tracking.upu_codes import places

    try:
        number = s10.parse(number)
    except InvalidNumber as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    here = context()
    now = here.now()
    with operator() as connection:
        found = track(connection, number, now)
        entry = records.entry(connection, number)
    if found is None:
        typer.echo(f"No parcel has the number {number}. Check it against the label.", err=True)
        raise typer.Exit(3)
    seen, history = found
    where = places(feed())
    zone = destination_zone(history, where)
    stands = promised(entry.promise_by, seen, zone, now) if entry else None
    if as_json:
        told = {"parcel": number, "status": _status(seen), "promise": _promise(stands)}
        typer.echo(json.dumps({**told, "events": [_event(e) for e in history]}))
        return
    view.show(seen, history, where, view.promise(stands, zone) if stands else "")


@app.command()
def record(
    number: Annotated[str | None, typer.Argument(help="The parcel's number.")] = None,
    type: Annotated[
        str | None, typer.Argument(help="What happened: arrived, departed, … or a UPU code.")
    ] = None,
    facility: Annotated[str | None, typer.Option(help="Id of the facility where it happened.")] = None,
    at: Annotated[
        str | None, typer.Option(help="When, in ISO 8601 with its offset; now if not given.")
    ] = None,
    kind: Annotated[str, typer.Option(help="planned, estimated or actual.")] = "actual",
    source: Annotated[str, typer.Option(help="The scanner, dock or person that saw it.")] = "",
    file: Annotated[
        Path | None,
        typer.Option(help="Record every line of a CSV: parcel, type, time, facility, time_kind, source."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Record what happened to a parcel, or to all parcels of a file."""
    from qafila.network.installed import feed
    from qafila.tracking.tracking_recording import record as record_all
    from qafila.tracking.tracking_report import Report

    here = context()
    now = here.now()
    if file is not None:
        reports = _read(file, source)
    elif number and type:
        reports = [Report(number, type, _instant(at) if at else now, _operator(source), kind, facility)]
    else:
        typer.echo("Give a number and what happened, or --file FILE.", err=True)
        raise typer.Exit(2)
    with operator() as connection:
        receipts = record_all(connection, reports, now, feed().facility)
    refused = [(n, f) for n, receipt in enumerate(receipts, start=1) for f in receipt.flaws]
    new = sum(receipt.new for receipt in receipts)
    known = sum(receipt.event is not None and not receipt.new for receipt in receipts)
    if as_json:
        flaws = [
            {"row": n, "field": f.field, "value": f.value, "reason": str(f.reason), "remedy": str(f.remedy)}
            for n, f in refused
        ]
        typer.echo(json.dumps({"recorded": new, "known": known, "refused": flaws}))
    else:
        typer.echo(f"{new} recorded, {known} known before, {len({n for n, _ in refused})} refused.")
        for n, f in refused:
            typer.echo(f"  row {n}, {f.field} {f.value!r}: {f.reason} {f.remedy}", err=True)
    if refused:
        raise typer.Exit(1)


@app.command()
def rebook(
    number: Annotated[str, typer.Argument(help="The parcel's number.")], as_json: Json = False
) -> None:
    """Book a parcel that missed a connection on the soonest way on. Exit 1: there is none; 2: no such parcel."""
    from qafila.network.installed import feed
    from qafila.shipping import counter
    from qafila.shipping.bookings import records
    from qafila.shipping.bookings.booking import UnknownBooking
    from qafila.shipping.bookings.rebooking import NoWayOn, Rebooked
    from qafila.tracking.promised import destination_zone, promised
    from qafila.tracking.questions_open import track
    from qafila.tracking.store import owners
    from qafila.tracking.upu_codes import places

    here = context()
    now = here.now()
    with operator() as connection:
        merchant = owners(connection, [number]).get(number)
        entry = records.entry(connection, number) if merchant else None
    if merchant is None or entry is None:
        typer.echo(f"There is no parcel {number}.", err=True)
        raise typer.Exit(2)
    try:
        outcome = counter.rebook(here.of(merchant), entry.booking_id)
    except UnknownBooking as unknown:  # it was cancelled
        typer.echo(f"{number}: {unknown}", err=True)
        raise typer.Exit(2) from None
    arrival = outcome.arrival if isinstance(outcome, Rebooked) else None
    refusal = outcome.refusal if isinstance(outcome, NoWayOn) else None
    with operator() as connection:
        seen = track(connection, number, now)
    assert seen is not None
    zone = destination_zone(seen[1], places(feed()))
    stands = promised(entry.promise_by, seen[0], zone, now)
    if as_json:
        told = {
            "parcel": number,
            "rebooked": arrival is not None,
            "arrival": _iso(arrival),
            "promise": _promise(stands),
        }
        reason = {"reason": refusal.reason, "remedy": refusal.remedy} if refusal else {}
        typer.echo(json.dumps(told | reason))
    elif refusal:
        typer.echo(f"{refusal.reason} {refusal.remedy}", err=True)
    elif arrival is None:
        typer.echo(f"{number} misses no connection; nothing was changed.")
    else:
        typer.echo(f"{number} is booked on the next way and arrives at {arrival:%Y-%m-%d %H:%M} UTC.")
        if stands is not None:
            typer.echo(view.promise(stands, zone))
    if refusal:
        raise typer.Exit(1)


@app.command()
def overdue(as_json: Json = False) -> None:
    """List parcels that are silent past their plan, or that missed a connection."""
    from qafila.network.installed import feed
    from qafila.tracking.questions_open import overdue as find
    from qafila.tracking.upu_codes import places

    with operator() as connection:
        found = list(find(connection, context().now()))
    if as_json:
        typer.echo(json.dumps([{"parcel": s.parcel, **_status(s)} for s in found]))
        return
    if not found:
        typer.echo("No parcel is overdue.")
        return
    view.overdue(found, places(feed()))


def _status(s: Status) -> dict[str, Any]:
    return {
        "state": s.state.value,
        "since": _iso(s.since),
        "facility": s.facility,
        "eta": _iso(s.eta),
        "planned": _iso(s.planned),
        "next": {"type": s.next.type, "facility": s.next.facility, "expected": _iso(s.next_expected)}
        if s.next
        else None,
        "overdue_minutes": int(s.overdue.total_seconds() // 60) if s.overdue else None,
        "missed_connection": {
            "service": s.missed.service,
            "facility": s.missed.facility,
            "cut_off": _iso(s.missed.cut_off),
            "ready": _iso(s.missed.ready),
        }
        if s.missed
        else None,
        "last_seen": {"time": _iso(s.last.time), "facility": s.last.facility, "source": s.last.source.device}
        if s.last
        else None,
    }


def _promise(stands: Promised | None) -> dict[str, Any] | None:
    if stands is None:
        return None
    return {
        "by": _iso(stands.by),
        "standing": stands.standing.value,
        "arrival": _iso(stands.arrival),
        "days_late": stands.days_late,
    }


def _event(e: Event) -> dict[str, Any]:
    return {
        "id": e.id,
        "type": e.type,
        "time_kind": e.time_kind,
        "time": _iso(e.given_time()),
        "facility": e.facility,
        "leg": e.leg,
        "reporter": e.source.role,
        "source": e.source.device,
        "recorded_at": _iso(e.recorded_at),
    }


def _read(file: Path, source: str) -> list[Any]:
    import csv

    from qafila.tracking.tracking_report import Report

    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        typer.echo(f"{file} cannot be read: {error}. It should be CSV in UTF-8.", err=True)
        raise typer.Exit(2) from None
    if rows and (missing := {"parcel", "type", "time"} - rows[0].keys()):
        typer.echo(f"{file} has no column {', '.join(sorted(missing))}.", err=True)
        raise typer.Exit(2)
    return [
        Report(
            row["parcel"] or "",
            row["type"] or "",
            _instant(row["time"] or "", f"row {n}"),
            _operator(row.get("source") or source),
            row.get("time_kind") or "actual",
            row.get("facility") or None,
        )
        for n, row in enumerate(rows, start=1)
    ]


def _operator(device: str) -> Any:
    """Who records by command: the hub's operator."""
    from qafila.runtime.events.envelope import Reporter, Source

    return Source(Reporter.OPERATOR.value, None, device)


def _instant(text: str, where: str = "--at") -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        typer.echo(f"{where}: {text!r} is no instant; write it like 2026-11-23T14:05+01:00.", err=True)
        raise typer.Exit(2) from None


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
