"""How `qafila track` shows a parcel: times on the clock of the place, with their offset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from qafila.tracking.promised import Standing
from qafila.tracking.status import State

if TYPE_CHECKING:
    from qafila.runtime.events.envelope import Event
    from qafila.tracking.promised import Promised
    from qafila.tracking.status import Status
    from qafila.tracking.upu_codes import Places


def show(seen: Status, history: Sequence[Event], places: Places, promise: str = "") -> None:
    """Where a parcel is, when it arrives, how its promise stands, what went wrong, and its history."""
    from rich.table import Table

    from qafila.core.terminal import Terminal, plain
    from qafila.tracking.planned import in_force

    console = Terminal(markup=True)
    moving = seen.last is not None and seen.last.type in ("departed", "out_for_delivery", "collected")
    at = f", {'last seen ' if moving else ''}at {_named(seen.facility, places)}" if seen.facility else ""
    console.print(f"[bold]{plain(seen.parcel)}[/bold]  {_words(seen.state)}{at}")
    last_stop = next((e.facility for e in reversed(history) if e.facility), None)
    if seen.eta is not None:
        back = (
            seen.state is State.RETURNED
        )  # the plan was to deliver it: nothing was planned for its way back
        late = timedelta() if back or seen.delay is None else seen.delay
        behind = f", {_long(late)} later than planned" if late >= timedelta(minutes=1) else ""
        done = back or seen.state is State.DELIVERED
        said = _words(seen.state).capitalize() if done else "Expected"
        console.print(f"{said} {clock(seen.eta, last_stop, places)}{behind}")
    if promise:
        console.print(plain(promise), highlight=False)
    if seen.missed is not None:
        m = seen.missed
        console.print(
            f"[bold]Missed connection[/bold]: {plain(m.service)} from {plain(_named(m.facility, places) or 'the door')}; cut-off "
            f"{clock(m.cut_off, m.facility, places)}, the goods are ready at {clock(m.ready, m.facility, places)}"
        )
        end = next((e.facility for e in reversed(history) if e.facility and e.time_kind == "planned"), None)
        console.print("There is no time of arrival until it has a new departure.")
        if m.facility and end:
            ways = f"qafila route {m.facility} {end} --ready {m.ready.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
            console.print(f"The ways on from there: {ways}", highlight=False, soft_wrap=True)
            console.print(f"To book it on the soonest: qafila track rebook {seen.parcel}", highlight=False)
    if seen.overdue is not None and seen.next is not None:
        told = "never seen"
        if seen.last is not None:
            told = f"last seen by {_said_by(seen.last)}, {clock(seen.last.time, seen.last.facility, places)}"
        console.print(
            f"[bold]Overdue[/bold]: {_words(seen.next.type)} {_named(seen.next.facility, places)} was expected "
            f"{clock(seen.next_expected, seen.next.facility, places)}; silent for {_long(seen.overdue)}, {told}"
        )
    table = Table("Local time", "", "Event", "Where", "By", box=None, header_style="dim")
    near: str | None = next((e.facility for e in history if e.facility), None)
    for e in in_force(history):
        near = e.facility or near  # at a door: the clock of the facility that serves it
        table.add_row(
            clock(e.time, near, places),
            e.time_kind,
            _happened(e),
            _named(e.facility, places),
            _said_by(e),
            style="" if e.time_kind == "actual" else "dim",
        )
    Terminal().print(table)  # without markup: what others say happened stands in it


def promise(stands: Promised, zone: str) -> str:
    """How a parcel's promise stands, in words; days are those of the destination's zone."""
    day = f"{stands.arrival.astimezone(ZoneInfo(zone)):%Y-%m-%d}" if stands.arrival else ""
    late = f"{stands.days_late} day{'s' if stands.days_late > 1 else ''}"
    told = {
        Standing.HOLDS: f"it holds, expected {day}",
        Standing.KEPT: f"it was kept, there on {day}",
        Standing.BROKEN: f"there on {day}, {late} late",
        Standing.OPEN: "whether it holds cannot be said: it has no time of arrival",
        Standing.LATE: f"now expected {day}, {late} late"
        if day
        else f"over by {late}, and it has no time of arrival",
    }
    return f"Promised by {stands.by.astimezone(ZoneInfo(zone)):%Y-%m-%d}: {told[stands.standing]}"


def overdue(found: Sequence[Status], places: Places) -> None:
    """Parcels that are silent or missed a connection: what is awaited, since when, and who saw them last."""
    from rich.table import Table

    from qafila.core.terminal import Terminal

    table = Table("Parcel", "Awaited", "Expected", "Silent", "Last seen", "By", box=None, header_style="dim")
    for s in found:
        awaited = f"{_words(s.next.type)} {_named(s.next.facility, places)}" if s.next else ""
        place = s.next.facility if s.next else None
        last = ""
        if s.last is not None:
            last = f"{clock(s.last.time, s.last.facility, places)} {_named(s.last.facility, places)}"
        table.add_row(
            s.parcel,
            f"missed {s.missed.service}" if s.missed else awaited,
            clock(s.next_expected, place, places),
            _long(s.overdue) if s.overdue else "",
            last,
            _said_by(s.last) if s.last else "",
        )
    Terminal().print(table)
    print(f"{len(found)} parcels.")


def clock(instant: datetime | None, facility: str | None, places: Places) -> str:
    """An instant on the clock of a facility, with its offset; in UTC where the place is not known."""
    if instant is None:
        return ""
    place = places.get(facility or "")
    local = instant.astimezone(ZoneInfo(place.timezone) if place else UTC)
    offset = f"{local:%z}"
    return f"{local:%Y-%m-%d %H:%M} {offset[:3]}{':' + offset[3:] if offset[3:] != '00' else ''}"


def _named(facility: str | None, places: Places) -> str:
    if not facility:
        return ""
    place = places.get(facility)
    return f"{facility} ({place.city})" if place else facility


def _happened(event: Event) -> str:
    """What happened; why a door stayed closed, and at which border customs acted."""
    told, said = event.details, _words(event.type)
    if event.type == "delivery_failed" and told.get("reason"):
        return f"{said}: {_words(str(told['reason'])[:60])}"
    if told.get("procedure") and told.get("territory"):
        return f"{said}: {_words(str(told['procedure'])[:20])} {str(told['territory'])[:10]}"
    return said


def _said_by(event: Event) -> str:
    return event.source.device or event.source.role


def _words(word: str) -> str:
    return word.replace("_", " ")


def _long(span: timedelta) -> str:
    """12 h 05 min, or 3 d 4 h."""
    minutes = int(span.total_seconds()) // 60
    if minutes >= 48 * 60:
        return f"{minutes // 1440} d {minutes % 1440 // 60} h"
    return f"{minutes // 60} h {minutes % 60:02d} min"
